"""Draws on their own: their documents and services on the real server, and stand-ins for those they ask."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from beanie import Document, PydanticObjectId
from pydantic import SecretStr

from app.core.builder import Armador
from app.core.clock import hoy
from app.core.config import Settings
from app.core.figures.repository import CifraRepository
from app.core.figures.service import Cifras
from app.core.jobs.contract import Cola
from app.core.sealing import Sello
from app.core.security import Principal
from app.database.unit_of_work import UnitOfWork
from app.modules.sorteo import ports
from app.modules.sorteo.acta.ports import Conjunto
from app.modules.sorteo.acta.router import router as acta_router
from app.modules.sorteo.acta.service import ActaService
from app.modules.sorteo.advertencias.service import Advertencias
from app.modules.sorteo.anuncios.recordatorios import Recordatorios
from app.modules.sorteo.anuncios.service import Anuncios
from app.modules.sorteo.asignaciones.derechos import Derechos
from app.modules.sorteo.asignaciones.marcas import MarcasDeAsignaciones
from app.modules.sorteo.asignaciones.noticias import Noticias
from app.modules.sorteo.asignaciones.ports import Aceptadas
from app.modules.sorteo.asignaciones.repository import AsignacionRepository
from app.modules.sorteo.asignaciones.router import router as asignaciones_router
from app.modules.sorteo.asignaciones.service import AsignacionService
from app.modules.sorteo.asignaciones.vigia import VigiaDeAsignaciones, VigiaDeTerminadas
from app.modules.sorteo.custodia.dichos import DichosDeSorteo
from app.modules.sorteo.custodia.marcas import MarcasDeSorteo
from app.modules.sorteo.custodia.ports import Bitacora, Ventanillas
from app.modules.sorteo.custodia.service import CustodiaService
from app.modules.sorteo.espacios.ports import Ofertas
from app.modules.sorteo.espacios.repository import EspacioRepository
from app.modules.sorteo.espacios.router import router as espacios_router
from app.modules.sorteo.espacios.service import EspacioService
from app.modules.sorteo.figuras.enlaces import EnlacesDeFiguras
from app.modules.sorteo.figuras.router import router as figuras_router
from app.modules.sorteo.figuras.service import FigurasService
from app.modules.sorteo.garantes.router import router as garantes_router
from app.modules.sorteo.garantes.service import GaranteService
from app.modules.sorteo.historial.router import router as historial_router
from app.modules.sorteo.models import DOCUMENTOS, Publicado, Sorteo
from app.modules.sorteo.pasos.anulacion import AnulacionService
from app.modules.sorteo.pasos.apertura import AperturaService
from app.modules.sorteo.pasos.cierre import CierreService
from app.modules.sorteo.pasos.congelacion import Congelacion
from app.modules.sorteo.pasos.ejecucion import EjecucionService
from app.modules.sorteo.pasos.encargos import EncargosDeSorteo
from app.modules.sorteo.pasos.pruebas import Boveda
from app.modules.sorteo.pasos.publicacion import PublicacionService
from app.modules.sorteo.pasos.reapertura import ReaperturaService
from app.modules.sorteo.pasos.router import router as pasos_router
from app.modules.sorteo.pasos.tareas import TareasDeSorteos
from app.modules.sorteo.permutas.router import router as permutas_router
from app.modules.sorteo.permutas.service import PermutaService
from app.modules.sorteo.porteria.router import router as porteria_router
from app.modules.sorteo.prioridades.evaluador import Evaluador
from app.modules.sorteo.prioridades.repository import PrioridadRepository
from app.modules.sorteo.public import RegistroDeEspacios
from app.modules.sorteo.reclamos.router import router as reclamos_router
from app.modules.sorteo.repository import (
    ArchivoRepository,
    EspacioEnJuegoRepository,
    SecretoRepository,
    SorteoRepository,
)
from app.modules.sorteo.resultados.exportacion import ExportacionService
from app.modules.sorteo.resultados.models import ResultadoSorteo
from app.modules.sorteo.resultados.repository import ParticipanteRepository, ResultadoRepository
from app.modules.sorteo.resultados.router import router as consulta_router
from app.modules.sorteo.resultados.service import ResultadosService
from app.modules.sorteo.router import router
from app.modules.sorteo.service import SorteoService
from app.modules.sorteo.simulacion.service import SimulacionService
from app.modules.sorteo.toma.copias import CopiaDeSolicitudes
from app.modules.sorteo.toma.ocupaciones import Ocupaciones
from app.modules.sorteo.toma.ports import Guardadas
from app.modules.sorteo.toma.service import TomaDeEspacios
from app.modules.sorteo.turnos.repository import TurnoRepository
from app.modules.sorteo.turnos.restos import Restos
from app.modules.sorteo.turnos.service import Turnos
from app.modules.sorteo.wiring import EstadoDeSorteo
from tests import marcas
from tests.autenticador import FakeAutenticador
from tests.cola import ColaFalsa
from tests.conftest import Abrir, Reloj
from tests.modules.sorteo import factories
from tests.modules.sorteo.asignaciones.factories import MARCAS, repositorio
from tests.modules.sorteo.dobles import (
    FakeAuditoria,
    FakeAvisos,
    FakeBitacora,
    FakeConjunto,
    FakeCuentas,
    FakeFin,
    FakeOfertas,
    FakePadron,
    FakePropias,
    FakeSolicitudes,
    SolicitudDePrueba,
    VentanaDePrueba,
)

ZONA = ZoneInfo("America/Bogota")
CLAVE = b"una clave de prueba de mas de treinta y dos bytes"
AJUSTES = Settings(
    clave_sorteo=SecretStr(CLAVE.decode()),
    url_publica="http://parknet.example.com",
    zona_horaria=ZONA.key,
    _env_file=None,
)


@dataclass
class Casa:
    """The services of draws, their repositories and the fakes they talk to."""

    uow: UnitOfWork
    reloj: Reloj
    r_sorteos: SorteoRepository = field(default_factory=marcas.sorteos)
    r_turnos: TurnoRepository = field(default_factory=TurnoRepository)
    r_secretos: SecretoRepository = field(default_factory=SecretoRepository)
    r_en_juego: EspacioEnJuegoRepository = field(default_factory=EspacioEnJuegoRepository)
    r_participantes: ParticipanteRepository = field(default_factory=ParticipanteRepository)
    r_resultados: ResultadoRepository = field(default_factory=ResultadoRepository)
    r_archivos: ArchivoRepository = field(default_factory=ArchivoRepository)
    r_espacios: EspacioRepository = field(default_factory=marcas.espacios)
    r_prioridades: PrioridadRepository = field(default_factory=marcas.prioridades)
    r_asignaciones: AsignacionRepository = field(default_factory=repositorio)
    solicitudes: FakeSolicitudes = field(default_factory=FakeSolicitudes)
    padron: FakePadron = field(default_factory=FakePadron)
    cuentas: FakeCuentas = field(default_factory=FakeCuentas)
    auditoria: FakeAuditoria = field(default_factory=FakeAuditoria)
    conjunto: FakeConjunto = field(default_factory=FakeConjunto)
    bitacora: FakeBitacora = field(default_factory=FakeBitacora)
    avisos: FakeAvisos = field(default_factory=FakeAvisos)
    fin: FakeFin = field(default_factory=FakeFin)
    ofertas: FakeOfertas = field(default_factory=FakeOfertas)
    boveda: Boveda = field(default_factory=lambda: Boveda(CLAVE))

    def __post_init__(self) -> None:
        self.armador = armador = Armador(
            {
                UnitOfWork: self.uow,
                ZoneInfo: ZONA,
                SorteoRepository: self.r_sorteos,
                TurnoRepository: self.r_turnos,
                SecretoRepository: self.r_secretos,
                EspacioEnJuegoRepository: self.r_en_juego,
                ParticipanteRepository: self.r_participantes,
                ResultadoRepository: self.r_resultados,
                ArchivoRepository: self.r_archivos,
                EspacioRepository: self.r_espacios,
                PrioridadRepository: self.r_prioridades,
                AsignacionRepository: self.r_asignaciones,
                ports.Solicitudes: self.solicitudes,
                ports.Listado: self.solicitudes,
                ports.Propias: FakePropias(self.solicitudes, self.padron),
                ports.Padron: self.padron,
                ports.Cuentas: self.cuentas,
                ports.Auditoria: self.auditoria,
                ports.Avisos: self.avisos,
                Ventanillas: self.solicitudes,
                Aceptadas: self.fin,
                Ofertas: self.ofertas,
                Guardadas: self.solicitudes,
                Conjunto: self.conjunto,
                Bitacora: self.bitacora,
                MarcasDeAsignaciones: MARCAS,
                MarcasDeSorteo: marcas.MARCAS_DE_SORTEO,
                Boveda: self.boveda,
            }
        )
        self.turnos, self.restos, self.anuncios = armador[Turnos], armador[Restos], armador[Anuncios]
        self.evaluador, self.advertencias = armador[Evaluador], armador[Advertencias]
        self.sorteos, self.custodia = armador[SorteoService], armador[CustodiaService]
        self.dichos = armador[DichosDeSorteo]
        self.toma, self.copias = armador[TomaDeEspacios], armador[CopiaDeSolicitudes]
        self.congelacion, self.noticias = armador[Congelacion], armador[Noticias]
        self.apertura, self.cierre = armador[AperturaService], armador[CierreService]
        self.reapertura, self.ejecucion = armador[ReaperturaService], armador[EjecucionService]
        self.publicacion, self.anulacion = armador[PublicacionService], armador[AnulacionService]
        self.consulta, self.exportaciones = armador[ResultadosService], armador[ExportacionService]
        self.registro, self.permutas = armador[RegistroDeEspacios], armador[PermutaService]
        armador.hacer(Derechos, reclamos=armador[Ocupaciones])
        self.asignaciones, self.vigia = armador[AsignacionService], armador[VigiaDeAsignaciones]
        self.de_terminadas = armador[VigiaDeTerminadas]
        armador.hacer(FigurasService, clave=CLAVE)
        self.enlaces = armador.hacer(EnlacesDeFiguras, sello=Sello(CLAVE, "figuras"), url=AJUSTES.url)
        armador.hacer(ActaService, url=AJUSTES.url)
        self.garantes = armador.hacer(GaranteService, url_publica="https://sorteo.example")
        self.recordatorios, self.tareas = armador[Recordatorios], armador[TareasDeSorteos]

    def encargos(self, cola: Cola) -> EncargosDeSorteo:
        return EncargosDeSorteo(
            servicio=self.sorteos,
            apertura=self.apertura,
            cierre=self.cierre,
            reapertura=self.reapertura,
            ejecucion=self.ejecucion,
            publicacion=self.publicacion,
            anulacion=self.anulacion,
            cola=cola,
        )

    def estado(self, encargos: EncargosDeSorteo) -> EstadoDeSorteo:
        """What the endpoints find."""
        cifras = Cifras(guardadas=CifraRepository())
        cifra = cifras.encargar("espacios", lambda: self.r_espacios.contar(el=hoy(ZONA)))
        self.armador.hacer(EspacioService, cifra=cifra, reclamos=self.armador[Ocupaciones])
        return self.armador.hacer(
            EstadoDeSorteo,
            encargos=encargos,
            simulacion=self.armador.hacer(SimulacionService, cola=encargos._cola),
            # No test of the module over HTTP brings a file in.
            importacion_de_espacios=None,
        )

    async def caduca_el_turno(self) -> None:
        """Whoever has one is not heard of any more."""
        hace_rato = datetime.now(UTC) - timedelta(minutes=1)
        await self.r_turnos.update_many({"turno": {"$ne": None}}, {"$set": {"turno.visto_en": hace_rato}})

    async def espacios(self, *codigos: str, tipo: str = "carro", **campos: Any) -> None:
        await self.r_espacios.insert_many(factories.espacio(codigo, tipo, **campos) for codigo in codigos)

    async def prioridad(self, codigo: str = "discapacidad", **campos: Any) -> None:
        await self.r_prioridades.insert(factories.prioridad(codigo, **campos))

    async def borrador(self, **cambios: Any) -> Sorteo:
        return await self.sorteos.crear(factories.parametros(**cambios))

    async def abierto(self, **cambios: Any) -> Sorteo:
        return await self.apertura.abrir((await self.borrador(**cambios)).oid)

    async def pedir(self, sorteo: Sorteo, cuantas: int = 1, **campos: Any) -> list[SolicitudDePrueba]:
        """Requests of flats of their own, with the next folios."""
        ultimo = await self.solicitudes.filas.count({"sorteo_id": sorteo.oid})
        nuevas = []
        for folio in range(ultimo + 1, ultimo + cuantas + 1):
            propios = {"unidad_id": PydanticObjectId(), "residente_id": PydanticObjectId()}
            fila = SolicitudDePrueba(sorteo_id=sorteo.oid, folio=folio, **propios | campos)
            nuevas.append(await self.solicitudes.filas.insert(fila))
        return nuevas

    async def cerrado(self, cuantas: int = 5, **cambios: Any) -> Sorteo:
        sorteo = await self.abierto(**cambios)
        await self.pedir(sorteo, cuantas)
        return await self.cierre.cerrar(sorteo.oid)

    async def por_ejecutar(self, cuantas: int = 5, **cambios: Any) -> Sorteo:
        """Closed, and its number can be known by now."""
        sorteo = await self.cerrado(cuantas, **cambios)
        self.reloj.poner(sorteo.fuente_entropia.conocible_desde)
        return sorteo

    async def ejecutado(self, cuantas: int = 5, **cambios: Any) -> Sorteo:
        sorteo = await self.por_ejecutar(cuantas, **cambios)
        return await self.ejecucion.ejecutar(sorteo.oid, factories.ENTROPIA)

    async def publicado(self, cuantas: int = 5, **cambios: Any) -> Sorteo:
        return await self.publicacion.publicar((await self.ejecutado(cuantas, **cambios)).oid)

    async def bytes_de(self, sorteo: Sorteo, archivo: str) -> bytes:
        publicado = await self.consulta.archivo(sorteo.oid, Publicado(archivo), factories.ADMIN)
        return b"".join([parte async for parte in publicado.partes])

    async def resultados(self, sorteo: Sorteo) -> list[ResultadoSorteo]:
        return await self.r_resultados.find({"sorteo_id": sorteo.oid}, orden=[("posicion", 1)])

    async def ocupaciones(self) -> dict[str, list[tuple[str, PydanticObjectId]]]:
        """Who claims each space, where anybody does."""
        todos = await self.r_espacios.find({})
        return {e.codigo: [(o.tipo, o.ref) for o in e.ocupaciones] for e in todos if e.ocupaciones}


@dataclass
class Api:
    """The module over HTTP."""

    cliente: httpx.AsyncClient
    casa: Casa
    autenticador: FakeAutenticador

    async def pedir(
        self, metodo: str, ruta: str, quien: Principal | None = factories.ADMIN, json: Any = None, **mas: Any
    ) -> httpx.Response:
        headers = {} if quien is None else self.autenticador.entrar(quien)
        headers |= mas.pop("headers", {})
        cuerpo = {} if json is None else {"json": json}
        return await self.cliente.request(metodo, f"/api/v1/sorteo{ruta}", headers=headers, **cuerpo, **mas)

    async def ver(self, ruta: str, quien: Principal | None = factories.ADMIN, **mas: Any) -> Any:
        respuesta = await self.pedir("GET", ruta, quien, **mas)
        assert respuesta.status_code == 200, respuesta.text
        return respuesta.json()


async def hasta(que: Callable[[], Awaitable[bool]]) -> None:
    """Wait until it is so, for as long as it may take on a slow machine."""
    for _ in range(3000):
        if await que():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("no llegó a ser")


def problema(respuesta: httpx.Response) -> tuple[int, str]:
    return respuesta.status_code, respuesta.json()["codigo"]


@pytest.fixture
def documentos() -> Sequence[type[Document]]:
    return [*DOCUMENTOS, SolicitudDePrueba, VentanaDePrueba]


@pytest.fixture
def casa(base_real: UnitOfWork, reloj: Reloj) -> Casa:
    return Casa(base_real, reloj)


@pytest.fixture
async def api(casa: Casa, abrir_app: Abrir) -> Api:
    autenticador = FakeAutenticador()
    cliente = await abrir_app(
        [
            espacios_router,
            asignaciones_router,
            permutas_router,
            porteria_router,
            figuras_router,
            acta_router,
            reclamos_router,
            garantes_router,
            historial_router,
            consulta_router,
            router,
            pasos_router,
        ],
        autenticador=autenticador,
        sorteo=casa.estado(casa.encargos(ColaFalsa())),
    )
    return Api(cliente, casa, autenticador)
