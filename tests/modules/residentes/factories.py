"""Bodies and callers with what a test does not care about already filled in."""

from itertools import count
from typing import Any

import pytest
from pydantic import ValidationError

from app.core.security import Rol
from app.modules.residentes.schemas import ResidentCreate, ResidentUpdate
from app.modules.residentes.unidades.schemas import UnidadCreate, UnidadUpdate, VehiculoCreate
from app.shared.schemas import InputSchema
from tests.autenticador import principal

_numeros = count(1)


ADMIN = principal(Rol.admin)
OPERADOR = principal(Rol.operador)
AUDITOR = principal(Rol.auditor)


def cuerpo_vehiculo(**cambios: Any) -> dict[str, Any]:
    return {"tipo": "carro", "placa": f"AAA{next(_numeros):04}"} | cambios


def cuerpo_unidad(**cambios: Any) -> dict[str, Any]:
    return {"torre": "1", "apartamento": "101"} | cambios


def ocupacion(torre: str | None = "1", apartamento: str = "101", tenencia: str = "propietario") -> dict[str, Any]:
    return {"torre": torre, "apartamento": apartamento, "tenencia": tenencia}


def cuerpo_residente(**cambios: Any) -> dict[str, Any]:
    return {
        "nombres": "Ana María",
        "apellidos": "Núñez Peña",
        "tipo_documento": "CC",
        "numero_documento": f"52{next(_numeros):06}",
        "unidades": [ocupacion()],
    } | cambios


def vehiculo(**cambios: Any) -> VehiculoCreate:
    return VehiculoCreate.model_validate(cuerpo_vehiculo(**cambios))


def unidad(**cambios: Any) -> UnidadCreate:
    return UnidadCreate.model_validate(cuerpo_unidad(**cambios))


def cambio_de_unidad(**cambios: Any) -> UnidadUpdate:
    return UnidadUpdate.model_validate(cambios)


def residente(**cambios: Any) -> ResidentCreate:
    return ResidentCreate.model_validate(cuerpo_residente(**cambios))


def cambio_de_residente(**cambios: Any) -> ResidentUpdate:
    return ResidentUpdate.model_validate(cambios)


def errores(modelo: type[InputSchema], cuerpo: dict[str, Any]) -> dict[str, str]:
    """What is wrong with `cuerpo`: the kind of error, by its place."""
    with pytest.raises(ValidationError) as caso:
        modelo.model_validate(cuerpo)
    return {".".join(map(str, e["loc"])): e["type"] for e in caso.value.errors()}
