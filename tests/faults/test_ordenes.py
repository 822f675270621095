"""Every kind of call, while every kind of command fails in every way: never a 500, and what is said is true."""

import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import httpx
import pymongo
import pytest

from app.database import deadlines
from tests.api.mundo import CLAVE, CORREO_ADMIN, V1
from tests.api.problemas import defectos
from tests.faults.conftest import Fallas

FALLAS: dict[str, dict[str, Any]] = {
    "interrumpida": {"errorCode": 11602},
    "se_corta": {"closeConnection": True},
    "sin_mayoria": {"writeConcernError": {"code": 11602, "errmsg": "operation was interrupted"}},
}
TARDES: dict[str, dict[str, Any]] = {
    "tarda": {"errorCode": 50},
    "sin_mayoria_a_tiempo": {"writeConcernError": {"code": 64, "errmsg": "waiting for replication timed out"}},
}
"""What took too long has had its time: it is not asked for again."""
LECTURAS = ["find", "aggregate", "count", "distinct", "getMore"]
ESCRITURAS = ["insert", "update", "delete", "findAndModify"]
CONFIRMAR = ["commitTransaction"]


@dataclass(frozen=True)
class Llamada:
    """`hecha`: whether what it asks for stands."""

    hacer: Callable[[], Awaitable[httpx.Response]]
    hecha: Callable[[], Awaitable[bool]]


async def _nunca() -> bool:
    return False


async def _llamada(fallas: Fallas, clase: str) -> Llamada:
    cliente, base, cabeceras = fallas.cliente, fallas.base, fallas.cabeceras
    codigo = uuid.uuid4().hex[:12]
    espacio = {"codigo": codigo, "tipo": "carro"}

    async def esta() -> bool:
        return bool(await base["espacios"].count_documents({"codigo": codigo}))

    async def cambiado() -> bool:
        return bool(await base["espacios"].count_documents({"codigo": codigo, "zona": "z9"}))

    if clase == "POST":
        return Llamada(lambda: cliente.post(f"{V1}/sorteo/espacios", json=espacio, headers=cabeceras), esta)
    if clase == "POST con clave":
        con_clave = cabeceras | {"Idempotency-Key": codigo}
        return Llamada(lambda: cliente.post(f"{V1}/sorteo/espacios", json=espacio, headers=con_clave), esta)
    if clase == "PATCH":
        (await cliente.post(f"{V1}/sorteo/espacios", json=espacio, headers=cabeceras)).raise_for_status()
        ruta = f"{V1}/sorteo/espacios/{codigo}"
        return Llamada(lambda: cliente.patch(ruta, json={"zona": "z9"}, headers=cabeceras), cambiado)
    if clase == "lista":
        return Llamada(lambda: cliente.get(f"{V1}/sorteo/espacios?contar=true", headers=cabeceras), _nunca)
    credenciales = {"username": CORREO_ADMIN, "password": CLAVE}
    if clase == "login":
        return Llamada(lambda: cliente.post(f"{V1}/auth/login", data=credenciales), _nunca)
    sesion = (await cliente.post(f"{V1}/auth/login", data=credenciales)).json()
    return Llamada(lambda: cliente.post(f"{V1}/auth/refresh", json={"refresh_token": sesion["refresh_token"]}), _nunca)


POCO = 0.7
"""Seconds for what is never answered."""
CASOS = [
    (clase, nombre, ordenes)
    for clase in ("POST", "POST con clave", "PATCH", "lista", "login", "refresh")
    for nombre, ordenes in (("leer", LECTURAS), ("escribir", ESCRITURAS), ("confirmar", CONFIRMAR))
    if nombre == "leer" or clase != "lista"
]


def _juzgar(respuesta: httpx.Response, hecha: bool) -> None:
    if respuesta.is_success:
        return
    assert defectos(respuesta, {503}) == []
    assert int(respuesta.headers["retry-after"]) > 0
    codigo = respuesta.json()["codigo"]
    assert codigo in ("no_disponible_ahora", "resultado_desconocido")
    assert not (hecha and codigo == "no_disponible_ahora"), "se dijo que no, y quedó hecho"


@pytest.mark.parametrize(("clase", "ordenes"), [(c, o) for c, _, o in CASOS], ids=[f"{c}-{n}" for c, n, _ in CASOS])
class TestMientrasFalla:
    @pytest.mark.parametrize("falla", FALLAS)
    async def test_dos_veces_no_llega_a_nadie(self, fallas: Fallas, clase: str, falla: str, ordenes: list[str]) -> None:
        """The driver, or the transaction, asks again until it is answered."""
        llamada = await _llamada(fallas, clase)
        async with fallas.en(ordenes, FALLAS[falla], veces=2):
            respuesta = await llamada.hacer()
        assert respuesta.is_success, respuesta.text
        _juzgar(respuesta, await llamada.hecha())

    @pytest.mark.parametrize("falla", ["se_corta", *TARDES])
    async def test_siempre_se_dice_la_verdad(
        self, fallas: Fallas, clase: str, falla: str, ordenes: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        llamada = await _llamada(fallas, clase)
        monkeypatch.setattr(deadlines, "DE_UNA_OPERACION", POCO)
        async with fallas.en(ordenes, (FALLAS | TARDES)[falla]):
            with pymongo.timeout(POCO):
                respuesta = await llamada.hacer()
        _juzgar(respuesta, await llamada.hecha())
