"""Finding by words: every word of what is sought begins some word of what is found."""

import operator
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, ClassVar

import attrs
from beanie import PydanticObjectId

from app.modules.residentes.busqueda.claves import COMIENZOS, palabras_buscadas
from app.shared.pagination import PageQuery, leer_cursor
from app.shared.reading import en_un_hilo
from app.shared.repository import D, Filtro, Repository

_CAMPO = "palabras"
_TRAS_TODO_TEXTO = "\U0010ffff"
Lugar = tuple[str, PydanticObjectId]
"""Where a row stands in the order: the value that it is sorted by, and its id."""
Lista = Callable[[Lugar | None], Sequence[Lugar]]
"""Two rows or more of a list from a place on, that place included, or from its first; as many as there are."""
_TRAMO = 50
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

    async def desde_la_primera(self, filtro: Filtro, consulta: PageQuery) -> Filtro:
        """What a page needs of a filter with several words, in the order of the index: from the first that has all of
        them. One word may be that of a hundred thousand who stand before anybody that has the other too."""
        listas, campo = filtro.get("$and", []), self.ordenes[0]
        orden = consulta.orden or campo
        if len(listas) < 2 or orden.removeprefix("-") != campo or consulta.contar:
            return filtro
        if any("$elemMatch" in lista[_CAMPO] for lista in listas):
            return filtro
        sentido, desde = -1 if orden.startswith("-") else 1, None
        if consulta.cursor is not None:
            match leer_cursor(consulta.cursor, orden, 2):
                case [str() as valor, PydanticObjectId() as id]:
                    desde = (valor, id)
                case _:
                    return filtro

        def leer(coleccion: Any, sesion: Any) -> Lugar | None:
            def de_una(palabra: Filtro, lugar: Lugar | None) -> list[Lugar]:
                filas = coleccion.find(
                    {**palabra, **_desde(campo, lugar, sentido)},
                    [campo],
                    sort=[(campo, sentido), ("_id", sentido)],
                    limit=_TRAMO,
                    hint=self.indice_de_palabras,
                    session=sesion,
                )
                return [(fila[campo], fila["_id"]) for fila in filas]

            return primero_de_todas([partial(de_una, palabra) for palabra in listas], sentido=sentido, desde=desde)

        primero = await en_un_hilo(self._coleccion, leer)
        if primero is None:
            return _NADIE
        return {"$and": [filtro, {campo: {"$gte" if sentido == 1 else "$lte": primero[0]}}]}


def _desde(campo: str, lugar: Lugar | None, sentido: int) -> Filtro:
    if lugar is None:
        return {}
    hacia, antes = ("$gte", "$lt") if sentido == 1 else ("$lte", "$gt")
    return {campo: {hacia: lugar[0]}, "$nor": [{campo: lugar[0], "_id": {antes: lugar[1]}}]}


def _alguna(prefijo: str, palabras: list[str]) -> Filtro:
    if len(palabras) <= MUCHAS:
        return {_CAMPO: {"$in": palabras}}
    return {_CAMPO: {"$elemMatch": {"$gte": prefijo, "$lt": prefijo + _TRAS_TODO_TEXTO}}}


@attrs.define
class _Cabeza:
    """What comes next in one of the lists. `pasado(a, b)`: whether place `a` comes after `b`."""

    _lista: Lista
    _pasado: Callable[[Lugar, Lugar], bool]
    _leidas: deque[Lugar] = attrs.field(factory=deque, init=False)

    def desde(self, lugar: Lugar | None, *, tras: bool) -> Lugar | None:
        """The first that is not before `lugar`; with `tras`, not at it either. None: there is none."""
        self._dejar(lugar, tras)
        if not self._leidas:
            self._leidas.extend(self._lista(lugar))
            self._dejar(lugar, tras)
        return self._leidas[0] if self._leidas else None

    def _dejar(self, lugar: Lugar | None, tras: bool) -> None:
        if lugar is not None:
            while self._leidas and not self._vale(self._leidas[0], lugar, tras):
                self._leidas.popleft()

    def _vale(self, suyo: Lugar, lugar: Lugar, tras: bool) -> bool:
        return self._pasado(suyo, lugar) or (suyo == lugar and not tras)


def primero_de_todas(listas: Sequence[Lista], *, sentido: int, desde: Lugar | None) -> Lugar | None:
    """The first place after `desde` that stands in all of them. Whichever list is furthest on says from where the
    others are read: the leapfrog join of T. L. Veldhuizen (ICDT 2014). `sentido`: 1 where places ascend, -1 where they
    descend."""
    pasado = operator.gt if sentido == 1 else operator.lt
    cabezas = deque(_Cabeza(lista, pasado) for lista in listas)
    lugar, tras, de_acuerdo = desde, True, 0
    while de_acuerdo < len(cabezas):
        suyo = cabezas[0].desde(lugar, tras=tras)
        if suyo is None:
            return None
        de_acuerdo = de_acuerdo + 1 if suyo == lugar else 1
        lugar, tras = suyo, False
        cabezas.rotate(-1)
    return lugar
