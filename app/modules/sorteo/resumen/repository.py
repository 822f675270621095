"""Queries on draws for first screens and pages. They read only the fields that are shown."""

from collections.abc import Collection
from datetime import datetime
from typing import Annotated

from beanie import PydanticObjectId
from pydantic import BaseModel, ConfigDict, Field

from app.modules.sorteo.estados import EN_CURSO, EstadoSorteo
from app.modules.sorteo.fuente import FuenteDrand, FuentePublica
from app.modules.sorteo.models import Sorteo, Vigencia
from app.modules.sorteo.pasos.models import Anulacion
from app.shared.pagination import Page, PageQuery
from app.shared.reading import Lectura
from app.shared.repository import Filtro, Repository

MAXIMO = 200
"""A bound on the draws in course that are read."""


class SorteoBreve(BaseModel):
    model_config = ConfigDict(frozen=True)

    id: Annotated[PydanticObjectId, Field(validation_alias="_id")]
    nombre: str
    vigencia: Vigencia
    fuente_entropia: Annotated[FuentePublica | FuenteDrand, Field(discriminator="tipo")]
    apertura: datetime | None
    cierre: datetime | None
    ensayo: bool
    estado: EstadoSorteo
    compromiso: str | None
    espacios_en_juego: int | None
    entropia: str | None
    publicado_hasta: int
    publica_en: datetime | None = None
    anulacion: Anulacion | None

    @property
    def disponible_desde(self) -> datetime:
        """When the public number can be known."""
        return self.fuente_entropia.conocible_desde


class SorteoPublico(BaseModel):
    """What anybody may know of an opened draw, apart from its hashes."""

    model_config = ConfigDict(frozen=True)

    id: Annotated[PydanticObjectId, Field(validation_alias="_id")]
    nombre: str
    vigencia: Vigencia
    fuente_entropia: Annotated[FuentePublica | FuenteDrand, Field(discriminator="tipo")]
    cierre: datetime | None
    ensayo: bool
    estado: EstadoSorteo
    espacios_en_juego: int | None
    participantes: int | None
    abierto_en: datetime | None
    cerrado_en: datetime | None
    ejecutado_en: datetime | None
    publicado_en: datetime | None
    anulado_en: datetime | None


_CAMPOS = [nombre for nombre in SorteoBreve.model_fields if nombre != "id"]
_PUBLICOS = [nombre for nombre in SorteoPublico.model_fields if nombre != "id"]


class BreveRepository(Repository[Sorteo]):
    model = Sorteo

    def en_estados(self, estados: Collection[EstadoSorteo]) -> Lectura[list[SorteoBreve]]:
        """The latest first."""
        return self._breves({"estado": {"$in": sorted(estados)}}, limite=MAXIMO)

    def en_curso(self) -> Lectura[list[SorteoBreve]]:
        """Draws with a step left, or whose annulment waits; the latest first."""
        espera = {"estado": EstadoSorteo.finalizado, "anulacion": {"$ne": None}}
        return self._breves({"$or": [{"estado": {"$in": sorted(EN_CURSO)}}, espera]}, limite=MAXIMO)

    async def por_ids(self, ids: Collection[PydanticObjectId]) -> list[SorteoBreve]:
        return await self._breves({"_id": {"$in": sorted(ids)}}, limite=len(ids)) if ids else []

    async def publicos(self, consulta: PageQuery) -> Page[SorteoPublico]:
        """Opened draws, the latest first."""
        pagina = await self.page_of_rows({"compromiso": {"$ne": None}}, consulta, _PUBLICOS, orden_fijo="-_id")
        return pagina.con([SorteoPublico.model_validate(fila) for fila in pagina.items])

    def _breves(self, filtro: Filtro, *, limite: int) -> Lectura[list[SorteoBreve]]:
        return self.reading(
            [
                {"$match": filtro},
                {"$sort": {"creado_en": -1, "_id": -1}},
                {"$limit": limite},
                {"$project": dict.fromkeys(_CAMPOS, 1)},
            ],
            lambda filas: [SorteoBreve.model_validate(fila) for fila in filas],
        )
