"""Exchanges of which somebody writes on the database that they are other than the audit was told."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest
from bson import ObjectId

from tests.wiring.complejo import Complejo, Vecina
from tests.wiring.escenas import escena
from tests.wiring.test_asignaciones_escritas import publicado

Tenida = tuple[Vecina, dict[str, Any]]


__all__ = ["publicado"]


@escena
async def asignado(complejo: Complejo, publicado: str) -> str:
    """Both accepted, and the term has begun."""
    for vecina, solicitud in await complejo.de(publicado, "asignada"):
        await complejo.responde(vecina, solicitud, "aceptada")
    await complejo.hasta(date(2027, 1, 10))
    return publicado


@pytest.fixture
async def dos(complejo: Complejo, asignado: str) -> tuple[Tenida, Tenida]:
    una, otra = await complejo.de(asignado, "aceptada")
    return una, otra


async def consiente(complejo: Complejo, quien: Vecina, da: Mapping[str, Any], recibe: Mapping[str, Any]) -> str:
    pedido = {"espacio": da["espacio"], "por": recibe["espacio"]}
    id: str = (await complejo.pedir("POST", "/sorteo/permutas/consentir", quien.documento, json=pedido))["id"]
    return id


async def consentida(complejo: Complejo, dos: tuple[Tenida, Tenida]) -> str:
    (una, su_espacio), (otra, el_otro) = dos
    await consiente(complejo, una, su_espacio, el_otro)
    return await consiente(complejo, otra, el_otro, su_espacio)


async def hacer(complejo: Complejo, espera: int = 0) -> Any:
    pedido = {"espacio_a": "P-1", "espacio_b": "P-2", "motivo": "las dos lo pidieron"}
    return await complejo.pedir("POST", "/sorteo/permutas", espera=espera, json=pedido)


async def escribir(complejo: Complejo, id: str, **campos: Any) -> None:
    await complejo.aplicacion.base["permutas"].update_one({"_id": ObjectId(id)}, {"$set": campos})


async def no_se_hace(complejo: Complejo, id: str, donde: str, dos: tuple[Tenida, Tenida]) -> None:
    """However often somebody asks; the audit says so, once."""
    for _ in range(2):
        negada = await hacer(complejo, espera=409)
        assert (negada["codigo"], negada["datos"]["objeto"]) == ("bases_alteradas", id)
    suyas = {s["id"]: s["espacio"] for _, s in await complejo.de(dos[0][1]["sorteo_id"], "aceptada")}
    assert suyas == {s["id"]: s["espacio"] for _, s in dos}
    filas = await complejo.todas("/auditoria?accion=permuta_alterada")
    assert filas[-1]["datos"]["donde"] == donde
    assert {fila["objeto"][-1] for fila in filas} == {id}


@pytest.mark.parametrize("fin", ["retirar", "negar"])
async def test_one_that_has_ended_is_not_open_again(complejo: Complejo, dos: tuple[Tenida, Tenida], fin: str) -> None:
    id = await consentida(complejo, dos)
    if fin == "retirar":
        await complejo.pedir("POST", f"/sorteo/permutas/{id}/retirar", dos[1][0].documento)
    else:
        await complejo.pedir("POST", f"/sorteo/permutas/{id}/negar", json={"motivo": "hay un reclamo"})
    await escribir(complejo, id, estado="consentida", abierta=True)
    await no_se_hace(complejo, id, "estado", dos)


async def test_one_that_was_made_is_not_made_again(complejo: Complejo, dos: tuple[Tenida, Tenida]) -> None:
    id = await consentida(complejo, dos)
    await hacer(complejo)
    await escribir(complejo, id, estado="consentida", abierta=True)
    negada = await hacer(complejo, espera=409)
    assert (negada["codigo"], negada["datos"]["donde"]) == ("bases_alteradas", "estado")


@pytest.mark.parametrize("como", ["ended", "of others", "gone"])
async def test_one_that_is_hidden_from_who_withdraws_it(
    complejo: Complejo, dos: tuple[Tenida, Tenida], como: str
) -> None:
    """For that moment; put back, it is made no more."""
    id = await consentida(complejo, dos)
    permutas = complejo.aplicacion.base["permutas"]
    antes: Any = await permutas.find_one({"_id": ObjectId(id)})
    if como == "gone":
        await permutas.delete_one({"_id": antes["_id"]})
    elif como == "ended":
        await escribir(complejo, id, estado="negada", abierta=False)
    else:
        await escribir(complejo, id, **{"partes.1.unidad_id": ObjectId(), "partes.0.unidad_id": ObjectId()})
    negada = await complejo.pedir("POST", f"/sorteo/permutas/{id}/retirar", dos[1][0].documento, espera=409)
    assert negada["codigo"] == "bases_alteradas"
    await permutas.replace_one({"_id": antes["_id"]}, antes, upsert=True)
    await no_se_hace(complejo, id, "estado" if como == "ended" else "partes", dos)


async def test_the_end_hidden_in_the_audit(complejo: Complejo, dos: tuple[Tenida, Tenida]) -> None:
    """What was told since both consented has to be there."""
    id = await consentida(complejo, dos)
    await complejo.pedir("POST", f"/sorteo/permutas/{id}/retirar", dos[1][0].documento)
    await complejo.latir()
    fin = {"objeto": id, "accion": "permuta_cerrada"}
    assert (await complejo.aplicacion.base["auditoria"].delete_one(fin)).deleted_count == 1
    await escribir(complejo, id, estado="consentida", abierta=True)
    negada = await hacer(complejo, espera=409)
    assert (negada["codigo"], negada["datos"]["donde"]) == ("bases_alteradas", "auditoria")


async def test_one_account_consents_for_one_flat(complejo: Complejo, dos: tuple[Tenida, Tenida]) -> None:
    """Somebody who moved from the one to the other meanwhile does not speak for both."""
    (una, su_espacio), (otra, el_otro) = dos
    await consiente(complejo, una, su_espacio, el_otro)
    se_muda = {"unidades": [{"torre": "1", "apartamento": otra.apartamento, "tenencia": "propietario"}]}
    await complejo.llega(una.apartamento, "Eva", "9")
    await complejo.pedir("PATCH", f"/residentes/{una.id}", json=se_muda)
    await consiente(complejo, una, el_otro, su_espacio)
    assert (await hacer(complejo, espera=409))["codigo"] == "sin_consentimiento"
    await consiente(complejo, otra, el_otro, su_espacio)
    assert (await hacer(complejo))["estado"] == "hecha"


async def puesta(complejo: Complejo, coleccion: str, cual: Mapping[str, Any], cambio: Mapping[str, Any]) -> Any:
    """Written on the database; what was there."""
    return await complejo.aplicacion.base[coleccion].find_one_and_update(cual, {"$set": cambio})


async def test_for_a_space_to_which_it_has_no_right(complejo: Complejo, dos: tuple[Tenida, Tenida]) -> None:
    """The request says for a moment that it has, or the copy of the space that it takes none."""
    (una, su_espacio), (_, el_otro) = dos
    suya = {"_id": ObjectId(su_espacio["id"])}
    antes = await puesta(complejo, "solicitudes", suya, {"condiciones": ["movilidad_reducida"]})
    pedido = {"espacio": su_espacio["espacio"], "por": el_otro["espacio"]}
    negada = await complejo.pedir("POST", "/sorteo/permutas/consentir", una.documento, espera=409, json=pedido)
    assert (negada["codigo"], negada["datos"]["donde"]) == ("bases_alteradas", "solicitudes")
    await complejo.aplicacion.base["solicitudes"].replace_one(suya, antes)
    await consentida(complejo, dos)
    await puesta(complejo, "sorteos_espacios", {"codigo": "P-1"}, {"reserva": "movilidad_reducida"})
    negada = await hacer(complejo, espera=409)
    assert (negada["codigo"], negada["datos"]["donde"]) == ("bases_alteradas", "espacios")
    filas = await complejo.todas("/auditoria?accion=bases_alteradas")
    assert sorted(fila["datos"]["donde"] for fila in filas) == ["espacios", "solicitudes"]
    await puesta(complejo, "sorteos_espacios", {"codigo": "P-1"}, {"reserva": None})
    assert (await hacer(complejo))["estado"] == "hecha"


async def test_an_assignment_of_which_another_flat_gives_consent(
    complejo: Complejo, dos: tuple[Tenida, Tenida]
) -> None:
    """For a moment it is of a flat that waits: whoever lives there consents, and the database is put back."""
    (una, su_espacio), (_, el_otro) = dos
    ((aliada, _), *_) = await complejo.de(su_espacio["sorteo_id"], "en_espera")
    ajena = {"espacio": el_otro["espacio"]}
    antes = await puesta(complejo, "asignaciones", ajena, {"unidad_id": ObjectId(aliada.unidad)})
    await consiente(complejo, una, su_espacio, el_otro)
    await consiente(complejo, aliada, el_otro, su_espacio)
    await complejo.aplicacion.base["asignaciones"].replace_one(ajena, antes)
    assert (await hacer(complejo, espera=409))["codigo"] == "permuta_imposible"
