"""What was stated of spaces, rules and drafts last, as far as the audit was told: one that is put back as it once was,
with its mark, stops the opening that would take it, and so does one that is gone and that nobody deleted."""

import attrs

from app.core.facts.marks import Dichas
from app.core.facts.told import Dichos
from app.modules.sorteo.custodia.marcas import BORRADORES, ESPACIOS, PRIORIDADES
from app.modules.sorteo.custodia.ports import Bitacora
from app.modules.sorteo.exceptions import BasesAlteradas


@attrs.define(kw_only=True)
class DichosDeSorteo:
    """See `Dichos`."""

    _bitacora: Bitacora
    espacios: Dichos = attrs.field(init=False)
    prioridades: Dichos = attrs.field(init=False)
    borradores: Dichos = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.espacios = Dichos(tipo=ESPACIOS, bitacora=self._bitacora)
        self.prioridades = Dichos(tipo=PRIORIDADES, bitacora=self._bitacora)
        self.borradores = Dichos(tipo=BORRADORES, bitacora=self._bitacora)


async def exigir_dichos(dichos: Dichos, dichas: Dichas) -> None:
    """After rows were compared with `dichas`: the audit was told of each mark. Raises BasesAlteradas."""
    if (sin_decir := await dichos.sin_decir(dichas)) is not None:
        id, hecho = sin_decir
        raise BasesAlteradas(donde=hecho, objeto=id)
