"""`python -m scripts.bigquery`: prepares the environment, and Google's client in this one. Where that cannot be, it
says so: the tests that need them are skipped."""

import subprocess
import sys
from pathlib import Path

from scripts.bigquery.entorno import preparar

CLIENTE = Path(__file__).parents[2] / "requirements-analitica.txt"


def main() -> int:
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    try:
        if not preparar():
            sys.stderr.write("Sin Python 3.13 no se prueba la analítica en BigQuery.\n")
            return 0
        subprocess.run([*pip, "-r", CLIENTE], check=True)  # noqa: S603
    except subprocess.CalledProcessError as error:
        sys.stderr.write(f"No se pudo preparar el BigQuery de prueba: {error}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
