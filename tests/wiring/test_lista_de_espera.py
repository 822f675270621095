"""Whatever happens to the spaces of a published draw, in any order and from two processes at once, ends as the model
says: no space is of two, none is lost, and who is next is next."""

import asyncio
import os
from collections.abc import AsyncIterator, Sequence
from copy import deepcopy
from datetime import datetime
from typing import Any

import pytest
from beanie import Document, PydanticObjectId
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.database.unit_of_work import UnitOfWork
from app.modules.solicitudes.repository import SolicitudRepository
from app.modules.solicitudes.ventanilla.repository import VentanillaRepository
from app.modules.sorteo.models import EspacioEnJuego
from app.modules.sorteo.permutas.repository import PermutaRepository
from app.modules.sorteo.repository import EspacioEnJuegoRepository
from tests import marcas
from tests.conftest import Reloj
from tests.judges.juicio import EJEMPLOS
from tests.modules.sorteo.asignaciones.factories import repositorio
from tests.wiring.edificio import (
    CON_CONDICION,
    DOCUMENTOS,
    ESPACIOS,
    FOLIOS,
    GANAN,
    TIPOS,
    Edificio,
    Suceso,
)
from tests.wiring.modelo import CON_ESPACIO, PASOS, Modelo, NoSePuede
from tests.wiring.procesos import ProcesoAparte

UNO_SOLO = (*PASOS, "reclamar")


def modelo() -> Modelo:
    return Modelo(
        espacios=ESPACIOS,
        tipo=dict(TIPOS),
        condicion={f: "movilidad_reducida" if f in CON_CONDICION else None for f in FOLIOS},
        estado={f: "asignada" if f in GANAN else "en_espera" for f in FOLIOS},
        espacio=dict(GANAN),
        lugar={f: f for f in FOLIOS},
    )


def despues(modelo: Modelo, sucesos: Sequence[Suceso]) -> Modelo:
    """What the model makes of them, one after the other."""
    hecho = deepcopy(modelo)
    for nombre, f, g in sucesos:
        antes = deepcopy(hecho)
        try:
            hecho.hacer(nombre, f, g)
        except NoSePuede:
            hecho = antes
    return hecho


def esperado(modelo: Modelo) -> Any:
    filas = {}
    for f, estado in modelo.estado.items():
        tenido = modelo.debe.get(f, modelo.espacio.get(f) if estado == "aceptada" else None)
        filas[f] = (estado, modelo.espacio.get(f), tenido)
    tomados = {*modelo.espacio.values(), *modelo.debe.values()}
    return filas, set(ESPACIOS) - tomados


def posibles(modelo: Modelo) -> dict[str, list[Suceso]]:
    """By name, what could be done now."""
    todos = [(nombre, f, f) for nombre in UNO_SOLO for f in FOLIOS]
    todos += [("permutar", f, g) for f in FOLIOS for g in FOLIOS if f < g]
    hallados: dict[str, list[Suceso]] = {}
    for suceso in todos:
        if despues(modelo, [suceso]) != modelo:
            hallados.setdefault(suceso[0], []).append(suceso)
    return hallados


def elegir(modelo: Modelo, dado: int) -> Suceso:
    """What happens next. What can be done is as likely by whatever name, and likely to be about who has a space that
    was claimed; now and then it is something that cannot. Who wins a race, no die says: so this one is cast before."""
    hay = posibles(modelo)
    if dado % 8 == 0 or not hay:
        nombre, f, g = [*UNO_SOLO, "permutar"][dado // 8 % 10], dado // 80 % 11 + 1, dado // 880 % 11 + 1
        return nombre, f, g
    suyos = hay[sorted(hay)[dado // 8 % len(hay)]]
    suyos = [suceso for suceso in suyos for _ in range(6 if suceso[1] in modelo.debe else 1)]
    return suyos[dado // 80 % len(suyos)]


@pytest.fixture
def documentos() -> Sequence[type[Document]]:
    return DOCUMENTOS


@pytest.fixture
async def procesos(base_real: UnitOfWork, servidor: str) -> AsyncIterator[list[ProcesoAparte]]:
    """Two, each a program of its own on the database of this test."""
    del base_real
    dos = [ProcesoAparte(servidor, "pruebas") for _ in range(2)]
    assert len({os.getpid(), *(proceso.pid for proceso in dos)}) == 3
    yield dos
    for proceso in dos:
        await proceso.cerrar()


async def _vence(edificio: Edificio, f: int, en: datetime) -> None:
    cual = {"_id": edificio.solicitud[f], "estado": {"$in": list(CON_ESPACIO)}}
    await SolicitudRepository().update_one(cual, {"$set": {"vence_en": en.replace(microsecond=0)}})


@given(programa=st.lists(st.lists(st.integers(0, 10**6), min_size=1, max_size=2), min_size=8, max_size=20))
@settings(
    derandomize=True,
    deadline=None,
    max_examples=5 * EJEMPLOS,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
async def test_it_ends_as_the_model_says(
    base_real: UnitOfWork, procesos: list[ProcesoAparte], reloj: Reloj, programa: list[list[int]]
) -> None:
    for repo in (marcas.espacios(), EspacioEnJuegoRepository(), repositorio(), PermutaRepository()):
        await repo.delete_many({})
    edificio, hecho = Edificio(base_real), modelo()
    await edificio.levantar()
    for proceso in procesos:
        await proceso.atender(edificio.ids)
    for dados in programa:
        reloj.avanzar(seconds=1)
        hecho.paso += 1
        a_la_vez = [elegir(hecho, dado) for dado in dados]
        for nombre, f, _ in a_la_vez:
            if nombre == "vencer":
                await _vence(edificio, f, reloj.instante)
        await asyncio.gather(
            *(proceso.hacer(reloj.instante, suceso) for proceso, suceso in zip(procesos, a_la_vez, strict=False))
        )
        visto = await edificio.visto()
        ordenes = [despues(hecho, orden) for orden in (a_la_vez, a_la_vez[::-1])]
        assert visto in [esperado(posible) for posible in ordenes], a_la_vez
        hecho = next(posible for posible in ordenes if esperado(posible) == visto)


async def _hasta(edificio: Edificio, reloj: Reloj, *sucesos: tuple[str, int]) -> Modelo:
    """What the model makes of them, once the building has done the same."""
    programa = [(nombre, f, f) for nombre, f in sucesos]
    for suceso in programa:
        reloj.avanzar(seconds=1)
        await edificio.proceso.hacer(suceso)
    return despues(modelo(), programa)


async def test_what_nobody_in_line_could_use_is_of_whom_a_space_is_claimed_back(
    base_real: UnitOfWork, reloj: Reloj
) -> None:
    edificio = Edificio(base_real)
    await edificio.levantar()
    nadie_espera = [("retirar", f) for f in FOLIOS if f not in GANAN]
    hecho = await _hasta(edificio, reloj, *nadie_espera, ("declinar", 1), ("aceptar", 2), ("reclamar", 2))
    assert (hecho.estado[2], hecho.espacio[2]) == ("ofrecida", "A-01")
    assert await edificio.visto() == esperado(hecho)


@pytest.mark.parametrize("suelta", ["a single one", "all at once"])
async def test_what_a_draw_lets_go_of_is_offered_in_another_that_has_it(
    base_real: UnitOfWork, reloj: Reloj, suelta: str
) -> None:
    edificio = Edificio(base_real)
    await edificio.levantar()
    otro = PydanticObjectId()
    ventanilla = await VentanillaRepository().get(edificio.sorteo_id)
    assert ventanilla is not None
    await VentanillaRepository().insert(ventanilla.model_copy(update={"id": otro}))
    await EspacioEnJuegoRepository().insert(EspacioEnJuego(sorteo_id=otro, codigo="A-05", tipo="carro", reserva=None))
    espera = edificio.nueva(9).model_copy(update={"id": PydanticObjectId(), "sorteo_id": otro})
    await SolicitudRepository().insert(espera)
    await _hasta(edificio, reloj, *[("retirar", f) for f in FOLIOS if f not in GANAN])
    if suelta == "a single one":
        await edificio.proceso.declinar(6)
    else:
        mesa = edificio.proceso.modulo.ventanilla

        async def terminar() -> None:
            await mesa.finalizar(sorteo_id=edificio.sorteo_id)
            await mesa.pasar_a(sorteo_id=edificio.sorteo_id, fase="terminado")

        await base_real.run(terminar)
    ofrecida = await SolicitudRepository().get(espera.oid)
    assert ofrecida is not None
    assert (ofrecida.estado, ofrecida.espacio) == ("ofrecida", "A-05")
