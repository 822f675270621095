"""The collector of cycles rests while a program is imported, and works while it runs."""

import gc
import subprocess
import sys
from pathlib import Path

from app.core.processes import asentar

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
