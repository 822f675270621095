"""What something names is not deleted, nor while somebody makes it be named."""

import asyncio
import contextvars
from collections.abc import Collection
from typing import Any

import pytest
from beanie import PydanticObjectId

from app.modules.sorteo.public import RegistroDeEspacios
from tests.wiring.complejo import Complejo
from tests.wiring.escenas import escena

DERECHO = {"motivo": "Escritura", "desde": "2026-01-01"}


@escena
async def vacia(complejo: Complejo) -> dict[str, Any]:
    """A flat in which nobody ever lived; and there is a space."""
    await complejo.pedir("POST", "/sorteo/espacios", json={"codigo": "P-1", "tipo": "carro"})
    unidad: dict[str, Any] = await complejo.pedir(
        "POST", "/residentes/unidades", json={"torre": "1", "apartamento": "101"}
    )
    return unidad


async def _dar(complejo: Complejo, unidad: dict[str, Any], **mas: Any) -> None:
    await complejo.pedir("PATCH", "/sorteo/espacios/P-1", json={"titular": DERECHO | {"unidad_id": unidad["id"]} | mas})


@pytest.mark.parametrize("mas", [{}, {"hasta": "2026-02-01"}])
async def test_a_flat_with_a_right_to_a_space(complejo: Complejo, vacia: dict[str, Any], mas: dict[str, Any]) -> None:
    """Also one that is over: the space names the flat."""
    await _dar(complejo, vacia, **mas)
    ruta = f"/residentes/unidades/{vacia['id']}"
    assert (await complejo.pedir("DELETE", ruta, espera=409))["codigo"] == "unidad_en_uso"
    await complejo.pedir("PATCH", "/sorteo/espacios/P-1", json={"titular": None})
    await complejo.pedir("DELETE", ruta, espera=204)


async def test_a_flat_that_is_given_one_at_that_moment(
    complejo: Complejo, vacia: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    preguntar, veces = RegistroDeEspacios.unidades_con_derecho, 0

    async def y_mientras(
        self: RegistroDeEspacios, *, unidades: Collection[PydanticObjectId]
    ) -> frozenset[PydanticObjectId]:
        nonlocal veces
        veces += 1
        dicho = await preguntar(self, unidades=unidades)
        if veces == 1:
            await asyncio.create_task(_dar(complejo, vacia), context=contextvars.Context())
        return dicho

    monkeypatch.setattr(RegistroDeEspacios, "unidades_con_derecho", y_mientras)
    ruta = f"/residentes/unidades/{vacia['id']}"
    assert (await complejo.pedir("DELETE", ruta, espera=409))["codigo"] == "unidad_en_uso"
    assert veces == 2
    assert (await complejo.pedir("GET", "/sorteo/espacios/P-1"))["titular"]["unidad_id"] == vacia["id"]
