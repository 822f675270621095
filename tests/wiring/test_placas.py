"""A plate that somebody writes on the database, on a request that won or on the vehicle that it is for."""

from datetime import date

import pytest
from bson import ObjectId

from tests.wiring.complejo import DERECHO, Complejo
from tests.wiring.test_permutas_escritas import publicado

__all__ = ["publicado"]
AJENA = "XYZ999"


async def poner(complejo: Complejo, coleccion: str, id: str, **campos: str) -> None:
    base = complejo.aplicacion.base
    assert (await base[coleccion].update_one({"_id": ObjectId(id)}, {"$set": campos})).modified_count == 1


async def test_who_wins_comes_in_with_the_plate_that_was_stated(complejo: Complejo, publicado: str) -> None:
    """Whatever the request says as it is accepted."""
    await complejo.cuenta({"email": "porteria@example.com", "rol": "porteria"})
    ((vecina, suya), *_) = await complejo.de(publicado, "asignada")
    await poner(complejo, "solicitudes", suya["id"], **{"vehiculo.placa": AJENA})
    await complejo.responde(vecina, suya, "aceptada")
    await complejo.hasta(date(2027, 1, 10))
    assert await complejo.entra(AJENA) is None
    assert await complejo.entra(vecina.placa) == suya["espacio"]


@pytest.mark.parametrize("campo", ["placa", "unidad_id"])
async def test_nobody_accepts_for_a_vehicle_that_nobody_stated(complejo: Complejo, publicado: str, campo: str) -> None:
    """Until staff state it."""
    ((vecina, suya), *_) = await complejo.de(publicado, "asignada")
    vehiculos, cual = complejo.aplicacion.base["vehiculos"], {"_id": ObjectId(vecina.vehiculo)}
    antes = await vehiculos.find_one_and_update(cual, {"$set": {campo: AJENA if campo == "placa" else ObjectId()}})
    ruta = f"/solicitudes/{suya['id']}/estado"
    negada = await complejo.pedir("PATCH", ruta, vecina.documento, espera=409, json={"estado": "aceptada"})
    assert (negada["codigo"], negada["datos"]) == ("bases_alteradas", {"donde": "vehiculo", "objeto": vecina.vehiculo})
    (fila,) = await complejo.todas("/auditoria?accion=bases_alteradas")
    assert fila["datos"] == negada["datos"]
    assert antes is not None
    await vehiculos.replace_one(cual, dict(antes))
    await complejo.responde(vecina, suya, "aceptada")


async def test_nor_comes_in_by_a_right(complejo: Complejo) -> None:
    await complejo.cuenta({"email": "porteria@example.com", "rol": "porteria"})
    await complejo.pedir("POST", "/sorteo/espacios", json={"codigo": "P-1", "tipo": "carro"})
    vecina = await complejo.muda("101", "Ana", "1")
    await complejo.pedir("PATCH", "/sorteo/espacios/P-1", json={"titular": DERECHO | {"unidad_id": vecina.unidad}})
    assert await complejo.entra(vecina.placa) == "P-1"
    await poner(complejo, "vehiculos", vecina.vehiculo, placa=AJENA)
    assert await complejo.entra(AJENA) is None


async def test_a_plate_that_staff_correct_and_one_of_another_kind(complejo: Complejo) -> None:
    """What is stated of a vehicle leaves its other mark whole."""
    vecina = await complejo.muda("101", "Ana", "1")
    ruta = f"/residentes/unidades/{vecina.unidad}/vehiculos/{vecina.vehiculo}"
    await complejo.pedir("PATCH", ruta, json={"placa": "NUE123"})
    await complejo.pedir("PATCH", ruta, json={"electrico": True})
    vehiculos = [{"tipo": "carro", "electrico": False, "placa": "NUE123"}]
    await complejo.pedir("PATCH", f"/residentes/unidades/{vecina.unidad}", json={"vehiculos": vehiculos})
    await complejo.pedir("POST", "/sorteo/espacios", json={"codigo": "P-1", "tipo": "carro"})
    await complejo.cuenta({"email": "porteria@example.com", "rol": "porteria"})
    await complejo.pedir("PATCH", "/sorteo/espacios/P-1", json={"titular": DERECHO | {"unidad_id": vecina.unidad}})
    assert await complejo.entra("NUE123") == "P-1"
