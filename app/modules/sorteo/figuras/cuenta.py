"""What the figures of one draw are counted from, summed line by line: no line is kept."""

from array import array
from collections import Counter

import attrs
from beanie import PydanticObjectId

from app.modules.sorteo.figuras.calculo import uniforme
from app.shared.repository import Fila

Deseo = tuple[PydanticObjectId, str]
"""A flat, and the kind of space that it asked for first."""


@attrs.define
class Cuenta:
    """`pedidos` and `recibidos`: lines by flat and kind, and of them those that got a space. `con`: whose requests got
    one. `azares`: of each line, where its number stands between 0 and 1 for its weight."""

    pedidos: Counter[Deseo] = attrs.field(factory=Counter)
    recibidos: Counter[Deseo] = attrs.field(factory=Counter)
    niveles: Counter[int] = attrs.field(factory=Counter)
    niveles_con: Counter[int] = attrs.field(factory=Counter)
    dados: Counter[tuple[str, str | None, bool]] = attrs.field(factory=Counter)
    con: set[PydanticObjectId] = attrs.field(factory=set)
    azares: "array[float]" = attrs.field(factory=lambda: array("d"))

    @property
    def lineas(self) -> int:
        return len(self.azares)

    def sumar(self, linea: Fila) -> None:
        """`linea`: with the fields that `LineaRepository` reads."""
        deseo: Deseo = linea["unidad_id"], linea["tipos"][0]
        self.pedidos[deseo] += 1
        self.niveles[linea["nivel"]] += 1
        self.azares.append(uniforme(linea["numero"], linea["boletas"]))
        if linea["espacio_tipo"] is not None:
            self.recibidos[deseo] += 1
            self.niveles_con[linea["nivel"]] += 1
            self.dados[linea["espacio_tipo"], linea["espacio_reserva"], linea["prestado"]] += 1
            self.con.add(linea["solicitud_id"])

    @property
    def deseos(self) -> dict[Deseo, bool]:
        """By flat and kind, whether it got one."""
        return {deseo: deseo in self.recibidos for deseo in self.pedidos}
