"""A space, a right or a rule that is put back as it once was, with its mark, or taken away, stops the opening."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.wiring.complejo import DERECHO, REGLA, Complejo, Vecina
from tests.wiring.escenas import escena


@escena
async def borrador(complejo: Complejo, borrador: str) -> str:
    """The audit was told of what there is."""
    await complejo.latir()
    return borrador


async def fila(complejo: Complejo, coleccion: str, codigo: str) -> dict[str, Any]:
    """As it is stored now."""
    suya: Any = await complejo.aplicacion.base[coleccion].find_one({"codigo": codigo})
    return dict(suya)


async def puesta(complejo: Complejo, coleccion: str, antes: Mapping[str, Any]) -> None:
    """Whoever has the database puts the row back, once the audit was told of what came after."""
    await complejo.latir()
    await complejo.aplicacion.base[coleccion].replace_one({"_id": antes["_id"]}, antes, upsert=True)


async def detenido(complejo: Complejo, sorteo: str, datos: Mapping[str, str]) -> None:
    for _ in range(2):
        negado = await complejo.pedir("POST", f"/sorteo/{sorteo}/abrir", espera=409)
        assert (negado["codigo"], negado["datos"]) == ("bases_alteradas", datos)
    (fila,) = (await complejo.pedir("GET", "/auditoria?accion=bases_alteradas"))["items"]
    assert (fila["datos"]["donde"], fila["datos"]["de"]) == (datos["donde"], datos["objeto"])


async def abierto(complejo: Complejo, sorteo: str) -> None:
    assert (await complejo.pedir("POST", f"/sorteo/{sorteo}/abrir"))["estado"] == "abierto"


class TestEspacio:
    @pytest.mark.parametrize("veces", [1, 2])
    async def test_as_it_was(self, complejo: Complejo, borrador: str, veces: int) -> None:
        """When it was made, or between two changes."""
        antes = await fila(complejo, "espacios", "P-1")
        for n in range(veces):
            antes = await fila(complejo, "espacios", "P-1")
            await complejo.pedir("PATCH", "/sorteo/espacios/P-1", json={"activo": bool(n % 2)})
        await puesta(complejo, "espacios", antes)
        datos = {"donde": "inventario", "objeto": str(antes["_id"]), "espacio": "P-1"}
        await detenido(complejo, borrador, datos)
        # Whoever states a part of it, or another thing, does not make the rest the latest.
        await complejo.pedir("PATCH", "/sorteo/espacios/P-1", json={"zona": "patio", "uso": "residentes"})
        await complejo.latir()
        await detenido(complejo, borrador, datos)
        entero = {"tipo": "carro", "reserva": None, "uso": "residentes", "activo": True}
        await complejo.pedir("PATCH", "/sorteo/espacios/P-1", json=entero)
        await complejo.latir()
        await abierto(complejo, borrador)

    async def test_a_right_as_it_was(self, complejo: Complejo, vecina: Vecina, borrador: str) -> None:
        derecho = DERECHO | {"unidad_id": vecina.unidad}
        await complejo.pedir("PATCH", "/sorteo/espacios/P-1", json={"titular": derecho})
        antes = await fila(complejo, "espacios", "P-1")
        await complejo.pedir("PATCH", "/sorteo/espacios/P-1", json={"titular": None})
        await puesta(complejo, "espacios", antes)
        await detenido(complejo, borrador, {"donde": "titular", "objeto": str(antes["_id"]), "espacio": "P-1"})
        await complejo.pedir("PATCH", "/sorteo/espacios/P-1", json={"titular": None})
        await abierto(complejo, borrador)

    async def test_a_right_as_it_was_lets_nobody_in(self, complejo: Complejo, vecina: Vecina) -> None:
        """Once the watch has begun to go through all spaces since that was told."""
        ruta = f"/sorteo/porteria?placa={vecina.placa}"
        await complejo.pedir("PATCH", "/sorteo/espacios/P-1", json={"titular": DERECHO | {"unidad_id": vecina.unidad}})
        await complejo.latir()
        assert (await complejo.pedir("GET", ruta))["espacio"] == "P-1"
        antes = await fila(complejo, "espacios", "P-1")
        await complejo.pedir("PATCH", "/sorteo/espacios/P-1", json={"titular": None})
        await puesta(complejo, "espacios", antes)
        for _ in range(2):
            assert (await complejo.pedir("GET", ruta))["permitido"] is False
            await complejo.latir()
        (dicha,) = (await complejo.pedir("GET", "/auditoria?accion=espacio_alterado"))["items"]
        assert (dicha["objeto"], dicha["datos"]) == ([str(antes["_id"])], {"donde": "titular"})
        # An admin who means it gives it.
        await complejo.pedir("PATCH", "/sorteo/espacios/P-1", json={"titular": DERECHO | {"unidad_id": vecina.unidad}})
        await complejo.latir()
        assert (await complejo.pedir("GET", ruta))["espacio"] == "P-1"

    async def test_one_put_back_is_found_by_itself(self, complejo: Complejo, vecina: Vecina) -> None:
        """In use again, for instance."""
        antes = await fila(complejo, "espacios", "P-1")
        await complejo.pedir("PATCH", "/sorteo/espacios/P-1", json={"activo": False})
        await puesta(complejo, "espacios", antes)
        await complejo.latir()
        (dicha,) = (await complejo.pedir("GET", "/auditoria?accion=espacio_alterado"))["items"]
        assert dicha["datos"] == {"donde": "inventario"}
        assert vecina.unidad

    async def test_one_taken_away(self, complejo: Complejo, borrador: str) -> None:
        antes = await fila(complejo, "espacios", "P-2")
        await complejo.aplicacion.base["espacios"].delete_one({"_id": antes["_id"]})
        await detenido(complejo, borrador, {"donde": "espacios", "objeto": str(antes["_id"])})
        await puesta(complejo, "espacios", antes)
        await abierto(complejo, borrador)

    async def test_one_put_back_that_was_deleted(self, complejo: Complejo, borrador: str) -> None:
        antes = await fila(complejo, "espacios", "P-2")
        await complejo.pedir("DELETE", "/sorteo/espacios/P-2")
        await puesta(complejo, "espacios", antes)
        await detenido(complejo, borrador, {"donde": "inventario", "objeto": str(antes["_id"]), "espacio": "P-2"})

    async def test_what_acts_do(self, complejo: Complejo, borrador: str) -> None:
        """Made, changed and deleted: nothing is missed."""
        for cambio in ({"activo": False}, {"zona": "patio"}, {"activo": True, "tipo": "moto"}, {"tipo": "carro"}):
            await complejo.pedir("PATCH", "/sorteo/espacios/P-1", json=cambio)
            await complejo.latir()
        await complejo.pedir("DELETE", "/sorteo/espacios/P-2")
        await complejo.latir()
        assert (await complejo.todas("/sorteo/espacios"))[0]["tipo"] == "carro"
        await abierto(complejo, borrador)


class TestPrioridad:
    @pytest.mark.parametrize(
        ("donde", "cambio"),
        [("activa", {"activa": False}), ("efecto", {"efecto": {"nivel": 3}}), ("descripcion", {"descripcion": "x"})],
    )
    async def test_as_it_was(self, complejo: Complejo, borrador: str, donde: str, cambio: Mapping[str, object]) -> None:
        antes = await fila(complejo, "prioridades", "de_torre")
        await complejo.pedir("PATCH", "/sorteo/prioridades/de_torre", json=cambio)
        await puesta(complejo, "prioridades", antes)
        datos = {"donde": donde, "objeto": str(antes["_id"]), "prioridad": "de_torre"}
        await detenido(complejo, borrador, datos)
        otro = {"descripcion": "Otra"} if donde != "descripcion" else {"activa": True}
        await complejo.pedir("PATCH", "/sorteo/prioridades/de_torre", json=otro)
        await complejo.latir()
        await detenido(complejo, borrador, datos)

    async def test_one_taken_away(self, complejo: Complejo, borrador: str) -> None:
        antes = await fila(complejo, "prioridades", "de_torre")
        await complejo.aplicacion.base["prioridades"].delete_one({"_id": antes["_id"]})
        await detenido(complejo, borrador, {"donde": "prioridades", "objeto": str(antes["_id"])})
        await puesta(complejo, "prioridades", antes)
        await abierto(complejo, borrador)

    async def test_what_acts_do(self, complejo: Complejo, borrador: str) -> None:
        for n in range(3):
            await complejo.pedir("PATCH", "/sorteo/prioridades/de_torre", json={"activa": bool(n % 2)})
            await complejo.latir()
        await complejo.pedir("POST", "/sorteo/prioridades", json=REGLA | {"codigo": "otra"})
        await complejo.latir()
        await complejo.pedir("DELETE", "/sorteo/prioridades/otra")
        await abierto(complejo, borrador)


async def test_a_parameter_of_a_draft_as_it_was(complejo: Complejo, borrador: str) -> None:
    sorteos = complejo.aplicacion.base["sorteos"]
    antes: Any = await sorteos.find_one({})
    await complejo.pedir("PATCH", f"/sorteo/{borrador}", json={"max_por_unidad": 2})
    await complejo.latir()
    await sorteos.replace_one({"_id": antes["_id"]}, antes)
    await detenido(complejo, borrador, {"donde": "max_por_unidad", "objeto": borrador})
    await complejo.pedir("PATCH", f"/sorteo/{borrador}", json={"max_por_unidad": 1})
    await complejo.latir()
    await abierto(complejo, borrador)
