"""Whoever writes on the database how somebody fared in earlier draws gets no weight by it in the next, but a trace."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextvars import Context
from datetime import date, timedelta
from typing import Any

import pytest
from bson import ObjectId

from app.modules.auditoria.public import BitacoraService
from app.modules.sorteo.asignaciones.repository import AsignacionRepository
from app.modules.sorteo.custodia.anteriores import Anteriores
from tests.wiring.complejo import Complejo, Vecina
from tests.wiring.escenas import escena
from tests.wiring.test_hechos import cerrado, detenido, escribir

AUDITOR = "auditora@example.com"
Cambio = Mapping[str, Any]
VIGENCIAS = [(date(2027, 1, 1), date(2027, 6, 30)), (date(2027, 7, 1), date(2027, 12, 31))]


@escena
async def publicado(complejo: Complejo, ejecutado: str) -> str:
    """That draw, once it is published."""
    await complejo.pedir("POST", f"/sorteo/{ejecutado}/publicar")
    return ejecutado


@escena
async def ejecutado(complejo: Complejo) -> str:
    """A draw of one space and two flats, which has run."""
    await complejo.cuenta({"email": AUDITOR, "rol": "auditor"})
    complejo.aplicacion.reloj.avanzar(minutes=1)
    await complejo.pedir("POST", "/sorteo/espacios", json={"codigo": "P-1", "tipo": "carro"})
    await complejo.muda("101", "Ana", "1")
    await complejo.muda("102", "Beto", "2")
    sorteo = await abierto(complejo, 0)
    await complejo.pedir("POST", f"/sorteo/{sorteo}/cerrar")
    complejo.aplicacion.reloj.avanzar(days=26)
    await complejo.pedir("POST", f"/sorteo/{sorteo}/ejecutar", json={"entropia": "4821 serie 072"})
    return sorteo


async def abierto(complejo: Complejo, cual: int) -> str:
    """With a request of each flat."""
    cierre = complejo.ahora + timedelta(days=20)
    sorteo = await complejo.sorteo(f"El {cual}", VIGENCIAS[cual], cierre)
    await complejo.piden(sorteo)
    return sorteo


async def gano(complejo: Complejo, publicado: str) -> tuple[Vecina, ObjectId]:
    ((vecina, solicitud),) = await complejo.de(publicado, "asignada")
    return vecina, ObjectId(solicitud["id"])


async def perdio(complejo: Complejo, publicado: str) -> tuple[Vecina, ObjectId]:
    ((vecina, solicitud),) = await complejo.de(publicado, "en_espera")
    return vecina, ObjectId(solicitud["id"])


class TestPedidas:
    """Of the request that won, or of the one that lost."""

    @pytest.mark.parametrize(
        "cambio",
        [
            {"ofrecida": False},
            {"unidad_id": "otra", "ranura": 1},
            {"clase": "moto"},
            {"sorteo_id": ObjectId()},
            {"suerte": None},
        ],
    )
    async def test_changed(self, complejo: Complejo, publicado: str, cambio: Cambio) -> None:
        _, ganadora = await gano(complejo, publicado)
        perdedora, _ = await perdio(complejo, publicado)
        dicho = {c: ObjectId(perdedora.unidad) if v == "otra" else v for c, v in cambio.items()}
        sorteo = await abierto(complejo, 1)
        await escribir(complejo, "solicitudes", ganadora, dicho)
        await detenido(complejo, sorteo, "suerte", str(ganadora))

    async def test_a_loss_taken_away(self, complejo: Complejo, publicado: str) -> None:
        _, perdedora = await perdio(complejo, publicado)
        sorteo = await abierto(complejo, 1)
        await complejo.aplicacion.base["solicitudes"].delete_one({"_id": perdedora})
        await detenido(complejo, sorteo, "suerte", str(perdedora))

    async def test_a_win_hidden(self, complejo: Complejo, publicado: str) -> None:
        _, ganadora = await gano(complejo, publicado)
        sorteo = await abierto(complejo, 1)
        await escribir(complejo, "solicitudes", ganadora, {"sorteada": False})
        await detenido(complejo, sorteo, "suerte", str(ganadora))

    async def test_a_loss_put_there(self, complejo: Complejo, publicado: str) -> None:
        """Also with a mark, which is another's."""
        vecina, ganadora = await gano(complejo, publicado)
        sorteo = await abierto(complejo, 1)
        coleccion = complejo.aplicacion.base["solicitudes"]
        suya: Any = await coleccion.find_one({"_id": ganadora})
        otra = {"_id": ObjectId(), "folio": 99, "viva": False, "ofrecida": False, "unidad_id": ObjectId(vecina.unidad)}
        await coleccion.insert_one(suya | otra)
        await detenido(complejo, sorteo, "suerte", str(otra["_id"]))

    async def test_an_offer_put_back_with_its_mark(self, complejo: Complejo, publicado: str) -> None:
        coleccion = complejo.aplicacion.base["solicitudes"]
        ganadora, suya = await gano(complejo, publicado)
        _, otra = await perdio(complejo, publicado)
        antes: Any = await coleccion.find_one({"_id": otra})
        await complejo.responde(ganadora, {"id": str(suya)}, "declinada")
        sorteo = await abierto(complejo, 1)
        await escribir(complejo, "solicitudes", otra, {campo: antes[campo] for campo in ("ofrecida", "suerte")})
        await detenido(complejo, sorteo, "suerte", str(otra))

    async def test_that_it_held_a_space_put_back_with_its_mark(self, complejo: Complejo, publicado: str) -> None:
        """And its assignment taken away."""
        coleccion = complejo.aplicacion.base["solicitudes"]
        ganadora, suya = await gano(complejo, publicado)
        antes: Any = await coleccion.find_one({"_id": suya})
        await complejo.responde(ganadora, {"id": str(suya)}, "aceptada")
        sorteo = await abierto(complejo, 1)
        await escribir(complejo, "solicitudes", suya, {campo: antes[campo] for campo in ("tuvo", "suerte")})
        await complejo.aplicacion.base["asignaciones"].delete_many({"solicitud_id": suya})
        await detenido(complejo, sorteo, "suerte", str(suya))

    async def test_the_list_of_who_took_part(self, complejo: Complejo, publicado: str) -> None:
        sorteo = await abierto(complejo, 1)
        archivos = complejo.aplicacion.base["sorteos_archivos"]
        await archivos.update_one({"archivo": "participes"}, {"$set": {"datos": b""}})
        await detenido(complejo, sorteo, "participes", publicado)

    async def test_what_the_rules_do_breaks_nothing(self, complejo: Complejo, publicado: str) -> None:
        """Who won declines, who lost is offered the space, accepts it and gives it back, and the list ends."""
        ganadora, suya = await gano(complejo, publicado)
        await complejo.responde(ganadora, {"id": str(suya)}, "declinada")
        ((perdedora, otra),) = await complejo.de(publicado, "ofrecida")
        await complejo.responde(perdedora, otra, "aceptada")
        (tenida,) = (await complejo.pedir("GET", "/sorteo/asignaciones"))["items"]
        await complejo.pedir("POST", f"/sorteo/asignaciones/{tenida['id']}/devolver", perdedora.documento)
        await complejo.pedir("POST", f"/sorteo/{publicado}/finalizar")
        await cerrado(complejo, await abierto(complejo, 1))


class TestSorteo:
    @pytest.mark.parametrize("estado", ["anulado", "cerrado", "borrador"])
    async def test_that_it_counts_no_more(self, complejo: Complejo, publicado: str, estado: str) -> None:
        sorteo = await abierto(complejo, 1)
        await escribir(complejo, "sorteos", publicado, {"estado": estado})
        await detenido(complejo, sorteo, "estado", publicado)

    async def test_taken_away(self, complejo: Complejo, publicado: str) -> None:
        sorteo = await abierto(complejo, 1)
        await complejo.aplicacion.base["sorteos"].delete_one({"_id": ObjectId(publicado)})
        await detenido(complejo, sorteo, "estado", publicado)

    async def test_when_it_was_published(self, complejo: Complejo, publicado: str) -> None:
        """The last one lost counts from the last one won."""
        sorteo = await abierto(complejo, 1)
        await escribir(complejo, "sorteos", publicado, {"publicado_en": complejo.ahora + timedelta(days=1)})
        await detenido(complejo, sorteo, "publicado_en", publicado)

    async def test_one_that_was_never_published(self, complejo: Complejo, publicado: str) -> None:  # noqa: ARG002
        otro = await abierto(complejo, 1)
        sorteo = await complejo.sorteo(
            "Otro", (date(2028, 1, 1), date(2028, 6, 30)), complejo.ahora + timedelta(days=9)
        )
        await complejo.piden(sorteo)
        await escribir(complejo, "sorteos", otro, {"estado": "publicado", "publicado_en": complejo.ahora})
        await detenido(complejo, sorteo, "estado", otro)

    async def test_annulled(self, complejo: Complejo, publicado: str) -> None:
        """By the rules it counts no more."""
        await complejo.pedir("POST", f"/sorteo/{publicado}/anular", json={"motivo": "Se repite"})
        await complejo.pedir("POST", f"/sorteo/{publicado}/anular/confirmar", AUDITOR)
        assert (await complejo.pedir("GET", f"/sorteo/{publicado}"))["estado"] == "anulado"
        await cerrado(complejo, await abierto(complejo, 1))


class TestAsignaciones:
    @escena
    async def tenida(self, complejo: Complejo, publicado: str) -> tuple[str, Vecina, ObjectId]:
        """Who won accepted, and gave the space back; the next draw is open."""
        vecina, suya = await gano(complejo, publicado)
        await complejo.responde(vecina, {"id": str(suya)}, "aceptada")
        (tenida,) = (await complejo.pedir("GET", "/sorteo/asignaciones"))["items"]
        await complejo.pedir("POST", f"/sorteo/asignaciones/{tenida['id']}/devolver", vecina.documento)
        return await abierto(complejo, 1), vecina, ObjectId(tenida["id"])

    async def test_as_they_ended(self, complejo: Complejo, tenida: tuple[str, Vecina, ObjectId]) -> None:
        await cerrado(complejo, tenida[0])

    async def test_taken_away(self, complejo: Complejo, tenida: tuple[str, Vecina, ObjectId]) -> None:
        sorteo, vecina, id = tenida
        await complejo.aplicacion.base["asignaciones"].delete_one({"_id": id})
        await detenido(complejo, sorteo, "asignaciones", vecina.unidad)

    @pytest.mark.parametrize("cambio", [{"unidad_id": "otra"}, {"sorteo_id": ObjectId()}, {"clase": "moto"}])
    async def test_changed(
        self, complejo: Complejo, publicado: str, tenida: tuple[str, Vecina, ObjectId], cambio: Cambio
    ) -> None:
        sorteo, vecina, id = tenida
        otra = next(v for v in complejo.vecinas.values() if v is not vecina)
        dicho = {c: ObjectId(otra.unidad) if v == "otra" else v for c, v in cambio.items()}
        await escribir(complejo, "asignaciones", id, dicho)
        negado = await complejo.pedir("POST", f"/sorteo/{sorteo}/cerrar", espera=409)
        assert (negado["codigo"], negado["datos"]["donde"]) == ("bases_alteradas", "asignaciones")
        assert publicado != sorteo

    async def test_put_there(self, complejo: Complejo, publicado: str) -> None:
        """Of a draw that gave no space yet."""
        vecina, suya = await gano(complejo, publicado)
        sorteo = await abierto(complejo, 1)
        fila = {
            "espacio": "P-1",
            "unidad_id": ObjectId(vecina.unidad),
            "clase": "carro",
            "sorteo_id": ObjectId(publicado),
            "solicitud_id": suya,
            "estado": "devuelta",
        }
        id = (await complejo.aplicacion.base["asignaciones"].insert_one(fila)).inserted_id
        await detenido(complejo, sorteo, "asignaciones", str(id))


class TestEntretanto:
    """What others do while a draw closes is no sign of anything: each look is of one moment."""

    async def test_a_draw_is_published_after_the_audit_was_read(
        self, complejo: Complejo, ejecutado: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        sorteo = await abierto(complejo, 1)
        publicar = _aparte(lambda: complejo.pedir("POST", f"/sorteo/{ejecutado}/publicar"))
        leer = BitacoraService.dichos_de_todos

        async def despues(self: BitacoraService, **de: Any) -> Any:
            dichos = await leer(self, **de)
            await publicar()
            return dichos

        monkeypatch.setattr(BitacoraService, "dichos_de_todos", despues)
        await cerrado(complejo, sorteo)

    async def test_a_draw_is_published_after_requests_were_read(
        self, complejo: Complejo, ejecutado: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        sorteo = await abierto(complejo, 1)
        publicar = _aparte(lambda: complejo.pedir("POST", f"/sorteo/{ejecutado}/publicar"))
        exigir = Anteriores.exigir_todas

        async def antes(self: Anteriores, *de: Any) -> None:
            await publicar()
            await exigir(self, *de)

        monkeypatch.setattr(Anteriores, "exigir_todas", antes)
        await cerrado(complejo, sorteo)

    async def test_a_space_is_accepted_after_requests_were_read(
        self, complejo: Complejo, publicado: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        vecina, suya = await gano(complejo, publicado)
        sorteo = await abierto(complejo, 1)
        aceptar = _aparte(lambda: complejo.responde(vecina, {"id": str(suya)}, "aceptada"))
        ultimos, veces = AsignacionRepository.ultimos, []

        async def antes(self: AsignacionRepository, *de: Any) -> Any:
            veces.append(1)
            if len(veces) == 2:  # as requests are judged, and not at the beginning
                await aceptar()
            return await ultimos(self, *de)

        monkeypatch.setattr(AsignacionRepository, "ultimos", antes)
        await cerrado(complejo, sorteo)
        assert len(veces) > 1


def _aparte(hacer: Callable[[], Awaitable[object]]) -> Callable[[], Awaitable[None]]:
    """It is done once, by somebody else: outside of the transaction in course."""
    hecho: list[object] = []

    async def una_vez() -> None:
        if not hecho:
            hecho.append(True)
            await asyncio.create_task(_esperada(hacer), context=Context())

    return una_vez


async def _esperada(hacer: Callable[[], Awaitable[object]]) -> None:
    await hacer()
