"""What stands in the way of a request: what refuses it at once, and what would refuse it at the closing."""

from collections.abc import Sequence

import attrs
from beanie import PydanticObjectId

from app.modules.solicitudes.exceptions import SinEspacioCompatible, VehiculoAjeno, YaTieneEspacio
from app.modules.solicitudes.models import Solicitud, Terminos, VehiculoPedido, Ventanilla
from app.modules.solicitudes.ports import EspacioOcupado, Espacios, Padron, Situacion
from app.shared.exceptions import EntradaInvalida

NO_AL_DIA = "no_al_dia"
YA_TIENE_ESPACIO = "ya_tiene_espacio"
SIN_ESPACIO_COMPATIBLE = "sin_espacio_compatible"
_RECHAZOS = {YA_TIENE_ESPACIO: YaTieneEspacio, SIN_ESPACIO_COMPATIBLE: SinEspacioCompatible}


@attrs.frozen
class Pedido:
    """As much of a request as judging it takes."""

    unidad_id: PydanticObjectId
    clase: str
    tipos: Sequence[str]
    usa_condiciones: bool

    @classmethod
    def de(cls, solicitud: Solicitud) -> "Pedido":
        return cls(solicitud.unidad_id, solicitud.clase, solicitud.tipos, solicitud.usa_condiciones)


@attrs.define(kw_only=True)
class Juez:
    """Judges many at once, in three or four queries whatever their number."""

    _padron: Padron
    _espacios: Espacios

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


async def vehiculo_de(
    padron: Padron, unidad_id: PydanticObjectId, *, vehiculo_id: PydanticObjectId | None, placa: str | None = None
) -> VehiculoPedido:
    """The flat's vehicle. Raises VehiculoAjeno, the same for another's and for none."""
    vehiculo = await padron.vehiculo(vehiculo_id=vehiculo_id, placa=placa)
    if vehiculo is None or vehiculo.unidad_id != unidad_id:
        raise VehiculoAjeno()
    return VehiculoPedido(id=vehiculo.id, tipo=vehiculo.tipo, electrico=vehiculo.electrico, placa=vehiculo.placa)


def tipos_de(terminos: Terminos, clase: str, acepta: list[str] | None) -> list[str]:
    """The kinds of space the vehicle may use, the preferred first. Raises EntradaInvalida when `acepta` has others."""
    if acepta is not None and not set(acepta) <= set(terminos.compatibilidad.get(clase, [])):
        raise EntradaInvalida.en("acepta", "valor_no_admitido")
    return terminos.admite(clase, acepta)


def exigir_espacio(impedimentos: Sequence[str]) -> None:
    """Raises the impediment that refuses a request at once. Arrears do not: they are judged at the closing."""
    for impedimento in impedimentos:
        if impedimento in _RECHAZOS:
            raise _RECHAZOS[impedimento]()
