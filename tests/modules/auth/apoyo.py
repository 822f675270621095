"""What the tests of this module are built from: the module on a roster of residents that is not the real one, and
accounts."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import httpx
from beanie import PydanticObjectId

from app.core.builder import Armador
from app.core.clock import ahora
from app.core.jobs.contract import Cola
from app.core.quotas.contract import Cuotas, SinCuotas
from app.core.security import FirmadorDeAcceso, HasherDeClaves, Principal, Rol
from app.database.unit_of_work import UnitOfWork
from app.modules.auth.claves.service import Comprobador, PoliticaDeClaves
from app.modules.auth.confirmadores import Confirmadores
from app.modules.auth.correo.service import CorreoService
from app.modules.auth.invitaciones.repository import InvitacionRepository
from app.modules.auth.invitaciones.service import InvitacionService
from app.modules.auth.llaves.repository import LlaveRepository
from app.modules.auth.llaves.service import LlaveService, Porteria, Vigencias
from app.modules.auth.models import Usuario
from app.modules.auth.ports import Avisos, Bitacora, Padron
from app.modules.auth.public import CuentasService
from app.modules.auth.puerta import Puerta
from app.modules.auth.recuperacion.service import RecuperacionService
from app.modules.auth.repository import CONFIRMADORES, UsuarioRepository
from app.modules.auth.schemas import Token
from app.modules.auth.segundo_factor.factores import SegundosFactores
from app.modules.auth.segundo_factor.service import SegundoFactorService
from app.modules.auth.sesiones.conocidos import Conocidos
from app.modules.auth.sesiones.repository import SesionRepository
from app.modules.auth.sesiones.service import Origen, SesionService
from app.modules.auth.vales.repository import ValeRepository
from app.modules.auth.wiring import EstadoDeAuth
from tests.autenticador import principal
from tests.cola import ColaFalsa
from tests.modules.auth.dobles import AvisosFalsos, BitacoraFalsa, CuotasEnMemoria, PadronFalso

AUTH = "/api/v1/auth"
CLAVE = "la clave de siempre"
ORIGEN = Origen(dispositivo="pruebas", direccion="192.0.2.1")


class HasherQueCuenta(HasherDeClaves):
    def __init__(self) -> None:
        super().__init__(pimienta=b"pimienta" * 4, costo=4)
        self.verificadas = 0
        self.al_verificar: Callable[[], Awaitable[object]] | None = None

    async def verifica(self, clave: str, huella: str | None) -> bool:
        self.verificadas += 1
        igual = await super().verifica(clave, huella)
        # Once: what happens meanwhile.
        entretanto, self.al_verificar = self.al_verificar, None
        if entretanto is not None:
            await entretanto()
        return igual


class UsuariosQueCuentan(UsuarioRepository):
    lecturas = 0

    async def get(self, id: PydanticObjectId | str) -> Usuario | None:
        self.lecturas += 1
        return await super().get(id)


class Modulo:
    """The whole module on `uow`'s database, and short ways to what tests begin with. `de_entrada`: who counts tries
    at the door, where a test is about that."""

    def __init__(
        self,
        uow: UnitOfWork,
        hasher: HasherQueCuenta,
        *,
        mfa_obligatorio: bool = False,
        de_entrada: Cuotas | None = None,
    ) -> None:
        self.padron, self.avisos, self.bitacora = PadronFalso(), AvisosFalsos(), BitacoraFalsa()
        self.cuotas, self.cola = CuotasEnMemoria(), ColaFalsa()
        self.hasher, self.uow, self.usuarios = hasher, uow, UsuariosQueCuentan()
        firma, conjunto, url = b"firma" * 8, "Altos del Parque", "https://parqueo.example.com"
        armador = Armador(
            {
                UnitOfWork: uow,
                HasherDeClaves: hasher,
                UsuarioRepository: self.usuarios,
                Padron: self.padron,
                Avisos: self.avisos,
                Bitacora: self.bitacora,
                Cuotas: self.cuotas,
                Cola: self.cola,
            }
        )
        self.firmador = armador.hacer(FirmadorDeAcceso, clave=firma)
        self.repo_sesiones, self.repo_llaves = armador[SesionRepository], armador[LlaveRepository]
        self.repo_invitaciones, self.repo_vales = armador[InvitacionRepository], armador[ValeRepository]
        self.conocidos = armador.hacer(Conocidos, claves=[firma])
        self.sesiones = armador.hacer(SesionService, mfa_obligatorio=mfa_obligatorio)
        self.factores = armador.hacer(SegundosFactores, clave=b"factor" * 8)
        self.politica = armador.hacer(PoliticaDeClaves, conjunto=conjunto)
        self.comprobador = armador[Comprobador]
        self.segundo_factor = armador.hacer(SegundoFactorService, emisor=conjunto)
        self.invitaciones = armador.hacer(InvitacionService, url_enlaces=url)
        self.correo = armador.hacer(CorreoService, url_enlaces=url)
        self.recuperacion = armador.hacer(RecuperacionService, url_enlaces=url)
        armador.hacer(Puerta, cuotas=de_entrada or SinCuotas())
        self.llaves, self.vigencias, self.cuentas = armador[LlaveService], armador[Vigencias], armador[CuentasService]
        self.confirmadores = armador[Confirmadores]
        self._estado = armador[EstadoDeAuth]
        self.auth, self.registro, self.claves = self._estado.entrada, self._estado.registro, self._estado.claves
        self.lotes, self.usuario_service = self._estado.lotes, self._estado.usuarios

    @property
    def estado(self) -> Mapping[str, Any]:
        return {
            "autenticador": Porteria(sesiones=self.sesiones, llaves=self.llaves),
            # Of the routes: what is counted here is what the services count.
            "cuotas": SinCuotas(),
            "auth": self._estado,
        }

    async def usuario(self, *, rol: Rol = Rol.admin, **campos: Any) -> Usuario:
        base: dict[str, Any] = {
            "email": f"{PydanticObjectId()}@example.com",
            "rol": rol,
            "residente_id": None,
            "clave": await self.hasher.hash(CLAVE),
            "creado_en": ahora(),
            "rol_desde": ahora(),
        }
        usuario = await self.usuarios.insert(Usuario(**(base | campos)))
        if usuario.rol in CONFIRMADORES:
            await self.confirmadores.decir(usuario)
        return usuario

    async def residente(self, *, documento: str | None = None, email: str | None = None) -> Usuario:
        id = self.padron.agregar(documento=documento, email=email)
        return await self.usuario(rol=Rol.residente, residente_id=id, email=email)

    async def entrar(self, usuario: Usuario) -> Token:
        return await self.sesiones.abrir(usuario, ORIGEN)

    async def cabeceras(self, rol: Rol, **campos: Any) -> dict[str, str]:
        """The header of somebody with that role who just signed in."""
        return portador(await self.entrar(await self.usuario(rol=rol, **campos)))


def portador(token: Token) -> dict[str, str]:
    return {"Authorization": f"Bearer {token.access_token}"}


def de(usuario: Usuario, *, sesion_id: PydanticObjectId | None = None) -> Principal:
    """Who calls with that account."""
    return Principal(
        usuario_id=usuario.oid,
        rol=usuario.rol,
        sesion_id=sesion_id or PydanticObjectId(),
        residente_id=usuario.residente_vigente,
        vinculo_id=usuario.residente_id,
    )


def problema(respuesta: httpx.Response, status: int, codigo: str) -> dict[str, Any]:
    cuerpo: dict[str, Any] = respuesta.json()
    assert (respuesta.status_code, cuerpo["codigo"]) == (status, codigo)
    assert respuesta.headers["content-type"] == "application/problem+json"
    if status == 401:
        assert respuesta.headers["www-authenticate"] == "Bearer"
    return cuerpo


def errores(respuesta: httpx.Response) -> list[tuple[str, str]]:
    return [(e["campo"], e["codigo"]) for e in problema(respuesta, 422, "entrada_invalida")["errores"]]


async def entrar(cliente: httpx.AsyncClient, nombre: str, clave: str = CLAVE, **mas: str) -> httpx.Response:
    return await cliente.post(f"{AUTH}/login", data={"username": nombre, "password": clave} | mas)


ADMIN = principal(Rol.admin)
