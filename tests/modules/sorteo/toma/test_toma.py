"""More spaces than one transaction takes: claimed, copied and given back in batches, whoever dies between two."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from beanie import PydanticObjectId
from motor.motor_asyncio import AsyncIOMotorClient

from app.modules.sorteo.models import Sorteo
from app.modules.sorteo.pasos import anulacion, publicacion
from app.modules.sorteo.toma import service as toma
from tests.congelador import Proceso, como, congelable
from tests.loteria import instante
from tests.modules.sorteo.conftest import Api, Casa, problema
from tests.modules.sorteo.factories import ADMIN, DISPONIBLE, ENTROPIA

CODIGOS = [f"A-{n}" for n in range(1, 8)]


@pytest.fixture(autouse=True)
def _de_a_dos(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for modulo in (toma, anulacion, publicacion):
        monkeypatch.setattr(modulo, "LOTE", 2)
    with congelable():
        yield


async def copias(casa: Casa, sorteo: Sorteo) -> int:
    return await casa.r_en_juego.count({"sorteo_id": sorteo.oid})


class Mortales:
    """Processes that stop for good at one of their commands, and are taken for dead."""

    def __init__(self, casa: Casa, cliente: "AsyncIOMotorClient[dict[str, Any]]") -> None:
        self._casa = casa
        self._cliente = cliente
        self._parados: list[tuple[Proceso, asyncio.Future[Sorteo]]] = []

    async def dar(self, paso: Callable[[PydanticObjectId], Awaitable[Sorteo]], sorteo: Sorteo, tomados: range) -> None:
        """One after the other begins the step and dies one command later than the one before, until as many spaces are
        taken."""
        orden = 1
        while len(await self._casa.ocupaciones()) not in tomados:
            proceso = Proceso(orden)
            with como(proceso):
                self._parados.append((proceso, asyncio.ensure_future(paso(sorteo.oid))))
            await proceso.parado.wait()
            await self._cliente.admin.command({"killAllSessions": []})
            await self._casa.caduca_el_turno()
            orden += 1

    async def abriendo(self, sorteo: Sorteo) -> None:
        await self.dar(self._casa.apertura.abrir, sorteo, range(2, len(CODIGOS)))
        assert await copias(self._casa, sorteo) == len(await self._casa.ocupaciones())
        assert (await self._casa.sorteos.ver(sorteo.oid)).estado == "borrador"

    async def despertar(self) -> None:
        for proceso, _ in self._parados:
            proceso.seguir()
        await asyncio.gather(*(tarea for _, tarea in self._parados), return_exceptions=True)


@pytest.fixture
async def mortales(casa: Casa, cliente_mongo: "AsyncIOMotorClient[dict[str, Any]]") -> AsyncIterator[Mortales]:
    mortales = Mortales(casa, cliente_mongo)
    yield mortales
    await mortales.despertar()


class TestTomar:
    async def test_all_of_them_as_if_it_were_one_batch(self, casa: Casa, monkeypatch: pytest.MonkeyPatch) -> None:
        await casa.espacios(*CODIGOS)
        await casa.espacios("V-1", "V-2", uso="visitantes")
        en_lotes = await casa.abierto(ensayo=True)
        monkeypatch.setattr(toma, "LOTE", 1000)
        de_una = await casa.abierto(ensayo=True)
        uno, otro = [await casa.r_en_juego.en_juego(s.oid) for s in (en_lotes, de_una)]
        assert [e.codigo for e in uno] == CODIGOS
        assert uno == otro
        for sorteo in (en_lotes, de_una):
            fuera = await casa.r_en_juego.excluidos(sorteo.oid)
            assert [(e.codigo, e.excluido) for e in fuera] == [("V-1", "uso"), ("V-2", "uso")]

    async def test_only_those_that_were_named(self, casa: Casa) -> None:
        await casa.espacios(*CODIGOS)
        sorteo = await casa.abierto(espacios=["A-6", "A-1"])
        assert set(await casa.ocupaciones()) == {"A-1", "A-6"}
        assert (sorteo.espacios_en_juego, await copias(casa, sorteo)) == (2, len(CODIGOS))

    async def test_one_that_is_taken_gives_back_all(self, api: Api) -> None:
        await api.casa.espacios(*CODIGOS)
        otro = await api.casa.abierto(espacios=["A-7"])
        sorteo = await api.casa.borrador(espacios=CODIGOS)
        respuesta = await api.pedir("POST", f"/{sorteo.id}/abrir")
        assert (problema(respuesta), respuesta.json()["datos"]) == (
            (409, "espacio_comprometido"),
            {"codigos": ["A-7"]},
        )
        assert await api.casa.ocupaciones() == {"A-7": [("sorteo", otro.id)]}
        assert await copias(api.casa, sorteo) == 0
        assert await api.casa.sorteos.ver(sorteo.oid) == sorteo

    @pytest.mark.parametrize("espacios", [None, CODIGOS])
    async def test_of_several_at_once_one_has_them_all(self, casa: Casa, espacios: list[str] | None) -> None:
        await casa.espacios(*CODIGOS)
        varios = [await casa.borrador(espacios=espacios) for _ in range(4)]
        await asyncio.gather(*(casa.apertura.abrir(s.oid) for s in varios), return_exceptions=True)
        ahora = [await casa.sorteos.ver(s.oid) for s in varios]
        (ganador,) = [s for s in ahora if s.estado == "abierto"]
        assert await casa.ocupaciones() == {codigo: [("sorteo", ganador.id)] for codigo in CODIGOS}
        assert sum([await copias(casa, s) for s in ahora]) == len(CODIGOS)
        assert {s.turno for s in ahora} == {None}

    async def test_nobody_edits_a_draft_that_is_being_opened(self, api: Api, mortales: Mortales) -> None:
        await api.casa.espacios(*CODIGOS)
        sorteo = await api.casa.borrador()
        await mortales.abriendo(sorteo)
        respuesta = await api.pedir("PATCH", f"/{sorteo.id}", json={"espacios": ["A-1"]})
        assert problema(respuesta) == (409, "transicion_invalida")


class TestMuerte:
    async def test_the_beat_opens_it(self, casa: Casa, mortales: Mortales) -> None:
        await casa.espacios(*CODIGOS)
        sorteo = await casa.borrador()
        await mortales.abriendo(sorteo)
        casa.reloj.avanzar(seconds=10)
        await casa.tareas.atender()
        abierto = await casa.sorteos.ver(sorteo.oid)
        assert (abierto.estado, abierto.turno, abierto.espacios_en_juego) == ("abierto", None, len(CODIGOS))
        assert abierto.apertura == casa.reloj.instante
        assert set(await casa.ocupaciones()) == set(CODIGOS)

    async def test_too_late_the_beat_gives_them_back(self, casa: Casa, mortales: Mortales) -> None:
        await casa.espacios(*CODIGOS)
        sorteo = await casa.borrador()
        await mortales.abriendo(sorteo)
        casa.reloj.poner(DISPONIBLE)
        await casa.tareas.atender()
        quedo = await casa.sorteos.ver(sorteo.oid)
        assert (quedo.estado, quedo.turno) == ("borrador", None)
        assert (await casa.ocupaciones(), await copias(casa, sorteo)) == ({}, 0)

    async def test_annulled_it_gives_them_back(self, casa: Casa, mortales: Mortales) -> None:
        await casa.espacios(*CODIGOS)
        sorteo = await casa.borrador()
        await mortales.abriendo(sorteo)
        anulado = await casa.anulacion.anular(sorteo.oid, motivo="x", quien=ADMIN)
        assert anulado.estado == "anulado"
        assert (await casa.ocupaciones(), await copias(casa, sorteo)) == ({}, 0)

    async def test_what_another_draw_took_meanwhile_is_left_out(self, casa: Casa, mortales: Mortales) -> None:
        """The next attempt begins anew."""
        await casa.espacios(*CODIGOS)
        sorteo = await casa.borrador(apertura=instante(DISPONIBLE - timedelta(days=2)))
        await mortales.abriendo(sorteo)
        libres = sorted(set(CODIGOS) - set(await casa.ocupaciones()))
        await casa.abierto(espacios=libres)
        await casa.tareas.atender()
        abierto = await casa.sorteos.ver(sorteo.oid)
        assert (abierto.estado, abierto.espacios_en_juego) == ("abierto", len(CODIGOS) - len(libres))
        fuera = await casa.r_en_juego.excluidos(sorteo.oid)
        assert [(e.codigo, e.excluido) for e in fuera] == [(codigo, "otro_sorteo") for codigo in libres]


class TestSoltar:
    """What nobody got, and all of an annulled draw, in batches too."""

    @pytest.mark.parametrize("cuantas", [0, 1, 2, 3])
    async def test_at_publishing(self, casa: Casa, cuantas: int) -> None:
        await casa.espacios(*CODIGOS)
        sorteo = await casa.publicado(cuantas)
        assert (sorteo.estado, sorteo.publicado_hasta, sorteo.turno) == ("publicado", cuantas, None)
        suyas = await casa.solicitudes.todas(sorteo.oid)
        assert await casa.ocupaciones() == {str(s.espacio): [("solicitud", s.id)] for s in suyas}

    @pytest.mark.parametrize("cuantas", [0, 3])
    async def test_a_publishing_that_died_goes_on(self, casa: Casa, mortales: Mortales, cuantas: int) -> None:
        await casa.espacios(*CODIGOS)
        sorteo = await casa.ejecutado(cuantas)
        await mortales.dar(casa.publicacion.publicar, sorteo, range(cuantas + 1, len(CODIGOS)))
        await casa.tareas.atender()
        assert (await casa.sorteos.ver(sorteo.oid)).estado == "publicado"
        assert len(await casa.ocupaciones()) == cuantas

    async def test_at_annulling(self, casa: Casa) -> None:
        await casa.espacios(*CODIGOS)
        sorteo = await casa.cerrado(3)
        await casa.anulacion.anular(sorteo.oid, motivo="x", quien=ADMIN)
        assert await casa.ocupaciones() == {}
        assert await copias(casa, sorteo) == len(CODIGOS)

    async def test_a_run_marks_them_all(self, casa: Casa) -> None:
        await casa.espacios(*CODIGOS)
        sorteo = await casa.por_ejecutar(1)
        await casa.ejecucion.ejecutar(sorteo.oid, ENTROPIA)
        assert all(e.sorteado for e in await casa.r_espacios.find({}))
