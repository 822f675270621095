"""Fields that are ours put into bodies that are theirs, and operators where a text is expected."""

from typing import Any

import httpx
import pytest

from app.core.security import Rol
from app.modules.auth.models import Usuario
from tests.ataques.apoyo import AUTH, OTRA, Cabeceras, invitar, sesion
from tests.modules.auth.apoyo import CLAVE, Modulo

AJENOS: tuple[dict[str, Any], ...] = (
    {"rol": "admin"},
    {"_id": "0" * 24},
    {"id": "0" * 24},
    {"usuario_id": "0" * 24},
    {"residente_id": "0" * 24},
    {"activo": True},
    {"mfa": False},
    {"mfa": True},
    {"clave": "$2b$04$" + "." * 53},
    {"rol_desde": "2020-01-01T00:00:00Z"},
    {"residencia_activa": True},
    {"sesion_id": "0" * 24},
    {"testigos": 7},
    {"$set": {"rol": "admin"}},
    {"__proto__": {"rol": "admin"}},
    {"email": "ladron@example.com"},
)


@pytest.fixture
async def ana(modulo_real: Modulo) -> Usuario:
    return await modulo_real.residente(email="ana@example.com")


@pytest.fixture
async def quien(modulo_real: Modulo, ana: Usuario) -> Cabeceras:
    return await sesion(modulo_real, ana)


@pytest.mark.parametrize("ajeno", AJENOS, ids=str)
class TestCampoDeMas:
    async def intentar(
        self, cliente: httpx.AsyncClient, metodo: str, ruta: str, cuerpo: dict[str, Any], quien: Cabeceras
    ) -> None:
        respuesta = await cliente.request(metodo, f"{AUTH}{ruta}", json=cuerpo, headers=quien)
        assert respuesta.status_code == 422, respuesta.text
        assert {e["codigo"] for e in respuesta.json()["errores"]} == {"campo_desconocido"}

    async def test_in_the_bodies_of_one_s_own_account(
        self, cliente: httpx.AsyncClient, modulo_real: Modulo, ana: Usuario, quien: Cabeceras, ajeno: dict[str, Any]
    ) -> None:
        await self.intentar(cliente, "POST", "/clave", {"actual": CLAVE, "nueva": OTRA} | ajeno, quien)
        await self.intentar(cliente, "POST", "/mfa/confirmar", {"codigo": "123456"} | ajeno, quien)
        cuerpo = {"password": CLAVE, "codigo": "123456"} | ajeno
        await self.intentar(cliente, "POST", "/mfa/desactivar", cuerpo, quien)
        token = (await modulo_real.entrar(ana)).refresh_token
        await self.intentar(cliente, "POST", "/refresh", {"refresh_token": token} | ajeno, {})
        guardada = await modulo_real.usuarios.get(ana.oid)
        assert guardada is not None
        assert guardada == ana

    async def test_in_registering(self, cliente: httpx.AsyncClient, modulo_real: Modulo, ajeno: dict[str, Any]) -> None:
        token = await invitar(modulo_real, residente_id=modulo_real.padron.agregar())
        cuerpo = {"invitacion": token, "password": OTRA, "acepta_politica": True} | ajeno
        await self.intentar(cliente, "POST", "/registro", cuerpo, {})

    async def test_in_signing_in_it_is_not_looked_at(
        self, cliente: httpx.AsyncClient, ana: Usuario, ajeno: dict[str, Any]
    ) -> None:
        """OAuth2 forms carry other fields; none of them is anything to us."""
        formulario = {"username": "ana@example.com", "password": CLAVE} | {n: str(v) for n, v in ajeno.items()}
        respuesta = await cliente.post(f"{AUTH}/login", data=formulario)
        cabeceras = {"Authorization": f"Bearer {respuesta.json()['access_token']}"}
        yo = (await cliente.get(f"{AUTH}/yo", headers=cabeceras)).json()
        assert (yo["id"], yo["rol"], yo["mfa"]) == (str(ana.id), "residente", False)


@pytest.mark.parametrize("ajeno", [a for a in AJENOS if not a.keys() & {"rol", "activo"}], ids=str)
async def test_an_admin_changes_a_role_and_nothing_else(
    cliente: httpx.AsyncClient, modulo_real: Modulo, ana: Usuario, ajeno: dict[str, Any]
) -> None:
    admin = await modulo_real.cabeceras(Rol.admin)
    respuesta = await cliente.patch(f"{AUTH}/usuarios/{ana.id}", json={"rol": "operador"} | ajeno, headers=admin)
    assert respuesta.status_code == 422
    assert await modulo_real.usuarios.get(ana.oid) == ana


OPERADORES: tuple[Any, ...] = ({"$ne": None}, {"$gt": ""}, {"$regex": ".*"}, ["x"], [{"$ne": 1}], 1, True, None)


class TestOperadores:
    @pytest.mark.parametrize("operador", OPERADORES, ids=str)
    async def test_where_a_secret_is_expected(
        self, cliente: httpx.AsyncClient, quien: Cabeceras, operador: Any
    ) -> None:
        for ruta, cuerpo in (
            ("/clave", {"actual": operador, "nueva": OTRA}),
            ("/clave", {"actual": CLAVE, "nueva": operador}),
            ("/mfa/confirmar", {"codigo": operador}),
            ("/mfa/desactivar", {"password": operador, "codigo": operador}),
            ("/refresh", {"refresh_token": operador}),
        ):
            respuesta = await cliente.post(f"{AUTH}{ruta}", json=cuerpo, headers=quien)
            assert respuesta.status_code == 422, respuesta.text
            assert {e["codigo"] for e in respuesta.json()["errores"]} == {"tipo_invalido"}

    @pytest.mark.parametrize(
        "formulario",
        [
            "username[$ne]=x&password[$ne]=x",
            "username[]=ana@example.com&password[]=x",
            "username[$regex]=.*&password=la+clave+de+siempre",
            'username={"$ne":null}&password=la+clave+de+siempre',
            "username=.*&password=la+clave+de+siempre",
            "username=ana@example.com&password[$gt]=",
        ],
    )
    async def test_in_the_form(self, cliente: httpx.AsyncClient, ana: Usuario, formulario: str) -> None:
        del ana
        respuesta = await cliente.post(
            f"{AUTH}/login",
            content=formulario.replace("{", "%7B").replace("}", "%7D").replace('"', "%22"),
            headers={"Content-Type": "application/x-www-form-urlencoded"},
        )
        assert respuesta.status_code in (401, 422)

    async def test_the_last_of_two_fields_is_not_somebody_else(
        self, cliente: httpx.AsyncClient, modulo_real: Modulo, ana: Usuario
    ) -> None:
        """A name twice: whichever counts, its own password is asked for."""
        await modulo_real.usuario(email="admin@example.com", clave=await modulo_real.hasher.hash("la del admin"))
        del ana
        for nombres in ("username=ana@example.com&username=admin@example.com",) * 2:
            contenido = f"{nombres}&password={CLAVE.replace(' ', '+')}"
            respuesta = await cliente.post(
                f"{AUTH}/login",
                content=contenido,
                headers={"Content-Type": "application/x-www-form-urlencoded"},
            )
            if respuesta.status_code == 200:
                cabeceras = {"Authorization": f"Bearer {respuesta.json()['access_token']}"}
                assert (await cliente.get(f"{AUTH}/yo", headers=cabeceras)).json()["rol"] == "residente"

    @pytest.mark.parametrize(
        "consulta",
        [
            "email[$ne]=x",
            "email=%24ne",
            "email=.*",
            "rol[$ne]=admin",
            "orden=clave",
            "orden=-clave",
            "orden=%24natural",
            "orden=recuperada_desde",
            "activo[$exists]=true",
            "cursor=" + "A" * 900,
        ],
    )
    async def test_in_lists_of_accounts(self, cliente: httpx.AsyncClient, modulo_real: Modulo, consulta: str) -> None:
        respuesta = await cliente.get(f"{AUTH}/usuarios?{consulta}", headers=await modulo_real.cabeceras(Rol.admin))
        assert respuesta.status_code in (200, 422)
        if consulta.startswith(("orden", "cursor")):
            assert respuesta.status_code == 422
        elif consulta.startswith("email="):
            assert respuesta.json()["items"] == []
