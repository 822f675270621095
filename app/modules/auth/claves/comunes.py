"""Why a password could be guessed: the password is common, or is made of what is known of its owner.

Pure functions over the list in `claves_comunes.txt`, whose first lines name its source. A password is compared without
case, without accents and with `p@ssw0rd` read as `password`. A password is stored and checked as typed.

One character may fold to eighteen: what is looked at is bounded once it is folded, and the number of words looked up in
the list grows with the password and not with its square.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable
from functools import cache
from importlib.resources import files
from typing import Literal

Motivo = Literal["clave_comun", "clave_personal"]

_COMO_LETRAS = str.maketrans("0134578@$!", "oieastbasi")
_PALABRA = re.compile(r"[^\W_]+")
_PALABRA_MINIMA, _PALABRA_COMUN_MINIMA = 3, 4
# The rest of a password, once a word is taken out, counts only from this length on. A rest without letters (`2024!`, a
# date) needs the second length.
_RESTO_MINIMO, _RESTO_MINIMO_SIN_LETRAS = 5, 9
MAXIMO_PLEGADO = 256


def plegar(texto: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", texto.casefold()) if not unicodedata.combining(c))


def palabras(textos: Iterable[str]) -> frozenset[str]:
    """The words of `textos` as a password might hold them: each by itself, and those of one text run together."""
    halladas: set[str] = set()
    for texto in textos:
        sueltas = _PALABRA.findall(plegar(texto))
        halladas |= {*sueltas, "".join(sueltas)}
    return frozenset(palabra for palabra in halladas if len(palabra) >= _PALABRA_MINIMA)


def motivo(clave: str, propias: Collection[str]) -> Motivo | None:
    """Which rule `clave` breaks, if any. `propias`: words of the owner and the complex, from `palabras`."""
    plegada = plegar(clave)[:MAXIMO_PLEGADO]
    leidas = (plegada, plegada.translate(_COMO_LETRAS))
    for leida in leidas:
        resto = _sin(propias, leida, plegada)
        if resto != plegada and not _basta(resto):
            return "clave_personal"
    if not _basta(plegada) or _es_repetida("".join(plegada.split())):
        return "clave_comun"
    for leida in leidas:
        if any(not _basta(_sin([palabra], leida, plegada)) for palabra in _comunes_en(leida)):
            return "clave_comun"
    return None


def _sin(quitadas: Collection[str], leida: str, plegada: str) -> str:
    """`plegada` with the words of `quitadas` blanked out. The words are looked for in `leida`, which has the same
    length: a digit may read as a letter of a word there, and stays a digit in the rest."""
    for palabra in sorted(quitadas, key=len, reverse=True):
        hueco = " " * len(palabra)
        desde = leida.find(palabra)
        while desde >= 0:
            hasta = desde + len(palabra)
            leida, plegada = leida[:desde] + hueco + leida[hasta:], plegada[:desde] + hueco + plegada[hasta:]
            desde = leida.find(palabra)
    return plegada


def _comunes_en(clave: str) -> set[str]:
    comunes, largos = _comunes(), _largos()
    trozos = (clave[i : i + n] for i in range(len(clave)) for n in largos if i + n <= len(clave))
    return {trozo for trozo in trozos if trozo in comunes}


def _basta(resto: str) -> bool:
    """Whether `resto` is too long to be guessed. A run such as `1234`, `aaaa` or `fedc` counts as one character."""
    cuenta, antes = 0, ""
    for c in "".join(resto.split()):
        if not antes or abs(ord(c) - ord(antes)) > 1:
            cuenta += 1
        antes = c
    minimo = _RESTO_MINIMO if any(c.isalpha() for c in resto) else _RESTO_MINIMO_SIN_LETRAS
    return cuenta >= minimo


def _es_repetida(clave: str) -> bool:
    """Whether `clave` is one short piece again and again, such as `abcdabcdabcd`."""
    periodo = (clave + clave).find(clave, 1)
    return periodo < len(clave) and periodo < 2 * _RESTO_MINIMO


@cache
def _largos() -> tuple[int, ...]:
    """The lengths that there are in the list, of words that are looked for within a password."""
    return tuple(sorted({len(palabra) for palabra in _comunes()} - set(range(_PALABRA_COMUN_MINIMA))))


@cache
def _comunes() -> frozenset[str]:
    lineas = files("app.modules.auth.claves").joinpath("claves_comunes.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(linea for linea in lineas if not linea.startswith("#"))
