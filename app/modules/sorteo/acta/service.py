"""The minutes of a draw: what people write into them, and the document."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import attrs
from beanie import PydanticObjectId

from app.core.clock import ahora
from app.core.processes import en_otro_proceso
from app.core.security import Principal
from app.database.unit_of_work import UnitOfWork, una_transaccion
from app.modules.sorteo.acta.contenido import Contenido, celdas, celdas_de_unidad, contenido
from app.modules.sorteo.acta.impreso import MAX_FILAS, componer
from app.modules.sorteo.acta.models import Acta, Firmante
from app.modules.sorteo.acta.palabras import Palabras
from app.modules.sorteo.acta.pliego import pliego
from app.modules.sorteo.acta.ports import Conjunto
from app.modules.sorteo.acta.repository import ActaRepository, DeUnidad, Puesto, PuestoRepository
from app.modules.sorteo.acta.schemas import ActaIn, Formato
from app.modules.sorteo.custodia.ports import Bitacora
from app.modules.sorteo.estados import CON_RESULTADO, PUBLICADOS, EstadoSorteo
from app.modules.sorteo.exceptions import NoDisponibleTodavia
from app.modules.sorteo.models import Sorteo
from app.modules.sorteo.ports import NombreDeUnidad, Padron
from app.modules.sorteo.reclamos.repository import ReclamoRepository
from app.modules.sorteo.repository import SorteoRepository
from app.modules.sorteo.resultados.mostrador import LineasPublicadas, Mostrador
from app.modules.sorteo.resultados.service import ResultadosService
from app.modules.sorteo.service import SorteoService
from app.shared.exceptions import TransicionInvalida
from app.shared.messages import Idioma
from app.shared.sheets import Filas, FormatoDeTabla, Hoja, en_tabla
from app.shared.utils import orden_natural

# Minutes may be written while the result may be contested: until the draw ends.
_ABIERTA = frozenset({EstadoSorteo.ejecutado, EstadoSorteo.publicado})
_DE_UNA_VEZ = 2_000
_ANCHOS = (34, 70, 24, 10, 70)


@dataclass(frozen=True, slots=True)
class Documento:
    nombre: str
    partes: AsyncIterator[bytes]


@attrs.define(kw_only=True)
class ActaService:
    _actas: ActaRepository
    _puestos: PuestoRepository
    _reclamos: ReclamoRepository
    _sorteos: SorteoRepository
    _servicio: SorteoService
    _consulta: ResultadosService
    _mostrador: Mostrador
    _bitacora: Bitacora
    _uow: UnitOfWork
    _conjunto: Conjunto
    _padron: Padron
    _url: str
    _zona: ZoneInfo
    _prensa: asyncio.Semaphore = attrs.field(init=False, factory=lambda: asyncio.Semaphore(1))

    @una_transaccion
    async def escribir(self, id: PydanticObjectId, datos: ActaIn) -> Acta:
        """Replace what was written before. Raises NoEncontrado; TransicionInvalida before the draw has run and after
        the draw has ended."""
        sorteo = await self._servicio.ver(id)
        if sorteo.estado not in _ABIERTA:
            raise TransicionInvalida()
        momento = ahora()
        # Writing on the draw itself keeps the draw from ending meanwhile.
        if await self._sorteos.pasar(id, desde=sorteo.estado, poner={"acta_en": momento}) is None:
            raise TransicionInvalida()
        acta = Acta(
            id=id,
            asistentes=datos.asistentes,
            quorum=datos.quorum,
            incidencias=datos.incidencias,
            firmantes=[Firmante(nombre=f.nombre, cargo=f.cargo) for f in datos.firmantes],
            escrita_en=momento,
        )
        await self._actas.guardar(acta)
        return acta

    async def documento(
        self, id: PydanticObjectId, formato: Formato, quien: Principal, *, idioma: Idioma, separador: str
    ) -> Documento:
        """The minutes as a file: the same bytes as long as nothing else happens in the draw, and people call the
        complex and its conditions the same. `separador`: between the cells of a CSV. Staff read them once the
        draw has run, marked as a draft; everybody reads them once the draw is published. Raises NoEncontrado,
        NoDisponibleTodavia, BasesAlteradas."""
        sorteo = await self._servicio.ver(id, quien)
        if not _puede_leerla(sorteo, quien):
            raise NoDisponibleTodavia()
        async with self._mostrador.mostrar(sorteo):
            lineas = (await self._mostrador.exigir_todo(sorteo)).lineas
        nombradas = {str(c.valor) for regla in sorteo.reglas for c in regla.condiciones if c.campo == "condicion"}
        nombres = await self._padron.nombres_de_condiciones(codigos=nombradas)
        decir = Palabras(idioma, self._zona, nombres)
        dicho = contenido(
            sorteo,
            await self._actas.get(id),
            await self._consulta.exclusiones(id, quien),
            [reclamo async for reclamo in self._reclamos.del_sorteo(id)],
            conjunto=await self._conjunto.ver(),
            enlace=f"{self._url}/sorteo/{id}/verificar",
            decir=decir,
        )
        if formato is Formato.pdf:
            partes = _de_una_vez(await self._imprimir(sorteo, dicho, lineas, idioma, decir))
        else:
            hoja = Hoja(nombre="acta", fecha=dicho.fecha, anchos=_ANCHOS, fija=False, separador=separador)
            partes = en_tabla(FormatoDeTabla(formato), self._filas(sorteo, dicho, lineas, decir), hoja)
        return Documento(nombre=f"acta-{id}.{formato}", partes=partes)

    async def _filas(
        self, sorteo: Sorteo, dicho: Contenido, lineas: LineasPublicadas, decir: Palabras
    ) -> AsyncIterator[Filas]:
        yield list(dicho.encabezado(decir))
        if dicho.por_unidad:
            yield [celdas_de_unidad(linea) for linea in await self._por_unidad(sorteo)]
            return
        async for lote in self._por_posicion(sorteo, lineas):
            yield [celdas(puesto) for puesto in lote]

    async def _por_posicion(self, sorteo: Sorteo, lineas: LineasPublicadas) -> AsyncIterator[list[Puesto]]:
        """As they were published, also if somebody writes on them while they are printed. Raises BasesAlteradas."""
        async for lote in self._puestos.por_posicion(sorteo):
            lineas.exigir(lote)
            yield lote

    async def _imprimir(
        self, sorteo: Sorteo, dicho: Contenido, lineas: LineasPublicadas, idioma: Idioma, decir: Palabras
    ) -> bytes:
        """Minutes are printed one at a time: printing takes a whole processor. Those of a published draw stand in the
        audit by their hash, once."""
        puestos: Sequence[Puesto] | Sequence[DeUnidad] | None = None
        if dicho.filas <= MAX_FILAS and dicho.por_unidad:
            puestos = await self._por_unidad(sorteo)
        elif dicho.filas <= MAX_FILAS:
            puestos = [puesto async for lote in self._por_posicion(sorteo, lineas) for puesto in lote]
        async with self._prensa:
            pdf = await en_otro_proceso(componer, pliego(dicho, puestos, idioma, decir))
        huella = hashlib.sha256(pdf).hexdigest()
        if sorteo.estado in PUBLICADOS and huella not in sorteo.actas:
            await self._uow.run(lambda: self._anotar(sorteo.oid, huella))
        return pdf

    async def _por_unidad(self, sorteo: Sorteo) -> list[DeUnidad]:
        """First those with a space, each part in the order of flats: nothing tells the place of any."""
        lineas = await self._puestos.por_unidad(sorteo)
        ids = sorted({unidad_id for unidad_id, _ in lineas})
        nombres: dict[PydanticObjectId, str] = {}
        for desde in range(0, len(ids), _DE_UNA_VEZ):
            suyos = await self._padron.nombres_de(unidades=ids[desde : desde + _DE_UNA_VEZ])
            nombres |= {unidad_id: _nombre(nombre) for unidad_id, nombre in suyos.items()}
        dichas = [DeUnidad(nombres[unidad_id], espacio) for unidad_id, espacio in lineas]
        return sorted(dichas, key=lambda d: (d.espacio is None, orden_natural(d.unidad), d.espacio or ""))

    async def _anotar(self, id: PydanticObjectId, huella: str) -> None:
        if await self._sorteos.anotar_acta(id, huella):
            await self._bitacora.suceso(tipo="acta_emitida", datos={"huella": huella})


async def _de_una_vez(todo: bytes) -> AsyncIterator[bytes]:
    yield todo


def _nombre(unidad: NombreDeUnidad) -> str:
    return unidad.apartamento if unidad.torre is None else f"{unidad.torre} · {unidad.apartamento}"


def _puede_leerla(sorteo: Sorteo, quien: Principal) -> bool:
    if sorteo.huella_resultado is None or sorteo.estado not in CON_RESULTADO | {EstadoSorteo.anulado}:
        return False
    # What was published stays so, also when the draw is annulled afterwards.
    return quien.es_personal or sorteo.publicado_en is not None
