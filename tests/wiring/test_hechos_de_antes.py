"""A fact of a flat that is put back as it once was, with its mark, stops the closing, once somebody stated it since."""

from collections.abc import Collection
from typing import Any

import pytest
from bson import ObjectId

from tests.wiring.complejo import Complejo, Vecina
from tests.wiring.test_hechos import CONDICION, abierto, cerrado, decidir, detenido

FILA = "torre,apartamento,al_dia\n1,101,{}\n"
DE_MOVILIDAD = "condiciones_movilidad_reducida"


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

    async def test_losses_of_which_a_part_is_said(self, complejo: Complejo, vecina: Vecina, sorteo: str) -> None:
        """What comes right after what was put back is not the latest."""
        ruta = f"/residentes/unidades/{vecina.unidad}"
        await complejo.pedir("PATCH", ruta, json={"perdidos_previos": {"carro": 9}})
        antes = await fila(complejo, "unidades", vecina.unidad)
        await complejo.pedir("PATCH", ruta, json={"perdidos_previos": {"carro": None}})
        await poner(complejo, "unidades", antes, "perdidos_previos")
        await complejo.pedir("PATCH", ruta, json={"perdidos_previos": {"moto": 1}})
        await complejo.latir()
        await detenido(complejo, sorteo, "perdidos_previos", vecina.unidad)

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


class TestPersona:
    @pytest.mark.parametrize(
        ("hecho", "luego"),
        [
            ("fecha_ingreso", {"fecha_ingreso": "2026-01-01"}),
            ("unidades", {"unidades": [{"torre": "1", "apartamento": "101", "tenencia": "arrendatario"}]}),
            ("estado", {"estado": "inactivo"}),
        ],
    )
    async def test_as_it_was(
        self, complejo: Complejo, vecina: Vecina, sorteo: str, hecho: str, luego: dict[str, Any]
    ) -> None:
        """Also of somebody else who lives there."""
        otra = await complejo.llega("101", "Beto", "2")
        antes = await fila(complejo, "residentes", otra)
        await complejo.pedir("PATCH", f"/residentes/{otra}", json=luego)
        await poner(complejo, "residentes", antes, hecho)
        await detenido(complejo, sorteo, hecho, otra)
        await complejo.pedir("PATCH", f"/residentes/{otra}", json={"telefono": "3001112233"})
        await detenido(complejo, sorteo, hecho, otra)
        await complejo.pedir("PATCH", f"/residentes/{otra}", json=luego)
        await cerrado(complejo, sorteo)
        assert vecina.id != otra

    async def test_who_moved_out(self, complejo: Complejo, vecina: Vecina, sorteo: str) -> None:
        await complejo.muda("102", "Carla", "3")
        otra = await complejo.llega("101", "Beto", "2")
        antes = await fila(complejo, "residentes", otra)
        mudada = {"unidades": [{"torre": "1", "apartamento": "102", "tenencia": "propietario"}]}
        await complejo.pedir("PATCH", f"/residentes/{otra}", json=mudada)
        await poner(complejo, "residentes", antes, "unidades")
        await detenido(complejo, sorteo, "unidades", otra)
        assert vecina.id != otra

    @pytest.mark.parametrize("partes", [[DE_MOVILIDAD], []])
    async def test_a_condition_as_it_was(
        self, complejo: Complejo, vecina: Vecina, sorteo: str, partes: list[str]
    ) -> None:
        """That staff confirmed once, or of before it was given."""
        if partes:
            await decidir(complejo, vecina, "verificada")
        antes = await fila(complejo, "residentes", vecina.id)
        await decidir(complejo, vecina, "rechazada" if partes else "verificada")
        await poner(complejo, "residentes", antes, "condiciones", partes)
        donde = next(iter(partes), "condiciones")
        await detenido(complejo, sorteo, donde, vecina.id)
        # Whoever declares another one does not say which there were.
        otra = CONDICION | {"codigo": "adulto_mayor"}
        await complejo.pedir("POST", "/residentes/yo/condiciones", vecina.documento, json=otra)
        await complejo.latir()
        await detenido(complejo, sorteo, donde, vecina.id)

    async def test_only_the_answer_as_it_was(self, complejo: Complejo, vecina: Vecina, sorteo: str) -> None:
        """Beside a list that is the last."""
        await decidir(complejo, vecina, "verificada")
        antes = await fila(complejo, "residentes", vecina.id)
        await decidir(complejo, vecina, "rechazada")
        despues = await fila(complejo, "residentes", vecina.id)
        antes["marcas"]["condiciones"] = despues["marcas"]["condiciones"]
        await poner(complejo, "residentes", antes, "condiciones", [DE_MOVILIDAD])
        await detenido(complejo, sorteo, DE_MOVILIDAD, vecina.id)
        await decidir(complejo, vecina, "rechazada")
        await complejo.latir()
        await cerrado(complejo, sorteo)

    async def test_the_audit_does_not_say_which(self, complejo: Complejo, vecina: Vecina, sorteo: str) -> None:
        await decidir(complejo, vecina, "verificada")
        await complejo.latir()
        filas = (await complejo.pedir("GET", "/auditoria?accion=residentes_escritos"))["items"]
        assert any(f"{vecina.id}.condiciones" in dicha["datos"] for dicha in filas)
        assert "movilidad" not in str(filas)
        await cerrado(complejo, sorteo)

    async def test_one_of_two_that_came_right_after_the_same(
        self, complejo: Complejo, vecina: Vecina, sorteo: str
    ) -> None:
        """What is stated in part comes right after what it was: so do two, where what they were was put back between
        them."""
        antes = await fila(complejo, "residentes", vecina.id)
        for codigo in ("movilidad_reducida", "adulto_mayor"):
            if codigo == "adulto_mayor":
                await poner(complejo, "residentes", antes, "condiciones")
            await complejo.pedir(
                "POST", "/residentes/yo/condiciones", vecina.documento, json=CONDICION | {"codigo": codigo}
            )
        await complejo.latir()
        await detenido(complejo, sorteo, "condiciones", vecina.id)


class TestSancion:
    async def test_none_as_it_was(self, complejo: Complejo, vecina: Vecina, sorteo: str) -> None:
        """Put in again, that it had none; and in the end, one that was lifted."""
        ruta = f"/residentes/unidades/{vecina.unidad}/sanciones"
        sancion = {"motivo": "Ruido", "desde": "2026-01-01", "hasta": "2027-12-31", "excluye": True}
        sin_ninguna = await fila(complejo, "unidades", vecina.unidad)
        id = (await complejo.pedir("POST", ruta, json=sancion))["id"]
        con_ella, suya = await fila(complejo, "unidades", vecina.unidad), await fila(complejo, "sanciones", id)
        base = complejo.aplicacion.base
        await complejo.latir()
        await base["sanciones"].delete_one({"_id": suya["_id"]})
        await marcada(complejo, vecina, sin_ninguna)
        await detenido(complejo, sorteo, "sanciones", vecina.unidad)
        await base["sanciones"].insert_one(suya)
        await complejo.pedir("DELETE", f"{ruta}/{id}")
        await complejo.latir()
        await base["sanciones"].insert_one(suya)
        await marcada(complejo, vecina, con_ella)
        await detenido(complejo, sorteo, "sanciones", vecina.unidad)
        await complejo.pedir("DELETE", f"{ruta}/{id}")
        await complejo.latir()
        await cerrado(complejo, sorteo)


async def marcada(complejo: Complejo, vecina: Vecina, antes: dict[str, Any]) -> None:
    """Which sanctions the flat has, as it once was marked."""
    cambio = {"$set": {"marcas.sanciones": antes["marcas"]["sanciones"]}}
    await complejo.aplicacion.base["unidades"].update_one({"_id": ObjectId(vecina.unidad)}, cambio)
