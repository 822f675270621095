"""Its environment: Python 3.13 and what `requirements.txt` names, made once for all checkouts."""

import fcntl
import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

REQUISITOS = Path(__file__).with_name("requirements.txt")
EXTENSIONES = ("icu", "ducklake", "spatial", "json", "parquet", "sqlite")
_ES_ESTE = "import ensurepip, sys, venv; sys.exit(sys.version_info[:2] != (3, 13))"


def carpeta() -> Path:
    """Where it is, or would be: another for other requirements."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return cache / "parknet" / f"bigquery-{hashlib.sha256(REQUISITOS.read_bytes()).hexdigest()[:12]}"


def esta() -> bool:
    return (carpeta() / "listo").exists()


def entorno() -> dict[str, str]:
    """What its programs run with: the extensions of its database are looked for at home."""
    return {**os.environ, "HOME": str(carpeta())}


def preparar() -> bool:
    """Make it where it is not there. False where the machine has no Python 3.13."""
    donde = carpeta()
    donde.mkdir(parents=True, exist_ok=True)
    with (donde / "turno").open("w") as turno:
        fcntl.flock(turno, fcntl.LOCK_EX)
        if esta():
            return True
        python = next(filter(_sirve, _candidatos()), None)
        if python is None:
            return False
        subprocess.run([python, "-m", "venv", "--clear", donde / "venv"], check=True)  # noqa: S603
        suyo = donde / "venv/bin/python"
        pip: list[str | Path] = [suyo, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "-r", REQUISITOS], check=True)  # noqa: S603
        # They come as packages; nothing is fetched from elsewhere.
        poner = "import sys; from duckdb_extensions import import_extension as poner; [poner(e) for e in sys.argv[1:]]"
        subprocess.run([suyo, "-c", poner, *EXTENSIONES], check=True, env=entorno())  # noqa: S603
        (donde / "listo").touch()
        return True


def _candidatos() -> Iterator[str]:
    if hallado := shutil.which("python3.13"):
        yield hallado
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    yield from map(str, sorted(pyenv.glob("versions/3.13*/bin/python")))


def _sirve(python: str) -> bool:
    return subprocess.run([python, "-c", _ES_ESTE], capture_output=True, check=False).returncode == 0  # noqa: S603
