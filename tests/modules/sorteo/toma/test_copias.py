"""Requests of a draw that is repeated, more than one transaction takes: copied in batches before the draw opens, and
taken away again when it does not."""

from datetime import timedelta

import pytest

from app.modules.sorteo.models import Sorteo
from app.modules.sorteo.toma import copias
from app.shared.exceptions import NoDisponible
from tests.conftest import INICIO
from tests.loteria import fuente, instante
from tests.modules.sorteo.conftest import Api, Casa, problema
from tests.modules.sorteo.factories import ADMIN, DISPONIBLE

CUANTAS = 45
LOTE = 10


@pytest.fixture(autouse=True)
def _de_a_dos(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copias, "LOTE", 2)


async def por_repetir(casa: Casa, cuantas: int = 5, **parametros: object) -> tuple[Sorteo, Sorteo]:
    """A draw that was annulled, and the draft that repeats it."""
    viejo = await casa.abierto()
    await casa.pedir(viejo, cuantas)
    anulado = await casa.anulacion.anular(viejo.oid, motivo="Se repite", quien=ADMIN)
    return anulado, await casa.borrador(repite_a=str(anulado.id), **parametros)


def muere_con(casa: Casa, sorteo: Sorteo, cuantas: int) -> None:
    """Whoever copies fails as soon as so many are there."""

    async def falla() -> None:
        if await casa.solicitudes.filas.count({"sorteo_id": sorteo.oid}) == cuantas:
            raise MemoryError

    casa.solicitudes.antes["copiar"] = falla


async def test_each_batch_is_a_transaction_of_its_own(casa: Casa, monkeypatch: pytest.MonkeyPatch) -> None:
    hay: set[int] = set()
    _, nuevo = await por_repetir(casa)
    original = casa.solicitudes.copiar

    async def copiar(**que: object) -> int:
        hay.add(len(await casa.solicitudes.todas(nuevo.oid)))
        return await original(**que)  # type: ignore[arg-type]

    monkeypatch.setattr(casa.solicitudes, "copiar", copiar)
    assert (await casa.apertura.abrir(nuevo.oid)).estado == "abierto"
    assert hay == {0, 2, 4, 5}


async def test_until_they_are_all_there_it_is_a_draft(api: Api) -> None:
    casa = api.casa
    viejo, nuevo = await por_repetir(casa)
    vistos: set[tuple[str, str]] = set()

    async def mirar() -> None:
        vistos.add(((await casa.sorteos.ver(nuevo.oid)).estado, await casa.solicitudes.fase(nuevo.oid)))

    casa.solicitudes.antes["copiar"] = mirar
    respuesta = await api.pedir("POST", f"/{nuevo.id}/abrir")
    assert respuesta.json()["estado"] == "abierto"
    assert vistos == {("borrador", "borrador")}
    assert len(await casa.solicitudes.todas(nuevo.oid)) == len(await casa.solicitudes.todas(viejo.oid))


@pytest.mark.parametrize("por_si_solo", [True, False])
async def test_interrupted_at_each_batch(casa: Casa, monkeypatch: pytest.MonkeyPatch, por_si_solo: bool) -> None:
    """Whoever comes after it, the beat too, each request is copied once."""
    monkeypatch.setattr(copias, "LOTE", LOTE)
    viejo, nuevo = await por_repetir(casa, CUANTAS, apertura=instante(INICIO))
    for cuantas in (*range(0, CUANTAS, LOTE), CUANTAS):
        with monkeypatch.context() as muerto:
            # A process that dies takes nothing back.
            muerto.setattr(type(casa.apertura), "_deshacer", _nada)
            muere_con(casa, nuevo, cuantas)
            with pytest.raises(MemoryError):
                await casa.apertura.abrir(nuevo.oid)
        assert len(await casa.solicitudes.todas(nuevo.oid)) == cuantas
        assert (await casa.sorteos.ver(nuevo.oid)).estado == "borrador"
        await casa.caduca_el_turno()
    casa.solicitudes.antes.clear()
    await (casa.tareas.atender() if por_si_solo else casa.apertura.abrir(nuevo.oid))
    abierto = await casa.sorteos.ver(nuevo.oid)
    assert (abierto.estado, abierto.turno) == ("abierto", None)
    suyas = await casa.solicitudes.todas(nuevo.oid)
    assert [s.folio for s in suyas] == list(range(1, CUANTAS + 1))
    assert [s.unidad_id for s in suyas] == [s.unidad_id for s in await casa.solicitudes.todas(viejo.oid)]


async def _nada(*_: object) -> None:
    """It is dead."""


async def test_an_opening_that_is_refused_takes_them_away(api: Api) -> None:
    casa = api.casa
    _, nuevo = await por_repetir(casa)
    casa.reloj.poner(INICIO)

    async def se_hace_tarde() -> None:
        casa.reloj.poner(DISPONIBLE)

    casa.solicitudes.antes["copiar"] = se_hace_tarde
    assert problema(await api.pedir("POST", f"/{nuevo.id}/abrir")) == (409, "cierre_tardio")
    assert await casa.solicitudes.todas(nuevo.oid) == []
    assert await casa.ocupaciones() == {}
    assert await casa.sorteos.ver(nuevo.oid) == nuevo


async def test_annulled_half_way_another_draw_repeats_it(casa: Casa, monkeypatch: pytest.MonkeyPatch) -> None:
    viejo, nuevo = await por_repetir(casa)
    monkeypatch.setattr(type(casa.apertura), "_deshacer", _nada)
    muere_con(casa, nuevo, 4)
    with pytest.raises(MemoryError):
        await casa.apertura.abrir(nuevo.oid)
    assert len(await casa.solicitudes.todas(nuevo.oid)) == 4
    await casa.caduca_el_turno()
    anulado = await casa.anulacion.anular(nuevo.oid, motivo="x", quien=ADMIN)
    assert (anulado.estado, anulado.repite_a) == ("anulado", None)
    assert await casa.solicitudes.todas(nuevo.oid) == []
    otro = await casa.abierto(
        repite_a=str(viejo.id), fuente_entropia=fuente(disponible_desde=instante(DISPONIBLE + timedelta(days=1)))
    )
    assert len(await casa.solicitudes.todas(otro.oid)) == 5


async def test_what_could_not_be_taken_back_is_not_left_behind(casa: Casa) -> None:
    """The database went away, and came back when nobody looked any more: the beat finds the turn, and goes on."""
    await casa.espacios("A-1", "A-2")
    _, nuevo = await por_repetir(casa)

    async def sin_base() -> None:
        raise NoDisponible

    casa.solicitudes.antes["descartar_copias"] = sin_base
    with pytest.raises(NoDisponible):
        await casa.apertura.abrir(nuevo.oid)
    assert set(await casa.ocupaciones()) == {"A-1", "A-2"}
    casa.solicitudes.antes.clear()
    await casa.caduca_el_turno()
    await casa.tareas.atender()
    abierto = await casa.sorteos.ver(nuevo.oid)
    assert (abierto.estado, abierto.turno) == ("abierto", None)
    assert len(await casa.solicitudes.todas(nuevo.oid)) == 5
