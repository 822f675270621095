"""Builds what is read once a draw has run: minutes, with the claims that stand in them, and figures."""

from dataclasses import dataclass

from app.core.config import Settings
from app.database.unit_of_work import UnitOfWork
from app.modules.sorteo.acta.expediente import ExpedienteService
from app.modules.sorteo.acta.ports import Conjunto
from app.modules.sorteo.acta.repository import ActaRepository, PuestoRepository
from app.modules.sorteo.acta.service import ActaService
from app.modules.sorteo.anuncios.service import Anuncios
from app.modules.sorteo.asignaciones.repository import AsignacionRepository
from app.modules.sorteo.figuras.wiring import Figuras, montar_figuras
from app.modules.sorteo.ports import Bitacora, Listado, Padron
from app.modules.sorteo.reclamos.repository import ReclamoRepository
from app.modules.sorteo.reclamos.service import ReclamoService
from app.modules.sorteo.repository import SorteoRepository
from app.modules.sorteo.resultados.service import ResultadosService
from app.modules.sorteo.service import SorteoService


@dataclass(frozen=True, slots=True)
class Actas:
    servicio: ActaService
    expedientes: ExpedienteService
    reclamos: ReclamoService
    figuras: Figuras


def montar_actas(
    *,
    sorteos: SorteoRepository,
    servicio: SorteoService,
    consulta: ResultadosService,
    bitacora: Bitacora,
    conjunto: Conjunto,
    padron: Padron,
    asignaciones: AsignacionRepository,
    listado: Listado,
    anuncios: Anuncios,
    settings: Settings,
    uow: UnitOfWork,
) -> Actas:
    reclamos = ReclamoRepository()
    actas = ActaService(
        actas=ActaRepository(),
        puestos=PuestoRepository(),
        reclamos=reclamos,
        sorteos=sorteos,
        servicio=servicio,
        consulta=consulta,
        bitacora=bitacora,
        uow=uow,
        conjunto=conjunto,
        padron=padron,
        url=settings.url,
        zona=settings.zona,
    )
    return Actas(
        servicio=actas,
        expedientes=ExpedienteService(actas=actas, consulta=consulta, reclamos=reclamos, servicio=servicio),
        figuras=montar_figuras(
            settings=settings, asignaciones=asignaciones, solicitudes=listado, padron=padron, bitacora=bitacora, uow=uow
        ),
        reclamos=ReclamoService(
            reclamos=reclamos, sorteos=sorteos, servicio=servicio, padron=padron, anuncios=anuncios, uow=uow
        ),
    )
