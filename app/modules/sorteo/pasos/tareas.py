"""What the clock does with draws: it opens, closes and ends them, and finishes steps that were left half done. Any
process may run these tasks at any time, also several at once."""

import logging
from collections.abc import Awaitable, Callable
from datetime import date
from functools import partial
from zoneinfo import ZoneInfo

import attrs
from beanie import PydanticObjectId

from app.core.acts.contract import atendiendo, del_sistema
from app.core.clock import ahora, hoy
from app.core.metrics import anotar_detenidos
from app.modules.sorteo.asignaciones.repository import AsignacionRepository
from app.modules.sorteo.asignaciones.service import AsignacionService
from app.modules.sorteo.custodia.service import CustodiaService
from app.modules.sorteo.estados import EstadoSorteo, Paso
from app.modules.sorteo.models import Sorteo
from app.modules.sorteo.pasos.anulacion import AnulacionService
from app.modules.sorteo.pasos.apertura import AperturaService
from app.modules.sorteo.pasos.cierre import CierreService
from app.modules.sorteo.pasos.ejecucion import EjecucionService
from app.modules.sorteo.pasos.publicacion import PublicacionService
from app.modules.sorteo.repository import SorteoRepository
from app.modules.sorteo.turnos import service as turnos
from app.shared.exceptions import ParkNetError

log = logging.getLogger(__name__)

_LOTE = 200


@attrs.define(kw_only=True)
class TareasDeSorteos:
    _sorteos: SorteoRepository
    _custodia: CustodiaService
    _asignaciones: AsignacionRepository
    _apertura: AperturaService
    _cierre: CierreService
    _ejecucion: EjecucionService
    _publicacion: PublicacionService
    _anulacion: AnulacionService
    _entregas: AsignacionService
    _zona: ZoneInfo

    async def atender(self) -> None:
        """Do what is due now. A draw whose step fails keeps no other draw from its step: the failure is logged, and the
        draw waits for an administrator."""
        dia = hoy(self._zona)
        intentados: list[str | None] = []
        for sorteo in await self._sorteos.por_atender(ahora=ahora(), hoy=dia.isoformat(), turno=turnos.DURACION):
            if paso := await self._debido_y_libre(sorteo, dia):
                nombre, dar = paso
                # The audit names the step by the operation with which a person would take it.
                with atendiendo(del_sistema(nombre, sorteo.oid)):
                    intentados.append(await _intentar(dar, sorteo.oid))
        cumplidas = await self._asignaciones.cumplidas(hoy=dia, limite=_LOTE)
        for sorteo_id in dict.fromkeys(asignacion.sorteo_id for asignacion in cumplidas):
            with atendiendo(del_sistema("sorteo_terminar_asignaciones", sorteo_id)):
                for asignacion in (a for a in cumplidas if a.sorteo_id == sorteo_id):
                    intentados.append(await _intentar(partial(self._entregas.cumplir, asignacion), asignacion.oid))
        anotar_detenidos([codigo for codigo in intentados if codigo is not None])

    async def _debido_y_libre(self, sorteo: Sorteo, dia: date) -> tuple[str, Callable[[], Awaitable[object]]] | None:
        """A draw that a step found altered waits for people, but for its annulment."""
        espera = sorteo.anulacion is None and await self._custodia.se_denuncio(sorteo)
        return None if espera else self._debido(sorteo, dia)

    def _debido(self, sorteo: Sorteo, dia: date) -> tuple[str, Callable[[], Awaitable[object]]] | None:
        """The step that is due to `sorteo`, of which nobody has the turn: its name in the audit, and the call."""
        id, momento = sorteo.oid, ahora()
        a_medias = None if sorteo.turno is None else sorteo.turno.paso
        if sorteo.anulacion is not None:
            # Every other step waits for the annulment.
            return "sorteo_anular_sorteo", partial(self._anulacion.continuar, id)
        a_tiempo = sorteo.ensayo or momento < sorteo.fuente_entropia.conocible_desde
        match sorteo.estado:
            case EstadoSorteo.borrador:
                llegada = sorteo.apertura is not None and sorteo.apertura <= momento
                # Too late to open, a draft can only be annulled or given other times. An opening that died half way is
                # taken up, even when it can only be undone.
                if (llegada and a_tiempo) or a_medias == Paso.abrir:
                    return "sorteo_abrir_sorteo", partial(self._apertura.abrir, id, por_si_solo=llegada)
            case EstadoSorteo.abierto:
                llegada = sorteo.cierre is not None and sorteo.cierre <= momento
                # A closing that died half way is taken up, even when it can only be undone.
                if (llegada and a_tiempo) or a_medias == Paso.cerrar:
                    return "sorteo_cerrar_sorteo", partial(self._cierre.cerrar, id, por_si_solo=llegada)
            case EstadoSorteo.cerrado if sorteo.por_congelar or a_medias == Paso.reabrir:
                return "sorteo_cerrar_sorteo", partial(self._cierre.cerrar, id)
            case EstadoSorteo.cerrado if sorteo.entropia is not None:
                return "sorteo_ejecutar_sorteo", partial(self._ejecucion.ejecutar, id, None)
            case EstadoSorteo.ejecutado if (
                sorteo.publicado_hasta or a_medias == Paso.publicar or sorteo.se_publica(momento)
            ):
                return "sorteo_publicar_sorteo", partial(self._publicacion.publicar, id)
            case EstadoSorteo.publicado if sorteo.vigencia.hasta < dia or a_medias == Paso.finalizar:
                return "sorteo_finalizar_sorteo", partial(self._publicacion.finalizar, id)
        return None


async def _intentar(paso: Callable[[], Awaitable[object]], id: PydanticObjectId) -> str | None:
    """The `codigo` of what kept the step from being done; None when it was done."""
    try:
        await paso()
    except ParkNetError as error:
        log.warning("%s no avanza por sí solo: %s", id, error.codigo)
        return error.codigo
    except Exception:
        log.exception("%s no avanza por sí solo", id)
        return "error_interno"
    return None
