"""What somebody writes on an assignment for a moment, so that an act believes it, and puts back."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import pytest
from bson import ObjectId

from tests.wiring.complejo import SEMESTRE, Complejo, Vecina
from tests.wiring.escenas import escena

EN_MARCHA = date(2027, 1, 10)
AYER = "2027-01-09"


@escena
async def publicado(complejo: Complejo) -> str:
    """Two of four won, and nobody has answered."""
    for codigo in ("P-1", "P-2"):
        await complejo.pedir("POST", "/sorteo/espacios", json={"codigo": codigo, "tipo": "carro"})
    for n, nombre in enumerate(("Ana", "Eva", "Luz", "Sol"), start=1):
        await complejo.muda(f"10{n}", nombre, str(n))
    sorteo = await complejo.sorteo("El primero", SEMESTRE, complejo.ahora + timedelta(days=20))
    await complejo.piden(sorteo)
    await complejo.hasta(date(2026, 12, 16))
    await complejo.pedir("POST", f"/sorteo/{sorteo}/ejecutar", json={"entropia": "1234 serie 567"})
    await complejo.pedir("POST", f"/sorteo/{sorteo}/publicar")
    return sorteo


@escena
async def en_marcha(complejo: Complejo, publicado: str) -> str:
    """Both hold their space, in the term of the draw."""
    for vecina, solicitud in await complejo.de(publicado, "asignada"):
        await complejo.responde(vecina, solicitud, "aceptada")
    await complejo.hasta(EN_MARCHA)
    return publicado


async def suya(complejo: Complejo, sorteo: str) -> tuple[Vecina, Mapping[str, Any], Mapping[str, Any]]:
    """Of the first that holds a space: who, the request, the assignment as it is stored."""
    (vecina, solicitud), *_ = await complejo.de(sorteo, "aceptada")
    fila: Any = await complejo.aplicacion.base["asignaciones"].find_one({"solicitud_id": ObjectId(solicitud["id"])})
    return vecina, solicitud, fila


async def escribir(complejo: Complejo, fila: Mapping[str, Any], **campos: Any) -> None:
    await complejo.aplicacion.base["asignaciones"].update_one({"_id": fila["_id"]}, {"$set": campos})


async def denunciadas(complejo: Complejo) -> list[str]:
    return [fila["objeto"][-1] for fila in await complejo.todas("/auditoria?accion=asignacion_alterada")]


async def sigue_suya(complejo: Complejo, sorteo: str, fila: Mapping[str, Any]) -> None:
    """It is as it was, nobody was offered its space, and the audit says what somebody wrote."""
    assert await complejo.aplicacion.base["asignaciones"].find_one({"_id": fila["_id"]}) == fila
    assert await complejo.de(sorteo, "ofrecida") == []
    assert await denunciadas(complejo) == [str(fila["_id"])]


async def test_the_clock_ends_none_by_a_day_that_somebody_wrote(complejo: Complejo, en_marcha: str) -> None:
    _, _, fila = await suya(complejo, en_marcha)
    await escribir(complejo, fila, hasta=AYER, reclamada_en=fila["creado_en"])
    await complejo.latir()
    await escribir(complejo, fila, hasta=fila["hasta"], reclamada_en=None)
    await sigue_suya(complejo, en_marcha, fila)


async def test_what_was_not_lent_is_not_claimed(complejo: Complejo, en_marcha: str) -> None:
    _, _, fila = await suya(complejo, en_marcha)
    await escribir(complejo, fila, prestado=True)
    cuerpo = {"motivo": "x", "hasta": complejo.ahora.date().isoformat()}
    negado = await complejo.pedir("POST", f"/sorteo/asignaciones/{fila['_id']}/reclamar", json=cuerpo, espera=409)
    assert (negado["codigo"], negado["datos"]) == (
        "bases_alteradas",
        {"donde": "asignaciones", "objeto": str(fila["_id"])},
    )
    await escribir(complejo, fila, prestado=False)
    await sigue_suya(complejo, en_marcha, fila)


@pytest.mark.parametrize("acto", ["devolver", "revocar"])
async def test_what_somebody_wrote_ends_nothing(complejo: Complejo, en_marcha: str, acto: str) -> None:
    """A flat that is put there gives back what another holds."""
    _, _, fila = await suya(complejo, en_marcha)
    otra, _ = (await complejo.de(en_marcha, "en_espera"))[0]
    await escribir(complejo, fila, unidad_id=ObjectId(otra.unidad))
    quien, cuerpo = (otra.documento, {}) if acto == "devolver" else ("admin@example.com", {"json": {"motivo": "x"}})
    await complejo.pedir("POST", f"/sorteo/asignaciones/{fila['_id']}/{acto}", quien, espera=409, **cuerpo)
    await escribir(complejo, fila, unidad_id=fila["unidad_id"])
    await sigue_suya(complejo, en_marcha, fila)


async def test_one_that_was_given_back_is_not_claimed(complejo: Complejo, en_marcha: str) -> None:
    """Put back with its mark as it once was, it would let its flat go first in line."""
    vecina, _, fila = await suya(complejo, en_marcha)
    await complejo.pedir("POST", f"/sorteo/asignaciones/{fila['_id']}/devolver", vecina.documento)
    await complejo.aplicacion.base["asignaciones"].replace_one({"_id": fila["_id"]}, fila)
    ruta = f"/sorteo/asignaciones/{fila['_id']}/revocar"
    await complejo.pedir("POST", ruta, json={"motivo": "x"}, espera=409)
    assert await denunciadas(complejo) == [str(fila["_id"])]


class TestTerminadaUnMomento:
    """Its flat asks again, for the same car."""

    async def otro(self, complejo: Complejo) -> str:
        await complejo.pedir("POST", "/sorteo/espacios", json={"codigo": "P-3", "tipo": "carro"})
        return await complejo.sorteo("Otro", SEMESTRE, complejo.ahora + timedelta(days=2))

    async def test_at_the_hand_in(self, complejo: Complejo, en_marcha: str) -> None:
        vecina, _, fila = await suya(complejo, en_marcha)
        sorteo = await self.otro(complejo)
        pedido = {"sorteo_id": sorteo, "vehiculo_id": vecina.vehiculo}
        await escribir(complejo, fila, estado="terminada")
        negado = await complejo.pedir("POST", "/solicitudes", vecina.documento, espera=409, json=pedido)
        assert negado["codigo"] == "ya_tiene_espacio"

    async def test_when_it_accepts(self, complejo: Complejo, publicado: str) -> None:
        """What another draw gave it before it held one."""
        sorteo = await self.otro(complejo)
        (vecina, solicitud), *_ = await complejo.de(publicado, "asignada")
        pedido = {"sorteo_id": sorteo, "vehiculo_id": vecina.vehiculo}
        otra = await complejo.pedir("POST", "/solicitudes", vecina.documento, json=pedido)
        await complejo.hasta(date(2026, 12, 18))
        await complejo.responde(vecina, solicitud, "aceptada")
        await complejo.hasta(date(2026, 12, 24))
        await complejo.pedir("POST", f"/sorteo/{sorteo}/ejecutar", json={"entropia": "7654 serie 321"})
        await complejo.pedir("POST", f"/sorteo/{sorteo}/publicar")
        _, _, fila = await suya(complejo, publicado)
        await escribir(complejo, fila, estado="terminada")
        ruta, cuerpo = f"/solicitudes/{otra['id']}/estado", {"estado": "aceptada"}
        negado = await complejo.pedir("PATCH", ruta, vecina.documento, espera=409, json=cuerpo)
        assert negado["codigo"] == "ya_tiene_espacio"

    @pytest.mark.parametrize("como", ["gone", "ended", "days", "flat", "space", "term"])
    async def test_at_the_closing(self, complejo: Complejo, publicado: str, como: str) -> None:
        """Or taken away, or of other days, another flat or another space; also with the term of its draw."""
        sorteo = await self.otro(complejo)
        (vecina, solicitud), *_ = await complejo.de(publicado, "asignada")
        pedido = {"sorteo_id": sorteo, "vehiculo_id": vecina.vehiculo}
        otra = await complejo.pedir("POST", "/solicitudes", vecina.documento, json=pedido)
        await complejo.responde(vecina, solicitud, "aceptada")
        _, _, fila = await suya(complejo, publicado)
        asignaciones, sorteos = (complejo.aplicacion.base[de] for de in ("asignaciones", "sorteos"))
        antes: Any = await sorteos.find_one({"_id": ObjectId(publicado)})
        campos: Mapping[str, Mapping[str, Any]] = {
            "ended": {"estado": "terminada"},
            "days": {"hasta": "2026-12-31"},
            "flat": {"unidad_id": ObjectId()},
            "space": {"espacio": "P-9"},
        }
        if como in campos:
            await escribir(complejo, fila, **campos[como])
        else:
            await asignaciones.delete_one({"_id": fila["_id"]})
        if como == "term":
            await sorteos.update_one({"_id": antes["_id"]}, {"$set": {"vigencia.desde": "2028-01-01"}})
        negado = await complejo.pedir("POST", f"/sorteo/{sorteo}/cerrar", espera=409)
        assert negado["datos"] == {"donde": "asignaciones", "objeto": solicitud["id"]}
        await asignaciones.replace_one({"_id": fila["_id"]}, fila, upsert=True)
        await sorteos.update_one({"_id": antes["_id"]}, {"$set": {"vigencia": antes["vigencia"]}})
        await complejo.pedir("POST", f"/sorteo/{sorteo}/cerrar")
        quedo = await complejo.pedir("GET", f"/solicitudes/{otra['id']}")
        assert (quedo["estado"], quedo["motivo"]) == ("rechazada", "ya_tiene_espacio")

    async def test_its_space_is_not_offered(self, complejo: Complejo, en_marcha: str) -> None:
        """With the claim on it taken away too."""
        _, _, fila = await suya(complejo, en_marcha)
        espacios = complejo.aplicacion.base["espacios"]
        await escribir(complejo, fila, estado="terminada")
        await espacios.update_one({"codigo": fila["espacio"]}, {"$set": {"ocupaciones": []}})
        # What is let go of is offered, with all that stands free.
        await complejo.pedir("PATCH", f"/sorteo/espacios/{fila['espacio']}", json={"activo": False})
        await complejo.pedir("PATCH", f"/sorteo/espacios/{fila['espacio']}", json={"activo": True})
        assert await complejo.de(en_marcha, "ofrecida") == []

    async def test_the_watch_tells(self, complejo: Complejo, en_marcha: str) -> None:
        _, _, fila = await suya(complejo, en_marcha)
        await escribir(complejo, fila, estado="terminada")
        await complejo.latir()
        await escribir(complejo, fila, estado="vigente")
        await complejo.latir()
        assert await denunciadas(complejo) == [str(fila["_id"])]
