"""Builds the module's services from what others hand it."""

from collections.abc import Awaitable, Callable, Sequence

import attrs

from app.core.config import Settings
from app.database.unit_of_work import UnitOfWork
from app.modules.auditoria.cadena import ClaveDeCadena
from app.modules.auditoria.ports import Publicadas
from app.modules.auditoria.public import BitacoraService, CabezaService, Lecturas
from app.modules.auditoria.repository import ApunteRepository, SelloRepository
from app.modules.auditoria.sellador import Sellador
from app.modules.auditoria.service import AuditoriaService


@attrs.frozen(kw_only=True)
class EstadoDeAuditoria:
    """What the endpoints of the module find in `request.state.auditoria`."""

    servicio: AuditoriaService


@attrs.frozen(kw_only=True)
class Auditoria:
    """`cada_poco` is done again and again while the process runs, `al_final` once when the process ends."""

    estado: EstadoDeAuditoria
    cada_poco: Sequence[Callable[[], Awaitable[object]]]
    al_final: Sequence[Callable[[], Awaitable[object]]]


def montar_bitacora(settings: Settings) -> BitacoraService:
    """What the unit of work and other modules tell. Those are built before the rest of this module."""
    return BitacoraService(apuntes=ApunteRepository(), clave=ClaveDeCadena(settings.clave("clave_auditoria")))


def montar_lecturas(settings: Settings) -> Lecturas:
    return Lecturas(apuntes=ApunteRepository(), zona=settings.zona)


def montar_cabeza() -> CabezaService:
    return CabezaService(sellos=SelloRepository())


def montar(*, settings: Settings, uow: UnitOfWork, publicadas: Publicadas, lecturas: Lecturas) -> Auditoria:
    clave = ClaveDeCadena(settings.clave("clave_auditoria"))
    apuntes, sellos = ApunteRepository(), SelloRepository()
    servicio = AuditoriaService(apuntes=apuntes, sellos=sellos, publicadas=publicadas, clave=clave)
    sellador = Sellador(apuntes=apuntes, sellos=sellos, clave=clave, uow=uow)
    cada_poco = (lecturas.volcar, sellador.sellar)
    return Auditoria(
        estado=EstadoDeAuditoria(servicio=servicio), cada_poco=cada_poco, al_final=(*cada_poco, sellador.soltar)
    )
