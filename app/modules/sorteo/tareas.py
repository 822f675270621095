"""What draws do by themselves: open, close, end, finish a step that was left half done. Any process may run these, as
often as it likes, and several at once."""

import logging
from collections.abc import Awaitable, Callable
from zoneinfo import ZoneInfo

from app.core.clock import ahora, hoy
from app.modules.sorteo.anulacion import AnulacionService
from app.modules.sorteo.asignaciones.repository import AsignacionRepository
from app.modules.sorteo.asignaciones.service import AsignacionService
from app.modules.sorteo.cierre import CierreService
from app.modules.sorteo.ejecucion import EjecucionService
from app.modules.sorteo.estados import EstadoSorteo, Paso
from app.modules.sorteo.models import Sorteo
from app.modules.sorteo.publicacion import PublicacionService
from app.modules.sorteo.repository import SorteoRepository
from app.modules.sorteo.service import SorteoService
from app.shared.exceptions import ParkNetError

log = logging.getLogger(__name__)

_LOTE = 200


class TareasDeSorteos:
    def __init__(
        self,
        *,
        sorteos: SorteoRepository,
        asignaciones: AsignacionRepository,
        apertura: SorteoService,
        cierre: CierreService,
        ejecucion: EjecucionService,
        publicacion: PublicacionService,
        anulacion: AnulacionService,
        entregas: AsignacionService,
        zona: ZoneInfo,
    ) -> None:
        self._sorteos = sorteos
        self._asignaciones = asignaciones
        self._apertura = apertura
        self._cierre = cierre
        self._ejecucion = ejecucion
        self._publicacion = publicacion
        self._anulacion = anulacion
        self._entregas = entregas
        self._zona = zona

    async def atender(self) -> None:
        """Do what is due now. A rule that keeps one draw from its step (its time has passed, say) does not keep the
        others: it is logged, and the draw waits for an administrator."""
        dia = hoy(self._zona)
        for sorteo in await self._sorteos.por_atender(ahora=ahora(), hoy=dia.isoformat()):
            paso = self._debido(sorteo)
            if paso is None:
                continue
            try:
                await paso()
            except ParkNetError as error:
                log.warning("el sorteo %s no avanza por sí solo: %s", sorteo.id, error.codigo)
        for asignacion in await self._asignaciones.cumplidas(hoy=dia, limite=_LOTE):
            await self._entregas.cumplir(asignacion)

    def _debido(self, sorteo: Sorteo) -> Callable[[], Awaitable[object]] | None:
        id = sorteo.oid
        interrumpido = sorteo.turno is not None and sorteo.turno.vence_en <= ahora()
        match sorteo.estado:
            case EstadoSorteo.borrador if sorteo.apertura is not None:
                return lambda: self._apertura.abrir(id)
            case EstadoSorteo.abierto:
                llegada = sorteo.cierre is not None and sorteo.cierre <= ahora()
                if not sorteo.ensayo and ahora() >= sorteo.fuente_entropia.conocible_desde:
                    return None  # too late: only an annulment is left
                return lambda: self._cierre.cerrar(id, por_si_solo=llegada)
            case EstadoSorteo.cerrado | EstadoSorteo.ejecutado if _anulacion_vencida(sorteo):
                return lambda: self._anulacion.vencer(id)
            case EstadoSorteo.cerrado if interrumpido and sorteo.entropia is not None:
                return lambda: self._ejecucion.ejecutar(id, None)
            case EstadoSorteo.ejecutado if interrumpido and sorteo.turno and sorteo.turno.paso == Paso.publicar:
                return lambda: self._publicacion.publicar(id)
            case EstadoSorteo.publicado:
                return lambda: self._publicacion.finalizar(id)
        return None


def _anulacion_vencida(sorteo: Sorteo) -> bool:
    efecto = None if sorteo.anulacion is None else sorteo.anulacion.efecto_en
    return efecto is not None and efecto <= ahora()
