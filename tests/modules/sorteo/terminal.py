"""What a neighbour types to check a draw, done as it stands on the page."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

from tests.sistema import RAIZ


async def en_bash(comando: str, carpeta: Path) -> subprocess.CompletedProcess[str]:
    entorno = {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "PYTHONPATH": str(RAIZ)}
    return await asyncio.to_thread(
        subprocess.run,
        ["bash", "-euo", "pipefail", "-c", comando],
        cwd=carpeta,
        env=entorno,
        capture_output=True,
        text=True,
        check=False,
    )
