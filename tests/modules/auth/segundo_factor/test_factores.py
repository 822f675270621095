"""Signing in with a second factor, and what guessing comes to."""

import pytest

from app.modules.auth.exceptions import (
    CredencialesInvalidas,
    OtpInvalido,
    OtpRequerido,
)
from app.modules.auth.segundo_factor.factores import ESPERA_MAXIMA, LIBRES
from app.shared.exceptions import (
    DemasiadasPeticiones,
    ParkNetError,
)
from tests.conftest import INICIO, Reloj
from tests.modules.auth.apoyo import CLAVE, ORIGEN, HasherQueCuenta, Modulo
from tests.modules.auth.segundo_factor.apoyo import Con, factor
from tests.modules.auth.test_carreras import a_la_vez


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
        hasher.al_verificar = lambda: modulo_real.usuarios.cambiar(con.usuario.oid, {"activo": False}, relevo=None)
        with pytest.raises(ParkNetError):
            await con.entrar(con.codigo())
        await modulo_real.usuarios.cambiar(con.usuario.oid, {"activo": True}, relevo=None)
        assert await con.entrar(con.codigo())


def test_inicio_is_within_a_step() -> None:
    assert INICIO.timestamp() % 30 == 0
