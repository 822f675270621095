"""Publishing and ending: claims go to requests, the rest is let go; in batches that resume, doing nothing twice."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from beanie import PydanticObjectId

from app.modules.sorteo.estados import Paso
from app.modules.sorteo.models import Sorteo
from app.modules.sorteo.pasos import publicacion as modulo_publicacion
from app.modules.sorteo.turnos.service import DURACION
from app.shared.exceptions import ParkNetError
from tests.conftest import INICIO
from tests.loteria import instante
from tests.modules.sorteo.conftest import Api, Casa, problema
from tests.modules.sorteo.factories import DISPONIBLE, TRAS_LA_VIGENCIA


@pytest.fixture
def lotes_de_dos(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(modulo_publicacion, "LOTE", 2)


def falla_en(n: int) -> Callable[[], Awaitable[None]]:
    """Something unforeseen at the n-th call."""
    llamadas: list[None] = []

    async def gancho() -> None:
        llamadas.append(None)
        if len(llamadas) == n:
            raise RuntimeError("se cayó")

    return gancho


async def coincide(casa: Casa, sorteo: Sorteo) -> None:
    """Every request is exactly where the result says, moved once, and so is every space."""
    filas = {fila.id: fila for fila in await casa.solicitudes.todas(sorteo.oid)}
    ocupaciones: dict[str, list[tuple[str, PydanticObjectId]]] = {}
    for resultado in await casa.resultados(sorteo):
        fila = filas[resultado.solicitud_id]
        assert (fila.folio, fila.unidad_id) == (resultado.folio, resultado.unidad_id)
        assert (fila.espacio, fila.espera) == (resultado.espacio, resultado.espera)
        assert (fila.prestado, fila.condiciones) == (resultado.prestado, resultado.condiciones)
        assert fila.estado == ("en_espera" if resultado.espacio is None else "asignada")
        assert fila.mudanzas == 2  # the closing, and this
        if resultado.espacio is not None:
            ocupaciones[resultado.espacio] = [("solicitud", fila.id)]
    assert await casa.ocupaciones() == ocupaciones


class TestPublicar:
    async def test_gives_what_the_result_says(self, api: Api) -> None:
        casa = api.casa
        await casa.espacios("A-1", "A-2")
        await casa.espacios("D-1", reserva="discapacidad")
        await casa.espacios("M-1", tipo="moto")
        sorteo = await casa.ejecutado(5)
        assert set(await casa.ocupaciones()) == {"A-1", "A-2", "D-1", "M-1"}
        respuesta = await api.pedir("POST", f"/{sorteo.id}/publicar")
        cuerpo = respuesta.json()
        assert (respuesta.status_code, cuerpo["estado"]) == (200, "publicado")
        assert cuerpo["publicado_en"] == instante(DISPONIBLE)
        assert await casa.solicitudes.fase(sorteo.oid) == "publicado"
        await coincide(casa, sorteo)
        assert set(await casa.ocupaciones()) == {"A-1", "A-2", "D-1"}  # nobody came on a motorcycle
        antes = casa.solicitudes.llamadas[:]
        otra_vez = await api.pedir("POST", f"/{sorteo.id}/publicar")
        assert (otra_vez.status_code, otra_vez.json()) == (200, cuerpo)
        assert casa.solicitudes.llamadas == antes

    @pytest.mark.parametrize("cuantas", [0, 1, 2, 4, 5])
    @pytest.mark.usefixtures("lotes_de_dos")
    async def test_in_batches(self, casa: Casa, cuantas: int) -> None:
        await casa.espacios("A-1", "A-2", "A-3")
        sorteo = await casa.publicado(cuantas)
        assert (sorteo.estado, sorteo.publicado_hasta, sorteo.turno) == ("publicado", cuantas, None)
        await coincide(casa, sorteo)

    @pytest.mark.parametrize(("llamada", "n"), [("publicar", 1), ("publicar", 2), ("publicar", 3), ("pasar_a", 1)])
    @pytest.mark.usefixtures("lotes_de_dos")
    async def test_broken_in_the_middle_it_goes_on_from_its_mark(self, casa: Casa, llamada: str, n: int) -> None:
        await casa.espacios("A-1", "A-2", "A-3")
        sorteo = await casa.ejecutado(5)
        casa.solicitudes.antes[llamada] = falla_en(n)
        with pytest.raises(RuntimeError):
            await casa.publicacion.publicar(sorteo.oid)
        a_medias = await casa.sorteos.ver(sorteo.oid)
        assert a_medias.estado == "ejecutado"
        assert a_medias.publicado_hasta == (4 if llamada == "pasar_a" else 2 * (n - 1))
        mudadas = [s for s in await casa.solicitudes.todas(sorteo.oid) if s.mudanzas == 2]
        assert len(mudadas) == a_medias.publicado_hasta
        await casa.caduca_el_turno()
        await casa.publicacion.publicar(sorteo.oid)
        await coincide(casa, sorteo)

    @pytest.mark.parametrize("n", [1, 2, 3])
    @pytest.mark.usefixtures("lotes_de_dos")
    async def test_broken_before_those_that_wait_are_written_it_writes_them(self, casa: Casa, n: int) -> None:
        await casa.espacios("A-1")
        sorteo = await casa.ejecutado(7)
        casa.solicitudes.antes["asentar_lote"] = falla_en(n)
        with pytest.raises(RuntimeError):
            await casa.publicacion.publicar(sorteo.oid)
        a_medias = await casa.sorteos.ver(sorteo.oid)
        mudadas = [s for s in await casa.solicitudes.todas(sorteo.oid) if s.mudanzas == 2]
        assert a_medias.estado == "ejecutado"
        assert len(mudadas) < a_medias.publicado_hasta
        await casa.caduca_el_turno()
        assert (await casa.publicacion.publicar(sorteo.oid)).estado == "publicado"
        await coincide(casa, sorteo)

    @pytest.mark.parametrize(("cuantas", "veces"), [(0, 0), (1, 0), (2, 1), (5, 2)])
    @pytest.mark.usefixtures("lotes_de_dos")
    async def test_nothing_is_left_for_after_the_last_batch(self, casa: Casa, cuantas: int, veces: int) -> None:
        await casa.publicado(cuantas)
        assert casa.solicitudes.llamadas.count("asentar_lote") == veces

    @pytest.mark.usefixtures("lotes_de_dos")
    async def test_of_what_was_made_anew_in_the_transaction_that_is_written_after_it(self, casa: Casa) -> None:
        """A request that was hidden as its batch was made ready, and stands again when the batch is published."""
        sorteo = await casa.ejecutado(3)
        filas, esta = casa.solicitudes.filas, {"_id": (await casa.resultados(sorteo))[0].solicitud_id}

        async def vuelve() -> None:
            await filas.update_many(esta, {"$set": {"sorteo_id": sorteo.oid}})

        await filas.update_many(esta, {"$set": {"sorteo_id": PydanticObjectId()}})
        casa.solicitudes.antes["confirmado"] = vuelve
        await casa.publicacion.publicar(sorteo.oid)
        await coincide(casa, sorteo)

    @pytest.mark.usefixtures("lotes_de_dos")
    async def test_broken_in_the_middle_it_goes_on_by_itself(self, casa: Casa) -> None:
        await casa.espacios("A-1", "A-2", "A-3")
        sorteo = await casa.ejecutado(5)
        casa.solicitudes.antes["publicar"] = falla_en(1)
        with pytest.raises(RuntimeError):
            await casa.publicacion.publicar(sorteo.oid)
        await casa.tareas.atender()
        assert (await casa.sorteos.ver(sorteo.oid)).estado == "ejecutado"
        await casa.caduca_el_turno()
        await casa.tareas.atender()
        publicado = await casa.sorteos.ver(sorteo.oid)
        assert (publicado.estado, publicado.turno) == ("publicado", None)
        await coincide(casa, sorteo)
        # What ended its own turn is not taken for something half done.
        await casa.caduca_el_turno()
        await casa.tareas.atender()
        assert (await casa.sorteos.ver(sorteo.oid)).estado == "publicado"

    @pytest.mark.usefixtures("lotes_de_dos")
    async def test_twenty_at_once(self, api: Api) -> None:
        await api.casa.espacios("A-1", "A-2", "A-3")
        sorteo = await api.casa.ejecutado(7)
        respuestas = await asyncio.gather(*(api.pedir("POST", f"/{sorteo.id}/publicar") for _ in range(20)))
        assert {(r.status_code, r.json()["estado"]) for r in respuestas} == {(200, "publicado")}
        await coincide(api.casa, sorteo)

    async def test_a_rehearsal_never(self, api: Api) -> None:
        await api.casa.espacios("A-1")
        sorteo = await api.casa.ejecutado(ensayo=True)
        assert problema(await api.pedir("POST", f"/{sorteo.id}/publicar")) == (409, "transicion_invalida")
        assert [s.estado for s in await api.casa.solicitudes.todas(sorteo.oid)] == ["aprobada"] * 5

    @pytest.mark.parametrize("paso", ["borrador", "abierto", "cerrado"])
    async def test_only_what_has_run(self, api: Api, paso: str) -> None:
        sorteo = await getattr(api.casa, paso)()
        assert problema(await api.pedir("POST", f"/{sorteo.id}/publicar")) == (409, "transicion_invalida")

    async def test_who_lost_the_turn_writes_nothing(self, casa: Casa) -> None:
        await casa.espacios("A-1")
        sorteo = await casa.ejecutado(3)
        custodiado = await casa.custodia.resultado(sorteo, lote=modulo_publicacion.LOTE)
        lote = await anext(casa.publicacion._custodiados(sorteo, custodiado))
        vieja = await casa.r_turnos.tomar(sorteo.oid, paso="publicar", ficha="vieja", duracion=DURACION)
        assert vieja is not None
        await casa.caduca_el_turno()
        async with casa.turnos.tomar(sorteo.oid, Paso.publicar):
            with pytest.raises(ParkNetError) as caso:
                await casa.uow.run(lambda: casa.publicacion._publicar_lote(sorteo.oid, "vieja", lote))
        assert caso.value.codigo == "tarea_en_curso"
        assert casa.solicitudes.llamadas.count("publicar") == 0
        assert set(await casa.ocupaciones()) == {"A-1"}


class TestFinalizar:
    async def test_ends_the_waiting(self, api: Api) -> None:
        await api.casa.espacios("A-1")
        sorteo = await api.casa.publicado(3)
        api.casa.reloj.poner(TRAS_LA_VIGENCIA)
        respuesta = await api.pedir("POST", f"/{sorteo.id}/finalizar")
        assert (respuesta.status_code, respuesta.json()["estado"]) == (200, "finalizado")
        assert respuesta.json()["finalizado_en"] == instante(TRAS_LA_VIGENCIA)
        assert await api.casa.solicitudes.fase(sorteo.oid) == "terminado"
        assert sorted(s.estado for s in await api.casa.solicitudes.todas(sorteo.oid)) == [
            "retirada",
            "retirada",
            "vencida",
        ]
        otra_vez = await api.pedir("POST", f"/{sorteo.id}/finalizar")
        assert (otra_vez.status_code, otra_vez.json()) == (200, respuesta.json())

    @pytest.mark.parametrize("estado", ["asignada", "en_espera"])
    async def test_not_while_somebody_waits_or_has_not_answered(self, api: Api, estado: str) -> None:
        """Ended at once, every winner would lose what they won, and the spaces would be free for another draw."""
        await api.casa.espacios("A-1")
        sorteo = await api.casa.publicado(2)
        otra = "en_espera" if estado == "asignada" else "asignada"
        await api.casa.solicitudes.filas.update_many({"estado": otra}, {"$set": {"estado": "retirada"}})
        for _ in range(2):
            assert problema(await api.pedir("POST", f"/{sorteo.id}/finalizar")) == (409, "vigencia_en_curso")
        await api.casa.tareas.atender()
        assert [s.estado for s in await api.casa.solicitudes.todas(sorteo.oid)].count(estado) == 1
        await api.casa.solicitudes.filas.update_many({"estado": estado}, {"$set": {"estado": "aceptada"}})
        assert (await api.pedir("POST", f"/{sorteo.id}/finalizar")).json()["estado"] == "finalizado"

    async def test_by_itself_after_its_term(self, casa: Casa) -> None:
        sorteo = await casa.publicado(3)
        casa.reloj.poner(INICIO.replace(month=12, day=31, hour=15))
        await casa.tareas.atender()
        assert (await casa.sorteos.ver(sorteo.oid)).estado == "publicado"
        casa.reloj.avanzar(hours=14)  # midnight in Bogotá is at five in UTC
        await casa.tareas.atender()
        assert (await casa.sorteos.ver(sorteo.oid)).estado == "finalizado"

    @pytest.mark.usefixtures("lotes_de_dos")
    @pytest.mark.parametrize("por_si_solo", [True, False])
    async def test_broken_in_the_middle_it_goes_on(self, casa: Casa, por_si_solo: bool) -> None:
        await casa.espacios("A-1", "A-2", "A-3")
        sorteo = await casa.publicado(7)
        casa.reloj.poner(TRAS_LA_VIGENCIA)
        casa.solicitudes.antes["finalizar"] = falla_en(3)
        with pytest.raises(RuntimeError):
            await casa.publicacion.finalizar(sorteo.oid)
        assert (await casa.sorteos.ver(sorteo.oid)).estado == "publicado"
        await casa.caduca_el_turno()
        if por_si_solo:
            await casa.tareas.atender()
        else:
            await casa.publicacion.finalizar(sorteo.oid)
        final = await casa.sorteos.ver(sorteo.oid)
        assert (final.estado, final.turno) == ("finalizado", None)
        filas = await casa.solicitudes.todas(sorteo.oid)
        assert {s.estado for s in filas} == {"vencida", "retirada"}
        assert {s.mudanzas for s in filas} == {3}

    @pytest.mark.parametrize("paso", ["borrador", "abierto", "cerrado", "ejecutado"])
    async def test_only_what_is_published(self, api: Api, paso: str) -> None:
        sorteo = await getattr(api.casa, paso)()
        assert problema(await api.pedir("POST", f"/{sorteo.id}/finalizar")) == (409, "transicion_invalida")
