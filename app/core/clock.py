"""The one clock of ParkNet. Whoever needs the time asks here, so that tests can move it."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo


def _reloj_del_sistema() -> datetime:
    return datetime.now(UTC)


_fuente: Callable[[], datetime] = _reloj_del_sistema


def ahora() -> datetime:
    """The instant now: aware, UTC, whole milliseconds (what MongoDB stores and the API shows)."""
    instante = _fuente()
    return instante.replace(microsecond=instante.microsecond // 1000 * 1000)


def hoy(zona: ZoneInfo) -> date:
    """The calendar day now in `zona`: rules that speak of days use the complex's own."""
    return ahora().astimezone(zona).date()


def usar_fuente(fuente: Callable[[], datetime] | None) -> None:
    """Make `ahora` read `fuente`; None goes back to the system's clock. For tests."""
    global _fuente
    _fuente = fuente or _reloj_del_sistema
