"""What stands in the way of a request: what refuses it at once, and what would refuse it at the closing."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Protocol

import attrs
from beanie import PydanticObjectId

from app.modules.solicitudes.estados import Fase, Impedimento
from app.modules.solicitudes.exceptions import SinEspacioCompatible, SolicitudAlterada, VehiculoAjeno, YaTieneEspacio
from app.modules.solicitudes.models import (
    Terminos,
    VehiculoPedido,
    Ventanilla,
    VentanillaVista,
    tipo_de_clase,
)
from app.modules.solicitudes.ports import EspacioOcupado, Espacios, Ficha, Padron, Peticion
from app.shared.exceptions import EntradaInvalida, ErrorDeCampo
from app.shared.reading import Ids, Lectura

NO_AL_DIA = Impedimento.no_al_dia.value
SANCIONADA = Impedimento.sancionada.value
YA_TIENE_ESPACIO = Impedimento.ya_tiene_espacio.value
SIN_ESPACIO_COMPATIBLE = Impedimento.sin_espacio_compatible.value
_RECHAZOS = {YA_TIENE_ESPACIO: YaTieneEspacio, SIN_ESPACIO_COMPATIBLE: SinEspacioCompatible}


class Juzgable(Protocol):
    """A request as its draw sees it, as far as it is judged."""

    @property
    def unidad_id(self) -> PydanticObjectId: ...
    @property
    def clase(self) -> str: ...
    @property
    def tipos(self) -> Sequence[str]: ...
    @property
    def usa_condiciones(self) -> bool: ...


class Juzgada(Protocol):
    """What its flat is judged by: see `Ficha`."""

    @property
    def al_dia(self) -> bool: ...
    @property
    def condiciones(self) -> frozenset[str]: ...
    @property
    def sancionada(self) -> bool: ...


@attrs.frozen
class Pedido:
    """As much of a request as judging it takes."""

    unidad_id: PydanticObjectId
    clase: str
    tipos: Sequence[str]
    usa_condiciones: bool


EnSuSorteo = tuple[Ventanilla | VentanillaVista, Juzgable]


@attrs.define(kw_only=True)
class Juez:
    """Judges many at once, with as many queries as for one."""

    _padron: Padron
    _espacios: Espacios

    async def juzgar(self, pedidos: Sequence[EnSuSorteo]) -> list[list[str]]:
        """See `juzgar`."""
        unidades = {pedido.unidad_id for _, pedido in pedidos}
        (fichas, _), ocupados = await self._padron.fichas(unidades=unidades).con(self.ocupados(unidades))
        return juzgar(pedidos, fichas=fichas, ocupados=ocupados)

    async def juzgar_por(self, ventanilla: Ventanilla, pedidos: Sequence[tuple[Juzgable, Juzgada]]) -> list[list[str]]:
        """The same of requests in one draw, each with what is known of its flat."""
        de_cada = _por_unidad(await self.ocupados({pedido.unidad_id for pedido, _ in pedidos}))
        terminos, clases = ventanilla.terminos, ventanilla.clases
        return [_juzgar(pedido, terminos, suya, de_cada.get(pedido.unidad_id, ()), clases) for pedido, suya in pedidos]

    def ocupados(self, unidades: Ids) -> Lectura[Sequence[EspacioOcupado]]:
        """What those flats hold, on whatever day."""
        if not unidades:
            return Lectura.hecha(())
        return self._espacios.ocupados(unidades=unidades, desde=date.min, hasta=date.max)

    async def exigir_preferencias(
        self, ventanilla: Ventanilla, preferencias: Sequence[str], tipos: Collection[str] | None
    ) -> None:
        """Each is a space of the draw, spelt as the space is, and of one of `tipos` (None: whatever kind). A draft has
        no spaces yet. Raises EntradaInvalida."""
        if not preferencias or ventanilla.fase is Fase.borrador:
            return
        hallados = await self._espacios.tipos(sorteo_id=ventanilla.oid, codigos=preferencias)
        fallas = [
            ErrorDeCampo(f"preferencias.{n}", "espacio_incompatible" if codigo in hallados else "no_existe", {})
            for n, codigo in enumerate(preferencias)
            if codigo not in hallados or (tipos is not None and hallados[codigo] not in tipos)
        ]
        if fallas:
            raise EntradaInvalida(*fallas)

    async def usables(self, ventanilla: Ventanilla, preferencias: Sequence[str], tipos: Collection[str]) -> list[str]:
        """Of those, the spaces of the draw that are of one of `tipos`."""
        if not preferencias:
            return []
        hallados = await self._espacios.tipos(sorteo_id=ventanilla.oid, codigos=preferencias)
        return [codigo for codigo in preferencias if hallados.get(codigo) in tipos]


def juzgar(
    pedidos: Sequence[EnSuSorteo],
    *,
    fichas: Mapping[PydanticObjectId, Ficha],
    ocupados: Sequence[EspacioOcupado],
) -> list[list[str]]:
    """The impediments of each in its draw, in the order in which they are judged; empty where there is none. `fichas`
    and `ocupados`: of their flats."""
    # By draw, of which there are few: each document is looked into once.
    terminos = {id(ventanilla): ventanilla.terminos for ventanilla, _ in pedidos}
    clases = {id(ventanilla): ventanilla.clases for ventanilla, _ in pedidos}
    de_cada = _por_unidad(ocupados)
    return [
        _juzgar(
            pedido,
            terminos[id(ventanilla)],
            fichas.get(pedido.unidad_id),
            de_cada.get(pedido.unidad_id, ()),
            clases[id(ventanilla)],
        )
        for ventanilla, pedido in pedidos
    ]


def _por_unidad(ocupados: Sequence[EspacioOcupado]) -> Mapping[PydanticObjectId, Sequence[EspacioOcupado]]:
    de_cada: dict[PydanticObjectId, list[EspacioOcupado]] = {}
    for ocupado in ocupados:
        de_cada.setdefault(ocupado.unidad_id, []).append(ocupado)
    return de_cada


def _juzgar(
    pedido: Juzgable,
    terminos: Terminos,
    ficha: Juzgada | None,
    ocupados: Sequence[EspacioOcupado],
    clases: Sequence[tuple[str, str | None]],
) -> list[str]:
    impedimentos = []
    # Where arrears are judged at the hand-in, they refuse it there, and the closing does not ask again.
    if terminos.exige_al_dia and terminos.al_dia_en == "cierre" and not (ficha and ficha.al_dia):
        impedimentos.append(NO_AL_DIA)
    if ficha and ficha.sancionada:
        impedimentos.append(SANCIONADA)
    if any(_ya_sirve(ocupado, pedido.clase, terminos) for ocupado in ocupados):
        impedimentos.append(YA_TIENE_ESPACIO)
    condiciones = ficha.condiciones if ficha and pedido.usa_condiciones else frozenset()
    if not any(
        tipo in pedido.tipos and (reserva is None or reserva in condiciones or terminos.liberar_reservas)
        for tipo, reserva in clases
    ):
        impedimentos.append(SIN_ESPACIO_COMPATIBLE)
    return impedimentos


def _ya_sirve(ocupado: EspacioOcupado, clase: str, terminos: Terminos) -> bool:
    """Whether the flat has that space for such a vehicle on some day of the term."""
    if ocupado.desde > terminos.hasta or ocupado.hasta < terminos.desde:
        return False
    if ocupado.tipo is not None:
        return ocupado.tipo == tipo_de_clase(clase)
    return ocupado.tipo_espacio in terminos.compatibilidad.get(clase, [])


def vehiculo_de(peticion: Peticion, unidad_id: PydanticObjectId, sorteo_id: PydanticObjectId) -> VehiculoPedido:
    """The flat's vehicle, to be asked for in that draw. Raises VehiculoAjeno, the same for another's and for none, and
    SolicitudAlterada where somebody wrote on the database what it is."""
    vehiculo = peticion.vehiculo
    if vehiculo is None or vehiculo.unidad_id != unidad_id:
        raise VehiculoAjeno()
    if "vehiculo" in peticion.alterados:
        raise SolicitudAlterada(sorteo_id, donde="vehiculo", objeto=vehiculo.id)
    return VehiculoPedido(id=vehiculo.id, tipo=vehiculo.tipo, electrico=vehiculo.electrico, placa=vehiculo.placa)


def tipos_de(terminos: Terminos, clase: str, acepta: list[str] | None) -> list[str]:
    """The kinds of space the vehicle may use, the preferred first. Raises EntradaInvalida when `acepta` has others."""
    if acepta is not None and not set(acepta) <= set(terminos.compatibilidad.get(clase, [])):
        raise EntradaInvalida.en("acepta", "valor_no_admitido")
    return terminos.admite(clase, acepta)


def exigir_espacio(impedimentos: Sequence[str]) -> None:
    """Raises the impediment that refuses a request at once. Arrears and sanctions do not: they are judged at the
    closing."""
    for impedimento in impedimentos:
        if impedimento in _RECHAZOS:
            raise _RECHAZOS[impedimento]()
