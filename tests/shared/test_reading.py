"""Reads that are one command, on the real server."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from typing import Any
from unittest.mock import ANY

import pytest
from beanie import PydanticObjectId

from app.database.unit_of_work import UnitOfWork
from app.shared.reading import Fila, Lectura, a_ratos, por_adelantado, uno_detras_de_otro
from tests.bases import sueltas
from tests.shared.conftest import Cosa, CosaRepository

_EN_ORDEN: list[dict[str, Any]] = [{"$sort": {"nombre": 1}}]


def _nombres(cosas: CosaRepository, grupo: str) -> Lectura[list[str]]:
    return cosas.reading([{"$match": {"grupo": grupo}}, *_EN_ORDEN], _de)


def _de(filas: list[Fila]) -> list[str]:
    return [fila["nombre"] for fila in filas]


async def _sembrar(cosas: CosaRepository) -> None:
    for nombre, grupo in [("uno", "a"), ("dos", "b"), ("tres", "a")]:
        await cosas.insert(Cosa(nombre=nombre, grupo=grupo))


class TestLectura:
    async def test_cada_una_da_lo_suyo(self, cosas: CosaRepository) -> None:
        await _sembrar(cosas)
        de_a, de_b, de_nadie = (_nombres(cosas, grupo) for grupo in "abc")
        assert await de_a == ["tres", "uno"]
        assert await de_a.con(de_b) == (["tres", "uno"], ["dos"])
        assert await de_nadie.con(de_a.luego(len)).con(de_b) == (([], 2), ["dos"])

    async def test_lo_que_ya_se_sabe_no_se_pregunta(self, cosas: CosaRepository) -> None:
        await _sembrar(cosas)
        sabida = Lectura.hecha("sabida")
        assert await sabida == "sabida"
        assert await sabida.con(_nombres(cosas, "b")) == ("sabida", ["dos"])
        assert await _nombres(cosas, "b").con(sabida) == (["dos"], "sabida")

    async def test_por_lo_que_otra_halla(self, cosas: CosaRepository) -> None:
        """In one command."""
        uno, dos = PydanticObjectId(), PydanticObjectId()
        for nombre, grupo, cual in [("uno", "a", uno), ("dos", "b", dos), ("tres", "a", None)]:
            await cosas.insert(Cosa(id=PydanticObjectId(), nombre=nombre, grupo=grupo, de=cual))
            await cosas.insert(Cosa(id=cual or PydanticObjectId(), nombre=f"de {nombre}", grupo="c"))
        de_a, de_nadie = _nombres(cosas, "a"), _nombres(cosas, "z")
        suyas = cosas.reading(_EN_ORDEN, _de, por=("_id", de_a.campo("de")))
        quienes = cosas.reading(_EN_ORDEN, _de, por=("de", suyas.campo("_id")))
        assert await de_a.con(suyas) == (["tres", "uno"], ["de uno"])
        assert await de_a.con(suyas).con(quienes) == ((["tres", "uno"], ["de uno"]), ["uno"])
        assert await cosas.reading(_EN_ORDEN, _de, por=("_id", [dos])) == ["de dos"]
        assert await de_nadie.con(cosas.reading(_EN_ORDEN, _de, por=("_id", de_nadie.campo("de")))) == ([], [])

    async def test_por_nada_no_halla_lo_que_nada_tiene(self, cosas: CosaRepository) -> None:
        """For the database what is not there is null, and so is what nobody looks for."""
        await _sembrar(cosas)
        de_nadie = _nombres(cosas, "z")
        assert await de_nadie.con(cosas.reading(_EN_ORDEN, _de, por=("de", de_nadie.campo("_id")))) == ([], [])
        de_a = _nombres(cosas, "a")
        assert await de_a.con(cosas.reading(_EN_ORDEN, _de, por=("de", de_a.campo("de")))) == (["tres", "uno"], [])

    async def test_lo_de_una_sola_se_busca_desde_ella(self, cosas: CosaRepository) -> None:
        """Where there is none, nothing is found of what is joined to it."""
        uno = PydanticObjectId()
        await cosas.insert(Cosa(nombre="uno", grupo="a", de=uno))
        await cosas.insert(Cosa(id=uno, nombre="de uno", grupo="b"))
        for grupo, hallado in [("a", (["uno"], ["de uno"], ["de uno"])), ("z", ([], [], []))]:
            sola = cosas.reading([{"$match": {"grupo": grupo}}], _de, unica=True)
            suyas = cosas.reading(_EN_ORDEN, _de, por=("_id", sola.campo("de")))
            (primera, de_ella), otras = await sola.con(suyas).con(_nombres(cosas, "b"))
            assert (primera, de_ella, otras) == hallado

    async def test_se_espera_entre_otras(self, cosas: CosaRepository) -> None:
        await _sembrar(cosas)
        assert tuple(await asyncio.gather(_nombres(cosas, "a"), _nombres(cosas, "b"))) == (["tres", "uno"], ["dos"])

    async def test_en_una_transaccion_ve_lo_que_ella_escribio(
        self, cosas: CosaRepository, base_real: UnitOfWork
    ) -> None:
        async def escribir_y_leer() -> tuple[list[str], list[str]]:
            await _sembrar(cosas)
            return await _nombres(cosas, "a").con(_nombres(cosas, "b"))

        assert await base_real.run(escribir_y_leer) == (["tres", "uno"], ["dos"])


def test_las_partes_de_una_orden() -> None:
    """Tests of plans look at each part by itself: at what is looked for by what another finds, as by an id."""
    pasos = [{"$match": {"grupo": "a"}}]
    orden = {
        "aggregate": 1,
        "pipeline": [
            {"$documents": [{}]},
            {"$lookup": {"from": "cosas", "pipeline": pasos, "as": "_0"}},
            {"$lookup": {"from": "otras", "localField": "_0.de", "foreignField": "_id", "as": "_1"}},
        ],
    }
    una, otra = sueltas(orden)
    assert una == {"aggregate": "cosas", "pipeline": pasos, "cursor": {}}
    assert otra == {"aggregate": "otras", "pipeline": [{"$match": {"_id": {"$in": [ANY]}}}], "cursor": {}}
    assert sueltas({"find": "cosas"}) == [{"find": "cosas"}]


async def test_lo_que_es_mucho_se_toma_a_ratos() -> None:
    """Whoever waits for the loop has a turn after each hundred."""
    turnos = 0

    async def otro() -> None:
        nonlocal turnos
        while True:
            await asyncio.sleep(0)
            turnos += 1

    espera = asyncio.create_task(otro())
    varias = [varias async for varias in a_ratos(range(1_050))]
    espera.cancel()
    assert [len(v) for v in varias] == [100] * 10 + [50]
    assert turnos >= 10


async def test_lo_que_es_mucho_se_lee_igual(cosas: CosaRepository) -> None:
    muchas = [Cosa(nombre=f"{n:04}" + "x" * 100, grupo="a") for n in range(2_500)]
    await cosas.insert_many(muchas)
    assert _de(await cosas.rows({"grupo": "a"}, orden=[("nombre", 1)])) == [cosa.nombre for cosa in muchas]


async def _recorrer(lotes: AsyncGenerator[int], cada: Callable[[int], object]) -> None:
    async with por_adelantado(lotes) as uno_a_uno:
        async for n in uno_a_uno:
            cada(n)


class TestPorAdelantado:
    """Each batch is at hand, and the next one under way."""

    async def test_el_siguiente_se_hace_entretanto(self) -> None:
        empezados: list[int] = []

        async def lotes() -> AsyncGenerator[int]:
            for n in range(3):
                empezados.append(n)
                await asyncio.sleep(0)
                yield n

        vistos = []
        async with por_adelantado(lotes()) as uno_a_uno:
            async for n in uno_a_uno:
                await asyncio.sleep(0)
                vistos.append((n, max(empezados)))
        assert vistos == [(0, 1), (1, 2), (2, 2)]

    async def test_lo_que_falla_falla_donde_se_espera(self) -> None:
        async def lotes() -> AsyncGenerator[int]:
            yield 0
            raise LookupError

        vistos: list[int] = []
        with pytest.raises(LookupError):
            await _recorrer(lotes(), vistos.append)
        assert vistos == [0]

    async def test_quien_se_va_no_deja_nada_en_marcha(self) -> None:
        cerrado, otro = asyncio.Event(), asyncio.Event()

        async def lotes() -> AsyncGenerator[int]:
            try:
                yield 0
                await otro.wait()
                yield 1
            finally:
                cerrado.set()

        with pytest.raises(IndexError):
            await _recorrer(lotes(), [].pop)
        assert cerrado.is_set()


class TestUnoDetrasDeOtro:
    async def test_each_begins_once_the_one_before_is_done(self) -> None:
        hecho: list[str] = []
        sigue = asyncio.Event()

        async def uno() -> None:
            await sigue.wait()
            hecho.append("uno")

        async def dos() -> None:
            hecho.append("dos")

        async with uno_detras_de_otro() as despues:
            await despues(uno)
            hecho.append("mientras")
            sigue.set()
            await despues(dos)
            assert hecho == ["mientras", "uno"]
            await despues(None)
            assert hecho == ["mientras", "uno", "dos"]

    async def test_what_it_began_is_at_its_end_when_the_context_is(self) -> None:
        hecho: list[str] = []

        async def uno() -> None:
            await asyncio.sleep(0)
            hecho.append("uno")

        async def empezar_y_caer() -> None:
            async with uno_detras_de_otro() as despues:
                await despues(uno)
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            await empezar_y_caer()
        assert hecho == ["uno"]

    async def test_what_fails_is_heard_of_by_who_comes_next(self) -> None:
        async def falla() -> None:
            raise ZeroDivisionError

        async with uno_detras_de_otro() as despues:
            await despues(falla)
            with pytest.raises(ZeroDivisionError):
                await despues(None)
