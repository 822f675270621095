"""What is asked again and again is served by an index, and what must be one is held by one."""

from typing import Any

import pytest
from pymongo.errors import DuplicateKeyError

from app.core.clock import ahora
from app.core.jobs.models import FilaRechazada, PiezaDeArchivo, Trabajo
from tests.core.jobs.conftest import Taller


def _etapas(plan: dict[str, Any]) -> list[str]:
    return [plan["stage"], *(e for h in plan.get("inputStages", [plan.get("inputStage")]) if h for e in _etapas(h))]


@pytest.mark.parametrize(
    ("documento", "filtro", "orden"),
    [
        (Trabajo, {"libre_desde": {"$lte": ahora()}, "tipo": {"$in": ["prueba"]}}, "libre_desde"),
        (Trabajo, {"unico": "a"}, None),
        (Trabajo, {"borrar_en": {"$lte": ahora()}}, "borrar_en"),
        (PiezaDeArchivo, {"borrar_en": {"$lte": ahora()}}, None),
        (PiezaDeArchivo, {"archivo_id": "a"}, "parte"),
        (FilaRechazada, {"trabajo_id": "a"}, "linea"),
    ],
)
async def test_cada_pregunta_la_responde_un_indice(
    documento: Any, filtro: dict[str, Any], orden: str | None, taller: Taller
) -> None:
    await taller.encolar(unico="a")
    cursor = documento.get_motor_collection().find(filtro)
    plan = await (cursor if orden is None else cursor.sort(orden, 1)).explain()
    etapas = _etapas(plan["queryPlanner"]["winningPlan"])
    assert "IXSCAN" in etapas
    assert not {"COLLSCAN", "SORT"} & set(etapas)


async def test_dos_vivos_con_el_mismo_nombre_no_caben(taller: Taller) -> None:
    id = await taller.encolar(unico="a")
    otro = await taller.encolar(unico="b")
    coleccion: Any = Trabajo.get_motor_collection()
    with pytest.raises(DuplicateKeyError):
        await coleccion.update_one({"_id": otro}, {"$set": {"unico": "a"}})
    await taller.servicio.cancelar(id, taller.quien)
    await coleccion.update_one({"_id": otro}, {"$set": {"unico": "a"}})
    assert len([await taller.encolar() for _ in range(3)]) == 3  # those without one do not get in each other's way
