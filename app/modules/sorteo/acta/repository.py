"""Queries for minutes: what people wrote, and the lines of the result by folio or by flat."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import attrs
from beanie import PydanticObjectId

from app.modules.sorteo.acta.models import Acta
from app.modules.sorteo.models import Sorteo
from app.modules.sorteo.resultados.models import ResultadoSorteo
from app.modules.sorteo.resultados.repository import de_la_corrida
from app.shared.repository import Repository
from app.shared.transaction import current_session

_LOTE = 2_000
_PUBLICO = {"_id": 0, "posicion": 1, "folio": 1, "espacio": 1, "espera": 1, "numero": 1}


@dataclass(frozen=True, slots=True)
class Puesto:
    """A line of the result, as everybody may see it."""

    posicion: int
    folio: int
    espacio: str | None
    espera: int | None
    numero: str


@attrs.frozen
class DeUnidad:
    """A line of the result by its flat: which space, or none."""

    unidad: str
    espacio: str | None


class ActaRepository(Repository[Acta]):
    model = Acta

    async def guardar(self, acta: Acta) -> None:
        """Write `acta` over the one that the draw has."""
        crudo = self._escribir(acta)
        await self.upsert_one({"_id": crudo.pop("_id")}, {"$set": crudo})


class PuestoRepository(Repository[ResultadoSorteo]):
    model = ResultadoSorteo

    async def por_posicion(self, sorteo: Sorteo) -> AsyncIterator[list[Puesto]]:
        """All lines, in batches. Whose a line is does not leave the database."""
        cursor = self._coleccion.find(de_la_corrida(sorteo), _PUBLICO, session=current_session())
        cursor = cursor.sort([("posicion", 1)]).batch_size(_LOTE)
        while filas := await cursor.to_list(_LOTE):
            yield [Puesto(**fila) for fila in filas]

    async def por_unidad(self, sorteo: Sorteo) -> list[tuple[PydanticObjectId, str | None]]:
        """The flat and the space of each line, in no order, which would tell its place."""
        filas = await self.rows(de_la_corrida(sorteo), ["unidad_id", "espacio"], orden=())
        return [(fila["unidad_id"], fila["espacio"]) for fila in filas]
