"""Sessions: families of refresh tokens, and the caller for whom an access token stands."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import attrs
from beanie import PydanticObjectId

from app.core.clock import ahora
from app.core.security import DE_OFICINA, VIDA_ACCESO, FirmadorDeAcceso, Principal, Rol
from app.database.unit_of_work import UnitOfWork, una_transaccion
from app.modules.auth.exceptions import SesionAntigua, SesionInvalida
from app.modules.auth.models import FinDeSesion, Sesion, Usuario
from app.modules.auth.ports import Avisos, Bitacora
from app.modules.auth.repository import UsuarioRepository
from app.modules.auth.schemas import Token
from app.modules.auth.sesiones.cache import FRESCURA, CacheDeSesiones
from app.modules.auth.sesiones.conocidos import Marca
from app.modules.auth.sesiones.refresco import Refresco, sello_nuevo
from app.modules.auth.sesiones.repository import SesionRepository
from app.shared.exceptions import NoEncontrado, TokenInvalido, hallado
from app.shared.messages import Idioma
from app.shared.pagination import Page, PageQuery
from app.shared.transaction import al_confirmar

VIDA_DE_PERSONAL = timedelta(days=30)
VIDA_DE_RESIDENTE = timedelta(days=180)
GRACIA = timedelta(minutes=10)
"""How long a replaced token may come again: an outage may keep the answer from the holder for so long."""


@dataclass(frozen=True, slots=True)
class Origen:
    """Where a call comes from, as the holder of the account sees it in the list of sessions. `idioma`: the language of
    the call, if the call names one. `marca`: the device, if somebody has signed in from it."""

    dispositivo: str
    direccion: str
    idioma: Idioma | None = None
    marca: Marca | None = None


RECIENTE = timedelta(minutes=15)
"""How long after signing in an account may be given a second factor."""


@attrs.define(kw_only=True)
class SesionService:
    """Begins, renews, shows and ends sessions. This service is the application's `Autenticador` of sessions.

    `mfa_obligatorio`: staff without a second factor may set one up and do nothing else.
    """

    _sesiones: SesionRepository
    _usuarios: UsuarioRepository
    _firmador: FirmadorDeAcceso
    _cache: CacheDeSesiones
    _avisos: Avisos
    _bitacora: Bitacora
    _uow: UnitOfWork
    _mfa_obligatorio: bool = False
    # Of each session that is being looked up, with the mark of the cache at its beginning: since when.
    _busquedas: dict[tuple[PydanticObjectId, int], tuple[datetime, asyncio.Task[Principal | None]]] = attrs.field(
        factory=dict, init=False
    )

    async def abrir(self, usuario: Usuario, origen: Origen) -> Token:
        """Begin a session of `usuario`, who is told of a device that no earlier session shows."""
        cuando, sesion_id, sello = ahora(), PydanticObjectId(), sello_nuevo()
        refresco = Refresco.nuevo(sesion_id=sesion_id, sello=sello)
        sesion = Sesion(
            id=sesion_id,
            usuario_id=usuario.oid,
            sello=sello,
            actual=refresco.huella,
            dispositivo=origen.dispositivo,
            direccion=origen.direccion,
            creado_en=cuando,
            ultimo_uso=cuando,
            expira_en=cuando + _vida(usuario.rol),
        )
        es_la_primera = usuario.ultimo_acceso is None
        if not es_la_primera and not await self._sesiones.conoce(usuario.oid, dispositivo=origen.dispositivo):
            await self._avisar("sesion_nueva", sesion)
        await self._sesiones.insert(sesion)
        return self._token(usuario, sesion, refresco, cuando)

    async def renovar(self, token: str, origen: Origen) -> Token:
        """Return the next tokens of the session. Raises SesionInvalida.

        A token that was used before ends the whole session: either the holder or a thief has the later token, and
        nobody can tell which. One token is excepted: the token that was just replaced may come again for ten minutes,
        from the device that it was replaced from, while its successor was not used. That happens when an answer got
        lost, or when two tabs asked at once. The answer is then the same successor.
        """
        presentado = hallado(Refresco.leer(token), si_no=SesionInvalida)
        cuando = ahora()
        sesion = await self._viva(presentado, cuando)
        usuario = await self._usuarios.get(sesion.usuario_id)
        if usuario is None or not usuario.puede_entrar:
            raise SesionInvalida
        if sesion.actual == presentado.huella:
            sucesor = Refresco.nuevo(sesion_id=presentado.sesion_id, sello=sesion.sello)
            cambios: dict[str, Any] = {
                "actual": sucesor.huella,
                "sucesor": presentado.sellar(sucesor),
                "expira_en": cuando + _vida(usuario.rol),
                "dispositivo": origen.dispositivo,
                "direccion": origen.direccion,
            }
            rotada = await self._sesiones.rotar(sesion, cuando=cuando, cambios=cambios)
            if rotada is not None:
                return self._token(usuario, rotada, sucesor, cuando)
            sesion = await self._viva(presentado, cuando)
        repetido = self._sucesor(presentado, sesion, origen, cuando)
        if repetido is None:
            await self._terminar_por_reuso(sesion)
            raise SesionInvalida
        return self._token(usuario, sesion, repetido, cuando)

    async def listar(self, *, consulta: PageQuery, quien: Principal) -> Page[Sesion]:
        """The sessions of the caller that have not ended, the one used last first."""
        return await self._sesiones.vivas(quien.usuario_id, cuando=ahora(), consulta=consulta)

    async def salir(self, quien: Principal) -> None:
        """End the session of the caller. Nothing happens when the session ended meanwhile."""
        if quien.sesion_id is not None:
            await self._cerrar(quien.sesion_id, FinDeSesion.salida, quien)

    async def cerrar(self, sesion_id: PydanticObjectId, *, quien: Principal) -> None:
        """End one session of the caller. Raises NoEncontrado, also for a session of another account."""
        if not await self._cerrar(sesion_id, FinDeSesion.cerrada, quien):
            raise NoEncontrado

    @una_transaccion
    async def cerrar_las_demas(self, *, quien: Principal) -> None:
        await self.terminar_todas(quien.usuario_id, motivo=FinDeSesion.cerrada, excepto=quien.sesion_id)
        await self._bitacora.suceso(tipo="salida", usuario_id=quien.usuario_id)

    async def terminar_todas(
        self, usuario_id: PydanticObjectId, *, motivo: FinDeSesion, excepto: PydanticObjectId | None = None
    ) -> None:
        """End the sessions of an account, in the transaction in course. Access tokens of those sessions end at once in
        this process, and within five seconds in others."""
        await self._sesiones.terminar_todas(usuario_id, motivo=motivo, cuando=ahora(), excepto=excepto)
        self.olvidar(usuario_id)

    def olvidar(self, usuario_id: PydanticObjectId) -> None:
        """Forget what the cache keeps of an account that changes in the transaction in course."""
        al_confirmar(lambda: self._cache.olvidar_a(usuario_id))

    async def autenticar(self, token: str) -> Principal:
        """The caller of an access token, as the database had role and account at most five seconds ago. Raises
        TokenInvalido."""
        reclamos = self._firmador.leer(token)
        quien = self._cache.leer(reclamos.sesion_id, cuando=ahora())
        if quien is None:
            quien = await self._buscar_con_otros(reclamos.sesion_id)
        # When the roles differ, the one that was read may be older than the role of the token.
        if quien is not None and quien.rol is not reclamos.rol:
            quien = await self._buscar(reclamos.sesion_id)
        if quien is None or quien.usuario_id != reclamos.usuario_id or quien.rol is not reclamos.rol:
            raise TokenInvalido
        return quien

    async def _buscar_con_otros(self, sesion_id: PydanticObjectId) -> Principal | None:
        """A page makes many calls at once: one of them looks the session up, and the others wait for it. Nobody waits
        for a look-up that began before the session was forgotten, or too long ago. A call that goes away meanwhile ends
        nobody's look-up."""
        cual, cuando = (sesion_id, self._cache.marca), ahora()
        desde, busqueda = self._busquedas.get(cual, (None, None))
        if desde is None or busqueda is None or not timedelta(0) <= cuando - desde < FRESCURA:
            busqueda = asyncio.create_task(self._buscar(sesion_id))
            propia = self._busquedas[cual] = cuando, busqueda
            busqueda.add_done_callback(lambda _: self._busquedas.get(cual) is propia and self._busquedas.pop(cual))
        return await asyncio.shield(busqueda)

    async def _buscar(self, sesion_id: PydanticObjectId) -> Principal | None:
        cuando, marca = ahora(), self._cache.marca
        sesion = await self._sesiones.get(sesion_id)
        if sesion is None or not sesion.vive(cuando):
            return None
        usuario = await self._usuarios.get(sesion.usuario_id)
        if usuario is None or not usuario.puede_entrar:
            return None
        quien = Principal(
            usuario_id=usuario.oid,
            rol=usuario.rol,
            sesion_id=sesion_id,
            residente_id=usuario.residente_vigente,
            vinculo_id=usuario.residente_id,
            falta_mfa=self._mfa_obligatorio and usuario.rol in DE_OFICINA and not usuario.mfa,
        )
        self._cache.guardar(sesion_id, quien, leido_en=cuando, marca=marca)
        return quien

    async def _viva(self, presentado: Refresco, cuando: datetime) -> Sesion:
        """The living session that gave the token out. Raises SesionInvalida."""
        sesion = await self._sesiones.get(presentado.sesion_id)
        if sesion is None or not presentado.es_de(sesion.sello) or not sesion.vive(cuando):
            raise SesionInvalida
        return sesion

    def _sucesor(self, presentado: Refresco, sesion: Sesion, origen: Origen, cuando: datetime) -> Refresco | None:
        if sesion.anterior != presentado.huella or sesion.sucesor is None or sesion.rotado_en is None:
            return None
        if cuando - sesion.rotado_en > GRACIA or sesion.dispositivo != origen.dispositivo:
            return None
        return presentado.abrir(sesion.sucesor, sello=sesion.sello)

    @una_transaccion
    async def _cerrar(self, sesion_id: PydanticObjectId, motivo: FinDeSesion, quien: Principal) -> bool:
        al_confirmar(lambda: self._cache.olvidar(sesion_id))
        cerrada = await self._sesiones.cerrar(sesion_id, usuario_id=quien.usuario_id, motivo=motivo, cuando=ahora())
        if cerrada:
            await self._bitacora.suceso(tipo="salida", usuario_id=quien.usuario_id)
        return cerrada

    async def exigir_reciente(self, quien: Principal) -> None:
        """Raises SesionAntigua for a session that began too long ago: whoever found a session open, or took one, may
        not know the password."""
        sesion = None if quien.sesion_id is None else await self._sesiones.get(quien.sesion_id)
        if sesion is None or ahora() - sesion.creado_en > RECIENTE:
            raise SesionAntigua

    @una_transaccion
    async def _terminar_por_reuso(self, sesion: Sesion) -> None:
        """End the session. Of many calls at once, one tells the holder."""
        al_confirmar(lambda: self._cache.olvidar(sesion.oid))
        if await self._sesiones.terminar(sesion.oid, motivo=FinDeSesion.reuso, cuando=ahora()):
            await self._avisar("sesion_reusada", sesion)
            await self._bitacora.suceso(tipo="refresco_repetido", usuario_id=sesion.usuario_id, hecho=False)

    async def _avisar(self, tipo: str, sesion: Sesion) -> None:
        datos = {"dispositivo": sesion.dispositivo, "direccion": sesion.direccion}
        await self._avisos.avisar(tipo=tipo, datos=datos, usuario_id=sesion.usuario_id)

    def _token(self, usuario: Usuario, sesion: Sesion, refresco: Refresco, cuando: datetime) -> Token:
        return Token(
            access_token=self._firmador.firmar(
                usuario_id=sesion.usuario_id, sesion_id=refresco.sesion_id, rol=usuario.rol
            ),
            token_type="bearer",  # noqa: S106 - what OAuth2 calls this kind of token
            expires_in=int(VIDA_ACCESO.total_seconds()),
            refresh_token=refresco.texto,
            refresh_expires_in=int((sesion.expira_en - cuando).total_seconds()),
        )


def _vida(rol: Rol) -> timedelta:
    return VIDA_DE_RESIDENTE if rol is Rol.residente else VIDA_DE_PERSONAL
