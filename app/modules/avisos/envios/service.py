"""The outbox: e-mails leave it once, or, where nobody knows whether they did, again.

Workers of several processes share it. Who takes an e-mail has a lease on it and a `ficha` without which nothing of it
can be written. Before the first byte of the message it is marked `entregando`, if it still is in the same hand; after
the server's answer, `enviado`. What breaks before the mark is tried again later; so is what breaks after it without an
answer (`sin_respuesta`), under the same Message-ID: a deadline may run from it, and twice is better than never. One
that ends so each time is `incierto`, and only a person sends it again.
"""

import asyncio
import json
import logging
import random
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

import attrs
from beanie import PydanticObjectId

from app.core.clock import ahora
from app.core.sealing import Sello
from app.database.unit_of_work import UnitOfWork, una_transaccion
from app.modules.avisos.envios.correo import (
    Cartero,
    DireccionNoAdmitida,
    Incierto,
    Rechazo,
    Sesion,
    SinConexion,
    componer,
    direccion_smtp,
)
from app.modules.avisos.exceptions import EnvioNoReintentable
from app.modules.avisos.models import Envio, EstadoEnvio
from app.modules.avisos.ports import Conjunto, Directorio
from app.modules.avisos.redaccion import Redactor
from app.modules.avisos.repository import AvisoRepository, EnvioRepository
from app.modules.avisos.tipos import TIPOS
from app.shared.exceptions import hallado
from app.shared.messages import Idioma
from app.shared.pagination import Page, PageQuery

log = logging.getLogger(__name__)

POR_CONEXION = 100
"""Messages over one connection: servers hang up on who never does."""
_PRIMERA_ESPERA, _MAYOR_ESPERA = timedelta(seconds=30), timedelta(hours=6)
_HABLADO = (EstadoEnvio.entregando, EstadoEnvio.pendiente, EstadoEnvio.incierto)
"""Where one may stand whose answer came late: others may have given it up, as long as none has it in hand."""
_SIN_RESPUESTA = "sin_respuesta"


class _Colgado(SinConexion):
    """The connection is no more, and of the message in hand it is written down."""


@dataclass(frozen=True, slots=True)
class _Destino:
    para: str
    idioma: Idioma
    datos: Mapping[str, Any]
    con_cuenta: bool = True


@attrs.define(kw_only=True)
class EnvioService:
    """`cartero` is None where there is no server: then there is nothing to send. `intentos`: tries until it is dead.
    `guarda`, `guarda_de_fallidos`: how long one is kept that was sent or has expired, and one that did not arrive."""

    _envios: EnvioRepository
    _avisos: AvisoRepository
    _directorio: Directorio
    _conjunto: Conjunto
    _redactor: Redactor
    _sobre: Sello
    _cartero: Cartero | None
    _intentos: int
    _guarda: timedelta
    _guarda_de_fallidos: timedelta
    _uow: UnitOfWork

    async def listar(self, *, estados: Collection[EstadoEnvio] | None, consulta: PageQuery) -> Page[Envio]:
        return await self._envios.listar(estados=estados, consulta=consulta)

    @una_transaccion
    async def reintentar(self, id: PydanticObjectId) -> Envio:
        """Send one that is dead or uncertain, after all. Raises NoEncontrado, EnvioNoReintentable."""
        envio = hallado(await self._envios.get(id))
        # A link is not given another life: what it opens has its own term.
        caduca_en = envio.caduca_en if envio.aviso_id is None else ahora() + TIPOS[envio.tipo].vida
        return hallado(
            await self._envios.reintentar(id, cuando=ahora(), caduca_en=caduca_en), si_no=EnvioNoReintentable
        )

    async def enviar(self) -> None:
        """Send all that is due. Stops for now when the server is not there."""
        if self._cartero is None:
            return
        cuando = ahora()
        cuantos = await self._envios.recoger(
            cuando=cuando,
            proximo_en=cuando + _PRIMERA_ESPERA,
            intentos=self._intentos,
            error=_SIN_RESPUESTA,
            borrar_en=cuando + self._guarda_de_fallidos,
        )
        if cuantos:
            log.warning("vuelven a salir %d envíos: quien los entregaba no volvió", cuantos)
        await self._envios.caducar(cuando=cuando, borrar_en=cuando + self._guarda)
        while (envio := await self._tomar(self._cartero)) is not None:
            if not await self._por_una_conexion(self._cartero, envio):
                return

    async def _por_una_conexion(self, cartero: Cartero, primero: Envio) -> bool:
        """Whether the connection served to the end. When it did not, the e-mail in hand is put off."""
        envio: Envio | None = primero
        try:
            async with cartero.abrir() as sesion:
                for _ in range(POR_CONEXION):
                    if envio is None:
                        break
                    await self._despachar(envio, sesion, cartero)
                    envio = await self._tomar(cartero)
                else:
                    if envio is not None:
                        await self._soltar(envio)
        except _Colgado:
            return False
        except SinConexion as fallo:
            log.warning("el servidor de correo no atiende: %s", fallo.codigo or fallo.__cause__ or "se cortó")
            if envio is not None:
                await self._aplazar(envio, de=EstadoEnvio.pendiente, codigo=fallo.codigo, error="sin_conexion")
            return False
        return True

    async def _despachar(self, envio: Envio, sesion: Sesion, cartero: Cartero) -> None:
        """Raises SinConexion while it is certain that the server does not have it."""
        destino = await self._destino(envio)
        if destino is None:
            return
        try:
            para = direccion_smtp(destino.para)
        except DireccionNoAdmitida:
            await self._enterrar(envio, de=(EstadoEnvio.pendiente,), codigo=None, error="direccion_no_admitida")
            return
        oficina = None if destino.con_cuenta else await self._conjunto.ver()
        carta = self._redactor.carta(envio.tipo, destino.idioma, destino.datos, oficina)
        mensaje = componer(
            carta,
            id=envio.oid,
            para=para,
            idioma=destino.idioma,
            creado_en=envio.creado_en,
            servidor=cartero.servidor,
        )
        try:
            await sesion.presentar(para)
        except Rechazo as rechazo:
            await self._rechazado(envio, (EstadoEnvio.pendiente,), rechazo)
            await sesion.olvidar()
            return
        entregando = await self._mover(
            envio, (EstadoEnvio.pendiente,), EstadoEnvio.entregando, proximo_en=ahora() + self._plazo(cartero)
        )
        if entregando is None:
            await sesion.olvidar()  # it is in another's hands
            return
        await _hasta_el_final(self._entregar(entregando, sesion, mensaje))

    async def _entregar(self, envio: Envio, sesion: Sesion, mensaje: bytes) -> None:
        try:
            await sesion.entregar(mensaje)
        except Rechazo as rechazo:
            await self._rechazado(envio, _HABLADO, rechazo)
        except Incierto:
            log.warning("el envío %s vuelve a salir: el servidor no respondió", envio.oid)
            await self._aplazar(envio, de=EstadoEnvio.entregando, codigo=None, error=_SIN_RESPUESTA)
            raise _Colgado from None
        else:
            await self._terminar(envio, _HABLADO, EstadoEnvio.enviado)

    async def _destino(self, envio: Envio) -> _Destino | None:
        """To whom and with what, as of now; None for one that is going nowhere, and then it says why."""
        if envio.aviso_id is None:
            abierto = None if envio.sellado is None else self._sobre.abrir_texto(envio.sellado, de=envio.oid)
            if abierto is None:
                await self._enterrar(envio, de=(EstadoEnvio.pendiente,), codigo=None, error="ilegible")
                return None
            carta = json.loads(abierto)
            return _Destino(para=carta["para"], idioma=carta["idioma"], datos=carta["datos"])
        aviso = await self._avisos.get(envio.aviso_id)
        contacto = None if aviso is None else await self._directorio.contacto(destinatario=aviso.destinatario)
        if aviso is None or contacto is None or contacto.email is None:
            await self._terminar(envio, (EstadoEnvio.pendiente,), EstadoEnvio.sin_direccion)
            return None
        return _Destino(para=contacto.email, idioma=contacto.idioma, datos=aviso.datos, con_cuenta=contacto.con_cuenta)

    async def _tomar(self, cartero: Cartero) -> Envio | None:
        cuando = ahora()
        return await self._envios.tomar(ficha=uuid4().hex, cuando=cuando, hasta=cuando + self._plazo(cartero))

    def _plazo(self, cartero: Cartero) -> timedelta:
        """Longer than the answers to a message can take. Were it not, nothing would be sent twice, only left uncertain
        until the answer comes."""
        return timedelta(seconds=2 * cartero.servidor.espera + 30)

    async def _rechazado(self, envio: Envio, de: tuple[EstadoEnvio, ...], rechazo: Rechazo) -> None:
        if rechazo.definitivo:
            await self._enterrar(envio, de=de, codigo=rechazo.codigo, error="rechazado")
        else:
            await self._aplazar(envio, de=envio.estado, codigo=rechazo.codigo, error="rechazado")

    async def _aplazar(self, envio: Envio, *, de: EstadoEnvio, codigo: int | None, error: str) -> None:
        """Try again later, or not any more."""
        intentos = envio.intentos + 1
        desde = _HABLADO if de is EstadoEnvio.entregando else (de,)
        if intentos >= self._intentos and error == _SIN_RESPUESTA:
            log.error("el envío %s queda incierto: el servidor no respondió nunca", envio.oid)
            borrar_en = ahora() + self._guarda_de_fallidos
            await self._mover(
                envio,
                desde,
                EstadoEnvio.incierto,
                intentos=intentos,
                error=error,
                codigo_smtp=None,
                borrar_en=borrar_en,
            )
            return
        if intentos >= self._intentos:
            await self._enterrar(envio, de=desde, codigo=codigo, error=error)
            return
        await self._mover(
            envio,
            desde,
            EstadoEnvio.pendiente,
            intentos=intentos,
            proximo_en=ahora() + _espera(intentos),
            ficha=None,
            codigo_smtp=codigo,
            error=error,
            borrar_en=None,
        )

    async def _soltar(self, envio: Envio) -> None:
        await self._mover(envio, (EstadoEnvio.pendiente,), EstadoEnvio.pendiente, proximo_en=ahora(), ficha=None)

    async def _enterrar(self, envio: Envio, *, de: tuple[EstadoEnvio, ...], codigo: int | None, error: str) -> None:
        log.error("el envío %s queda muerto: %s %s", envio.oid, error, codigo or "")
        await self._mover(
            envio,
            de,
            EstadoEnvio.muerto,
            intentos=envio.intentos + 1,
            codigo_smtp=codigo,
            error=error,
            sellado=None,
            borrar_en=ahora() + self._guarda_de_fallidos,
        )

    async def _terminar(self, envio: Envio, de: tuple[EstadoEnvio, ...], a: EstadoEnvio) -> None:
        await self._mover(envio, de, a, codigo_smtp=None, error=None, sellado=None, borrar_en=ahora() + self._guarda)

    async def _mover(self, envio: Envio, de: tuple[EstadoEnvio, ...], a: EstadoEnvio, **cambios: Any) -> Envio | None:
        movido = await self._envios.mover(envio, de=de, a=a, cuando=ahora(), cambios=cambios)
        if movido is None:
            log.warning("el envío %s pasó a otras manos", envio.oid)
        return movido


async def _hasta_el_final(entrega: Any) -> None:
    """A process told to stop in the middle of a message waits for the answer, which cannot be long: only one that is
    killed leaves it uncertain."""
    tarea = asyncio.ensure_future(entrega)
    try:
        await asyncio.shield(tarea)
    except asyncio.CancelledError:
        await asyncio.wait([tarea])
        raise


def _espera(intentos: int) -> timedelta:
    """Twice as long each time, and not all at the same moment."""
    tope = min(_MAYOR_ESPERA, _PRIMERA_ESPERA * 2.0 ** min(intentos - 1, 16))
    return tope * random.uniform(0.5, 1)  # noqa: S311
