"""Annulling a draw. Once its number can be known, nobody does it alone: a result that displeases still stands."""

from datetime import timedelta

from beanie import PydanticObjectId

from app.core.clock import ahora
from app.core.security import Principal
from app.database.unit_of_work import UnitOfWork
from app.modules.sorteo.boveda import Boveda
from app.modules.sorteo.espacios.repository import EspacioRepository
from app.modules.sorteo.estados import PASOS, EstadoSorteo, Paso
from app.modules.sorteo.exceptions import AnulacionPropia, SinAnulacion
from app.modules.sorteo.models import Anulacion, Sorteo
from app.modules.sorteo.ports import Cuentas, Solicitudes
from app.modules.sorteo.repository import SecretoRepository, SorteoRepository
from app.modules.sorteo.service import SorteoService
from app.modules.sorteo.turnos import Turnos
from app.shared.exceptions import TransicionInvalida

ESPERA = timedelta(hours=72)
LOTE = 1000


class AnulacionService:
    def __init__(
        self,
        *,
        sorteos: SorteoRepository,
        secretos: SecretoRepository,
        espacios: EspacioRepository,
        consulta: SorteoService,
        solicitudes: Solicitudes,
        cuentas: Cuentas,
        boveda: Boveda,
        turnos: Turnos,
        uow: UnitOfWork,
    ) -> None:
        self._sorteos = sorteos
        self._secretos = secretos
        self._espacios = espacios
        self._consulta = consulta
        self._solicitudes = solicitudes
        self._cuentas = cuentas
        self._boveda = boveda
        self._turnos = turnos
        self._uow = uow

    async def anular(self, id: PydanticObjectId, *, motivo: str, quien: Principal) -> Sorteo:
        """At once while nothing can be known; afterwards it waits for somebody else, or where there is nobody, for 72
        hours. Asked again, it answers what stands."""
        sorteo = await self._consulta.ver(id)
        if sorteo.estado is PASOS[Paso.anular].a or sorteo.anulacion is not None:
            return sorteo
        if sorteo.estado not in PASOS[Paso.anular].desde:
            raise TransicionInvalida()
        anulacion = Anulacion(motivo=motivo, pedida_por=quien.usuario_id, pedida_en=ahora(), efecto_en=None)
        if not _necesita_otro(sorteo):
            return await self._ejecutar(sorteo, anulacion)
        hay_otro = await self._cuentas.otro_confirmador(
            excepto=quien.usuario_id, desde=sorteo.abierto_en or sorteo.creado_en
        )
        if not hay_otro:
            anulacion = anulacion.model_copy(update={"efecto_en": anulacion.pedida_en + ESPERA})
        pedido = await self._sorteos.pasar(
            id, desde=sorteo.estado, salvo={"anulacion": None}, cambio={"$set": {"anulacion": anulacion.model_dump()}}
        )
        return pedido or await self._consulta.ver(id)

    async def confirmar(self, id: PydanticObjectId, *, quien: Principal) -> Sorteo:
        """By another admin, or an auditor, who was so before the draw opened. Raises SinAnulacion, AnulacionPropia."""
        sorteo = await self._consulta.ver(id)
        if sorteo.estado is PASOS[Paso.anular].a:
            return sorteo
        if sorteo.anulacion is None:
            raise SinAnulacion()
        desde = sorteo.abierto_en or sorteo.creado_en
        if sorteo.anulacion.pedida_por == quien.usuario_id or not await self._cuentas.puede_confirmar(
            usuario_id=quien.usuario_id, desde=desde
        ):
            raise AnulacionPropia()
        confirmada = sorteo.anulacion.model_copy(update={"confirmada_por": quien.usuario_id})
        return await self._ejecutar(sorteo, confirmada)

    async def vencer(self, id: PydanticObjectId) -> Sorteo:
        """Carry out an annulment whose 72 hours have passed."""
        sorteo = await self._consulta.ver(id)
        anulacion = sorteo.anulacion
        if anulacion is None or anulacion.efecto_en is None or anulacion.efecto_en > ahora():
            return sorteo
        return await self._ejecutar(sorteo, anulacion)

    async def _ejecutar(self, sorteo: Sorteo, anulacion: Anulacion) -> Sorteo:
        async with self._turnos.tomar(sorteo.oid, Paso.anular) as ficha:
            while True:
                ahora_es = await self._consulta.ver(sorteo.oid)
                if ahora_es.estado is PASOS[Paso.anular].a:
                    return ahora_es
                if ahora_es.estado is not sorteo.estado:
                    raise TransicionInvalida()
                await self._uow.run(lambda: self._anular_lote(sorteo, anulacion, ficha))

    async def _anular_lote(self, sorteo: Sorteo, anulacion: Anulacion, ficha: str) -> None:
        id = sorteo.oid
        canceladas = await self._solicitudes.anular(sorteo_id=id, limite=LOTE)
        cambio: dict[str, object] = {"turno.paso": Paso.anular}
        if canceladas < LOTE:
            await self._espacios.soltar(ref=id)
            await self._solicitudes.pasar_a(sorteo_id=id, fase="terminado")
            cambio = {"estado": EstadoSorteo.anulado, "anulado_en": ahora(), "anulacion": anulacion.model_dump()}
            if sorteo.huella is not None:
                cambio["secreto"] = await self._secreto(id)
        if await self._sorteos.pasar(id, desde=sorteo.estado, ficha=ficha, cambio={"$set": cambio}) is None:
            raise TransicionInvalida()

    async def _secreto(self, id: PydanticObjectId) -> str | None:
        guardado = await self._secretos.get(id)
        return None if guardado is None else self._boveda.abrir(guardado.sellado, id)


def _necesita_otro(sorteo: Sorteo) -> bool:
    if sorteo.ensayo:
        return False
    conocible = ahora() >= sorteo.fuente_entropia.conocible_desde
    return sorteo.estado is EstadoSorteo.ejecutado or (sorteo.estado is EstadoSorteo.cerrado and conocible)
