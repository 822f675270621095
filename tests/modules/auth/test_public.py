from dataclasses import replace
from datetime import timedelta

import pytest
from beanie import PydanticObjectId

from app.core.security import Rol
from app.modules.auth.exceptions import CredencialesInvalidas, SesionInvalida
from app.modules.auth.models import FinDeSesion, Usuario
from app.shared.exceptions import TokenInvalido
from tests.conftest import INICIO, Reloj
from tests.modules.auth import apoyo
from tests.modules.auth.apoyo import CLAVE, ORIGEN, Modulo
from tests.modules.auth.apoyo import de as principal


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


class TestLoQueSeDijo:
    """Whoever writes on the accounts takes nobody away, and puts nobody there."""

    @pytest.mark.parametrize(
        "escrito", [{"rol": "operador"}, {"activo": False}, {"rol_desde": DESDE + timedelta(days=1)}], ids=str
    )
    async def test_one_that_says_so_no_more(self, modulo: Modulo, escrito: dict[str, object]) -> None:
        solo, auditor = await modulo.usuario(rol=Rol.admin), await modulo.usuario(rol=Rol.auditor)
        await modulo.usuarios.update_one({"_id": auditor.id}, {"$set": escrito})
        assert await modulo.cuentas.otro_confirmador(excepto=solo.oid, desde=DESDE)
        await modulo.usuarios.delete_many({"_id": auditor.id})
        assert await modulo.cuentas.otro_confirmador(excepto=solo.oid, desde=DESDE)

    async def test_one_that_nobody_made(self, modulo: Modulo) -> None:
        puesta = Usuario(email=None, rol=Rol.auditor, residente_id=None, clave="", creado_en=INICIO, rol_desde=INICIO)
        await modulo.usuarios.insert(puesta)
        assert not await modulo.cuentas.puede_confirmar(usuario_id=puesta.oid, desde=DESDE)

    async def test_one_that_was_made_later(self, modulo: Modulo, reloj: Reloj) -> None:
        reloj.poner(DESDE)
        nueva = await modulo.usuario(rol=Rol.auditor)
        await modulo.usuarios.update_one({"_id": nueva.id}, {"$set": {"rol_desde": INICIO}})
        assert not await modulo.cuentas.puede_confirmar(usuario_id=nueva.oid, desde=DESDE)

    async def test_those_of_before(self, modulo: Modulo) -> None:
        """The audit is told of them once."""
        antes = Usuario(email=None, rol=Rol.auditor, residente_id=None, clave="", creado_en=INICIO, rol_desde=INICIO)
        await modulo.usuarios.insert(antes)
        await modulo.registro.asegurar_primer_admin(email="admin@example.com", clave=CLAVE)
        assert await modulo.cuentas.puede_confirmar(usuario_id=antes.oid, desde=DESDE)
        puesta = antes.model_copy(update={"id": PydanticObjectId()})
        await modulo.usuarios.insert(puesta)
        await modulo.registro.asegurar_primer_admin(email="admin@example.com", clave=CLAVE)
        assert not await modulo.cuentas.puede_confirmar(usuario_id=puesta.oid, desde=DESDE)


class TestVigencias:
    """Of who asked for a job."""

    async def test_of_an_account(self, modulo_real: Modulo) -> None:
        usuario = await modulo_real.usuario(rol=Rol.operador)
        quien = principal(usuario)
        assert await modulo_real.vigencias.sigue(quien)
        assert not await modulo_real.vigencias.sigue(replace(quien, usuario_id=PydanticObjectId()))
        assert not await modulo_real.vigencias.sigue(replace(quien, rol=Rol.admin))
        await modulo_real.usuario_service.cambiar(usuario.oid, rol=None, activo=False, quien=apoyo.ADMIN)
        assert not await modulo_real.vigencias.sigue(quien)

    async def test_of_a_key_and_its_maker(self, modulo_real: Modulo) -> None:
        admin, otro = await modulo_real.usuario(), await modulo_real.usuario()
        quienes = []
        for _ in range(2):
            nueva = await modulo_real.llaves.crear(nombre="x", rol=Rol.operador, expira_en=None, quien=principal(admin))
            quienes.append(replace(principal(admin), rol=Rol.operador, sesion_id=None, llave_id=nueva.llave.oid))
        assert [await modulo_real.vigencias.sigue(quien) for quien in quienes] == [True, True]
        await modulo_real.llaves.terminar(quienes[0].llave_id or PydanticObjectId())
        assert [await modulo_real.vigencias.sigue(quien) for quien in quienes] == [False, True]
        await modulo_real.usuario_service.cambiar(admin.oid, rol=Rol.auditor, activo=None, quien=apoyo.ADMIN)
        assert [await modulo_real.vigencias.sigue(quien) for quien in quienes] == [False, False]
        assert await modulo_real.vigencias.sigue(principal(otro))


class TestQuitados:
    """Who could confirm when a draw was opened still counts, if whoever wants to be alone took that from them."""

    async def quitar(self, modulo: Modulo, usuario: Usuario, por: Usuario, como: str) -> None:
        quien = apoyo.de(por)
        match como:
            case "apagar":
                await modulo.usuario_service.cambiar(usuario.oid, rol=None, activo=False, quien=quien)
            case "bajar":
                await modulo.usuario_service.cambiar(usuario.oid, rol=Rol.operador, activo=None, quien=quien)
            case "apagar y encender":
                for activo in (False, True, False, True):
                    await modulo.usuario_service.cambiar(usuario.oid, rol=None, activo=activo, quien=quien)
            case "recuperar":
                vale = await modulo.recuperacion.por_admin(usuario.oid, quien=quien)
                await modulo.recuperacion.confirmar(vale.token, nueva="otra clave bien larga y rara", origen=ORIGEN)

    @pytest.mark.parametrize("como", ["apagar", "bajar", "apagar y encender", "recuperar"])
    async def test_by_who_asks(self, modulo: Modulo, reloj: Reloj, como: str) -> None:
        solo, auditor = await modulo.usuario(rol=Rol.admin), await modulo.usuario(rol=Rol.auditor)
        reloj.poner(DESDE)
        await self.quitar(modulo, auditor, solo, como)
        assert not await modulo.cuentas.puede_confirmar(usuario_id=auditor.oid, desde=DESDE)
        assert await modulo.cuentas.otro_confirmador(excepto=solo.oid, desde=DESDE)

    async def test_by_who_came_later(self, modulo: Modulo, reloj: Reloj) -> None:
        """A second account of who asks would do it."""
        solo, auditor = await modulo.usuario(rol=Rol.admin), await modulo.usuario(rol=Rol.auditor)
        reloj.poner(DESDE)
        nuevo = await modulo.usuario(rol=Rol.admin, rol_desde=DESDE)
        await self.quitar(modulo, auditor, nuevo, "apagar")
        assert await modulo.cuentas.otro_confirmador(excepto=solo.oid, desde=DESDE)

    async def test_not_by_another_who_could(self, modulo: Modulo, reloj: Reloj) -> None:
        """They are who confirms."""
        solo, otro, auditor = [await modulo.usuario(rol=rol) for rol in (Rol.admin, Rol.admin, Rol.auditor)]
        reloj.poner(DESDE)
        await self.quitar(modulo, auditor, otro, "apagar")
        assert await modulo.cuentas.otro_confirmador(excepto=solo.oid, desde=DESDE)
        reloj.avanzar(seconds=1)
        await modulo.usuario_service.cambiar(otro.oid, rol=None, activo=False, quien=principal(otro))
        assert not await modulo.cuentas.otro_confirmador(excepto=solo.oid, desde=DESDE)

    async def test_not_before_the_draw(self, modulo: Modulo, reloj: Reloj) -> None:
        solo, auditor = await modulo.usuario(rol=Rol.admin), await modulo.usuario(rol=Rol.auditor)
        reloj.avanzar(hours=1)
        await self.quitar(modulo, auditor, solo, "apagar")
        assert not await modulo.cuentas.otro_confirmador(excepto=solo.oid, desde=DESDE)

    async def test_nor_who_never_could(self, modulo: Modulo, reloj: Reloj) -> None:
        solo, operador = await modulo.usuario(rol=Rol.admin), await modulo.usuario(rol=Rol.operador)
        reloj.poner(DESDE)
        await self.quitar(modulo, operador, solo, "apagar")
        assert not await modulo.cuentas.otro_confirmador(excepto=solo.oid, desde=DESDE)
