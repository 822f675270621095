"""A worker that sends what there is, in a process of its own: `python -m tests.modules.avisos.corredor URI BASE
PUERTO`. It says `listo` before it begins, and ends when nothing is left to send."""

import asyncio
import sys
from datetime import UTC
from pathlib import Path
from typing import Any

from beanie import PydanticObjectId, init_beanie
from motor.motor_asyncio import AsyncIOMotorClient

from app.database.collections import BaseDeDatos
from app.database.unit_of_work import MongoUnitOfWork
from app.modules.avisos.models import DOCUMENTOS
from tests.modules.avisos.conftest import Casa, Contacto


class DeSuId:
    """Everybody has an address, made of their id."""

    async def contacto(self, *, destinatario: PydanticObjectId) -> Contacto:
        return Contacto(f"{destinatario}@example.com")


async def main(uri: str, base: str, puerto: int) -> None:
    cliente: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(uri, tz_aware=True, tzinfo=UTC)
    await init_beanie(database=BaseDeDatos(cliente, base), document_models=list(DOCUMENTOS), skip_indexes=True)
    casa = Casa(MongoUnitOfWork(cliente), Path(), smtp_host="127.0.0.1", smtp_port=puerto)
    casa.envios._directorio = DeSuId()  # type: ignore[assignment]
    print("listo", flush=True)  # noqa: T201
    while await casa.r_envios.count({"estado": {"$in": ["pendiente", "entregando"]}}):
        await casa.enviar()
        await asyncio.sleep(0.05)
    cliente.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
