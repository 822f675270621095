"""`python -m app.modules.auditoria.verificar export.jsonl`: checks an export of the audit, without the API.

The key is `PARKNET_CLAVE_AUDITORIA` in the environment, or the file that `--clave-en` names; keys that sealed before it
are in `PARKNET_CLAVE_AUDITORIA_ANTERIORES`, separated by commas. Standard library alone.
"""

import argparse
import json
import os
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

from app.modules.auditoria.cadena import FORMATO, Cabeza, ClaveDeCadena, Informe, Verificador

INTEGRA, ROTA, SIN_COMPROBAR = 0, 1, 2
_CABEZA = re.compile(r"([1-9][0-9]{0,15}):([0-9a-f]{64})", re.ASCII)
_MAXIMA_LINEA = 1024 * 1024


def comprobar(
    lineas: Iterable[bytes],
    clave: ClaveDeCadena,
    conocidas: Sequence[Cabeza] = (),
    anteriores: Sequence[ClaveDeCadena] = (),
) -> Informe:
    """The report on an export, read a line at a time."""
    verificador = Verificador(clave, conocidas, anteriores=anteriores)
    filas: Iterator[dict[str, Any] | None] = map(_leer, lineas)
    primera = next(filas, {})
    if primera is not None and primera.get("formato") == FORMATO:
        verificador.cabecera(primera)
    else:
        verificador.sin_cabecera()
        filas = chain([primera] if primera else [], filas)
    for fila in filas:
        if fila is None:
            verificador.ilegible()
        elif fila.get("n") is None:
            verificador.sin_sellar(fila)
        else:
            verificador.sellada(fila)
    return verificador.informe()


def _leer(linea: bytes) -> dict[str, Any] | None:
    try:
        fila = (
            json.loads(linea.decode("utf-8"), object_pairs_hook=_sin_repetir) if len(linea) <= _MAXIMA_LINEA else None
        )
    except (ValueError, RecursionError):
        return None
    return fila if isinstance(fila, dict) else None


def _sin_repetir(pares: list[tuple[str, Any]]) -> dict[str, Any]:
    objeto = dict(pares)
    if len(objeto) != len(pares):
        raise ValueError("nombre repetido")
    return objeto


def _cabeza(texto: str) -> Cabeza:
    hallada = _CABEZA.fullmatch(texto)
    if hallada is None:
        raise argparse.ArgumentTypeError("se escribe n:mac, como en la verificación de un sorteo")
    return Cabeza(int(hallada[1]), hallada[2])


def _argumentos(argv: Sequence[str] | None) -> argparse.Namespace:
    lector = argparse.ArgumentParser(
        prog="python -m app.modules.auditoria.verificar",
        description="Comprueba una exportación de la auditoría. Sale con 0 si está íntegra y con 1 si no.",
    )
    lector.add_argument("archivo", help="lo que descargó GET /auditoria/exportar; - es la entrada estándar")
    lector.add_argument(
        "--cabeza",
        type=_cabeza,
        action="append",
        default=[],
        metavar="N:MAC",
        help="una que se publicó; puede repetirse",
    )
    lector.add_argument("--clave-en", type=Path, metavar="ARCHIVO", help="donde está la clave, si no en el entorno")
    return lector.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> int:
    argumentos = _argumentos(argv)
    try:
        if argumentos.clave_en is not None:
            secreto = argumentos.clave_en.read_bytes()
        else:
            secreto = os.environ.get("PARKNET_CLAVE_AUDITORIA", "").encode()
        if not secreto:
            sys.stderr.write("falta la clave: PARKNET_CLAVE_AUDITORIA en el entorno, o --clave-en\n")
            return SIN_COMPROBAR
        clave = ClaveDeCadena(secreto)
        dichas = os.environ.get("PARKNET_CLAVE_AUDITORIA_ANTERIORES", "").split(",")
        anteriores = [ClaveDeCadena(dicha.strip().encode()) for dicha in dichas if dicha.strip()]
        if argumentos.archivo == "-":
            informe = comprobar(sys.stdin.buffer, clave, argumentos.cabeza, anteriores)
        else:
            with open(argumentos.archivo, "rb") as archivo:
                informe = comprobar(archivo, clave, argumentos.cabeza, anteriores)
    except OSError as error:
        sys.stderr.write(f"no se puede leer: {error.strerror}\n")
        return SIN_COMPROBAR
    sys.stdout.write(_informe(informe))
    return INTEGRA if informe.falla is None else ROTA


def _informe(informe: Informe) -> str:
    cabeza = "ninguna" if informe.cabeza is None else f"{informe.cabeza.n}:{informe.cabeza.mac}"
    lineas = [f"sellados {informe.sellados}", f"sin_sellar {informe.sin_sellar}", f"cabeza {cabeza}"]
    if informe.falla is None:
        lineas.append("integra")
    else:
        donde = "" if informe.falla.n is None else f" en {informe.falla.n}"
        lineas.append(f"falla {informe.falla.tipo.value}{donde}")
    return "\n".join(lineas) + "\n"


if __name__ == "__main__":
    sys.exit(main())
