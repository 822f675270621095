"""Learning who has an account, by what is answered and by how much work it takes. (Work is counted in passwords checked
and in commands to the database: what a clock shows follows from these.)"""

from typing import Any

import httpx
import pytest

from app.core.security import Rol
from app.modules.auth.models import Usuario
from tests.ataques.apoyo import AUTH, entrar
from tests.modules.auth.apoyo import CLAVE, Modulo

# Every answer has its own of these.
PROPIOS = {"traza", "instance"}
CABECERAS_PROPIAS = {"x-request-id"}


async def nadie(_: Modulo) -> tuple[str, str]:
    return "nadie@example.com", CLAVE


async def otra_clave(modulo: Modulo) -> tuple[str, str]:
    await modulo.residente(email="ana@example.com")
    return "ana@example.com", "no es esa clave"


async def apagada(modulo: Modulo) -> tuple[str, str]:
    await modulo.usuario(email="off@example.com", activo=False)
    return "off@example.com", CLAVE


async def ida(modulo: Modulo) -> tuple[str, str]:
    usuario = await modulo.residente(email="ida@example.com")
    assert usuario.residente_id is not None
    await modulo.cuentas.desactivar(residente_id=usuario.residente_id)
    return "ida@example.com", CLAVE


async def con_mfa(modulo: Modulo) -> tuple[str, str]:
    await modulo.usuario(email="mfa@example.com", mfa=True)
    return "mfa@example.com", "no es esa clave"


async def documento_de_nadie(_: Modulo) -> tuple[str, str]:
    return "999", CLAVE


async def documento(modulo: Modulo) -> tuple[str, str]:
    await modulo.residente(documento="77")
    return "77", "no es esa clave"


async def documento_sin_cuenta(modulo: Modulo) -> tuple[str, str]:
    modulo.padron.agregar(documento="88")
    return "88", CLAVE


async def documento_de_varios(modulo: Modulo) -> tuple[str, str]:
    for _ in range(3):
        await modulo.residente(documento="55")
    return "55", "no es esa clave"


async def de_costo_anterior(modulo: Modulo) -> tuple[str, str]:
    await modulo.usuario(email="vieja@example.com", clave="$2b$04$" + "." * 53)
    return "vieja@example.com", CLAVE


CASOS = [nadie, otra_clave, apagada, ida, con_mfa, de_costo_anterior]
CASOS_DE_DOCUMENTO = [documento_de_nadie, documento, documento_sin_cuenta, documento_de_varios]


async def probar(
    cliente: httpx.AsyncClient, modulo: Modulo, nombre: str, clave: str
) -> tuple[Any, dict[str, str], int]:
    modulo.hasher.verificadas = 0
    respuesta = await entrar(cliente, nombre, clave)
    cuerpo = {campo: valor for campo, valor in respuesta.json().items() if campo not in PROPIOS}
    cabeceras = {n: v for n, v in respuesta.headers.items() if n not in CABECERAS_PROPIAS}
    return cuerpo, cabeceras, modulo.hasher.verificadas


class TestEntrar:
    async def test_every_reason_looks_and_takes_the_same(self, cliente: httpx.AsyncClient, modulo_real: Modulo) -> None:
        vistas = [await probar(cliente, modulo_real, *await caso(modulo_real)) for caso in CASOS]
        assert vistas[0][0]["codigo"] == "credenciales_invalidas"
        assert vistas[0][2] == 1
        assert all(vista == vistas[0] for vista in vistas)

    async def test_every_document_too_however_many_it_is_of(
        self, cliente: httpx.AsyncClient, modulo_real: Modulo
    ) -> None:
        nombres = [await caso(modulo_real) for caso in CASOS_DE_DOCUMENTO]
        vistas = [await probar(cliente, modulo_real, *nombre) for nombre in nombres]
        assert vistas[0][2] == 3
        assert all(vista == vistas[0] for vista in vistas)

    async def test_the_second_factor_is_asked_of_the_right_password_alone(
        self, cliente: httpx.AsyncClient, modulo_real: Modulo
    ) -> None:
        await modulo_real.usuario(email="mfa@example.com", mfa=True)
        for otp in ("", "123456", "abcd-efgh-ijkl-mnop"):
            cuerpo = {"username": "mfa@example.com", "password": "no es esa clave", "otp": otp}
            respuesta = await cliente.post(f"{AUTH}/login", data=cuerpo)
            assert respuesta.json()["codigo"] == "credenciales_invalidas"

    async def test_both_kinds_of_failure_leave_the_same_trace(
        self, cliente: httpx.AsyncClient, modulo_real: Modulo
    ) -> None:
        usuario = await modulo_real.residente(email="ana@example.com")
        for nombre in ("nadie@example.com", "ana@example.com"):
            await entrar(cliente, nombre, "no es esa clave")
        assert modulo_real.bitacora.sucesos == [
            ("entrada_fallida", None, False),
            ("entrada_fallida", usuario.oid, False),
        ]


class TestIds:
    @pytest.mark.parametrize("rol", [Rol.residente, Rol.operador])
    async def test_accounts_are_not_told_apart_by_who_may_not_see_them(
        self, cliente: httpx.AsyncClient, modulo_real: Modulo, rol: Rol
    ) -> None:
        quien, ajena = await modulo_real.cabeceras(rol), await modulo_real.usuario()
        for id in (str(ajena.id), "0" * 24, "zz"):
            for metodo in ("GET", "PATCH"):
                respuesta = await cliente.request(metodo, f"{AUTH}/usuarios/{id}", headers=quien)
                assert (respuesta.status_code, respuesta.json()["codigo"]) == (403, "rol_insuficiente")

    async def test_sessions_of_others_are_as_absent_as_none(
        self, cliente: httpx.AsyncClient, modulo_real: Modulo
    ) -> None:
        quien = await modulo_real.cabeceras(Rol.residente)
        ajena: Usuario = await modulo_real.residente()
        await modulo_real.entrar(ajena)
        (sesion,) = await modulo_real.repo_sesiones.find({"usuario_id": ajena.oid})
        vistas = []
        for id in (str(sesion.id), "0" * 24):
            respuesta = await cliente.delete(f"{AUTH}/sesiones/{id}", headers=quien)
            assert respuesta.status_code == 404
            vistas.append({campo: valor for campo, valor in respuesta.json().items() if campo not in PROPIOS})
        assert vistas[0] == vistas[1]
        assert await modulo_real.repo_sesiones.count({"usuario_id": ajena.oid, "terminada_en": None}) == 1
