"""The copy in step, whatever ends on the way."""

import asyncio
import itertools
import logging
from datetime import timedelta
from typing import Any

import pytest
from beanie import PydanticObjectId

from app.modules.analitica.models import UNICO, Copia
from app.modules.analitica.service import AnaliticaService, TrabajoAjeno
from app.modules.solicitudes.models import Solicitud
from app.modules.sorteo.espacios.models import Espacio
from app.modules.sorteo.estados import EstadoSorteo
from app.modules.sorteo.models import Sorteo
from tests.conftest import INICIO
from tests.modules.analitica import datos
from tests.modules.analitica.conftest import Montar
from tests.modules.analitica.dobles import AlmacenEnMemoria, Muerte

_TABLAS = ("sorteos", "solicitudes", "resultados", "asignaciones", "espacios")


async def copia_de(montar: Montar) -> dict[str, list[dict[str, Any]]]:
    """What a copy made now, from nothing, would say."""
    await datos.olvidar_lo_copiado()
    almacen = AlmacenEnMemoria()
    await montar(almacen).poner_al_dia()
    return vivas(almacen)


def vivas(almacen: AlmacenEnMemoria) -> dict[str, list[dict[str, Any]]]:
    return {tabla: sorted(almacen.vivas(tabla), key=repr) for tabla in _TABLAS}


async def abandonar() -> None:
    """Whoever is at work has not been heard of for long."""
    await Copia.get_motor_collection().update_one({"_id": UNICO}, {"$set": {"visto_en": INICIO - timedelta(days=1)}})


async def mover(unas: Sorteo) -> None:
    """One of everything that may happen to a row: it comes, changes, goes."""
    await datos.espacio("B-1")
    await Espacio.get_motor_collection().delete_one({"codigo": "A-3"})
    await Solicitud.get_motor_collection().update_one({"folio": 3}, {"$set": {"estado": "ofrecida"}})
    otra = await datos.solicitud(unas, 4, PydanticObjectId())
    await datos.asignacion(otra, "B-1", INICIO)
    nuevo = await datos.sorteo(
        nombre="Segundo", estado=EstadoSorteo.ejecutado, corrida="corrida 2", ejecutado_en=INICIO
    )
    await datos.resultado(nuevo, await datos.solicitud(nuevo, 1, PydanticObjectId()), 1, espera=1)


class TestEnPaso:
    async def test_everything_at_first(self, montar: Montar) -> None:
        await datos.un_conjunto()
        almacen = AlmacenEnMemoria()
        assert await montar(almacen).poner_al_dia()
        assert {tabla: len(almacen.vivas(tabla)) for tabla in _TABLAS} == {
            "sorteos": 1,
            "solicitudes": 3,
            "resultados": 3,
            "asignaciones": 1,
            "espacios": 3,
        }
        (uno,) = almacen.vivas("sorteos")
        assert uno["dia"] == "2026-03-02"
        assert (uno["estado"], uno["espacios"], uno["publicado_en"]) == ("publicado", 2, "2026-03-02T15:00:00.000Z")
        recibieron = sorted(
            (f["posicion"], f["recibio"], f["reservado"], f["prestado"]) for f in almacen.vivas("resultados")
        )
        assert recibieron == [(1, True, False, False), (2, True, True, True), (3, False, None, False)]

    async def test_then_what_changed(self, montar: Montar) -> None:
        uno = await datos.un_conjunto()
        almacen = AlmacenEnMemoria()
        analitica = montar(almacen)
        await analitica.poner_al_dia()
        antes = len(almacen.cargados)
        await analitica.poner_al_dia()
        assert len(almacen.cargados) == antes
        await mover(uno)
        await analitica.poner_al_dia()
        assert len(almacen.vivas("espacios")) == 3
        assert vivas(almacen) == await copia_de(montar)

    async def test_a_result_counts_once_its_draw_says_so(self, montar: Montar) -> None:
        sorteo = await datos.sorteo(estado=EstadoSorteo.cerrado)
        suya = await datos.solicitud(sorteo, 1, PydanticObjectId())
        almacen = AlmacenEnMemoria()
        analitica = montar(almacen)
        await analitica.poner_al_dia()
        await datos.resultado(sorteo, suya, 1, corrida="otra", espera=1)
        await datos.resultado(sorteo, suya, 1, corrida="la buena", espera=1)
        await analitica.poner_al_dia()
        assert almacen.vivas("resultados") == []
        cambio = {"$set": {"corrida": "la buena", "estado": "ejecutado", "ejecutado_en": INICIO}}
        await Sorteo.get_motor_collection().update_one({"_id": sorteo.oid}, cambio)
        await analitica.poner_al_dia()
        assert len(almacen.vivas("resultados")) == 1

    async def test_by_batches(self, montar: Montar) -> None:
        uno = await datos.un_conjunto()
        for n in range(7):
            await datos.espacio(f"C-{n}")
        almacen = AlmacenEnMemoria()
        await montar(almacen, por_lote=2).poner_al_dia()
        assert max(len(contenido.splitlines()) for contenido in almacen.contenidos) == 2
        await mover(uno)
        await montar(almacen, por_lote=1).poner_al_dia()
        assert vivas(almacen) == await copia_de(montar)

    async def test_nothing_that_tells_who(self, montar: Montar) -> None:
        await datos.un_conjunto()
        almacen = AlmacenEnMemoria()
        await montar(almacen).poner_al_dia()
        todo = b"".join(almacen.contenidos).decode()
        ids = [str(s.unidad_id) for s in await Solicitud.find_all().to_list()]
        ids += [str(s.id) for s in await Solicitud.find_all().to_list()]
        for secreto in (*datos.SECRETOS, *ids):
            assert secreto not in todo
        # The same flat is the same one in every table.
        de_solicitudes = {fila["unidad"] for fila in almacen.vivas("solicitudes")}
        assert {fila["unidad"] for fila in almacen.vivas("resultados")} == de_solicitudes
        assert {fila["unidad"] for fila in almacen.vivas("asignaciones")} < de_solicitudes


class TestLoQueSeRompe:
    async def test_a_crash_at_any_call(self, montar: Montar) -> None:
        """Before and after the effect of each: the next process finishes, and nothing is skipped or loaded twice."""
        uno = await datos.un_conjunto()
        almacen = AlmacenEnMemoria()
        muertes = itertools.count(1)

        async def hasta_el_final(almacen: AlmacenEnMemoria) -> None:
            while True:
                muere = next(muertes)

                async def morir(numero: int, despues: bool, muere: int = muere) -> None:
                    if 2 * numero + despues == muere + 1:
                        raise Muerte

                almacen.llamadas, almacen.al_llamar = 0, morir
                # A dead process lets go of nothing.
                await abandonar()
                try:
                    await montar(almacen, por_lote=2).poner_al_dia()
                except Muerte:
                    continue
                return

        await hasta_el_final(almacen)
        assert next(muertes) > 10
        assert len(almacen.cargados) == len(set(almacen.cargados))
        muertes = itertools.count(1)
        await mover(uno)
        await hasta_el_final(almacen)
        assert next(muertes) > 10
        assert len(almacen.cargados) == len(set(almacen.cargados))
        almacen.al_llamar = None
        assert vivas(almacen) == await copia_de(montar)

    async def test_a_paused_process_is_not_taken(self, montar: Montar) -> None:
        """It wakes up with a batch in hand after another has put a later one."""
        await datos.un_conjunto()
        almacen = AlmacenEnMemoria()
        await montar(almacen).poner_al_dia()
        await Solicitud.get_motor_collection().update_one({"folio": 3}, {"$set": {"estado": "ofrecida"}})
        dormido, despertar = asyncio.Event(), asyncio.Event()

        async def dormir(numero: int, despues: bool) -> None:
            if numero == 2 and not despues:
                dormido.set()
                await despertar.wait()

        almacen.llamadas, almacen.al_llamar = 0, dormir
        primero = asyncio.create_task(montar(almacen).poner_al_dia())
        await dormido.wait()
        almacen.al_llamar = None
        await abandonar()
        await Solicitud.get_motor_collection().update_one({"folio": 3}, {"$set": {"estado": "aceptada"}})
        assert await montar(almacen).poner_al_dia()
        despertar.set()
        with pytest.raises(TrabajoAjeno):
            await primero
        assert vivas(almacen) == await copia_de(montar)

    async def test_one_at_a_time(self, montar: Montar) -> None:
        await datos.un_conjunto()
        almacen = AlmacenEnMemoria()
        resultados: list[bool] = []

        async def otro(numero: int, despues: bool) -> None:
            if numero == 3 and not despues:
                resultados.append(await montar(AlmacenEnMemoria()).poner_al_dia())

        almacen.al_llamar = otro
        assert await montar(almacen).poner_al_dia()
        assert resultados == [False]

    async def test_a_log_that_does_not_go_back_so_far(self, montar: Montar) -> None:
        uno = await datos.un_conjunto()
        almacen = AlmacenEnMemoria()
        analitica = montar(almacen)
        await analitica.poner_al_dia()
        await mover(uno)
        # A place from long ago, before the server itself.
        viejo = {"_data": "8200000001000000012B0229296E04"}
        await Copia.get_motor_collection().update_one({"_id": UNICO}, {"$set": {"posicion": viejo}})
        await analitica.poner_al_dia()
        assert vivas(almacen) == await copia_de(montar)

    async def test_data_that_was_put_back(self, montar: Montar) -> None:
        """A backup brings no place in the log: what is not in it any more is gone outside too."""
        uno = await datos.un_conjunto()
        almacen = AlmacenEnMemoria()
        await montar(almacen).poner_al_dia()
        await mover(uno)
        await montar(almacen).poner_al_dia()
        await datos.olvidar_lo_copiado()
        await Espacio.get_motor_collection().delete_one({"codigo": "B-1"})
        await montar(almacen).poner_al_dia()
        assert vivas(almacen) == await copia_de(montar)

    async def test_another_key(self, montar: Montar) -> None:
        await datos.un_conjunto()
        almacen = AlmacenEnMemoria()
        await montar(almacen).poner_al_dia()
        antes = {fila["unidad"] for fila in almacen.vivas("solicitudes")}
        await montar(almacen, clave=b"otra clave de treinta y dos bytes!!!").poner_al_dia()
        ahora = {fila["unidad"] for fila in almacen.vivas("solicitudes")}
        assert len(ahora) == 3
        assert antes.isdisjoint(ahora)

    async def test_a_table_that_somebody_dropped(self, montar: Montar) -> None:
        await datos.un_conjunto()
        almacen = AlmacenEnMemoria()
        await montar(almacen).poner_al_dia()
        del almacen.tablas["espacios"]
        await montar(almacen).poner_al_dia()
        assert len(almacen.vivas("espacios")) == 3


class TestSinAlmacen:
    async def test_is_said_once_and_made_up_for(self, montar: Montar, caplog: pytest.LogCaptureFixture) -> None:
        await datos.un_conjunto()
        almacen = AlmacenEnMemoria()
        analitica = montar(almacen)
        almacen.ausente = True
        with caplog.at_level(logging.WARNING):
            await analitica.atender()
            await analitica.atender()
        assert [registro.getMessage() for registro in caplog.records] == [
            "la analítica espera: BigQuery: ServiceUnavailable"
        ]
        almacen.ausente = False
        await analitica.atender()
        assert len(almacen.vivas("solicitudes")) == 3


class TestPorHacer:
    async def test_all_and_then_what_changed(self, montar: Montar) -> None:
        uno = await datos.un_conjunto()
        almacen = AlmacenEnMemoria()
        analitica = montar(almacen)
        por_hacer = await analitica.por_hacer()
        assert (por_hacer.todo, por_hacer.estructura) == (True, list(_TABLAS))
        assert por_hacer.filas == {"sorteos": 1, "solicitudes": 3, "resultados": 1, "asignaciones": 1, "espacios": 3}
        assert await Copia.find_all().count() == 0
        await analitica.poner_al_dia()
        await _nada(analitica)
        await mover(uno)
        por_hacer = await analitica.por_hacer()
        assert por_hacer.filas == {"sorteos": 1, "solicitudes": 3, "resultados": 1, "asignaciones": 1, "espacios": 2}


async def _nada(analitica: AnaliticaService) -> None:
    por_hacer = await analitica.por_hacer()
    assert (por_hacer.todo, por_hacer.estructura) == (False, [])
    assert set(por_hacer.filas.values()) == {0}
