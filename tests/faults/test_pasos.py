"""Every step of a draw, dead or failing at every call to the database: taken again, it ends in the same bytes.

More calls: `make exhaustivo`; all, and every fault at each: `make fuzz`.
"""

import os
import re
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from bson import ObjectId
from motor.motor_asyncio import AsyncIOMotorClient

import app.main
from app.core import clock
from app.database.embedded import EmbeddedMongo
from app.modules.sorteo.drand import ronda
from app.modules.sorteo.pasos import anulacion, cierre, corrida, publicacion, reapertura
from app.modules.sorteo.pasos.pruebas import Boveda
from app.modules.sorteo.toma import copias
from app.modules.sorteo.toma import service as toma
from app.modules.sorteo.turnos.service import Turnos
from tests.alcance import EXHAUSTIVO
from tests.api.conftest import aplicacion_en
from tests.api.problemas import defectos
from tests.faults.inyector import FALLAS, MUERE, Inyector, repartidos
from tests.faults.pasos import PASOS, Mesa
from tests.modules.sorteo.drand.test_ronda import NUMERO
from tests.wiring.complejo import LatidoALaMano

BASE = "fallas_de_pasos"
TODAS = "JUDGE_EXAMPLES" in os.environ
VARIOS = {MUERE: 5, "interrumpida": 1, "se_corta": 2, "no_se_sabe": 2, "cede": 1}
PUNTOS = VARIOS if EXHAUSTIVO else {MUERE: 2, **dict.fromkeys(FALLAS, 1)}
"""At so many calls of each step, where not at all."""
VECES = 3
"""A step that was refused is asked for again, so many times at most."""
# What goes by the calls, and not by what they did.
AJENAS = re.compile(r"^(auditoria.*|sesiones|cuotas.*|procesos|system\..*)$")
_FICHA = re.compile(r"^[0-9a-f]{16}$")
_SIN_ORDEN = frozenset({"clases"})
_AL_AZAR = frozenset(
    {"_id", "visto_en", "latidos", "toques", "version", "mac", "sellado", "padron", "revision_id", "marca"}
)


async def _misma_ronda(ronda: int, firma: str) -> str:
    """As the program that looks at signatures says, which takes a second, and no database."""
    del ronda, firma
    return NUMERO


@pytest.fixture(scope="module")
async def mesa(
    servidor_que_falla: EmbeddedMongo, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[tuple[Mesa, Inyector]]:
    uri = servidor_que_falla.uri
    propio: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(uri, tz_aware=True, tzinfo=UTC)
    with pytest.MonkeyPatch.context() as parche:
        parche.setattr(app.main, "Latido", LatidoALaMano)
        parche.setattr(LatidoALaMano, "tareas", [])
        parche.setattr(ronda, "_juicio", _misma_ronda)
        # The same secret each time, batches of two, and no sign of life that would be counted.
        parche.setattr(Boveda, "nuevo", staticmethod(lambda: "5e" * 32))
        parche.setattr(Turnos, "_renovar", _sin_latido)
        for modulo in (anulacion, cierre, copias, corrida, publicacion, reapertura, toma):
            parche.setattr(modulo, "LOTE", 2)
        async with aplicacion_en(BASE, uri, propio, tmp_path_factory.mktemp("pasos")) as aplicacion:
            clock.usar_fuente(lambda: aplicacion.reloj.instante)
            nombre: str = aplicacion.suya.client.delegate.options.pool_options.appname
            inyector = Inyector(uri, nombre)
            with inyector.puesto():
                mesa = Mesa(aplicacion)
                await mesa.vivir()
                yield mesa, inyector
            clock.usar_fuente(None)
    propio.close()


async def _sin_latido(self: Turnos, *_: object) -> None:
    """Nobody else takes a turn here."""


async def _retrato(mesa: Mesa) -> dict[str, list[str]]:
    """All that is stored, by collection, but for what no two runs have in common."""
    base = mesa.aplicacion.base
    hay: dict[str, list[str]] = {}
    for nombre in sorted(await base.list_collection_names()):
        if not AJENAS.match(nombre) and (filas := await base[nombre].find().to_list(None)):
            hay[nombre] = sorted(repr(_simple(fila)) for fila in filas)
    return hay


def _distintas(hay: Mapping[str, list[str]], bien: Mapping[str, list[str]]) -> list[str]:
    """The rows of either that the other has not."""
    filas = [Counter((n, fila) for n, suyas in lado.items() for fila in suyas) for lado in (hay, bien)]
    return [f"+ {fila}" for fila in filas[0] - filas[1]] + [f"- {fila}" for fila in filas[1] - filas[0]]


def _simple(valor: Any, campo: str = "") -> Any:
    if campo in _AL_AZAR or isinstance(valor, ObjectId):
        return "…"
    if isinstance(valor, Mapping):
        return {nombre: _simple(hijo, nombre) for nombre, hijo in sorted(valor.items())}
    if isinstance(valor, list):
        hijos = [_simple(hijo) for hijo in valor]
        return sorted(hijos, key=repr) if campo in _SIN_ORDEN else hijos
    return "…" if isinstance(valor, str) and _FICHA.match(valor) else valor


async def _publicado(mesa: Mesa) -> dict[str, bytes | int]:
    """All that the draw shows, as it is read; the status of what is not there."""
    visto: dict[str, bytes | int] = {}
    for que in ("", "/reglas", "/bases", "/padron", "/resultado", "/verificacion", "/historial", "/exclusiones"):
        respuesta = await mesa.pedir("GET", f"/sorteo/{mesa.sorteo}{que}")
        visto[que] = respuesta.content if respuesta.is_success else respuesta.status_code
    return visto


async def _seguir(mesa: Mesa, nombre: str) -> None:
    """After five seconds nobody has the turn of who died."""
    hace_mucho = {"$set": {"turno.visto_en": datetime(2020, 1, 1, tzinfo=UTC)}}
    await mesa.aplicacion.base["sorteos"].update_many({"turno": {"$ne": None}}, hace_mucho)
    respuesta = await PASOS[nombre].hacer(mesa)
    assert respuesta is None or respuesta.is_success, respuesta.text


@pytest.mark.parametrize("nombre", PASOS)
async def test_it_ends_the_same(mesa: tuple[Mesa, Inyector], nombre: str) -> None:
    m, inyector = mesa
    m.aplicacion.base_propia()
    clock.usar_fuente(lambda: m.aplicacion.reloj.instante)
    paso = PASOS[nombre]
    await m.volver(paso.etapa)
    respuesta, llamadas = await inyector.contar(lambda: paso.hacer(m))
    assert respuesta is None or respuesta.is_success, respuesta.text
    bien, visto = await _retrato(m), await _publicado(m)
    await m.volver(paso.etapa)
    assert await _retrato(m) != bien, "it did nothing"
    for falla in (MUERE, *FALLAS):
        for en in repartidos(llamadas, llamadas if TODAS else PUNTOS[falla]):
            await m.volver(paso.etapa)
            respuesta = await inyector.fallar(lambda: paso.hacer(m), falla, en)
            if respuesta is not None and not respuesta.is_success:
                assert defectos(respuesta, {503}) == []
            if respuesta is None or not respuesta.is_success:
                await _seguir(m, nombre)
            donde = f"{falla} at {en} of {llamadas}"
            distintas = _distintas(await _retrato(m), bien)
            assert not distintas, "\n".join([donde, *distintas])
        assert await _publicado(m) == visto, falla
