"""`python -m scripts.bench.ciudad [REQUESTS]`: a draw of a city, a million requests unless told otherwise, closed, run
and published by the API in a process of its own; what it takes, and what memory all processes hold together.

It needs ten gigabytes of disk and, for a million, the better part of an hour: so `make bench` does not run it. The
result is recomputed by the engine's command line, which knows nothing of the database.
"""

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import attrs
from bson import ObjectId
from pymongo import MongoClient
from pymongo.database import Database

from app.database.embedded import EmbeddedMongo
from scripts.bench.marcas import Marcador
from scripts.bench.servidores import Servida
from scripts.bench.sorteo import ENTROPIA, copia, otra_solicitud, parametros_de, propio
from scripts.cluster.apis import CLAVE, CORREO, RAIZ, Api
from scripts.cluster.processes import esperar, puertos_libres

BASE, TANDA, TECHO_MB = "ciudad", 10_000, 4_096
CUANTAS, CADA = 1_000_000, 25
Base = Database[dict[str, Any]]


@attrs.define
class Memoria:
    """The most that the processes of a session and one more held at once, in MB, looked at five times a second."""

    sesion: int
    base: int
    api: int = 0
    todo: int = 0
    _fin: threading.Event = attrs.field(factory=threading.Event)

    @contextmanager
    def mirando(self) -> Iterator[None]:
        hilo = threading.Thread(target=self._mirar)
        hilo.start()
        try:
            yield
        finally:
            self._fin.set()
            hilo.join()

    def _mirar(self) -> None:
        while not self._fin.wait(0.2):
            propias = sum(_mb(pid) for pid in _pids() if _sesion(pid) == self.sesion)
            self.api, self.todo = max(self.api, propias), max(self.todo, propias + _mb(self.base))


def _pids() -> list[int]:
    return [int(nombre) for nombre in os.listdir("/proc") if nombre.isdigit()]


def _sesion(pid: int) -> int:
    try:
        return os.getsid(pid)
    except ProcessLookupError:
        return 0


def _mb(pid: int) -> int:
    try:
        texto = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    except (FileNotFoundError, ProcessLookupError):
        return 0
    # What processes share is counted once: each has its part of it.
    return next((int(linea.split()[1]) // 1024 for linea in texto.splitlines() if linea.startswith("Pss:")), 0)


def _poblar(api: Servida, base: Base, cuantas: int, marcador: Marcador) -> Mapping[str, str]:
    """Flats, vehicles and residents, each a copy of one that the API made, and a space for every twenty-fifth."""
    api.pedir("POST", "/sorteo/espacios", {"codigo": "Z-0", "tipo": "carro"})
    unidad, vehiculo, residente = api.hogar(0)
    espacio: Any = base["espacios"].find_one({})
    for desde in range(1, cuantas, TANDA):
        tanda = range(desde, min(desde + TANDA, cuantas))
        for coleccion, id in (
            ("unidades", unidad["id"]),
            ("vehiculos", vehiculo["id"]),
            ("residentes", residente["id"]),
        ):
            original: Any = base[coleccion].find_one({"_id": ObjectId(id)})
            filas = [marcador.marcada(coleccion, copia(original, i) | propio(coleccion, i)) for i in tanda]
            base[coleccion].insert_many(filas, ordered=False)
        otros = [
            marcador.marcada("espacios", {**espacio, "_id": ObjectId(), "codigo": f"P{i:07}", "clave": f"p{i:07}"})
            for i in tanda
            if i % CADA == 0
        ]
        base["espacios"].insert_many(otros, ordered=False)
    return {"unidad_id": unidad["id"], "vehiculo_id": vehiculo["id"]}


def _abrir(api: Servida, disponible: datetime) -> str:
    sorteo: str = api.pedir("POST", "/sorteo", parametros_de(2031, disponible))["id"]
    api.pedir("POST", f"/sorteo/{sorteo}/abrir")
    return sorteo


def _pedir_todas(
    api: Servida, base: Base, sorteo: str, primera: Mapping[str, str], cuantas: int, marcador: Marcador
) -> None:
    pedida = api.pedir("POST", "/solicitudes", {"sorteo_id": sorteo, **primera})["id"]
    original: Any = base["solicitudes"].find_one({"_id": ObjectId(pedida)})
    for desde in range(1, cuantas, TANDA):
        otras = (otra_solicitud(original, i) for i in range(desde, min(desde + TANDA, cuantas)))
        filas = [marcador.marcada("solicitudes", fila) for fila in otras]
        base["solicitudes"].insert_many(filas, ordered=False)
    ultimo = {"$set": {"ultimo_folio": original["folio"] + cuantas - 1}}
    base["solicitudes_ventanillas"].update_one({"_id": ObjectId(sorteo)}, ultimo)


def _dar(api: Servida, ruta: str, cuerpo: Any = None) -> float:
    """A step as a job, and the seconds that it took."""
    inicio = time.perf_counter()
    respuesta = api.cliente.post(ruta, json=cuerpo, headers={"Prefer": "respond-async"})
    trabajo = respuesta.raise_for_status().headers["Location"].removeprefix("/api/v1")

    def terminado() -> bool:
        time.sleep(1)
        if api.cliente.get("/auth/yo").status_code == 401:
            api.cliente.headers["Authorization"] = f"Bearer {api.entrar(CORREO, CLAVE)}"
        return api.pedir("GET", trabajo)["estado"] not in ("en_cola", "en_curso")

    esperar(terminado, ruta, 7_200)
    if (dicho := api.pedir("GET", trabajo))["estado"] != "hecho":
        raise SystemExit(f"{ruta}: {dicho}")
    return time.perf_counter() - inicio


def _recomputar(api: Servida, sorteo: str, carpeta: Path) -> bool:
    """Whether the engine's own command line comes to the published result."""
    for nombre in ("bases", "resultado"):
        with api.cliente.stream("GET", f"/sorteo/{sorteo}/{nombre}") as respuesta, (carpeta / nombre).open("wb") as en:
            for parte in respuesta.raise_for_status().iter_bytes():
                en.write(parte)
    dicho = api.pedir("GET", f"/sorteo/{sorteo}/verificacion")
    orden = [sys.executable, "-m", "app.modules.sorteo.motor", str(carpeta / "bases"), "--secreto", dicho["secreto"]]
    orden += ["--entropia", dicho["entropia"], "--verificar", str(carpeta / "resultado")]
    return subprocess.run(orden, cwd=RAIZ, check=False).returncode == 0  # noqa: S603 - this Python, our own program


def medir(cuantas: int) -> bool:
    with (
        tempfile.TemporaryDirectory(prefix="parknet-ciudad-") as temporal,
        EmbeddedMongo(Path(temporal) / "db") as mongo,
    ):
        (puerto,) = puertos_libres(1)
        proceso = Api(Path(temporal), puerto, mongo.uri, {"PARKNET_MONGODB_DB": BASE, "PARKNET_CUOTAS": "0"})
        proceso.arrancar()
        try:
            proceso.esperar()
            api = Servida(proceso.origen)
            with MongoClient[dict[str, Any]](mongo.uri) as cliente:
                marcador = Marcador(Path(temporal) / "datos")
                primera = _poblar(api, cliente[BASE], cuantas, marcador)
                # Closing has to end before the public number is there.
                disponible = datetime.now(UTC) + timedelta(seconds=120 + cuantas / 700)
                sorteo = _abrir(api, disponible)
                _pedir_todas(api, cliente[BASE], sorteo, primera, cuantas, marcador)
            memoria, tiempos = Memoria(proceso.pid, mongo.pid), {}
            with memoria.mirando():
                tiempos["cerrar"] = _dar(api, f"/sorteo/{sorteo}/cerrar")
                time.sleep(max(0, (disponible - datetime.now(UTC)).total_seconds() + 1))
                api = Servida(proceso.origen)  # tokens last less than that
                tiempos["ejecutar"] = _dar(api, f"/sorteo/{sorteo}/ejecutar", {"entropia": ENTROPIA})
                tiempos["publicar"] = _dar(api, f"/sorteo/{sorteo}/publicar")
            igual = _recomputar(api, sorteo, Path(temporal))
        finally:
            proceso.parar()
    pasos = ", ".join(f"{paso} {segundos:.0f} s" for paso, segundos in tiempos.items())
    sys.stdout.write(f"{cuantas:,} solicitudes: {pasos}; memoria: API {memoria.api} MB, todo {memoria.todo} MB; ")
    sys.stdout.write("el motor da lo mismo\n" if igual else "EL MOTOR DA OTRA COSA\n")
    return igual and memoria.todo <= TECHO_MB


def main(argumentos: Sequence[str]) -> int:
    return 0 if medir(int(argumentos[0]) if argumentos else CUANTAS) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
