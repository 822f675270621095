"""Second factors: turning them on and off, signing in with them, and what guessing comes to."""

from datetime import timedelta

import pyotp
import pytest
from beanie import PydanticObjectId

from app.core.clock import ahora
from app.core.security import Rol
from app.modules.auth.exceptions import (
    CredencialesInvalidas,
    MfaActivo,
    MfaInactivo,
    OtpInvalido,
    OtpRequerido,
)
from app.modules.auth.models import FinDeSesion, SegundoFactor, Usuario
from app.modules.auth.repository import SegundoFactorRepository
from app.modules.auth.schemas import Token
from app.modules.auth.segundo_factor.factores import ESPERA_MAXIMA, LIBRES
from app.shared.exceptions import (
    ConflictoDeInteres,
    DemasiadasPeticiones,
    EntradaInvalida,
    NoEncontrado,
    ParkNetError,
    TokenInvalido,
)
from tests.conftest import INICIO, Reloj
from tests.modules.auth.apoyo import CLAVE, ORIGEN, HasherQueCuenta, Modulo, de
from tests.modules.auth.test_carreras import a_la_vez


class Con:
    """Somebody with a second factor, their authenticator and their recovery codes."""

    def __init__(self, modulo: Modulo, usuario: Usuario, secreto: str, codigos: list[str]) -> None:
        self.modulo, self.usuario, self.totp, self.codigos = modulo, usuario, pyotp.TOTP(secreto), codigos

    @classmethod
    async def hacer(cls, modulo: Modulo, usuario: Usuario | None = None) -> "Con":
        usuario = usuario or await modulo.usuario(email="ana@example.com")
        empezado = await modulo.segundo_factor.empezar(quien=de(usuario))
        totp = pyotp.TOTP(empezado.secreto)
        codigos = await modulo.segundo_factor.confirmar(totp.at(ahora()), quien=de(usuario))
        return cls(modulo, usuario, empezado.secreto, codigos.codigos)

    def codigo(self, **desplazado: float) -> str:
        return self.totp.at(ahora() + timedelta(**desplazado))

    async def entrar(self, otp: str | None, clave: str = CLAVE) -> Token:
        return await self.modulo.auth.entrar(nombre=self.usuario.email or "", clave=clave, otp=otp, origen=ORIGEN)

    async def fallar(self, veces: int) -> None:
        for _ in range(veces):
            with pytest.raises(OtpInvalido):
                await self.entrar(self.equivocado())

    def equivocado(self) -> str:
        buenos = {self.codigo(seconds=s) for s in (-30, 0, 30)}
        return next(c for c in (f"{n:06}" for n in range(9)) if c not in buenos)


async def guardado(modulo: Modulo, usuario: Usuario) -> Usuario:
    hallado = await modulo.usuarios.get(usuario.oid)
    assert hallado is not None
    return hallado


async def factor(usuario: Usuario) -> SegundoFactor | None:
    return await SegundoFactorRepository().get(usuario.oid)


def falla(error: pytest.ExceptionInfo[EntradaInvalida]) -> tuple[str, str]:
    (unica,) = error.value.errores
    return unica.campo, unica.codigo


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


class TestEntrar:
    @pytest.mark.parametrize("segundos", [-30, 0, 30])
    async def test_one_step_before_and_one_after(self, modulo: Modulo, reloj: Reloj, segundos: int) -> None:
        con = await Con.hacer(modulo)
        reloj.avanzar(minutes=5)
        assert await con.entrar(con.codigo(seconds=segundos))

    @pytest.mark.parametrize("segundos", [-60, 60, -90, 3_600])
    async def test_not_two(self, modulo: Modulo, reloj: Reloj, segundos: int) -> None:
        con = await Con.hacer(modulo)
        reloj.avanzar(minutes=5)
        with pytest.raises(OtpInvalido):
            await con.entrar(con.codigo(seconds=segundos))
        assert ("mfa_fallido", con.usuario.oid, False) in modulo.bitacora.sucesos

    async def test_as_people_write_it(self, modulo: Modulo, reloj: Reloj) -> None:
        con = await Con.hacer(modulo)
        reloj.avanzar(minutes=5)
        codigo = con.codigo()
        assert await con.entrar(f" {codigo[:3]} {codigo[3:]} ")

    async def test_a_wrong_password_says_nothing_of_a_second_factor(self, modulo: Modulo) -> None:
        con = await Con.hacer(modulo)
        for otp in (None, con.codigo(), con.codigos[0]):
            with pytest.raises(CredencialesInvalidas):
                await con.entrar(otp, clave="otra")
        assert (await factor(con.usuario)).fallos == 0  # type: ignore[union-attr]

    async def test_a_recovery_code_is_good_once(self, modulo: Modulo) -> None:
        con = await Con.hacer(modulo)
        assert await con.entrar(con.codigos[3].upper().replace("-", " "))
        with pytest.raises(OtpInvalido):
            await con.entrar(con.codigos[3])
        assert await con.entrar(con.codigos[4])

    async def test_a_recovery_code_of_another_account(self, modulo: Modulo) -> None:
        con, otro = await Con.hacer(modulo), await Con.hacer(modulo, await modulo.usuario(email="eva@example.com"))
        with pytest.raises(OtpInvalido):
            await con.entrar(otro.codigos[0])

    async def test_ignored_without_a_second_factor(self, modulo: Modulo) -> None:
        await modulo.usuario(email="ana@example.com")
        assert await modulo.auth.entrar(nombre="ana@example.com", clave=CLAVE, otp="no es", origen=ORIGEN)

    async def test_turned_on_while_the_password_was_checked(self, modulo: Modulo, hasher: HasherQueCuenta) -> None:
        usuario = await modulo.usuario(email="ana@example.com")
        hasher.al_verificar = lambda: Con.hacer(modulo, usuario)
        with pytest.raises(OtpRequerido):
            await modulo.auth.entrar(nombre="ana@example.com", clave=CLAVE, otp=None, origen=ORIGEN)


class TestFreno:
    async def test_each_wait_is_longer_and_none_is_for_ever(self, modulo: Modulo, reloj: Reloj) -> None:
        con = await Con.hacer(modulo)
        await con.fallar(LIBRES)
        esperas = []
        for _ in range(12):
            with pytest.raises(DemasiadasPeticiones) as error:
                await con.entrar(con.equivocado())
            esperas.append(error.value.segundos)
            assert error.value.cabeceras == {"Retry-After": str(error.value.segundos)}
            reloj.avanzar(seconds=error.value.segundos)
            await con.fallar(1)
        assert esperas[:9] == [5, 10, 20, 40, 80, 160, 320, 640, 900]
        assert set(esperas[8:]) == {int(ESPERA_MAXIMA.total_seconds())}
        reloj.avanzar(seconds=900)
        assert await con.entrar(con.codigo())

    async def test_a_right_code_too_soon_waits_too(self, modulo: Modulo, reloj: Reloj) -> None:
        con = await Con.hacer(modulo)
        reloj.avanzar(minutes=5)
        await con.fallar(LIBRES)
        with pytest.raises(DemasiadasPeticiones):
            await con.entrar(con.codigo())
        reloj.avanzar(seconds=5)
        assert await con.entrar(con.codigo())
        await con.fallar(LIBRES)

    async def test_neither_the_right_password_nor_time_starts_it_again(self, modulo: Modulo, reloj: Reloj) -> None:
        con = await Con.hacer(modulo)
        await con.fallar(LIBRES)
        for _ in range(20):
            with pytest.raises(OtpRequerido):
                await con.entrar(None)
        reloj.avanzar(days=30)
        await con.fallar(1)
        with pytest.raises(DemasiadasPeticiones):
            await con.entrar(con.equivocado())

    async def test_what_looks_like_no_code_is_no_guess(self, modulo: Modulo) -> None:
        con = await Con.hacer(modulo)
        for otp in ("no es", "12345", "a" * 16, "٠" * 6):
            for _ in range(LIBRES):
                with pytest.raises(OtpInvalido):
                    await con.entrar(otp)
        assert (await factor(con.usuario)).fallos == 0  # type: ignore[union-attr]

    async def test_a_recovery_code_never_waits(self, modulo: Modulo) -> None:
        """Who knows the password and keeps guessing does not shut the owner out."""
        con = await Con.hacer(modulo)
        await con.fallar(LIBRES)
        with pytest.raises(DemasiadasPeticiones):
            await con.entrar(con.equivocado())
        assert await con.entrar(con.codigos[0])
        await con.fallar(1)


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


class TestCarreras:
    async def test_one_code_lets_one_in(self, modulo_real: Modulo, reloj: Reloj) -> None:
        con = await Con.hacer(modulo_real)
        reloj.avanzar(minutes=5)
        dentro, mal = await a_la_vez([con.entrar(con.codigo()) for _ in range(LIBRES)])
        assert (len(dentro), mal) == (1, {"otp_invalido": LIBRES - 1})
        assert await modulo_real.repo_sesiones.count({}) == 1

    async def test_one_recovery_code_lets_one_in(self, modulo_real: Modulo) -> None:
        con = await Con.hacer(modulo_real)
        dentro, mal = await a_la_vez([con.entrar(con.codigos[0]) for _ in range(20)])
        assert (len(dentro), mal) == (1, {"otp_invalido": 19})

    async def test_fifty_guesses_at_once_are_counted_one_by_one(self, modulo_real: Modulo) -> None:
        con = await Con.hacer(modulo_real)
        dentro, mal = await a_la_vez([con.entrar(con.equivocado()) for _ in range(50)])
        assert (dentro, mal) == ([], {"otp_invalido": LIBRES, "demasiadas_peticiones": 50 - LIBRES})
        assert (await factor(con.usuario)).fallos == LIBRES  # type: ignore[union-attr]

    async def test_a_code_refused_for_another_reason_is_not_used_up(self, modulo_real: Modulo, reloj: Reloj) -> None:
        """The account was switched off meanwhile: the transaction comes to nothing, whole."""
        con = await Con.hacer(modulo_real)
        reloj.avanzar(minutes=5)
        hasher = modulo_real.hasher
        hasher.al_verificar = lambda: modulo_real.usuarios.cambiar(con.usuario.oid, {"activo": False})
        with pytest.raises(ParkNetError):
            await con.entrar(con.codigo())
        await modulo_real.usuarios.cambiar(con.usuario.oid, {"activo": True})
        assert await con.entrar(con.codigo())


def test_inicio_is_within_a_step() -> None:
    assert INICIO.timestamp() % 30 == 0
