"""What is allowed of a draw and is probably not meant. Pure."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from app.modules.sorteo.prioridades.models import Regla


class CodigoAdvertencia(StrEnum):
    """`tipo_sin_espacio`: a kind of vehicle may ask, and no space of the draw is for it. `regla_sin_nadie`: a rule
    holds for nobody."""

    tipo_sin_espacio = "tipo_sin_espacio"
    regla_sin_nadie = "regla_sin_nadie"


class Advertencia(BaseModel):
    """`datos`: the kind of vehicle (`tipo`), or the code of the rule (`regla`)."""

    model_config = ConfigDict(frozen=True)

    codigo: CodigoAdvertencia
    datos: Mapping[str, str]


def tipos_sin_espacio(
    compatibilidad: Mapping[str, Sequence[str]], tipos_de_espacio: Collection[str]
) -> list[Advertencia]:
    return [
        Advertencia(codigo=CodigoAdvertencia.tipo_sin_espacio, datos={"tipo": clase})
        for clase, tipos in compatibilidad.items()
        if not any(tipo in tipos_de_espacio for tipo in tipos)
    ]


def reglas_sin_nadie(reglas: Iterable[Regla], cumplidas: Collection[str]) -> list[Advertencia]:
    return [
        Advertencia(codigo=CodigoAdvertencia.regla_sin_nadie, datos={"regla": regla.codigo})
        for regla in reglas
        if regla.codigo not in cumplidas
    ]
