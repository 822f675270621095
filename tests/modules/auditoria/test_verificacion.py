"""The same ways to spoil a chain as in `test_cadena.py`, in the database, found by the API and on what it exports."""

import copy
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import httpx
import pytest
from beanie import PydanticObjectId
from bson import Binary

from app.modules.auditoria.cadena import Cabeza, Falla, Informe, TipoDeFalla
from app.modules.auditoria.verificar import comprobar
from tests.conftest import Reloj
from tests.modules.auditoria.cadenas import CLAVE, CUANTAS, DANOS, Dano
from tests.modules.auditoria.conftest import Casa

# An index of unique numbers has no repeated one, and an order of its own.
SOLO_DE_LINEAS = {"movida", "al revés", "hecha de nuevo sin la clave"}
DE_LA_BASE = [d for d in DANOS if d.tipo is not TipoDeFalla.repetida and d.que not in SOLO_DE_LINEAS]


async def sellada(casa: Casa, cuantas: int = CUANTAS) -> None:
    for i in range(1, cuantas + 1):
        await casa.bitacora.suceso(tipo=f"accion_{i}", datos={"i": str(i)})
    await casa.sellador().sellar()


async def reescribir(casa: Casa, filas: Sequence[dict[str, Any]]) -> None:
    await casa.coleccion.delete_many({})
    if filas:
        await casa.coleccion.insert_many(filas)


async def exportada(casa: Casa, *conocidas: Cabeza) -> Informe:
    return comprobar([linea async for linea in casa.servicio.exportar()], CLAVE, conocidas)


async def exigir(casa: Casa, falla: Falla | None) -> None:
    """The API and the command line say the same."""
    assert (await casa.servicio.verificar()).falla == falla
    assert (await exportada(casa)).falla == falla


async def test_entera(casa: Casa) -> None:
    await exigir(casa, None)
    await sellada(casa)
    await casa.sucesos(2)
    await exigir(casa, None)
    informe = await exportada(casa)
    assert informe == await casa.servicio.verificar()
    assert (informe.sellados, informe.sin_sellar) == (CUANTAS, 2)


@pytest.mark.parametrize("dano", DE_LA_BASE, ids=lambda d: d.que)
async def test_lo_que_se_estropea_se_encuentra(dano: Dano, casa: Casa) -> None:
    await sellada(casa)
    filas = [fila | {"id": fila.pop("_id")} for fila in await casa.filas()]
    dano.hacer(filas)
    await reescribir(casa, [fila | {"_id": fila.pop("id")} for fila in filas])
    await exigir(casa, Falla(dano.tipo, dano.en))


@pytest.mark.parametrize(
    "campos",
    [
        {"actor": PydanticObjectId()},
        {"accion": "sorteo_cerrar_sorteo"},
        {"objeto": ["P-01"]},
        {"campos": ["otro"]},
        {"datos": {"i": "5"}},
        {"datos.i": "5"},
        {"traza": "otra"},
        {"direccion": "192.0.2.9"},
        {"resultado": "rechazado"},
        {"rol": "admin"},
        {"de_mas": 1},
        {"datos": Binary(b"x")},
        {"rol": 1.0},
    ],
)
async def test_se_cambie_lo_que_se_cambie(campos: dict[str, Any], casa: Casa) -> None:
    await sellada(casa)
    await casa.coleccion.update_one({"n": 4}, {"$set": campos})
    await exigir(casa, Falla(TipoDeFalla.alterada, 4))


async def test_la_hora_y_el_id_tambien_estan_sellados(casa: Casa) -> None:
    await sellada(casa)
    cuarta = (await casa.filas())[3]
    await casa.coleccion.update_one({"n": 4}, {"$set": {"hora": cuarta["hora"] + timedelta(milliseconds=1)}})
    await exigir(casa, Falla(TipoDeFalla.alterada, 4))
    await casa.coleccion.delete_one({"n": 4})
    await casa.coleccion.insert_one(cuarta | {"_id": PydanticObjectId()})
    await exigir(casa, Falla(TipoDeFalla.alterada, 4))
    await casa.coleccion.delete_one({"n": 4})
    await casa.coleccion.insert_one(cuarta)
    await exigir(casa, None)


async def test_una_cola_cortada_con_su_cabeza_la_delata_la_que_publico_un_sorteo(casa: Casa, reloj: Reloj) -> None:
    await sellada(casa)
    filas = await casa.filas()
    publicada = Cabeza(8, filas[7]["mac"])
    await reescribir(casa, copy.deepcopy(filas[:6]))
    await casa.sello.update_one({}, {"$set": {"n": 6, "mac": filas[5]["mac"]}})
    await exigir(casa, None)
    casa.publicadas.publicadas = [publicada]
    assert (await casa.servicio.verificar()).falla == Falla(TipoDeFalla.cola_cortada, 7)
    assert (await exportada(casa, publicada)).falla == Falla(TipoDeFalla.cola_cortada, 7)
    # Filled up again, it is not the same chain.
    reloj.avanzar(minutes=1)
    await casa.enmudecer()
    await casa.sucesos(4)
    await casa.sellador().sellar()
    assert (await casa.servicio.verificar()).falla == Falla(TipoDeFalla.cabeza_ajena, 8)
    assert (await exportada(casa, publicada)).falla == Falla(TipoDeFalla.cabeza_ajena, 8)


@pytest.mark.parametrize("pendiente", [None, False, "no"])
async def test_un_apunte_puesto_que_el_sellador_no_ve_se_cuenta_siempre(casa: Casa, pendiente: object) -> None:
    """A row put in by hand, or one that was waiting to be sealed and is told not to: lists show it, so it is said that
    nothing vouches for it, however often the sealer passes."""
    await sellada(casa)
    await casa.sucesos(1)
    cambio = {"$unset": {"pendiente": ""}} if pendiente is None else {"$set": {"pendiente": pendiente}}
    await casa.coleccion.update_one({"n": {"$exists": False}}, cambio)
    await casa.sellador().sellar()
    informe = await exportada(casa)
    assert informe == await casa.servicio.verificar()
    assert (informe.falla, informe.sellados, informe.sin_sellar) == (None, CUANTAS, 1)


async def test_el_sello_de_otra_clave_se_dice(casa: Casa) -> None:
    await sellada(casa)
    await casa.sello.update_one({}, {"$set": {"clave": "0" * 16}})
    assert (await casa.servicio.verificar()).falla == Falla(TipoDeFalla.otra_clave, None)


class TestPorHttp:
    async def pedir(self, api: httpx.AsyncClient, ruta: str, rol: str | None = "auditor") -> httpx.Response:
        cabeceras = {} if rol is None else {"Authorization": f"Bearer {rol}"}
        return await api.get(f"/api/v1/auditoria{ruta}", headers=cabeceras)

    async def test_la_verificacion(self, api: httpx.AsyncClient, casa: Casa) -> None:
        vacia = {"integra": True, "falla": None, "sellados": 0, "sin_sellar": 0, "cabeza": None}
        assert (await self.pedir(api, "/verificacion")).json() == vacia
        await sellada(casa)
        await casa.sucesos(1)
        mac = (await casa.filas())[8]["mac"]
        visto = (await self.pedir(api, "/verificacion")).json()
        assert visto == {
            "integra": True,
            "falla": None,
            "sellados": 9,
            "sin_sellar": 1,
            "cabeza": {"n": 9, "mac": mac},
        }
        await casa.coleccion.update_one({"n": 4}, {"$set": {"rol": "nadie"}})
        visto = (await self.pedir(api, "/verificacion")).json()
        assert (visto["integra"], visto["falla"]) == (False, {"tipo": "alterada", "n": 4})

    async def test_contra_una_cabeza_guardada(self, api: httpx.AsyncClient, casa: Casa) -> None:
        await sellada(casa)
        mac = (await casa.filas())[8]["mac"]
        visto = (await self.pedir(api, f"/verificacion?cabeza=9:{mac}")).json()
        assert visto["integra"] is True
        visto = (await self.pedir(api, f"/verificacion?cabeza=12:{mac}")).json()
        assert visto["falla"] == {"tipo": "cola_cortada", "n": 10}
        visto = (await self.pedir(api, f"/verificacion?cabeza=8:{mac}")).json()
        assert visto["falla"] == {"tipo": "cabeza_ajena", "n": 8}
        for mala in ("nueve", "9", "0:" + "0" * 64, "9:" + "0" * 63, "9" * 17 + ":" + "0" * 64):
            assert (await self.pedir(api, f"/verificacion?cabeza={mala}")).status_code == 422

    async def test_lo_exportado_se_comprueba_sin_la_api(self, api: httpx.AsyncClient, casa: Casa) -> None:
        await sellada(casa)
        await casa.sucesos(2)
        respuesta = await self.pedir(api, "/exportar")
        assert respuesta.headers["content-type"] == "application/jsonl"
        informe = comprobar(respuesta.content.splitlines(), CLAVE)
        assert (informe.falla, informe.sellados, informe.sin_sellar) == (None, CUANTAS, 2)
