"""A building whose draw was published, and what a process that serves it is told to do."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from beanie import PydanticObjectId

from app.core.security import Principal, Rol
from app.database.unit_of_work import UnitOfWork
from app.modules.solicitudes.decisiones.schemas import EstadoUpdate
from app.modules.solicitudes.estados import Fase, RequestStatus
from app.modules.solicitudes.models import DOCUMENTOS as DE_SOLICITUDES
from app.modules.solicitudes.models import Solicitud, Terminos, VehiculoPedido, Ventanilla
from app.modules.solicitudes.repository import SolicitudRepository
from app.modules.solicitudes.ventanilla.repository import VentanillaRepository
from app.modules.sorteo.asignaciones.derechos import Derechos
from app.modules.sorteo.asignaciones.noticias import Noticias
from app.modules.sorteo.asignaciones.schemas import Reclamacion
from app.modules.sorteo.asignaciones.service import AsignacionService
from app.modules.sorteo.asignaciones.vigia import CambiosDeAsignaciones, VigiaDeAsignaciones
from app.modules.sorteo.custodia.vigia import Velo
from app.modules.sorteo.custodia.viviendas import Viviendas
from app.modules.sorteo.espacios.models import Ocupacion
from app.modules.sorteo.espacios.vigia import VigiaDeEspacios
from app.modules.sorteo.models import DOCUMENTOS as DE_SORTEO
from app.modules.sorteo.models import EspacioEnJuego
from app.modules.sorteo.permutas.acuerdos import Acuerdos
from app.modules.sorteo.permutas.repository import PermutaRepository
from app.modules.sorteo.permutas.service import PermutaService
from app.modules.sorteo.public import RegistroDeEspacios
from app.modules.sorteo.repository import ArchivoRepository, EspacioEnJuegoRepository
from app.shared.exceptions import ParkNetError
from tests import marcas
from tests.conftest import INICIO
from tests.modules.solicitudes.dobles import FakeAvisos, Persona, Piso, VehiculoRegistrado
from tests.modules.solicitudes.dobles import FakePadron as PadronDeSolicitudes
from tests.modules.solicitudes.mesa import montado
from tests.modules.sorteo import dobles
from tests.modules.sorteo.asignaciones.factories import MARCAS, repositorio
from tests.modules.sorteo.conftest import ZONA
from tests.modules.sorteo.factories import ADMIN, espacio

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
CON_CONDICION = {3, 7}
FOLIOS = range(1, 12)
TIPOS = {f: "moto" if f in (4, 8) else "carro" for f in FOLIOS}
Suceso = tuple[str, int, int]
DOCUMENTOS = (*DE_SOLICITUDES, *DE_SORTEO)


def _uno_por_folio() -> dict[int, PydanticObjectId]:
    return {f: PydanticObjectId() for f in FOLIOS}


@dataclass(frozen=True)
class Ids:
    """Who is who in the building, for every process that serves it."""

    sorteo: PydanticObjectId = field(default_factory=PydanticObjectId)
    solicitud: dict[int, PydanticObjectId] = field(default_factory=_uno_por_folio)
    unidad: dict[int, PydanticObjectId] = field(default_factory=_uno_por_folio)
    residente: dict[int, PydanticObjectId] = field(default_factory=_uno_por_folio)
    vehiculo: dict[int, PydanticObjectId] = field(default_factory=_uno_por_folio)
    cuenta: dict[int, PydanticObjectId] = field(default_factory=_uno_por_folio)


class Edificio:
    """A published draw, stored as its publication leaves it, and the services of one process that serves it."""

    def __init__(self, uow: UnitOfWork, ids: Ids | None = None) -> None:
        self.uow = uow
        self.ids = ids = ids or Ids()
        self.sorteo_id, self.solicitud, self.unidad = ids.sorteo, ids.solicitud, ids.unidad
        self.quien = {
            f: Principal(ids.cuenta[f], Rol.residente, ids.cuenta[f], residente_id=ids.residente[f]) for f in FOLIOS
        }
        self.padron, self.de_sorteo = PadronDeSolicitudes(), dobles.FakePadron()
        self.bitacora = dobles.FakeBitacora()
        for f in FOLIOS:
            self.padron.pisos[ids.unidad[f]] = Piso("1", str(f))
            self.padron.personas[ids.residente[f]] = Persona(f"Vecina {f}", (ids.unidad[f],))
            suyo = VehiculoRegistrado(ids.vehiculo[f], ids.unidad[f], TIPOS[f], electrico=False, placa=f"AAA10{f}")
            self.padron.vehiculos[suyo.id] = suyo
            self.de_sorteo.viven[ids.residente[f]] = [ids.unidad[f]]
        self.proceso = Proceso(self)

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
            await marcas.espacios().insert(espacio(codigo, tipo, reserva=reserva, ocupaciones=[ocupacion]))
            copia = EspacioEnJuego(sorteo_id=self.sorteo_id, codigo=codigo, tipo=tipo, reserva=reserva)
            await EspacioEnJuegoRepository().insert(copia)
        await SolicitudRepository().insert_many(self.nueva(f) for f in FOLIOS)

    def nueva(self, f: int) -> Solicitud:
        tipo = TIPOS[f]
        residente_id = self.ids.residente[f]
        codigo = GANAN.get(f)
        condiciones = ["movilidad_reducida"] if f in CON_CONDICION else []
        return Solicitud(
            id=self.solicitud[f],
            sorteo_id=self.sorteo_id,
            folio=f,
            unidad_id=self.unidad[f],
            residente_id=residente_id,
            habitantes=[residente_id],
            vehiculo=VehiculoPedido(id=self.ids.vehiculo[f], tipo=tipo, electrico=False, placa=f"AAA10{f}"),
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
        vigentes = await repositorio().find({"sorteo_id": self.sorteo_id, "estado": "vigente"})
        tenidos = {a.solicitud_id: a.espacio for a in vigentes}
        assert len(tenidos) == len(vigentes)
        libres = {e.codigo for e in await marcas.espacios().find({}) if not e.ocupaciones}
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
        asignaciones, espacios, en_juego = repositorio(), marcas.espacios(), EspacioEnJuegoRepository()
        de_asignaciones = VigiaDeAsignaciones(
            asignaciones=asignaciones,
            cambios=CambiosDeAsignaciones(marcas=MARCAS, bitacora=edificio.bitacora),
            bitacora=edificio.bitacora,
            uow=uow,
        )
        de_espacios = VigiaDeEspacios(
            espacios=espacios,
            marcas=marcas.MARCAS_DE_SORTEO,
            dichos=marcas.dichos(),
            bitacora=edificio.bitacora,
            uow=uow,
        )
        registro = RegistroDeEspacios(
            espacios=espacios,
            en_juego=en_juego,
            asignaciones=asignaciones,
            prioridades=marcas.prioridades(),
            sorteos=marcas.sorteos(),
            archivos=ArchivoRepository(),
            bitacora=edificio.bitacora,
            marcas=MARCAS,
            de_asignaciones=de_asignaciones,
            vigia=de_espacios,
            zona=ZONA,
        )
        self.modulo = montado(
            uow, padron=edificio.padron, espacios=registro, avisos=FakeAvisos(), bitacora=edificio.bitacora
        )
        noticias = Noticias(avisos=dobles.FakeAvisos(), padron=padron)
        viviendas = Viviendas(padron=padron, bitacora=edificio.bitacora, uow=uow)
        self.asignaciones = AsignacionService(
            asignaciones=asignaciones,
            espacios=espacios,
            solicitudes=self.modulo.publico,
            vigia=de_asignaciones,
            derechos=Derechos(
                espacios=espacios,
                vigia=de_espacios,
                dichos=marcas.dichos(),
                reclamos=dobles.DeNadie(),
                padron=padron,
                zona=ZONA,
            ),
            velo=Velo(bitacora=edificio.bitacora, uow=uow),
            padron=padron,
            propias=self.modulo.publico,
            viviendas=viviendas,
            noticias=noticias,
            zona=ZONA,
        )
        self.permutas = PermutaService(
            permutas=PermutaRepository(),
            asignaciones=asignaciones,
            espacios=espacios,
            en_juego=en_juego,
            solicitudes=self.modulo.publico,
            marcas=MARCAS,
            padron=padron,
            noticias=noticias,
            acuerdos=Acuerdos(bitacora=edificio.bitacora, uow=uow),
            viviendas=viviendas,
            uow=uow,
            zona=ZONA,
        )
        self._repo = asignaciones

    async def hacer(self, suceso: Suceso) -> None:
        nombre, f, g = suceso
        with suppress(ParkNetError):  # the model says whether it could be done
            if nombre == "permutar":
                await self.permutar(f, g)
            else:
                hacer: Callable[[int], Awaitable[object]] = getattr(self, nombre)
                await hacer(f)

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
