"""The base of every document."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from types import NoneType
from typing import Any, ClassVar

from beanie import Document, PydanticObjectId
from beanie.odm.utils.encoder import Encoder
from bson import ObjectId
from pydantic import BaseModel, ConfigDict

UN_TEXTO: Mapping[str, Any] = {"$gt": ""}
UN_ID: Mapping[str, Any] = {"$gt": PydanticObjectId("0" * 24)}
"""For `partialFilterExpression`: where the field is a text that is not empty, an id. Not by `$type`: of that the server
does not see that an equality implies it, and reads the whole collection."""


def _tal_cual(valor: Any) -> Any:
    return valor


def _parte(valor: BaseModel) -> dict[str, Any]:
    """A model inside a document, as Beanie writes it; but Beanie asks the instance for `model_fields`, which pydantic
    has deprecated."""
    return {campo: codificado(contenido) for campo, contenido in valor}


# datetime is a date too; named first, it stays what it is.
_CODIFICADORES: dict[type, Callable[[Any], Any]] = {datetime: _tal_cual, date: date.isoformat, BaseModel: _parte}
_DE_BEANIE = Encoder(custom_encoders=_CODIFICADORES, to_db=True)
# Of Beanie: the second is for a way to change documents that nobody takes here.
DEL_DOCUMENTO = frozenset({"id", "revision_id"})
_TAL_CUAL = frozenset({NoneType, str, bool, int, float, datetime, ObjectId, PydanticObjectId})


def codificado(valor: Any) -> Any:
    """A value of a document as it is stored. Beanie asks each which of thirty types it is: most are of these, which the
    driver writes as they are."""
    tipo = type(valor)
    if tipo in _TAL_CUAL:
        return valor
    return [codificado(uno) for uno in valor] if tipo is list else _DE_BEANIE.encode(valor)


def escrito(doc: Document) -> dict[str, Any]:
    """A document as it is stored, with its `_id` where it has one."""
    crudo = {campo: codificado(valor) for campo, valor in doc if campo not in DEL_DOCUMENTO}
    return crudo if doc.id is None else {"_id": doc.id, **crudo}


class Documento(Document):
    """Calendar days are stored as `YYYY-MM-DD`: BSON has instants only, and an instant of a day depends on a zone.
    Their texts compare as the days do. A subclass names its collection and indexes in `Settings(Documento.Settings)`.
    """

    model_config = ConfigDict(extra="ignore")

    @property
    def oid(self) -> PydanticObjectId:
        """The id of a document that is stored. (`id` is None until then.)"""
        if self.id is None:
            raise RuntimeError("the document is not stored yet")
        return self.id

    class Settings:
        bson_encoders: ClassVar[dict[type, Callable[[Any], Any]]] = _CODIFICADORES


def callado(campo: str, duracion: timedelta) -> Mapping[str, Any]:
    """Documents whose holder has given no sign of life (`$currentDate` on `campo`) for `duracion`, by the clock of the
    database: the processes need not agree on what time it is. A sign from a time to come counts as none: nobody holds a
    document for longer than others do."""
    limite = int(duracion.total_seconds() * 1000)
    distancia = {"$abs": {"$subtract": ["$$NOW", f"${campo}"]}}
    # A holder who never gave a sign is silent too.
    return {"$expr": {"$gte": [{"$ifNull": [distancia, limite]}, limite]}}
