"""Where the rules approve, they do as soon as nothing stands in the way."""

from datetime import timedelta

import pytest

from app.modules.solicitudes.decisiones import aprobaciones
from tests.modules.solicitudes.mesa import DESDE, Mesa


async def test_when_the_flat_pays_what_it_owes(mesa: Mesa) -> None:
    moroso, otro = mesa.vecino(al_dia=False), mesa.vecino(al_dia=False)
    sorteo_id = await mesa.sorteo()
    suya, ajena = await mesa.pedir(sorteo_id, moroso), await mesa.pedir(sorteo_id, otro)
    for vecino in (moroso, otro):
        mesa.padron.pisos[vecino.unidad_id].al_dia = True
    await mesa.publico.cambiaron(unidades=[moroso.unidad_id])
    assert [await mesa.estado(s) for s in (suya, ajena)] == ["aprobada", "pendiente"]
    assert (await mesa.pasos(suya))[-1] == ("pendiente", "aprobada", "sistema", None)
    await mesa.modulo.aprobaciones.atender()
    assert await mesa.estado(ajena) == "aprobada"


async def test_one_batch_a_beat_and_round_again(mesa: Mesa, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a city a quarter of a million wait for something: the beat has more to do than to look at all of them."""
    monkeypatch.setattr(aprobaciones, "LOTE", 2)
    morosos, sorteo_id = [mesa.vecino(al_dia=False) for _ in range(5)], await mesa.sorteo()
    for vecino in morosos:
        await mesa.pedir(sorteo_id, vecino)
    for vecino in morosos[1:]:
        mesa.padron.pisos[vecino.unidad_id].al_dia = True
    for aprobadas in (1, 3, 4):
        await mesa.modulo.aprobaciones.atender()
        assert (await mesa.estados(sorteo_id)).count("aprobada") == aprobadas
    mesa.padron.pisos[morosos[0].unidad_id].al_dia = True
    await mesa.modulo.aprobaciones.atender()
    assert await mesa.estados(sorteo_id) == ["aprobada"] * 5


@pytest.mark.parametrize("por", ["manual", "cerrada"])
async def test_not_where_staff_decide_nor_once_it_is_shut(mesa: Mesa, por: str) -> None:
    vecino = mesa.vecino(al_dia=False)
    sorteo_id = await mesa.sorteo(aprobacion="manual" if por == "manual" else "automatica")
    await mesa.pedir(sorteo_id, vecino)
    mesa.padron.pisos[vecino.unidad_id].al_dia = True
    if por == "cerrada":
        await mesa.cerrar_ventanilla(sorteo_id)
    await mesa.publico.cambiaron(unidades=[vecino.unidad_id])
    await mesa.modulo.aprobaciones.atender()
    assert await mesa.estados(sorteo_id) == ["pendiente"]


@pytest.mark.parametrize("por", ["termina", "reclamo", "anulacion"])
async def test_when_the_space_that_it_has_ends(mesa_real: Mesa, por: str) -> None:
    """At once, in the transaction in which it ends: nobody waits for the clock to come round."""
    mesa, vecino = mesa_real, mesa_real.vecino()
    de_antes, (ganada,) = await mesa.publicado([vecino])
    mesa.padron.pisos[vecino.unidad_id].al_dia = False
    sorteo_id = await mesa.sorteo(["B-01"])
    pedida = await mesa.pedir(sorteo_id, vecino)
    await mesa.decidir(ganada, "aceptada", vecino.quien)
    mesa.padron.pisos[vecino.unidad_id].al_dia = True
    await mesa.publico.cambiaron(unidades=[vecino.unidad_id])
    assert await mesa.estado(pedida) == "pendiente"

    async def paso() -> None:
        if por == "termina":
            await mesa.espacios.terminar(solicitud_id=ganada.id)
            await mesa.publico.asignacion_terminada(solicitud_id=ganada.id, espacio="A-01", revocada="x")
        elif por == "reclamo":
            hasta = {"hasta": (DESDE - timedelta(days=1)).isoformat()}
            await mesa.espacios.tenencias.update_many({}, {"$set": hasta})
            await mesa.publico.reclamada(solicitud_id=ganada.id, motivo=None)
        else:
            await mesa.ventanilla.anular(sorteo_id=de_antes, motivo="x")

    await mesa.uow.run(paso)
    assert await mesa.estado(pedida) == "aprobada"
