"""What an attacker does, in few words."""

from typing import Any

import httpx

from app.core.security import Rol
from app.modules.auth.invitaciones.service import Invitado
from app.modules.auth.models import Usuario
from tests.modules.auth.apoyo import CLAVE, Modulo, de, portador

AUTH = "/api/v1/auth"
OTRA = "la clave de quien ataca"
Cabeceras = dict[str, str]


async def registrar(cliente: httpx.AsyncClient, token: str, clave: str = OTRA, **mas: Any) -> httpx.Response:
    cuerpo = {"invitacion": token, "password": clave, "acepta_politica": True} | mas
    return await cliente.post(f"{AUTH}/registro", json=cuerpo)


async def entrar(cliente: httpx.AsyncClient, nombre: str, clave: str = OTRA) -> httpx.Response:
    return await cliente.post(f"{AUTH}/login", data={"username": nombre, "password": clave})


async def sesion(modulo: Modulo, usuario: Usuario) -> Cabeceras:
    return portador(await modulo.entrar(usuario))


async def invitar(modulo: Modulo, *, quien: Usuario | None = None, **a_quien: Any) -> str:
    """The token of an invitation by an admin."""
    invitado = Invitado(**{"rol": Rol.residente} | a_quien)
    return (await modulo.invitaciones.invitar(invitado, quien=de(quien or await modulo.usuario()))).token


async def pedir_recuperacion(cliente: httpx.AsyncClient, modulo: Modulo, email: str) -> str | None:
    """The token that reached `email` for it, if one did."""
    antes = len(modulo.avisos.para(email, "recuperacion"))
    assert (await cliente.post(f"{AUTH}/recuperacion", json={"email": email})).status_code == 202
    await modulo.recuperacion.atender()
    cartas = modulo.avisos.para(email, "recuperacion")[antes:]
    return cartas[-1].token if cartas else None


async def recuperar(cliente: httpx.AsyncClient, token: str, nueva: str = OTRA) -> httpx.Response:
    return await cliente.post(f"{AUTH}/recuperacion/confirmar", json={"token": token, "nueva": nueva})


async def pedir_correo(cliente: httpx.AsyncClient, modulo: Modulo, quien: Cabeceras, email: str) -> str | None:
    """The token that reached `email`, if one did."""
    antes = len(modulo.avisos.para(email, "confirmar_correo"))
    respuesta = await cliente.post(f"{AUTH}/correo", json={"email": email, "password": CLAVE}, headers=quien)
    assert respuesta.status_code == 204, respuesta.text
    cartas = modulo.avisos.para(email, "confirmar_correo")[antes:]
    return cartas[-1].token if cartas else None


async def confirmar_correo(cliente: httpx.AsyncClient, quien: Cabeceras, token: str) -> httpx.Response:
    return await cliente.post(f"{AUTH}/correo/confirmar", json={"token": token}, headers=quien)


def rechazo(respuesta: httpx.Response) -> tuple[int, str]:
    """Status and code of a refusal; of a refused field, the field's code."""
    cuerpo = respuesta.json()
    errores = cuerpo.get("errores", [])
    return respuesta.status_code, errores[0]["codigo"] if errores else cuerpo["codigo"]
