"""CSV going out and coming in, as spreadsheets write it: commas, semicolons or tabs, lines that end in CR, LF or both.

Going out, a cell that a spreadsheet would take for a formula gets an apostrophe in front; coming in, it loses it.
"""

import codecs
import csv
import io
import re
import unicodedata
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

_FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
# What a record may be: with more than this, a quote was opened and not closed.
_MAXIMO_DE_CARACTERES = 20_000
_MAXIMO_DE_LINEAS = 50
_FIN_DE_LINEA = re.compile(r"[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]+")
_SEPARADORES = (",", ";", "\t")
_SEP = re.compile(r'"?sep=([,;\t])"?', re.IGNORECASE)
_SI = ("si", "sim", "s", "yes", "y", "true", "verdadero", "1", "x")
_NO = ("no", "nao", "n", "false", "falso", "0")
_SI_O_NO: Mapping[str, bool] = {**dict.fromkeys(_SI, True), **dict.fromkeys(_NO, False)}


def escribir_fila(celdas: Iterable[object], separador: str = ",") -> str:
    """One line of CSV (RFC 4180), its end included; None is an empty cell. A cell is of one line: whoever reads a file
    line by line takes the second for a row, and what stands there for a formula."""
    salida = io.StringIO()
    textos = ["" if celda is None else str(celda) for celda in celdas]
    csv.writer(salida, delimiter=separador).writerow(map(_protegida, textos))
    return salida.getvalue()


@dataclass(frozen=True, slots=True)
class Fila:
    """A record: the line it begins in, from 1, and its cells, trimmed; None when its quotes do not close."""

    linea: int
    celdas: Sequence[str] | None

    @property
    def vacia(self) -> bool:
        return self.celdas is not None and not any(self.celdas)


async def leer_csv(
    contenido: AsyncIterable[bytes], *, codificacion: str = "utf-8-sig", separador: str | None = None
) -> AsyncIterator[Fila]:
    """The records of a file, header included, as it comes; blank ones are left out. What separates them the first line
    says, unless `separador` does. A quote that is opened and never closed spoils its own line and no other. Raises
    UnicodeDecodeError when it is not in `codificacion`."""
    registros: _Registros | None = None
    async for texto in _lineas(contenido, codificacion):
        if registros is None:
            primera = texto or ""
            registros = _Registros(separador or separador_de([primera]))
            if _SEP.fullmatch(primera):
                registros.saltar()
                continue
        for fila in registros.tomar(texto):
            if not fila.vacia:
                yield fila
    for fila in () if registros is None else registros.fin():
        if not fila.vacia:
            yield fila


def separador_de(lineas: Sequence[str]) -> str:
    """What separates the cells of a text that begins with `lineas`: what a first line `sep=` says, as Excel has it; or
    what most lines have, most often."""
    if lineas and (dicho := _SEP.fullmatch(lineas[0])):
        return dicho[1]

    def peso(separador: str) -> tuple[int, int]:
        veces = [linea.count(separador) for linea in lineas]
        return sum(n > 0 for n in veces), sum(veces)

    return max(_SEPARADORES, key=peso)


def si_o_no(celda: str) -> bool | None:
    """What people write for yes and no; None for anything else."""
    return _SI_O_NO.get(sin_tildes(celda))


class _Registros:
    """Makes records of lines: one is whole when its quotes are even."""

    def __init__(self, separador: str) -> None:
        self._separador = separador
        self._linea = 1
        self._abiertas: list[str | None] = []

    def saltar(self) -> None:
        """A line that is no record."""
        self._linea += 1

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


async def _lineas(contenido: AsyncIterable[bytes], codificacion: str) -> AsyncIterator[str | None]:
    """The lines of a text, without their ends; None for one that no record could hold, of which nothing is kept."""
    decodificador = io.IncrementalNewlineDecoder(codecs.getincrementaldecoder(codificacion)(), translate=True)
    resto, larga = "", False
    async for trozo in contenido:
        *enteras, resto = (resto + decodificador.decode(trozo)).split("\n")
        for texto in enteras:
            yield None if larga or len(texto) > _MAXIMO_DE_CARACTERES else texto
            larga = False
        if len(resto) > _MAXIMO_DE_CARACTERES:
            resto, larga = "", True
    resto += decodificador.decode(b"", final=True)
    if resto or larga:
        # With that sign DOS ended a file.
        yield None if larga else resto.removesuffix("\n").removesuffix("\x1a")


def sin_tildes(texto: str) -> str:
    """Without accents, case and space around."""
    suelto = unicodedata.normalize("NFKD", texto.strip().casefold())
    return "".join(c for c in suelto if not unicodedata.combining(c))


def _protegida(celda: str) -> str:
    celda = _FIN_DE_LINEA.sub(" ", celda)
    return f"'{celda}" if celda.startswith(_FORMULAS) else celda


def _desprotegida(celda: str) -> str:
    return celda[1:] if celda.startswith("'") and celda[1:].startswith(_FORMULAS) else celda
