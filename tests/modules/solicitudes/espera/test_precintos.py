"""Whoever writes on the requests of a published draw gets no space for it, and the audit says so."""

from collections.abc import Mapping
from typing import Any

import pytest
from beanie import PydanticObjectId

from app.modules.solicitudes.exceptions import SolicitudAlterada
from app.modules.solicitudes.models import Solicitud
from app.modules.solicitudes.schemas import RequestOut
from app.shared.repository import Fila
from tests.conftest import Reloj
from tests.modules.solicitudes.mesa import ADMIN, HASTA, Mesa, Vecino


async def escribir(mesa: Mesa, de: RequestOut, cambio: Mapping[str, Any]) -> None:
    """On the database, as somebody does who has no key."""
    assert await mesa.solicitudes.update_many({"_id": de.id}, {"$set": cambio}) == 1


async def denuncias(mesa: Mesa, sorteo_id: PydanticObjectId) -> list[Mapping[str, str]]:
    return await mesa.bitacora.dichos(objeto=sorteo_id, tipos=["bases_alteradas"])


@pytest.fixture
def vecinos(mesa_real: Mesa) -> list[Vecino]:
    return [mesa_real.vecino() for _ in range(4)]


class TestOfrecer:
    """The first of four won A-01, and the others wait."""

    async def declina(self, mesa: Mesa, suya: RequestOut, vecino: Vecino) -> None:
        """Whatever is found of others, what they let go of stands."""
        assert (await mesa.decidir(suya, "declinada", vecino.quien)).estado == "declinada"

    async def test_in_the_order_of_the_result(self, mesa_real: Mesa, vecinos: list[Vecino]) -> None:
        sorteo_id, pedidas = await mesa_real.publicado(vecinos)
        await self.declina(mesa_real, pedidas[0], vecinos[0])
        await self.declina(mesa_real, pedidas[1], vecinos[1])
        await mesa_real.uow.run(lambda: mesa_real.publico.desocupadas(unidades=[vecinos[2].unidad_id], usuario_id=None))
        assert await mesa_real.estados(sorteo_id) == ["declinada", "declinada", "declinada", "ofrecida"]
        assert await denuncias(mesa_real, sorteo_id) == []

    async def test_many_at_once_read_once_what_was_published(self, mesa_real: Mesa, vecinos: list[Vecino]) -> None:
        sorteo_id, _ = await mesa_real.publicado(vecinos, 0)
        otro = await mesa_real.sorteo(["A-01", "A-02", "A-03"])
        await mesa_real.espacios.casillas.update_many({"sorteo_id": otro}, {"$set": {"sorteo_id": sorteo_id}})
        mesa_real.espacios.reglas_leidas.clear()
        await mesa_real.publicar(otro)
        assert await mesa_real.estados(sorteo_id) == ["ofrecida", "ofrecida", "ofrecida", "en_espera"]
        assert mesa_real.espacios.reglas_leidas == [sorteo_id]

    async def test_many_at_once_of_which_the_draw_has_one_no_more(self, mesa_real: Mesa, vecinos: list[Vecino]) -> None:
        """Its opening published it."""
        sorteo_id, _ = await mesa_real.publicado(vecinos, 0)
        otro = await mesa_real.sorteo(["A-01", "A-02"])
        mesa_real.espacios.alterados = {"A-02"}
        await mesa_real.publicar(otro)
        assert await mesa_real.estados(sorteo_id) == ["en_espera"] * 4
        assert await denuncias(mesa_real, sorteo_id) == [{"donde": "espacios"}]

    @pytest.mark.parametrize(
        ("quien", "cambio"),
        [
            (3, {"lugar": 0}),
            (3, {"lugar": -(2**62)}),
            (1, {"lugar": 9}),
            (1, {"estado": "retirada", "viva": False}),
            (1, {"estado": "ofrecida"}),
            (1, {"tipos": ["moto"]}),
            (1, {"espera": None}),
            (1, {"espera": 7}),
            (1, {"sorteo_id": PydanticObjectId()}),
            (1, {"unidad_id": PydanticObjectId()}),
            (1, {"vehiculo.id": PydanticObjectId()}),
            (1, {"precinto": None}),
        ],
    )
    async def test_nothing_past_what_was_published(
        self, mesa_real: Mesa, vecinos: list[Vecino], quien: int, cambio: dict[str, Any]
    ) -> None:
        sorteo_id, pedidas = await mesa_real.publicado(vecinos)
        await escribir(mesa_real, pedidas[quien], cambio)
        await self.declina(mesa_real, pedidas[0], vecinos[0])
        assert await mesa_real.espacios.quien_tiene("A-01") is None
        (denuncia,) = await denuncias(mesa_real, sorteo_id)
        assert denuncia["donde"] in {"espera", "solicitudes"}
        with pytest.raises(SolicitudAlterada):
            await mesa_real.espera.liberar(sorteo_id, "A-01", ADMIN)
        assert len(await denuncias(mesa_real, sorteo_id)) == 1

    @pytest.mark.parametrize("cambio", [{"fase": "terminado"}, {"fase": "cerrado"}, {"terminos.hasta": "2036-12-31"}])
    async def test_the_window_of_the_draw(self, mesa_real: Mesa, vecinos: list[Vecino], cambio: dict[str, str]) -> None:
        """A line that somebody ends on the database, or gives other terms."""
        sorteo_id, pedidas = await mesa_real.publicado(vecinos)
        await mesa_real.ventanillas.update_many({"_id": sorteo_id}, {"$set": cambio})
        await mesa_real.uow.run(
            lambda: mesa_real.publico.asignacion_terminada(solicitud_id=pedidas[0].id, espacio="A-01")
        )
        assert await mesa_real.estados(sorteo_id) == ["asignada", *["en_espera"] * 3]
        assert await denuncias(mesa_real, sorteo_id) == [{"donde": "ventanilla"}]

    async def test_a_space_that_is_another_than_the_opening_published(
        self, mesa_real: Mesa, vecinos: list[Vecino]
    ) -> None:
        sorteo_id, pedidas = await mesa_real.publicado(vecinos)
        mesa_real.espacios.alterados = {"A-01"}
        await self.declina(mesa_real, pedidas[0], vecinos[0])
        assert await mesa_real.estados(sorteo_id) == ["declinada", *["en_espera"] * 3]
        assert await denuncias(mesa_real, sorteo_id) == [{"donde": "espacios"}]

    async def test_a_line_that_has_ended(self, mesa_real: Mesa, vecinos: list[Vecino]) -> None:
        sorteo_id, pedidas = await mesa_real.publicado(vecinos)
        await mesa_real.decidir(pedidas[0], "aceptada", vecinos[0].quien)
        await mesa_real.uow.run(lambda: mesa_real.ventanilla.finalizar(sorteo_id=sorteo_id))
        await mesa_real.uow.run(lambda: mesa_real.ventanilla.pasar_a(sorteo_id=sorteo_id, fase="terminado"))
        await mesa_real.uow.run(
            lambda: mesa_real.publico.asignacion_terminada(solicitud_id=pedidas[0].id, espacio="A-01")
        )
        assert await denuncias(mesa_real, sorteo_id) == []

    async def test_past_one_that_was_deleted(self, mesa_real: Mesa, vecinos: list[Vecino]) -> None:
        sorteo_id, pedidas = await mesa_real.publicado(vecinos)
        await mesa_real.solicitudes.delete_many({"_id": pedidas[1].id})
        await self.declina(mesa_real, pedidas[0], vecinos[0])
        assert await mesa_real.estados(sorteo_id) == ["declinada", "en_espera", "en_espera"]
        assert len(await denuncias(mesa_real, sorteo_id)) == 1

    @pytest.mark.parametrize("cambio", [{"condiciones": []}, {"estado": "retirada"}, {"tipos": ["moto"]}])
    async def test_past_whoever_has_the_right(
        self, mesa_real: Mesa, vecinos: list[Vecino], cambio: dict[str, Any]
    ) -> None:
        """Nobody is lent a reserved space because the one with the right to it does not show any more."""
        sorteo_id = await mesa_real.sorteo([("D-01", "carro", "movilidad_reducida")])
        pedidas = [await mesa_real.pedir(sorteo_id, vecino) for vecino in vecinos]
        derecho = {1: ["movilidad_reducida"], 4: ["movilidad_reducida"]}
        await mesa_real.publicar(sorteo_id, {1: "D-01"}, condiciones=derecho)
        await escribir(mesa_real, pedidas[3], cambio)
        await self.declina(mesa_real, pedidas[0], vecinos[0])
        assert (await mesa_real.estados(sorteo_id))[:3] == ["declinada", "en_espera", "en_espera"]
        assert await denuncias(mesa_real, sorteo_id) == [{"donde": "espera", "folio": "4"}]

    async def test_past_whoever_has_it_and_left_another_in_their_place(
        self, mesa_real: Mesa, vecinos: list[Vecino]
    ) -> None:
        """As many have the right as when it was published."""
        sorteo_id = await mesa_real.sorteo([("D-01", "carro", "movilidad_reducida")])
        pedidas = [await mesa_real.pedir(sorteo_id, vecino) for vecino in vecinos]
        derecho = {1: ["movilidad_reducida"], 4: ["movilidad_reducida"]}
        await mesa_real.publicar(sorteo_id, {1: "D-01"}, condiciones=derecho)
        await escribir(mesa_real, pedidas[3], {"condiciones": []})
        await escribir(mesa_real, pedidas[2], {"condiciones": ["movilidad_reducida"], "estado": "retirada"})
        await self.declina(mesa_real, pedidas[0], vecinos[0])
        assert (await mesa_real.estados(sorteo_id))[1] == "en_espera"
        assert await denuncias(mesa_real, sorteo_id) == [{"donde": "espera", "folio": "3"}]

    @pytest.mark.parametrize("se_dijo", [True, False])
    async def test_what_is_lent_is_held_against_whoever_has_the_right(
        self, mesa_real: Mesa, vecinos: list[Vecino], monkeypatch: pytest.MonkeyPatch, se_dijo: bool
    ) -> None:
        """Not against everybody who waits, but in a draw that was published when nobody told how many have it."""
        sorteo_id = await mesa_real.sorteo([("D-01", "carro", "movilidad_reducida")])
        pedidas = [await mesa_real.pedir(sorteo_id, vecino) for vecino in vecinos]
        await mesa_real.publicar(sorteo_id, {1: "D-01"}, condiciones={1: ["movilidad_reducida"]})
        if not se_dijo:
            await mesa_real.bitacora.sucesos.delete_many({"tipo": "espera_con_derecho"})
        mirados: list[int] = []
        repositorio = mesa_real.decisiones._precintos._precintadas
        en_lista = repositorio.en_lista

        async def mirar(sorteo_id: PydanticObjectId, *, despues_de: int, hasta: int) -> list[Fila]:
            mirados.append(hasta - despues_de)
            return await en_lista(sorteo_id, despues_de=despues_de, hasta=hasta)

        monkeypatch.setattr(repositorio, "en_lista", mirar)
        await self.declina(mesa_real, pedidas[0], vecinos[0])
        assert (await mesa_real.guardada(pedidas[1])).prestado
        assert mirados == ([] if se_dijo else [3])

    async def test_put_right_it_goes_on(self, mesa_real: Mesa, vecinos: list[Vecino]) -> None:
        sorteo_id, pedidas = await mesa_real.publicado(vecinos)
        await escribir(mesa_real, pedidas[1], {"lugar": 9})
        await self.declina(mesa_real, pedidas[0], vecinos[0])
        await escribir(mesa_real, pedidas[1], {"lugar": 1})
        oferta = (await mesa_real.espera.liberar(sorteo_id, "A-01", ADMIN)).oferta
        assert oferta is not None
        assert oferta.id == pedidas[1].id

    async def test_a_row_put_back_as_it_was(self, mesa_real: Mesa, vecinos: list[Vecino]) -> None:
        """Its mark is whole. Yet at that place a space was offered once."""
        sorteo_id, pedidas = await mesa_real.publicado(vecinos)
        antes = await mesa_real.guardada(pedidas[1])
        await self.declina(mesa_real, pedidas[0], vecinos[0])
        await self.declina(mesa_real, pedidas[1], vecinos[1])
        await escribir(mesa_real, pedidas[1], antes.model_dump(exclude={"id"}))
        await self.declina(mesa_real, pedidas[2], vecinos[2])
        assert await mesa_real.estados(sorteo_id) == ["declinada", "en_espera", "declinada", "en_espera"]
        assert await denuncias(mesa_real, sorteo_id) == [{"donde": "espera", "folio": "2"}]

    async def test_draws_that_nobody_told_of(self, mesa_real: Mesa, vecinos: list[Vecino]) -> None:
        """Published before requests bore marks."""
        sorteo_id, pedidas = await mesa_real.publicado(vecinos)
        await mesa_real.bitacora.sucesos.delete_many({})
        await mesa_real.solicitudes.update_many({}, {"$set": {"precinto": None}})
        await self.declina(mesa_real, pedidas[0], vecinos[0])
        await mesa_real.decidir(pedidas[1], "aceptada", vecinos[1].quien)
        assert await mesa_real.estados(sorteo_id) == ["declinada", "aceptada", "en_espera", "en_espera"]


class TestContestar:
    @pytest.mark.parametrize("campo", ["unidad_id", "vehiculo.id", "espacio", "prestado", "precinto"])
    async def test_what_was_won_goes_to_nobody_else(self, mesa_real: Mesa, campo: str) -> None:
        dueno, segundo, otro = (mesa_real.vecino() for _ in range(3))
        sorteo_id, (suya, _) = await mesa_real.publicado([dueno, segundo])
        valores = {"unidad_id": otro.unidad_id, "vehiculo.id": otro.vehiculo_id, "espacio": "A-09", "prestado": True}
        await escribir(mesa_real, suya, {campo: valores.get(campo)})
        for _ in range(2):
            with pytest.raises(SolicitudAlterada):
                await mesa_real.decidir(suya, "aceptada", ADMIN, "consta")
        assert await mesa_real.espacios.tenencias.find({}) == []
        assert await denuncias(mesa_real, sorteo_id) == [{"donde": "solicitudes", "folio": "1"}]

    async def test_a_space_that_is_no_longer_kept_for_it(self, mesa_real: Mesa, vecinos: list[Vecino]) -> None:
        sorteo_id, pedidas = await mesa_real.publicado(vecinos)
        await mesa_real.espacios.casillas.update_many({"codigo": "A-01"}, {"$set": {"de": None}})
        with pytest.raises(SolicitudAlterada):
            await mesa_real.decidir(pedidas[0], "aceptada", vecinos[0].quien)
        assert await denuncias(mesa_real, sorteo_id) == [{"donde": "espacios", "folio": "1"}]

    async def test_an_offer_that_nobody_made(self, mesa_real: Mesa, vecinos: list[Vecino]) -> None:
        sorteo_id, pedidas = await mesa_real.publicado(vecinos)
        vence_en = (await mesa_real.guardada(pedidas[0])).vence_en
        await escribir(mesa_real, pedidas[3], {"estado": "ofrecida", "espacio": "A-02", "vence_en": vence_en})
        with pytest.raises(SolicitudAlterada):
            await mesa_real.decidir(pedidas[3], "aceptada", vecinos[3].quien)
        assert len(await denuncias(mesa_real, sorteo_id)) == 1

    async def test_for_longer_than_the_term(self, mesa_real: Mesa, vecinos: list[Vecino]) -> None:
        sorteo_id, pedidas = await mesa_real.publicado(vecinos)
        await mesa_real.ventanillas.update_many({"_id": sorteo_id}, {"$set": {"terminos.hasta": "2036-12-31"}})
        with pytest.raises(SolicitudAlterada):
            await mesa_real.decidir(pedidas[0], "aceptada", vecinos[0].quien)
        assert await denuncias(mesa_real, sorteo_id) == [{"donde": "ventanilla"}]

    async def test_time_that_was_cut_short(self, mesa_real: Mesa, vecinos: list[Vecino], reloj: Reloj) -> None:
        sorteo_id, pedidas = await mesa_real.publicado(vecinos)
        await escribir(mesa_real, pedidas[0], {"vence_en": reloj.instante})
        reloj.avanzar(hours=1)
        for _ in range(2):
            assert await mesa_real.espera.vencer() == 0
        assert (await mesa_real.estados(sorteo_id))[0] == "asignada"
        assert await denuncias(mesa_real, sorteo_id) == [{"donde": "solicitudes", "folio": "1"}]

    async def test_a_broken_mark_stays_broken(self, mesa_real: Mesa, vecinos: list[Vecino]) -> None:
        """What the rules do with the row afterwards makes it no better."""
        _, pedidas = await mesa_real.publicado(vecinos)
        await mesa_real.decidir(pedidas[0], "aceptada", vecinos[0].quien)
        await escribir(mesa_real, pedidas[0], {"tipos": ["moto"]})
        await mesa_real.uow.run(lambda: mesa_real.publico.reclamada(solicitud_id=pedidas[0].id, motivo=None))
        guardada = await mesa_real.guardada(pedidas[0])
        with pytest.raises(SolicitudAlterada):
            await mesa_real.decisiones._precintos.exigir(guardada)

    async def test_more_time_and_other_moves_keep_it(self, mesa_real: Mesa, vecinos: list[Vecino]) -> None:
        _, pedidas = await mesa_real.publicado(vecinos)
        precintos = mesa_real.decisiones._precintos
        await mesa_real.uow.run(lambda: _mas_tiempo(mesa_real, pedidas[0]))
        await mesa_real.decidir(pedidas[0], "aceptada", vecinos[0].quien)
        await precintos.exigir(await mesa_real.guardada(pedidas[0]))


async def _mas_tiempo(mesa: Mesa, pedida: RequestOut) -> Solicitud:
    guardada = await mesa.guardada(pedida)
    assert guardada.vence_en is not None
    return await mesa.espera._movimientos.prorrogar(guardada, guardada.vence_en.replace(year=HASTA.year))
