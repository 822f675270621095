"""Getting into somebody else's account through recovery, or learning who has one."""

import asyncio
from collections import Counter
from typing import Any

import httpx
import pytest

from app.core.security import Rol
from app.modules.auth.models import Usuario
from app.modules.auth.vales.service import ligadura_de
from tests.ataques.apoyo import (
    AUTH,
    OTRA,
    confirmar_correo,
    entrar,
    invitar,
    pedir_correo,
    pedir_recuperacion,
    rechazo,
    recuperar,
    registrar,
    sesion,
)
from tests.conftest import Reloj
from tests.modules.auth.apoyo import ADMIN, CLAVE, Modulo, de

ANA = "ana@example.com"
INVALIDO = (422, "enlace_invalido")


async def token_de(cliente: httpx.AsyncClient, modulo: Modulo, email: str = ANA) -> str:
    token = await pedir_recuperacion(cliente, modulo, email)
    assert token is not None
    return token


async def por_admin(cliente: httpx.AsyncClient, modulo: Modulo, admin: Usuario, a_quien: Usuario) -> httpx.Response:
    return await cliente.post(f"{AUTH}/usuarios/{a_quien.oid}/recuperacion", headers=await sesion(modulo, admin))


class TestEnumerar:
    @pytest.fixture
    async def direcciones(self, modulo_real: Modulo) -> list[str]:
        await modulo_real.usuario(email=ANA)
        await modulo_real.usuario(email="apagada@example.com", activo=False)
        await modulo_real.usuario(email="ida@example.com", rol=Rol.residente, residencia_activa=False)
        return [ANA, "apagada@example.com", "ida@example.com", "nadie@example.com", "ni siquiera un correo"]

    async def test_the_answer(self, cliente: httpx.AsyncClient, direcciones: list[str]) -> None:
        respuestas = [await cliente.post(f"{AUTH}/recuperacion", json={"email": email}) for email in direcciones]
        assert {(r.status_code, r.content, tuple(sorted(set(r.headers) - {"date"}))) for r in respuestas} == {
            (202, b"", tuple(sorted(respuestas[0].headers)))
        }

    async def test_the_work(
        self, cliente: httpx.AsyncClient, modulo_real: Modulo, direcciones: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """While somebody waits for the answer: one write, no look at accounts, no hash, no letter."""
        buscadas: list[str] = []

        async def por_email(email: str) -> None:
            buscadas.append(email)

        monkeypatch.setattr(modulo_real.usuarios, "por_email", por_email)
        for email in direcciones:
            await cliente.post(f"{AUTH}/recuperacion", json={"email": email})
        assert (buscadas, modulo_real.avisos.cartas, modulo_real.hasher.verificadas) == ([], [], 0)

    async def test_who_is_written_to(
        self, cliente: httpx.AsyncClient, modulo_real: Modulo, direcciones: list[str]
    ) -> None:
        for email in direcciones:
            await pedir_recuperacion(cliente, modulo_real, email)
        assert [carta.para for carta in modulo_real.avisos.cartas] == [ANA]


class TestInundar:
    async def test_a_bounded_number_of_links_and_letters(
        self, cliente: httpx.AsyncClient, modulo_real: Modulo, reloj: Reloj
    ) -> None:
        """And the first link still works: who floods does not keep the owner out."""
        await modulo_real.usuario(email=ANA)
        tokens = [await pedir_recuperacion(cliente, modulo_real, ANA) for _ in range(10)]
        assert [token is not None for token in tokens] == [True] * 3 + [False] * 7
        assert (await recuperar(cliente, tokens[0] or "")).status_code == 204
        reloj.avanzar(minutes=31)
        assert await pedir_recuperacion(cliente, modulo_real, ANA) is not None

    async def test_asked_fifty_times_before_it_is_attended_to(
        self, cliente: httpx.AsyncClient, modulo_real: Modulo
    ) -> None:
        await modulo_real.usuario(email=ANA)
        await asyncio.gather(*(cliente.post(f"{AUTH}/recuperacion", json={"email": ANA}) for _ in range(50)))
        await asyncio.gather(*(modulo_real.recuperacion.atender() for _ in range(5)))
        assert await modulo_real.repo_vales.count({}) == 1

    async def test_an_old_request_is_not_answered_late(
        self, cliente: httpx.AsyncClient, modulo_real: Modulo, reloj: Reloj
    ) -> None:
        await modulo_real.usuario(email=ANA)
        await cliente.post(f"{AUTH}/recuperacion", json={"email": ANA})
        reloj.avanzar(minutes=30)
        await modulo_real.recuperacion.atender()
        assert modulo_real.avisos.cartas == []


class TestElToken:
    async def test_it_recovers_once(self, cliente: httpx.AsyncClient, modulo_real: Modulo) -> None:
        """What all the rest is measured against: it does work for its owner, and ends what was open."""
        usuario = await modulo_real.usuario(email=ANA)
        vieja = await sesion(modulo_real, usuario)
        token = await token_de(cliente, modulo_real)
        assert (await recuperar(cliente, token)).status_code == 204
        assert (await entrar(cliente, ANA, OTRA)).status_code == 200
        assert (await entrar(cliente, ANA, CLAVE)).status_code == 401
        assert rechazo(await cliente.get(f"{AUTH}/yo", headers=vieja)) == (401, "token_invalido")
        assert rechazo(await recuperar(cliente, token)) == INVALIDO
        assert ("clave_recuperada", usuario.oid) in modulo_real.avisos.avisos
        assert ("clave_recuperada", usuario.oid, True) in modulo_real.bitacora.sucesos

    async def test_fifty_times_at_once(self, cliente: httpx.AsyncClient, modulo_real: Modulo) -> None:
        await modulo_real.usuario(email=ANA)
        token = await token_de(cliente, modulo_real)
        respuestas = await asyncio.gather(*(recuperar(cliente, token, f"{OTRA} {i}") for i in range(50)))
        assert Counter(r.status_code for r in respuestas) == {204: 1, 422: 49}

    async def test_expired(self, cliente: httpx.AsyncClient, modulo_real: Modulo, reloj: Reloj) -> None:
        await modulo_real.usuario(email=ANA)
        token = await token_de(cliente, modulo_real)
        reloj.avanzar(minutes=30)
        assert rechazo(await recuperar(cliente, token)) == INVALIDO

    @pytest.mark.parametrize("token", ["", "x" * 43, "\0", "ñ", "pnk_" + "0" * 49])
    async def test_made_up(self, cliente: httpx.AsyncClient, modulo_real: Modulo, token: str) -> None:
        await modulo_real.usuario(email=ANA)
        await token_de(cliente, modulo_real)
        assert rechazo(await recuperar(cliente, token)) == INVALIDO

    async def test_the_others_die_with_the_first(self, cliente: httpx.AsyncClient, modulo_real: Modulo) -> None:
        await modulo_real.usuario(email=ANA)
        primero, segundo = await token_de(cliente, modulo_real), await token_de(cliente, modulo_real)
        assert (await recuperar(cliente, segundo)).status_code == 204
        assert rechazo(await recuperar(cliente, primero)) == INVALIDO

    async def test_from_the_old_mailbox_after_the_email_changed(
        self, cliente: httpx.AsyncClient, modulo_real: Modulo
    ) -> None:
        usuario = await modulo_real.usuario(email="vieja@example.com")
        robado = await token_de(cliente, modulo_real, "vieja@example.com")
        quien = await sesion(modulo_real, usuario)
        nuevo = await pedir_correo(cliente, modulo_real, quien, ANA)
        assert (await confirmar_correo(cliente, quien, nuevo or "")).status_code == 204
        assert rechazo(await recuperar(cliente, robado)) == INVALIDO
        assert await pedir_recuperacion(cliente, modulo_real, "vieja@example.com") is None

    async def test_after_the_owner_changed_the_password(self, cliente: httpx.AsyncClient, modulo_real: Modulo) -> None:
        usuario = await modulo_real.usuario(email=ANA)
        robado = await token_de(cliente, modulo_real)
        await modulo_real.claves.cambiar(actual=CLAVE, nueva="la nueva de la dueña", quien=de(usuario))
        assert rechazo(await recuperar(cliente, robado)) == INVALIDO

    @pytest.mark.parametrize("cambio", [{"activo": False}, {"residencia_activa": False}], ids=["apagada", "ida"])
    async def test_of_an_account_that_was_switched_off_meanwhile(
        self, cliente: httpx.AsyncClient, modulo_real: Modulo, cambio: dict[str, Any]
    ) -> None:
        usuario = await modulo_real.residente(email=ANA)
        token = await token_de(cliente, modulo_real)
        await modulo_real.usuarios.update_one({"_id": usuario.oid}, {"$set": cambio})
        assert rechazo(await recuperar(cliente, token)) == INVALIDO

    async def test_a_refused_password_uses_nothing_up(self, cliente: httpx.AsyncClient, modulo_real: Modulo) -> None:
        await modulo_real.usuario(email=ANA)
        token = await token_de(cliente, modulo_real)
        assert rechazo(await recuperar(cliente, token, "corta")) == (422, "muy_corto")
        assert rechazo(await recuperar(cliente, token, "parknet parknet")) == (422, "clave_personal")
        assert (await recuperar(cliente, token)).status_code == 204

    async def test_the_second_factor_stays(self, cliente: httpx.AsyncClient, modulo_real: Modulo) -> None:
        usuario = await modulo_real.usuario(email=ANA)
        await modulo_real.usuarios.poner_mfa(usuario.oid, mfa=True)
        await recuperar(cliente, await token_de(cliente, modulo_real))
        assert rechazo(await entrar(cliente, ANA, OTRA)) == (401, "otp_requerido")

    async def test_nothing_but_a_password_can_be_set(self, cliente: httpx.AsyncClient, modulo_real: Modulo) -> None:
        await modulo_real.usuario(email=ANA)
        token = await token_de(cliente, modulo_real)
        for campo in ("rol", "email", "usuario_id", "mfa", "activo"):
            cuerpo = {"token": token, "nueva": OTRA, campo: "admin"}
            respuesta = await cliente.post(f"{AUTH}/recuperacion/confirmar", json=cuerpo)
            assert rechazo(respuesta) == (422, "campo_desconocido")


class TestOtroProposito:
    async def test_a_token_does_what_it_was_made_for_and_nothing_else(
        self, cliente: httpx.AsyncClient, modulo_real: Modulo
    ) -> None:
        usuario = await modulo_real.usuario(email=ANA)
        quien = await sesion(modulo_real, usuario)
        invitacion = await invitar(modulo_real, residente_id=modulo_real.padron.agregar())
        recuperacion = await token_de(cliente, modulo_real)
        correo = await pedir_correo(cliente, modulo_real, quien, "nueva@example.com") or ""
        for token in (recuperacion, correo):
            assert rechazo(await registrar(cliente, token)) == (422, "invitacion_invalida")
        for token in (invitacion, correo):
            assert rechazo(await recuperar(cliente, token)) == INVALIDO
        for token in (invitacion, recuperacion):
            assert rechazo(await confirmar_correo(cliente, quien, token)) == INVALIDO
        for token in (invitacion, recuperacion, correo):
            como_acceso = {"Authorization": f"Bearer {token}"}
            assert rechazo(await cliente.get(f"{AUTH}/yo", headers=como_acceso)) == (401, "token_invalido")
        assert await modulo_real.repo_vales.count({}) == 3


class TestPorAdmin:
    async def test_it_is_told_to_the_owner(self, cliente: httpx.AsyncClient, modulo_real: Modulo) -> None:
        usuario, admin = await modulo_real.residente(), await modulo_real.usuario()
        respuesta = await por_admin(cliente, modulo_real, admin, usuario)
        assert respuesta.status_code == 201
        token = respuesta.json()["token"]
        assert respuesta.json()["enlace"].endswith(f"/recuperar#token={token}")
        assert modulo_real.avisos.avisos == [("recuperacion_por_admin", usuario.oid)]
        assert token not in str(modulo_real.avisos.cartas)
        assert (await recuperar(cliente, token)).status_code == 204

    @pytest.mark.parametrize("rol", [Rol.operador, Rol.auditor, Rol.residente])
    async def test_by_who_is_no_admin(self, cliente: httpx.AsyncClient, modulo_real: Modulo, rol: Rol) -> None:
        otro = await modulo_real.usuario(rol=rol)
        assert rechazo(await por_admin(cliente, modulo_real, otro, await modulo_real.usuario())) == (
            403,
            "rol_insuficiente",
        )

    async def test_with_somebody_s_open_session_their_own_password(
        self, cliente: httpx.AsyncClient, modulo_real: Modulo
    ) -> None:
        admin = await modulo_real.usuario()
        assert rechazo(await por_admin(cliente, modulo_real, admin, admin)) == (409, "recuperacion_propia")

    async def test_of_an_account_that_is_switched_off(self, cliente: httpx.AsyncClient, modulo_real: Modulo) -> None:
        apagada = await modulo_real.usuario(activo=False)
        respuesta = await por_admin(cliente, modulo_real, await modulo_real.usuario(), apagada)
        assert rechazo(respuesta) == (409, "cuenta_inactiva")

    async def test_kept_for_after_the_dismissal(self, cliente: httpx.AsyncClient, modulo_real: Modulo) -> None:
        """An admin makes links into the accounts of others, and uses them once they are one no more."""
        admin, victima = await modulo_real.usuario(), await modulo_real.usuario()
        token = (await por_admin(cliente, modulo_real, admin, victima)).json()["token"]
        await modulo_real.usuario_service.cambiar(admin.oid, rol=None, activo=False, quien=ADMIN)
        assert rechazo(await recuperar(cliente, token)) == INVALIDO

    async def test_a_second_one_ends_the_first(self, cliente: httpx.AsyncClient, modulo_real: Modulo) -> None:
        admin, otra = await modulo_real.usuario(), await modulo_real.usuario()
        primero, segundo = [(await por_admin(cliente, modulo_real, admin, otra)).json()["token"] for _ in range(2)]
        assert rechazo(await recuperar(cliente, primero)) == INVALIDO
        assert (await recuperar(cliente, segundo)).status_code == 204

    async def test_a_recovered_account_confirms_nothing_that_began_before(
        self, cliente: httpx.AsyncClient, modulo_real: Modulo, reloj: Reloj
    ) -> None:
        admin, otra = await modulo_real.usuario(), await modulo_real.usuario(rol=Rol.auditor)
        apertura = reloj.avanzar(days=1)
        assert await modulo_real.cuentas.puede_confirmar(usuario_id=otra.oid, desde=apertura)
        reloj.avanzar(days=1)
        await recuperar(cliente, (await por_admin(cliente, modulo_real, admin, otra)).json()["token"])
        assert not await modulo_real.cuentas.puede_confirmar(usuario_id=otra.oid, desde=apertura)


class TestLoGuardado:
    async def test_neither_the_token_nor_the_address_typed_stays(
        self, cliente: httpx.AsyncClient, modulo_real: Modulo
    ) -> None:
        usuario = await modulo_real.usuario(email=ANA)
        await pedir_recuperacion(cliente, modulo_real, "nadie@example.com")
        token = await token_de(cliente, modulo_real)
        (vale,) = await modulo_real.repo_vales.find({})
        assert vale.ligadura == ligadura_de(usuario)
        assert token not in vale.model_dump_json()
        assert usuario.clave not in vale.model_dump_json()
        base = modulo_real.usuarios.model.get_motor_collection().database
        assert await base["pedidos_de_recuperacion"].count_documents({}) == 0
