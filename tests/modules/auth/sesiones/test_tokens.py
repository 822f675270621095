"""Access tokens that somebody forged: none is taken."""

import json
import warnings
from datetime import timedelta
from typing import Any

import jwt
import pytest

from app.core.clock import ahora
from app.core.security import FirmadorDeAcceso, Rol
from app.shared.exceptions import TokenInvalido
from tests.modules.auth.apoyo import Modulo


async def falsificar(
    modulo: Modulo,
    *,
    clave: bytes | None = None,
    cabecera: dict[str, Any] | None = None,
    algoritmo: str = "HS256",
    **reclamos: Any,
) -> str:
    """The token of a good session, changed and signed again with our own key. A claim that is `...` is left out."""
    token = (await modulo.entrar(await modulo.usuario())).access_token
    buenos = jwt.decode(token, options={"verify_signature": False}) | reclamos
    cabeceras = jwt.get_unverified_header(token) | (cabecera or {})
    del cabeceras["alg"]
    firma = modulo.firmador._clave if clave is None else clave
    with warnings.catch_warnings():  # that 32 bytes are short for HS384: it is a forger who signs
        warnings.simplefilter("ignore")
        return jwt.PyJWS().encode(
            json.dumps({c: v for c, v in buenos.items() if v is not ...}).encode(),
            "" if algoritmo == "none" else firma,
            algoritmo,
            headers=cabeceras,
        )


class TestTokensFalsos:
    async def test_the_forger_s_tools_work(self, modulo: Modulo) -> None:
        await modulo.sesiones.autenticar(await falsificar(modulo))

    @pytest.mark.parametrize(
        "cambio",
        [
            {"algoritmo": "none"},
            {"algoritmo": "HS384"},
            {"clave": b"otra clave" * 4},
            {"clave": b"firma" * 8},
            {"cabecera": {"typ": "JWT"}},
            {"cabecera": {"kid": "0" * 16}},
            {"cabecera": {"jku": "https://example.com"}},
            {"cabecera": {"typ": ["at+jwt"]}},
            {"aud": "otro"},
            {"iss": "otro"},
            {"rol": "dios"},
            {"rol": "residente"},
            {"rol": ["admin"]},
            {"sub": "x"},
            {"sub": 7},
            {"sid": {"$ne": None}},
            {"sid": "0" * 23},
            {"exp": 1e308},
            {"exp": 2**70},
            {"exp": float("inf")},
            {"exp": "9999999999"},
            {"exp": True},
            {"exp": 0},
            {"iat": 0},
            {"iat": 2**40, "exp": 2**40 + 600},
            {"nbf": 1},
            {"admin": True},
            *({reclamo: ...} for reclamo in ("iss", "aud", "exp", "iat", "jti", "sub", "sid", "rol")),
            *({reclamo: None} for reclamo in ("iss", "aud", "exp", "iat", "jti", "sub", "sid", "rol")),
        ],
        ids=str,
    )
    async def test_refused(self, modulo: Modulo, cambio: dict[str, Any]) -> None:
        with pytest.raises(TokenInvalido):
            await modulo.sesiones.autenticar(await falsificar(modulo, **cambio))

    @pytest.mark.parametrize("token", ["", ".", "..", "a.b.c", "é", "\0", "e30.e30.e30", "[]", "a" * 10_000, "." * 999])
    async def test_garbage(self, modulo: Modulo, token: str) -> None:
        with pytest.raises(TokenInvalido):
            await modulo.sesiones.autenticar(token)

    async def test_longer_than_ten_minutes(self, modulo: Modulo) -> None:
        emitido = int(ahora().timestamp())
        with pytest.raises(TokenInvalido):
            await modulo.sesiones.autenticar(await falsificar(modulo, iat=emitido, exp=emitido + 601))

    async def test_of_another_installation(self, modulo: Modulo) -> None:
        usuario = await modulo.usuario()
        token = await modulo.entrar(usuario)
        await modulo.sesiones.autenticar(token.access_token)
        (sesion,) = await modulo.repo_sesiones.find({})
        ajeno = FirmadorDeAcceso(b"otra casa" * 4)
        with pytest.raises(TokenInvalido):
            await modulo.sesiones.autenticar(ajeno.firmar(usuario_id=usuario.oid, sesion_id=sesion.oid, rol=Rol.admin))

    async def test_a_clock_a_little_ahead_is_forgiven(self, modulo: Modulo) -> None:
        emitido = int((ahora() + timedelta(seconds=5)).timestamp())
        await modulo.sesiones.autenticar(await falsificar(modulo, iat=emitido, exp=emitido + 600))
