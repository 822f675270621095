"""A server that takes connections and says nothing: everybody has an answer all the same, and nobody is in the way."""

import asyncio

import httpx

from tests.api.mundo import V1
from tests.faults.conftest import Fallas

LLAMADAS = 60
"""More than there were threads for."""


async def _pedir(fallas: Fallas, ruta: str) -> httpx.Response:
    return await fallas.cliente.get(ruta, headers=fallas.cabeceras)


async def test_todas_tienen_respuesta_y_la_salud_no_espera(fallas: Fallas) -> None:
    with fallas.pausado():
        listas = [asyncio.create_task(_pedir(fallas, f"{V1}/sorteo/espacios")) for _ in range(LLAMADAS)]
        await asyncio.sleep(0.1)
        vive = await _pedir(fallas, "/health/live")
        lista = await _pedir(fallas, "/health/ready")
        assert (vive.status_code, lista.status_code) == (200, 503)
        # The server is silent still: whoever waited for it would not have come so far.
        respuestas = await asyncio.gather(*listas)
    assert {respuesta.status_code for respuesta in respuestas} == {503}
    await fallas.vuelve()
    assert (await fallas.cliente.get(f"{V1}/sorteo/espacios", headers=fallas.cabeceras)).status_code == 200


async def test_lo_que_se_pidio_con_clave_se_hace_una_vez_cuando_vuelve(fallas: Fallas) -> None:
    cabeceras = fallas.cabeceras | {"Idempotency-Key": "durante-la-pausa"}
    espacio = {"codigo": "PAUSA", "tipo": "carro"}

    async def pedir() -> httpx.Response:
        return await fallas.cliente.post(f"{V1}/sorteo/espacios", json=espacio, headers=cabeceras)

    with fallas.pausado():
        assert (await pedir()).status_code == 503
    await fallas.vuelve()
    while (respuesta := await pedir()).status_code != 201:
        assert respuesta.json()["codigo"] in ("en_curso", "no_disponible_ahora")
        await asyncio.sleep(0.2)
    assert await fallas.base["espacios"].count_documents({"codigo": "PAUSA"}) == 1
