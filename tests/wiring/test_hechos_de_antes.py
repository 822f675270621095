"""A fact of a flat that is put back as it once was, with its mark, stops the closing, once somebody stated it since."""

from collections.abc import Collection
from typing import Any

import pytest
from bson import ObjectId

from tests.wiring.complejo import Complejo, Vecina
from tests.wiring.test_hechos import abierto, cerrado, detenido

FILA = "torre,apartamento,al_dia\n1,101,{}\n"


@pytest.fixture
async def vecina(complejo: Complejo) -> Vecina:
    await complejo.pedir("POST", "/sorteo/espacios", json={"codigo": "P-1", "tipo": "carro"})
    return await complejo.muda("101", "Ana", "1")


@pytest.fixture
async def sorteo(complejo: Complejo, vecina: Vecina) -> str:  # noqa: ARG001 - who asks
    """Open, with a request of each flat."""
    return await abierto(complejo)


async def fila(complejo: Complejo, coleccion: str, id: str) -> dict[str, Any]:
    """As it is stored now."""
    suya: Any = await complejo.aplicacion.base[coleccion].find_one({"_id": ObjectId(id)})
    return dict(suya)


async def poner(
    complejo: Complejo, coleccion: str, antes: dict[str, Any], hecho: str, partes: Collection[str] = ()
) -> None:
    """Whoever has the database puts the fact back, and its mark, once the audit was told of what came after."""
    await complejo.latir()
    marcas = {f"marcas.{cual}": antes["marcas"][cual] for cual in (hecho, *partes)}
    cambio = {"$set": {hecho: antes[hecho]} | marcas}
    hecha = await complejo.aplicacion.base[coleccion].update_one({"_id": antes["_id"]}, cambio)
    assert hecha.modified_count == 1


async def lista(complejo: Complejo, dice: str) -> None:
    archivo = ("mora.csv", FILA.format(dice).encode(), "text/csv")
    await complejo.pedir("POST", "/residentes/paz-y-salvo?modo=parcial&confirmar=true", files={"archivo": archivo})


class TestUnidad:
    @pytest.mark.parametrize(
        ("hecho", "luego", "dicho"),
        [("al_dia", False, True), ("perdidos_previos", {"carro": 9}, {"carro": None}), ("torre", "2", "1")],
    )
    @pytest.mark.parametrize("veces", [1, 2])
    async def test_as_it_was(
        self, complejo: Complejo, vecina: Vecina, sorteo: str, hecho: str, luego: Any, dicho: Any, veces: int
    ) -> None:
        """When it was put in, or between two changes."""
        ruta = f"/residentes/unidades/{vecina.unidad}"
        for n in range(veces):
            antes = await fila(complejo, "unidades", vecina.unidad)
            await complejo.pedir("PATCH", ruta, json={hecho: dicho if n % 2 else luego})
        await poner(complejo, "unidades", antes, hecho)
        await detenido(complejo, sorteo, hecho, vecina.unidad)
        # Whoever changes another fact of the flat does not make this one the latest.
        otro = {"cupo": 3} if hecho == "al_dia" else {"al_dia": True}
        await complejo.pedir("PATCH", ruta, json=otro)
        await detenido(complejo, sorteo, hecho, vecina.unidad)
        await complejo.pedir("PATCH", ruta, json={hecho: dicho})
        await complejo.latir()
        await cerrado(complejo, sorteo)

    async def test_what_a_file_of_arrears_said(self, complejo: Complejo, vecina: Vecina, sorteo: str) -> None:
        await lista(complejo, "no")
        await lista(complejo, "si")
        antes = await fila(complejo, "unidades", vecina.unidad)
        await lista(complejo, "no")
        await poner(complejo, "unidades", antes, "al_dia")
        await detenido(complejo, sorteo, "al_dia", vecina.unidad)
        await lista(complejo, "no")
        await complejo.latir()
        await cerrado(complejo, sorteo)

    async def test_what_acts_do(self, complejo: Complejo, vecina: Vecina, sorteo: str) -> None:
        """Stated in each way, and told before each of the others: the last is believed."""
        for _ in range(2):
            await lista(complejo, "no")
            await complejo.latir()
            for al_dia in (False, True):
                await complejo.pedir("PATCH", f"/residentes/unidades/{vecina.unidad}", json={"al_dia": al_dia})
                await complejo.latir()
        await cerrado(complejo, sorteo)
        assert (await complejo.pedir("GET", "/auditoria/verificacion"))["integra"] is True

    async def test_before_the_audit_was_told_of_it(self, complejo: Complejo, vecina: Vecina, sorteo: str) -> None:
        """What was stated is later than what was told, and is believed."""
        await lista(complejo, "no")
        await complejo.latir()
        await lista(complejo, "si")
        await cerrado(complejo, sorteo)
        assert vecina.unidad
