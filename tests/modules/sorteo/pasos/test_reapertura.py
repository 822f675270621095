"""Reopening a draw whose closing moved more requests than one transaction holds."""

from collections.abc import Awaitable, Callable

import pytest

from app.modules.sorteo.models import Sorteo
from app.modules.sorteo.pasos import congelacion, reapertura
from tests.modules.sorteo.conftest import Casa
from tests.modules.sorteo.factories import DISPONIBLE, ENTROPIA

ANTES = [*["pendiente"] * 3, "aprobada", "aprobada", "pendiente", "pendiente"]
MOVIDAS = [*["rechazada"] * 4, *["aprobada"] * 3]


@pytest.fixture(autouse=True)
def _de_a_dos(monkeypatch: pytest.MonkeyPatch) -> None:
    for modulo in (congelacion, reapertura):
        monkeypatch.setattr(modulo, "LOTE", 2)


async def cerrado(casa: Casa) -> Sorteo:
    sorteo = await casa.abierto()
    await casa.pedir(sorteo, 3, estado="pendiente", impedimentos=("no_al_dia",))
    await casa.pedir(sorteo, 1, impedimentos=("no_al_dia",))
    await casa.pedir(sorteo, 1)
    await casa.pedir(sorteo, 2, estado="pendiente")
    return await casa.cierre.cerrar(sorteo.oid, por_si_solo=True)


async def estados(casa: Casa, sorteo: Sorteo) -> list[str]:
    return [fila.estado for fila in await casa.solicitudes.todas(sorteo.oid)]


def se_cae_a_la(vez: int) -> Callable[[], Awaitable[None]]:
    veces = 0

    async def gancho() -> None:
        nonlocal veces
        veces += 1
        if veces == vez:
            raise RuntimeError("se cayó")

    return gancho


async def a_medias(casa: Casa, vez: int) -> Sorteo:
    """Closed, and left by a process that died at that batch."""
    sorteo = await cerrado(casa)
    assert await estados(casa, sorteo) == MOVIDAS
    casa.solicitudes.antes["descongelar"] = se_cae_a_la(vez)
    with pytest.raises(RuntimeError):
        await casa.reapertura.reabrir(sorteo.oid, motivo="x", cierre=None)
    quedo = await casa.sorteos.ver(sorteo.oid)
    assert (quedo.estado, quedo.por_congelar) == ("cerrado", True)
    assert await estados(casa, sorteo) not in (ANTES, MOVIDAS)
    await casa.caduca_el_turno()
    return sorteo


async def test_all_go_back_to_where_they_were(casa: Casa) -> None:
    sorteo = await cerrado(casa)
    reabierto = await casa.reapertura.reabrir(sorteo.oid, motivo="x", cierre=None)
    assert (reabierto.estado, reabierto.por_congelar, reabierto.turno) == ("abierto", False, None)
    assert await estados(casa, sorteo) == ANTES
    assert [a.huella for a in reabierto.huellas_anteriores] == [sorteo.huella]
    assert await casa.solicitudes.fase(sorteo.oid) == "abierto"


@pytest.mark.parametrize("vez", [2, 3])
class TestAMedias:
    async def test_the_beat_takes_it_back(self, casa: Casa, vez: int) -> None:
        sorteo = await a_medias(casa, vez)
        await casa.tareas.atender()
        quedo = await casa.sorteos.ver(sorteo.oid)
        assert (quedo.estado, quedo.por_congelar, quedo.turno, quedo.huella) == ("cerrado", False, None, sorteo.huella)
        assert await estados(casa, sorteo) == MOVIDAS

    async def test_asking_again_opens_it(self, casa: Casa, vez: int) -> None:
        sorteo = await a_medias(casa, vez)
        assert (await casa.reapertura.reabrir(sorteo.oid, motivo="x", cierre=None)).estado == "abierto"
        assert await estados(casa, sorteo) == ANTES

    async def test_a_run_takes_it_back_before(self, casa: Casa, vez: int) -> None:
        sorteo = await a_medias(casa, vez)
        casa.reloj.poner(DISPONIBLE)
        corrido = await casa.ejecucion.ejecutar(sorteo.oid, ENTROPIA)
        assert (corrido.estado, corrido.por_congelar, corrido.participantes) == ("ejecutado", False, 3)
        assert await estados(casa, sorteo) == MOVIDAS
        assert (await casa.publicacion.publicar(sorteo.oid)).estado == "publicado"
