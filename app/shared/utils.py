"""Spellings that more than one module must agree on."""

import re

_SEPARADORES = re.compile(r"[\s-]+")
_ESPACIOS = re.compile(r"\s+")


def normalizar_placa(placa: str) -> str:
    """`abc-1 23` and `ABC123` are one plate."""
    return _SEPARADORES.sub("", placa).upper()


def sin_espacios_de_mas(texto: str) -> str:
    return _ESPACIOS.sub(" ", texto).strip()


def clave_de_apartamento(torre: str | None, apartamento: str) -> str:
    """What makes a flat the same flat: without case, spaces squeezed. No name can hold the separator."""
    return "\n".join(sin_espacios_de_mas(parte).casefold() for parte in (torre or "", apartamento))


def clase_de_vehiculo(tipo: str, *, electrico: bool) -> str:
    """The kind of vehicle that rules and compatibility speak of."""
    return "carro_electrico" if tipo == "carro" and electrico else tipo
