"""For how long things are kept, with the clock moved: whoever left goes when their time has come, and nothing that was
published changes by it."""

import hashlib
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from bson import encode
from motor.motor_asyncio import AsyncIOMotorClient

from app.core import clock
from app.main import abierto
from tests.api.conftest import Aplicacion, aplicacion_en
from tests.api.mundo import CORREO_ADMIN, V1, Mundo, construir
from tests.bases import Guardada, guardar, reponer
from tests.conftest import INICIO

pytestmark = pytest.mark.usefixtures("_su_hora")
DE_ANA = (b"1001@example.com", b"AAA101")


BASE = "pruebas_conservacion"
_mundos: list[tuple[Mundo, Guardada]] = []
"""The world with which each test begins, which the first makes; and its database."""


@pytest.fixture(scope="module")
def datos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One for all: what that world keeps sealed is sealed by its secrets."""
    return tmp_path_factory.mktemp("conservacion")


@pytest.fixture
async def otra(
    servidor: str, cliente_mongo: "AsyncIOMotorClient[dict[str, object]]", datos: Path
) -> AsyncIterator[Aplicacion]:
    for _, guardada in _mundos:
        await reponer(cliente_mongo[BASE], guardada)
    async with aplicacion_en(BASE, servidor, cliente_mongo, datos) as abierta:
        yield abierta


@pytest.fixture
async def suyo(otra: Aplicacion) -> Mundo:
    otra.base_propia()
    clock.usar_fuente(lambda: otra.reloj.instante)
    if not _mundos:
        hecho = await construir(otra.cliente, otra.reloj)
        _mundos.append((hecho, await guardar(otra.base)))
    mundo = _mundos[0][0]
    return replace(mundo, cliente=otra.cliente, quien=dict(mundo.quien))


async def _limpiar(otra: Aplicacion, *, dias: float) -> None:
    """So many days after the beginning, a round by a process of then."""
    otra.reloj.poner(INICIO + timedelta(days=dias))
    async with abierto(otra.ajustes) as (_, servicios):
        await servicios.limpieza.limpiar()
        await servicios.auditoria.cada_poco[1]()
    otra.base_propia()


async def _cuantos(otra: Aplicacion, coleccion: str, **filtro: object) -> int:
    return await otra.base[coleccion].count_documents(filtro)


async def _nombrada(otra: Aplicacion) -> set[str]:
    """The collections in which something of Ana stands."""
    return {
        nombre
        for nombre in await otra.base.list_collection_names()
        async for fila in otra.base[nombre].find({})
        if any(palabra in encode(fila) for palabra in DE_ANA)
    }


async def _hasta_el_fin(suyo: Mundo, otra: Aplicacion) -> None:
    """The draw that is over ends, as it does by itself after its term."""
    otra.reloj.poner(INICIO + timedelta(days=400))
    suyo.quien["admin"] = await suyo.entrar(CORREO_ADMIN)
    await suyo.pedir("POST", f"/sorteo/{suyo.publicado}/finalizar")


class TestQuienSeFue:
    async def test_se_suprime_a_los_diez_anios_y_lo_publicado_no_cambia(self, suyo: Mundo, otra: Aplicacion) -> None:
        await suyo.pedir("DELETE", f"/residentes/{suyo.ana.id}?confirmar=true", espera=204)
        antes = await otra.cliente.get(f"{V1}/sorteo/{suyo.publicado}/bases", headers=suyo.quien["admin"])
        await _hasta_el_fin(suyo, otra)
        await suyo.pedir("DELETE", f"/sorteo/{suyo.abierto}/anular", json={"motivo": "-"}, espera=409)
        await suyo.pedir("POST", f"/sorteo/{suyo.abierto}/anular", json={"motivo": "Nadie lo cerró"})

        await _limpiar(otra, dias=3649.9)
        assert {"residentes", "usuarios"} <= await _nombrada(otra)
        await _limpiar(otra, dias=3650)
        # The plate of somebody who asked in a draw of before goes with them: nobody lives in the flat any more.
        assert await _nombrada(otra) == set()

        suyo.quien["admin"] = await suyo.entrar(CORREO_ADMIN)
        await suyo.pedir("GET", f"/residentes/{suyo.ana.id}", espera=404)
        despues = await otra.cliente.get(f"{V1}/sorteo/{suyo.publicado}/bases", headers=suyo.quien["admin"])
        assert despues.content == antes.content
        verificacion = await suyo.pedir("GET", f"/sorteo/{suyo.publicado}/verificacion")
        assert hashlib.sha256(despues.content).hexdigest() == verificacion["huella"]
        auditoria = await suyo.pedir("GET", "/auditoria/verificacion")
        assert auditoria["integra"], auditoria
        (fila,) = (await suyo.pedir("GET", "/auditoria?accion=residentes_suprimir_residente"))["items"]
        assert (fila["rol"], fila["actor"]) == ("sistema", None)
        # Who lives here stays, however long ago they were last touched.
        assert (await suyo.pedir("GET", f"/residentes/{suyo.luis.id}"))["numero_documento"] == "1002"

    async def test_no_mientras_siga_un_sorteo_de_entonces(self, suyo: Mundo, otra: Aplicacion) -> None:
        await suyo.pedir("DELETE", f"/residentes/{suyo.ana.id}?confirmar=true", espera=204)
        await _hasta_el_fin(suyo, otra)
        await _limpiar(otra, dias=4000)
        assert "residentes" in await _nombrada(otra)
        suyo.quien["admin"] = await suyo.entrar(CORREO_ADMIN)
        await suyo.pedir("POST", f"/sorteo/{suyo.abierto}/anular", json={"motivo": "Nadie lo cerró"})
        await _limpiar(otra, dias=4001)
        assert await _nombrada(otra) == set()

    async def test_nadie_mientras_sean_cero_dias(self, suyo: Mundo, otra: Aplicacion) -> None:
        await suyo.pedir("DELETE", f"/residentes/{suyo.ana.id}?confirmar=true", espera=204)
        await _hasta_el_fin(suyo, otra)
        await suyo.pedir("POST", f"/sorteo/{suyo.abierto}/anular", json={"motivo": "Nadie lo cerró"})
        nunca = otra.ajustes.model_copy(update={"conservar_residentes_dias": 0})
        otra.reloj.poner(INICIO + timedelta(days=36500))
        async with abierto(nunca) as (_, servicios):
            await servicios.limpieza.limpiar()
        otra.base_propia()
        assert "residentes" in await _nombrada(otra)


class TestLoDemas:
    async def test_cada_cosa_hasta_que_cumple_su_plazo(self, suyo: Mundo, otra: Aplicacion) -> None:
        await suyo.pedir("POST", "/auth/logout", "vecino", espera=204)
        cabeceras = {**suyo.quien["operador"], "Content-Type": "text/csv"}
        subida = await otra.cliente.post(
            V1 + "/residentes/unidades/importar", content="torre,apartamento\nTorre 7,701\n", headers=cabeceras
        )
        assert subida.status_code == 202
        terminadas = {"terminada_en": {"$ne": None}}
        usadas = {"pendiente": False}
        assert await _cuantos(otra, "trabajos_archivos") == 1
        assert await _cuantos(otra, "trabajos", estado="cancelado") == 1
        assert await _cuantos(otra, "sesiones", **terminadas) == 1
        assert await _cuantos(otra, "avisos") > 0
        assert await _cuantos(otra, "invitaciones", **usadas) > 0

        async def queda(dias: float) -> list[bool]:
            await _limpiar(otra, dias=dias)
            return [
                await _cuantos(otra, "trabajos_archivos") > 0,
                await _cuantos(otra, "trabajos", estado="cancelado") > 0,
                await _cuantos(otra, "sesiones", **terminadas) > 0,
                await _cuantos(otra, "invitaciones", **usadas) > 0,
                await _cuantos(otra, "invitaciones", email="otro.operador@example.com") > 0,
                await _cuantos(otra, "avisos") > 0,
            ]

        # The past of that world began five days before.
        assert await queda(0.99) == [True] * 6
        assert await queda(1) == [False] + [True] * 5
        assert await queda(29.99) == [False] + [True] * 5
        assert await queda(30) == [False] * 2 + [True] * 4
        assert await queda(89.99) == [False] * 2 + [True] * 4
        assert await queda(90) == [False] * 3 + [True] * 3
        assert await queda(359) == [False] * 3 + [True] * 3
        assert await queda(365) == [False] * 4 + [True] * 2
        # It could be taken up for fourteen days.
        assert await queda(379) == [False] * 5 + [True]
        assert await queda(724) == [False] * 5 + [True]
        assert await queda(730) == [False] * 6
        assert await _cuantos(otra, "trabajos", estado="en_cola") == 1
        assert await _cuantos(otra, "residentes") == 2


class TestUnaSalidaQueTerminaUnaSolicitud:
    @pytest.mark.parametrize(("metodo", "ruta"), [("DELETE", ""), ("POST", "/suprimir")])
    async def test_se_confirma(self, metodo: str, ruta: str, suyo: Mundo, otra: Aplicacion) -> None:
        digesto = await otra.digesto()
        negada = await suyo.pedir(metodo, f"/residentes/{suyo.ana.id}{ruta}", espera=409)
        assert negada["codigo"] == "unidad_quedaria_vacia"
        await suyo.pedir(metodo, f"/residentes/{suyo.ana.id}{ruta}?confirmar=false", espera=409)
        assert await otra.digesto() == digesto
        await suyo.pedir(metodo, f"/residentes/{suyo.ana.id}{ruta}?confirmar=true", espera=204)
        assert (await suyo.pedir("GET", f"/solicitudes/{suyo.ana.solicitud}"))["estado"] == "cancelada"
        # Nothing ends any more.
        await suyo.pedir(metodo, f"/residentes/{suyo.ana.id}{ruta}", espera=204)

    async def test_no_si_alguien_mas_vive_ahi(self, suyo: Mundo) -> None:
        persona = {"nombres": "Eva", "apellidos": "Rojas", "tipo_documento": "CC", "numero_documento": "1003"}
        hogar = [{"torre": "Torre 1", "apartamento": "101", "tenencia": "propietario"}]
        await suyo.pedir("POST", "/residentes", json=persona | {"unidades": hogar}, espera=201)
        await suyo.pedir("DELETE", f"/residentes/{suyo.ana.id}", espera=204)
        assert (await suyo.pedir("GET", f"/solicitudes/{suyo.ana.solicitud}"))["estado"] == "pendiente"
