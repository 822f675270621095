"""What an act read of the audit stands in its row (`leido`). So rows that somebody hid for the moment of the act
contradict it once they are back: `docs/auditoria.md` says it in full.

A selection is the rows of one kind, or those of one kind about one thing. Of each that was read, the row says how far
the chain went (`hasta`), how many signed rows of the selection were in it so far, a hash of these, and which were read
that had no place in the chain yet. Standard library alone, no I/O.
"""

import hashlib
import struct
from bisect import bisect_right
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

POR_OBJETO = frozenset(
    {
        *("solicitudes_escritas", "espera_publicada", "espera_terminada", "espera_con_derecho", "espera_ofrecida"),
        *("permuta_consentida", "permuta_cerrada", "sorteo_abrir_sorteo", "trabajo_terminado", "residentes_escritos"),
    }
)
"""What is read about one thing."""
DE_TODOS = frozenset(
    {
        *("unidades_escritas", "residentes_escritos", "vehiculos_escritos", "espacios_escritos"),
        *("prioridades_escritas", "borradores_escritos", "asignaciones_escritas", "espera_ofrecida"),
        *("asignaciones_cambiadas", "solicitudes_aceptadas", "sorteo_participes", "hechos_cambiados", "hechos_iguales"),
        *("cuenta_escrita", "sorteo_anulado", "espera_publicada", "espera_terminada"),
        *("sorteo_abrir_sorteo", "sorteo_publicar_sorteo", "sorteo_anular_sorteo"),
    }
)
"""What is read of all the years, whatever it is about."""
Seleccion = tuple[str, str | None]
_NADA = bytes(32)
_RENGLON = struct.Struct(">Q32s12s")
"""Of one row in the chain: its number, the hash of the selection as far as it, its id."""


def suma(anterior: bytes, firma: str) -> bytes:
    """The hash of a selection, with one row more."""
    return hashlib.sha256(anterior + firma.encode()).digest()


def leido(seleccion: Seleccion, filas: Sequence[Mapping[str, Any]], hasta: int) -> dict[str, Any]:
    """What is said of `filas`, all that were there of a selection, by somebody who saw the chain as far as `hasta`."""
    accion, objeto = seleccion
    dentro = sorted((f["n"], f["firma"]) for f in filas if type(f.get("n")) is int and f["n"] <= hasta)
    huella = _NADA
    for _, firma in dentro:
        huella = suma(huella, firma)
    sueltas = {f["id"] for f in filas} - {f["id"] for f in filas if type(f.get("n")) is int and f["n"] <= hasta}
    return {
        "accion": accion,
        "objeto": objeto,
        "hasta": hasta,
        "cuantas": len(dentro),
        "huella": huella.hex(),
        "sueltas": sorted(sueltas),
    }


class Leidos:
    """Takes rows that a process signed: those that wait for their seal, and then the chain in order. Finds those that
    read other than what there is."""

    def __init__(self) -> None:
        self._hay: dict[Seleccion, bytearray] = {}
        self._por_sellar: dict[str, Sequence[Mapping[str, Any]]] = {}
        self._nombradas: dict[str, int] = {}

    def contradice(self, fila: Mapping[str, Any]) -> bool:
        """Whether the row read other than what was in the chain then. Of one that waits for its seal `mal` says it."""
        id, n, dichos = str(fila.get("id")), fila.get("n"), fila.get("leido", ())
        if n is None:
            self._por_sellar[id] = dichos
            return False
        self._por_sellar.pop(id, None)
        self._nombradas.pop(id, None)
        enteros = [self._leyo_lo_que_hay(dicho, antes_de=n) for dicho in dichos]
        for dicho in dichos:
            self._nombrar(dicho, n)
        for seleccion in _selecciones(fila):
            suya = self._hay.setdefault(seleccion, bytearray())
            suya += _RENGLON.pack(n, suma(_hasta(suya, len(suya) // _RENGLON.size), fila["firma"]), bytes.fromhex(id))
        return not all(enteros)

    def mal(self, *, desde: int, hasta: int) -> list[int]:
        """After the last row, of the number `hasta`. Of rows that read something else, or one that is not there: their
        numbers, 0 for one that is not sealed yet. `desde`: how far the chain went when the first row was taken; what
        came later may have read what was not there at that time."""
        sueltas = {n for id, n in self._nombradas.items() if n <= desde and id not in self._por_sellar}
        dichos = (dicho for varios in self._por_sellar.values() for dicho in varios)
        return [*sueltas, *(0 for dicho in dichos if not self._leyo_lo_que_hay(dicho, antes_de=hasta + 1))]

    def _leyo_lo_que_hay(self, dicho: Mapping[str, Any], *, antes_de: int) -> bool:
        suya = self._hay.get((dicho["accion"], dicho["objeto"]), b"")
        cuantas, hasta = _cuantas(suya, dicho["hasta"]), int(dicho["hasta"])
        return hasta < antes_de and cuantas == dicho["cuantas"] and _hasta(suya, cuantas).hex() == dicho["huella"]

    def _nombrar(self, dicho: Mapping[str, Any], n: int) -> None:
        """What it read that had no place yet has one by now, or comes later."""
        if not dicho["sueltas"]:
            return
        suya = self._hay.get((dicho["accion"], dicho["objeto"]), b"")
        desde = _cuantas(suya, dicho["hasta"]) * _RENGLON.size
        vistas = {id.hex() for _, _, id in _RENGLON.iter_unpack(suya[desde:])}
        for id in set(dicho["sueltas"]) - vistas:
            self._nombradas.setdefault(id, n)


def selecciones(acciones: Collection[str], objeto: str | None) -> Iterator[Seleccion]:
    """Of those that somebody reads at once, what a row says."""
    dichas = DE_TODOS if objeto is None else POR_OBJETO
    return ((accion, objeto) for accion in sorted(dichas.intersection(acciones)))


def _selecciones(fila: Mapping[str, Any]) -> Iterator[Seleccion]:
    """To which the row belongs."""
    if fila["accion"] in DE_TODOS:
        yield fila["accion"], None
    if fila["accion"] in POR_OBJETO:
        yield from ((fila["accion"], objeto) for objeto in fila["objeto"])


def _cuantas(suya: bytes | bytearray, hasta: int) -> int:
    """Rows of the selection up to that number."""
    numeros = range(len(suya) // _RENGLON.size)
    return bisect_right(numeros, hasta, key=lambda i: _RENGLON.unpack_from(suya, i * _RENGLON.size)[0])


def _hasta(suya: bytes | bytearray, cuantas: int) -> bytes:
    """The hash of the first so many."""
    if not cuantas:
        return _NADA
    _, huella, _ = _RENGLON.unpack_from(suya, (cuantas - 1) * _RENGLON.size)
    return bytes(huella)
