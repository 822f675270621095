"""`python -m scripts.bench.padron [ROWS]`: a roll of a city, a hundred thousand people with flats and plates unless
told otherwise, brought in by the API in a process of its own: against a bare `insert_many` of the same documents, with
the same indexes, and the memory of that process; then again, killed with -9 on the way and finished by the next one.

It takes minutes: so `make bench` does not run it.
"""

import os
import signal
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import attrs
from pymongo import MongoClient
from pymongo.database import Database

from app.database.embedded import EmbeddedMongo
from scripts.bench.ciudad import Memoria
from scripts.bench.servidores import Servida
from scripts.cluster.apis import Api
from scripts.cluster.processes import esperar, puertos_libres

CUANTAS, MAXIMO, LOTE, POR_TORRE = 100_000, 3.0, 500, 200
HECHAS = ("unidades", "vehiculos", "residentes")
_PLAZO = 3_600
Base = Database[dict[str, Any]]


def _archivo(cuantas: int) -> bytes:
    filas = (
        f"{i // POR_TORRE};{i % POR_TORRE:03};Persona {i} Apellido;{20_000_000 + i};A{i:06};{'sí' if i % 20 else 'no'}"
        for i in range(cuantas)
    )
    return "\r\n".join(("Torre;Apto;Propietario;Cédula;Placa;Al día", *filas)).encode()


def _subir(api: Servida, archivo: bytes) -> str:
    respuesta = api.cliente.post(
        "/residentes/importar?crear_unidades=true", content=archivo, headers={"Content-Type": "text/csv"}
    )
    trabajo: str = respuesta.raise_for_status().json()["id"]
    return trabajo


def _trabajo(base: Base) -> Mapping[str, Any]:
    trabajo = base["trabajos"].find_one({})
    return {} if trabajo is None else trabajo


def _terminado(base: Base) -> Mapping[str, Any]:
    """Asked of the database: the process has nothing else to do."""

    def hecho() -> bool:
        time.sleep(0.1)
        return _trabajo(base).get("estado") not in {"en_cola", "en_curso"}

    esperar(hecho, "la importación", _PLAZO)
    return _trabajo(base)


def _cada_uno_una_vez(base: Base, cuantas: int) -> bool:
    hay = [base[coleccion].count_documents({}) for coleccion in HECHAS]
    resultado = _trabajo(base)["resultado"]
    return hay == [cuantas] * 3 and (resultado["creadas"], resultado["rechazadas"]) == (cuantas, 0)


@attrs.frozen
class Tiempo:
    """Seconds: by the clock, and of work of the processors, the database's among it."""

    reloj: float = 0.0
    cpu: float = 0.0

    @classmethod
    def ahora(cls, pids: Iterable[int]) -> "Tiempo":
        return cls(time.perf_counter(), sum(_cpu(pid) for pid in pids))

    def desde(self, antes: "Tiempo") -> "Tiempo":
        return Tiempo(self.reloj - antes.reloj, self.cpu - antes.cpu)

    def mas(self, otro: "Tiempo") -> "Tiempo":
        return Tiempo(self.reloj + otro.reloj, self.cpu + otro.cpu)


def _cpu(pid: int) -> float:
    """Seconds that a process has worked, in itself and for it in the kernel."""
    campos = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(campos[11]) + int(campos[12])) / os.sysconf("SC_CLK_TCK")


def _crudo(de: Base, a: Base, mongo: EmbeddedMongo) -> Tiempo:
    """What a bare program takes for the same documents, in the same batches."""
    tomo, quienes = Tiempo(), [os.getpid(), mongo.pid]
    for coleccion in HECHAS:
        for nombre, indice in de[coleccion].index_information().items():
            opciones = {c: v for c, v in indice.items() if c in {"unique", "partialFilterExpression"}}
            if nombre != "_id_":
                a[coleccion].create_index(indice["key"], name=nombre, **opciones)
    for lote in _lotes(de):
        inicio = Tiempo.ahora(quienes)
        for coleccion, filas in lote.items():
            a[coleccion].insert_many(filas, ordered=False)
        tomo = tomo.mas(Tiempo.ahora(quienes).desde(inicio))
    return tomo


def _lotes(de: Base) -> Iterator[Mapping[str, Sequence[dict[str, Any]]]]:
    cursores = {coleccion: de[coleccion].find({}) for coleccion in HECHAS}
    while True:
        lote = {c: [fila for _, fila in zip(range(LOTE), cursor, strict=False)] for c, cursor in cursores.items()}
        if not any(lote.values()):
            return
        yield {coleccion: filas for coleccion, filas in lote.items() if filas}


@contextmanager
def _servida(
    carpeta: Path, mongo: EmbeddedMongo, base: str
) -> Iterator[tuple[Api, Servida, MongoClient[dict[str, Any]]]]:
    """The API as a process on a database of that name, how it is called, and a client of its database."""
    (puerto,) = puertos_libres(1)
    proceso = Api(carpeta / base, puerto, mongo.uri, {"PARKNET_MONGODB_DB": base, "PARKNET_CUOTAS": "0"})
    proceso.arrancar()
    try:
        proceso.esperar()
        with MongoClient[dict[str, Any]](mongo.uri) as cliente:
            yield proceso, Servida(proceso.origen), cliente
    finally:
        proceso.parar()


def _de_corrido(carpeta: Path, mongo: EmbeddedMongo, archivo: bytes, cuantas: int) -> bool:
    with _servida(carpeta, mongo, "corrido") as (proceso, api, cliente):
        base, memoria = cliente["corrido"], Memoria(proceso.pid, mongo.pid)
        with memoria.mirando():
            inicio = Tiempo.ahora([proceso.pid, mongo.pid])
            _subir(api, archivo)
            _terminado(base)
            tomo = Tiempo.ahora([proceso.pid, mongo.pid]).desde(inicio)
        entero, crudo = _cada_uno_una_vez(base, cuantas), _crudo(base, cliente["crudo"], mongo)
    veces = tomo.reloj / crudo.reloj
    sys.stdout.write(f"{cuantas:,} filas: {tomo.reloj:.0f} s ({tomo.cpu:.0f} de procesador); ")
    sys.stdout.write(f"insert_many de lo mismo: {crudo.reloj:.0f} s ({crudo.cpu:.0f}); {veces:.2f}× ")
    sys.stdout.write(f"({tomo.cpu / crudo.cpu:.2f}×); memoria: API {memoria.api} MB; ")
    sys.stdout.write(f"{'' if entero else 'NO '}cada fila una vez\n")
    sys.stdout.flush()
    return entero and veces <= MAXIMO


def _interrumpida(carpeta: Path, mongo: EmbeddedMongo, archivo: bytes, cuantas: int) -> bool:
    with _servida(carpeta, mongo, "interrumpida") as (proceso, api, cliente):
        base = cliente["interrumpida"]
        _subir(api, archivo)
        esperar(lambda: _trabajo(base).get("hecho", 0) >= cuantas // 3, "un tercio", _PLAZO)
        proceso.senalar(signal.SIGKILL)
        en = _trabajo(base)["hecho"]
        proceso.arrancar()
        _terminado(base)
        entero, intentos = _cada_uno_una_vez(base, cuantas), _trabajo(base)["intentos"]
    sys.stdout.write(f"interrumpida con -9 en la fila {en:,}: terminada al intento {intentos}; ")
    sys.stdout.write(f"{'' if entero else 'NO '}cada fila una vez\n")
    return entero


def main(argumentos: Sequence[str]) -> int:
    cuantas = int(argumentos[0]) if argumentos else CUANTAS
    archivo = _archivo(cuantas)
    with tempfile.TemporaryDirectory(prefix="parknet-padron-") as temporal:
        carpeta = Path(temporal)
        with EmbeddedMongo(carpeta / "db") as mongo:
            bien = [hacer(carpeta, mongo, archivo, cuantas) for hacer in (_de_corrido, _interrumpida)]
    return 0 if all(bien) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
