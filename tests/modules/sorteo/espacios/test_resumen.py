"""How many spaces there are, and how many are free today."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from app.database.unit_of_work import UnitOfWork
from app.modules.sorteo.espacios.repository import EspacioRepository
from app.modules.sorteo.espacios.service import EspacioService
from tests.conftest import INICIO, Reloj
from tests.modules.sorteo.espacios.conftest import espacio, ocupacion, titular

# In the zone of the complex, ten in the morning.
HOY = INICIO.date()
AYER, MANANA = HOY - timedelta(days=1), HOY + timedelta(days=1)


@pytest.fixture
def servicio(
    base_real: UnitOfWork,
    reloj: Reloj,  # noqa: ARG001 - time stands still
    servicio_con: Callable[[UnitOfWork], EspacioService],
) -> EspacioService:
    return servicio_con(base_real)


async def test_sin_espacios(servicio: EspacioService) -> None:
    visto = await servicio.resumen()
    assert (visto.total, visto.libres, visto.por_tipo) == (0, 0, [])


async def test_lo_que_hay_y_lo_que_esta_libre_hoy(servicio: EspacioService, repositorio: EspacioRepository) -> None:
    hay: list[dict[str, Any]] = [
        {},
        {"reserva": "discapacidad"},
        {"activo": False},
        {"uso": "visitantes"},
        {"ocupaciones": [ocupacion("sorteo", desde=AYER, hasta=MANANA)]},
        {"ocupaciones": [ocupacion("asignacion", desde=HOY, hasta=HOY)]},
        {"ocupaciones": [ocupacion("solicitud", desde=HOY, hasta=MANANA)]},
        {"ocupaciones": [ocupacion(desde=AYER, hasta=AYER), ocupacion(desde=MANANA, hasta=MANANA)]},
        {"titular": titular(desde=HOY, hasta=HOY)},
        {"titular": titular(desde=HOY, hasta=None)},
        {"titular": titular(desde=MANANA, hasta=None)},
        {"titular": titular(desde=AYER, hasta=AYER)},
        {"activo": False, "ocupaciones": [ocupacion(desde=AYER, hasta=MANANA)]},
        {"tipo": "moto"},
    ]
    for n, campos in enumerate(hay):
        await repositorio.insert(espacio(f"A-{n:02}", **campos))
    visto = await servicio.resumen()
    carro, moto = visto.por_tipo
    assert (visto.total, visto.libres) == (14, 6)
    assert (carro.tipo, carro.total, carro.inactivos, carro.para_residentes, carro.reservados) == (
        "carro",
        13,
        2,
        10,
        1,
    )
    assert (carro.en_sorteo, carro.ocupados, carro.con_titular, carro.libres) == (1, 2, 2, 5)
    assert (moto.total, moto.para_residentes, moto.libres) == (1, 1, 1)
