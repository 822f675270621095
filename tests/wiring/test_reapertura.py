"""A reopening goes in batches, and the audit has a row of each."""

from datetime import date, timedelta
from typing import Any

import pytest

from app.modules.sorteo.pasos import reapertura
from app.shared.exceptions import NoDisponible
from tests.loteria import instante
from tests.wiring.complejo import Complejo


async def test_one_that_stopped_half_way_is_finished(complejo: Complejo, monkeypatch: pytest.MonkeyPatch) -> None:
    """What its first batch left in the audit is not taken for the closing that it fixes."""
    vecina = await complejo.muda("101", "Ana", "1")
    await complejo.pedir("POST", "/sorteo/espacios", json={"codigo": "P-1", "tipo": "carro"})
    cierre = complejo.ahora + timedelta(days=20)
    sorteo = await complejo.sorteo("El primero", (date(2027, 1, 1), date(2027, 6, 30)), cierre, aprobacion="manual")
    pedido = {"sorteo_id": sorteo, "unidad_id": vecina.unidad, "vehiculo_id": vecina.vehiculo}
    await complejo.pedir("POST", "/solicitudes", json=pedido)
    await complejo.hasta(cierre.date() + timedelta(days=1))  # it closes by itself, and approves who is to be decided

    async def fallar(*_: Any) -> None:
        raise NoDisponible()

    monkeypatch.setattr(reapertura, "LOTE", 1)
    motivo = {"motivo": "faltó alguien", "cierre": instante(complejo.ahora + timedelta(days=2))}
    with monkeypatch.context() as roto:
        roto.setattr(reapertura.ReaperturaService, "_abrir", fallar)
        await complejo.pedir("POST", f"/sorteo/{sorteo}/reabrir", espera=503, json=motivo)
    assert (await complejo.pedir("POST", f"/sorteo/{sorteo}/reabrir", json=motivo))["estado"] == "abierto"
    await complejo.hasta(complejo.ahora.date() + timedelta(days=3))
    assert (await complejo.pedir("GET", f"/sorteo/{sorteo}"))["estado"] == "cerrado"
