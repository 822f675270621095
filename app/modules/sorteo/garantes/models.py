"""Witnesses of a draw: people who add a phrase of their own to the public number, so that nobody knows all of it."""

import hashlib
from collections.abc import Sequence
from datetime import datetime

from pydantic import BaseModel


class Garante(BaseModel):
    """`sello`: the hash of the token in the link. `compromiso`: SHA-256 of the phrase, handed in before the closing.
    `frase`: the phrase, revealed between the closing and the public number."""

    nombre: str
    sello: str
    compromiso: str | None = None
    comprometido_en: datetime | None = None
    frase: str | None = None
    revelada_en: datetime | None = None


def comprometidos(garantes: Sequence[Garante]) -> list[Garante]:
    """Those whose phrases count, in the order in which their phrases stand."""
    return sorted((g for g in garantes if g.compromiso is not None), key=lambda g: g.compromiso or "")


def en_orden(garantes: Sequence[Garante]) -> list[Garante]:
    """All of them: those whose phrases count, and then those who committed to none."""
    return [*comprometidos(garantes), *(g for g in garantes if g.compromiso is None)]


def con_frases(numero: str, garantes: Sequence[Garante]) -> str:
    """The whole `entropia`: the public number and, after `|` each, the phrases; empty where one was not revealed."""
    return "|".join([numero, *(g.frase or "" for g in comprometidos(garantes))])


def compromisos(garantes: Sequence[Garante]) -> str:
    """What `huella_de_compromisos` is the hash of: their commitments in order, with `|` between."""
    return "|".join(g.compromiso or "" for g in comprometidos(garantes))


def con_compromisos(fuente: str, garantes: Sequence[Garante]) -> str:
    """The `fuente` of a draw with witnesses: after the form of the number, `|` and the hash of their commitments."""
    return f"{fuente}; |{huella_de_compromisos(garantes)}" if comprometidos(garantes) else fuente


def huella_de_compromisos(garantes: Sequence[Garante]) -> str:
    return hashlib.sha256(compromisos(garantes).encode()).hexdigest()
