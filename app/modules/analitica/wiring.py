"""Builds the module, where it is configured."""

import importlib
from collections.abc import Mapping
from typing import cast

from app.core.config import ConfigError, Settings
from app.modules.analitica.ports import Almacen, Fuente
from app.modules.analitica.repository import CopiaRepository
from app.modules.analitica.service import AnaliticaService, destino
from app.modules.analitica.tablas import Traductor


def montar(*, settings: Settings, fuentes: Mapping[str, Fuente]) -> AnaliticaService | None:
    """None where no project is configured. Raises ConfigError where Google's client is not installed."""
    proyecto, conjunto = settings.analitica_proyecto, settings.analitica_conjunto
    if proyecto is None or conjunto is None:
        return None
    clave = settings.clave("clave_analitica")
    return AnaliticaService(
        copias=CopiaRepository(),
        fuentes=fuentes,
        almacen=_almacen(settings, proyecto),
        traductor=Traductor(conjunto=conjunto, clave=clave, zona=settings.zona),
        conjunto=conjunto,
        destino=destino(proyecto=proyecto, datos=settings.analitica_datos, conjunto=conjunto, clave=clave),
    )


def _almacen(settings: Settings, proyecto: str) -> Almacen:
    try:
        modulo = importlib.import_module("app.modules.analitica.bigquery")
    except ModuleNotFoundError as error:
        raise ConfigError(
            "PARKNET_ANALITICA_PROYECTO: falta google-cloud-bigquery: pip install -r requirements-analitica.txt"
        ) from error
    return cast(
        Almacen,
        modulo.BigQuery(
            proyecto=proyecto,
            datos=settings.analitica_datos,
            ubicacion=settings.analitica_ubicacion,
            credenciales=settings.analitica_credenciales,
            direccion=settings.analitica_direccion,
        ),
    )
