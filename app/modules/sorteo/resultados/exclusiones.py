"""What a closing leaves out, and which facts staff changed while the draw was open."""

from collections.abc import Mapping, Sequence

import attrs
from beanie import PydanticObjectId

from app.modules.sorteo.models import Sorteo
from app.modules.sorteo.ports import Padron
from app.modules.sorteo.resultados.repository import ParticipanteRepository
from app.shared.repository import Fila


@attrs.define
class Cambios:
    """By folio, the changes that a closing lists. `folios`: those of each flat."""

    por_folio: dict[int, list[Fila]] = attrs.field(factory=dict)
    folios: dict[PydanticObjectId, list[int]] = attrs.field(factory=dict)

    def anotar(self, participantes: Sequence[Fila]) -> None:
        """As a closing writes them."""
        for suyo in participantes:
            self.folios.setdefault(suyo["unidad_id"], []).append(suyo["folio"])
            if suyo["cambios"]:
                self.por_folio[suyo["folio"]] = suyo["cambios"]

    def con(self, dichos: Mapping[PydanticObjectId, Sequence[Fila]]) -> dict[int, list[Fila]]:
        """Those of each folio whose flat has some that were not listed yet."""
        faltan: dict[int, list[Fila]] = {}
        for unidad_id in dichos.keys() & self.folios.keys():
            for folio in self.folios[unidad_id]:
                hay = self.por_folio.get(folio, [])
                if otros := [dicho for dicho in dichos[unidad_id] if dicho not in hay]:
                    faltan[folio] = sorted([*hay, *otros], key=lambda c: (c["cuando"], c["campo"]))
        self.por_folio |= faltan
        return faltan


@attrs.define(kw_only=True)
class Exclusiones:
    _participantes: ParticipanteRepository
    _padron: Padron

    async def completar(self, sorteo: Sorteo, ficha: str, cambios: Cambios) -> None:
        """After all facts were read: what stands with a flat of its changes may have been taken away, and each of which
        the audit was told is listed all the same."""
        desde = sorteo.abierto_en or sorteo.creado_en
        dichos = {
            unidad_id: [{"campo": c.campo, "cuando": c.cuando} for c in suyos]
            for unidad_id, suyos in (await self._padron.cambios_dichos(desde=desde)).items()
        }
        await self._participantes.poner_cambios(sorteo.oid, ficha, cambios.con(dichos))
