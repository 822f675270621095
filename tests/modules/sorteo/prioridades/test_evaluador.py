"""How requests stand: live while the draw is open, frozen at its closing; and what earlier draws made of it."""

from datetime import timedelta
from typing import Any

import pytest
from beanie import PydanticObjectId

from app.modules.sorteo.asignaciones.models import Asignacion
from app.modules.sorteo.models import Sorteo
from tests.conftest import INICIO
from tests.loteria import fuente
from tests.modules.sorteo.asignaciones.factories import asignacion
from tests.modules.sorteo.conftest import Api, Casa, problema
from tests.modules.sorteo.dobles import Suerte
from tests.modules.sorteo.factories import ADMIN, AUDITOR, OPERADOR, RESIDENTE, TRAS_LA_VIGENCIA

PACIENCIA = {
    "condiciones": [{"campo": "sorteos_perdidos", "operador": "mayor_igual", "valor": 1}],
    "efecto": {"boletas": 10, "por_unidad": "sorteos_perdidos"},
}
TURNO = {
    "condiciones": [{"campo": "tuvo_espacio_anterior", "operador": "igual", "valor": True}],
    "efecto": {"no_mejor_que": 8},
}


class TestEvaluacion:
    async def test_live_and_then_frozen(self, api: Api) -> None:
        casa = api.casa
        await casa.prioridad()
        sorteo = await casa.abierto()
        uno, dos = await casa.pedir(sorteo, 2)
        await casa.pedir(sorteo, estado="cancelada")
        ruta = f"/{sorteo.id}/evaluacion"
        nada: dict[str, Any] = {"nivel": 5, "boletas": 1, "reglas": [], "impedimentos": [], "padron": None}
        assert (await api.ver(ruta))["items"] == [{"folio": 1} | nada, {"folio": 2} | nada]
        casa.padron.poner(uno.unidad_id, condiciones=frozenset({"discapacidad"}))
        await casa.solicitudes.filas.update_one({"_id": dos.id}, {"$set": {"impedimentos": ["no_al_dia"]}})
        vista = [
            {"folio": 1, "nivel": 1, "boletas": 1, "reglas": ["discapacidad"], "impedimentos": [], "padron": None},
            {"folio": 2} | nada | {"impedimentos": ["no_al_dia"]},
        ]
        for quien in (ADMIN, OPERADOR, AUDITOR):
            assert (await api.ver(ruta, quien))["items"] == vista
        await casa.cierre.cerrar(sorteo.oid)
        casa.padron.poner(uno.unidad_id, condiciones=frozenset())
        await casa.solicitudes.filas.update_one({"_id": dos.id}, {"$set": {"impedimentos": []}})
        assert (await api.ver(ruta))["items"] == vista

    @pytest.mark.parametrize("cerrado", [False, True])
    async def test_pages(self, api: Api, cerrado: bool) -> None:
        sorteo = await api.casa.abierto()
        await api.casa.pedir(sorteo, 5)
        if cerrado:
            await api.casa.cierre.cerrar(sorteo.oid)
        ruta = f"/{sorteo.id}/evaluacion"
        folios, parametros = [], {"limite": "2"}
        while True:
            respuesta = await api.pedir("GET", ruta, params=parametros)
            pagina = respuesta.json()
            folios.append([fila["folio"] for fila in pagina["items"]])
            assert (pagina["siguiente"] is None) == ("link" not in respuesta.headers)
            if pagina["siguiente"] is None:
                break
            parametros["cursor"] = pagina["siguiente"]
        assert folios == [[1, 2], [3, 4], [5]]

    async def test_a_cursor_outlives_the_closing(self, api: Api) -> None:
        sorteo = await api.casa.abierto()
        await api.casa.pedir(sorteo, 3)
        ruta = f"/{sorteo.id}/evaluacion"
        cursor = (await api.ver(ruta, params={"limite": 2}))["siguiente"]
        await api.casa.cierre.cerrar(sorteo.oid)
        assert [f["folio"] for f in (await api.ver(ruta, params={"cursor": cursor}))["items"]] == [3]

    @pytest.mark.parametrize("cerrado", [False, True])
    @pytest.mark.parametrize(
        "malo",
        [
            {"orden": "nivel"},
            {"orden": "-folio"},
            {"cursor": "x"},
            {"cursor": "WyJmb2xpbyIsIm4iXQ"},  # ["folio","n"]
            {"cursor": "WyJmb2xpbyIsdHJ1ZV0"},  # ["folio",true]
        ],
    )
    async def test_orders_and_cursors_that_are_not_ours(self, api: Api, cerrado: bool, malo: dict[str, str]) -> None:
        sorteo = await (api.casa.cerrado() if cerrado else api.casa.abierto())
        respuesta = await api.pedir("GET", f"/{sorteo.id}/evaluacion", params=malo)
        assert [e["campo"] for e in respuesta.json()["errores"]] == list(malo)

    async def test_counted(self, api: Api) -> None:
        sorteo = await api.casa.cerrado(3)
        pagina = await api.ver(f"/{sorteo.id}/evaluacion", params={"contar": "true", "limite": 1})
        assert pagina["total"] == 3

    async def test_a_draft_has_none(self, api: Api) -> None:
        sorteo = await api.casa.borrador()
        assert problema(await api.pedir("GET", f"/{sorteo.id}/evaluacion")) == (404, "no_disponible")


class TestPropia:
    @pytest.mark.parametrize("cerrado", [False, True])
    async def test_those_of_the_callers_flats(self, api: Api, cerrado: bool) -> None:
        sorteo = await api.casa.abierto()
        _, uno, _, dos = await api.casa.pedir(sorteo, 4)
        if cerrado:
            await api.casa.cierre.cerrar(sorteo.oid)
        assert RESIDENTE.residente_id is not None
        ruta = f"/{sorteo.id}/evaluacion/yo"
        assert await api.ver(ruta, RESIDENTE) == []
        api.casa.padron.viven[RESIDENTE.residente_id] = [dos.unidad_id, uno.unidad_id]
        assert [fila["folio"] for fila in await api.ver(ruta, RESIDENTE)] == [2, 4]


async def evaluada(casa: Casa, sorteo: Sorteo, unidad: PydanticObjectId, clase: str = "carro") -> tuple[int, int]:
    """(nivel, boletas) of a request of that flat."""
    (fila,) = await casa.pedir(sorteo, unidad_id=unidad, clase=clase)
    (suya,) = await casa.evaluador.evaluar(sorteo, [fila])
    return suya.evaluacion.nivel, suya.evaluacion.boletas


class TestHistoria:
    """Three draws were published, one each month; a rehearsal and an annulled one are no draws."""

    @pytest.fixture
    async def publicados(self, casa: Casa) -> list[Sorteo]:
        sorteos = []
        for mes in range(3):
            inicio = INICIO + timedelta(days=30 * mes)
            casa.reloj.poner(inicio)
            vigencia = {"desde": f"202{mes}-01-01", "hasta": f"203{mes}-01-01"}
            sorteos.append(
                await casa.publicado(1, fuente_entropia=fuente(inicio + timedelta(days=1)), vigencia=vigencia)
            )
        return sorteos

    async def test_draws_lost_in_a_row(self, casa: Casa, publicados: list[Sorteo]) -> None:
        await casa.prioridad("paciencia", **PACIENCIA)
        casa.reloj.poner(INICIO)
        ensayo = await casa.ejecutado(1, ensayo=True)
        casa.reloj.poner(INICIO)
        anulado = await casa.abierto()
        await casa.anulacion.anular(anulado.oid, motivo="x", quien=ADMIN)
        casa.reloj.poner(INICIO)
        sorteo = await casa.abierto()
        uno, dos, tres = (s.oid for s in publicados)
        historias: list[tuple[list[tuple[PydanticObjectId, bool]], int, int]] = [
            ([], 0, 0),
            ([(uno, False), (dos, False), (tres, False)], 0, 3),
            ([(uno, False), (dos, True), (tres, False)], 4, 1),
            ([(uno, False), (tres, False)], 4, 6),  # being absent breaks nothing
            ([(tres, True)], 4, 0),
            ([(tres, False), (ensayo.oid, False), (anulado.oid, False)], 0, 1),
            ([(tres, False), (ensayo.oid, True), (anulado.oid, True)], 0, 1),
        ]
        for historia, previos, perdidos in historias:
            unidad = PydanticObjectId()
            casa.padron.poner(unidad, perdidos_previos={"carro": previos})
            casa.solicitudes.suertes += [Suerte(unidad, "carro", s, ofrecida) for s, ofrecida in historia]
            assert await evaluada(casa, sorteo, unidad) == (5, 1 + 10 * perdidos)
            assert await evaluada(casa, sorteo, unidad, "moto") == (5, 1)

    async def test_had_a_space_in_the_one_before(self, casa: Casa, publicados: list[Sorteo]) -> None:
        await casa.prioridad("turno", **TURNO)
        casa.reloj.poner(INICIO)
        sorteo = await casa.abierto()
        uno, dos, tres = (s.oid for s in publicados)
        antes, ultimo, motero, devuelto = (PydanticObjectId() for _ in range(4))

        async def asigna(
            unidad: PydanticObjectId, sorteo_id: PydanticObjectId, clase: str = "carro", **mas: Any
        ) -> None:
            fila: Asignacion = asignacion(unidad_id=unidad, sorteo_id=sorteo_id, clase=clase, **mas)
            await casa.r_asignaciones.insert(fila)

        await asigna(antes, uno)
        await asigna(antes, dos)
        await asigna(ultimo, tres)
        await asigna(devuelto, tres, estado="devuelta")
        await asigna(motero, dos, "moto")  # the last draw gave no space to a motorcycle
        assert await evaluada(casa, sorteo, antes) == (5, 1)
        assert await evaluada(casa, sorteo, ultimo) == (8, 1)
        assert await evaluada(casa, sorteo, devuelto) == (8, 1)
        assert await evaluada(casa, sorteo, motero) == (5, 1)
        assert await evaluada(casa, sorteo, motero, "moto") == (8, 1)

    async def test_when_each_was_published(self, casa: Casa, publicados: list[Sorteo]) -> None:
        casa.reloj.poner(TRAS_LA_VIGENCIA + timedelta(days=3650))
        await casa.publicacion.finalizar(publicados[0].oid)
        casa.reloj.poner(INICIO)
        await casa.ejecutado(1)
        assert await casa.r_sorteos.publicados() == {s.id: s.publicado_en for s in publicados}


async def test_facts_of_the_asker(casa: Casa) -> None:
    campos: list[tuple[str, str, Any, dict[str, Any], dict[str, Any]]] = [
        ("torre", "igual", "1", {"torre": "1"}, {"torre": None}),
        ("tenencia", "igual", "propietario", {"tenencia": "propietario"}, {"tenencia": None}),
        ("al_dia", "igual", False, {"al_dia": False}, {"al_dia": True}),
        ("antiguedad_meses", "mayor_igual", 12, {"fecha_ingreso": INICIO.date().replace(year=2025)}, {}),
    ]
    for n, (campo, operador, valor, _, _) in enumerate(campos):
        condicion = {"campo": campo, "operador": operador, "valor": valor}
        await casa.prioridad(f"regla_{n}", condiciones=[condicion], efecto={"boletas": 1})
    sorteo = await casa.abierto()
    for n, (*_, asi, no) in enumerate(campos):
        filas = await casa.pedir(sorteo, 2)
        casa.padron.poner(filas[0].unidad_id, **asi)
        casa.padron.poner(filas[1].unidad_id, **no)
        reglas = [e.evaluacion.reglas for e in await casa.evaluador.evaluar(sorteo, filas)]
        assert f"regla_{n}" in reglas[0]
        assert f"regla_{n}" not in reglas[1]
