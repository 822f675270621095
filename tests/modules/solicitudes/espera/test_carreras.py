"""Answers, offers and departures at the same moment, on the real server."""

import asyncio
from typing import Any

import pytest
from beanie import PydanticObjectId

from app.modules.solicitudes.decisiones.schemas import EstadoMasivo
from app.modules.solicitudes.exceptions import PlazoVencido, YaTieneEspacio
from app.modules.solicitudes.schemas import RequestOut
from tests.conftest import Reloj
from tests.modules.solicitudes.carreras import a_la_vez, aparte, choca, una_vez
from tests.modules.solicitudes.mesa import ADMIN, Mesa, Vecino


class TestContestar:
    async def test_twice_at_once(self, mesa_real: Mesa) -> None:
        vecino = mesa_real.vecino()
        _, (suya,) = await mesa_real.publicado([vecino])
        hechas, errores = await a_la_vez(*(mesa_real.decidir(suya, "aceptada", vecino.quien) for _ in range(5)))
        assert ({r.estado for r in hechas}, errores) == ({"aceptada"}, [])
        assert len(await mesa_real.espacios.tenencias.find({})) == 1
        assert [p[1] for p in await mesa_real.pasos(suya)].count("aceptada") == 1

    async def test_while_it_lapses(self, mesa_real: Mesa, reloj: Reloj, monkeypatch: pytest.MonkeyPatch) -> None:
        """Accepted at the last moment, and not yet committed when the system comes round: it stands."""
        vecino, siguiente = mesa_real.vecino(), mesa_real.vecino()
        sorteo_id, (suya, otra) = await mesa_real.publicado([vecino, siguiente])
        vencimientos: list[asyncio.Task[int]] = []
        choque = choca(mesa_real.solicitudes, "mover", monkeypatch)

        async def vencer() -> None:
            reloj.avanzar(hours=72)
            vencimientos.append(aparte(mesa_real.espera.vencer()))
            vencimientos[0].add_done_callback(lambda _: choque.set())
            await choque.wait()

        mesa_real.espacios.al_asignar = vencer
        assert (await mesa_real.decidir(suya, "aceptada", vecino.quien)).estado == "aceptada"
        assert await vencimientos[0] == 0
        assert await mesa_real.estados(sorteo_id) == ["aceptada", "en_espera"]
        assert await mesa_real.espacios.quien_tiene("A-01") == suya.id
        assert (await mesa_real.ver(otra)).espacio is None

    async def test_when_it_has_just_lapsed(
        self, mesa_real: Mesa, reloj: Reloj, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        vecino, siguiente = mesa_real.vecino(), mesa_real.vecino()
        sorteo_id, (suya, otra) = await mesa_real.publicado([vecino, siguiente])
        mover = mesa_real.solicitudes.mover

        async def vencer() -> None:
            reloj.avanzar(hours=72)
            assert await mesa_real.espera.vencer() == 1

        antes = una_vez(vencer())

        async def vencer_antes(*args: Any, **mas: Any) -> Any:
            await antes()
            return await mover(*args, **mas)

        monkeypatch.setattr(mesa_real.solicitudes, "mover", vencer_antes)
        with pytest.raises(PlazoVencido):
            await mesa_real.decidir(suya, "aceptada", vecino.quien)
        assert await mesa_real.estados(sorteo_id) == ["vencida", "ofrecida"]
        assert await mesa_real.espacios.quien_tiene("A-01") == otra.id
        assert await mesa_real.espacios.tenencias.find({}) == []

    async def test_two_spaces_let_go_at_once(self, mesa_real: Mesa) -> None:
        vecinos = [mesa_real.vecino() for _ in range(6)]
        sorteo_id, pedidas = await mesa_real.publicado(vecinos, 3)
        _, errores = await a_la_vez(
            *(mesa_real.decidir(s, "declinada", v.quien) for s, v in zip(pedidas[:3], vecinos[:3], strict=True))
        )
        assert errores == []
        assert await mesa_real.estados(sorteo_id) == ["declinada"] * 3 + ["ofrecida"] * 3
        ofrecidas = [(await mesa_real.ver(s)).espacio for s in pedidas[3:]]
        assert sorted(str(e) for e in ofrecidas) == ["A-01", "A-02", "A-03"]
        assert [await mesa_real.espacios.quien_tiene(str(e)) for e in ofrecidas] == [s.id for s in pedidas[3:]]

    async def test_one_space_offered_by_two(self, mesa_real: Mesa) -> None:
        sorteo_id = await mesa_real.sorteo()
        for _ in range(3):
            await mesa_real.pedir(sorteo_id, mesa_real.vecino())
        await mesa_real.publicar(sorteo_id)
        await a_la_vez(*(mesa_real.espera.liberar(sorteo_id, "A-01", ADMIN) for _ in range(5)))
        assert await mesa_real.estados(sorteo_id) == ["ofrecida", "en_espera", "en_espera"]

    async def test_who_waits_withdraws_while_it_is_offered(self, mesa_real: Mesa) -> None:
        vecinos = [mesa_real.vecino() for _ in range(3)]
        sorteo_id, pedidas = await mesa_real.publicado(vecinos)
        _, errores = await a_la_vez(
            mesa_real.decidir(pedidas[0], "declinada", vecinos[0].quien),
            mesa_real.decidir(pedidas[1], "retirada", vecinos[1].quien),
        )
        assert errores == []
        assert await mesa_real.estados(sorteo_id) == ["declinada", "retirada", "ofrecida"]


class TestSalir:
    async def test_while_it_is_published(self, mesa_real: Mesa, monkeypatch: pytest.MonkeyPatch) -> None:
        """The draw is published between the departure's look at its phase and its commit: who has left keeps no
        space."""
        vecino, siguiente = mesa_real.vecino(), mesa_real.vecino()
        sorteo_id = await mesa_real.sorteo()
        for v in (vecino, siguiente):
            await mesa_real.pedir(sorteo_id, v)
        await mesa_real.publicar(sorteo_id, {1: "A-01"}, ultimo=False)
        publicaciones: list[asyncio.Task[None]] = []
        choque = choca(mesa_real.ventanillas, "pasar_a", monkeypatch)
        sigue = mesa_real.ventanillas.siguen_cerradas

        async def publicar() -> None:
            await mesa_real.ventanilla.pasar_a(sorteo_id=sorteo_id, fase="publicado")

        async def mirar_y_publicar(*args: Any) -> set[PydanticObjectId]:
            cerradas = await sigue(*args)
            if not publicaciones:
                publicaciones.append(aparte(mesa_real.uow.run(publicar)))
                publicaciones[0].add_done_callback(lambda _: choque.set())
                await choque.wait()
            return cerradas

        monkeypatch.setattr(mesa_real.ventanillas, "siguen_cerradas", mirar_y_publicar)
        mesa_real.muda(vecino)
        await mesa_real.uow.run(lambda: mesa_real.publico.desocupadas(unidades=[vecino.unidad_id], usuario_id=None))
        await publicaciones[0]
        assert await mesa_real.estados(sorteo_id) == ["declinada", "ofrecida"]


async def test_a_bulk_and_a_single_decision(mesa_real: Mesa) -> None:
    sorteo_id = await mesa_real.sorteo(aprobacion="manual")
    pedidas = [await mesa_real.pedir(sorteo_id, mesa_real.vecino()) for _ in range(6)]

    async def todas() -> None:
        cuerpo = {"ids": [str(s.id) for s in pedidas], "estado": "aprobada"}
        await mesa_real.decisiones.decidir_varias(EstadoMasivo.model_validate(cuerpo), ADMIN)

    _, errores = await a_la_vez(todas(), *(mesa_real.decidir(s, "cancelada", ADMIN) for s in pedidas))
    assert errores == []
    assert await mesa_real.estados(sorteo_id) == ["cancelada"] * 6


class TestDosSorteos:
    """One vehicle, won with in two draws of the same term."""

    async def ganadas(self, mesa: Mesa, vecino: Vecino) -> list[RequestOut]:
        pedidas = []
        for codigo in ("A-01", "B-01"):
            sorteo_id = await mesa.sorteo([codigo])
            pedidas.append(await mesa.pedir(sorteo_id, vecino))
            await mesa.publicar(sorteo_id, {1: codigo})
        return pedidas

    async def test_the_second_acceptance_is_refused(self, mesa: Mesa) -> None:
        vecino = mesa.vecino()
        una, otra = await self.ganadas(mesa, vecino)
        mesa.padron.tocadas.clear()
        await mesa.decidir(una, "aceptada", vecino.quien)
        assert mesa.padron.tocadas == [vecino.unidad_id], "of two at once, one collides there"
        with pytest.raises(YaTieneEspacio):
            await mesa.decidir(otra, "aceptada", vecino.quien)
        assert (await mesa.decidir(otra, "declinada", vecino.quien)).estado == "declinada"

    async def test_nobody_accepts_a_second_one_for_them(self, mesa: Mesa) -> None:
        vecino = mesa.vecino()
        sorteos = [await mesa.sorteo([codigo], aceptacion="tacita") for codigo in ("A-01", "B-01")]
        pedidas = [await mesa.pedir(sorteo_id, vecino) for sorteo_id in sorteos]
        for sorteo_id, codigo in zip(sorteos, ("A-01", "B-01"), strict=True):
            await mesa.publicar(sorteo_id, {1: codigo})
        assert [await mesa.estado(s) for s in pedidas] == ["aceptada", "asignada"]
