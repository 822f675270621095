"""The two databases that tests of modules find empty. They are made once: what nobody wrote is not emptied, and
documents that had their indexes made are only pointed at the one or the other. And how long they may take."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from beanie import Document, PydanticObjectId, init_beanie
from bson import CodecOptions
from bson.raw_bson import RawBSONDocument
from motor.motor_asyncio import AsyncIOMotorDatabase
from pymongo.monitoring import CommandFailedEvent, CommandListener, CommandStartedEvent, CommandSucceededEvent

from app.database import deadlines, opening
from app.database.migrations.changes import Siembra
from app.database.migrations.steps import MIGRACIONES
from app.database.mongodb import OPCIONES

SEGUNDOS = 60.0
"""What one command of a test may take."""
_ESCRIBEN = frozenset({"insert", "update", "delete", "findAndModify"})
_TERMINAN = frozenset({"commitTransaction", "abortTransaction"})


def sueltas(orden: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The commands that `orden` would be, were what it reads together read one by one."""
    pasos = orden.get("pipeline", ())
    for n, paso in enumerate(pasos):
        otras = [_suelta(otro["$lookup"]) for otro in pasos[n + 1 :] if "$lookup" in otro]
        if "$documents" in paso:
            return otras
        if "$replaceWith" in paso and "$$ROOT" in str(paso):
            return [{**orden, "pipeline": pasos[:n]}, *otras]
    return [orden]


def _suelta(busqueda: Mapping[str, Any]) -> Mapping[str, Any]:
    pasos = list(busqueda.get("pipeline", ()))
    if "foreignField" in busqueda:
        # By what another part finds: here by any one.
        pasos.insert(0, {"$match": {busqueda["foreignField"]: {"$in": [PydanticObjectId()]}}})
    return {"aggregate": busqueda["from"], "pipeline": pasos, "cursor": {}}


class Escritas(CommandListener):
    """The collections that a client wrote, by database, since they were last forgotten. `quedan`: how many writes stay,
    whatever comes next. `a_medias`: whether the last command left a transaction open."""

    def __init__(self) -> None:
        self._vistas: set[tuple[str, str]] = set()
        self.quedan = 0
        self.a_medias = False

    def de(self, base: str) -> set[str]:
        return {coleccion for suya, coleccion in self._vistas if suya == base}

    def olvidar(self, base: str) -> None:
        self._vistas = {vista for vista in self._vistas if vista[0] != base}

    def started(self, event: CommandStartedEvent) -> None:
        escribe = event.command_name in _ESCRIBEN
        if escribe:
            self._vistas.add((event.database_name, event.command[event.command_name]))
        termina = event.command_name in _TERMINAN
        self.a_medias = "autocommit" in event.command and not termina
        # An aggregation may end in `$merge` or `$out`.
        self.quedan += termina or (not self.a_medias and (escribe or event.command_name == "aggregate"))

    def succeeded(self, event: CommandSucceededEvent) -> None:
        pass

    def failed(self, event: CommandFailedEvent) -> None:
        pass


async def vaciar(base: "AsyncIOMotorDatabase[dict[str, Any]]", escritas: Escritas) -> None:
    for nombre in escritas.de(base.name):
        await base[nombre].delete_many({})
    if (await base.command("dbStats"))["objects"]:
        # Another client wrote here, or another process.
        for nombre in await base.list_collection_names():
            await base[nombre].delete_many({})
    escritas.olvidar(base.name)


async def vaciar_entera(base: "AsyncIOMotorDatabase[dict[str, Any]]") -> None:
    """Leave it as the first start of an application does, whatever wrote there. Its files stay: the server keeps those
    of a database that is dropped for minutes, and ends where it may open no more."""
    for nombre in await base.list_collection_names():
        await base[nombre].delete_many({} if nombre != "instalacion" else {"_id": {"$ne": "datos"}})
    for siembra in (cambio for migracion in MIGRACIONES for cambio in migracion.cambios if isinstance(cambio, Siembra)):
        await base[siembra.coleccion].insert_many([dict(documento) for documento in siembra.documentos])


async def vaciar_simulada(base: Any) -> None:
    for nombre in await base.list_collection_names():
        if await base[nombre].estimated_document_count():
            await base[nombre].delete_many({})


@dataclass(frozen=True)
class Guardada:
    """All that a database held, with its hash by collection."""

    documentos: Mapping[str, list[RawBSONDocument]]
    huellas: Mapping[str, str]


async def guardar(base: "AsyncIOMotorDatabase[dict[str, Any]]") -> Guardada:
    huellas = await _huellas(base)
    documentos = {nombre: await cruda(base, nombre).find().to_list(None) for nombre in huellas}
    return Guardada(documentos, huellas)


async def reponer(base: "AsyncIOMotorDatabase[dict[str, Any]]", guardada: Guardada) -> None:
    """Leave the database as it was then."""
    ahora = await _huellas(base)
    for nombre in ahora.keys() | guardada.huellas.keys():
        if ahora.get(nombre) != guardada.huellas.get(nombre):
            await igualar(base, nombre, guardada.documentos.get(nombre, []))


async def igualar(base: "AsyncIOMotorDatabase[dict[str, Any]]", nombre: str, era: Sequence[RawBSONDocument]) -> None:
    """Leave the collection with these documents. Those that it has are not written: a write is one of every index."""
    coleccion = cruda(base, nombre)
    hay = {documento.raw: documento for documento in await coleccion.find().to_list(None)}
    eran = {documento.raw for documento in era}
    sobran = [documento["_id"] for crudo, documento in hay.items() if crudo not in eran]
    faltan = [documento for documento in era if documento.raw not in hay]
    if sobran:
        await coleccion.delete_many({"_id": {"$in": sobran}})
    if faltan:
        await coleccion.insert_many(faltan)


async def _huellas(base: "AsyncIOMotorDatabase[dict[str, Any]]") -> dict[str, str]:
    return dict((await base.command("dbHash"))["collections"])


def cruda(base: "AsyncIOMotorDatabase[dict[str, Any]]", nombre: str) -> Any:
    """The collection, whose documents are taken and given as they are."""
    return base.get_collection(nombre, CodecOptions(document_class=RawBSONDocument))


class Puntero:
    """Points documents at a database, by whichever client. What has its indexes there is not looked at again."""

    def __init__(self) -> None:
        self._con_indices: set[type[Document]] = set()
        self._dueno: dict[str, type[Document]] = {}

    async def apuntar(self, documentos: Sequence[type[Document]], base: Any) -> None:
        nuevos = [documento for documento in documentos if documento not in self._con_indices]
        if nuevos:
            await init_beanie(database=base, document_models=nuevos)
            self._con_indices.update(nuevos)
            for documento in nuevos:
                # Indexes stay: those of one class would be rules for the documents of another.
                nombre = documento.get_collection_name()
                assert self._dueno.setdefault(nombre, documento) is documento, nombre
        reapuntar(documentos, base)


def reapuntar(documentos: Sequence[type[Document]], base: Any) -> None:
    """Of documents that Beanie knows already. What `init_beanie` makes besides is of the class, whatever the base."""
    for documento in documentos:
        ajustes = documento.get_settings()
        if ajustes.motor_db is not base:
            ajustes.motor_db, ajustes.motor_collection = base, base[documento.get_collection_name()]


@contextmanager
def con_paciencia() -> Iterator[None]:
    """A machine with much else to do is slow, and nothing has failed. Tests of the limits set them again."""
    with pytest.MonkeyPatch.context() as parche:
        parche.setattr(opening, "_PACIENCIA", SEGUNDOS)
        for plazo in ("DE_UNA_OPERACION", "DE_MENOS", "DE_SOLTAR"):
            parche.setattr(deadlines, plazo, SEGUNDOS)
        for opcion in ("timeoutMS", "serverSelectionTimeoutMS", "connectTimeoutMS"):
            parche.setitem(OPCIONES, opcion, int(SEGUNDOS * 1000))
        yield
