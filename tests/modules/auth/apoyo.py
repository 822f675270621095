"""What the tests of this module are built from: a roster of residents that is not the real one, and accounts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from beanie import PydanticObjectId

from app.core.clock import ahora
from app.core.security import FirmadorDeAcceso, HasherDeClaves, Principal, Rol
from app.database.unit_of_work import UnitOfWork
from app.modules.auth.cuentas import CuentasService
from app.modules.auth.invitaciones import InvitacionService
from app.modules.auth.models import Usuario
from app.modules.auth.ports import CuentaDeResidente, Persona
from app.modules.auth.registro import RegistroService
from app.modules.auth.repository import InvitacionRepository, SesionRepository, UsuarioRepository
from app.modules.auth.schemas import Token
from app.modules.auth.service import AuthService
from app.modules.auth.sesiones import Origen, SesionService

CLAVE = "la clave de siempre"
ORIGEN = Origen(dispositivo="pruebas", direccion="192.0.2.1")


@dataclass
class PadronFalso:
    personas: dict[PydanticObjectId, Persona] = field(default_factory=dict)
    documentos: dict[str, list[PydanticObjectId]] = field(default_factory=dict)
    cuentas: dict[PydanticObjectId, CuentaDeResidente] = field(default_factory=dict)

    def agregar(
        self, *, email: str | None = None, documento: str | None = None, activo: bool = True
    ) -> PydanticObjectId:
        id = PydanticObjectId()
        self.personas[id] = Persona(residente_id=id, email=email, nombre="Ana", activo=activo)
        self.cuentas[id] = "sin_invitar"
        if documento is not None:
            self.documentos.setdefault(documento, []).append(id)
        return id

    def retirar(self, id: PydanticObjectId) -> None:
        self.personas[id] = Persona(residente_id=id, email=None, nombre="Ana", activo=False)

    async def persona(self, *, residente_id: PydanticObjectId) -> Persona | None:
        return self.personas.get(residente_id)

    async def por_documento(self, *, numero: str) -> Sequence[PydanticObjectId]:
        return self.documentos.get(numero, [])

    async def marcar_cuenta(self, *, residente_id: PydanticObjectId, cuenta: CuentaDeResidente) -> None:
        self.cuentas[residente_id] = cuenta


class HasherQueCuenta(HasherDeClaves):
    def __init__(self) -> None:
        super().__init__(pimienta=b"pimienta" * 4, costo=4)
        self.verificadas = 0

    async def verifica(self, clave: str, huella: str | None) -> bool:
        self.verificadas += 1
        return await super().verifica(clave, huella)


class UsuariosQueCuentan(UsuarioRepository):
    lecturas = 0

    async def get(self, id: PydanticObjectId | str) -> Usuario | None:
        self.lecturas += 1
        return await super().get(id)


class Modulo:
    """The whole module on `uow`'s database, and short ways to what tests begin with."""

    def __init__(self, uow: UnitOfWork, hasher: HasherQueCuenta) -> None:
        self.padron = PadronFalso()
        self.hasher = hasher
        self.firmador = FirmadorDeAcceso(b"firma" * 8)
        self.usuarios = UsuariosQueCuentan()
        self.repo_sesiones = SesionRepository()
        self.repo_invitaciones = InvitacionRepository()
        self.sesiones = SesionService(sesiones=self.repo_sesiones, usuarios=self.usuarios, firmador=self.firmador)
        self.auth = AuthService(
            usuarios=self.usuarios, sesiones=self.sesiones, padron=self.padron, uow=uow, hasher=hasher
        )
        self.invitaciones = InvitacionService(
            invitaciones=self.repo_invitaciones,
            usuarios=self.usuarios,
            padron=self.padron,
            uow=uow,
            url_publica="https://parqueo.example.com",
        )
        self.registro = RegistroService(
            usuarios=self.usuarios,
            invitaciones=self.repo_invitaciones,
            padron=self.padron,
            uow=uow,
            hasher=hasher,
        )
        self.cuentas = CuentasService(usuarios=self.usuarios, sesiones=self.repo_sesiones, uow=uow)

    @property
    def estado(self) -> Mapping[str, Any]:
        return {
            "autenticador": self.sesiones,
            "auth": self.auth,
            "sesiones": self.sesiones,
            "invitaciones": self.invitaciones,
            "registro": self.registro,
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


def principal(rol: Rol) -> Principal:
    return Principal(usuario_id=PydanticObjectId(), rol=rol, sesion_id=PydanticObjectId())
