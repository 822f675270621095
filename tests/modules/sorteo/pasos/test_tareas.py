"""What draws do by themselves, and that one which cannot does not keep the others."""

import logging
from collections.abc import Sequence
from datetime import date, timedelta

import pytest
from beanie import PydanticObjectId
from prometheus_client import Counter, Gauge

from app.core.acts.contract import Llamada
from app.core.metrics import PASOS_DADOS, PASOS_DETENIDOS
from app.modules.sorteo.estados import Paso
from app.modules.sorteo.models import Sorteo
from app.modules.sorteo.turnos.service import DURACION
from app.shared.transaction import Dichos
from tests.conftest import INICIO
from tests.loteria import instante
from tests.modules.sorteo.asignaciones.factories import asignacion
from tests.modules.sorteo.conftest import Casa
from tests.modules.sorteo.factories import DISPONIBLE, ENTROPIA

MANANA = INICIO + timedelta(days=1)


async def estado(casa: Casa, sorteo: Sorteo) -> str:
    return (await casa.sorteos.ver(sorteo.oid)).estado


class TestAbrir:
    async def test_at_its_time(self, casa: Casa) -> None:
        sorteo = await casa.borrador(apertura=instante(MANANA))
        sin_hora = await casa.borrador()
        casa.reloj.poner(MANANA - timedelta(milliseconds=1))
        await casa.tareas.atender()
        assert await estado(casa, sorteo) == "borrador"
        casa.reloj.poner(MANANA)
        await casa.tareas.atender()
        assert await estado(casa, sorteo) == "abierto"
        assert await estado(casa, sin_hora) == "borrador"

    async def test_never_too_late(self, casa: Casa, caplog: pytest.LogCaptureFixture) -> None:
        sorteo = await casa.borrador(apertura=instante(MANANA))
        casa.reloj.poner(DISPONIBLE)
        await casa.tareas.atender()
        assert await estado(casa, sorteo) == "borrador"
        assert caplog.records == []  # nothing to be done about it, again and again


class TestCerrar:
    async def test_at_its_time_and_not_before(self, casa: Casa) -> None:
        sorteo = await casa.abierto(cierre=instante(MANANA))
        sin_hora = await casa.abierto()
        casa.reloj.poner(MANANA - timedelta(milliseconds=1))
        await casa.tareas.atender()
        assert await estado(casa, sorteo) == "abierto"
        casa.reloj.poner(MANANA)
        await casa.tareas.atender()
        assert await estado(casa, sorteo) == "cerrado"
        assert await estado(casa, sin_hora) == "abierto"

    async def test_a_turn_that_is_alive_is_left_alone(
        self, casa: Casa, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("app.modules.sorteo.turnos.service._PACIENCIA", 0.1)
        sorteo = await casa.abierto(cierre=instante(MANANA))
        casa.reloj.poner(MANANA)
        async with casa.turnos.tomar(sorteo.oid, Paso.cerrar):
            await casa.tareas.atender()
        assert await estado(casa, sorteo) == "abierto"
        assert caplog.records == []  # it was not even tried

    @pytest.mark.parametrize("paso", ["anular", "ejecutar"])
    async def test_a_lapsed_turn_of_another_step_closes_nothing(self, casa: Casa, paso: str) -> None:
        sorteo = await casa.abierto()
        await casa.r_turnos.tomar(sorteo.oid, paso=paso, ficha="muerta", duracion=DURACION)
        await casa.caduca_el_turno()
        await casa.tareas.atender()
        assert await estado(casa, sorteo) == "abierto"


class TestEjecutar:
    async def test_the_number_was_given_and_nobody_ran_it(self, casa: Casa) -> None:
        """The process died between storing the number and taking its turn."""
        sorteo = await casa.por_ejecutar()
        await casa.ejecucion.fijar(sorteo.oid, ENTROPIA)
        await casa.tareas.atender()
        assert await estado(casa, sorteo) == "ejecutado"

    async def test_without_a_number_nothing_runs(self, casa: Casa) -> None:
        sorteo = await casa.por_ejecutar()
        casa.reloj.avanzar(days=30)
        await casa.tareas.atender()
        assert await estado(casa, sorteo) == "cerrado"

    async def test_what_has_run_is_not_published_by_itself(self, casa: Casa) -> None:
        sorteo = await casa.ejecutado()
        casa.reloj.avanzar(days=30)
        await casa.tareas.atender()
        assert await estado(casa, sorteo) == "ejecutado"


class TestUnoPorUno:
    async def test_one_that_is_broken_does_not_keep_the_others(
        self, casa: Casa, caplog: pytest.LogCaptureFixture
    ) -> None:
        roto = await casa.por_ejecutar()
        casa.reloj.poner(INICIO)
        pendiente = await casa.abierto(cierre=instante(MANANA))
        await casa.r_sorteos.update_one({"_id": roto.id}, {"$set": {"entropia": ENTROPIA}})
        await casa.r_archivos.delete_many({"sorteo_id": roto.id})
        inesperado = await casa.abierto(cierre=instante(MANANA))
        del casa.solicitudes.terminos_de[inesperado.oid]
        vencida = await casa.r_asignaciones.insert(asignacion(hasta=date(2026, 3, 1)))
        casa.reloj.poner(MANANA)
        codigos = ("entropia_prematura", "error_interno")
        dados = _contados(PASOS_DADOS, "cerrado")
        await casa.tareas.atender()
        assert await estado(casa, pendiente) == "cerrado"
        assert await estado(casa, inesperado) == "abierto"
        assert _contados(PASOS_DADOS, "cerrado") == dados + 1
        assert [_contados(PASOS_DETENIDOS, codigo) for codigo in codigos] == [1, 1]
        terminada = await casa.r_asignaciones.get(vencida.oid)
        assert terminada is not None
        assert terminada.estado == "terminada"
        niveles = {(r.levelno, str(r.args[0])) for r in caplog.records if isinstance(r.args, tuple) and r.args}
        assert {(logging.WARNING, str(roto.id)), (logging.ERROR, str(inesperado.id))} <= niveles

    async def test_what_stopped_and_goes_on_is_counted_no_more(self, casa: Casa) -> None:
        sorteo = await casa.abierto(cierre=instante(MANANA))
        terminos = casa.solicitudes.terminos_de.pop(sorteo.oid)
        casa.reloj.poner(MANANA)
        await casa.tareas.atender()
        assert _contados(PASOS_DETENIDOS, "error_interno") == 1
        casa.solicitudes.terminos_de[sorteo.oid] = terminos
        casa.reloj.avanzar(seconds=DURACION.total_seconds() + 1)
        await casa.tareas.atender()
        assert await estado(casa, sorteo) == "cerrado"
        assert _contados(PASOS_DETENIDOS, "error_interno") == 0


def _contados(metrica: Counter | Gauge, etiqueta: str) -> float:
    """Of one label, in this process."""
    (familia,) = metrica.collect()
    return sum(m.value for m in familia.samples if not m.name.endswith("_created") and etiqueta in m.labels.values())


class Apuntadas:
    """An audit that only remembers what it was told."""

    def __init__(self) -> None:
        self.filas: list[tuple[str, tuple[str, ...], bool]] = []

    async def anotar(
        self, llamada: Llamada | None, escritos: Sequence[tuple[str, object]], dichos: Dichos | None = None
    ) -> None:
        del dichos
        if llamada is None:
            return
        assert escritos
        self.filas.append((llamada.operacion, llamada.objetos, llamada.quien is None))


async def test_what_draws_do_by_themselves_is_one_act_each_of_the_system(
    casa: Casa, monkeypatch: pytest.MonkeyPatch
) -> None:
    apuntadas = Apuntadas()
    monkeypatch.setattr(casa.uow, "_anotador", apuntadas)
    sorteo = await casa.borrador(apertura=instante(MANANA), cierre=instante(MANANA + timedelta(hours=1)))
    assert apuntadas.filas == []  # nobody called
    casa.reloj.poner(MANANA)
    await casa.tareas.atender()
    await casa.pedir(sorteo, 3)
    casa.reloj.poner(MANANA + timedelta(hours=1))
    for _ in range(2):
        await casa.tareas.atender()
    id = (str(sorteo.oid),)
    assert apuntadas.filas == [("sorteo_abrir_sorteo", id, True), ("sorteo_cerrar_sorteo", id, True)]


async def test_terms_that_end_are_one_act_a_draw(casa: Casa, monkeypatch: pytest.MonkeyPatch) -> None:
    apuntadas = Apuntadas()
    monkeypatch.setattr(casa.uow, "_anotador", apuntadas)
    uno, otro = PydanticObjectId(), PydanticObjectId()
    ayer = INICIO.date() - timedelta(days=1)
    for sorteo_id in (uno, otro, uno):
        await casa.r_asignaciones.insert(asignacion(sorteo_id=sorteo_id, desde=date(2026, 1, 1), hasta=ayer))
    await casa.tareas.atender()
    assert sorted(objetos for _, objetos, _ in apuntadas.filas) == sorted([(str(uno),), (str(otro),)])
    assert {operacion for operacion, _, _ in apuntadas.filas} == {"sorteo_terminar_asignaciones"}
