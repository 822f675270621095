from datetime import timedelta

import pytest

from app.core.security import Rol
from app.modules.auth.exceptions import CredencialesInvalidas
from app.shared.exceptions import TokenInvalido
from tests.autenticador import principal
from tests.conftest import INICIO, Reloj
from tests.modules.auth.apoyo import CLAVE, ORIGEN, Modulo


async def entrar(modulo: Modulo, nombre: str, clave: str = CLAVE) -> str:
    token = await modulo.auth.entrar(nombre=nombre, clave=clave, otp=None, origen=ORIGEN)
    return str((await modulo.sesiones.autenticar(token.access_token)).usuario_id)


# Of no password.
OTRA_CLAVE = "$2b$04$" + "." * 53


class TestEntrar:
    @pytest.mark.parametrize(
        "nombre", ["nadie@example.com", "999", "", " ", "@", "ana\0@example.com", "ana\n", "a" * 300, "\x7f", "$ne"]
    )
    async def test_unknown_does_the_work_of_one_password(self, modulo: Modulo, nombre: str) -> None:
        await modulo.usuario(email="ana@example.com")
        with pytest.raises(CredencialesInvalidas):
            await entrar(modulo, nombre)
        assert modulo.hasher.verificadas == 1

    async def test_wrong_password(self, modulo: Modulo) -> None:
        await modulo.usuario(email="ana@example.com")
        with pytest.raises(CredencialesInvalidas):
            await entrar(modulo, "ana@example.com", CLAVE + " ")
        assert modulo.hasher.verificadas == 1

    @pytest.mark.parametrize(
        "apagada", [{"activo": False}, {"residencia_activa": False}, {"activo": False, "rol": Rol.admin}]
    )
    async def test_switched_off(self, modulo: Modulo, apagada: dict[str, object]) -> None:
        await modulo.usuario(**({"rol": Rol.residente, "email": "ana@example.com"} | apagada))  # type: ignore[arg-type]
        with pytest.raises(CredencialesInvalidas):
            await entrar(modulo, "ana@example.com")
        assert modulo.hasher.verificadas == 1

    @pytest.mark.parametrize("cambio", [{"activo": False}, {"clave": OTRA_CLAVE}, {"rol": "auditor", "activo": False}])
    async def test_changed_while_the_password_was_checked(self, modulo: Modulo, cambio: dict[str, object]) -> None:
        usuario = await modulo.usuario(email="ana@example.com")
        modulo.hasher.al_verificar = lambda: modulo.usuarios.update_one({"_id": usuario.id}, {"$set": cambio})
        with pytest.raises(CredencialesInvalidas):
            await entrar(modulo, "ana@example.com")
        assert await modulo.repo_sesiones.count({}) == 0

    @pytest.mark.parametrize("nombre", ["ana@example.com", "  Ana@EXAMPLE.com "])
    async def test_email_without_case(self, modulo: Modulo, nombre: str) -> None:
        usuario = await modulo.usuario(email="ana@example.com")
        assert await entrar(modulo, nombre) == str(usuario.id)

    async def test_document_number(self, modulo: Modulo) -> None:
        usuario = await modulo.residente(documento="1020304050")
        assert await entrar(modulo, " 1020304050 ") == str(usuario.id)

    async def test_document_number_of_several_people(self, modulo: Modulo) -> None:
        await modulo.residente(documento="77")
        segundo = await modulo.residente(documento="77")
        await modulo.usuarios.update_one({"_id": segundo.id}, {"$set": {"clave": await modulo.hasher.hash("otra")}})
        assert await entrar(modulo, "77", "otra") == str(segundo.id)

    async def test_one_that_is_switched_off_does_not_stand_before_another(self, modulo: Modulo) -> None:
        apagada = await modulo.residente(documento="77")
        await modulo.usuarios.update_one({"_id": apagada.id}, {"$set": {"activo": False}})
        segundo = await modulo.residente(documento="77")
        assert await entrar(modulo, "77") == str(segundo.id)

    async def test_document_number_of_many_is_bounded(self, modulo: Modulo) -> None:
        for _ in range(12):
            await modulo.residente(documento="77")
        with pytest.raises(CredencialesInvalidas):
            await entrar(modulo, "77", "otra")
        assert modulo.hasher.verificadas == 8

    @pytest.mark.parametrize("nombre", ["77", "88", "99", "nadie"])
    async def test_every_document_costs_what_the_most_shared_one_does(self, modulo: Modulo, nombre: str) -> None:
        await modulo.residente(documento="77")
        for _ in range(3):
            await modulo.residente(documento="88")
        apagada = await modulo.residente(documento="99")
        await modulo.usuarios.update_one({"_id": apagada.id}, {"$set": {"activo": False}})
        with pytest.raises(CredencialesInvalidas):
            await entrar(modulo, nombre, "otra")
        assert modulo.hasher.verificadas == 3

    async def test_document_without_account(self, modulo: Modulo) -> None:
        modulo.padron.agregar(documento="77")
        with pytest.raises(CredencialesInvalidas):
            await entrar(modulo, "77")
        assert modulo.hasher.verificadas == 1

    async def test_last_access_and_origin_are_kept(self, modulo: Modulo, reloj: Reloj) -> None:
        usuario = await modulo.usuario()
        reloj.avanzar(hours=1)
        await entrar(modulo, usuario.email or "")
        guardado = await modulo.usuarios.get(usuario.oid)
        assert guardado is not None
        assert guardado.ultimo_acceso == INICIO + timedelta(hours=1)
        (sesion,) = await modulo.repo_sesiones.find({})
        assert (sesion.dispositivo, sesion.direccion) == ("pruebas", "192.0.2.1")


class TestYo:
    async def test_account_gone(self, modulo: Modulo) -> None:
        with pytest.raises(TokenInvalido):
            await modulo.auth.yo(principal(Rol.admin))
