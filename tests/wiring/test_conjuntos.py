"""The sets of rules that come with the house, sent to the whole application, and what they make of flats."""

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.wiring.complejo import RESERVA, Complejo

CARPETA = Path(__file__).parents[2] / "docs/prioridades"
VIGENCIA = (date(2027, 1, 1), date(2027, 6, 30))
CONDICIONES = {"101": RESERVA, "102": "presente"}
ESPERADAS = {
    "brasil": {"101": (2, 1), "102": (1, 1), "103": (3, 1), "104": (2, 1)},
    "chile": {"101": (1, 1), "103": (9, 1), "104": (5, 3)},
    "colombia": {"101": (1, 1), "103": (9, 1), "104": (4, 5)},
}
"""Level and balls: of who has a right; who is at the assembly; who owes; a tenant whose flat lost two draws."""


@pytest.mark.parametrize("pais", ESPERADAS)
async def test_an_assembly_chooses_one(complejo: Complejo, pais: str) -> None:
    await complejo.pedir(
        "POST", "/sorteo/prioridades/conjuntos", json=json.loads((CARPETA / f"{pais}.json").read_bytes())
    )
    hay = {condicion["codigo"] for condicion in (await complejo.pedir("GET", "/residentes/condiciones"))["items"]}
    assert ("presente" in hay) == (pais == "brasil")
    unidades: dict[str, dict[str, Any]] = {"103": {"al_dia": False}, "104": {"perdidos_previos": {"carro": 2}}}
    for apartamento in ESPERADAS[pais]:
        tenencia = "arrendatario" if apartamento == "104" else "propietario"
        vecina = await complejo.muda(
            apartamento, "Vecina", f"1{apartamento}", tenencia, **unidades.get(apartamento, {})
        )
        if codigo := CONDICIONES.get(apartamento):
            dada = {"estado": "verificada", "persona": "titular", "vigente_hasta": "2026-12-31"}
            await complejo.pedir("PUT", f"/residentes/{vecina.id}/condiciones/{codigo}", json=dada)
    await complejo.pedir("POST", "/sorteo/espacios", json={"codigo": "P-1", "tipo": "carro"})
    sorteo = await complejo.sorteo("Uno", VIGENCIA, complejo.ahora + timedelta(days=2), exige_al_dia=False)
    await complejo.piden(sorteo)
    evaluadas = await complejo.todas(f"/sorteo/{sorteo}/evaluacion")
    folios = {s["folio"]: v.apartamento for v, s in await complejo.de(sorteo, "aprobada")}
    assert {folios[e["folio"]]: (e["nivel"], e["boletas"]) for e in evaluadas} == ESPERADAS[pais]
