"""What the repositories hold by themselves, whatever the services saw before they asked."""

import asyncio
from typing import Any

import pytest
from beanie import PydanticObjectId

from app.modules.solicitudes.estados import RequestStatus
from app.modules.solicitudes.ventanilla import repository as ventanilla
from app.modules.solicitudes.ventanilla.repository import FRANJAS, FranjaRepository
from app.shared.exceptions import EntradaInvalida
from tests.conftest import INICIO
from tests.modules.solicitudes.carreras import aparte
from tests.modules.solicitudes.mesa import Mesa


class TestSiguienteFolio:
    async def test_whatever_comes_of_the_transaction(self, mesa_real: Mesa) -> None:
        """Nobody waits for its end; one that comes to nothing leaves a gap, and nobody gets its number."""
        sorteo_id = await mesa_real.sorteo()

        async def fracasar() -> None:
            assert await mesa_real.ventanillas.siguiente_folio(sorteo_id) == 1
            assert await aparte(mesa_real.ventanillas.siguiente_folio(sorteo_id)) == 2
            raise EntradaInvalida()

        with pytest.raises(EntradaInvalida):
            await mesa_real.uow.run(fracasar)
        assert (await mesa_real.pedir(sorteo_id, mesa_real.vecino())).folio == 3


class TestFranjas:
    @pytest.fixture(autouse=True)
    def _todas(self, mesa: Mesa, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ARG002 - it has but two
        monkeypatch.setattr(ventanilla, "FRANJAS", FRANJAS)

    async def test_made_once(self, mesa: Mesa) -> None:
        """A draw that opens again has those that it had."""
        sorteo_id = await mesa.sorteo()
        franjas = FranjaRepository()
        antes = await franjas.find({})
        assert [f.numero for f in antes] == list(range(FRANJAS))
        await mesa.ventanilla.cerrar(sorteo_id=sorteo_id)
        await mesa.ventanilla.abrir(sorteo_id=sorteo_id, cierre=None)
        assert [f.id for f in await franjas.find({})] == [f.id for f in antes]

    async def test_flats_made_one_after_another_write_on_different_ones(self, mesa: Mesa) -> None:
        sorteo_id, franjas = await mesa.sorteo(), FranjaRepository()
        for _ in range(20):
            await franjas.tocar(sorteo_id=sorteo_id, unidad_id=PydanticObjectId())
        assert await franjas.count({"toques": 1}) == 20

    async def test_one_that_somebody_took_away(self, mesa_real: Mesa) -> None:
        """Whoever hands in makes it again, and the closing waits for them all the same."""
        sorteo_id, franjas = await mesa_real.sorteo(), FranjaRepository()
        await franjas.delete_many({})
        assert (await mesa_real.pedir(sorteo_id, mesa_real.vecino())).folio == 1
        await franjas.delete_many({})
        vio: list[bool] = []

        async def entregar() -> None:
            await franjas.tocar(sorteo_id=sorteo_id, unidad_id=PydanticObjectId())
            cierra = aparte(franjas.tocar_todas(sorteo_id=sorteo_id))
            cierres.append(cierra)
            await asyncio.sleep(0.5)
            vio.append(cierra.done())

        cierres: list[asyncio.Task[Any]] = []
        await mesa_real.uow.run(entregar)
        await asyncio.gather(*cierres)
        assert vio == [False]
        assert await franjas.count({"sorteo_id": sorteo_id}) == ventanilla.FRANJAS
        assert await franjas.count({"toques": {"$gt": 1}}) == 1


class TestMover:
    async def test_as_it_was_read_or_not_at_all(self, mesa: Mesa) -> None:
        leida = await mesa.guardada(await mesa.pedir(await mesa.sorteo(aprobacion="manual"), mesa.vecino()))
        for a, movida in [(RequestStatus.aprobada, True), (RequestStatus.cancelada, False)]:
            hecha = await mesa.solicitudes.mover(leida, a, cambios={}, ahora=INICIO)
            assert (hecha is not None) is movida
        (guardada,) = await mesa.solicitudes.find({})
        assert guardada.estado is RequestStatus.aprobada
