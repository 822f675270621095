"""What an act states of facts and requests stands in the audit in the transaction of the act: whoever ends the process
right after it, before any beat, and puts back what was there, is found all the same."""

from datetime import timedelta
from typing import Any

import pytest
from bson import ObjectId

from tests.wiring import test_pedidas
from tests.wiring.complejo import SEMESTRE, Complejo, Vecina
from tests.wiring.test_hechos import CONDICION, abierto, detenido
from tests.wiring.test_hechos_de_antes import fila, lista
from tests.wiring.test_hechos_de_antes import vecina as vecina


@pytest.fixture
async def sorteo(complejo: Complejo, vecina: Vecina) -> str:  # noqa: ARG001 - who asks
    """Open, with a request of each flat, of which the audit was told."""
    sorteo = await abierto(complejo)
    await complejo.latir()
    return sorteo


async def poner(complejo: Complejo, coleccion: str, antes: dict[str, Any]) -> None:
    """Whoever has the database puts the row back. Nothing was told since by a process, which is gone."""
    hecho = await complejo.aplicacion.base[coleccion].replace_one({"_id": antes["_id"]}, antes)
    assert hecho.modified_count == 1


class TestHechos:
    @pytest.mark.parametrize("archivo", [False, True])
    async def test_of_a_flat(self, complejo: Complejo, vecina: Vecina, sorteo: str, archivo: bool) -> None:
        """Also what a list of arrears says of many."""
        antes = await fila(complejo, "unidades", vecina.unidad)
        if archivo:
            await lista(complejo, "no")
        else:
            await complejo.pedir("PATCH", f"/residentes/unidades/{vecina.unidad}", json={"al_dia": False})
        await poner(complejo, "unidades", antes)
        await detenido(complejo, sorteo, "al_dia", vecina.unidad)

    async def test_of_a_resident(self, complejo: Complejo, vecina: Vecina, sorteo: str) -> None:
        """Also what they say of themselves, which is no act of staff."""
        antes = await fila(complejo, "residentes", vecina.id)
        await complejo.pedir("POST", "/residentes/yo/condiciones", vecina.documento, json=CONDICION)
        await poner(complejo, "residentes", antes)
        await detenido(complejo, sorteo, "condiciones", vecina.id)

    async def test_of_a_space(self, complejo: Complejo, vecina: Vecina) -> None:
        """One that was withdrawn, put back in use."""
        await complejo.pedir("POST", "/sorteo/espacios", json={"codigo": "P-2", "tipo": "carro"})
        borrador = await complejo.borrador("El primero", SEMESTRE, complejo.ahora + timedelta(days=20))
        antes = await complejo.aplicacion.base["espacios"].find_one({"codigo": "P-1"})
        assert antes is not None
        await complejo.pedir("PATCH", "/sorteo/espacios/P-1", json={"activo": False})
        await poner(complejo, "espacios", antes)
        negado = await complejo.pedir("POST", f"/sorteo/{borrador}/abrir", espera=409)
        assert negado["datos"] == {"donde": "inventario", "objeto": str(antes["_id"]), "espacio": "P-1"}
        assert vecina.unidad


class TestSolicitudes:
    async def test_one_that_staff_rejected(self, complejo: Complejo, vecina: Vecina) -> None:
        sorteo = await test_pedidas.abierto(complejo, aprobacion="manual")
        id = await test_pedidas.pide(complejo, sorteo, vecina)
        await complejo.latir()
        antes = await fila(complejo, "solicitudes", id)
        await test_pedidas.decide(complejo, id, "rechazada")
        await poner(complejo, "solicitudes", antes)
        # Whoever approves it then makes nothing of it that was not told otherwise.
        await test_pedidas.decide(complejo, id, "aprobada")
        await detenido(complejo, sorteo, "solicitudes", id)

    async def test_one_that_staff_handed_in(self, complejo: Complejo, vecina: Vecina, sorteo: str) -> None:
        otra = await complejo.muda("102", "Beto", "2")
        await complejo.latir()
        pedido = {"sorteo_id": sorteo, "vehiculo_id": otra.vehiculo, "unidad_id": otra.unidad}
        suya = await complejo.pedir("POST", "/solicitudes", json=pedido)
        await complejo.aplicacion.base["solicitudes"].delete_one({"_id": ObjectId(suya["id"])})
        await detenido(complejo, sorteo, "folio", str(suya["folio"]))
        assert vecina.unidad
