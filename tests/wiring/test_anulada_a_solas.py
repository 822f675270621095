"""One person annuls no draw of which a result is known: not by writing for a moment that nobody else could confirm it,
nor when it comes to stand, nor that who was made later was there before."""

from datetime import date, timedelta
from typing import Any

import pytest
from bson import ObjectId

from tests.wiring.complejo import SEMESTRE, Complejo, Vecina
from tests.wiring.escenas import escena

AUDITOR = "auditora@example.com"


@escena
async def pedida(complejo: Complejo, vecina: Vecina) -> str:  # noqa: ARG001 - who asks for a space
    """An annulment of a draw that was run, which waits for the auditor."""
    await complejo.cuenta({"email": AUDITOR, "rol": "auditor"})
    complejo.aplicacion.reloj.avanzar(days=1)
    sorteo = await complejo.sorteo("El primero", SEMESTRE, complejo.ahora + timedelta(days=20))
    await complejo.piden(sorteo)
    await complejo.hasta(date(2026, 12, 17))
    await complejo.pedir("POST", f"/sorteo/{sorteo}/ejecutar", json={"entropia": "4821 serie 072"})
    await complejo.pedir("POST", f"/sorteo/{sorteo}/anular", json={"motivo": "No gusta"})
    return sorteo


async def estado(complejo: Complejo, sorteo: str) -> str:
    suyo: str = (await complejo.pedir("GET", f"/sorteo/{sorteo}"))["estado"]
    return suyo


async def escribir(complejo: Complejo, coleccion: str, cual: dict[str, Any], cambio: dict[str, Any]) -> None:
    assert (await complejo.aplicacion.base[coleccion].update_one(cual, {"$set": cambio})).modified_count == 1


@pytest.mark.parametrize("escrito", [{"rol": "operador"}, {"activo": False}], ids=str)
async def test_nobody_else_for_a_moment(complejo: Complejo, pedida: str, escrito: dict[str, Any]) -> None:
    """And an hour ago it came to stand."""
    base = complejo.aplicacion.base
    antes: Any = await base["usuarios"].find_one({"email": AUDITOR})
    await escribir(complejo, "usuarios", {"email": AUDITOR}, escrito)
    hace_una_hora = {"anulacion.efecto_en": complejo.ahora - timedelta(hours=1)}
    await escribir(complejo, "sorteos", {"_id": ObjectId(pedida)}, hace_una_hora)
    await complejo.latir()
    assert await estado(complejo, pedida) == "ejecutado"
    await escribir(complejo, "usuarios", {"email": AUDITOR}, {campo: antes[campo] for campo in escrito})
    await complejo.hasta(complejo.ahora.date() + timedelta(days=5))
    assert await estado(complejo, pedida) == "ejecutado"
    await complejo.pedir("POST", f"/sorteo/{pedida}/anular/confirmar", AUDITOR)
    assert await estado(complejo, pedida) == "anulado"


async def test_by_when_the_draw_says_that_it_opened(complejo: Complejo, pedida: str) -> None:
    """Before anybody was there; and after a second account of who asks was made."""
    base, suyo = complejo.aplicacion.base["sorteos"], {"_id": ObjectId(pedida)}
    antes: Any = await base.find_one(suyo)
    await complejo.cuenta({"email": "otra@example.com", "rol": "auditor"})
    complejo.aplicacion.reloj.avanzar(minutes=1)
    await base.update_one(suyo, {"$set": {"abierto_en": complejo.ahora}})
    negado = await complejo.pedir("POST", f"/sorteo/{pedida}/anular/confirmar", "otra@example.com", espera=403)
    assert negado["codigo"] == "confirmador_reciente"
    hace_anos = complejo.ahora - timedelta(days=999)
    await base.update_one(suyo, {"$set": {"abierto_en": hace_anos, "anulacion.efecto_en": hace_anos}})
    await complejo.latir()
    await base.update_one(suyo, {"$set": {"abierto_en": antes["abierto_en"]}})
    await complejo.latir()
    assert await estado(complejo, pedida) == "ejecutado"


async def test_an_account_that_nobody_made(complejo: Complejo, pedida: str) -> None:
    """Put there as the auditor is, it confirms nothing."""
    usuarios = complejo.aplicacion.base["usuarios"]
    await complejo.cuenta({"email": "otra@example.com", "rol": "operador"})
    suya: Any = await usuarios.find_one({"email": AUDITOR}, ["rol", "rol_desde", "creado_en"])
    escrito = {campo: suya[campo] for campo in ("rol", "rol_desde", "creado_en")}
    await usuarios.update_one({"email": "otra@example.com"}, {"$set": escrito})
    negado = await complejo.pedir("POST", f"/sorteo/{pedida}/anular/confirmar", "otra@example.com", espera=403)
    assert negado["codigo"] == "confirmador_reciente"


async def test_when_there_is_nobody_else(complejo: Complejo, vecina: Vecina) -> None:  # noqa: ARG001 - who asks
    """It stands 72 hours after that was judged, and not when the draw says."""
    sorteo = await complejo.sorteo("El primero", SEMESTRE, complejo.ahora + timedelta(days=20))
    await complejo.piden(sorteo)
    await complejo.hasta(date(2026, 12, 17))
    await complejo.pedir("POST", f"/sorteo/{sorteo}/ejecutar", json={"entropia": "4821 serie 072"})
    await complejo.pedir("POST", f"/sorteo/{sorteo}/anular", json={"motivo": "No gusta"})
    hace_una_hora = {"anulacion.efecto_en": complejo.ahora - timedelta(hours=1)}
    await escribir(complejo, "sorteos", {"_id": ObjectId(sorteo)}, hace_una_hora)
    complejo.aplicacion.reloj.avanzar(hours=1)
    await complejo.latir()
    assert await estado(complejo, sorteo) == "ejecutado"
    complejo.aplicacion.reloj.avanzar(hours=71)
    await complejo.latir()
    assert await estado(complejo, sorteo) == "ejecutado"
    complejo.aplicacion.reloj.avanzar(hours=1)
    await complejo.latir()
    assert await estado(complejo, sorteo) == "anulado"
