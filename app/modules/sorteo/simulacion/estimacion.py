"""From counts to chances: pure."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import starmap

from beanie import PydanticObjectId

from app.modules.sorteo.motor import Participante
from app.modules.sorteo.simulacion.schemas import EnsayadaOut, GrupoOut, LadoOut, ProbabilidadOut
from app.shared.tables import escribir_fila

# The two-sided 95 % quantile of the normal distribution.
_Z = 1.959964
_DENOMINADOR = 10
_CABECERA = ("folio", "nivel", "boletas", "probabilidad", "minimo", "maximo", "otra", "otra_minimo", "otra_maximo")


@dataclass(frozen=True, slots=True)
class Ensayado:
    """A request that takes part: as it does by the rules of its draw and, where that was asked, by other rules."""

    solicitud_id: PydanticObjectId
    clase: str
    actual: Participante
    otra: Participante | None

    @property
    def con_otras(self) -> Participante:
        if self.otra is None:
            raise ValueError("no other rules were asked about")
        return self.otra


def estimar(ganadas: float, repeticiones: int) -> ProbabilidadOut:
    return ProbabilidadOut(**_intervalo(ganadas, repeticiones))


def lado(
    participantes: Sequence[Participante], clases: Sequence[str], ganadas: Sequence[int], repeticiones: int
) -> LadoOut:
    """Everybody, and by what they have. Where nobody takes part, nobody has a chance."""

    def grupos(claves: Callable[[Participante, str], Iterable[str]]) -> list[GrupoOut]:
        """Somebody with several keys is in several groups."""
        cuentas: dict[str, list[int]] = {}
        for quien, clase, suyas in zip(participantes, clases, ganadas, strict=True):
            for clave in claves(quien, clase):
                cuentas.setdefault(clave, []).append(suyas)
        return list(starmap(grupo, sorted(cuentas.items())))

    def grupo(clave: str, suyas: Sequence[int]) -> GrupoOut:
        return GrupoOut(clave=clave, solicitudes=len(suyas), **_intervalo(sum(suyas) / len(suyas), repeticiones))

    return LadoOut(
        **_intervalo(sum(ganadas) / max(1, len(ganadas)), repeticiones),
        por_nivel=grupos(lambda quien, _: [str(quien.nivel)]),
        por_condicion=grupos(lambda quien, _: quien.condiciones),
        por_clase=grupos(lambda _, clase: [clase]),
    )


def por_solicitud(
    ensayados: Sequence[Ensayado], ganadas: Sequence[Sequence[int]], repeticiones: int
) -> list[EnsayadaOut]:
    """By folio. `ganadas`: by the rules of the draw and, where that was asked, by the others."""
    filas = [
        EnsayadaOut(
            folio=int(ensayado.actual.id),
            nivel=ensayado.actual.nivel,
            boletas=ensayado.actual.boletas,
            actual=estimar(actual, repeticiones),
            otra=estimar(otra[0], repeticiones) if otra else None,
        )
        for ensayado, actual, *otra in zip(ensayados, *ganadas, strict=True)
    ]
    return sorted(filas, key=lambda fila: fila.folio)


def escribir_csv(filas: Iterable[EnsayadaOut]) -> bytes:
    lineas = [escribir_fila(_CABECERA)]
    for fila in filas:
        chances = [*_celdas(fila.actual), *_celdas(fila.otra)]
        lineas.append(escribir_fila([fila.folio, fila.nivel, fila.boletas, *chances]))
    return "".join(lineas).encode()


def en_palabras(p: float) -> tuple[str, dict[str, int]]:
    """The name of a sentence and the numbers that it says: a chance as people say it, and never as certain."""
    if p > 1 - 1 / (2 * _DENOMINADOR):
        return "probabilidad_casi_segura", {}
    if p < 1 / 1000:
        return "probabilidad_casi_ninguna", {}
    if p < 1 / _DENOMINADOR:
        return "probabilidad_de_cada", {"de": 1, "cada": round(1 / p)}
    cerca = Fraction(p).limit_denominator(_DENOMINADOR)
    return "probabilidad_de_cada", {"de": cerca.numerator, "cada": cerca.denominator}


def _intervalo(ganadas: float, n: int) -> dict[str, float]:
    """The share `ganadas` of `n` draws with the interval of Wilson (1927). `ganadas` may be the mean of a group: its
    share varies from draw to draw no more than that of one of them, so the interval is wide enough for it too."""
    p = ganadas / n
    centro = (p + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
    radio = _Z / (1 + _Z**2 / n) * math.sqrt(p * (1 - p) / n + _Z**2 / (4 * n**2))
    return {
        "probabilidad": round(p, 6),
        "minimo": round(max(0.0, centro - radio), 6),
        "maximo": round(min(1.0, centro + radio), 6),
    }


def _celdas(una: ProbabilidadOut | None) -> tuple[object, ...]:
    return (None, None, None) if una is None else (una.probabilidad, una.minimo, una.maximo)
