"""Files in sealed pieces: what comes with a job, and what a job makes. AES-256-GCM under `CLAVE_PIMIENTA`, each piece
bound to its file and its place in it. They may hold what is shown to one person once, so they are erased soon.
"""

from collections.abc import AsyncIterable, AsyncIterator, Sequence
from datetime import timedelta

from beanie import PydanticObjectId

from app.core.acts.contract import fuera_del_acto
from app.core.clock import ahora
from app.core.jobs.contract import RefDeArchivo
from app.core.jobs.exceptions import ArchivoIncompleto
from app.core.jobs.repository import PiezaRepository
from app.core.sealing import Sello

VIDA = timedelta(hours=24)
PIEZA = 256 * 1024


class ArchivoService:
    def __init__(
        self, piezas: PiezaRepository, clave: bytes, anteriores: Sequence[bytes] = (), *, vida: timedelta = VIDA
    ) -> None:
        """`vida`: after which a file is erased."""
        self.vida = vida
        self._piezas = piezas
        self._sello = Sello(clave, "archivos-de-trabajos", anteriores)

    async def guardar(self, *, contenido: AsyncIterable[bytes]) -> RefDeArchivo:
        """Store it as it comes, never more than a piece of it in memory. What breaks off leaves nothing behind. It is
        part of no transaction: it may take longer than one may last."""
        with fuera_del_acto():
            return await self._guardar(contenido)

    async def leer(self, *, archivo: RefDeArchivo) -> AsyncIterator[bytes]:
        """Its bytes. Raises ArchivoIncompleto when they are not all there, as they were written."""
        leidas = 0
        async for pieza in self._piezas.de_archivo(archivo.id):
            yield self._abrir(archivo.id, leidas, pieza.datos)
            leidas += 1
        if leidas != archivo.partes:
            raise ArchivoIncompleto(f"{leidas} of {archivo.partes} pieces of {archivo.id}")

    async def borrar(self, *, archivo: RefDeArchivo) -> None:
        with fuera_del_acto():
            await self._piezas.borrar(archivo.id)

    async def borrar_caducados(self, *, limite: int) -> int:
        """Pieces of files that have had their time, up to `limite`; how many."""
        return await self._piezas.borrar_caducadas(momento=ahora(), limite=limite)

    async def _guardar(self, contenido: AsyncIterable[bytes]) -> RefDeArchivo:
        id, parte, tamano, trozo = PydanticObjectId(), 0, 0, bytearray()
        try:
            async for bytes_ in contenido:
                tamano += len(bytes_)
                trozo += bytes_
                while len(trozo) >= PIEZA:
                    await self._poner(id, parte, bytes(trozo[:PIEZA]))
                    del trozo[:PIEZA]
                    parte += 1
            if trozo:
                await self._poner(id, parte, bytes(trozo))
                parte += 1
        except BaseException:
            await self._piezas.borrar(id)
            raise
        return RefDeArchivo(id=id, partes=parte, tamano=tamano)

    async def _poner(self, id: PydanticObjectId, parte: int, datos: bytes) -> None:
        sellado = self._sello.cerrar(datos, de=_lugar(id, parte))
        await self._piezas.poner(archivo_id=id, parte=parte, datos=sellado, borrar_en=ahora() + self.vida)

    def _abrir(self, id: PydanticObjectId, parte: int, sellado: bytes) -> bytes:
        abierta = self._sello.abrir(sellado, de=_lugar(id, parte))
        if abierta is None:
            raise ArchivoIncompleto(f"piece {parte} of {id}")
        return abierta


def _lugar(id: PydanticObjectId, parte: int) -> bytes:
    return id.binary + parte.to_bytes(4, "big")
