"""Whoever has the database may have it refuse rows of the audit, for as long as it takes. What was refused a process
remembers until it stands there, and no draw takes a step meanwhile."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Any

import pytest
from bson import ObjectId
from pymongo.errors import WriteError

from tests.wiring.complejo import Complejo, LatidoALaMano, Vecina
from tests.wiring.escenas import escena
from tests.wiring.test_hechos import abierto, cerrado
from tests.wiring.test_lo_que_se_muestra import publicado

__all__ = ["publicado"]


@asynccontextmanager
async def negados(complejo: Complejo, *acciones: str) -> AsyncIterator[None]:
    base = complejo.aplicacion.base
    await base.command("collMod", "auditoria", validator={"accion": {"$nin": list(acciones)}})
    yield
    await base.command("collMod", "auditoria", validator={})
    for _ in range(2):
        await complejo.latir()


async def latir_como_se_puede() -> None:
    """What fails is tried again at the next beat."""
    for tarea in LatidoALaMano.tareas:
        with suppress(WriteError):
            await tarea()


async def datos_de(complejo: Complejo, accion: str) -> list[Mapping[str, Any]]:
    filas = (await complejo.pedir("GET", f"/auditoria?accion={accion}"))["items"]
    assert all(fila["resultado"] == "rechazado" for fila in filas)
    return [fila["datos"] for fila in filas]


@escena
async def vecina(complejo: Complejo) -> Vecina:
    await complejo.pedir("POST", "/sorteo/espacios", json={"codigo": "P-1", "tipo": "carro"})
    return await complejo.muda("101", "Ana", "1")


async def test_what_a_watch_found_while_nobody_could_be_told(complejo: Complejo, publicado: str) -> None:
    """And is not there any more when they can."""
    for suya, solicitud in await complejo.de(publicado, "asignada"):
        await complejo.responde(suya, solicitud, "aceptada")
    asignaciones = complejo.aplicacion.base["asignaciones"]
    una: Any = await asignaciones.find_one({"estado": "vigente"})
    async with negados(complejo, "asignacion_alterada", "auditoria_impedida", "acto_deshecho"):
        await asignaciones.update_one({"_id": una["_id"]}, {"$set": {"unidad_id": ObjectId()}})
        await latir_como_se_puede()
        await asignaciones.update_one({"_id": una["_id"]}, {"$set": {"unidad_id": una["unidad_id"]}})
    filas = (await complejo.pedir("GET", "/auditoria?accion=asignacion_alterada"))["items"]
    assert [fila["objeto"] for fila in filas] == [[str(una["_id"])]]
    assert await datos_de(complejo, "auditoria_impedida") == [{}]
    assert (await complejo.pedir("GET", "/auditoria/verificacion"))["integra"] is True


@pytest.mark.parametrize("negado", ["residentes_cambiar_unidad", "unidades_escritas"])
async def test_an_act_of_which_nothing_stayed(complejo: Complejo, vecina: Vecina, negado: str) -> None:
    """The row of the act, or what it told: who saw what it wrote may put it there."""
    async with negados(complejo, negado):
        ruta = f"/residentes/unidades/{vecina.unidad}"
        await complejo.pedir("PATCH", ruta, json={"perdidos_previos": {"carro": 5}}, espera=500)
    (fila,) = (await complejo.pedir("GET", "/auditoria?accion=acto_deshecho"))["items"]
    assert (fila["datos"], fila["resultado"]) == ({"accion": "residentes_cambiar_unidad"}, "rechazado")
    assert vecina.unidad in fila["objeto"]
    assert fila["actor"] is not None


async def test_no_step_is_taken_meanwhile(complejo: Complejo, vecina: Vecina) -> None:
    sorteo = await abierto(complejo)
    async with negados(complejo, "bases_alteradas"):
        problema = await complejo.pedir("POST", f"/sorteo/{sorteo}/cerrar", espera=503)
        assert problema["codigo"] == "no_disponible_ahora"
        await complejo.latir()
    assert await datos_de(complejo, "auditoria_impedida") == [{}]
    await cerrado(complejo, sorteo)
    assert vecina.apartamento == "101"


async def test_nor_by_the_clock(complejo: Complejo, vecina: Vecina) -> None:
    sorteo = await abierto(complejo)
    async with negados(complejo, "bases_alteradas"):
        await complejo.hasta(complejo.ahora.date() + timedelta(days=21))
        assert (await complejo.pedir("GET", f"/sorteo/{sorteo}"))["estado"] == "abierto"
    assert (await complejo.pedir("GET", f"/sorteo/{sorteo}"))["estado"] == "cerrado"
    assert vecina.apartamento == "101"


async def test_what_is_refused_as_rules_say_is_no_alarm(complejo: Complejo, vecina: Vecina) -> None:
    placa = {"tipo": "carro", "placa": vecina.placa}
    await complejo.pedir("POST", f"/residentes/unidades/{vecina.unidad}/vehiculos", json=placa, espera=409)
    for _ in range(3):
        await complejo.latir()
    assert await datos_de(complejo, "acto_deshecho") == []
