"""Whoever writes on the database what somebody asked for, before the closing, gets nothing for it but a trace; whatever
the API does to a request stands in no closing's way."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from bson import ObjectId

from tests.api.mundo import CORREO_ADMIN
from tests.wiring.complejo import Complejo, Vecina
from tests.wiring.escenas import escena
from tests.wiring.test_hechos import cerrado, detenido, escribir

Cambio = Mapping[str, Any]
RUTA = "/solicitudes"


@escena
async def vecina(complejo: Complejo) -> Vecina:
    for codigo in ("P-1", "P-2"):
        await complejo.pedir("POST", "/sorteo/espacios", json={"codigo": codigo, "tipo": "carro"})
    await complejo.muda("102", "Beto", "2")
    return await complejo.muda("101", "Ana", "1")


async def abierto(complejo: Complejo, **campos: Any) -> str:
    cierre = complejo.ahora + timedelta(days=20)
    return await complejo.sorteo("El primero", (date(2027, 1, 1), date(2027, 6, 30)), cierre, **campos)


async def pide(complejo: Complejo, sorteo: str, vecina: Vecina, **mas: Any) -> str:
    pedido = {"sorteo_id": sorteo, "vehiculo_id": vecina.vehiculo, **mas}
    id: str = (await complejo.pedir("POST", RUTA, vecina.documento, json=pedido))["id"]
    return id


async def decide(complejo: Complejo, id: str, estado: str, quien: str = CORREO_ADMIN) -> None:
    cuerpo = {"estado": estado} | ({"motivo": "No es suyo"} if estado == "rechazada" else {})
    await complejo.pedir("PATCH", f"{RUTA}/{id}/estado", quien, json=cuerpo)


async def fila_de(complejo: Complejo, id: str) -> dict[str, Any]:
    fila: Any = await complejo.aplicacion.base["solicitudes"].find_one({"_id": ObjectId(id)})
    return dict(fila)


async def pon(complejo: Complejo, fila: Cambio) -> None:
    """As whoever has the database does, with its history of then."""
    base = complejo.aplicacion.base
    await base["solicitudes"].replace_one({"_id": fila["_id"]}, fila, upsert=True)
    lineas = await base["solicitudes_movimientos"].find({"solicitud_id": fila["_id"]}).sort("_id", 1).to_list(None)
    await base["solicitudes_movimientos"].delete_many({"_id": {"$in": [linea["_id"] for linea in lineas[1:]]}})


@escena
async def sorteo(complejo: Complejo, vecina: Vecina) -> str:  # noqa: ARG001 - who asks
    """Open, staff decide, nobody has asked."""
    return await abierto(complejo, aprobacion="manual")


ESCRITOS: list[Cambio] = [
    {"estado": "aprobada", "viva": True},
    {"estado": "cancelada"},
    {"estado": "aprobada", "antes_del_cierre": {"estado": "rechazada", "motivo": None}, "viva": True},
    {"estado": "aprobada", "antes_de_anular": "rechazada", "viva": True},
    {"viva": True},
    {"preferencias": ["P-1"]},
    {"acepta": ["carro"]},
    {"tipos": []},
    {"tipos": ["carro", "moto"]},
    {"clase": "moto"},
    {"vehiculo.id": ObjectId()},
    {"vehiculo.electrico": True},
    {"usa_condiciones": False},
    {"habitantes": []},
    {"residente_id": ObjectId()},
    {"unidad_id": ObjectId()},
    {"folio": 9},
    {"ranura": 1},
    {"creado_en": datetime(2026, 1, 1, tzinfo=UTC)},
    {"vez": 7},
    {"marca": None},
    {"marca": 7},
]


class TestEscrita:
    async def test_what_nobody_asked_for(self, complejo: Complejo, vecina: Vecina, sorteo: str) -> None:
        """Of one that staff refused."""
        id = await pide(complejo, sorteo, vecina)
        await decide(complejo, id, "rechazada")
        de_antes = await fila_de(complejo, id)
        for cambio in ESCRITOS:
            await escribir(complejo, "solicitudes", id, cambio)
            await detenido(complejo, sorteo, "solicitudes", id)
            await complejo.aplicacion.base["solicitudes"].replace_one({"_id": de_antes["_id"]}, de_antes)
        await cerrado(complejo, sorteo)

    async def test_before_somebody_changes_it(self, complejo: Complejo, vecina: Vecina, sorteo: str) -> None:
        """The next change does not make it whole."""
        id = await pide(complejo, sorteo, vecina)
        await escribir(complejo, "solicitudes", id, {"usa_condiciones": False})
        await complejo.pedir("PATCH", f"{RUTA}/{id}", vecina.documento, json={"preferencias": ["P-2"]})
        await decide(complejo, id, "aprobada")
        await detenido(complejo, sorteo, "solicitudes", id)

    @pytest.mark.parametrize("con_lo_suyo", [True, False])
    async def test_put_there(self, complejo: Complejo, vecina: Vecina, sorteo: str, con_lo_suyo: bool) -> None:
        """A copy of another, or next to nothing."""
        id = await pide(complejo, sorteo, vecina)
        await decide(complejo, id, "aprobada")
        minima = {"sorteo_id": ObjectId(sorteo), "estado": "aprobada"}
        puesta = (await fila_de(complejo, id) if con_lo_suyo else minima) | {
            "_id": ObjectId(),
            "folio": 2,
            "ranura": 1,
            "vehiculo": {"id": ObjectId(), "tipo": "carro", "electrico": False, "placa": "ABC123"},
        }
        await complejo.aplicacion.base["solicitudes"].insert_one(puesta)
        await detenido(complejo, sorteo, "solicitudes", str(puesta["_id"]))


class TestPuestaComoEra:
    async def test_one_that_staff_refused(self, complejo: Complejo, vecina: Vecina, sorteo: str) -> None:
        id = await pide(complejo, sorteo, vecina)
        await decide(complejo, id, "aprobada")
        de_antes = await fila_de(complejo, id)
        await decide(complejo, id, "cancelada")
        await complejo.latir()
        await pon(complejo, de_antes)
        await detenido(complejo, sorteo, "solicitudes", id)

    async def test_and_then_changed(self, complejo: Complejo, vecina: Vecina, sorteo: str) -> None:
        """Its count comes to where it was, with another mark."""
        id = await pide(complejo, sorteo, vecina)
        de_antes = await fila_de(complejo, id)
        await decide(complejo, id, "rechazada")
        await complejo.latir()
        await pon(complejo, de_antes)
        await decide(complejo, id, "aprobada")
        await complejo.latir()
        await detenido(complejo, sorteo, "solicitudes", id)
        for preferencia in ("P-1", "P-2"):
            cambio = {"preferencias": [preferencia]}
            await complejo.pedir("PATCH", f"{RUTA}/{id}", vecina.documento, json=cambio)
        await detenido(complejo, sorteo, "solicitudes", id)


class TestQuitada:
    async def test_taken_away(self, complejo: Complejo, vecina: Vecina, sorteo: str) -> None:
        id = await pide(complejo, sorteo, vecina)
        await complejo.latir()
        await self.quitar(complejo, id)
        await detenido(complejo, sorteo, "folio", "1")

    async def test_and_its_folio_given_to_another(self, complejo: Complejo, vecina: Vecina, sorteo: str) -> None:
        id = await pide(complejo, sorteo, vecina)
        await complejo.latir()
        await self.quitar(complejo, id)
        await escribir(complejo, "solicitudes_ventanillas", sorteo, {"ultimo_folio": 0})
        otra = await pide(complejo, sorteo, complejo.vecinas["102"])
        await decide(complejo, otra, "aprobada")
        await complejo.latir()
        await detenido(complejo, sorteo, "solicitudes", otra)

    async def test_a_copy(self, complejo: Complejo, vecina: Vecina) -> None:
        """Before anybody saw it."""
        sorteo = await repetido(complejo, vecina)
        await complejo.pedir("POST", f"/sorteo/{sorteo}/abrir")
        (copia,) = (await complejo.pedir("GET", f"{RUTA}?sorteo_id={sorteo}"))["items"]
        await self.quitar(complejo, copia["id"])
        await detenido(complejo, sorteo, "folio", "1")

    async def quitar(self, complejo: Complejo, id: str) -> None:
        base = complejo.aplicacion.base
        await base["solicitudes"].delete_one({"_id": ObjectId(id)})
        await base["solicitudes_movimientos"].delete_many({"solicitud_id": ObjectId(id)})


async def repetido(complejo: Complejo, vecina: Vecina, escrito: Cambio | None = None) -> str:
    """A draft that repeats a draw, annulled with an approved request. `escrito`: what somebody wrote into that."""
    de = await abierto(complejo)
    id = await pide(complejo, de, vecina)
    await complejo.pedir("POST", f"/sorteo/{de}/anular", json={"motivo": "Se hace de nuevo"})
    if escrito is not None:
        await escribir(complejo, "solicitudes", id, escrito)
    datos = await complejo.pedir("GET", f"/sorteo/{de}")
    campos = ("vigencia", "fuente_entropia", "cierre", "aprobacion")
    nuevo = {campo: datos[campo] for campo in campos} | {"nombre": "Otra vez", "repite_a": de}
    sorteo: str = (await complejo.pedir("POST", "/sorteo", json=nuevo))["id"]
    return sorteo


async def test_what_is_copied_is_as_it_was_marked(complejo: Complejo, vecina: Vecina) -> None:
    sorteo = await repetido(complejo, vecina)
    await complejo.pedir("POST", f"/sorteo/{sorteo}/abrir")
    (copia,) = (await complejo.pedir("GET", f"{RUTA}?sorteo_id={sorteo}"))["items"]
    await escribir(complejo, "solicitudes", copia["id"], {"usa_condiciones": False})
    await detenido(complejo, sorteo, "solicitudes", copia["id"])


class TestVidasHonradas:
    async def test_decided_by_staff(self, complejo: Complejo, vecina: Vecina, sorteo: str) -> None:
        """Changed, approved, and another cancelled, handed in again and refused; a plate is mended."""
        otra, id = complejo.vecinas["102"], await pide(complejo, sorteo, vecina)
        await complejo.pedir("PATCH", f"{RUTA}/{id}", vecina.documento, json={"preferencias": ["P-2", "P-1"]})
        await complejo.pedir("PATCH", f"{RUTA}/{id}", vecina.documento, json={"acepta": ["carro"]})
        await complejo.latir()
        await complejo.pedir("POST", f"{RUTA}/estado", json={"ids": [id], "estado": "aprobada"})
        placa = {"placa": "XYZ987"}
        await complejo.pedir("PATCH", f"/residentes/unidades/{vecina.unidad}/vehiculos/{vecina.vehiculo}", json=placa)
        await decide(complejo, await pide(complejo, sorteo, otra), "cancelada", otra.documento)
        await decide(complejo, await pide(complejo, sorteo, otra), "rechazada")
        await complejo.latir()
        await cerrado(complejo, sorteo)

    async def test_approved_by_the_rules_when_arrears_are_paid(self, complejo: Complejo, vecina: Vecina) -> None:
        sorteo = await abierto(complejo)
        ruta = f"/residentes/unidades/{vecina.unidad}"
        await complejo.pedir("PATCH", ruta, json={"al_dia": False})
        id = await pide(complejo, sorteo, vecina)
        assert (await fila_de(complejo, id))["estado"] == "pendiente"
        await complejo.pedir("PATCH", ruta, json={"al_dia": True})
        assert (await fila_de(complejo, id))["estado"] == "aprobada"
        await complejo.latir()
        await cerrado(complejo, sorteo)

    async def test_closed_reopened_and_closed_again(self, complejo: Complejo, vecina: Vecina) -> None:
        """What the first closing refused goes back and is approved; somebody leaves while it is closed."""
        sorteo = await abierto(complejo)
        otra = complejo.vecinas["102"]
        ruta = f"/residentes/unidades/{vecina.unidad}"
        await complejo.pedir("PATCH", ruta, json={"al_dia": False})
        id, suya = await pide(complejo, sorteo, vecina), await pide(complejo, sorteo, otra)
        complejo.aplicacion.reloj.avanzar(days=21)
        await complejo.latir()
        assert (await fila_de(complejo, id))["estado"] == "rechazada"
        await complejo.pedir("DELETE", f"/residentes/{otra.id}?confirmar=true")
        cierre = (complejo.ahora + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
        await complejo.pedir("POST", f"/sorteo/{sorteo}/reabrir", json={"motivo": "Faltaba uno", "cierre": cierre})
        assert (await fila_de(complejo, suya))["estado"] == "cancelada"
        await complejo.pedir("PATCH", ruta, json={"al_dia": True})
        await complejo.latir()
        await cerrado(complejo, sorteo)

    async def test_left_by_whoever_lived_there(self, complejo: Complejo, vecina: Vecina, sorteo: str) -> None:
        id = await pide(complejo, sorteo, vecina)
        await complejo.pedir("DELETE", f"/residentes/{vecina.id}?confirmar=true")
        assert (await fila_de(complejo, id))["estado"] == "cancelada"
        await complejo.latir()
        await cerrado(complejo, sorteo)

    async def test_decided_together(self, complejo: Complejo, vecina: Vecina, sorteo: str) -> None:
        """As an import that is taken back cancels what it handed in."""
        ids = [await pide(complejo, sorteo, cada) for cada in (vecina, complejo.vecinas["102"])]
        for estado in ("aprobada", "cancelada"):
            await complejo.pedir("POST", f"{RUTA}/estado", json={"ids": ids, "estado": estado})
        assert [(await fila_de(complejo, id))["vez"] for id in ids] == [3, 3]
        await complejo.latir()
        await cerrado(complejo, sorteo)

    async def test_copied_from_an_annulled_draw(self, complejo: Complejo, vecina: Vecina) -> None:
        sorteo = await repetido(complejo, vecina)
        await complejo.pedir("POST", f"/sorteo/{sorteo}/abrir")
        (copia,) = (await complejo.pedir("GET", f"{RUTA}?sorteo_id={sorteo}"))["items"]
        assert copia["estado"] == "aprobada"
        await complejo.pedir("PATCH", f"{RUTA}/{copia['id']}", vecina.documento, json={"preferencias": ["P-1"]})
        await complejo.latir()
        await cerrado(complejo, sorteo)
