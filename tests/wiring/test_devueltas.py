"""An assignment that was given back or taken away, and is put back on the database as it once was with its mark."""

from datetime import date
from typing import Any

import pytest
from bson import ObjectId

from tests.wiring.complejo import Complejo
from tests.wiring.test_ocupaciones import acepta, borrador, primero

__all__ = ["primero"]


async def puesta_de_nuevo(complejo: Complejo, sorteo: str, como: str) -> dict[str, Any]:
    """The assignment, with the claim on its space, once the audit and the watch know no more of it than was told."""
    codigo = await acepta(complejo, sorteo)
    base = complejo.aplicacion.base
    suya: Any = await base["asignaciones"].find_one({"espacio": codigo})
    espacio: Any = await base["espacios"].find_one({"codigo": codigo})
    if como == "devolver":
        await complejo.pedir("POST", f"/sorteo/asignaciones/{suya['_id']}/devolver", "1")
    else:
        await complejo.pedir("POST", f"/sorteo/asignaciones/{suya['_id']}/revocar", json={"motivo": "Se fue"})
    await base["asignaciones"].replace_one({"_id": suya["_id"]}, suya)
    await base["espacios"].update_one({"codigo": codigo}, {"$set": {"ocupaciones": espacio["ocupaciones"]}})
    return dict(suya)


@pytest.mark.parametrize("como", ["devolver", "revocar"])
async def test_the_gate_lets_nobody_in(complejo: Complejo, primero: str, como: str) -> None:
    suya = await puesta_de_nuevo(complejo, primero, como)
    await complejo.cuenta({"email": "porteria@example.com", "rol": "porteria"})
    await complejo.hasta(date(2027, 1, 2))
    assert await complejo.entra(complejo.vecinas["101"].placa) is None
    filas = await complejo.todas("/auditoria?accion=asignacion_alterada")
    assert [fila["objeto"] for fila in filas] == [[str(suya["_id"])]]


async def test_an_opening_stops(complejo: Complejo, primero: str) -> None:
    suya = await puesta_de_nuevo(complejo, primero, "devolver")
    sorteo = await borrador(complejo)
    negado = await complejo.pedir("POST", f"/sorteo/{sorteo}/abrir", espera=409)
    espacio: Any = await complejo.aplicacion.base["espacios"].find_one({"codigo": suya["espacio"]})
    assert negado["datos"] == {"donde": "ocupaciones", "objeto": str(espacio["_id"]), "espacio": suya["espacio"]}


async def test_one_that_nobody_touched(complejo: Complejo, primero: str) -> None:
    """The watch finds nothing, and the gate lets its car in."""
    codigo = await acepta(complejo, primero)
    await complejo.cuenta({"email": "porteria@example.com", "rol": "porteria"})
    await complejo.hasta(date(2027, 1, 2))
    assert await complejo.entra(complejo.vecinas["101"].placa) == codigo
    assert await complejo.todas("/auditoria?accion=asignacion_alterada") == []
    assert await complejo.aplicacion.base["asignaciones"].count_documents({"sorteo_id": ObjectId(primero)}) == 1
