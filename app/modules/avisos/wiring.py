"""Builds the module's services from what others hand it."""

from collections.abc import Awaitable, Callable, Sequence

import attrs

from app.core.builder import Armador
from app.core.config import Settings
from app.core.sealing import Sello
from app.database.unit_of_work import UnitOfWork
from app.modules.avisos.envios.correo import Cartero, Servidor
from app.modules.avisos.envios.reparto import RepartoService
from app.modules.avisos.envios.service import EnvioService
from app.modules.avisos.ports import Conjunto, Directorio
from app.modules.avisos.privacidad import CustodioDeAvisos, LimpiezaDeAvisos
from app.modules.avisos.public import AvisoService
from app.modules.avisos.redaccion import Redactor
from app.modules.avisos.service import BuzonService


@attrs.frozen(kw_only=True)
class EstadoDeAvisos:
    """What the endpoints of the module find in `request.state.avisos`."""

    buzon: BuzonService
    envios: EnvioService
    redactor: Redactor


@attrs.frozen(kw_only=True)
class Avisos:
    """`tareas` have a beat of their own: sending takes as long as the server of e-mail takes."""

    estado: EstadoDeAvisos
    tareas: Sequence[Callable[[], Awaitable[object]]]
    custodio: CustodioDeAvisos
    limpieza: LimpiezaDeAvisos


def montar_servicio(settings: Settings) -> AvisoService:
    """What other modules tell people with. Those modules are built before the rest of this one."""
    return Armador({Sello: _sobre(settings)}).hacer(AvisoService, por_correo=settings.smtp_host is not None)


def montar(*, settings: Settings, uow: UnitOfWork, directorio: Directorio, conjunto: Conjunto) -> Avisos:
    servidor = _servidor(settings)
    armador = Armador({UnitOfWork: uow, Sello: _sobre(settings), Directorio: directorio, Conjunto: conjunto})
    armador.hacer(Redactor, zona=settings.zona, url_publica=settings.url)
    reparto = armador.hacer(RepartoService, por_correo=servidor is not None)
    envio = armador.hacer(
        EnvioService,
        cartero=None if servidor is None else Cartero(servidor),
        intentos=settings.smtp_intentos,
        guarda=settings.guarda_de_correos,
        guarda_de_fallidos=settings.guarda_de_correos_fallidos,
    )
    return Avisos(
        estado=armador[EstadoDeAvisos],
        tareas=(reparto.repartir, envio.enviar),
        custodio=armador[CustodioDeAvisos],
        limpieza=armador.hacer(LimpiezaDeAvisos, guarda=settings.guarda_de_avisos),
    )


def _sobre(settings: Settings) -> Sello:
    return Sello(settings.clave("clave_pimienta"), "avisos", settings.anteriores("clave_pimienta"))


def _servidor(settings: Settings) -> Servidor | None:
    if settings.smtp_host is None or settings.smtp_from is None:
        return None
    clave = settings.smtp_password
    return Servidor(
        host=settings.smtp_host,
        puerto=settings.smtp_port,
        cifrado=settings.smtp_tls,
        usuario=settings.smtp_user,
        clave=None if clave is None else clave.get_secret_value(),
        remitente=settings.smtp_from,
        espera=settings.smtp_timeout,
    )
