"""What each change of what is stored makes of documents of before."""

from datetime import UTC, datetime
from typing import Any

from bson import ObjectId
from motor.motor_asyncio import AsyncIOMotorClient

from app.core.config import Settings
from app.database.migrations.service import exigir_version
from app.database.migrations.steps import MIGRACIONES
from app.modules.sorteo.pasos.models import Anulacion

BASE = "pruebas_cambios"
CUANDO = datetime(2026, 5, 1, tzinfo=UTC)


async def test_each_change_of_a_fact(cliente_mongo: "AsyncIOMotorClient[dict[str, Any]]") -> None:
    """The last one, which is known, is the first of its list."""
    unidades = cliente_mongo[BASE]["unidades"]
    await cliente_mongo.drop_database(BASE)
    await unidades.insert_many(
        [{"_id": 1, "cambiados_en": {"al_dia": CUANDO, "torre": [CUANDO]}}, {"_id": 2, "cambiados_en": {}}]
    )
    ajustes = Settings(_env_file=None, mongodb_db=BASE)
    await exigir_version(cliente_mongo, ajustes, migraciones=MIGRACIONES)
    una, otra = await unidades.find({}).sort("_id", 1).to_list(None)
    assert {campo: len(cuandos) for campo, cuandos in una["cambiados_en"].items()} == {"al_dia": 1, "torre": 1}
    assert otra["cambiados_en"] == {}
    await cliente_mongo.drop_database(BASE)


async def test_annulments_of_before(cliente_mongo: "AsyncIOMotorClient[dict[str, Any]]") -> None:
    """What waited goes on waiting; what a publication had left without effect holds nothing up."""
    sorteos = cliente_mongo[BASE]["sorteos"]
    await cliente_mongo.drop_database(BASE)
    pedida = {"motivo": "x", "pedida_por": ObjectId(), "pedida_en": CUANDO, "efecto_en": None, "confirmada_por": None}
    await sorteos.insert_many(
        [
            {"_id": 1, "estado": "ejecutado", "anulacion": pedida, "publicado_en": None},
            {"_id": 2, "estado": "publicado", "anulacion": pedida, "publicado_en": CUANDO},
            {"_id": 3, "estado": "publicado", "anulacion": None, "publicado_en": CUANDO},
        ]
    )
    ajustes = Settings(_env_file=None, mongodb_db=BASE)
    for _ in range(2):
        await exigir_version(cliente_mongo, ajustes, migraciones=MIGRACIONES[:1])
        espera, sin_efecto, ninguna = await sorteos.find({}).sort("_id", 1).to_list(None)
        assert Anulacion.model_validate(espera["anulacion"]).rol == "admin"
        assert sin_efecto["anulacion"] is None
        (retirada,) = [Anulacion.model_validate(a) for a in sin_efecto["anulaciones_retiradas"]]
        assert (retirada.motivo, retirada.retirada_en is not None) == ("x", True)
        assert ninguna == {"_id": 3, "estado": "publicado", "anulacion": None, "publicado_en": ninguna["publicado_en"]}
    await cliente_mongo.drop_database(BASE)
