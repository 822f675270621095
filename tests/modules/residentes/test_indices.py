"""No query of lists or of rules walks a whole collection."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest

from app.modules.residentes import repository
from app.modules.residentes.models import EstadoCuenta, EstadoResidente
from app.modules.residentes.repository import FiltroResidentes
from app.modules.residentes.unidades.repository import FiltroUnidades, _de_unidades
from app.shared.repository import Repository
from tests.modules.residentes.conftest import Casa
from tests.modules.residentes.factories import ocupacion

Orden = Sequence[tuple[str, int]]


def pasos(plan: object) -> Iterator[str]:
    """The stages of a query plan."""
    if isinstance(plan, Mapping):
        if "stage" in plan:
            yield str(plan["stage"])
        for valor in plan.values():
            yield from pasos(valor)
    elif isinstance(plan, list):
        for valor in plan:
            yield from pasos(valor)


async def plan(repo: Repository[Any], filtro: Mapping[str, Any], orden: Orden = ()) -> set[str]:
    cursor = repo.model.get_motor_collection().find(filtro)
    explicado = await (cursor.sort(list(orden)) if orden else cursor).explain()
    return set(pasos(explicado["queryPlanner"]["winningPlan"]))


@pytest.fixture
async def poblada(casa_real: Casa) -> Casa:
    for apartamento in ("101", "102", "103"):
        await casa_real.unidad(apartamento=apartamento)
        await casa_real.residente(unidades=[ocupacion(apartamento=apartamento)])
    return casa_real


class TestUnidades:
    @pytest.mark.parametrize(
        "filtro",
        [
            FiltroUnidades(),
            FiltroUnidades(torre="1"),
            FiltroUnidades(apartamento="101"),
            FiltroUnidades(al_dia=False),
            FiltroUnidades(q="10"),
            FiltroUnidades(ids=[]),
        ],
    )
    async def test_lists(self, poblada: Casa, filtro: FiltroUnidades) -> None:
        vistos = await plan(poblada.repo_unidades, _de_unidades(filtro), [("posicion", 1), ("_id", 1)])
        assert "COLLSCAN" not in vistos

    async def test_the_whole_list_is_not_sorted(self, poblada: Casa) -> None:
        assert "SORT" not in await plan(poblada.repo_unidades, {}, [("posicion", 1), ("_id", 1)])


class TestResidentes:
    @pytest.mark.parametrize(
        "filtro",
        [
            FiltroResidentes(),
            FiltroResidentes(q="nu an"),
            FiltroResidentes(estado=EstadoResidente.activo),
            FiltroResidentes(cuenta=EstadoCuenta.activa),
            FiltroResidentes(condicion="discapacidad"),
            FiltroResidentes(unidades=[]),
        ],
    )
    @pytest.mark.parametrize("campo", ["nombre", "creado_en"])
    async def test_lists(self, poblada: Casa, filtro: FiltroResidentes, campo: str) -> None:
        vistos = await plan(poblada.repo_residentes, repository._de_residentes(filtro), [(campo, 1), ("_id", 1)])
        assert "COLLSCAN" not in vistos

    async def test_sign_in(self, poblada: Casa) -> None:
        vistos = await plan(poblada.repo_residentes, {"numero_documento": "52000111", "estado": "activo"})
        assert "COLLSCAN" not in vistos


class TestBusqueda:
    async def test_a_word_is_a_range_of_the_index(self, poblada: Casa) -> None:
        filtro = repository.por_prefijos("nun")
        explicado = await poblada.repo_residentes.model.get_motor_collection().find(filtro).explain()
        limites = explicado["queryPlanner"]["winningPlan"]["inputStage"]["indexBounds"]["busqueda"]
        assert limites == ['["nun", "nun\U0010ffff")']
