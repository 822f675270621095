"""A reserved space that was lent is claimed back: the borrower keeps it until a day that they are told, and it goes on
to who has the right."""

from datetime import date, timedelta
from typing import Any

import httpx
import pytest
from beanie import PydanticObjectId

from app.modules.sorteo.asignaciones.models import Asignacion
from app.modules.sorteo.espacios.models import Titular
from tests.conftest import INICIO
from tests.modules.sorteo.asignaciones.test_asignaciones import HASTA, HOY, asignar, ver, vive
from tests.modules.sorteo.conftest import Api, Casa, problema
from tests.modules.sorteo.factories import ADMIN, RESIDENTE

RESERVA = "movilidad_reducida"


async def prestada(casa: Casa, **campos: Any) -> Asignacion:
    suya = await asignar(casa, prestado=True, **campos)
    await decir(casa, reserva=RESERVA)
    vive(casa, suya.unidad_id)
    return suya


async def decir(casa: Casa, **campos: Any) -> None:
    """Somebody states that of its space."""
    await casa.uow.run(lambda: casa.r_espacios.cambiar(codigo="A-01", cambios=campos, dichos=[*campos]))


def con_condicion(casa: Casa, unidad_id: PydanticObjectId, codigo: str = RESERVA) -> None:
    """Of somebody who lives in that flat."""
    casa.padron.poner(unidad_id, condiciones=frozenset({codigo}))
    casa.padron.viven[PydanticObjectId()] = [unidad_id]


async def reclamar(api: Api, suya: Asignacion, **cuerpo: Any) -> httpx.Response:
    return await api.pedir("POST", f"/asignaciones/{suya.id}/reclamar", ADMIN, **({"json": cuerpo} if cuerpo else {}))


class TestPlazo:
    async def test_eight_days_where_nobody_says(self, api: Api) -> None:
        suya = await prestada(api.casa)
        respuesta = await reclamar(api, suya)
        cuerpo = respuesta.json()
        assert (respuesta.status_code, cuerpo["estado"], cuerpo["hasta"]) == (200, "vigente", "2026-03-10")
        assert cuerpo["reclamada_en"] is not None
        assert api.casa.fin.reclamadas == [(suya.solicitud_id, None)]
        ((tipo, quien, datos),) = api.casa.avisos.dichos
        assert (tipo, quien) == ("asignacion_reclamada", RESIDENTE.residente_id)
        assert (datos["espacio"], datos["hasta"], datos["motivo"]) == ("A-01", date(2026, 3, 10), None)
        await api.casa.vigia.vigilar()
        assert api.casa.bitacora.de == []
        # Asked for again, it is the same.
        assert (await reclamar(api, suya, hasta="2026-03-05")).json() == cuerpo
        assert len(api.casa.fin.reclamadas) == 1

    async def test_the_space_is_theirs_to_the_end_of_that_day(self, api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
        casa = api.casa
        monkeypatch.setattr(casa.uow, "_anotador", casa.bitacora)
        suya = await prestada(casa)
        await reclamar(api, suya, hasta="2026-03-04", motivo="lo necesita otra unidad")
        assert not await casa.registro.libre(codigo="A-01", desde=date(2026, 3, 4), hasta=HASTA)
        assert await casa.registro.libre(codigo="A-01", desde=date(2026, 3, 5), hasta=HASTA)
        casa.reloj.avanzar(days=2)
        await casa.tareas.atender()
        assert (await ver(casa, suya)).estado == "vigente"
        casa.reloj.avanzar(days=1)
        await casa.tareas.atender()
        quedo = await ver(casa, suya)
        assert (quedo.estado, quedo.hasta, quedo.motivo) == (
            "terminada",
            date(2026, 3, 4),
            "lo necesita otra unidad",
        )
        # Its term is not over for the others: it is offered.
        assert casa.fin.llamadas == [(suya.solicitud_id, "A-01")]
        assert await casa.ocupaciones() == {}
        vistas = [
            len((await api.ver("/asignaciones", params={"vigente_en": dia}))["items"])
            for dia in ("2026-03-04", "2026-03-05")
        ]
        assert vistas == [1, 0]

    @pytest.mark.parametrize("hasta", [HOY - timedelta(days=1), HASTA + timedelta(days=1)])
    async def test_from_today_to_its_own_end(self, api: Api, hasta: date) -> None:
        suya = await prestada(api.casa)
        respuesta = await reclamar(api, suya, hasta=hasta.isoformat())
        assert respuesta.status_code == 422
        assert [(e["campo"], e["codigo"]) for e in respuesta.json()["errores"]] == [("hasta", "fuera_de_plazo")]
        assert await ver(api.casa, suya) == suya

    async def test_never_longer_than_its_term(self, api: Api) -> None:
        api.casa.reloj.poner(INICIO.replace(month=12, day=30))
        suya = await prestada(api.casa)
        assert (await reclamar(api, suya)).json()["hasta"] == "2026-12-31"

    async def test_before_its_term_begins_it_is_free_at_once(self, api: Api) -> None:
        suya = await prestada(api.casa, desde=date(2026, 7, 1))
        cuerpo = (await reclamar(api, suya)).json()
        assert (cuerpo["estado"], cuerpo["terminado_en"] is None) == ("terminada", False)
        assert await api.casa.ocupaciones() == {}
        assert api.casa.fin.llamadas == [(suya.solicitud_id, "A-01")]
        vistas = await api.ver("/asignaciones", params={"vigente_en": "2026-07-01"})
        assert vistas["items"] == []


class TestQue:
    async def test_only_what_was_lent(self, api: Api) -> None:
        suya = await asignar(api.casa)
        assert problema(await reclamar(api, suya)) == (409, "espacio_no_prestado")

    async def test_not_what_has_ended(self, api: Api) -> None:
        suya = await prestada(api.casa)
        await api.casa.asignaciones.revocar(suya.oid, motivo="x")
        assert problema(await reclamar(api, suya)) == (409, "transicion_invalida")


class TestParaUnaUnidad:
    """Somebody in a wheelchair asks after the draw."""

    @pytest.fixture(autouse=True)
    def se_dice(self, casa: Casa, monkeypatch: pytest.MonkeyPatch) -> None:
        """The audit is told of what is stated."""
        monkeypatch.setattr(casa.uow, "_anotador", casa.bitacora)

    async def test_it_is_theirs_from_the_day_after(self, api: Api) -> None:
        casa = api.casa
        suya = await prestada(casa)
        unidad_id = PydanticObjectId()
        con_condicion(casa, unidad_id)
        respuesta = await reclamar(api, suya, hasta="2026-03-04", unidad_id=str(unidad_id), motivo="silla de ruedas")
        assert respuesta.status_code == 200, respuesta.text
        titular = await self.titular(casa)
        assert titular == (unidad_id, "silla de ruedas", date(2026, 3, 5), HASTA)
        # Nobody of the list is offered it.
        casa.reloj.avanzar(days=3)
        await casa.tareas.atender()
        assert not await casa.registro.libre(codigo="A-01", desde=HOY, hasta=HASTA)

    async def titular(self, casa: Casa) -> tuple[PydanticObjectId, str, date, date | None]:
        espacio = await casa.r_espacios.get_by_codigo("A-01")
        assert espacio is not None
        assert espacio.titular is not None
        return espacio.titular.unidad_id, espacio.titular.motivo, espacio.titular.desde, espacio.titular.hasta

    async def test_only_with_the_condition(self, api: Api) -> None:
        suya = await prestada(api.casa)
        unidad_id = PydanticObjectId()
        ausente = await reclamar(api, suya, unidad_id=str(unidad_id))
        assert [(e["campo"], e["codigo"]) for e in ausente.json()["errores"]] == [("unidad_id", "no_existe")]
        con_condicion(api.casa, unidad_id, "embarazo")
        assert problema(await reclamar(api, suya, unidad_id=str(unidad_id))) == (409, "sin_derecho")
        # All or nothing.
        assert await ver(api.casa, suya) == suya

    async def test_not_over_the_right_of_another(self, api: Api) -> None:
        suya = await prestada(api.casa)
        unidad_id = PydanticObjectId()
        con_condicion(api.casa, unidad_id)
        ajeno = Titular(unidad_id=PydanticObjectId(), motivo="x", desde=date(2026, 12, 1), hasta=None)
        await decir(api.casa, titular=ajeno)
        assert problema(await reclamar(api, suya, unidad_id=str(unidad_id))) == (409, "espacio_ocupado")
