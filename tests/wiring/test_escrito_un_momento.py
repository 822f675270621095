"""What somebody writes on the database for a moment, so that a step or the gate goes by it, and puts back."""

from datetime import date, timedelta
from typing import Any

import pytest
from bson import ObjectId

from app.modules.solicitudes.ventanilla.publicacion import PorPublicar, Publicaciones
from tests.wiring.complejo import DERECHO, SEMESTRE, Complejo, Vecina
from tests.wiring.escenas import escena


@escena
async def corrido(complejo: Complejo) -> str:
    """One of two has the space, and nobody was told."""
    await complejo.pedir("POST", "/sorteo/espacios", json={"codigo": "P-1", "tipo": "carro"})
    for n in (1, 2):
        await complejo.muda(f"10{n}", "Ana", str(n))
    sorteo = await complejo.sorteo("El primero", SEMESTRE, complejo.ahora + timedelta(days=20))
    await complejo.piden(sorteo)
    await complejo.hasta(date(2026, 12, 16))
    await complejo.pedir("POST", f"/sorteo/{sorteo}/ejecutar", json={"entropia": "1234 serie 567"})
    return sorteo


@escena
async def publicado(complejo: Complejo, corrido: str) -> str:
    """Who has it has not answered."""
    await complejo.pedir("POST", f"/sorteo/{corrido}/publicar")
    return corrido


@pytest.mark.parametrize("quien", ["the clock", "an administrator"])
async def test_a_term_that_is_over_ends_no_draw(complejo: Complejo, publicado: str, quien: str) -> None:
    """Whoever won has not answered: their space would be drawn again."""
    sorteos = complejo.aplicacion.base["sorteos"]
    suyo = {"_id": ObjectId(publicado)}
    await sorteos.update_one(suyo, {"$set": {"vigencia.hasta": "2026-12-01"}})
    if quien == "the clock":
        await complejo.latir()
    else:
        negado = await complejo.pedir("POST", f"/sorteo/{publicado}/finalizar", espera=409)
        assert (negado["codigo"], negado["datos"]["donde"]) == ("bases_alteradas", "parametros")
    await sorteos.update_one(suyo, {"$set": {"vigencia.hasta": SEMESTRE[1].isoformat()}})
    assert (await complejo.pedir("GET", f"/sorteo/{publicado}"))["estado"] == "publicado"
    assert len(await complejo.de(publicado, "asignada")) == 1
    (fila,) = (await complejo.pedir("GET", "/auditoria?accion=bases_alteradas"))["items"]
    assert fila["datos"] == {"donde": "parametros", "paso": "finalizar", "sorteo": publicado}


async def test_a_vehicle_of_another_flat_does_not_come_in(complejo: Complejo, vecina: Vecina) -> None:
    """By the right of a flat that it was not said to be of."""
    await complejo.pedir("PATCH", "/sorteo/espacios/P-1", json={"titular": DERECHO | {"unidad_id": vecina.unidad}})
    otra = await complejo.muda("102", "Eva", "2")
    ruta = f"/sorteo/porteria?placa={otra.placa}"
    assert not (await complejo.pedir("GET", ruta))["permitido"]
    suyo = {"_id": ObjectId(otra.vehiculo)}
    await complejo.aplicacion.base["vehiculos"].update_one(suyo, {"$set": {"unidad_id": ObjectId(vecina.unidad)}})
    assert not (await complejo.pedir("GET", ruta))["permitido"]
    assert (await complejo.pedir("GET", f"/sorteo/porteria?placa={vecina.placa}"))["espacio"] == "P-1"


async def test_a_time_to_answer_that_nobody_published(
    complejo: Complejo, corrido: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Written as a batch is made ready: whoever won would be born too late."""
    ventanas, suya = complejo.aplicacion.base["solicitudes_ventanillas"], {"_id": ObjectId(corrido)}
    preparar, plazo = Publicaciones.preparar, "terminos.plazo_aceptacion_horas"

    async def entretanto(publicaciones: Publicaciones, **que: Any) -> PorPublicar:
        antes: Any = await ventanas.find_one_and_update(suya, {"$set": {plazo: 0}})
        lote = await preparar(publicaciones, **que)
        await ventanas.update_one(suya, {"$set": {plazo: antes["terminos"]["plazo_aceptacion_horas"]}})
        return lote

    monkeypatch.setattr(Publicaciones, "preparar", entretanto)
    negado = await complejo.pedir("POST", f"/sorteo/{corrido}/publicar", espera=409)
    assert (negado["codigo"], negado["datos"]["donde"]) == ("bases_alteradas", "terminos")
    assert len(await complejo.de(corrido, "aprobada")) == 2
    monkeypatch.undo()
    await complejo.pedir("POST", f"/sorteo/{corrido}/publicar")
    assert len(await complejo.de(corrido, "asignada")) == 1


@pytest.mark.parametrize("cambio", [{"sorteo_id": ObjectId()}, {"estado": "retirada"}], ids=["elsewhere", "ended"])
async def test_who_waits_and_is_not_to_be_found(complejo: Complejo, publicado: str, cambio: dict[str, Any]) -> None:
    """Nobody would be offered a space of the draw any more."""
    solicitudes = complejo.aplicacion.base["solicitudes"]
    suyas = await solicitudes.find({"sorteo_id": ObjectId(publicado)}).to_list(None)
    await solicitudes.update_many({"sorteo_id": ObjectId(publicado)}, {"$set": cambio})
    negado = await complejo.pedir("POST", f"/sorteo/{publicado}/finalizar", espera=409)
    assert (negado["codigo"], negado["datos"]) == ("bases_alteradas", {"donde": "solicitudes"})
    for suya in suyas:
        await solicitudes.replace_one({"_id": suya["_id"]}, suya)
    (fila,) = (await complejo.pedir("GET", "/auditoria?accion=bases_alteradas"))["items"]
    assert fila["datos"] == {"donde": "solicitudes", "paso": "finalizar", "sorteo": publicado}
    assert len(await complejo.de(publicado, "en_espera")) == 1


async def test_once_nobody_waits(complejo: Complejo, publicado: str) -> None:
    for estado, a in (("asignada", "declinada"), ("ofrecida", "declinada")):
        ((vecina, suya),) = await complejo.de(publicado, estado)
        await complejo.responde(vecina, suya, a)
    assert (await complejo.pedir("POST", f"/sorteo/{publicado}/finalizar"))["estado"] == "finalizado"


async def test_a_clock_that_somebody_stops(complejo: Complejo, vecina: Vecina) -> None:  # noqa: ARG001 - who asks
    """The draw says that a step found it altered, which none did: it would wait for people until its number is known,
    and one of them annuls it alone."""
    sorteo = await complejo.sorteo("El primero", SEMESTRE, complejo.ahora + timedelta(days=20))
    await complejo.piden(sorteo)
    escrita = {"paso": "cerrar", "donde": "x", "cuando": complejo.ahora}
    await complejo.aplicacion.base["sorteos"].update_one({"_id": ObjectId(sorteo)}, {"$set": {"alteracion": escrita}})
    await complejo.hasta(date(2026, 12, 17))
    assert (await complejo.pedir("GET", f"/sorteo/{sorteo}"))["estado"] == "cerrado"
