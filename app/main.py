"""create_app(): lifespan, middleware, handlers, routers. Nothing else."""

import logging
import os
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

from fastapi import FastAPI
from uvicorn.config import STARTUP_FAILURE
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from app.core import tracing
from app.core.beat import Latido
from app.core.config import Settings, desconocidas, load_settings
from app.core.http.application import build_application
from app.core.http.health import router as salud
from app.core.http.health import ruta_de_metricas
from app.core.http.middleware import TrazasMiddleware
from app.core.http.problems import instalar_caidas
from app.core.jobs.described import describir
from app.core.logging import configurar_registro, decir_por_que
from app.core.openapi.words import documentar, leer
from app.core.processes import asentar
from app.core.quotas.repository import cuotas_de
from app.database.data import exigir_datos
from app.database.errors import DEL_CONTROLADOR, es_caida, traducir
from app.database.migrations.service import decir_marcadas
from app.database.mongodb import Database
from app.database.opening import Apertura
from app.database.presence import CADA_SEGUNDOS as CADA_LATIDO
from app.database.presence import Presencia
from app.modules.auditoria.sellador import CADA_SEGUNDOS
from app.wiring import build as wiring
from app.wiring.build import Servicios
from app.wiring.documents import DOCUMENTOS
from app.wiring.results import RESULTADOS

log = logging.getLogger("parknet")


@asynccontextmanager
async def abierto(ajustes: Settings, *, migrar: bool = True) -> AsyncIterator[tuple[Database, Servicios]]:
    """The database of this version with its indexes, the services over it, the first administrator, and nobody who was
    erased and came back with a copy of before."""
    antes = partial(exigir_datos, ajustes=ajustes, migrar=migrar)
    async with Database(ajustes, DOCUMENTOS, antes=antes, con_indices=migrar) as base:
        bitacora = wiring.montar_bitacora(ajustes)
        uow = base.unit_of_work(bitacora)
        servicios = wiring.build(ajustes, uow, cuotas_de(ajustes, base.client), bitacora)
        await decir_marcadas(
            base.client,
            ajustes,
            lambda tipo, datos: uow.run(partial(bitacora.suceso, tipo=tipo, datos=datos)),
        )
        clave = ajustes.admin_password
        await servicios.registro.asegurar_primer_admin(
            email=ajustes.admin_email, clave=None if clave is None else clave.get_secret_value()
        )
        await servicios.suprimir_de_nuevo()
        yield base, servicios


def _presente(presencia: Presencia, *, siempre: bool) -> Latido:
    return Latido([presencia.latir], CADA_LATIDO if siempre else 0, al_final=[presencia.irse] if siempre else ())


async def preparar(ajustes: Settings) -> None:
    """All that a start does at once, and nothing more. Raises ConfigError, and NoDisponible where the data has to be
    changed or indexed first: for that a process that answers already is better."""
    async with abierto(ajustes, migrar=False):
        pass


@asynccontextmanager
async def _en_marcha(ajustes: Settings) -> AsyncIterator[Mapping[str, Any]]:
    """All of it, with what happens by itself; what the endpoints find in `request.state`."""
    async with (
        abierto(ajustes) as (base, servicios),
        _presente(base.presencia(), siempre=ajustes.latido_segundos > 0),
        Latido(
            [*servicios.dichos, *servicios.auditoria.cada_poco],
            CADA_SEGUNDOS if ajustes.latido_segundos else 0,
            al_final=[*servicios.dichos, *servicios.auditoria.al_final],
        ),
        servicios.parada,
        servicios.trabajador,
        Latido(
            [
                servicios.tareas.atender,
                servicios.solicitudes.espera.vencer,
                servicios.solicitudes.aprobaciones.atender,
                *servicios.vigias,
                *servicios.recordatorios,
            ],
            ajustes.latido_segundos,
        ),
        # Beats of their own: no draw waits for a server of e-mail, for a count of everything, nor for what is erased.
        Latido(servicios.correo, ajustes.latido_segundos),
        Latido([servicios.cifras.renovar], ajustes.latido_segundos),
        Latido([servicios.limpieza.limpiar], ajustes.latido_segundos),
        Latido(servicios.analitica, ajustes.latido_de_analitica),
    ):
        yield {**servicios.estado, "base": base}


def create_worker() -> FastAPI:
    """For one of several processes: one that gives up ends with the status by which its parent ends the others."""

    def rendirse(error: Exception) -> None:
        decir_por_que(error)
        os._exit(STARTUP_FAILURE)

    app = create_app(al_rendirse=rendirse)
    asentar()
    return app


def create_app(
    settings: Settings | None = None, *, al_rendirse: Callable[[Exception], None] = lambda _: None
) -> FastAPI:
    """The whole application. Without `settings`, from the environment: raises ConfigError. `al_rendirse`: told why,
    when it began to answer and never came to have what it needs."""
    ajustes = settings or load_settings()
    configurar_registro(es_caida, nivel=ajustes.log_nivel, en_json=ajustes.registro_en_json)
    for nombre in desconocidas(os.environ):
        log.warning("%s no es un ajuste de ParkNet: no se tiene en cuenta", nombre)

    trazas = tracing.destino()

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[dict[str, Any]]:
        async with (
            tracing.trazando(trazas),
            Apertura(lambda: _en_marcha(ajustes), es_caida=es_caida, al_rendirse=al_rendirse) as apertura,
        ):
            yield {"apertura": apertura, **(apertura.estado or {})}

    palabras = leer()
    app = build_application(
        lifespan=lifespan,
        routers=wiring.ROUTERS,
        cors_origins=ajustes.cors_origins,
        zona=ajustes.zona,
        documentar=documentar(palabras, url_publica=ajustes.url, describir=partial(describir, resultados=RESULTADOS)),
        presentacion=palabras.presentacion,
        con_documentacion=ajustes.con_documentacion,
        hsts=ajustes.hsts,
        clave=ajustes.clave("jwt_secret"),
    )
    if trazas is not None:
        app.add_middleware(TrazasMiddleware)
    if ajustes.proxies:
        # The outermost: whoever looks at the address of a caller, looks at the one that a known proxy saw.
        app.add_middleware(ProxyHeadersMiddleware, trusted_hosts=ajustes.proxies)
    # A write, and a commit, have been given their names where they were made: what is left was reading.
    instalar_caidas(app, DEL_CONTROLADOR, partial(traducir, escribia=False))
    app.include_router(salud)
    token = ajustes.metrics_token
    app.router.routes.append(ruta_de_metricas(None if token is None else token.get_secret_value()))
    app.include_router(wiring.PAGINAS)
    return app
