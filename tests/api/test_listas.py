"""Every list of the API, in every order it takes: served by an index, and refused where the order is not its own."""

import base64
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from beanie import Document, PydanticObjectId
from pymongo import IndexModel

from app.shared.repository import Repository
from app.wiring.documents import DOCUMENTOS
from tests.api.conftest import Aplicacion
from tests.api.mundo import Mundo
from tests.api.operaciones import OPERACIONES, Operacion

LISTAS = {
    nombre: o
    for nombre, o in OPERACIONES.items()
    if o.metodo == "GET" and nombre.split("_", 1)[1].startswith("listar_")
} | {n: OPERACIONES[n] for n in ("solicitudes_ver_historial", "sorteo_ver_evaluacion")}

SIN_IDS = {"solicitudes_ver_historial", "sorteo_ver_evaluacion", "sorteo_listar_resultados"}
"""Their rows have no id of their own."""


def _clases(base: type[Any]) -> set[type[Any]]:
    return {c for hija in base.__subclasses__() for c in (hija, *_clases(hija))}


def ordenes() -> list[str]:
    """Whatever some list takes, both ways."""
    campos = {
        orden.removeprefix("-")
        for clase in _clases(Repository)
        if clase.__module__.startswith("app.")
        for orden in clase.ordenes
    }
    return sorted(campos | {f"-{campo}" for campo in campos})


async def lecturas_con_orden(aplicacion: Aplicacion, mundo: Mundo, operacion: Operacion, quien: str) -> list[Any]:
    """What the database says of each query that a list makes, first page and second, in every order."""
    base = aplicacion.base
    await base.command("profile", 2)
    try:
        for orden in (None, *ordenes()):
            consulta: dict[str, Any] = {"limite": 1, **({} if orden is None else {"orden": orden})}
            while consulta:
                respuesta = await mundo.cliente.get(
                    operacion.camino(mundo), params=consulta, headers=mundo.quien[quien]
                )
                if orden is not None and respuesta.status_code == 422:
                    assert respuesta.json()["errores"][0]["campo"] == "orden"
                    break
                if respuesta.status_code == 404:
                    return []
                assert respuesta.status_code == 200, respuesta.text
                siguiente = respuesta.json()["siguiente"]
                otra = siguiente is not None and "cursor" not in consulta
                consulta = {**consulta, "cursor": siguiente} if otra else {}
    finally:
        await base.command("profile", 0)
    hechas = await base["system.profile"].find({"command.find": {"$exists": True}}).to_list(None)
    await base["system.profile"].drop()
    # One more than the page holds: so lists know whether there is another.
    return [h for h in hechas if h["command"].get("sort") and h["command"].get("limit") == 2]


@pytest.mark.parametrize("nombre", LISTAS)
async def test_ninguna_ordena_en_memoria_ni_recorre_todo(nombre: str, mundo: Mundo, aplicacion: Aplicacion) -> None:
    operacion = LISTAS[nombre]
    malas = set()
    for quien in sorted(operacion.quienes):
        for hecha in await lecturas_con_orden(aplicacion, mundo, operacion, quien):
            if hecha.get("hasSortStage") or "COLLSCAN" in hecha.get("planSummary", ""):
                orden, filtro = dict(hecha["command"]["sort"]), dict(hecha["command"].get("filter", {}))
                malas.add(f"{quien}: {hecha['command']['find']} {filtro} {orden}: {hecha.get('planSummary')}")
    assert not malas, "\n".join(sorted(malas))


@pytest.mark.parametrize("documento", DOCUMENTOS, ids=lambda d: d.__name__)
async def test_todo_indice_declarado_existe(documento: type[Document], aplicacion: Aplicacion) -> None:
    """Of two on the same fields only one is made."""
    ajustes = getattr(documento, "Settings", None)
    declarados = {i.document["name"] for i in getattr(ajustes, "indexes", ()) if isinstance(i, IndexModel)}
    coleccion = aplicacion.base[documento.get_collection_name()]
    assert declarados <= set(await coleccion.index_information())


CON_IDS = [nombre for nombre in LISTAS if nombre not in SIN_IDS]
_UNO = re.compile(r"/\{\w+\}")
_QUE_SE_VEN = {o.ruta for o in OPERACIONES.values() if o.metodo == "GET"}
CON_UNO = [n for n in CON_IDS if any(_UNO.fullmatch(ruta.removeprefix(LISTAS[n].ruta)) for ruta in _QUE_SE_VEN)]


POR_CODIGO = {"sorteo_listar_espacios", "sorteo_listar_prioridades", "residentes_listar_condiciones"}
"""Their rows are known by a code."""


class TestPorIds:
    @pytest.mark.parametrize("nombre", CON_IDS)
    async def test_da_esos_y_ninguno_que_no_se_ve(self, nombre: str, mundo: Mundo) -> None:
        operacion = LISTAS[nombre]
        camino, quien = operacion.camino(mundo), mundo.quien[operacion.quien]
        todos = [fila["id"] for fila in (await mundo.cliente.get(camino, headers=quien)).json()["items"]]
        pedidos = [*todos[::2], "nadie" if nombre in POR_CODIGO else str(PydanticObjectId())]
        consulta = {"ids": ",".join(pedidos), "contar": "true"}
        hallada = await mundo.cliente.get(camino, params=consulta, headers=quien)
        respuesta = hallada.json()
        assert {fila["id"] for fila in respuesta["items"]} == set(todos[::2])
        assert respuesta["total"] == len(todos[::2])
        assert hallada.headers["X-Total-Count"] == str(respuesta["total"])

    @pytest.mark.parametrize("nombre", [n for n in CON_IDS if n not in POR_CODIGO])
    async def test_un_id_se_escribe_como_en_una_ruta(self, nombre: str, mundo: Mundo) -> None:
        """Where capitals are its letters too."""
        operacion = LISTAS[nombre]
        camino, quien = operacion.camino(mundo), mundo.quien[operacion.quien]
        todos = [fila["id"] for fila in (await mundo.cliente.get(camino, headers=quien)).json()["items"]]
        hallada = await mundo.cliente.get(camino, params={"ids": ",".join(todos).upper() or "A" * 24}, headers=quien)
        assert {fila["id"] for fila in hallada.json()["items"]} == set(todos)

    @pytest.mark.parametrize("nombre", CON_UNO)
    async def test_el_id_de_una_fila_la_abre(self, nombre: str, mundo: Mundo) -> None:
        operacion = LISTAS[nombre]
        camino, quien = operacion.camino(mundo), mundo.quien[operacion.quien]
        for fila in (await mundo.cliente.get(camino, headers=quien)).json()["items"]:
            una = await mundo.cliente.get(f"{camino}/{quote(fila['id'], safe='')}", headers=quien)
            assert una.status_code == 200, una.text
            assert una.json()["id"] == fila["id"]

    @pytest.mark.parametrize(
        ("ids", "codigo"),
        [
            ("x", "forma_invalida"),
            ("a" * 24 + ",", "forma_invalida"),
            (",".join(["a" * 24] * 101), "forma_invalida"),
            ("", "parametro_vacio"),
        ],
    )
    async def test_lo_que_no_son_ids_se_niega(self, ids: str, codigo: str, mundo: Mundo) -> None:
        respuesta = await mundo.cliente.get("/api/v1/residentes", params={"ids": ids}, headers=mundo.quien["admin"])
        assert respuesta.status_code == 422
        assert [(e["campo"], e["codigo"]) for e in respuesta.json()["errores"]] == [("ids", codigo)]


@pytest.mark.parametrize("nombre", LISTAS)
async def test_un_cursor_no_dice_nada_de_lo_que_se_ve(nombre: str, mundo: Mundo) -> None:
    """Cursors stand in addresses and in logs."""
    operacion = LISTAS[nombre]
    camino, quien = operacion.camino(mundo), mundo.quien[operacion.quien]
    for orden in (None, *ordenes()):
        consulta: dict[str, Any] = {"limite": 1, **({} if orden is None else {"orden": orden})}
        respuesta = await mundo.cliente.get(camino, params=consulta, headers=quien)
        if respuesta.status_code == 422:
            assert respuesta.json()["errores"][0]["campo"] == "orden"
            continue
        pagina = respuesta.json()
        if pagina["siguiente"] is None:
            continue
        crudo = base64.urlsafe_b64decode(pagina["siguiente"] + "===")
        dicho = {texto for texto in _textos(pagina["items"]) if len(texto) > 2}
        assert dicho, nombre
        for visto in (crudo, crudo.lower(), _otra_vez(crudo)):
            assert [texto for texto in dicho if texto.encode() in visto or texto.lower().encode() in visto] == []


def _otra_vez(crudo: bytes) -> bytes:
    """Whatever within it is base64 itself."""
    return b" ".join(base64.urlsafe_b64decode(parte + b"===") for parte in re.findall(rb"[\w-]{8,}", crudo))


def _textos(valor: Any) -> Iterator[str]:
    if isinstance(valor, str):
        yield valor
    for hijo in valor.values() if isinstance(valor, dict) else valor if isinstance(valor, list) else ():
        yield from _textos(hijo)
