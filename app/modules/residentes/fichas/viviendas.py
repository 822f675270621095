"""Where somebody lives, for who acts on behalf of a flat: read with the marks of it, in one query. A closing looks at
everybody; whoever writes on the database that somebody lives elsewhere, for the moment in which they consent, decline
or give back, finds here that nobody stated that."""

import attrs
from beanie import PydanticObjectId

from app.modules.residentes.hechos import DichosDelPadron, MarcasDelPadron
from app.modules.residentes.models import EstadoResidente
from app.modules.residentes.repository import ResidenteRepository

_HECHOS = ("estado", "unidades")


@attrs.frozen(kw_only=True)
class Vivienda:
    """`unidades`: also of an inactive resident. `dejadas`: flats that they left, each with a draw that was on then.
    `alterado`: which fact of it is not what was stated."""

    activo: bool
    unidades: tuple[PydanticObjectId, ...]
    dejadas: frozenset[tuple[PydanticObjectId, PydanticObjectId]]
    alterado: str | None

    @property
    def ocupadas(self) -> tuple[PydanticObjectId, ...]:
        return self.unidades if self.activo else ()


@attrs.define(kw_only=True)
class Viviendas:
    _residentes: ResidenteRepository
    _marcas: MarcasDelPadron
    _dichos: DichosDelPadron

    async def de(self, residente_id: PydanticObjectId, *, actua: bool) -> Vivienda | None:
        """`actua`: what they do is done on behalf of where they live, so it has to be what was stated last, as far as
        the audit was told; for who looks, that somebody stated it is enough."""
        dichas = await self._dichos.residentes.dichas_de(residente_id) if actua else None
        fila = await self._residentes.vivienda(residente_id)
        if fila is None:
            return None
        return Vivienda(
            activo=fila["estado"] == EstadoResidente.activo,
            unidades=tuple(ocupacion["unidad_id"] for ocupacion in fila["unidades"]),
            dejadas=frozenset((d["unidad_id"], sorteo) for d in fila.get("dejadas", ()) for sorteo in d["sorteos"]),
            alterado=self._marcas.residentes.rota(fila, _HECHOS, dichas),
        )
