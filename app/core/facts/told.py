"""The audit is told what was stated of facts, in the transaction that writes it: so whoever compares finds a fact that
is put back with its mark as it once was, and misses a row that is taken away."""

from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from typing import Protocol

import attrs
from beanie import PydanticObjectId

from app.core.facts.marks import BORRADA, Dicha, Dichas, ultima
from app.shared.reading import a_ratos
from app.shared.transaction import decir


class Bitacora(Protocol):
    def dichos_por_partes(self, *, tipo: str) -> AsyncIterator[Sequence[Mapping[str, str]]]:
        """The `datos` of every event of that kind, as far as they are ours, some at a time."""

    async def dichos(self, *, objeto: PydanticObjectId, tipos: Collection[str]) -> Sequence[Mapping[str, str]]:
        """The same of every event of those kinds about `objeto`."""

    async def denunciar_huecos(self) -> None:
        """Rows that are missing in all of the chain are told of, for who looked for one in vain."""


@attrs.define(kw_only=True)
class Dichos:
    """Of rows of one kind. A row of the audit has up to two hundred, and is about the first of them; of residents a
    hundred, and about each. `tipo`: as the audit calls it."""

    _tipo: str
    _bitacora: Bitacora

    def borradas(self, ids: Sequence[PydanticObjectId]) -> None:
        """In the transaction that deletes these rows, so that nobody finds one gone of which this is not told."""
        if ids:
            decir(self._tipo, {f"{id}.{BORRADA}": BORRADA for id in ids})

    async def dichas(self) -> Dichas:
        """To be read before the rows, or with them: what is stated later is later than what was told."""
        ultimos: dict[str, str] = {}
        async for varios in self._bitacora.dichos_por_partes(tipo=self._tipo):
            _juntar(ultimos, varios)
        await self._bitacora.denunciar_huecos()
        dichas: dict[str, dict[str, Dicha]] = {}
        async for algunos in a_ratos(ultimos.items(), cada=1000):
            _repartir(dichas, algunos)
        return Dichas(dichas)

    async def dichas_de(self, id: PydanticObjectId) -> Dichas:
        """The same of one row, where the audit is told of each by its id; of others that were told of with it, too."""
        ultimos: dict[str, str] = {}
        _juntar(ultimos, await self._bitacora.dichos(objeto=id, tipos=[self._tipo]))
        dichas: dict[str, dict[str, Dicha]] = {}
        _repartir(dichas, ultimos.items())
        return Dichas(dichas)

    async def sin_decir(self, dichas: Dichas) -> tuple[str, str] | None:
        """After rows were compared with `dichas`: id and fact of one that bears a mark of which nobody was told."""
        return dichas.sin_decir(await self.dichas()) if dichas.por_ver else None

    async def historia(self, hecho: str) -> dict[str, list[int]]:
        """When that fact of each row was stated, each time, in microseconds."""
        veces: dict[str, list[int]] = {}
        async for varios in self._bitacora.dichos_por_partes(tipo=self._tipo):
            for cual, dicho in (uno for datos in varios for uno in datos.items()):
                id, _, suyo = cual.partition(".")
                if suyo == hecho:
                    veces.setdefault(id, []).append(_leida(dicho)[0])
        return veces

    async def que_falta(self, dichas: Dichas, hay: Collection[PydanticObjectId]) -> str | None:
        """A row that is not among those that there are (`hay`, read after `dichas`), and that nobody deleted."""
        faltan = {id for id, suyas in dichas.items() if BORRADA not in suyas} - {str(id) for id in hay}
        if faltan:
            faltan -= {id for id, suyas in (await self.dichas()).items() if BORRADA in suyas}
        return min(faltan, default=None)


def _juntar(ultimos: dict[str, str], varios: Sequence[Mapping[str, str]]) -> None:
    """The last that was told of each fact."""
    for cual, dicho in (uno for datos in varios for uno in datos.items()):
        antes = ultimos.setdefault(cual, dicho)
        if antes != dicho:
            ultimos[cual] = _ultimo(antes, dicho)


def _ultimo(uno: str, otro: str) -> str:
    """Of two that were told of one fact. Of most the times alone differ, as long as each other: so they are in order
    as they stand."""
    if len(uno) == len(otro) and uno.partition(".")[0] != otro.partition(".")[0]:
        return max(uno, otro)
    cuando, marca = ultima(_leida(uno), _leida(otro))
    return f"{cuando:x}.{marca}"


def _leida(dicho: str) -> Dicha:
    cuando, _, marca = dicho.rpartition(".")
    return int(cuando or "0", 16), marca


def _repartir(dichas: dict[str, dict[str, Dicha]], dichos: Iterable[tuple[str, str]]) -> None:
    """By row and fact."""
    for cual, dicho in dichos:
        id, _, hecho = cual.partition(".")
        dichas.setdefault(id, {})[hecho] = _leida(dicho)
