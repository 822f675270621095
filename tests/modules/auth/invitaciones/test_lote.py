"""Many at once, killed at every line, on the real server: who is written to, what is printed, which of it works."""

import json
from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from beanie import PydanticObjectId

from app.core.security import Principal, Rol
from app.modules.auth.exceptions import InvitacionInvalida
from app.modules.auth.invitaciones.cartas import Pliego
from app.modules.auth.invitaciones.lote import TAMANO, TIPO, InvitadorPorLotes
from app.modules.auth.models import Invitacion, Proposito
from app.modules.auth.vales.service import ValeService
from app.shared.exceptions import EntradaInvalida
from tests.autenticador import principal
from tests.conftest import Reloj
from tests.modules.auth.apoyo import CLAVE, Modulo, de
from tests.modules.auth.dobles import ContextoFalso, Muerte

OPERADOR = principal(Rol.operador)


class Prensa:
    """Prints nothing: the sheets it was given, as JSON."""

    def __init__(self) -> None:
        self.pliegos: list[Pliego] = []

    async def __call__(self, pliego: Pliego) -> bytes:
        self.pliegos.append(pliego)
        return json.dumps([carta.enlace for carta in pliego.cartas]).encode()


class Taller:
    def __init__(self, modulo: Modulo, *, por_correo: bool = True) -> None:
        self.modulo, self.prensa = modulo, Prensa()
        self.invitador = InvitadorPorLotes(
            invitaciones=modulo.invitaciones,
            usuarios=modulo.usuarios,
            padron=modulo.padron,
            cuotas=modulo.cuotas,
            uow=modulo.uow,
            conjunto="Altos del Parque",
            zona=ZoneInfo("America/Bogota"),
            por_correo=por_correo,
            imprimir=self.prensa,
        )

    async def hacer(self, contexto: ContextoFalso) -> Any:
        return await self.invitador.realizar(contexto=contexto)


def contexto(residentes: Sequence[PydanticObjectId] | None, quien: Principal = OPERADOR) -> ContextoFalso:
    return ContextoFalso(parametros={"residentes": residentes}, quien=quien)


def tokens(archivo: bytes | None) -> list[str]:
    return [] if archivo is None else [enlace.partition("=")[2] for enlace in json.loads(archivo)]


@pytest.fixture
def taller(modulo_real: Modulo) -> Taller:
    return Taller(modulo_real)


class TestAQuien:
    async def test_a_letter_or_an_email_each(self, taller: Taller) -> None:
        padron = taller.modulo.padron
        con = [padron.agregar(email=f"r{i}@example.com") for i in range(3)]
        sin = [padron.agregar() for _ in range(2)]
        trabajo = contexto([*con, *sin])
        assert await taller.hacer(trabajo) == {"por_correo": 3, "cartas": 2}
        assert (trabajo.hecho, trabajo.total, trabajo.rechazos) == (5, 5, {})
        assert sorted(carta.para for carta in taller.modulo.avisos.cartas) == [f"r{i}@example.com" for i in range(3)]
        for token in tokens(trabajo.archivo):
            assert (await taller.modulo.registro.registrar(invitacion=token, clave=CLAVE)).residente_id in sin
        for carta in taller.modulo.avisos.cartas:
            assert (await taller.modulo.registro.registrar(invitacion=carta.token, clave=CLAVE)).residente_id in con

    async def test_without_a_server_of_email_everybody_gets_a_letter(self, modulo_real: Modulo) -> None:
        taller = Taller(modulo_real, por_correo=False)
        trabajo = contexto([modulo_real.padron.agregar(email="ana@example.com")])
        assert await taller.hacer(trabajo) == {"por_correo": 0, "cartas": 1}
        assert modulo_real.avisos.cartas == []

    async def test_who_was_written_to_too_often_gets_a_letter(self, taller: Taller) -> None:
        residente = taller.modulo.padron.agregar(email="ana@example.com")
        for _ in range(5):
            assert (await taller.hacer(contexto([residente])))["por_correo"] == 1
        assert await taller.hacer(contexto([residente])) == {"por_correo": 0, "cartas": 1}
        assert len(taller.modulo.avisos.cartas) == 5

    async def test_all_without_account(self, taller: Taller) -> None:
        """More than one batch; not who has an account, nor who left."""
        padron = taller.modulo.padron
        nuevos = [padron.agregar() for _ in range(TAMANO + 5)]
        await taller.modulo.residente()
        padron.agregar(activo=False)
        trabajo = contexto(None)
        assert await taller.hacer(trabajo) == {"por_correo": 0, "cartas": len(nuevos)}
        pendientes = await taller.modulo.repo_invitaciones.find({"pendiente": True})
        assert {i.residente_id for i in pendientes} == set(nuevos)

    async def test_who_is_refused_is_a_row(self, taller: Taller) -> None:
        padron, usuario = taller.modulo.padron, await taller.modulo.residente()
        bien, nadie, ida = padron.agregar(), PydanticObjectId(), padron.agregar(activo=False)
        assert usuario.residente_id is not None
        trabajo = contexto([usuario.residente_id, bien, nadie, ida])
        assert await taller.hacer(trabajo) == {"por_correo": 0, "cartas": 1}
        assert sorted((r.linea, r.campo, r.codigo) for r in trabajo.rechazos.values()) == [
            (1, "residentes", "cuenta_existente"),
            (3, "residentes", "no_existe"),
            (4, "residentes", "residente_inactivo"),
        ]

    async def test_nobody_and_nothing(self, taller: Taller) -> None:
        trabajo = contexto(None)
        assert await taller.hacer(trabajo) == {"por_correo": 0, "cartas": 0}
        assert trabajo.archivo is None

    async def test_in_the_order_in_which_they_are_handed_out(self, taller: Taller) -> None:
        padron = taller.modulo.padron
        for domicilio in ("Torre 10, apartamento 1", "Torre 2, apartamento 11", "Torre 2, apartamento 9"):
            padron.domicilio[padron.agregar()] = domicilio
        await taller.hacer(contexto(None))
        (pliego,) = taller.prensa.pliegos
        assert [carta.unidad for carta in pliego.cartas] == [
            "Torre 2, apartamento 9",
            "Torre 2, apartamento 11",
            "Torre 10, apartamento 1",
        ]

    async def test_thirty_days(self, taller: Taller, reloj: Reloj) -> None:
        taller.modulo.padron.agregar()
        trabajo = contexto(None)
        await taller.hacer(trabajo)
        reloj.avanzar(days=30, seconds=-1)
        (pliego,), (token,) = taller.prensa.pliegos, tokens(trabajo.archivo)
        assert pliego.vence > reloj.instante
        reloj.avanzar(seconds=1)
        with pytest.raises(InvitacionInvalida):
            await taller.modulo.registro.registrar(invitacion=token, clave=CLAVE)


class TestMuertes:
    @pytest.mark.parametrize("en", range(1, 12))
    async def test_killed_anywhere_and_begun_again(self, taller: Taller, en: int) -> None:
        """More than one batch of each: nobody is written to twice, everybody has one that works, and the letters of the
        file that is delivered all do."""
        padron, modulo = taller.modulo.padron, taller.modulo
        con = [padron.agregar(email=f"r{i}@example.com") for i in range(TAMANO + 1)]
        sin = [padron.agregar() for _ in range(TAMANO + 1)]
        trabajo = contexto([*con, *sin])
        trabajo.morir_en = en
        with pytest.raises(Muerte):
            await taller.hacer(trabajo)
        trabajo.otro_intento()
        assert await taller.hacer(trabajo) == {"por_correo": len(con), "cartas": len(sin)}
        invitadas = await modulo.repo_invitaciones.find({})
        assert {i.residente_id for i in invitadas} == {*con, *sin}
        vales = {v.sujeto_id: v for v in await modulo.repo_vales.find({})}
        assert len(vales) == len(invitadas) == len(con) + len(sin)
        assert len({v.email for v in vales.values() if v.email}) == len(con)
        vivos = [await _viva(modulo, token) for token in tokens(trabajo.archivo)]
        assert {i.residente_id for i in vivos if i is not None} == set(sin)

    async def test_there_are_no_more_places_to_be_killed_at(self, taller: Taller) -> None:
        padron = taller.modulo.padron
        trabajo = contexto(
            [padron.agregar(email=f"r{i}@example.com") for i in range(TAMANO + 1)]
            + [padron.agregar() for _ in range(TAMANO + 1)]
        )
        await taller.hacer(trabajo)
        assert trabajo.llamadas == 11

    async def test_registered_between_printing_and_the_end(self, taller: Taller) -> None:
        """By an invitation of before: the letter is dead, and says so as a row."""
        residente = taller.modulo.padron.agregar()

        async def mientras(pliego: Pliego) -> bytes:
            await taller.modulo.usuario(rol=Rol.residente, residente_id=residente)
            return await taller.prensa(pliego)

        taller.invitador._imprimir = mientras
        trabajo = contexto([residente])
        assert await taller.hacer(trabajo) == {"por_correo": 0, "cartas": 0}
        assert [r.codigo for r in trabajo.rechazos.values()] == ["cuenta_existente"]
        assert await _viva(taller.modulo, tokens(trabajo.archivo)[0]) is None


async def _viva(modulo: Modulo, token: str) -> Invitacion | None:
    vale = await ValeService(vales=modulo.repo_vales).vivo(Proposito.invitacion, token)
    return None if vale is None else await modulo.repo_invitaciones.get(vale.sujeto_id)


class TestEncolar:
    async def test_with_who_asked(self, modulo: Modulo) -> None:
        operador, residente = await modulo.usuario(rol=Rol.operador), modulo.padron.agregar()
        lotes = modulo.lotes
        await lotes.invitar([residente], quien=de(operador))
        await lotes.invitar(None, quien=de(operador))
        uno, todos = modulo.cola.encolados
        assert (uno["tipo"], uno["parametros"], uno["unico"]) == (TIPO, {"residentes": [residente]}, None)
        assert (todos["parametros"], todos["unico"]) == ({"residentes": None}, TIPO)
        assert uno["quien"].usuario_id == operador.oid

    async def test_an_id_that_names_nobody(self, modulo: Modulo) -> None:
        operador, ida = await modulo.usuario(rol=Rol.operador), modulo.padron.agregar(activo=False)
        with pytest.raises(EntradaInvalida) as caso:
            await modulo.lotes.invitar([ida, PydanticObjectId()], quien=de(operador))
        assert [(e.campo, e.codigo) for e in caso.value.errores] == [("residentes.1", "no_existe")]
        assert modulo.cola.encolados == []
