"""Takes back what an import of the roll made: a `Deshacedor`. What is other than the import left it stays, and so does
what somebody asked for a space with."""

from collections.abc import Mapping, Sequence
from typing import Any

import attrs
from beanie import PydanticObjectId

from app.core.clock import ahora
from app.core.imports.contract import Hecho
from app.core.security import Principal
from app.modules.residentes.hechos import DichosDelPadron
from app.modules.residentes.importacion.estado import Clase, Fila
from app.modules.residentes.importacion.repository import ResidentesDeLote, UnidadesDeLote, VehiculosDeLote
from app.modules.residentes.models import HECHOS
from app.modules.residentes.permisos import Permisos
from app.modules.residentes.ports import Reservas, Solicitudes
from app.modules.residentes.rotulos.repository import Rotulos
from app.modules.residentes.sanciones.repository import SancionRepository

_PROPIOS = {"actualizado_en"}
"""Fields that change with every other."""


@attrs.define(kw_only=True)
class DeshacedorDelPadron:
    _unidades: UnidadesDeLote
    _residentes: ResidentesDeLote
    _vehiculos: VehiculosDeLote
    _rotulos: Rotulos
    _permisos: Permisos
    _solicitudes: Solicitudes
    _sanciones: SancionRepository
    _reservas: Reservas
    _dichos: DichosDelPadron

    async def deshacer(self, hechos: Sequence[Hecho], quien: Principal) -> int:
        de = {clase: [hecho for hecho in hechos if hecho.clase == clase] for clase in Clase}
        return (
            await self._vehiculos_de(de[Clase.vehiculo])
            + await self._residentes_de(de[Clase.residente], quien)
            + await self._unidades_de(de[Clase.unidad], quien)
        )

    async def _vehiculos_de(self, hechos: Sequence[Hecho]) -> int:
        filas = await self._vehiculos.por_ids([hecho.id for hecho in hechos])
        iguales = _iguales(hechos, filas)
        pedidos = await self._solicitudes.con_solicitud(vehiculos=[hecho.id for hecho in iguales]) if iguales else ()
        libres = [hecho for hecho in iguales if hecho.id not in pedidos]
        await self._vehiculos.restaurar(libres)
        suyas = {filas[hecho.id]["unidad_id"] for hecho in libres}
        await self._unidades.anotar({unidad_id: set() for unidad_id in suyas}, ahora())
        await self._rotulos.de_unidades(suyas)
        return len(libres)

    async def _residentes_de(self, hechos: Sequence[Hecho], quien: Principal) -> int:
        filas = await self._residentes.por_ids([hecho.id for hecho in hechos])
        iguales = _iguales(hechos, filas)
        propio = await self._permisos.interesado(quien)
        pidieron = await self._que_pidieron(iguales, filas)
        libres = [h for h in iguales if h.id not in pidieron and (propio is None or h.id != propio.oid)]
        dejan = {hecho.id: _deja(hecho) for hecho in libres}
        vacias = await self._quedarian_vacias(dejan)
        libres = [hecho for hecho in libres if dejan[hecho.id].isdisjoint(vacias)]
        await self._residentes.restaurar(libres)
        self._dichos.residentes.borradas([hecho.id for hecho in libres if hecho.antes is None])
        await self._rotulos.de_residentes([hecho.id for hecho in libres if hecho.antes is not None])
        # They lived there, if only by an import: a draw that was on is not theirs to decide about.
        mudados = {h.id: dejan[h.id] for h in libres if h.antes is not None and dejan[h.id]}
        if mudados and (en_curso := await self._solicitudes.sorteos_en_curso()):
            await self._residentes.dejan(mudados, list(en_curso))
        notas: dict[PydanticObjectId, set[str]] = {}
        for hecho in libres:
            for unidad_id in _de_quien(filas[hecho.id]):
                notas.setdefault(unidad_id, set()).add("residentes")
        await self._unidades.anotar(notas, ahora())
        return len(libres)

    async def _que_pidieron(
        self, hechos: Sequence[Hecho], filas: Mapping[PydanticObjectId, Fila]
    ) -> frozenset[PydanticObjectId]:
        """Also those through whom a request was their flat's: a draw that closes asks for each of them."""
        if not hechos:
            return frozenset()
        hechas = [hecho.id for hecho in hechos if hecho.antes is None]
        unidades = sorted({unidad_id for id in hechas for unidad_id in _de_quien(filas[id])})
        return await self._solicitudes.que_pidieron(residentes=[hecho.id for hecho in hechos], unidades=unidades)

    async def _quedarian_vacias(
        self, dejan: Mapping[PydanticObjectId, frozenset[PydanticObjectId]]
    ) -> frozenset[PydanticObjectId]:
        """Flats with live requests in which nobody else would live."""
        dejadas = frozenset[PydanticObjectId]().union(*dejan.values())
        vivas = await self._solicitudes.unidades_con_vivas(unidades=sorted(dejadas)) if dejadas else frozenset()
        return vivas - await self._residentes.con_otros(vivas, menos=dejan.keys()) if vivas else vivas

    async def _unidades_de(self, hechos: Sequence[Hecho], quien: Principal) -> int:
        filas = await self._unidades.por_ids([hecho.id for hecho in hechos])
        propio = await self._permisos.interesado(quien)
        suyas = set() if propio is None else set(propio.ids_de_unidades)
        iguales = [hecho for hecho in _iguales(hechos, filas) if hecho.id not in suyas]
        hechas = [hecho.id for hecho in iguales if hecho.antes is None]
        en_uso = await self._en_uso(hechas) if hechas else set()
        libres = [hecho for hecho in iguales if hecho.id not in en_uso]
        await self._unidades.restaurar(libres)
        self._dichos.unidades.borradas([hecho.id for hecho in libres if hecho.antes is None])
        cambiadas = {hecho.id: set(hecho.antes) & HECHOS for hecho in libres if hecho.antes is not None}
        await self._unidades.anotar(cambiadas, ahora())
        pagaron = [hecho.id for hecho in libres if hecho.antes is not None and hecho.antes.get("al_dia")]
        await self._solicitudes.cambiaron(unidades=pagaron)
        return len(libres)

    async def _en_uso(self, unidades: Sequence[PydanticObjectId]) -> set[PydanticObjectId]:
        return {
            *await self._residentes.unidades_de_alguien(unidades),
            *await self._vehiculos.unidades_con_alguno(unidades),
            *await self._sanciones.unidades_con_alguna(unidades),
            *await self._solicitudes.unidades_con_historia(unidades=unidades),
            *await self._reservas.unidades_con_derecho(unidades=unidades),
        }


def _iguales(hechos: Sequence[Hecho], filas: Mapping[PydanticObjectId, Fila]) -> list[Hecho]:
    """Those whose thing is as the import left it."""
    return [
        hecho
        for hecho in hechos
        if (fila := filas.get(hecho.id)) is not None
        and all(fila.get(campo) == valor for campo, valor in hecho.despues.items() if campo not in _PROPIOS)
    ]


def _de_quien(fila: Mapping[str, Any]) -> frozenset[PydanticObjectId]:
    return frozenset(ocupacion["unidad_id"] for ocupacion in fila["unidades"])


def _deja(hecho: Hecho) -> frozenset[PydanticObjectId]:
    """The flats in which the person lives by the import alone."""
    if "unidades" not in hecho.despues:
        return frozenset()
    antes = frozenset[PydanticObjectId]() if hecho.antes is None else _de_quien(hecho.antes)
    return _de_quien(hecho.despues) - antes
