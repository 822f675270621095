"""A partial index that an equality does not imply serves no query, and nobody notices until there are many."""

from typing import Any

import pytest
from beanie import Document, PydanticObjectId

from app.database.unit_of_work import UnitOfWork
from app.shared.documents import UN_ID, UN_TEXTO
from app.wiring.documents import DOCUMENTOS

VALOR: list[tuple[Any, Any]] = [(UN_TEXTO, "algo"), (UN_ID, PydanticObjectId())]


def _parciales(modelo: type[Document]) -> list[dict[str, Any]]:
    indices = getattr(modelo.Settings, "indexes", [])
    return [i.document for i in indices if not isinstance(i, str | list) and "partialFilterExpression" in i.document]


CASOS = [
    pytest.param(modelo, indice, id=indice["name"])
    for modelo in DOCUMENTOS
    for indice in _parciales(modelo)
    if any(regla in (UN_TEXTO, UN_ID) for regla in indice["partialFilterExpression"].values())
]


def _etapas(plan: dict[str, Any]) -> list[str]:
    hijos = [plan["inputStage"]] if "inputStage" in plan else plan.get("inputStages", [])
    return [plan["stage"], *(etapa for hijo in hijos for etapa in _etapas(hijo))]


@pytest.mark.parametrize(("modelo", "indice"), CASOS)
async def test_sirve_a_quien_busca_por_igualdad(
    modelo: type[Document],
    indice: dict[str, Any],
    base_real: UnitOfWork,  # noqa: ARG001 - the indexes, on the real server
) -> None:
    parcial = indice["partialFilterExpression"]
    valores = {campo: next((v for r, v in VALOR if r == regla), regla) for campo, regla in parcial.items()}
    filtro = {campo: valores.get(campo, PydanticObjectId()) for campo in {*parcial, *indice["key"]}}
    explicado = await modelo.get_motor_collection().find(filtro).explain()
    etapas = _etapas(explicado["queryPlanner"]["winningPlan"])
    assert "IXSCAN" in etapas, etapas
    assert "COLLSCAN" not in etapas


@pytest.mark.parametrize("modelo", DOCUMENTOS, ids=lambda m: m.__name__)
def test_ninguno_va_por_tipo(modelo: type[Document]) -> None:
    assert "$type" not in str(_parciales(modelo))
