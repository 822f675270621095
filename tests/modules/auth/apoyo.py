"""What the tests of this module are built from: the module on a roster of residents that is not the real one, and
accounts."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import httpx
from beanie import PydanticObjectId

from app.core.clock import ahora
from app.core.quotas.contract import Cuotas, SinCuotas
from app.core.security import FirmadorDeAcceso, HasherDeClaves, Principal, Rol
from app.database.unit_of_work import UnitOfWork
from app.modules.auth.claves.service import ClaveService, Comprobador, PoliticaDeClaves
from app.modules.auth.correo.service import CorreoService
from app.modules.auth.invitaciones.lote import LoteService
from app.modules.auth.invitaciones.registro import RegistroService
from app.modules.auth.invitaciones.repository import InvitacionRepository
from app.modules.auth.invitaciones.service import InvitacionService
from app.modules.auth.llaves.repository import LlaveRepository
from app.modules.auth.llaves.service import LlaveService, Porteria, Vigencias
from app.modules.auth.models import Usuario
from app.modules.auth.public import CuentasService
from app.modules.auth.puerta import Puerta
from app.modules.auth.recuperacion.service import RecuperacionService
from app.modules.auth.repository import UsuarioRepository
from app.modules.auth.schemas import Token
from app.modules.auth.segundo_factor.factores import SegundosFactores
from app.modules.auth.segundo_factor.repository import SegundoFactorRepository
from app.modules.auth.segundo_factor.service import SegundoFactorService
from app.modules.auth.service import AuthService
from app.modules.auth.sesiones.cache import CacheDeSesiones
from app.modules.auth.sesiones.conocidos import Conocidos
from app.modules.auth.sesiones.repository import SesionRepository
from app.modules.auth.sesiones.service import Origen, SesionService
from app.modules.auth.usuarios.service import UsuarioService
from app.modules.auth.vales.repository import PedidoRepository, ValeRepository
from app.modules.auth.vales.service import ValeService
from app.modules.auth.wiring import EstadoDeAuth
from tests.modules.auth.dobles import AvisosFalsos, BitacoraFalsa, ColaFalsa, CuotasEnMemoria, PadronFalso

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
        self.hasher, self.uow = hasher, uow
        self.firmador = FirmadorDeAcceso(b"firma" * 8)
        self.usuarios = UsuariosQueCuentan()
        self.repo_sesiones = SesionRepository()
        self.repo_invitaciones, self.repo_vales = InvitacionRepository(), ValeRepository()
        self.conocidos = Conocidos(claves=[b"firma" * 8], firmador=self.firmador, sesiones=self.repo_sesiones)
        cache = CacheDeSesiones()
        self.sesiones = SesionService(
            sesiones=self.repo_sesiones,
            usuarios=self.usuarios,
            firmador=self.firmador,
            cache=cache,
            avisos=self.avisos,
            bitacora=self.bitacora,
            uow=uow,
            mfa_obligatorio=mfa_obligatorio,
        )
        self.factores = SegundosFactores(factores=SegundoFactorRepository(), clave=b"factor" * 8)
        self.politica = PoliticaDeClaves(padron=self.padron, conjunto="Altos del Parque")
        self.comprobador = Comprobador(hasher=hasher, cuotas=self.cuotas, bitacora=self.bitacora)
        url, vales = "https://parqueo.example.com", ValeService(vales=self.repo_vales)
        self.invitaciones = InvitacionService(
            invitaciones=self.repo_invitaciones,
            usuarios=self.usuarios,
            vales=vales,
            padron=self.padron,
            avisos=self.avisos,
            cuotas=self.cuotas,
            uow=uow,
            url_enlaces=url,
        )
        self.registro = RegistroService(
            usuarios=self.usuarios,
            invitaciones=self.repo_invitaciones,
            vales=vales,
            padron=self.padron,
            avisos=self.avisos,
            bitacora=self.bitacora,
            politica=self.politica,
            uow=uow,
            hasher=hasher,
        )
        self.recuperacion = RecuperacionService(
            pedidos=PedidoRepository(),
            usuarios=self.usuarios,
            vales=vales,
            sesiones=self.sesiones,
            avisos=self.avisos,
            bitacora=self.bitacora,
            politica=self.politica,
            hasher=hasher,
            uow=uow,
            url_enlaces=url,
        )
        self.correo = CorreoService(
            usuarios=self.usuarios,
            vales=vales,
            sesiones=self.sesiones,
            avisos=self.avisos,
            comprobador=self.comprobador,
            uow=uow,
            url_enlaces=url,
        )
        self.repo_llaves = LlaveRepository()
        self.llaves = LlaveService(
            llaves=self.repo_llaves, usuarios=self.usuarios, cache=cache, avisos=self.avisos, uow=uow
        )
        self.vigencias = Vigencias(usuarios=self.usuarios, llaves=self.repo_llaves)
        self.lotes = LoteService(padron=self.padron, cola=self.cola)
        self.auth = AuthService(
            usuarios=self.usuarios,
            sesiones=self.sesiones,
            factores=self.factores,
            puerta=Puerta(cuotas=de_entrada or SinCuotas(), sesiones=self.repo_sesiones, bitacora=self.bitacora),
            conocidos=self.conocidos,
            padron=self.padron,
            bitacora=self.bitacora,
            uow=uow,
            hasher=hasher,
        )
        self.claves = ClaveService(
            usuarios=self.usuarios,
            sesiones=self.sesiones,
            politica=self.politica,
            comprobador=self.comprobador,
            avisos=self.avisos,
            bitacora=self.bitacora,
            uow=uow,
            hasher=hasher,
        )
        self.segundo_factor = SegundoFactorService(
            factores=self.factores,
            usuarios=self.usuarios,
            sesiones=self.sesiones,
            comprobador=self.comprobador,
            avisos=self.avisos,
            bitacora=self.bitacora,
            uow=uow,
            emisor="Altos del Parque",
        )
        self.usuario_service = UsuarioService(
            usuarios=self.usuarios, sesiones=self.sesiones, avisos=self.avisos, bitacora=self.bitacora, uow=uow
        )
        self.cuentas = CuentasService(usuarios=self.usuarios, sesiones=self.sesiones, uow=uow)

    @property
    def estado(self) -> Mapping[str, Any]:
        return {
            "autenticador": Porteria(sesiones=self.sesiones, llaves=self.llaves),
            # Of the routes: what is counted here is what the services count.
            "cuotas": SinCuotas(),
            "auth": EstadoDeAuth(
                entrada=self.auth,
                conocidos=self.conocidos,
                sesiones=self.sesiones,
                claves=self.claves,
                segundo_factor=self.segundo_factor,
                usuarios=self.usuario_service,
                correo=self.correo,
                invitaciones=self.invitaciones,
                lotes=self.lotes,
                registro=self.registro,
                recuperacion=self.recuperacion,
                llaves=self.llaves,
            ),
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
        return await self.usuarios.insert(Usuario(**(base | campos)))

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


def principal(rol: Rol) -> Principal:
    return Principal(usuario_id=PydanticObjectId(), rol=rol, sesion_id=PydanticObjectId())


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
