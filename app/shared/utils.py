"""Spellings that more than one module must agree on, and the characters that texts are written with. What looks the
same is the same: letters and digits of other widths and shapes fold to the plain ones (NFKC)."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal, TypeVar, get_args

K = TypeVar("K")
V = TypeVar("V")
ClaseDeVehiculo = Literal["carro", "carro_electrico", "moto", "bicicleta"]
"""The kinds that vehicles can be of: a `tipo`, or that of an electric carro."""
CLASES_DE_VEHICULO: frozenset[str] = frozenset(get_args(ClaseDeVehiculo))

_SEPARADORES = re.compile(r"[\s-]+")
_ESPACIOS = re.compile(r"\s+")
_DIGITOS = re.compile(r"(\d+)")
_CIFRAS = re.compile(r"[0-9]+")


def normalizar_placa(placa: str) -> str:
    """`abc-1 23` and `ABC123` are one plate."""
    return _SEPARADORES.sub("", unicodedata.normalize("NFKC", placa)).upper()


def sin_espacios_de_mas(texto: str) -> str:
    return _ESPACIOS.sub(" ", texto).strip()


def clave_de_apartamento(torre: str | None, apartamento: str) -> str:
    """What makes a flat the same flat: without case, spaces squeezed. No name can hold the separator."""
    return "\n".join(plegado(parte) for parte in (torre or "", apartamento))


def plegado(texto: str) -> str:
    """Without case, spaces squeezed."""
    return sin_espacios_de_mas(unicodedata.normalize("NFKC", texto)).casefold()


def clase_de_vehiculo(tipo: str, *, electrico: bool) -> str:
    """The kind of vehicle that rules and compatibility speak of."""
    return "carro_electrico" if tipo == "carro" and electrico else tipo


def orden_natural(texto: str) -> tuple[tuple[int, str], ...]:
    """The key of an order in which `Torre 2` comes before `Torre 10`."""
    return tuple((int(p), "") if p.isdecimal() else (-1, p.casefold()) for p in _DIGITOS.split(texto))


def con_cifras_a_lo_ancho(texto: str) -> str:
    """The same order as text, for the database: `p-2` becomes `p-000000000002`."""
    return _CIFRAS.sub(lambda cifras: cifras[0].zfill(12), texto)


def fundir(mapa: Mapping[K, V], cambio: Mapping[K, V | None]) -> dict[K, V]:
    """What a merge (RFC 7396) makes of a map: what is absent stays, null takes out."""
    return {clave: valor for clave, valor in {**mapa, **cambio}.items() if valor is not None}


Rango = tuple[int, int]
"""From a code point to another, both included."""
# What a text is trimmed of.
_ALREDEDOR: Sequence[Rango] = (
    *((0x09, 0x0D), (0x1C, 0x20), (0x85, 0x85), (0xA0, 0xA0), (0x1680, 0x1680)),
    *((0x2000, 0x200A), (0x202F, 0x202F), (0x205F, 0x205F), (0x3000, 0x3000)),
)
# Controls, marks of format and direction, ends of lines, letters that nobody sees, and what Unicode keeps for such.
_OCULTOS: Sequence[Rango] = (
    *((0x00, 0x08), (0x0B, 0x1F), (0x7F, 0x9F), (0xAD, 0xAD), (0x34F, 0x34F), (0x600, 0x605), (0x61C, 0x61C)),
    *((0x6DD, 0x6DD), (0x70F, 0x70F), (0x890, 0x891), (0x8E2, 0x8E2), (0x115F, 0x1160), (0x17B4, 0x17B5)),
    *((0x180E, 0x180E), (0x200B, 0x200F), (0x2028, 0x202E), (0x2060, 0x206F), (0x2800, 0x2800), (0x3164, 0x3164)),
    *((0xFEFF, 0xFEFF), (0xFFA0, 0xFFA0), (0xFFF0, 0xFFFB), (0x110BD, 0x110BD), (0x110CD, 0x110CD)),
    *((0x13430, 0x1343F), (0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A), (0xE0000, 0xE00FF), (0xE01F0, 0xE0FFF)),
)
# They choose how the character before them looks, as in most emoji: no part of a name or a code.
_VARIANTES: Sequence[Rango] = ((0x180B, 0x180F), (0xFE00, 0xFE0F), (0xE0100, 0xE01EF))
_ULTIMO, _ULTIMO_CERCANO = 0x10FFFF, 0xFFFD
# Each font draws its own, or none, where Unicode leaves the use private; the others will never be characters, and no
# file of XML may hold the last two of the first plane, as XLSX is. The document leaves them all unsaid: no class
# without the private ones lets JavaScript without `u` read the halves of an emoji, which stand just before them.
_SIN_FIGURA: Sequence[Rango] = (
    *((0xE000, 0xF8FF), (0xFDD0, 0xFDEF), (0xF0000, 0x10FFFF)),
    *((0x10000 * plano + 0xFFFE, 0x10000 * plano + 0xFFFF) for plano in range(15)),
)
# Every character of more than sixteen bits. No range of them is read alike by JavaScript with `u` and without, as pages
# of documentation and makers of forms compile a `pattern`: the document leaves those few that are hidden unsaid. With
# one that makers of examples can write, who know ASCII alone and throw where a class leaves them nothing.
_ESCRIBIBLE = (0x21, 0x21)
_LEJANO = f"[^\\x00-\\x20\\x22-{chr(_ULTIMO_CERCANO)}]"


def _resto(fuera: Iterable[Rango], hasta: int) -> Iterator[Rango]:
    """What is left of the characters up to `hasta`."""
    desde = 0
    for primero, ultimo in sorted([*fuera, (hasta + 1, _ULTIMO)]):
        if desde < min(primero, hasta + 1):
            yield desde, min(primero - 1, hasta)
        desde = max(desde, ultimo + 1)


def _clase(rangos: Iterable[Rango]) -> str:
    """As ECMA-262, Python, RE2, Java and ICU all read it: what is beyond \\xHH stands as itself. Nothing hidden does,
    where `rangos` are what may be written."""
    return "[" + "".join("-".join(map(_citado, dict.fromkeys(rango))) for rango in rangos) + "]"


def _citado(punto: int) -> str:
    return f"\\x{punto:02x}" if punto <= 0xFF else chr(punto)


ALREDEDOR = "".join(chr(c) for primero, ultimo in _ALREDEDOR for c in range(primero, ultimo + 1))
MARGEN = f"{_clase(_ALREDEDOR)}*"


class Alfabeto:
    """The characters that a text may have once it is NFC and trimmed: for who judges it, and for the document."""

    def __init__(self, *fuera: Rango) -> None:
        self._fuera = fuera
        self._juez = re.compile(f"{_clase(_resto([*fuera, *_SIN_FIGURA], _ULTIMO))}*")

    def sin(self, caracteres: str) -> "Alfabeto":
        return Alfabeto(*self._fuera, *((ord(c), ord(c)) for c in caracteres))

    def escribe(self, texto: str) -> bool:
        return self._juez.fullmatch(texto) is not None

    @property
    def patron_tal_cual(self) -> str:
        """Of a text that is not trimmed."""
        return f"^(?:{_clase(_resto([*self._fuera, _ESCRIBIBLE], _ULTIMO_CERCANO))}|{_LEJANO})*$"

    def patron(self, *, vacio: bool) -> str:
        """Of a text before it is trimmed; `vacio`: with nothing in it, too."""
        # What `_LEJANO` takes stands nowhere else, or a text would be read in more than one way.
        primero = _clase(_resto([*self._fuera, *_ALREDEDOR, _ESCRIBIBLE], _ULTIMO_CERCANO))
        otros = _clase(_resto([*self._fuera, _ESCRIBIBLE], _ULTIMO_CERCANO))
        final = _clase(_resto([*_resto(self._fuera, _ULTIMO), *_resto(_ALREDEDOR, _ULTIMO)], _ULTIMO_CERCANO))
        texto = f"(?:{primero}|{_LEJANO}){otros}*(?:{_LEJANO}{otros}*)*(?:{final}{MARGEN})?"
        return f"^{MARGEN}{f'(?:{texto})?' if vacio else texto}$"


LINEA = Alfabeto((0x09, 0x0A), *_OCULTOS, *_VARIANTES)
PARRAFO = Alfabeto(*_OCULTOS)
# No blank but the space.
DE_PROGRAMA = Alfabeto((0x09, 0x0A), *(r for r in _ALREDEDOR if r[1] > 0x20), *_OCULTOS)
IMPRIMIBLE = Alfabeto((0x09, 0x0A), *(r for r in _ALREDEDOR if r[1] > 0x20), *_OCULTOS, *_VARIANTES)
