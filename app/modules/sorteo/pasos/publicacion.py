"""Publishing a result, and ending its waiting list.

Both go in batches. Each batch is a transaction that notes how far it came, and the last batch also moves the draw. A
draw of fewer than a thousand participants is one transaction. A larger draw, broken anywhere, goes on from its note. Of
a whole batch, requests that wait are written right after its transaction, while the next one goes on: whoever goes on
from the note looks at the two batches before it too.
"""

from collections.abc import AsyncGenerator, Mapping, Sequence
from functools import partial

import attrs
from beanie import PydanticObjectId

from app.core.clock import ahora
from app.database.unit_of_work import UnitOfWork
from app.modules.sorteo.anuncios.service import Anuncios
from app.modules.sorteo.custodia.lectura import LoteCustodiado, ResultadoCustodiado
from app.modules.sorteo.custodia.ports import LotePorPublicar
from app.modules.sorteo.custodia.service import CustodiaService
from app.modules.sorteo.espacios.repository import EspacioRepository
from app.modules.sorteo.estados import PASOS, EstadoSorteo, Paso
from app.modules.sorteo.exceptions import BasesAlteradas, VigenciaEnCurso
from app.modules.sorteo.historial.models import Suceso, hecho
from app.modules.sorteo.models import Sorteo
from app.modules.sorteo.ports import Solicitudes
from app.modules.sorteo.repository import SorteoRepository
from app.modules.sorteo.resultados.repository import PuestoPorPublicar, ResultadoRepository
from app.modules.sorteo.service import SorteoService
from app.modules.sorteo.turnos.service import Avance, Turnos, sin_avance
from app.shared.exceptions import TransicionInvalida, hallado
from app.shared.reading import por_adelantado, uno_detras_de_otro

LOTE = 1000


@attrs.define(kw_only=True)
class PublicacionService:
    _sorteos: SorteoRepository
    _resultados: ResultadoRepository
    _espacios: EspacioRepository
    _servicio: SorteoService
    _solicitudes: Solicitudes
    _anuncios: Anuncios
    _custodia: CustodiaService
    _turnos: Turnos
    _uow: UnitOfWork

    async def por_publicar(self, id: PydanticObjectId) -> Sorteo:
        """The draw, which may be published now or has been. Raises TransicionInvalida, also for a rehearsal."""
        sorteo = await self._en(id, Paso.publicar)
        if sorteo.ensayo:
            raise TransicionInvalida()
        return sorteo

    async def publicar(self, id: PydanticObjectId, *, avance: Avance = sin_avance) -> Sorteo:
        """Give each participant what the result says, and let go of the spaces without a winner. Raises
        TransicionInvalida, BasesAlteradas."""
        sorteo = await self.por_publicar(id)
        if sorteo.estado is PASOS[Paso.publicar].a:
            return sorteo
        async with self._custodia.vigilar(id, Paso.publicar), self._turnos.tomar(id, Paso.publicar) as ficha:
            await self._custodia.exigir_estado(id)
            sorteo = await self._en(id, Paso.publicar)
            custodiado = await self._custodia.resultado(sorteo, lote=LOTE)
            custodiados = self._custodiados(sorteo, custodiado)
            async with por_adelantado(custodiados) as lotes, uno_detras_de_otro() as despues:
                while True:
                    sorteo = await self._en(id, Paso.publicar)
                    await avance(hecho=sorteo.publicado_hasta, total=(sorteo.admitidos or 0) + (sorteo.en_espera or 0))
                    if sorteo.estado is PASOS[Paso.publicar].a:
                        return sorteo
                    preparado = await anext(lotes, None)
                    if preparado is not None and preparado[0].desde < sorteo.publicado_hasta:
                        if preparado[0].hasta > sorteo.publicado_hasta:
                            raise BasesAlteradas(donde="publicado_hasta")
                        await preparado[1].recuperar()
                        continue
                    if preparado is None or not _entero(preparado[0]):
                        await despues(None)  # the last transaction finds all of them published
                    aplazado = await self._uow.run(partial(self._publicar_lote, id, ficha, preparado))
                    await despues(None if aplazado is None else aplazado.asentar)

    async def finalizar(self, id: PydanticObjectId) -> Sorteo:
        """End the waiting list: unanswered offers lapse, and waiting requests end. Raises TransicionInvalida, and
        VigenciaEnCurso while somebody waits or has not answered, and the term is not over; BasesAlteradas."""
        sorteo = await self.por_finalizar(id)
        if sorteo.estado is PASOS[Paso.finalizar].a:
            return sorteo
        async with self._custodia.vigilar(id, Paso.finalizar), self._turnos.tomar(id, Paso.finalizar) as ficha:
            await self._custodia.exigir_estado(id)
            publicado = sorteo = await self._en(id, Paso.finalizar)
            await self._custodia.exigir_apertura(publicado)
            sorteadas = await self._custodia.cuantas_sorteadas(publicado)
            while sorteo.estado is not PASOS[Paso.finalizar].a:
                await self._uow.run(partial(self._finalizar_lote, publicado, sorteadas, ficha))
                sorteo = await self._en(id, Paso.finalizar)
            return sorteo

    async def por_finalizar(self, id: PydanticObjectId) -> Sorteo:
        """The draw, which may end now or has. Raises as `finalizar`."""
        sorteo = await self._en(id, Paso.finalizar)
        if sorteo.estado is not PASOS[Paso.finalizar].a:
            await self._exigir_fin(sorteo)
        return sorteo

    async def _en(self, id: PydanticObjectId, paso: Paso) -> Sorteo:
        sorteo = await self._servicio.ver(id)
        if sorteo.estado is PASOS[paso].a:
            return sorteo
        if sorteo.estado not in PASOS[paso].desde:
            raise TransicionInvalida()
        self._servicio.exigir_sin_anulacion(sorteo)
        return sorteo

    async def _exigir_fin(self, sorteo: Sorteo) -> None:
        if not self._servicio.vigencia_terminada(sorteo) and await self._solicitudes.en_espera(sorteo_id=sorteo.oid):
            raise VigenciaEnCurso()

    async def _custodiados(
        self, sorteo: Sorteo, custodiado: ResultadoCustodiado
    ) -> AsyncGenerator[tuple[LoteCustodiado, LotePorPublicar]]:
        """The lines that are not published yet, after those of the two batches before, of which requests may be
        missing; the last batch is not full. Raises BasesAlteradas."""
        desde, quedan = max(0, sorteo.publicado_hasta // LOTE - 2) * LOTE, True
        while quedan:
            filas = await self._resultados.por_publicar(sorteo, despues_de=desde, limite=LOTE)
            lote = await self._custodia.exigir_lineas(custodiado, sorteo, filas, desde=desde)
            yield lote, await self._solicitudes.por_publicar(sorteo_id=sorteo.oid, puestos=filas)
            quedan = len(filas) == LOTE
            desde = filas[-1].posicion if filas else desde

    async def _publicar_lote(
        self, id: PydanticObjectId, ficha: str, preparado: tuple[LoteCustodiado, LotePorPublicar] | None
    ) -> LotePorPublicar | None:
        """What it leaves to be written after its transaction, as the transaction found it. `preparado`: none once all
        lines are published, and there are spaces left to let go."""
        await self._turnos.sujetar(id, ficha)
        sorteo = await self._servicio.ver(id)
        filas: Sequence[PuestoPorPublicar] = ()
        aplazado: LotePorPublicar | None = None
        if preparado is not None:
            lote, filas = preparado[0], preparado[0].filas
            if lote.desde != sorteo.publicado_hasta:
                raise BasesAlteradas(donde="publicado_hasta")  # nobody else publishes under this turn
            solicitudes = await preparado[1].confirmado()
            lote.exigir_titulares(solicitudes.titulares)
            lote.exigir_terminos(solicitudes.terminos)
            await self._traspasar(id, {fila.espacio: fila.solicitud_id for fila in filas if fila.espacio is not None})
            aplazado = solicitudes if _entero(lote) else None
            await solicitudes.publicar(aplazar=aplazado is not None)
        poner: dict[str, object] = {"publicado_hasta": filas[-1].posicion if filas else sorteo.publicado_hasta}
        ultimo = None
        if len(filas) < LOTE:
            if await self._solicitudes.por_folio(sorteo_id=id, limite=1):
                raise BasesAlteradas(donde="publicado_hasta")  # somebody said that lines were published which were not
            if await self._espacios.soltar_varios(ref=id, limite=LOTE) < LOTE:
                await self._solicitudes.pasar_a(sorteo_id=id, fase="publicado")
                poner |= {"estado": EstadoSorteo.publicado, "publicado_en": ahora(), "alteracion": None, "turno": None}
                ultimo = Suceso.publicar
        escrito = await self._escribir(id, EstadoSorteo.ejecutado, ficha, poner, ultimo)
        if ultimo is not None and escrito.huella_resultado is not None and escrito.publicado_en is not None:
            await self._custodia.publicar_huellas(
                escrito,
                Paso.publicar,
                {"huella_resultado": escrito.huella_resultado, "publicado_en": escrito.publicado_en},
            )
        return aplazado

    async def _traspasar(self, id: PydanticObjectId, ganados: Mapping[str, PydanticObjectId]) -> None:
        if await self._espacios.traspasar_varios(de=id, a=ganados) != len(ganados):
            raise BasesAlteradas(donde="espacios")  # somebody took a claim of the draw away

    async def _finalizar_lote(self, sorteo: Sorteo, sorteadas: int, ficha: str) -> None:
        """`sorteo`: as it was published, and how many were drawn. What its row says of the term by now ends nothing,
        nor that requests of it are not to be found."""
        id = sorteo.oid
        await self._turnos.sujetar(id, ficha)
        await self._exigir_fin(sorteo)
        if not self._servicio.vigencia_terminada(sorteo) and not await self._solicitudes.completas(
            sorteo_id=id, cuantas=sorteadas
        ):
            raise BasesAlteradas(donde="solicitudes")
        if await self._solicitudes.finalizar(sorteo_id=id, limite=LOTE) < LOTE:
            await self._solicitudes.pasar_a(sorteo_id=id, fase="terminado")
            poner = {"estado": EstadoSorteo.finalizado, "finalizado_en": ahora(), "turno": None}
            finalizado = await self._escribir(id, EstadoSorteo.publicado, ficha, poner, Suceso.finalizar)
            await self._anuncios.finalizado(finalizado)

    async def _escribir(
        self, id: PydanticObjectId, desde: EstadoSorteo, ficha: str, poner: Mapping[str, object], suceso: Suceso | None
    ) -> Sorteo:
        """The last write of a batch; `suceso`: what the draw has come to by it. Raises TransicionInvalida, which undoes
        the batch."""
        agregar = {"historia": None if suceso is None else hecho(suceso)}
        return hallado(
            await self._sorteos.pasar(id, desde=desde, ficha=ficha, sin_anular=True, poner=poner, agregar=agregar),
            si_no=TransicionInvalida,
        )


def _entero(lote: LoteCustodiado) -> bool:
    """Whether another batch follows, if only without lines."""
    return len(lote.filas) == LOTE
