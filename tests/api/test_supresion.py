"""A person who was erased: nothing stored names them any more, and draws and the audit can be checked as before."""

import hashlib

import pytest
from bson import encode

from app.core import clock
from app.main import abierto
from tests.api.conftest import Aplicacion
from tests.api.mundo import V1, Mundo, construir

pytestmark = pytest.mark.usefixtures("_su_hora")
SUYO = ("Zoilaida", "zoilaida", "Quiñonezlarga", "77665544", "zoila.unica@example.com", "3009998877", "AAA101")


@pytest.fixture(scope="module")
async def suyo(otra: Aplicacion) -> Mundo:
    """A world whose `ana` has words that nobody else has, in an answer that is kept, too."""
    otra.base_propia()
    clock.usar_fuente(lambda: otra.reloj.instante)
    mundo = await construir(otra.cliente, otra.reloj)
    cambios = {
        "nombres": "Zoilaida",
        "apellidos": "Quiñonezlarga",
        "numero_documento": "77.665.544",
        "email": "zoila.unica@example.com",
        "telefono": "300 999 8877",
    }
    await mundo.pedir("PATCH", f"/residentes/{mundo.ana.id}", json=cambios)
    clave = {**mundo.quien["admin"], "Idempotency-Key": "guardada"}
    await mundo.pedir("PATCH", f"/solicitudes/{mundo.ana.solicitud}/estado", "residente", json={"estado": "cancelada"})
    pedida = {"sorteo_id": mundo.abierto, "unidad_id": mundo.ana.unidad, "placa": "AAA101"}
    respuesta = await otra.cliente.post(f"{V1}/solicitudes", json=pedida, headers=clave)
    assert respuesta.status_code == 201, respuesta.text
    mundo.ana.solicitud = respuesta.json()["id"]
    return mundo


async def _donde(otra: Aplicacion) -> dict[str, set[str]]:
    """Which of the words stand in which collection."""
    hallados: dict[str, set[str]] = {}
    for nombre in await otra.base.list_collection_names():
        async for fila in otra.base[nombre].find({}):
            crudo = encode(fila)
            for palabra in SUYO:
                if palabra.encode() in crudo:
                    hallados.setdefault(nombre, set()).add(palabra)
    return hallados


async def test_what_is_held_is_told_whole(suyo: Mundo) -> None:
    datos = await suyo.pedir("GET", "/residentes/yo/datos", "residente")
    assert datos["residente"]["numero_documento"] == "77665544"
    assert [u["vehiculos"][0]["placa"] for u in datos["unidades"]] == ["AAA101"]
    guardados = datos["guardados"]
    assert (len(guardados["cuenta"]), len(guardados["solicitudes"])) == (1, 3)
    assert guardados["cuenta"][0]["sesiones"]
    assert guardados["avisos"]
    assert "clave" not in guardados["cuenta"][0]


async def test_nothing_stored_names_them_any_more(suyo: Mundo, otra: Aplicacion) -> None:
    antes = await _donde(otra)
    copia = await _todo(otra)
    assert {"residentes", "vehiculos", "solicitudes", "asignaciones", "idempotencia_respuestas"} <= set(antes)
    bases = await otra.cliente.get(f"{V1}/sorteo/{suyo.publicado}/bases", headers=suyo.quien["admin"])
    for _ in range(2):
        await suyo.pedir("POST", "/residentes/yo/suprimir", "residente", espera=204)
    pedidas = await suyo.pedir("GET", "/residentes?supresion_pedida=true")
    assert [r["id"] for r in pedidas["items"]] == [suyo.ana.id]
    await suyo.pedir("POST", f"/residentes/{suyo.ana.id}/suprimir", "operador", espera=403)
    for _ in range(2):
        await suyo.pedir("POST", f"/residentes/{suyo.ana.id}/suprimir", espera=204)

    assert await _donde(otra) == {}
    await suyo.pedir("GET", f"/residentes/{suyo.ana.id}", espera=404)
    condicion = {"estado": "verificada", "persona": "titular"}
    ruta = f"/residentes/{suyo.ana.id}/condiciones/movilidad_reducida"
    await suyo.pedir("PUT", ruta, json=condicion, espera=404)
    for consulta in ("q=zoilaida", "q=77665544", "estado=inactivo", "supresion_pedida=true"):
        assert (await suyo.pedir("GET", f"/residentes?{consulta}"))["items"] == []
    fuera = await otra.cliente.get(f"{V1}/auth/yo", headers=suyo.quien["residente"])
    assert fuera.status_code == 401
    despues = await otra.cliente.get(f"{V1}/sorteo/{suyo.publicado}/bases", headers=suyo.quien["admin"])
    assert despues.content == bases.content
    verificacion = await suyo.pedir("GET", f"/sorteo/{suyo.publicado}/verificacion")
    assert hashlib.sha256(despues.content).hexdigest() == verificacion["huella"]
    assert (await suyo.pedir("GET", f"/solicitudes/{suyo.ana.solicitud}"))["residente"]["nombre"].startswith("Persona")

    # A copy of before takes the place of everything but the list of who was erased.
    for nombre, filas in copia.items():
        await otra.base[nombre].delete_many({})
        await otra.base[nombre].insert_many(filas)
    assert (await _donde(otra)).keys() >= {"residentes", "vehiculos", "solicitudes"}
    async with abierto(otra.ajustes):
        assert await _donde(otra) == {}
    otra.base_propia()


async def _todo(otra: Aplicacion) -> dict[str, list[dict[str, object]]]:
    """What a backup holds of persons, and what they are found by."""
    nombres = set(await otra.base.list_collection_names()) - {"supresiones", "instalacion", "idempotencia_respuestas"}
    copia = {nombre: await otra.base[nombre].find({}).to_list(None) for nombre in sorted(nombres)}
    return {nombre: filas for nombre, filas in copia.items() if filas}
