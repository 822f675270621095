"""Whoever writes on the database what an opening believes, or whose a space is, gets nothing for it but a trace."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import pytest
from bson import ObjectId

from tests.wiring.complejo import DERECHO, REGLA, Complejo, Vecina

Cambio = Mapping[str, Any]


async def escribir(complejo: Complejo, coleccion: str, cual: Cambio, cambio: Cambio) -> str:
    """As whoever has the database does; the id of what was written."""
    escrito: Any = await complejo.aplicacion.base[coleccion].find_one_and_update(cual, {"$set": cambio})
    return str(escrito["_id"])


async def detenido(complejo: Complejo, sorteo: str, donde: str, objeto: str, **cual: str) -> None:
    """The opening is refused each time and says of what, nothing is taken, and one row of the audit says so too."""
    for _ in range(2):
        negado = await complejo.pedir("POST", f"/sorteo/{sorteo}/abrir", espera=409)
        assert (negado["codigo"], negado["datos"]) == ("bases_alteradas", {"donde": donde, "objeto": objeto, **cual})
    assert (await complejo.pedir("GET", f"/sorteo/{sorteo}"))["estado"] == "borrador"
    assert not await complejo.aplicacion.base["espacios"].find_one({"ocupaciones.0": {"$exists": True}})
    filas = (await complejo.pedir("GET", "/auditoria?accion=bases_alteradas"))["items"]
    assert [f["datos"] for f in filas] == [{"donde": donde, "de": objeto, "paso": "abrir", "sorteo": sorteo}]


async def abierto(complejo: Complejo, sorteo: str) -> None:
    assert (await complejo.pedir("POST", f"/sorteo/{sorteo}/abrir"))["estado"] == "abierto"


class TestEspacio:
    @pytest.mark.parametrize(
        "cambio",
        [
            {"tipo": "moto"},
            {"reserva": "movilidad_reducida"},
            {"activo": False},
            {"uso": "visitantes"},
            {"codigo": "P-7"},
        ],
    )
    async def test_what_nobody_stated(self, complejo: Complejo, borrador: str, cambio: Cambio) -> None:
        id = await escribir(complejo, "espacios", {"codigo": "P-1"}, cambio)
        codigo = cambio.get("codigo", "P-1")
        await detenido(complejo, borrador, "inventario", id, espacio=codigo)
        # Whoever changes another thing of the space makes no mark for this.
        await complejo.pedir("PATCH", f"/sorteo/espacios/{codigo}", json={"zona": "patio", "titular": None})
        await detenido(complejo, borrador, "inventario", id, espacio=codigo)
        entero = {"tipo": "carro", "reserva": None, "uso": "residentes", "activo": True}
        await complejo.pedir("PATCH", f"/sorteo/espacios/{codigo}", json=entero)
        await abierto(complejo, borrador)

    @pytest.mark.parametrize("marcas", [None, {}, {"inventario": 7}, {"inventario": "ñ"}, {"inventario": "ñ.7"}, "x"])
    async def test_no_mark(self, complejo: Complejo, borrador: str, marcas: Any) -> None:
        id = await escribir(complejo, "espacios", {"codigo": "P-1"}, {"marcas": marcas})
        await detenido(complejo, borrador, "inventario", id, espacio="P-1")
        entero = {"tipo": "carro", "reserva": None, "uso": "residentes", "activo": True, "titular": None}
        await complejo.pedir("PATCH", "/sorteo/espacios/P-1", json=entero)
        await abierto(complejo, borrador)

    async def test_that_of_another(self, complejo: Complejo, borrador: str) -> None:
        await complejo.pedir("PATCH", "/sorteo/espacios/P-2", json={"tipo": "moto"})
        suya: Any = await complejo.aplicacion.base["espacios"].find_one({"codigo": "P-2"})
        id = await escribir(complejo, "espacios", {"codigo": "P-1"}, {c: suya[c] for c in ("tipo", "marcas")})
        await detenido(complejo, borrador, "inventario", id, espacio="P-1")

    async def test_one_put_there(self, complejo: Complejo, borrador: str) -> None:
        suyo: Any = await complejo.aplicacion.base["espacios"].find_one({"codigo": "P-2"})
        puesto = suyo | {"_id": ObjectId(), "codigo": "P-9", "clave": "p-9"}
        await complejo.aplicacion.base["espacios"].insert_one(puesto)
        await detenido(complejo, borrador, "inventario", str(puesto["_id"]), espacio="P-9")

    async def test_a_right_taken_away(self, complejo: Complejo, vecina: Vecina, borrador: str) -> None:
        derecho = DERECHO | {"unidad_id": vecina.unidad}
        await complejo.pedir("PATCH", "/sorteo/espacios/P-1", json={"titular": derecho})
        id = await escribir(complejo, "espacios", {"codigo": "P-1"}, {"titular": None})
        await detenido(complejo, borrador, "titular", id, espacio="P-1")
        await complejo.pedir("PATCH", "/sorteo/espacios/P-1", json={"activo": True})
        await detenido(complejo, borrador, "titular", id, espacio="P-1")
        await complejo.pedir("PATCH", "/sorteo/espacios/P-1", json={"titular": derecho})
        await abierto(complejo, borrador)

    async def test_a_right_of_which_a_part_is_said(self, complejo: Complejo, vecina: Vecina, borrador: str) -> None:
        """What somebody wrote of the rest is nobody's word."""
        derecho = DERECHO | {"unidad_id": vecina.unidad}
        await complejo.pedir("PATCH", "/sorteo/espacios/P-1", json={"titular": derecho})
        id = await escribir(complejo, "espacios", {"codigo": "P-1"}, {"titular.hasta": "2026-02-01"})
        await complejo.pedir("PATCH", "/sorteo/espacios/P-1", json={"titular": {"motivo": "la escritura"}})
        await detenido(complejo, borrador, "titular", id, espacio="P-1")

    async def test_only_what_it_may_take(self, complejo: Complejo, borrador: str) -> None:
        await escribir(complejo, "espacios", {"codigo": "P-1"}, {"tipo": "moto"})
        await complejo.pedir("PATCH", f"/sorteo/{borrador}", json={"espacios": ["P-2"]})
        await abierto(complejo, borrador)

    async def test_what_acts_do(self, complejo: Complejo, vecina: Vecina, borrador: str) -> None:
        """A file states, and a right begins and ends: each leaves whole marks."""
        archivo = ("e.csv", b"codigo,tipo,activo\nP-1,moto,si\nP-3,carro,si\n", "text/csv")
        await complejo.pedir("POST", "/sorteo/espacios/importar", files={"archivo": archivo})
        await complejo.pedir("PATCH", "/sorteo/espacios/P-1", json={"titular": DERECHO | {"unidad_id": vecina.unidad}})
        await complejo.pedir("PATCH", "/sorteo/espacios/P-1", json={"titular": {"hasta": "2026-12-31"}})
        await complejo.pedir("PATCH", "/sorteo/espacios/P-1", json={"titular": None, "tipo": "carro"})
        await complejo.latir()
        assert (await complejo.pedir("GET", "/auditoria?accion=espacio_alterado"))["items"] == []
        await abierto(complejo, borrador)
        await complejo.latir()
        assert (await complejo.pedir("GET", "/auditoria?accion=espacio_alterado"))["items"] == []


class TestDerecho:
    async def test_one_put_there_lets_nobody_in(self, complejo: Complejo, vecina: Vecina) -> None:
        titular = {"unidad_id": ObjectId(vecina.unidad), **DERECHO}
        ruta = f"/sorteo/porteria?placa={vecina.placa}"
        id = await escribir(complejo, "espacios", {"codigo": "P-1"}, {"titular": titular})
        for _ in range(2):
            assert (await complejo.pedir("GET", ruta))["permitido"] is False
            await complejo.latir()
        (fila,) = (await complejo.pedir("GET", "/auditoria?accion=espacio_alterado"))["items"]
        assert (fila["objeto"], fila["datos"]) == ([id], {"donde": "titular"})
        # An admin who means it gives it.
        await complejo.pedir("PATCH", "/sorteo/espacios/P-1", json={"titular": DERECHO | {"unidad_id": vecina.unidad}})
        assert (await complejo.pedir("GET", ruta))["espacio"] == "P-1"

    async def test_one_put_there_keeps_no_flat_out(self, complejo: Complejo, vecina: Vecina, borrador: str) -> None:
        """Nor does the closing refuse who asked for it."""
        await abierto(complejo, borrador)
        await complejo.piden(borrador)
        nuevo = {"codigo": "V-1", "tipo": "carro", "uso": "visitantes"}
        await complejo.pedir("POST", "/sorteo/espacios", json=nuevo)
        titular = {"unidad_id": ObjectId(vecina.unidad), **DERECHO}
        await escribir(complejo, "espacios", {"codigo": "V-1"}, {"titular": titular})
        (solicitud,) = await complejo.todas(f"/solicitudes?sorteo_id={borrador}")
        assert solicitud["impedimentos"] == []

    async def test_one_taken_away_is_found_by_itself(self, complejo: Complejo, vecina: Vecina) -> None:
        await complejo.pedir("PATCH", "/sorteo/espacios/P-1", json={"titular": DERECHO | {"unidad_id": vecina.unidad}})
        await complejo.latir()
        id = await escribir(complejo, "espacios", {"codigo": "P-1"}, {"titular": None})
        await complejo.latir()
        (fila,) = (await complejo.pedir("GET", "/auditoria?accion=espacio_alterado"))["items"]
        assert (fila["objeto"], fila["datos"]) == ([id], {"donde": "titular"})


class TestPrioridad:
    @pytest.mark.parametrize(
        ("donde", "cambio"),
        [
            ("condiciones", {"condiciones.0.valor": "2"}),
            ("efecto", {"efecto.nivel": 7}),
            ("activa", {"activa": False}),
            ("codigo", {"codigo": "otra"}),
            ("descripcion", {"descripcion": "Los de la torre 2"}),
        ],
    )
    async def test_what_nobody_stated(self, complejo: Complejo, borrador: str, donde: str, cambio: Cambio) -> None:
        id = await escribir(complejo, "prioridades", {"codigo": "de_torre"}, cambio)
        codigo = cambio.get("codigo", "de_torre")
        await detenido(complejo, borrador, donde, id, prioridad=codigo)
        otro = {"activa": True} if donde == "descripcion" else {"descripcion": "Otra"}
        await complejo.pedir("PATCH", f"/sorteo/prioridades/{codigo}", json=otro)
        await detenido(complejo, borrador, donde, id, prioridad=codigo)
        if donde != "codigo":
            entera = {campo: valor for campo, valor in REGLA.items() if campo != "codigo"} | {"activa": True}
            entera["efecto"] = {"nivel": 0, "no_mejor_que": None, "boletas": None, "por_unidad": None}
            await complejo.pedir("PATCH", f"/sorteo/prioridades/{codigo}", json=entera)
            await abierto(complejo, borrador)

    async def test_an_effect_of_which_a_part_is_said(self, complejo: Complejo, borrador: str) -> None:
        id = await escribir(complejo, "prioridades", {"codigo": "de_torre"}, {"efecto.boletas": 500})
        await complejo.pedir("PATCH", "/sorteo/prioridades/de_torre", json={"efecto": {"nivel": 0}})
        await detenido(complejo, borrador, "efecto", id, prioridad="de_torre")

    async def test_one_put_there(self, complejo: Complejo, borrador: str) -> None:
        suya: Any = await complejo.aplicacion.base["prioridades"].find_one({})
        puesta = suya | {"_id": ObjectId(), "codigo": "otra"}
        await complejo.aplicacion.base["prioridades"].insert_one(puesta)
        await detenido(complejo, borrador, "codigo", str(puesta["_id"]), prioridad="otra")

    async def test_only_what_it_takes(self, complejo: Complejo, borrador: str) -> None:
        await escribir(complejo, "prioridades", {"codigo": "de_torre"}, {"efecto.nivel": 7})
        await complejo.pedir("PATCH", f"/sorteo/{borrador}", json={"prioridades": []})
        await abierto(complejo, borrador)


class TestBorrador:
    @pytest.mark.parametrize(
        ("donde", "cambio", "dicho"),
        [
            ("aprobacion", {"aprobacion": "automatica"}, "manual"),
            ("compatibilidad", {"compatibilidad": {"carro": ["moto"]}}, {"carro": ["carro"]}),
            ("max_por_unidad", {"max_por_unidad": 5}, 1),
            ("max_por_tipo", {"max_por_tipo": {"carro": 9}}, {"carro": 1}),
            ("espacios", {"espacios": ["P-1"]}, None),
            ("prioridades", {"prioridades": []}, None),
            ("vigencia", {"vigencia.hasta": "2030-12-31"}, {"desde": "2027-01-01", "hasta": "2027-06-30"}),
            ("exige_al_dia", {"exige_al_dia": False}, True),
            ("liberar_reservas", {"liberar_reservas": False}, True),
        ],
    )
    async def test_what_nobody_stated(
        self, complejo: Complejo, borrador: str, donde: str, cambio: Cambio, dicho: Any
    ) -> None:
        await escribir(complejo, "sorteos", {"_id": ObjectId(borrador)}, cambio)
        await detenido(complejo, borrador, donde, borrador)
        await complejo.pedir("PATCH", f"/sorteo/{borrador}", json={"nombre": "El de siempre"})
        await detenido(complejo, borrador, donde, borrador)
        await complejo.pedir("PATCH", f"/sorteo/{borrador}", json={donde: dicho})
        await abierto(complejo, borrador)

    async def test_a_term_of_which_a_part_is_said(self, complejo: Complejo, borrador: str) -> None:
        await escribir(complejo, "sorteos", {"_id": ObjectId(borrador)}, {"vigencia.hasta": "2030-12-31"})
        await complejo.pedir("PATCH", f"/sorteo/{borrador}", json={"vigencia": {"desde": "2027-01-01"}})
        await detenido(complejo, borrador, "vigencia", borrador)

    async def test_marks_that_are_none(self, complejo: Complejo, borrador: str) -> None:
        await escribir(complejo, "sorteos", {"_id": ObjectId(borrador)}, {"marcas": 7})
        await detenido(complejo, borrador, "nombre", borrador)


async def test_a_space_that_somebody_put_back_in_use_is_not_offered(complejo: Complejo) -> None:
    await complejo.pedir("POST", "/sorteo/espacios", json={"codigo": "P-1", "tipo": "carro"})
    for n in (1, 2):
        await complejo.muda(f"10{n}", "Ana", str(n))
    cierre = complejo.ahora + timedelta(days=20)
    sorteo = await complejo.sorteo("El primero", (date(2027, 1, 1), date(2027, 6, 30)), cierre)
    await complejo.piden(sorteo)
    await complejo.hasta(date(2026, 12, 16))
    await complejo.pedir("POST", f"/sorteo/{sorteo}/ejecutar", json={"entropia": "4821 serie 072"})
    await complejo.pedir("POST", f"/sorteo/{sorteo}/publicar")
    ((vecina, gana),) = await complejo.de(sorteo, "asignada")
    await complejo.pedir("PATCH", "/sorteo/espacios/P-1", json={"activo": False})
    await complejo.responde(vecina, gana, "declinada")
    await escribir(complejo, "espacios", {"codigo": "P-1"}, {"activo": True})
    negado = await complejo.pedir("POST", f"/sorteo/{sorteo}/liberar", json={"espacio": "P-1"}, espera=409)
    assert negado["codigo"] == "espacio_no_libre"
    assert len(await complejo.de(sorteo, "en_espera")) == 1
    # Staff that mean it say so, and the next in line has it.
    entero = {"tipo": "carro", "reserva": None, "uso": "residentes", "activo": True}
    await complejo.pedir("PATCH", "/sorteo/espacios/P-1", json=entero)
    assert len(await complejo.de(sorteo, "ofrecida")) == 1
