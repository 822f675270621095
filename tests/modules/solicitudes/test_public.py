"""A flat is left, or nobody answers in time."""

from datetime import timedelta

import pytest
from beanie import PydanticObjectId

from app.modules.solicitudes.estados import RequestStatus
from app.shared.pagination import PageQuery
from tests.conftest import INICIO, Reloj
from tests.modules.solicitudes.mesa import ADMIN, Mesa, Vecino

QUIEN = PydanticObjectId("64b0000000000000000000aa")


async def irse(mesa: Mesa, *vecinos: Vecino) -> None:
    for vecino in vecinos:
        mesa.muda(vecino)
    await mesa.uow.run(lambda: mesa.publico.desocupadas(unidades=[v.unidad_id for v in vecinos], usuario_id=QUIEN))


class TestAbierto:
    @pytest.mark.parametrize("aprobacion", ["manual", "automatica"])
    async def test_cancelled(self, mesa: Mesa, aprobacion: str) -> None:
        vecino, sorteo_id = mesa.vecino(), await mesa.sorteo(aprobacion=aprobacion)
        pedida = await mesa.pedir(sorteo_id, vecino)
        await irse(mesa, vecino)
        assert await mesa.estado(pedida) == "cancelada"
        ultima = (await mesa.listas.historial(pedida.id, PageQuery(), ADMIN)).items[-1]
        assert (ultima.a, ultima.actor, ultima.usuario_id) == ("cancelada", "sistema", QUIEN)
        assert not await mesa.publico.alguno_en_solicitud(vehiculos=[vecino.vehiculo_id])
        assert await mesa.publico.unidad_con_historia(unidad_id=vecino.unidad_id)

    async def test_what_is_over_stays_as_it_is(self, mesa: Mesa) -> None:
        vecino = mesa.vecino()
        pedida = await mesa.pedir(await mesa.sorteo(), vecino)
        await mesa.decidir(pedida, "cancelada", vecino.quien)
        antes = await mesa.guardada(pedida)
        await irse(mesa, vecino)
        assert await mesa.guardada(pedida) == antes

    async def test_no_one_elses(self, mesa: Mesa) -> None:
        vecino, sorteo_id = mesa.vecino(), await mesa.sorteo()
        await mesa.pedir(sorteo_id, mesa.vecino())
        await mesa.pedir(sorteo_id, vecino)
        await irse(mesa, vecino)
        assert await mesa.estados(sorteo_id) == ["aprobada", "cancelada"]


class TestEspacioDisponible:
    async def test_offered_to_the_next_in_line(self, mesa: Mesa) -> None:
        sorteo_id = await mesa.sorteo()
        for _ in range(2):
            await mesa.pedir(sorteo_id, mesa.vecino())
        await mesa.publico.espacio_disponible(codigo="A-01")
        assert await mesa.estados(sorteo_id) == ["aprobada", "aprobada"]
        await mesa.publicar(sorteo_id)
        for codigo in ("Z-99", "A-01", "A-01"):
            await mesa.publico.espacio_disponible(codigo=codigo)
        assert await mesa.estados(sorteo_id) == ["ofrecida", "en_espera"]


class TestCerrado:
    async def test_moved_on_at_once_by_publishing(self, mesa: Mesa) -> None:
        ganador, espera, siguiente = (mesa.vecino() for _ in range(3))
        sorteo_id = await mesa.sorteo()
        pedidas = [await mesa.pedir(sorteo_id, v) for v in (ganador, espera, siguiente)]
        await mesa.cerrar(sorteo_id)
        await irse(mesa, ganador, espera)
        assert await mesa.estados(sorteo_id) == ["aprobada"] * 3
        await mesa.publicar(sorteo_id, {1: "A-01"})
        # The space passes over the one who waits and has left, too.
        assert await mesa.estados(sorteo_id) == ["declinada", "retirada", "ofrecida"]
        assert [p[:3] for p in await mesa.pasos(pedidas[0])][-2:] == [
            ("aprobada", "asignada", "sistema"),
            ("asignada", "declinada", "sistema"),
        ]

    async def test_not_accepted_by_itself(self, mesa: Mesa) -> None:
        vecino, sorteo_id = mesa.vecino(), await mesa.sorteo(aceptacion="tacita")
        await mesa.pedir(sorteo_id, vecino)
        await mesa.cerrar(sorteo_id)
        await irse(mesa, vecino)
        await mesa.publicar(sorteo_id, {1: "A-01"})
        assert await mesa.estados(sorteo_id) == ["declinada"]
        assert await mesa.espacios.tenencias.find({}) == []

    async def test_between_two_batches_of_publishing(self, mesa: Mesa) -> None:
        vecinos = [mesa.vecino(), mesa.vecino()]
        sorteo_id = await mesa.sorteo()
        for vecino in vecinos:
            await mesa.pedir(sorteo_id, vecino)
        await mesa.publicar(sorteo_id, {1: "A-01"}, ultimo=False)
        await irse(mesa, vecinos[0])
        assert await mesa.estados(sorteo_id) == ["asignada", "en_espera"]
        await mesa.ventanilla.pasar_a(sorteo_id=sorteo_id, fase="publicado")
        assert await mesa.estados(sorteo_id) == ["declinada", "ofrecida"]

    async def test_reopened(self, mesa: Mesa) -> None:
        """What the closing had refused comes back too, to nobody."""
        vecinos = [mesa.vecino(), mesa.vecino(), mesa.vecino()]
        sorteo_id = await mesa.sorteo(aprobacion="manual")
        pedidas = [await mesa.pedir(sorteo_id, vecino) for vecino in vecinos]
        await mesa.cerrar(sorteo_id, {2: "no_al_dia"})
        await irse(mesa, vecinos[0], vecinos[1])
        assert await mesa.estados(sorteo_id) == ["aprobada", "rechazada", "aprobada"]
        await mesa.reabrir(sorteo_id)
        assert await mesa.estados(sorteo_id) == ["cancelada", "cancelada", "pendiente"]
        assert [p[:2] for p in await mesa.pasos(pedidas[1])][-2:] == [
            ("rechazada", "pendiente"),
            ("pendiente", "cancelada"),
        ]

    async def test_a_closing_that_came_to_nothing(self, mesa: Mesa) -> None:
        vecino, sorteo_id = mesa.vecino(), await mesa.sorteo()
        await mesa.pedir(sorteo_id, vecino)
        await mesa.ventanilla.cerrar(sorteo_id=sorteo_id)
        await irse(mesa, vecino)
        assert await mesa.estados(sorteo_id) == ["aprobada"]
        await mesa.ventanilla.abrir(sorteo_id=sorteo_id, cierre=None)
        assert await mesa.estados(sorteo_id) == ["cancelada"]

    async def test_refused_and_published(self, mesa: Mesa) -> None:
        """It stays refused."""
        vecino, sorteo_id = mesa.vecino(), await mesa.sorteo()
        await mesa.pedir(sorteo_id, vecino)
        await mesa.cerrar(sorteo_id, {1: "no_al_dia"})
        await irse(mesa, vecino)
        await mesa.publicar(sorteo_id)
        assert await mesa.estados(sorteo_id) == ["rechazada"]


class TestPublicado:
    async def test_each(self, mesa: Mesa) -> None:
        vecinos = [mesa.vecino() for _ in range(5)]
        sorteo_id, pedidas = await mesa.publicado(vecinos, 3)
        await mesa.decidir(pedidas[0], "aceptada", vecinos[0].quien)
        await mesa.decidir(pedidas[1], "declinada", vecinos[1].quien)
        assert await mesa.estados(sorteo_id) == ["aceptada", "declinada", "asignada", "ofrecida", "en_espera"]
        await irse(mesa, *vecinos)
        assert await mesa.estados(sorteo_id) == ["aceptada", "declinada", "declinada", "declinada", "retirada"]
        assert [s.viva for s in await mesa.solicitudes.find({"sorteo_id": sorteo_id})] == [False] * 5
        assert [await mesa.espacios.quien_tiene(f"A-0{n}") for n in (1, 2, 3)] == [None] * 3
        assert [t.vigente for t in await mesa.espacios.tenencias.find({})] == [False]

    async def test_a_flat_with_several_is_not_offered_its_own(self, mesa: Mesa) -> None:
        """Its second request is first in line for the space that its first lets go; nobody is there to take it."""
        vecino, otro = mesa.vecino(), mesa.vecino()
        sorteo_id = await mesa.sorteo(max_por_unidad=2)
        await mesa.pedir(sorteo_id, vecino)
        segunda = await mesa.pedir(sorteo_id, vecino, vehiculo_id=mesa.vehiculo(vecino.unidad_id))
        await mesa.pedir(sorteo_id, otro)
        await mesa.publicar(sorteo_id, {1: "A-01"})
        await irse(mesa, vecino)
        assert await mesa.estados(sorteo_id) == ["declinada", "retirada", "ofrecida"]
        assert [p[1] for p in await mesa.pasos(segunda)][-2:] == ["en_espera", "retirada"]

    async def test_twice(self, mesa: Mesa) -> None:
        vecino = mesa.vecino()
        sorteo_id, (suya,) = await mesa.publicado([vecino])
        await irse(mesa, vecino)
        pasos = await mesa.pasos(suya)
        await irse(mesa, vecino)
        assert await mesa.pasos(suya) == pasos
        assert await mesa.estados(sorteo_id) == ["declinada"]


class TestTerminado:
    async def test_only_what_is_held(self, mesa: Mesa) -> None:
        vecinos = [mesa.vecino(), mesa.vecino()]
        sorteo_id, (suya, _) = await mesa.publicado(vecinos)
        await mesa.decidir(suya, "aceptada", vecinos[0].quien)
        await mesa.ventanilla.finalizar(sorteo_id=sorteo_id)
        await mesa.ventanilla.pasar_a(sorteo_id=sorteo_id, fase="terminado")
        await irse(mesa, *vecinos)
        assert await mesa.estados(sorteo_id) == ["aceptada", "retirada"]
        assert [t.vigente for t in await mesa.espacios.tenencias.find({})] == [False]


class TestVencer:
    async def test_those_whose_time_is_up(self, mesa: Mesa, reloj: Reloj) -> None:
        vecinos = [mesa.vecino() for _ in range(4)]
        sorteo_id, pedidas = await mesa.publicado(vecinos, 2)
        reloj.avanzar(hours=72, milliseconds=-1)
        assert await mesa.espera.vencer() == 0
        await mesa.decidir(pedidas[0], "aceptada", vecinos[0].quien)
        reloj.avanzar(milliseconds=1)
        assert await mesa.espera.vencer() == 1
        assert await mesa.estados(sorteo_id) == ["aceptada", "vencida", "ofrecida", "en_espera"]
        assert (await mesa.pasos(pedidas[1]))[-1] == ("asignada", "vencida", "sistema", None)
        vencida = await mesa.ver(pedidas[1])
        assert (vencida.espacio, vencida.vence_en) == (None, None)
        # Whoever is offered it has the whole time again.
        assert (await mesa.ver(pedidas[2])).vence_en == INICIO + timedelta(hours=144)
        assert await mesa.espera.vencer() == 0
        reloj.avanzar(hours=72)
        assert await mesa.espera.vencer() == 1
        assert await mesa.estados(sorteo_id) == ["aceptada", "vencida", "vencida", "ofrecida"]

    async def test_one_that_fails_does_not_keep_the_others(
        self, mesa: Mesa, reloj: Reloj, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        await mesa.publicado([mesa.vecino() for _ in range(2)], 2)
        soltar = mesa.espacios.soltar
        primera = iter([True])

        async def falla_una_vez(*, codigo: str, solicitud_id: PydanticObjectId) -> None:
            if next(primera, False):
                raise RuntimeError("the space is stuck")
            await soltar(codigo=codigo, solicitud_id=solicitud_id)

        monkeypatch.setattr(mesa.espacios, "soltar", falla_una_vez)
        reloj.avanzar(hours=72)
        assert await mesa.espera.vencer() == 1
        assert "no vence" in caplog.text

    async def test_what_was_read_is_no_longer_so(
        self, mesa: Mesa, reloj: Reloj, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Answered, or given more time, between the look and the step: it stands, and the others go on."""
        vecinos = [mesa.vecino() for _ in range(3)]
        sorteo_id, pedidas = await mesa.publicado(vecinos, 3)
        leidas = await mesa.solicitudes.find({"sorteo_id": sorteo_id})
        await mesa.decidir(pedidas[0], "aceptada", vecinos[0].quien)
        await mesa.como_si(pedidas[1].id, vence_en=INICIO + timedelta(hours=100))
        reloj.avanzar(hours=80)

        async def vencidas(**_: object) -> object:
            return leidas

        monkeypatch.setattr(mesa.solicitudes, "vencidas", vencidas)
        assert await mesa.espera.vencer() == 1
        assert await mesa.estados(sorteo_id) == [RequestStatus.aceptada, RequestStatus.asignada, RequestStatus.vencida]


class TestPlaca:
    async def test_mended_until_the_draw_closes(self, mesa: Mesa) -> None:
        vecino, sorteo_id = mesa.vecino(), await mesa.sorteo()
        pedida = await mesa.pedir(sorteo_id, vecino)

        async def corregir(placa: str) -> bool:
            return await mesa.uow.run(lambda: mesa.publico.corregir_placa(vehiculo_id=vecino.vehiculo_id, placa=placa))

        assert await corregir("XYZ987")
        assert (await mesa.guardada(pedida)).vehiculo.placa == "XYZ987"
        await mesa.cerrar(sorteo_id)
        assert not await corregir("XYZ988")
        assert (await mesa.guardada(pedida)).vehiculo.placa == "XYZ987"
