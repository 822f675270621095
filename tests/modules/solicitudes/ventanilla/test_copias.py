"""Requests copied into a draw that repeats theirs, in batches, and taken away again."""

import pytest
from beanie import PydanticObjectId

from app.modules.solicitudes.decisiones.schemas import EstadoUpdate
from app.modules.solicitudes.repository import Filtros
from app.modules.solicitudes.schemas import RequestUpdate
from app.shared.exceptions import NoEncontrado
from app.shared.pagination import PageQuery
from tests.modules.solicitudes.mesa import ADMIN, Mesa, Vecino

CANCELADA = EstadoUpdate.model_validate({"estado": "cancelada"})


@pytest.fixture
async def anulado(mesa: Mesa) -> tuple[PydanticObjectId, list[Vecino]]:
    """Of five, the second had withdrawn."""
    sorteo_id, vecinos = await mesa.sorteo(), [mesa.vecino() for _ in range(5)]
    pedidas = [await mesa.pedir(sorteo_id, vecino) for vecino in vecinos]
    await mesa.decidir(pedidas[1], "cancelada", vecinos[1].quien)
    await mesa.ventanilla.anular(sorteo_id=sorteo_id, motivo="x")
    return sorteo_id, [vecinos[n] for n in (0, 2, 3, 4)]


Anulado = tuple[PydanticObjectId, list[Vecino]]


async def copias(mesa: Mesa, sorteo_id: PydanticObjectId) -> list[tuple[int, PydanticObjectId]]:
    suyas = await mesa.solicitudes.find({"sorteo_id": sorteo_id}, orden=[("folio", 1)])
    return [(s.folio, s.unidad_id) for s in suyas]


async def test_batch_after_batch(mesa: Mesa, anulado: Anulado) -> None:
    """Folios follow one another, whoever was left out, and what is copied is not copied again."""
    viejo, vecinos = anulado
    nuevo = await mesa.sorteo(abierto=False)
    hechas = [await mesa.ventanilla.copiar(de=viejo, a=nuevo, limite=3) for _ in range(4)]
    assert hechas == [3, 1, 0, 0]
    assert await copias(mesa, nuevo) == [(n, v.unidad_id) for n, v in enumerate(vecinos, start=1)]


async def test_the_flats_are_written_on(mesa: Mesa, anulado: Anulado) -> None:
    """Whoever leaves one at this moment collides."""
    viejo, vecinos = anulado
    mesa.padron.tocadas.clear()
    await mesa.ventanilla.copiar(de=viejo, a=await mesa.sorteo(abierto=False), limite=2)
    assert set(mesa.padron.tocadas) == {v.unidad_id for v in vecinos[:2]}


async def test_taken_away_with_their_history(mesa: Mesa, anulado: Anulado) -> None:
    viejo, _ = anulado
    nuevo = await mesa.sorteo(abierto=False)
    while await mesa.ventanilla.copiar(de=viejo, a=nuevo, limite=3):
        pass
    todas, historial = await copias(mesa, nuevo), mesa.listas._historial
    ids = [s.oid for s in await mesa.solicitudes.find({"sorteo_id": nuevo})]
    assert await historial.count({"solicitud_id": {"$in": ids}}) == 4
    hubo = [await mesa.ventanilla.descartar_copias(sorteo_id=nuevo, limite=3) for _ in range(3)]
    assert hubo == [True, True, False]
    assert await copias(mesa, nuevo) == []
    assert await historial.count({"solicitud_id": {"$in": ids}}) == 0
    while await mesa.ventanilla.copiar(de=viejo, a=nuevo, limite=3):
        pass
    assert await copias(mesa, nuevo) == todas


async def test_nothing_is_taken_away_once_it_is_open(mesa: Mesa, anulado: Anulado) -> None:
    viejo, _ = anulado
    nuevo = await mesa.sorteo(abierto=False)
    await mesa.ventanilla.copiar(de=viejo, a=nuevo, limite=2)
    await mesa.ventanilla.abrir(sorteo_id=nuevo, cierre=None)
    assert await mesa.ventanilla.descartar_copias(sorteo_id=nuevo) is False
    assert await mesa.ventanilla.copiar(de=viejo, a=nuevo) == 0
    assert len(await copias(mesa, nuevo)) == 2


async def test_the_flat_sees_its_copy_once_the_draw_is_open(mesa: Mesa, anulado: Anulado) -> None:
    viejo, (vecino, *_) = anulado
    nuevo = await mesa.sorteo(abierto=False)
    await mesa.ventanilla.copiar(de=viejo, a=nuevo)
    (copia,) = await mesa.solicitudes.find({"sorteo_id": nuevo, "unidad_id": vecino.unidad_id})
    filtros = Filtros(sorteo_id=nuevo)

    async def lista(quien: Vecino | None) -> int:
        return len((await mesa.listas.listar(filtros, PageQuery(), ADMIN if quien is None else quien.quien)).items)

    assert (await lista(vecino), await lista(None)) == (0, 4)
    with pytest.raises(NoEncontrado):
        await mesa.listas.ver(copia.oid, vecino.quien)
    with pytest.raises(NoEncontrado):
        await mesa.listas.historial(copia.oid, PageQuery(), vecino.quien)
    with pytest.raises(NoEncontrado):
        await mesa.listas.cambiar(copia.oid, RequestUpdate(preferencias=[]), vecino.quien)
    with pytest.raises(NoEncontrado):
        await mesa.decisiones.decidir(copia.oid, CANCELADA, vecino.quien)
    assert len((await mesa.listas.historial(copia.oid, PageQuery(), ADMIN)).items) == 1
    assert (await mesa.listas.ver(copia.oid, ADMIN)).acciones == []
    await mesa.ventanilla.abrir(sorteo_id=nuevo, cierre=None)
    assert (await lista(vecino), (await mesa.listas.ver(copia.oid, vecino.quien)).folio) == (1, 1)
    assert len((await mesa.listas.historial(copia.oid, PageQuery(), vecino.quien)).items) == 1
