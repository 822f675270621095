"""What draws and the gate believe of spaces bears marks from the act that stated it on: whoever writes there gets
nothing for it but a row of the audit, once for each space."""

import asyncio
from collections.abc import Sequence

import attrs
from beanie import PydanticObjectId

from app.core.facts.marks import Dichas, sin_decir
from app.modules.sorteo.custodia.dichos import DichosDeSorteo
from app.modules.sorteo.custodia.marcas import ESPACIOS, MarcasDeSorteo
from app.modules.sorteo.custodia.vigia import Denuncia, Vigia
from app.modules.sorteo.espacios.repository import EspacioRepository
from app.modules.sorteo.exceptions import BasesAlteradas
from app.shared.repository import Fila
from app.shared.transaction import por_decir


@attrs.define(kw_only=True)
class VigiaDeEspacios(Vigia):
    """A row that is handed in has all that is believed of it, and its marks. Rows are read after what the audit was
    told of (`_dichas`), which is read anew for each walk through all of them."""

    suceso = "espacio_alterado"
    _espacios: EspacioRepository
    _marcas: MarcasDeSorteo
    _dichos: DichosDeSorteo
    _dichas: Dichas = attrs.field(init=False, factory=Dichas)

    async def es_de_un_acto(self, fila: Fila) -> bool:
        """What is not is denounced."""
        hecho = self._marcas.espacios.rota(fila, dichas=self._dichas)
        if hecho is not None:
            await self._denunciar(fila["_id"], {"donde": hecho})
        return hecho is None and str(fila["_id"]) not in await self._denunciar_sin_decir()

    async def vigilar(self) -> None:
        await super().vigilar()
        await self._denunciar_sin_decir()

    async def exigir(self, filas: Sequence[Fila], dichas: Dichas) -> None:
        """That all are, of the last act that the audit was told of. Raises BasesAlteradas, which names the first that
        is not."""
        for fila, hecho in (await asyncio.to_thread(self._rotas, filas, dichas))[:1]:
            raise BasesAlteradas(donde=hecho, objeto=str(fila["_id"]), espacio=str(fila.get("codigo")))

    async def de_un_acto(self, filas: Sequence[Fila]) -> list[str]:
        """The codes of those that are."""
        enteras = [fila for fila in filas if self._marcas.espacios.rota(fila, dichas=self._dichas) is None]
        no_dichas = await self._denunciar_sin_decir()
        return [fila["codigo"] for fila in enteras if str(fila["_id"]) not in no_dichas]

    async def _denunciar_sin_decir(self) -> frozenset[str]:
        """Of what was looked at since the last time and is later than was told then, the ids of those of which nobody
        was told in between either: an act made their mark of which nothing stayed."""
        vistas = list(self._dichas.por_ver)
        if not vistas:
            return frozenset()
        self._dichas = await self._dichos.espacios.dichas()
        # What this transaction states is told at its end.
        propias = por_decir(ESPACIOS)
        halladas = [(id, h) for id, h in sin_decir(vistas, self._dichas) if f"{id}.{h}" not in propias]
        for id, hecho in halladas:
            await self._denunciar(PydanticObjectId(id), {"donde": hecho})
        return frozenset(id for id, _ in halladas)

    async def _siguientes(self, ultimo: PydanticObjectId | None, limite: int) -> Sequence[Fila]:
        if ultimo is None:
            self._dichas = await self._dichos.espacios.dichas()
        return await self._espacios.por_vigilar(ultimo=ultimo, limite=limite)

    def _alteradas(self, filas: Sequence[Fila]) -> Sequence[Denuncia]:
        return [(fila["_id"], {"donde": hecho}) for fila, hecho in self._rotas(filas, self._dichas)]

    def _rotas(self, filas: Sequence[Fila], dichas: Dichas) -> list[tuple[Fila, str]]:
        marcas = self._marcas.espacios
        return [(fila, hecho) for fila in filas if (hecho := marcas.rota(fila, dichas=dichas)) is not None]
