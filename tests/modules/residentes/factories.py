"""Bodies and callers with what a test does not care about already filled in."""

from itertools import count
from typing import Any

from beanie import PydanticObjectId

from app.core.security import Principal, Rol
from app.modules.residentes.schemas import ResidentCreate, ResidentUpdate, UnidadCreate, UnidadUpdate, VehiculoCreate

_numeros = count(1)


def principal(rol: Rol, residente_id: PydanticObjectId | None = None) -> Principal:
    return Principal(usuario_id=PydanticObjectId(), rol=rol, sesion_id=PydanticObjectId(), residente_id=residente_id)


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
