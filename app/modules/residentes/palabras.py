"""Finding by words: every word of what is sought begins some word of what is found."""

from collections.abc import Iterator
from typing import Any, ClassVar

from beanie import PydanticObjectId

from app.modules.residentes.busqueda import COMIENZOS, palabras_buscadas
from app.shared.reading import en_un_hilo
from app.shared.repository import D, Filtro, Repository

_CAMPO = "palabras"
_TRAS_TODO_TEXTO = "\U0010ffff"
_NADIE: Filtro = {"_id": {"$in": []}}
MUCHAS = 40
"""Different words that begin alike: more are not looked up one by one. Two letters and any third are fewer."""


class PorPalabras(Repository[D]):
    """Subclasses name the index that begins with `palabras` and goes on in the order of their list."""

    indice_de_palabras: ClassVar[str]

    async def buscar(self, q: str, *, limite: int) -> list[PydanticObjectId]:
        return [fila["_id"] for fila in await self.rows(await self.de_palabras(q), ["_id"], limite=limite, orden=())]

    async def de_palabras(self, q: str) -> Filtro:
        """What begins a word of `q` is looked for in the order of the list, and only as far as the page goes: a word of
        three letters or a few more under itself (`con_comienzos`); another, under each of the words that begin with it,
        at once. Where these are many, a range of the index. Nobody is found by a `q` without words."""
        buscadas = palabras_buscadas(q)
        if not buscadas:
            return _NADIE
        otras = [prefijo for prefijo in buscadas if len(prefijo) not in COMIENZOS]
        if not otras:
            return {"$and": [{_CAMPO: prefijo} for prefijo in buscadas]}
        halladas = await en_un_hilo(
            self._coleccion,
            lambda coleccion, sesion: {
                prefijo: list(self._que_empiezan(coleccion, sesion, prefijo)) for prefijo in otras
            },
        )
        return {"$and": [_alguna(p, halladas[p]) if p in halladas else {_CAMPO: p} for p in buscadas]}

    def _que_empiezan(self, coleccion: Any, sesion: Any, prefijo: str) -> Iterator[str]:
        """The first words with that beginning, in order, from one to the next through the index; of those that are
        found by three letters, these alone."""
        hasta, tramo = prefijo + _TRAS_TODO_TEXTO, {"$gte": prefijo}
        for _ in range(MUCHAS + 1):
            filtro = {_CAMPO: {"$elemMatch": tramo | {"$lt": hasta}}}
            fila = coleccion.find_one(filtro, [_CAMPO], hint=self.indice_de_palabras, session=sesion)
            if fila is None:
                return
            desde = tramo.get("$gt", "")
            siguiente = min(p for p in fila[_CAMPO] if p.startswith(prefijo) and p > desde)
            yield siguiente
            con_las_suyas = len(prefijo) < COMIENZOS[0] <= len(siguiente)
            tramo = {"$gt": siguiente + _TRAS_TODO_TEXTO if con_las_suyas else siguiente}


def _alguna(prefijo: str, palabras: list[str]) -> Filtro:
    if len(palabras) <= MUCHAS:
        return {_CAMPO: {"$in": palabras}}
    return {_CAMPO: {"$elemMatch": {"$gte": prefijo, "$lt": prefijo + _TRAS_TODO_TEXTO}}}
