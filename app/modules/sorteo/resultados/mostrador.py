"""What is shown of a result is compared with what was published: whoever writes on its rows shows nobody other winners
beside the true hash."""

import asyncio
import hashlib
import logging
from collections.abc import AsyncIterator, Collection, Iterable, Sequence
from contextlib import asynccontextmanager
from itertools import islice
from typing import Any, Protocol

import attrs
from beanie import PydanticObjectId

from app.database.unit_of_work import UnitOfWork
from app.modules.sorteo import motor
from app.modules.sorteo.custodia.lectura import PadronAbierto, leer
from app.modules.sorteo.custodia.lineas import Titular
from app.modules.sorteo.custodia.ports import Bitacora
from app.modules.sorteo.custodia.service import CustodiaService
from app.modules.sorteo.exceptions import BasesAlteradas
from app.modules.sorteo.models import Publicado, Sorteo
from app.modules.sorteo.repository import ArchivoRepository
from app.modules.sorteo.resultados.repository import ParticipanteRepository, ResultadoRepository
from app.shared.repository import Fila

log = logging.getLogger(__name__)

_DIGESTO = 16
_DE_UNA_VEZ = 1_000
_GUARDADOS = 2
"""Draws whose lines a process keeps: some sixty bytes for each, with whose it is."""
_VER = "ver"
"""In the place of a step, where something was looked at."""


class Linea(Protocol):
    """A line of a result, wherever it is read from."""

    @property
    def folio(self) -> int: ...
    @property
    def posicion(self) -> int: ...
    @property
    def numero(self) -> str: ...
    @property
    def espacio(self) -> str | None: ...
    @property
    def espera(self) -> int | None: ...


class LineaDeAlguien(Linea, Protocol):
    @property
    def solicitud_id(self) -> PydanticObjectId: ...
    @property
    def unidad_id(self) -> PydanticObjectId: ...


class LineasPublicadas:
    """Takes each line of a published result, by position: a digest of it, and whether it has a space."""

    def __init__(self) -> None:
        self._digestos, self._con_espacio = bytearray(), bytearray()

    def __call__(self, cruda: bytes) -> None:
        self._digestos += hashlib.sha256(cruda).digest()[:_DIGESTO]
        self._con_espacio.append(not cruda.startswith(b'{"espacio":null'))

    def exigir(self, lineas: Iterable[Linea]) -> None:
        """Each is as it was published. Raises BasesAlteradas."""
        for de in lineas:
            (cruda,) = motor.lineas_resultado(
                [motor.Puesto(str(de.folio), de.posicion, de.numero, de.espacio, de.espera)]
            )
            lugar = (de.posicion - 1) * _DIGESTO
            suyo = bytes(self._digestos[lugar : lugar + _DIGESTO]) if lugar >= 0 else b""
            if hashlib.sha256(cruda).digest()[:_DIGESTO] != suyo:
                raise BasesAlteradas(donde="resultado", folio=de.folio)

    def exigir_pagina(
        self, lineas: Sequence[Linea], *, despues_de: int, limite: int, con_espacio: bool | None, hay_mas: bool
    ) -> None:
        """They are the next ones after that position, with a space or without where that is asked, and none is missing.
        Raises BasesAlteradas."""
        self.exigir(lineas)
        todas = range(max(0, despues_de), len(self._con_espacio))
        suyas = (n + 1 for n in todas if con_espacio is None or self._con_espacio[n] == con_espacio)
        if [linea.posicion for linea in lineas] != list(islice(suyas, limite)) or (
            next(suyas, None) is not None
        ) != hay_mas:
            raise BasesAlteradas(donde="resultado")

    def exigir_todas(self, cuantas: int) -> None:
        """So many were found, each at a position of its own. Raises BasesAlteradas."""
        if cuantas != len(self._con_espacio):
            raise BasesAlteradas(donde="resultado")


@attrs.frozen
class Publicadas:
    """`_padron`: None of a draw that closed before there was a roll."""

    lineas: LineasPublicadas
    _padron: PadronAbierto | None

    def exigir_de_quien(self, lineas: Iterable[LineaDeAlguien], congelados: dict[int, Fila]) -> None:
        """Each is of the request and the flat that were frozen. Raises BasesAlteradas."""
        for de in lineas:
            suyo = congelados.get(de.folio)
            if suyo is None or (suyo["solicitud_id"], suyo["unidad_id"]) != (de.solicitud_id, de.unidad_id):
                raise BasesAlteradas(donde="resultado", folio=de.folio)
            if self._padron is not None:
                self._padron.exigir(Titular.de(suyo))


@attrs.define(kw_only=True)
class Mostrador:
    _archivos: ArchivoRepository
    _participantes: ParticipanteRepository
    _resultados: ResultadoRepository
    _custodia: CustodiaService
    _bitacora: Bitacora
    _uow: UnitOfWork
    _guardadas: dict[Any, Publicadas] = attrs.field(init=False, factory=dict)
    _denunciadas: set[tuple[PydanticObjectId, str]] = attrs.field(init=False, factory=set)
    _leyendo: asyncio.Lock = attrs.field(init=False, factory=asyncio.Lock)

    @asynccontextmanager
    async def mostrar(self, sorteo: Sorteo) -> AsyncIterator[None]:
        """Whatever is found altered within is told before the error goes on: once in a process, for each place."""
        try:
            yield
        except BasesAlteradas as error:
            donde = str(error.datos["donde"])
            log.error("sorteo %s: lo que se iba a mostrar no es lo que se publicó (%s)", sorteo.oid, donde)
            if (sorteo.oid, donde) not in self._denunciadas:
                datos = {"donde": donde, "paso": _VER, "sorteo": str(sorteo.oid)}
                await self._uow.run(lambda: self._bitacora.suceso(tipo="bases_alteradas", hecho=False, datos=datos))
                self._denunciadas.add((sorteo.oid, donde))
            raise

    async def publicadas(self, sorteo: Sorteo) -> Publicadas:
        """The lines of its result, as their hash was published, and told to the audit. They are read once in a
        process. Raises BasesAlteradas."""
        cual = (sorteo.oid, sorteo.corrida, sorteo.intento, sorteo.huella_resultado, sorteo.huella_padron)
        async with self._leyendo:
            if cual not in self._guardadas:
                self._guardadas[cual] = await self._leer(sorteo)
                while len(self._guardadas) > _GUARDADOS:
                    del self._guardadas[next(iter(self._guardadas))]
            return self._guardadas[cual]

    async def exigir_todo(self, sorteo: Sorteo) -> Publicadas:
        """All lines, before somebody prints them. Raises BasesAlteradas."""
        publicadas, desde, cuantas = await self.publicadas(sorteo), 0, 0
        while filas := await self._resultados.por_publicar(sorteo, despues_de=desde, limite=_DE_UNA_VEZ):
            await self.exigir_de_quien(sorteo, publicadas, filas)
            desde, cuantas = filas[-1].posicion, cuantas + len(filas)
        publicadas.lineas.exigir_todas(cuantas)
        return publicadas

    async def exigir_de_quien(self, sorteo: Sorteo, publicadas: Publicadas, lineas: Collection[LineaDeAlguien]) -> None:
        """Each is as it was published, and of whom it was drawn for. Raises BasesAlteradas."""
        publicadas.lineas.exigir(lineas)
        congelados = await self._participantes.por_folios(sorteo, [linea.folio for linea in lineas])
        publicadas.exigir_de_quien(lineas, congelados)

    async def _leer(self, sorteo: Sorteo) -> Publicadas:
        # What was published is shown, and compared, also where the audit has gaps by now.
        await self._custodia.exigir_dichas(sorteo, con_huecos=True)
        lineas = LineasPublicadas()
        partes = self._archivos.partes(sorteo_id=sorteo.oid, archivo=Publicado.resultado, intento=sorteo.corrida or "")
        await leer(partes, huella=sorteo.huella_resultado, donde="resultado", cada=lineas)
        return Publicadas(lineas, None if sorteo.huella_padron is None else await self._custodia.padron(sorteo))
