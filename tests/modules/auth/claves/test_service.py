"""Choosing a password, changing it, and its hash growing with the cost."""

import pytest

from app.core.security import HasherDeClaves, Rol
from app.modules.auth.exceptions import CredencialesInvalidas, SesionInvalida
from app.modules.auth.invitaciones.service import Invitado
from app.modules.auth.models import FinDeSesion, Usuario
from app.shared.exceptions import DemasiadasPeticiones, EntradaInvalida, TokenInvalido
from tests.modules.auth.apoyo import CLAVE, ORIGEN, HasherQueCuenta, Modulo, de
from tests.modules.auth.test_carreras import a_la_vez

NUEVA = "otra clave muy distinta"


async def cambiar(modulo: Modulo, usuario: Usuario, *, actual: str = CLAVE, nueva: str = NUEVA) -> None:
    await modulo.claves.cambiar(actual=actual, nueva=nueva, quien=de(usuario))


async def entrar(modulo: Modulo, usuario: Usuario, clave: str) -> None:
    await modulo.auth.entrar(nombre=usuario.email or "", clave=clave, otp=None, origen=ORIGEN)


def falla(error: pytest.ExceptionInfo[EntradaInvalida]) -> tuple[str, str]:
    (unica,) = error.value.errores
    return unica.campo, unica.codigo


class TestCambiar:
    async def test_the_new_one_signs_in_and_the_old_one_does_not(self, modulo: Modulo) -> None:
        usuario = await modulo.usuario()
        await cambiar(modulo, usuario)
        await entrar(modulo, usuario, NUEVA)
        with pytest.raises(CredencialesInvalidas):
            await entrar(modulo, usuario, CLAVE)

    async def test_this_session_goes_on_and_the_others_end_at_once(self, modulo: Modulo) -> None:
        usuario, ajeno = await modulo.usuario(), await modulo.entrar(await modulo.usuario())
        esta, otra = await modulo.entrar(usuario), await modulo.entrar(usuario)
        quien = await modulo.sesiones.autenticar(esta.access_token)
        await modulo.sesiones.autenticar(otra.access_token)
        await modulo.claves.cambiar(actual=CLAVE, nueva=NUEVA, quien=quien)
        await modulo.sesiones.autenticar(esta.access_token)
        await modulo.sesiones.autenticar(ajeno.access_token)
        with pytest.raises(TokenInvalido):
            await modulo.sesiones.autenticar(otra.access_token)
        with pytest.raises(SesionInvalida):
            await modulo.sesiones.renovar(otra.refresh_token, ORIGEN)
        assert await modulo.sesiones.renovar(esta.refresh_token, ORIGEN)
        assert await modulo.repo_sesiones.count({"motivo": FinDeSesion.clave.value}) == 1

    async def test_its_holder_is_told_and_it_is_written_down(self, modulo: Modulo) -> None:
        usuario = await modulo.usuario()
        await cambiar(modulo, usuario)
        assert modulo.avisos.avisos == [("clave_cambiada", usuario.oid)]
        assert modulo.bitacora.sucesos == [("clave_cambiada", usuario.oid, True)]

    async def test_the_present_one_is_asked_for(self, modulo: Modulo) -> None:
        usuario = await modulo.usuario()
        with pytest.raises(EntradaInvalida) as error:
            await cambiar(modulo, usuario, actual=CLAVE + " ")
        assert falla(error) == ("actual", "clave_incorrecta")
        assert modulo.bitacora.sucesos == [("clave_fallida", usuario.oid, False)]
        await entrar(modulo, usuario, CLAVE)

    async def test_a_stolen_session_does_not_guess_it(self, modulo: Modulo) -> None:
        usuario = await modulo.usuario()
        for _ in range(10):
            with pytest.raises(EntradaInvalida):
                await cambiar(modulo, usuario, actual="no es esta")
        comprobadas = modulo.hasher.verificadas
        with pytest.raises(DemasiadasPeticiones):
            await cambiar(modulo, usuario)
        assert modulo.hasher.verificadas == comprobadas

    async def test_being_right_forgives_the_slips(self, modulo: Modulo) -> None:
        usuario, claves = await modulo.usuario(), [CLAVE, NUEVA]
        for vuelta in range(4):
            for _ in range(6):
                with pytest.raises(EntradaInvalida):
                    await cambiar(modulo, usuario, actual="no es esta")
            await cambiar(modulo, usuario, actual=claves[vuelta % 2], nueva=claves[(vuelta + 1) % 2])

    @pytest.mark.parametrize(
        ("nueva", "codigo"),
        [
            ("Password2024!", "clave_comun"),
            ("qwertyqwerty", "clave_comun"),
            ("ana.gomez1990", "clave_personal"),
            ("Altos del Parque", "clave_personal"),
            ("ParkNet ParkNet", "clave_personal"),
        ],
    )
    async def test_one_that_would_be_guessed_is_refused_saying_why(
        self, modulo: Modulo, nueva: str, codigo: str
    ) -> None:
        usuario = await modulo.residente(email="ana.gomez@example.com")
        with pytest.raises(EntradaInvalida) as error:
            await cambiar(modulo, usuario, nueva=nueva)
        assert falla(error) == ("nueva", codigo)
        await entrar(modulo, usuario, CLAVE)

    async def test_of_several_at_once_one_counts(self, modulo_real: Modulo) -> None:
        usuario = await modulo_real.usuario(email="ana@example.com")
        nuevas = [f"clave nueva numero {n}" for n in range(5)]
        hechas, mal = await a_la_vez([cambiar(modulo_real, usuario, nueva=nueva) for nueva in nuevas])
        assert (len(hechas), mal.total()) == (1, 4)
        sirven, _ = await a_la_vez([entrar(modulo_real, usuario, nueva) for nueva in [*nuevas, CLAVE]])
        assert len(sirven) == 1

    async def test_against_signing_in_no_session_of_the_old_one_is_left(self, modulo_real: Modulo) -> None:
        usuario = await modulo_real.usuario(email="ana@example.com")
        await a_la_vez([cambiar(modulo_real, usuario), *(entrar(modulo_real, usuario, CLAVE) for _ in range(5))])
        assert await modulo_real.repo_sesiones.count({"terminada_en": None}) == 0

    async def test_the_hashes_are_never_what_was_typed(self, modulo: Modulo) -> None:
        usuario = await modulo.usuario()
        await cambiar(modulo, usuario)
        guardado = await modulo.usuarios.get(usuario.oid)
        assert guardado is not None
        assert NUEVA not in guardado.model_dump_json()


class TestRegistrar:
    @pytest.mark.parametrize(
        ("clave", "codigo"), [("passw0rd1234", "clave_comun"), ("eva.gomez2024", "clave_personal")]
    )
    async def test_the_same_rules(self, modulo: Modulo, clave: str, codigo: str) -> None:
        admin = de(await modulo.usuario())
        invitado = Invitado(rol=Rol.auditor, email="eva.gomez@example.com")
        token = (await modulo.invitaciones.invitar(invitado, quien=admin)).token
        with pytest.raises(EntradaInvalida) as error:
            await modulo.registro.registrar(invitacion=token, clave=clave)
        assert falla(error) == ("password", codigo)
        assert await modulo.registro.registrar(invitacion=token, clave=CLAVE)


class TestOtroCosto:
    """The cost in the settings changed since the password was chosen."""

    async def de_otro_costo(self, modulo: Modulo) -> Usuario:
        antes = HasherDeClaves(pimienta=b"pimienta" * 4, costo=5)
        return await modulo.usuario(email="ana@example.com", clave=await antes.hash(CLAVE))

    async def test_signing_in_makes_the_hash_anew(self, modulo: Modulo) -> None:
        usuario = await self.de_otro_costo(modulo)
        await entrar(modulo, usuario, CLAVE)
        guardado = await modulo.usuarios.get(usuario.oid)
        assert guardado is not None
        assert guardado.clave.startswith("$2b$04$")
        await entrar(modulo, usuario, CLAVE)
        otra_vez = await modulo.usuarios.get(usuario.oid)
        assert otra_vez is not None
        assert otra_vez.clave == guardado.clave

    async def test_a_wrong_one_changes_nothing(self, modulo: Modulo) -> None:
        usuario = await self.de_otro_costo(modulo)
        with pytest.raises(CredencialesInvalidas):
            await entrar(modulo, usuario, NUEVA)
        assert await modulo.usuarios.find({}) == [usuario]

    async def test_twenty_at_once_all_get_in(self, modulo_real: Modulo) -> None:
        usuario = await self.de_otro_costo(modulo_real)
        bien, mal = await a_la_vez([entrar(modulo_real, usuario, CLAVE) for _ in range(20)])
        assert (len(bien), mal) == (20, {})
        guardado = await modulo_real.usuarios.get(usuario.oid)
        assert guardado is not None
        assert guardado.clave.startswith("$2b$04$")

    async def test_a_change_meanwhile_is_not_undone(self, modulo: Modulo, hasher: HasherQueCuenta) -> None:
        usuario = await self.de_otro_costo(modulo)
        nueva = await hasher.hash(NUEVA)
        hasher.al_verificar = lambda: modulo.usuarios.cambiar_clave(usuario, nueva)
        with pytest.raises(CredencialesInvalidas):
            await entrar(modulo, usuario, CLAVE)
        guardado = await modulo.usuarios.get(usuario.oid)
        assert guardado is not None
        assert guardado.clave == nueva
