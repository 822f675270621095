"""Draws, spaces and callers with what a test does not care about already filled in."""

from datetime import timedelta
from typing import Any

from beanie import PydanticObjectId

from app.core.clock import ahora
from app.core.security import Rol
from app.modules.sorteo.espacios.models import Espacio
from app.modules.sorteo.prioridades.models import ConfigPrioridad
from app.modules.sorteo.schemas import LotteryParams, LotteryParamsUpdate
from tests.autenticador import principal
from tests.conftest import INICIO
from tests.loteria import fuente

ENTROPIA = "4821 serie 072"
OTRA_ENTROPIA = "4821 serie 073"
DISPONIBLE = INICIO + timedelta(days=10)
TRAS_LA_VIGENCIA = INICIO.replace(year=2027, month=1, day=2)
AUSENTE = PydanticObjectId("0" * 24)


ADMIN = principal(Rol.admin)
OTRO_ADMIN = principal(Rol.admin)
OPERADOR = principal(Rol.operador)
AUDITOR = principal(Rol.auditor)
RESIDENTE = principal(Rol.residente, PydanticObjectId())
SIN_RESIDENTE = principal(Rol.residente)


def cuerpo_sorteo(**cambios: Any) -> dict[str, Any]:
    return {
        "nombre": "Segundo semestre de 2026",
        "vigencia": {"desde": "2026-07-01", "hasta": "2026-12-31"},
        "fuente_entropia": fuente(),
    } | cambios


def parametros(**cambios: Any) -> LotteryParams:
    return LotteryParams.model_validate(cuerpo_sorteo(**cambios))


def cambio(**campos: Any) -> LotteryParamsUpdate:
    return LotteryParamsUpdate.model_validate(campos)


def espacio(codigo: str, tipo: str = "carro", **campos: Any) -> Espacio:
    return Espacio(**{"codigo": codigo, "tipo": tipo, "creado_en": ahora(), "actualizado_en": ahora(), **campos})


def prioridad(codigo: str = "discapacidad", **campos: Any) -> ConfigPrioridad:
    por_defecto = {
        "codigo": codigo,
        "descripcion": "Una regla",
        "condiciones": [{"campo": "condicion", "operador": "igual", "valor": "discapacidad"}],
        "efecto": {"nivel": 1},
        "creado_en": ahora(),
        "actualizado_en": ahora(),
    }
    return ConfigPrioridad(**por_defecto | campos)
