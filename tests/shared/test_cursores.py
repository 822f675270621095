"""Cursors while rows come, go and change: over the real server, in every order that any list takes, both ways."""

import random
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, get_args

import pytest
from beanie import Document, PydanticObjectId

from app.database.unit_of_work import UnitOfWork
from app.shared.pagination import PageQuery
from app.shared.repository import Repository
from app.wiring import build  # noqa: F401 - loads every repository, whichever tests are run
from app.wiring.documents import DOCUMENTOS

FILAS = 20


def _clases(base: type[Any]) -> Iterator[type[Repository[Any]]]:
    for hija in base.__subclasses__():
        yield hija
        yield from _clases(hija)


ORDENES = sorted(
    {
        (clase, signo + orden.removeprefix("-"))
        for clase in _clases(Repository)
        if clase.__module__.startswith("app.") and "ordenes" in vars(clase)
        for orden in clase.ordenes
        for signo in ("", "-")
    },
    key=lambda par: (par[0].__name__, par[1]),
)


class Fila(dict[str, Any]):
    """A row of a list, as it is stored: what its model would make of it has no say in this."""


def _en_crudo(clase: type[Repository[Any]]) -> Repository[Any]:
    metodos = {
        "_leer": lambda _, crudo: Fila(crudo),
        "_escribir": lambda _, fila: fila | {"_id": PydanticObjectId(fila["_id"])},
    }
    cruda: type[Repository[Any]] = type(f"{clase.__name__}EnCrudo", (clase,), metodos)
    return cruda.__new__(cruda)


class Mesa:
    """Rows of one collection, of which some stay as they are, and some come, go and change between two pages."""

    def __init__(self, clase: type[Repository[Any]], orden: str, azar: random.Random) -> None:
        self.repositorio = _en_crudo(clase)
        self.coleccion = clase.model.get_motor_collection()
        dicho = orden.removeprefix("-")
        self.campo = clase.se_ordena_por.get(dicho, dicho)
        self.orden = orden
        self.azar = azar
        self.unico = self.campo in clase.ordenes_unicos
        self.dadas = 0
        self.unicas: set[str] = set()

    async def preparar(self) -> None:
        indices = await self.coleccion.index_information()
        de_unicos = [i["key"] for i in indices.values() if i.get("unique") and "partialFilterExpression" not in i]
        self.unicas = {campo for llave in de_unicos for campo, _ in llave if "." not in campo} - {self.campo, "_id"}

    def valor(self) -> Any:
        """One of few, so that most rows share theirs; where they cannot, one of many."""
        if self.campo == "_id":
            return PydanticObjectId()
        n = self.azar.randrange(10**9) if self.unico else self.azar.randrange(5)
        campo = self.repositorio.model.model_fields.get(self.campo)
        anotacion = str if campo is None else campo.annotation  # what is made of others as it is stored, is text
        assert type(None) not in get_args(anotacion), f"{self.campo} puede faltar, y un cursor no sabe de lo que falta"
        de: Mapping[Any, Any] = {datetime: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=n), int: n, bool: n > 2}
        return de.get(anotacion, f"clave {n:09}")

    def fila(self) -> Fila:
        self.dadas += 1
        fila = Fila(dict.fromkeys(self.unicas, f"{self.dadas}"))
        fila["_id"] = PydanticObjectId(f"{self.azar.randrange(2**96):024x}")
        if self.campo != "_id":
            fila[self.campo] = self.valor()
        return fila

    def clave(self, fila: Mapping[str, Any]) -> tuple[Any, ...]:
        return (fila[self.campo], fila["_id"])

    async def revolver(self, moviles: list[Fila]) -> None:
        """One goes, one comes, one changes."""
        se_va = moviles.pop(self.azar.randrange(len(moviles)))
        await self.coleccion.delete_one({"_id": se_va["_id"]})
        viene = self.fila()
        await self.coleccion.insert_one(dict(viene))
        moviles.append(viene)
        if self.campo != "_id":
            cambia = self.azar.choice(moviles)
            cambia[self.campo] = self.valor()
            await self.coleccion.update_one({"_id": cambia["_id"]}, {"$set": {self.campo: cambia[self.campo]}})


@pytest.fixture
def documentos() -> Sequence[type[Document]]:
    return DOCUMENTOS


@pytest.mark.parametrize(("clase", "orden"), ORDENES, ids=[f"{c.__name__}[{o}]" for c, o in ORDENES])
async def test_lo_que_estuvo_todo_el_tiempo_se_ve_una_vez_y_en_orden(
    clase: type[Repository[Any]], orden: str, base_real: UnitOfWork
) -> None:
    del base_real
    for semilla in range(2):
        mesa = Mesa(clase, orden, random.Random(semilla))  # noqa: S311
        await mesa.coleccion.delete_many({})
        await mesa.preparar()
        quietas, moviles = ([mesa.fila() for _ in range(FILAS)] for _ in range(2))
        await mesa.coleccion.insert_many([dict(fila) for fila in [*quietas, *moviles]])
        vistas: list[Mapping[str, Any]] = []
        consulta = PageQuery(limite=2 + semilla * 3, orden=orden)
        while True:
            pagina = await mesa.repositorio.page({}, consulta)
            vistas += pagina.items
            if pagina.siguiente is None:
                break
            assert len(pagina.items) == consulta.limite
            assert len(vistas) < 20 * FILAS, "no termina"
            consulta = PageQuery(limite=consulta.limite, orden=orden, cursor=pagina.siguiente)
            await mesa.revolver(moviles)
        claves = [mesa.clave(fila) for fila in vistas]
        assert claves == sorted(claves, reverse=orden.startswith("-")), "cada página sigue a la anterior"
        assert len(set(claves)) == len(claves)
        ids = [fila["_id"] for fila in quietas]
        assert sorted(f["_id"] for f in vistas if f["_id"] in ids) == sorted(ids)


def test_la_tabla_los_tiene_todos() -> None:
    nombres = {clase.__name__ for clase, _ in ORDENES}
    assert {"SolicitudRepository", "ResidenteRepository", "UnidadRepository", "EspacioRepository"} <= nombres
    assert len(ORDENES) > 20
