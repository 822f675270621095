"""CSV going out and coming in, as spreadsheets write it: UTF-8 with or without BOM, commas or semicolons.

Going out, a cell that a spreadsheet would take for a formula gets an apostrophe in front; coming in, it loses it.
"""

import codecs
import csv
import io
import re
import unicodedata
from collections.abc import AsyncIterable, AsyncIterator, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from app.shared.exceptions import EntradaInvalida

_FORMULAS = ("=", "+", "-", "@", "\t", "\r")
# What a record may be: with more than this, a quote was opened and not closed.
_MAXIMO_DE_CARACTERES = 20_000
_MAXIMO_DE_LINEAS = 50
_RELLENO = re.compile(r"[\s_]+")
_SI = ("si", "s", "yes", "y", "true", "verdadero", "1", "x")
_NO = ("no", "n", "false", "falso", "0")
_SI_O_NO: Mapping[str, bool] = {**dict.fromkeys(_SI, True), **dict.fromkeys(_NO, False)}


def escribir_fila(celdas: Iterable[object]) -> str:
    """One line of CSV (RFC 4180), its end included; None is an empty cell."""
    salida = io.StringIO()
    csv.writer(salida).writerow([_protegida("" if celda is None else str(celda)) for celda in celdas])
    return salida.getvalue()


@dataclass(frozen=True, slots=True)
class Fila:
    """A record: the line it begins in, from 1, and its cells, trimmed; None when its quotes do not close."""

    linea: int
    celdas: Sequence[str] | None

    @property
    def vacia(self) -> bool:
        return self.celdas is not None and not any(self.celdas)


async def leer_csv(contenido: AsyncIterable[bytes]) -> AsyncIterator[Fila]:
    """The records of a file, header included, as it comes; blank ones are left out. Which of `,` and `;` separates, the
    first line says. A quote that is opened and never closed spoils its own line and no other. Raises UnicodeDecodeError
    when it is not UTF-8."""
    registros: _Registros | None = None
    async for texto in _lineas(contenido):
        if registros is None:
            primera = texto or ""
            registros = _Registros(";" if primera.count(";") > primera.count(",") else ",")
        for fila in registros.tomar(texto):
            if not fila.vacia:
                yield fila
    for fila in () if registros is None else registros.fin():
        if not fila.vacia:
            yield fila


def columnas(celdas: Sequence[str] | None, *, admitidas: Sequence[str], exigidas: Collection[str]) -> list[str]:
    """The names in a header, without regard to case, accents, spaces. Raises EntradaInvalida, about `archivo`."""
    halladas: list[str] = []
    for numero, celda in enumerate(celdas or (), start=1):
        nombre = _RELLENO.sub("_", _sin_tildes(celda))
        if nombre not in admitidas:
            raise EntradaInvalida.en("archivo", "columna_desconocida", numero=numero, admitidas=", ".join(admitidas))
        if nombre in halladas:
            raise EntradaInvalida.en("archivo", "columna_repetida", columna=nombre)
        halladas.append(nombre)
    for nombre in admitidas:
        if nombre in exigidas and nombre not in halladas:
            raise EntradaInvalida.en("archivo", "columna_requerida", columna=nombre)
    return halladas


def si_o_no(celda: str) -> bool | None:
    """What people write for yes and no; None for anything else."""
    return _SI_O_NO.get(_sin_tildes(celda))


async def comprobar_utf8(contenido: AsyncIterable[bytes]) -> AsyncIterator[bytes]:
    """The same bytes, as they come. Raises UnicodeDecodeError where they stop being UTF-8."""
    decodificador = codecs.getincrementaldecoder("utf-8")()
    async for trozo in contenido:
        decodificador.decode(trozo)
        yield trozo
    decodificador.decode(b"", final=True)


class _Registros:
    """Makes records of lines: one is whole when its quotes are even."""

    def __init__(self, separador: str) -> None:
        self._separador = separador
        self._linea = 1
        self._abiertas: list[str | None] = []

    def tomar(self, texto: str | None) -> Iterator[Fila]:
        """The records that are whole with one more line; None is a line beyond all measure."""
        self._abiertas.append(texto)
        if texto is None:
            yield from self.fin()
            return
        entero = "\n".join(abierta or "" for abierta in self._abiertas)
        if entero.count('"') % 2 == 0:
            yield from self._leer(entero)
        elif len(self._abiertas) >= _MAXIMO_DE_LINEAS or len(entero) > _MAXIMO_DE_CARACTERES:
            yield from self._renunciar()

    def fin(self) -> Iterator[Fila]:
        while self._abiertas:
            yield from self._renunciar()

    def _leer(self, entero: str) -> Iterator[Fila]:
        try:
            celdas = next(csv.reader([entero], delimiter=self._separador, strict=True), [])
        except csv.Error:
            yield from self._renunciar()
            return
        fila = Fila(self._linea, tuple(_desprotegida(celda.strip()) for celda in celdas))
        self._linea += len(self._abiertas)
        self._abiertas = []
        yield fila

    def _renunciar(self) -> Iterator[Fila]:
        """The first line in hand is lost; the next one begins anew."""
        yield Fila(self._linea, None)
        self._linea += 1
        resto, self._abiertas = self._abiertas[1:], []
        for texto in resto:
            yield from self.tomar(texto)


async def _lineas(contenido: AsyncIterable[bytes]) -> AsyncIterator[str | None]:
    """The lines of a text, without their ends; None for one that no record could hold, of which nothing is kept."""
    decodificador = codecs.getincrementaldecoder("utf-8-sig")()
    resto, larga = "", False
    async for trozo in contenido:
        *enteras, resto = (resto + decodificador.decode(trozo)).split("\n")
        for texto in enteras:
            yield None if larga or len(texto) > _MAXIMO_DE_CARACTERES else texto.removesuffix("\r")
            larga = False
        if len(resto) > _MAXIMO_DE_CARACTERES:
            resto, larga = "", True
    resto += decodificador.decode(b"", final=True)
    if resto or larga:
        yield None if larga else resto.removesuffix("\r")


def _sin_tildes(texto: str) -> str:
    suelto = unicodedata.normalize("NFKD", texto.strip().casefold())
    return "".join(c for c in suelto if not unicodedata.combining(c))


def _protegida(celda: str) -> str:
    return f"'{celda}" if celda.startswith(_FORMULAS) else celda


def _desprotegida(celda: str) -> str:
    return celda[1:] if celda.startswith("'") and celda[1:].startswith(_FORMULAS) else celda
