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

from app.modules.auditoria.relatos.enlaces import Contradicciones

FORMATO = "parknet-auditoria-v1"
PRIMER_PREVIO = "0" * 64
# What the chain itself adds to a row; all the rest is what it seals, whatever it is.
DE_LA_CADENA = frozenset({"n", "previo", "mac"})
_TRAS_LA_FIRMA = DE_LA_CADENA | {"firma"}
DENUNCIA = "auditoria_incompleta"
"""What a process does that finds a row gone which it had inserted, or a head which it had seen."""


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
    ajena = "ajena"
    """Nobody who has the key inserted the row so: put in by hand, or changed before it was sealed."""
    suprimida = "suprimida"
    """A process counted a row that is not there, before this one or, without a number, before one not sealed yet."""
    denunciada = "denunciada"
    """This row says that rows were gone which a process had inserted, or that the chain had been longer."""
    contradicha = "contradicha"
    """Another row excludes this one: it was hidden while the next about the same thing was written, or while this act
    read what was told of it, and put back."""
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
        self._firmas = hmac.digest(secreto, b"parknet/auditoria/firma", "sha256")
        self._cabecera = hmac.digest(secreto, b"parknet/auditoria/cabecera", "sha256")
        self._nombres = hmac.digest(secreto, b"parknet/auditoria/nombres", "sha256")
        self.id = hmac.digest(secreto, b"parknet/auditoria/clave", "sha256").hex()[:16]

    def mac(self, *, n: int, previo: str, fila: Mapping[str, Any]) -> str:
        """`fila` as plain JSON, without what the chain adds."""
        return hmac.digest(self._cadena, f"{n}\n{previo}\n{canonico(fila)}".encode(), "sha256").hex()

    def firma(self, fila: Mapping[str, Any]) -> str:
        """Of a row as it is inserted, with its place on its lane: all that is there before the chain adds to it."""
        contenido = {nombre: valor for nombre, valor in fila.items() if nombre not in _TRAS_LA_FIRMA}
        return hmac.digest(self._firmas, canonico(contenido).encode(), "sha256").hex()

    def autentica(self, fila: Mapping[str, Any], *, sin_firma: bool) -> bool:
        """Whether a process inserted the row so. `sin_firma`: it may be of before rows were signed."""
        if "firma" not in fila:
            return sin_firma and "serie" not in fila
        return _iguales(fila["firma"], self.firma(fila))

    @staticmethod
    def alguna_firmo(claves: Sequence["ClaveDeCadena"], fila: Mapping[str, Any]) -> bool:
        """Whether a process signed the row, under any of these keys."""
        return any(clave.autentica(fila, sin_firma=False) for clave in claves)

    def sella(self, fila: Mapping[str, Any]) -> bool:
        """Whether the row has the place in the chain that it says."""
        n, previo = fila.get("n"), fila.get("previo")
        return type(n) is int and _iguales(fila.get("mac"), self.mac(n=n, previo=str(previo), fila=_contenido(fila)))

    def mac_de_cabecera(self, cabecera: Mapping[str, Any]) -> str:
        return hmac.digest(self._cabecera, canonico(cabecera).encode(), "sha256").hex()

    def seudonimo(self, texto: str) -> str:
        """The same for the same text, and of no use to whoever has not the key."""
        return hmac.new(self._nombres, texto.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()[:32]


def canonico(valor: Mapping[str, Any]) -> str:
    """JSON with names in order, nothing between them, and every character as it is."""
    return json.dumps(valor, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


class Cuenta:
    """Which rows of each lane were seen. They come about in order, so that little is kept of each lane."""

    def __init__(self) -> None:
        self._hasta: dict[str, int] = {}
        self._sueltas: dict[tuple[str, int], int | None] = {}

    def contar(self, fila: Mapping[str, Any]) -> bool:
        """False when another row has that place."""
        serie, orden = fila["serie"], fila["orden"]
        hasta = self._hasta.get(serie, 0)
        if orden <= hasta or (serie, orden) in self._sueltas:
            return False
        self._sueltas[serie, orden] = fila.get("n")
        while (serie, hasta + 1) in self._sueltas:
            hasta += 1
            del self._sueltas[serie, hasta]
        self._hasta[serie] = hasta
        return True

    def tras_un_hueco(self) -> list[int]:
        """The numbers of rows before which one of their lane is not there; 0 for one that is not sealed yet."""
        return [n or 0 for n in self._sueltas.values()]


class Verificador:
    """Takes the rows that wait for their seal, and then the sealed ones in the order in which they come. `conocidas`:
    heads that were seen before, wherever. `anteriores`: keys that sealed before `clave` did; from the first row of
    another key on, none of the one before it is taken."""

    def __init__(
        self, clave: ClaveDeCadena, conocidas: Sequence[Cabeza] = (), *, anteriores: Sequence[ClaveDeCadena] = ()
    ) -> None:
        self._clave = clave
        self._de_turno: ClaveDeCadena | None = None
        self._por_venir = [*anteriores, clave]
        self._conocidas: dict[int, set[str]] = {}
        self._conocer(conocidas)
        self._ultima = Cabeza(0, PRIMER_PREVIO)
        self._falla: Falla | None = None
        self._menor: Falla | None = None
        self._sellados = 0
        self._cuenta = Cuenta()
        self._contradicciones = Contradicciones()
        self._firmada = False
        self._en_espera: dict[str, bool] = {}

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
        """Which key the chain was last sealed with, where that is known."""
        if id is not None and id not in {clave.id for clave in self._por_venir}:
            self._fallar(TipoDeFalla.otra_clave, None)

    def ilegible(self) -> None:
        self._fallar(TipoDeFalla.ilegible, None if self._falla else self._ultima.n + 1)

    def atrasada(self) -> None:
        """What waits for its seal waits for too long."""
        self._anotar(TipoDeFalla.atrasada, None)

    def sin_sellar(self, fila: Mapping[str, Any]) -> None:
        """To be told before the sealed rows, of which it may be one by then: so none is missed."""
        firmada = "firma" in fila
        if not any(clave.autentica(fila, sin_firma=True) for clave in self._por_venir):
            self._anotar(TipoDeFalla.ajena, None)
        elif firmada and not self._cuenta.contar(fila):
            self._anotar(TipoDeFalla.repetida, None)
        elif firmada and self._contradicciones.contradice(fila):
            self._anotar(TipoDeFalla.contradicha, None)
        self._en_espera[str(fila.get("id"))] = firmada

    def sellada(self, fila: Mapping[str, Any]) -> None:
        self._sellados += 1
        esperaba = self._en_espera.pop(str(fila.get("id")), None) is not None
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
        elif not self._sellada_bien(n, mac, _contenido(fila)):
            self._fallar(TipoDeFalla.alterada, n)
        else:
            self._ultima = Cabeza(n, str(mac))
            self._firmada = self._firmada or "firma" in fila
            if not (self._de_turno or self._clave).autentica(fila, sin_firma=not self._firmada):
                self._anotar(TipoDeFalla.ajena, n)
            elif "firma" in fila and not esperaba and not self._cuenta.contar(fila):
                self._anotar(TipoDeFalla.repetida, n)
            elif fila.get("accion") == DENUNCIA:
                self._anotar(TipoDeFalla.denunciada, n)
            elif "firma" in fila and self._contradicciones.contradice(fila):
                self._anotar(TipoDeFalla.contradicha, n)
            if not self._conocidas.get(n, {mac}) <= {mac}:
                self._fallar(TipoDeFalla.cabeza_ajena, n)

    def informe(self) -> Informe:
        """After the last row."""
        if (conocida := max(self._conocidas, default=0)) > self._ultima.n:
            self._fallar(TipoDeFalla.cola_cortada, self._ultima.n + 1)
        if self._firmada and not all(self._en_espera.values()):
            self._anotar(TipoDeFalla.ajena, None)
        if huecos := self._cuenta.tras_un_hueco():
            self._anotar(TipoDeFalla.suprimida, min(huecos) or None)
        if otras := self._contradicciones.al_final(desde=conocida, hasta=self._ultima.n):
            self._anotar(TipoDeFalla.contradicha, min(otras) or None)
        return Informe(
            falla=self._falla or self._menor,
            sellados=self._sellados,
            sin_sellar=len(self._en_espera),
            cabeza=self._ultima if self._ultima.n else None,
        )

    def _sellada_bien(self, n: int, mac: object, contenido: Mapping[str, Any]) -> bool:
        """Under the key that sealed the row before; or under one that has sealed none yet, whose turn it is now."""
        for clave in filter(None, (self._de_turno, *self._por_venir)):
            if _iguales(mac, clave.mac(n=n, previo=self._ultima.mac, fila=contenido)):
                if clave is not self._de_turno:
                    self._de_turno = clave
                    self._por_venir.remove(clave)
                return True
        return False

    def _conocer(self, cabezas: Sequence[Cabeza]) -> None:
        for cabeza in cabezas:
            self._conocidas.setdefault(cabeza.n, set()).add(cabeza.mac)

    def _anotar(self, tipo: TipoDeFalla, n: int | None) -> None:
        """A fault after which the chain can still be followed: one that breaks the chain is told instead."""
        if self._menor is None:
            self._menor = Falla(tipo, n)

    def _fallar(self, tipo: TipoDeFalla, n: int | None) -> None:
        if self._falla is None:
            self._falla = Falla(tipo, n)


def _contenido(fila: Mapping[str, Any]) -> dict[str, Any]:
    return {nombre: valor for nombre, valor in fila.items() if nombre not in DE_LA_CADENA}


def _iguales(dado: object, propio: str) -> bool:
    return isinstance(dado, str) and hmac.compare_digest(dado.encode("utf-8", "surrogatepass"), propio.encode())
