"""Accounts as those who administer see them: roles, the switch, the last admin."""

import pytest
from beanie import PydanticObjectId

from app.core.security import Rol
from app.modules.auth.exceptions import CredencialesInvalidas, RolSinResidente, SesionInvalida, UltimoAdmin
from app.modules.auth.models import FinDeSesion, Usuario
from app.shared.exceptions import NoEncontrado, TokenInvalido
from tests.conftest import Reloj
from tests.modules.auth.apoyo import ADMIN, CLAVE, ORIGEN, Modulo
from tests.modules.auth.test_carreras import a_la_vez


async def cambiar(modulo: Modulo, usuario: Usuario, *, rol: Rol | None = None, activo: bool | None = None) -> Usuario:
    return await modulo.usuario_service.cambiar(usuario.oid, rol=rol, activo=activo, quien=ADMIN)


class TestCambiarRol:
    async def test_its_sessions_end_at_once_and_the_new_role_counts(self, modulo: Modulo, reloj: Reloj) -> None:
        usuario = await modulo.usuario(rol=Rol.operador, email="eva@example.com")
        ajeno = await modulo.entrar(await modulo.usuario())
        token = await modulo.entrar(usuario)
        await modulo.sesiones.autenticar(token.access_token)
        reloj.avanzar(seconds=1)
        cambiado = await cambiar(modulo, usuario, rol=Rol.auditor)
        assert (cambiado.rol, cambiado.rol_desde) == (Rol.auditor, reloj.instante)
        with pytest.raises(TokenInvalido):
            await modulo.sesiones.autenticar(token.access_token)
        with pytest.raises(SesionInvalida):
            await modulo.sesiones.renovar(token.refresh_token, ORIGEN)
        await modulo.sesiones.autenticar(ajeno.access_token)
        assert await modulo.repo_sesiones.count({"motivo": FinDeSesion.rol.value}) == 1
        otro = await modulo.auth.entrar(nombre="eva@example.com", clave=CLAVE, otp=None, origen=ORIGEN)
        assert (await modulo.sesiones.autenticar(otro.access_token)).rol is Rol.auditor

    async def test_its_holder_is_told_and_it_is_written_down(self, modulo: Modulo) -> None:
        usuario = await modulo.usuario(rol=Rol.operador)
        await cambiar(modulo, usuario, rol=Rol.admin)
        assert modulo.avisos.avisos == [("rol_cambiado", usuario.oid)]
        assert modulo.bitacora.sucesos == [("rol_cambiado", usuario.oid, True)]

    async def test_the_same_as_before_changes_nothing(self, modulo: Modulo, reloj: Reloj) -> None:
        usuario = await modulo.usuario(rol=Rol.admin)
        token = await modulo.entrar(usuario)
        reloj.avanzar(seconds=1)
        assert await cambiar(modulo, usuario, rol=Rol.admin, activo=True) == usuario
        await modulo.sesiones.autenticar(token.access_token)
        assert modulo.bitacora.sucesos == []

    async def test_a_resident_becomes_staff_and_goes_back(self, modulo: Modulo) -> None:
        usuario = await modulo.residente()
        for rol in (Rol.operador, Rol.residente):
            cambiado = await cambiar(modulo, usuario, rol=rol)
            assert (cambiado.rol, cambiado.residente_id) == (rol, usuario.residente_id)

    async def test_who_does_not_live_here_is_no_resident(self, modulo: Modulo) -> None:
        with pytest.raises(RolSinResidente):
            await cambiar(modulo, await modulo.usuario(rol=Rol.auditor), rol=Rol.residente)

    async def test_nobody(self, modulo: Modulo) -> None:
        with pytest.raises(NoEncontrado):
            await modulo.usuario_service.cambiar(PydanticObjectId(), rol=Rol.admin, activo=None, quien=ADMIN)


class TestApagar:
    async def test_ends_its_sessions_at_once_and_signs_in_no_more(self, modulo: Modulo) -> None:
        usuario = await modulo.residente(documento="77")
        token = await modulo.entrar(usuario)
        await modulo.sesiones.autenticar(token.access_token)
        await cambiar(modulo, usuario, activo=False)
        with pytest.raises(TokenInvalido):
            await modulo.sesiones.autenticar(token.access_token)
        with pytest.raises(CredencialesInvalidas):
            await modulo.auth.entrar(nombre="77", clave=CLAVE, otp=None, origen=ORIGEN)
        assert ("cuenta_apagada", usuario.oid, True) in modulo.bitacora.sucesos

    async def test_on_again_it_has_its_role_from_then(self, modulo: Modulo, reloj: Reloj) -> None:
        usuario = await modulo.usuario(rol=Rol.auditor, email="eva@example.com")
        reloj.avanzar(hours=1)
        assert (await cambiar(modulo, usuario, activo=False)).rol_desde == usuario.rol_desde
        reloj.avanzar(hours=1)
        assert (await cambiar(modulo, usuario, activo=True)).rol_desde == reloj.instante
        assert await modulo.auth.entrar(nombre="eva@example.com", clave=CLAVE, otp=None, origen=ORIGEN)

    async def test_a_departure_and_the_switch_do_not_touch_each_other(self, modulo: Modulo) -> None:
        usuario = await modulo.residente(documento="77")
        assert usuario.residente_id is not None
        await modulo.cuentas.desactivar(residente_id=usuario.residente_id)
        cambiado = await cambiar(modulo, usuario, activo=False)
        assert (cambiado.activo, cambiado.residencia_activa) == (False, False)
        assert not (await cambiar(modulo, usuario, activo=True)).puede_entrar


class TestUltimoAdmin:
    @pytest.mark.parametrize(
        "cambio", [{"rol": Rol.operador}, {"activo": False}, {"rol": Rol.auditor, "activo": False}]
    )
    async def test_stays(self, modulo: Modulo, cambio: dict[str, object]) -> None:
        admin = await modulo.usuario()
        await modulo.usuario(activo=False)
        await modulo.usuario(rol=Rol.operador)
        with pytest.raises(UltimoAdmin):
            await cambiar(modulo, admin, **cambio)  # type: ignore[arg-type]
        assert await modulo.usuarios.count({"rol": "admin", "activo": True}) == 1

    async def test_one_of_two_may_go_also_by_themselves(self, modulo: Modulo) -> None:
        admin = await modulo.usuario()
        await modulo.usuario()
        assert (await cambiar(modulo, admin, rol=Rol.operador)).rol is Rol.operador

    async def test_one_that_is_off_is_none(self, modulo: Modulo) -> None:
        apagado = await modulo.usuario(activo=False)
        assert (await cambiar(modulo, apagado, rol=Rol.operador)).rol is Rol.operador

    @pytest.mark.parametrize("cuantos", [2, 3, 5])
    async def test_all_at_once_leave_one(self, modulo_real: Modulo, cuantos: int) -> None:
        admins = [await modulo_real.usuario() for _ in range(cuantos)]
        idos, mal = await a_la_vez([cambiar(modulo_real, admin, rol=Rol.operador) for admin in admins])
        assert (len(idos), mal) == (cuantos - 1, {"ultimo_admin": 1})
        assert await modulo_real.usuarios.count({"rol": "admin", "activo": True}) == 1

    async def test_switched_off_and_demoted_at_once(self, modulo_real: Modulo) -> None:
        uno, otro = await modulo_real.usuario(), await modulo_real.usuario()
        idos, mal = await a_la_vez(
            [cambiar(modulo_real, uno, activo=False), cambiar(modulo_real, otro, rol=Rol.auditor)]
        )
        assert (len(idos), mal) == (1, {"ultimo_admin": 1})


class TestCarreras:
    async def test_signing_in_against_another_role_leaves_no_session_of_the_old_one(self, modulo_real: Modulo) -> None:
        usuario = await modulo_real.residente(email="ana@example.com")
        entradas = [
            modulo_real.auth.entrar(nombre="ana@example.com", clave=CLAVE, otp=None, origen=ORIGEN) for _ in range(5)
        ]
        cambio = modulo_real.usuario_service.cambiar(usuario.oid, rol=Rol.operador, activo=None, quien=ADMIN)
        salidas, mal = await a_la_vez([*entradas, cambio])
        assert not mal
        assert len(salidas) == 6
        vivas = await modulo_real.repo_sesiones.find({"terminada_en": None})
        assert all((sesion.expira_en - sesion.creado_en).days == 30 for sesion in vivas)

    async def test_signing_in_against_being_switched_off_leaves_none(self, modulo_real: Modulo) -> None:
        usuario = await modulo_real.residente(email="ana@example.com")
        entradas = [
            modulo_real.auth.entrar(nombre="ana@example.com", clave=CLAVE, otp=None, origen=ORIGEN) for _ in range(5)
        ]
        await a_la_vez(
            [*entradas, modulo_real.usuario_service.cambiar(usuario.oid, rol=None, activo=False, quien=ADMIN)]
        )
        assert await modulo_real.repo_sesiones.count({"terminada_en": None}) == 0
