"""No query of lists or of rules walks a whole collection, and how many a list takes does not depend on its length."""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

import pytest
from beanie import PydanticObjectId
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo.monitoring import CommandFailedEvent, CommandListener, CommandStartedEvent, CommandSucceededEvent

from app.core.security import Principal
from app.modules.solicitudes.estados import RequestStatus
from app.modules.solicitudes.repository import Filtros
from app.shared.pagination import PageQuery
from tests.bases import sueltas
from tests.conftest import INICIO
from tests.modules.solicitudes.mesa import ADMIN, Mesa, Vecino

CADA_LECTURA = {"find", "aggregate", "count", "distinct", "update", "findAndModify"}


class Oyente(CommandListener):
    """The commands that reach the server, but those of sessions."""

    def __init__(self) -> None:
        self.comandos: list[Mapping[str, Any]] = []

    def started(self, event: CommandStartedEvent) -> None:
        if event.command_name in CADA_LECTURA | {"insert", "getMore"}:
            self.comandos += sueltas(event.command)

    def succeeded(self, event: CommandSucceededEvent) -> None:
        pass

    def failed(self, event: CommandFailedEvent) -> None:
        pass


def pasos(plan: object) -> Iterator[str]:
    """The stages of the plan that is followed; those that were considered are none."""
    if isinstance(plan, Mapping):
        if "stage" in plan:
            yield str(plan["stage"])
        for campo, valor in plan.items():
            if campo != "rejectedPlans":
                yield from pasos(valor)
    elif isinstance(plan, list):
        for valor in plan:
            yield from pasos(valor)


@pytest.fixture
def oyente() -> Oyente:
    return Oyente()


@pytest.fixture
async def cliente_mongo(servidor: str, oyente: Oyente) -> AsyncIterator["AsyncIOMotorClient[dict[str, Any]]"]:
    """One that is listened to."""
    cliente: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(
        servidor, tz_aware=True, tzinfo=INICIO.tzinfo, event_listeners=[oyente]
    )
    yield cliente
    cliente.close()


async def poblar(mesa: Mesa, cuantas: int) -> tuple[PydanticObjectId, Vecino]:
    """A draw with so many requests of one flat, and two of others."""
    sorteo_id, vecino = await mesa.sorteo(max_por_unidad=cuantas), mesa.vecino()
    for _ in range(cuantas):
        await mesa.pedir(sorteo_id, vecino, vehiculo_id=mesa.vehiculo(vecino.unidad_id))
    for _ in range(2):
        await mesa.pedir(sorteo_id, mesa.vecino())
    return sorteo_id, vecino


class TestCuantasConsultas:
    @pytest.mark.parametrize("de_personal", [True, False])
    async def test_of_two_and_of_a_hundred(self, mesa_real: Mesa, oyente: Oyente, de_personal: bool) -> None:
        cuentas = []
        for cuantas in (2, 100):
            sorteo_id, vecino = await poblar(mesa_real, cuantas)
            quien = ADMIN if de_personal else vecino.quien
            oyente.comandos.clear()
            pagina = await mesa_real.listas.listar(Filtros(sorteo_id=sorteo_id), PageQuery(limite=cuantas), quien)
            assert len(pagina.items) == cuantas
            cuentas.append([next(iter(c)) for c in oyente.comandos])
        # A page of more than a hundred rows and one comes in two pieces; here there are a hundred and one.
        assert cuentas[0] == cuentas[1]


_DE_LA_SESION = {"lsid", "txnNumber", "startTransaction", "autocommit", "readConcern", "writeConcern"}


async def explicar(mesa: Mesa, comando: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    propio = {c: v for c, v in comando.items() if not c.startswith("$") and c not in _DE_LA_SESION}
    base = mesa.solicitudes.model.get_motor_collection().database
    # A batch of writes is explained one by one.
    partes = [propio | {"updates": [parte]} for parte in propio.get("updates", [])] or [propio]
    return [await base.command("explain", parte, verbosity="queryPlanner") for parte in partes]


async def etapas(mesa: Mesa, comando: Mapping[str, Any]) -> set[str]:
    return {etapa for plan in await explicar(mesa, comando) for etapa in pasos(plan)}


async def caros(mesa: Mesa, comandos: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The queries that walk a collection of the module."""
    suyas = {"solicitudes", "solicitudes_movimientos", "solicitudes_ventanillas"}
    return [
        comando
        for comando in comandos
        for nombre in [next(iter(comando))]
        if nombre in CADA_LECTURA and comando[nombre] in suyas and "COLLSCAN" in await etapas(mesa, comando)
    ]


class TestIndices:
    @pytest.mark.parametrize(
        "filtros",
        [
            {},
            {"estados": [RequestStatus.aprobada]},
            {"unidad_id": PydanticObjectId()},
            {"torres": ["1"]},
            {"tipos": ["carro"]},
            {"placa": "AAA111"},
            {"impedimentos": ["no_al_dia"]},
            {"vence_antes": INICIO + timedelta(days=9)},
            {"q": "ana"},
        ],
    )
    async def test_lists(self, mesa_real: Mesa, oyente: Oyente, filtros: dict[str, Any]) -> None:
        sorteo_id, vecino = await poblar(mesa_real, 3)
        quienes: list[Principal] = [ADMIN, vecino.quien]
        oyente.comandos.clear()
        for quien in quienes:
            for de_un_sorteo in (None, sorteo_id):
                # Counting all that there is of something goes over it, ten thousand rows at most.
                contar = de_un_sorteo is not None or "estados" in filtros
                todos = Filtros(**filtros, sorteo_id=de_un_sorteo)
                await mesa_real.listas.listar(todos, PageQuery(contar=contar), quien)
        await mesa_real.listas.listar(Filtros(**filtros, sorteo_id=sorteo_id), PageQuery(orden="folio"), ADMIN)
        assert len(oyente.comandos) > 5
        assert await caros(mesa_real, oyente.comandos) == []

    @pytest.mark.parametrize(
        ("filtros", "indice"),
        [
            ({"estados": [RequestStatus.aprobada]}, "solicitud_estado"),
            ({"unidad_id": PydanticObjectId()}, "solicitud_de_unidad"),
            ({"placa": "AAA111"}, "solicitud_placa"),
            ({"q": "ana"}, "solicitud_de_residente"),
            ({"vence_antes": INICIO}, "solicitud_con_plazo"),
        ],
    )
    async def test_each_filter_has_its_own(
        self, mesa_real: Mesa, oyente: Oyente, filtros: dict[str, Any], indice: str
    ) -> None:
        """Among the plans that are considered: of a handful of rows, any is as good."""
        await mesa_real.listas.listar(Filtros(**filtros), PageQuery(), ADMIN)
        (busqueda,) = [c for c in oyente.comandos if c.get("aggregate") == "solicitudes"]
        assert indice in str(await explicar(mesa_real, busqueda))

    async def test_the_life_of_a_draw(self, mesa_real: Mesa, oyente: Oyente) -> None:
        """Hand-in, changes, closing, reopening, publishing, lapsing, leaving, ending, annulling, repeating."""
        vecinos = [mesa_real.vecino() for _ in range(4)]
        sorteo_id = await mesa_real.sorteo(["A-01", "A-02"])
        pedidas = [await mesa_real.pedir(sorteo_id, v) for v in vecinos]
        await mesa_real.cambiar(pedidas[0], vecinos[0].quien, preferencias=["A-01"])
        await mesa_real.listas.historial(pedidas[0].id, PageQuery(), vecinos[0].quien)
        await mesa_real.cerrar(sorteo_id, {4: "no_al_dia"})
        await mesa_real.reabrir(sorteo_id)
        await mesa_real.publicar(sorteo_id, {1: "A-01", 2: "A-02"})
        await mesa_real.decidir(pedidas[0], "declinada", vecinos[0].quien)
        await mesa_real.espera.vencer()
        await mesa_real.espera.listar(sorteo_id, PageQuery(), ADMIN)
        await mesa_real.publico.desocupadas(unidades=[vecinos[1].unidad_id], usuario_id=None)
        await mesa_real.publico.alguno_en_solicitud(vehiculos=[vecinos[1].vehiculo_id])
        await mesa_real.publico.unidad_con_historia(unidad_id=vecinos[1].unidad_id)
        await mesa_real.ventanilla.suerte(unidades=[v.unidad_id for v in vecinos])
        await mesa_real.ventanilla.finalizar(sorteo_id=sorteo_id)
        anulado, nuevo = await mesa_real.sorteo(["B-01"]), await mesa_real.sorteo(["C-01"], abierto=False)
        await mesa_real.pedir(anulado, vecinos[0])
        await mesa_real.ventanilla.anular(sorteo_id=anulado, motivo=None)
        await mesa_real.ventanilla.copiar(de=anulado, a=nuevo)
        assert len(oyente.comandos) > 100
        assert await caros(mesa_real, oyente.comandos) == []

    async def test_many_are_put_again_and_not_changed(self, mesa_real: Mesa, oyente: Oyente) -> None:
        """Of many in a transaction, each change would cost the square of the indexes: docs/decisions/0032."""
        sorteo_id = await mesa_real.sorteo(["A-01"], aprobacion="manual")
        for _ in range(3):
            await mesa_real.pedir(sorteo_id, mesa_real.vecino())
        oyente.comandos.clear()
        await mesa_real.publicar(sorteo_id, {1: "A-01"})
        await mesa_real.ventanilla.anular(sorteo_id=sorteo_id, motivo=None)
        cambios = [u["u"] for c in oyente.comandos if c.get("update") == "solicitudes" for u in c["updates"]]
        # A mark that is in no index costs nothing.
        assert {campo for cambio in cambios for campos in cambio.values() for campo in campos} <= {"toques", "precinto"}

    async def test_the_waiting_list_is_not_sorted(self, mesa_real: Mesa, oyente: Oyente) -> None:
        sorteo_id = await mesa_real.sorteo()
        for _ in range(20):
            await mesa_real.pedir(sorteo_id, mesa_real.vecino())
        await mesa_real.publicar(sorteo_id)
        oyente.comandos.clear()
        await mesa_real.espera.liberar(sorteo_id, "A-01", ADMIN)
        (busqueda,) = [c for c in oyente.comandos if c.get("sort") == {"lugar": 1, "_id": 1}]
        assert not {"SORT", "COLLSCAN"} & await etapas(mesa_real, busqueda)
