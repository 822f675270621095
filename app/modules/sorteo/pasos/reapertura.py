"""Taking requests again, before the public number can be known. The published hash stays listed.

What the closing moved goes back in batches, under a turn, the last of them in the transaction that opens the draw.
Until then the draw is `por_congelar`: if no more comes of it, the beat moves again what had gone back."""

from datetime import datetime
from functools import partial

import attrs
from beanie import PydanticObjectId

from app.core.clock import ahora
from app.database.unit_of_work import UnitOfWork
from app.modules.sorteo.anuncios.service import Anuncios
from app.modules.sorteo.custodia.service import CustodiaService
from app.modules.sorteo.estados import PASOS, EstadoSorteo, Paso
from app.modules.sorteo.exceptions import CierreTardio
from app.modules.sorteo.historial.models import Suceso, hecho
from app.modules.sorteo.models import Sorteo
from app.modules.sorteo.pasos.apertura import cierre_ya_dicho, exigir_cierre
from app.modules.sorteo.pasos.models import HuellaAnterior
from app.modules.sorteo.ports import Solicitudes
from app.modules.sorteo.repository import SorteoRepository
from app.modules.sorteo.service import SorteoService
from app.modules.sorteo.turnos.service import Turnos
from app.shared.exceptions import EntradaInvalida, TransicionInvalida

LOTE = 1000


@attrs.define(kw_only=True)
class ReaperturaService:
    _sorteos: SorteoRepository
    _servicio: SorteoService
    _solicitudes: Solicitudes
    _custodia: CustodiaService
    _turnos: Turnos
    _anuncios: Anuncios
    _uow: UnitOfWork

    async def reabrir(self, id: PydanticObjectId, *, motivo: str, cierre: datetime | None) -> Sorteo:
        """Raises TransicionInvalida, AnulacionPendiente, CierreTardio, EntradaInvalida, BasesAlteradas."""
        sorteo = await self._por_reabrir(id, cierre)
        if sorteo.estado is PASOS[Paso.reabrir].a:
            return sorteo
        async with self._custodia.vigilar(id, Paso.reabrir), self._turnos.tomar(id, Paso.reabrir) as ficha:
            # When the number can be known is what the opening said.
            await self._custodia.exigir_estado(id)
            await self._custodia.exigir_apertura(await self._servicio.ver(id))
            folio: int | None = 0
            while folio is not None:
                folio = await self._uow.run(partial(self._reabrir_lote, id, ficha, motivo, cierre, folio))
        return await self._servicio.ver(id)

    async def _por_reabrir(self, id: PydanticObjectId, cierre: datetime | None) -> Sorteo:
        """The draw, which may be opened again now or has been."""
        sorteo = await self._servicio.ver(id)
        if sorteo.estado is PASOS[Paso.reabrir].a and sorteo.huellas_anteriores:
            return sorteo
        if sorteo.estado not in PASOS[Paso.reabrir].desde or sorteo.entropia is not None:
            raise TransicionInvalida()
        self._servicio.exigir_sin_anulacion(sorteo)
        momento = ahora()
        if not sorteo.ensayo and momento >= sorteo.fuente_entropia.conocible_desde:
            raise CierreTardio()
        if cierre is not None:
            exigir_cierre(sorteo, cierre)
        elif sorteo.cierre is not None and sorteo.cierre <= momento:
            raise EntradaInvalida.en("cierre", "requerido")
        return sorteo

    async def _reabrir_lote(
        self, id: PydanticObjectId, ficha: str, motivo: str, cierre: datetime | None, folio: int
    ) -> int | None:
        """Those after `folio`; how far it came, None when the draw is open."""
        await self._turnos.sujetar(id, ficha)
        sorteo = await self._por_reabrir(id, cierre)
        if sorteo.estado is PASOS[Paso.reabrir].a:
            return None
        ultimo = await self._solicitudes.descongelar(sorteo_id=id, despues_de=folio, limite=LOTE)
        if ultimo is None:
            await self._abrir(sorteo, ficha, motivo, sorteo.cierre if cierre is None else cierre)
        else:
            await self._sorteos.pasar(id, desde=EstadoSorteo.cerrado, ficha=ficha, poner={"por_congelar": True})
        return ultimo

    async def _abrir(self, sorteo: Sorteo, ficha: str, motivo: str, cierre: datetime | None) -> None:
        if sorteo.huella is None or sorteo.intento is None or sorteo.cerrado_en is None:
            raise TransicionInvalida()
        momento = ahora()
        anterior = HuellaAnterior(
            huella=sorteo.huella,
            huella_padron=sorteo.huella_padron,
            intento=sorteo.intento,
            cerrado_en=sorteo.cerrado_en,
            reabierto_en=momento,
            motivo=motivo,
        )
        reabierto = await self._sorteos.pasar(
            sorteo.oid,
            desde=EstadoSorteo.cerrado,
            igual={"entropia": None, "anulacion": None},
            ficha=ficha,
            poner={
                "estado": EstadoSorteo.abierto,
                "cierre": cierre,
                "huella": None,
                "huella_padron": None,
                "intento": None,
                "participantes": None,
                "por_congelar": False,
                "cerrado_en": None,
                "cierre_avisado": cierre_ya_dicho(cierre, momento),
                "turno": None,
            },
            agregar={
                "huellas_anteriores": anterior,
                "historia": hecho(Suceso.reabrir, huellas={"huella": anterior.huella}, motivo=motivo, cierre=cierre),
            },
        )
        if reabierto is None:
            raise TransicionInvalida()
        await self._solicitudes.abrir(sorteo_id=sorteo.oid, cierre=cierre)
        await self._custodia.decir_cierre(reabierto, Paso.reabrir, cierre)
        await self._anuncios.reabierto(reabierto, motivo=motivo)
