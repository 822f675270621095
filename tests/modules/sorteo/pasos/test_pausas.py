"""A process that stops, or dies, at any of its commands in any step: whoever comes after it takes the step, and when it
wakes up nothing changes. What one process alone gives is the measure. `make exhaustivo` stops it at all of them."""

import asyncio
import copy
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorClient

from app.core.acts.contract import atendiendo, del_sistema
from app.database.collections import BaseDeDatos
from app.modules.sorteo import motor
from app.modules.sorteo.estados import EstadoSorteo
from app.modules.sorteo.models import Publicado, Sorteo
from app.modules.sorteo.pasos import publicacion, reapertura
from app.modules.sorteo.toma import copias
from app.modules.sorteo.toma import service as toma
from app.shared.exceptions import ParkNetError
from tests.alcance import EXHAUSTIVO
from tests.bases import Escritas, Guardada, guardar, reponer, vaciar
from tests.conftest import INICIO
from tests.congelador import Proceso, como, congelable
from tests.modules.sorteo.conftest import Casa
from tests.modules.sorteo.factories import ADMIN, DISPONIBLE, ENTROPIA, TRAS_LA_VIGENCIA

CUANTAS = 3
Dar = Callable[[Casa, Sorteo], Awaitable[Sorteo]]


async def abierto(casa: Casa) -> Sorteo:
    sorteo = await casa.abierto()
    await casa.pedir(sorteo, CUANTAS - 1)
    await casa.pedir(sorteo, impedimentos=("no_al_dia",))
    return sorteo


async def cerrado(casa: Casa) -> Sorteo:
    return await casa.cierre.cerrar((await abierto(casa)).oid)


async def por_repetir(casa: Casa) -> Sorteo:
    """A draft that repeats a draw which was annulled."""
    anulado = await casa.anulacion.anular((await abierto(casa)).oid, motivo="x", quien=ADMIN)
    return await casa.borrador(repite_a=str(anulado.id))


async def por_ejecutar(casa: Casa) -> Sorteo:
    sorteo = await cerrado(casa)
    casa.reloj.poner(DISPONIBLE)
    return sorteo


async def ejecutado(casa: Casa) -> Sorteo:
    return await casa.ejecucion.ejecutar((await por_ejecutar(casa)).oid, ENTROPIA)


async def publicado(casa: Casa) -> Sorteo:
    return await casa.publicacion.publicar((await ejecutado(casa)).oid)


async def terminar(casa: Casa, sorteo: Sorteo) -> None:
    """All that is left to do until it is published."""
    if (await casa.sorteos.ver(sorteo.oid)).estado is EstadoSorteo.abierto:
        await casa.cierre.cerrar(sorteo.oid)
    if (await casa.sorteos.ver(sorteo.oid)).estado is EstadoSorteo.cerrado:
        casa.reloj.poner(DISPONIBLE)
        await casa.ejecucion.ejecutar(sorteo.oid, ENTROPIA)
    if (await casa.sorteos.ver(sorteo.oid)).estado is EstadoSorteo.ejecutado:
        await casa.publicacion.publicar(sorteo.oid)


async def por_finalizar(casa: Casa) -> Sorteo:
    sorteo = await publicado(casa)
    casa.reloj.poner(TRAS_LA_VIGENCIA)
    return sorteo


@dataclass(frozen=True)
class Caso:
    """`antes`: a draw of which the step may be taken. `estados`: where it may stand when it was taken or taken back."""

    antes: Callable[[Casa], Awaitable[Sorteo]]
    dar: Dar
    estados: frozenset[str]


CASOS = {
    "abrir": Caso(Casa.borrador, lambda c, s: c.apertura.abrir(s.oid), frozenset({"borrador", "abierto"})),
    "abrir, repitiendo": Caso(por_repetir, lambda c, s: c.apertura.abrir(s.oid), frozenset({"borrador", "abierto"})),
    "prorrogar": Caso(
        abierto,
        lambda c, s: c.apertura.prorrogar(s.oid, cierre=DISPONIBLE - (DISPONIBLE - INICIO) / 2, motivo="x"),
        frozenset({"abierto"}),
    ),
    "cerrar": Caso(abierto, lambda c, s: c.cierre.cerrar(s.oid), frozenset({"abierto", "cerrado"})),
    "reabrir": Caso(
        cerrado, lambda c, s: c.reapertura.reabrir(s.oid, motivo="x", cierre=None), frozenset({"cerrado", "abierto"})
    ),
    "ejecutar": Caso(
        por_ejecutar, lambda c, s: c.ejecucion.ejecutar(s.oid, ENTROPIA), frozenset({"cerrado", "ejecutado"})
    ),
    "publicar": Caso(ejecutado, lambda c, s: c.publicacion.publicar(s.oid), frozenset({"ejecutado", "publicado"})),
    "finalizar": Caso(
        por_finalizar, lambda c, s: c.publicacion.finalizar(s.oid), frozenset({"publicado", "finalizado"})
    ),
    "anular": Caso(
        cerrado, lambda c, s: c.anulacion.anular(s.oid, motivo="x", quien=ADMIN), frozenset({"cerrado", "anulado"})
    ),
}


@pytest.fixture(autouse=True)
def lotes(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(publicacion, "LOTE", 2)
    monkeypatch.setattr(reapertura, "LOTE", 1)
    monkeypatch.setattr(toma, "LOTE", 1)
    monkeypatch.setattr(copias, "LOTE", 1)
    with congelable():
        yield


@dataclass(frozen=True)
class Comienzo:
    sorteo: Sorteo
    instante: datetime
    guardada: Guardada
    dobles: Sequence[Mapping[str, Any]]
    """What each stand-in remembers."""


def _recordado(doble: object) -> dict[str, Any]:
    return {nombre: valor for nombre, valor in vars(doble).items() if isinstance(valor, list | dict | set)}


@dataclass
class Escena:
    casa: Casa
    cliente: "AsyncIOMotorClient[dict[str, Any]]"
    escritas: Escritas
    _antes: dict[object, Comienzo] = field(default_factory=dict)

    async def antes(self, caso: Caso) -> Sorteo:
        """The draw of which the step is to be taken. It is made once, and then put back as it was."""
        base = self.cliente["pruebas"]
        if (hecho := self._antes.get(caso.antes)) is None:
            await self.empezar()
            sorteo = await caso.antes(self.casa)
            dobles = [copy.deepcopy(_recordado(doble)) for doble in self._dobles]
            self._antes[caso.antes] = Comienzo(sorteo, self.casa.reloj.instante, await guardar(base), dobles)
            return sorteo
        await reponer(base, hecho.guardada)
        self.casa.reloj.poner(hecho.instante)
        for doble, recordado in zip(self._dobles, hecho.dobles, strict=True):
            vars(doble).update(copy.deepcopy(recordado))
        return hecho.sorteo

    @property
    def _dobles(self) -> Sequence[object]:
        casa = self.casa
        return casa.solicitudes, casa.bitacora, casa.avisos, casa.auditoria, casa.fin, casa.ofertas

    async def empezar(self) -> None:
        """Nothing is there but two spaces."""
        await vaciar(BaseDeDatos(self.cliente, "pruebas"), self.escritas)
        self.casa.reloj.poner(INICIO)
        self.casa.solicitudes.antes.clear()
        # The audit is no collection here, and would tell of draws that are gone.
        self.casa.bitacora.de.clear()
        await self.casa.espacios("A-1", "A-2")

    async def dar_por_muerto(self) -> None:
        """As the living do: its transactions end, its turn lapses."""
        await self.cliente.admin.command({"killAllSessions": []})
        await self.casa.caduca_el_turno()

    async def foto(self, sorteo: Sorteo) -> dict[str, Any]:
        """How it ended, but for what is different every time. What was published is what its hashes say."""
        casa = self.casa
        ahora = await casa.sorteos.ver(sorteo.oid)
        await self.comprobar(ahora)
        return {
            "estado": ahora.estado,
            "turno": ahora.turno,
            "a_medias": ahora.a_medias,
            "participantes": ahora.participantes,
            "admitidos": ahora.admitidos,
            "cierre": ahora.cierre,
            "reabierto": len(ahora.huellas_anteriores),
            "fase": await casa.solicitudes.fase(sorteo.oid),
            "solicitudes": [
                (s.folio, s.estado, s.mudanzas, s.espera is None) for s in await casa.solicitudes.todas(sorteo.oid)
            ],
            "congelados": await casa.r_participantes.count({"sorteo_id": sorteo.oid}),
            "puestos": await casa.r_resultados.count({"sorteo_id": sorteo.oid}),
            "archivos": await casa.r_archivos.count({"sorteo_id": sorteo.oid}),
            "espacios": {codigo: [tipo for tipo, _ in suyas] for codigo, suyas in (await casa.ocupaciones()).items()},
            "avisos": {tipo for tipo, _, datos in casa.avisos.dichos if datos["sorteo_id"] == sorteo.oid},
        }

    async def comprobar(self, sorteo: Sorteo) -> None:
        for archivo, huella in (
            ("reglas", sorteo.huella_reglas),
            ("bases", sorteo.huella),
            ("resultado", sorteo.huella_resultado),
        ):
            if huella is not None:
                assert motor.sha256_hex(await self.casa.bytes_de(sorteo, archivo)) == huella
        for anterior in sorteo.huellas_anteriores:
            partes = self.casa.r_archivos.partes(
                sorteo_id=sorteo.oid, archivo=Publicado.bases, intento=anterior.intento
            )
            assert motor.sha256_hex(b"".join([parte async for parte in partes])) == anterior.huella
        if sorteo.huella_resultado is not None:
            puestos = [
                motor.Puesto(str(r.folio), r.posicion, r.numero, r.espacio, r.espera)
                for r in await self.casa.resultados(sorteo)
            ]
            assert motor.sha256_hex(motor.escribir_resultado(puestos)) == sorteo.huella_resultado

    async def dar(self, caso: Caso, sorteo: Sorteo) -> Sorteo:
        """As a call of the API does, whose writes stand in the audit."""
        with atendiendo(del_sistema("sorteo_paso", sorteo.oid)):
            return await caso.dar(self.casa, sorteo)

    async def parado_en(self, caso: Caso, orden: int) -> "tuple[Sorteo, Proceso, asyncio.Task[Sorteo]] | None":
        """A process that stopped at that command of the step; None when the step has no such command."""
        sorteo = await self.antes(caso)
        proceso = Proceso(orden)
        with como(proceso):
            tarea = asyncio.ensure_future(self.dar(caso, sorteo))
        parado = asyncio.ensure_future(proceso.parado.wait())
        await asyncio.wait({tarea, parado}, return_when=asyncio.FIRST_COMPLETED)
        parado.cancel()
        if tarea.done():
            await tarea
            return None
        return sorteo, proceso, tarea

    async def ordenes(self, caso: Caso, *, despierta: bool) -> list[int]:
        """The commands of the step at which stopping differs from stopping at another of them.

        Within a transaction nothing differs until it is to be committed: what it did is undone. Whoever does not wake
        up leaves what is stored, and that differs after a write only. Whoever does knows what it has read by then: the
        most right before it writes, where it is stopped in any case."""
        puntos: list[tuple[int, bool]] = []
        sorteo = await self.antes(caso)
        with como(Proceso(None, lambda: puntos.append((self.escritas.quedan, self.escritas.a_medias)))):
            await self.dar(caso, sorteo)
        # Opening a session is none of them.
        assert len(puntos) > 3
        siguientes = [*puntos[1:], (0, False)]
        if despierta and not EXHAUSTIVO:
            distintos = [este[0] != otro[0] for este, otro in zip(puntos, siguientes, strict=True)]
        elif despierta:
            distintos = [not (este[1] and otro[1]) for este, otro in zip(puntos, siguientes, strict=True)]
        else:
            distintos = [not n or puntos[n - 1][0] != quedan for n, (quedan, _) in enumerate(puntos)]
        return [orden for orden, distinto in enumerate(distintos, start=1) if distinto]

    async def parados(
        self, caso: Caso, *, despierta: bool = False
    ) -> "AsyncIterator[tuple[Sorteo, Proceso, asyncio.Task[Sorteo]]]":
        """One after the other, at every command that differs."""
        for orden in await self.ordenes(caso, despierta=despierta):
            if (parado := await self.parado_en(caso, orden)) is None:
                # A renewal of the lease was not due this time.
                return
            try:
                yield parado
            finally:
                parado[1].seguir()
                await asyncio.gather(parado[2], return_exceptions=True)


@pytest.fixture
def escena(casa: Casa, cliente_mongo: "AsyncIOMotorClient[dict[str, Any]]", escritas: Escritas) -> Escena:
    return Escena(casa, cliente_mongo, escritas)


@pytest.mark.parametrize("paso", list(CASOS))
async def test_what_another_did_meanwhile_stands(escena: Escena, paso: str) -> None:
    """It is stopped, another takes the step and all that follow, it wakes up."""
    caso = CASOS[paso]

    async def seguir(sorteo: Sorteo) -> dict[str, Any]:
        await escena.dar(caso, sorteo)
        solo_el_paso = await escena.foto(sorteo)
        await terminar(escena.casa, sorteo)
        return {"paso": solo_el_paso, "final": await escena.foto(sorteo)}

    una_sola = await seguir(await escena.antes(caso))
    async for sorteo, proceso, tarea in escena.parados(caso, despierta=True):
        await escena.dar_por_muerto()
        assert await seguir(sorteo) == una_sola, proceso.ordenes
        proceso.seguir()
        (dicho,) = await asyncio.gather(tarea, return_exceptions=True)
        assert isinstance(dicho, Sorteo | ParkNetError), (proceso.ordenes, dicho)
        assert await escena.foto(sorteo) == una_sola["final"], proceso.ordenes


@pytest.mark.parametrize("paso", list(CASOS))
async def test_after_a_death_a_beat_and_the_usual_calls_are_enough(escena: Escena, paso: str) -> None:
    """It never wakes up. One beat later the draw stands before the step or after it, and the step can be taken."""
    caso = CASOS[paso]
    # What a reopening had moved back is moved again, and goes back once more.
    de = sin_mudanzas if paso == "reabrir" else dict
    sorteo = await escena.antes(caso)
    await escena.dar(caso, sorteo)
    una_sola = await escena.foto(sorteo)
    async for sorteo, proceso, _ in escena.parados(caso):
        await escena.dar_por_muerto()
        await escena.casa.tareas.atender()
        quedo = await escena.casa.sorteos.ver(sorteo.oid)
        assert quedo.estado in caso.estados
        assert quedo.turno is None
        assert await escena.casa.solicitudes.fase(sorteo.oid) == FASES[quedo.estado], proceso.ordenes
        await escena.dar(caso, sorteo)
        assert de(await escena.foto(sorteo)) == de(una_sola), proceso.ordenes


def sin_mudanzas(foto: dict[str, Any]) -> dict[str, Any]:
    return foto | {"solicitudes": [(folio, estado, espera) for folio, estado, _, espera in foto["solicitudes"]]}


FASES = {
    "borrador": "borrador",
    "abierto": "abierto",
    "cerrado": "cerrado",
    "ejecutado": "cerrado",
    "publicado": "publicado",
    "finalizado": "terminado",
    "anulado": "terminado",
}


async def test_a_closing_that_died_and_may_not_go_on_opens_the_window(escena: Escena) -> None:
    """By hand, while the last request came in: the window opens again, and the request can be decided."""
    casa = escena.casa

    async def llega() -> None:
        await casa.pedir(await ultimo(), estado="pendiente")

    async def ultimo() -> Sorteo:
        (sorteo,) = await casa.r_sorteos.find({})
        return sorteo

    async def abierto_y_llega_otra(casa: Casa) -> Sorteo:
        sorteo = await abierto(casa)
        casa.solicitudes.antes["cerrar"] = llega
        return sorteo

    cerrada = 0
    async for sorteo, _, _ in escena.parados(Caso(abierto_y_llega_otra, cerrar_con_una_pendiente, frozenset())):
        await escena.dar_por_muerto()
        casa.solicitudes.antes.clear()
        cerrada += await casa.solicitudes.fase(sorteo.oid) == "cerrado"
        if await casa.solicitudes.pendientes(sorteo_id=sorteo.oid) == 0:
            continue
        await casa.tareas.atender()
        quedo = await casa.sorteos.ver(sorteo.oid)
        assert (quedo.estado, quedo.turno) == ("abierto", None)
        assert await casa.solicitudes.fase(sorteo.oid) == "abierto"
    assert cerrada


async def cerrar_con_una_pendiente(casa: Casa, sorteo: Sorteo) -> Sorteo:
    with pytest.raises(ParkNetError) as caso:
        await casa.cierre.cerrar(sorteo.oid)
    assert caso.value.codigo == "solicitudes_pendientes"
    return sorteo
