"""What a hand-in judges by, put back with its mark as it once was for its moment: the closing finds the request."""

from dataclasses import replace

import pytest

from tests.wiring.complejo import Complejo, Vecina
from tests.wiring.test_hechos import cerrado, detenido, escribir
from tests.wiring.test_hechos_de_antes import fila
from tests.wiring.test_pedidas import pide
from tests.wiring.test_terminos import abierto


@pytest.fixture
async def otro(complejo: Complejo, vecina: Vecina) -> str:
    """Another car of the flat."""
    ruta = f"/residentes/unidades/{vecina.unidad}/vehiculos"
    id: str = (await complejo.pedir("POST", ruta, json={"tipo": "carro", "placa": "OTR001"}))["id"]
    return id


@pytest.mark.parametrize("cambia", [False, True])
async def test_a_vehicle(complejo: Complejo, vecina: Vecina, otro: str, cambia: bool) -> None:
    """Also where it comes in the place of another."""
    ruta = f"/residentes/unidades/{vecina.unidad}/vehiculos/{otro}"
    await complejo.pedir("PATCH", ruta, json={"tipo": "carro", "electrico": True})
    antes = await fila(complejo, "vehiculos", otro)
    await complejo.pedir("PATCH", ruta, json={"tipo": "carro", "electrico": False})
    despues = await fila(complejo, "vehiculos", otro)
    sorteo = await abierto(complejo)
    id = await pide(complejo, sorteo, vecina) if cambia else None
    complejo.aplicacion.reloj.avanzar(minutes=2)
    await complejo.aplicacion.base["vehiculos"].replace_one({"_id": antes["_id"]}, antes)
    if id is not None:
        await complejo.pedir("PATCH", f"/solicitudes/{id}", vecina.documento, json={"vehiculo_id": otro})
    else:
        id = await pide(complejo, sorteo, replace(vecina, vehiculo=otro))
    await complejo.aplicacion.base["vehiculos"].replace_one({"_id": antes["_id"]}, despues)
    await complejo.latir()
    await detenido(complejo, sorteo, "vehiculo", id)


async def test_a_vehicle_that_was_deleted(complejo: Complejo, vecina: Vecina, otro: str) -> None:
    antes = await fila(complejo, "vehiculos", otro)
    await complejo.pedir("DELETE", f"/residentes/unidades/{vecina.unidad}/vehiculos/{otro}")
    sorteo = await abierto(complejo)
    complejo.aplicacion.reloj.avanzar(minutes=2)
    await complejo.aplicacion.base["vehiculos"].insert_one(antes)
    id = await pide(complejo, sorteo, replace(vecina, vehiculo=otro))
    await complejo.latir()
    await detenido(complejo, sorteo, "vehiculo", id)


async def test_arrears(complejo: Complejo, vecina: Vecina) -> None:
    antes = await fila(complejo, "unidades", vecina.unidad)
    ruta = f"/residentes/unidades/{vecina.unidad}"
    await complejo.pedir("PATCH", ruta, json={"al_dia": False})
    sorteo = await abierto(complejo, al_dia_en="solicitud")
    complejo.aplicacion.reloj.avanzar(minutes=2)
    despues = await fila(complejo, "unidades", vecina.unidad)
    puesta = {"al_dia": True, "marcas.al_dia": antes["marcas"]["al_dia"]}
    await escribir(complejo, "unidades", vecina.unidad, puesta)
    id = await pide(complejo, sorteo, vecina)
    vuelta = {"al_dia": False, "marcas.al_dia": despues["marcas"]["al_dia"]}
    await escribir(complejo, "unidades", vecina.unidad, vuelta)
    await complejo.latir()
    await detenido(complejo, sorteo, "al_dia", id)


async def test_nor_without_what_it_says_of_that(complejo: Complejo, vecina: Vecina) -> None:
    sorteo = await abierto(complejo)
    id = await pide(complejo, sorteo, vecina)
    await escribir(complejo, "solicitudes", id, {"mirado": None})
    await detenido(complejo, sorteo, "solicitudes", id)


async def test_what_is_stated_before_and_after(complejo: Complejo, vecina: Vecina, otro: str) -> None:
    """Of an honest life nothing is found, however often it changes."""
    sorteo = await abierto(complejo, al_dia_en="solicitud")
    unidad = f"/residentes/unidades/{vecina.unidad}"
    for _ in range(2):
        await complejo.pedir("PATCH", unidad, json={"al_dia": False})
        await complejo.pedir("PATCH", unidad, json={"al_dia": True})
        await complejo.pedir("PATCH", f"{unidad}/vehiculos/{otro}", json={"electrico": True})
        propia = f"/residentes/yo/unidades/{vecina.unidad}/vehiculos/{otro}"
        await complejo.pedir("PATCH", propia, vecina.documento, json={"tipo": "carro", "electrico": False})
        complejo.aplicacion.reloj.avanzar(minutes=2)
    id = await pide(complejo, sorteo, vecina)
    await complejo.pedir("PATCH", f"/solicitudes/{id}", vecina.documento, json={"vehiculo_id": otro})
    complejo.aplicacion.reloj.avanzar(minutes=2)
    await complejo.pedir("PATCH", unidad, json={"al_dia": False})
    await complejo.latir()
    await complejo.pedir("PATCH", unidad, json={"al_dia": True})
    await cerrado(complejo, sorteo)
