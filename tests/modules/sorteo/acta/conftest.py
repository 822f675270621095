"""The press, looked at."""

from collections.abc import Callable

import pytest

from app.core.processes import en_otro_proceso
from app.modules.sorteo.acta import service
from app.modules.sorteo.acta.impreso import Pliego


@pytest.fixture
def pliegos(monkeypatch: pytest.MonkeyPatch) -> list[Pliego]:
    """What went to the press."""
    vistos: list[Pliego] = []

    async def mirando(hacer: Callable[[Pliego], bytes], pliego: Pliego) -> bytes:
        vistos.append(pliego)
        return await en_otro_proceso(hacer, pliego)

    monkeypatch.setattr(service, "en_otro_proceso", mirando)
    return vistos
