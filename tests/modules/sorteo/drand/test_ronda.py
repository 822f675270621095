"""Rounds of drand, with a real one of quicknet: the only number that such a draw takes, and other rounds."""

import asyncio
import hashlib
import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.modules.sorteo import motor
from app.modules.sorteo.drand import cadena, ronda
from app.modules.sorteo.drand.schemas import RondaDrandIn
from app.modules.sorteo.models import Sorteo
from tests.modules.sorteo.conftest import Api, problema
from tests.modules.sorteo.factories import RESIDENTE
from tests.modules.sorteo.pasos.test_apertura import secreto_de

QUICKNET = json.loads((Path(__file__).parent / "quicknet.json").read_bytes())
REAL: dict[str, Any] = QUICKNET["beacons"][0]
FUENTE = {"tipo": "drand", "ronda": 1000}
NUMERO = f"drand {QUICKNET['chain']['hash']} 1000 {REAL['randomness']}"
ANTES = datetime(2023, 8, 23, 15, 0, tzinfo=UTC)


def de(firma: bytes, **cambios: Any) -> dict[str, Any]:
    """A round that is consistent in itself, with that signature."""
    return REAL | {"signature": firma.hex(), "randomness": hashlib.sha256(firma).hexdigest()} | cambios


# A point of the group that signatures are of, as another key makes of another message.
DE_OTRA_COSA = bytes.fromhex(
    "a59867171bfd64d44ee8b29e3d296841fcc71a38a7035eada0698cb913c5c10e7eab2a23a4ff166776d0dfd472db8130"
)
FIRMA = bytes.fromhex(REAL["signature"])
ALTERADA = FIRMA[:-1] + bytes([FIRMA[-1] ^ 1])
MALAS: dict[str, tuple[Any, str]] = {
    "a number alone": (NUMERO, "ronda_ilegible"),
    "its randomness alone": (REAL["randomness"], "ronda_ilegible"),
    "a list": (json.dumps([REAL]), "ronda_ilegible"),
    "without its signature": (json.dumps({**REAL, "signature": None}), "ronda_ilegible"),
    "in capitals": (json.dumps(REAL).upper(), "ronda_ilegible"),
    "another round": (REAL | {"round": 1001}, "otra_ronda"),
    "of a chain whose rounds hang together": (REAL | {"previous_signature": "00" * 48}, "otra_cadena"),
    "of a chain that signs on the other group": (de(b"\x8d" * 96), "otra_cadena"),
    "another number": (REAL | {"randomness": "0f" * 32}, "aleatoriedad_ajena"),
    "the signature of something else": (de(DE_OTRA_COSA), "firma_ajena"),
    "an altered signature": (de(ALTERADA), "firma_invalida"),
    "the point at infinity": (de(b"\xc0" + bytes(47)), "firma_invalida"),
    "a short signature": (de(FIRMA[:47]), "firma_invalida"),
    "no point": (de(bytes(48)), "firma_invalida"),
}


async def ejecutar(api: Api, sorteo: Sorteo, entropia: Any) -> httpx.Response:
    return await api.pedir("POST", f"/{sorteo.id}/ejecutar", json={"entropia": entropia})


@pytest.fixture
async def sorteo(api: Api) -> Sorteo:
    api.casa.reloj.poner(ANTES)
    await api.casa.espacios("A-1", "A-2")
    return await api.casa.cerrado(3, fuente_entropia=FUENTE)


class TestCadena:
    def test_its_hash_is_of_what_it_is(self) -> None:
        """As drand makes it: so key, start and period are those that the hash in every draw names."""
        suma = hashlib.sha256(int(cadena.PERIODO.total_seconds()).to_bytes(4))
        suma.update(int(cadena.INICIO.timestamp()).to_bytes(8))
        suma.update(cadena.LLAVE)
        suma.update(bytes.fromhex(QUICKNET["chain"]["groupHash"]))
        suma.update(QUICKNET["chain"]["metadata"]["beaconID"].encode())
        assert suma.hexdigest() == cadena.CADENA == QUICKNET["chain"]["hash"]

    @pytest.mark.parametrize("numero", [1, 2, 1000, 40_000_000])
    def test_the_first_round_at_or_after_a_moment(self, numero: int) -> None:
        en_punto = cadena.momento_de(numero)
        assert cadena.ronda_desde(en_punto) == numero
        assert cadena.ronda_desde(en_punto - timedelta(milliseconds=1)) == numero
        assert cadena.ronda_desde(en_punto + timedelta(milliseconds=1)) == numero + 1

    def test_before_there_was_any(self) -> None:
        assert cadena.ronda_desde(cadena.INICIO - timedelta(days=400)) == 1


class TestReal:
    @pytest.mark.parametrize("como", ["object", "text"])
    async def test_runs_the_draw(self, api: Api, sorteo: Sorteo, como: str) -> None:
        casa = api.casa
        entropia = REAL if como == "object" else json.dumps(REAL, indent=2)
        prematura = await ejecutar(api, sorteo, entropia)
        assert problema(prematura) == (409, "entropia_prematura")
        assert prematura.json()["datos"] == {"disponible_desde": "2023-08-23T15:59:24.000Z"}
        casa.reloj.poner(sorteo.fuente_entropia.conocible_desde)
        hecho = await ejecutar(api, sorteo, entropia)
        assert (hecho.status_code, hecho.json()["entropia"]) == (200, NUMERO)
        bases, resultado = [
            (await api.pedir("GET", f"/{sorteo.id}/{archivo}", RESIDENTE)).content for archivo in ("bases", "resultado")
        ]
        assert resultado == motor.correr(bases, await secreto_de(casa, sorteo), NUMERO)
        visto = await api.ver(f"/{sorteo.id}/verificacion", None)
        assert (visto["entropia"], visto["drand"]) == (NUMERO, REAL)
        for otra_vez in (REAL, NUMERO, None):
            assert (await ejecutar(api, sorteo, otra_vez)).json() == hecho.json()

    async def test_its_commands(self, api: Api, sorteo: Sorteo) -> None:
        api.casa.reloj.poner(sorteo.fuente_entropia.conocible_desde)
        await ejecutar(api, sorteo, REAL)
        comandos = (await api.ver(f"/{sorteo.id}/verificacion", None))["comandos"]
        dichos = []
        primero = next(n for n, comando in enumerate(comandos) if REAL["randomness"] in comando)
        for comando in comandos[primero : primero + 2]:
            hecho = await asyncio.to_thread(
                subprocess.run,
                ["/bin/sh", "-c", comando.replace("python ", f"{sys.executable} ")],
                capture_output=True,
                text=True,
                check=True,
            )
            dichos.append(hecho.stdout.rstrip(" -\n"))
            assert comando.partition("  # ")[2] in (dichos[-1], f"randomness {dichos[-1]}")
        assert dichos == [REAL["randomness"], NUMERO]

    async def test_the_api_does_not_import_the_curve(self) -> None:
        """It raises the limit of recursion of whatever process imports it, up to where deep JSON breaks the stack."""
        programa = "import sys, app.wiring.build; print([m for m in sys.modules if m.startswith('py_ecc')])"
        hecho = await asyncio.to_thread(
            subprocess.run, [sys.executable, "-c", programa], capture_output=True, text=True, check=True
        )
        assert hecho.stdout.strip() == "[]"

    async def test_nothing_stands_still_meanwhile(self) -> None:
        vueltas = 0
        comprobacion = asyncio.create_task(ronda.comprobar(RondaDrandIn.model_validate(REAL), ronda=1000))
        while not comprobacion.done():
            await asyncio.sleep(0.01)
            vueltas += 1
        assert await comprobacion == NUMERO
        assert vueltas > 10


class TestOtras:
    @pytest.mark.parametrize("cual", MALAS)
    async def test_fix_nothing(self, api: Api, sorteo: Sorteo, cual: str) -> None:
        entropia, codigo = MALAS[cual]
        api.casa.reloj.poner(sorteo.fuente_entropia.conocible_desde)
        respuesta = await ejecutar(api, sorteo, entropia)
        assert respuesta.status_code == 422, respuesta.text
        assert [(e["campo"], e["codigo"]) for e in respuesta.json()["errores"]] == [("entropia", codigo)]
        quedo = await api.casa.sorteos.ver(sorteo.oid)
        assert (quedo.estado, quedo.entropia, quedo.firma_drand, quedo.turno) == ("cerrado", None, None, None)

    async def test_a_round_for_a_draw_with_another_number(self, api: Api) -> None:
        sorteo = await api.casa.por_ejecutar()
        respuesta = await ejecutar(api, sorteo, REAL)
        assert [e["codigo"] for e in respuesta.json()["errores"]] == ["entropia_invalida"]

    async def test_fields_of_the_object_are_named(self, api: Api, sorteo: Sorteo) -> None:
        api.casa.reloj.poner(sorteo.fuente_entropia.conocible_desde)
        respuesta = await ejecutar(api, sorteo, {"round": 1000, "randomness": "xyz"})
        assert {(e["campo"], e["codigo"]) for e in respuesta.json()["errores"]} == {
            ("entropia.randomness", "forma_invalida"),
            ("entropia.signature", "requerido"),
        }

    async def test_when_the_check_dies(self, api: Api, sorteo: Sorteo, monkeypatch: pytest.MonkeyPatch) -> None:
        api.casa.reloj.poner(sorteo.fuente_entropia.conocible_desde)
        with monkeypatch.context() as m:
            m.setattr(ronda, "_PROGRAMA", "app.no_hay_tal_programa")
            assert problema(await ejecutar(api, sorteo, REAL)) == (503, "motor_interrumpido")
        assert (await ejecutar(api, sorteo, REAL)).status_code == 200
