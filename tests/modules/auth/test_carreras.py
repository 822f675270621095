"""Many at the same moment, and what only a real transaction does."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Sequence
from typing import TypeVar

import pytest

from app.core.config import ConfigError
from app.core.security import Rol
from app.modules.auth.exceptions import CuentaExistente, InvitacionInvalida, SesionInvalida
from app.modules.auth.invitaciones.service import Invitado
from app.modules.auth.models import FinDeSesion
from app.shared.exceptions import ParkNetError
from tests.autenticador import principal
from tests.conftest import Reloj
from tests.modules.auth.apoyo import CLAVE, ORIGEN, Modulo, de

ADMIN = principal(Rol.admin)
T = TypeVar("T")


async def a_la_vez(cosas: Sequence[Awaitable[T]]) -> tuple[list[T], Counter[str]]:
    """What came out, and the `codigo` of each refusal. Any other error is raised."""
    bien: list[T] = []
    mal: Counter[str] = Counter()
    for salida in await asyncio.gather(*cosas, return_exceptions=True):
        if isinstance(salida, ParkNetError):
            mal[salida.codigo] += 1
        elif isinstance(salida, BaseException):
            raise salida
        else:
            bien.append(salida)
    return bien, mal


class TestRenovar:
    async def test_fifty_at_once_leave_one_lineage(self, modulo_real: Modulo) -> None:
        token = (await modulo_real.entrar(await modulo_real.usuario())).refresh_token
        nuevos, mal = await a_la_vez([modulo_real.sesiones.renovar(token, ORIGEN) for _ in range(50)])
        assert len(nuevos) == 50
        assert not mal
        assert len({nuevo.refresh_token for nuevo in nuevos}) == 1
        (sesion,) = await modulo_real.repo_sesiones.find({})
        assert sesion.rotaciones == 1
        for nuevo in nuevos:
            await modulo_real.sesiones.autenticar(nuevo.access_token)

    async def test_used_ones_at_once_end_it_once(self, modulo_real: Modulo, reloj: Reloj) -> None:
        primero = (await modulo_real.entrar(await modulo_real.usuario())).refresh_token
        segundo = (await modulo_real.sesiones.renovar(primero, ORIGEN)).refresh_token
        reloj.avanzar(seconds=601)
        nuevos, mal = await a_la_vez([modulo_real.sesiones.renovar(primero, ORIGEN) for _ in range(20)])
        assert (nuevos, mal) == ([], {"sesion_invalida": 20})
        with pytest.raises(SesionInvalida):
            await modulo_real.sesiones.renovar(segundo, ORIGEN)
        (sesion,) = await modulo_real.repo_sesiones.find({})
        assert sesion.motivo is FinDeSesion.reuso


class TestEntrar:
    async def test_ten_at_once_into_one_account(self, modulo_real: Modulo) -> None:
        usuario = await modulo_real.usuario(email="ana@example.com")
        tokens, mal = await a_la_vez(
            [modulo_real.auth.entrar(nombre="ana@example.com", clave=CLAVE, otp=None, origen=ORIGEN) for _ in range(10)]
        )
        assert (len(tokens), mal) == (10, {})
        assert await modulo_real.repo_sesiones.count({"usuario_id": usuario.id}) == 10


class TestRegistrar:
    @pytest.mark.parametrize("de_personal", [True, False])
    async def test_twenty_at_once_make_one_account(self, modulo_real: Modulo, de_personal: bool) -> None:
        token = await self._invitar(modulo_real, de_personal=de_personal)
        registrar = [modulo_real.registro.registrar(invitacion=token, clave=CLAVE) for _ in range(20)]
        cuentas, mal = await a_la_vez(registrar)
        assert len(cuentas) == 1
        assert mal == {"entrada_invalida": 19}
        assert await modulo_real.usuarios.count({"rol": {"$ne": "admin"}}) == 1

    async def test_nobody_takes_over_an_account(self, modulo_real: Modulo) -> None:
        token = await self._invitar(modulo_real, de_personal=True)
        dueno = await modulo_real.usuario(email="eva@example.com")
        with pytest.raises(CuentaExistente):
            await modulo_real.registro.registrar(invitacion=token, clave="otra clave distinta")
        assert await modulo_real.usuarios.find({"email": "eva@example.com"}) == [dueno]
        assert await modulo_real.repo_invitaciones.count({"pendiente": True}) == 1

    async def test_one_account_a_resident(self, modulo_real: Modulo) -> None:
        usuario = await modulo_real.residente()
        with pytest.raises(CuentaExistente):
            await modulo_real.usuario(rol=Rol.operador, residente_id=usuario.residente_id)

    async def test_a_refused_registration_uses_nothing_up(self, modulo_real: Modulo) -> None:
        token = await self._invitar(modulo_real, de_personal=False)
        (residente_id,) = modulo_real.padron.personas
        modulo_real.padron.retirar(residente_id)
        with pytest.raises(InvitacionInvalida):
            await modulo_real.registro.registrar(invitacion=token, clave=CLAVE)
        assert await modulo_real.repo_invitaciones.count({"pendiente": True}) == 1

    async def _invitar(self, modulo: Modulo, *, de_personal: bool) -> str:
        invitado = (
            Invitado(rol=Rol.operador, email="eva@example.com")
            if de_personal
            else Invitado(rol=Rol.residente, residente_id=modulo.padron.agregar(email="ana@example.com"))
        )
        return (await modulo.invitaciones.invitar(invitado, quien=de(await modulo.usuario()))).token


class TestInvitar:
    @pytest.mark.parametrize("de_personal", [True, False])
    async def test_five_at_once_leave_one_invitation(self, modulo_real: Modulo, de_personal: bool) -> None:
        residente_id = modulo_real.padron.agregar()
        invitado = (
            Invitado(rol=Rol.auditor, email="eva@example.com")
            if de_personal
            else Invitado(rol=Rol.residente, residente_id=residente_id)
        )
        quien = de(await modulo_real.usuario())
        hechas, mal = await a_la_vez([modulo_real.invitaciones.invitar(invitado, quien=quien) for _ in range(5)])
        assert (len(hechas), mal) == (5, {})
        (viva,) = await modulo_real.repo_invitaciones.find({})
        (cuenta,), mal = await a_la_vez(
            [modulo_real.registro.registrar(invitacion=hecha.token, clave=CLAVE) for hecha in hechas]
        )
        assert mal == {"entrada_invalida": 4}
        assert (cuenta.rol, cuenta.residente_id) == (viva.rol, viva.residente_id)

    async def test_against_registering(self, modulo_real: Modulo) -> None:
        invitado = Invitado(rol=Rol.residente, residente_id=modulo_real.padron.agregar())
        token = (await modulo_real.invitaciones.invitar(invitado, quien=ADMIN)).token
        await asyncio.gather(
            modulo_real.registro.registrar(invitacion=token, clave=CLAVE),
            modulo_real.invitaciones.invitar(invitado, quien=ADMIN),
            return_exceptions=True,
        )
        cuentas = await modulo_real.usuarios.count({"rol": "residente"})
        pendientes = await modulo_real.repo_invitaciones.count({"pendiente": True})
        assert cuentas + pendientes == 1


class TestPrimerAdmin:
    async def test_ten_processes_at_once_make_one(self, modulo_real: Modulo) -> None:
        await asyncio.gather(
            *(modulo_real.registro.asegurar_primer_admin(email="admin@example.com", clave=CLAVE) for _ in range(10))
        )
        assert await modulo_real.usuarios.count({}) == 1

    async def test_an_email_that_is_somebody_s_is_not_taken_over(self, modulo_real: Modulo) -> None:
        dueno = await modulo_real.usuario(rol=Rol.residente, email="admin@example.com")
        with pytest.raises(ConfigError, match=r"^PARKNET_ADMIN_EMAIL: "):
            await modulo_real.registro.asegurar_primer_admin(email="admin@example.com", clave=CLAVE)
        assert await modulo_real.usuarios.find({}) == [dueno]
