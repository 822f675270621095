"""How many requests there are in each state, what waits, and what a resident still cares for."""

from dataclasses import replace
from datetime import timedelta

import pytest
from beanie import PydanticObjectId

from app.core.security import Rol
from app.modules.solicitudes.resumen import service
from app.modules.solicitudes.resumen.service import ResumenService
from app.modules.solicitudes.schemas import RequestOut
from app.shared.exceptions import NoEncontrado
from tests.autenticador import principal
from tests.conftest import INICIO, Reloj
from tests.modules.solicitudes.mesa import ADMIN, Mesa, Vecino


@pytest.fixture
def resumen(mesa_real: Mesa) -> ResumenService:
    return mesa_real.resumen


class TestResumen:
    async def test_of_a_draw_and_of_all(self, mesa_real: Mesa, resumen: ResumenService) -> None:
        publicado, _ = await mesa_real.publicado([mesa_real.vecino() for _ in range(3)], ganadoras=1)
        abierto = await mesa_real.sorteo(["B-01", ("B-02", "moto", None)])
        await mesa_real.pedir(abierto, mesa_real.vecino())
        cancelada = mesa_real.vecino("moto")
        pedida = await mesa_real.pedir(abierto, cancelada)
        await mesa_real.decidir(pedida, "cancelada", cancelada.quien)
        uno, otro, todos = [await resumen.resumen(id) for id in (publicado, abierto, None)]
        assert (uno.total, uno.por_estado.asignada, uno.por_estado.en_espera, uno.por_responder) == (3, 1, 2, 1)
        assert uno.proximo_vencimiento == INICIO + timedelta(hours=72)
        assert (otro.total, otro.por_responder, otro.proximo_vencimiento) == (2, 0, None)
        assert [(c.clase, c.total, c.vivas) for c in otro.por_clase] == [("carro", 1, 1), ("moto", 1, 0)]
        assert [(c.clase, c.total, c.vivas) for c in todos.por_clase] == [("carro", 4, 4), ("moto", 1, 0)]

    async def test_what_has_lapsed_waits_for_nobody(
        self, mesa_real: Mesa, resumen: ResumenService, reloj: Reloj
    ) -> None:
        await mesa_real.publicado([mesa_real.vecino()], ganadoras=1)
        reloj.avanzar(hours=72)
        assert (await resumen.resumen(None)).por_responder == 0

    async def test_of_no_draw(self, resumen: ResumenService) -> None:
        assert (await resumen.resumen(None)).total == 0
        with pytest.raises(NoEncontrado):
            await resumen.resumen(PydanticObjectId())


async def test_what_became_of_a_draw(mesa_real: Mesa) -> None:
    """Of three that got a space, one accepted it and had it claimed back, one declined, one says nothing. Of two that
    waited, both were offered one, and the first withdrew."""
    vecinos = [mesa_real.vecino() for _ in range(5)]
    sorteo_id, pedidas = await mesa_real.publicado(vecinos, 3)
    await mesa_real.decidir(pedidas[0], "aceptada", vecinos[0].quien)
    await mesa_real.decidir(pedidas[1], "declinada", vecinos[1].quien)
    await mesa_real.decidir(pedidas[3], "retirada", vecinos[3].quien)
    publico = mesa_real.publico
    await mesa_real.uow.run(lambda: publico.reclamada(solicitud_id=pedidas[0].id, motivo=None))
    assert await mesa_real.estados(sorteo_id) == ["en_espera", "declinada", "asignada", "retirada", "ofrecida"]
    nadie = await mesa_real.sorteo(["B-01"])
    assert await publico.desenlaces(sorteos=[sorteo_id, nadie]) == {
        sorteo_id: {
            "solicitudes": 5,
            "aceptadas": 1,
            "declinadas": 1,
            "vencidas": 0,
            "sin_responder": 1,
            "recibieron": 2,
            "siguen": 0,
        },
        nadie: dict.fromkeys(
            ("solicitudes", "aceptadas", "declinadas", "vencidas", "sin_responder", "recibieron", "siguen"), 0
        ),
    }


async def test_undecided_ones_by_draw(mesa_real: Mesa, resumen: ResumenService) -> None:
    uno = await mesa_real.sorteo(aprobacion="manual")
    otro = await mesa_real.sorteo(["B-01"])
    for vecino in [mesa_real.vecino() for _ in range(3)]:
        await mesa_real.pedir(uno, vecino)
    await mesa_real.pedir(otro, mesa_real.vecino())
    assert (await resumen.en_espera()).por_decidir == {uno: 3}


async def en_curso(mesa: Mesa, vecino: Vecino) -> list[RequestOut]:
    solicitante = await mesa.padron.solicitante(residente_id=vecino.residente_id)
    assert solicitante is not None
    vecinos = await mesa.padron.residentes_de(unidades=solicitante.unidades)
    leidas, (fichas, _) = await mesa.resumen.vigentes(unidades=vecinos).con(mesa.padron.fichas(unidades=vecinos))
    vistas = await mesa.resumen.mostrar(
        leidas, vecino.quien, solicitante=solicitante, vecinos=vecinos, fichas=fichas, ocupados=()
    )
    return [RequestOut.model_validate(vista) for vista in vistas]


async def test_a_resident_sees_what_is_live_or_not_over(mesa_real: Mesa) -> None:
    ana, luis = mesa_real.vecino(), mesa_real.vecino()
    acabado, (aceptada, retirada) = await mesa_real.publicado([ana, luis], ganadoras=1)
    await mesa_real.decidir(aceptada, "aceptada", ana.quien)
    await mesa_real.ventanilla.finalizar(sorteo_id=acabado)
    await mesa_real.ventanilla.pasar_a(sorteo_id=acabado, fase="terminado")
    # Over, and no longer live; over, and still holding a space; cancelled in a draw that is open.
    abierto = await mesa_real.sorteo(["B-01"])
    pedida = await mesa_real.pedir(abierto, luis)
    await mesa_real.decidir(pedida, "cancelada", luis.quien)
    assert [s.id for s in await en_curso(mesa_real, ana)] == [aceptada.id]
    assert [s.id for s in await en_curso(mesa_real, luis)] == [pedida.id]
    assert (await mesa_real.ver(retirada, ADMIN)).estado == "retirada"


async def test_it_is_of_who_lives_in_the_flat_and_not_of_who_moved_out(mesa_real: Mesa) -> None:
    ana, luis = mesa_real.vecino(), mesa_real.vecino()
    pareja = mesa_real.persona(ana.unidad_id)
    pedida = await mesa_real.pedir(await mesa_real.sorteo(), ana)
    mesa_real.muda(ana, luis.unidad_id)
    de_pareja = replace(ana, residente_id=pareja, quien=principal(Rol.residente, pareja))
    assert [s.id for s in await en_curso(mesa_real, de_pareja)] == [pedida.id]
    for vecino in (ana, luis):
        assert await en_curso(mesa_real, vecino) == []


async def test_what_others_left_takes_no_place(mesa_real: Mesa, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three are shown at most. The flat was somebody else's between two times that it was hers."""
    monkeypatch.setattr(service, "MAXIMO", 3)
    ana, luis = mesa_real.vecino(), mesa_real.vecino()
    sorteo_id = await mesa_real.sorteo()
    suya = await mesa_real.pedir(sorteo_id, ana)
    await mesa_real.decidir(suya, "cancelada", ana.quien)
    unidad_id, persona = ana.unidad_id, mesa_real.persona(ana.unidad_id)
    de_otro = Vecino(principal(Rol.residente, persona), persona, unidad_id, mesa_real.vehiculo(unidad_id))
    mesa_real.muda(ana, luis.unidad_id)
    for _ in range(3):
        pedida = await mesa_real.pedir(sorteo_id, de_otro)
        await mesa_real.decidir(pedida, "cancelada", de_otro.quien)
    mesa_real.muda(ana, ana.unidad_id)
    mesa_real.muda(de_otro, luis.unidad_id)
    assert [s.id for s in await en_curso(mesa_real, ana)] == [suya.id]
