"""Requests from a file, on the real server: each row is a hand-in as any other, and a dry run leaves nothing."""

from dataclasses import replace
from typing import Any, cast

import pytest
from beanie import PydanticObjectId
from bson import ObjectId

from app.core.imports.contract import Celda, Columna, Encargo, Leida, Plan
from app.modules.solicitudes.archivos.importacion import (
    TIPO,
    FabricaDeSolicitudes,
    ImportacionDeSolicitudes,
    Pedida,
)
from app.modules.solicitudes.archivos.repository import EntregadaRepository
from app.modules.solicitudes.decisiones.schemas import EstadoUpdate
from app.modules.solicitudes.estados import Actor, RequestStatus
from app.modules.solicitudes.schemas import RequestUpdate
from tests.modules.solicitudes.mesa import OPERADOR, Mesa


def _importacion(mesa: Mesa, sorteo: PydanticObjectId) -> ImportacionDeSolicitudes:
    fabrica = FabricaDeSolicitudes(altas=mesa.altas, entregadas=EntregadaRepository(), padron=mesa.padron, uow=mesa.uow)
    return fabrica(Encargo(PydanticObjectId(), OPERADOR, {"sorteo_id": sorteo}))


def _celdas(*dichas: str) -> list[Celda]:
    campos = ("torre", "apartamento", "placa")
    return [Celda(Columna(n, c, c), t) for n, (c, t) in enumerate(zip(campos, dichas, strict=True)) if t]


class _Nada:
    async def leer(self, _: Any) -> dict[str, Any]:
        return {}


async def _planear(mesa: Mesa, sorteo: PydanticObjectId, filas: list[Leida[Pedida]], *, simular: bool) -> Plan:
    importacion = _importacion(mesa, sorteo)
    return await mesa.uow.run(lambda: importacion.planear(filas, _Nada() if simular else None))


async def test_each_row_is_judged_as_a_hand_in(mesa_real: Mesa) -> None:
    mesa = mesa_real
    sorteo = await mesa.sorteo(["A-01", "A-02"])
    vecinos = [mesa.vecino(torre="1", apartamento=str(n)) for n in (101, 102)]
    placas = [str(mesa.padron.vehiculos[v.vehiculo_id].placa) for v in vecinos]
    importacion = _importacion(mesa, sorteo)
    escritas = [
        ("1", "101", f" {placas[0][:3]}-{placas[0][3:].lower()} "),
        ("1", "102", placas[0]),
        ("1", "102", placas[1]),
        ("1", "102", placas[1]),
        ("9", "101", placas[0]),
    ]
    filas = [importacion.leer(n, _celdas(*dichas)) for n, dichas in enumerate(escritas, start=2)]
    rechazadas = [
        (3, "placa", "vehiculo_ajeno"),
        (6, "apartamento", "unidad_desconocida"),
    ]
    for simular in (True, False):
        plan = await _planear(mesa, sorteo, filas, simular=simular)
        assert sorted((r.linea, r.campo, r.codigo) for r in plan.rechazos) == rechazadas
        assert [(d.linea, d.que, d.de) for d in plan.desenlaces] == [
            (2, "creada", "1 101"),
            (4, "creada", "1 102"),
            (5, "sin_cambio", "1 102"),
        ]
        assert await mesa.solicitudes.count({}) == (0 if simular else 2)
    otra_vez = await _planear(mesa, sorteo, filas, simular=False)
    assert [d.que for d in otra_vez.desenlaces] == ["sin_cambio"] * 3
    assert (otra_vez.hechos, await mesa.solicitudes.count({})) == ([], 2)


async def test_a_folio_says_which_request_a_row_is_of(mesa_real: Mesa) -> None:
    """Whatever its state: one that was cancelled is not handed in again. A folio of another draw says nothing."""
    mesa = mesa_real
    sorteo = await mesa.sorteo(["A-01"])
    vecino = mesa.vecino(torre="1", apartamento="101")
    placa = str(mesa.padron.vehiculos[vecino.vehiculo_id].placa)
    pedida = await mesa.pedir(sorteo, vecino)
    await mesa.decidir(pedida, "cancelada", vecino.quien)
    campos = ("folio", "torre", "apartamento", "placa")

    async def traer(*dichas: str) -> Plan:
        celdas = [Celda(Columna(n, c, c), t) for n, (c, t) in enumerate(zip(campos, dichas, strict=True)) if t]
        return await _planear(mesa, sorteo, [_importacion(mesa, sorteo).leer(2, celdas)], simular=False)

    assert [d.que for d in (await traer(str(pedida.folio), "1", "101", placa)).desenlaces] == ["sin_cambio"]
    (sin_placa,) = (await traer("99", "1", "101", "")).rechazos
    assert (sin_placa.campo, sin_placa.codigo) == ("placa", "requerido")
    assert [d.que for d in (await traer("99", "1", "101", placa)).desenlaces] == ["creada"]


async def test_those_who_accept_the_rules_of_the_house(mesa_real: Mesa) -> None:
    mesa = mesa_real
    sorteo = await mesa.sorteo(["A-01"], reglamento="0" * 64)
    vecino = mesa.vecino(torre="1", apartamento="101")
    placa = str(mesa.padron.vehiculos[vecino.vehiculo_id].placa)
    campos = ("torre", "apartamento", "placa", "acepta_reglamento")
    dicho = []
    for acepta in ("", "quizás", "no", "sí"):
        celdas = [
            Celda(Columna(n, c, c), t)
            for n, (c, t) in enumerate(zip(campos, ("1", "101", placa, acepta), strict=True))
            if t
        ]
        leida = _importacion(mesa, sorteo).leer(2, celdas)
        plan = await _planear(mesa, sorteo, [leida], simular=False)
        dicho.append([(r.campo, r.codigo) for r in (*leida.rechazos, *plan.rechazos)])
    sin_aceptar = [("acepta_reglamento", "reglamento_no_aceptado")]
    assert dicho == [sin_aceptar, [("acepta_reglamento", "si_o_no")], sin_aceptar, []]
    assert await mesa.solicitudes.count({}) == 1


async def test_taken_back_but_for_what_somebody_touched(mesa_real: Mesa) -> None:
    """Cancelled, in the state that it had or one that the rules moved it to; a second time there is nothing to do."""
    mesa = mesa_real
    sorteo = await mesa.sorteo(["A-01", "A-02", "A-03", "A-04"], aprobacion="manual")
    vecinos = [mesa.vecino(torre="1", apartamento=str(n)) for n in (101, 102, 103, 104)]
    importacion = _importacion(mesa, sorteo)
    placas = [str(mesa.padron.vehiculos[v.vehiculo_id].placa) for v in vecinos]
    dichas = [("1", str(n), placa) for n, placa in enumerate(placas, start=101)]
    filas = [importacion.leer(n, _celdas(*d)) for n, d in enumerate(dichas, start=2)]
    plan = await _planear(mesa, sorteo, filas, simular=False)
    assert [(h.clase, h.antes) for h in plan.hechos] == [("solicitud", None)] * 4
    aprobada, cambiada, de_las_reglas, _ = [h.id for h in plan.hechos]
    await mesa.decisiones.decidir(aprobada, EstadoUpdate(estado=RequestStatus.aprobada), OPERADOR)
    await mesa.listas.cambiar(cambiada, RequestUpdate(preferencias=["A-02"]), OPERADOR)
    por_regla = await mesa.solicitudes.get(de_las_reglas)
    assert por_regla is not None
    await mesa.uow.run(
        lambda: mesa.decisiones._movimientos.mover(por_regla, RequestStatus.aprobada, actor=Actor.sistema)
    )
    deshacedor = mesa.modulo.deshacedores[TIPO]
    # As they are read again: ids of the driver's own kind.
    hechos = [replace(h, id=cast(PydanticObjectId, ObjectId(h.id))) for h in plan.hechos]
    for deshechas in (2, 0):
        assert await mesa.uow.run(lambda: deshacedor.deshacer(hechos, OPERADOR)) == deshechas
    estados = [(await mesa.solicitudes.find_one({"_id": h.id})) for h in plan.hechos]
    assert [s.estado.value for s in estados if s is not None] == ["aprobada", "pendiente", "cancelada", "cancelada"]


async def test_not_taken_back_once_the_draw_takes_no_more_changes(mesa_real: Mesa) -> None:
    mesa = mesa_real
    sorteo = await mesa.sorteo(["A-01"], aprobacion="manual")
    vecino = mesa.vecino(torre="1", apartamento="101")
    placa = str(mesa.padron.vehiculos[vecino.vehiculo_id].placa)
    fila = _importacion(mesa, sorteo).leer(2, _celdas("1", "101", placa))
    plan = await _planear(mesa, sorteo, [fila], simular=False)
    await mesa.uow.run(lambda: mesa.ventanilla.cerrar(sorteo_id=sorteo))
    deshacedor = mesa.modulo.deshacedores[TIPO]
    assert await mesa.uow.run(lambda: deshacedor.deshacer(plan.hechos, OPERADOR)) == 0
    assert [s.estado.value for s in await mesa.solicitudes.find({})] == ["pendiente"]


@pytest.mark.parametrize(
    ("dichas", "campo", "codigo"),
    [
        (("1", "", "AAA111"), "apartamento", "requerido"),
        (("1", "101", ""), "placa", "requerido"),
        (("1", "x" * 41, "AAA111"), "apartamento", "muy_largo"),
    ],
)
def test_what_a_row_must_say(dichas: tuple[str, ...], campo: str, codigo: str, mesa: Mesa) -> None:
    (rechazo,) = _importacion(mesa, PydanticObjectId()).leer(2, _celdas(*dichas)).rechazos
    assert (rechazo.campo, rechazo.codigo) == (campo, codigo)
