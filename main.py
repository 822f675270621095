"""`python main.py` starts the API; `python main.py --help` says what else it does."""

import gc

# Until all is imported: looking for cycles among modules and schemas was a quarter of a start.
gc.disable()

import asyncio
import contextlib
import logging
import os
import signal
import socket
import sys
import tempfile
from collections.abc import Sequence
from typing import Any

import uvicorn
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess

from app.commands import leer_orden
from app.core import tracing
from app.core.config import CLAVES, ConfigError, Settings, load_settings
from app.core.http.middleware import Conexion
from app.core.logging import configurar_registro, decir_por_que
from app.core.processes import asentar
from app.database.backup.archive import RespaldoError
from app.database.embedded import EmbeddedMongo
from app.database.errors import SinBase, es_caida
from app.database.refusals import EmbeddedMongoError
from app.main import create_app, preparar
from app.shared.exceptions import NoDisponible

log = logging.getLogger("parknet")


def main(argumentos: Sequence[str]) -> int:
    """Exit status: 2 with one line on standard error when a setting, or the database, does not let it start."""
    gc.freeze()
    gc.enable()
    # uvicorn ends by the signal that ended it. As an exception it lets go of the embedded server on its way out.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    orden, opciones = leer_orden(argumentos)
    try:
        settings = _ajustes()
        if orden is not None:
            return orden(settings, opciones)
        configurar_registro(es_caida, nivel=settings.log_nivel, en_json=settings.registro_en_json)
        for clave in CLAVES:
            settings.clave(clave)
        with contextlib.ExitStack() as pila:
            enchufes = [pila.enter_context(enchufe) for enchufe in _enchufes(settings)]
            if settings.workers > 1:
                # Each process writes what it counts into a file of its own, and any of them answers for all.
                carpeta = pila.enter_context(tempfile.TemporaryDirectory(prefix="parknet-metricas-"))
                os.environ["PROMETHEUS_MULTIPROC_DIR"] = carpeta
            if settings.mongodb_uri is None:
                # Held here too, the server outlives workers that come and go.
                pila.enter_context(EmbeddedMongo(settings.data_dir))
            # What can go wrong at a start goes wrong here, once, and is said in a line. A database that does not
            # answer may do so soon: for that the application waits, and answers meanwhile that it lives.
            with contextlib.suppress(SinBase, NoDisponible):
                asyncio.run(preparar(settings))
            if settings.workers == 1:
                _uno(settings, enchufes)
            else:
                _varios(settings, enchufes)
    except (ConfigError, EmbeddedMongoError, NoDisponible, RespaldoError, SinBase) as error:
        decir_por_que(error)
        return 2
    except KeyboardInterrupt:
        return 130
    return 0


def _ajustes() -> Settings:
    """Where traces go is judged with the settings that are ours. Raises ConfigError, a line for each that is wrong."""
    try:
        tracing.destino()
    except ConfigError as error:
        try:
            load_settings()
        except ConfigError as otros:
            raise ConfigError(f"{otros}\n{error}") from None
        raise
    return load_settings()


def _enchufes(settings: Settings) -> list[socket.socket]:
    """Bound, and not listening yet: a place that is taken is said before anything else is done. Raises ConfigError."""
    enchufes: list[socket.socket] = []
    try:
        for familia, tipo, protocolo, _, direccion in socket.getaddrinfo(
            settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        ):
            enchufes.append(socket.socket(familia, tipo, protocolo))
            enchufes[-1].setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if familia == socket.AF_INET6:
                enchufes[-1].setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            enchufes[-1].bind(direccion)
    except OSError as error:
        for enchufe in enchufes:
            enchufe.close()
        raise ConfigError(
            f"PARKNET_PORT: no se puede escuchar en {settings.host}:{settings.port}: {error.strerror}"
        ) from error
    for enchufe in enchufes:
        anfitrion, puerto = enchufe.getsockname()[:2]
        log.info("se escucha en http://%s:%d", f"[{anfitrion}]" if ":" in anfitrion else anfitrion, puerto)
    return enchufes


def _uno(settings: Settings, enchufes: list[socket.socket]) -> None:
    errores: list[Exception] = []

    def rendirse(error: Exception) -> None:
        errores.append(error)
        servidor.should_exit = True

    servidor = uvicorn.Server(_config(settings, create_app(settings, al_rendirse=rendirse)))
    asentar()
    try:
        servidor.run(enchufes)
    except SystemExit:  # a start that failed, or the signal that ended it
        if not errores:
            raise
    if errores:
        raise errores[0]
    if not servidor.started:
        sys.exit(STARTUP_FAILURE)


def _varios(settings: Settings, enchufes: list[socket.socket]) -> None:
    config = _config(settings, "app.main:create_worker", factory=True, workers=settings.workers)
    for enchufe in enchufes:
        enchufe.set_inheritable(True)
    supervisor = Multiprocess(config, enchufes)
    supervisor.run()
    if any(proceso.exitcode == STARTUP_FAILURE for proceso in supervisor.processes):
        raise ConfigError("un proceso de los que atienden no arrancó: su línea, más arriba, dice por qué")


def _config(settings: Settings, app: Any, **opciones: Any) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=Conexion,
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        # Calls that take longer are given up, so that it ends by itself before it is killed.
        timeout_graceful_shutdown=settings.gracia_segundos,
        # So long a worker may take to be ready, or to give a sign of life: on a busy machine a start takes its time.
        timeout_worker_healthcheck=90,
        **opciones,
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
