"""Whether this process has the keys that the data was made with.

Of each key a check value stands in the database: HMAC-SHA-256 under that key over its name, which tells nothing of it.
Without this, another key looks like health until somebody signs in, and then like tampering.
"""

import hmac
from typing import Any

from motor.motor_asyncio import AsyncIOMotorClient
from pymongo import ReturnDocument

from app.core.config import CLAVES, ConfigError, Settings

_ID = "claves"


async def exigir_claves(cliente: "AsyncIOMotorClient[dict[str, Any]]", settings: Settings) -> None:
    """Keep the check values where there are none yet, and of a key in the place of one that stands among those of
    before. Raises ConfigError, a line for each key that is another."""
    coleccion = cliente[settings.mongodb_db]["instalacion"]
    ahora = {nombre: _comprobante(nombre, settings.clave(nombre)) for nombre in CLAVES}
    guardados: dict[str, Any] = await coleccion.find_one_and_update(
        {"_id": _ID}, {"$setOnInsert": ahora}, upsert=True, return_document=ReturnDocument.AFTER
    )
    otras = {nombre for nombre in CLAVES if guardados.get(nombre) != ahora[nombre]}
    sustituidas = {n for n in otras if guardados.get(n) in {_comprobante(n, c) for c in settings.anteriores(n)}}
    if otras - sustituidas:
        raise ConfigError(
            "\n".join(
                f"PARKNET_{nombre.upper()}: no es la clave con la que se hicieron los datos de esta base"
                for nombre in CLAVES
                if nombre in otras - sustituidas
            )
        )
    if sustituidas:
        await coleccion.update_one({"_id": _ID}, {"$set": {nombre: ahora[nombre] for nombre in sustituidas}})


def _comprobante(nombre: str, clave: bytes) -> str:
    return hmac.digest(clave, f"parknet/comprobacion/{nombre}".encode(), "sha256").hex()
