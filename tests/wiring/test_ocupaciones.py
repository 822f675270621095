"""Whoever writes on the database who has a space keeps no other out of it, and gives it to nobody twice."""

from datetime import date, timedelta
from typing import Any

import pytest
from bson import ObjectId

from tests.wiring.complejo import Complejo
from tests.wiring.escenas import escena, tras

TERMINO = {"desde": "2027-01-01", "hasta": "2027-06-30"}


@escena
async def primero(complejo: Complejo) -> str:
    """A draw that is open, with two spaces, for which one flat asks."""
    for codigo in ("P-1", "P-2"):
        await complejo.pedir("POST", "/sorteo/espacios", json={"codigo": codigo, "tipo": "carro"})
    await complejo.muda("101", "Ana", "1")
    sorteo = await complejo.sorteo("El primero", (date(2027, 1, 1), date(2027, 6, 30)), _dentro_de(complejo, 20))
    await complejo.piden(sorteo)
    return sorteo


def _dentro_de(complejo: Complejo, dias: int) -> Any:
    return complejo.ahora + timedelta(days=dias)


async def publicado(complejo: Complejo, sorteo: str) -> dict[str, Any]:
    """Its only request, which won."""
    return await tras(complejo, _publicar, sorteo)


async def _publicar(complejo: Complejo, sorteo: str) -> dict[str, Any]:
    await complejo.hasta(date(2026, 12, 16))
    await complejo.pedir("POST", f"/sorteo/{sorteo}/ejecutar", json={"entropia": "4821 serie 072"})
    await complejo.pedir("POST", f"/sorteo/{sorteo}/publicar")
    ((_, gana),) = await complejo.de(sorteo, "asignada")
    return gana


async def acepta(complejo: Complejo, sorteo: str) -> str:
    """The space that it has now."""
    gana = await publicado(complejo, sorteo)
    await tras(complejo, _aceptar, gana)
    return str(gana["espacio"])


async def _aceptar(complejo: Complejo, gana: dict[str, Any]) -> None:
    await complejo.responde(complejo.vecinas["101"], gana, "aceptada")


async def borrador(complejo: Complejo, **campos: Any) -> str:
    return await complejo.borrador(
        "El segundo", (date(2027, 3, 1), date(2027, 12, 31)), _dentro_de(complejo, 20), **campos
    )


async def escribir(complejo: Complejo, codigo: str, cambio: dict[str, Any]) -> str:
    """As whoever has the database does; the id of the space."""
    escrito: Any = await complejo.aplicacion.base["espacios"].find_one_and_update({"codigo": codigo}, cambio)
    return str(escrito["_id"])


async def detenido(complejo: Complejo, sorteo: str, codigo: str, id: str) -> None:
    for _ in range(2):
        negado = await complejo.pedir("POST", f"/sorteo/{sorteo}/abrir", espera=409)
        assert (negado["codigo"], negado["datos"]) == (
            "bases_alteradas",
            {"donde": "ocupaciones", "objeto": id, "espacio": codigo},
        )
    (fila,) = (await complejo.pedir("GET", "/auditoria?accion=bases_alteradas"))["items"]
    assert fila["datos"] == {"donde": "ocupaciones", "de": id, "paso": "abrir", "sorteo": sorteo}


@pytest.mark.parametrize("tipo", ["sorteo", "solicitud", "asignacion"])
async def test_one_put_there_keeps_no_space_out_of_a_draw(complejo: Complejo, primero: str, tipo: str) -> None:
    """Of nobody, of the request and of the draw that had the space once."""
    libre = {"P-1", "P-2"} - {await acepta(complejo, primero)}
    (codigo,) = libre
    ((_, suya),) = await complejo.de(primero, "aceptada")
    for ref in (ObjectId(), ObjectId(suya["id"]), ObjectId(primero)):
        puesta = {"tipo": tipo, "ref": ref, **TERMINO}
        id = await escribir(complejo, codigo, {"$set": {"ocupaciones": [puesta]}})
        sorteo = await borrador(complejo)
        negado = await complejo.pedir("POST", f"/sorteo/{sorteo}/abrir", espera=409)
        assert negado["datos"] == {"donde": "ocupaciones", "objeto": id, "espacio": codigo}
    await escribir(complejo, codigo, {"$set": {"ocupaciones": []}})
    abierto = await complejo.pedir("POST", f"/sorteo/{sorteo}/abrir")
    assert (abierto["estado"], abierto["espacios_en_juego"]) == ("abierto", 1)


async def test_one_put_there_before_any_draw(complejo: Complejo) -> None:
    for codigo in ("P-1", "P-2"):
        await complejo.pedir("POST", "/sorteo/espacios", json={"codigo": codigo, "tipo": "carro"})
    sorteo = await borrador(complejo)
    puesta = {"tipo": "sorteo", "ref": ObjectId(), "desde": "2027-12-31", "hasta": "2028-12-31"}
    id = await escribir(complejo, "P-2", {"$push": {"ocupaciones": puesta}})
    await detenido(complejo, sorteo, "P-2", id)
    # Where the draw does not ask for the space, nor on days of its term, it is of no matter.
    await escribir(complejo, "P-2", {"$set": {"ocupaciones.0.desde": "2028-01-01"}})
    assert (await complejo.pedir("POST", f"/sorteo/{sorteo}/abrir"))["estado"] == "abierto"


@pytest.mark.parametrize(
    "cambio",
    [
        {"$set": {"ocupaciones": []}},
        {"$set": {"ocupaciones.0.hasta": "2027-02-01"}},
        {"$set": {"ocupaciones.0.desde": "2027-06-30"}},
        {"$set": {"ocupaciones.0.ref": ObjectId()}},
    ],
)
@pytest.mark.parametrize("como", ["abierto", "asignada", "aceptada"])
async def test_one_taken_away_gives_no_space_twice(
    complejo: Complejo, primero: str, como: str, cambio: dict[str, Any]
) -> None:
    """Of a draw that goes on, of a request that has not answered, and of who has the space."""
    codigo = "P-1"
    if como == "asignada":
        codigo = (await publicado(complejo, primero))["espacio"]
    elif como == "aceptada":
        codigo = await acepta(complejo, primero)
    sorteo = await borrador(complejo)
    id = await escribir(complejo, codigo, cambio)
    await detenido(complejo, sorteo, codigo, id)


async def test_an_assignment_that_is_taken_away(complejo: Complejo, primero: str) -> None:
    """Its claim is of nobody, until the assignment is back."""
    codigo = await acepta(complejo, primero)
    asignaciones = complejo.aplicacion.base["asignaciones"]
    suya: Any = await asignaciones.find_one_and_delete({"espacio": codigo})
    sorteo = await borrador(complejo)
    espacio: Any = await complejo.aplicacion.base["espacios"].find_one({"codigo": codigo})
    await detenido(complejo, sorteo, codigo, str(espacio["_id"]))
    await asignaciones.insert_one(suya)
    assert (await complejo.pedir("POST", f"/sorteo/{sorteo}/abrir"))["espacios_en_juego"] == 1


@pytest.mark.parametrize("como", ["abierto", "asignada", "aceptada", "declinada", "devuelta"])
async def test_what_acts_do(complejo: Complejo, primero: str, como: str) -> None:
    """Each claim is of something, at every step."""
    libres = 1
    if como == "abierto":
        libres = 0
    elif como in ("asignada", "declinada"):
        gana = await publicado(complejo, primero)
        if como == "declinada":
            await complejo.responde(complejo.vecinas["101"], gana, "declinada")
            libres = 2
    else:
        await acepta(complejo, primero)
        if como == "devuelta":
            (suya,) = await complejo.todas("/sorteo/asignaciones")
            await complejo.pedir("POST", f"/sorteo/asignaciones/{suya['id']}/devolver", "1")
            libres = 2
    await complejo.pedir("POST", "/sorteo/espacios", json={"codigo": "P-3", "tipo": "carro"})
    sorteo = await borrador(complejo)
    abierto = await complejo.pedir("POST", f"/sorteo/{sorteo}/abrir")
    assert abierto["espacios_en_juego"] == libres + 1


async def test_one_taken_away_is_offered_to_nobody(complejo: Complejo, primero: str) -> None:
    """Who has a space by an assignment keeps it, and who waits goes on waiting."""
    for n in (2, 3):
        vecina = await complejo.muda(f"10{n}", "Luis", str(n))
        await complejo.pedir(
            "POST", "/solicitudes", str(n), json={"sorteo_id": primero, "vehiculo_id": vecina.vehiculo}
        )
    await complejo.hasta(date(2026, 12, 16))
    await complejo.pedir("POST", f"/sorteo/{primero}/ejecutar", json={"entropia": "4821 serie 072"})
    await complejo.pedir("POST", f"/sorteo/{primero}/publicar")
    (vecina, gana), _ = await complejo.de(primero, "asignada")
    await complejo.responde(vecina, gana, "aceptada")
    await escribir(complejo, gana["espacio"], {"$set": {"ocupaciones": []}})
    ruta = f"/sorteo/{primero}/liberar"
    negado = await complejo.pedir("POST", ruta, json={"espacio": gana["espacio"]}, espera=409)
    assert negado["codigo"] == "espacio_no_libre"
    assert len(await complejo.de(primero, "en_espera")) == 1
