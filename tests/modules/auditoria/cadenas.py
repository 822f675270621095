"""Chains to be spoilt, and every way to spoil one: what each is, and what must be found of it."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from app.modules.auditoria.cadena import FORMATO, PRIMER_PREVIO, Cabeza, ClaveDeCadena, TipoDeFalla

SECRETO = b"una clave de auditoria para las pruebas"
CLAVE = ClaveDeCadena(SECRETO)
Fila = dict[str, Any]
CUANTAS = 9


def fila(i: int) -> Fila:
    return {"id": f"{i:024x}", "accion": f"accion_{i}", "campos": ["a", "b"], "rol": "admin", "objeto": []}


def cadena(cuantas: int = CUANTAS, clave: ClaveDeCadena = CLAVE) -> list[Fila]:
    filas, previo = [], PRIMER_PREVIO
    for n in range(1, cuantas + 1):
        mac = clave.mac(n=n, previo=previo, fila=fila(n))
        filas.append({**fila(n), "n": n, "previo": previo, "mac": mac})
        previo = mac
    return filas


def cabeza(filas: list[Fila]) -> Cabeza:
    return Cabeza(filas[-1]["n"], filas[-1]["mac"])


def exportadas(filas: list[Fila], *, clave: ClaveDeCadena = CLAVE, hasta: Cabeza | None = None) -> list[bytes]:
    """The lines of an export. `hasta`: what its first line says, if not the last of `filas`."""
    ultima = hasta or cabeza(filas)
    cabecera: Fila = {"formato": FORMATO, "clave": clave.id, "cabeza": {"n": ultima.n, "mac": ultima.mac}}
    cabecera["mac"] = clave.mac_de_cabecera(cabecera)
    return [json.dumps(linea).encode() + b"\n" for linea in [cabecera, *filas]]


def firmada(i: int, serie: str, orden: int, clave: ClaveDeCadena = CLAVE) -> Fila:
    """A row as a process inserts it."""
    contada = {**fila(i), "serie": serie, "orden": orden}
    return {**contada, "firma": clave.firma(contada)}


def encadenadas(filas: Sequence[Fila]) -> list[Fila]:
    """As the sealer would, whatever they are."""
    hechas, previo = [], PRIMER_PREVIO
    for n, una in enumerate(filas, start=1):
        hechas.append({**una, "n": n, "previo": previo, "mac": CLAVE.mac(n=n, previo=previo, fila=una)})
        previo = hechas[-1]["mac"]
    return hechas


@dataclass(frozen=True)
class Dano:
    """`hacer` spoils the rows in their place. `en`: the number that is to blame."""

    que: str
    hacer: Callable[[list[Fila]], object]
    tipo: TipoDeFalla
    en: int | None


def _editar(**campos: Any) -> Callable[[list[Fila]], object]:
    return lambda filas: filas[3].update(campos)


def _quitar_y_renumerar(filas: list[Fila]) -> None:
    del filas[3]
    for n, otra in enumerate(filas, start=1):
        otra["n"] = n


def _intercambiar(*campos: str) -> Callable[[list[Fila]], object]:
    def hacer(filas: list[Fila]) -> None:
        for campo in campos:
            filas[3][campo], filas[5][campo] = filas[5][campo], filas[3][campo]

    return hacer


def _mover(filas: list[Fila]) -> None:
    filas.insert(6, filas.pop(3))


def _rehacer_sin_la_clave(filas: list[Fila]) -> None:
    filas[3]["accion"] = "otra"
    filas[3:] = _reencadenar(
        filas[3:], previo=filas[2]["mac"], clave=ClaveDeCadena(b"otra clave cualquiera, de 32 bytes")
    )


def _reencadenar(filas: list[Fila], *, previo: str, clave: ClaveDeCadena) -> list[Fila]:
    nuevas = []
    for vieja in filas:
        contenido = {c: v for c, v in vieja.items() if c not in ("n", "previo", "mac")}
        mac = clave.mac(n=vieja["n"], previo=previo, fila=contenido)
        nuevas.append({**contenido, "n": vieja["n"], "previo": previo, "mac": mac})
        previo = mac
    return nuevas


T = TipoDeFalla
DANOS = (
    Dano("editada", _editar(accion="otra"), T.alterada, 4),
    Dano("un campo de más", _editar(nuevo="x"), T.alterada, 4),
    Dano("un campo de menos", lambda filas: filas[3].pop("rol"), T.alterada, 4),
    Dano("otro tipo", _editar(objeto=None), T.alterada, 4),
    Dano("dos campos cambiados entre sí", _editar(accion="admin", rol="accion_4"), T.alterada, 4),
    Dano("la primera", lambda filas: filas[0].update(rol="auditor"), T.alterada, 1),
    Dano("la última", lambda filas: filas[-1].update(rol="auditor"), T.alterada, CUANTAS),
    Dano("otro mac", _editar(mac="0" * 64), T.alterada, 4),
    Dano("sin mac", lambda filas: filas[3].pop("mac"), T.alterada, 4),
    Dano("el contenido de otra", _intercambiar("id", "accion"), T.alterada, 4),
    Dano("hecha de nuevo sin la clave", _rehacer_sin_la_clave, T.alterada, 4),
    Dano("quitada", lambda filas: filas.pop(3), T.faltante, 4),
    Dano("quitada la primera", lambda filas: filas.pop(0), T.faltante, 1),
    Dano("quitadas tres", lambda filas: filas.__delitem__(slice(3, 6)), T.faltante, 4),
    Dano("quitada y renumeradas", _quitar_y_renumerar, T.desordenada, 4),
    Dano("dos números cambiados entre sí", _intercambiar("n"), T.desordenada, 4),
    Dano("movida", _mover, T.desordenada, 4),
    Dano("al revés", lambda filas: filas.reverse(), T.desordenada, 1),
    Dano("repetida", lambda filas: filas.insert(5, dict(filas[3])), T.repetida, 4),
    Dano("metida entre dos", lambda filas: filas.insert(5, {**fila(99), **_de_cadena(filas[4])}), T.repetida, 5),
    Dano("puesta al final", lambda filas: filas.append(_sin_clave(filas)), T.alterada, CUANTAS + 1),
    Dano("el número es un texto", _editar(n="4"), T.repetida, None),
    Dano("cortada", lambda filas: filas.__delitem__(slice(6, None)), T.cola_cortada, 7),
    Dano("cortada del todo", lambda filas: filas.clear(), T.cola_cortada, 1),
)


def _de_cadena(otra: Fila) -> Fila:
    return {campo: otra[campo] for campo in ("n", "previo", "mac")}


def _sin_clave(filas: list[Fila]) -> Fila:
    return {**fila(99), "n": filas[-1]["n"] + 1, "previo": filas[-1]["mac"], "mac": "f" * 64}
