"""What the demonstration shows, each line as soon as it is known."""

import sys
from collections.abc import Iterable, Sequence

_ANCHO = 26


def escribir(texto: str = "") -> None:
    sys.stdout.write(f"{texto}\n")
    sys.stdout.flush()


def titulo(texto: str) -> None:
    escribir(f"\n{texto}\n{'-' * len(texto)}")


class Pasos:
    """`pasos("Apertura", "…")`: a numbered line; `pasos.mas("…")`: more about the same step, under it."""

    def __init__(self) -> None:
        self._van = 0
        self.actual = "Comienzo"

    def __call__(self, nombre: str, *lineas: str) -> None:
        self._van += 1
        self.actual = nombre
        primera, *otras = lineas or ("",)
        escribir(f"{self._van:>3}  {nombre:<{_ANCHO}} {primera}".rstrip())
        self.mas(*otras)

    def mas(self, *lineas: str) -> None:
        for linea in lineas:
            escribir(f"{'':5}{'':{_ANCHO}} {linea}")


def tabla(cabeceras: Sequence[str], filas: Iterable[Sequence[object]]) -> list[str]:
    """Its lines, two of them for the headings. Numbers to the right, text to the left."""
    celdas = [[str(celda) for celda in fila] for fila in filas]
    numericas = [all(fila[i].isdecimal() for fila in celdas) for i in range(len(cabeceras))]
    anchos = [max(len(fila[i]) for fila in [list(cabeceras), *celdas]) for i in range(len(cabeceras))]
    lineas = []
    for fila in [list(cabeceras), ["-" * ancho for ancho in anchos], *celdas]:
        trozos = (
            f"{c:>{ancho}}" if derecha else f"{c:<{ancho}}"
            for c, ancho, derecha in zip(fila, anchos, numericas, strict=True)
        )
        lineas.append(f"  {'  '.join(trozos)}".rstrip())
    return lineas
