"""Keeps the copy outside in step.

The first time, everything is read, a batch at a time; then what has changed, as the database's log tells it. A batch
counts when the watermark is moved past it, which happens after it is outside. So a crash anywhere has it put again:
into the same places, and loaded only once where nothing has changed since. Whoever was taken for dead writes under an
earlier `marca`, and what they still put is not taken.
"""

import asyncio
import contextlib
import hashlib
import hmac
import json
import logging
import secrets
from collections.abc import Mapping, Sequence

import attrs
from beanie import PydanticObjectId

from app.modules.analitica.models import Copia, Repaso
from app.modules.analitica.ports import Almacen, Fuente, SinAlmacen
from app.modules.analitica.repository import DURACION, CopiaRepository, SinHistoria
from app.modules.analitica.tablas import TABLAS, Tabla, Traductor, Valor

log = logging.getLogger(__name__)

_POR_LOTE = 5_000
"""Documents that are read, and rows that are put, at once."""
_CAMBIOS = 10_000
COLECCIONES = sorted({tabla.coleccion for tabla in TABLAS})


class TrabajoAjeno(Exception):
    """Somebody else has taken up the work: this process was silent for too long."""


@attrs.frozen
class PorHacer:
    """What would be done. `filas`: how many documents would be read, by table; `todo`: all there are."""

    todo: bool
    filas: Mapping[str, int]
    estructura: Sequence[str]


@attrs.define(kw_only=True)
class AnaliticaService:
    """`fuentes`: by name of the table. `destino`: what names the data set, the complex and the key."""

    _copias: CopiaRepository
    _fuentes: Mapping[str, Fuente]
    _almacen: Almacen
    _traductor: Traductor
    _conjunto: str
    _destino: str
    _por_lote: int = _POR_LOTE
    _callado: bool = False

    async def atender(self) -> None:
        """For the beat: bring the copy up to now. What keeps it away is said once, and nothing else notices."""
        try:
            await self.poner_al_dia()
        except (SinAlmacen, TrabajoAjeno) as error:
            if not self._callado:
                log.warning("la analítica espera: %s", error or type(error).__name__)
            self._callado = True
        else:
            self._callado = False

    async def poner_al_dia(self) -> bool:
        """False when another process is at it. Raises SinAlmacen, TrabajoAjeno."""
        ficha = secrets.token_hex(8)
        copia = await self._copias.tomar(ficha=ficha)
        if copia is None:
            return False
        latido = asyncio.create_task(self._renovar(ficha))
        try:
            faltan = await self._almacen.por_preparar(tablas=TABLAS)
            if faltan or copia.destino != self._destino or copia.posicion is None:
                # Noted before it is made: what a table or a column lacks is put there, whatever happens in between.
                await self._desde_el_principio(copia)
            if faltan:
                await self._almacen.preparar(tablas=TABLAS)
            while await self._un_paso(copia):
                pass
        finally:
            latido.cancel()
            # Who cannot let go is taken for gone after a while.
            with contextlib.suppress(Exception):
                await asyncio.shield(self._copias.dejar(ficha=ficha))
        return True

    async def por_hacer(self) -> PorHacer:
        """Looks, and writes nothing. Raises SinAlmacen."""
        estructura = await self._almacen.por_preparar(tablas=TABLAS)
        copia = await self._copias.ver()
        if copia.destino == self._destino and copia.posicion is not None and copia.repaso is None:
            with contextlib.suppress(SinHistoria):
                cambios = await self._copias.cambios(COLECCIONES, desde=copia.posicion, limite=_CAMBIOS)
                filas = {tabla.nombre: len(cambios.ids.get(tabla.coleccion, ())) for tabla in TABLAS}
                return PorHacer(False, filas, estructura)
        cuantas = {tabla.nombre: await self._fuentes[tabla.nombre].cuantas() for tabla in TABLAS}
        return PorHacer(True, cuantas, estructura)

    async def _desde_el_principio(self, copia: Copia) -> None:
        """Where the log is now comes first: what changes while everything is read is read again after it."""
        ahora = await self._copias.cambios(COLECCIONES, desde=None, limite=0)
        copia.destino, copia.posicion = self._destino, dict(ahora.posicion)
        copia.repaso = Repaso(desde=copia.marca)
        await self._guardar(copia)

    async def _un_paso(self, copia: Copia) -> bool:
        """Whether there is more to do."""
        if copia.repaso is not None:
            await self._repasar(copia, copia.repaso)
            return True
        try:
            cambios = await self._copias.cambios(COLECCIONES, desde=copia.posicion, limite=_CAMBIOS)
        except SinHistoria:
            await self._desde_el_principio(copia)
            return True
        puestos: list[tuple[Tabla, str]] = []
        for tabla in TABLAS:
            puestos += await self._cambiadas(copia, tabla, sorted(cambios.ids.get(tabla.coleccion, ())))
        copia.posicion = dict(cambios.posicion)
        await self._guardar(copia)
        await self._soltar(puestos)
        return cambios.hay_mas

    async def _repasar(self, copia: Copia, repaso: Repaso) -> None:
        if repaso.tabla == len(TABLAS):
            for tabla in TABLAS:
                await self._almacen.barrer(
                    tabla=tabla, conjunto=self._conjunto, antes_de=repaso.desde, marca=copia.marca
                )
            copia.repaso = None
            await self._guardar(copia)
            return
        tabla = TABLAS[repaso.tabla]
        filas, ultimo = await self._fuentes[tabla.nombre].siguientes(ultimo=repaso.ultimo, limite=self._a_la_vez(tabla))
        puestos = await self._poner(copia, tabla, [self._traductor.fila(tabla, fila) for fila in filas])
        if ultimo is None:
            repaso.tabla += 1
        repaso.ultimo = ultimo
        await self._guardar(copia)
        await self._soltar(puestos)

    async def _cambiadas(self, copia: Copia, tabla: Tabla, ids: Sequence[PydanticObjectId]) -> list[tuple[Tabla, str]]:
        puestos: list[tuple[Tabla, str]] = []
        paso = self._a_la_vez(tabla)
        for desde in range(0, len(ids), paso):
            estos = ids[desde : desde + paso]
            filas = await self._fuentes[tabla.nombre].de(ids=estos)
            nuevas = [self._traductor.fila(tabla, fila) for fila in filas]
            if not tabla.sigue_a_otra:
                hay = {fila["_id"] for fila in filas}
                nuevas += [self._traductor.borrada(tabla, id) for id in estos if id not in hay]
            puestos += await self._poner(copia, tabla, nuevas)
        return puestos

    def _a_la_vez(self, tabla: Tabla) -> int:
        """One draw has as many results as there may be rows."""
        return 1 if tabla.sigue_a_otra else self._por_lote

    async def _poner(self, copia: Copia, tabla: Tabla, filas: Sequence[Mapping[str, Valor]]) -> list[tuple[Tabla, str]]:
        puestos: list[tuple[Tabla, str]] = []
        for desde in range(0, len(filas), self._por_lote):
            estas = filas[desde : desde + self._por_lote]
            contenido = "".join(json.dumps(f, ensure_ascii=False, sort_keys=True) + "\n" for f in estas).encode()
            lote = self._nombre(copia, tabla, contenido)
            await self._almacen.poner(tabla=tabla, lote=lote, contenido=contenido, marca=copia.marca)
            puestos.append((tabla, lote))
        return puestos

    def _nombre(self, copia: Copia, tabla: Tabla, contenido: bytes) -> str:
        """From what it holds, and the watermark from which it was read: a row that comes back to what it was is put
        again, and what a crash left half done is found under the same name."""
        repaso = None if copia.repaso is None else copia.repaso.model_dump(mode="json")
        donde = json.dumps([self._destino, tabla.nombre, copia.posicion, repaso], sort_keys=True, default=str)
        return hashlib.sha256(donde.encode() + b"\n" + contenido).hexdigest()[:40]

    async def _guardar(self, copia: Copia) -> None:
        if not await self._copias.guardar(copia):
            raise TrabajoAjeno

    async def _soltar(self, puestos: Sequence[tuple[Tabla, str]]) -> None:
        for tabla, lote in puestos:
            await self._almacen.soltar(tabla=tabla, lote=lote)

    async def _renovar(self, ficha: str) -> None:
        while True:
            await asyncio.sleep(DURACION.total_seconds() / 6)
            try:
                if not await self._copias.renovar(ficha=ficha):
                    return
            except Exception:
                # The next one may come in time.
                log.warning("no se pudo renovar el trabajo de la analítica", exc_info=True)


def destino(*, proyecto: str, datos: str, conjunto: str, clave: bytes) -> str:
    """What names the data set, the complex, the key and the columns there are; it tells nothing of the key."""
    prueba = hmac.digest(clave, b"parknet/comprobacion/clave_analitica", "sha256").hex()
    columnas = [[tabla.nombre, [columna.nombre for columna in tabla.columnas]] for tabla in TABLAS]
    return hashlib.sha256(json.dumps([proyecto, datos, conjunto, prueba, columnas]).encode()).hexdigest()
