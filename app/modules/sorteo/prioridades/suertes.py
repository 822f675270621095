"""Whether what is stored of earlier draws bears itself out. Pure."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

import attrs
from beanie import PydanticObjectId

from app.core.facts.marks import Dichas
from app.modules.sorteo.prioridades.ports import SuerteDeUnidad

Par = tuple[PydanticObjectId, str]
"""A flat, and a kind of vehicle."""


@attrs.frozen
class DeAntes:
    """See `custodia.ports.Alterado`."""

    hecho: str
    objeto: PydanticObjectId


@attrs.define
class Vistas:
    """The flats that a closing looked at, and how many requests of theirs it found in each draw before. `afirmadas`:
    see `Suertes`. `dichas`: see `DeHechos`. `publicados`: the draws that count, and since when; `en_sus_dias`: those of
    them whose term has days of this one's. `escritas`: see `CambiosDeAsignaciones`."""

    afirmadas: Mapping[str, frozenset[str]] = attrs.field(factory=dict)
    dichas: Dichas = attrs.field(factory=Dichas)
    publicados: Mapping[PydanticObjectId, datetime] = attrs.field(factory=dict)
    en_sus_dias: frozenset[PydanticObjectId] = frozenset()
    escritas: Mapping[str, str] = attrs.field(factory=dict)
    unidades: set[bytes] = attrs.field(factory=set)
    por_sorteo: Counter[PydanticObjectId] = attrs.field(factory=Counter)

    def anotar(self, unidades: Iterable[PydanticObjectId], suertes: Iterable[SuerteDeUnidad]) -> None:
        """`suertes`: all of those flats."""
        nuevas = {unidad_id.binary for unidad_id in unidades} - self.unidades
        self.por_sorteo.update(s.sorteo_id for s in suertes if s.unidad_id.binary in nuevas)
        self.unidades |= nuevas


def alteradas_de(
    suertes: Mapping[Par, Sequence[SuerteDeUnidad]],
    ultimos: Mapping[str, PydanticObjectId],
    tuvieron: Collection[Par],
    publicados: Mapping[PydanticObjectId, datetime],
    afirmadas: Mapping[str, Collection[str]],
) -> dict[PydanticObjectId, DeAntes]:
    """By flat, what somebody wrote: a request that fared otherwise than it is marked, or assignments that are not those
    that came of requests. `ultimos`: by kind, the last draw that gave spaces; `tuvieron`: who got one, as assignments
    say."""
    alteradas: dict[PydanticObjectId, DeAntes] = {}
    tenian: set[Par] = set()
    for (unidad_id, clase), suyas in suertes.items():
        ultimo = ultimos.get(clase)
        for suerte in suyas:
            if not suerte.entera or _callado(suerte, afirmadas):
                alteradas[unidad_id] = DeAntes("suerte", suerte.id)
            elif suerte.tuvo and suerte.sorteo_id in publicados:
                if suerte.sorteo_id == ultimo:
                    tenian.add((unidad_id, clase))
                elif ultimo is None or publicados[suerte.sorteo_id] > publicados[ultimo]:
                    alteradas.setdefault(unidad_id, DeAntes("asignaciones", unidad_id))
    for unidad_id, _ in tenian.symmetric_difference(tuvieron):
        alteradas.setdefault(unidad_id, DeAntes("asignaciones", unidad_id))
    return alteradas


def sin_asignacion(
    debidas: Mapping[PydanticObjectId, PydanticObjectId], enteras: Mapping[PydanticObjectId, bool]
) -> dict[PydanticObjectId, DeAntes]:
    """By flat, the first of its requests that came to hold a space (`debidas`, with the flat) of which no assignment is
    there, or not all as acts left them (`enteras`)."""
    alteradas: dict[PydanticObjectId, DeAntes] = {}
    for id, unidad_id in debidas.items():
        if not enteras.get(id):
            alteradas.setdefault(unidad_id, DeAntes("asignaciones", id))
    return alteradas


def _callado(suerte: SuerteDeUnidad, afirmadas: Mapping[str, Collection[str]]) -> bool:
    """Whether it does not say what the audit was told of it."""
    return any(not getattr(suerte, campo) and str(suerte.id) in ids for campo, ids in afirmadas.items())
