"""One's own account over HTTP, on the real server: sessions, password, second factor."""

from typing import Any

import httpx
import pyotp
import pytest

from app.core.clock import ahora
from app.core.security import Rol
from app.database.unit_of_work import UnitOfWork
from app.modules.auth.models import Usuario
from app.modules.auth.router import router
from app.modules.auth.schemas import Token
from tests.conftest import Abrir, Reloj
from tests.modules.auth.apoyo import AUTH, CLAVE, HasherQueCuenta, Modulo, entrar, errores, portador, problema

NUEVA = "otra clave muy distinta"
Cabeceras = dict[str, str]


@pytest.fixture
async def ana(modulo_real: Modulo) -> Usuario:
    return await modulo_real.usuario(rol=Rol.residente, email="ana@example.com")


@pytest.fixture
async def quien(modulo_real: Modulo, ana: Usuario) -> Cabeceras:
    return portador(await modulo_real.entrar(ana))


class TestAnonimo:
    @pytest.mark.parametrize(
        ("metodo", "ruta"),
        [
            ("GET", "/yo"),
            ("POST", "/logout"),
            ("GET", "/sesiones"),
            ("DELETE", "/sesiones"),
            ("DELETE", f"/sesiones/{'0' * 24}"),
            ("POST", "/clave"),
            ("POST", "/mfa"),
            ("POST", "/mfa/confirmar"),
            ("POST", "/mfa/desactivar"),
        ],
    )
    async def test_refused(self, cliente: httpx.AsyncClient, metodo: str, ruta: str) -> None:
        problema(await cliente.request(metodo, f"{AUTH}{ruta}"), 401, "no_autenticado")


class TestSesiones:
    @pytest.mark.usefixtures("ana")
    async def test_one_s_own_and_which_is_this_one(
        self, cliente: httpx.AsyncClient, modulo_real: Modulo, reloj: Reloj
    ) -> None:
        await modulo_real.entrar(await modulo_real.usuario())
        agentes = ["Mozilla/5.0 (iPhone) Safari/604.1", "Mozilla/5.0 (X11; Linux) Firefox/140.0"]
        tokens = []
        for agente in agentes:
            reloj.avanzar(minutes=1)
            cliente.headers["User-Agent"] = agente
            tokens.append((await entrar(cliente, "ana@example.com")).json())
        cabeceras = {"Authorization": f"Bearer {tokens[0]['access_token']}"}
        cuerpo = (await cliente.get(f"{AUTH}/sesiones", headers=cabeceras)).json()
        assert cuerpo["siguiente"] is None
        vistas = [(s["dispositivo"], s["direccion"], s["actual"]) for s in cuerpo["items"]]
        assert vistas == [("Firefox · Linux", "127.0.0.1", False), ("Safari · iPhone", "127.0.0.1", True)]
        campos = {"id", "dispositivo", "direccion", "creado_en", "ultimo_uso", "expira_en", "actual"}
        assert all(set(s) == campos for s in cuerpo["items"])
        reloj.avanzar(minutes=1)
        await cliente.post(f"{AUTH}/refresh", json={"refresh_token": tokens[0]["refresh_token"]})
        primera = (await cliente.get(f"{AUTH}/sesiones", headers=cabeceras)).json()["items"][0]
        assert primera["actual"]
        assert primera["ultimo_uso"] == reloj.instante.isoformat(timespec="milliseconds").replace("+00:00", "Z")

    async def test_ended_and_expired_ones_are_not_there(
        self, cliente: httpx.AsyncClient, modulo_real: Modulo, ana: Usuario, reloj: Reloj
    ) -> None:
        await modulo_real.entrar(ana)
        reloj.avanzar(days=180)
        salida = portador(await modulo_real.entrar(ana))
        assert (await cliente.post(f"{AUTH}/logout", headers=salida)).status_code == 204
        cabeceras = portador(await modulo_real.entrar(ana))
        (unica,) = (await cliente.get(f"{AUTH}/sesiones", headers=cabeceras)).json()["items"]
        assert unica["actual"]

    async def test_pages(self, cliente: httpx.AsyncClient, modulo_real: Modulo, ana: Usuario, quien: Cabeceras) -> None:
        for _ in range(4):
            await modulo_real.entrar(ana)
        vistas, siguiente = [], ""
        while siguiente is not None:
            cursor = f"&cursor={siguiente}" if siguiente else ""
            pagina = (await cliente.get(f"{AUTH}/sesiones?limite=2&contar=true{cursor}", headers=quien)).json()
            assert pagina["total"] == 5
            vistas += [s["id"] for s in pagina["items"]]
            siguiente = pagina["siguiente"]
        assert len(vistas) == len(set(vistas)) == 5

    async def test_ending_one(
        self, cliente: httpx.AsyncClient, modulo_real: Modulo, ana: Usuario, quien: Cabeceras
    ) -> None:
        otra = portador(await modulo_real.entrar(ana))
        assert (await cliente.get(f"{AUTH}/yo", headers=otra)).status_code == 200
        vistas = (await cliente.get(f"{AUTH}/sesiones", headers=quien)).json()["items"]
        (ajena,) = [s["id"] for s in vistas if not s["actual"]]
        assert (await cliente.delete(f"{AUTH}/sesiones/{ajena}", headers=quien)).status_code == 204
        problema(await cliente.get(f"{AUTH}/yo", headers=otra), 401, "token_invalido")
        problema(await cliente.delete(f"{AUTH}/sesiones/{ajena}", headers=quien), 404, "no_encontrado")
        assert (await cliente.get(f"{AUTH}/yo", headers=quien)).status_code == 200

    async def test_ending_all_others(
        self, cliente: httpx.AsyncClient, modulo_real: Modulo, ana: Usuario, quien: Cabeceras
    ) -> None:
        otras = [portador(await modulo_real.entrar(ana)) for _ in range(3)]
        ajena = await modulo_real.cabeceras(Rol.residente)
        for cabeceras in otras:
            assert (await cliente.get(f"{AUTH}/yo", headers=cabeceras)).status_code == 200
        for _ in range(2):
            assert (await cliente.delete(f"{AUTH}/sesiones", headers=quien)).status_code == 204
        for cabeceras in otras:
            problema(await cliente.get(f"{AUTH}/yo", headers=cabeceras), 401, "token_invalido")
        for cabeceras in (quien, ajena):
            assert (await cliente.get(f"{AUTH}/yo", headers=cabeceras)).status_code == 200


class TestClave:
    async def cambiar(self, cliente: httpx.AsyncClient, quien: Cabeceras, **cuerpo: Any) -> httpx.Response:
        datos = {"actual": CLAVE, "nueva": NUEVA} | cuerpo
        return await cliente.post(f"{AUTH}/clave", json=datos, headers=quien)

    async def test_changed(self, cliente: httpx.AsyncClient, quien: Cabeceras) -> None:
        respuesta = await self.cambiar(cliente, quien)
        assert (respuesta.status_code, respuesta.content) == (204, b"")
        problema(await entrar(cliente, "ana@example.com"), 401, "credenciales_invalidas")
        assert (await entrar(cliente, "ana@example.com", NUEVA)).status_code == 200

    @pytest.mark.parametrize(
        ("cuerpo", "error"),
        [
            ({"actual": "no"}, ("actual", "clave_incorrecta")),
            ({"actual": 7}, ("actual", "tipo_invalido")),
            ({"nueva": "x" * 11}, ("nueva", "muy_corto")),
            ({"nueva": "x7K$" * 32 + "a"}, ("nueva", "muy_largo")),
            ({"nueva": "Password2024"}, ("nueva", "clave_comun")),
            ({"nueva": "ana@example.com"}, ("nueva", "clave_personal")),
            ({"usuario_id": "0" * 24}, ("", "campo_desconocido")),
        ],
        ids=str,
    )
    async def test_refused_saying_why(
        self, cliente: httpx.AsyncClient, quien: Cabeceras, cuerpo: dict[str, Any], error: tuple[str, str]
    ) -> None:
        respuesta = await self.cambiar(cliente, quien, **cuerpo)
        assert errores(respuesta) == [error]
        assert (await entrar(cliente, "ana@example.com")).status_code == 200

    @pytest.mark.parametrize(
        "nueva",
        ["doce de esos", "larga, como pocas; " * 6 + "y punto final.", "  espacios a los lados  ", "сложный пароль"],
    )
    async def test_any_characters_as_they_are(self, cliente: httpx.AsyncClient, quien: Cabeceras, nueva: str) -> None:
        assert 12 <= len(nueva) <= 128
        assert (await self.cambiar(cliente, quien, nueva=nueva)).status_code == 204
        assert (await entrar(cliente, "ana@example.com", nueva)).status_code == 200
        problema(await entrar(cliente, "ana@example.com", nueva.strip() + " "), 401, "credenciales_invalidas")


class TestMfa:
    async def activar(self, cliente: httpx.AsyncClient, quien: Cabeceras) -> tuple[pyotp.TOTP, list[str]]:
        empezado = await cliente.post(f"{AUTH}/mfa", headers=quien)
        assert (empezado.status_code, set(empezado.json())) == (200, {"secreto", "uri"})
        assert empezado.headers["cache-control"] == "no-store"
        totp = pyotp.TOTP(empezado.json()["secreto"])
        cuerpo = {"codigo": totp.at(ahora())}
        activado = await cliente.post(f"{AUTH}/mfa/confirmar", json=cuerpo, headers=quien)
        assert (activado.status_code, set(activado.json())) == (200, {"codigos"})
        return totp, activado.json()["codigos"]

    async def test_from_nothing_and_back(self, cliente: httpx.AsyncClient, quien: Cabeceras, reloj: Reloj) -> None:
        totp, codigos = await self.activar(cliente, quien)
        assert (await cliente.get(f"{AUTH}/yo", headers=quien)).json()["mfa"] is True
        problema(await entrar(cliente, "ana@example.com"), 401, "otp_requerido")
        problema(await entrar(cliente, "ana@example.com", otp="000000"), 401, "otp_invalido")
        reloj.avanzar(minutes=1)
        assert (await entrar(cliente, "ana@example.com", otp=totp.at(ahora()))).status_code == 200
        problema(await entrar(cliente, "ana@example.com", otp=totp.at(ahora())), 401, "otp_invalido")
        assert (await entrar(cliente, "ana@example.com", otp=codigos[0])).status_code == 200
        problema(await entrar(cliente, "ana@example.com", otp=codigos[0]), 401, "otp_invalido")
        problema(await cliente.post(f"{AUTH}/mfa", headers=quien), 409, "mfa_activo")
        cuerpo = {"password": CLAVE, "codigo": codigos[1]}
        assert (await cliente.post(f"{AUTH}/mfa/desactivar", json=cuerpo, headers=quien)).status_code == 204
        assert (await entrar(cliente, "ana@example.com")).status_code == 200
        problema(await cliente.post(f"{AUTH}/mfa/desactivar", json=cuerpo, headers=quien), 409, "mfa_inactivo")

    async def test_guessing_is_slowed_down(self, cliente: httpx.AsyncClient, quien: Cabeceras) -> None:
        await self.activar(cliente, quien)
        for _ in range(5):
            problema(await entrar(cliente, "ana@example.com", otp="000000"), 401, "otp_invalido")
        frenada = await entrar(cliente, "ana@example.com", otp="000000")
        assert problema(frenada, 429, "demasiadas_peticiones")["datos"] == {
            "politica": "mfa",
            "limite": 5,
            "segundos": 5,
        }
        assert frenada.headers["retry-after"] == "5"
        assert frenada.headers["ratelimit"].split(", ")[-1] == '"mfa";r=0;t=5'

    @pytest.mark.parametrize("codigo", ["", "000000", "x" * 5_000, "\0"])
    async def test_a_wrong_first_code(self, cliente: httpx.AsyncClient, quien: Cabeceras, codigo: str) -> None:
        await cliente.post(f"{AUTH}/mfa", headers=quien)
        respuesta = await cliente.post(f"{AUTH}/mfa/confirmar", json={"codigo": codigo}, headers=quien)
        assert errores(respuesta) == [("codigo", "otp_invalido")]


@pytest.fixture
async def exigente(base_real: UnitOfWork, reloj: Reloj, hasher: HasherQueCuenta) -> Modulo:  # noqa: ARG001
    return Modulo(base_real, hasher, mfa_obligatorio=True)


class TestMfaObligatorio:
    @pytest.fixture
    async def estricto(self, exigente: Modulo, abrir_app: Abrir) -> httpx.AsyncClient:
        return await abrir_app([router], **exigente.estado)

    @pytest.mark.parametrize("rol", [Rol.admin, Rol.operador, Rol.auditor])
    async def test_staff_do_nothing_but_set_one_up(
        self, estricto: httpx.AsyncClient, exigente: Modulo, rol: Rol
    ) -> None:
        usuario = await exigente.usuario(rol=rol, email="eva@example.com")
        quien = portador(await exigente.entrar(usuario))
        for metodo, ruta in (
            ("GET", "/invitaciones"),
            ("GET", "/sesiones"),
            ("DELETE", "/sesiones"),
            ("POST", "/clave"),
            ("POST", "/mfa/desactivar"),
        ):
            problema(await estricto.request(metodo, f"{AUTH}{ruta}", headers=quien), 403, "mfa_requerido")
        assert (await estricto.get(f"{AUTH}/yo", headers=quien)).status_code == 200
        await TestMfa().activar(estricto, quien)
        assert (await estricto.get(f"{AUTH}/invitaciones", headers=quien)).status_code == 200

    async def test_the_role_is_judged_first(self, estricto: httpx.AsyncClient, exigente: Modulo) -> None:
        quien = await exigente.cabeceras(Rol.operador)
        problema(await estricto.get(f"{AUTH}/usuarios", headers=quien), 403, "rol_insuficiente")

    async def test_leaving_is_always_possible(self, estricto: httpx.AsyncClient, exigente: Modulo) -> None:
        quien = await exigente.cabeceras(Rol.admin)
        assert (await estricto.post(f"{AUTH}/logout", headers=quien)).status_code == 204

    @pytest.mark.parametrize("rol", [Rol.residente, Rol.porteria])
    async def test_residents_and_the_gate_are_not_asked(
        self, estricto: httpx.AsyncClient, exigente: Modulo, rol: Rol
    ) -> None:
        quien = await exigente.cabeceras(rol)
        assert (await estricto.get(f"{AUTH}/sesiones", headers=quien)).status_code == 200


class TestAvisos:
    async def test_a_new_device_is_told_of_and_a_known_one_is_not(
        self, cliente: httpx.AsyncClient, modulo_real: Modulo, ana: Usuario
    ) -> None:
        for agente in ("ParkNet/1 (Android)", "ParkNet/2 (Android)", "curl/8", "curl/9", "ParkNet/3 (Android)"):
            cliente.headers["User-Agent"] = agente
            await entrar(cliente, "ana@example.com")
        assert modulo_real.avisos.avisos == [("sesion_nueva", ana.oid)]

    async def test_a_token_that_came_back_is_told_of_once(
        self, modulo_real: Modulo, cliente: httpx.AsyncClient, ana: Usuario, reloj: Reloj
    ) -> None:
        primero: Token = await modulo_real.entrar(ana)
        await cliente.post(f"{AUTH}/refresh", json={"refresh_token": primero.refresh_token})
        reloj.avanzar(seconds=601)
        for _ in range(3):
            respuesta = await cliente.post(f"{AUTH}/refresh", json={"refresh_token": primero.refresh_token})
            problema(respuesta, 401, "sesion_invalida")
        assert modulo_real.avisos.avisos == [("sesion_reusada", ana.oid)]
        assert modulo_real.bitacora.sucesos == [("refresco_repetido", ana.oid, False)]
