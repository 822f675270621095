"""What the handler of a job gets of it: a `Contexto`. What it writes, it writes under the `ficha` of this attempt."""

import asyncio
import logging
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Mapping
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from beanie import PydanticObjectId
from pydantic import TypeAdapter

from app.core.acts.contract import fuera_del_acto
from app.core.clock import ahora
from app.core.jobs.contract import Rechazo, RefDeArchivo, TrabajoCancelado, TrabajoPerdido, Vigencia
from app.core.jobs.files import ArchivoService
from app.core.jobs.models import ArchivoGuardado, Trabajo
from app.core.jobs.repository import RechazoRepository, TrabajoRepository
from app.core.security import Principal
from app.shared.exceptions import RolInsuficiente
from app.shared.transaction import al_confirmar

log = logging.getLogger(__name__)

DURACION = timedelta(seconds=5)
"""How long a job is somebody's who says nothing more of it."""
_RENOVACIONES = 4
"""How often it is said in that time."""
_ENTRE_AVANCES = 0.25
"""Seconds between two writes of how far it is."""
_PRINCIPAL = TypeAdapter(Principal)


class ContextoDeTrabajo:
    def __init__(
        self,
        trabajo: Trabajo,
        *,
        ficha: str,
        trabajos: TrabajoRepository,
        rechazos: RechazoRepository,
        archivos: ArchivoService,
        vigencia: Vigencia,
    ) -> None:
        self._trabajo = trabajo
        self._vigencia = vigencia
        self._ficha = ficha
        self._trabajos = trabajos
        self._rechazos = rechazos
        self._archivos = archivos
        self._punto: Mapping[str, Any] = trabajo.punto
        self._hecho, self._total = trabajo.hecho, trabajo.total
        self._detenido: type[TrabajoCancelado | TrabajoPerdido] | None = None
        self._siguiente = 0.0
        self.entregado: ArchivoGuardado | None = None

    @property
    def trabajo_id(self) -> PydanticObjectId:
        return self._trabajo.oid

    @property
    def quien(self) -> Principal:
        return _PRINCIPAL.validate_python(self._trabajo.quien)

    @property
    def parametros(self) -> Mapping[str, Any]:
        return self._trabajo.parametros

    @property
    def entrada(self) -> RefDeArchivo | None:
        return None if self._trabajo.entrada is None else self._trabajo.entrada.ref

    @property
    def punto(self) -> Mapping[str, Any]:
        return self._punto

    @property
    def al_final(self) -> dict[str, Any]:
        """What its end writes: how far it came, and the file that it made."""
        total = self._hecho if self._total is None else self._total
        archivo = None if self.entregado is None else self.entregado.model_dump()
        return {"hecho": self._hecho, "total": total, "archivo": archivo}

    async def avanzar(self, *, hecho: int, total: int | None = None) -> None:
        self._hecho, self._total = hecho, self._total if total is None else total
        if self._detenido is not None:
            raise self._detenido()
        momento = asyncio.get_running_loop().time()
        if momento >= self._siguiente:
            self._siguiente = momento + _ENTRE_AVANCES
            await self._escribir({})

    async def guardar(self, *, punto: Mapping[str, Any], hecho: int, total: int | None = None) -> None:
        self._hecho, self._total = hecho, self._total if total is None else total
        await self.exigir_vigente()
        await self._escribir({"punto": dict(punto)})

        def recordar() -> None:
            self._punto = punto

        al_confirmar(recordar)

    async def exigir_vigente(self) -> None:
        """Whoever was switched off, or has another role by now, has nothing done any more. Raises RolInsuficiente."""
        if not await self._vigencia.sigue(self.quien):
            raise RolInsuficiente()

    async def rechazar(self, *, filas: Iterable[Rechazo]) -> None:
        with fuera_del_acto():
            nuevas = await self._rechazos.guardar(self.trabajo_id, filas)
        if nuevas:
            await self._escribir({}, {"errores": nuevas})

    async def entregar(self, *, nombre: str, tipo: str, contenido: bytes | AsyncIterable[bytes]) -> None:
        await self.soltar_entregado()
        ref = await self._archivos.guardar(contenido=_a_trozos(contenido))
        vence_en = ahora() + self._archivos.vida
        self.entregado = ArchivoGuardado(**asdict(ref), nombre=nombre, tipo=tipo, vence_en=vence_en)

    async def soltar_entregado(self) -> None:
        """Erase what an attempt left that came to nothing."""
        if self.entregado is not None:
            await self._archivos.borrar(archivo=self.entregado.ref)
            self.entregado = None

    async def mantener(self) -> None:
        """Say, for as long as it is so, that it is being worked on."""
        sigue = True
        while sigue:
            await asyncio.sleep(DURACION.total_seconds() / _RENOVACIONES)
            try:
                sigue = await self.renovar()
            except Exception:
                # The next one may come in time.
                log.warning("no se pudo renovar el trabajo %s", self.trabajo_id, exc_info=True)

    async def renovar(self) -> bool:
        """Whether it is still this attempt's."""
        trabajo = await self._trabajos.renovar(self.trabajo_id, ficha=self._ficha)
        if trabajo is None:
            self._detenido = TrabajoPerdido
        elif trabajo.cancelar:
            self._detenido = TrabajoCancelado
        return trabajo is not None

    async def _escribir(self, poner: Mapping[str, Any], sumar: Mapping[str, int] | None = None) -> None:
        avance = {"hecho": self._hecho, "total": self._total}
        with fuera_del_acto():
            trabajo = await self._trabajos.escribir(
                self.trabajo_id, ficha=self._ficha, poner=avance | dict(poner), sumar=sumar
            )
        if trabajo is None:
            raise TrabajoPerdido()
        if trabajo.cancelar:
            raise TrabajoCancelado()


async def _a_trozos(contenido: bytes | AsyncIterable[bytes]) -> AsyncIterator[bytes]:
    if isinstance(contenido, bytes):
        yield contenido
        return
    async for trozo in contenido:
        yield trozo
