"""The rows of a kept file, whatever it was: a text in some encoding, or the lines of a spreadsheet."""

import codecs
import json
import re
from collections.abc import AsyncGenerator, AsyncIterable, Sequence
from dataclasses import dataclass

from app.core.imports.blanks import SIN_VALOR
from app.core.imports.contract import Celda, Encabezado, Origen
from app.core.imports.headings import plegar
from app.shared.tables import leer_csv, separador_de, sin_tildes

_MUESTRA = 64 * 1024
_LINEAS_DE_MUESTRA = 40
_BOM_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# What no text in Windows-1252 has: bytes without a letter, and controls, but for that with which DOS ends a file.
_NO_1252 = bytes([*range(9), 11, *range(14, 26), *range(27, 32), 0x81, 0x8D, 0x8F, 0x90, 0x9D])
# What other programs save under the name of a spreadsheet: a page, its XML, a page with its pictures.
_NO_ES_TABLA = re.compile(r"\s*(?:<|MIME-Version:)", re.IGNORECASE)
# Letters with an accent, and ñ, within a word: of a Macintosh, where Windows-1252 has signs; and those of Windows-1252.
_DE_MAC = re.compile(
    rb"(?<=[A-Za-z\x87\x8e\x96\x97\x9c])[\x87\x8e\x96\x97\x9c](?=[A-Za-z\x87\x8e\x96\x97\x9c])|\b[\x83\x84](?=[A-Za-z])"
)
_DE_1252 = re.compile(rb"[\xc0-\xff]")
_FORMULA = re.compile(r"[=@]\$?(?:[A-Za-z0-9_.\s]*[(!:+*/&]|[A-Z]{1,3}\$?[0-9]+$)")
_ERROR = re.compile(
    r"#[¡¿]?(?:N/[AD]|REF|VALUE|VALOR|DIV/0|NAME|NOMBRE|NOME|NUM|N[UÚ]M|NULL|NULO|SPILL|CALC|FIELD)[!?]?", re.IGNORECASE
)
_TOTALES = (
    "total",
    "subtotal",
    "sub total",
    "gran total",
    "suma",
    "sumas",
    "promedio",
    "totales",
    "grand total",
    "soma",
)
_VACIAS = frozenset(
    {"", "-", "--", "---", "n/a", "na", "n.a", "n.a.", "s/n", "no tiene", "no aplica", "ninguno", "ninguna"}
)


class NoEsTexto(Exception):
    """Neither UTF-8 nor UTF-16 nor Windows-1252 nor MacRoman, or no table."""


@dataclass(frozen=True, slots=True)
class Renglon:
    """A row of sheet `hoja`, from 0; `celdas` is None where quotes do not close."""

    hoja: int
    linea: int
    celdas: Sequence[str] | None


class Oido:
    """Listens to a text as it passes, and says then in which encoding it is and what separates its cells."""

    def __init__(self) -> None:
        self._muestra = bytearray()
        self._utf8: codecs.IncrementalDecoder | None = codecs.getincrementaldecoder("utf-8")()
        self._puede_ser_1252 = True

    def escuchar(self, trozo: bytes) -> None:
        self._muestra += trozo[: _MUESTRA - len(self._muestra)]
        self._puede_ser_1252 = self._puede_ser_1252 and len(trozo.translate(None, _NO_1252)) == len(trozo)
        if self._utf8 is not None:
            try:
                self._utf8.decode(trozo)
            except UnicodeDecodeError:
                self._utf8 = None

    def origen(self) -> Origen:
        """Raises NoEsTexto."""
        codificacion = self._codificacion()
        texto = bytes(self._muestra).decode(codificacion, errors="ignore")
        if _NO_ES_TABLA.match(texto):
            raise NoEsTexto
        lineas = texto.replace("\r\n", "\n").replace("\r", "\n").split("\n")[:_LINEAS_DE_MUESTRA]
        return Origen(es_texto=True, codificacion=codificacion, separador=separador_de(lineas))

    def _codificacion(self) -> str:
        if self._muestra.startswith(_BOM_UTF16):
            return "utf-16"
        if 0 < len(self._muestra) // 4 < self._muestra[1::2].count(0):
            return "utf-16-le"
        if self._utf8 is not None and not self._utf8.getstate()[0]:
            return "utf-8-sig"
        if self._puede_ser_1252:
            de_mac, de_1252 = _DE_MAC.findall(self._muestra), _DE_1252.findall(self._muestra)
            return "mac_roman" if len(de_mac) > len(de_1252) else "cp1252"
        raise NoEsTexto


async def renglones(contenido: AsyncIterable[bytes], origen: Origen) -> AsyncGenerator[Renglon]:
    """All rows that are not empty. Raises UnicodeDecodeError where a text stops being one."""
    if origen.es_texto:
        async for fila in leer_csv(contenido, codificacion=origen.codificacion, separador=origen.separador):
            yield Renglon(0, fila.linea, fila.celdas)
        return
    hoja, resto = -1, b""
    async for trozo in contenido:
        *enteras, resto = (resto + trozo).split(b"\n")
        for linea in enteras:
            dicho = json.loads(linea)
            if isinstance(dicho, str):
                hoja += 1
            else:
                yield Renglon(hoja, dicho[0], dicho[1])


@dataclass(frozen=True, slots=True)
class Fila:
    """A row below the heading: what its columns say. `ignorada`: it is a total, or the heading again, or says nothing.
    `rota`: what is wrong with the row as such."""

    linea: int
    celdas: Sequence[Celda] = ()
    ignorada: bool = False
    rota: str = ""


async def filas(contenido: AsyncIterable[bytes], origen: Origen, encabezado: Encabezado) -> AsyncGenerator[Fila]:
    async for renglon in renglones(contenido, origen):
        if renglon.hoja == encabezado.hoja and renglon.linea > encabezado.linea:
            yield _fila(renglon, encabezado)


def _fila(renglon: Renglon, encabezado: Encabezado) -> Fila:
    celdas = renglon.celdas
    if celdas is None:
        return Fila(renglon.linea, rota="comillas_abiertas")
    if _es_total(celdas):
        return Fila(renglon.linea, ignorada=True)
    if any(celdas[encabezado.ancho :]):
        return Fila(renglon.linea, rota="fila_desigual")
    dichas = [
        Celda(columna, celdas[columna.numero])
        for columna in encabezado.columnas
        if columna.numero < len(celdas) and not esta_vacia(celdas[columna.numero])
    ]
    otra_vez = all(celda.texto[: len(celda.columna.titulo)] == celda.columna.titulo for celda in dichas)
    return Fila(renglon.linea, dichas, ignorada=otra_vez)


def esta_vacia(texto: str) -> bool:
    """What people write where there is nothing."""
    return len(texto) <= 10 and texto.strip().casefold() in _VACIAS


def fallo(texto: str) -> str | None:
    """The rule that a cell breaks whatever its column: a formula failed in it, or was saved without its value."""
    if texto == SIN_VALOR:
        return "es_formula"
    return "celda_con_error" if _ERROR.fullmatch(texto) else None


def es_formula(texto: str) -> bool:
    """Whether it looks like one that was saved as text."""
    return _FORMULA.match(texto) is not None


def _es_total(celdas: Sequence[str]) -> bool:
    primera = next((celda for celda in celdas if celda), "")
    dicho = sin_tildes(primera).rstrip(":").strip()
    return dicho in _TOTALES or (dicho.startswith(("total ", "subtotal ")) and plegar(primera) != "")
