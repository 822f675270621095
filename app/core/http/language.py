"""The language of whoever asks, as `Accept-Language` prefers it."""

from typing import Annotated

from fastapi import Depends, Request

from app.shared.messages import Idioma, idioma_preferido


def idioma_de(request: Request) -> Idioma:
    return idioma_preferido(request.headers.get("accept-language", ""))


async def _idioma(request: Request) -> Idioma:
    return idioma_de(request)


async def _separador(request: Request) -> str:
    """The character that spreadsheets expect between the cells of a CSV. In Spanish the comma is that of decimals."""
    dicho = request.headers.get("accept-language", "")
    return ";" if dicho and idioma_preferido(dicho) == "es" else ","


SeparadorDep = Annotated[str, Depends(_separador)]
IdiomaDep = Annotated[Idioma, Depends(_idioma)]
