"""What the gate is told of a plate: whether it may come in today, where to, and nothing of whose it is."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import pytest
from beanie import PydanticObjectId

from app.core.security import Rol
from tests.autenticador import principal
from tests.conftest import INICIO
from tests.modules.sorteo.asignaciones.factories import asignacion, vehiculo
from tests.modules.sorteo.conftest import Api, Casa
from tests.modules.sorteo.factories import ADMIN, AUDITOR, OPERADOR

HOY = date(2026, 3, 2)
PORTERIA = principal(Rol.porteria)
NADA = {"permitido": False, "espacio": None, "tipo": None, "desde": None, "hasta": None}


async def preguntar(api: Api, placa: str = "ABC123") -> Mapping[str, Any]:
    dicho: Mapping[str, Any] = await api.ver("/porteria", PORTERIA, params={"placa": placa})
    return dicho


def titular(unidad_id: PydanticObjectId, **campos: Any) -> dict[str, Any]:
    return {"unidad_id": unidad_id, "motivo": "escritura", "desde": HOY, "hasta": None} | campos


class TestQuien:
    @pytest.mark.parametrize("quien", [PORTERIA, ADMIN, OPERADOR, AUDITOR])
    async def test_the_gate_and_staff(self, api: Api, quien: Any) -> None:
        assert await api.ver("/porteria", quien, params={"placa": "ABC123"}) == NADA

    async def test_which_plate_has_to_be_said(self, api: Api) -> None:
        assert (await api.pedir("GET", "/porteria", PORTERIA)).status_code == 422


class TestConAsignacion:
    async def test_while_it_lasts(self, api: Api) -> None:
        await api.casa.espacios("A-01")
        await api.casa.r_asignaciones.insert(asignacion(hasta=HOY + timedelta(days=1)))
        suyo = {"permitido": True, "espacio": "A-01", "tipo": "carro", "desde": "2026-01-01", "hasta": "2026-03-03"}
        assert await preguntar(api, "abc-123") == suyo
        api.casa.reloj.avanzar(days=1)
        assert await preguntar(api) == suyo
        # The beat has not come yet, and nobody comes in by what is over.
        api.casa.reloj.avanzar(days=1)
        assert await preguntar(api) == NADA

    async def test_not_before_its_first_day(self, api: Api) -> None:
        await api.casa.espacios("A-01")
        await api.casa.r_asignaciones.insert(asignacion(desde=HOY + timedelta(days=1)))
        assert await preguntar(api) == NADA

    @pytest.mark.parametrize("estado", ["devuelta", "revocada", "terminada"])
    async def test_not_by_one_that_ended(self, api: Api, estado: str) -> None:
        await api.casa.espacios("A-01")
        await api.casa.r_asignaciones.insert(asignacion(estado=estado))
        assert await preguntar(api) == NADA

    async def test_of_another_plate(self, api: Api) -> None:
        await api.casa.espacios("A-01")
        await api.casa.r_asignaciones.insert(asignacion(vehiculo=vehiculo(placa="ABC124")))
        assert await preguntar(api) == NADA


class TestConDerecho:
    async def vehiculo(self, casa: Casa, tipo: str = "carro") -> PydanticObjectId:
        unidad_id = PydanticObjectId()
        casa.padron.placas["ABC123"] = (unidad_id, tipo)
        return unidad_id

    async def test_without_end(self, api: Api) -> None:
        unidad_id = await self.vehiculo(api.casa)
        await api.casa.espacios("A-01", titular=titular(unidad_id))
        await api.casa.espacios("A-02", titular=titular(PydanticObjectId()))
        assert await preguntar(api) == {
            "permitido": True,
            "espacio": "A-01",
            "tipo": "carro",
            "desde": "2026-03-02",
            "hasta": None,
        }

    @pytest.mark.parametrize(
        "campos",
        [
            {"titular": {"desde": HOY + timedelta(days=1)}},
            {"titular": {"desde": HOY - timedelta(days=9), "hasta": HOY - timedelta(days=1)}},
            {"activo": False},
        ],
    )
    async def test_only_while_it_is_one(self, api: Api, campos: dict[str, Any]) -> None:
        unidad_id = await self.vehiculo(api.casa)
        suyo = titular(unidad_id) | campos.pop("titular", {})
        await api.casa.espacios("A-01", titular=suyo, **campos)
        assert await preguntar(api) == NADA

    async def test_its_own_kind_first(self, api: Api) -> None:
        unidad_id = await self.vehiculo(api.casa, "moto")
        await api.casa.espacios("A-01", titular=titular(unidad_id))
        assert (await preguntar(api))["espacio"] == "A-01"
        await api.casa.espacios("Z-01", tipo="moto", titular=titular(unidad_id))
        assert (await preguntar(api))["espacio"] == "Z-01"

    async def test_what_was_assigned_before_what_is_a_right(self, api: Api) -> None:
        unidad_id = await self.vehiculo(api.casa)
        await api.casa.espacios("A-01", titular=titular(unidad_id))
        await api.casa.espacios("B-01")
        await api.casa.r_asignaciones.insert(asignacion(espacio="B-01", unidad_id=unidad_id))
        assert (await preguntar(api))["espacio"] == "B-01"
        api.casa.reloj.poner(INICIO.replace(year=2027))
        assert (await preguntar(api))["espacio"] == "A-01"
