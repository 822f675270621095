"""Builds the module's services from what others hand it."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial

import attrs

from app.core.config import Settings
from app.database.unit_of_work import UnitOfWork
from app.modules.auditoria.cadena import ClaveDeCadena
from app.modules.auditoria.escribano import Escribano
from app.modules.auditoria.ports import Publicadas
from app.modules.auditoria.public import BitacoraService, Lecturas
from app.modules.auditoria.relatos.service import RelatoService
from app.modules.auditoria.repository import ApunteRepository, SelloRepository
from app.modules.auditoria.sellador import Sellador
from app.modules.auditoria.service import AuditoriaService
from app.modules.auditoria.vigia import Vigia


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
    clave = ClaveDeCadena(settings.clave("clave_auditoria"))
    anteriores = [ClaveDeCadena(secreto) for secreto in settings.anteriores("clave_auditoria")]
    return hacer_bitacora(clave, anteriores)


def hacer_bitacora(clave: ClaveDeCadena, anteriores: Sequence[ClaveDeCadena] = ()) -> BitacoraService:
    """`anteriores`: what was told before the key was replaced is signed under them."""
    apuntes, claves = ApunteRepository(), (clave, *anteriores)
    return BitacoraService(
        escribano=Escribano(apuntes=apuntes, clave=clave, anteriores=anteriores),
        clave=clave,
        relatos=RelatoService(apuntes=apuntes, sellos=SelloRepository(), claves=claves),
    )


def montar(
    *, settings: Settings, uow: UnitOfWork, publicadas: Publicadas, lecturas: Lecturas, bitacora: BitacoraService
) -> Auditoria:
    clave = ClaveDeCadena(settings.clave("clave_auditoria"))
    anteriores = [ClaveDeCadena(secreto) for secreto in settings.anteriores("clave_auditoria")]
    apuntes, sellos = ApunteRepository(), SelloRepository()
    servicio = AuditoriaService(
        apuntes=apuntes, sellos=sellos, publicadas=publicadas, clave=clave, anteriores=anteriores
    )
    sellador = Sellador(apuntes=apuntes, sellos=sellos, clave=clave, anteriores=anteriores, uow=uow)
    vigia = Vigia(apuntes=apuntes, sellos=sellos, escribano=bitacora.escribano, clave=clave)
    insistir = partial(bitacora.escribano.insistir, por_ultima_vez=True)
    return Auditoria(
        estado=EstadoDeAuditoria(servicio=servicio),
        cada_poco=(lecturas.volcar, sellador.sellar, vigia.vigilar, bitacora.escribano.insistir),
        # What the last look denounces is sealed too.
        al_final=(lecturas.volcar, insistir, sellador.sellar, vigia.despedirse, sellador.sellar, sellador.soltar),
    )
