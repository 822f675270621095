"""What closing does to more requests than one transaction holds."""

import asyncio
from collections.abc import Awaitable, Callable
from contextvars import Context
from types import SimpleNamespace

import pytest

from app.modules.sorteo.exceptions import TareaEnCurso
from app.modules.sorteo.models import Sorteo
from app.modules.sorteo.pasos import congelacion
from tests.modules.sorteo.conftest import Api, Casa
from tests.modules.sorteo.factories import DISPONIBLE, ENTROPIA

MOVIDAS = [*["rechazada"] * 3, *["aprobada"] * 4]


@pytest.fixture(autouse=True)
def _de_a_dos(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(congelacion, "LOTE", 2)
    monkeypatch.setattr(congelacion, "_FOLIOS", 3)


async def abierto(casa: Casa) -> Sorteo:
    """Three whom a rule keeps out, of whom one was approved, and four whom nobody decided."""
    sorteo = await casa.abierto()
    await casa.pedir(sorteo, 2, estado="pendiente", impedimentos=("no_al_dia",))
    await casa.pedir(sorteo, 1, impedimentos=("no_al_dia",))
    await casa.pedir(sorteo, 4, estado="pendiente")
    return sorteo


def a_la(vez: int, hacer: Callable[[], Awaitable[None]]) -> Callable[[], Awaitable[None]]:
    veces = 0

    async def gancho() -> None:
        nonlocal veces
        veces += 1
        if veces == vez:
            await hacer()

    return gancho


async def se_cae() -> None:
    raise RuntimeError("se cayó")


async def estados(casa: Casa, sorteo: Sorteo) -> list[str]:
    return [fila.estado for fila in await casa.solicitudes.todas(sorteo.oid)]


async def a_medias(casa: Casa, llamada: str, vez: int) -> Sorteo:
    """Closed, and left by a process that died at that call."""
    sorteo = await abierto(casa)
    casa.solicitudes.antes[llamada] = a_la(vez, se_cae)
    with pytest.raises(RuntimeError):
        await casa.cierre.cerrar(sorteo.oid, por_si_solo=True)
    sorteo = await casa.sorteos.ver(sorteo.oid)
    assert (sorteo.estado, sorteo.por_congelar) == ("cerrado", True)
    assert await estados(casa, sorteo) != MOVIDAS
    return sorteo


class TestEnLotes:
    async def test_each_is_moved_once(self, casa: Casa) -> None:
        sorteo = await abierto(casa)
        cerrado = await casa.cierre.cerrar(sorteo.oid, por_si_solo=True)
        assert (cerrado.por_congelar, cerrado.participantes) == (False, 4)
        assert (await casa.sorteos.ver(sorteo.oid)).turno is None
        assert await estados(casa, sorteo) == MOVIDAS
        assert [fila.mudanzas for fila in await casa.solicitudes.todas(sorteo.oid)] == [1] * 7

    async def test_as_many_as_a_batch_are_several_batches(self, casa: Casa) -> None:
        sorteo = await casa.abierto()
        await casa.pedir(sorteo, 2, estado="pendiente")
        assert not (await casa.cierre.cerrar(sorteo.oid, por_si_solo=True)).por_congelar
        assert await estados(casa, sorteo) == ["aprobada"] * 2

    async def test_who_waits_for_the_turn_has_them_all_moved(self, casa: Casa) -> None:
        sorteo = await abierto(casa)
        otro: list[asyncio.Task[Sorteo]] = []

        async def llega_otro() -> None:
            otro.append(asyncio.create_task(casa.cierre.cerrar(sorteo.oid, por_si_solo=True), context=Context()))
            await asyncio.sleep(0.3)
            assert not otro[0].done()

        casa.solicitudes.antes["aprobar"] = a_la(1, llega_otro)
        cerrado = await casa.cierre.cerrar(sorteo.oid, por_si_solo=True)
        assert (await otro[0]).huella == cerrado.huella
        assert [fila.mudanzas for fila in await casa.solicitudes.todas(sorteo.oid)] == [1] * 7


@pytest.mark.parametrize(("llamada", "vez"), [("rechazar", 1), ("rechazar", 2), ("aprobar", 1), ("aprobar", 2)])
class TestAMedias:
    async def test_the_beat_goes_on(self, casa: Casa, llamada: str, vez: int) -> None:
        sorteo = await a_medias(casa, llamada, vez)
        await casa.caduca_el_turno()
        await casa.tareas.atender()
        acabado = await casa.sorteos.ver(sorteo.oid)
        assert (acabado.por_congelar, acabado.turno, acabado.huella) == (False, None, sorteo.huella)
        assert [fila.mudanzas for fila in await casa.solicitudes.todas(sorteo.oid)] == [1] * 7
        assert await estados(casa, sorteo) == MOVIDAS

    async def test_asking_again_goes_on(self, casa: Casa, llamada: str, vez: int) -> None:
        sorteo = await a_medias(casa, llamada, vez)
        await casa.caduca_el_turno()
        assert (await casa.cierre.cerrar(sorteo.oid)).huella == sorteo.huella
        assert await estados(casa, sorteo) == MOVIDAS

    async def test_a_run_goes_on_first(self, casa: Casa, llamada: str, vez: int) -> None:
        sorteo = await a_medias(casa, llamada, vez)
        await casa.caduca_el_turno()
        casa.reloj.poner(DISPONIBLE)
        corrido = await casa.ejecucion.ejecutar(sorteo.oid, ENTROPIA)
        assert (corrido.estado, corrido.por_congelar) == ("ejecutado", False)
        assert await estados(casa, sorteo) == MOVIDAS

    async def test_reopened_it_is_as_it_was(self, casa: Casa, llamada: str, vez: int) -> None:
        sorteo = await a_medias(casa, llamada, vez)
        await casa.caduca_el_turno()
        reabierto = await casa.reapertura.reabrir(sorteo.oid, motivo="Faltaban papeles", cierre=None)
        assert (reabierto.estado, reabierto.por_congelar) == ("abierto", False)
        assert await estados(casa, sorteo) == [*["pendiente"] * 2, "aprobada", *["pendiente"] * 4]


async def test_who_lost_the_turn_moves_nothing_of_what_was_reopened(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process sleeps between two batches through its turn, while a person reopens the draw."""
    casa = api.casa
    sorteo = await abierto(casa)

    async def mientras() -> None:
        await casa.caduca_el_turno()
        respuesta = await api.pedir("POST", f"/{sorteo.id}/reabrir", json={"motivo": "Faltaban papeles"})
        assert respuesta.status_code == 200, respuesta.text

    leer, veces = casa.r_participantes.rechazos, 0

    async def dormida(sorteo: Sorteo, **cuales: int) -> dict[int, str]:
        nonlocal veces
        veces += 1
        if veces == 2:
            await mientras()
        return await leer(sorteo, **cuales)

    monkeypatch.setattr(casa.congelacion, "_participantes", SimpleNamespace(rechazos=dormida))
    with pytest.raises(TareaEnCurso):
        await casa.cierre.cerrar(sorteo.oid, por_si_solo=True)
    assert (await casa.sorteos.ver(sorteo.oid)).estado == "abierto"
    assert await estados(casa, sorteo) == [*["pendiente"] * 2, "aprobada", *["pendiente"] * 4]
