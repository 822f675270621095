"""`/auth/usuarios` over HTTP, on the real server."""

from typing import Any

import httpx
import pyotp
import pytest

from app.core.clock import ahora
from app.core.security import Rol
from app.modules.auth.models import Usuario
from tests.conftest import Reloj
from tests.modules.auth.apoyo import AUTH, Modulo, de, entrar, errores, portador, problema

USUARIOS = f"{AUTH}/usuarios"
NADIE = f"{USUARIOS}/{'0' * 24}"
Cabeceras = dict[str, str]


@pytest.fixture
async def admin(modulo_real: Modulo) -> Usuario:
    return await modulo_real.usuario(email="admin@example.com")


@pytest.fixture
async def quien(modulo_real: Modulo, admin: Usuario) -> Cabeceras:
    return portador(await modulo_real.entrar(admin))


class TestListar:
    async def emails(self, cliente: httpx.AsyncClient, quien: Cabeceras, consulta: str = "") -> list[str]:
        respuesta = await cliente.get(f"{USUARIOS}{consulta}", headers=quien)
        assert respuesta.status_code == 200, respuesta.text
        return [u["email"] for u in respuesta.json()["items"]]

    async def test_the_newest_first_and_what_is_shown(
        self, cliente: httpx.AsyncClient, modulo_real: Modulo, quien: Cabeceras, reloj: Reloj
    ) -> None:
        reloj.avanzar(minutes=1)
        await modulo_real.residente(email="ana@example.com")
        assert await self.emails(cliente, quien) == ["ana@example.com", "admin@example.com"]
        (ana, _) = (await cliente.get(USUARIOS, headers=quien)).json()["items"]
        assert set(ana) == {
            *("id", "email", "rol", "residente_id", "mfa", "creado_en", "ultimo_acceso"),
            "activo",
        }

    @pytest.mark.parametrize(
        ("consulta", "esperados"),
        [
            ("?rol=operador", {"eva@example.com"}),
            ("?activo=false", {"off@example.com"}),
            ("?mfa=true", {"eva@example.com"}),
            ("?email=EV", {"eva@example.com"}),
            ("?email=.", set()),
            ("?email=%5E.*", set()),
            ("?rol=admin&activo=true", {"admin@example.com"}),
            ("?rol=residente", set()),
        ],
    )
    async def test_filters(
        self,
        cliente: httpx.AsyncClient,
        modulo_real: Modulo,
        quien: Cabeceras,
        consulta: str,
        esperados: set[str],
    ) -> None:
        await modulo_real.usuario(rol=Rol.operador, email="eva@example.com", mfa=True)
        await modulo_real.usuario(rol=Rol.admin, email="off@example.com", activo=False)
        assert set(await self.emails(cliente, quien, consulta)) == esperados

    @pytest.mark.parametrize("consulta", ["?rol=dios", "?activo=quizas", "?orden=clave", "?email=" + "a" * 255])
    async def test_odd_filters(self, cliente: httpx.AsyncClient, quien: Cabeceras, consulta: str) -> None:
        errores(await cliente.get(f"{USUARIOS}{consulta}", headers=quien))


class TestCambiar:
    async def cambiar(
        self, cliente: httpx.AsyncClient, quien: Cabeceras, usuario: Usuario, cuerpo: dict[str, Any]
    ) -> httpx.Response:
        return await cliente.patch(f"{USUARIOS}/{usuario.id}", json=cuerpo, headers=quien)

    async def test_role(self, cliente: httpx.AsyncClient, modulo_real: Modulo, quien: Cabeceras) -> None:
        eva = await modulo_real.usuario(rol=Rol.operador, email="eva@example.com")
        suyas = portador(await modulo_real.entrar(eva))
        assert (await cliente.get(f"{AUTH}/yo", headers=suyas)).status_code == 200
        respuesta = await self.cambiar(cliente, quien, eva, {"rol": "auditor"})
        assert (respuesta.status_code, respuesta.json()["rol"]) == (200, "auditor")
        problema(await cliente.get(f"{AUTH}/yo", headers=suyas), 401, "token_invalido")
        visto = (await cliente.get(f"{USUARIOS}/{eva.id}", headers=quien)).json()
        assert visto == respuesta.json()

    async def test_switch(self, cliente: httpx.AsyncClient, modulo_real: Modulo, quien: Cabeceras) -> None:
        await modulo_real.usuario(rol=Rol.operador, email="eva@example.com")
        (eva,) = await modulo_real.usuarios.find({"email": "eva@example.com"})
        for activo, status in ((False, 401), (True, 200)):
            respuesta = await self.cambiar(cliente, quien, eva, {"activo": activo})
            assert (respuesta.status_code, respuesta.json()["activo"]) == (200, activo)
            assert (await entrar(cliente, "eva@example.com")).status_code == status

    @pytest.mark.parametrize("cuerpo", [{"activo": False}, {"rol": "operador"}])
    async def test_the_last_admin(
        self, cliente: httpx.AsyncClient, admin: Usuario, quien: Cabeceras, cuerpo: dict[str, Any]
    ) -> None:
        problema(await self.cambiar(cliente, quien, admin, cuerpo), 409, "ultimo_admin")
        assert (await cliente.get(f"{AUTH}/yo", headers=quien)).status_code == 200

    async def test_who_does_not_live_here(
        self, cliente: httpx.AsyncClient, modulo_real: Modulo, quien: Cabeceras
    ) -> None:
        eva = await modulo_real.usuario(rol=Rol.operador)
        problema(await self.cambiar(cliente, quien, eva, {"rol": "residente"}), 409, "rol_sin_residente")

    @pytest.mark.parametrize(
        ("cuerpo", "error"),
        [
            ({"rol": None}, ("rol", "tipo_invalido")),
            ({"rol": "dios"}, ("rol", "valor_no_admitido")),
            ({"activo": None}, ("activo", "tipo_invalido")),
            ({"activo": "false"}, ("activo", "tipo_invalido")),
            ({"email": "otro@example.com"}, ("", "campo_desconocido")),
            ({"clave": "x"}, ("", "campo_desconocido")),
            ({"activo": True, "residente_id": None}, ("", "campo_desconocido")),
            ({"activo": True, "mfa": False}, ("", "campo_desconocido")),
            ({"activo": True, "rol_desde": "2020-01-01T00:00:00Z"}, ("", "campo_desconocido")),
        ],
        ids=str,
    )
    async def test_nothing_else_changes_so(
        self,
        cliente: httpx.AsyncClient,
        modulo_real: Modulo,
        quien: Cabeceras,
        cuerpo: dict[str, Any],
        error: tuple[str, str],
    ) -> None:
        eva = await modulo_real.usuario(rol=Rol.operador)
        assert errores(await self.cambiar(cliente, quien, eva, cuerpo)) == [error]
        assert await modulo_real.usuarios.get(eva.oid) == eva

    async def test_nobody(self, cliente: httpx.AsyncClient, quien: Cabeceras) -> None:
        problema(await cliente.patch(NADIE, json={"activo": True}, headers=quien), 404, "no_encontrado")
        problema(await cliente.get(NADIE, headers=quien), 404, "no_encontrado")


class TestRetirarMfa:
    async def test_whoever_lost_theirs(self, cliente: httpx.AsyncClient, modulo_real: Modulo, quien: Cabeceras) -> None:
        eva = await modulo_real.usuario(rol=Rol.operador, email="eva@example.com")
        empezado = await modulo_real.segundo_factor.empezar(quien=de(eva))
        await modulo_real.segundo_factor.confirmar(pyotp.TOTP(empezado.secreto).at(ahora()), quien=de(eva))
        problema(await entrar(cliente, "eva@example.com"), 401, "otp_requerido")
        assert (await cliente.delete(f"{USUARIOS}/{eva.id}/mfa", headers=quien)).status_code == 204
        assert (await entrar(cliente, "eva@example.com")).status_code == 200

    async def test_one_s_own_takes_password_and_code(
        self, cliente: httpx.AsyncClient, admin: Usuario, quien: Cabeceras
    ) -> None:
        respuesta = await cliente.delete(f"{USUARIOS}/{admin.id}/mfa", headers=quien)
        problema(respuesta, 403, "conflicto_de_interes")

    async def test_nobody_s(self, cliente: httpx.AsyncClient, quien: Cabeceras) -> None:
        problema(await cliente.delete(f"{NADIE}/mfa", headers=quien), 404, "no_encontrado")
