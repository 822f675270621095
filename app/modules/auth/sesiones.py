"""Sessions: families of refresh tokens, and who an access token stands for."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from beanie import PydanticObjectId

from app.core.clock import ahora
from app.core.security import VIDA_ACCESO, FirmadorDeAcceso, Principal, Rol
from app.modules.auth.cache import CacheDeSesiones
from app.modules.auth.exceptions import SesionInvalida
from app.modules.auth.models import FinDeSesion, Sesion, Usuario
from app.modules.auth.refresco import Refresco, sello_nuevo
from app.modules.auth.repository import SesionRepository, UsuarioRepository
from app.modules.auth.schemas import Token
from app.shared.exceptions import TokenInvalido

VIDA_DE_PERSONAL = timedelta(days=30)
VIDA_DE_RESIDENTE = timedelta(days=180)
GRACIA = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Origen:
    """Where a call comes from, as the holder of the account will see it in the list of their sessions."""

    dispositivo: str
    direccion: str


class SesionService:
    """Begins, renews and ends sessions. Is the application's `Autenticador`."""

    def __init__(self, *, sesiones: SesionRepository, usuarios: UsuarioRepository, firmador: FirmadorDeAcceso) -> None:
        self._sesiones = sesiones
        self._usuarios = usuarios
        self._firmador = firmador
        self._cache = CacheDeSesiones()

    async def abrir(self, usuario: Usuario, origen: Origen) -> Token:
        """A new session of `usuario`, whose expired ones are cleared away."""
        cuando, sesion_id, sello = ahora(), PydanticObjectId(), sello_nuevo()
        refresco = Refresco.nuevo(sesion_id=sesion_id, sello=sello)
        await self._sesiones.borrar_vencidas(usuario.oid, cuando=cuando)
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
        await self._sesiones.insert(sesion)
        return self._token(usuario, sesion, refresco, cuando)

    async def renovar(self, token: str, origen: Origen) -> Token:
        """The next tokens of the session. Raises SesionInvalida.

        A token that was used before ends the whole session: either its holder or a thief has the later one, and nobody
        can tell which. Only the one just replaced may come again, for a minute and while its successor was not used
        (an answer got lost, two tabs asked at once), and it gets that same successor.
        """
        presentado = Refresco.leer(token)
        if presentado is None:
            raise SesionInvalida
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
        repetido = self._sucesor(presentado, sesion, cuando)
        if repetido is None:
            await self.terminar(presentado.sesion_id, motivo=FinDeSesion.reuso)
            raise SesionInvalida
        return self._token(usuario, sesion, repetido, cuando)

    async def terminar(self, sesion_id: PydanticObjectId, *, motivo: FinDeSesion) -> None:
        await self._sesiones.terminar(sesion_id, motivo=motivo, cuando=ahora())
        self._cache.olvidar(sesion_id)

    async def autenticar(self, token: str) -> Principal:
        """Role and account as the database has them, at most five seconds ago. Raises TokenInvalido."""
        reclamos = self._firmador.leer(token)
        quien = self._cache.leer(reclamos.sesion_id, cuando=ahora())
        # With another role than the token's, what is kept may be the older of the two.
        if quien is None or quien.rol is not reclamos.rol:
            quien = await self._buscar(reclamos.sesion_id)
        if quien is None or quien.usuario_id != reclamos.usuario_id or quien.rol is not reclamos.rol:
            raise TokenInvalido
        return quien

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
        )
        self._cache.guardar(quien, leido_en=cuando, marca=marca)
        return quien

    async def _viva(self, presentado: Refresco, cuando: datetime) -> Sesion:
        """The session that gave the token out, while it lives. Raises SesionInvalida."""
        sesion = await self._sesiones.get(presentado.sesion_id)
        if sesion is None or not presentado.es_de(sesion.sello) or not sesion.vive(cuando):
            raise SesionInvalida
        return sesion

    def _sucesor(self, presentado: Refresco, sesion: Sesion, cuando: datetime) -> Refresco | None:
        if sesion.anterior != presentado.huella or sesion.sucesor is None or sesion.rotado_en is None:
            return None
        if cuando - sesion.rotado_en > GRACIA:
            return None
        return presentado.abrir(sesion.sucesor, sello=sesion.sello)

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
