"""What jobs make, as the document has it."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from app.core.config import Settings
from app.main import abierto, create_app

pytestmark = pytest.mark.mongod


async def test_cada_tipo_de_trabajo_dice_lo_que_hace(servidor: str, tmp_path: Path) -> None:
    ajustes = Settings(
        _env_file=None, data_dir=tmp_path, mongodb_uri=SecretStr(servidor), mongodb_db="pruebas_resultados"
    )
    async with abierto(ajustes) as (_, servicios):
        tipos = set(servicios.trabajador.tipos)
    esquemas: dict[str, Any] = create_app(ajustes).openapi()["components"]["schemas"]
    assert set(esquemas["TipoDeTrabajo"]["enum"]) == tipos
    assert set(esquemas["ResultadoDeTrabajo"]["discriminator"]["mapping"]) == tipos | {"fallo"}
    assert esquemas["TrabajoOut"]["properties"]["resultado"]["anyOf"] == [
        {"$ref": "#/components/schemas/ResultadoDeTrabajo"},
        {"type": "null"},
    ]
