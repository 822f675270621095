"""Where somebody lives, written on the database for the moment in which they act for a flat, or would see what is
theirs."""

from typing import Any

import pytest
from bson import ObjectId

from tests.wiring.complejo import Complejo, Vecina
from tests.wiring.test_ocupaciones import primero
from tests.wiring.test_permutas_escritas import Tenida, asignado, consiente, dos, publicado

__all__ = ["asignado", "dos", "primero", "publicado"]


async def escribir(complejo: Complejo, de: Vecina, **campos: Any) -> Any:
    """On the database, of who lives there; what was there."""
    residentes = complejo.aplicacion.base["residentes"]
    return await residentes.find_one_and_update({"_id": ObjectId(de.id)}, {"$set": campos})


async def como(complejo: Complejo, una: Vecina, otra: Vecina) -> None:
    """The one lives where the other does."""
    suya: Any = await complejo.aplicacion.base["residentes"].find_one({"_id": ObjectId(otra.id)})
    await escribir(complejo, una, unidades=suya["unidades"])


async def negado(complejo: Complejo, quien: Vecina, metodo: str, ruta: str, **mas: Any) -> None:
    """And the audit says of whom, once."""
    for _ in range(2):
        dicho = await complejo.pedir(metodo, ruta, quien.documento, espera=409, **mas)
        assert (dicho["codigo"], dicho["datos"]) == ("bases_alteradas", {"donde": "unidades", "objeto": quien.id})
    filas = await complejo.todas("/auditoria?accion=bases_alteradas")
    filas += await complejo.todas("/auditoria?accion=residente_alterado")
    (fila,) = filas
    assert quien.id in (fila["objeto"][-1], fila["datos"].get("objeto"))


@pytest.mark.parametrize("a", ["declinada", "aceptada"])
async def test_nobody_answers_for_a_flat_that_they_do_not_live_in(complejo: Complejo, publicado: str, a: str) -> None:
    ((victima, suya), *_) = await complejo.de(publicado, "asignada")
    ((aliada, _), *_) = await complejo.de(publicado, "en_espera")
    await como(complejo, aliada, victima)
    await negado(complejo, aliada, "PATCH", f"/solicitudes/{suya['id']}/estado", json={"estado": a})
    assert len(await complejo.de(publicado, "asignada")) == 2


async def test_nor_consents_to_an_exchange(complejo: Complejo, dos: tuple[Tenida, Tenida]) -> None:
    (aliada, su_espacio), (victima, el_otro) = dos
    await consiente(complejo, aliada, su_espacio, el_otro)
    await como(complejo, aliada, victima)
    pedido = {"espacio": el_otro["espacio"], "por": su_espacio["espacio"]}
    await negado(complejo, aliada, "POST", "/sorteo/permutas/consentir", json=pedido)


async def test_nor_gives_its_space_back(complejo: Complejo, dos: tuple[Tenida, Tenida]) -> None:
    (aliada, _), (victima, su_espacio) = dos
    (una,) = await complejo.todas(f"/sorteo/asignaciones?espacio={su_espacio['espacio']}")
    await como(complejo, aliada, victima)
    await negado(complejo, aliada, "POST", f"/sorteo/asignaciones/{una['id']}/devolver")


async def test_nor_hands_in_for_it(complejo: Complejo, primero: str) -> None:
    aliada = await complejo.muda("102", "Eva", "2")
    otra = await complejo.muda("103", "Luz", "3")
    await como(complejo, aliada, otra)
    await negado(complejo, aliada, "POST", "/solicitudes", json={"sorteo_id": primero, "vehiculo_id": otra.vehiculo})


async def test_who_lived_there_once_does_so_no_more(complejo: Complejo, publicado: str) -> None:
    """Put back on the database with its mark as it was before they moved."""
    ((victima, suya), *_) = await complejo.de(publicado, "asignada")
    ((aliada, _), *_) = await complejo.de(publicado, "en_espera")
    await complejo.llega(aliada.apartamento, "Luz", "8")
    for apartamento in (victima.apartamento, aliada.apartamento):
        antes: Any = await complejo.aplicacion.base["residentes"].find_one({"_id": ObjectId(aliada.id)})
        vive = {"torre": "1", "apartamento": apartamento, "tenencia": "propietario"}
        await complejo.pedir("PATCH", f"/residentes/{aliada.id}", json={"unidades": [vive]})
    ruta = f"/solicitudes/{suya['id']}/estado"
    await complejo.pedir("PATCH", ruta, aliada.documento, espera=404, json={"estado": "declinada"})
    await escribir(complejo, aliada, unidades=antes["unidades"], marcas=antes["marcas"])
    await negado(complejo, aliada, "PATCH", ruta, json={"estado": "declinada"})


async def test_whoever_moved_in_acts(complejo: Complejo, publicado: str) -> None:
    """Through the API."""
    ((victima, suya), *_) = await complejo.de(publicado, "asignada")
    ((otra, _), *_) = await complejo.de(publicado, "en_espera")
    await complejo.llega(otra.apartamento, "Luz", "8")
    vive = {"torre": "1", "apartamento": victima.apartamento, "tenencia": "arrendatario"}
    await complejo.pedir("PATCH", f"/residentes/{otra.id}", json={"unidades": [vive]})
    await complejo.responde(otra, suya, "aceptada")
    assert await complejo.todas("/auditoria?accion=bases_alteradas") == []


async def test_nothing_is_hidden_from_who_lives_there(complejo: Complejo, publicado: str) -> None:
    """Whoever would look for what they won is told that somebody wrote where they live."""
    ((vecina, suya), *_) = await complejo.de(publicado, "asignada")
    await escribir(complejo, vecina, unidades=[])
    await negado(complejo, vecina, "GET", f"/solicitudes/{suya['id']}")
