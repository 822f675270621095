"""What is stored, or handed out, so that only this installation reads it: AES-256-GCM (NIST SP 800-38D) with a random
nonce of 12 bytes before the text, bound to what holds it, so that what is moved to another place does not open."""

import hmac
import json
import os
import struct
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import cached_property
from hashlib import blake2b
from typing import Any

import attrs
from bson import ObjectId
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE = 12


class Sello:
    """Seals under a key of its own, which is made of `clave` and `uso`: what one Sello seals, another does not open.
    What was sealed when one of `anteriores` stood in the place of `clave` opens too."""

    def __init__(self, clave: bytes, uso: str, anteriores: Sequence[bytes] = ()) -> None:
        self._cifra, *self._de_antes = (
            AESGCM(hmac.digest(cada, f"parknet/{uso}".encode(), "sha256")) for cada in (clave, *anteriores)
        )
        self._de_nonces = hmac.digest(clave, f"parknet/{uso}/nonce".encode(), "sha256")

    def cerrar(self, datos: bytes, *, de: bytes, siempre_igual: bool = False) -> bytes:
        """`datos` sealed, and bound to `de`. `siempre_igual`: the same each time, so that who sees two knows whether
        they say the same; the nonce is then made of what is sealed, under a key of its own."""
        nonce = self._nonce_de(de + b"\0" + datos) if siempre_igual else os.urandom(_NONCE)
        return nonce + self._cifra.encrypt(nonce, datos, de)

    def _nonce_de(self, datos: bytes) -> bytes:
        # BLAKE2 with a key (RFC 7693 §2.9) is as good a pseudorandom function as HMAC, in a tenth of the time.
        return blake2b(datos, digest_size=_NONCE, key=self._de_nonces).digest()

    def abrir(self, sellado: bytes, *, de: bytes) -> bytes | None:
        """What was sealed; None when it was not sealed here, for that, under these keys."""
        for cifra in (self._cifra, *self._de_antes):
            try:
                return cifra.decrypt(sellado[:_NONCE], sellado[_NONCE:], de)
            except (InvalidTag, ValueError):  # ValueError: not even a nonce
                continue
        return None

    def cerrar_texto(self, texto: str, *, de: ObjectId) -> bytes:
        """`texto` sealed, and bound to the document `de`."""
        return self.cerrar(texto.encode(), de=de.binary)

    def abrir_texto(self, sellado: bytes, *, de: ObjectId) -> str | None:
        """The text; None when it was not sealed here, for that document, under this key."""
        abierto = self.abrir(sellado, de=de.binary)
        return None if abierto is None else abierto.decode()


class Precinto:
    """The mark of what stands open on the database, so that whoever changes it without the key cannot make the mark
    that goes with it: HMAC-SHA256 under a key of its own, made of `clave` and `uso`."""

    def __init__(self, clave: bytes, uso: str, anteriores: Sequence[bytes] = ()) -> None:
        # A closing looks at eight marks of each household. To begin with the key takes longer than what is marked.
        self._sumas = [
            hmac.new(hmac.digest(cada, f"parknet/{uso}".encode(), "sha256"), digestmod="sha256")
            for cada in (clave, *anteriores)
        ]

    def de(self, datos: bytes) -> str:
        """64 hex digits."""
        return _con(self._sumas[0], datos)

    def vale(self, marca: str, datos: bytes) -> bool:
        return any(hmac.compare_digest(marca, _con(suma, datos)) for suma in self._sumas)


def _con(suma: hmac.HMAC, datos: bytes) -> str:
    suya = suma.copy()
    suya.update(datos)
    return suya.hexdigest()


@attrs.define(kw_only=True)
class PrecintoDeFilas:
    """The mark of a row, in its field `en`, of what it has in those `campos` (`a.b` is within `a`; of `a|b`, the first
    that says something). Days and ids count as they are written, so the row may be the one that is stored or the
    document that it becomes."""

    _precinto: Precinto
    _campos: Sequence[str]
    _en: str = "marca"

    def de(self, fila: Mapping[str, Any]) -> str:
        return self._precinto.de(self._datos(fila))

    def vale(self, fila: Mapping[str, Any]) -> bool:
        marca = fila.get(self._en)
        return isinstance(marca, str) and self._precinto.vale(marca, self._datos(fila))

    @property
    def leidos(self) -> list[str]:
        """What of a row that is stored the mark is made of."""
        return [uno for campo in self._campos for uno in campo.split("|")]

    def _datos(self, fila: Mapping[str, Any]) -> bytes:
        return json.dumps([valor(fila) for valor in self._valores], default=str).encode()

    @cached_property
    def _valores(self) -> list[Callable[[Mapping[str, Any]], object]]:
        return [_valor_de(campo) for campo in self._campos]


def _valor_de(campo: str) -> Callable[[Mapping[str, Any]], object]:
    """What reads it from a row: None where it is not there, as whoever put the row there may have left it out."""
    if "|" in campo:
        varios = [_valor_de(uno) for uno in campo.split("|")]
        return lambda fila: next((valor for uno in varios if (valor := uno(fila)) is not None), None)
    fuera, _, dentro = campo.partition(".")
    if not dentro:
        return lambda fila: fila.get(campo)
    suyo = _valor_de(dentro)
    return lambda fila: suyo(parte) if isinstance(parte := fila.get(fuera), Mapping) else None


class MarcasDeHechos:
    """Of rows of one kind (`de`), a mark for each fact that a draw believes: it stands in `marcas` under its name, and
    is written with the fact. Each fact has its own, so whoever states one makes none for what somebody wrote beside it.
    A mark says nothing of a fact that is put back with its mark as it once was.

    `partes`: of a fact that is a list, the key of its parts and which of their fields are believed. Each part has a
    mark of its own, `fact_key`, and the list one of which parts there are. `juntos`: a fact that is several fields, of
    many rows that are looked at one by one: it is stated when all of them are."""

    def __init__(
        self,
        precinto: Precinto,
        de: str,
        hechos: Collection[str],
        partes: Mapping[str, tuple[str, Sequence[str]]] | None = None,
        juntos: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        self._precinto = precinto
        self._de = de
        self._hechos = tuple(hechos)
        self._partes = partes or {}
        self._juntos = juntos or {}
        self.campos = tuple(campo for hecho in self._hechos for campo in self._juntos.get(hecho, (hecho,)))

    def todas(self, fila: Mapping[str, Any]) -> dict[str, str]:
        """The `marcas` of a row that is to be put in, as it is stored."""
        return {hecho: self._precinto.de(datos) for hecho, datos in self._datos(fila["_id"], fila, self._hechos)}

    def de(self, id: ObjectId, cambios: Mapping[str, Any], solo: Collection[str] | None = None) -> dict[str, Any]:
        """What to set beside `cambios` of the row of that id, as they are stored; of `solo` these facts, where it is
        given. They may have other fields too."""
        suyos = [hecho for hecho in self._hechos if set(self._juntos.get(hecho, (hecho,))) <= cambios.keys()]
        return {
            f"marcas.{hecho}": self._precinto.de(datos)
            for hecho, datos in self._datos(id, cambios, suyos)
            if solo is None or hecho in solo
        }

    def seguidas(self, antes: Mapping[str, Any], despues: Mapping[str, Any], dichos: Collection[str]) -> dict[str, Any]:
        """The `marcas` of a row that was `antes` and becomes `despues`, in which somebody states the fields `dichos`.
        A fact that was not whole before is so only if it is stated: otherwise its mark stays as it was."""
        guardadas = antes.get("marcas")
        marcas = dict(guardadas) if isinstance(guardadas, dict) else {}
        for hecho in self._hechos:
            if set(self._juntos.get(hecho, (hecho,))) <= set(dichos) or self.rota(antes, [hecho]) is None:
                for cual, datos in self._datos(antes["_id"], despues, [hecho]):
                    marcas[cual] = self._precinto.de(datos)
        return marcas

    def rota(self, fila: Mapping[str, Any], hechos: Collection[str] | None = None) -> str | None:
        """Which fact, of all or of these, is not what was marked; None when all are. `fila` has its `marcas`."""
        marcas = fila.get("marcas")
        suyas = marcas if isinstance(marcas, dict) else {}
        todos = self._datos(fila["_id"], fila, hechos or self._hechos)
        return next((hecho for hecho, datos in todos if not self._vale(suyas.get(hecho), datos)), None)

    def _vale(self, marca: object, datos: bytes) -> bool:
        return isinstance(marca, str) and self._precinto.vale(marca, datos)

    def _datos(self, id: ObjectId, fila: Mapping[str, Any], hechos: Collection[str]) -> Iterator[tuple[str, bytes]]:
        for hecho in hechos:
            juntos = self._juntos.get(hecho)
            valor: Any = fila.get(hecho) if juntos is None else [fila.get(campo) for campo in juntos]
            if hecho in self._partes and isinstance(valor, list):
                clave, campos = self._partes[hecho]
                for parte in valor:
                    cual = f"{hecho}_{parte[clave]}"
                    yield cual, self._escrito(id, cual, [parte.get(campo) for campo in campos])
                valor = sorted(parte[clave] for parte in valor)
            yield hecho, self._escrito(id, hecho, valor)

    def _escrito(self, id: ObjectId, hecho: str, valor: object) -> bytes:
        return f'["{self._de}", "{id}", {json.dumps(hecho)}, {_en_json(valor)}]'.encode()


_CODIFICADOR = json.JSONEncoder(default=str, sort_keys=True)


def _en_json(valor: object) -> str:
    """As `_CODIFICADOR` says it. What most facts are is said without it: to begin takes it longer than to say them."""
    if isinstance(valor, str):
        return json.dumps(valor)
    if valor is None or valor is True or valor is False:
        return _SUELTOS[valor]
    return "[]" if valor == [] else _CODIFICADOR.encode(valor)


_SUELTOS = {None: "null", True: "true", False: "false"}


class SelloDeTrozos:
    """A text of many pieces, each sealed in its place, so that one that is missing, moved or cut off is noticed: STREAM
    (Hoang, Reyhanitabar, Rogaway, Vizár, CRYPTO 2015). The nonce is the number of the piece and whether it is the last.
    `sal`: random, and another for each text. All pieces are bound to `de`. It goes through one text once."""

    def __init__(self, clave: bytes, uso: str, *, sal: bytes, de: bytes) -> None:
        self._cifra = AESGCM(hmac.digest(clave, f"parknet/{uso}/".encode() + sal, "sha256"))
        self._de = de
        self._numero = 0

    def cerrar(self, trozo: bytes, *, ultimo: bool) -> bytes:
        return self._cifra.encrypt(self._nonce(ultimo=ultimo), trozo, self._de)

    def abrir(self, sellado: bytes, *, ultimo: bool) -> bytes | None:
        """The piece; None when it is not the one that was sealed for this place."""
        try:
            return self._cifra.decrypt(self._nonce(ultimo=ultimo), sellado, self._de)
        except InvalidTag:
            return None

    def _nonce(self, *, ultimo: bool) -> bytes:
        nonce = struct.pack(">3xQ?", self._numero, ultimo)
        self._numero += 1
        return nonce
