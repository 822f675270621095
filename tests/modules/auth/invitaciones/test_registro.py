import logging

import pytest

from app.core.clock import ahora
from app.core.config import ConfigError
from app.core.security import Rol, hash_de_token
from app.modules.auth.exceptions import InvitacionInvalida
from app.modules.auth.invitaciones.service import Invitado
from tests.autenticador import principal
from tests.conftest import Reloj
from tests.modules.auth.apoyo import CLAVE, ORIGEN, Modulo, de

ADMIN = principal(Rol.admin)


async def invitar(modulo: Modulo, *, email: str | None = None) -> str:
    residente_id = modulo.padron.agregar(email=email, documento="77")
    invitado = Invitado(rol=Rol.residente, residente_id=residente_id)
    return (await modulo.invitaciones.invitar(invitado, quien=ADMIN)).token


class TestRegistrar:
    @pytest.mark.parametrize("token", ["", "x", "a" * 43, "\0", "ñ"])
    async def test_made_up(self, modulo: Modulo, token: str) -> None:
        await invitar(modulo)
        with pytest.raises(InvitacionInvalida):
            await modulo.registro.registrar(invitacion=token, clave=CLAVE)

    async def test_expired(self, modulo: Modulo, reloj: Reloj) -> None:
        token = await invitar(modulo)
        reloj.avanzar(days=14)
        with pytest.raises(InvitacionInvalida):
            await modulo.registro.registrar(invitacion=token, clave=CLAVE)

    async def test_used(self, modulo: Modulo) -> None:
        token = await invitar(modulo)
        await modulo.registro.registrar(invitacion=token, clave=CLAVE)
        with pytest.raises(InvitacionInvalida):
            await modulo.registro.registrar(invitacion=token, clave=CLAVE)

    async def test_somebody_who_left(self, modulo: Modulo) -> None:
        token = await invitar(modulo)
        modulo.padron.retirar(next(iter(modulo.padron.personas)))
        with pytest.raises(InvitacionInvalida):
            await modulo.registro.registrar(invitacion=token, clave=CLAVE)
        assert await modulo.usuarios.count({}) == 0

    async def test_the_purpose_is_part_of_what_is_stored(self, modulo: Modulo) -> None:
        token = await invitar(modulo)
        assert await modulo.repo_vales.count({}) == 1
        assert await modulo.repo_vales.count({"huella": hash_de_token(token)}) == 0

    async def test_resident(self, modulo: Modulo) -> None:
        token = await invitar(modulo, email="Ana@Example.com")
        usuario = await modulo.registro.registrar(invitacion=token, clave=CLAVE)
        (residente_id,) = modulo.padron.personas
        assert (usuario.email, usuario.rol) == ("ana@example.com", Rol.residente)
        assert (usuario.residente_id, usuario.ultimo_acceso) == (residente_id, None)
        assert usuario.politica_aceptada_en == usuario.rol_desde == usuario.creado_en == ahora()
        assert modulo.padron.cuentas[residente_id] == "activa"

    async def test_resident_without_email_signs_in_by_document(self, modulo: Modulo) -> None:
        usuario = await modulo.registro.registrar(invitacion=await invitar(modulo), clave=CLAVE)
        assert usuario.email is None
        assert await modulo.auth.entrar(nombre="77", clave=CLAVE, otp=None, origen=ORIGEN)

    async def test_resident_whose_email_signs_in_to_another_account(self, modulo: Modulo) -> None:
        dueno = await modulo.usuario(email="ana@example.com")
        usuario = await modulo.registro.registrar(
            invitacion=await invitar(modulo, email="ANA@example.com"), clave="otra clave distinta"
        )
        assert usuario.email is None
        await modulo.auth.entrar(nombre="ana@example.com", clave=CLAVE, otp=None, origen=ORIGEN)
        assert await modulo.usuarios.get(dueno.oid)

    async def test_staff(self, modulo: Modulo) -> None:
        invitado = Invitado(rol=Rol.auditor, email="eva@example.com")
        token = (await modulo.invitaciones.invitar(invitado, quien=de(await modulo.usuario()))).token
        usuario = await modulo.registro.registrar(invitacion=token, clave=CLAVE)
        assert (usuario.email, usuario.rol, usuario.residente_id) == ("eva@example.com", Rol.auditor, None)

    @pytest.mark.parametrize(
        "clave",
        [" con espacios a los lados ", "con\0nulo adentro", "acentos sue\u0301ltos", "🔑🚗🏠🌳🐕🎲🍋🎸🚲🧩🪁🎈"],
    )
    async def test_a_password_is_what_was_typed(self, modulo: Modulo, clave: str) -> None:
        await modulo.registro.registrar(invitacion=await invitar(modulo), clave=clave)
        assert await modulo.auth.entrar(nombre="77", clave=clave, otp=None, origen=ORIGEN)


class TestPrimerAdmin:
    async def test_made_once(self, modulo: Modulo) -> None:
        for _ in range(2):
            await modulo.registro.asegurar_primer_admin(email=" Admin@Casa.local", clave=CLAVE)
        (admin,) = await modulo.usuarios.find({})
        assert (admin.email, admin.rol) == ("admin@casa.local", Rol.admin)
        assert await modulo.auth.entrar(nombre="admin@casa.local", clave=CLAVE, otp=None, origen=ORIGEN)

    async def test_not_while_there_is_another(self, modulo: Modulo) -> None:
        await modulo.usuario(rol=Rol.admin)
        await modulo.registro.asegurar_primer_admin(email="admin@example.com", clave=CLAVE)
        assert await modulo.usuarios.count({}) == 1

    async def test_again_when_the_only_one_is_switched_off(self, modulo: Modulo) -> None:
        await modulo.usuario(rol=Rol.admin, activo=False)
        await modulo.registro.asegurar_primer_admin(email="admin@example.com", clave=CLAVE)
        assert await modulo.usuarios.count({"activo": True}) == 1

    async def test_without_settings_it_says_so(self, modulo: Modulo, caplog: pytest.LogCaptureFixture) -> None:
        with caplog.at_level(logging.WARNING):
            await modulo.registro.asegurar_primer_admin(email=None, clave=None)
        assert "PARKNET_ADMIN_EMAIL" in caplog.text

    @pytest.mark.parametrize("email", [None, "", "admin", "@", "a b@example.com", "a@" + "x" * 254])
    async def test_wrong_email(self, modulo: Modulo, email: str | None) -> None:
        with pytest.raises(ConfigError, match=r"^PARKNET_ADMIN_EMAIL: "):
            await modulo.registro.asegurar_primer_admin(email=email, clave=CLAVE)

    @pytest.mark.parametrize(
        "clave", [None, "", "corta", "x" * 129, "Password2024!", "presidencia26", "Altos del Parque"]
    )
    async def test_wrong_password(self, modulo: Modulo, clave: str | None) -> None:
        with pytest.raises(ConfigError, match=r"^PARKNET_ADMIN_PASSWORD: "):
            await modulo.registro.asegurar_primer_admin(email="presidencia@example.com", clave=clave)
