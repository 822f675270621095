"""Getting an account that is somebody else's, or more than one was invited to, through an invitation."""

import asyncio
from collections import Counter
from typing import Any

import httpx
import pytest
from beanie import PydanticObjectId

from app.core.security import Rol
from tests.ataques.apoyo import AUTH, entrar, invitar, rechazo, registrar, sesion
from tests.conftest import Reloj
from tests.modules.auth.apoyo import ADMIN, CLAVE, Modulo, de

INVALIDA = (422, "invitacion_invalida")


class TestTomarUnaCuenta:
    async def test_inviting_a_resident_who_has_an_account(
        self, cliente: httpx.AsyncClient, modulo_real: Modulo
    ) -> None:
        dueno, operador = await modulo_real.residente(), await modulo_real.usuario(rol=Rol.operador)
        respuesta = await cliente.post(
            f"{AUTH}/invitaciones",
            json={"residente_id": str(dueno.residente_id)},
            headers=await sesion(modulo_real, operador),
        )
        assert rechazo(respuesta) == (409, "cuenta_existente")

    async def test_an_invitation_from_before_the_account(self, cliente: httpx.AsyncClient, modulo_real: Modulo) -> None:
        residente_id = modulo_real.padron.agregar()
        token = await invitar(modulo_real, residente_id=residente_id)
        dueno = await modulo_real.usuario(rol=Rol.residente, residente_id=residente_id, email="ana@example.com")
        assert rechazo(await registrar(cliente, token)) == (409, "cuenta_existente")
        assert await modulo_real.usuarios.get(dueno.oid) == dueno

    async def test_a_resident_with_the_email_of_another_account(
        self, cliente: httpx.AsyncClient, modulo_real: Modulo
    ) -> None:
        dueno = await modulo_real.usuario(email="jefa@example.com")
        token = await invitar(modulo_real, residente_id=modulo_real.padron.agregar(email="Jefa@Example.com"))
        respuesta = await registrar(cliente, token)
        assert (respuesta.status_code, respuesta.json()["email"]) == (201, None)
        assert (await entrar(cliente, "jefa@example.com")).status_code == 401
        assert await modulo_real.usuarios.get(dueno.oid) == dueno

    async def test_staff_with_the_email_of_a_resident_s_account(
        self, cliente: httpx.AsyncClient, modulo_real: Modulo
    ) -> None:
        await modulo_real.residente(email="ana@example.com")
        respuesta = await cliente.post(
            f"{AUTH}/invitaciones",
            json={"email": "ANA@example.com", "rol": "operador"},
            headers=await modulo_real.cabeceras(Rol.admin),
        )
        assert rechazo(respuesta) == (409, "cuenta_existente")

    async def test_staff_and_resident_invited_to_one_address(
        self, cliente: httpx.AsyncClient, modulo_real: Modulo
    ) -> None:
        """Whoever registers first has the address, and the other nothing of theirs."""
        de_personal = await invitar(modulo_real, email="ana@example.com", rol=Rol.operador)
        de_residente = await invitar(modulo_real, residente_id=modulo_real.padron.agregar(email="ana@example.com"))
        assert (await registrar(cliente, de_personal, CLAVE)).json()["rol"] == "operador"
        assert (await registrar(cliente, de_residente)).json()["email"] is None
        assert (await entrar(cliente, "ana@example.com")).status_code == 401

    async def test_the_email_of_the_account_is_where_the_invitation_went(
        self, cliente: httpx.AsyncClient, modulo_real: Modulo
    ) -> None:
        """Staff put their own address on a resident who holds a letter, to recover the account once it is made."""
        residente_id = modulo_real.padron.agregar()
        token = await invitar(modulo_real, residente_id=residente_id)
        modulo_real.padron.cambiar_correo(residente_id, "operador@example.com")
        assert (await registrar(cliente, token)).json()["email"] is None

    async def test_the_wrong_address_keeps_nothing_once_it_is_corrected(
        self, cliente: httpx.AsyncClient, modulo_real: Modulo
    ) -> None:
        residente_id = modulo_real.padron.agregar(email="desconocido@example.com")
        await invitar(modulo_real, residente_id=residente_id)
        modulo_real.padron.cambiar_correo(residente_id, "ana@example.com")
        (carta,) = modulo_real.avisos.para("desconocido@example.com")
        assert rechazo(await registrar(cliente, carta.token)) == INVALIDA

    async def test_of_somebody_who_left(self, cliente: httpx.AsyncClient, modulo_real: Modulo) -> None:
        residente_id = modulo_real.padron.agregar()
        token = await invitar(modulo_real, residente_id=residente_id)
        modulo_real.padron.retirar(residente_id)
        assert rechazo(await registrar(cliente, token)) == INVALIDA

    async def test_the_document_of_somebody_who_has_an_account(
        self, cliente: httpx.AsyncClient, modulo_real: Modulo
    ) -> None:
        """A second person under the same number, of another type: each password opens its own account."""
        dueno = await modulo_real.residente(documento="1020")
        token = await invitar(modulo_real, residente_id=modulo_real.padron.agregar(documento="1020"))
        ajena = (await registrar(cliente, token)).json()["id"]
        quien = {"Authorization": f"Bearer {(await entrar(cliente, '1020')).json()['access_token']}"}
        assert (await cliente.get(f"{AUTH}/yo", headers=quien)).json()["id"] == ajena != str(dueno.oid)


class TestPrivilegio:
    @pytest.mark.parametrize("rol", ["admin", "operador", "auditor"])
    async def test_operador_invites_an_accomplice(
        self, cliente: httpx.AsyncClient, modulo_real: Modulo, rol: str
    ) -> None:
        respuesta = await cliente.post(
            f"{AUTH}/invitaciones",
            json={"email": "complice@example.com", "rol": rol},
            headers=await modulo_real.cabeceras(Rol.operador),
        )
        assert rechazo(respuesta) == (403, "rol_insuficiente")

    @pytest.mark.parametrize(
        "mas",
        [
            {"rol": "admin"},
            {"residente_id": "0" * 24},
            {"email": "yo@example.com"},
            {"activo": True},
            {"mfa": False},
            {"rol_desde": "2020-01-01T00:00:00Z"},
        ],
        ids=lambda mas: next(iter(mas)),
    )
    async def test_registering_with_more_than_was_given(
        self, cliente: httpx.AsyncClient, modulo_real: Modulo, mas: dict[str, Any]
    ) -> None:
        token = await invitar(modulo_real, residente_id=modulo_real.padron.agregar())
        assert rechazo(await registrar(cliente, token, **mas)) == (422, "campo_desconocido")

    @pytest.mark.parametrize("campo", ["rol", "email", "expira_en", "token", "creada_por", "pendiente"])
    async def test_inviting_a_resident_as_more(
        self, cliente: httpx.AsyncClient, modulo_real: Modulo, campo: str
    ) -> None:
        cuerpo = {"residente_id": str(modulo_real.padron.agregar()), campo: "admin"}
        cabeceras = await modulo_real.cabeceras(Rol.operador)
        assert (await cliente.post(f"{AUTH}/invitaciones", json=cuerpo, headers=cabeceras)).status_code == 422

    @pytest.mark.parametrize(("metodo", "sufijo"), [("GET", ""), ("DELETE", ""), ("POST", "/reenviar")])
    async def test_operador_reaches_for_one_of_staff(
        self, cliente: httpx.AsyncClient, modulo_real: Modulo, metodo: str, sufijo: str
    ) -> None:
        """Absent, as what never was: neither its token nor that it is there."""
        await invitar(modulo_real, email="jefa@example.com", rol=Rol.admin)
        (invitacion,) = await modulo_real.repo_invitaciones.find({})
        cabeceras = await modulo_real.cabeceras(Rol.operador)
        for id in (invitacion.oid, PydanticObjectId()):
            respuesta = await cliente.request(metodo, f"{AUTH}/invitaciones/{id}{sufijo}", headers=cabeceras)
            assert rechazo(respuesta) == (404, "no_encontrado")
        assert await modulo_real.repo_invitaciones.find({}) == [invitacion]

    @pytest.mark.parametrize("cambio", [{"activo": False}, {"rol": Rol.operador}], ids=["apagada", "degradada"])
    async def test_staff_invited_by_an_admin_who_is_one_no_more(
        self, cliente: httpx.AsyncClient, modulo_real: Modulo, cambio: dict[str, Any]
    ) -> None:
        jefe = await modulo_real.usuario()
        await modulo_real.usuario()
        token = await invitar(modulo_real, quien=jefe, email="complice@example.com", rol=Rol.admin)
        await modulo_real.usuario_service.cambiar(jefe.oid, **{"rol": None, "activo": None, "quien": ADMIN} | cambio)
        assert rechazo(await registrar(cliente, token)) == INVALIDA


class TestElToken:
    async def test_expired(self, cliente: httpx.AsyncClient, modulo_real: Modulo, reloj: Reloj) -> None:
        token = await invitar(modulo_real, residente_id=modulo_real.padron.agregar())
        reloj.avanzar(days=14)
        assert rechazo(await registrar(cliente, token)) == INVALIDA

    async def test_withdrawn(self, cliente: httpx.AsyncClient, modulo_real: Modulo) -> None:
        token = await invitar(modulo_real, residente_id=modulo_real.padron.agregar())
        (invitacion,) = await modulo_real.repo_invitaciones.find({})
        await modulo_real.invitaciones.borrar(invitacion.oid, quien=de(await modulo_real.usuario()))
        assert rechazo(await registrar(cliente, token)) == INVALIDA
        assert await modulo_real.repo_vales.count({}) == 0

    @pytest.mark.parametrize("vuelta", ["reenviar", "invitar"])
    async def test_the_one_before(self, cliente: httpx.AsyncClient, modulo_real: Modulo, vuelta: str) -> None:
        residente_id, admin = modulo_real.padron.agregar(), await modulo_real.usuario()
        viejo = await invitar(modulo_real, quien=admin, residente_id=residente_id)
        if vuelta == "invitar":
            await invitar(modulo_real, quien=admin, residente_id=residente_id)
        else:
            (invitacion,) = await modulo_real.repo_invitaciones.find({})
            await modulo_real.invitaciones.reenviar(invitacion.oid, quien=de(admin))
        assert rechazo(await registrar(cliente, viejo)) == INVALIDA
        assert await modulo_real.repo_vales.count({}) == 1

    async def test_what_is_stored_is_not_what_serves(self, cliente: httpx.AsyncClient, modulo_real: Modulo) -> None:
        await invitar(modulo_real, residente_id=modulo_real.padron.agregar())
        (vale,) = await modulo_real.repo_vales.find({})
        assert rechazo(await registrar(cliente, vale.huella)) == INVALIDA

    async def test_fifty_times_at_once(self, cliente: httpx.AsyncClient, modulo_real: Modulo) -> None:
        token = await invitar(modulo_real, residente_id=modulo_real.padron.agregar())
        respuestas = await asyncio.gather(*(registrar(cliente, token) for _ in range(50)))
        assert Counter(r.status_code for r in respuestas) == {201: 1, 422: 49}
        assert await modulo_real.usuarios.count({"rol": "residente"}) == 1

    async def test_invited_again_while_registering(self, cliente: httpx.AsyncClient, modulo_real: Modulo) -> None:
        """One of both: the account, or another invitation. Never an account and a way to a second one."""
        admin = await modulo_real.usuario()
        for _ in range(5):
            residente_id = modulo_real.padron.agregar()
            token = await invitar(modulo_real, quien=admin, residente_id=residente_id)
            await asyncio.gather(
                registrar(cliente, token),
                invitar(modulo_real, quien=admin, residente_id=residente_id),
                return_exceptions=True,
            )
            cuentas = await modulo_real.usuarios.count({"residente_id": residente_id})
            pendientes = await modulo_real.repo_invitaciones.count({"residente_id": residente_id, "pendiente": True})
            assert cuentas + pendientes == 1

    async def test_the_answer_is_the_same_for_whatever_reason(
        self, cliente: httpx.AsyncClient, modulo_real: Modulo, reloj: Reloj
    ) -> None:
        """Made up, expired, used, of somebody who left: nothing to learn."""
        residentes = [modulo_real.padron.agregar() for _ in range(3)]
        vencida = await invitar(modulo_real, residente_id=residentes[0])
        reloj.avanzar(days=14)
        usada = await invitar(modulo_real, residente_id=residentes[1])
        await registrar(cliente, usada, CLAVE)
        ida = await invitar(modulo_real, residente_id=residentes[2])
        modulo_real.padron.retirar(residentes[2])
        cuerpos = []
        for token in ("x" * 43, vencida, usada, ida):
            cuerpo = (await registrar(cliente, token)).json()
            cuerpos.append({c: v for c, v in cuerpo.items() if c not in ("traza", "instance")})
        assert cuerpos[0] == cuerpos[1] == cuerpos[2] == cuerpos[3]

    async def test_a_resident_is_not_written_to_without_end(
        self, cliente: httpx.AsyncClient, modulo_real: Modulo
    ) -> None:
        cuerpo = {"residente_id": str(modulo_real.padron.agregar(email="ana@example.com"))}
        cabeceras = await modulo_real.cabeceras(Rol.operador)
        respuestas = [await cliente.post(f"{AUTH}/invitaciones", json=cuerpo, headers=cabeceras) for _ in range(6)]
        assert [r.status_code for r in respuestas] == [201] * 5 + [429]
        assert len(modulo_real.avisos.para("ana@example.com")) == 5
