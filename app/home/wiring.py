"""Builds the module's service from what others hand it."""

from collections.abc import Mapping
from typing import Any

from app.home.ports import Avisos, Espacios, Padron, Solicitudes, Sorteos
from app.home.service import InicioService


def montar(
    *, padron: Padron, solicitudes: Solicitudes, sorteos: Sorteos, espacios: Espacios, avisos: Avisos
) -> Mapping[str, Any]:
    """What its endpoint finds in `request.state`."""
    servicio = InicioService(padron=padron, solicitudes=solicitudes, sorteos=sorteos, espacios=espacios, avisos=avisos)
    return {"inicio": servicio}
