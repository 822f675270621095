"""A request that somebody hides from its flat on the database, so that its time to answer goes by."""

from datetime import date, timedelta
from typing import Any

import pytest
from bson import ObjectId

from tests.wiring.complejo import Complejo, Vecina
from tests.wiring.test_permutas_escritas import publicado

__all__ = ["publicado"]


async def escondida(complejo: Complejo, sorteo: str, **campos: Any) -> tuple[Vecina, str, dict[str, Any]]:
    """Who won, their request, and what it was before."""
    ((vecina, solicitud), *_) = await complejo.de(sorteo, "asignada")
    solicitudes = complejo.aplicacion.base["solicitudes"]
    antes: Any = await solicitudes.find_one_and_update({"_id": ObjectId(solicitud["id"])}, {"$set": campos})
    return vecina, solicitud["id"], antes


async def denuncias(complejo: Complejo) -> list[Any]:
    return [fila["datos"] for fila in await complejo.todas("/auditoria?accion=bases_alteradas")]


@pytest.mark.parametrize("campos", [{"habitantes": []}, {"residente_id": ObjectId()}, {"clase": "moto"}])
async def test_its_time_does_not_run_out(complejo: Complejo, publicado: str, campos: dict[str, Any]) -> None:
    """The first beat says so. Put back, it stands as it did."""
    vecina, id, antes = await escondida(complejo, publicado, **campos, recordada=True)
    await complejo.latir()
    dicho = {"donde": "solicitudes", "folio": str(antes["folio"])}
    assert await denuncias(complejo) == [dicho]
    await complejo.hasta(complejo.ahora.date() + timedelta(days=5))
    assert antes["espacio"] not in [s["espacio"] for _, s in await complejo.de(publicado, "ofrecida")]
    await complejo.aplicacion.base["solicitudes"].replace_one({"_id": antes["_id"]}, antes)
    assert (await complejo.pedir("GET", f"/solicitudes/{id}", vecina.documento))["estado"] == "asignada"
    assert await denuncias(complejo) == [dicho]


async def test_whoever_looks_for_it_is_told(complejo: Complejo, publicado: str) -> None:
    """And so is the audit, at once."""
    vecina, id, antes = await escondida(complejo, publicado, habitantes=[])
    for metodo, ruta, mas in (
        ("GET", f"/solicitudes/{id}", {}),
        ("GET", f"/solicitudes/{id}/historial", {}),
        ("PATCH", f"/solicitudes/{id}/estado", {"json": {"estado": "aceptada"}}),
    ):
        negada = await complejo.pedir(metodo, ruta, vecina.documento, espera=409, **mas)
        assert (negada["codigo"], negada["datos"]["donde"]) == ("bases_alteradas", "solicitudes")
    assert await denuncias(complejo) == [{"donde": "solicitudes", "folio": str(antes["folio"])}]
    otra = next(v for v in complejo.vecinas.values() if v != vecina)
    await complejo.pedir("GET", f"/solicitudes/{id}", otra.documento, espera=404)


async def test_one_that_is_taken_away_and_put_back(complejo: Complejo, publicado: str) -> None:
    """For a beat, or for days."""
    await complejo.latir()
    _, _, antes = await escondida(complejo, publicado, recordada=True)
    await complejo.aplicacion.base["solicitudes"].delete_one({"_id": antes["_id"]})
    await complejo.latir()
    await complejo.aplicacion.base["solicitudes"].insert_one(antes)
    assert await denuncias(complejo) == [{"donde": "solicitudes", "folio": str(antes["folio"])}]


async def test_one_that_nobody_touched(complejo: Complejo, publicado: str) -> None:
    """Of which the answer does not come."""
    ((vecina, solicitud), *_) = await complejo.de(publicado, "asignada")
    await complejo.hasta(date(2026, 12, 30))
    assert (await complejo.pedir("GET", f"/solicitudes/{solicitud['id']}", vecina.documento))["estado"] == "vencida"
    assert await denuncias(complejo) == []
