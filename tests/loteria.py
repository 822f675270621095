"""A draw whose number a public lottery gives, as a client writes it."""

from datetime import datetime, timedelta
from typing import Any

from tests.conftest import INICIO

FORMA = "#### serie ###"


def instante(cuando: datetime) -> str:
    return cuando.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def fuente(disponible: datetime = INICIO + timedelta(days=10), **cambios: Any) -> dict[str, Any]:
    """`disponible`: from when on the number can be known."""
    return {
        "tipo": "publica",
        "descripcion": "Lotería de Bogotá, sorteo 2800",
        "disponible_desde": instante(disponible),
        "forma": FORMA,
    } | cambios


def de_un_anio(disponible: datetime, **mas: Any) -> dict[str, Any]:
    """Of the whole year after that in which the number can be known."""
    anio = disponible.year + 1
    return {
        "nombre": "Un año",
        "vigencia": {"desde": f"{anio}-01-01", "hasta": f"{anio}-12-31"},
        "fuente_entropia": fuente(disponible),
    } | mas
