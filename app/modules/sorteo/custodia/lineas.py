"""The roll of a closing: whose each folio is, committed to before the number can be known. Pure.

    salt of a folio   HMAC-SHA256(key of the roll, folio in decimal), 64 hex digits
    line of a folio   SHA-256(salt ":" folio ":" request ":" flat ":" vehicle), ids as 24 hex digits
    the file          a line of JSON for each folio, ascending: {"folio":1,"linea":"…"}

`huella_padron` is the SHA-256 of the file. A flat is shown the salt of its own line, and of no other: the salts keep
anybody from guessing whose a line is. The key is a secret of the draw that is never published.
"""

import hashlib
import hmac
import json
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import cast

_FOLIO, _DIGESTO = 8, 32


@dataclass(frozen=True, slots=True)
class Titular:
    """Whose a folio is, by ids."""

    folio: int
    solicitud: str
    unidad: str
    vehiculo: str

    @classmethod
    def de(cls, participante: Mapping[str, object]) -> "Titular":
        """Of a `ParticipanteSorteo` as it is stored."""
        ids = (str(participante.get(campo)) for campo in ("solicitud_id", "unidad_id", "vehiculo_id"))
        return cls(cast("int", participante["folio"]), *ids)


def sal(clave: str, folio: int) -> str:
    return hmac.digest(bytes.fromhex(clave), str(folio).encode(), "sha256").hex()


def linea(clave: str, de: Titular) -> str:
    texto = f"{sal(clave, de.folio)}:{de.folio}:{de.solicitud}:{de.unidad}:{de.vehiculo}"
    return hashlib.sha256(texto.encode()).hexdigest()


def lineas_padron(clave: str, titulares: Iterable[Titular]) -> Iterator[bytes]:
    for titular in titulares:
        yield f'{{"folio":{titular.folio},"linea":"{linea(clave, titular)}"}}\n'.encode()


def leer_linea(cruda: bytes) -> bytes:
    """The entry of an index for a line of the file."""
    campos = json.loads(cruda)
    return entrada(campos["folio"], bytes.fromhex(campos["linea"]))


def entrada(folio: int, digesto: bytes) -> bytes:
    """For `Indice`. `digesto`: a SHA-256."""
    return folio.to_bytes(_FOLIO) + digesto


class Indice:
    """SHA-256 digests by folio. A million of them take forty megabytes."""

    def __init__(self, entradas: Iterable[bytes]) -> None:
        folios, digestos = array("Q"), bytearray()
        for fila in sorted(entradas):
            folios.append(int.from_bytes(fila[:_FOLIO]))
            digestos += fila[_FOLIO:]
        self._folios, self._digestos = folios, bytes(digestos)

    def dice(self, folio: int, digesto: bytes) -> bool:
        """Whether the folio is there with that digest."""
        lugar = bisect_left(self._folios, folio)
        if lugar == len(self._folios) or self._folios[lugar] != folio:
            return False
        return self._digestos[lugar * _DIGESTO : (lugar + 1) * _DIGESTO] == digesto
