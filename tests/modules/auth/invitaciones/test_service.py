from datetime import timedelta

import pytest
from beanie import PydanticObjectId

from app.core.security import Rol
from app.modules.auth.exceptions import CuentaExistente, InvitacionInvalida, ResidenteInactivo
from app.modules.auth.invitaciones.schemas import InvitationCreated
from app.modules.auth.invitaciones.service import Invitado
from app.modules.auth.models import EstadoInvitacion
from app.shared.exceptions import EntradaInvalida, NoEncontrado, RolInsuficiente, TransicionInvalida
from app.shared.pagination import PageQuery
from tests.autenticador import principal
from tests.conftest import INICIO, Reloj
from tests.modules.auth.apoyo import CLAVE, Modulo, de

ADMIN, OPERADOR = principal(Rol.admin), principal(Rol.operador)
PERSONAL = Invitado(rol=Rol.auditor, email="eva@example.com")


async def invitar(modulo: Modulo, residente_id: PydanticObjectId) -> InvitationCreated:
    return await modulo.invitaciones.invitar(Invitado(rol=Rol.residente, residente_id=residente_id), quien=OPERADOR)


async def listar(modulo: Modulo, estado: EstadoInvitacion | None = None) -> list[PydanticObjectId]:
    pagina = await modulo.invitaciones.listar(
        estados=None if estado is None else [estado], consulta=PageQuery(), quien=ADMIN
    )
    return [invitacion.oid for invitacion in pagina.items]


class TestInvitar:
    @pytest.mark.parametrize("rol", [Rol.admin, Rol.operador, Rol.auditor])
    async def test_operador_invites_no_staff(self, modulo: Modulo, rol: Rol) -> None:
        with pytest.raises(RolInsuficiente):
            await modulo.invitaciones.invitar(Invitado(rol=rol, email="eva@example.com"), quien=OPERADOR)

    async def test_resident(self, modulo: Modulo) -> None:
        residente_id = modulo.padron.agregar()
        invitacion = await invitar(modulo, residente_id)
        assert invitacion.expira_en == INICIO + timedelta(days=14)
        assert invitacion.enlace == f"https://parqueo.example.com/registro#invitacion={invitacion.token}"
        assert modulo.padron.cuentas[residente_id] == "invitada"

    async def test_the_token_is_not_stored(self, modulo: Modulo) -> None:
        invitacion = await invitar(modulo, modulo.padron.agregar())
        (guardada,) = await modulo.repo_invitaciones.find({})
        (vale,) = await modulo.repo_vales.find({})
        assert vale.sujeto_id == guardada.id
        assert invitacion.token not in guardada.model_dump_json() + vale.model_dump_json()

    async def test_unknown_resident(self, modulo: Modulo) -> None:
        with pytest.raises(EntradaInvalida) as error:
            await invitar(modulo, PydanticObjectId())
        assert [(e.campo, e.codigo) for e in error.value.errores] == [("residente_id", "no_existe")]

    async def test_resident_who_left(self, modulo: Modulo) -> None:
        with pytest.raises(ResidenteInactivo):
            await invitar(modulo, modulo.padron.agregar(activo=False))

    async def test_resident_with_account(self, modulo: Modulo) -> None:
        usuario = await modulo.residente()
        assert usuario.residente_id is not None
        with pytest.raises(CuentaExistente):
            await invitar(modulo, usuario.residente_id)

    async def test_resident_with_a_staff_account(self, modulo: Modulo) -> None:
        residente_id = modulo.padron.agregar()
        await modulo.usuario(rol=Rol.operador, residente_id=residente_id)
        with pytest.raises(CuentaExistente):
            await invitar(modulo, residente_id)

    async def test_email_with_account_even_switched_off(self, modulo: Modulo) -> None:
        await modulo.usuario(email="eva@example.com", rol=Rol.residente, activo=False)
        with pytest.raises(CuentaExistente):
            await modulo.invitaciones.invitar(PERSONAL, quien=ADMIN)

    @pytest.mark.parametrize("de_personal", [True, False])
    async def test_a_new_one_replaces_the_old(self, modulo: Modulo, de_personal: bool) -> None:
        residente_id, admin = modulo.padron.agregar(), de(await modulo.usuario())
        invitado = PERSONAL if de_personal else Invitado(rol=Rol.residente, residente_id=residente_id)
        vieja = await modulo.invitaciones.invitar(invitado, quien=ADMIN)
        ajena = await invitar(modulo, modulo.padron.agregar())
        nueva = await modulo.invitaciones.invitar(invitado, quien=admin)
        assert nueva.id == vieja.id
        assert set(await listar(modulo)) == {nueva.id, ajena.id}
        with pytest.raises(InvitacionInvalida):
            await modulo.registro.registrar(invitacion=vieja.token, clave=CLAVE)
        await modulo.registro.registrar(invitacion=nueva.token, clave=CLAVE)


class TestListar:
    async def test_by_state(self, modulo: Modulo, reloj: Reloj) -> None:
        vencida = await invitar(modulo, modulo.padron.agregar())
        reloj.avanzar(days=14)
        usada = await invitar(modulo, modulo.padron.agregar())
        await modulo.registro.registrar(invitacion=usada.token, clave=CLAVE)
        pendiente = await invitar(modulo, modulo.padron.agregar())
        assert await listar(modulo, EstadoInvitacion.vencida) == [vencida.id]
        assert await listar(modulo, EstadoInvitacion.usada) == [usada.id]
        assert await listar(modulo, EstadoInvitacion.pendiente) == [pendiente.id]
        assert await listar(modulo) == [pendiente.id, usada.id, vencida.id]

    async def test_operador_sees_those_of_residents(self, modulo: Modulo) -> None:
        await modulo.invitaciones.invitar(PERSONAL, quien=ADMIN)
        suya = await invitar(modulo, modulo.padron.agregar())
        pagina = await modulo.invitaciones.listar(estados=None, consulta=PageQuery(), quien=OPERADOR)
        assert [i.id for i in pagina.items] == [suya.id]


class TestBorrar:
    async def test_absent(self, modulo: Modulo) -> None:
        with pytest.raises(NoEncontrado):
            await modulo.invitaciones.borrar(PydanticObjectId(), quien=ADMIN)

    async def test_operador_and_staff(self, modulo: Modulo) -> None:
        invitacion = await modulo.invitaciones.invitar(PERSONAL, quien=ADMIN)
        with pytest.raises(NoEncontrado):
            await modulo.invitaciones.borrar(invitacion.id, quien=OPERADOR)

    async def test_it_no_longer_serves(self, modulo: Modulo) -> None:
        residente_id = modulo.padron.agregar()
        invitacion = await invitar(modulo, residente_id)
        await modulo.invitaciones.borrar(invitacion.id, quien=OPERADOR)
        assert modulo.padron.cuentas[residente_id] == "sin_invitar"
        with pytest.raises(InvitacionInvalida):
            await modulo.registro.registrar(invitacion=invitacion.token, clave=CLAVE)
        with pytest.raises(NoEncontrado):
            await modulo.invitaciones.borrar(invitacion.id, quien=OPERADOR)

    async def test_used(self, modulo: Modulo) -> None:
        residente_id = modulo.padron.agregar()
        invitacion = await invitar(modulo, residente_id)
        await modulo.registro.registrar(invitacion=invitacion.token, clave=CLAVE)
        with pytest.raises(TransicionInvalida):
            await modulo.invitaciones.borrar(invitacion.id, quien=ADMIN)
        assert modulo.padron.cuentas[residente_id] == "activa"


class TestReenviar:
    async def test_absent(self, modulo: Modulo) -> None:
        with pytest.raises(NoEncontrado):
            await modulo.invitaciones.reenviar(PydanticObjectId(), quien=ADMIN)

    async def test_operador_and_staff(self, modulo: Modulo) -> None:
        invitacion = await modulo.invitaciones.invitar(PERSONAL, quien=ADMIN)
        with pytest.raises(NoEncontrado):
            await modulo.invitaciones.reenviar(invitacion.id, quien=OPERADOR)

    async def test_the_old_token_stops_working(self, modulo: Modulo, reloj: Reloj) -> None:
        vieja = await invitar(modulo, modulo.padron.agregar())
        reloj.avanzar(days=20)
        nueva = await modulo.invitaciones.reenviar(vieja.id, quien=OPERADOR)
        assert (nueva.id, nueva.expira_en) == (vieja.id, INICIO + timedelta(days=34))
        with pytest.raises(InvitacionInvalida):
            await modulo.registro.registrar(invitacion=vieja.token, clave=CLAVE)
        await modulo.registro.registrar(invitacion=nueva.token, clave=CLAVE)

    async def test_used(self, modulo: Modulo) -> None:
        invitacion = await invitar(modulo, modulo.padron.agregar())
        await modulo.registro.registrar(invitacion=invitacion.token, clave=CLAVE)
        with pytest.raises(TransicionInvalida):
            await modulo.invitaciones.reenviar(invitacion.id, quien=ADMIN)

    async def test_somebody_who_left(self, modulo: Modulo) -> None:
        residente_id = modulo.padron.agregar()
        invitacion = await invitar(modulo, residente_id)
        modulo.padron.retirar(residente_id)
        with pytest.raises(ResidenteInactivo):
            await modulo.invitaciones.reenviar(invitacion.id, quien=ADMIN)

    async def test_email_that_has_an_account_by_now(self, modulo: Modulo) -> None:
        invitacion = await modulo.invitaciones.invitar(PERSONAL, quien=ADMIN)
        await modulo.usuario(email=PERSONAL.email)
        with pytest.raises(CuentaExistente):
            await modulo.invitaciones.reenviar(invitacion.id, quien=ADMIN)
