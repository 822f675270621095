"""A copy in memory, which keeps to what the port says, and dies where it is told to."""

import json
from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Any

from app.modules.analitica.ports import SinAlmacen
from app.modules.analitica.tablas import Tabla

Filas = dict[tuple[str, str], dict[str, Any]]


class Muerte(BaseException):
    """The process ends here: nothing after it runs."""


class AlmacenEnMemoria:
    """`al_llamar`: told the number of each call that writes, before and after its effect."""

    def __init__(self) -> None:
        self.tablas: dict[str, Filas] = {}
        self.cargados: list[str] = []
        self.contenidos: list[bytes] = []
        self.lotes: dict[str, bytes] = {}
        self.ausente = False
        self.llamadas = 0
        self.al_llamar: Callable[[int, bool], Awaitable[None]] | None = None

    async def por_preparar(self, *, tablas: Collection[Tabla]) -> Sequence[str]:
        if self.ausente:
            raise SinAlmacen("BigQuery: ServiceUnavailable")
        return [tabla.nombre for tabla in tablas if tabla.nombre not in self.tablas]

    async def preparar(self, *, tablas: Collection[Tabla]) -> None:
        async def hacer() -> None:
            for tabla in tablas:
                self.tablas.setdefault(tabla.nombre, {})

        await self._llamada(hacer)

    async def poner(self, *, tabla: Tabla, lote: str, contenido: bytes, marca: int) -> None:
        async def cargar() -> None:
            if lote not in self.lotes:
                self.cargados.append(lote)
                self.contenidos.append(contenido)
            self.lotes[lote] = contenido

        async def mezclar() -> None:
            filas = self.tablas[tabla.nombre]
            for linea in self.lotes[lote].splitlines():
                fila = json.loads(linea)
                clave = fila["conjunto"], fila[tabla.clave]
                if clave not in filas or filas[clave]["marca"] <= marca:
                    vacia = dict.fromkeys(columna.nombre for columna in tabla.columnas)
                    filas[clave] = vacia | fila | {"marca": marca}

        await self._llamada(cargar)
        await self._llamada(mezclar)

    async def soltar(self, *, tabla: Tabla, lote: str) -> None:
        del tabla

        async def hacer() -> None:
            self.lotes.pop(lote, None)

        await self._llamada(hacer)

    async def barrer(self, *, tabla: Tabla, conjunto: str, antes_de: int, marca: int) -> None:
        async def hacer() -> None:
            for (de, _), fila in self.tablas[tabla.nombre].items():
                if de == conjunto and fila["marca"] < antes_de and not fila["borrado"]:
                    fila |= {"borrado": True, "marca": marca}

        await self._llamada(hacer)

    def vivas(self, tabla: str) -> list[dict[str, Any]]:
        """What the table says there is, without who wrote it."""
        filas = [fila for fila in self.tablas[tabla].values() if not fila["borrado"]]
        return [{campo: valor for campo, valor in fila.items() if campo != "marca"} for fila in filas]

    async def _llamada(self, hacer: Callable[[], Awaitable[None]]) -> None:
        if self.ausente:
            raise SinAlmacen("BigQuery: ServiceUnavailable")
        self.llamadas += 1
        numero = self.llamadas
        if self.al_llamar is not None:
            await self.al_llamar(numero, False)
        await hacer()
        if self.al_llamar is not None:
            await self.al_llamar(numero, True)
