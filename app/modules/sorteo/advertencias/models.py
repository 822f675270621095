"""What is allowed of a draw and is probably not meant. Pure."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, timedelta
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from app.modules.sorteo.prioridades.models import Regla
from app.shared.utils import CLASES_DE_VEHICULO

LEJOS = timedelta(days=366)
LARGA = timedelta(days=400)


class CodigoAdvertencia(StrEnum):
    """`tipo_sin_espacio`: a kind of vehicle may ask, and no space of the draw is for it. `tipo_inexistente`: it may use
    a kind of space that the draw has none of. `espacio_sin_tipo`: the draw has a kind of space that no vehicle may use.
    `regla_sin_nadie`: a rule holds for nobody. The rest is of a term in the wrong year: it is over (`vigencia_pasada`),
    begins in more than a year (`vigencia_lejana`), lasts for more than thirteen months (`vigencia_larga`), or is over
    before the number can be known (`fuente_tardia`)."""

    tipo_sin_espacio = "tipo_sin_espacio"
    tipo_inexistente = "tipo_inexistente"
    espacio_sin_tipo = "espacio_sin_tipo"
    regla_sin_nadie = "regla_sin_nadie"
    vigencia_pasada = "vigencia_pasada"
    vigencia_lejana = "vigencia_lejana"
    vigencia_larga = "vigencia_larga"
    fuente_tardia = "fuente_tardia"


class Advertencia(BaseModel):
    """`datos`: the kind of vehicle (`tipo`), the kind of space (`tipo_espacio`), the code of the rule (`regla`), or the
    day (`desde`, `hasta`)."""

    model_config = ConfigDict(frozen=True)

    codigo: CodigoAdvertencia
    datos: Mapping[str, str]


def de_espacios(compatibilidad: Mapping[str, Sequence[str]], tipos_de_espacio: Collection[str]) -> list[Advertencia]:
    servidas = {clase for clase, tipos in compatibilidad.items() if any(tipo in tipos_de_espacio for tipo in tipos)}
    usables = {tipo for tipos in compatibilidad.values() for tipo in tipos}
    return [
        *(_una(CodigoAdvertencia.tipo_sin_espacio, tipo=clase) for clase in compatibilidad if clase not in servidas),
        *(
            _una(CodigoAdvertencia.tipo_inexistente, tipo=clase, tipo_espacio=tipo)
            for clase, tipos in compatibilidad.items()
            for tipo in tipos
            # Kinds of space that are named as vehicles are stand in the defaults, whether or not the house has any.
            if clase in servidas and tipo not in tipos_de_espacio and tipo not in CLASES_DE_VEHICULO
        ),
        *(
            _una(CodigoAdvertencia.espacio_sin_tipo, tipo_espacio=tipo)
            for tipo in sorted(tipos_de_espacio)
            if tipo not in usables
        ),
    ]


def de_fechas(*, desde: date, hasta: date, conocible_el: date, hoy: date) -> list[Advertencia]:
    halladas = {
        CodigoAdvertencia.vigencia_pasada: (hasta < hoy, {"hasta": hasta}),
        CodigoAdvertencia.vigencia_lejana: (desde - hoy > LEJOS, {"desde": desde}),
        CodigoAdvertencia.vigencia_larga: (hasta - desde > LARGA, {"desde": desde, "hasta": hasta}),
        CodigoAdvertencia.fuente_tardia: (hasta < conocible_el, {"hasta": hasta}),
    }
    return [
        _una(codigo, **{nombre: dia.isoformat() for nombre, dia in dias.items()})
        for codigo, (hallada, dias) in halladas.items()
        if hallada
    ]


def reglas_sin_nadie(reglas: Iterable[Regla], cumplidas: Collection[str]) -> list[Advertencia]:
    return [
        _una(CodigoAdvertencia.regla_sin_nadie, regla=regla.codigo) for regla in reglas if regla.codigo not in cumplidas
    ]


def _una(codigo: CodigoAdvertencia, **datos: str) -> Advertencia:
    return Advertencia(codigo=codigo, datos=datos)
