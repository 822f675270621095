"""`python -m scripts.cluster.carga [SECONDS]`: what one process, one machine and one replica set carry, as the table of
docs/scale.md. What it says is of this machine, with the clients on it."""

import http.client
import itertools
import json
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from app.database.embedded import EmbeddedMongo
from scripts.cluster.apis import CLAVE, CORREO, Api, agrupadas
from scripts.cluster.processes import puertos_libres

CLIENTES, ESPACIOS = 16, 100
V1 = "/api/v1"
AJUSTES = {"PARKNET_CUOTAS": "0"}


@dataclass(frozen=True)
class Puesto:
    """One client, with a connection that stays."""

    numero: int
    enlace: http.client.HTTPConnection
    token: str

    def pedir(self, metodo: str, ruta: str, cuerpo: object = None) -> None:
        cabeceras = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        crudo = None if cuerpo is None else json.dumps(cuerpo)
        self.enlace.request(metodo, V1 + ruta, body=crudo, headers=cabeceras)
        respuesta = self.enlace.getresponse()
        dicho = respuesta.read()
        if respuesta.status >= 300:
            raise RuntimeError(f"{metodo} {ruta}: {respuesta.status} {dicho.decode()}")


_nuevas = itertools.count()


def _lista(puesto: Puesto) -> None:
    puesto.pedir("GET", "/sorteo/espacios?limite=50")


def _uno(puesto: Puesto) -> None:
    puesto.pedir("GET", f"/sorteo/espacios/C-{puesto.numero:03}")


def _cambio(puesto: Puesto) -> None:
    puesto.pedir("PATCH", f"/sorteo/espacios/C-{puesto.numero:03}", {"zona": f"Z{next(_nuevas)}"})


def _alta(puesto: Puesto) -> None:
    puesto.pedir("POST", "/residentes/unidades", {"torre": "C", "apartamento": f"{next(_nuevas)}"})


LLAMADAS: dict[str, Callable[[Puesto], None]] = {
    "a list of 50": _lista,
    "one object": _uno,
    "a change (transaction, audit)": _cambio,
    "a creation (transaction, audit)": _alta,
}


def medir(origenes: Sequence[str], hacer: Callable[[Puesto], None], segundos: float) -> tuple[float, float]:
    """Answers a second, and the 95th percentile of their times in milliseconds."""
    token = _entrar(origenes[0])
    puestos = [Puesto(n, _enlace(origenes[n % len(origenes)]), token) for n in range(CLIENTES)]
    fin = time.perf_counter() + segundos

    def trabajar(puesto: Puesto) -> list[float]:
        tiempos: list[float] = []
        while (antes := time.perf_counter()) < fin:
            hacer(puesto)
            tiempos.append(time.perf_counter() - antes)
        puesto.enlace.close()
        return tiempos

    with ThreadPoolExecutor(CLIENTES) as hilos:
        todos = [t for suyos in hilos.map(trabajar, puestos) for t in suyos]
    return len(todos) / segundos, statistics.quantiles(todos, n=20)[-1] * 1000


def _enlace(origen: str) -> http.client.HTTPConnection:
    partes = urlsplit(origen)
    return http.client.HTTPConnection(str(partes.hostname), partes.port, timeout=60)


def _entrar(origen: str) -> str:
    enlace = _enlace(origen)
    cuerpo = urlencode({"username": CORREO, "password": CLAVE})
    enlace.request("POST", f"{V1}/auth/login", cuerpo, {"Content-Type": "application/x-www-form-urlencoded"})
    token: str = json.loads(enlace.getresponse().read())["access_token"]
    enlace.close()
    return token


@contextmanager
def sueltas(carpeta: Path, cuantas: int) -> Iterator[list[str]]:
    """So many processes over one server."""
    with EmbeddedMongo(carpeta / "base") as mongo:
        apis = [Api(carpeta, puerto, mongo.uri, AJUSTES) for puerto in puertos_libres(cuantas)]
        try:
            for api in apis:
                api.arrancar()
                api.esperar()
            yield [api.origen for api in apis]
        finally:
            for api in apis:
                api.parar()


@contextmanager
def replicadas(carpeta: Path) -> Iterator[list[str]]:
    with agrupadas(carpeta, ajustes=AJUSTES) as (_, apis):
        yield [api.origen for api in apis]


def main() -> int:
    for senal in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(senal, signal.default_int_handler)
    segundos = float(sys.argv[1]) if len(sys.argv) > 1 else 5.0
    sys.stdout.write("| | " + " | ".join(LLAMADAS) + " |\n| --- |" + " ---: |" * len(LLAMADAS) + "\n")
    montajes = {
        "one process, one server": lambda c: sueltas(c, 1),
        "two processes, one server": lambda c: sueltas(c, 2),
        "two processes, a replica set of three": replicadas,
    }
    for nombre, montar in montajes.items():
        with tempfile.TemporaryDirectory(prefix="parknet-carga-") as carpeta, montar(Path(carpeta)) as origenes:
            puesto = Puesto(0, _enlace(origenes[0]), _entrar(origenes[0]))
            for n in range(ESPACIOS):
                puesto.pedir("POST", "/sorteo/espacios", {"codigo": f"C-{n:03}", "tipo": "carro"})
            medidas = [medir(origenes, hacer, segundos) for hacer in LLAMADAS.values()]
        sys.stdout.write(f"| {nombre} | " + " | ".join(f"{r:.0f}/s, {p:.0f} ms" for r, p in medidas) + " |\n")
        sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
