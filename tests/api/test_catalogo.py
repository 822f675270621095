"""A condition is deleted while something begins to name it: on the real server, what names one finds it there."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest

from tests.api.conftest import Aplicacion
from tests.api.mundo import CORREO_ADMIN, V1, Mundo, parametros
from tests.conftest import INICIO

pytestmark = pytest.mark.usefixtures("_su_hora")
VECES = 12
"""Races of each kind: several of them fall so that either wins."""


@pytest.fixture
async def suyo(otra: Aplicacion) -> Mundo:
    otra.base_propia()
    mundo = Mundo(otra.cliente)
    mundo.quien["admin"] = await mundo.entrar(CORREO_ADMIN)
    return mundo


async def _conocer(mundo: Mundo, codigo: str) -> None:
    nombre = {"es": codigo, "en": codigo}
    await mundo.pedir("POST", "/residentes/condiciones", json={"codigo": codigo, "nombre": nombre, "vence": False})


def _regla(codigo: str, condicion: str) -> dict[str, Any]:
    return {
        "codigo": codigo,
        "descripcion": "La de la carrera",
        "condiciones": [{"campo": "condicion", "operador": "igual", "valor": condicion}],
        "efecto": {"nivel": 1},
    }


async def _carrera(
    mundo: Mundo, condicion: str, nombrar: Callable[[], Awaitable[httpx.Response]], *, despues: float
) -> httpx.Response:
    """Naming it and deleting it, begun `despues` seconds one after the other: one of the two is refused."""

    async def borrar() -> httpx.Response:
        await asyncio.sleep(despues)
        ruta = f"{V1}/residentes/condiciones/{condicion}"
        return await mundo.cliente.delete(ruta, headers=mundo.quien["admin"])

    nombrada, borrada = await asyncio.gather(nombrar(), borrar())
    hay = await mundo.cliente.get(f"{V1}/residentes/condiciones/{condicion}", headers=mundo.quien["admin"])
    if borrada.status_code == 204:
        assert (nombrada.is_success, hay.status_code) == (False, 404), nombrada.text
    else:
        assert (borrada.status_code, borrada.json()["codigo"]) == (409, "condicion_en_uso")
        assert (nombrada.is_success, hay.status_code) == (True, 200), nombrada.text
    return nombrada


@pytest.mark.parametrize("vez", range(VECES))
class TestMientrasSeBorra:
    async def test_un_espacio(self, suyo: Mundo, vez: int) -> None:
        condicion = f"del_espacio_{vez}"
        await _conocer(suyo, condicion)
        espacio = {"codigo": f"E-{vez}", "tipo": "carro", "reserva": condicion}

        async def nombrar() -> httpx.Response:
            return await suyo.cliente.post(f"{V1}/sorteo/espacios", json=espacio, headers=suyo.quien["admin"])

        nombrada = await _carrera(suyo, condicion, nombrar, despues=vez / 1000)
        if not nombrada.is_success:
            (error,) = nombrada.json()["errores"]
            assert (error["campo"], error["codigo"]) == ("reserva", "no_existe")

    async def test_una_regla(self, suyo: Mundo, vez: int) -> None:
        condicion = f"de_la_regla_{vez}"
        await _conocer(suyo, condicion)

        async def nombrar() -> httpx.Response:
            regla = _regla(f"regla_{vez}", condicion)
            return await suyo.cliente.post(f"{V1}/sorteo/prioridades", json=regla, headers=suyo.quien["admin"])

        nombrada = await _carrera(suyo, condicion, nombrar, despues=vez / 1000)
        if not nombrada.is_success:
            (error,) = nombrada.json()["errores"]
            assert (error["campo"], error["codigo"]) == ("condiciones.0.valor", "no_existe")


@pytest.mark.parametrize("vez", range(VECES))
async def test_un_sorteo_que_se_abre_con_la_regla_que_se_quita(suyo: Mundo, otra: Aplicacion, vez: int) -> None:
    """The rule and then its condition are deleted while a draw opens with both: the draw has neither, or the
    condition stays."""
    condicion, regla, espacio = f"del_sorteo_{vez}", f"de_sorteo_{vez}", f"S-{vez}"
    await _conocer(suyo, condicion)
    await suyo.pedir("POST", "/sorteo/espacios", json={"codigo": espacio, "tipo": "carro"})
    await suyo.pedir("POST", "/sorteo/prioridades", json=_regla(regla, condicion))
    nuevo = parametros(f"Carrera {vez}", disponible=INICIO + timedelta(days=30)) | {"espacios": [espacio]}
    sorteo = (await suyo.pedir("POST", "/sorteo", json=nuevo))["id"]

    async def quitar() -> int:
        await asyncio.sleep(vez / 500)
        await suyo.pedir("DELETE", f"/sorteo/prioridades/{regla}", espera=204)
        ruta = f"{V1}/residentes/condiciones/{condicion}"
        return (await suyo.cliente.delete(ruta, headers=suyo.quien["admin"])).status_code

    abierto, borrada = await asyncio.gather(suyo.pedir("POST", f"/sorteo/{sorteo}/abrir"), quitar())
    assert abierto["estado"] == "abierto"
    guardado = await otra.base["sorteos"].find_one({"nombre": f"Carrera {vez}"})
    assert guardado is not None
    nombradas = {c["valor"] for r in guardado["reglas"] for c in r["condiciones"]}
    assert (borrada, condicion in nombradas) in {(204, False), (409, True)}
    # What it names it names for ever.
    segunda = await suyo.cliente.delete(f"{V1}/residentes/condiciones/{condicion}", headers=suyo.quien["admin"])
    assert segunda.status_code == {204: 404, 409: 409}[borrada]
