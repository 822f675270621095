"""Second factors: codes of an authenticator (RFC 6238: SHA-1, six digits, 30 seconds) and recovery codes.

The secret is sealed with AES-256-GCM under a key derived from `CLAVE_PIMIENTA`, and bound to its account. Of a recovery
code (80 random bits) an HMAC is kept. Six digits can be guessed, so guesses are counted on the account before they are
judged: five are free, then each guess waits longer than the one before, a quarter of an hour at most. Only a right code
starts the count again; time and the right password do not. A recovery code cannot be guessed and never waits, so that
an attacker who knows the password and keeps guessing does not shut the owner out.
"""

import hmac
import math
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import pyotp
from beanie import PydanticObjectId

from app.core.acts.contract import fuera_del_acto
from app.core.clock import ahora
from app.core.sealing import Sello
from app.modules.auth.models import SegundoFactor
from app.modules.auth.segundo_factor.repository import SegundoFactorRepository
from app.shared.exceptions import DemasiadasPeticiones

CODIGOS_DE_RECUPERACION = 10
LIBRES = 5
ESPERA_MAXIMA = timedelta(minutes=15)
_ESPERA = timedelta(seconds=5)
_PASO = 30
_VENTANA = (-1, 0, 1)
_ALFABETO = "abcdefghijklmnopqrstuvwxyz234567"
_DE_APLICACION = re.compile(r"[0-9]{6}", re.ASCII)
_DE_RECUPERACION = re.compile(r"[a-z2-7]{16}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Comprobacion:
    """A right code that is not used up yet: the code of the time step `paso`, or the recovery code of `huella`."""

    factor: SegundoFactor
    paso: int = 0
    huella: str = ""


class SegundosFactores:
    def __init__(self, *, factores: SegundoFactorRepository, clave: bytes, anteriores: Sequence[bytes] = ()) -> None:
        self._factores = factores
        self._sello = Sello(clave, "segundo-factor", anteriores)
        # The one of now first.
        self._de_codigos = [
            hmac.digest(cada, b"parknet/codigos-de-recuperacion", "sha256") for cada in (clave, *anteriores)
        ]

    async def empezar(self, usuario_id: PydanticObjectId) -> str | None:
        """A new secret (base32, 160 bits) that waits for its first code. None when a second factor is in use."""
        secreto = pyotp.random_base32()
        sellado = self._sello.cerrar_texto(secreto, de=usuario_id)
        nuevo = SegundoFactor(id=usuario_id, secreto=sellado, creado_en=ahora())
        return secreto if await self._factores.empezar(nuevo) else None

    async def pendiente(self, usuario_id: PydanticObjectId) -> bool:
        factor = await self._factores.get(usuario_id)
        return factor is not None and not factor.activo

    async def comprobar(self, usuario_id: PydanticObjectId, codigo: str) -> Comprobacion | None:
        """Whether `codigo` is right; the code is not used up yet. Raises DemasiadasPeticiones when the next guess comes
        too soon."""
        limpio = codigo.replace(" ", "").replace("-", "").lower()
        if _DE_RECUPERACION.fullmatch(limpio):
            return await self._de_recuperacion(usuario_id, limpio)
        if not _DE_APLICACION.fullmatch(limpio):
            return None
        with fuera_del_acto():
            factor = await self._contar(usuario_id)
        paso = None if factor is None else self._paso(factor, limpio)
        return None if factor is None or paso is None else Comprobacion(factor, paso=paso)

    async def activar(self, prueba: Comprobacion) -> list[str] | None:
        """The recovery codes, which are shown this once. None when the second factor was in use already, or was begun
        again since."""
        codigos = ["".join(secrets.choice(_ALFABETO) for _ in range(16)) for _ in range(CODIGOS_DE_RECUPERACION)]
        huellas = [self._huellas(prueba.factor.oid, codigo)[0] for codigo in codigos]
        if not await self._factores.activar(prueba.factor, paso=prueba.paso, codigos=huellas):
            return None
        return ["-".join(codigo[i : i + 4] for i in range(0, 16, 4)) for codigo in codigos]

    async def gastar(self, prueba: Comprobacion) -> bool:
        """Use the code up, in the transaction in course. False when the code was used before."""
        if prueba.huella:
            return await self._factores.gastar_codigo(prueba.factor.oid, prueba.huella)
        return await self._factores.gastar_paso(prueba.factor.oid, secreto=prueba.factor.secreto, paso=prueba.paso)

    async def borrar(self, usuario_id: PydanticObjectId) -> None:
        await self._factores.borrar(usuario_id)

    async def _contar(self, usuario_id: PydanticObjectId) -> SegundoFactor | None:
        """Count one more guess and return the factor. Raises DemasiadasPeticiones."""
        while True:
            factor, cuando = await self._factores.get(usuario_id), ahora()
            if factor is None:
                return None
            if factor.frenado_hasta is not None and cuando < factor.frenado_hasta:
                segundos = math.ceil((factor.frenado_hasta - cuando).total_seconds())
                # There is no window: the wait grows with each guess.
                raise DemasiadasPeticiones(politica="mfa", limite=LIBRES, segundos=segundos, ventana=segundos)
            if await self._factores.contar_intento(factor, frenado_hasta=_freno(factor.fallos + 1, cuando)):
                return factor

    def _paso(self, factor: SegundoFactor, codigo: str) -> int | None:
        """The time step of `codigo`: the present step, the one before or the one after. None for a wrong code, and for
        a step that was used before."""
        secreto = self._sello.abrir_texto(factor.secreto, de=factor.oid)
        if secreto is None:
            # A secret that was sealed for another account, or under another key: no code is right.
            return None
        totp, actual = pyotp.TOTP(secreto), int(ahora().timestamp()) // _PASO
        iguales = [actual + d for d in _VENTANA if hmac.compare_digest(totp.generate_otp(actual + d), codigo)]
        return next((paso for paso in iguales if paso > factor.ultimo_paso), None)

    async def _de_recuperacion(self, usuario_id: PydanticObjectId, codigo: str) -> Comprobacion | None:
        factor = await self._factores.get(usuario_id)
        if factor is None or not factor.activo:
            return None
        huella = next((h for h in self._huellas(usuario_id, codigo) if h in factor.codigos), None)
        return None if huella is None else Comprobacion(factor, huella=huella)

    def _huellas(self, usuario_id: PydanticObjectId, codigo: str) -> list[str]:
        """What is stored of a recovery code, under the key of now and under those of before."""
        dicho = usuario_id.binary + codigo.encode()
        return [hmac.digest(clave, dicho, "sha256").hex() for clave in self._de_codigos]


def _freno(fallos: int, cuando: datetime) -> datetime | None:
    """Until when no guess is taken, after so many guesses in a row."""
    if fallos < LIBRES:
        return None
    # The exponent is bounded, because the longest wait is reached long before.
    veces: int = 2 ** min(fallos - LIBRES, 20)
    return cuando + min(ESPERA_MAXIMA, _ESPERA * veces)
