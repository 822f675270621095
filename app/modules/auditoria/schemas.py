"""What comes out of `/auditoria`, and how a head is written."""

from typing import Annotated, Literal, Self

from beanie import PydanticObjectId

from app.core.security import Rol
from app.modules.auditoria.cadena import Cabeza, Informe, TipoDeFalla
from app.modules.auditoria.models import Apunte
from app.shared.schemas import InstanteOut, OutputSchema, uno_de

FORMA_DE_CABEZA = r"^[1-9][0-9]{0,15}:[0-9a-f]{64}$"


class ApunteOut(OutputSchema):
    """`n` and `mac` are null until it is sealed, within a second. `actor` is null for the system and for who was not
    signed in."""

    id: PydanticObjectId
    hora: InstanteOut
    actor: PydanticObjectId | None
    rol: Annotated[str, uno_de(*Rol, "sistema")] | None
    llave: PydanticObjectId | None
    accion: str
    operacion: str | None
    objeto: list[str]
    colecciones: list[str]
    campos: list[str]
    datos: dict[str, str]
    resultado: Literal["hecho", "rechazado"]
    traza: str | None
    direccion: str | None
    n: int | None
    mac: str | None

    @classmethod
    def de(cls, apunte: Apunte) -> Self:
        return cls.model_validate(apunte)


class CabezaOut(OutputSchema):
    n: int
    mac: str


class FallaOut(OutputSchema):
    """`n`: the number of the row, where one is to blame."""

    tipo: TipoDeFalla
    n: int | None


class VerificacionDeAuditoriaOut(OutputSchema):
    """`falla`: the first that was found, null when `integra`. `sin_sellar`: rows that are there and not in the chain
    yet."""

    integra: bool
    falla: FallaOut | None
    sellados: int
    sin_sellar: int
    cabeza: CabezaOut | None

    @classmethod
    def de(cls, informe: Informe) -> Self:
        return cls(
            integra=informe.falla is None,
            falla=None if informe.falla is None else FallaOut.model_validate(informe.falla),
            sellados=informe.sellados,
            sin_sellar=informe.sin_sellar,
            cabeza=None if informe.cabeza is None else CabezaOut.model_validate(informe.cabeza),
        )


def leer_cabeza(texto: str) -> Cabeza:
    """`n:mac`, as `FORMA_DE_CABEZA` says."""
    n, _, mac = texto.partition(":")
    return Cabeza(int(n), mac)
