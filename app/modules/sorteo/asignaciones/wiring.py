"""Builds what has to do with who holds which space."""

from zoneinfo import ZoneInfo

import attrs

from app.core.config import Settings
from app.database.unit_of_work import UnitOfWork
from app.modules.sorteo.asignaciones.exportacion import ExportacionDeAsignaciones
from app.modules.sorteo.asignaciones.noticias import Noticias
from app.modules.sorteo.asignaciones.ports import Aceptadas
from app.modules.sorteo.asignaciones.repository import AsignacionRepository
from app.modules.sorteo.asignaciones.service import AsignacionService
from app.modules.sorteo.custodia.ports import Bitacora
from app.modules.sorteo.espacios.repository import EspacioRepository
from app.modules.sorteo.permutas.repository import PermutaRepository
from app.modules.sorteo.permutas.service import PermutaService
from app.modules.sorteo.porteria.service import PorteriaService
from app.modules.sorteo.ports import Avisos, Padron, Propias
from app.modules.sorteo.prioridades.repository import PrioridadRepository
from app.modules.sorteo.public import RegistroDeEspacios
from app.modules.sorteo.repository import ArchivoRepository, EspacioEnJuegoRepository, SorteoRepository


def montar_registro(settings: Settings, bitacora: Bitacora) -> RegistroDeEspacios:
    """What requests ask about spaces. Requests are built first, and draws need them."""
    return RegistroDeEspacios(
        espacios=EspacioRepository(),
        en_juego=EspacioEnJuegoRepository(),
        asignaciones=AsignacionRepository(),
        prioridades=PrioridadRepository(),
        sorteos=SorteoRepository(),
        archivos=ArchivoRepository(),
        bitacora=bitacora,
        zona=settings.zona,
    )


@attrs.frozen
class Tenencias:
    asignaciones: AsignacionService
    permutas: PermutaService
    porteria: PorteriaService
    exportaciones: ExportacionDeAsignaciones


def montar_tenencias(
    *,
    asignaciones: AsignacionRepository,
    espacios: EspacioRepository,
    en_juego: EspacioEnJuegoRepository,
    solicitudes: Aceptadas,
    padron: Padron,
    propias: Propias,
    avisos: Avisos,
    uow: UnitOfWork,
    zona: ZoneInfo,
) -> Tenencias:
    noticias = Noticias(avisos=avisos, padron=padron)
    return Tenencias(
        asignaciones=AsignacionService(
            asignaciones=asignaciones,
            espacios=espacios,
            solicitudes=solicitudes,
            padron=padron,
            propias=propias,
            noticias=noticias,
            uow=uow,
            zona=zona,
        ),
        permutas=PermutaService(
            permutas=PermutaRepository(),
            asignaciones=asignaciones,
            espacios=espacios,
            en_juego=en_juego,
            solicitudes=solicitudes,
            padron=padron,
            noticias=noticias,
            uow=uow,
            zona=zona,
        ),
        porteria=PorteriaService(asignaciones=asignaciones, espacios=espacios, padron=padron, zona=zona),
        exportaciones=ExportacionDeAsignaciones(asignaciones=asignaciones, padron=padron),
    )
