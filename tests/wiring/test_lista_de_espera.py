"""Whatever happens to the spaces of a published draw, in any order and from two processes at once, ends as the model
says: no space is of two, none is lost, and who is next is next."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from copy import deepcopy
from datetime import date, datetime
from typing import Any

import pytest
from beanie import Document, PydanticObjectId
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.core.security import Principal, Rol
from app.database.unit_of_work import UnitOfWork
from app.modules.solicitudes.decisiones.schemas import EstadoUpdate
from app.modules.solicitudes.estados import Fase, RequestStatus
from app.modules.solicitudes.models import DOCUMENTOS as DE_SOLICITUDES
from app.modules.solicitudes.models import Solicitud, Terminos, VehiculoPedido, Ventanilla
from app.modules.solicitudes.repository import SolicitudRepository
from app.modules.solicitudes.ventanilla.repository import VentanillaRepository
from app.modules.sorteo.asignaciones.noticias import Noticias
from app.modules.sorteo.asignaciones.repository import AsignacionRepository
from app.modules.sorteo.asignaciones.schemas import Reclamacion
from app.modules.sorteo.asignaciones.service import AsignacionService
from app.modules.sorteo.espacios.models import Ocupacion
from app.modules.sorteo.espacios.repository import EspacioRepository
from app.modules.sorteo.models import DOCUMENTOS as DE_SORTEO
from app.modules.sorteo.models import EspacioEnJuego
from app.modules.sorteo.permutas.repository import PermutaRepository
from app.modules.sorteo.permutas.service import PermutaService
from app.modules.sorteo.prioridades.repository import PrioridadRepository
from app.modules.sorteo.public import RegistroDeEspacios
from app.modules.sorteo.repository import EspacioEnJuegoRepository, SorteoRepository
from app.shared.exceptions import ParkNetError
from tests.conftest import INICIO, Reloj
from tests.modules.solicitudes.dobles import FakeAvisos, Persona, Piso
from tests.modules.solicitudes.dobles import FakePadron as PadronDeSolicitudes
from tests.modules.solicitudes.mesa import montado
from tests.modules.sorteo import dobles
from tests.modules.sorteo.conftest import ZONA
from tests.modules.sorteo.factories import ADMIN, espacio
from tests.wiring.modelo import CON_ESPACIO, Modelo, NoSePuede

DESDE, HASTA = date(2026, 3, 1), date(2026, 12, 31)
ESPACIOS: dict[str, tuple[str, str | None]] = {
    "A-01": ("carro", None),
    "A-02": ("carro", "movilidad_reducida"),
    "A-03": ("carro", "movilidad_reducida"),
    "A-04": ("carro", "movilidad_reducida"),
    "A-05": ("carro", None),
    "M-01": ("moto", None),
}
GANAN = {1: "A-01", 2: "A-02", 3: "A-03", 4: "M-01", 5: "A-04", 6: "A-05"}
MOTOS, CON_CONDICION = {4, 8}, {3, 7}
FOLIOS = range(1, 12)
UNO_SOLO = ("aceptar", "declinar", "vencer", "retirar", "devolver", "revocar", "reclamar", "entregar", "irse")
Suceso = tuple[str, int, int]


def modelo() -> Modelo:
    return Modelo(
        espacios=ESPACIOS,
        tipo={f: "moto" if f in MOTOS else "carro" for f in FOLIOS},
        condicion={f: "movilidad_reducida" if f in CON_CONDICION else None for f in FOLIOS},
        estado={f: "asignada" if f in GANAN else "en_espera" for f in FOLIOS},
        espacio=dict(GANAN),
        lugar={f: f for f in FOLIOS},
    )


class Edificio:
    """A published draw, stored as its publication leaves it, and two processes that serve it."""

    def __init__(self, uow: UnitOfWork, reloj: Reloj) -> None:
        self.uow, self.reloj = uow, reloj
        self.sorteo_id = PydanticObjectId()
        self.solicitud = {f: PydanticObjectId() for f in FOLIOS}
        self.unidad = {f: PydanticObjectId() for f in FOLIOS}
        self.quien = {
            f: Principal(PydanticObjectId(), Rol.residente, PydanticObjectId(), residente_id=PydanticObjectId())
            for f in FOLIOS
        }
        self.padron, self.de_sorteo = PadronDeSolicitudes(), dobles.FakePadron()
        self.procesos = [Proceso(self), Proceso(self)]

    async def levantar(self) -> None:
        terminos = Terminos(
            aprobacion="automatica",
            exige_al_dia=False,
            al_dia_en="cierre",
            max_por_unidad=1,
            compatibilidad={"carro": ["carro"], "moto": ["moto"]},
            aceptacion="requerida",
            plazo_aceptacion_horas=72,
            liberar_reservas=True,
            desde=DESDE,
            hasta=HASTA,
        )
        ventanilla = Ventanilla(id=self.sorteo_id, fase=Fase.publicado, terminos=terminos)
        await VentanillaRepository().insert(ventanilla)
        for codigo, (tipo, reserva) in ESPACIOS.items():
            ref = next(self.solicitud[f] for f, suyo in GANAN.items() if suyo == codigo)
            ocupacion = Ocupacion(tipo="solicitud", ref=ref, desde=DESDE, hasta=HASTA)
            await EspacioRepository().insert(espacio(codigo, tipo, reserva=reserva, ocupaciones=[ocupacion]))
            copia = EspacioEnJuego(sorteo_id=self.sorteo_id, codigo=codigo, tipo=tipo, reserva=reserva)
            await EspacioEnJuegoRepository().insert(copia)
        await SolicitudRepository().insert_many(self._solicitud(f) for f in FOLIOS)

    def _solicitud(self, f: int) -> Solicitud:
        tipo = "moto" if f in MOTOS else "carro"
        residente_id = self.quien[f].residente_id
        assert residente_id is not None
        self.padron.pisos[self.unidad[f]] = Piso("1", str(f))
        self.padron.personas[residente_id] = Persona(f"Vecina {f}", (self.unidad[f],))
        self.de_sorteo.viven[residente_id] = [self.unidad[f]]
        codigo = GANAN.get(f)
        condiciones = ["movilidad_reducida"] if f in CON_CONDICION else []
        return Solicitud(
            id=self.solicitud[f],
            sorteo_id=self.sorteo_id,
            folio=f,
            unidad_id=self.unidad[f],
            residente_id=residente_id,
            habitantes=[residente_id],
            vehiculo=VehiculoPedido(id=PydanticObjectId(), tipo=tipo, electrico=False, placa=f"AAA10{f}"),
            clase=tipo,
            tipos=[tipo],
            acepta=None,
            preferencias=[],
            usa_condiciones=True,
            estado=RequestStatus.asignada if codigo else RequestStatus.en_espera,
            viva=True,
            ranura=0,
            espacio=codigo,
            espera=None if codigo else f,
            lugar=None if codigo else f,
            prestado=codigo is not None and ESPACIOS[codigo][1] not in (None, *condiciones),
            condiciones=condiciones,
            sorteada=True,
            vence_en=INICIO.replace(year=2027) if codigo else None,
            creado_en=INICIO,
            actualizado_en=INICIO,
        )

    async def visto(self) -> Any:
        """By folio: state, space, what is held; and the spaces that nobody has."""
        guardadas = {s.folio: s for s in await SolicitudRepository().find({"sorteo_id": self.sorteo_id})}
        vigentes = await AsignacionRepository().find({"sorteo_id": self.sorteo_id, "estado": "vigente"})
        tenidos = {a.solicitud_id: a.espacio for a in vigentes}
        assert len(tenidos) == len(vigentes)
        libres = {e.codigo for e in await EspacioRepository().find({}) if not e.ocupaciones}
        filas = {}
        for f, s in guardadas.items():
            acabada = s.estado is RequestStatus.aceptada and not s.viva
            tenido = tenidos.get(s.oid)
            filas[f] = ("acabada", None, None) if acabada else (s.estado.value, s.espacio, tenido)
        return filas, libres


class Proceso:
    def __init__(self, edificio: Edificio) -> None:
        self._e = edificio
        uow, padron = edificio.uow, edificio.de_sorteo
        asignaciones, espacios, en_juego = AsignacionRepository(), EspacioRepository(), EspacioEnJuegoRepository()
        registro = RegistroDeEspacios(
            espacios=espacios,
            en_juego=en_juego,
            asignaciones=asignaciones,
            prioridades=PrioridadRepository(),
            sorteos=SorteoRepository(),
            zona=ZONA,
        )
        self.modulo = montado(uow, padron=edificio.padron, espacios=registro, avisos=FakeAvisos())
        noticias = Noticias(avisos=dobles.FakeAvisos(), padron=padron)
        self.asignaciones = AsignacionService(
            asignaciones=asignaciones,
            espacios=espacios,
            solicitudes=self.modulo.publico,
            padron=padron,
            propias=self.modulo.publico,
            noticias=noticias,
            uow=uow,
            zona=ZONA,
        )
        self.permutas = PermutaService(
            permutas=PermutaRepository(),
            asignaciones=asignaciones,
            espacios=espacios,
            en_juego=en_juego,
            solicitudes=self.modulo.publico,
            padron=padron,
            noticias=noticias,
            uow=uow,
            zona=ZONA,
        )
        self._repo = asignaciones

    async def hacer(self, suceso: Suceso) -> None:
        nombre, f, g = suceso
        try:
            if nombre == "permutar":
                await self.permutar(f, g)
            else:
                hacer: Callable[[int], Awaitable[object]] = getattr(self, nombre)
                await hacer(f)
        except ParkNetError:
            pass  # the model says whether it could be done

    async def aceptar(self, f: int) -> None:
        await self._decidir(f, RequestStatus.aceptada)

    async def declinar(self, f: int) -> None:
        await self._decidir(f, RequestStatus.declinada)

    async def retirar(self, f: int) -> None:
        await self._decidir(f, RequestStatus.retirada)

    async def vencer(self, f: int) -> None:
        del f  # whose time was made to end
        await self.modulo.espera.vencer()

    async def devolver(self, f: int) -> None:
        if (suya := await self._suya(f)) is not None:
            await self.asignaciones.devolver(suya, self._e.quien[f])

    async def revocar(self, f: int) -> None:
        if (suya := await self._suya(f)) is not None:
            await self.asignaciones.revocar(suya, motivo="prestó el suyo")

    async def reclamar(self, f: int) -> None:
        if (suya := await self._suya(f)) is not None:
            await self.asignaciones.reclamar(suya, Reclamacion())

    async def entregar(self, f: int) -> None:
        """The last day of one that was claimed has passed."""
        cual = {"solicitud_id": self._e.solicitud[f], "estado": "vigente", "reclamada_en": {"$ne": None}}
        if (suya := await self._repo.find_one(cual)) is not None:
            await self.asignaciones.cumplir(suya)

    async def irse(self, f: int) -> None:
        unidades = [self._e.unidad[f]]
        await self._e.uow.run(lambda: self.modulo.publico.desocupadas(unidades=unidades, usuario_id=None))

    async def permutar(self, f: int, g: int) -> None:
        suyas = [await self._repo.find_one({"solicitud_id": self._e.solicitud[x], "estado": "vigente"}) for x in (f, g)]
        if f == g or None in suyas:
            return
        a, b = (suya.espacio for suya in suyas if suya is not None)
        await self.permutas.consentir(self._e.quien[f], espacio=a, por=b)
        await self.permutas.consentir(self._e.quien[g], espacio=b, por=a)
        await self.permutas.hacer(ADMIN, espacios=(a, b), motivo="lo pidieron")

    async def _decidir(self, f: int, a: RequestStatus) -> None:
        await self.modulo.decisiones.decidir(self._e.solicitud[f], EstadoUpdate(estado=a, motivo="llamó"), ADMIN)

    async def _suya(self, f: int) -> PydanticObjectId | None:
        suya = await self._repo.find_one({"solicitud_id": self._e.solicitud[f], "estado": "vigente"})
        return None if suya is None else suya.oid


def despues(modelo: Modelo, sucesos: Sequence[Suceso]) -> Modelo:
    """What the model makes of them, one after the other."""
    hecho = deepcopy(modelo)
    for nombre, f, g in sucesos:
        antes = deepcopy(hecho)
        try:
            getattr(hecho, nombre)(*((f, g) if nombre == "permutar" else (f,)))
        except NoSePuede:
            hecho = antes
    return hecho


def esperado(modelo: Modelo) -> Any:
    filas = {}
    for f, estado in modelo.estado.items():
        tenido = modelo.debe.get(f, modelo.espacio.get(f) if estado == "aceptada" else None)
        filas[f] = (estado, modelo.espacio.get(f), tenido)
    tomados = {*modelo.espacio.values(), *modelo.debe.values()}
    return filas, set(ESPACIOS) - tomados


def posibles(modelo: Modelo) -> dict[str, list[Suceso]]:
    """By name, what could be done now."""
    todos = [(nombre, f, f) for nombre in UNO_SOLO for f in FOLIOS]
    todos += [("permutar", f, g) for f in FOLIOS for g in FOLIOS if f < g]
    hallados: dict[str, list[Suceso]] = {}
    for suceso in todos:
        if despues(modelo, [suceso]) != modelo:
            hallados.setdefault(suceso[0], []).append(suceso)
    return hallados


def elegir(modelo: Modelo, dado: int) -> Suceso:
    """What happens next. What can be done is as likely by whatever name, and likely to be about who has a space that
    was claimed; now and then it is something that cannot. Who wins a race, no die says: so this one is cast before."""
    hay = posibles(modelo)
    if dado % 8 == 0 or not hay:
        nombre, f, g = [*UNO_SOLO, "permutar"][dado // 8 % 10], dado // 80 % 11 + 1, dado // 880 % 11 + 1
        return nombre, f, g
    suyos = hay[sorted(hay)[dado // 8 % len(hay)]]
    suyos = [suceso for suceso in suyos for _ in range(6 if suceso[1] in modelo.debe else 1)]
    return suyos[dado // 80 % len(suyos)]


@pytest.fixture
def documentos() -> Sequence[type[Document]]:
    return (*DE_SOLICITUDES, *DE_SORTEO)


async def _vence_pronto(edificio: Edificio, f: int) -> None:
    cual = {"_id": edificio.solicitud[f], "estado": {"$in": list(CON_ESPACIO)}}
    await SolicitudRepository().update_one(cual, {"$set": {"vence_en": _hace_poco(edificio.reloj.instante)}})


def _hace_poco(momento: datetime) -> datetime:
    return momento.replace(microsecond=0)


@given(programa=st.lists(st.lists(st.integers(0, 10**6), min_size=1, max_size=2), min_size=8, max_size=20))
@settings(
    derandomize=True,
    deadline=None,
    max_examples=50,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
async def test_it_ends_as_the_model_says(base_real: UnitOfWork, reloj: Reloj, programa: list[list[int]]) -> None:
    for repo in (EspacioRepository(), EspacioEnJuegoRepository(), AsignacionRepository(), PermutaRepository()):
        await repo.delete_many({})
    edificio, hecho = Edificio(base_real, reloj), modelo()
    await edificio.levantar()
    for dados in programa:
        reloj.avanzar(seconds=1)
        hecho.paso += 1
        a_la_vez = [elegir(hecho, dado) for dado in dados]
        for nombre, f, _ in a_la_vez:
            if nombre == "vencer":
                await _vence_pronto(edificio, f)
        await asyncio.gather(
            *(proceso.hacer(suceso) for proceso, suceso in zip(edificio.procesos, a_la_vez, strict=False))
        )
        visto = await edificio.visto()
        ordenes = [despues(hecho, orden) for orden in (a_la_vez, a_la_vez[::-1])]
        assert visto in [esperado(posible) for posible in ordenes], a_la_vez
        hecho = next(posible for posible in ordenes if esperado(posible) == visto)


async def _hasta(edificio: Edificio, *sucesos: tuple[str, int]) -> Modelo:
    """What the model makes of them, once the building has done the same."""
    programa = [(nombre, f, f) for nombre, f in sucesos]
    for suceso in programa:
        edificio.reloj.avanzar(seconds=1)
        await edificio.procesos[0].hacer(suceso)
    return despues(modelo(), programa)


async def test_what_nobody_in_line_could_use_is_of_whom_a_space_is_claimed_back(
    base_real: UnitOfWork, reloj: Reloj
) -> None:
    edificio = Edificio(base_real, reloj)
    await edificio.levantar()
    nadie_espera = [("retirar", f) for f in FOLIOS if f not in GANAN]
    hecho = await _hasta(edificio, *nadie_espera, ("declinar", 1), ("aceptar", 2), ("reclamar", 2))
    assert (hecho.estado[2], hecho.espacio[2]) == ("ofrecida", "A-01")
    assert await edificio.visto() == esperado(hecho)


@pytest.mark.parametrize("suelta", ["a single one", "all at once"])
async def test_what_a_draw_lets_go_of_is_offered_in_another_that_has_it(
    base_real: UnitOfWork, reloj: Reloj, suelta: str
) -> None:
    edificio = Edificio(base_real, reloj)
    await edificio.levantar()
    otro = PydanticObjectId()
    ventanilla = await VentanillaRepository().get(edificio.sorteo_id)
    assert ventanilla is not None
    await VentanillaRepository().insert(ventanilla.model_copy(update={"id": otro}))
    await EspacioEnJuegoRepository().insert(EspacioEnJuego(sorteo_id=otro, codigo="A-05", tipo="carro", reserva=None))
    espera = edificio._solicitud(9).model_copy(update={"id": PydanticObjectId(), "sorteo_id": otro})
    await SolicitudRepository().insert(espera)
    await _hasta(edificio, *[("retirar", f) for f in FOLIOS if f not in GANAN])
    if suelta == "a single one":
        await edificio.procesos[1].declinar(6)
    else:
        mesa = edificio.procesos[1].modulo.ventanilla

        async def terminar() -> None:
            await mesa.finalizar(sorteo_id=edificio.sorteo_id)
            await mesa.pasar_a(sorteo_id=edificio.sorteo_id, fase="terminado")

        await base_real.run(terminar)
    ofrecida = await SolicitudRepository().get(espera.oid)
    assert ofrecida is not None
    assert (ofrecida.estado, ofrecida.espacio) == ("ofrecida", "A-05")
