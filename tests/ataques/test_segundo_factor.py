"""Getting past a second factor: replayed and raced codes, guesses, other people's, going around it."""

import asyncio
from collections import Counter
from datetime import timedelta

import httpx
import pyotp
import pytest

from app.core.clock import ahora
from app.core.security import Rol
from app.modules.auth.models import Usuario
from app.modules.auth.segundo_factor.factores import LIBRES
from app.modules.auth.segundo_factor.repository import SegundoFactorRepository
from tests.ataques.apoyo import AUTH, OTRA, Cabeceras, entrar, pedir_recuperacion, rechazo, recuperar, sesion
from tests.conftest import Reloj
from tests.modules.auth.apoyo import CLAVE, Modulo, de

ANA = "ana@example.com"
INVALIDO = (401, "otp_invalido")
REQUERIDO = (401, "otp_requerido")
FRENADO = (429, "demasiadas_peticiones")


class Protegida:
    def __init__(self, cliente: httpx.AsyncClient, usuario: Usuario, secreto: str, codigos: list[str]) -> None:
        self.cliente, self.usuario, self.totp, self.codigos = cliente, usuario, pyotp.TOTP(secreto), codigos

    def codigo(self, segundos: int = 0) -> str:
        return self.totp.at(ahora() + timedelta(seconds=segundos))

    async def entrar(self, otp: str | None = None, clave: str = CLAVE) -> httpx.Response:
        cuerpo = {"username": ANA, "password": clave} | ({} if otp is None else {"otp": otp})
        return await self.cliente.post(f"{AUTH}/login", data=cuerpo)


async def proteger(cliente: httpx.AsyncClient, modulo: Modulo, usuario: Usuario) -> Protegida:
    empezado = await modulo.segundo_factor.empezar(quien=de(usuario))
    codigos = await modulo.segundo_factor.confirmar(pyotp.TOTP(empezado.secreto).at(ahora()), quien=de(usuario))
    return Protegida(cliente, usuario, empezado.secreto, codigos.codigos)


@pytest.fixture
async def ana(cliente: httpx.AsyncClient, modulo_real: Modulo, reloj: Reloj) -> Protegida:
    protegida = await proteger(cliente, modulo_real, await modulo_real.residente(email=ANA))
    reloj.avanzar(minutes=5)
    return protegida


class TestRepetir:
    async def test_a_code_seen_over_a_shoulder(self, ana: Protegida, reloj: Reloj) -> None:
        codigo = ana.codigo()
        assert (await ana.entrar(codigo)).status_code == 200
        for _ in range(3):
            assert rechazo(await ana.entrar(codigo)) == INVALIDO
            reloj.avanzar(seconds=10)

    async def test_one_of_the_step_before_the_one_used(self, ana: Protegida) -> None:
        """The window takes three steps, but never back."""
        anterior = ana.codigo(-30)
        assert (await ana.entrar(ana.codigo())).status_code == 200
        assert rechazo(await ana.entrar(anterior)) == INVALIDO
        assert (await ana.entrar(ana.codigo(30))).status_code == 200

    async def test_a_recovery_code(self, ana: Protegida) -> None:
        assert (await ana.entrar(ana.codigos[0])).status_code == 200
        assert rechazo(await ana.entrar(ana.codigos[0])) == INVALIDO

    async def test_the_code_that_turned_it_on(self, cliente: httpx.AsyncClient, modulo_real: Modulo) -> None:
        protegida = await proteger(cliente, modulo_real, await modulo_real.residente(email=ANA))
        assert rechazo(await protegida.entrar(protegida.codigo())) == INVALIDO

    async def test_the_code_of_one_s_neighbour(
        self, cliente: httpx.AsyncClient, modulo_real: Modulo, ana: Protegida
    ) -> None:
        vecina = await proteger(cliente, modulo_real, await modulo_real.residente(email="eva@example.com"))
        assert rechazo(await ana.entrar(vecina.codigo(30))) == INVALIDO
        assert rechazo(await ana.entrar(vecina.codigos[0])) == INVALIDO


class TestALaVez:
    async def test_one_code_for_many(self, ana: Protegida) -> None:
        respuestas = await asyncio.gather(*(ana.entrar(ana.codigo()) for _ in range(LIBRES)))
        assert Counter(r.status_code for r in respuestas) == {200: 1, 401: LIBRES - 1}

    async def test_one_recovery_code_for_many(self, ana: Protegida) -> None:
        respuestas = await asyncio.gather(*(ana.entrar(ana.codigos[0]) for _ in range(20)))
        assert Counter(r.status_code for r in respuestas) == {200: 1, 401: 19}

    async def test_a_hundred_guesses_before_any_is_counted(self, ana: Protegida) -> None:
        """They are counted before they are judged: no more than the free ones are judged at all."""
        intentos = [f"{n:06}" for n in range(100)]
        respuestas = await asyncio.gather(*(ana.entrar(otp) for otp in intentos))
        assert Counter(rechazo(r) for r in respuestas) == {INVALIDO: LIBRES, FRENADO: 100 - LIBRES}


class TestAdivinar:
    async def fallar(self, ana: Protegida) -> None:
        for n in range(LIBRES):
            assert rechazo(await ana.entrar(f"{n:06}")) == INVALIDO
        assert rechazo(await ana.entrar("000000")) == FRENADO

    async def test_the_right_password_in_between_changes_nothing(self, ana: Protegida) -> None:
        for n in range(LIBRES):
            assert rechazo(await ana.entrar(f"{n:06}")) == INVALIDO
            assert rechazo(await ana.entrar()) == REQUERIDO
        assert rechazo(await ana.entrar("000000")) == FRENADO

    async def test_from_here_and_there_it_is_one_count(
        self, cliente: httpx.AsyncClient, modulo_real: Modulo, ana: Protegida
    ) -> None:
        """The count is the account's: signing in and turning it off draw on the same."""
        await self.fallar(ana)
        cabeceras = await sesion(modulo_real, ana.usuario)
        cuerpo = {"password": CLAVE, "codigo": ana.codigo()}
        respuesta = await cliente.post(f"{AUTH}/mfa/desactivar", json=cuerpo, headers=cabeceras)
        assert rechazo(respuesta) == FRENADO

    async def test_a_day_of_it_is_some_hundred_guesses(self, ana: Protegida, reloj: Reloj) -> None:
        """So that a right one among a million (three count at a time) is years away."""
        hasta, juzgados = ahora() + timedelta(days=1), 0
        while ahora() < hasta:
            respuesta = await ana.entrar("000000")
            if respuesta.status_code == 429:
                reloj.avanzar(seconds=int(respuesta.headers["retry-after"]))
            else:
                juzgados += 1
        assert juzgados < 120

    async def test_the_owner_is_not_shut_out(self, ana: Protegida, modulo_real: Modulo, reloj: Reloj) -> None:
        await self.fallar(ana)
        # With a recovery code at once, and with the next code in a while, whatever was guessed before.
        assert (await ana.entrar(ana.codigos[0])).status_code == 200
        await SegundoFactorRepository().update_one({"_id": ana.usuario.id}, {"$set": {"fallos": 10**6}})
        await ana.entrar("000000")
        reloj.avanzar(minutes=15)
        assert (await ana.entrar(ana.codigo())).status_code == 200
        assert modulo_real.bitacora.sucesos.count(("mfa_fallido", ana.usuario.oid, False)) >= LIBRES


class TestRodear:
    async def test_recovering_the_password_does_not_take_it_off(
        self, cliente: httpx.AsyncClient, modulo_real: Modulo, ana: Protegida
    ) -> None:
        token = await pedir_recuperacion(cliente, modulo_real, ANA)
        assert token is not None
        assert (await recuperar(cliente, token)).status_code == 204
        assert rechazo(await entrar(cliente, ANA, OTRA)) == REQUERIDO
        assert (await ana.entrar(ana.codigo(), clave=OTRA)).status_code == 200

    @pytest.mark.parametrize("otp", ["", " ", "0", "000000", "null", "true", "[]", "123456789", "\0", "x" * 10_000])
    async def test_what_is_no_code(self, ana: Protegida, otp: str) -> None:
        assert rechazo(await ana.entrar(otp)) in (INVALIDO, REQUERIDO)

    async def test_a_stolen_session_does_not_turn_it_off(
        self, cliente: httpx.AsyncClient, modulo_real: Modulo, ana: Protegida
    ) -> None:
        robada: Cabeceras = await sesion(modulo_real, ana.usuario)
        for cuerpo in (
            {"password": "no es", "codigo": ana.codigo()},
            {"password": CLAVE, "codigo": "000000"},
            {"password": "", "codigo": ""},
        ):
            assert (await cliente.post(f"{AUTH}/mfa/desactivar", json=cuerpo, headers=robada)).status_code == 422
        assert rechazo(await cliente.post(f"{AUTH}/mfa", headers=robada)) == (409, "mfa_activo")
        assert rechazo(await cliente.delete(f"{AUTH}/usuarios/{ana.usuario.id}/mfa", headers=robada)) == (
            403,
            "rol_insuficiente",
        )
        assert rechazo(await ana.entrar()) == REQUERIDO

    async def test_an_admin_s_stolen_session_does_not_take_off_their_own(
        self, cliente: httpx.AsyncClient, modulo_real: Modulo
    ) -> None:
        admin = await modulo_real.usuario(email=ANA)
        await proteger(cliente, modulo_real, admin)
        robada = await sesion(modulo_real, admin)
        respuesta = await cliente.delete(f"{AUTH}/usuarios/{admin.id}/mfa", headers=robada)
        assert rechazo(respuesta) == (403, "conflicto_de_interes")

    async def test_a_secret_put_in_from_another_account_of_the_table(
        self, cliente: httpx.AsyncClient, modulo_real: Modulo, ana: Protegida
    ) -> None:
        """Who can write the database but has no key puts their own sealed secret in the place of hers."""
        ladron = await proteger(cliente, modulo_real, await modulo_real.residente(email="ladron@example.com"))
        propio = await SegundoFactorRepository().get(ladron.usuario.oid)
        assert propio is not None
        cambio = {"secreto": propio.secreto, "codigos": propio.codigos}
        await SegundoFactorRepository().update_one({"_id": ana.usuario.id}, {"$set": cambio})
        assert rechazo(await ana.entrar(ladron.codigo(30))) == INVALIDO
        assert rechazo(await ana.entrar(ladron.codigos[0])) == INVALIDO

    async def test_keys_and_invitations_are_no_way_around_for_staff(
        self, cliente: httpx.AsyncClient, modulo_real: Modulo
    ) -> None:
        """Nothing of `/auth` that only a person does is open to what is no person."""
        quien = await modulo_real.cabeceras(Rol.admin)
        respuesta = await cliente.post(f"{AUTH}/llaves", json={"nombre": "tablero", "rol": "admin"}, headers=quien)
        llave = {"Authorization": f"Bearer {respuesta.json()['llave']}"}
        for metodo, ruta in (
            *(("GET", "/yo"), ("POST", "/mfa"), ("GET", "/sesiones"), ("DELETE", "/sesiones"), ("POST", "/logout")),
            *(("GET", "/usuarios"), ("PATCH", f"/usuarios/{'0' * 24}"), ("DELETE", f"/usuarios/{'0' * 24}/mfa")),
        ):
            assert rechazo(await cliente.request(metodo, f"{AUTH}{ruta}", headers=llave)) == (403, "llave_no_admitida")


class TestSesionRobada:
    """A token taken from somebody who has no second factor yet would give them one of the thief's."""

    async def test_with_an_old_session(self, cliente: httpx.AsyncClient, modulo_real: Modulo, reloj: Reloj) -> None:
        usuario = await modulo_real.usuario(email=ANA)
        token = await modulo_real.entrar(usuario)
        reloj.avanzar(minutes=16)
        renovado = await cliente.post(f"{AUTH}/refresh", json={"refresh_token": token.refresh_token})
        robado = {"Authorization": f"Bearer {renovado.json()['access_token']}"}
        assert rechazo(await cliente.post(f"{AUTH}/mfa", headers=robado)) == (403, "sesion_antigua")
        assert not (await modulo_real.auth.yo(de(usuario)))["mfa"]

    async def test_who_signed_in_now_may(self, cliente: httpx.AsyncClient, modulo_real: Modulo, reloj: Reloj) -> None:
        propia = await modulo_real.cabeceras(Rol.admin)
        reloj.avanzar(minutes=9)
        assert (await cliente.post(f"{AUTH}/mfa", headers=propia)).status_code == 200
