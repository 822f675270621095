"""What is expected of an outage is one line a kind and minute; everything else is told whole."""

import asyncio
import json
import logging
import os
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo import UpdateOne
from pymongo.errors import PyMongoError

from app.core import logging as registro
from app.core.logging import Consola


class Caida(Exception):
    pass


@pytest.fixture
def consola() -> Iterator[tuple[logging.Logger, StringIO]]:
    salida = StringIO()
    consola = Consola(lambda error: isinstance(error, Caida))
    consola.setStream(salida)
    consola.setFormatter(logging.Formatter("%(levelname)s %(message)s"))
    log = logging.Logger("una prueba")
    log.addHandler(consola)
    yield log, salida
    consola.close()


def _cae(log: logging.Logger, veces: int, error: Exception) -> None:
    for n in range(veces):
        try:
            raise error
        except Exception:
            log.exception("no se pudo %s", n)


def test_de_una_caida_queda_una_linea_sin_su_traza(consola: tuple[logging.Logger, StringIO]) -> None:
    log, salida = consola
    _cae(log, 50, Caida())
    assert salida.getvalue() == "WARNING no se pudo 0: Caida\n"


def test_un_colector_de_trazas_que_no_contesta_tampoco_llena_el_registro(
    consola: tuple[logging.Logger, StringIO],
) -> None:
    log, salida = consola
    log.name = "opentelemetry.exporter"
    for _ in range(50):
        log.error("Failed to export %s", "spans")
    assert salida.getvalue() == "WARNING Failed to export spans\n"


def test_pasado_un_minuto_dice_cuantas_fueron(
    consola: tuple[logging.Logger, StringIO], monkeypatch: pytest.MonkeyPatch
) -> None:
    log, salida = consola
    _cae(log, 50, Caida())
    monkeypatch.setattr(registro, "_CADA_SEGUNDOS", 0.0)
    _cae(log, 1, Caida())
    assert salida.getvalue().splitlines()[1:] == ["WARNING no se pudo 0: Caida (y 49 más desde la última línea)"]


def test_cada_cosa_que_se_hacia_tiene_la_suya(consola: tuple[logging.Logger, StringIO]) -> None:
    log, salida = consola
    _cae(log, 2, Caida())
    log.warning("otra cosa", exc_info=Caida())
    assert len(salida.getvalue().splitlines()) == 2


def test_lo_que_viene_de_una_caida_tambien_lo_es(consola: tuple[logging.Logger, StringIO]) -> None:
    log, salida = consola
    error = RuntimeError("se cortó la respuesta")
    error.__cause__ = Caida()
    _cae(log, 3, error)
    assert salida.getvalue() == "WARNING no se pudo 0: Caida\n"


def test_lo_que_nadie_esperaba_se_cuenta_entero_cada_vez(consola: tuple[logging.Logger, StringIO]) -> None:
    log, salida = consola
    _cae(log, 2, ValueError("mal"))
    assert salida.getvalue().count("ValueError: mal") == 2
    assert salida.getvalue().count("Traceback") == 2


class TestJuntas:
    """Lines of calls are written together, a little later."""

    @pytest.fixture
    def escrituras(self, consola: tuple[logging.Logger, StringIO], monkeypatch: pytest.MonkeyPatch) -> list[str]:
        _, salida = consola
        hechas: list[str] = []
        monkeypatch.setattr(salida, "write", hechas.append)
        return hechas

    async def test_se_escriben_de_una_vez(
        self, consola: tuple[logging.Logger, StringIO], escrituras: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(registro, "_JUNTAS", 0.0)
        log, _ = consola
        log.info("una")
        log.info("otra")
        assert escrituras == []
        await asyncio.sleep(0.01)
        assert escrituras == ["INFO una\nINFO otra\n"]

    async def test_un_aviso_no_espera_y_sale_despues_de_lo_que_vino_antes(
        self, consola: tuple[logging.Logger, StringIO], escrituras: list[str]
    ) -> None:
        log, _ = consola
        log.info("antes")
        log.warning("grave")
        assert escrituras == ["INFO antes\nWARNING grave\n"]

    def test_al_final_no_se_queda_ninguna(
        self, consola: tuple[logging.Logger, StringIO], escrituras: list[str]
    ) -> None:
        log, _ = consola

        async def decir() -> None:
            log.info("la última")

        asyncio.run(decir())
        assert escrituras == []
        logging.shutdown([lambda: log.handlers[0]])
        assert escrituras == ["INFO la última\n"]


class TestLineas:
    """What is written: one line an event where a program reads it, and nobody's data wherever it comes from."""

    @pytest.fixture
    def escrito(self, capsys: pytest.CaptureFixture[str]) -> Iterator[pytest.CaptureFixture[str]]:
        raiz = logging.getLogger()
        antes, nivel = list(raiz.handlers), raiz.level
        yield capsys
        raiz.handlers[:] = antes
        raiz.setLevel(nivel)

    def test_en_json_una_linea_tambien_con_su_traza(self, escrito: pytest.CaptureFixture[str]) -> None:
        registro.configurar_registro(en_json=True)
        try:
            raise RuntimeError('E11000 index: x dup key: { numero_documento: "52345678" } de ana@example.com')
        except RuntimeError:
            logging.getLogger("parknet.prueba").exception("no se pudo", extra={"traza": "t-1"})
        (linea,) = escrito.readouterr().err.splitlines()
        dicho = json.loads(linea)
        assert (dicho["event"], dicho["level"], dicho["traza"]) == ("no se pudo", "error", "t-1")
        assert dicho["proceso"] == os.getpid()
        assert "RuntimeError" in dicho["exception"]
        assert "52345678" not in linea
        assert "ana@example.com" not in linea

    @pytest.mark.parametrize("en_json", [True, False])
    async def test_de_lo_que_el_controlador_dice_no_queda_nada_de_nadie(
        self,
        escrito: pytest.CaptureFixture[str],
        cliente_mongo: "AsyncIOMotorClient[dict[str, Any]]",
        en_json: bool,
    ) -> None:
        """One write, several, and one that may insert; of a value with a brace, and with another line, too."""
        registro.configurar_registro(en_json=en_json)
        personas = cliente_mongo["pruebas_registro"]["personas"]
        await personas.drop()
        await personas.create_index("numero_documento", unique=True)
        await personas.create_index([("torre", 1), ("nombres", 1)], unique=True)
        suyo = {"nombres": "Ana} Peña\nRojas", "torre": "3", "telefono": "3001234567", "email": 'ana"}x@example.com'}
        await personas.insert_one({"numero_documento": "52345678", **suyo})
        for numero in ("52345678", "1"):
            otro = {"numero_documento": numero, **suyo}
            for escribir in (
                lambda otro=otro: personas.insert_one(dict(otro)),
                lambda otro=otro: personas.insert_many([dict(otro)]),
                lambda otro=otro: personas.bulk_write([UpdateOne({"torre": "9"}, {"$set": otro}, upsert=True)]),
                lambda otro=otro: personas.find_one_and_update({"torre": "9"}, {"$set": otro}, upsert=True),
            ):
                try:
                    await escribir()
                except PyMongoError as error:
                    logging.getLogger("parknet.prueba").exception("no se pudo: %s", error)
        dicho = escrito.readouterr().err
        assert dicho.count("numero_documento_1 dup key: …") >= 8
        assert [suyo for suyo in ("52345678", "Ana", "Peña", "Rojas", "3001234567", "example") if suyo in dicho] == []
        assert dicho.count("pymongo.errors.BulkWriteError: batch op errors occurred") == 4

    def test_en_texto(self, escrito: pytest.CaptureFixture[str]) -> None:
        registro.configurar_registro()
        logging.getLogger("parknet.prueba").info("hola %s", "mundo", extra={"traza": "t-1"})
        assert escrito.readouterr().err.rstrip().endswith(" INFO parknet.prueba t-1 hola mundo")

    def test_desde_el_nivel_que_se_pide(self, escrito: pytest.CaptureFixture[str]) -> None:
        registro.configurar_registro(nivel="ERROR")
        logging.getLogger("parknet.prueba").warning("callado")
        assert escrito.readouterr().err == ""

    def test_lo_que_ya_dice_la_linea_de_una_llamada_no_se_repite_en_texto(
        self, escrito: pytest.CaptureFixture[str]
    ) -> None:
        for en_json in (True, False):
            registro.configurar_registro(en_json=en_json)
            logging.getLogger("parknet.prueba").info("GET / 200", extra={"estado": 200, "ms": 1.5, "rol": "admin"})
        de_programa, de_persona = escrito.readouterr().err.splitlines()
        assert json.loads(de_programa).items() >= {"estado": 200, "ms": 1.5, "rol": "admin"}.items()
        assert de_persona.endswith(" GET / 200 rol=admin")

    def test_los_colores_de_uvicorn_no_son_otro_dato(self, escrito: pytest.CaptureFixture[str]) -> None:
        registro.configurar_registro(en_json=True)
        logging.getLogger("uvicorn.error").info("listo", extra={"color_message": "\x1b[32mlisto\x1b[0m"})
        assert "color_message" not in json.loads(escrito.readouterr().err)
