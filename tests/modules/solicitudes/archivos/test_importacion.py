"""Requests from a file, on the real server: each row is a hand-in as any other, and a dry run leaves nothing."""

from typing import Any

import pytest
from beanie import PydanticObjectId

from app.core.imports.contract import Celda, Columna, Encargo, Leida, Plan
from app.modules.solicitudes.archivos.importacion import FabricaDeSolicitudes, ImportacionDeSolicitudes, Pedida
from tests.modules.solicitudes.mesa import OPERADOR, Mesa


def _importacion(mesa: Mesa, sorteo: PydanticObjectId) -> ImportacionDeSolicitudes:
    fabrica = FabricaDeSolicitudes(altas=mesa.altas, padron=mesa.padron, uow=mesa.uow)
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
        (5, "placa", "solicitud_duplicada"),
        (6, "apartamento", "unidad_desconocida"),
    ]
    for simular in (True, False):
        plan = await _planear(mesa, sorteo, filas, simular=simular)
        assert sorted((r.linea, r.campo, r.codigo) for r in plan.rechazos) == rechazadas
        assert [(d.linea, d.de) for d in plan.desenlaces] == [(2, "1 101"), (4, "1 102")]
        assert await mesa.solicitudes.count({}) == (0 if simular else 2)
    otra_vez = await _planear(mesa, sorteo, filas, simular=False)
    assert (len(otra_vez.desenlaces), await mesa.solicitudes.count({})) == (0, 2)


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
