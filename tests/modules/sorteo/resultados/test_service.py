"""What a call asks of the database does not grow with the rows it answers, and walks no whole collection."""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from datetime import UTC, date
from typing import Any

import pytest
from beanie import Document, init_beanie
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo.monitoring import CommandListener, CommandStartedEvent

from app.database.collections import BaseDeDatos
from app.database.unit_of_work import MongoUnitOfWork, UnitOfWork
from app.modules.sorteo.estados import EstadoSorteo
from app.modules.sorteo.repository import _ANULABLES
from app.shared.repository import Repository
from tests.bases import sueltas
from tests.conftest import INICIO, Reloj
from tests.modules.sorteo.asignaciones.factories import asignacion
from tests.modules.sorteo.conftest import Api, Casa
from tests.modules.sorteo.factories import AUSENTE, RESIDENTE, TRAS_LA_VIGENCIA


class Contador(CommandListener):
    """The commands sent on collections. Explaining is asking for a plan, not for rows."""

    def __init__(self) -> None:
        self.comandos: list[Mapping[str, Any]] = []

    def started(self, event: CommandStartedEvent) -> None:
        if event.command_name in {"find", "aggregate", "count", "distinct", "update", "findAndModify", "getMore"}:
            self.comandos += [dict(orden) for orden in sueltas(event.command)]

    def succeeded(self, _: object) -> None:
        pass

    def failed(self, _: object) -> None:
        pass


@pytest.fixture
def contador() -> Contador:
    return Contador()


@pytest.fixture
async def casa(
    base_real: UnitOfWork, servidor: str, documentos: Sequence[type[Document]], contador: Contador, reloj: Reloj
) -> AsyncIterator[Casa]:
    """The module on a client that counts."""
    del base_real  # it has emptied the database
    cliente: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(
        servidor, tz_aware=True, tzinfo=UTC, event_listeners=[contador]
    )
    await init_beanie(database=BaseDeDatos(cliente, "pruebas"), document_models=list(documentos), skip_indexes=True)
    yield Casa(MongoUnitOfWork(cliente), reloj)
    cliente.close()


class TestN1:
    @pytest.mark.parametrize(
        ("paso", "ruta"),
        [
            ("abierto", "evaluacion"),
            ("abierto", "evaluacion/yo"),
            ("cerrado", "evaluacion"),
            ("cerrado", "evaluacion/yo"),
            ("ejecutado", "resultados"),
            ("ejecutado", "resultados/yo"),
        ],
    )
    async def test_two_rows_or_a_hundred(self, api: Api, contador: Contador, paso: str, ruta: str) -> None:
        casa = api.casa
        await casa.espacios("A-1")
        assert RESIDENTE.residente_id is not None
        veces = []
        for cuantas in (2, 100):
            casa.reloj.poner(INICIO)
            if paso == "abierto":
                sorteo = await casa.abierto(ensayo=True)
                await casa.pedir(sorteo, cuantas)
            else:
                sorteo = await getattr(casa, paso)(cuantas, ensayo=True)
            todas = await casa.solicitudes.todas(sorteo.oid)
            casa.padron.viven[RESIDENTE.residente_id] = [fila.unidad_id for fila in todas]
            casa.padron.consultas.clear()
            contador.comandos.clear()
            if ruta.endswith("yo"):
                filas = await api.ver(f"/{sorteo.id}/{ruta}", RESIDENTE)
            else:
                filas = (await api.ver(f"/{sorteo.id}/{ruta}", params={"limite": 200}))["items"]
            assert len(filas) == cuantas
            veces.append((len(contador.comandos), len(casa.padron.consultas)))
        assert veces[0] == veces[1] != (0, 0)


def etapas(plan: object) -> Iterator[str]:
    """The stages of a query plan."""
    if isinstance(plan, Mapping):
        if "stage" in plan:
            yield str(plan["stage"])
        for valor in plan.values():
            yield from etapas(valor)
    elif isinstance(plan, list):
        for valor in plan:
            yield from etapas(valor)


async def plan(repo: Repository[Any], comando: Mapping[str, Any]) -> set[str]:
    coleccion = repo.model.get_motor_collection()
    explicado = await coleccion.database.command("explain", dict(comando), verbosity="queryPlanner")
    return set(etapas(explicado))


_DE_SESION = {
    "lsid",
    "$clusterTime",
    "txnNumber",
    "startTransaction",
    "autocommit",
    "readConcern",
    "writeConcern",
    "$db",
}


def _una_por_una(comando: Mapping[str, Any]) -> list[dict[str, Any]]:
    """As it can be explained: out of its session, and one write at a time."""
    limpio = {campo: valor for campo, valor in comando.items() if campo not in _DE_SESION}
    if "updates" in limpio:
        return [limpio | {"updates": [escritura]} for escritura in limpio["updates"]]
    return [limpio]


class TestIndices:
    async def test_no_step_walks_a_collection(self, api: Api, contador: Contador) -> None:
        """Every query of a draw from its opening to its end, and of what is read of it, has an index."""
        casa = api.casa
        await casa.espacios("A-1", "A-2")
        await casa.prioridad()
        sorteo = await casa.ejecutado(5)
        assert RESIDENTE.residente_id is not None
        filas = await casa.solicitudes.todas(sorteo.oid)
        casa.padron.viven[RESIDENTE.residente_id] = [filas[0].unidad_id]
        for ruta in (
            "evaluacion",
            "resultados",
            "resultados?estado=espera",
            "exclusiones",
            "resultado",
            "verificacion",
        ):
            await api.pedir("GET", f"/{sorteo.id}/{ruta}")
        for ruta in ("evaluacion/yo", "resultados/yo"):
            await api.ver(f"/{sorteo.id}/{ruta}", RESIDENTE)
        await casa.publicacion.publicar(sorteo.oid)
        casa.reloj.poner(TRAS_LA_VIGENCIA)
        await casa.publicacion.finalizar(sorteo.oid)
        await casa.tareas.atender()
        vistos = 0
        for comando in contador.comandos:
            nombre = next(iter(comando))
            coleccion = str(comando.get(nombre))
            # Of rules and spaces there are few, and opening asks for all of them.
            if coleccion.startswith("pruebas_") or coleccion in {"prioridades", "espacios"} or nombre == "getMore":
                continue
            for suelto in _una_por_una(comando):
                assert "COLLSCAN" not in await plan(casa.r_sorteos, suelto), suelto
                vistos += 1
        assert vistos > 40

    @pytest.mark.parametrize(
        "ruta",
        ["?", "?estado=borrador&", f"/{AUSENTE}/resultados?", f"/{AUSENTE}/evaluacion?"],
    )
    async def test_pages_are_not_sorted(self, api: Api, contador: Contador, ruta: str) -> None:
        for n in range(30):
            await api.casa.borrador(nombre=f"Sorteo {n}")
        sorteo = await api.casa.ejecutado(30)
        contador.comandos.clear()
        await api.ver(ruta.replace(str(AUSENTE), str(sorteo.id)) + "limite=3")
        (busca,) = [c for c in contador.comandos if c.get("limit") == 4]
        (suelta,) = _una_por_una(busca)
        assert not {"COLLSCAN", "SORT"} & await plan(api.casa.r_sorteos, suelta)

    @pytest.mark.parametrize(
        "filtro", ["", "?espacio=A-01", "?placa=ABC123", "?torre=1", "?vigente_en=2026-05-01", "?orden=espacio"]
    )
    async def test_assignments(self, api: Api, contador: Contador, filtro: str) -> None:
        await api.casa.r_asignaciones.insert_many(
            asignacion(espacio=f"A-{n:02}", desde=date(2026, 1, 1 + n)) for n in range(20)
        )
        contador.comandos.clear()
        await api.ver(f"/asignaciones{filtro}")
        (busca,) = contador.comandos
        (suelta,) = _una_por_una(busca)
        assert "COLLSCAN" not in await plan(api.casa.r_sorteos, suelta)


def test_every_state_is_known_to_the_beat() -> None:
    assert set(EstadoSorteo) - _ANULABLES == {"anulado"}
