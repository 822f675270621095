"""What those who asked are told of their requests."""

from datetime import timedelta
from typing import Any

import pytest

from app.modules.solicitudes.decisiones.schemas import Prorroga
from tests.conftest import Reloj
from tests.modules.solicitudes.mesa import ADMIN, Mesa, Vecino


def _dichos(mesa: Mesa, vecino: Vecino) -> list[tuple[str, dict[str, Any]]]:
    return [
        (tipo, {n: v for n, v in datos.items() if not n.endswith("_id")})
        for tipo, residente_id, datos in mesa.avisos.dichos
        if residente_id == vecino.residente_id
    ]


async def test_un_rechazo_de_la_administracion_dice_por_que(mesa: Mesa) -> None:
    sorteo_id = await mesa.sorteo(aprobacion="manual")
    vecino = mesa.vecino()
    pedida = await mesa.pedir(sorteo_id, vecino)
    assert mesa.avisos.dichos == []
    await mesa.decidir(pedida, "rechazada", ADMIN, "Faltó un papel")
    assert _dichos(mesa, vecino) == [("solicitud_rechazada", {"folio": 1, "codigo": None, "motivo": "Faltó un papel"})]
    (_, _, datos) = mesa.avisos.dichos[0]
    assert (datos["sorteo_id"], datos["solicitud_id"]) == (sorteo_id, pedida.id)


async def test_los_rechazados_al_cerrar_saben_la_regla_y_los_demas_nada(mesa: Mesa) -> None:
    sorteo_id = await mesa.sorteo(aprobacion="manual")
    vecinos = [mesa.vecino() for _ in range(3)]
    for vecino in vecinos:
        await mesa.pedir(sorteo_id, vecino)
    await mesa.cerrar(sorteo_id, {2: "no_al_dia"})
    assert [_dichos(mesa, v) for v in vecinos] == [
        [],
        [("solicitud_rechazada", {"folio": 2, "codigo": "no_al_dia", "motivo": None})],
        [],
    ]


@pytest.mark.parametrize("aceptacion", ["requerida", "tacita"])
async def test_el_resultado_se_dice_a_cada_uno(aceptacion: str, mesa: Mesa, reloj: Reloj) -> None:
    gana, espera = mesa.vecino(), mesa.vecino()
    await mesa.publicado([gana, espera], aceptacion=aceptacion)
    vence_en = reloj.instante + timedelta(hours=72) if aceptacion == "requerida" else None
    datos = {"folio": 1, "espacio": "A-01", "vence_en": vence_en, "prestado": False}
    assert _dichos(mesa, gana) == [("solicitud_asignada", datos)]
    assert _dichos(mesa, espera) == [("solicitud_en_espera", {"folio": 2, "espera": 1})]


async def test_se_le_dice_a_quien_vive_en_la_unidad_y_no_a_quien_se_fue(mesa: Mesa) -> None:
    gana, nueva = mesa.vecino(), mesa.vecino()
    sorteo_id = await mesa.sorteo()
    pareja = mesa.persona(gana.unidad_id)
    await mesa.pedir(sorteo_id, gana)
    hija = mesa.persona(gana.unidad_id)
    mesa.muda(gana, nueva.unidad_id)
    await mesa.publicar(sorteo_id, {1: "A-01"})
    assert {(tipo, a_quien) for tipo, a_quien, _ in mesa.avisos.dichos} == {
        ("solicitud_asignada", pareja),
        ("solicitud_asignada", hija),
    }


async def test_los_resultados_se_dicen_todos_juntos(mesa: Mesa) -> None:
    vecinos = [mesa.vecino() for _ in range(40)]
    await mesa.publicado(vecinos, 10)
    assert len(mesa.avisos.dichos) == 40
    assert mesa.avisos.veces == 2


async def test_lo_que_queda_libre_se_le_ofrece_a_quien_sigue_y_se_le_dice(mesa: Mesa, reloj: Reloj) -> None:
    gana, espera = mesa.vecino(), mesa.vecino()
    _, (ganadora, _) = await mesa.publicado([gana, espera])
    reloj.avanzar(hours=1)
    await mesa.decidir(ganadora, "declinada", gana.quien)
    vence_en = reloj.instante + timedelta(hours=72)
    datos = {"folio": 2, "espacio": "A-01", "vence_en": vence_en, "prestado": False}
    assert _dichos(mesa, espera)[1:] == [("solicitud_ofrecida", datos)]


async def test_un_espacio_reservado_que_se_presta_se_dice_prestado(mesa: Mesa) -> None:
    gana, espera = mesa.vecino(), mesa.vecino()
    sorteo_id = await mesa.sorteo([("R-01", "carro", "discapacidad")])
    ganadora = await mesa.pedir(sorteo_id, gana)
    await mesa.pedir(sorteo_id, espera)
    await mesa.publicar(sorteo_id, {1: "R-01"})
    await mesa.decidir(ganadora, "declinada", gana.quien)
    (_, (tipo, datos)) = _dichos(mesa, espera)
    assert (tipo, datos["prestado"]) == ("solicitud_ofrecida", True)


class TestElFin:
    async def test_quien_no_respondio_sabe_que_paso_el_plazo(self, mesa: Mesa, reloj: Reloj) -> None:
        gana = mesa.vecino()
        await mesa.publicado([gana])
        reloj.avanzar(hours=73)
        await mesa.espera.vencer()
        assert _dichos(mesa, gana)[1:] == [("plazo_vencido", {"folio": 1, "espacio": "A-01"})]

    async def test_quien_tiene_mas_tiempo_lo_sabe(self, mesa: Mesa, reloj: Reloj) -> None:
        gana = mesa.vecino()
        _, (ganadora,) = await mesa.publicado([gana])
        vence_en = reloj.instante + timedelta(hours=200)
        datos = Prorroga.model_validate({"vence_en": vence_en.isoformat(), "motivo": "Está de viaje"})
        await mesa.decisiones.prorrogar(ganadora.id, datos, ADMIN)
        esperado = {"folio": 1, "espacio": "A-01", "vence_en": vence_en, "motivo": "Está de viaje"}
        assert _dichos(mesa, gana)[1:] == [("plazo_prorrogado", esperado)]

    async def test_al_terminar_el_sorteo_lo_sabe_quien_esperaba(self, mesa: Mesa) -> None:
        gana, espera = mesa.vecino(), mesa.vecino()
        sorteo_id, (_, segunda) = await mesa.publicado([gana, espera])
        await mesa.uow.run(lambda: mesa.ventanilla.finalizar(sorteo_id=sorteo_id))
        assert _dichos(mesa, gana)[1:] == [("plazo_vencido", {"folio": 1, "espacio": "A-01"})]
        assert _dichos(mesa, espera)[1:] == [("solicitud_retirada", {"folio": 2, "motivo": "sorteo_finalizado"})]
        assert (await mesa.guardada(segunda)).motivo == "sorteo_finalizado"

    async def test_a_quien_se_le_quita_el_espacio_se_le_dice_por_que(self, mesa: Mesa) -> None:
        gana = mesa.vecino()
        _, (suya,) = await mesa.publicado([gana])
        await mesa.decidir(suya, "aceptada", gana.quien)
        await mesa.publico.asignacion_terminada(solicitud_id=suya.id, espacio="A-01", revocada="Lo alquiló")
        revocada = {"folio": 1, "espacio": "A-01", "motivo": "Lo alquiló"}
        assert _dichos(mesa, gana)[1:] == [("asignacion_revocada", revocada)]

    async def test_a_quien_lo_tenia_por_un_sorteo_que_se_anula_tambien(self, mesa: Mesa) -> None:
        gana, declina = mesa.vecino(), mesa.vecino()
        sorteo_id, (suya, otra) = await mesa.publicado([gana, declina], 2)
        await mesa.decidir(suya, "aceptada", gana.quien)
        await mesa.decidir(otra, "declinada", declina.quien)
        await mesa.ventanilla.anular(sorteo_id=sorteo_id, motivo="mal hecho")
        revocada = {"folio": 1, "espacio": "A-01", "motivo": "mal hecho"}
        assert _dichos(mesa, gana)[1:] == [("asignacion_revocada", revocada)]
        assert _dichos(mesa, declina)[1:] == []


class TestPlazos:
    async def test_se_recuerdan_una_vez_el_dia_antes(self, mesa: Mesa, reloj: Reloj) -> None:
        gana = mesa.vecino()
        await mesa.publicado([gana])
        vence_en = reloj.instante + timedelta(hours=72)
        for horas, cuantos in ((47, 0), (2, 1), (2, 1)):
            reloj.avanzar(hours=horas)
            await mesa.espera.recordar()
            assert len(_dichos(mesa, gana)) == 1 + cuantos
        recordado = ("plazo_por_vencer", {"folio": 1, "espacio": "A-01", "vence_en": vence_en})
        assert _dichos(mesa, gana)[1:] == [recordado]

    async def test_un_plazo_que_nacio_corto_no_se_recuerda(self, mesa: Mesa, reloj: Reloj) -> None:
        gana = mesa.vecino()
        await mesa.publicado([gana], plazo_aceptacion_horas=24)
        reloj.avanzar(hours=20)
        await mesa.espera.recordar()
        assert len(_dichos(mesa, gana)) == 1

    async def test_lo_que_ya_se_respondio_no_se_recuerda(self, mesa: Mesa, reloj: Reloj) -> None:
        gana = mesa.vecino()
        _, (ganadora,) = await mesa.publicado([gana])
        await mesa.decidir(ganadora, "aceptada", gana.quien)
        reloj.avanzar(hours=60)
        await mesa.espera.recordar()
        assert len(_dichos(mesa, gana)) == 1
