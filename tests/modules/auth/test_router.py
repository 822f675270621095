"""`/auth` over HTTP, on the real server."""

from typing import Any
from urllib.parse import quote

import httpx
import pytest
from beanie import PydanticObjectId

from app.core.security import Rol
from tests.conftest import Reloj
from tests.modules.auth.apoyo import CLAVE, Modulo, portador

AUTH = "/api/v1/auth"
FORMULARIO = {"Content-Type": "application/x-www-form-urlencoded"}


def problema(respuesta: httpx.Response, status: int, codigo: str) -> dict[str, Any]:
    cuerpo: dict[str, Any] = respuesta.json()
    assert (respuesta.status_code, cuerpo["codigo"]) == (status, codigo)
    assert respuesta.headers["content-type"] == "application/problem+json"
    if status == 401:
        assert respuesta.headers["www-authenticate"] == "Bearer"
    return cuerpo


def errores(respuesta: httpx.Response) -> list[tuple[str, str]]:
    return [(e["campo"], e["codigo"]) for e in problema(respuesta, 422, "entrada_invalida")["errores"]]


async def entrar(cliente: httpx.AsyncClient, nombre: str, clave: str = CLAVE, **mas: str) -> httpx.Response:
    return await cliente.post(f"{AUTH}/login", data={"username": nombre, "password": clave} | mas)


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


class TestInvitar:
    async def invitar(
        self, cliente: httpx.AsyncClient, cabeceras: dict[str, str], cuerpo: dict[str, Any]
    ) -> httpx.Response:
        return await cliente.post(f"{AUTH}/invitaciones", json=cuerpo, headers=cabeceras)

    async def test_anonymous(self, cliente: httpx.AsyncClient) -> None:
        problema(await self.invitar(cliente, {}, {}), 401, "no_autenticado")

    @pytest.mark.parametrize("rol", [Rol.auditor, Rol.residente])
    async def test_forbidden_before_the_body_is_looked_at(
        self, cliente: httpx.AsyncClient, modulo_real: Modulo, rol: Rol
    ) -> None:
        respuesta = await cliente.post(f"{AUTH}/invitaciones", content=b"{", headers=await modulo_real.cabeceras(rol))
        problema(respuesta, 403, "rol_insuficiente")

    async def test_operador_and_staff(self, cliente: httpx.AsyncClient, modulo_real: Modulo) -> None:
        cabeceras = await modulo_real.cabeceras(Rol.operador)
        respuesta = await self.invitar(cliente, cabeceras, {"email": "eva@example.com", "rol": "auditor"})
        problema(respuesta, 403, "rol_insuficiente")

    @pytest.mark.parametrize("rol", [Rol.admin, Rol.operador])
    async def test_resident(self, cliente: httpx.AsyncClient, modulo_real: Modulo, rol: Rol) -> None:
        residente_id = str(modulo_real.padron.agregar())
        respuesta = await self.invitar(
            cliente, await modulo_real.cabeceras(rol), {"residente_id": residente_id.upper()}
        )
        assert respuesta.status_code == 201
        cuerpo = respuesta.json()
        assert set(cuerpo) == {"id", "token", "enlace", "expira_en"}
        assert cuerpo["expira_en"] == "2026-03-16T15:00:00.000Z"
        assert cuerpo["token"] in cuerpo["enlace"]

    @pytest.mark.parametrize(
        ("cuerpo", "esperado"),
        [
            ({}, ("", "uno_de_dos")),
            ({"residente_id": None}, ("", "uno_de_dos")),
            ({"residente_id": "a" * 24, "email": "eva@example.com", "rol": "admin"}, ("", "uno_de_dos")),
            ({"residente_id": "a" * 24, "rol": "admin"}, ("", "uno_de_dos")),
            ({"email": "eva@example.com"}, ("rol", "requerido")),
            ({"rol": "admin"}, ("email", "requerido")),
            ({"email": "eva@example.com", "rol": "residente"}, ("rol", "valor_no_admitido")),
            ({"email": "eva@example.com", "rol": 1}, ("rol", "valor_no_admitido")),
            ({"email": "eva", "rol": "admin"}, ("email", "forma_invalida")),
            ({"residente_id": "zz"}, ("residente_id", "id_invalido")),
            ({"residente_id": 7}, ("residente_id", "tipo_invalido")),
            ({"residente_id": "a" * 24}, ("residente_id", "no_existe")),
            ({"residente_id": "a" * 24, "otro": 1}, ("", "campo_desconocido")),
        ],
    )
    async def test_exactly_one_form(
        self, cliente: httpx.AsyncClient, modulo_real: Modulo, cuerpo: dict[str, Any], esperado: tuple[str, str]
    ) -> None:
        respuesta = await self.invitar(cliente, await modulo_real.cabeceras(Rol.admin), cuerpo)
        assert errores(respuesta) == [esperado]
        assert "eva" not in respuesta.text

    async def test_account_exists(self, cliente: httpx.AsyncClient, modulo_real: Modulo) -> None:
        usuario = await modulo_real.residente(email="ana@example.com")
        cabeceras = await modulo_real.cabeceras(Rol.admin)
        for cuerpo in ({"residente_id": str(usuario.residente_id)}, {"email": "ANA@example.com", "rol": "admin"}):
            problema(await self.invitar(cliente, cabeceras, cuerpo), 409, "cuenta_existente")


class TestListarInvitaciones:
    async def test_anonymous(self, cliente: httpx.AsyncClient) -> None:
        problema(await cliente.get(f"{AUTH}/invitaciones"), 401, "no_autenticado")

    async def test_residente(self, cliente: httpx.AsyncClient, modulo_real: Modulo) -> None:
        cabeceras = await modulo_real.cabeceras(Rol.residente)
        problema(await cliente.get(f"{AUTH}/invitaciones", headers=cabeceras), 403, "rol_insuficiente")

    @pytest.mark.parametrize(("rol", "cuantas"), [(Rol.admin, 3), (Rol.auditor, 3), (Rol.operador, 2)])
    async def test_pages(self, cliente: httpx.AsyncClient, modulo_real: Modulo, rol: Rol, cuantas: int) -> None:
        admin = await modulo_real.cabeceras(Rol.admin)
        cuerpos: list[dict[str, str]] = [{"residente_id": str(modulo_real.padron.agregar())} for _ in range(2)]
        for cuerpo in [*cuerpos, {"email": "eva@example.com", "rol": "auditor"}]:
            await cliente.post(f"{AUTH}/invitaciones", json=cuerpo, headers=admin)
        cabeceras = await modulo_real.cabeceras(rol)
        pagina = await cliente.get(f"{AUTH}/invitaciones?limite=1&contar=true&estado=pendiente", headers=cabeceras)
        vistas = pagina.json()["items"]
        assert pagina.json()["total"] == cuantas
        while 'rel="next"' in pagina.headers.get("link", ""):
            pagina = await cliente.get(pagina.headers["link"].split(">")[0][1:], headers=cabeceras)
            vistas += pagina.json()["items"]
        assert len({vista["id"] for vista in vistas}) == len(vistas) == cuantas
        assert set(vistas[0]) == {
            *("id", "residente_id", "email", "rol", "estado", "creada_por", "creado_en", "expira_en", "usada_en")
        }
        assert vistas[0]["estado"] == "pendiente"

    async def test_without_counting_there_is_no_total(self, cliente: httpx.AsyncClient, modulo_real: Modulo) -> None:
        respuesta = await cliente.get(f"{AUTH}/invitaciones", headers=await modulo_real.cabeceras(Rol.admin))
        assert respuesta.json() == {"items": [], "siguiente": None}

    @pytest.mark.parametrize(
        ("consulta", "esperado"),
        [
            ("estado=otro", ("estado", "valor_no_admitido")),
            ("orden=huella", ("orden", "orden_invalido")),
            ("cursor=x", ("cursor", "cursor_invalido")),
            ("limite=0", ("limite", "fuera_de_rango")),
        ],
    )
    async def test_wrong_query(
        self, cliente: httpx.AsyncClient, modulo_real: Modulo, consulta: str, esperado: tuple[str, str]
    ) -> None:
        cabeceras = await modulo_real.cabeceras(Rol.admin)
        assert errores(await cliente.get(f"{AUTH}/invitaciones?{consulta}", headers=cabeceras)) == [esperado]


class TestUnaInvitacion:
    """`DELETE /{id}` and `POST /{id}/reenviar`."""

    PASOS = pytest.mark.parametrize(("metodo", "sufijo", "status"), [("DELETE", "", 204), ("POST", "/reenviar", 200)])

    @PASOS
    async def test_anonymous(self, cliente: httpx.AsyncClient, metodo: str, sufijo: str, status: int) -> None:  # noqa: ARG002
        respuesta = await cliente.request(metodo, f"{AUTH}/invitaciones/{PydanticObjectId()}{sufijo}")
        problema(respuesta, 401, "no_autenticado")

    @PASOS
    @pytest.mark.parametrize("rol", [Rol.auditor, Rol.residente])
    async def test_forbidden(
        self,
        cliente: httpx.AsyncClient,
        modulo_real: Modulo,
        rol: Rol,
        metodo: str,
        sufijo: str,
        status: int,  # noqa: ARG002
    ) -> None:
        cabeceras = await modulo_real.cabeceras(rol)
        respuesta = await cliente.request(metodo, f"{AUTH}/invitaciones/no-es-id{sufijo}", headers=cabeceras)
        problema(respuesta, 403, "rol_insuficiente")

    @PASOS
    async def test_of_a_resident_by_operador(
        self, cliente: httpx.AsyncClient, modulo_real: Modulo, metodo: str, sufijo: str, status: int
    ) -> None:
        cabeceras = await modulo_real.cabeceras(Rol.operador)
        cuerpo = {"residente_id": str(modulo_real.padron.agregar())}
        vieja = (await cliente.post(f"{AUTH}/invitaciones", json=cuerpo, headers=cabeceras)).json()
        ruta = f"{AUTH}/invitaciones/{vieja['id']}{sufijo}"
        assert (await cliente.request(metodo, ruta, headers=cabeceras)).status_code == status
        registro = {"invitacion": vieja["token"], "password": CLAVE, "acepta_politica": True}
        assert errores(await cliente.post(f"{AUTH}/registro", json=registro)) == [("invitacion", "invitacion_invalida")]

    @PASOS
    async def test_absent_and_malformed(
        self,
        cliente: httpx.AsyncClient,
        modulo_real: Modulo,
        metodo: str,
        sufijo: str,
        status: int,  # noqa: ARG002
    ) -> None:
        cabeceras = await modulo_real.cabeceras(Rol.admin)
        ruta = f"{AUTH}/invitaciones/{PydanticObjectId()}{sufijo}"
        problema(await cliente.request(metodo, ruta, headers=cabeceras), 404, "no_encontrado")
        respuesta = await cliente.request(metodo, f"{AUTH}/invitaciones/no-es-id{sufijo}", headers=cabeceras)
        assert errores(respuesta) == [("id", "id_invalido")]


class TestRegistro:
    async def invitacion(self, modulo: Modulo, cliente: httpx.AsyncClient) -> dict[str, Any]:
        cuerpo = {"residente_id": str(modulo.padron.agregar(email="ana@example.com"))}
        cabeceras = await modulo.cabeceras(Rol.admin)
        token = (await cliente.post(f"{AUTH}/invitaciones", json=cuerpo, headers=cabeceras)).json()["token"]
        return {"invitacion": token, "password": CLAVE, "acepta_politica": True}

    async def test_made_up(self, cliente: httpx.AsyncClient) -> None:
        cuerpo = {"invitacion": "inventada", "password": CLAVE, "acepta_politica": True}
        respuesta = await cliente.post(f"{AUTH}/registro", json=cuerpo)
        assert errores(respuesta) == [("invitacion", "invitacion_invalida")]
        assert "inventada" not in respuesta.text

    async def test_once(self, cliente: httpx.AsyncClient, modulo_real: Modulo) -> None:
        cuerpo = await self.invitacion(modulo_real, cliente)
        respuesta = await cliente.post(f"{AUTH}/registro", json=cuerpo)
        assert respuesta.status_code == 201
        assert respuesta.json()["email"] == "ana@example.com"
        assert respuesta.json()["ultimo_acceso"] is None
        otra = await cliente.post(f"{AUTH}/registro", json=cuerpo)
        assert errores(otra) == [("invitacion", "invitacion_invalida")]
        assert (await entrar(cliente, "ana@example.com")).status_code == 200

    @pytest.mark.parametrize(
        ("cambio", "esperado"),
        [
            ({"password": "x" * 11}, ("password", "muy_corto")),
            ({"password": "x" * 129}, ("password", "muy_largo")),
            ({"password": None}, ("password", "tipo_invalido")),
            ({"password": 123456789012}, ("password", "tipo_invalido")),
            ({"acepta_politica": False}, ("acepta_politica", "politica_no_aceptada")),
            ({"acepta_politica": "true"}, ("acepta_politica", "tipo_invalido")),
            ({"acepta_politica": 1}, ("acepta_politica", "tipo_invalido")),
            ({"invitacion": 1}, ("invitacion", "tipo_invalido")),
            ({"rol": "admin"}, ("", "campo_desconocido")),
        ],
    )
    async def test_wrong_fields_use_nothing_up(
        self, cliente: httpx.AsyncClient, modulo_real: Modulo, cambio: dict[str, Any], esperado: tuple[str, str]
    ) -> None:
        cuerpo = await self.invitacion(modulo_real, cliente)
        assert errores(await cliente.post(f"{AUTH}/registro", json=cuerpo | cambio)) == [esperado]
        assert (await cliente.post(f"{AUTH}/registro", json=cuerpo)).status_code == 201


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
