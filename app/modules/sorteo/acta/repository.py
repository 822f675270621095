"""Queries for minutes: what was written of them, and the result without whose it is."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from app.modules.sorteo.acta.models import Acta
from app.modules.sorteo.models import ResultadoSorteo, Sorteo
from app.modules.sorteo.repository import de_la_corrida
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


class ActaRepository(Repository[Acta]):
    model = Acta

    async def guardar(self, acta: Acta) -> None:
        """Over the one that there is."""
        crudo = self._escribir(acta)
        await self.upsert_one({"_id": crudo.pop("_id")}, {"$set": crudo})


class PuestoRepository(Repository[ResultadoSorteo]):
    model = ResultadoSorteo

    async def por_posicion(self, sorteo: Sorteo) -> AsyncIterator[list[Puesto]]:
        """All of them, some thousands at a time. Whose they are does not leave the database."""
        cursor = self._coleccion.find(de_la_corrida(sorteo), _PUBLICO, session=current_session())
        cursor = cursor.sort([("posicion", 1)]).batch_size(_LOTE)
        lote: list[Puesto] = []
        async for crudo in cursor:
            lote.append(Puesto(**crudo))
            if len(lote) == _LOTE:
                yield lote
                lote = []
        if lote:
            yield lote
