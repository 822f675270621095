"""What goes in and out of `/sorteo/{id}/garantes`."""

from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from app.shared.schemas import InputSchema, InstanteOut, OutputSchema, Texto, sin_repetidos
from app.shared.utils import LINEA


def _sin_barras(frase: str) -> str:
    if "|" in frase:
        raise PydanticCustomError("frase_con_barra", "sin |")
    return frase


Nombre = Annotated[str, Texto(2, 80)]
Nombres = Annotated[list[Nombre], Field(min_length=3, max_length=10), AfterValidator(sin_repetidos)]
# Ten of them and the number stay within the thousand characters of an `entropia`.
Frase = Annotated[str, AfterValidator(_sin_barras), Texto(12, 80, alfabeto=LINEA.sin("|"))]


class GarantesCreate(InputSchema):
    """`nombres`: published with the draw, as the witnesses want to be called."""

    nombres: Nombres


class CompromisoIn(InputSchema):
    """`compromiso`: SHA-256 of the phrase, as 64 hex digits. The phrase itself stays with the witness."""

    compromiso: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class RevelacionIn(InputSchema):
    frase: Frase


class GaranteCreado(OutputSchema):
    """`token` and `enlace` are shown this once."""

    nombre: str
    token: str
    enlace: str


class GarantesCreados(OutputSchema):
    items: list[GaranteCreado]


class GaranteOut(OutputSchema):
    """`frase`: null until the number of the draw is published."""

    nombre: str
    compromiso: str | None
    comprometido_en: InstanteOut | None
    revelada_en: InstanteOut | None
    frase: str | None


class GarantesOut(OutputSchema):
    items: list[GaranteOut]
