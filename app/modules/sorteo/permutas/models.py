"""Two flats that want to exchange their spaces, until staff do it or somebody calls it off."""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

from beanie import PydanticObjectId
from pydantic import BaseModel
from pymongo import IndexModel

from app.shared.documents import Documento


class EstadoPermuta(StrEnum):
    """`pedida`: one flat consented; `consentida`: both did, and staff have not decided."""

    pedida = "pedida"
    consentida = "consentida"
    hecha = "hecha"
    negada = "negada"
    retirada = "retirada"


ABIERTAS = (EstadoPermuta.pedida, EstadoPermuta.consentida)


class Parte(BaseModel):
    """One of the two: what it holds and would give. `consintio_en`: None until it has consented."""

    espacio: str
    asignacion_id: PydanticObjectId
    unidad_id: PydanticObjectId
    consintio_en: datetime | None


class Permuta(Documento):
    """`partes`: two, the one that asked first. `pareja`: their assignments, in order: of two calls that ask for the
    same at once, the index below takes one. `cruce`: their spaces, in order. `motivo`: what staff said."""

    pareja: str
    cruce: str
    partes: list[Parte]
    sorteo_id: PydanticObjectId
    estado: EstadoPermuta
    abierta: bool
    motivo: str | None = None
    creado_en: datetime
    actualizado_en: datetime

    @property
    def unidades(self) -> list[PydanticObjectId]:
        return [parte.unidad_id for parte in self.partes]

    class Settings(Documento.Settings):
        name = "permutas"
        indexes = [
            IndexModel([("pareja", 1)], name="permuta_abierta", unique=True, partialFilterExpression={"abierta": True}),
            IndexModel([("cruce", 1), ("_id", -1)], name="permuta_de_espacios"),
            IndexModel([("creado_en", -1), ("_id", -1)], name="permuta_recientes"),
            IndexModel([("estado", 1), ("creado_en", -1), ("_id", -1)], name="permuta_estado"),
            IndexModel([("partes.unidad_id", 1), ("creado_en", -1), ("_id", -1)], name="permuta_unidad"),
        ]


def juntos(dos: Iterable[object]) -> str:
    """The same for two, whichever comes first."""
    return "\n".join(sorted(map(str, dos)))
