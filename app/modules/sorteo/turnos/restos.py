"""Deletes what failed closings and failed runs wrote under their tokens, which nobody reads.

A token comes to count only under its turn, so a token that lost its turn is dead for ever. Rows are deleted by dead
tokens and never as "all but what counts", which is out of date as soon as it is read."""

import attrs
from beanie import PydanticObjectId

from app.core.acts.contract import fuera_del_acto
from app.modules.sorteo.exceptions import TareaEnCurso
from app.modules.sorteo.models import Sorteo
from app.modules.sorteo.repository import ArchivoRepository
from app.modules.sorteo.resultados.repository import ParticipanteRepository, ResultadoRepository
from app.modules.sorteo.turnos.repository import TurnoRepository
from app.shared.exceptions import hallado


@attrs.define(kw_only=True)
class Restos:
    _turnos: TurnoRepository
    _participantes: ParticipanteRepository
    _resultados: ResultadoRepository
    _archivos: ArchivoRepository

    async def empezar(self, id: PydanticObjectId, ficha: str) -> None:
        """Note `ficha` before anything is written under it, and delete what earlier holders of the turn left. Raises
        TareaEnCurso when `ficha` has not the turn."""
        with fuera_del_acto():
            sorteo = hallado(await self._turnos.empezar(id, ficha=ficha), si_no=TareaEnCurso)
            await self._borrar(id, set(sorteo.a_medias) - sorteo.publicados - {ficha})

    async def abandonar(self, id: PydanticObjectId, ficha: str) -> None:
        """Delete what was written under `ficha`, if `ficha` has no turn any more and never came to count."""
        sorteo = await self._turnos.get(id)
        if sorteo is not None and ficha not in sorteo.publicados and not _tiene_turno(sorteo, ficha):
            with fuera_del_acto():
                await self._borrar(id, {ficha})

    async def _borrar(self, id: PydanticObjectId, fichas: set[str]) -> None:
        if fichas:
            await self._participantes.descartar(sorteo_id=id, intentos=fichas)
            await self._resultados.descartar(sorteo_id=id, corridas=fichas)
            await self._archivos.descartar(sorteo_id=id, intentos=fichas)
            await self._turnos.olvidar(id, fichas)


def _tiene_turno(sorteo: Sorteo, ficha: str) -> bool:
    return sorteo.turno is not None and sorteo.turno.ficha == ficha
