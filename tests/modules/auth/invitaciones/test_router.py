"""`/auth/invitaciones` and `/auth/registro` over HTTP, on the real server."""

from typing import Any

import httpx
import pytest
from beanie import PydanticObjectId

from app.core.security import Rol
from tests.modules.auth.apoyo import AUTH, CLAVE, Modulo, entrar, errores, problema


class TestInvitar:
    async def invitar(
        self, cliente: httpx.AsyncClient, cabeceras: dict[str, str], cuerpo: dict[str, Any]
    ) -> httpx.Response:
        return await cliente.post(f"{AUTH}/invitaciones", json=cuerpo, headers=cabeceras)

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
