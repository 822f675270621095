"""The counter where requests are handed in: the module's services on a database, neighbours, and draws."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import count
from typing import Any, cast
from zoneinfo import ZoneInfo

from beanie import PydanticObjectId
from pydantic import SecretStr

from app.core.config import Settings
from app.core.figures.repository import CifraRepository
from app.core.figures.service import Cifras
from app.core.imports import wiring as importaciones
from app.core.jobs.files import ArchivoService
from app.core.jobs.repository import PiezaRepository
from app.core.jobs.service import TrabajoService
from app.core.security import Principal, Rol
from app.database.unit_of_work import UnitOfWork
from app.modules.solicitudes.decisiones.schemas import EstadoUpdate
from app.modules.solicitudes.estados import RequestStatus
from app.modules.solicitudes.models import Solicitud
from app.modules.solicitudes.movimientos.ports import Bitacora
from app.modules.solicitudes.ports import Avisos, Espacios, Padron
from app.modules.solicitudes.schemas import RequestCreate, RequestOut, RequestUpdate
from app.modules.solicitudes.wiring import Solicitudes, montar
from app.shared.pagination import PageQuery
from tests.autenticador import principal
from tests.conftest import INICIO
from tests.loteria import instante
from tests.modules.solicitudes.dobles import (
    Casilla,
    FakeAvisos,
    FakeBitacora,
    FakeEspacios,
    FakePadron,
    Persona,
    Piso,
    Tenencia,
    VehiculoRegistrado,
)

DESDE, HASTA = date(2026, 7, 1), date(2026, 12, 31)
COMPATIBILIDAD = {
    "carro": ["carro"],
    "carro_electrico": ["carro_electrico", "carro"],
    "moto": ["moto"],
    "bicicleta": ["bicicleta"],
}
_numeros = count(1)


ADMIN = principal(Rol.admin)
OPERADOR = principal(Rol.operador)
AUDITOR = principal(Rol.auditor)


@dataclass(frozen=True)
class Vecino:
    """A resident of a flat with a vehicle."""

    quien: Principal
    residente_id: PydanticObjectId
    unidad_id: PydanticObjectId
    vehiculo_id: PydanticObjectId

    def como(self, rol: Rol) -> Principal:
        """The account of a member of the staff who lives there."""
        return principal(rol, self.residente_id)


@dataclass(frozen=True)
class Puesto:
    solicitud_id: PydanticObjectId
    espacio: str | None
    espera: int | None
    prestado: bool
    condiciones: list[str]


def montado(uow: UnitOfWork, *, padron: Padron, espacios: Espacios, avisos: Avisos, bitacora: Bitacora) -> Solicitudes:
    archivos = ArchivoService(PiezaRepository(), b"una clave de pruebas bastante larga")
    # No test here queues a job.
    cola = cast(TrabajoService, None)
    zona = ZoneInfo("America/Bogota")
    return montar(
        settings=Settings(_env_file=None, clave_sorteo=SecretStr("c" * 32)),
        uow=uow,
        bitacora=bitacora,
        padron=padron,
        espacios=espacios,
        avisos=avisos,
        cifras=Cifras(guardadas=CifraRepository()),
        cola=cola,
        importaciones=importaciones.montar(zona=zona, uow=uow, trabajos=cola, archivos=archivos),
    )


RECIEN_PEDIDA = {
    "acepta": None,
    "estado": "aprobada",
    "impedimentos": [],
    "motivo": None,
    "espacio": None,
    "prestado": False,
    "espera": None,
    "espera_actual": None,
    "asignacion": None,
    "vence_en": None,
    "acciones": ["cancelada"],
    "creado_en": instante(INICIO),
    "residente": None,
}
"""What a RequestOut says of every request that its draw takes as soon as it is handed in."""


class Mesa:
    def __init__(self, uow: UnitOfWork) -> None:
        self.uow = uow
        self.padron, self.espacios, self.avisos = FakePadron(), FakeEspacios(), FakeAvisos()
        self.bitacora = FakeBitacora()
        self.modulo = self._montar()
        self.listas, self.altas, self.decisiones = self.modulo.listas, self.modulo.altas, self.modulo.decisiones
        self.espera, self.resumen = self.modulo.espera, self.modulo.resumen
        self.publico, self.ventanilla = self.modulo.publico, self.modulo.ventanilla
        # The very ones that its services use: a test may stand in the way of theirs.
        self.solicitudes, self.ventanillas = self.altas._solicitudes, self.altas._ventanillas

    def _montar(self) -> Solicitudes:
        return montado(self.uow, padron=self.padron, espacios=self.espacios, avisos=self.avisos, bitacora=self.bitacora)

    def unidad(self, **campos: Any) -> PydanticObjectId:
        id = PydanticObjectId()
        self.padron.pisos[id] = Piso(**{"torre": "1", "apartamento": str(next(_numeros)), **campos})
        return id

    def persona(self, *unidades: PydanticObjectId, nombre: str = "Ana Peña") -> PydanticObjectId:
        id = PydanticObjectId()
        self.padron.personas[id] = Persona(nombre, unidades)
        return id

    def vehiculo(self, unidad_id: PydanticObjectId, tipo: str = "carro", **campos: Any) -> PydanticObjectId:
        id = PydanticObjectId()
        placa = None if tipo == "bicicleta" else f"AAA{next(_numeros):04}"
        valores: dict[str, Any] = {"electrico": False, "placa": placa, **campos}
        self.padron.vehiculos[id] = VehiculoRegistrado(id=id, unidad_id=unidad_id, tipo=tipo, **valores)
        return id

    def vecino(self, tipo: str = "carro", *, nombre: str = "Ana Peña", electrico: bool = False, **piso: Any) -> Vecino:
        unidad_id = self.unidad(**piso)
        residente_id = self.persona(unidad_id, nombre=nombre)
        vehiculo_id = self.vehiculo(unidad_id, tipo, electrico=electrico)
        return Vecino(principal(Rol.residente, residente_id), residente_id, unidad_id, vehiculo_id)

    def muda(self, vecino: Vecino, *unidades: PydanticObjectId) -> None:
        """They live elsewhere now; nowhere, and they are inactive."""
        persona = self.padron.personas[vecino.residente_id]
        self.padron.personas[vecino.residente_id] = Persona(
            persona.nombre, unidades or persona.unidades, bool(unidades)
        )

    async def tiene_espacio(self, vecino: Vecino, clase: str = "carro", **campos: Any) -> None:
        """Their flat holds one, whatever draw it comes from."""
        valores: dict[str, Any] = {"codigo": "Z-01", "prestado": False, "desde": DESDE, "hasta": HASTA}
        await self.espacios.tenencias.insert(
            Tenencia(
                solicitud_id=PydanticObjectId(),
                unidad_id=vecino.unidad_id,
                clase=clase,
                **({"vehiculo_id": vecino.vehiculo_id} | valores | campos),
            )
        )

    async def sorteo(
        self,
        espacios: Sequence[str | tuple[str, str, str | None]] = ("A-01",),
        *,
        abierto: bool = True,
        cierre: datetime | None = None,
        **terminos: Any,
    ) -> PydanticObjectId:
        """A draw; `espacios` are codes (for cars) or (codigo, tipo, reserva). One that another draw had is free, and of
        this one now."""
        id = PydanticObjectId()
        valores: dict[str, Any] = {
            "aprobacion": "automatica",
            "exige_al_dia": True,
            "al_dia_en": "cierre",
            "max_por_unidad": 1,
            "max_por_tipo": {},
            "reglamento": None,
            "compatibilidad": COMPATIBILIDAD,
            "aceptacion": "requerida",
            "plazo_aceptacion_horas": 72,
            "liberar_reservas": True,
            "desde": DESDE,
            "hasta": HASTA,
        }
        await self.ventanilla.preparar(sorteo_id=id, **(valores | terminos))
        for espacio in espacios:
            codigo, tipo, reserva = (espacio, "carro", None) if isinstance(espacio, str) else espacio
            await self.espacios.casillas.delete_many({"codigo": codigo})
            await self.espacios.casillas.insert(Casilla(sorteo_id=id, codigo=codigo, tipo=tipo, reserva=reserva))
        if abierto:
            await self.ventanilla.abrir(sorteo_id=id, cierre=cierre)
        return id

    async def pedir(self, sorteo_id: PydanticObjectId, vecino: Vecino, **campos: Any) -> RequestOut:
        datos = {"sorteo_id": sorteo_id, "vehiculo_id": vecino.vehiculo_id, **campos}
        return await self.altas.crear(RequestCreate(**datos), vecino.quien)

    async def pedir_aparte(self, sorteo_id: PydanticObjectId, vecino: Vecino, **campos: Any) -> RequestOut:
        """In a process of its own: only the database stands between it and the others."""
        datos = {"sorteo_id": sorteo_id, "vehiculo_id": vecino.vehiculo_id, **campos}
        return await self._montar().altas.crear(RequestCreate(**datos), vecino.quien)

    async def cambiar(self, solicitud: RequestOut, quien: Principal, **campos: Any) -> RequestOut:
        return await self.listas.cambiar(solicitud.id, RequestUpdate(**campos), quien)

    async def decidir(self, solicitud: RequestOut, a: str, quien: Principal, motivo: str | None = None) -> RequestOut:
        datos = EstadoUpdate.model_validate({"estado": a, "motivo": motivo})
        return await self.decisiones.decidir(solicitud.id, datos, quien)

    async def cerrar_ventanilla(self, sorteo_id: PydanticObjectId) -> None:
        await self.ventanilla.cerrar(sorteo_id=sorteo_id)
        await self.ventanilla.asentar(sorteo_id=sorteo_id)

    async def cerrar(self, sorteo_id: PydanticObjectId, rechazos: Mapping[int, str] | None = None) -> None:
        await self.cerrar_ventanilla(sorteo_id)
        await self.uow.run(lambda: self.ventanilla.rechazar(sorteo_id=sorteo_id, rechazos=rechazos or {}))
        await self.uow.run(lambda: self.ventanilla.aprobar(sorteo_id=sorteo_id))

    async def reabrir(self, sorteo_id: PydanticObjectId, cierre: datetime | None = None) -> None:
        await self.ventanilla.descongelar(sorteo_id=sorteo_id)
        await self.ventanilla.abrir(sorteo_id=sorteo_id, cierre=cierre)

    async def publicar(
        self,
        sorteo_id: PydanticObjectId,
        ganadoras: Mapping[int, str] | None = None,
        *,
        condiciones: Mapping[int, Sequence[str]] | None = None,
        ultimo: bool = True,
    ) -> None:
        """Close, and publish `ganadoras` (folio: space); the others wait by their folio."""
        ganan, con = ganadoras or {}, condiciones or {}
        await self.cerrar(sorteo_id)
        en_juego = await self.solicitudes.find({"sorteo_id": sorteo_id, "estado": "aprobada"}, orden=[("folio", 1)])
        esperas = count(1)
        puestos = [
            Puesto(s.oid, espacio, None if espacio else next(esperas), False, list(con.get(s.folio, ())))
            for s in en_juego
            for espacio in [ganan.get(s.folio)]
        ]
        for puesto in puestos:
            if puesto.espacio is not None:
                await self.espacios.casillas.update_one(
                    {"codigo": puesto.espacio}, {"$set": {"de": puesto.solicitud_id}}
                )

        async def paso() -> None:
            lote = await self.ventanilla.por_publicar(sorteo_id=sorteo_id, puestos=puestos)
            await lote.publicar()
            if ultimo:
                await self.ventanilla.pasar_a(sorteo_id=sorteo_id, fase="publicado")

        await self.uow.run(paso)

    async def publicado(
        self, vecinos: Sequence[Vecino], ganadoras: int = 1, **terminos: Any
    ) -> tuple[PydanticObjectId, list[RequestOut]]:
        """A published draw in which the first `ganadoras` of `vecinos` won A-01, A-02…, and the others wait."""
        codigos = [f"A-{n:02}" for n in range(1, ganadoras + 1)]
        sorteo_id = await self.sorteo(codigos or ["A-01"], **terminos)
        pedidas = [await self.pedir(sorteo_id, vecino) for vecino in vecinos]
        await self.publicar(sorteo_id, dict(enumerate(codigos, start=1)))
        return sorteo_id, [await self.ver(s) for s in pedidas]

    async def como_si(self, id: PydanticObjectId, **cambios: Any) -> None:
        """The rules left it so: it bears its mark."""
        guardada = await self.solicitudes.get(id)
        assert guardada is not None
        marca = self.espera._precintos.seguir(guardada, cambios)
        await self.solicitudes.update_one({"_id": id}, {"$set": cambios | marca})

    async def ver(self, solicitud: RequestOut, quien: Principal = ADMIN) -> RequestOut:
        return await self.listas.ver(solicitud.id, quien)

    async def estado(self, solicitud: RequestOut) -> RequestStatus:
        return (await self.guardada(solicitud)).estado

    async def estados(self, sorteo_id: PydanticObjectId) -> list[str]:
        """By folio."""
        return [s.estado.value for s in await self.solicitudes.find({"sorteo_id": sorteo_id}, orden=[("folio", 1)])]

    async def guardada(self, solicitud: RequestOut) -> Solicitud:
        """As it is stored."""
        return cast(Solicitud, await self.solicitudes.get(solicitud.id))

    async def pasos(self, solicitud: RequestOut) -> list[tuple[str | None, str, str, str | None]]:
        """Its moves: from, to, who, why."""
        pagina = await self.listas.historial(solicitud.id, PageQuery(limite=200), ADMIN)
        return [(m.de, m.a.value, m.actor.value, m.motivo) for m in pagina.items if m.tipo == "estado"]
