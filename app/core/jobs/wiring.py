"""Builds the module's services from what others hand it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.core.builder import Armador
from app.core.config import Settings
from app.core.jobs.contract import Bitacora
from app.core.jobs.files import ArchivoService
from app.core.jobs.service import Marcas, TrabajoService
from app.core.jobs.worker import Trabajador
from app.core.sealing import Precinto
from app.core.shutdown import Parada
from app.database.unit_of_work import UnitOfWork

SIN_LATIDO = 5.0
"""Seconds between two looks for jobs where nothing happens by itself: a job does not, somebody was told that it will be
done, and its process may have died."""


@dataclass(frozen=True, slots=True)
class Trabajos:
    """`estado`: what its endpoints find in `request.state`. `cola` and `archivos`: for other modules. `trabajador`: for
    who runs the process, once it was told who does what."""

    estado: Mapping[str, Any]
    cola: TrabajoService
    archivos: ArchivoService
    trabajador: Trabajador


def montar(*, settings: Settings, uow: UnitOfWork, parada: Parada, bitacora: Bitacora) -> Trabajos:
    armador, guarda = Armador({UnitOfWork: uow, Parada: parada, Bitacora: bitacora}), settings.guarda_de_trabajos
    clave, anteriores = settings.clave("clave_pimienta"), settings.anteriores("clave_pimienta")
    archivos = armador.hacer(ArchivoService, clave=clave, anteriores=anteriores, vida=settings.guarda_de_archivos)
    precinto = Precinto(settings.clave("clave_auditoria"), "trabajos", settings.anteriores("clave_auditoria"))
    armador.hacer(Marcas, precinto=precinto)
    sondeo, a_la_vez = settings.latido_segundos or SIN_LATIDO, settings.trabajos_a_la_vez
    trabajador = armador.hacer(Trabajador, sondeo=sondeo, a_la_vez=a_la_vez, guarda=guarda)
    servicio = armador.hacer(TrabajoService, al_encolar=trabajador.despertar, guarda=guarda)
    return Trabajos(estado={"trabajos": servicio}, cola=servicio, archivos=archivos, trabajador=trabajador)
