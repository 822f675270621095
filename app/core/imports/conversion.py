"""Spreadsheets turned into lines, one at a time in this process: a large one costs memory and time elsewhere."""

import asyncio
from collections.abc import AsyncIterable, AsyncIterator

from app.core.imports.workbook import FRAME, Estado
from app.core.processes import Proceso, ProcesoInterrumpido, proceso_propio

FIRMAS = (b"PK\x03\x04", b"PK\x05\x06", b"\xd0\xcf\x11\xe0")
"""How files of spreadsheets begin: as a ZIP, or as the container of old and of locked ones."""
_MODULO = "app.core.imports.workbook"
_turno = asyncio.Semaphore(1)


class NoSePudo(Exception):
    """`estado`: why the file could not be turned into lines."""

    def __init__(self, estado: Estado) -> None:
        super().__init__(estado)
        self.estado = estado


async def en_lineas(contenido: AsyncIterable[bytes]) -> AsyncIterator[bytes]:
    """The lines that `workbook` describes, in pieces. Raises NoSePudo."""
    async with _turno, proceso_propio(_MODULO) as proceso:
        try:
            async for trozo in contenido:
                await proceso.escribir(trozo)
            proceso.terminar_de_escribir()
            while marco := await _marco(proceso):
                yield marco
            estado = Estado((await _marco(proceso)).decode())
        except ProcesoInterrumpido as error:
            # The system ended the process, which wanted more than any file that people make.
            raise NoSePudo(Estado.desmedido) from error
    if estado is not Estado.bien:
        raise NoSePudo(estado)


async def _marco(proceso: Proceso) -> bytes:
    (largo,) = FRAME.unpack(await proceso.leer(FRAME.size))
    return await proceso.leer(largo) if largo else b""
