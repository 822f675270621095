"""The minute before a draw closes: everybody at once."""

from app.modules.solicitudes.schemas import RequestOut
from tests.conftest import Reloj
from tests.modules.solicitudes.carreras import a_la_vez
from tests.modules.solicitudes.mesa import Mesa, Vecino


class TestCrear:
    async def test_everybody_at_once_gets_in(self, mesa_real: Mesa) -> None:
        sorteo = await mesa_real.sorteo()
        vecinos = [mesa_real.vecino() for _ in range(60)]
        hechas, errores = await a_la_vez(*(mesa_real.pedir(sorteo, vecino) for vecino in vecinos))
        assert errores == []
        assert len({hecha.folio for hecha in hechas}) == 60
        assert {hecha.unidad_id for hecha in hechas} == {vecino.unidad_id for vecino in vecinos}

    async def test_also_when_each_is_a_part_of_something_larger(self, mesa_real: Mesa) -> None:
        """As under an `Idempotency-Key`. Most write on a stripe of their own, and few start again."""
        sorteo = await mesa_real.sorteo()
        intentos = 0

        async def pedir(vecino: Vecino) -> RequestOut:
            nonlocal intentos

            async def paso() -> RequestOut:
                nonlocal intentos
                intentos += 1
                return await mesa_real.pedir(sorteo, vecino)

            return await mesa_real.uow.run(paso)

        hechas, errores = await a_la_vez(*(pedir(mesa_real.vecino()) for _ in range(60)))
        assert errores == []
        assert len({hecha.folio for hecha in hechas}) == 60
        assert intentos < 120

    async def test_judged_by_when_it_came(self, mesa_real: Mesa, reloj: Reloj) -> None:
        cierre = reloj.instante.replace(hour=18)
        sorteo = await mesa_real.sorteo(cierre=cierre)
        reloj.poner(cierre.replace(hour=17, minute=59))
        vecino = mesa_real.vecino()

        async def pasa_la_hora() -> None:
            reloj.poner(cierre)

        mesa_real.padron.al_tocar = pasa_la_hora
        assert (await mesa_real.pedir(sorteo, vecino)).folio == 1
