"""Builds the module's services from what others hand it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.core.config import Settings
from app.core.security import FirmadorDeAcceso, HasherDeClaves
from app.database.unit_of_work import UnitOfWork
from app.modules.auth.cuentas import CuentasService
from app.modules.auth.invitaciones import InvitacionService
from app.modules.auth.ports import Padron
from app.modules.auth.registro import RegistroService
from app.modules.auth.repository import InvitacionRepository, SesionRepository, UsuarioRepository
from app.modules.auth.service import AuthService
from app.modules.auth.sesiones import SesionService


@dataclass(frozen=True, slots=True)
class Auth:
    """`estado`: what its endpoints find in `request.state`. The rest is for other modules and for the start."""

    estado: Mapping[str, Any]
    cuentas: CuentasService
    registro: RegistroService


def montar(*, settings: Settings, uow: UnitOfWork, padron: Padron) -> Auth:
    hasher = HasherDeClaves(pimienta=settings.clave("clave_pimienta"), costo=settings.bcrypt_cost)
    firmador = FirmadorDeAcceso(settings.clave("jwt_secret"))
    usuarios, sesiones, invitaciones = UsuarioRepository(), SesionRepository(), InvitacionRepository()
    sesion = SesionService(sesiones=sesiones, usuarios=usuarios, firmador=firmador)
    registro = RegistroService(usuarios=usuarios, invitaciones=invitaciones, padron=padron, uow=uow, hasher=hasher)
    estado = {
        "autenticador": sesion,
        "auth": AuthService(usuarios=usuarios, sesiones=sesion, padron=padron, uow=uow, hasher=hasher),
        "sesiones": sesion,
        "invitaciones": InvitacionService(
            invitaciones=invitaciones, usuarios=usuarios, padron=padron, uow=uow, url_publica=settings.url_publica
        ),
        "registro": registro,
    }
    cuentas = CuentasService(usuarios=usuarios, sesiones=sesiones, uow=uow)
    return Auth(estado=estado, cuentas=cuentas, registro=registro)
