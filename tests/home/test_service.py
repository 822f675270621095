"""The first screen of who has none. What screens show is in tests/api/test_inicio.py, on the whole application."""

from collections.abc import Sequence
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from beanie import Document, PydanticObjectId

from app.core.security import Principal, Rol
from app.database.unit_of_work import UnitOfWork
from app.home.service import InicioService
from app.modules.residentes.models import Residente
from app.modules.residentes.resumen.repository import HogarRepository
from app.shared.exceptions import SinResidente
from app.shared.reading import Lectura


@pytest.fixture
def documentos() -> Sequence[type[Document]]:
    return (Residente,)


def _sabido(valor: Any) -> Any:
    return lambda **_: Lectura.hecha(valor)


def _inicio() -> InicioService:
    def hogar(*, residente_id: PydanticObjectId) -> Lectura[Any]:
        return HogarRepository().hogar(residente_id, el=date(2026, 3, 2))

    partes: dict[str, Any] = {
        "residentes": SimpleNamespace(hogar=hogar),
        "solicitudes": SimpleNamespace(vigentes=_sabido(([], {}))),
        "sorteos": SimpleNamespace(abiertos=_sabido([])),
        "espacios": SimpleNamespace(),
        "asignaciones": SimpleNamespace(vigentes=_sabido(([], []))),
        "buzon": SimpleNamespace(ultimos_sin_leer=_sabido(None)),
        "redactor": SimpleNamespace(),
    }
    return InicioService(**partes)


@pytest.mark.parametrize("residente_id", [None, PydanticObjectId()])
async def test_quien_no_vive_aqui_no_la_tiene(residente_id: PydanticObjectId | None, base_real: UnitOfWork) -> None:
    del base_real
    quien = Principal(
        usuario_id=PydanticObjectId(), rol=Rol.residente, sesion_id=PydanticObjectId(), residente_id=residente_id
    )
    with pytest.raises(SinResidente):
        await _inicio().ver(quien, idioma="es")
