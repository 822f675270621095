"""How a benchmark is told: two or more sides of one thing, in turns, and what one is of the other.

A machine is never as fast twice, so nothing is compared with a figure of another day: the sides take turns, who begins
changes every round, and what counts is the median of the rounds' own ratios.
"""

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

Lado = Callable[[], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Razon:
    """What `de` took, as a part or a multiple of what `contra` took, round by round. `limite`: the most (or with
    `minimo`, the least) that it may be; None only tells."""

    que: str
    de: str
    contra: str
    rondas: Sequence[float]
    limite: float | None = None
    minimo: bool = False

    @property
    def mediana(self) -> float:
        return statistics.median(self.rondas)

    @property
    def cumple(self) -> bool:
        if self.limite is None:
            return True
        return self.mediana >= self.limite if self.minimo else self.mediana <= self.limite

    @property
    def linea(self) -> str:
        deciles = statistics.quantiles(self.rondas, n=10)
        limite = ""
        if self.limite is not None:
            limite = f"  {'mínimo' if self.minimo else 'máximo'} {self.limite:.2f}  {'bien' if self.cumple else 'MAL'}"
        rango = f"({deciles[0]:.2f} a {deciles[-1]:.2f}, {len(self.rondas)} rondas)"
        return f"{self.que:<44} {self.de}/{self.contra}  {self.mediana:6.2f}  {rango}{limite}"


async def por_turnos(lados: Sequence[Lado], *, rondas: int) -> list[list[float]]:
    """Seconds that each side took in each round, after one that does not count."""
    for lado in lados:
        await lado()
    tiempos: list[list[float]] = [[] for _ in lados]
    for ronda in range(rondas):
        for i in sorted(range(len(lados)), key=lambda i: (i + ronda) % len(lados)):
            tiempos[i].append(await _cronometrar(lados[i]))
    return tiempos


async def _cronometrar(lado: Lado) -> float:
    inicio = time.perf_counter()
    await lado()
    return time.perf_counter() - inicio


async def a_la_vez(cuantos: int, total: int, hacer: Callable[[int], Awaitable[object]]) -> None:
    """`hacer(i)` for i in 0 … total-1, by `cuantos` at once."""
    pendientes = iter(range(total))

    async def trabajar() -> None:
        for i in pendientes:
            await hacer(i)

    await asyncio.gather(*(trabajar() for _ in range(cuantos)))


def entre(unos: Sequence[float], otros: Sequence[float]) -> list[float]:
    """Round by round."""
    return [uno / otro for uno, otro in zip(unos, otros, strict=True)]
