"""The engine beside the API: the same result in a thread and in a process of its own, which may die and never stays."""

import asyncio
import contextlib
import io
import json
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from app.core.processes import Proceso, proceso_propio
from app.modules.sorteo import motor
from app.modules.sorteo.exceptions import BasesAlteradas, MotorInterrumpido
from app.modules.sorteo.pasos import corrida as modulo
from app.modules.sorteo.pasos.corrida import Linea, corrida, servir
from tests.modules.sorteo.conftest import Api, problema
from tests.modules.sorteo.factories import ENTROPIA
from tests.modules.sorteo.pasos.test_apertura import secreto_de

VECTORES = sorted((Path(__file__).parents[4] / "docs/sorteo-v1/vectores").glob("??.json"))
MUCHOS = 10**6
"""As many are said to be in bases that are to be drawn in a process."""


def bases_de(cuantos: int) -> bytes:
    participantes = (motor.Participante(str(n), n % 3, 1 + n % 2, ("carro",), (), ("A1",)) for n in range(cuantos))
    espacios = tuple(motor.Espacio(f"A{n}", "carro", "embarazo" if n % 5 == 0 else None) for n in range(20))
    return motor.escribir_bases(motor.Bases("s", "0" * 64, "f", True, espacios, tuple(participantes)))


def leer_vector(vector: Path) -> tuple[dict[str, Any], bytes, bytes]:
    """What it says, its bases and its result."""
    archivos = (vector.with_suffix(f".{archivo}.jsonl").read_bytes() for archivo in ("bases", "resultado"))
    return json.loads(vector.read_text()), *archivos


GRANDES = bases_de(3500)  # more of a result than any buffer on its way holds
SEMILLA = "ab" * 32


async def en_piezas(dato: bytes, largo: int = 1 << 19) -> AsyncIterator[bytes]:
    for desde in range(0, len(dato), largo):
        yield dato[desde : desde + largo]


async def correr(dato: bytes, semilla: str = SEMILLA, participantes: int = MUCHOS, largo: int = 1 << 19) -> list[Linea]:
    huella = motor.sha256_hex(dato)
    async with corrida(en_piezas(dato, largo), huella=huella, semilla=semilla, participantes=participantes) as lotes:
        return [linea async for lote in lotes for linea in lote]


class Vigilados:
    """The processes that were started."""

    def __init__(self) -> None:
        self.pids: list[int] = []

    @contextlib.asynccontextmanager
    async def propio(self, nombre: str) -> AsyncIterator[Proceso]:
        async with proceso_propio(nombre) as proceso:
            self.pids.append(proceso.pid)
            yield proceso

    def matar(self) -> None:
        os.kill(self.pids[-1], signal.SIGKILL)

    def viven(self) -> list[int]:
        return [pid for pid in self.pids if Path(f"/proc/{pid}").exists()]


@pytest.fixture
def procesos(monkeypatch: pytest.MonkeyPatch) -> Vigilados:
    vigilados = Vigilados()
    monkeypatch.setattr(modulo, "proceso_propio", vigilados.propio)
    return vigilados


class TestResultado:
    @pytest.mark.parametrize("vector", VECTORES[::3], ids=lambda vector: vector.stem)
    @pytest.mark.parametrize("participantes", [0, MUCHOS], ids=["hilo", "proceso"])
    async def test_es_el_del_motor(self, vector: Path, participantes: int, procesos: Vigilados) -> None:
        v, dato, resultado = leer_vector(vector)
        lineas = await correr(dato, v["semilla"], participantes, largo=1000)
        assert bool(procesos.pids) is bool(participantes)
        assert motor.escribir_resultado(puesto for puesto, _, _ in lineas) == resultado
        bases = motor.leer_bases(dato)
        de = {participante.id: participante for participante in bases.participantes}
        espacios = {espacio.codigo: espacio for espacio in bases.espacios}
        assert [(quien, espacio) for _, quien, espacio in lineas] == [
            (de[puesto.id], espacios.get(puesto.espacio or "")) for puesto, _, _ in lineas
        ]
        assert procesos.viven() == []

    async def test_de_varios_lotes(self) -> None:
        assert await correr(GRANDES) == await correr(GRANDES, participantes=0)

    @pytest.mark.parametrize("participantes", [0, MUCHOS], ids=["hilo", "proceso"])
    async def test_de_otras_bases_no_hay(self, participantes: int, procesos: Vigilados) -> None:
        with pytest.raises(BasesAlteradas):
            async with corrida(en_piezas(GRANDES), huella="0" * 64, semilla=SEMILLA, participantes=participantes):
                raise AssertionError
        assert procesos.viven() == []


class TestMuerte:
    async def test_mientras_lee_las_bases(self, procesos: Vigilados) -> None:
        async def piezas() -> AsyncIterator[bytes]:
            yield GRANDES[:1000]
            procesos.matar()
            async for pieza in en_piezas(GRANDES[1000:], 1000):
                yield pieza

        huella = motor.sha256_hex(GRANDES)
        with pytest.raises(MotorInterrumpido):
            async with corrida(piezas(), huella=huella, semilla=SEMILLA, participantes=MUCHOS) as lotes:
                await anext(lotes)

    async def test_mientras_se_lee_lo_que_da(self, procesos: Vigilados, caplog: pytest.LogCaptureFixture) -> None:
        async def matando() -> None:
            huella = motor.sha256_hex(GRANDES)
            async with corrida(en_piezas(GRANDES), huella=huella, semilla=SEMILLA, participantes=MUCHOS) as lotes:
                await anext(lotes)
                procesos.matar()
                async for _ in lotes:
                    pass  # what was on its way already may come

        with pytest.raises(MotorInterrumpido):
            await matando()
        assert "exit -9" in caplog.text

    async def test_lo_que_dijo_al_morir_queda_en_el_registro(self, caplog: pytest.LogCaptureFixture) -> None:
        """A fault of the engine's own: bases that nobody could have closed with."""
        with pytest.raises(MotorInterrumpido):
            await correr(b"{}\n")
        assert "BasesInvalidas: línea 1" in caplog.text

    async def test_cortada_la_entrada_no_da_nada(self) -> None:
        """What came of half of the bases would be taken for the result."""
        entero = f"{SEMILLA} {motor.sha256_hex(GRANDES)}\n".encode() + GRANDES
        ultimas = entero.rindex(b"\n", 0, -1) + 1
        for corte, da in ((len(entero), True), (ultimas, False)):
            salida = io.BytesIO()
            servir(io.BytesIO(entero[:corte]), salida)
            assert bool(salida.getvalue()) is da

    @pytest.mark.parametrize("cuando", ["al leer las bases", "al darlas"])
    async def test_cancelada_se_lleva_su_proceso(self, cuando: str, procesos: Vigilados) -> None:
        en_ello = asyncio.Event()

        async def piezas() -> AsyncIterator[bytes]:
            yield GRANDES
            if cuando == "al leer las bases":
                await parar()

        async def parar() -> None:
            en_ello.set()
            await asyncio.Event().wait()

        async def correrla() -> None:
            huella = motor.sha256_hex(GRANDES)
            async with corrida(piezas(), huella=huella, semilla=SEMILLA, participantes=MUCHOS) as lotes:
                await anext(lotes)
                await parar()

        espera = asyncio.create_task(correrla())
        await en_ello.wait()
        assert procesos.viven() == procesos.pids
        espera.cancel()
        with pytest.raises(asyncio.CancelledError):
            await espera
        assert procesos.viven() == []


async def test_no_se_le_ve_ningun_secreto(procesos: Vigilados, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a process was called with, and its environment, others on the machine may see."""
    monkeypatch.setenv("PARKNET_CLAVE_SORTEO", "no se debe ver")
    huella = motor.sha256_hex(GRANDES)
    async with corrida(en_piezas(GRANDES), huella=huella, semilla=SEMILLA, participantes=MUCHOS):
        suyo = Path(f"/proc/{procesos.pids[0]}")
        visto = (suyo / "cmdline").read_bytes() + (suyo / "environ").read_bytes()
        assert b"corrida" in visto
        assert SEMILLA.encode() not in visto
        assert b"PARKNET_" not in visto


class TestEjecutar:
    """Through the API, in a process of its own however small the draw is."""

    @pytest.fixture(autouse=True)
    def siempre_en_un_proceso(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(modulo, "EN_HILO", -1)

    async def ejecutar(self, api: Api, sorteo_id: Any) -> Any:
        return await api.pedir("POST", f"/{sorteo_id}/ejecutar", json={"entropia": ENTROPIA})

    async def test_es_el_del_motor(self, api: Api, procesos: Vigilados) -> None:
        await api.casa.espacios("A-1", "A-2")
        sorteo = await api.casa.por_ejecutar(7)
        respuesta = await self.ejecutar(api, sorteo.id)
        assert (respuesta.status_code, respuesta.json()["admitidos"], respuesta.json()["en_espera"]) == (200, 2, 5)
        bases = await api.casa.bytes_de(sorteo, "bases")
        ejecutado = await api.casa.sorteos.ver(sorteo.oid)
        esperado = motor.correr(bases, await secreto_de(api.casa, sorteo), ENTROPIA)
        assert await api.casa.bytes_de(ejecutado, "resultado") == esperado
        assert len(procesos.pids) == 1

    async def test_muerto_se_puede_repetir(
        self, api: Api, procesos: Vigilados, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Nothing is fixed but the number, and nobody has the turn."""
        sorteo = await api.casa.por_ejecutar(7)
        partes = api.casa.r_archivos.partes

        async def matando(**que: Any) -> AsyncIterator[bytes]:
            async for parte in partes(**que):
                yield parte
                if que["archivo"] == "bases":
                    procesos.matar()

        with monkeypatch.context() as m:
            m.setattr(api.casa.r_archivos, "partes", matando)
            respuesta = await self.ejecutar(api, sorteo.id)
        assert problema(respuesta) == (503, "motor_interrumpido")
        assert int(respuesta.headers["Retry-After"]) > 0
        quedo = await api.casa.sorteos.ver(sorteo.oid)
        assert (quedo.estado, quedo.entropia, quedo.semilla, quedo.turno) == ("cerrado", ENTROPIA, None, None)
        assert await api.casa.r_resultados.count({}) == 0
        repetida = await self.ejecutar(api, sorteo.id)
        assert (repetida.status_code, repetida.json()["estado"]) == (200, "ejecutado")
        assert await api.casa.r_resultados.count({}) == 7
        assert procesos.viven() == []
