"""`/auth` over HTTP, on the real server."""

from typing import Any
from urllib.parse import quote

import httpx
import pytest

from app.core.security import Rol
from tests.conftest import Reloj
from tests.modules.auth.apoyo import AUTH, CLAVE, Modulo, entrar, errores, portador, problema

FORMULARIO = {"Content-Type": "application/x-www-form-urlencoded"}


class TestLogin:
    async def test_unknown_wrong_and_switched_off_answer_the_same(
        self, cliente: httpx.AsyncClient, modulo_real: Modulo
    ) -> None:
        await modulo_real.usuario(email="ana@example.com")
        await modulo_real.usuario(email="off@example.com", activo=False)
        cuerpos = []
        for nombre, clave in [("nadie@example.com", CLAVE), ("ana@example.com", "no"), ("off@example.com", CLAVE)]:
            respuesta = await entrar(cliente, nombre, clave)
            cuerpo = problema(respuesta, 401, "credenciales_invalidas")
            cuerpos.append({c: v for c, v in cuerpo.items() if c not in ("traza", "instance")})
        assert cuerpos[0] == cuerpos[1] == cuerpos[2]

    async def test_token(self, cliente: httpx.AsyncClient, modulo_real: Modulo) -> None:
        await modulo_real.usuario(email="ana@example.com")
        respuesta = await entrar(
            cliente, "ANA@example.com", grant_type="password", scope="", client_id="x", client_secret="y"
        )
        assert respuesta.status_code == 200
        assert respuesta.headers["cache-control"] == "no-store"
        token = respuesta.json()
        assert set(token) == {"access_token", "token_type", "expires_in", "refresh_token", "refresh_expires_in"}
        assert (token["token_type"], token["expires_in"], token["refresh_expires_in"]) == ("bearer", 600, 30 * 86_400)

    async def test_document_number(self, cliente: httpx.AsyncClient, modulo_real: Modulo) -> None:
        await modulo_real.residente(documento="1020")
        assert (await entrar(cliente, "1020")).json()["refresh_expires_in"] == 180 * 86_400

    async def test_what_is_not_ascii_as_curl_and_as_browsers_send_it(
        self, cliente: httpx.AsyncClient, modulo_real: Modulo
    ) -> None:
        clave = "contraseña con ñandú"
        await modulo_real.usuario(email="ana@example.com", clave=await modulo_real.hasher.hash(clave))
        for escrita in (clave.replace(" ", "+").encode(), quote(clave).encode()):
            cuerpo = b"username=ana@example.com&password=" + escrita
            assert (await cliente.post(f"{AUTH}/login", content=cuerpo, headers=FORMULARIO)).status_code == 200

    @pytest.mark.parametrize("cuerpo", [b"", b"username=ana", b"username=&password=", b"a=b;c", b"&&&===", b"%"])
    async def test_fields_missing(self, cliente: httpx.AsyncClient, cuerpo: bytes) -> None:
        respuesta = await cliente.post(f"{AUTH}/login", content=cuerpo, headers=FORMULARIO)
        assert ("password", "requerido") in errores(respuesta)

    async def test_not_utf8(self, cliente: httpx.AsyncClient) -> None:
        respuesta = await cliente.post(f"{AUTH}/login", content=b"username=a&password=%ff", headers=FORMULARIO)
        problema(respuesta, 400, "formulario_invalido")

    async def test_too_many_fields(self, cliente: httpx.AsyncClient) -> None:
        respuesta = await cliente.post(f"{AUTH}/login", content=b"a=b&" * 2_000, headers=FORMULARIO)
        assert respuesta.status_code == 400

    async def test_json_is_not_a_form(self, cliente: httpx.AsyncClient) -> None:
        problema(await cliente.post(f"{AUTH}/login", json={"username": "a", "password": "b"}), 415, "tipo_no_admitido")

    @pytest.mark.parametrize("nombre", ["a\0b", "\n", "a" * 5_000, "🔑@example.com", "{'$ne': 1}"])
    async def test_odd_names_are_unknown(self, cliente: httpx.AsyncClient, nombre: str) -> None:
        problema(await entrar(cliente, nombre), 401, "credenciales_invalidas")

    async def test_a_huge_password_is_wrong(self, cliente: httpx.AsyncClient, modulo_real: Modulo) -> None:
        await modulo_real.usuario(email="ana@example.com")
        problema(await entrar(cliente, "ana@example.com", "x" * 100_000), 401, "credenciales_invalidas")

    async def test_device_and_address_are_kept(self, cliente: httpx.AsyncClient, modulo_real: Modulo) -> None:
        await modulo_real.usuario(email="ana@example.com")
        cliente.headers["User-Agent"] = "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0" + "x" * 5_000
        await entrar(cliente, "ana@example.com")
        (sesion,) = await modulo_real.repo_sesiones.find({})
        assert (sesion.dispositivo, sesion.direccion) == ("Firefox · Linux", "127.0.0.1")

    @pytest.mark.parametrize(("cabecera", "idioma"), [({"Accept-Language": "en"}, "en"), ({}, "es")])
    async def test_the_language_is_kept_where_one_is_asked_for(
        self, cliente: httpx.AsyncClient, modulo_real: Modulo, cabecera: dict[str, str], idioma: str
    ) -> None:
        usuario = await modulo_real.usuario(email="ana@example.com")
        cliente.headers.update(cabecera)
        await entrar(cliente, "ana@example.com")
        guardado = await modulo_real.usuarios.get(usuario.oid)
        assert guardado is not None
        assert guardado.idioma == idioma


class TestRefresh:
    async def refrescar(self, cliente: httpx.AsyncClient, token: Any) -> httpx.Response:
        return await cliente.post(f"{AUTH}/refresh", json={"refresh_token": token})

    @pytest.mark.parametrize("token", ["", "x", "a" * 80, "\0", "ñ", "a" * 100_000])
    async def test_garbage(self, cliente: httpx.AsyncClient, token: str) -> None:
        problema(await self.refrescar(cliente, token), 401, "sesion_invalida")

    @pytest.mark.parametrize("token", [None, 1, [], {}, True])
    async def test_not_a_text(self, cliente: httpx.AsyncClient, token: Any) -> None:
        assert errores(await self.refrescar(cliente, token)) == [("refresh_token", "tipo_invalido")]

    async def test_rotates_and_a_used_one_ends_the_session(
        self, cliente: httpx.AsyncClient, modulo_real: Modulo, reloj: Reloj
    ) -> None:
        await modulo_real.usuario(email="ana@example.com")
        primero = (await entrar(cliente, "ana@example.com")).json()
        segundo = (await self.refrescar(cliente, primero["refresh_token"])).json()
        assert segundo["refresh_token"] != primero["refresh_token"]
        assert (await self.refrescar(cliente, primero["refresh_token"])).json()["refresh_token"] == segundo[
            "refresh_token"
        ]
        reloj.avanzar(seconds=601)
        problema(await self.refrescar(cliente, primero["refresh_token"]), 401, "sesion_invalida")
        problema(await self.refrescar(cliente, segundo["refresh_token"]), 401, "sesion_invalida")
        cabeceras = {"Authorization": f"Bearer {segundo['access_token']}"}
        problema(await cliente.get(f"{AUTH}/yo", headers=cabeceras), 401, "token_invalido")


class TestLogout:
    async def test_anonymous(self, cliente: httpx.AsyncClient) -> None:
        problema(await cliente.post(f"{AUTH}/logout"), 401, "no_autenticado")

    @pytest.mark.parametrize("rol", Rol)
    async def test_ends_session_and_access_at_once(
        self, cliente: httpx.AsyncClient, modulo_real: Modulo, rol: Rol
    ) -> None:
        token = await modulo_real.entrar(await modulo_real.usuario(rol=rol))
        assert (await cliente.get(f"{AUTH}/yo", headers=portador(token))).status_code == 200
        respuesta = await cliente.post(f"{AUTH}/logout", headers=portador(token))
        assert (respuesta.status_code, respuesta.content) == (204, b"")
        problema(await cliente.get(f"{AUTH}/yo", headers=portador(token)), 401, "token_invalido")
        respuesta = await cliente.post(f"{AUTH}/refresh", json={"refresh_token": token.refresh_token})
        problema(respuesta, 401, "sesion_invalida")


class TestYo:
    @pytest.mark.parametrize("valor", ["", "Bearer", "Bearer  ", "Basic YTpi", "Bearer x", "Bearer a.b.c", "pnk_1"])
    async def test_anonymous(self, cliente: httpx.AsyncClient, valor: str) -> None:
        respuesta = await cliente.get(f"{AUTH}/yo", headers={"Authorization": valor})
        assert respuesta.status_code == 401
        assert respuesta.headers["www-authenticate"] == "Bearer"

    async def test_whole(self, cliente: httpx.AsyncClient, modulo_real: Modulo, reloj: Reloj) -> None:
        usuario = await modulo_real.residente(documento="1020", email="ana@example.com")
        reloj.avanzar(seconds=1.5)
        token = (await entrar(cliente, "1020")).json()
        yo = await cliente.get(f"{AUTH}/yo", headers={"Authorization": f"bearer {token['access_token']}"})
        assert yo.json() == {
            "id": str(usuario.id),
            "email": "ana@example.com",
            "rol": "residente",
            "residente_id": str(usuario.residente_id),
            "mfa": False,
            "creado_en": "2026-03-02T15:00:00.000Z",
            "ultimo_acceso": "2026-03-02T15:00:01.500Z",
        }


class TestOpenapi:
    async def test_names_that_clients_are_made_from(self, cliente: httpx.AsyncClient) -> None:
        esquema = (await cliente.get("/api/v1/openapi.json")).json()
        operaciones = {o["operationId"]: o for r in esquema["paths"].values() for o in r.values()}
        assert set(operaciones) >= {
            *("auth_login", "auth_refrescar", "auth_salir", "auth_yo", "auth_registrar", "auth_invitar"),
            *("auth_listar_invitaciones", "auth_borrar_invitacion", "auth_reenviar_invitacion"),
            *("auth_listar_sesiones", "auth_cerrar_sesion", "auth_cerrar_las_demas", "auth_cambiar_clave"),
            *("auth_empezar_mfa", "auth_confirmar_mfa", "auth_desactivar_mfa", "auth_retirar_mfa"),
            *("auth_listar_usuarios", "auth_ver_usuario", "auth_cambiar_usuario"),
        }
        assert all(o["summary"] for o in operaciones.values())
        publicas = {nombre for nombre, o in operaciones.items() if o.get("security") == []}
        assert publicas >= {"auth_login", "auth_refrescar", "auth_registrar"}
        assert {"Token", "UserAuth", "UserOut"} <= set(esquema["components"]["schemas"])
