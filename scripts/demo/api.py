"""The API as a process of its own, and a client of it."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx

RAIZ = Path(__file__).resolve().parents[2]
A_LA_VEZ = 6
VECES = 10
PUERTO = 8000
LIMITE = 120.0  # seconds for the API to start or to stop: a slow disk, a busy machine
SENALES = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
T = TypeVar("T")
R = TypeVar("R")


class PasoFallido(Exception):
    """What went wrong, in one line."""


@contextlib.contextmanager
def sin_interrupciones() -> Iterator[None]:
    """Ctrl-C waits until the block is over: a process that was just started, or is being ended, is never lost."""
    llegadas: list[int] = []
    anteriores = {s: signal.signal(s, lambda numero, _: llegadas.append(numero)) for s in SENALES}
    try:
        yield
    finally:
        for numero, anterior in anteriores.items():
            signal.signal(numero, anterior)
    if llegadas:
        raise KeyboardInterrupt


class Servidor:
    """`with Servidor(carpeta, correo, clave) as servidor`: `python main.py` on the embedded database in `carpeta/bd`.

    It sees no PARKNET_ setting but these and `ajustes`, and no `.env`: its working folder is `carpeta`. It runs in a
    session of its own, so that Ctrl-C reaches it only through `__exit__`.
    """

    def __init__(
        self,
        carpeta: Path,
        *,
        correo: str,
        clave: str,
        puerto: int | None = None,
        ajustes: Mapping[str, str] | None = None,
    ) -> None:
        self._carpeta = carpeta
        self.puerto = puerto_libre() if puerto is None else puerto
        self.origen = f"http://127.0.0.1:{self.puerto}"
        self._ajustes = {
            "PARKNET_DATA_DIR": str(carpeta.resolve() / "bd"),
            "PARKNET_PORT": str(self.puerto),
            "PARKNET_URL_PUBLICA": self.origen,
            # Everybody in the complex signs in at once, from one address, and nobody guesses at their passwords.
            "PARKNET_CUOTAS": "0",
            "PARKNET_BCRYPT_COST": "4",
            "PARKNET_ADMIN_EMAIL": correo,
            "PARKNET_ADMIN_PASSWORD": clave,
            **(ajustes or {}),
        }
        self._proceso: subprocess.Popen[bytes] | None = None
        self._clientes = contextlib.ExitStack()

    @property
    def registro(self) -> Path:
        return self._carpeta / "api.log"

    @property
    def vive(self) -> bool:
        return self._proceso is not None and self._proceso.poll() is None

    def __enter__(self) -> Self:
        entorno = {n: v for n, v in os.environ.items() if not n.upper().startswith("PARKNET_")} | self._ajustes
        try:
            with sin_interrupciones(), self.registro.open("wb") as registro:
                self._proceso = subprocess.Popen(  # noqa: S603 - this Python, our own program
                    [sys.executable, str(RAIZ / "main.py")],
                    cwd=self._carpeta,
                    env=entorno,
                    stdin=subprocess.DEVNULL,
                    stdout=registro,
                    stderr=registro,
                    start_new_session=True,
                )
            self._esperar()
        except BaseException:
            self.parar()
            raise
        return self

    def __exit__(
        self, tipo: type[BaseException] | None, error: BaseException | None, traza: TracebackType | None
    ) -> None:
        self.parar()

    def cliente(self) -> "Cliente":
        """One more client, that is closed with the server."""
        http = httpx.Client(base_url=f"{self.origen}/api/v1", timeout=60, trust_env=False)
        return Cliente(self._clientes.enter_context(http))

    def parar(self) -> None:
        """SIGTERM, on which it stops its database too; SIGKILL if it does not end."""
        self._clientes.close()
        proceso = self._proceso
        if proceso is None or proceso.poll() is not None:
            return
        with contextlib.suppress(KeyboardInterrupt), sin_interrupciones():
            proceso.terminate()
            try:
                proceso.wait(LIMITE)
            except subprocess.TimeoutExpired:
                proceso.kill()
                proceso.wait()

    def motivo(self) -> str:
        """Why it ended: the last error in its log, or else its last line."""
        lineas = [linea for linea in self.registro.read_text(errors="replace").splitlines() if linea.strip()]
        errores = [linea for linea in lineas if " ERROR " in linea or linea.startswith("parknet: ")]
        return (errores or lineas or ["sin explicación"])[-1].removeprefix("parknet: ")

    def _esperar(self) -> None:
        limite = time.monotonic() + LIMITE
        while self.vive and time.monotonic() < limite:
            # Before it says that it listens, another program may be answering there.
            if "se escucha en" in self.registro.read_text(errors="replace"):
                with contextlib.suppress(httpx.TransportError):
                    if httpx.get(f"{self.origen}/health/ready", timeout=5, trust_env=False).is_success and self.vive:
                        return
            time.sleep(0.05)
        raise PasoFallido(f"la API no arrancó: {self.motivo()} (registro: {self.registro})")


def puerto_libre() -> int:
    """8000, or another when that is taken."""
    for puerto in (PUERTO, 0):
        with socket.socket() as enchufe, contextlib.suppress(OSError):
            enchufe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            enchufe.bind(("127.0.0.1", puerto))
            return int(enchufe.getsockname()[1])
    raise PasoFallido("no hay ningún puerto libre en 127.0.0.1")


class Cliente:
    """Somebody who is signed in, or nobody. An answer that was not expected is a PasoFallido with `codigo` and
    `detail`."""

    def __init__(self, http: httpx.Client) -> None:
        self._http = http

    def entrar(self, usuario: str, clave: str) -> Self:
        token = self.pedir("POST", "/auth/login", data={"username": usuario, "password": clave})["access_token"]
        self._http.headers["Authorization"] = f"Bearer {token}"
        return self

    def pedir(self, metodo: str, ruta: str, **opciones: Any) -> Any:
        respuesta = self._enviar(metodo, ruta, **opciones)
        if not respuesta.is_success:
            problema = _problema(respuesta)
            raise PasoFallido(
                f"{metodo} {ruta}: {respuesta.status_code} {problema['codigo']}: {problema['detail']}"
                + "".join(f" [{e['campo']}: {e['mensaje']}]" for e in problema.get("errores", ()))
            )
        return respuesta.json() if respuesta.headers.get("content-type") == "application/json" else respuesta.content

    def negado(self, metodo: str, ruta: str, codigo: str, **opciones: Any) -> str:
        """Ask for what must be refused for `codigo`; the refusal, as it is told."""
        respuesta = self._enviar(metodo, ruta, **opciones)
        problema = {} if respuesta.is_success else _problema(respuesta)
        if problema.get("codigo") != codigo:
            raise PasoFallido(
                f"{metodo} {ruta}: se esperaba {codigo} y fue {respuesta.status_code} {problema.get('codigo', '')}"
            )
        return f"{respuesta.status_code} {codigo}: {problema['detail']}"

    def listar(self, ruta: str, **parametros: Any) -> Iterator[Any]:
        """Every item of a list, page after page."""
        pedido: dict[str, Any] = {"limite": 200, **parametros}
        while True:
            pagina = self.pedir("GET", ruta, params=pedido)
            yield from pagina["items"]
            if pagina["siguiente"] is None:
                return
            pedido["cursor"] = pagina["siguiente"]

    def _enviar(self, metodo: str, ruta: str, **opciones: Any) -> httpx.Response:
        """What could not be done for now is asked for again, when the answer says so."""
        for _ in range(VECES):
            try:
                respuesta = self._http.request(metodo, ruta, **opciones)
            except httpx.TransportError as error:
                raise PasoFallido(f"{metodo} {ruta}: la API no contesta ({type(error).__name__})") from error
            if respuesta.status_code != 503 or _problema(respuesta)["codigo"] != "no_disponible_ahora":
                return respuesta
            time.sleep(float(respuesta.headers.get("Retry-After", "1")))
        return respuesta


def _problema(respuesta: httpx.Response) -> dict[str, Any]:
    if respuesta.headers.get("content-type", "").startswith("application/problem+json"):
        return dict(respuesta.json())
    return {"codigo": "", "detail": respuesta.text[:200]}


def a_la_vez(hacer: Callable[[T], R], cosas: Iterable[T]) -> list[R]:
    """`hacer` of each, a few at a time, in their order."""
    with ThreadPoolExecutor(A_LA_VEZ) as pool:
        return list(pool.map(hacer, cosas))
