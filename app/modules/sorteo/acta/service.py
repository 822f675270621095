"""The minutes of a draw: what people write into them, and the document."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass
from zoneinfo import ZoneInfo

from beanie import PydanticObjectId

from app.core.clock import ahora
from app.core.processes import en_otro_proceso
from app.core.security import Principal
from app.database.unit_of_work import UnitOfWork
from app.modules.sorteo.acta.contenido import Contenido, celdas, contenido
from app.modules.sorteo.acta.impreso import MAX_FILAS, Pliego, componer
from app.modules.sorteo.acta.models import Acta, Firmante
from app.modules.sorteo.acta.repository import ActaRepository, PuestoRepository
from app.modules.sorteo.acta.schemas import ActaIn, Formato
from app.modules.sorteo.acta.tabla import en_csv, en_xlsx
from app.modules.sorteo.estados import CON_RESULTADO, EstadoSorteo
from app.modules.sorteo.exceptions import NoDisponibleTodavia
from app.modules.sorteo.models import Sorteo
from app.modules.sorteo.pasos.cabezas import Testigos
from app.modules.sorteo.ports import Conjunto
from app.modules.sorteo.repository import SorteoRepository
from app.modules.sorteo.service import SorteoService
from app.shared.exceptions import TransicionInvalida

# While it may still be contested. Once the draw has ended, so have its minutes.
_ABIERTA = frozenset({EstadoSorteo.ejecutado, EstadoSorteo.publicado})
_PUBLICADA = frozenset({EstadoSorteo.publicado, EstadoSorteo.finalizado})
_SELLOS = {EstadoSorteo.ejecutado: "BORRADOR", EstadoSorteo.anulado: "ANULADO"}


@dataclass(frozen=True, slots=True)
class Documento:
    nombre: str
    formato: Formato
    partes: AsyncIterator[bytes]


class ActaService:
    def __init__(
        self,
        *,
        actas: ActaRepository,
        puestos: PuestoRepository,
        sorteos: SorteoRepository,
        servicio: SorteoService,
        testigos: Testigos,
        uow: UnitOfWork,
        conjunto: Conjunto,
        zona: ZoneInfo,
    ) -> None:
        self._actas = actas
        self._puestos = puestos
        self._sorteos = sorteos
        self._servicio = servicio
        self._testigos = testigos
        self._uow = uow
        self._conjunto = conjunto
        self._zona = zona
        self._prensa = asyncio.Semaphore(1)

    async def escribir(self, id: PydanticObjectId, datos: ActaIn) -> Acta:
        """In place of what was written before. Raises NoEncontrado, TransicionInvalida before the draw has run and
        once it has ended."""

        async def paso() -> Acta:
            sorteo = await self._servicio.ver(id)
            if sorteo.estado not in _ABIERTA:
                raise TransicionInvalida()
            momento = ahora()
            # A write on the draw itself, so that it does not end meanwhile.
            if await self._sorteos.pasar(id, desde=sorteo.estado, cambio={"$set": {"acta_en": momento}}) is None:
                raise TransicionInvalida()
            acta = Acta(
                id=id,
                asistentes=datos.asistentes,
                incidencias=datos.incidencias,
                firmantes=[Firmante(nombre=f.nombre, cargo=f.cargo) for f in datos.firmantes],
                escrita_en=momento,
            )
            await self._actas.guardar(acta)
            return acta

        return await self._uow.run(paso)

    async def documento(self, id: PydanticObjectId, formato: Formato, quien: Principal) -> Documento:
        """For staff from the moment it has run, marked while it is not published; for everybody from then on. Raises
        NoEncontrado, NoDisponibleTodavia."""
        sorteo = await self._servicio.ver(id, quien)
        if not _puede_leerla(sorteo, quien):
            raise NoDisponibleTodavia()
        dicho = contenido(
            sorteo,
            await self._actas.get(id),
            await self._testigos.de_ahora(),
            conjunto=await self._conjunto.ver(),
            zona=self._zona,
            fecha=ahora(),
        )
        match formato:
            case Formato.csv:
                partes = en_csv(dicho, self._puestos.por_posicion(id))
            case Formato.xlsx:
                partes = en_xlsx(dicho, self._puestos.por_posicion(id))
            case Formato.pdf:
                partes = self._imprimir(sorteo, dicho)
        return Documento(nombre=f"acta-{id}.{formato}", formato=formato, partes=partes)

    async def _imprimir(self, sorteo: Sorteo, dicho: Contenido) -> AsyncIterator[bytes]:
        """One at a time: each takes a processor for as long as it lasts."""
        filas = None
        if dicho.filas <= MAX_FILAS:
            filas = [celdas(puesto) async for lote in self._puestos.por_posicion(sorteo.oid) for puesto in lote]
        datos = asdict(dicho) | {"fecha": None, "sello": _SELLOS.get(sorteo.estado), "filas": filas}
        async with self._prensa:
            pdf = await en_otro_proceso(componer, Pliego(datos | {"total": dicho.filas}, dicho.fecha))
        # Whoever reads slowly, or goes away, keeps nobody else from theirs.
        yield pdf


def _puede_leerla(sorteo: Sorteo, quien: Principal) -> bool:
    if sorteo.huella_resultado is None or sorteo.estado not in CON_RESULTADO | {EstadoSorteo.anulado}:
        return False
    return quien.es_personal or sorteo.estado in _PUBLICADA
