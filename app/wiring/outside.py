"""Joins the copy outside to the rows of the modules: see `build.py`."""

from app.core.config import Settings
from app.modules.analitica import wiring as analitica
from app.modules.analitica.service import AnaliticaService
from app.modules.solicitudes import public as solicitudes
from app.modules.sorteo import public as sorteos


def montar_analitica(settings: Settings) -> AnaliticaService | None:
    """None where it is not configured. Raises ConfigError where what it needs is not installed."""
    filas = sorteos.filas()
    return analitica.montar(
        settings=settings,
        fuentes={
            "sorteos": filas.sorteos,
            "resultados": filas.resultados,
            "asignaciones": filas.asignaciones,
            "espacios": filas.espacios,
            "solicitudes": solicitudes.filas(),
        },
    )
