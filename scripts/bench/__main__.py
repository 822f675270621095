"""`python -m scripts.bench [NOMBRE …]`: how fast it is, as ratios against a floor that is measured in the same run.

Exit status: 0 when every limit holds, 1 when one does not, 2 for a name that there is not.
"""

import asyncio
import logging
import sys
import tempfile
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path

from scripts.bench import auditoria, entradas, escala, llamadas, motor, sorteo
from scripts.bench.banco import Banco, RespuestaInesperada, abierto
from scripts.bench.medida import Razon

BANCOS: Mapping[str, Callable[[Banco], Awaitable[Sequence[Razon]]]] = {
    **{nombre: fila.medir for nombre, fila in llamadas.FILAS.items()},
    "pedir": llamadas.pedir,
    "comandos": llamadas.contar,
    "ventanilla": llamadas.a_la_vez,
    "sorteo": sorteo.medir,
    "durante": sorteo.durante,
    "motor": motor.medir,
    "escala": escala.medir,
    "auditoria": auditoria.medir,
    "entradas": entradas.medir,
}


async def medir(nombres: Sequence[str]) -> bool:
    """Whether every limit holds. Each on a database of its own."""
    bien = True
    for nombre in nombres:
        sys.stdout.write(f"{nombre}\n")
        sys.stdout.flush()
        with tempfile.TemporaryDirectory(prefix="parknet-banco-") as carpeta:
            async with abierto(Path(carpeta)) as banco:
                try:
                    razones = await BANCOS[nombre](banco)
                except RespuestaInesperada as error:
                    razones, bien = [], False
                    sys.stdout.write(f"  MAL: {error}\n")
            for razon in razones:
                bien = bien and razon.cumple
                sys.stdout.write(f"  {razon.linea}\n")
            sys.stdout.flush()
    return bien


def main() -> int:
    nombres = sys.argv[1:] or list(BANCOS)
    if ajenos := set(nombres) - set(BANCOS):
        sys.stderr.write(f"no hay {', '.join(sorted(ajenos))}; hay {', '.join(BANCOS)}\n")
        return 2
    logging.disable(logging.INFO)
    return 0 if asyncio.run(medir(nombres)) else 1


if __name__ == "__main__":
    sys.exit(main())
