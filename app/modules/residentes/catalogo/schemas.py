"""What goes in and out of `/residentes/condiciones`."""

from typing import Annotated

from app.shared.schemas import Codigo, IdPorCodigo, InputSchema, OutputSchema, Texto, ausente

_Nombre = Annotated[str, Texto(1, 60)]


class NombreIn(InputSchema):
    es: _Nombre
    en: _Nombre


class NombreUpdate(InputSchema):
    es: _Nombre = ausente()
    en: _Nombre = ausente()


class CondicionNueva(InputSchema):
    codigo: Codigo
    nombre: NombreIn
    vence: bool


class CondicionUpdate(InputSchema):
    """What is absent stays, also within `nombre`."""

    nombre: NombreUpdate = ausente()
    vence: bool = ausente()


class NombreOut(OutputSchema):
    """What people call it, in each language."""

    es: str
    en: str


class CondicionDelCatalogoOut(OutputSchema):
    """`vence`: whoever verifies one says until when it counts."""

    id: IdPorCodigo
    codigo: str
    nombre: NombreOut
    vence: bool
