"""`If-Match` on an object made of several documents, over the real server: what the database alone would let pass."""

import asyncio
from collections.abc import Sequence

import httpx
import pytest
from beanie import Document, PydanticObjectId
from fastapi import APIRouter, Request

from app.core.dependencies import PUBLICA
from app.core.http.route import StrictRoute
from app.core.idempotency.models import DOCUMENTOS, Candado
from app.core.idempotency.wiring import montar
from app.database.unit_of_work import UnitOfWork
from app.shared.documents import Documento
from app.shared.exceptions import NoEncontrado
from app.shared.repository import Repository
from app.shared.schemas import InputSchema, OutputSchema
from tests.conftest import Abrir


class Ficha(Documento):
    mesa: str
    n: int

    class Settings(Documento.Settings):
        name = "fichas"


class Fichas(Repository[Ficha]):
    model = Ficha


class MesaOut(OutputSchema):
    fichas: list[int]


class Cambio(InputSchema):
    sumar: int


router = APIRouter(prefix="/mesas", route_class=StrictRoute)
fichas = Fichas()


@router.get("/{mesa}", openapi_extra=PUBLICA)
async def ver(mesa: str) -> MesaOut:
    leidas = await fichas.find({"mesa": mesa}, orden=[("n", 1)])
    if not leidas:
        raise NoEncontrado()
    return MesaOut(fichas=[ficha.n for ficha in leidas])


@router.delete("/{mesa}/fichas/{n}", status_code=204, openapi_extra=PUBLICA)
async def quitar(mesa: str, n: int, request: Request) -> None:
    uow: UnitOfWork = request.state.uow

    async def paso() -> None:
        if not await fichas.delete_one({"mesa": mesa, "n": n}):
            raise NoEncontrado()

    await uow.run(paso)


@router.patch("/{mesa}", openapi_extra=PUBLICA)
async def sumar(mesa: str, datos: Cambio, request: Request) -> MesaOut:
    uow: UnitOfWork = request.state.uow

    async def paso() -> MesaOut:
        await fichas.update_many({"mesa": mesa}, {"$inc": {"n": datos.sumar}})
        return await ver(mesa)

    return await uow.run(paso)


@pytest.fixture
def documentos() -> Sequence[type[Document]]:
    return (*DOCUMENTOS, Ficha)


@pytest.fixture
async def cliente(abrir_app: Abrir, base_real: UnitOfWork) -> httpx.AsyncClient:
    cliente = await abrir_app([router], **montar(uow=base_real))
    cliente.base_url = httpx.URL("http://parknet/api/v1/mesas/")
    for mesa in ("a", "b"):
        await fichas.insert_many([Ficha(id=PydanticObjectId(), mesa=mesa, n=n) for n in range(8)])
    return cliente


async def etiqueta(cliente: httpx.AsyncClient, mesa: str = "a") -> str:
    leida = await cliente.get(mesa)
    assert leida.status_code == 200
    return str(leida.headers["etag"])


async def test_de_los_que_tocan_partes_distintas_a_la_vez_pasa_uno(cliente: httpx.AsyncClient) -> None:
    si = {"If-Match": await etiqueta(cliente)}
    respuestas = await asyncio.gather(*(cliente.delete(f"a/fichas/{n}", headers=si) for n in range(8)))
    assert sorted(r.status_code for r in respuestas) == [204] + [412] * 7
    assert len((await cliente.get("a")).json()["fichas"]) == 7
    assert {r.headers["etag"] for r in respuestas if r.status_code == 412} == {await etiqueta(cliente)}


async def test_lo_de_otro_objeto_no_estorba(cliente: httpx.AsyncClient) -> None:
    si = {mesa: {"If-Match": await etiqueta(cliente, mesa)} for mesa in ("a", "b")}
    respuestas = await asyncio.gather(*(cliente.delete(f"{mesa}/fichas/1", headers=si[mesa]) for mesa in ("a", "b")))
    assert [r.status_code for r in respuestas] == [204, 204]
    assert await Candado.count() == 2


async def test_quien_no_pone_condicion_no_espera_a_nadie(cliente: httpx.AsyncClient) -> None:
    """And whoever put one sees what the others did."""
    si = {"If-Match": await etiqueta(cliente)}
    respuestas = await asyncio.gather(
        cliente.patch("a", json={"sumar": 100}), *(cliente.patch("a", json={"sumar": 1}, headers=si) for _ in range(4))
    )
    assert respuestas[0].status_code == 200
    assert sorted(r.status_code for r in respuestas[1:]) in ([200, 412, 412, 412], [412, 412, 412, 412])
    pasaron = sum(r.status_code == 200 for r in respuestas[1:])
    assert (await cliente.get("a")).json()["fichas"][0] == 100 + pasaron


async def test_el_cambio_que_no_sale_no_deja_marca(cliente: httpx.AsyncClient) -> None:
    si = {"If-Match": await etiqueta(cliente)}
    assert (await cliente.delete("a/fichas/99", headers=si)).status_code == 404
    assert (await cliente.patch("a", json={"sumar": "1"}, headers=si)).status_code == 422
    assert (await cliente.patch("a", json={"sumar": 1}, headers={"If-Match": '"otra"'})).status_code == 412
    assert await Candado.count() == 0
    assert await etiqueta(cliente) == si["If-Match"]


async def test_lo_que_no_esta_no_se_cambia_aunque_la_operacion_lo_dejara(cliente: httpx.AsyncClient) -> None:
    assert (await cliente.patch("z", json={"sumar": 1}, headers={"If-Match": "*"})).status_code == 404


async def test_varias_lineas_son_una_lista(cliente: httpx.AsyncClient) -> None:
    actual = await etiqueta(cliente)
    lineas = [(b"if-match", b'"otra"'), (b"if-match", actual.encode())]
    assert (await cliente.patch("a", json={"sumar": 0}, headers=lineas)).status_code == 200
