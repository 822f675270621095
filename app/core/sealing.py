"""What is stored, or handed out, so that only this installation reads it: AES-256-GCM (NIST SP 800-38D) with a random
nonce of 12 bytes before the text, bound to what holds it, so that what is moved to another place does not open."""

import hmac
import json
import os
import struct
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from hashlib import blake2b
from typing import Any

import attrs
from bson import ObjectId
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC

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
            HMAC(hmac.digest(cada, f"parknet/{uso}".encode(), "sha256"), SHA256()) for cada in (clave, *anteriores)
        ]

    def de(self, datos: bytes) -> str:
        """64 hex digits."""
        return _con(self._sumas[0], datos)

    def de_cada(self, datos: bytes) -> list[str]:
        """The same under each key, the one in force first."""
        return [_con(suma, datos) for suma in self._sumas]

    def vale(self, marca: str, datos: bytes) -> bool:
        # Whoever wrote it may have written anything: of texts, `compare_digest` takes ASCII alone.
        if marca.isascii():
            for suma in self._sumas:
                if hmac.compare_digest(marca, _con(suma, datos)):
                    return True
        return False


def _con(suma: HMAC, datos: bytes) -> str:
    suya = suma.copy()
    suya.update(datos)
    return suya.finalize().hex()


@attrs.define(kw_only=True)
class PrecintoDeFilas:
    """The mark of a row, in its field `en`, of what it has in those `campos` (`a.b` is within `a`; of `a|b`, the first
    that says something). Days and ids count as they are written, so the row may be the one that is stored or the
    document that it becomes. `si_dicen`: fields that count only where they say something, so that rows of before they
    were thought of keep their mark; who takes one away from another breaks that. No two say the same kind of thing."""

    _precinto: Precinto
    _campos: Sequence[str]
    _en: str = "marca"
    _si_dicen: Sequence[str] = ()

    def de(self, fila: Mapping[str, Any]) -> str:
        return self._precinto.de(self._datos(fila))

    def vale(self, fila: Mapping[str, Any]) -> bool:
        marca = fila.get(self._en)
        return isinstance(marca, str) and self._precinto.vale(marca, self._datos(fila))

    @property
    def leidos(self) -> list[str]:
        """What of a row that is stored the mark is made of."""
        return [uno for campo in (*self._campos, *self._si_dicen) for uno in campo.split("|")]

    def _datos(self, fila: Mapping[str, Any]) -> bytes:
        valores = [fila.get(campo) if leer is None else leer(fila) for campo, leer in self._valores]
        valores += [dice for campo in self._si_dicen if (dice := fila.get(campo)) is not None]
        return _CODIFICADOR.encode(valores).encode()

    @cached_property
    def _valores(self) -> list[tuple[str, Callable[[Mapping[str, Any]], object] | None]]:
        """What reads each of them; None where that is the row itself."""
        return [(campo, None if campo.isidentifier() else _valor_de(campo)) for campo in self._campos]


_CODIFICADOR = json.JSONEncoder(default=str)


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
