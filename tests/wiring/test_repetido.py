"""A draw that repeats an annulled one copies its requests as they were: none that somebody wrote on the database."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import pytest
from bson import ObjectId

from tests.loteria import instante
from tests.wiring.complejo import Complejo
from tests.wiring.escenas import escena
from tests.wiring.test_hechos import detenido, escribir

AUDITOR = "auditora@example.com"


@escena
async def anulado(complejo: Complejo) -> str:
    """Of three requests, one of which its flat cancelled."""
    await complejo.cuenta({"email": AUDITOR, "rol": "auditor"})
    complejo.aplicacion.reloj.avanzar(minutes=1)
    await complejo.pedir("POST", "/sorteo/espacios", json={"codigo": "P-1", "tipo": "carro"})
    for n in range(3):
        await complejo.muda(f"10{n}", "Ana", str(n + 1))
    cierre = complejo.ahora + timedelta(days=20)
    sorteo = await complejo.sorteo("El primero", (date(2027, 1, 1), date(2027, 6, 30)), cierre)
    await complejo.piden(sorteo)
    vecina, suya = (await complejo.de(sorteo, "aprobada"))[2]
    await complejo.responde(vecina, suya, "cancelada")
    await complejo.latir()
    return sorteo


async def otra_vez(complejo: Complejo, sorteo: str) -> str:
    """A draft that repeats it."""
    await complejo.pedir("POST", f"/sorteo/{sorteo}/anular", json={"motivo": "Se repite"})
    if (await complejo.pedir("GET", f"/sorteo/{sorteo}"))["estado"] != "anulado":
        await complejo.pedir("POST", f"/sorteo/{sorteo}/anular/confirmar", AUDITOR)
    dichos = await complejo.pedir("GET", f"/sorteo/{sorteo}")
    iguales = {campo: dichos[campo] for campo in ("vigencia", "fuente_entropia", "cierre", "aprobacion")}
    iguales["cierre"] = None
    iguales["fuente_entropia"]["disponible_desde"] = instante(complejo.ahora + timedelta(days=9))
    repetido = {**iguales, "nombre": "Otra vez", "repite_a": sorteo}
    id: str = (await complejo.pedir("POST", "/sorteo", json=repetido))["id"]
    return id


async def publicado(complejo: Complejo, sorteo: str) -> None:
    await complejo.pedir("POST", f"/sorteo/{sorteo}/cerrar")
    complejo.aplicacion.reloj.avanzar(days=26)
    await complejo.pedir("POST", f"/sorteo/{sorteo}/ejecutar", json={"entropia": "4821 serie 072"})
    await complejo.pedir("POST", f"/sorteo/{sorteo}/publicar")


async def test_as_they_were(complejo: Complejo, anulado: str) -> None:
    nuevo = await otra_vez(complejo, anulado)
    await complejo.pedir("POST", f"/sorteo/{nuevo}/abrir")
    assert len(await complejo.de(nuevo, "aprobada")) == 2


async def test_of_one_that_was_published(complejo: Complejo, anulado: str) -> None:
    """Who won declined, and is not copied."""
    await publicado(complejo, anulado)
    ((vecina, suya),) = await complejo.de(anulado, "asignada")
    await complejo.responde(vecina, suya, "declinada")
    nuevo = await otra_vez(complejo, anulado)
    await complejo.pedir("POST", f"/sorteo/{nuevo}/abrir")
    assert len(await complejo.de(nuevo, "aprobada")) == 1


@pytest.mark.parametrize(
    ("estado", "cambio"),
    [
        ("aprobada", {"tipos": ["moto"]}),
        ("aprobada", {"unidad_id": ObjectId()}),
        ("aprobada", {"usa_condiciones": False}),
        ("aprobada", {"antes_de_anular": None}),
        ("aprobada", {"antes_de_anular": "pendiente"}),
        ("cancelada", {"antes_de_anular": "aprobada"}),
    ],
)
async def test_not_what_somebody_wrote(
    complejo: Complejo, anulado: str, estado: str, cambio: Mapping[str, Any]
) -> None:
    suya = (await complejo.de(anulado, estado))[0][1]
    nuevo = await otra_vez(complejo, anulado)
    await escribir(complejo, "solicitudes", suya["id"], cambio)
    await detenido(complejo, nuevo, "solicitudes", suya["id"], "abrir")


@pytest.mark.parametrize("cambio", [{"unidad_id": ObjectId()}, {"tipo": "moto"}, {"marcas": {}}])
async def test_nor_by_what_somebody_wrote_of_a_vehicle(
    complejo: Complejo, anulado: str, cambio: Mapping[str, Any]
) -> None:
    """That it is the flat's no more, so that its request is refused; or is, so that it is not."""
    suya = (await complejo.de(anulado, "aprobada"))[0][0]
    nuevo = await otra_vez(complejo, anulado)
    await escribir(complejo, "vehiculos", suya.vehiculo, cambio)
    await detenido(complejo, nuevo, "vehiculo", suya.vehiculo, "abrir")


async def test_nor_without_one_that_was_taken_away(complejo: Complejo, anulado: str) -> None:
    suya = (await complejo.de(anulado, "aprobada"))[0][1]
    nuevo = await otra_vez(complejo, anulado)
    await complejo.aplicacion.base["solicitudes"].delete_one({"_id": ObjectId(suya["id"])})
    await detenido(complejo, nuevo, "folio", str(suya["folio"]), "abrir")
