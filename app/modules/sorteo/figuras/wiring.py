"""Builds what counts figures, and the links to their page."""

from dataclasses import dataclass

from app.core.config import Settings
from app.core.sealing import Sello
from app.database.unit_of_work import UnitOfWork
from app.modules.sorteo.asignaciones.repository import AsignacionRepository
from app.modules.sorteo.figuras.enlaces import EnlacesDeFiguras
from app.modules.sorteo.figuras.repository import ClaseRepository, FiguraRepository, LineaRepository, RechazoRepository
from app.modules.sorteo.figuras.service import FigurasService
from app.modules.sorteo.ports import Bitacora, Listado, Padron


@dataclass(frozen=True, slots=True)
class Figuras:
    servicio: FigurasService
    enlaces: EnlacesDeFiguras


def montar_figuras(
    *,
    settings: Settings,
    asignaciones: AsignacionRepository,
    solicitudes: Listado,
    padron: Padron,
    bitacora: Bitacora,
    uow: UnitOfWork,
) -> Figuras:
    """Pseudonyms and links are under keys made from that of draws."""
    clave = settings.clave("clave_sorteo")
    return Figuras(
        servicio=FigurasService(
            sorteos=FiguraRepository(),
            lineas=LineaRepository(),
            rechazos=RechazoRepository(),
            clases=ClaseRepository(),
            asignaciones=asignaciones,
            solicitudes=solicitudes,
            padron=padron,
            clave=clave,
            zona=settings.zona,
        ),
        enlaces=EnlacesDeFiguras(
            sello=Sello(clave, "figuras", settings.anteriores("clave_sorteo")),
            url=settings.url,
            bitacora=bitacora,
            uow=uow,
        ),
    )
