"""Rounds of clearing away: one process at a time, so many batches at most, and no kind waits for another."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import pytest
from beanie import Document

from app.core.retention.models import DOCUMENTOS, TurnoDeLimpieza
from app.core.retention.repository import TurnoRepository
from app.core.retention.service import LOTE, Limpieza, Tarea

_UN_MINUTO = timedelta(seconds=60)


@pytest.fixture
def documentos() -> Sequence[type[Document]]:
    return DOCUMENTOS


class Montones:
    """What there is to erase of each kind."""

    def __init__(self, **montones: int) -> None:
        self.quedan = montones
        self.limpieza = Limpieza(turnos=TurnoRepository(), tareas={que: self._tarea(que) for que in montones})

    def _tarea(self, que: str) -> Tarea:
        async def borrar() -> int:
            lote = min(LOTE, self.quedan[que])
            self.quedan[que] -= lote
            return lote

        return borrar


async def _envejecer(*, segundos: int) -> None:
    """The last sign of life was so much earlier."""
    antes = {"$dateSubtract": {"startDate": "$visto_en", "unit": "second", "amount": segundos}}
    await TurnoDeLimpieza.get_motor_collection().update_one({}, [{"$set": {"visto_en": antes}}])


@pytest.mark.usefixtures("base_real")
class TestUnaVuelta:
    async def test_todo_lo_que_cabe_en_ella(self) -> None:
        montones = Montones(avisos=LOTE * 3, sesiones=0, archivos=7)
        await montones.limpieza.limpiar()
        assert montones.quedan == {"avisos": 0, "sesiones": 0, "archivos": 0}

    async def test_lo_demas_queda_para_la_siguiente_y_lo_otro_no_espera(self) -> None:
        montones = Montones(avisos=LOTE * 50, archivos=7)
        await montones.limpieza.limpiar()
        assert montones.quedan == {"avisos": LOTE * 30, "archivos": 0}
        for _ in range(2):
            await montones.limpieza.limpiar()
        assert montones.quedan["avisos"] == 0

    async def test_lo_que_falla_no_se_calla_y_otro_sigue_cuando_pasa_su_turno(self) -> None:
        montones = Montones(avisos=LOTE)

        async def romper() -> int:
            raise RuntimeError("la base no está")

        rota = Limpieza(turnos=TurnoRepository(), tareas={"rota": romper})
        with pytest.raises(RuntimeError):
            await rota.limpiar()
        await montones.limpieza.limpiar()
        assert montones.quedan == {"avisos": LOTE}
        await _envejecer(segundos=61)
        await montones.limpieza.limpiar()
        assert montones.quedan == {"avisos": 0}


@pytest.mark.usefixtures("base_real")
class TestElTurno:
    async def test_mientras_otro_lo_tiene_no_se_hace_nada(self) -> None:
        montones = Montones(avisos=LOTE)
        turnos = TurnoRepository()
        assert await turnos.tomar(titular="otro", duracion=_UN_MINUTO)
        assert not await turnos.tomar(titular="yo", duracion=_UN_MINUTO)
        await montones.limpieza.limpiar()
        assert montones.quedan == {"avisos": LOTE}
        await turnos.soltar(titular="yo")
        await montones.limpieza.limpiar()
        assert montones.quedan == {"avisos": LOTE}
        await turnos.soltar(titular="otro")
        await montones.limpieza.limpiar()
        assert montones.quedan == {"avisos": 0}

    async def test_quien_murio_con_el_no_lo_tiene_para_siempre(self) -> None:
        turnos = TurnoRepository()
        assert await turnos.tomar(titular="muerto", duracion=_UN_MINUTO)
        await _envejecer(segundos=59)
        assert not await turnos.tomar(titular="vivo", duracion=_UN_MINUTO)
        await _envejecer(segundos=2)
        assert await turnos.tomar(titular="vivo", duracion=_UN_MINUTO)
        assert not await turnos.tomar(titular="muerto", duracion=_UN_MINUTO)

    async def test_de_varios_a_la_vez_lo_tiene_uno(self) -> None:
        logrados = await asyncio.gather(
            *(TurnoRepository().tomar(titular=f"p{n}", duracion=_UN_MINUTO) for n in range(8))
        )
        assert sum(logrados) == 1
