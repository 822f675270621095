"""Tallies on the real server: exact among any number of hits at once, and of nobody's address."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorClient

from app.core.quotas.contract import Tasa
from app.core.quotas.repository import CuotasMongo
from app.shared.exceptions import DemasiadasPeticiones

CINCUENTA = Tasa("prueba", 50, 3600)
CLAVE = b"k" * 32
Cliente = AsyncIOMotorClient[dict[str, Any]]


@pytest.fixture
async def base(cliente_mongo: Cliente) -> AsyncIterator[str]:
    yield "cuotas_de_prueba"
    await cliente_mongo.drop_database("cuotas_de_prueba")


def cuotas(cliente: Cliente, base: str, *, factor: float = 1.0, clave: bytes = CLAVE) -> CuotasMongo:
    return CuotasMongo(cliente, base, clave=clave, factor=factor)


async def pasa(que: CuotasMongo, tasa: Tasa, *quien: str) -> bool:
    try:
        await que.gastar(tasa, *quien)
    except DemasiadasPeticiones:
        return False
    return True


async def test_de_muchas_a_la_vez_en_dos_procesos_pasan_las_justas(cliente_mongo: Cliente, base: str) -> None:
    una, otra = cuotas(cliente_mongo, base), cuotas(cliente_mongo, base)
    pasaron = await asyncio.gather(*(pasa((una, otra)[i % 2], CINCUENTA, "ana") for i in range(200)))
    assert sum(pasaron) == 50


async def test_dice_lo_que_queda_y_cuando_hay_mas(cliente_mongo: Cliente, base: str) -> None:
    que = cuotas(cliente_mongo, base)
    saldos = [await que.gastar(Tasa("tres", 3, 60), "ana") for _ in range(3)]
    assert [s.queda for s in saldos] == [2, 1, 0]
    assert all(1 <= s.repone_en <= 60 for s in saldos)
    with pytest.raises(DemasiadasPeticiones) as error:
        await que.gastar(Tasa("tres", 3, 60), "ana")
    assert 1 <= error.value.segundos <= 60
    assert error.value.cabeceras == {"Retry-After": str(error.value.segundos)}
    assert error.value.datos == {"politica": "tres", "limite": 3, "segundos": error.value.segundos}


async def test_lo_que_se_niega_no_se_cuenta(cliente_mongo: Cliente, base: str) -> None:
    """Whoever goes on knocking is not kept out longer for it."""
    que = cuotas(cliente_mongo, base)
    for _ in range(80):
        await pasa(que, CINCUENTA, "ana")
    [fila] = [doc async for doc in cliente_mongo[base]["cuotas"].find()]
    assert fila["currentCount"] == 50


async def test_cada_quien_y_cada_cosa_por_su_lado(cliente_mongo: Cliente, base: str) -> None:
    que = cuotas(cliente_mongo, base)
    una, otra = Tasa("una", 1, 60), Tasa("otra", 1, 60)
    assert await pasa(que, una, "ana")
    assert not await pasa(que, una, "ana")
    assert await pasa(que, una, "luis")
    assert await pasa(que, otra, "ana")
    # Where one name ends and the next begins is part of what is counted.
    assert await pasa(que, una, "an", "a")


async def test_olvidar_devuelve_todo_a_ese_y_a_nadie_mas(cliente_mongo: Cliente, base: str) -> None:
    que = cuotas(cliente_mongo, base)
    una = Tasa("una", 1, 60)
    assert await pasa(que, una, "ana")
    assert await pasa(que, una, "luis")
    await que.olvidar(una, "ana")
    assert await pasa(que, una, "ana")
    assert not await pasa(que, una, "luis")


async def test_el_factor_multiplica_y_nunca_llega_a_cero(cliente_mongo: Cliente, base: str) -> None:
    doble, nada = cuotas(cliente_mongo, base, factor=2), cuotas(cliente_mongo, base, factor=0.001)
    assert sum([await pasa(doble, Tasa("d", 2, 60), "ana") for _ in range(6)]) == 4
    assert sum([await pasa(nada, Tasa("n", 2, 60), "ana") for _ in range(6)]) == 1
    # What is told is what is counted.
    saldo = await doble.gastar(Tasa("d", 2, 60), "luis")
    assert (saldo.tasa, saldo.queda) == (Tasa("d", 4, 60), 3)


async def test_no_guarda_direcciones_ni_nombres_y_lo_que_guarda_vence(cliente_mongo: Cliente, base: str) -> None:
    await cuotas(cliente_mongo, base).gastar(CINCUENTA, "203.0.113.7", "ana@example.com")
    await cuotas(cliente_mongo, base, clave=b"z" * 32).gastar(CINCUENTA, "203.0.113.7", "ana@example.com")
    filas = [doc async for doc in cliente_mongo[base]["cuotas"].find()]
    # Under another key the same caller is somebody else: nothing but the key leads back.
    assert len(filas) == 2
    assert all(quien not in json.dumps(filas, default=str) for quien in ("203.0.113.7", "ana"))
    indices = await cliente_mongo[base]["cuotas"].index_information()
    assert indices["expireAt_1"]["expireAfterSeconds"] == 0


async def test_el_cliente_de_la_aplicacion_sobrevive_a_las_cuotas(cliente_mongo: Cliente, base: str) -> None:
    que = cuotas(cliente_mongo, base)
    await que.gastar(CINCUENTA, "ana")
    del que
    assert (await cliente_mongo.admin.command("ping"))["ok"] == 1
