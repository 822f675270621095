"""The chain of the audit and how it is checked: `docs/auditoria.md` says it in full. Standard library alone, no I/O.

Row n carries `mac = HMAC-SHA256(K, n "\\n" previo "\\n" canonical(row))`, where `previo` is the `mac` of row n-1 (64
zeros for the first). Whoever has not the key cannot change, take out, put in or exchange a row without being found.
What is cut off at the end only a head shows that was seen before, and that others have.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

FORMATO = "parknet-auditoria-v1"
PRIMER_PREVIO = "0" * 64
# What the chain itself adds to a row; all the rest is what it seals, whatever it is.
DE_LA_CADENA = frozenset({"n", "previo", "mac"})


class TipoDeFalla(StrEnum):
    alterada = "alterada"
    """The row is not what was sealed: edited, its fields exchanged, or put in by somebody without the key."""
    faltante = "faltante"
    """No row has this number, and later ones are there."""
    desordenada = "desordenada"
    """The row does not follow the one before it: moved, or renumbered over a gap."""
    repetida = "repetida"
    """A number comes twice."""
    cola_cortada = "cola_cortada"
    """The chain was longer once: from this number on it is gone."""
    cabeza_ajena = "cabeza_ajena"
    """The row of this number is not the one that was published: the chain was made again from somewhere before."""
    otra_clave = "otra_clave"
    """Sealed under another key than the one it is checked with."""
    cabecera_alterada = "cabecera_alterada"
    """The first line of an export is not what was written, or is not there."""
    ilegible = "ilegible"
    """Not a row at all."""
    atrasada = "atrasada"
    """A row waits for its place in the chain for longer than sealing takes: somebody keeps it from being sealed."""


@dataclass(frozen=True, slots=True)
class Cabeza:
    """The last row of the chain at some moment: its number and its mac."""

    n: int
    mac: str


@dataclass(frozen=True, slots=True)
class Falla:
    tipo: TipoDeFalla
    n: int | None


@dataclass(frozen=True, slots=True)
class Informe:
    """`falla`: the first that was found, and None when there is none. `cabeza`: of the last row that was seen."""

    falla: Falla | None
    sellados: int
    sin_sellar: int
    cabeza: Cabeza | None


class ClaveDeCadena:
    """`secreto` is CLAVE_AUDITORIA; each use has a key of its own made from it. `id` names the key and tells nothing of
    it."""

    def __init__(self, secreto: bytes) -> None:
        self._cadena = hmac.digest(secreto, b"parknet/auditoria/cadena", "sha256")
        self._cabecera = hmac.digest(secreto, b"parknet/auditoria/cabecera", "sha256")
        self._nombres = hmac.digest(secreto, b"parknet/auditoria/nombres", "sha256")
        self.id = hmac.digest(secreto, b"parknet/auditoria/clave", "sha256").hex()[:16]

    def mac(self, *, n: int, previo: str, fila: Mapping[str, Any]) -> str:
        """`fila` as plain JSON, without what the chain adds."""
        return hmac.digest(self._cadena, f"{n}\n{previo}\n{canonico(fila)}".encode(), "sha256").hex()

    def mac_de_cabecera(self, cabecera: Mapping[str, Any]) -> str:
        return hmac.digest(self._cabecera, canonico(cabecera).encode(), "sha256").hex()

    def seudonimo(self, texto: str) -> str:
        """The same for the same text, and of no use to whoever has not the key."""
        return hmac.new(self._nombres, texto.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()[:32]


def canonico(valor: Mapping[str, Any]) -> str:
    """JSON with names in order, nothing between them, and every character as it is."""
    return json.dumps(valor, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


class Verificador:
    """Takes the sealed rows in the order in which they come, one at a time, and keeps none. `conocidas`: heads that
    were seen before, wherever."""

    def __init__(self, clave: ClaveDeCadena, conocidas: Sequence[Cabeza] = ()) -> None:
        self._clave = clave
        self._conocidas: dict[int, set[str]] = {}
        self._conocer(conocidas)
        self._ultima = Cabeza(0, PRIMER_PREVIO)
        self._falla: Falla | None = None
        self._sellados = 0
        self._sin_sellar = 0

    def cabecera(self, cabecera: Mapping[str, Any]) -> None:
        """The first line of an export: which key, and how far the chain went."""
        if cabecera.get("clave") != self._clave.id:
            self._fallar(TipoDeFalla.otra_clave, None)
            return
        contenido = {nombre: valor for nombre, valor in cabecera.items() if nombre != "mac"}
        if not _iguales(cabecera.get("mac"), self._clave.mac_de_cabecera(contenido)):
            self._fallar(TipoDeFalla.cabecera_alterada, None)
            return
        cabeza = contenido.get("cabeza")
        if cabeza is not None:
            self._conocer([Cabeza(cabeza["n"], cabeza["mac"])])

    def sin_cabecera(self) -> None:
        """An export without its first line does not say how far the chain went: its tail may have been cut."""
        self._fallar(TipoDeFalla.cabecera_alterada, None)

    def clave_guardada(self, id: str | None) -> None:
        """Which key the chain was begun with, where that is known."""
        if id is not None and id != self._clave.id:
            self._fallar(TipoDeFalla.otra_clave, None)

    def ilegible(self) -> None:
        self._fallar(TipoDeFalla.ilegible, None if self._falla else self._ultima.n + 1)

    def sin_sellar(self, cuantas: int = 1, *, atrasadas: bool = False) -> None:
        """`atrasadas`: they wait for too long."""
        self._sin_sellar += cuantas
        if atrasadas:
            self._fallar(TipoDeFalla.atrasada, None)

    def sellada(self, fila: Mapping[str, Any]) -> None:
        self._sellados += 1
        n, mac = fila["n"], fila.get("mac")
        if self._falla is not None:
            # The number that was missing comes later after all: it was not taken out, but moved.
            if self._falla == Falla(TipoDeFalla.faltante, n):
                self._falla = Falla(TipoDeFalla.desordenada, n)
            return
        esperado = self._ultima.n + 1
        if type(n) is not int or n < esperado:
            self._fallar(TipoDeFalla.repetida, n if type(n) is int else None)
        elif n > esperado:
            self._fallar(TipoDeFalla.faltante, esperado)
        elif fila.get("previo") != self._ultima.mac:
            self._fallar(TipoDeFalla.desordenada, n)
        elif not _iguales(mac, self._clave.mac(n=n, previo=self._ultima.mac, fila=_contenido(fila))):
            self._fallar(TipoDeFalla.alterada, n)
        else:
            self._ultima = Cabeza(n, str(mac))
            if not self._conocidas.get(n, {mac}) <= {mac}:
                self._fallar(TipoDeFalla.cabeza_ajena, n)

    def informe(self) -> Informe:
        """After the last row."""
        if max(self._conocidas, default=0) > self._ultima.n:
            self._fallar(TipoDeFalla.cola_cortada, self._ultima.n + 1)
        return Informe(
            falla=self._falla,
            sellados=self._sellados,
            sin_sellar=self._sin_sellar,
            cabeza=self._ultima if self._ultima.n else None,
        )

    def _conocer(self, cabezas: Sequence[Cabeza]) -> None:
        for cabeza in cabezas:
            self._conocidas.setdefault(cabeza.n, set()).add(cabeza.mac)

    def _fallar(self, tipo: TipoDeFalla, n: int | None) -> None:
        if self._falla is None:
            self._falla = Falla(tipo, n)


def _contenido(fila: Mapping[str, Any]) -> dict[str, Any]:
    return {nombre: valor for nombre, valor in fila.items() if nombre not in DE_LA_CADENA}


def _iguales(dado: object, propio: str) -> bool:
    return isinstance(dado, str) and hmac.compare_digest(dado.encode("utf-8", "surrogatepass"), propio.encode())
