"""What would refuse a request at the closing, judged for many at once: three queries whatever their number."""

from collections.abc import Sequence
from dataclasses import dataclass

from beanie import PydanticObjectId

from app.modules.solicitudes.models import Solicitud, Terminos, Ventanilla
from app.modules.solicitudes.ports import EspacioOcupado, Espacios, Padron, Situacion

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
        return await self.juzgar_varios([(ventanilla, pedido) for pedido in pedidos])

    async def juzgar_varios(self, pedidos: Sequence[tuple[Ventanilla, Pedido]]) -> list[list[str]]:
        """The same, of requests in several draws."""
        if not pedidos:
            return []
        terminos = [ventanilla.terminos for ventanilla, _ in pedidos]
        unidades = sorted({pedido.unidad_id for _, pedido in pedidos})
        situaciones = await self._padron.situaciones(unidades=unidades)
        ocupados = await self._espacios.ocupados(
            unidades=unidades, desde=min(t.desde for t in terminos), hasta=max(t.hasta for t in terminos)
        )
        de_cada: dict[tuple[PydanticObjectId, str], list[EspacioOcupado]] = {}
        for ocupado in ocupados:
            de_cada.setdefault((ocupado.unidad_id, ocupado.clase), []).append(ocupado)
        clases = await self._espacios.clases(sorteos=sorted({ventanilla.oid for ventanilla, _ in pedidos}))
        return [
            _juzgar(
                pedido,
                ventanilla.terminos,
                situaciones.get(pedido.unidad_id),
                de_cada.get((pedido.unidad_id, pedido.clase), []),
                clases.get(ventanilla.oid, []),
            )
            for ventanilla, pedido in pedidos
        ]


def _juzgar(
    pedido: Pedido,
    terminos: Terminos,
    situacion: Situacion | None,
    ocupados: Sequence[EspacioOcupado],
    clases: Sequence[tuple[str, str | None]],
) -> list[str]:
    impedimentos = []
    # Where arrears are judged at the hand-in, they refuse it there, and the closing does not ask again.
    if terminos.exige_al_dia and terminos.al_dia_en == "cierre" and not (situacion and situacion.al_dia):
        impedimentos.append(NO_AL_DIA)
    if any(o.desde <= terminos.hasta and o.hasta >= terminos.desde for o in ocupados):
        impedimentos.append(YA_TIENE_ESPACIO)
    condiciones = situacion.condiciones if situacion and pedido.usa_condiciones else frozenset()
    if not any(
        tipo in pedido.tipos and (reserva is None or reserva in condiciones or terminos.liberar_reservas)
        for tipo, reserva in clases
    ):
        impedimentos.append(SIN_ESPACIO_COMPATIBLE)
    return impedimentos
