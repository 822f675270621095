"""Moves that people ask for, one by one, and what they are told they may do."""

from dataclasses import replace
from datetime import timedelta

import pytest
from beanie import PydanticObjectId

from app.core.security import Principal, Rol
from app.modules.solicitudes.decisiones.schemas import EstadoUpdate, Prorroga
from app.modules.solicitudes.estados import Actor, RequestStatus
from app.modules.solicitudes.exceptions import PlazoVencido
from app.modules.solicitudes.permisos import Llamador
from app.modules.solicitudes.ports import Solicitante
from app.modules.solicitudes.schemas import RequestOut
from app.shared.exceptions import (
    ConflictoDeInteres,
    EntradaInvalida,
    NoEncontrado,
    RolInsuficiente,
    TransicionInvalida,
)
from tests.autenticador import principal
from tests.conftest import INICIO, Reloj
from tests.modules.solicitudes.mesa import ADMIN, AUDITOR, OPERADOR, Mesa, Vecino

TODOS = [e.value for e in RequestStatus]


async def en(mesa: Mesa, estado: str, vecino: Vecino) -> RequestOut:
    """A new request of theirs in `estado`, reached as it is reached in life; what they held before has ended."""
    await mesa.espacios.tenencias.delete_many({})
    if estado in {"pendiente", "aprobada", "rechazada", "cancelada"}:
        pedida = await mesa.pedir(await mesa.sorteo(aprobacion="manual"), vecino)
        return pedida if estado == "pendiente" else await mesa.decidir(pedida, estado, ADMIN, "Porque sí")
    if estado in {"en_espera", "ofrecida", "retirada"}:
        otro = mesa.vecino()
        _, (ganadora, suya) = await mesa.publicado([otro, vecino])
        if estado == "retirada":
            return await mesa.decidir(suya, estado, ADMIN)
        if estado == "ofrecida":
            await mesa.decidir(ganadora, "declinada", otro.quien)
        return await mesa.ver(suya)
    _, (suya,) = await mesa.publicado([vecino])
    return suya if estado == "asignada" else await mesa.decidir(suya, estado, ADMIN, "Porque sí")


POSIBLES = {
    # what the flat may do, and staff
    "pendiente": (["cancelada"], ["aprobada", "rechazada", "cancelada"]),
    "aprobada": (["cancelada"], ["cancelada"]),
    "rechazada": ([], []),
    "cancelada": ([], []),
    "asignada": (["aceptada", "declinada"], ["aceptada", "declinada"]),
    "en_espera": (["retirada"], ["retirada"]),
    "ofrecida": (["aceptada", "declinada", "retirada"], ["aceptada", "declinada", "retirada"]),
    "aceptada": ([], []),
    "declinada": ([], []),
    "retirada": ([], []),
}


class TestAcciones:
    @pytest.mark.parametrize("estado", POSIBLES)
    async def test_what_each_is_told_is_what_each_may(self, mesa: Mesa, estado: str) -> None:
        vecino = mesa.vecino()
        de_la_unidad, del_personal = POSIBLES[estado]
        for quien, esperadas in [
            (vecino.quien, de_la_unidad),
            (ADMIN, del_personal),
            (OPERADOR, del_personal),
            (AUDITOR, []),
            (vecino.como(Rol.auditor), de_la_unidad),
            (vecino.como(Rol.operador), de_la_unidad),
            (vecino.como(Rol.admin), sorted({*de_la_unidad, *del_personal})),
        ]:
            suya = await en(mesa, estado, vecino)
            vista = await mesa.ver(suya, quien)
            assert sorted(vista.acciones) == sorted(esperadas), quien
            for a in set(TODOS) - {*esperadas, estado}:
                with pytest.raises((TransicionInvalida, ConflictoDeInteres, RolInsuficiente)):
                    await mesa.decidir(suya, a, quien, "Porque sí")
            for a in esperadas:
                assert (await mesa.decidir(suya, a, quien, "Porque sí")).estado == a
                suya = await en(mesa, estado, vecino)

    async def test_none_while_it_is_closed(self, mesa: Mesa) -> None:
        vecino = mesa.vecino()
        pedida = await mesa.pedir(await mesa.sorteo(), vecino)
        await mesa.cerrar(pedida.sorteo_id)
        for quien in (vecino.quien, ADMIN):
            assert (await mesa.ver(pedida, quien)).acciones == []
            with pytest.raises(TransicionInvalida):
                await mesa.decidir(pedida, "cancelada", quien)

    async def test_none_when_time_is_up(self, mesa: Mesa, reloj: Reloj) -> None:
        """Even before the system comes round to it."""
        vecino = mesa.vecino()
        asignada = await en(mesa, "asignada", vecino)
        assert asignada.vence_en == INICIO + timedelta(hours=72)
        reloj.avanzar(hours=72, milliseconds=-1)
        assert (await mesa.ver(asignada, vecino.quien)).acciones == ["aceptada", "declinada"]
        reloj.avanzar(milliseconds=1)
        for quien in (vecino.quien, ADMIN):
            assert (await mesa.ver(asignada, quien)).acciones == []
            with pytest.raises(PlazoVencido):
                await mesa.decidir(asignada, "aceptada", quien, "Llamó a tiempo")
            with pytest.raises(TransicionInvalida):
                await mesa.decidir(asignada, "cancelada", quien, "Llamó a tiempo")
        assert await mesa.espera.vencer() == 1
        with pytest.raises(PlazoVencido):
            await mesa.decidir(asignada, "aceptada", vecino.quien)

    async def test_what_ended_with_its_draw_has_no_deadline(self, mesa: Mesa) -> None:
        vecino = mesa.vecino()
        asignada = await en(mesa, "asignada", vecino)
        await mesa.ventanilla.finalizar(sorteo_id=asignada.sorteo_id)
        await mesa.ventanilla.pasar_a(sorteo_id=asignada.sorteo_id, fase="terminado")
        assert await mesa.estado(asignada) == "vencida"
        with pytest.raises(TransicionInvalida):
            await mesa.decidir(asignada, "aceptada", vecino.quien)

    async def test_made_twice(self, mesa: Mesa) -> None:
        """By whoever lives in the flat, or by the same person; and not what others, or the system, have done."""
        vecino = mesa.vecino()
        pareja = principal(Rol.residente, mesa.persona(vecino.unidad_id))
        asignada = await en(mesa, "asignada", vecino)
        for quien in (vecino.quien, pareja, vecino.quien):
            assert (await mesa.decidir(asignada, "aceptada", quien)).estado == "aceptada"
        assert len([paso for paso in await mesa.pasos(asignada) if paso[1] == "aceptada"]) == 1
        with pytest.raises(TransicionInvalida):
            await mesa.decidir(asignada, "aceptada", OPERADOR, "Llamó")
        otra = await en(mesa, "asignada", vecino := mesa.vecino())
        for _ in range(2):
            await mesa.decidir(otra, "declinada", OPERADOR, "Llamó")
        for quien in (vecino.quien, ADMIN):
            with pytest.raises(TransicionInvalida):
                await mesa.decidir(otra, "declinada", quien, "Llamó")
        with pytest.raises(TransicionInvalida):
            await mesa.decidir(await en(mesa, "en_espera", vecino), "en_espera", vecino.quien)

    async def test_the_flat_as_it_lives_today(self, mesa: Mesa) -> None:
        """Who asked and lives elsewhere neither sees it nor acts; who stayed goes on with it."""
        vecino = mesa.vecino()
        pareja = mesa.persona(vecino.unidad_id)
        asignada = await en(mesa, "asignada", vecino)
        mesa.muda(vecino, mesa.unidad())
        with pytest.raises(NoEncontrado):
            await mesa.ver(asignada, vecino.quien)
        with pytest.raises(NoEncontrado):
            await mesa.decidir(asignada, "declinada", vecino.quien)
        quien = Vecino(vecino.quien, pareja, vecino.unidad_id, vecino.vehiculo_id).como(Rol.residente)
        assert (await mesa.decidir(asignada, "aceptada", quien)).estado == "aceptada"


class TestDecidir:
    async def test_anothers(self, mesa: Mesa) -> None:
        pedida = await en(mesa, "pendiente", mesa.vecino())
        for id in (pedida.id, PydanticObjectId()):
            with pytest.raises(NoEncontrado):
                await mesa.decisiones.decidir(id, EstadoUpdate(estado=RequestStatus.cancelada), mesa.vecino().quien)

    @pytest.mark.parametrize(("estado", "a"), [("pendiente", "rechazada"), ("asignada", "declinada")])
    async def test_staff_say_why(self, mesa: Mesa, estado: str, a: str) -> None:
        pedida = await en(mesa, estado, mesa.vecino())
        with pytest.raises(EntradaInvalida) as caso:
            await mesa.decidir(pedida, a, OPERADOR)
        assert [(e.campo, e.codigo) for e in caso.value.errores] == [("motivo", "motivo_requerido")]
        assert (await mesa.decidir(pedida, a, OPERADOR, "Lo pidió por teléfono")).motivo == "Lo pidió por teléfono"

    async def test_operadores_do_not_decide_about_their_own(self, mesa: Mesa) -> None:
        vecino = mesa.vecino()
        pedida = await en(mesa, "pendiente", vecino)
        for a in ("aprobada", "rechazada"):
            with pytest.raises(ConflictoDeInteres):
                await mesa.decidir(pedida, a, vecino.como(Rol.operador), "Porque sí")

    async def test_nor_about_one_they_made_where_they_lived(self, mesa: Mesa) -> None:
        vecino = mesa.vecino()
        mesa.persona(vecino.unidad_id)
        pedida = await en(mesa, "pendiente", vecino)
        mesa.muda(vecino, mesa.unidad())
        for a in ("aprobada", "cancelada"):
            with pytest.raises(ConflictoDeInteres):
                await mesa.decidir(pedida, a, vecino.como(Rol.operador))

    async def test_nor_about_where_they_lived(self, mesa: Mesa) -> None:
        """An account of the staff whose resident is inactive is no flat, and still not a stranger to it."""
        vecino = mesa.vecino()
        mesa.padron.personas[mesa.persona(vecino.unidad_id)].activo = False
        ido = next(r for r, p in mesa.padron.personas.items() if not p.activo)
        pedida = await en(mesa, "pendiente", vecino)
        operador = replace(principal(Rol.operador), vinculo_id=ido)
        assert (await mesa.ver(pedida, operador)).acciones == []
        for a in ("aprobada", "cancelada"):
            with pytest.raises(ConflictoDeInteres):
                await mesa.decidir(pedida, a, operador)
        admin = replace(principal(Rol.admin), vinculo_id=ido)
        await mesa.decidir(pedida, "aprobada", admin)
        assert (await mesa.pasos(pedida))[-1][2] == "personal"

    async def test_admins_do(self, mesa: Mesa) -> None:
        vecino = mesa.vecino()
        pedida = await en(mesa, "pendiente", vecino)
        assert (await mesa.decidir(pedida, "aprobada", vecino.como(Rol.admin))).estado == "aprobada"

    async def test_an_inactive_resident_is_no_flat(self, mesa: Mesa) -> None:
        """Their account is off; but a member of the staff may have lived here."""
        vecino = mesa.vecino()
        asignada = await en(mesa, "asignada", vecino)
        mesa.muda(vecino)
        with pytest.raises(EntradaInvalida):
            await mesa.decidir(asignada, "aceptada", vecino.como(Rol.admin))

    async def test_kept(self, mesa: Mesa, reloj: Reloj) -> None:
        vecino = mesa.vecino()
        aceptada = await mesa.decidir(await en(mesa, "asignada", vecino), "aceptada", vecino.quien)
        assert (aceptada.espacio, aceptada.vence_en, aceptada.motivo) == ("A-01", None, None)
        (tenencia,) = await mesa.espacios.tenencias.find({})
        assert (tenencia.solicitud_id, tenencia.codigo, tenencia.clase) == (aceptada.id, "A-01", "carro")
        assert (tenencia.desde, tenencia.hasta, tenencia.prestado) == (
            *(await mesa.ventanillas.find({}))[0].terminos.model_dump(include={"desde", "hasta"}).values(),
            False,
        )
        assert await mesa.pasos(aceptada) == [
            (None, "pendiente", "unidad", None),
            ("pendiente", "aprobada", "sistema", None),
            ("aprobada", "asignada", "sistema", None),
            ("asignada", "aceptada", "unidad", None),
        ]
        assert reloj.instante == INICIO

    async def test_a_space_let_go_is_the_requests_no_more(self, mesa: Mesa) -> None:
        declinada = await en(mesa, "declinada", mesa.vecino())
        assert (declinada.espacio, declinada.vence_en) == (None, None)
        assert await mesa.espacios.quien_tiene("A-01") is None
        assert not (await mesa.guardada(declinada)).viva


def prorroga(horas: float, motivo: str = "Está de viaje") -> Prorroga:
    return Prorroga.model_validate(
        {"vence_en": (INICIO + timedelta(hours=horas)).isoformat().replace("+00:00", "Z"), "motivo": motivo}
    )


class TestProrrogar:
    async def test_more_time(self, mesa: Mesa, reloj: Reloj) -> None:
        vecino = mesa.vecino()
        asignada = await en(mesa, "asignada", vecino)
        visto = await mesa.decisiones.prorrogar(asignada.id, prorroga(100), OPERADOR)
        assert (visto.vence_en, visto.estado) == (INICIO + timedelta(hours=100), "asignada")
        reloj.avanzar(hours=99)
        assert await mesa.espera.vencer() == 0
        assert (await mesa.decidir(asignada, "aceptada", vecino.quien)).estado == "aceptada"

    async def test_after_it_was_up_and_before_it_lapsed(self, mesa: Mesa, reloj: Reloj) -> None:
        vecino = mesa.vecino()
        asignada = await en(mesa, "asignada", vecino)
        reloj.avanzar(hours=80)
        with pytest.raises(EntradaInvalida):
            await mesa.decisiones.prorrogar(asignada.id, prorroga(79), ADMIN)
        await mesa.decisiones.prorrogar(asignada.id, prorroga(81), ADMIN)
        assert (await mesa.decidir(asignada, "aceptada", vecino.quien)).estado == "aceptada"

    @pytest.mark.parametrize("horas", [72, 71, -1])
    async def test_not_more(self, mesa: Mesa, horas: int) -> None:
        asignada = await en(mesa, "asignada", mesa.vecino())
        with pytest.raises(EntradaInvalida) as caso:
            await mesa.decisiones.prorrogar(asignada.id, prorroga(horas), ADMIN)
        assert [(e.campo, e.codigo) for e in caso.value.errores] == [("vence_en", "vence_en_invalido")]

    @pytest.mark.parametrize("estado", ["pendiente", "en_espera", "aceptada", "declinada"])
    async def test_nothing_to_answer(self, mesa: Mesa, estado: str) -> None:
        with pytest.raises(TransicionInvalida):
            await mesa.decisiones.prorrogar((await en(mesa, estado, mesa.vecino())).id, prorroga(100), ADMIN)

    async def test_their_own(self, mesa: Mesa) -> None:
        vecino = mesa.vecino()
        asignada = await en(mesa, "asignada", vecino)
        with pytest.raises(ConflictoDeInteres):
            await mesa.decisiones.prorrogar(asignada.id, prorroga(100), vecino.como(Rol.operador))
        await mesa.decisiones.prorrogar(asignada.id, prorroga(100), vecino.como(Rol.admin))


async def test_an_operador_about_a_flat_that_they_left(mesa: Mesa) -> None:
    """In a draw that they lived there through; in another they decide as about any."""
    sorteo_id = await mesa.sorteo(["A-01"])
    pedida = await mesa.pedir(sorteo_id, mesa.vecino())
    solicitud = await mesa.solicitudes.get(pedida.id)
    assert solicitud is not None
    yo = PydanticObjectId()
    quien = Principal(PydanticObjectId(), Rol.operador, PydanticObjectId(), residente_id=yo)
    for sorteo, actores in ((sorteo_id, []), (PydanticObjectId(), [Actor.personal])):
        dejadas = frozenset({(solicitud.unidad_id, sorteo)})
        solicitante = Solicitante(residente_id=yo, activo=True, unidades=(), dejadas=dejadas)
        assert Llamador(quien=quien, solicitante=solicitante).actores(solicitud) == actores
