"""Entity tags (RFC 9110 §8.8.3) and the lists of them in `If-Match` and `If-None-Match`."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

_UNA = re.compile(r'(W/)?("[\x21\x23-\x7e\x80-\xff]*")')
_FIN = re.compile(r"[ \t]*(?:,|$)")
_ESPACIO = " \t"


def etiqueta_de(representacion: bytes) -> str:
    """The strong tag of exactly these bytes."""
    return f'"{hashlib.sha256(representacion).hexdigest()[:40]}"'


@dataclass(frozen=True, slots=True)
class Etiquetas:
    """What a condition names: any (`*`), or some tags, each with whether it is weak."""

    cualquiera: bool
    nombradas: frozenset[tuple[bool, str]]

    def fuerte(self, actual: str) -> bool:
        """Whether `actual` is among them, byte for byte: what `If-Match` asks."""
        return self.cualquiera or (False, actual) in self.nombradas

    def debil(self, actual: str) -> bool:
        """Whether something as good as `actual` is among them: what `If-None-Match` asks."""
        valor = actual.removeprefix("W/")
        return self.cualquiera or any(nombrada == valor for _, nombrada in self.nombradas)


def leer_etiquetas(lineas: Sequence[str]) -> Etiquetas | None:
    """The tags in the lines of one header field; None when it is not a list of tags."""
    texto = ",".join(lineas).strip(_ESPACIO)
    if texto == "*":
        return Etiquetas(cualquiera=True, nombradas=frozenset())
    nombradas, desde = set(), 0
    while desde < len(texto):
        if texto[desde] in _ESPACIO + ",":
            desde += 1
            continue
        hallada = _UNA.match(texto, desde)
        if hallada is None:
            return None
        nombradas.add((hallada[1] is not None, hallada[2]))
        desde = hallada.end()
        if _FIN.match(texto, desde) is None:
            return None
    return Etiquetas(cualquiera=False, nombradas=frozenset(nombradas)) if nombradas else None
