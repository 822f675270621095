"""What the stored data has to be before anything looks at it, for whoever opens the database."""

from typing import Any

from motor.motor_asyncio import AsyncIOMotorClient

from app.core.config import Settings
from app.database.backup.service import exigir_entera
from app.database.keys import exigir_claves
from app.database.migrations.service import exigir_version


async def exigir_datos(
    cliente: "AsyncIOMotorClient[dict[str, Any]]", ajustes: Settings, *, migrar: bool = True
) -> None:
    """Whole, made with these keys, and of this version, which `migrar` makes it. Raises ConfigError,
    MigracionPendiente."""
    await exigir_entera(cliente, ajustes)
    await exigir_claves(cliente, ajustes)
    await exigir_version(cliente, ajustes, migrar=migrar)
