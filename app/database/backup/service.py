"""A backup of the whole database by the driver alone, and its way back.

All collections are read as they were at one instant (a snapshot, MongoDB 5 or later), while the API goes on. What is
left out is of use for minutes alone, or must not come to life again: who was heard, quotas, answers kept for
repetitions, sessions, how far a copy outside has come. So everybody signs in again after a
restore, also who had been signed out since.
"""

import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from typing import IO, Any

import bson
from bson import ObjectId
from bson.codec_options import CodecOptions
from bson.errors import InvalidBSON
from bson.raw_bson import RawBSONDocument
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo import MongoClient, UpdateOne
from pymongo.client_session import ClientSession
from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.errors import OperationFailure, PyMongoError

from app.core import clock
from app.core.config import VERSION, ConfigError, Settings
from app.database.backup.archive import Escritor, Lector, RespaldoError
from app.database.embedded import EmbeddedMongo

_NO_SE_COPIAN = ("analitica", "cuotas", "cuotas_contadores", "idempotencia_", "procesos", "sesiones")
_LOTE = 1000
_BYTES = 8 << 20  # of documents sent at once
_CRUDO: CodecOptions[RawBSONDocument] = CodecOptions(document_class=RawBSONDocument)
_SUPRESIONES = "supresiones"
_A_MEDIAS = {"_id": "restauracion"}
_TODO = {"_id": {"$ne": _A_MEDIAS["_id"]}}
"""All but the mark of a restore."""
_LARGO = 4  # bytes that say how long a document is, the first of it

_Base = Database[RawBSONDocument]


@contextmanager
def base_de(ajustes: Settings) -> Iterator[_Base]:
    """The database of these settings, by the plain driver."""
    if ajustes.mongodb_uri is not None:
        with _cliente(ajustes.mongodb_uri.get_secret_value()) as cliente:
            yield cliente.get_database(ajustes.mongodb_db, codec_options=_CRUDO)
        return
    with EmbeddedMongo(ajustes.data_dir) as mongo, _cliente(mongo.uri) as cliente:
        yield cliente.get_database(ajustes.mongodb_db, codec_options=_CRUDO)


@contextmanager
def _cliente(uri: str) -> Iterator[MongoClient[RawBSONDocument]]:
    try:
        cliente: MongoClient[RawBSONDocument] = MongoClient(
            uri, serverSelectionTimeoutMS=10_000, tz_aware=True, tzinfo=UTC, w="majority"
        )
        with cliente:
            yield cliente
    except PyMongoError as error:
        por_que = (error.details or {}).get("codeName") if isinstance(error, OperationFailure) else None
        raise RespaldoError(
            f"PARKNET_MONGODB_URI: la base de datos no lo permite: {por_que or type(error).__name__}"
        ) from error


def respaldar(base: _Base, archivo: IO[bytes], clave: bytes | None) -> Mapping[str, int]:
    """Write the database to `archivo`. How many documents of each collection."""
    nombres = sorted(
        fila["name"] for fila in base.list_collections() if not fila["name"].startswith(("system.", *_NO_SE_COPIAN))
    )
    salida = Escritor(archivo, {"hecho_en": clock.ahora().isoformat(), "version": VERSION}, clave)
    cuentas = dict.fromkeys(nombres, 0)
    with base.client.start_session(snapshot=True) as sesion:
        for nombre in nombres:
            salida.escribir(bson.encode({"coleccion": nombre}))
            for documento in base[nombre].find({}, session=sesion, batch_size=_LOTE):
                salida.escribir(bytes(documento.raw))
                cuentas[nombre] += 1
            salida.escribir(_FIN)
    salida.terminar()
    return cuentas


def restaurar(
    base: _Base,
    archivo: IO[bytes],
    clave: bytes | None,
    *,
    reemplazar: bool,
    ademas: Mapping[ObjectId, datetime] | None = None,
) -> Mapping[str, int]:
    """Put what `archivo` holds into the database, in place of what is there. How many documents of each collection.

    Who was erased stays so: the list of them in the database (and `ademas`, by when) remains, together with that
    of the copy, and the next start erases again whom the copy brings back.

    The whole file is read and judged before anything is changed. While a restore is under way, or when it did not come
    to its end, no process starts on this database (`exigir_entera`); doing it again begins from nothing. Raises
    RespaldoError.
    """
    for _ in _por_coleccion(iter(Lector(archivo, clave))):
        pass
    archivo.seek(0)
    turno = _Turno(base)
    # Marked before anything is judged: a process, or a restore, that starts meanwhile sees the mark, or is seen.
    a_medias = turno.tomar()
    if _vivos(base):
        turno.devolver(a_medias)
        raise RespaldoError("hay procesos de ParkNet que usan esta base: deténgalos antes de restaurar")
    if not a_medias and not reemplazar and _algo_hay(base):
        turno.devolver(a_medias)
        raise RespaldoError("la base no está vacía: --reemplazar borra lo que hay y pone la copia en su lugar")
    _recordar(turno, base[_SUPRESIONES], {**suprimidas(base), **(ademas or {})})
    _vaciar(base, turno)
    cuentas: dict[str, int] = {}
    for nombre, documentos in _por_coleccion(iter(Lector(archivo, clave))):
        cuentas[nombre] = cuentas.get(nombre, 0) + len(documentos)
        if nombre == _SUPRESIONES:
            _recordar(turno, base[nombre], {d["_id"]: d["suprimido_en"] for d in documentos})
        elif documentos:
            turno.escribir(partial(base[nombre].insert_many, documentos, ordered=False))
    turno.terminar()
    return cuentas


def exigir_algo(base: _Base) -> None:
    """Raises RespaldoError where there is nothing: no database of ours is empty, and no copy of it would be of use."""
    if not _algo_hay(base):
        raise RespaldoError(f"no hay nada en {base.name}: ¿son estos los ajustes de la instalación?")


def suprimidas(base: _Base) -> dict[ObjectId, datetime]:
    """Who was erased here, and when."""
    de_antes = base["residentes"].find({"suprimido_en": {"$ne": None}}, ["suprimido_en"])
    return {fila["_id"]: fila["suprimido_en"] for filas in (de_antes, base[_SUPRESIONES].find()) for fila in filas}


def _recordar(turno: "_Turno", lista: Collection[RawBSONDocument], quienes: Mapping[ObjectId, datetime]) -> None:
    cambios = [
        UpdateOne({"_id": id}, {"$setOnInsert": {"suprimido_en": cuando}}, upsert=True)
        for id, cuando in quienes.items()
    ]
    for desde in range(0, len(cambios), _LOTE):
        turno.escribir(partial(lista.bulk_write, cambios[desde : desde + _LOTE], ordered=False))


def _vaciar(base: _Base, turno: "_Turno") -> None:
    for nombre in base.list_collection_names():
        if not nombre.startswith("system.") and nombre != _SUPRESIONES:
            while ids := [fila["_id"] for fila in base[nombre].find(_TODO, {"_id": 1}, limit=_LOTE)]:
                turno.escribir(partial(base[nombre].delete_many, {"_id": {"$in": ids}}))


class _Turno:
    """The right to put a backup into a database, which the mark of a restore holds. Each write is one transaction with
    a look at the mark: a restore that was stopped, and wakes up when another has taken its place, changes nothing."""

    def __init__(self, base: _Base) -> None:
        self._base = base
        self._marca = {**_A_MEDIAS, "ficha": secrets.token_hex(8)}

    def tomar(self) -> bool:
        """Whether a restore before it did not come to its end."""
        instalacion = self._base["instalacion"]
        return instalacion.find_one_and_replace(_A_MEDIAS, self._marca, upsert=True) is not None

    def devolver(self, a_medias: bool) -> None:
        if not a_medias:
            self.terminar()

    def terminar(self) -> None:
        if self._base["instalacion"].delete_one(self._marca).deleted_count == 0:
            raise _otra()

    def escribir(self, que: Callable[..., object]) -> None:
        def hacer(sesion: ClientSession) -> None:
            mirada = {"$currentDate": {"visto_en": True}}
            if self._base["instalacion"].update_one(self._marca, mirada, session=sesion).matched_count == 0:
                raise _otra()
            que(session=sesion)

        with self._base.client.start_session() as sesion:
            sesion.with_transaction(hacer)


def _otra() -> RespaldoError:
    return RespaldoError("otra restauración tomó el lugar de esta, que no cambió nada más")


async def exigir_entera(cliente: "AsyncIOMotorClient[dict[str, Any]]", ajustes: Settings) -> None:
    """Raises ConfigError where a restore did not come to its end."""
    if await cliente[ajustes.mongodb_db]["instalacion"].find_one(_A_MEDIAS) is not None:
        raise ConfigError("PARKNET_MONGODB_DB: una restauración quedó a medias en esta base; hágala de nuevo")


_FIN = bson.encode({"fin": True})


def _por_coleccion(trozos: Iterator[bytes]) -> Iterator[tuple[str, list[RawBSONDocument]]]:
    """What a backup holds, in batches, each with its collection. A collection that is empty comes once."""
    documentos = _documentos(trozos)
    for cabeza in documentos:
        nombre = str(cabeza.get("coleccion", ""))
        if not nombre:
            raise RespaldoError("la copia está dañada")
        lote: list[RawBSONDocument] = []
        bytes_ = 0
        for documento in documentos:
            if documento.raw == _FIN:
                break
            lote.append(documento)
            bytes_ += len(documento.raw)
            if len(lote) == _LOTE or bytes_ > _BYTES:
                yield nombre, lote
                lote, bytes_ = [], 0
        yield nombre, lote


def _documentos(trozos: Iterator[bytes]) -> Iterator[RawBSONDocument]:
    resto = bytearray()
    for trozo in trozos:
        resto += trozo
        hasta = 0
        while len(resto) - hasta >= _LARGO:
            largo = int.from_bytes(resto[hasta : hasta + _LARGO], "little")
            if len(resto) - hasta < largo:
                break
            try:
                yield RawBSONDocument(bytes(resto[hasta : hasta + largo]), _CRUDO)
            except InvalidBSON:
                raise RespaldoError("la copia está dañada") from None
            hasta += largo
        del resto[:hasta]
    if resto:
        raise RespaldoError("la copia está dañada")


def _algo_hay(base: _Base) -> bool:
    return any(base[nombre].find_one(_TODO, {"_id": 1}) for nombre in base.list_collection_names())


def _vivos(base: _Base) -> bool:
    """Whether some process was heard by this database in the last seconds."""
    hace_poco = {"$dateSubtract": {"startDate": "$$NOW", "unit": "second", "amount": 5}}
    return base["procesos"].find_one({"$expr": {"$gt": ["$visto_en", hace_poco]}}) is not None
