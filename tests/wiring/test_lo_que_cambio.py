"""Whoever has the database hides no change of a fact between opening and closing: what the audit was told of them is
listed."""

from datetime import timedelta
from typing import Any

import pytest

from tests.wiring.complejo import Complejo, Vecina
from tests.wiring.escenas import escena
from tests.wiring.test_hechos import CONDICION, abierto, cerrado, decidir, escribir
from tests.wiring.test_hechos_de_antes import fila


@escena
async def vecina(complejo: Complejo) -> Vecina:
    await complejo.pedir("POST", "/sorteo/espacios", json={"codigo": "P-1", "tipo": "carro"})
    suya = await complejo.muda("101", "Ana", "1")
    await complejo.hasta(complejo.ahora.date() + timedelta(days=1))
    return suya


@escena
async def sorteo(complejo: Complejo, vecina: Vecina) -> str:  # noqa: ARG001 - who asks
    return await abierto(complejo)


async def listados(complejo: Complejo, sorteo: str) -> list[str]:
    """What the closing says that changed, of the one request that there is."""
    await cerrado(complejo, sorteo)
    cambios = (await complejo.pedir("GET", f"/sorteo/{sorteo}/exclusiones"))["cambios"]
    assert {c["folio"] for c in cambios} <= {1}
    return sorted(c["campo"] for c in cambios)


async def test_of_a_flat_that_says_nothing_of_it_any_more(complejo: Complejo, vecina: Vecina, sorteo: str) -> None:
    ruta = f"/residentes/unidades/{vecina.unidad}"
    await complejo.pedir("PATCH", ruta, json={"perdidos_previos": {"carro": 5}})
    archivo = ("mora.csv", b"torre,apartamento,al_dia\n1,101,no\n", "text/csv")
    await complejo.pedir("POST", "/residentes/paz-y-salvo?modo=parcial&confirmar=true", files={"archivo": archivo})
    sancion = {"motivo": "Ruido", "desde": "2026-01-01", "hasta": "2026-02-01", "excluye": True}
    await complejo.pedir("POST", f"{ruta}/sanciones", json=sancion)
    await escribir(complejo, "unidades", vecina.unidad, {"cambiados_en": {}})
    assert await listados(complejo, sorteo) == ["al_dia", "perdidos_previos", "sanciones"]


async def test_of_who_lives_there(complejo: Complejo, vecina: Vecina, sorteo: str) -> None:
    await complejo.pedir("POST", "/residentes/yo/condiciones", vecina.documento, json=CONDICION)
    await decidir(complejo, vecina, "verificada")
    await complejo.pedir("PATCH", f"/residentes/{vecina.id}", json={"fecha_ingreso": "1990-01-01"})
    await complejo.llega("101", "Beto", "2", "arrendatario")
    await escribir(complejo, "unidades", vecina.unidad, {"cambiados_en": {}})
    await escribir(complejo, "residentes", vecina.id, {"condiciones.0.decidida_en": None})
    assert await listados(complejo, sorteo) == ["condiciones", "fecha_ingreso", "residentes"]


async def test_none_is_listed_twice(complejo: Complejo, vecina: Vecina, sorteo: str) -> None:
    """As it stands with the flat, and as it was told."""
    await complejo.pedir("PATCH", f"/residentes/unidades/{vecina.unidad}", json={"al_dia": False})
    await decidir(complejo, vecina, "verificada")
    assert await listados(complejo, sorteo) == ["al_dia", "condiciones"]


async def test_what_changed_before_the_opening_is_not(complejo: Complejo, vecina: Vecina) -> None:
    await complejo.pedir("PATCH", f"/residentes/unidades/{vecina.unidad}", json={"perdidos_previos": {"carro": 5}})
    await complejo.hasta(complejo.ahora.date() + timedelta(days=1))
    assert await listados(complejo, await abierto(complejo)) == []


class TestEscritoAntes:
    """What staff state is on the database already, so that nothing seems to change."""

    @pytest.mark.parametrize(
        ("hecho", "escrito"), [("al_dia", False), ("perdidos_previos", {"carro": 9}), ("torre", "2")]
    )
    async def test_of_a_flat(self, complejo: Complejo, vecina: Vecina, sorteo: str, hecho: str, escrito: Any) -> None:
        await escribir(complejo, "unidades", vecina.unidad, {hecho: escrito})
        await complejo.pedir("PATCH", f"/residentes/unidades/{vecina.unidad}", json={hecho: escrito})
        assert await listados(complejo, sorteo) == [hecho]

    async def test_of_a_resident(self, complejo: Complejo, vecina: Vecina, sorteo: str) -> None:
        await escribir(complejo, "residentes", vecina.id, {"fecha_ingreso": "1990-01-01"})
        await complejo.pedir("PATCH", f"/residentes/{vecina.id}", json={"fecha_ingreso": "1990-01-01"})
        assert await listados(complejo, sorteo) == ["fecha_ingreso"]

    async def test_where_they_live(self, complejo: Complejo, vecina: Vecina, sorteo: str) -> None:
        await escribir(complejo, "residentes", vecina.id, {"unidades.0.tenencia": "arrendatario"})
        suya = {"torre": "1", "apartamento": "101", "tenencia": "arrendatario"}
        await complejo.pedir("PATCH", f"/residentes/{vecina.id}", json={"unidades": [suya]})
        assert await listados(complejo, sorteo) == ["residentes"]

    @pytest.mark.parametrize("veces", [1, 2])
    async def test_with_the_mark_that_it_once_had(self, complejo: Complejo, vecina: Vecina, veces: int) -> None:
        """As it was put in, or stated since: what was stated in between is what changed."""
        ruta = f"/residentes/unidades/{vecina.unidad}"
        dichos = {"perdidos_previos": {"carro": 5}, "torre": "2"}
        for n in range(veces):
            antes = await fila(complejo, "unidades", vecina.unidad)
            alterno = {"perdidos_previos": {"carro": 0}, "torre": "1"}
            await complejo.pedir("PATCH", ruta, json=alterno if n else dichos)
        await complejo.hasta(complejo.ahora.date() + timedelta(days=1))
        sorteo = await abierto(complejo)
        await escribir(complejo, "unidades", vecina.unidad, {c: antes[c] for c in (*dichos, "marcas")})
        puestos = {c: antes[c] for c in dichos}
        await complejo.pedir("PATCH", ruta, json=puestos)
        await complejo.pedir("PATCH", ruta, json=puestos)
        assert await listados(complejo, sorteo) == ["perdidos_previos", "torre"]

    async def test_of_a_resident_with_the_mark_that_it_once_had(self, complejo: Complejo, vecina: Vecina) -> None:
        ruta = f"/residentes/{vecina.id}"
        suya = {"torre": "1", "apartamento": "101", "tenencia": "propietario"}
        await complejo.pedir("PATCH", ruta, json={"fecha_ingreso": "1990-01-01", "unidades": [suya]})
        antes = await fila(complejo, "residentes", vecina.id)
        otra = suya | {"tenencia": "arrendatario"}
        await complejo.pedir("PATCH", ruta, json={"fecha_ingreso": "2020-01-01", "unidades": [otra]})
        await complejo.hasta(complejo.ahora.date() + timedelta(days=1))
        sorteo = await abierto(complejo)
        await escribir(
            complejo, "residentes", vecina.id, {c: antes[c] for c in ("fecha_ingreso", "unidades", "marcas")}
        )
        await complejo.pedir("PATCH", ruta, json={"fecha_ingreso": "1990-01-01", "unidades": [suya]})
        assert await listados(complejo, sorteo) == ["fecha_ingreso", "residentes"]


async def test_what_is_stated_as_it_stands_is_no_change(complejo: Complejo, vecina: Vecina, sorteo: str) -> None:
    suya = {"torre": "1", "apartamento": "101", "tenencia": "propietario"}
    for _ in range(2):
        await complejo.pedir("PATCH", f"/residentes/unidades/{vecina.unidad}", json={"al_dia": True, "torre": "1"})
        await complejo.pedir("PATCH", f"/residentes/{vecina.id}", json={"fecha_ingreso": None, "unidades": [suya]})
    assert await listados(complejo, sorteo) == []
