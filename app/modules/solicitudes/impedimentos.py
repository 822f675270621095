"""What would refuse a request at the closing, judged for many at once: three queries whatever their number."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from beanie import PydanticObjectId

from app.modules.solicitudes.models import Solicitud, Terminos, Ventanilla
from app.modules.solicitudes.ports import Espacios, Padron, Situacion

NO_AL_DIA = "no_al_dia"
YA_TIENE_ESPACIO = "ya_tiene_espacio"
SIN_ESPACIO_COMPATIBLE = "sin_espacio_compatible"


@dataclass(frozen=True, slots=True)
class Pedido:
    """As much of a request as judging it takes."""

    unidad_id: PydanticObjectId
    clase: str
    tipos: Sequence[str]
    usa_condiciones: bool

    @classmethod
    def de(cls, solicitud: Solicitud) -> "Pedido":
        return cls(solicitud.unidad_id, solicitud.clase, solicitud.tipos, solicitud.usa_condiciones)


class Juez:
    def __init__(self, *, padron: Padron, espacios: Espacios) -> None:
        self._padron = padron
        self._espacios = espacios

    async def juzgar(self, ventanilla: Ventanilla, pedidos: Sequence[Pedido]) -> list[list[str]]:
        """The impediments of each, in the order in which they are judged; empty where there is none."""
        if not pedidos:
            return []
        terminos = ventanilla.terminos
        unidades = sorted({p.unidad_id for p in pedidos})
        situaciones = await self._padron.situaciones(unidades=unidades)
        ocupadas = await self._espacios.ocupadas(unidades=unidades, desde=terminos.desde, hasta=terminos.hasta)
        clases = await self._espacios.clases(sorteo_id=ventanilla.oid)
        return [_juzgar(p, terminos, situaciones.get(p.unidad_id), ocupadas, clases) for p in pedidos]


def _juzgar(
    pedido: Pedido,
    terminos: Terminos,
    situacion: Situacion | None,
    ocupadas: Collection[tuple[PydanticObjectId, str]],
    clases: Sequence[tuple[str, str | None]],
) -> list[str]:
    impedimentos = []
    # Where arrears are judged at the hand-in, they refuse it there, and the closing does not ask again.
    if terminos.exige_al_dia and terminos.al_dia_en == "cierre" and not (situacion and situacion.al_dia):
        impedimentos.append(NO_AL_DIA)
    if (pedido.unidad_id, pedido.clase) in ocupadas:
        impedimentos.append(YA_TIENE_ESPACIO)
    condiciones = situacion.condiciones if situacion and pedido.usa_condiciones else frozenset()
    if not any(
        tipo in pedido.tipos and (reserva is None or reserva in condiciones or terminos.liberar_reservas)
        for tipo, reserva in clases
    ):
        impedimentos.append(SIN_ESPACIO_COMPATIBLE)
    return impedimentos
