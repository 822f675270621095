"""Whoever has the database can see what an act writes, and keep it from being there: its row of the audit is refused,
and the transaction undone. The marks of such an act are whole, and stop the step that would believe them."""

from collections.abc import Mapping
from typing import Any

import pytest
from bson import ObjectId

from tests.api.mundo import CORREO_ADMIN
from tests.wiring.complejo import Complejo, Vecina
from tests.wiring.escenas import escena
from tests.wiring.test_hechos import abierto, cerrado, detenido
from tests.wiring.test_pedidas import abierto as abierto_con
from tests.wiring.test_pedidas import decide, fila_de, pide
from tests.wiring.test_puestas_de_nuevo import detenido as sin_abrir


async def lo_que_escribiria(
    complejo: Complejo, coleccion: str, acto: str, ruta: str, cuerpo: Mapping[str, Any], quien: str = CORREO_ADMIN
) -> dict[str, Any]:
    """What the act sets in a row of `coleccion`, where nothing of it stays."""
    base = complejo.aplicacion.base
    await base.command("profile", 2)
    await base.command("collMod", "auditoria", validator={"accion": {"$ne": acto}})
    await complejo.pedir("PATCH", ruta, quien, json=cuerpo, espera=500)
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


async def test_a_right_that_nobody_gave(complejo: Complejo, vecina: Vecina) -> None:
    """At the gate, and for whoever would offer the space."""
    await complejo.cuenta({"email": "porteria@example.com", "rol": "porteria"})
    ruta, acto = "/sorteo/espacios/P-1", "sorteo_cambiar_espacio"
    titular = {"motivo": "escritura", "desde": "2026-01-01", "hasta": None, "unidad_id": vecina.unidad}
    await complejo.latir()
    puesto = await lo_que_escribiria(complejo, "espacios", acto, ruta, {"titular": titular})
    espacios = complejo.aplicacion.base["espacios"]
    espacio: Any = await espacios.find_one_and_update({"codigo": "P-1"}, {"$set": puesto})
    assert not await complejo.entra(vecina.placa)
    await complejo.latir()
    assert not await complejo.entra(vecina.placa)
    (fila,) = (await complejo.pedir("GET", "/auditoria?accion=espacio_alterado"))["items"]
    assert (fila["objeto"], fila["datos"]) == ([str(espacio["_id"])], {"donde": "titular"})
    # What somebody gives counts at once, before the watch has been there.
    await complejo.pedir("PATCH", ruta, json={"titular": titular})
    assert await complejo.entra(vecina.placa)


async def test_the_watch_finds_it_without_anybody_at_the_gate(complejo: Complejo, vecina: Vecina) -> None:
    ruta, acto = "/sorteo/espacios/P-1", "sorteo_cambiar_espacio"
    titular = {"motivo": "escritura", "desde": "2026-01-01", "hasta": None, "unidad_id": vecina.unidad}
    puesto = await lo_que_escribiria(complejo, "espacios", acto, ruta, {"titular": titular})
    await complejo.aplicacion.base["espacios"].update_one({"codigo": "P-1"}, {"$set": puesto})
    await complejo.latir()
    assert len((await complejo.pedir("GET", "/auditoria?accion=espacio_alterado"))["items"]) == 1


class TestSolicitudes:
    @escena
    async def pedida(self, complejo: Complejo, vecina: Vecina) -> tuple[str, str]:
        sorteo = await abierto_con(complejo, aprobacion="manual")
        return sorteo, await pide(complejo, sorteo, vecina)

    @pytest.mark.parametrize("dicho", [False, True])
    @pytest.mark.parametrize("estado", ["rechazada", "cancelada", "aprobada"])
    async def test_decided_by_nobody(
        self, complejo: Complejo, pedida: tuple[str, str], estado: str, dicho: bool
    ) -> None:
        """Whether or not the audit was told by then that it was handed in."""
        sorteo, id = pedida
        if dicho:
            await complejo.latir()
        cuerpo = {"estado": estado} | ({} if estado == "aprobada" else {"motivo": "no cumple con lo dicho"})
        acto, ruta = "solicitudes_mover_solicitud", f"/solicitudes/{id}/estado"
        puesto = await lo_que_escribiria(complejo, "solicitudes", acto, ruta, cuerpo)
        assert puesto["estado"] == estado
        await complejo.aplicacion.base["solicitudes"].update_one({"_id": ObjectId(id)}, {"$set": puesto})
        await detenido(complejo, sorteo, "solicitudes", id)

    async def test_decided_and_changed(self, complejo: Complejo, vecina: Vecina, pedida: tuple[str, str]) -> None:
        """By staff, and by who lives there, with no beat in between: each was told."""
        sorteo, id = pedida
        await decide(complejo, id, "aprobada")
        await complejo.pedir("PATCH", f"/solicitudes/{id}", vecina.documento, json={"acepta": ["carro"]})
        await decide(complejo, id, "aprobada")
        assert (await fila_de(complejo, id))["vez"] > 2
        await cerrado(complejo, sorteo)

    async def test_cancelled_by_who_asked(self, complejo: Complejo, vecina: Vecina, pedida: tuple[str, str]) -> None:
        sorteo, id = pedida
        await complejo.pedir("PATCH", f"/solicitudes/{id}/estado", vecina.documento, json={"estado": "cancelada"})
        await cerrado(complejo, sorteo)
