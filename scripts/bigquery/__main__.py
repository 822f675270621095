"""`python -m scripts.bigquery`: prepares the environment, and Google's client in this one. Without Python 3.13 it says
so and does nothing: the tests that need them are skipped."""

import subprocess
import sys
from pathlib import Path

from scripts.bigquery.entorno import preparar

CLIENTE = Path(__file__).parents[2] / "requirements-analitica.txt"


def main() -> int:
    if not preparar():
        sys.stderr.write("Sin Python 3.13 no se prueba la analítica en BigQuery.\n")
        return 0
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "-r", CLIENTE], check=True)  # noqa: S603
    return 0


if __name__ == "__main__":
    sys.exit(main())
