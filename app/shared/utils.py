"""Spellings that more than one module must agree on. What looks the same is the same: letters and digits of other
widths and shapes fold to the plain ones (NFKC)."""

import re
import unicodedata
from typing import Literal, get_args

ClaseDeVehiculo = Literal["carro", "carro_electrico", "moto", "bicicleta"]
"""The kinds that vehicles can be of: a `tipo`, or that of an electric carro."""
CLASES_DE_VEHICULO: frozenset[str] = frozenset(get_args(ClaseDeVehiculo))

_SEPARADORES = re.compile(r"[\s-]+")
_ESPACIOS = re.compile(r"\s+")
_DIGITOS = re.compile(r"(\d+)")


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
