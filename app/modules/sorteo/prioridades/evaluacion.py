"""The level and the balls that the rules give to a request by its facts. Pure: no clock, no database.

`evaluar` asks of every rule whether all its conditions hold:

| campo | igual, distinto | mayor_igual, menor_igual |
| --- | --- | --- |
| `condicion` | the flat has that condition, has it not | |
| `tenencia`, `torre`, `tipo_vehiculo` | is that, is another | |
| `tuvo_espacio_anterior`, `al_dia`, `electrico` | is true or false | |
| `antiguedad_meses`, `sorteos_perdidos`, `sanciones_vigentes` | as numbers | as numbers |

Nobody gains or loses by what is not known: no condition about an unknown `tenencia` or `antiguedad_meses` holds, not
even `distinto`, and multiplied by it there are no balls. That a flat has no tower is known: `igual` never holds,
`distinto` always does. Towers compare as flats do, without case and with spaces squeezed. `tipo_vehiculo` is the kind
of the vehicle, not the type in its record: an electric carro is `carro_electrico`, so `igual carro` does not hold for
it.
"""

from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from beanie import PydanticObjectId

from app.modules.sorteo.custodia.ports import Alterado
from app.modules.sorteo.prioridades.models import Condicion, Regla
from app.shared.utils import plegado

NIVEL_SIN_REGLA = 5
MAX_BOLETAS = 100


@dataclass(frozen=True, slots=True)
class Hechos:
    """What is true of a request when it is judged. `condiciones`: the verified, unexpired codes that count for the
    flat. None means unknown, but `torre` None means that the flat has no tower.
    `sancionada`: a sanction keeps the flat out, `habitantes`: who lives there, and `alterado`: what somebody wrote on
    the database; no rule looks at them."""

    condiciones: frozenset[str]
    tenencia: str | None
    torre: str | None
    antiguedad_meses: int | None
    sorteos_perdidos: int
    sanciones_vigentes: int
    tuvo_espacio_anterior: bool
    al_dia: bool
    tipo_vehiculo: str
    electrico: bool
    sancionada: bool = False
    habitantes: tuple[PydanticObjectId, ...] = ()
    alterado: Alterado | None = None


@dataclass(frozen=True, slots=True)
class Evaluacion:
    """`nivel` 0–9, the smaller the better; `boletas` 1–100; `reglas`: codes of those that hold, in the order given."""

    nivel: int
    boletas: int
    reglas: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Suerte:
    """One request of a flat in a draw. `ofrecida`: the request was offered a space at some time."""

    sorteo_id: PydanticObjectId
    ofrecida: bool


def evaluar(reglas: Sequence[Regla], hechos: Hechos) -> Evaluacion:
    cumplidas = [regla for regla in reglas if all(_se_cumple(c, hechos) for c in regla.condiciones)]
    efectos = [regla.efecto for regla in cumplidas]
    mejor = min((e.nivel for e in efectos if e.nivel is not None), default=NIVEL_SIN_REGLA)
    tope = max((e.no_mejor_que for e in efectos if e.no_mejor_que is not None), default=0)
    return Evaluacion(
        nivel=max(mejor, tope),
        boletas=min(MAX_BOLETAS, 1 + sum(_boletas(regla, hechos) for regla in cumplidas)),
        reglas=tuple(regla.codigo for regla in cumplidas),
    )


def meses_cumplidos(desde: date, hasta: date) -> int:
    """Whole months from one day to another, 0 when it is the earlier. A month that is too short ends on its last day:
    one month from 31 January is complete on 28 February (Código Civil colombiano, art. 67)."""
    aniversario = min(desde.day, monthrange(hasta.year, hasta.month)[1])
    meses = (hasta.year - desde.year) * 12 + hasta.month - desde.month - (hasta.day < aniversario)
    return max(0, meses)


def perdidos_seguidos(
    historia: Sequence[Suerte], orden_publicacion: Mapping[PydanticObjectId, datetime], previos: int
) -> int:
    """How many draws in a row, the latest published first, a flat has lost for one kind of vehicle.

    `historia`: its requests for that kind, in any order; several in one draw lost it only if none was offered a space.
    `orden_publicacion`: when each draw was published; a draw that is not in it (unpublished, annulled, a rehearsal)
    does not count, nor break the row. `previos`, the losses from before ParkNet, stand before the first draw: they are
    added only while nothing has broken the row.
    """
    ofrecida: dict[PydanticObjectId, bool] = {}
    for suerte in historia:
        if suerte.sorteo_id in orden_publicacion:
            ofrecida[suerte.sorteo_id] = ofrecida.get(suerte.sorteo_id, False) or suerte.ofrecida
    perdidos = 0
    for sorteo_id in sorted(ofrecida, key=lambda id: (orden_publicacion[id], id), reverse=True):
        if ofrecida[sorteo_id]:
            return perdidos
        perdidos += 1
    return perdidos + previos


def _se_cumple(condicion: Condicion, hechos: Hechos) -> bool:
    valor = condicion.valor
    if condicion.campo == "condicion":
        return (valor in hechos.condiciones) is (condicion.operador == "igual")
    hecho: str | int | None = getattr(hechos, condicion.campo)
    if condicion.campo == "torre":
        hecho, valor = _torre(hecho), _torre(valor)
    elif hecho is None:
        return False
    match condicion.operador:
        case "igual":
            return hecho == valor
        case "distinto":
            return hecho != valor
    if not isinstance(hecho, int) or not isinstance(valor, int):
        return False
    return hecho >= valor if condicion.operador == "mayor_igual" else hecho <= valor


def _torre(torre: str | int | None) -> str:
    return plegado(str(torre)) if torre is not None else ""


def _boletas(regla: Regla, hechos: Hechos) -> int:
    """The balls that `regla` gives. With `por_unidad`, they are multiplied by that fact."""
    boletas, campo = regla.efecto.boletas or 0, regla.efecto.por_unidad
    if campo is None:
        return boletas
    veces: int | None = getattr(hechos, campo)
    return boletas * (veces or 0)
