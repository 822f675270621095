"""The tree of routes, of all applications the same. Whoever reads this makes it: for its forks, whose start it is half
of."""

import tempfile
from pathlib import Path

from app.core.config import Settings
from app.main import create_app

with tempfile.TemporaryDirectory(prefix="parknet-") as _datos:
    RAIZ = create_app(Settings(_env_file=None, data_dir=Path(_datos))).state.despacho._raiz
