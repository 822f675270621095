"""Signing in, and telling an answer from a refusal: all that the generated client leaves to whoever uses it."""

import json
import os
from typing import Any, TypeVar

from parknet_cliente import AuthenticatedClient, Client
from parknet_cliente.api.auth import auth_login
from parknet_cliente.models import Problema, Token, UserAuth
from parknet_cliente.types import Response

T = TypeVar("T")
URL = os.environ.get("PARKNET_URL", "http://127.0.0.1:8000")


class Rechazo(Exception):
    """The API said no. `problema.codigo` is what a program decides by, `problema.detail` what a person reads."""

    def __init__(self, problema: Problema) -> None:
        super().__init__(f"{problema.status} {problema.codigo}: {problema.detail}")
        self.problema = problema


def bien(respuesta: Response[Any], tipo: type[T]) -> T:
    """What was answered, as one of the kinds that the operation says. Raises Rechazo."""
    if isinstance(respuesta.parsed, tipo):
        return respuesta.parsed
    if respuesta.headers["content-type"] == "application/problem+json":
        # As what every refusal is; `respuesta.parsed` is that of this operation, whose `codigo` is an enumeration.
        raise Rechazo(Problema.from_dict(json.loads(respuesta.content)))
    # Another kind of the document's (a resident's screen is none of staff's), or nothing that it knows.
    raise TypeError(f"{respuesta.status_code} con {type(respuesta.parsed).__name__}, y se esperaba {tipo.__name__}")


def entrar(usuario: str, clave: str) -> AuthenticatedClient:
    """A client that speaks for somebody, in Spanish."""
    pedido = UserAuth(username=usuario, password=clave)
    token = bien(auth_login.sync_detailed(client=Client(base_url=URL), body=pedido), Token)
    return AuthenticatedClient(base_url=URL, token=token.access_token, headers={"Accept-Language": "es"})


def entrar_del_entorno() -> AuthenticatedClient:
    return entrar(os.environ["PARKNET_USUARIO"], os.environ["PARKNET_CLAVE"])
