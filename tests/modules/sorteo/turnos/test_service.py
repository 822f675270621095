"""Turns: one works, others wait and find it done; one that dies is taken over; one that sleeps writes nothing."""

import asyncio
import contextvars
from datetime import UTC, datetime, timedelta

import pytest

from app.modules.sorteo.estados import Paso
from app.modules.sorteo.exceptions import TareaEnCurso
from app.modules.sorteo.models import Sorteo
from app.modules.sorteo.pasos.models import Turno
from app.modules.sorteo.turnos import service as modulo_turnos
from app.modules.sorteo.turnos.service import DURACION
from app.shared.exceptions import TransicionInvalida
from tests.modules.sorteo.conftest import Casa, hasta


async def turno_de(casa: Casa, sorteo: Sorteo) -> Turno | None:
    return (await casa.sorteos.ver(sorteo.oid)).turno


class TestTomar:
    async def test_who_comes_later_waits(self, casa: Casa) -> None:
        sorteo = await casa.abierto()
        orden: list[str] = []
        tomado = asyncio.Event()

        async def primero() -> None:
            async with casa.turnos.tomar(sorteo.oid, Paso.cerrar):
                tomado.set()
                await asyncio.sleep(0.3)
                orden.append("primero")

        async def segundo() -> None:
            await tomado.wait()
            async with casa.turnos.tomar(sorteo.oid, Paso.cerrar):
                orden.append("segundo")

        await asyncio.gather(segundo(), primero())
        assert orden == ["primero", "segundo"]
        assert await turno_de(casa, sorteo) is None

    async def test_unless_the_step_was_taken_meanwhile(self, casa: Casa) -> None:
        sorteo = await casa.cerrado()
        async with (
            casa.turnos.tomar(sorteo.oid, Paso.ejecutar),
            casa.turnos.tomar(sorteo.oid, Paso.cerrar) as ficha,
        ):
            turno = await turno_de(casa, sorteo)
            assert turno is not None
            assert turno.ficha != ficha

    async def test_not_for_ever(self, casa: Casa, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(modulo_turnos, "_PACIENCIA", 0.2)
        sorteo = await casa.abierto()
        async with casa.turnos.tomar(sorteo.oid, Paso.cerrar):
            with pytest.raises(TareaEnCurso) as caso:
                await casa.cierre.cerrar(sorteo.oid)
        assert caso.value.cabeceras == {"Retry-After": "2"}

    async def test_of_another_draw_is_another_turn(self, casa: Casa) -> None:
        uno, otro = await casa.abierto(), await casa.abierto()
        async with casa.turnos.tomar(uno.oid, Paso.cerrar), casa.turnos.tomar(otro.oid, Paso.cerrar) as ficha:
            turno = await turno_de(casa, otro)
            assert turno is not None
            assert (turno.paso, turno.ficha) == ("cerrar", ficha)


class TestDejar:
    async def test_a_broken_rule_leaves_it(self, casa: Casa) -> None:
        sorteo = await casa.abierto()
        with pytest.raises(TransicionInvalida):
            async with casa.turnos.tomar(sorteo.oid, Paso.cerrar):
                raise TransicionInvalida
        assert await turno_de(casa, sorteo) is None

    async def test_after_anything_unforeseen_it_lapses(self, casa: Casa) -> None:
        sorteo = await casa.abierto()
        with pytest.raises(RuntimeError):
            async with casa.turnos.tomar(sorteo.oid, Paso.cerrar) as ficha:
                raise RuntimeError
        turno = await turno_de(casa, sorteo)
        assert turno is not None
        assert turno.ficha == ficha
        assert await self.tomar(casa, sorteo) is None
        await casa.caduca_el_turno()
        assert await self.tomar(casa, sorteo) is not None

    @pytest.mark.parametrize("adelante", [{"seconds": 10}, {"days": 30_000}, {"seconds": -10}])
    async def test_the_clock_of_a_process_takes_nothing_over(self, casa: Casa, adelante: dict[str, int]) -> None:
        sorteo = await casa.abierto()
        async with casa.turnos.tomar(sorteo.oid, Paso.cerrar):
            casa.reloj.avanzar(**adelante)
            assert await self.tomar(casa, sorteo) is None
            assert await casa.r_sorteos.por_atender(ahora=casa.reloj.instante, hoy="", turno=DURACION) == []

    async def test_one_dated_in_times_to_come_is_none(self, casa: Casa) -> None:
        sorteo = await casa.abierto()
        await self.tomar(casa, sorteo)
        lejos = {"turno.visto_en": datetime(2099, 1, 1, tzinfo=UTC)}
        await casa.r_turnos.update_many({}, {"$set": lejos})
        assert await self.tomar(casa, sorteo) is not None

    async def test_nobody_leaves_anothers(self, casa: Casa) -> None:
        sorteo = await casa.abierto()
        async with casa.turnos.tomar(sorteo.oid, Paso.cerrar):
            await casa.caduca_el_turno()
            async with casa.turnos.tomar(sorteo.oid, Paso.cerrar) as ficha:
                pass
            await self.tomar(casa, sorteo)
        turno = await turno_de(casa, sorteo)
        assert turno is not None
        assert turno.ficha == "otra" != ficha

    async def tomar(self, casa: Casa, sorteo: Sorteo) -> Sorteo | None:
        return await casa.r_turnos.tomar(sorteo.oid, paso="cerrar", ficha="otra", duracion=DURACION)


class TestRenovar:
    async def test_while_it_works(self, casa: Casa, monkeypatch: pytest.MonkeyPatch) -> None:
        """A turn of 50 ms is renewed every 10."""
        monkeypatch.setattr(modulo_turnos, "DURACION", timedelta(milliseconds=50))
        sorteo = await casa.abierto()
        async with casa.turnos.tomar(sorteo.oid, Paso.cerrar):
            antes = await turno_de(casa, sorteo)
            await self.hasta_que_lata(casa, sorteo, 3)
            despues = await turno_de(casa, sorteo)
            assert antes is not None
            assert despues is not None
            assert despues.visto_en > antes.visto_en
        assert await turno_de(casa, sorteo) is None

    async def test_a_database_that_does_not_answer_once(self, casa: Casa, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(modulo_turnos, "DURACION", timedelta(milliseconds=50))
        sorteo = await casa.abierto()
        renovar, fallos = casa.r_turnos.renovar, [ConnectionError()]

        async def a_veces(*que: object, **mas: object) -> bool:
            if fallos:
                raise fallos.pop()
            return await renovar(*que, **mas)  # type: ignore[arg-type]

        monkeypatch.setattr(casa.r_turnos, "renovar", a_veces)
        async with casa.turnos.tomar(sorteo.oid, Paso.cerrar):
            await self.hasta_que_lata(casa, sorteo, 2)
        assert fallos == []

    async def test_a_transaction_holds_it(self, casa: Casa) -> None:
        """Once it has begun, nobody else takes the turn until it ends; and who lost it cannot begin."""
        sorteo = await casa.abierto()
        async with casa.turnos.tomar(sorteo.oid, Paso.cerrar) as ficha:
            tomas: list[asyncio.Task[Sorteo | None]] = []

            async def paso() -> None:
                await casa.turnos.sujetar(sorteo.oid, ficha)
                intento = casa.r_turnos.tomar(sorteo.oid, paso="cerrar", ficha="otra", duracion=DURACION)
                # In a context of its own it is outside the transaction.
                tomas.append(asyncio.create_task(intento, context=contextvars.Context()))
                await asyncio.sleep(0.2)
                assert not tomas[-1].done()

            await casa.caduca_el_turno()
            await casa.uow.run(paso)
            assert await tomas.pop() is None  # it was alive after all
            await casa.caduca_el_turno()
            assert await casa.r_turnos.tomar(sorteo.oid, paso="cerrar", ficha="otra", duracion=DURACION)
            with pytest.raises(TareaEnCurso):
                await casa.uow.run(paso)
            assert tomas == []

    async def hasta_que_lata(self, casa: Casa, sorteo: Sorteo, veces: int) -> None:
        async def ha_latido() -> bool:
            turno = await turno_de(casa, sorteo)
            assert turno is not None
            return turno.latidos >= veces

        await hasta(ha_latido)
