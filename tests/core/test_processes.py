"""The collector of cycles rests while a program is imported, and works while it runs. A process of ours lives no longer
than whoever waits for it."""

import asyncio
import gc
import signal
import subprocess
import sys
from pathlib import Path

from app.core.processes import asentar, proceso_propio

RAIZ = Path(__file__).parents[2]
PROGRAMA = """
import gc, main
assert not gc.isenabled()
try:
    main.main(["--help"])
except SystemExit:
    assert gc.isenabled()
    assert gc.get_freeze_count() > 100_000
    print("trabaja")
"""


def test_el_programa_lo_pone_a_trabajar() -> None:
    hecho = subprocess.run([sys.executable, "-c", PROGRAMA], cwd=RAIZ, capture_output=True, text=True, check=False)  # noqa: S603
    assert hecho.stdout.endswith("trabaja\n"), hecho.stderr


def test_cada_proceso_que_atiende_tambien() -> None:
    """One that another process started imports the program, and does not run it."""
    gc.disable()
    asentar()
    assert gc.isenabled()


async def test_no_vive_mas_que_quien_lo_espera() -> None:
    async with asyncio.timeout(60), proceso_propio("tests.core.dormido") as proceso:
        pass
    assert proceso._proceso.returncode == -signal.SIGKILL
