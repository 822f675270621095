"""Processes of the API on one database: killed, paused and started again on the port that they had."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx

from scripts.cluster.processes import Proceso, esperar, puertos_libres
from scripts.cluster.replicas import Replicas

RAIZ = Path(__file__).resolve().parents[2]
CORREO, CLAVE = "admin@example.com", "clave de la administración 1"
CUANTAS = 2
_PLAZO = 120.0
# Asked again and again: a client of its own for each time would read all that certificates are judged by.
_SALUD = httpx.Client(timeout=5, trust_env=False, limits=httpx.Limits(max_keepalive_connections=0))


class Api(Proceso):
    """`carpeta`: of all of them, for their keys are the same."""

    def __init__(self, carpeta: Path, puerto: int, uri: str, ajustes: Mapping[str, str] | None = None) -> None:
        self._carpeta = carpeta
        self.origen = f"http://127.0.0.1:{puerto}"
        self.registro = carpeta / f"api-{puerto}.log"
        self._entorno = {n: v for n, v in os.environ.items() if not n.upper().startswith("PARKNET_")} | {
            "PARKNET_DATA_DIR": str(carpeta / "datos"),
            "PARKNET_MONGODB_URI": uri,
            "PARKNET_PORT": str(puerto),
            "PARKNET_URL_PUBLICA": self.origen,
            "PARKNET_ADMIN_EMAIL": CORREO,
            "PARKNET_ADMIN_PASSWORD": CLAVE,
            **(ajustes or {}),
        }

    def arrancar(self) -> None:
        self._carpeta.mkdir(parents=True, exist_ok=True)
        with self.registro.open("ab") as registro:
            self._proceso = subprocess.Popen(  # noqa: S603 - this Python, our own program
                [sys.executable, str(RAIZ / "main.py")],
                cwd=self._carpeta,
                env=self._entorno,
                stdin=subprocess.DEVNULL,
                stdout=registro,
                stderr=registro,
                start_new_session=True,
            )

    def esperar(self) -> None:
        esperar(lambda: self._dice("ready"), f"la API (registro: {self.registro})", _PLAZO)

    def esperar_que_viva(self) -> None:
        """Until it has read its own code, and answers: it may have no database yet."""
        esperar(lambda: self._dice("live"), f"la API (registro: {self.registro})", _PLAZO)

    def _dice(self, que: str) -> bool:
        with suppress(httpx.TransportError):
            return _SALUD.get(f"{self.origen}/health/{que}").is_success
        return False


@contextmanager
def agrupadas(
    carpeta: Path, *, eleccion: int = 10_000, ajustes: Mapping[str, str] | None = None
) -> Iterator[tuple[Replicas, list[Api]]]:
    """All of it, ready. The first process makes the keys that the others read."""
    with Replicas(carpeta / "base", eleccion=eleccion) as replicas:
        apis = [Api(carpeta, puerto, replicas.uri, ajustes) for puerto in puertos_libres(CUANTAS)]
        try:
            for api in apis:
                api.arrancar()
                api.esperar()
            yield replicas, apis
        finally:
            for api in apis:
                api.parar()
