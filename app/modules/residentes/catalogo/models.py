"""The conditions that the complex knows: what residents declare, spaces are kept for and rules look at."""

from collections.abc import Mapping

from beanie import PydanticObjectId
from pydantic import BaseModel, ConfigDict, Field
from pymongo import IndexModel

from app.shared.documents import Documento


class NombreDeCondicion(BaseModel):
    """What people call it, in each language."""

    model_config = ConfigDict(frozen=True)

    es: str
    en: str


Nombres = Mapping[str, NombreDeCondicion]
"""By code."""


class CondicionDelCatalogo(Documento):
    """`vence`: whoever verifies one says until when it counts. `version` grows whenever something begins to name the
    condition: whoever deletes it meanwhile collides, starts again, and finds it in use."""

    id: PydanticObjectId = Field(default_factory=PydanticObjectId)
    codigo: str
    nombre: NombreDeCondicion
    vence: bool
    version: int = 0

    class Settings(Documento.Settings):
        name = "condiciones"
        indexes = [IndexModel("codigo", name="condicion_codigo", unique=True)]
