"""Refresh tokens that are made up, stolen, used twice or raced."""

import asyncio
from collections import Counter

import httpx
import pytest
from beanie import PydanticObjectId

from app.modules.auth.models import Usuario
from app.modules.auth.sesiones.refresco import Refresco, sello_nuevo
from tests.ataques.apoyo import AUTH, rechazo
from tests.conftest import Reloj
from tests.modules.auth.apoyo import Modulo

INVALIDA = (401, "sesion_invalida")
Pareja = dict[str, str]


@pytest.fixture
async def ana(modulo_real: Modulo) -> Usuario:
    return await modulo_real.residente(email="ana@example.com")


async def abrir(modulo: Modulo, usuario: Usuario) -> str:
    return (await modulo.entrar(usuario)).refresh_token


async def renovar(cliente: httpx.AsyncClient, token: str) -> httpx.Response:
    return await cliente.post(f"{AUTH}/refresh", json={"refresh_token": token})


async def renovada(cliente: httpx.AsyncClient, token: str) -> Pareja:
    respuesta = await renovar(cliente, token)
    assert respuesta.status_code == 200, respuesta.text
    pareja: Pareja = respuesta.json()
    return pareja


async def vale(cliente: httpx.AsyncClient, pareja: Pareja) -> bool:
    cabeceras = {"Authorization": f"Bearer {pareja['access_token']}"}
    return (await cliente.get(f"{AUTH}/yo", headers=cabeceras)).status_code == 200


class TestRobado:
    async def test_the_thief_comes_after_the_owner(
        self, cliente: httpx.AsyncClient, modulo_real: Modulo, ana: Usuario, reloj: Reloj
    ) -> None:
        robado = await abrir(modulo_real, ana)
        suya = await renovada(cliente, robado)
        reloj.avanzar(seconds=601)
        assert rechazo(await renovar(cliente, robado)) == INVALIDA
        assert not await vale(cliente, suya)
        assert rechazo(await renovar(cliente, suya["refresh_token"])) == INVALIDA
        assert modulo_real.avisos.avisos == [("sesion_reusada", ana.oid)]

    async def test_the_thief_comes_before_the_owner(
        self, cliente: httpx.AsyncClient, modulo_real: Modulo, ana: Usuario, reloj: Reloj
    ) -> None:
        robado = await abrir(modulo_real, ana)
        del_ladron = await renovada(cliente, robado)
        reloj.avanzar(minutes=5)
        del_ladron = await renovada(cliente, del_ladron["refresh_token"])
        # The owner's own, whose successor was used: within the ten minutes too.
        assert rechazo(await renovar(cliente, robado)) == INVALIDA
        assert not await vale(cliente, del_ladron)
        assert rechazo(await renovar(cliente, del_ladron["refresh_token"])) == INVALIDA

    async def test_within_ten_minutes_thief_and_owner_share_one_lineage(
        self, cliente: httpx.AsyncClient, modulo_real: Modulo, ana: Usuario
    ) -> None:
        """They get the same next token, so that the one of them who comes second with it ends it for both."""
        robado = await abrir(modulo_real, ana)
        del_ladron, suya = await renovada(cliente, robado), await renovada(cliente, robado)
        assert del_ladron["refresh_token"] == suya["refresh_token"]
        await renovada(cliente, await _siguiente(cliente, del_ladron))
        assert rechazo(await renovar(cliente, suya["refresh_token"])) == INVALIDA

    async def test_an_old_one_from_the_middle(
        self, cliente: httpx.AsyncClient, modulo_real: Modulo, ana: Usuario
    ) -> None:
        tokens = [await abrir(modulo_real, ana)]
        for _ in range(6):
            tokens.append((await renovada(cliente, tokens[-1]))["refresh_token"])
        assert rechazo(await renovar(cliente, tokens[2])) == INVALIDA
        assert rechazo(await renovar(cliente, tokens[-1])) == INVALIDA

    async def test_other_sessions_of_the_same_person_go_on(
        self, cliente: httpx.AsyncClient, modulo_real: Modulo, ana: Usuario, reloj: Reloj
    ) -> None:
        robado, otra = await abrir(modulo_real, ana), await abrir(modulo_real, ana)
        await renovada(cliente, robado)
        reloj.avanzar(seconds=601)
        await renovar(cliente, robado)
        assert await vale(cliente, await renovada(cliente, otra))


async def _siguiente(cliente: httpx.AsyncClient, pareja: Pareja) -> str:
    return (await renovada(cliente, pareja["refresh_token"]))["refresh_token"]


class TestInventado:
    async def test_for_a_known_session_leaves_it_alone(
        self, cliente: httpx.AsyncClient, modulo_real: Modulo, ana: Usuario
    ) -> None:
        """Whoever only knows a session's id cannot end it by sending rubbish."""
        bueno = await abrir(modulo_real, ana)
        (sesion,) = await modulo_real.repo_sesiones.find({})
        for _ in range(20):
            inventado = Refresco.nuevo(sesion_id=sesion.oid, sello=sello_nuevo()).texto
            assert rechazo(await renovar(cliente, inventado)) == INVALIDA
        assert (await renovar(cliente, bueno)).status_code == 200

    async def test_of_a_session_that_never_was(self, cliente: httpx.AsyncClient) -> None:
        inventado = Refresco.nuevo(sesion_id=PydanticObjectId(), sello=sello_nuevo()).texto
        assert rechazo(await renovar(cliente, inventado)) == INVALIDA

    async def test_the_parts_of_two_sessions(
        self, cliente: httpx.AsyncClient, modulo_real: Modulo, ana: Usuario
    ) -> None:
        una, otra = await abrir(modulo_real, ana), await abrir(modulo_real, await modulo_real.residente())
        assert rechazo(await renovar(cliente, una[:16] + otra[16:])) == INVALIDA
        assert rechazo(await renovar(cliente, otra[:16] + una[16:])) == INVALIDA
        for token in (una, otra):
            assert (await renovar(cliente, token)).status_code == 200

    @pytest.mark.parametrize(
        "cambio", [str.swapcase, lambda t: t[:-1] + ("A" if t[-1] != "A" else "B")], ids=["case", "end"]
    )
    async def test_spelt_another_way(
        self, cliente: httpx.AsyncClient, modulo_real: Modulo, ana: Usuario, cambio: object
    ) -> None:
        bueno = await abrir(modulo_real, ana)
        assert rechazo(await renovar(cliente, cambio(bueno))) == INVALIDA  # type: ignore[operator]
        for escrito in (bueno + "=", " " + bueno, bueno + "\n", f"Bearer {bueno}"):
            assert rechazo(await renovar(cliente, escrito)) == INVALIDA
        assert (await renovar(cliente, bueno)).status_code == 200

    async def test_from_what_the_database_holds(
        self, cliente: httpx.AsyncClient, modulo_real: Modulo, ana: Usuario
    ) -> None:
        """A stolen table renews nothing: neither what it says of the token nor of its successor is one."""
        await renovada(cliente, await abrir(modulo_real, ana))
        (sesion,) = await modulo_real.repo_sesiones.find({})
        guardados = [sesion.actual, sesion.anterior, sesion.sucesor, sesion.sello, str(sesion.id)]
        for guardado in guardados:
            assert guardado is not None
            assert rechazo(await renovar(cliente, guardado)) == INVALIDA
        forjado = Refresco(sesion.oid, bytes.fromhex(sesion.sucesor or ""), b"\0" * 16).texto
        assert rechazo(await renovar(cliente, forjado)) == INVALIDA


class TestTerminada:
    @pytest.mark.parametrize("como", ["logout", "deactivation", "departure", "role", "password"])
    async def test_renews_nothing(
        self, cliente: httpx.AsyncClient, modulo_real: Modulo, ana: Usuario, como: str
    ) -> None:
        token = await modulo_real.entrar(ana)
        cabeceras = {"Authorization": f"Bearer {token.access_token}"}
        match como:
            case "logout":
                await cliente.post(f"{AUTH}/logout", headers=cabeceras)
            case "departure":
                assert ana.residente_id is not None
                await modulo_real.cuentas.desactivar(residente_id=ana.residente_id)
            case "password":
                otra = {"Authorization": f"Bearer {(await modulo_real.entrar(ana)).access_token}"}
                cuerpo = {"actual": "la clave de siempre", "nueva": "otra clave muy distinta"}
                await cliente.post(f"{AUTH}/clave", json=cuerpo, headers=otra)
            case _:
                cambio = {"activo": False} if como == "deactivation" else {"rol": "operador"}
                admin = {
                    "Authorization": f"Bearer {(await modulo_real.entrar(await modulo_real.usuario())).access_token}"
                }
                await cliente.patch(f"{AUTH}/usuarios/{ana.id}", json=cambio, headers=admin)
        assert rechazo(await renovar(cliente, token.refresh_token)) == INVALIDA
        assert (await cliente.get(f"{AUTH}/yo", headers=cabeceras)).status_code == 401


class TestCarreras:
    async def test_fifty_at_once_leave_one_lineage(
        self, cliente: httpx.AsyncClient, modulo_real: Modulo, ana: Usuario
    ) -> None:
        token = await abrir(modulo_real, ana)
        respuestas = await asyncio.gather(*(renovar(cliente, token) for _ in range(50)))
        assert Counter(r.status_code for r in respuestas) == {200: 50}
        (siguiente,) = {r.json()["refresh_token"] for r in respuestas}
        assert await vale(cliente, await renovada(cliente, siguiente))
        (sesion,) = await modulo_real.repo_sesiones.find({})
        assert sesion.rotaciones == 2

    async def test_the_old_and_the_new_one_at_once(
        self, cliente: httpx.AsyncClient, modulo_real: Modulo, ana: Usuario, reloj: Reloj
    ) -> None:
        """Whichever is first, nobody is left with a session once the old one has come back too late."""
        viejo = await abrir(modulo_real, ana)
        nuevo = (await renovada(cliente, viejo))["refresh_token"]
        reloj.avanzar(seconds=601)
        respuestas = await asyncio.gather(*(renovar(cliente, token) for token in [viejo, nuevo] * 10))
        ultimos = {r.json()["refresh_token"] for r in respuestas if r.status_code == 200}
        for ultimo in ultimos | {viejo, nuevo}:
            assert rechazo(await renovar(cliente, ultimo)) == INVALIDA
        assert await modulo_real.repo_sesiones.count({"terminada_en": None}) == 0

    async def test_against_signing_out(self, cliente: httpx.AsyncClient, modulo_real: Modulo, ana: Usuario) -> None:
        token = await modulo_real.entrar(ana)
        cabeceras = {"Authorization": f"Bearer {token.access_token}"}
        respuestas = await asyncio.gather(
            cliente.post(f"{AUTH}/logout", headers=cabeceras),
            *(renovar(cliente, token.refresh_token) for _ in range(10)),
        )
        assert respuestas[0].status_code == 204
        for respuesta in respuestas[1:]:
            if respuesta.status_code == 200:
                assert not await vale(cliente, respuesta.json())
                assert rechazo(await renovar(cliente, respuesta.json()["refresh_token"])) == INVALIDA
