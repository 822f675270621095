"""What docs/scale.md says of a sharded cluster, held against the queries that the application makes."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from beanie import Document
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo import IndexModel
from pymongo.monitoring import CommandFailedEvent, CommandListener, CommandStartedEvent, CommandSucceededEvent

from app.core import clock
from app.database import mongodb
from app.wiring.documents import DOCUMENTOS
from tests.api.conftest import aplicacion_en
from tests.api.mundo import construir
from tests.bases import sueltas

PAGINA = Path(__file__).parents[2] / "docs" / "scale.md"
# | `solicitudes` | `sorteo_id` | by `_id`; by `unidad_id` | `un_indice` |
_FILA = re.compile(r"^\| `(\w+)` \| `([\w.]+)`[^|]* \| ([^|]*) \| ([^|]*) \|$", re.MULTILINE)
_CAMPO = re.compile(r"`([\w.]+)`")
Forma = frozenset[str]


class Oidor(CommandListener):
    """The fields that each collection was asked by."""

    def __init__(self) -> None:
        self.formas: dict[str, set[Forma]] = defaultdict(set)

    def started(self, event: CommandStartedEvent) -> None:
        for orden in sueltas(event.command):
            for filtro in _filtros(event.command_name, orden):
                self.formas[str(orden.get(event.command_name))].add(frozenset(_campos(filtro)))

    def succeeded(self, event: CommandSucceededEvent) -> None:
        del event

    def failed(self, event: CommandFailedEvent) -> None:
        del event


def _filtros(nombre: str, orden: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    match nombre:
        case "find":
            yield orden.get("filter", {})
        case "findAndModify" | "count" | "distinct":
            yield orden.get("query", {})
        case "update":
            yield from (cambio["q"] for cambio in orden["updates"])
        case "delete":
            yield from (borrado["q"] for borrado in orden["deletes"])
        case "aggregate":
            yield orden["pipeline"][0].get("$match", {}) if orden["pipeline"] else {}


def _campos(filtro: Mapping[str, Any]) -> set[str]:
    """Those that a row must have for the query to be answered by it: of an `$or`, what all its parts name."""
    campos: set[str] = set()
    for campo, valor in filtro.items():
        if campo == "$and":
            campos.update(*map(_campos, valor))
        elif campo == "$or":
            campos.update(set.intersection(*map(_campos, valor)))
        elif not campo.startswith("$"):
            campos.add(campo)
    return campos


@pytest.fixture(scope="module")
async def formas(
    servidor: str, cliente_mongo: "AsyncIOMotorClient[dict[str, Any]]", tmp_path_factory: pytest.TempPathFactory
) -> Mapping[str, set[Forma]]:
    """Of a small world that is made through the API."""
    oidor = Oidor()
    with pytest.MonkeyPatch.context() as parche:
        # In the place of who counts commands.
        parche.setattr(mongodb, "OrdenesDeLaBase", lambda: oidor)
        async with aplicacion_en("escala", servidor, cliente_mongo, tmp_path_factory.mktemp("escala")) as app:
            oidor.formas.clear()  # a start looks whether there is anything at all
            clock.usar_fuente(lambda: app.reloj.instante)
            await construir(app.cliente, app.reloj)
            clock.usar_fuente(None)
    return oidor.formas


@dataclass(frozen=True)
class Fila:
    coleccion: str
    clave: str
    sin_ella: Forma
    no_valdrian: Forma


def filas() -> list[Fila]:
    return [
        Fila(coleccion, clave, frozenset(_CAMPO.findall(sin_ella)), frozenset(_CAMPO.findall(indices)))
        for coleccion, clave, sin_ella, indices in _FILA.findall(PAGINA.read_text(encoding="utf-8"))
    ]


def test_cada_consulta_lleva_la_clave_o_esta_dicha(formas: Mapping[str, set[Forma]]) -> None:
    for fila in filas():
        for forma in formas.get(fila.coleccion, ()):
            assert fila.clave in forma or forma & fila.sin_ella, (fila.coleccion, sorted(forma))


def test_las_que_mas_se_usan_se_vieron(formas: Mapping[str, set[Forma]]) -> None:
    """A world in which nothing is asked would pass."""
    vistas = [
        fila.coleccion for fila in filas() if any(fila.clave in forma for forma in formas.get(fila.coleccion, ()))
    ]
    assert {"solicitudes", "sorteos_resultados", "sorteos_participantes", "avisos", "sesiones"} <= set(vistas)


@pytest.mark.parametrize("fila", filas(), ids=lambda f: f.coleccion)
def test_los_indices_unicos_empiezan_por_la_clave_o_esta_dicho(fila: Fila) -> None:
    (documento,) = [d for d in DOCUMENTOS if _nombre(d) == fila.coleccion]
    unicos = {i.document["name"]: next(iter(i.document["key"])) for i in _unicos(documento)}
    ajenos = {nombre for nombre, primero in unicos.items() if primero != fila.clave}
    assert ajenos == fila.no_valdrian


def test_se_habla_de_todas_las_colecciones() -> None:
    dichas = set(_CAMPO.findall(PAGINA.read_text(encoding="utf-8")))
    assert {_nombre(documento) for documento in DOCUMENTOS} <= dichas


def _nombre(documento: type[Document]) -> str:
    return str(documento.Settings.name)


def _unicos(documento: type[Document]) -> list[IndexModel]:
    return [i for i in getattr(documento.Settings, "indexes", []) if i.document.get("unique")]
