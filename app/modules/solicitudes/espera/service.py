"""The waiting list of a draw: who is in line, spaces that are offered to the next, and answers that come too late."""

import logging

import attrs
from beanie import PydanticObjectId

from app.core.acts.contract import atendiendo, del_sistema
from app.core.clock import ahora
from app.core.security import Principal
from app.database.unit_of_work import UnitOfWork
from app.modules.solicitudes.estados import Actor, Fase, RequestStatus
from app.modules.solicitudes.exceptions import EspacioNoLibre, SolicitudAlterada
from app.modules.solicitudes.models import Solicitud
from app.modules.solicitudes.movimientos.noticias import Noticias
from app.modules.solicitudes.movimientos.precintos import Precintos
from app.modules.solicitudes.movimientos.service import ANTES_DEL_PLAZO, Movimientos
from app.modules.solicitudes.permisos import Permisos
from app.modules.solicitudes.ports import Espacios
from app.modules.solicitudes.repository import SolicitudRepository
from app.modules.solicitudes.schemas import LiberacionOut, RequestOut
from app.modules.solicitudes.ventanilla.repository import VentanillaRepository
from app.modules.solicitudes.vista import Vista
from app.shared.exceptions import EntradaInvalida, TransicionInvalida, hallado
from app.shared.pagination import Page, PageQuery

log = logging.getLogger(__name__)

_LOTE = 200


@attrs.define(kw_only=True)
class EsperaService:
    """The beat of any process may call `vencer` and `recordar`, as often as it likes and several at once."""

    _solicitudes: SolicitudRepository
    _ventanillas: VentanillaRepository
    _movimientos: Movimientos
    _espacios: Espacios
    _noticias: Noticias
    _permisos: Permisos
    _vista: Vista
    _precintos: Precintos
    _uow: UnitOfWork

    async def listar(self, sorteo_id: PydanticObjectId, consulta: PageQuery, quien: Principal) -> Page[RequestOut]:
        """Who still waits, first in line first. Raises NoEncontrado."""
        hallado(await self._ventanillas.get(sorteo_id))
        pagina = await self._solicitudes.listar_espera(sorteo_id, consulta)
        return pagina.con(await self._vista.varias(pagina.items, await self._permisos.llamador(quien)))

    async def liberar(self, sorteo_id: PydanticObjectId, espacio: str, quien: Principal) -> LiberacionOut:
        """Offer a space that stands free to the next in line; to nobody only where nobody fits. Raises NoEncontrado,
        TransicionInvalida unless the draw is `publicado`, EntradaInvalida for a space that is not in the draw,
        EspacioNoLibre, SolicitudAlterada."""

        async def paso() -> Solicitud | None:
            ventanilla = hallado(await self._ventanillas.get(sorteo_id))
            if ventanilla.fase is not Fase.publicado:
                raise TransicionInvalida()
            if await self._espacios.espacio(sorteo_id=sorteo_id, codigo=espacio) is None:
                segun = await self._espacios.publicados(sorteo_id=sorteo_id)
                if not segun(espacio, None):
                    raise SolicitudAlterada(sorteo_id, donde="espacios")
                raise EntradaInvalida.en("espacio", "no_existe")
            desde, hasta = ventanilla.terminos.desde, ventanilla.terminos.hasta
            if not await self._espacios.libre(codigo=espacio, desde=desde, hasta=hasta):
                raise EspacioNoLibre()
            return await self._movimientos.ofrecer(sorteo_id=sorteo_id, codigo=espacio)

        async with self._precintos.vigilar():
            ofrecida = await self._uow.run(paso)
        oferta = None
        if ofrecida is not None:
            oferta = await self._vista.una(ofrecida, await self._permisos.llamador(quien))
        return LiberacionOut.model_validate({"oferta": oferta})

    async def vencer(self) -> int:
        """Let the answers lapse that did not come in time; how many. Each lapses in a transaction of its own, and those
        of one draw in one act of the system."""
        vencidas, cuantas = await self._solicitudes.vencidas(ahora=ahora(), limite=_LOTE), 0
        for sorteo_id in dict.fromkeys(solicitud.sorteo_id for solicitud in vencidas):
            with atendiendo(del_sistema("solicitudes_vencer", sorteo_id)):
                cuantas += sum([await self._vencer(s) for s in vencidas if s.sorteo_id == sorteo_id])
        return cuantas

    async def recordar(self) -> None:
        """Remind people of the time they have to answer. Who was reminded is marked in the transaction that tells
        them."""
        while await self._uow.run(self._recordar) == _LOTE:
            pass

    async def _vencer(self, solicitud: Solicitud) -> bool:
        try:
            async with self._precintos.vigilar():
                await self._uow.run(
                    lambda: self._movimientos.mover(solicitud, RequestStatus.vencida, actor=Actor.sistema)
                )
        except (TransicionInvalida, SolicitudAlterada):
            return False  # it was answered, or given more time, since it was read; or somebody wrote on it
        except Exception:
            # One that cannot lapse must not keep the others from it, beat after beat.
            log.exception("la solicitud %s no vence", solicitud.id)
            return False
        return True

    async def _recordar(self) -> int:
        momento = ahora()
        lote = await self._solicitudes.por_recordar(ahora=momento, hasta=momento + ANTES_DEL_PLAZO, limite=_LOTE)
        if lote:
            await self._solicitudes.marcar_recordadas([s.oid for s in lote])
            await self._noticias.por_vencer(lote)
        return len(lote)
