"""Simulations as jobs, and what a resident reads of them. With the real jobs, on the real server."""

from collections.abc import Sequence
from typing import Any

import pytest
from beanie import Document, PydanticObjectId

from app.core.jobs.models import DOCUMENTOS as DE_TRABAJOS
from app.core.jobs.router import router as trabajos_router
from app.modules.sorteo import motor
from app.modules.sorteo.models import DOCUMENTOS, Sorteo
from app.modules.sorteo.simulacion import encargo as modulo
from app.modules.sorteo.simulacion.encargo import Simulador
from app.modules.sorteo.simulacion.models import Ensayada, Simulacion
from app.modules.sorteo.simulacion.proceso import semilla_de
from app.modules.sorteo.simulacion.repository import EnsayadaRepository, SimulacionRepository
from app.modules.sorteo.simulacion.router import router
from app.modules.sorteo.simulacion.service import TIPO
from tests.autenticador import FakeAutenticador
from tests.conftest import Abrir
from tests.core.jobs.conftest import VigenciaFalsa
from tests.modules.sorteo.conftest import Api, Casa, problema
from tests.modules.sorteo.dobles import SolicitudDePrueba, VentanaDePrueba
from tests.modules.sorteo.factories import ADMIN, AUDITOR, OPERADOR, RESIDENTE, SIN_RESIDENTE
from tests.modules.sorteo.pasos.test_encargos import ConTrabajos

PRIMERO = {
    "condiciones": [{"campo": "torre", "operador": "igual", "valor": "1"}],
    "efecto": {"nivel": 1},
}


@pytest.fixture
def documentos() -> Sequence[type[Document]]:
    return [*DOCUMENTOS, *DE_TRABAJOS, SolicitudDePrueba, VentanaDePrueba]


@pytest.fixture
async def mesa(casa: Casa, abrir_app: Abrir, monkeypatch: pytest.MonkeyPatch) -> ConTrabajos:
    monkeypatch.setattr(modulo, "LOTE", 2)
    mesa = ConTrabajos(casa)
    mesa.trabajador.encargar({TIPO: casa.armador[Simulador]}, VigenciaFalsa())
    autenticador = FakeAutenticador()
    cliente = await abrir_app(
        [router, trabajos_router],
        autenticador=autenticador,
        sorteo=casa.estado(mesa.encargos),
        trabajos=mesa.servicio,
    )
    mesa.api = Api(cliente, casa, autenticador)
    return mesa


async def abierto(casa: Casa, cuantas: int = 5, **cambios: Any) -> Sorteo:
    """So many ask for two spaces."""
    await casa.espacios("A-1", "A-2")
    sorteo = await casa.abierto(**cambios)
    await casa.pedir(sorteo, cuantas)
    return sorteo


async def simular(mesa: ConTrabajos, sorteo: Sorteo, repeticiones: int = 40, **mas: Any) -> dict[str, Any]:
    """What the job made."""
    cuerpo = {"repeticiones": repeticiones} | mas
    async with mesa.trabajador:
        respuesta = await mesa.api.pedir("POST", f"/{sorteo.id}/simular", json=cuerpo, headers={"Prefer": "wait=30"})
    assert respuesta.status_code == 200, respuesta.text
    trabajo = respuesta.json()
    assert trabajo["estado"] == "hecho", trabajo
    resultado: dict[str, Any] = trabajo["resultado"]
    return resultado


def por_el_motor(sorteo: Sorteo, resultado: dict[str, Any], niveles: dict[int, int] | None = None) -> dict[int, float]:
    """The share of each folio by running the engine here, once for each seed."""
    participantes = tuple(
        motor.Participante(str(f), (niveles or {}).get(f, 5), 1, ("carro",), (), ())
        for f in (s["folio"] for s in resultado["solicitudes"])
    )
    espacios = (motor.Espacio("A-1", "carro", None), motor.Espacio("A-2", "carro", None))
    bases = motor.Bases(str(sorteo.id), sorteo.compromiso or "", "f", True, espacios, participantes)
    ganadas = {int(p.id): 0 for p in participantes}
    for n in range(resultado["repeticiones"]):
        for puesto in motor.sortear(bases, semilla_de(resultado["semilla"], n)):
            ganadas[int(puesto.id)] += puesto.espacio is not None
    return {folio: round(n / resultado["repeticiones"], 6) for folio, n in ganadas.items()}


class TestSimular:
    async def test_who_and_when(self, mesa: ConTrabajos) -> None:
        borrador = await mesa.api.casa.borrador()
        cuerpo = {"repeticiones": 1}
        for quien, esperado in ((OPERADOR, 403), (RESIDENTE, 403), (ADMIN, 409), (AUDITOR, 409)):
            respuesta = await mesa.api.pedir("POST", f"/{borrador.id}/simular", quien, json=cuerpo)
            assert respuesta.status_code == esperado, quien
        ejecutado = await mesa.api.casa.ejecutado(2)
        respuesta = await mesa.api.pedir("POST", f"/{ejecutado.id}/simular", json=cuerpo)
        assert problema(respuesta) == (409, "transicion_invalida")
        assert await mesa.cuantos() == 0

    @pytest.mark.parametrize("cerrado", [False, True])
    async def test_draw_by_draw_as_the_engine(self, mesa: ConTrabajos, cerrado: bool) -> None:
        casa = mesa.api.casa
        sorteo = await abierto(casa)
        await casa.pedir(sorteo, estado="cancelada")
        await casa.pedir(sorteo, impedimentos=("no_al_dia",))
        await casa.pedir(sorteo, estado="pendiente")
        if cerrado:
            await casa.solicitudes.filas.update_many({}, {"$set": {"impedimentos": []}})
            await casa.solicitudes.filas.update_one({"folio": 7}, {"$set": {"impedimentos": ["no_al_dia"]}})
            await casa.solicitudes.filas.update_one({"folio": 8}, {"$set": {"estado": "aprobada"}})
            await casa.cierre.cerrar(sorteo.oid)
        resultado = await simular(mesa, sorteo)
        vistas = {s["folio"]: s["actual"]["probabilidad"] for s in resultado["solicitudes"]}
        assert set(vistas) == {1, 2, 3, 4, 5, 8}
        assert vistas == por_el_motor(sorteo, resultado)
        assert (resultado["participantes"], resultado["otra"]) == (6, None)
        assert resultado["actual"]["probabilidad"] == pytest.approx(2 / 6, abs=1e-6)
        assert [(g["clave"], g["solicitudes"]) for g in resultado["actual"]["por_clase"]] == [("carro", 6)]
        assert resultado["archivo"]["nombre"] == "probabilidades.csv"

    async def test_one_rule_more_and_one_less(self, mesa: ConTrabajos) -> None:
        casa = mesa.api.casa
        await casa.prioridad("vecinos", **PRIMERO)
        await casa.prioridad("otra", activa=False, **PRIMERO | {"efecto": {"nivel": 0}})
        sorteo = await abierto(casa)
        filas = await casa.solicitudes.todas(sorteo.oid)
        for n, fila in enumerate(filas):
            casa.padron.poner(fila.unidad_id, torre="1" if n == 0 else "2")
        primero, resto = filas[0].folio, [f.folio for f in filas[1:]]
        sin = await simular(mesa, sorteo, sin_regla="vecinos")
        lados = [{s["folio"]: s[lado]["probabilidad"] for s in sin["solicitudes"]} for lado in ("actual", "otra")]
        assert lados[0] == por_el_motor(sorteo, sin, {primero: 1})
        assert lados[1] == por_el_motor(sorteo, sin)
        assert lados[0][primero] == 1
        assert [g["clave"] for g in sin["otra"]["por_nivel"]] == ["5"]
        assert [g["clave"] for g in sin["actual"]["por_nivel"]] == ["1", "5"]
        cambio = await simular(mesa, sorteo, sin_regla="vecinos", con_regla="otra")
        assert [g["clave"] for g in cambio["otra"]["por_nivel"]] == ["0", "5"]
        assert {s["folio"] for s in cambio["solicitudes"] if s["otra"]["probabilidad"] < 1} == set(resto)

    @pytest.mark.parametrize(
        ("cuerpo", "campo", "codigo"),
        [
            ({"repeticiones": 0}, "repeticiones", "fuera_de_rango"),
            ({"repeticiones": 2_000_001}, "repeticiones", "fuera_de_rango"),
            ({"repeticiones": 1, "sin_regla": "no_hay"}, "sin_regla", "no_existe"),
            ({"repeticiones": 1, "con_regla": "no_hay"}, "con_regla", "no_existe"),
        ],
    )
    async def test_what_it_refuses(self, mesa: ConTrabajos, cuerpo: dict[str, Any], campo: str, codigo: str) -> None:
        sorteo = await abierto(mesa.api.casa)
        respuesta = await mesa.api.pedir("POST", f"/{sorteo.id}/simular", json=cuerpo)
        assert [(e["campo"], e["codigo"]) for e in respuesta.json()["errores"]] == [(campo, codigo)]
        assert await mesa.cuantos() == 0

    async def test_cancelled_half_way(self, mesa: ConTrabajos) -> None:
        sorteo = await abierto(mesa.api.casa)
        respuesta = await mesa.api.pedir("POST", f"/{sorteo.id}/simular", json={"repeticiones": 2_000_000})
        id = PydanticObjectId(respuesta.json()["id"])
        async with mesa.trabajador:
            async for visto in mesa.servicio.seguir(id):
                if visto.hecho:
                    break
            await mesa.api.cliente.delete(f"/api/v1/trabajos/{id}", headers=mesa.api.autenticador.entrar(ADMIN))
            visto = await mesa.servicio.esperar(trabajo_id=id, segundos=20)
        assert visto.estado == "cancelado"
        assert await SimulacionRepository().count({}) == await EnsayadaRepository().count({}) == 0

    async def test_nobody_takes_part(self, mesa: ConTrabajos) -> None:
        await mesa.api.casa.prioridad("vecinos", **PRIMERO)
        sorteo = await abierto(mesa.api.casa, 0)
        resultado = await simular(mesa, sorteo, sin_regla="vecinos")
        assert (resultado["participantes"], resultado["solicitudes"]) == (0, [])
        assert resultado["actual"]["probabilidad"] == resultado["otra"]["probabilidad"] == 0


class TestProbabilidad:
    async def test_of_ones_own_by_the_last_simulation(self, mesa: ConTrabajos) -> None:
        casa = mesa.api.casa
        sorteo = await abierto(casa, 6)
        ruta = f"/{sorteo.id}/probabilidad"
        assert (await mesa.api.pedir("GET", ruta, RESIDENTE)).json() == []
        borrador = await casa.borrador()
        assert problema(await mesa.api.pedir("GET", f"/{borrador.id}/probabilidad", RESIDENTE)) == (
            404,
            "no_encontrado",
        )
        assert problema(await mesa.api.pedir("GET", ruta, SIN_RESIDENTE)) == (404, "sin_residente")
        assert RESIDENTE.residente_id is not None
        mia, *otras = await casa.solicitudes.todas(sorteo.oid)
        casa.padron.viven[RESIDENTE.residente_id] = [mia.unidad_id]
        await simular(mesa, sorteo, 7)
        resultado = await simular(mesa, sorteo, 20_000, sin_regla=None)
        (vista,) = (await mesa.api.pedir("GET", ruta, RESIDENTE)).json()
        (suya,) = [s for s in resultado["solicitudes"] if s["folio"] == mia.folio]
        assert {c: vista[c] for c in ("probabilidad", "minimo", "maximo")} == suya["actual"]
        assert (vista["folio"], vista["repeticiones"]) == (mia.folio, 20_000)
        assert vista["explicacion"].startswith("Cerca de 1 de cada 3.")
        (en,) = (await mesa.api.pedir("GET", ruta, RESIDENTE, headers={"Accept-Language": "en"})).json()
        assert en["explicacion"] == "About 1 in 3."
        # Of the one before nothing is left.
        assert await EnsayadaRepository().count({}) == 6
        # One that came later took no part.
        (nueva,) = await casa.pedir(sorteo, unidad_id=mia.unidad_id)
        assert [v["folio"] for v in (await mesa.api.pedir("GET", ruta, RESIDENTE)).json()] == [mia.folio]
        del nueva, otras

    async def test_one_that_was_asked_for_before_and_ends_after_is_not_the_last(self, casa: Casa) -> None:
        repo, sorteo_id = SimulacionRepository(), PydanticObjectId()
        antes, despues = PydanticObjectId("0" * 24), PydanticObjectId("f" * 24)

        async def poner(trabajo_id: PydanticObjectId) -> bool:
            simulacion = Simulacion(id=sorteo_id, trabajo_id=trabajo_id, repeticiones=1, hecha_en=casa.reloj.instante)
            return await casa.uow.run(lambda: repo.poner(simulacion))

        assert [await poner(id) for id in (antes, despues, despues, antes)] == [True, True, True, False]
        ultima = await repo.get(sorteo_id)
        assert ultima is not None
        assert ultima.trabajo_id == despues

    async def test_an_attempt_that_broke_off_leaves_nothing(self, mesa: ConTrabajos) -> None:
        """Its rows are there when the job is taken up again."""
        sorteo = await abierto(mesa.api.casa)
        respuesta = await mesa.api.pedir("POST", f"/{sorteo.id}/simular", json={"repeticiones": 3})
        id = PydanticObjectId(respuesta.json()["id"])
        vieja = Ensayada(sorteo_id=sorteo.oid, trabajo_id=id, solicitud_id=PydanticObjectId(), folio=1, ganadas=3)
        await EnsayadaRepository().insert(vieja)
        async with mesa.trabajador:
            assert (await mesa.servicio.esperar(trabajo_id=id, segundos=20)).estado == "hecho"
        filas = await EnsayadaRepository().find({})
        assert [f.folio for f in filas] == [1, 2, 3, 4, 5]
        assert vieja.solicitud_id not in {f.solicitud_id for f in filas}
