"""Seeing or ending other people's sessions, and holding on to one's own when it should be over."""

import asyncio

import httpx
import pytest

from app.core.security import Rol
from app.modules.auth.models import Usuario
from tests.ataques.apoyo import AUTH, OTRA, Cabeceras, rechazo, sesion
from tests.modules.auth.apoyo import CLAVE, Modulo


@pytest.fixture
async def ana(modulo_real: Modulo) -> Usuario:
    return await modulo_real.residente(email="ana@example.com")


@pytest.fixture
async def de_ana(modulo_real: Modulo, ana: Usuario) -> Cabeceras:
    return await sesion(modulo_real, ana)


async def vivas(modulo: Modulo, usuario: Usuario) -> list[str]:
    return [str(s.id) for s in await modulo.repo_sesiones.find({"usuario_id": usuario.oid, "terminada_en": None})]


class TestDeOtros:
    @pytest.mark.parametrize("rol", Rol)
    async def test_nobody_ends_another_s_whatever_their_role(
        self, cliente: httpx.AsyncClient, modulo_real: Modulo, ana: Usuario, de_ana: Cabeceras, rol: Rol
    ) -> None:
        ladron = await modulo_real.cabeceras(rol)
        (ajena,) = await vivas(modulo_real, ana)
        assert rechazo(await cliente.delete(f"{AUTH}/sesiones/{ajena}", headers=ladron)) == (404, "no_encontrado")
        assert (await cliente.delete(f"{AUTH}/sesiones", headers=ladron)).status_code == 204
        assert (await cliente.get(f"{AUTH}/yo", headers=de_ana)).status_code == 200

    @pytest.mark.parametrize("consulta", ["usuario_id={id}", "usuario={id}", "id={id}", "usuario_id[$ne]=x", "q={id}"])
    async def test_nor_sees_them(
        self, cliente: httpx.AsyncClient, modulo_real: Modulo, ana: Usuario, de_ana: Cabeceras, consulta: str
    ) -> None:
        del de_ana
        ladron = await modulo_real.cabeceras(Rol.admin)
        respuesta = await cliente.get(f"{AUTH}/sesiones?{consulta.format(id=ana.id)}", headers=ladron)
        if respuesta.status_code == 200:
            assert [s["actual"] for s in respuesta.json()["items"]] == [True]
        else:
            assert respuesta.status_code == 422

    async def test_a_cursor_of_another_s_list_shows_one_s_own(
        self, cliente: httpx.AsyncClient, modulo_real: Modulo, ana: Usuario, de_ana: Cabeceras
    ) -> None:
        for _ in range(3):
            await modulo_real.entrar(ana)
        pagina = (await cliente.get(f"{AUTH}/sesiones?limite=1", headers=de_ana)).json()
        ladron = await modulo_real.usuario()
        cabeceras = await sesion(modulo_real, ladron)
        respuesta = await cliente.get(f"{AUTH}/sesiones?cursor={pagina['siguiente']}", headers=cabeceras)
        assert {s["id"] for s in respuesta.json()["items"]} <= set(await vivas(modulo_real, ladron))

    async def test_no_answer_shows_what_a_session_is_renewed_with(
        self, cliente: httpx.AsyncClient, modulo_real: Modulo, de_ana: Cabeceras
    ) -> None:
        (guardada,) = await modulo_real.repo_sesiones.find({})
        texto = (await cliente.get(f"{AUTH}/sesiones", headers=de_ana)).text
        for secreto in (guardada.sello, guardada.actual):
            assert secreto not in texto


class TestLaPropia:
    async def test_ended_it_does_nothing_more(
        self, cliente: httpx.AsyncClient, modulo_real: Modulo, ana: Usuario, de_ana: Cabeceras
    ) -> None:
        otra = await sesion(modulo_real, ana)
        await cliente.post(f"{AUTH}/logout", headers=de_ana)
        for metodo, ruta, cuerpo in (
            ("GET", "/yo", None),
            ("GET", "/sesiones", None),
            ("DELETE", "/sesiones", None),
            ("POST", "/clave", {"actual": CLAVE, "nueva": OTRA}),
            ("POST", "/mfa", None),
            ("POST", "/logout", None),
        ):
            respuesta = await cliente.request(metodo, f"{AUTH}{ruta}", json=cuerpo, headers=de_ana)
            assert rechazo(respuesta) == (401, "token_invalido")
        assert (await cliente.get(f"{AUTH}/yo", headers=otra)).status_code == 200

    async def test_leaving_many_times_at_once(
        self, cliente: httpx.AsyncClient, modulo_real: Modulo, ana: Usuario, de_ana: Cabeceras
    ) -> None:
        salidas = await asyncio.gather(*(cliente.post(f"{AUTH}/logout", headers=de_ana) for _ in range(10)))
        assert {s.status_code for s in salidas} <= {204, 401}
        assert modulo_real.bitacora.sucesos == [("salida", ana.oid, True)]
        assert await vivas(modulo_real, ana) == []

    async def test_a_thief_who_ends_the_others_does_not_keep_the_owner_out(
        self, cliente: httpx.AsyncClient, modulo_real: Modulo, ana: Usuario, de_ana: Cabeceras
    ) -> None:
        """The owner signs in again, changes the password, and it is the thief's session that is over."""
        robada = de_ana
        assert (await cliente.delete(f"{AUTH}/sesiones", headers=robada)).status_code == 204
        respuesta = await cliente.post(f"{AUTH}/login", data={"username": "ana@example.com", "password": CLAVE})
        suya = {"Authorization": f"Bearer {respuesta.json()['access_token']}"}
        cuerpo = {"actual": CLAVE, "nueva": OTRA}
        assert (await cliente.post(f"{AUTH}/clave", json=cuerpo, headers=suya)).status_code == 204
        assert rechazo(await cliente.get(f"{AUTH}/yo", headers=robada)) == (401, "token_invalido")
        assert len(await vivas(modulo_real, ana)) == 1


class TestAdmins:
    async def test_two_admins_who_put_each_other_out_at_once(
        self, cliente: httpx.AsyncClient, modulo_real: Modulo
    ) -> None:
        uno, otro = await modulo_real.usuario(), await modulo_real.usuario()
        golpes = [(await sesion(modulo_real, uno), otro), (await sesion(modulo_real, otro), uno)]
        respuestas = await asyncio.gather(
            *(
                cliente.patch(f"{AUTH}/usuarios/{victima.id}", json={"activo": False}, headers=cabeceras)
                for cabeceras, victima in golpes
            )
        )
        assert sorted(r.status_code for r in respuestas) in ([200, 409], [200, 401])
        assert await modulo_real.usuarios.count({"rol": "admin", "activo": True}) == 1

    async def test_nobody_promotes_themselves(self, cliente: httpx.AsyncClient, modulo_real: Modulo) -> None:
        for rol in (Rol.operador, Rol.auditor, Rol.residente):
            usuario = await modulo_real.usuario(rol=rol)
            cabeceras = await sesion(modulo_real, usuario)
            respuesta = await cliente.patch(f"{AUTH}/usuarios/{usuario.id}", json={"rol": "admin"}, headers=cabeceras)
            assert rechazo(respuesta) == (403, "rol_insuficiente")
            assert await modulo_real.usuarios.get(usuario.oid) == usuario
