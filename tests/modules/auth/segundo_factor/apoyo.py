"""Somebody with a second factor, for the tests of both files."""

from datetime import timedelta

import pyotp
import pytest

from app.core.clock import ahora
from app.modules.auth.exceptions import (
    OtpInvalido,
)
from app.modules.auth.models import SegundoFactor, Usuario
from app.modules.auth.schemas import Token
from app.modules.auth.segundo_factor.repository import SegundoFactorRepository
from app.shared.exceptions import (
    EntradaInvalida,
)
from tests.modules.auth.apoyo import CLAVE, ORIGEN, Modulo, de


class Con:
    """Somebody with a second factor, their authenticator and their recovery codes."""

    def __init__(self, modulo: Modulo, usuario: Usuario, secreto: str, codigos: list[str]) -> None:
        self.modulo, self.usuario, self.totp, self.codigos = modulo, usuario, pyotp.TOTP(secreto), codigos

    @classmethod
    async def hacer(cls, modulo: Modulo, usuario: Usuario | None = None) -> "Con":
        usuario = usuario or await modulo.usuario(email="ana@example.com")
        empezado = await modulo.segundo_factor.empezar(quien=de(usuario))
        totp = pyotp.TOTP(empezado.secreto)
        codigos = await modulo.segundo_factor.confirmar(totp.at(ahora()), quien=de(usuario))
        return cls(modulo, usuario, empezado.secreto, codigos.codigos)

    def codigo(self, **desplazado: float) -> str:
        return self.totp.at(ahora() + timedelta(**desplazado))

    async def entrar(self, otp: str | None, clave: str = CLAVE) -> Token:
        return await self.modulo.auth.entrar(nombre=self.usuario.email or "", clave=clave, otp=otp, origen=ORIGEN)

    async def fallar(self, veces: int) -> None:
        for _ in range(veces):
            with pytest.raises(OtpInvalido):
                await self.entrar(self.equivocado())

    def equivocado(self) -> str:
        buenos = {self.codigo(seconds=s) for s in (-30, 0, 30)}
        return next(c for c in (f"{n:06}" for n in range(9)) if c not in buenos)


async def guardado(modulo: Modulo, usuario: Usuario) -> Usuario:
    hallado = await modulo.usuarios.get(usuario.oid)
    assert hallado is not None
    return hallado


async def factor(usuario: Usuario) -> SegundoFactor | None:
    return await SegundoFactorRepository().get(usuario.oid)


def falla(error: pytest.ExceptionInfo[EntradaInvalida]) -> tuple[str, str]:
    (unica,) = error.value.errores
    return unica.campo, unica.codigo
