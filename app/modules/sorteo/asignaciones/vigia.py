"""What no act left as it is ends nothing and gives nothing, and the audit says which.

A mark says nothing of an assignment that is put back as it once was: of those that ended early or were claimed back the
audit was told.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, ClassVar

import attrs
from beanie import PydanticObjectId

from app.modules.sorteo.asignaciones.marcas import MarcasDeAsignaciones, en_fila, principio
from app.modules.sorteo.asignaciones.models import Asignacion
from app.modules.sorteo.asignaciones.repository import ESCRITAS, AsignacionRepository
from app.modules.sorteo.custodia.ports import Bitacora
from app.modules.sorteo.custodia.vigia import ASIGNACION, Denuncia, Vigia, decir_alterado
from app.modules.sorteo.exceptions import AsignacionAlterada
from app.shared.repository import Fila


@attrs.define(kw_only=True)
class CambiosDeAsignaciones:
    """What the audit was told of assignments that changed."""

    _marcas: MarcasDeAsignaciones
    _bitacora: Bitacora

    async def dichos(self) -> Mapping[str, str]:
        """The last of each, by id. To be read before the rows."""
        ultimos: dict[str, str] = {}
        async for varios in self._bitacora.dichos_por_partes(tipo=ESCRITAS):
            for datos in varios:
                ultimos |= datos
        await self._bitacora.denunciar_huecos()
        return ultimos

    def valen(self, fila: Mapping[str, Any], dichos: Mapping[str, str]) -> bool:
        """Whether one, as it is stored, is what an act made it, the last of which was told."""
        return self._marcas.valen(fila) and _es_el_ultimo(fila, dichos)

    def rigen(self, fila: Mapping[str, Any], dichos: Mapping[str, str]) -> bool:
        """Whether it is in force by that, whatever state somebody wrote there."""
        return self._marcas.rige(fila) and _es_el_ultimo(fila, dichos)


@attrs.define(kw_only=True)
class VigiaDeAsignaciones(Vigia):
    """Goes through those in force. What the audit was told (`_dichos`) is read anew for each walk."""

    suceso = ASIGNACION
    _asignaciones: AsignacionRepository
    _cambios: CambiosDeAsignaciones
    _vigentes: ClassVar[bool] = True
    _dichos: Mapping[str, str] = attrs.field(init=False, factory=dict)

    async def es_de_un_acto(self, asignacion: Asignacion) -> bool:
        """What is not is denounced."""
        fila = en_fila(asignacion)
        if self._cambios.valen(fila, self._dichos) or self._cambios.valen(fila, await self._cambios.dichos()):
            return True
        await self._denunciar(asignacion.oid, {})
        return False

    async def exigir(self, asignacion: Asignacion) -> None:
        """That it is what an act made it, the last that was told: in the transaction that is to change it. Raises
        AsignacionAlterada."""
        if not self._cambios.valen(en_fila(asignacion), await self._cambios.dichos()):
            raise AsignacionAlterada(asignacion.oid)

    async def decir(self, alteradas: Sequence[PydanticObjectId]) -> None:
        """Tell the audit of these in the transaction in course, which lets them be."""
        for id in alteradas:
            await decir_alterado(self._bitacora, self.suceso, id, {})

    async def _siguientes(self, ultimo: PydanticObjectId | None, limite: int) -> Sequence[Fila]:
        if ultimo is None:
            self._dichos = await self._cambios.dichos()
        return await self._asignaciones.por_vigilar(despues_de=ultimo, limite=limite, vigentes=self._vigentes)

    async def _denunciar(self, id: PydanticObjectId, _: Mapping[str, str]) -> None:
        await self._uow.run(partial(self._si_no_vale, id))

    async def _si_no_vale(self, id: PydanticObjectId) -> None:
        """In one transaction: it may have changed since what was told was read, for the walk or for the gate."""
        dichos, fila = await self._cambios.dichos(), await self._asignaciones.creidas(id)
        if fila is not None and not self._cambios.valen(fila, dichos):
            await self.decir([id])

    def _alteradas(self, filas: Sequence[Fila]) -> Sequence[Denuncia]:
        return [(fila["_id"], {}) for fila in filas if not self._cambios.valen(fila, self._dichos)]


class VigiaDeTerminadas(VigiaDeAsignaciones):
    """Goes through those that ended, of which there are more each year: so that nobody ends one for a moment."""

    _vigentes: ClassVar[bool] = False


def _es_el_ultimo(fila: Mapping[str, Any], dichos: Mapping[str, str]) -> bool:
    return dichos.get(str(fila["_id"])) in (None, principio(fila["precinto"]))
