"""Taking an import back: what it made and changed, and nobody has touched since, batch by batch from its last."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Literal, Protocol

import attrs
from beanie import PydanticObjectId

from app.core.clock import ahora
from app.core.imports.contract import Deshacedor, Hecho
from app.core.imports.models import LoteDeImportacion
from app.core.imports.repository import EnsayoRepository, LoteRepository
from app.core.jobs.contract import Cola, Contexto, ResultadoOut, TrabajoVisto
from app.core.security import Principal
from app.database.unit_of_work import UnitOfWork
from app.shared.exceptions import Conflicto

DESHACER = "importaciones_deshacer"


class NoSeDeshace(Conflicto):
    """Not an import, a dry run, or one that has not ended."""

    codigo = "no_se_deshace"


class DeshechoOut(ResultadoOut):
    """How many things are as before, and how many somebody has touched since and stay."""

    tipo: Literal["importaciones_deshacer"]
    deshechas: int
    tocadas: int


class Trabajos(Protocol):
    async def ver(self, trabajo_id: PydanticObjectId, quien: Principal) -> TrabajoVisto: ...


@attrs.define(kw_only=True)
class DeshacerService:
    """`deshacedores`: who takes back what a kind of import made; named after all modules are built."""

    _trabajos: Trabajos
    _cola: Cola
    _lotes: LoteRepository
    _ensayos: EnsayoRepository
    deshacedores: Mapping[str, Deshacedor] = attrs.field(factory=dict)

    async def deshacer(self, trabajo_id: PydanticObjectId, quien: Principal) -> PydanticObjectId:
        """The job that takes it back; the same one while it has not ended. Raises NoEncontrado, NoSeDeshace."""
        trabajo = await self._trabajos.ver(trabajo_id, quien)
        simulado = trabajo.resultado is not None and trabajo.resultado.get("simulado", False)
        if trabajo.tipo not in self.deshacedores or not trabajo.terminado or simulado:
            raise NoSeDeshace()
        parametros = {"trabajo_id": trabajo_id, "tipo": trabajo.tipo}
        return await self._cola.encolar(
            tipo=DESHACER, parametros=parametros, quien=quien, unico=f"{DESHACER}:{trabajo_id}"
        )

    async def borrar_caducados(self, *, limite: int) -> int:
        """Erase what imports wrote and what dry runs found, once its time is over: up to `limite` rows of each. Returns
        how many rows it erased."""
        lotes = await self._lotes.borrar_caducados(momento=ahora(), limite=limite)
        return max(lotes, await self._ensayos.borrar_caducados(momento=ahora(), limite=limite))


@attrs.define(kw_only=True)
class Deshaciendo:
    """Does the job: an `Encargado`."""

    _servicio: DeshacerService
    _lotes: LoteRepository
    _uow: UnitOfWork

    async def realizar(self, *, contexto: Contexto) -> Mapping[str, Any]:
        """See DeshechoOut."""
        trabajo_id = contexto.parametros["trabajo_id"]
        deshacedor = self._servicio.deshacedores[contexto.parametros["tipo"]]
        hecho = {"deshechas": 0, "tocadas": 0, **contexto.punto}
        while (lote := await self._lotes.ultimo(trabajo_id)) is not None:
            hecho = await self._uow.run(self._un_lote(contexto, deshacedor, lote, hecho))
        return DeshechoOut(tipo="importaciones_deshacer", archivo=None, **hecho).propio()

    def _un_lote(
        self, contexto: Contexto, deshacedor: Deshacedor, lote: LoteDeImportacion, antes: Mapping[str, int]
    ) -> Callable[[], Awaitable[dict[str, int]]]:
        async def fn() -> dict[str, int]:
            hechos = [Hecho(**hecho) for hecho in lote.hechos]
            deshechas = await deshacedor.deshacer(hechos, contexto.quien)
            ahora_van = {
                "deshechas": antes["deshechas"] + deshechas,
                "tocadas": antes["tocadas"] + len(hechos) - deshechas,
            }
            await contexto.guardar(punto=ahora_van, hecho=sum(ahora_van.values()))
            await self._lotes.vaciar(lote.oid)
            return ahora_van

        return fn
