"""`python -m scripts.bench.suelos.indices`: what changing 20,000 requests costs a bare database, in transactions and
outside, with the indexes of `solicitudes` and with fewer, and what taking them out and putting them in again does.

It measures no code of the application, so `make bench` does not run it: see docs/decisions/0032.
"""

import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bson import ObjectId
from pymongo import IndexModel, MongoClient, UpdateOne
from pymongo.client_session import ClientSession
from pymongo.collection import Collection
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from app.database.embedded import EmbeddedMongo
from app.modules.solicitudes.models import Solicitud

_CUANTAS, _LOTE = 20_000, 1_000
_CUANDO = datetime(2026, 1, 1, tzinfo=UTC)
Fila = dict[str, Any]
Filas = Sequence[Fila]
Cambiar = Callable[["Collection[Fila]", Filas, ClientSession | None], object]


def _pedida(sorteo_id: ObjectId, i: int) -> Fila:
    vehiculo = {"id": ObjectId(), "tipo": "carro", "electrico": False, "placa": f"X{i:07}"}
    return {
        **{"_id": ObjectId(), "sorteo_id": sorteo_id, "folio": i, "unidad_id": ObjectId(), "residente_id": ObjectId()},
        **{"habitantes": [ObjectId()], "vehiculo": vehiculo, "clase": "carro", "tipos": ["carro"], "ranura": 0},
        **{"estado": "aprobada", "viva": True, "espera": None, "lugar": None, "condiciones": [], "salida": False},
        **{"vence_en": None, "recordada": False, "creado_en": _CUANDO + timedelta(seconds=i), "precinto": None},
    }


def _publicada(fila: Fila) -> Fila:
    """What publishing changes; one in four wins."""
    i = fila["folio"]
    suerte = {"estado": "en_espera", "espera": i + 1, "lugar": i + 1}
    if i % 4 == 0:
        suerte = {"estado": "asignada", "espacio": f"P{i}", "vence_en": _CUANDO}
    return suerte | {"precinto": "a" * 64, "sorteada": True}


def _actualizar(coleccion: "Collection[Fila]", filas: Filas, sesion: ClientSession | None) -> None:
    ordenes = [UpdateOne({"_id": fila["_id"]}, {"$set": _publicada(fila)}) for fila in filas]
    coleccion.bulk_write(ordenes, ordered=False, session=sesion)


def _poner_de_nuevo(coleccion: "Collection[Fila]", filas: Filas, sesion: ClientSession | None) -> None:
    coleccion.delete_many({"_id": {"$in": [fila["_id"] for fila in filas]}}, session=sesion)
    coleccion.insert_many([fila | _publicada(fila) for fila in filas], session=sesion)


def _segundos(
    coleccion: "Collection[Fila]", indices: Sequence[IndexModel], cambiar: Cambiar, *, transaccion: bool
) -> float:
    coleccion.drop()
    if indices:
        coleccion.create_indexes(list(indices))
    sorteo_id = ObjectId()
    filas = [_pedida(sorteo_id, i) for i in range(_CUANTAS)]
    coleccion.insert_many(filas, ordered=False)
    inicio = time.perf_counter()
    for i in range(0, _CUANTAS, _LOTE):
        tanda = filas[i : i + _LOTE]
        if not transaccion:
            cambiar(coleccion, tanda, None)
            continue
        with coleccion.database.client.start_session() as sesion:
            sesion.start_transaction(ReadConcern("snapshot"), WriteConcern("majority"))
            cambiar(coleccion, tanda, sesion)
            sesion.commit_transaction()
    return time.perf_counter() - inicio


def medir(coleccion: "Collection[Fila]") -> Iterator[tuple[str, float]]:
    """Each way, in words, and its seconds."""
    todos = Solicitud.Settings.indexes
    for cuantos in (len(todos), 12, 8, 0):
        suyos = todos[:cuantos]
        yield f"en transacciones, {cuantos} índices", _segundos(coleccion, suyos, _actualizar, transaccion=True)
    yield "fuera de transacciones", _segundos(coleccion, todos, _actualizar, transaccion=False)
    yield "en transacciones, puestas de nuevo", _segundos(coleccion, todos, _poner_de_nuevo, transaccion=True)


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="parknet-indices-") as carpeta, EmbeddedMongo(Path(carpeta)) as mongo:
        cliente: MongoClient[Fila] = MongoClient(mongo.uri)
        for como, segundos in medir(cliente["suelo"]["solicitudes"]):
            sys.stdout.write(f"  {como:40} {segundos:6.2f} s\n")
            sys.stdout.flush()
        cliente.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
