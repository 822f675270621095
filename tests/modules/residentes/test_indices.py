"""No query of lists or of rules walks a whole collection."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest

from app.modules.residentes.busqueda import palabras
from app.modules.residentes.models import EstadoCuenta, EstadoResidente
from app.modules.residentes.repository import FiltroResidentes, ResidenteRepository
from app.modules.residentes.unidades.repository import FiltroUnidades
from app.shared.pagination import PageQuery
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
            FiltroUnidades(torres=["1"]),
            FiltroUnidades(apartamento="101"),
            FiltroUnidades(al_dia=False),
            FiltroUnidades(q="10"),
            FiltroUnidades(ids=[]),
        ],
    )
    async def test_lists(self, poblada: Casa, filtro: FiltroUnidades) -> None:
        vistos = await plan(
            poblada.repo_unidades, await poblada.repo_unidades.que_cumplen(filtro), [("posicion", 1), ("_id", 1)]
        )
        assert "COLLSCAN" not in vistos

    async def test_the_whole_list_is_not_sorted(self, poblada: Casa) -> None:
        assert "SORT" not in await plan(poblada.repo_unidades, {}, [("posicion", 1), ("_id", 1)])


class TestResidentes:
    @pytest.mark.parametrize(
        "filtro",
        [
            FiltroResidentes(),
            FiltroResidentes(q="nu an"),
            FiltroResidentes(estados=[EstadoResidente.activo]),
            FiltroResidentes(cuentas=[EstadoCuenta.activa]),
            FiltroResidentes(condiciones=["discapacidad"]),
            FiltroResidentes(unidades=[]),
        ],
    )
    @pytest.mark.parametrize("campo", ["nombre", "creado_en"])
    async def test_lists(self, poblada: Casa, filtro: FiltroResidentes, campo: str) -> None:
        cumplen = await poblada.repo_residentes.que_cumplen(filtro)
        vistos = await plan(poblada.repo_residentes, cumplen, [(campo, 1), ("_id", 1)])
        assert "COLLSCAN" not in vistos

    async def test_sign_in(self, poblada: Casa) -> None:
        vistos = await plan(poblada.repo_residentes, {"numero_documento": "52000111", "estado": "activo"})
        assert "COLLSCAN" not in vistos


class TestBusqueda:
    async def _en_orden(self, repo: ResidenteRepository, filtro: Any) -> None:
        vistos = await plan(repo, filtro, [("nombre", 1), ("_id", 1)])
        assert not {"SORT", "COLLSCAN"} & set(vistos)

    async def test_three_letters_are_looked_for_under_themselves(self, poblada: Casa) -> None:
        filtro = await poblada.repo_residentes.de_palabras("nun")
        assert filtro == {"$and": [{"palabras": "nun"}]}
        await self._en_orden(poblada.repo_residentes, filtro)

    async def test_two_under_each_third(self, poblada: Casa) -> None:
        await poblada.residente(nombres="Nuria Nu", apellidos="Nunes", unidades=[ocupacion(apartamento="101")])
        filtro = await poblada.repo_residentes.de_palabras("nu")
        assert filtro == {"$and": [{"palabras": {"$in": ["nu", "nun", "nur"]}}]}
        await self._en_orden(poblada.repo_residentes, filtro)

    async def test_six_under_each_word_that_begins_so(self, poblada: Casa, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(palabras, "MUCHAS", 5)
        numeros = [f"700000{n}" for n in range(5)]
        for numero in numeros:
            await poblada.residente(numero_documento=numero, unidades=[ocupacion(apartamento="101")])
        repo = poblada.repo_residentes
        filtro = await repo.de_palabras("700000")
        assert filtro == {"$and": [{"palabras": {"$in": numeros}}]}
        await self._en_orden(repo, filtro)
        # Of many, a range of the index.
        await poblada.residente(numero_documento="7000009", unidades=[ocupacion(apartamento="101")])
        filtro = await repo.de_palabras("700000")
        assert filtro == {"$and": [{"palabras": {"$elemMatch": {"$gte": "700000", "$lt": "700000\U0010ffff"}}}]}
        assert "COLLSCAN" not in await plan(repo, filtro, [("nombre", 1), ("_id", 1)])

    @pytest.mark.parametrize("orden", [None, "-nombre"])
    @pytest.mark.parametrize("q", ["ñañ per", "per paz", "per nadie", "lun per 7001"])
    async def test_several_words_find_whom_each_finds(self, poblada: Casa, q: str, orden: str | None) -> None:
        """Page by page, as a look at everybody would."""
        repo, suyas = poblada.repo_residentes, [ocupacion(apartamento="101")]
        for n in range(24):
            nombres, apellidos = ("Ñañez", "Paz", "Luna")[n % 3], ("Pérez", "Peralta", "Ruiz")[n // 3 % 3]
            await poblada.residente(
                nombres=nombres, apellidos=apellidos, numero_documento=f"700100{n:02}", unidades=suyas
            )
        cumplen = await repo.que_cumplen(FiltroResidentes(q=q))
        sentido = -1 if orden else 1
        todos = [r.oid for r in await repo.find(cumplen, orden=[("nombre", sentido), ("_id", sentido)])]
        vistos, cursor = [], None
        while True:
            consulta = PageQuery(limite=2, cursor=cursor, orden=orden)
            pagina = await repo.listar(FiltroResidentes(q=q), consulta, campos=["nombre"])
            vistos += [fila["_id"] for fila in pagina.items]
            cursor = pagina.siguiente
            if cursor is None:
                break
        assert vistos == todos
        assert bool(todos) == (q != "per nadie")

    async def test_a_page_of_two_words_begins_with_who_has_both(self, poblada: Casa) -> None:
        """And not with the hundred of one word who stand before."""
        repo, suyas = poblada.repo_residentes, [ocupacion(apartamento="101")]
        for n in range(120):
            await poblada.residente(nombres="Abel", apellidos="Abad", numero_documento=f"8{n:06}", unidades=suyas)
        for n in range(3):
            await poblada.residente(nombres="Abel", apellidos="Zuluaga", numero_documento=f"9{n:06}", unidades=suyas)
        cumplen = await repo.que_cumplen(FiltroResidentes(q="abel zul"))
        desde = await repo.desde_la_primera(cumplen, PageQuery(limite=2))
        explicado = (
            await repo.model.get_motor_collection().find(desde).sort([("nombre", 1), ("_id", 1)]).limit(3).explain()
        )
        assert explicado["executionStats"]["totalKeysExamined"] <= 6

    async def test_no_word_finds_nobody(self, poblada: Casa) -> None:
        repo = poblada.repo_residentes
        assert await repo.find(await repo.de_palabras("...")) == []
        assert await repo.find(await repo.de_palabras("zzzqqq")) == []
