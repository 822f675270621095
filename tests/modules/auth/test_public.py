from datetime import timedelta

import pytest
from beanie import PydanticObjectId

from app.core.security import Rol
from app.modules.auth.exceptions import CredencialesInvalidas, SesionInvalida
from app.modules.auth.models import FinDeSesion, Usuario
from app.shared.exceptions import TokenInvalido
from tests.conftest import INICIO, Reloj
from tests.modules.auth.apoyo import CLAVE, ORIGEN, Modulo


def de(usuario: Usuario) -> PydanticObjectId:
    assert usuario.residente_id is not None
    return usuario.residente_id


class TestDesactivar:
    async def test_without_account(self, modulo: Modulo) -> None:
        await modulo.cuentas.desactivar(residente_id=PydanticObjectId())

    async def test_resident(self, modulo: Modulo, reloj: Reloj) -> None:
        usuario = await modulo.residente(documento="77")
        otro = await modulo.residente()
        token, ajeno = await modulo.entrar(usuario), await modulo.entrar(otro)
        await modulo.sesiones.autenticar(token.access_token)
        await modulo.cuentas.desactivar(residente_id=de(usuario))
        reloj.avanzar(seconds=5)
        with pytest.raises(TokenInvalido):
            await modulo.sesiones.autenticar(token.access_token)
        with pytest.raises(SesionInvalida):
            await modulo.sesiones.renovar(token.refresh_token, ORIGEN)
        with pytest.raises(CredencialesInvalidas):
            await modulo.auth.entrar(nombre="77", clave=CLAVE, otp=None, origen=ORIGEN)
        (sesion,) = await modulo.repo_sesiones.find({"usuario_id": usuario.id})
        assert sesion.motivo is FinDeSesion.cuenta_inactiva
        await modulo.sesiones.autenticar(ajeno.access_token)

    async def test_staff_keep_working_and_no_longer_speak_for_the_resident(self, modulo: Modulo, reloj: Reloj) -> None:
        usuario = await modulo.usuario(rol=Rol.operador, residente_id=PydanticObjectId())
        token = await modulo.entrar(usuario)
        assert (await modulo.sesiones.autenticar(token.access_token)).residente_id == usuario.residente_id
        await modulo.cuentas.desactivar(residente_id=de(usuario))
        reloj.avanzar(seconds=5)
        assert (await modulo.sesiones.autenticar(token.access_token)).residente_id is None


class TestReactivar:
    async def test_resident_signs_in_again_the_old_session_stays_ended(self, modulo: Modulo) -> None:
        usuario = await modulo.residente(documento="77")
        token = await modulo.entrar(usuario)
        await modulo.cuentas.desactivar(residente_id=de(usuario))
        await modulo.cuentas.reactivar(residente_id=de(usuario))
        with pytest.raises(TokenInvalido):
            await modulo.sesiones.autenticar(token.access_token)
        assert await modulo.auth.entrar(nombre="77", clave=CLAVE, otp=None, origen=ORIGEN)

    async def test_what_an_admin_switched_off_stays_off(self, modulo: Modulo) -> None:
        usuario = await modulo.residente(documento="77")
        await modulo.usuarios.update_one({"_id": usuario.id}, {"$set": {"activo": False}})
        await modulo.cuentas.desactivar(residente_id=de(usuario))
        await modulo.cuentas.reactivar(residente_id=de(usuario))
        with pytest.raises(CredencialesInvalidas):
            await modulo.auth.entrar(nombre="77", clave=CLAVE, otp=None, origen=ORIGEN)

    async def test_staff_speak_for_the_resident_again(self, modulo: Modulo) -> None:
        usuario = await modulo.usuario(rol=Rol.operador, residente_id=PydanticObjectId())
        await modulo.cuentas.desactivar(residente_id=de(usuario))
        await modulo.cuentas.reactivar(residente_id=de(usuario))
        token = await modulo.entrar(usuario)
        assert (await modulo.sesiones.autenticar(token.access_token)).residente_id == usuario.residente_id


DESDE = INICIO + timedelta(days=1)


async def test_who_is_told_what_everybody_is(modulo: Modulo) -> None:
    """Beside residents: staff who speak for none. The gate has no notices to read."""
    cuentas = {rol: await modulo.usuario(rol=rol) for rol in Rol}
    esperadas = sorted(cuentas[rol].oid for rol in (Rol.admin, Rol.operador, Rol.auditor))
    assert await modulo.cuentas.sin_residencia(despues_de=None, limite=9) == esperadas


class TestConfirmadores:
    @pytest.mark.parametrize("rol", [Rol.admin, Rol.auditor])
    async def test_those_who_can(self, modulo: Modulo, rol: Rol) -> None:
        usuario = await modulo.usuario(rol=rol)
        assert await modulo.cuentas.puede_confirmar(usuario_id=usuario.oid, desde=DESDE)
        assert await modulo.cuentas.otro_confirmador(excepto=PydanticObjectId(), desde=DESDE)
        assert not await modulo.cuentas.otro_confirmador(excepto=usuario.oid, desde=DESDE)

    @pytest.mark.parametrize(
        "campos",
        [
            {"rol": Rol.operador},
            {"rol": Rol.residente},
            {"rol": Rol.admin, "activo": False},
            {"rol": Rol.admin, "rol_desde": DESDE},
            {"rol": Rol.auditor, "rol_desde": DESDE + timedelta(seconds=1)},
        ],
        ids=str,
    )
    async def test_those_who_cannot(self, modulo: Modulo, campos: dict[str, object]) -> None:
        usuario = await modulo.usuario(**campos)  # type: ignore[arg-type]
        assert not await modulo.cuentas.puede_confirmar(usuario_id=usuario.oid, desde=DESDE)
        assert not await modulo.cuentas.otro_confirmador(excepto=PydanticObjectId(), desde=DESDE)
