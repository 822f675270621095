"""The language of whoever asks, as `Accept-Language` prefers it."""

from typing import Annotated

from fastapi import Depends, Request

from app.shared.messages import Idioma, idioma_preferido


def idioma_de(request: Request) -> Idioma:
    return idioma_preferido(request.headers.get("accept-language", ""))


async def _idioma(request: Request) -> Idioma:
    return idioma_de(request)


IdiomaDep = Annotated[Idioma, Depends(_idioma)]
