import asyncio
from typing import Any

import pytest
from beanie import PydanticObjectId

from app.core.clock import ahora
from app.core.security import Rol
from app.modules.auth.exceptions import SesionInvalida
from app.modules.auth.models import FinDeSesion, Sesion, Usuario
from app.modules.auth.sesiones.refresco import Refresco, sello_nuevo
from app.modules.auth.sesiones.service import Origen
from app.shared.exceptions import NoEncontrado, TokenInvalido
from tests.conftest import Reloj
from tests.modules.auth.apoyo import ORIGEN, Modulo, de


async def renovar(modulo: Modulo, token: str) -> str:
    return (await modulo.sesiones.renovar(token, ORIGEN)).refresh_token


async def unica(modulo: Modulo) -> Sesion:
    (sesion,) = await modulo.repo_sesiones.find({})
    return sesion


class TestAbrir:
    @pytest.mark.parametrize(("rol", "dias"), [(Rol.admin, 30), (Rol.auditor, 30), (Rol.residente, 180)])
    async def test_terms(self, modulo: Modulo, rol: Rol, dias: int) -> None:
        token = await modulo.entrar(await modulo.usuario(rol=rol))
        assert token.expires_in == 600
        assert token.refresh_expires_in == dias * 86_400

    async def test_no_token_is_stored(self, modulo: Modulo) -> None:
        token = await modulo.entrar(await modulo.usuario())
        await renovar(modulo, token.refresh_token)
        guardado = (await unica(modulo)).model_dump_json()
        crudo = Refresco.leer(token.refresh_token)
        assert crudo is not None
        assert token.refresh_token not in guardado
        assert crudo.secreto.hex() not in guardado


class TestRenovar:
    @pytest.mark.parametrize("token", ["", "x", "a" * 80, "ñ", "\0", "{}", "a.b.c"])
    async def test_garbage(self, modulo: Modulo, token: str) -> None:
        with pytest.raises(SesionInvalida):
            await renovar(modulo, token)

    async def test_an_access_token_is_none(self, modulo: Modulo) -> None:
        token = await modulo.entrar(await modulo.usuario())
        with pytest.raises(SesionInvalida):
            await renovar(modulo, token.access_token)

    async def test_made_up_for_a_known_session_leaves_it_alone(self, modulo: Modulo) -> None:
        token = await modulo.entrar(await modulo.usuario())
        sesion = await unica(modulo)
        with pytest.raises(SesionInvalida):
            await renovar(modulo, Refresco.nuevo(sesion_id=sesion.oid, sello=sello_nuevo()).texto)
        assert await renovar(modulo, token.refresh_token)

    async def test_rotates(self, modulo: Modulo, reloj: Reloj) -> None:
        primero = (await modulo.entrar(await modulo.usuario())).refresh_token
        reloj.avanzar(days=29)
        segundo = await modulo.sesiones.renovar(primero, Origen("otro", "192.0.2.9"))
        assert segundo.refresh_token != primero
        assert segundo.refresh_expires_in == 30 * 86_400
        reloj.avanzar(days=29)
        assert await renovar(modulo, segundo.refresh_token) not in (primero, segundo.refresh_token)
        sesion = await unica(modulo)
        assert (sesion.rotaciones, sesion.ultimo_uso) == (2, ahora())

    async def test_expired(self, modulo: Modulo, reloj: Reloj) -> None:
        token = (await modulo.entrar(await modulo.usuario())).refresh_token
        reloj.avanzar(days=30)
        with pytest.raises(SesionInvalida):
            await renovar(modulo, token)

    async def test_the_one_just_replaced_gets_the_same_successor(self, modulo: Modulo, reloj: Reloj) -> None:
        primero = (await modulo.entrar(await modulo.usuario())).refresh_token
        segundo = await renovar(modulo, primero)
        reloj.avanzar(minutes=10)
        assert await renovar(modulo, primero) == segundo
        assert (await unica(modulo)).rotaciones == 1
        assert await renovar(modulo, segundo) != segundo

    async def test_the_one_just_replaced_from_another_device_ends_the_session(self, modulo: Modulo) -> None:
        primero = (await modulo.entrar(await modulo.usuario())).refresh_token
        segundo = await renovar(modulo, primero)
        with pytest.raises(SesionInvalida):
            await modulo.sesiones.renovar(primero, Origen("otro", ORIGEN.direccion))
        with pytest.raises(SesionInvalida):
            await renovar(modulo, segundo)

    async def test_replaced_over_ten_minutes_ago_ends_the_session(self, modulo: Modulo, reloj: Reloj) -> None:
        primero = (await modulo.entrar(await modulo.usuario())).refresh_token
        segundo = await renovar(modulo, primero)
        reloj.avanzar(seconds=600.001)
        await self._termina(modulo, usado=primero, ultimo=segundo)

    async def test_replaced_and_its_successor_used_ends_the_session(self, modulo: Modulo) -> None:
        primero = (await modulo.entrar(await modulo.usuario())).refresh_token
        ultimo = await renovar(modulo, await renovar(modulo, primero))
        await self._termina(modulo, usado=primero, ultimo=ultimo)

    async def test_an_old_one_ends_the_session_with_its_access_tokens(self, modulo: Modulo) -> None:
        token = await modulo.entrar(await modulo.usuario())
        ultimo = token.refresh_token
        for _ in range(5):
            ultimo = await renovar(modulo, ultimo)
        await modulo.sesiones.autenticar(token.access_token)
        await self._termina(modulo, usado=token.refresh_token, ultimo=ultimo)
        with pytest.raises(TokenInvalido):
            await modulo.sesiones.autenticar(token.access_token)

    async def test_other_sessions_go_on(self, modulo: Modulo) -> None:
        usuario = await modulo.usuario()
        una, otra = await modulo.entrar(usuario), await modulo.entrar(usuario)
        await modulo.sesiones.salir(await modulo.sesiones.autenticar(una.access_token))
        with pytest.raises(SesionInvalida):
            await renovar(modulo, una.refresh_token)
        assert await renovar(modulo, otra.refresh_token)

    async def test_account_switched_off(self, modulo: Modulo) -> None:
        usuario = await modulo.usuario()
        token = await modulo.entrar(usuario)
        await modulo.usuarios.update_one({"_id": usuario.id}, {"$set": {"activo": False}})
        with pytest.raises(SesionInvalida):
            await renovar(modulo, token.refresh_token)

    async def test_role_changed(self, modulo: Modulo) -> None:
        usuario = await modulo.usuario()
        token = await modulo.entrar(usuario)
        await modulo.sesiones.autenticar(token.access_token)
        await modulo.usuarios.update_one({"_id": usuario.id}, {"$set": {"rol": "operador"}})
        nuevo = await modulo.sesiones.renovar(token.refresh_token, ORIGEN)
        assert (await modulo.sesiones.autenticar(nuevo.access_token)).rol is Rol.operador

    async def _termina(self, modulo: Modulo, *, usado: str, ultimo: str) -> None:
        with pytest.raises(SesionInvalida):
            await renovar(modulo, usado)
        with pytest.raises(SesionInvalida):
            await renovar(modulo, ultimo)
        assert (await unica(modulo)).motivo is FinDeSesion.reuso


SALIDA = FinDeSesion.salida


class TestCerrar:
    async def test_an_expired_one_is_not_there(self, modulo: Modulo, reloj: Reloj) -> None:
        usuario = await modulo.usuario()
        await modulo.entrar(usuario)
        sesion = await unica(modulo)
        reloj.avanzar(days=30)
        with pytest.raises(NoEncontrado):
            await modulo.sesiones.cerrar(sesion.oid, quien=de(usuario))
        assert (await unica(modulo)).terminada_en is None


class TestAutenticar:
    async def test_who_it_is(self, modulo: Modulo) -> None:
        usuario = await modulo.residente()
        token = await modulo.entrar(usuario)
        quien = await modulo.sesiones.autenticar(token.access_token)
        sesion = await unica(modulo)
        assert (quien.usuario_id, quien.rol, quien.sesion_id, quien.residente_id) == (
            usuario.id,
            Rol.residente,
            sesion.id,
            usuario.residente_id,
        )

    async def test_most_requests_read_nothing(self, modulo: Modulo, reloj: Reloj) -> None:
        token = await modulo.entrar(await modulo.usuario())
        antes = modulo.usuarios.lecturas
        for _ in range(20):
            await modulo.sesiones.autenticar(token.access_token)
        assert modulo.usuarios.lecturas == antes + 1
        reloj.avanzar(seconds=5)
        await modulo.sesiones.autenticar(token.access_token)
        assert modulo.usuarios.lecturas == antes + 2

    async def test_ten_minutes(self, modulo: Modulo, reloj: Reloj) -> None:
        token = await modulo.entrar(await modulo.usuario())
        reloj.avanzar(seconds=599)
        await modulo.sesiones.autenticar(token.access_token)
        reloj.avanzar(seconds=1)
        with pytest.raises(TokenInvalido):
            await modulo.sesiones.autenticar(token.access_token)

    @pytest.mark.parametrize("cambio", [{"activo": False}, {"rol": "auditor"}, {"residencia_activa": False}])
    async def test_a_change_of_the_account_holds_within_five_seconds(
        self, modulo: Modulo, reloj: Reloj, cambio: dict[str, Any]
    ) -> None:
        usuario = await modulo.residente()
        token = await modulo.entrar(usuario)
        await modulo.sesiones.autenticar(token.access_token)
        await modulo.usuarios.update_one({"_id": usuario.id}, {"$set": cambio})
        reloj.avanzar(seconds=5)
        with pytest.raises(TokenInvalido):
            await modulo.sesiones.autenticar(token.access_token)

    async def test_ended_elsewhere_holds_within_five_seconds(self, modulo: Modulo, reloj: Reloj) -> None:
        token = await modulo.entrar(await modulo.usuario())
        await modulo.sesiones.autenticar(token.access_token)
        sesion = await unica(modulo)
        await modulo.repo_sesiones.terminar(sesion.oid, motivo=SALIDA, cuando=ahora())
        reloj.avanzar(seconds=5)
        with pytest.raises(TokenInvalido):
            await modulo.sesiones.autenticar(token.access_token)

    async def test_ended_here_holds_at_once_even_for_a_look_up_in_course(
        self, modulo: Modulo, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        usuario = await modulo.usuario()
        token = await modulo.entrar(usuario)
        sesion = await unica(modulo)
        leida, seguir, get = asyncio.Event(), asyncio.Event(), modulo.usuarios.get

        async def despacio(id: PydanticObjectId | str) -> Usuario | None:
            leida.set()
            await seguir.wait()
            return await get(id)

        monkeypatch.setattr(modulo.usuarios, "get", despacio)
        en_curso = asyncio.create_task(modulo.sesiones.autenticar(token.access_token))
        await leida.wait()
        await modulo.sesiones.cerrar(sesion.oid, quien=de(usuario))
        seguir.set()
        await en_curso
        with pytest.raises(TokenInvalido):
            await modulo.sesiones.autenticar(token.access_token)

    async def test_of_a_session_that_is_somebody_else_s(self, modulo: Modulo) -> None:
        await modulo.entrar(await modulo.usuario())
        sesion = await unica(modulo)
        otro = modulo.firmador.firmar(usuario_id=PydanticObjectId(), sesion_id=sesion.oid, rol=Rol.admin)
        with pytest.raises(TokenInvalido):
            await modulo.sesiones.autenticar(otro)

    async def test_of_a_session_that_never_was(self, modulo: Modulo) -> None:
        usuario = await modulo.usuario()
        token = modulo.firmador.firmar(usuario_id=usuario.oid, sesion_id=PydanticObjectId(), rol=Rol.admin)
        with pytest.raises(TokenInvalido):
            await modulo.sesiones.autenticar(token)

    async def test_a_refresh_token_is_none(self, modulo: Modulo) -> None:
        token = await modulo.entrar(await modulo.usuario())
        with pytest.raises(TokenInvalido):
            await modulo.sesiones.autenticar(token.refresh_token)
