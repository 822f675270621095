"""Builds the module's services from what others hand it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.core.config import Settings
from app.core.jobs.contract import Bitacora
from app.core.jobs.files import ArchivoService
from app.core.jobs.repository import PiezaRepository, RechazoRepository, TrabajoRepository
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
    trabajos, rechazos = TrabajoRepository(), RechazoRepository()
    clave, anteriores = settings.clave("clave_pimienta"), settings.anteriores("clave_pimienta")
    archivos = ArchivoService(PiezaRepository(), clave, anteriores, vida=settings.guarda_de_archivos)
    precinto = Precinto(settings.clave("clave_auditoria"), "trabajos", settings.anteriores("clave_auditoria"))
    marcas = Marcas(precinto=precinto, trabajos=trabajos, bitacora=bitacora, uow=uow)
    trabajador = Trabajador(
        trabajos=trabajos,
        rechazos=rechazos,
        archivos=archivos,
        marcas=marcas,
        parada=parada,
        sondeo=settings.latido_segundos or SIN_LATIDO,
        a_la_vez=settings.trabajos_a_la_vez,
        guarda=settings.guarda_de_trabajos,
    )
    servicio = TrabajoService(
        trabajos=trabajos,
        rechazos=rechazos,
        archivos=archivos,
        parada=parada,
        uow=uow,
        marcas=marcas,
        al_encolar=trabajador.despertar,
        guarda=settings.guarda_de_trabajos,
    )
    return Trabajos(estado={"trabajos": servicio}, cola=servicio, archivos=archivos, trabajador=trabajador)
