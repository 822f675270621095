"""`/conjunto`: everybody who is signed in reads it, the administration changes it, and minutes are headed by it."""

from types import SimpleNamespace

import httpx
import pytest
from beanie import PydanticObjectId

from app.core.security import Principal, Rol
from app.database.unit_of_work import UnitOfWork
from app.modules.conjunto.public import ConjuntoService
from app.modules.conjunto.repository import ConjuntoRepository
from app.modules.conjunto.router import router
from tests.conftest import Abrir


class Porteria:
    """The token is the role."""

    async def autenticar(self, token: str) -> Principal:
        return Principal(usuario_id=PydanticObjectId(), rol=Rol(token), sesion_id=PydanticObjectId())


@pytest.fixture
async def cliente(base_real: UnitOfWork, abrir_app: Abrir) -> httpx.AsyncClient:
    servicio = ConjuntoService(conjuntos=ConjuntoRepository(), uow=base_real, primer_nombre="Altos")
    estado = SimpleNamespace(servicio=servicio)
    cliente = await abrir_app([router], autenticador=Porteria(), conjunto=estado)
    cliente.base_url = httpx.URL("http://parknet/api/v1/")
    return cliente


def como(rol: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {rol}"}


VACIO = {
    "nombre": "Altos",
    "nit": None,
    "ciudad": None,
    "direccion": None,
    "telefono": None,
    "horario": None,
    "fundamento": None,
    "papel": "carta",
    "acta_por": "folio",
}


async def test_al_principio_tiene_el_nombre_de_los_ajustes(cliente: httpx.AsyncClient) -> None:
    assert (await cliente.get("conjunto", headers=como("residente"))).json() == VACIO


async def test_se_cambia_lo_que_viene_y_lo_ausente_queda(cliente: httpx.AsyncClient) -> None:
    dicho = {"nombre": "Los Cerros", "nit": "900.1-2", "papel": "a4", "acta_por": "unidad"}
    assert (await cliente.patch("conjunto", json=dicho, headers=como("admin"))).json() == VACIO | dicho
    respuesta = await cliente.patch("conjunto", json={"ciudad": "Bogotá"}, headers=como("admin"))
    assert respuesta.json() == VACIO | dicho | {"ciudad": "Bogotá"}
    assert (await cliente.patch("conjunto", json={}, headers=como("admin"))).json() == respuesta.json()


@pytest.mark.parametrize("nada", [None, "", "  "])
async def test_null_y_un_texto_vacio_borran(cliente: httpx.AsyncClient, nada: str | None) -> None:
    await cliente.patch("conjunto", json={"nit": "9"}, headers=como("admin"))
    assert (await cliente.patch("conjunto", json={"nit": nada}, headers=como("admin"))).json() == VACIO


@pytest.mark.parametrize("campo", ["nombre", "papel", "acta_por"])
@pytest.mark.parametrize("nada", [None, ""])
async def test_nombre_y_papel_no_se_borran(cliente: httpx.AsyncClient, campo: str, nada: str | None) -> None:
    respuesta = await cliente.patch("conjunto", json={campo: nada}, headers=como("admin"))
    assert respuesta.status_code == 422
    assert [e["campo"] for e in respuesta.json()["errores"]] == [campo]
