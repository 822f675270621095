"""The file of a backup: written and read as a stream, noticed when cut, mixed or changed.

    parknet-respaldo 1\\n   one line of JSON: hecho_en, version, cifrado, sal\\n   frames

A frame is the length of its bytes (4, big-endian), then 1 where it is the last and 0 where it is not, then the bytes.
What the frames hold is deflated. With a key each frame is sealed in its place (`SelloDeTrozos`), and the line of JSON
is bound to each. Without a key the last frame is the SHA-256 of all before it, against accidents alone.
"""

import hashlib
import json
import os
import struct
import zlib
from collections.abc import Iterator, Mapping
from typing import IO, Any, Protocol

from app.core.sealing import SelloDeTrozos

_MARCA = b"parknet-respaldo 1\n"
_TROZO = 1 << 20  # bytes of one frame before they are sealed
_MAXIMO = _TROZO + 16
_CABEZA = 64 * 1024
_MARCO = struct.Struct(">IB")


class RespaldoError(Exception):
    """One line: what is wrong with a backup, or with what it is asked to do."""


class _Sobre(Protocol):
    """What stands between a frame and the file."""

    def cerrar(self, trozo: bytes, *, ultimo: bool) -> bytes: ...
    def abrir(self, sellado: bytes, *, ultimo: bool) -> bytes: ...


class _Claro:
    def __init__(self, cabeza: bytes) -> None:
        self._suma = hashlib.sha256(cabeza)

    def cerrar(self, trozo: bytes, *, ultimo: bool) -> bytes:
        if ultimo:
            return self._suma.digest()
        self._suma.update(trozo)
        return trozo

    def abrir(self, sellado: bytes, *, ultimo: bool) -> bytes:
        if not ultimo:
            self._suma.update(sellado)
            return sellado
        if sellado != self._suma.digest():
            raise RespaldoError("la copia está dañada: su suma no es la que dice")
        return b""


class _Cifrado:
    def __init__(self, clave: bytes, sal: bytes, cabeza: bytes) -> None:
        self._sello = SelloDeTrozos(clave, "respaldo", sal=sal, de=cabeza)

    def cerrar(self, trozo: bytes, *, ultimo: bool) -> bytes:
        return self._sello.cerrar(trozo, ultimo=ultimo)

    def abrir(self, sellado: bytes, *, ultimo: bool) -> bytes:
        trozo = self._sello.abrir(sellado, ultimo=ultimo)
        if trozo is None:
            raise RespaldoError("la copia está dañada, o se hizo con otra PARKNET_CLAVE_RESPALDO")
        return trozo


class Escritor:
    """`escribir` as often as there is something, and `terminar` once: without it the file is no backup."""

    def __init__(self, archivo: IO[bytes], datos: Mapping[str, Any], clave: bytes | None) -> None:
        sal = os.urandom(16)
        cabeza = json.dumps({**datos, "cifrado": clave is not None, "sal": sal.hex()}, sort_keys=True).encode()
        self._archivo = archivo
        self._sobre: _Sobre = _Claro(cabeza) if clave is None else _Cifrado(clave, sal, cabeza)
        self._deflactor = zlib.compressobj(6)
        self._pendiente = bytearray()
        archivo.write(_MARCA + cabeza + b"\n")

    def escribir(self, datos: bytes) -> None:
        self._pendiente += self._deflactor.compress(datos)
        while len(self._pendiente) >= _TROZO:
            self._sacar(bytes(self._pendiente[:_TROZO]), ultimo=False)
            del self._pendiente[:_TROZO]

    def terminar(self) -> None:
        self._pendiente += self._deflactor.flush()
        while self._pendiente:
            self._sacar(bytes(self._pendiente[:_TROZO]), ultimo=False)
            del self._pendiente[:_TROZO]
        self._sacar(b"", ultimo=True)
        self._archivo.flush()

    def _sacar(self, trozo: bytes, *, ultimo: bool) -> None:
        sellado = self._sobre.cerrar(trozo, ultimo=ultimo)
        self._archivo.write(_MARCO.pack(len(sellado), ultimo) + sellado)


class Lector:
    """`cabeza`, then the bytes that were written, in pieces. Raises RespaldoError at the first that is not as it was
    written, also when the end is missing: what came before is then worth nothing."""

    def __init__(self, archivo: IO[bytes], clave: bytes | None) -> None:
        self._archivo = archivo
        if archivo.read(len(_MARCA)) != _MARCA:
            raise RespaldoError("el archivo no es una copia de ParkNet")
        linea = archivo.readline(_CABEZA).removesuffix(b"\n")
        try:
            self.cabeza: Mapping[str, Any] = json.loads(linea)
            cifrado, sal = self.cabeza["cifrado"], bytes.fromhex(self.cabeza["sal"])
        except (ValueError, KeyError, TypeError):
            raise RespaldoError("el archivo no es una copia de ParkNet") from None
        if cifrado and clave is None:
            raise RespaldoError("la copia está cifrada: falta PARKNET_CLAVE_RESPALDO")
        if clave is not None and not cifrado:
            raise RespaldoError("la copia no está cifrada, y PARKNET_CLAVE_RESPALDO dice que debería estarlo")
        self._sobre: _Sobre = _Claro(linea) if clave is None else _Cifrado(clave, sal, linea)

    def __iter__(self) -> Iterator[bytes]:
        inflador = zlib.decompressobj()
        try:
            for trozo in self._trozos():
                resto = trozo
                while resto:
                    yield inflador.decompress(resto, _TROZO)
                    resto = inflador.unconsumed_tail
            yield inflador.flush()
        except zlib.error:
            raise RespaldoError("la copia está dañada") from None
        if not inflador.eof:
            raise RespaldoError("la copia está dañada")

    def _trozos(self) -> Iterator[bytes]:
        while True:
            marco = self._archivo.read(_MARCO.size)
            if len(marco) < _MARCO.size:
                raise RespaldoError("la copia está cortada")
            largo, bandera = _MARCO.unpack(marco)
            sellado = self._archivo.read(largo) if largo <= _MAXIMO else b""
            if len(sellado) < largo:
                raise RespaldoError("la copia está cortada")
            yield self._sobre.abrir(sellado, ultimo=bandera == 1)
            if bandera == 1:
                break
        if self._archivo.read(1):
            raise RespaldoError("la copia está dañada: sobra algo al final")
