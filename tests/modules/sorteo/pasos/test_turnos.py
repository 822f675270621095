"""Turns: one works, others wait and find it done; one that dies is taken over; one that sleeps writes nothing."""

import asyncio
import contextvars
from datetime import timedelta

import pytest

from app.modules.sorteo.estados import Paso
from app.modules.sorteo.exceptions import TareaEnCurso
from app.modules.sorteo.models import Sorteo, Turno
from app.modules.sorteo.pasos import turnos as modulo_turnos
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
        monkeypatch.setattr(modulo_turnos, "_PACIENCIA", 2)
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
        casa.reloj.poner(turno.vence_en - timedelta(milliseconds=1))
        assert await self.tomar(casa, sorteo) is None
        casa.reloj.poner(turno.vence_en)
        assert await self.tomar(casa, sorteo) is not None

    async def test_nobody_leaves_anothers(self, casa: Casa) -> None:
        sorteo = await casa.abierto()
        async with casa.turnos.tomar(sorteo.oid, Paso.cerrar):
            casa.reloj.avanzar(seconds=11)
            async with casa.turnos.tomar(sorteo.oid, Paso.cerrar) as ficha:
                pass
            await self.tomar(casa, sorteo)
        turno = await turno_de(casa, sorteo)
        assert turno is not None
        assert turno.ficha == "otra" != ficha

    async def tomar(self, casa: Casa, sorteo: Sorteo) -> Sorteo | None:
        return await casa.r_sorteos.tomar_turno(
            sorteo.oid, paso="cerrar", ficha="otra", ahora=casa.reloj.instante, duracion=modulo_turnos.DURACION
        )


class TestRenovar:
    async def test_while_it_works(self, casa: Casa, monkeypatch: pytest.MonkeyPatch) -> None:
        """A turn of 50 ms is renewed every 10."""
        monkeypatch.setattr(modulo_turnos, "DURACION", timedelta(milliseconds=50))
        sorteo = await casa.abierto()
        async with casa.turnos.tomar(sorteo.oid, Paso.cerrar):
            await self.hasta_que_lata(casa, sorteo, 3)
            despues = casa.reloj.avanzar(seconds=1) + timedelta(milliseconds=50)

            async def renovado() -> bool:
                turno = await turno_de(casa, sorteo)
                return turno is not None and turno.vence_en == despues

            await hasta(renovado)
        assert await turno_de(casa, sorteo) is None

    async def test_a_database_that_does_not_answer_once(self, casa: Casa, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(modulo_turnos, "DURACION", timedelta(milliseconds=50))
        sorteo = await casa.abierto()
        renovar, fallos = casa.r_sorteos.renovar_turno, [ConnectionError()]

        async def a_veces(*que: object, **mas: object) -> bool:
            if fallos:
                raise fallos.pop()
            return await renovar(*que, **mas)  # type: ignore[arg-type]

        monkeypatch.setattr(casa.r_sorteos, "renovar_turno", a_veces)
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
                casa.reloj.avanzar(seconds=30)
                intento = casa.r_sorteos.tomar_turno(
                    sorteo.oid,
                    paso="cerrar",
                    ficha="otra",
                    ahora=casa.reloj.instante,
                    duracion=modulo_turnos.DURACION,
                )
                # In a context of its own it is outside the transaction.
                tomas.append(asyncio.create_task(intento, context=contextvars.Context()))
                await asyncio.sleep(0.2)
                assert not tomas[0].done()

            await casa.uow.run(paso)
            assert await tomas[0] is not None
            with pytest.raises(TareaEnCurso):
                await casa.uow.run(paso)
            assert len(tomas) == 1

    async def hasta_que_lata(self, casa: Casa, sorteo: Sorteo, veces: int) -> None:
        async def ha_latido() -> bool:
            turno = await turno_de(casa, sorteo)
            assert turno is not None
            return turno.latidos >= veces

        await hasta(ha_latido)
