"""`python -m scripts.bench [NOMBRE …]`: how fast it is, as ratios against a floor that is measured in the same run.

Exit status: 0 when every limit holds, 1 when one does not, 2 for a name that there is not.
"""

import asyncio
import logging
import signal
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path

from scripts.bench import auditoria, contra_par, entradas, escala, llamadas, motor, sorteo
from scripts.bench.banco import Banco, RespuestaInesperada, abierto
from scripts.bench.medida import Razon

BANCOS: Mapping[str, Callable[[Banco], Awaitable[Sequence[Razon]]]] = {
    **{nombre: fila.medir for nombre, fila in llamadas.FILAS.items()},
    "pedir": llamadas.pedir,
    "par": contra_par.medir,
    "comandos": llamadas.contar,
    "ventanilla": llamadas.a_la_vez,
    "sorteo": sorteo.medir,
    "durante": sorteo.durante,
    "motor": motor.medir,
    "escala": escala.medir,
    "auditoria": auditoria.medir,
    "entradas": entradas.medir,
}


_MINUTOS = 15
_MAS_MINUTOS = {"escala": 40, "sorteo": 25}
"""Within which a row ends, or is ended."""
_DE_GRACIA = 120
_AQUI = "--aqui"


async def medir(nombre: str) -> bool:
    """Whether every limit holds, on a database of its own."""
    with tempfile.TemporaryDirectory(prefix="parknet-banco-") as carpeta:
        async with abierto(Path(carpeta)) as banco:
            try:
                razones = await BANCOS[nombre](banco)
            except RespuestaInesperada as error:
                sys.stdout.write(f"  MAL: {error}\n")
                return False
    for razon in razones:
        sys.stdout.write(f"  {razon.linea}\n")
    return all(razon.cumple for razon in razones)


def _aparte(nombre: str) -> bool:
    """The same in a process of its own, which is told to stop when its time is over: no row that hangs hides others."""
    sys.stdout.write(f"{nombre}\n")
    sys.stdout.flush()
    minutos = _MAS_MINUTOS.get(nombre, _MINUTOS)
    proceso = subprocess.Popen([sys.executable, "-m", "scripts.bench", _AQUI, nombre])  # noqa: S603
    try:
        return proceso.wait(minutos * 60) == 0
    except subprocess.TimeoutExpired:
        sys.stdout.write(f"  MAL: no terminó en {minutos} minutos\n")
        # As Ctrl-C does, so that it stops its servers.
        proceso.send_signal(signal.SIGINT)
        try:
            proceso.wait(_DE_GRACIA)
        except subprocess.TimeoutExpired:
            proceso.kill()
            proceso.wait()
        return False


def main() -> int:
    aqui = sys.argv[1:2] == [_AQUI]
    nombres = sys.argv[2:] if aqui else sys.argv[1:] or list(BANCOS)
    if ajenos := set(nombres) - set(BANCOS):
        sys.stderr.write(f"no hay {', '.join(sorted(ajenos))}; hay {', '.join(BANCOS)}\n")
        return 2
    logging.disable(logging.INFO)
    if aqui:
        # Who is started in the background inherits that it is deaf to it.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            return 0 if asyncio.run(medir(nombres[0])) else 1
        except KeyboardInterrupt:
            return 1
    cumplen = {nombre: _aparte(nombre) for nombre in nombres}
    return 0 if all(cumplen.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
