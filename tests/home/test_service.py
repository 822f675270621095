"""The first screen of who has none. What screens show is in tests/api/test_inicio.py, on the whole application."""

from types import SimpleNamespace
from typing import Any
from unittest.mock import AsyncMock

import pytest
from beanie import PydanticObjectId

from app.core.security import Principal, Rol
from app.home.service import InicioService
from app.shared.exceptions import SinResidente


def _inicio() -> InicioService:
    partes: dict[str, Any] = {
        "residentes": SimpleNamespace(hogar=AsyncMock(return_value=None)),
        "solicitudes": SimpleNamespace(en_curso=AsyncMock(return_value=[])),
        "sorteos": SimpleNamespace(abiertos=AsyncMock(return_value=[])),
        "espacios": SimpleNamespace(),
        "asignaciones": SimpleNamespace(vigentes=AsyncMock(return_value=[])),
        "buzon": SimpleNamespace(listar=AsyncMock(), sin_leer=AsyncMock(return_value=0)),
        "redactor": SimpleNamespace(),
    }
    return InicioService(**partes)


@pytest.mark.parametrize("residente_id", [None, PydanticObjectId()])
async def test_quien_no_vive_aqui_no_la_tiene(residente_id: PydanticObjectId | None) -> None:
    quien = Principal(
        usuario_id=PydanticObjectId(), rol=Rol.residente, sesion_id=PydanticObjectId(), residente_id=residente_id
    )
    with pytest.raises(SinResidente):
        await _inicio().ver(quien, idioma="es")
