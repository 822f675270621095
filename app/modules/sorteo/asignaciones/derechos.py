"""A reserved space that is claimed back becomes the right of the flat that needs it. Its condition, and the one for
which the space is reserved, are believed only as an act stated them."""

from datetime import date
from zoneinfo import ZoneInfo

import attrs
from beanie import PydanticObjectId

from app.core.clock import ahora, hoy
from app.modules.sorteo.asignaciones.models import Asignacion
from app.modules.sorteo.custodia.dichos import DichosDeSorteo
from app.modules.sorteo.espacios.models import Titular
from app.modules.sorteo.espacios.ports import Reclamos
from app.modules.sorteo.espacios.repository import EspacioRepository
from app.modules.sorteo.espacios.vigia import VigiaDeEspacios
from app.modules.sorteo.exceptions import BasesAlteradas, EspacioOcupado, SinDerecho
from app.modules.sorteo.ports import Padron
from app.shared.exceptions import EntradaInvalida


@attrs.define(kw_only=True)
class Derechos:
    """Every call joins the transaction of its caller."""

    _espacios: EspacioRepository
    _vigia: VigiaDeEspacios
    _dichos: DichosDeSorteo
    _reclamos: Reclamos
    _padron: Padron
    _zona: ZoneInfo

    async def dar(self, asignacion: Asignacion, unidad_id: PydanticObjectId, desde: date, motivo: str | None) -> None:
        """The space is that flat's outside the draws, to the end of the term of `asignacion`. Raises EntradaInvalida,
        SinDerecho, EspacioOcupado, BasesAlteradas."""
        if not await self._padron.ocupar_unidad(unidad_id=unidad_id):
            raise EntradaInvalida.en("unidad_id", "no_existe")
        reserva = await self._reserva(asignacion.espacio)
        if reserva is None or reserva not in await self._condiciones(unidad_id):
            raise SinDerecho()
        titular = Titular(unidad_id=unidad_id, motivo=motivo or reserva, desde=desde, hasta=asignacion.hasta)
        antes = await self._espacios.get_by_codigo(asignacion.espacio)
        if antes is None or (antes.titular is not None and antes.titular.rige_entre(desde, asignacion.hasta)):
            raise EspacioOcupado()
        dado = await self._espacios.cambiar(
            codigo=antes.codigo,
            cambios={"titular": titular, "actualizado_en": ahora()},
            dichos=["titular"],
            libre=(desde, titular.hasta),
        )
        if dado is None:
            raise EspacioOcupado()
        await self._reclamos.exigir_sin_nadie(dado, desde=desde, hasta=titular.hasta)

    async def _reserva(self, codigo: str) -> str | None:
        """The condition that the space is kept for, as was stated last. Raises BasesAlteradas."""
        dichas = await self._dichos.espacios.dichas()
        filas = await self._espacios.creidos([codigo])
        await self._vigia.exigir(filas, dichas)
        if (sin_decir := await self._dichos.espacios.sin_decir(dichas)) is not None:
            raise BasesAlteradas(donde=sin_decir[1], objeto=sin_decir[0], espacio=codigo)
        reserva: str | None = filas[0]["reserva"] if filas else None
        return reserva

    async def _condiciones(self, unidad_id: PydanticObjectId) -> frozenset[str]:
        """Those that count today in that flat, as was stated last. Raises BasesAlteradas."""
        dichas = await self._padron.dichas()
        viven = (await self._padron.residentes_de(unidades=[unidad_id])).get(unidad_id, ())
        if not viven:
            return frozenset()
        (hechos,) = await self._padron.hechos(
            pares=[(unidad_id, viven[0])], el=hoy(self._zona), vivian=[viven], dichas=dichas
        )
        if (alterado := hechos.alterado or await self._padron.sin_decir(dichas)) is not None:
            raise BasesAlteradas(donde=alterado.hecho, objeto=str(alterado.objeto))
        return hechos.condiciones
