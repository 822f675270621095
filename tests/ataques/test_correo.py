"""Getting somebody else's account, or learning who has one, through a change of e-mail."""

import asyncio
from collections import Counter

import httpx
import pytest

from app.core.security import Rol
from tests.ataques.apoyo import (
    AUTH,
    OTRA,
    confirmar_correo,
    entrar,
    pedir_correo,
    pedir_recuperacion,
    rechazo,
    recuperar,
    sesion,
)
from tests.conftest import Reloj
from tests.modules.auth.apoyo import CLAVE, Modulo, de

ANA, NUEVA = "ana@example.com", "nueva@example.com"
INVALIDO = (422, "enlace_invalido")


class TestElCambio:
    async def test_confirmed_from_the_new_address_and_told_to_the_old(
        self, cliente: httpx.AsyncClient, modulo_real: Modulo
    ) -> None:
        """What all the rest is measured against."""
        usuario = await modulo_real.usuario(email=ANA)
        esta, otra = await sesion(modulo_real, usuario), await sesion(modulo_real, usuario)
        token = await pedir_correo(cliente, modulo_real, esta, "NUEVA@Example.com".lower())
        assert [carta.tipo for carta in modulo_real.avisos.para(ANA)] == ["correo_pedido"]
        assert (await cliente.get(f"{AUTH}/yo", headers=esta)).json()["email"] == ANA
        assert (await confirmar_correo(cliente, esta, token or "")).status_code == 204
        assert (await cliente.get(f"{AUTH}/yo", headers=esta)).json()["email"] == NUEVA
        assert rechazo(await cliente.get(f"{AUTH}/yo", headers=otra)) == (401, "token_invalido")
        assert [carta.tipo for carta in modulo_real.avisos.para(ANA)] == ["correo_pedido", "correo_cambiado"]
        assert (await entrar(cliente, NUEVA, CLAVE)).status_code == 200
        assert (await entrar(cliente, ANA, CLAVE)).status_code == 401

    async def test_with_an_open_session_and_no_password(self, cliente: httpx.AsyncClient, modulo_real: Modulo) -> None:
        usuario = await modulo_real.usuario(email=ANA)
        cuerpo = {"email": NUEVA, "password": "no la sé, la adivino"}
        respuesta = await cliente.post(f"{AUTH}/correo", json=cuerpo, headers=await sesion(modulo_real, usuario))
        assert rechazo(respuesta) == (422, "clave_incorrecta")
        assert modulo_real.avisos.cartas == []

    async def test_guessing_the_password_from_an_open_session(
        self, cliente: httpx.AsyncClient, modulo_real: Modulo
    ) -> None:
        quien = await sesion(modulo_real, await modulo_real.usuario())
        cuerpo = {"email": NUEVA, "password": "otra que tampoco es"}
        respuestas = [await cliente.post(f"{AUTH}/correo", json=cuerpo, headers=quien) for _ in range(12)]
        assert respuestas[-1].status_code == 429

    @pytest.mark.parametrize("campo", ["rol", "usuario_id", "confirmado", "residente_id"])
    async def test_with_more_than_an_address(self, cliente: httpx.AsyncClient, modulo_real: Modulo, campo: str) -> None:
        quien = await sesion(modulo_real, await modulo_real.usuario())
        cuerpo = {"email": NUEVA, "password": CLAVE, campo: "admin"}
        assert rechazo(await cliente.post(f"{AUTH}/correo", json=cuerpo, headers=quien)) == (422, "campo_desconocido")


class TestElToken:
    async def test_in_another_account(self, cliente: httpx.AsyncClient, modulo_real: Modulo) -> None:
        """A link that somebody is made to follow while signed in as another: it does nothing there, and still serves
        whom it is for."""
        duena, ladron = await modulo_real.usuario(email=ANA), await modulo_real.usuario()
        quien = await sesion(modulo_real, duena)
        token = await pedir_correo(cliente, modulo_real, quien, NUEVA) or ""
        assert rechazo(await confirmar_correo(cliente, await sesion(modulo_real, ladron), token)) == INVALIDO
        assert (await confirmar_correo(cliente, quien, token)).status_code == 204

    async def test_signed_out(self, cliente: httpx.AsyncClient, modulo_real: Modulo) -> None:
        quien = await sesion(modulo_real, await modulo_real.usuario())
        token = await pedir_correo(cliente, modulo_real, quien, NUEVA) or ""
        assert rechazo(await confirmar_correo(cliente, {}, token)) == (401, "no_autenticado")

    async def test_fifty_times_at_once(self, cliente: httpx.AsyncClient, modulo_real: Modulo) -> None:
        usuario = await modulo_real.usuario(email=ANA)
        quien = await sesion(modulo_real, usuario)
        token = await pedir_correo(cliente, modulo_real, quien, NUEVA) or ""
        respuestas = await asyncio.gather(*(confirmar_correo(cliente, quien, token) for _ in range(50)))
        assert Counter(r.status_code for r in respuestas) == {204: 1, 422: 49}

    async def test_two_accounts_at_once_to_one_address(self, cliente: httpx.AsyncClient, modulo_real: Modulo) -> None:
        quienes = [await sesion(modulo_real, await modulo_real.usuario()) for _ in range(2)]
        tokens = [await pedir_correo(cliente, modulo_real, quien, NUEVA) or "" for quien in quienes]
        respuestas = await asyncio.gather(
            *(confirmar_correo(cliente, quien, token) for quien, token in zip(quienes, tokens, strict=True))
        )
        assert sorted(r.status_code for r in respuestas) == [204, 409]
        assert await modulo_real.usuarios.count({"email": NUEVA}) == 1

    async def test_expired(self, cliente: httpx.AsyncClient, modulo_real: Modulo, reloj: Reloj) -> None:
        usuario = await modulo_real.usuario()
        token = await pedir_correo(cliente, modulo_real, await sesion(modulo_real, usuario), NUEVA) or ""
        reloj.avanzar(hours=24)
        assert rechazo(await confirmar_correo(cliente, await sesion(modulo_real, usuario), token)) == INVALIDO

    async def test_the_one_before(self, cliente: httpx.AsyncClient, modulo_real: Modulo) -> None:
        quien = await sesion(modulo_real, await modulo_real.usuario())
        viejo = await pedir_correo(cliente, modulo_real, quien, NUEVA) or ""
        await pedir_correo(cliente, modulo_real, quien, "otra@example.com")
        assert rechazo(await confirmar_correo(cliente, quien, viejo)) == INVALIDO

    @pytest.mark.parametrize("como", ["clave", "recuperacion"])
    async def test_a_thief_s_that_waits_while_the_owner_takes_the_account_back(
        self, cliente: httpx.AsyncClient, modulo_real: Modulo, como: str
    ) -> None:
        usuario = await modulo_real.usuario(email=ANA)
        robado = await pedir_correo(cliente, modulo_real, await sesion(modulo_real, usuario), "ladron@example.com")
        if como == "clave":
            await modulo_real.claves.cambiar(actual=CLAVE, nueva=OTRA, quien=de(usuario))
        else:
            await recuperar(cliente, await pedir_recuperacion(cliente, modulo_real, ANA) or "")
        quien = await sesion(modulo_real, usuario)
        assert rechazo(await confirmar_correo(cliente, quien, robado or "")) == INVALIDO


class TestEnumerar:
    @pytest.mark.parametrize("activo", [True, False])
    async def test_the_answer_and_the_work_for_an_address_that_is_taken(
        self, cliente: httpx.AsyncClient, modulo_real: Modulo, activo: bool
    ) -> None:
        """As many hashes, letters and documents as for one that is free; and its holder learns of it."""
        await modulo_real.usuario(email="luis@example.com", activo=activo)
        medidas = []
        for email in ("luis@example.com", "libre@example.com"):
            quien = await sesion(modulo_real, await modulo_real.usuario(rol=Rol.residente))
            cartas, hashes = len(modulo_real.avisos.cartas), modulo_real.hasher.verificadas
            lecturas, vales = modulo_real.usuarios.lecturas, await modulo_real.repo_vales.count({})
            cuerpo = {"email": email, "password": CLAVE}
            respuesta = await cliente.post(f"{AUTH}/correo", json=cuerpo, headers=quien)
            medidas.append(
                (
                    respuesta.status_code,
                    respuesta.content,
                    len(modulo_real.avisos.cartas) - cartas,
                    modulo_real.hasher.verificadas - hashes,
                    modulo_real.usuarios.lecturas - lecturas,
                    await modulo_real.repo_vales.count({}) - vales,
                )
            )
        assert medidas[0] == medidas[1]
        assert [carta.tipo for carta in modulo_real.avisos.para("luis@example.com")] == ["correo_ocupado"]

    async def test_what_its_holder_is_sent_confirms_nothing(
        self, cliente: httpx.AsyncClient, modulo_real: Modulo
    ) -> None:
        await modulo_real.usuario(email="luis@example.com")
        quien = await sesion(modulo_real, await modulo_real.usuario())
        assert await pedir_correo(cliente, modulo_real, quien, "luis@example.com") is None
        (carta,) = modulo_real.avisos.para("luis@example.com")
        assert carta.secretos == {}

    async def test_taken_meanwhile(self, cliente: httpx.AsyncClient, modulo_real: Modulo) -> None:
        """Told only to whoever reads what is sent to that address."""
        quien = await sesion(modulo_real, await modulo_real.usuario(email=ANA))
        token = await pedir_correo(cliente, modulo_real, quien, NUEVA) or ""
        dueno = await modulo_real.usuario(email=NUEVA)
        assert rechazo(await confirmar_correo(cliente, quien, token)) == (409, "cuenta_existente")
        assert await modulo_real.usuarios.por_email(NUEVA) == dueno
