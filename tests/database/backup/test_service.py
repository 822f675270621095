"""What a backup holds is what there was at one instant; a restore is whole or keeps every process away."""

import io
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from bson import ObjectId, encode
from motor.motor_asyncio import AsyncIOMotorClient
from pydantic import SecretStr
from pymongo import MongoClient
from pymongo.database import Database
from pymongo.errors import OperationFailure

from app.core.config import ConfigError, Settings
from app.database.backup import service
from app.database.backup.archive import Escritor, RespaldoError
from app.database.backup.service import base_de, exigir_entera, respaldar, restaurar
from scripts.demo.api import Servidor

BASE, OTRA = "pruebas_copia", "pruebas_vuelta"
CLAVE = b"una clave de respaldo de treinta y dos bytes o mas"
CORREO, CONTRASENA = "admin@example.com", "clave de la administración 1"
pytestmark = pytest.mark.mongod


@pytest.fixture
def mongo(servidor: str) -> Iterator[MongoClient[dict[str, Any]]]:
    with MongoClient[dict[str, Any]](servidor, tz_aware=True, tzinfo=UTC) as cliente:
        for nombre in (BASE, OTRA):
            cliente.drop_database(nombre)
        yield cliente
        for nombre in (BASE, OTRA):
            cliente.drop_database(nombre)


@pytest.fixture
def ajustes(servidor: str) -> dict[str, Settings]:
    return {n: Settings(_env_file=None, mongodb_uri=SecretStr(servidor), mongodb_db=n) for n in (BASE, OTRA)}


def llenar(base: Database[dict[str, Any]]) -> None:
    base["cosas"].insert_many(
        [{"_id": n, "texto": "ñandú" * n, "cuando": datetime(2026, 3, 2, tzinfo=UTC)} for n in range(2500)]
    )
    base["archivos"].insert_one(
        {"_id": ObjectId(), "datos": os.urandom(3_000_000), "nulo": None, "lista": [1, {"a": 2.5}]}
    )
    base["instalacion"].insert_one({"_id": "datos", "version": 3})
    base["sesiones"].insert_one({"_id": "una sesión"})
    base["idempotencia_respuestas"].insert_one({"_id": "una respuesta guardada"})


def todo(base: Database[dict[str, Any]]) -> dict[str, list[bytes]]:
    return {n: [encode(d) for d in base[n].find().sort("_id", 1)] for n in sorted(base.list_collection_names())}


def copiar(ajustes: Settings, clave: bytes | None = None) -> io.BytesIO:
    archivo = io.BytesIO()
    with base_de(ajustes) as base:
        respaldar(base, archivo, clave)
    archivo.seek(0)
    return archivo


def volver(ajustes: Settings, archivo: io.BytesIO, clave: bytes | None = None, *, reemplazar: bool = False) -> None:
    with base_de(ajustes) as base:
        restaurar(base, archivo, clave, reemplazar=reemplazar)


class TestSuprimidas:
    """Who was erased after a copy was made does not come back with it."""

    ANA, LUIS, EVA = ObjectId(), ObjectId(), ObjectId()
    CUANDO = datetime(2026, 5, 1, tzinfo=UTC)

    def _con_residentes(self, base: Database[dict[str, Any]]) -> None:
        base["residentes"].insert_many([{"_id": self.ANA, "suprimido_en": None}, {"_id": self.LUIS}])
        base["supresiones"].insert_one({"_id": self.EVA, "suprimido_en": self.CUANDO})

    def _lista(self, base: Database[dict[str, Any]]) -> dict[ObjectId, datetime]:
        return {fila["_id"]: fila["suprimido_en"] for fila in base["supresiones"].find()}

    def test_la_lista_queda_con_la_de_la_copia(
        self, mongo: MongoClient[dict[str, Any]], ajustes: dict[str, Settings]
    ) -> None:
        self._con_residentes(mongo[BASE])
        copia = copiar(ajustes[BASE])
        mongo[BASE]["supresiones"].delete_many({})
        despues = datetime(2026, 6, 1, tzinfo=UTC)
        # Of a program of before, which kept no list.
        mongo[BASE]["residentes"].update_one({"_id": self.ANA}, {"$set": {"suprimido_en": despues}})
        volver(ajustes[BASE], copia, reemplazar=True)
        assert mongo[BASE]["residentes"].find_one({"_id": self.ANA}) == {"_id": self.ANA, "suprimido_en": None}
        assert self._lista(mongo[BASE]) == {self.ANA: despues, self.EVA: self.CUANDO}

    def test_la_que_se_corto_no_la_pierde(
        self, mongo: MongoClient[dict[str, Any]], ajustes: dict[str, Settings], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        copia = copiar(ajustes[BASE])
        mongo[BASE]["residentes"].insert_one({"_id": self.ANA, "suprimido_en": self.CUANDO})

        def cortada(*_: object) -> None:
            mongo[BASE]["residentes"].delete_many({})
            raise KeyboardInterrupt

        with monkeypatch.context() as parche:
            parche.setattr(service, "_vaciar", cortada)
            with pytest.raises(KeyboardInterrupt):
                volver(ajustes[BASE], copia, reemplazar=True)
        copia.seek(0)
        volver(ajustes[BASE], copia)
        assert self._lista(mongo[BASE]) == {self.ANA: self.CUANDO}

    def test_en_una_base_nueva_con_la_lista_de_un_archivo(
        self,
        mongo: MongoClient[dict[str, Any]],
        ajustes: dict[str, Settings],
        servidor: str,
        tmp_path: Path,
    ) -> None:
        self._con_residentes(mongo[BASE])
        copia, lista = tmp_path / "copia", tmp_path / "suprimidas"
        copia.write_bytes(copiar(ajustes[BASE]).getvalue())
        mongo[BASE]["residentes"].update_one({"_id": self.LUIS}, {"$set": {"suprimido_en": self.CUANDO}})
        entorno = {**os.environ, "PARKNET_MONGODB_URI": servidor}

        def orden(base: str, *palabras: str) -> None:
            hecha = subprocess.run(  # noqa: S603 - this very program
                [sys.executable, "main.py", *palabras],
                env={**entorno, "PARKNET_MONGODB_DB": base},
                cwd=Path(__file__).parents[3],
                capture_output=True,
                text=True,
                check=False,
            )
            assert hecha.returncode == 0, hecha.stderr

        orden(BASE, "suprimidas", str(lista))
        orden(OTRA, "restaurar", str(copia), "--suprimidas", str(lista))
        assert self._lista(mongo[OTRA]) == {self.LUIS: self.CUANDO, self.EVA: self.CUANDO}


class TestCopia:
    @pytest.mark.parametrize("clave", [None, CLAVE], ids=["clara", "cifrada"])
    def test_vuelve_todo_menos_lo_que_no_debe_revivir(
        self, clave: bytes | None, mongo: MongoClient[dict[str, Any]], ajustes: dict[str, Settings]
    ) -> None:
        llenar(mongo[BASE])
        volver(ajustes[OTRA], copiar(ajustes[BASE], clave), clave)
        habia = todo(mongo[BASE])
        assert {habia.pop(n)[0] for n in ("sesiones", "idempotencia_respuestas")}
        assert todo(mongo[OTRA]) == habia

    def test_es_de_un_solo_instante(
        self, mongo: MongoClient[dict[str, Any]], ajustes: dict[str, Settings], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """What is moved from one collection to another meanwhile is neither lost nor doubled."""
        base = mongo[BASE]
        base["a"].insert_many([{"_id": n} for n in range(10)])
        base["z"].insert_one({"_id": "primero"})

        class Entrometido(Escritor):
            def escribir(self, datos: bytes) -> None:
                super().escribir(datos)
                if datos == encode({"_id": 5}):
                    base["z"].insert_many(list(base["a"].find()))
                    base["a"].delete_many({})

        monkeypatch.setattr(service, "Escritor", Entrometido)
        volver(ajustes[OTRA], copiar(ajustes[BASE]))
        assert (mongo[OTRA]["a"].count_documents({}), mongo[OTRA]["z"].count_documents({})) == (10, 1)

    def test_lo_que_la_base_rechaza_se_dice_por_su_nombre(self, ajustes: dict[str, Settings]) -> None:
        """By which the runbook knows it."""
        rechazo = OperationFailure("Read timestamp is older than the oldest one", 239, {"codeName": "SnapshotTooOld"})
        with pytest.raises(RespaldoError, match=r"no lo permite: SnapshotTooOld$"), base_de(ajustes[BASE]):
            raise rechazo


class TestVuelta:
    def test_sobre_lo_que_hay_solo_si_se_dice(
        self, mongo: MongoClient[dict[str, Any]], ajustes: dict[str, Settings]
    ) -> None:
        llenar(mongo[BASE])
        copia = copiar(ajustes[BASE])
        mongo[OTRA]["cosas"].insert_one({"_id": "de antes"})
        mongo[OTRA]["sesiones"].insert_one({"_id": "de antes"})
        with pytest.raises(RespaldoError, match="no está vacía"):
            volver(ajustes[OTRA], copia)
        assert mongo[OTRA]["cosas"].count_documents({}) == 1
        copia.seek(0)
        volver(ajustes[OTRA], copia, reemplazar=True)
        assert (mongo[OTRA]["cosas"].count_documents({}), mongo[OTRA]["sesiones"].count_documents({})) == (2500, 0)

    def test_una_copia_danada_no_cambia_nada(
        self, mongo: MongoClient[dict[str, Any]], ajustes: dict[str, Settings]
    ) -> None:
        llenar(mongo[BASE])
        mala = bytearray(copiar(ajustes[BASE]).getvalue())
        mala[-40] ^= 1
        antes = todo(mongo[BASE])
        with pytest.raises(RespaldoError, match="dañada"):
            volver(ajustes[BASE], io.BytesIO(bytes(mala)), reemplazar=True)
        assert todo(mongo[BASE]) == antes

    def test_con_un_proceso_en_marcha_no(
        self, mongo: MongoClient[dict[str, Any]], ajustes: dict[str, Settings]
    ) -> None:
        llenar(mongo[BASE])
        # Ahead, so that it counts as heard however long the copy takes.
        visto = {"$dateAdd": {"startDate": "$$NOW", "unit": "minute", "amount": 10}}
        mongo[BASE]["procesos"].update_one({"_id": "uno"}, [{"$set": {"visto_en": visto}}], upsert=True)
        antes = todo(mongo[BASE])
        with pytest.raises(RespaldoError, match="deténgalos"):
            volver(ajustes[BASE], copiar(ajustes[BASE]), reemplazar=True)
        assert todo(mongo[BASE]) == antes

    async def test_a_medias_nadie_arranca_hasta_que_se_repite(
        self,
        mongo: MongoClient[dict[str, Any]],
        ajustes: dict[str, Settings],
        cliente_mongo: "AsyncIOMotorClient[dict[str, Any]]",
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        llenar(mongo[BASE])
        copia = copiar(ajustes[BASE])
        mongo[OTRA]["cosas"].insert_one({"_id": "de antes"})
        original = service._por_coleccion
        vueltas = iter([False, True])

        def cortada(trozos: Iterator[bytes]) -> Iterator[Any]:
            lotes = original(trozos)
            if next(vueltas):
                yield next(lotes)
                raise KeyboardInterrupt
            yield from lotes

        with monkeypatch.context() as parche:
            parche.setattr(service, "_por_coleccion", cortada)
            with pytest.raises(KeyboardInterrupt):
                volver(ajustes[OTRA], copia, reemplazar=True)
        with pytest.raises(ConfigError, match="quedó a medias"):
            await exigir_entera(cliente_mongo, ajustes[OTRA])
        copia.seek(0)
        volver(ajustes[OTRA], copia)
        await exigir_entera(cliente_mongo, ajustes[OTRA])
        assert mongo[OTRA]["cosas"].count_documents({}) == 2500

    def test_una_que_se_quedo_parada_no_toca_lo_que_otra_puso(
        self, mongo: MongoClient[dict[str, Any]], ajustes: dict[str, Settings], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Stopped between two batches, while another restore begins and ends."""
        llenar(mongo[BASE])
        copia = copiar(ajustes[BASE])
        mongo[BASE]["cosas"].delete_many({"_id": {"$gte": 10}})
        mongo[BASE]["cosas"].update_many({}, {"$set": {"texto": "de la otra"}})
        otra = copiar(ajustes[BASE])
        original = service._por_coleccion
        vueltas = iter([False, True])

        def parada(trozos: Iterator[bytes]) -> Iterator[Any]:
            lotes = original(trozos)
            if next(vueltas):
                yield next(lotes)
                with monkeypatch.context() as sin_parar:
                    sin_parar.setattr(service, "_por_coleccion", original)
                    volver(ajustes[OTRA], otra)
                despues.update(todo(mongo[OTRA]))
            yield from lotes

        despues: dict[str, list[bytes]] = {}
        with monkeypatch.context() as parche:
            parche.setattr(service, "_por_coleccion", parada)
            with pytest.raises(RespaldoError, match="otra restauración"):
                volver(ajustes[OTRA], copia)
        assert len(despues["cosas"]) == 10
        assert todo(mongo[OTRA]) == despues


def main(carpeta: Path, *que: str) -> "subprocess.CompletedProcess[str]":
    entorno = {n: v for n, v in os.environ.items() if not n.startswith("PARKNET_")}
    entorno |= {"PARKNET_DATA_DIR": str(carpeta / "bd"), "PARKNET_CLAVE_RESPALDO": CLAVE.decode()}
    programa = str(Path(__file__).parents[3] / "main.py")
    return subprocess.run(  # noqa: S603 - this Python, our own program
        [sys.executable, programa, *que], cwd=carpeta, env=entorno, capture_output=True, text=True, check=False
    )


def test_simulacro_con_el_programa(tmp_path: Path) -> None:
    """Copied while it runs, lost, put back elsewhere: accounts are there, sessions are not."""
    una, otra, copia = tmp_path / "una", tmp_path / "otra", tmp_path / "copia"
    una.mkdir()
    otra.mkdir()
    with Servidor(una, correo=CORREO, clave=CONTRASENA) as api:
        entrada = httpx.post(f"{api.origen}/api/v1/auth/login", data={"username": CORREO, "password": CONTRASENA})
        hecha = main(una, "respaldar", str(copia))
        assert (hecha.returncode, hecha.stderr) == (0, "")
        assert hecha.stdout.startswith(f"parknet, en la base incluida de {una / 'bd'}:\n")
        assert "usuarios                             1" in hecha.stdout
    assert copia.stat().st_mode & 0o777 == 0o600
    (una / "bd" / "claves").rename(otra / "claves")
    (otra / "bd").mkdir()
    (otra / "claves").rename(otra / "bd" / "claves")
    assert main(otra, "restaurar", str(copia)).returncode == 0
    repetida = main(otra, "restaurar", str(copia))
    assert (repetida.returncode, repetida.stderr) == (
        2,
        "parknet: la base no está vacía: --reemplazar borra lo que hay y pone la copia en su lugar\n",
    )
    with Servidor(otra, correo="otra@example.com", clave=CONTRASENA) as api:
        ruta = f"{api.origen}/api/v1/auth"
        refresco = {"refresh_token": entrada.json()["refresh_token"]}
        assert httpx.post(f"{ruta}/refresh", json=refresco).json()["codigo"] == "sesion_invalida"
        assert httpx.post(f"{ruta}/login", data={"username": CORREO, "password": CONTRASENA}).status_code == 200


@pytest.mark.parametrize(
    ("que", "dice"),
    [
        (("restaurar", "no-hay"), "no-hay: no se puede leer: No such file or directory"),
        (("respaldar", "no/hay"), "no/hay: no se puede escribir: No such file or directory"),
        (("respaldar", "copia"), "no hay nada en parknet: ¿son estos los ajustes de la instalación?"),
        (("suprimidas", "lista"), "no hay nada en parknet: ¿son estos los ajustes de la instalación?"),
    ],
)
def test_lo_que_no_se_puede_se_dice_en_una_linea(que: tuple[str, ...], dice: str, tmp_path: Path) -> None:
    hecho = main(tmp_path, *que)
    assert (hecho.returncode, hecho.stderr) == (2, f"parknet: {dice}\n")
    assert not (tmp_path / que[1]).exists()
