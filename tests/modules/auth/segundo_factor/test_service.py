"""Second factors: turning them on and off, signing in with them, and what guessing comes to."""

import pyotp
import pytest
from beanie import PydanticObjectId

from app.core.clock import ahora
from app.core.security import Rol
from app.modules.auth.exceptions import (
    MfaActivo,
    MfaInactivo,
    OtpInvalido,
    OtpRequerido,
)
from app.modules.auth.models import FinDeSesion
from app.modules.auth.segundo_factor.factores import LIBRES
from app.modules.auth.segundo_factor.repository import SegundoFactorRepository
from app.shared.exceptions import (
    ConflictoDeInteres,
    DemasiadasPeticiones,
    EntradaInvalida,
    NoEncontrado,
    TokenInvalido,
)
from tests.conftest import Reloj
from tests.modules.auth.apoyo import CLAVE, ORIGEN, HasherQueCuenta, Modulo, de
from tests.modules.auth.segundo_factor.apoyo import Con, factor, falla, guardado
from tests.modules.auth.test_carreras import a_la_vez


class TestActivar:
    async def test_a_secret_that_counts_for_nothing_yet(self, modulo: Modulo) -> None:
        usuario = await modulo.usuario(email="ana@example.com")
        empezado = await modulo.segundo_factor.empezar(quien=de(usuario))
        leido = pyotp.parse_uri(empezado.uri)
        assert isinstance(leido, pyotp.TOTP)
        assert (leido.secret, leido.name, leido.issuer) == (empezado.secreto, "ana@example.com", "Altos del Parque")
        assert not (await guardado(modulo, usuario)).mfa
        assert await modulo.auth.entrar(nombre="ana@example.com", clave=CLAVE, otp=None, origen=ORIGEN)

    async def test_begun_again_the_first_secret_is_worth_nothing(self, modulo: Modulo) -> None:
        usuario = await modulo.usuario()
        primero = await modulo.segundo_factor.empezar(quien=de(usuario))
        segundo = await modulo.segundo_factor.empezar(quien=de(usuario))
        with pytest.raises(EntradaInvalida):
            await modulo.segundo_factor.confirmar(pyotp.TOTP(primero.secreto).at(ahora()), quien=de(usuario))
        assert await modulo.segundo_factor.confirmar(pyotp.TOTP(segundo.secreto).at(ahora()), quien=de(usuario))

    async def test_from_then_on_signing_in_asks_for_a_code(self, modulo: Modulo, reloj: Reloj) -> None:
        con = await Con.hacer(modulo)
        assert (await guardado(modulo, con.usuario)).mfa
        for otp in (None, ""):
            with pytest.raises(OtpRequerido):
                await con.entrar(otp)
        reloj.avanzar(seconds=30)
        assert await con.entrar(con.codigo())

    async def test_what_is_stored_gives_no_code(self, modulo: Modulo) -> None:
        con = await Con.hacer(modulo)
        crudo = str((await factor(con.usuario)).model_dump())  # type: ignore[union-attr]
        for secreto in (con.totp.secret, *con.codigos, *(c.replace("-", "") for c in con.codigos)):
            assert secreto not in crudo
        assert len(con.codigos) == len(set(con.codigos)) == 10

    async def test_a_sealed_secret_is_worth_nothing_to_another_account(self, modulo: Modulo, reloj: Reloj) -> None:
        uno, otro = await Con.hacer(modulo), await Con.hacer(modulo, await modulo.usuario(email="eva@example.com"))
        sellado = (await factor(otro.usuario)).secreto  # type: ignore[union-attr]
        await SegundoFactorRepository().update_one({"_id": uno.usuario.id}, {"$set": {"secreto": sellado}})
        reloj.avanzar(seconds=60)
        with pytest.raises(OtpInvalido):
            await uno.entrar(otro.codigo())

    async def test_the_other_sessions_end_and_its_holder_is_told(self, modulo: Modulo) -> None:
        usuario = await modulo.usuario(email="ana@example.com")
        esta, otra = await modulo.entrar(usuario), await modulo.entrar(usuario)
        quien = await modulo.sesiones.autenticar(esta.access_token)
        await modulo.sesiones.autenticar(otra.access_token)
        empezado = await modulo.segundo_factor.empezar(quien=quien)
        await modulo.segundo_factor.confirmar(pyotp.TOTP(empezado.secreto).at(ahora()), quien=quien)
        await modulo.sesiones.autenticar(esta.access_token)
        with pytest.raises(TokenInvalido):
            await modulo.sesiones.autenticar(otra.access_token)
        assert await modulo.repo_sesiones.count({"motivo": FinDeSesion.mfa.value}) == 1
        assert ("mfa_activado", usuario.oid) in modulo.avisos.avisos
        assert ("mfa_puesto", usuario.oid, True) in modulo.bitacora.sucesos

    async def test_only_once(self, modulo: Modulo) -> None:
        con = await Con.hacer(modulo)
        with pytest.raises(MfaActivo):
            await modulo.segundo_factor.empezar(quien=de(con.usuario))
        with pytest.raises(MfaActivo):
            await modulo.segundo_factor.confirmar(con.codigo(), quien=de(con.usuario))

    async def test_not_begun(self, modulo: Modulo) -> None:
        with pytest.raises(MfaInactivo):
            await modulo.segundo_factor.confirmar("123456", quien=de(await modulo.usuario()))

    @pytest.mark.parametrize("codigo", ["", "12345", "1234567", "abcdef", "١٢٣٤٥٦", "a" * 5_000, "\0"])
    async def test_a_wrong_first_code(self, modulo: Modulo, codigo: str) -> None:
        usuario = await modulo.usuario()
        await modulo.segundo_factor.empezar(quien=de(usuario))
        with pytest.raises(EntradaInvalida) as error:
            await modulo.segundo_factor.confirmar(codigo, quien=de(usuario))
        assert falla(error) == ("codigo", "otp_invalido")
        assert not (await guardado(modulo, usuario)).mfa

    async def test_guesses_of_the_first_code_are_counted_too(self, modulo: Modulo) -> None:
        usuario = await modulo.usuario()
        await modulo.segundo_factor.empezar(quien=de(usuario))
        for _ in range(LIBRES):
            with pytest.raises(EntradaInvalida):
                await modulo.segundo_factor.confirmar("000000", quien=de(usuario))
        with pytest.raises(DemasiadasPeticiones):
            await modulo.segundo_factor.confirmar("000000", quien=de(usuario))

    async def test_ten_at_once_turn_it_on_once(self, modulo_real: Modulo) -> None:
        usuario = await modulo_real.usuario()
        empezado = await modulo_real.segundo_factor.empezar(quien=de(usuario))
        codigo = pyotp.TOTP(empezado.secreto).at(ahora())
        juegos, mal = await a_la_vez(
            [modulo_real.segundo_factor.confirmar(codigo, quien=de(usuario)) for _ in range(LIBRES)]
        )
        assert (len(juegos), mal.total()) == (1, LIBRES - 1)

    async def test_ten_at_once_begin_one(self, modulo_real: Modulo) -> None:
        usuario = await modulo_real.usuario()
        empezados, mal = await a_la_vez([modulo_real.segundo_factor.empezar(quien=de(usuario)) for _ in range(10)])
        assert (len(empezados), mal) == (10, {})
        sirven = []
        for empezado in empezados:
            await SegundoFactorRepository().update_one({"_id": usuario.id}, {"$set": {"fallos": 0}})
            if await modulo_real.factores.comprobar(usuario.oid, pyotp.TOTP(empezado.secreto).at(ahora())):
                sirven.append(empezado)
        assert len(sirven) == 1


class TestDesactivar:
    async def test_with_password_and_code(self, modulo: Modulo, reloj: Reloj) -> None:
        con = await Con.hacer(modulo)
        reloj.avanzar(minutes=5)
        await modulo.segundo_factor.desactivar(clave=CLAVE, codigo=con.codigo(), quien=de(con.usuario))
        assert not (await guardado(modulo, con.usuario)).mfa
        assert await factor(con.usuario) is None
        assert await con.entrar(None)
        assert ("mfa_desactivado", con.usuario.oid) in modulo.avisos.avisos
        assert ("mfa_quitado", con.usuario.oid, True) in modulo.bitacora.sucesos

    async def test_with_a_recovery_code(self, modulo: Modulo) -> None:
        con = await Con.hacer(modulo)
        await modulo.segundo_factor.desactivar(clave=CLAVE, codigo=con.codigos[0], quien=de(con.usuario))
        assert not (await guardado(modulo, con.usuario)).mfa

    @pytest.mark.parametrize(
        ("clave", "bueno", "esperado"),
        [("otra", True, ("password", "clave_incorrecta")), (CLAVE, False, ("codigo", "otp_invalido"))],
    )
    async def test_both_are_needed(
        self, modulo: Modulo, reloj: Reloj, clave: str, bueno: bool, esperado: tuple[str, str]
    ) -> None:
        con = await Con.hacer(modulo)
        reloj.avanzar(minutes=5)
        with pytest.raises(EntradaInvalida) as error:
            await modulo.segundo_factor.desactivar(
                clave=clave, codigo=con.codigo() if bueno else con.equivocado(), quien=de(con.usuario)
            )
        assert falla(error) == esperado
        assert (await guardado(modulo, con.usuario)).mfa

    async def test_the_code_of_signing_in_does_not_turn_it_off(self, modulo: Modulo, reloj: Reloj) -> None:
        con = await Con.hacer(modulo)
        reloj.avanzar(minutes=5)
        codigo = con.codigo()
        await con.entrar(codigo)
        with pytest.raises(EntradaInvalida):
            await modulo.segundo_factor.desactivar(clave=CLAVE, codigo=codigo, quien=de(con.usuario))

    async def test_none_there(self, modulo: Modulo) -> None:
        with pytest.raises(MfaInactivo):
            await modulo.segundo_factor.desactivar(clave=CLAVE, codigo="123456", quien=de(await modulo.usuario()))


class TestRetirar:
    async def test_an_admin_for_whoever_lost_theirs(self, modulo: Modulo) -> None:
        con, admin = await Con.hacer(modulo), await modulo.usuario()
        for _ in range(2):
            await modulo.segundo_factor.retirar(con.usuario.oid, quien=de(admin))
        assert await con.entrar(None)
        assert modulo.avisos.avisos.count(("mfa_retirado_por_admin", con.usuario.oid)) == 1

    async def test_not_one_s_own(self, modulo: Modulo) -> None:
        con = await Con.hacer(modulo)
        with pytest.raises(ConflictoDeInteres):
            await modulo.segundo_factor.retirar(con.usuario.oid, quien=de(con.usuario))

    async def test_nobody_s(self, modulo: Modulo) -> None:
        with pytest.raises(NoEncontrado):
            await modulo.segundo_factor.retirar(PydanticObjectId(), quien=de(await modulo.usuario()))


class TestObligatorio:
    @pytest.mark.parametrize(
        ("rol", "falta"), [(Rol.admin, True), (Rol.operador, True), (Rol.auditor, True), (Rol.residente, False)]
    )
    async def test_staff_without_one_are_marked(
        self, modulo: Modulo, hasher: HasherQueCuenta, rol: Rol, falta: bool
    ) -> None:
        exigente = Modulo(modulo.uow, hasher, mfa_obligatorio=True)
        usuario = await exigente.usuario(rol=rol)
        token = await exigente.entrar(usuario)
        quien = await exigente.sesiones.autenticar(token.access_token)
        assert quien.falta_mfa is falta
        empezado = await exigente.segundo_factor.empezar(quien=quien)
        await exigente.segundo_factor.confirmar(pyotp.TOTP(empezado.secreto).at(ahora()), quien=quien)
        assert not (await exigente.sesiones.autenticar(token.access_token)).falta_mfa

    async def test_nobody_where_it_is_not_asked_for(self, modulo: Modulo) -> None:
        token = await modulo.entrar(await modulo.usuario())
        assert not (await modulo.sesiones.autenticar(token.access_token)).falta_mfa
