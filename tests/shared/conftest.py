"""A document of no module, with what repositories must deal with: ties, days, unique indexes, parts."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import ClassVar

import pytest
from beanie import Document, PydanticObjectId
from pydantic import BaseModel
from pymongo import ASCENDING, IndexModel

from app.database.unit_of_work import UnitOfWork
from app.shared.documents import Documento
from app.shared.exceptions import Conflicto
from app.shared.repository import Repository


class NombreTomado(Conflicto):
    codigo = "conflicto"


class FolioTomado(Conflicto):
    codigo = "conflicto"


class Parte(BaseModel):
    dia: date
    cuando: datetime | None = None


class Cosa(Documento):
    nombre: str
    grupo: str = "a"
    folio: int = 0
    de: PydanticObjectId | None = None
    creado_en: datetime | None = None
    partes: list[Parte] = []

    class Settings(Documento.Settings):
        name = "cosas_con_nombre"
        indexes: ClassVar[list[IndexModel]] = [
            IndexModel([("nombre", ASCENDING)], name="cosa_nombre", unique=True),
            IndexModel(
                [("grupo", ASCENDING), ("folio", ASCENDING)],
                name="cosa_folio",
                unique=True,
                partialFilterExpression={"folio": {"$gt": 0}},
            ),
        ]


class CosaRepository(Repository[Cosa]):
    model = Cosa
    ordenes = ("nombre", "-grupo", "creado_en", "_id")
    unicos = {"cosa_nombre": NombreTomado, "cosa_folio": FolioTomado}


@pytest.fixture
def documentos() -> Sequence[type[Document]]:
    return (Cosa,)


@pytest.fixture
async def cosas(base_real: UnitOfWork) -> CosaRepository:
    del base_real
    return CosaRepository()
