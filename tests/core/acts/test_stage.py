"""What a request says of itself to whoever writes the audit."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from beanie import PydanticObjectId
from fastapi import APIRouter, FastAPI
from fastapi.routing import iter_route_contexts

from app.core.acts.contract import Llamada, atendiendo, fuera_del_acto, llamada_en_curso
from app.core.acts.stage import nombre_de_operacion
from app.core.dependencies import PUBLICA, SignedInDep
from app.core.http.application import build_application
from app.core.http.route import StrictRoute
from app.core.openapi.words import documentar
from app.core.security import Principal, Rol
from app.shared.exceptions import TokenInvalido
from app.shared.schemas import Id, InputSchema
from app.wiring import build as wiring
from tests.conftest import Abrir

ID, OTRO = "0f" * 12, "1e" * 12
vistas: list[Llamada | None] = []
router = APIRouter(prefix="/cosas", tags=["cosas"], route_class=StrictRoute)


class Cosa(InputSchema):
    nombre: str
    datos: dict[str, int] = {}


async def _ver() -> None:
    vistas.append(llamada_en_curso())


@router.post("/publica", openapi_extra=PUBLICA)
async def publica(cosa: Cosa) -> None:
    del cosa
    await _ver()


@router.post("/{id}/partes/{vid}")
async def crear(id: Id, vid: Id, cosa: Cosa, quien: SignedInDep) -> None:
    del id, vid, cosa, quien
    await _ver()


@router.delete("/{codigo}")
async def borrar(codigo: str, quien: SignedInDep) -> None:
    del codigo, quien
    await _ver()


@router.put("/{id}/condiciones/{codigo}")
async def poner(id: Id, codigo: str, quien: SignedInDep) -> None:
    del id, codigo, quien
    await _ver()


@router.put("/aparatos/{token}")
async def aparato(token: str, quien: SignedInDep) -> None:
    del token, quien
    await _ver()


@router.get("/{id}")
async def leer(id: Id, quien: SignedInDep) -> None:
    del id, quien
    await _ver()


class FakeAutenticador:
    async def autenticar(self, token: str) -> Principal:
        if token not in set(Rol):
            raise TokenInvalido()
        return Principal(usuario_id=PydanticObjectId(ID), rol=Rol(token), sesion_id=None)


@pytest.fixture
async def cliente(abrir_app: Abrir) -> httpx.AsyncClient:
    vistas.clear()
    return await abrir_app([router], autenticador=FakeAutenticador())


async def pedir(cliente: httpx.AsyncClient, metodo: str, ruta: str, rol: str | None, json: Any = None) -> Llamada:
    cabeceras: Mapping[str, str] = {} if rol is None else {"Authorization": f"Bearer {rol}"}
    respuesta = await cliente.request(metodo, f"/api/v1/cosas{ruta}", headers=cabeceras, json=json)
    assert respuesta.is_success, respuesta.text
    (vista,) = vistas
    vistas.clear()
    assert vista is not None
    assert vista.traza == respuesta.headers["x-request-id"]
    return vista


async def test_lo_que_dice_un_acto(cliente: httpx.AsyncClient) -> None:
    cuerpo = {"nombre": "Zoraida", "datos": {"clave del cliente": 1}}
    vista = await pedir(cliente, "POST", f"/{ID}/partes/{OTRO}", "operador", cuerpo)
    assert vista.quien is not None
    assert (vista.operacion, vista.es_acto, vista.quien.rol) == ("cosas_crear", True, Rol.operador)
    assert (vista.objetos, vista.campos, vista.direccion) == ((ID, OTRO), ("datos", "nombre"), "127.0.0.1")
    assert llamada_en_curso() is None


@pytest.mark.parametrize(("rol", "es"), [("admin", True), ("operador", True), ("auditor", True), ("residente", False)])
async def test_actos_son_los_del_personal(rol: str, es: bool, cliente: httpx.AsyncClient) -> None:
    assert (await pedir(cliente, "DELETE", "/P-01", rol)).es_acto is es


async def test_leer_no_es_un_acto(cliente: httpx.AsyncClient) -> None:
    assert (await pedir(cliente, "GET", f"/{ID}", "admin")).es_acto is False


async def test_de_nadie_se_sabe_de_donde_viene(cliente: httpx.AsyncClient) -> None:
    vista = await pedir(cliente, "POST", "/publica", None, {"nombre": "x"})
    assert (vista.quien, vista.es_acto, vista.direccion) == (None, False, "127.0.0.1")


@pytest.mark.parametrize(
    ("metodo", "ruta", "objetos"),
    [
        ("DELETE", "/P-01", ("P-01",)),
        # A condition is somebody's, and a token is a secret: neither is the name of a thing.
        ("PUT", f"/{ID}/condiciones/discapacidad", (ID,)),
        ("PUT", "/aparatos/secreto-de-un-telefono", ()),
    ],
)
async def test_de_la_ruta_solo_lo_que_nombra_cosas(
    metodo: str, ruta: str, objetos: tuple[str, ...], cliente: httpx.AsyncClient
) -> None:
    assert (await pedir(cliente, metodo, ruta, "admin")).objetos == objetos


@pytest.mark.parametrize("escrito", ["P-%C3%B1%20", "%20P-%C3%B1", "P-n%CC%83", "P-%C3%B1%0A", "%C2%A0P-%C3%B1"])
async def test_un_codigo_es_el_de_la_cosa_como_se_escriba(cliente: httpx.AsyncClient, escrito: str) -> None:
    """Whoever looks for the acts on a space finds them all."""
    assert (await pedir(cliente, "DELETE", f"/{escrito}", "admin")).objetos == ("P-ñ",)


async def test_lo_rechazado_no_llega_a_ser_llamada(cliente: httpx.AsyncClient) -> None:
    respuesta = await cliente.post("/api/v1/cosas/publica", content=b"{", headers={"Content-Type": "application/json"})
    assert respuesta.status_code == 400
    assert vistas == []


def test_fuera_del_acto_sigue_siendo_la_misma_llamada() -> None:
    with atendiendo(Llamada(operacion="a", traza="t", es_acto=True)):
        with fuera_del_acto():
            dentro = llamada_en_curso()
            assert dentro is not None
            assert (dentro.traza, dentro.es_acto) == ("t", False)
        fuera = llamada_en_curso()
        assert fuera is not None
        assert fuera.es_acto
    with fuera_del_acto():
        assert llamada_en_curso() is None


@asynccontextmanager
async def _nunca(_: FastAPI) -> AsyncIterator[Mapping[str, Any]]:
    yield {}


def test_el_nombre_es_el_de_la_operacion() -> None:
    """What the audit calls an operation is what the document calls it."""
    app = build_application(lifespan=_nunca, routers=wiring.ROUTERS, documentar=documentar())
    nombres = {
        ruta.unique_id: nombre_de_operacion(ruta.original_route)
        for ruta in iter_route_contexts(app.routes)
        if isinstance(ruta.original_route, StrictRoute)
    }
    assert len(nombres) > 50
    assert {oficial: propio for oficial, propio in nombres.items() if oficial != propio} == {}
