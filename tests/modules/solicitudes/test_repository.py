"""What the repositories hold by themselves, whatever the services saw before they asked."""

from datetime import timedelta

import pytest
from beanie import PydanticObjectId

from app.modules.solicitudes.estados import RequestStatus
from tests.conftest import INICIO
from tests.modules.solicitudes.mesa import Mesa


class TestSiguienteFolio:
    @pytest.mark.parametrize("fase", ["borrador", "cerrado", "publicado", "terminado"])
    async def test_only_while_it_is_open(self, mesa: Mesa, fase: str) -> None:
        sorteo_id = await mesa.sorteo()
        await mesa.ventanillas.update_one({"_id": sorteo_id}, {"$set": {"fase": fase}})
        assert await mesa.ventanillas.siguiente_folio(sorteo_id, ahora=INICIO) is None

    async def test_only_before_its_time(self, mesa: Mesa) -> None:
        sorteo_id = await mesa.sorteo(cierre=INICIO)
        justo_antes = INICIO - timedelta(milliseconds=1)
        assert await mesa.ventanillas.siguiente_folio(sorteo_id, ahora=justo_antes) == 1
        assert await mesa.ventanillas.siguiente_folio(sorteo_id, ahora=INICIO) is None
        assert await mesa.ventanillas.siguiente_folio(PydanticObjectId(), ahora=justo_antes) is None


class TestMover:
    async def test_as_it_was_read_or_not_at_all(self, mesa: Mesa) -> None:
        leida = await mesa.guardada(await mesa.pedir(await mesa.sorteo(aprobacion="manual"), mesa.vecino()))
        for a, movida in [(RequestStatus.aprobada, True), (RequestStatus.cancelada, False)]:
            hecha = await mesa.solicitudes.mover(leida, a, cambios={}, ahora=INICIO)
            assert (hecha is not None) is movida
        (guardada,) = await mesa.solicitudes.find({})
        assert guardada.estado is RequestStatus.aprobada
