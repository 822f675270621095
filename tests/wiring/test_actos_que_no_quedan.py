"""Whoever has the database can see what an act writes, and keep it from being there: its row of the audit is refused,
and the transaction undone. The marks of such an act are whole, and stop the step that would believe them."""

from collections.abc import Mapping
from typing import Any

import pytest
from bson import ObjectId

from tests.wiring.complejo import Complejo, Vecina
from tests.wiring.escenas import escena
from tests.wiring.test_hechos import abierto, cerrado, detenido
from tests.wiring.test_puestas_de_nuevo import detenido as sin_abrir


async def lo_que_escribiria(
    complejo: Complejo, coleccion: str, acto: str, ruta: str, cuerpo: Mapping[str, Any]
) -> dict[str, Any]:
    """What the act sets in a row of `coleccion`, where nothing of it stays."""
    base = complejo.aplicacion.base
    await base.command("profile", 2)
    await base.command("collMod", "auditoria", validator={"accion": {"$ne": acto}})
    await complejo.pedir("PATCH", ruta, json=cuerpo, espera=500)
    await base.command("profile", 0)
    await base.command("collMod", "auditoria", validator={})
    vistas = await base["system.profile"].find({"ns": f"{base.name}.{coleccion}"}).to_list(None)
    await base["system.profile"].drop()
    escritas = [v["command"]["update"]["$set"] for v in vistas if "$set" in v["command"].get("update", {})]
    return dict(escritas[-1])


@escena
async def vecina(complejo: Complejo) -> Vecina:
    await complejo.pedir("POST", "/sorteo/espacios", json={"codigo": "P-1", "tipo": "carro"})
    return await complejo.muda("101", "Ana", "1")


@pytest.mark.parametrize("antes", [False, True])
async def test_a_fact_that_nobody_stated(complejo: Complejo, vecina: Vecina, antes: bool) -> None:
    """Whether or not somebody stated it before."""
    ruta = f"/residentes/unidades/{vecina.unidad}"
    if antes:
        await complejo.pedir("PATCH", ruta, json={"perdidos_previos": {"carro": 1}})
    sorteo = await abierto(complejo)
    acto = "residentes_cambiar_unidad"
    puesto = await lo_que_escribiria(complejo, "unidades", acto, ruta, {"perdidos_previos": {"carro": 9}})
    assert puesto["perdidos_previos"] == {"carro": 9}
    await complejo.aplicacion.base["unidades"].update_one({"_id": ObjectId(vecina.unidad)}, {"$set": puesto})
    await detenido(complejo, sorteo, "perdidos_previos", vecina.unidad)
    await complejo.pedir("PATCH", ruta, json={"perdidos_previos": {"carro": 1}})
    await cerrado(complejo, sorteo)


async def test_a_space_that_nobody_changed(complejo: Complejo, borrador: str) -> None:
    ruta, acto = "/sorteo/espacios/P-1", "sorteo_cambiar_espacio"
    puesto = await lo_que_escribiria(complejo, "espacios", acto, ruta, {"reserva": None, "activo": False})
    espacio: Any = await complejo.aplicacion.base["espacios"].find_one_and_update({"codigo": "P-1"}, {"$set": puesto})
    assert (espacio["activo"], puesto["activo"]) == (True, False)
    await sin_abrir(complejo, borrador, {"donde": "inventario", "objeto": str(espacio["_id"])})
