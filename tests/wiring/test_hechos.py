"""Whoever writes on the database what a draw believes when it closes gets nothing for it but a trace."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import pytest
from bson import ObjectId

from tests.wiring.complejo import Complejo, Vecina
from tests.wiring.escenas import escena

Cambio = Mapping[str, Any]
CONDICION = {"codigo": "movilidad_reducida", "persona": "titular"}


@escena
async def vecina(complejo: Complejo) -> Vecina:
    await complejo.pedir("POST", "/sorteo/espacios", json={"codigo": "P-1", "tipo": "carro"})
    return await complejo.muda("101", "Ana", "1")


@escena
async def sorteo(complejo: Complejo, vecina: Vecina) -> str:  # noqa: ARG001 - who asks
    """Open, with a request of each flat."""
    return await abierto(complejo)


async def abierto(complejo: Complejo) -> str:
    cierre = complejo.ahora + timedelta(days=20)
    sorteo = await complejo.sorteo("El primero", (date(2027, 1, 1), date(2027, 6, 30)), cierre)
    await complejo.piden(sorteo)
    return sorteo


async def escribir(complejo: Complejo, coleccion: str, id: str | ObjectId, cambio: Cambio) -> None:
    """As whoever has the database does."""
    hecho = await complejo.aplicacion.base[coleccion].update_one({"_id": ObjectId(id)}, {"$set": cambio})
    assert hecho.modified_count == 1


async def detenido(complejo: Complejo, sorteo: str, donde: str, objeto: str, paso: str = "cerrar") -> None:
    """The step is refused each time and says of what, nothing moves, and one row of the audit says so too."""
    for _ in range(2):
        negado = await complejo.pedir("POST", f"/sorteo/{sorteo}/{paso}", espera=409)
        assert (negado["codigo"], negado["datos"]) == ("bases_alteradas", {"donde": donde, "objeto": objeto})
    await complejo.latir()
    quedo = (await complejo.pedir("GET", f"/sorteo/{sorteo}"))["estado"]
    assert quedo == {"cerrar": "abierto", "abrir": "borrador"}[paso]
    filas = (await complejo.pedir("GET", "/auditoria?accion=bases_alteradas"))["items"]
    suyas = [fila["datos"] for fila in filas if fila["datos"].get("sorteo") == sorteo]
    assert suyas == [{"donde": donde, "de": objeto, "paso": paso, "sorteo": sorteo}]


async def cerrado(complejo: Complejo, sorteo: str) -> None:
    assert (await complejo.pedir("POST", f"/sorteo/{sorteo}/cerrar"))["estado"] == "cerrado"


class TestUnidad:
    @pytest.mark.parametrize(
        ("hecho", "escrito", "dicho"),
        [("al_dia", False, True), ("perdidos_previos", {"carro": 9}, {"carro": None}), ("torre", "2", "1")],
    )
    async def test_a_fact_that_nobody_stated(
        self, complejo: Complejo, vecina: Vecina, sorteo: str, hecho: str, escrito: Any, dicho: Any
    ) -> None:
        await escribir(complejo, "unidades", vecina.unidad, {hecho: escrito})
        await detenido(complejo, sorteo, hecho, vecina.unidad)
        # Whoever changes another fact of the flat makes no mark for this one.
        otro = {"cupo": 3} if hecho == "al_dia" else {"al_dia": True}
        await complejo.pedir("PATCH", f"/residentes/unidades/{vecina.unidad}", json=otro)
        await detenido(complejo, sorteo, hecho, vecina.unidad)
        await complejo.pedir("PATCH", f"/residentes/unidades/{vecina.unidad}", json={hecho: dicho})
        await cerrado(complejo, sorteo)

    async def test_losses_of_which_a_part_is_said(self, complejo: Complejo, vecina: Vecina, sorteo: str) -> None:
        """What somebody wrote of the rest is nobody's word."""
        ruta = f"/residentes/unidades/{vecina.unidad}"
        await escribir(complejo, "unidades", vecina.unidad, {"perdidos_previos": {"carro": 9}})
        await complejo.pedir("PATCH", ruta, json={"perdidos_previos": {"moto": 1}})
        await detenido(complejo, sorteo, "perdidos_previos", vecina.unidad)
        await complejo.pedir("PATCH", ruta, json={"perdidos_previos": {"moto": 1, "carro": None}})
        await complejo.pedir("PATCH", ruta, json={"perdidos_previos": {"carro": 2}})
        await cerrado(complejo, sorteo)

    async def test_the_mark_of_another_flat(self, complejo: Complejo, vecina: Vecina, sorteo: str) -> None:
        otra = await complejo.pedir(
            "POST", "/residentes/unidades", json={"torre": "1", "apartamento": "2", "al_dia": False}
        )
        suya: Any = await complejo.aplicacion.base["unidades"].find_one({"_id": ObjectId(otra["id"])})
        await escribir(complejo, "unidades", vecina.unidad, {c: suya[c] for c in ("al_dia", "marcas")})
        await detenido(complejo, sorteo, "al_dia", vecina.unidad)

    @pytest.mark.parametrize("marcas", [None, {}, {"al_dia": 7}, "x"])
    async def test_none(self, complejo: Complejo, vecina: Vecina, sorteo: str, marcas: Any) -> None:
        await escribir(complejo, "unidades", vecina.unidad, {"marcas": marcas})
        await detenido(complejo, sorteo, "al_dia", vecina.unidad)
        # Stating the facts makes the row whole, whatever stood in the place of its marks.
        archivo = ("mora.csv", b"torre,apartamento,al_dia\n1,101,si\n", "text/csv")
        ruta = "/residentes/paz-y-salvo?modo=parcial&confirmar=true"
        await complejo.pedir("POST", ruta, files={"archivo": archivo})
        await escribir(complejo, "unidades", vecina.unidad, {"marcas": marcas})
        dichos = {"al_dia": True, "torre": "1", "perdidos_previos": {"carro": 0}}
        await complejo.pedir("PATCH", f"/residentes/unidades/{vecina.unidad}", json=dichos)
        await escribir(complejo, "residentes", vecina.id, {"marcas": marcas})
        await complejo.pedir("PATCH", f"/residentes/{vecina.id}", json={"fecha_ingreso": "2020-01-01"})
        ruta = f"/residentes/unidades/{vecina.unidad}/sanciones"
        sancion = {"motivo": "Ruido", "desde": "2026-01-01", "hasta": "2026-02-01", "excluye": True}
        impuesta = await complejo.pedir("POST", ruta, json=sancion)
        await complejo.pedir("DELETE", f"{ruta}/{impuesta['id']}")

    @pytest.mark.parametrize("dice", ["si", "no"])
    async def test_a_file_of_arrears_states_it(
        self, complejo: Complejo, vecina: Vecina, sorteo: str, dice: str
    ) -> None:
        """Also where it says what somebody had written."""
        await escribir(complejo, "unidades", vecina.unidad, {"al_dia": False})
        ruta = "/residentes/paz-y-salvo?modo=parcial&confirmar=true"
        archivo = ("mora.csv", f"torre,apartamento,al_dia\n1,101,{dice}\n".encode(), "text/csv")
        await complejo.pedir("POST", ruta, files={"archivo": archivo})
        await cerrado(complejo, sorteo)

    async def test_who_lives_there_is_not_asked_twice(self, complejo: Complejo, vecina: Vecina, sorteo: str) -> None:
        """What others do to the flat and to its people breaks no mark."""
        await complejo.llega("101", "Beto", "2", "arrendatario")
        await complejo.pedir("PATCH", f"/residentes/{vecina.id}", json={"telefono": "3001112233"})
        await complejo.pedir("PATCH", f"/residentes/{vecina.id}", json={"fecha_ingreso": "2020-01-01"})
        await complejo.pedir("POST", "/residentes/yo/condiciones", vecina.documento, json=CONDICION)
        await cerrado(complejo, sorteo)


class TestPersona:
    @escena
    async def rechazada(self, complejo: Complejo, vecina: Vecina, sorteo: str) -> str:
        """A condition that staff rejected."""
        await complejo.pedir("POST", "/residentes/yo/condiciones", vecina.documento, json=CONDICION)
        await decidir(complejo, vecina, "rechazada")
        return sorteo

    @pytest.mark.parametrize(
        ("donde", "cambio"),
        [
            ("condiciones_movilidad_reducida", {"condiciones.0.estado": "verificada"}),
            ("condiciones_movilidad_reducida", {"condiciones.0.vigente_hasta": "2027-01-01"}),
            ("condiciones", {"condiciones": []}),
            ("fecha_ingreso", {"fecha_ingreso": "1990-01-01"}),
            ("unidades", {"unidades.0.tenencia": "arrendatario"}),
            ("estado", {"estado": "inactivo"}),
        ],
    )
    async def test_what_nobody_stated(
        self, complejo: Complejo, vecina: Vecina, rechazada: str, donde: str, cambio: Cambio
    ) -> None:
        await escribir(complejo, "residentes", vecina.id, cambio)
        await detenido(complejo, rechazada, donde, vecina.id)
        if donde.startswith("condiciones"):
            await decidir(complejo, vecina, "verificada")
            await cerrado(complejo, rechazada)

    async def test_another_condition_does_not_make_it_whole(
        self, complejo: Complejo, vecina: Vecina, rechazada: str
    ) -> None:
        await escribir(complejo, "residentes", vecina.id, {"condiciones.0.estado": "verificada"})
        otra = {"estado": "verificada", "persona": "titular"}
        await complejo.pedir("PUT", f"/residentes/{vecina.id}/condiciones/adulto_mayor", json=otra)
        await detenido(complejo, rechazada, "condiciones_movilidad_reducida", vecina.id)

    async def test_one_taken_away_is_not_made_whole_by_who_declares(
        self, complejo: Complejo, vecina: Vecina, rechazada: str
    ) -> None:
        await escribir(complejo, "residentes", vecina.id, {"condiciones": []})
        otra = CONDICION | {"codigo": "adulto_mayor"}
        await complejo.pedir("POST", "/residentes/yo/condiciones", vecina.documento, json=otra)
        await detenido(complejo, rechazada, "condiciones", vecina.id)

    async def test_taken_away_from_a_flat_that_somebody_else_asked_for(
        self, complejo: Complejo, vecina: Vecina
    ) -> None:
        sin_pedir = await complejo.llega("101", "Beto", "2")
        sorteo = await abierto(complejo)
        await complejo.aplicacion.base["residentes"].delete_one({"_id": ObjectId(sin_pedir)})
        await detenido(complejo, sorteo, "habitantes", sin_pedir)
        assert vecina.id != sin_pedir

    @pytest.mark.parametrize("cambio", [{"unidades": []}, {"estado": "inactivo"}, None])
    async def test_taken_out_of_a_flat_that_asked_before_they_came(
        self, complejo: Complejo, vecina: Vecina, sorteo: str, cambio: Cambio | None
    ) -> None:
        """Whose condition counted for the flat, though no request says that they lived there."""
        otra = await complejo.llega("101", "Beto", "2")
        ruta = f"/residentes/{otra}/condiciones/movilidad_reducida"
        await complejo.pedir("PUT", ruta, json={"estado": "verificada", "persona": "titular"})
        if cambio is None:
            await complejo.aplicacion.base["residentes"].delete_one({"_id": ObjectId(otra)})
        else:
            await escribir(complejo, "residentes", otra, cambio)
        await detenido(complejo, sorteo, "habitantes" if cambio is None else next(iter(cambio)), otra)
        assert vecina.id != otra

    @pytest.mark.parametrize("cambio", [{"estado": "inactivo"}, {"unidades": []}])
    async def test_taken_out_of_it(self, complejo: Complejo, vecina: Vecina, cambio: Cambio) -> None:
        sin_pedir = await complejo.llega("101", "Beto", "2")
        sorteo = await abierto(complejo)
        await escribir(complejo, "residentes", sin_pedir, cambio)
        await detenido(complejo, sorteo, next(iter(cambio)), sin_pedir)
        assert vecina.id != sin_pedir

    async def test_who_moved_out_breaks_nothing(self, complejo: Complejo, vecina: Vecina) -> None:
        se_va = await complejo.llega("101", "Beto", "2")
        sorteo = await abierto(complejo)
        await complejo.pedir("DELETE", f"/residentes/{se_va}")
        await cerrado(complejo, sorteo)
        assert vecina.id != se_va


class TestSancion:
    async def imponer(self, complejo: Complejo, vecina: Vecina, hasta: str = "2027-12-31") -> str:
        sancion = {"motivo": "Ruido", "desde": "2026-01-01", "hasta": hasta, "excluye": True}
        ruta = f"/residentes/unidades/{vecina.unidad}/sanciones"
        id: str = (await complejo.pedir("POST", ruta, json=sancion))["id"]
        return id

    @pytest.mark.parametrize("cambio", [{"hasta": "2026-02-01"}, {"excluye": False}, {"unidad_id": ObjectId()}])
    async def test_changed(self, complejo: Complejo, vecina: Vecina, sorteo: str, cambio: Cambio) -> None:
        await escribir(complejo, "sanciones", await self.imponer(complejo, vecina), cambio)
        await detenido(complejo, sorteo, "sanciones", vecina.unidad)

    async def test_taken_away(self, complejo: Complejo, vecina: Vecina, sorteo: str) -> None:
        id = await self.imponer(complejo, vecina)
        await complejo.aplicacion.base["sanciones"].delete_one({"_id": ObjectId(id)})
        await detenido(complejo, sorteo, "sanciones", vecina.unidad)

    async def test_put_there(self, complejo: Complejo, vecina: Vecina, sorteo: str) -> None:
        """That of another flat does not serve."""
        otra = await complejo.muda("102", "Beto", "2")
        suya: Any = await complejo.aplicacion.base["sanciones"].find_one(
            {"_id": ObjectId(await self.imponer(complejo, otra))}
        )
        puesta = suya | {"_id": ObjectId(), "unidad_id": ObjectId(vecina.unidad)}
        await complejo.aplicacion.base["sanciones"].insert_one(puesta)
        await detenido(complejo, sorteo, "sanciones", vecina.unidad)
        ruta = f"/residentes/unidades/{vecina.unidad}/sanciones/{puesta['_id']}"
        await complejo.pedir("DELETE", ruta)
        await cerrado(complejo, sorteo)

    async def test_imposed_and_lifted(self, complejo: Complejo, vecina: Vecina, sorteo: str) -> None:
        id = await self.imponer(complejo, vecina)
        await self.imponer(complejo, vecina, hasta="2026-02-01")
        await complejo.pedir("DELETE", f"/residentes/unidades/{vecina.unidad}/sanciones/{id}")
        await cerrado(complejo, sorteo)


async def decidir(complejo: Complejo, vecina: Vecina, estado: str) -> None:
    ruta = f"/residentes/{vecina.id}/condiciones/movilidad_reducida"
    await complejo.pedir("PUT", ruta, json={"estado": estado, "persona": "titular"})


async def test_since_when_it_is_open(complejo: Complejo, sorteo: str) -> None:
    """What staff changed since then is published."""
    await escribir(complejo, "sorteos", sorteo, {"abierto_en": complejo.ahora + timedelta(days=1)})
    negado = await complejo.pedir("POST", f"/sorteo/{sorteo}/cerrar", espera=409)
    assert (negado["codigo"], negado["datos"]) == ("bases_alteradas", {"donde": "auditoria"})
