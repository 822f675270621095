"""Reads that are one command, on the real server."""

import asyncio
from typing import Any

from app.database.unit_of_work import UnitOfWork
from app.shared.reading import Lectura
from tests.bases import sueltas
from tests.shared.conftest import Cosa, CosaRepository


def _nombres(cosas: CosaRepository, grupo: str) -> Lectura[list[str]]:
    pasos: list[dict[str, Any]] = [{"$match": {"grupo": grupo}}, {"$sort": {"nombre": 1}}]
    return cosas.reading(pasos, lambda filas: [fila["nombre"] for fila in filas])


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
    """Tests of plans look at each part by itself."""
    pasos = [{"$match": {"grupo": "a"}}]
    orden = {
        "aggregate": 1,
        "pipeline": [
            {"$documents": [{}]},
            {"$lookup": {"from": "cosas", "pipeline": pasos, "as": "_0"}},
            {"$lookup": {"from": "otras", "localField": "_0.de", "foreignField": "_id", "as": "_1"}},
        ],
    }
    assert sueltas(orden) == [{"aggregate": "cosas", "pipeline": pasos, "cursor": {}}]
    assert sueltas({"find": "cosas"}) == [{"find": "cosas"}]
