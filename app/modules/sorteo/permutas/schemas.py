"""What goes in and out of `/sorteo/permutas`."""

from collections.abc import Collection
from typing import Self, TypeVar

from beanie import PydanticObjectId
from pydantic import model_validator
from pydantic_core import PydanticCustomError

from app.modules.sorteo.permutas.models import EstadoPermuta, Permuta
from app.shared.schemas import CodigoEspacio, InputSchema, InstanteOut, Motivo, OutputSchema

P = TypeVar("P", bound=InputSchema)


class Consentimiento(InputSchema):
    """`espacio`: the one that the flat holds and gives; `por`: the one that it gets."""

    espacio: CodigoEspacio
    por: CodigoEspacio

    @model_validator(mode="after")
    def _dos(self) -> Self:
        return _distintos(self, self.espacio, self.por)


class PermutaCreate(InputSchema):
    espacio_a: CodigoEspacio
    espacio_b: CodigoEspacio
    motivo: Motivo

    @model_validator(mode="after")
    def _dos(self) -> Self:
        return _distintos(self, self.espacio_a, self.espacio_b)


class Negativa(InputSchema):
    motivo: Motivo


class PermutaOut(OutputSchema):
    """`espacio_a` is of the flat that asked first. `consintio_a`, `consintio_b`: when each flat did; null until then.
    `propio`: which of the two spaces is the caller's; null for who is of neither flat. `unidad_a`, `unidad_b`: null but
    for staff."""

    id: PydanticObjectId
    sorteo_id: PydanticObjectId
    espacio_a: str
    espacio_b: str
    propio: str | None
    unidad_a: PydanticObjectId | None
    unidad_b: PydanticObjectId | None
    consintio_a: InstanteOut | None
    consintio_b: InstanteOut | None
    estado: EstadoPermuta
    motivo: str | None
    creado_en: InstanteOut
    actualizado_en: InstanteOut

    @classmethod
    def de(cls, permuta: Permuta, *, propias: Collection[PydanticObjectId], personal: bool) -> Self:
        a, b = permuta.partes
        return cls(
            id=permuta.oid,
            sorteo_id=permuta.sorteo_id,
            espacio_a=a.espacio,
            espacio_b=b.espacio,
            propio=next((parte.espacio for parte in (a, b) if parte.unidad_id in propias), None),
            unidad_a=a.unidad_id if personal else None,
            unidad_b=b.unidad_id if personal else None,
            consintio_a=a.consintio_en,
            consintio_b=b.consintio_en,
            estado=permuta.estado,
            motivo=permuta.motivo,
            creado_en=permuta.creado_en,
            actualizado_en=permuta.actualizado_en,
        )


def _distintos(pedido: P, uno: str, otro: str) -> P:
    if uno == otro:
        raise PydanticCustomError("espacios_iguales", "hacen falta dos espacios")
    return pedido
