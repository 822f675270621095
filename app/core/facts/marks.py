"""Marks of facts that draws believe, of which the audit is told in the transaction that writes them."""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from bson import ObjectId

from app.core.clock import ahora
from app.core.sealing import Precinto
from app.shared.transaction import decir

Id = TypeVar("Id", bound=ObjectId)
Marcas = Mapping[str, Any]
"""The `marcas` of a row, by fact, whatever somebody may have written there."""
Dicha = tuple[int, str]
"""When a fact was stated, and the beginning of its mark then."""
BORRADA = "borrada"
"""In the place of a fact: the row was deleted."""
_CONTRADICHA = "contradicha"
"""In the place of a mark: two were told of one time, so what one of them came right after had been put back."""
_DE_LA_MARCA = 16


class Dichas(dict[str, Mapping[str, Dicha]]):
    """By row and fact, the last that the audit was told. What is not in it was told of nobody. `por_ver`: of marks that
    were compared with it, those of a later time: id, fact, the names under which it may be told, and the mark. The
    audit is told in the transaction that writes a mark. So by now it was told of each, or an act made that mark which
    came to nothing, and somebody saw it and wrote it there."""

    def __init__(self, dichas: Mapping[str, Mapping[str, Dicha]] | None = None) -> None:
        super().__init__(dichas or {})
        self.por_ver: dict[tuple[str, str, Sequence[str], Dicha], None] = {}

    def sin_decir(self, luego: "Dichas") -> tuple[str, str] | None:
        """Id and fact of the first of these that was not told `luego` either, which was read after the rows."""
        return next(sin_decir(self.por_ver, luego), None)


PorVer = tuple[str, str, Sequence[str], Dicha]
"""See `Dichas.por_ver`."""


def sin_decir(vistas: Iterable[PorVer], luego: Dichas) -> Iterator[tuple[str, str]]:
    """Id and fact of each of these that was not told."""
    for id, hecho, nombres, suya in vistas:
        dicha = max((luego[id][nombre] for nombre in nombres if nombre in luego.get(id, ())), default=(0, ""))
        if dicha[0] < suya[0] or (dicha[0] == suya[0] and dicha[1] not in ("", suya[1])):
            yield id, hecho


class MarcasDeHechos:
    """Of rows of one kind (`de`), a mark for each fact that a draw believes: it stands in `marcas` under its name, and
    is written with the fact. Each fact has its own, so whoever states one makes none for what somebody wrote beside it.
    A fact that is put back with its mark as it once was has a whole mark. So a mark begins with the time at which the
    fact was stated, later than any before it, and the audit is told of it in the same transaction (`told.py`), as an
    event `dicho`, where it is told of rows of this kind. A fact that was only put in with its row has no such time.

    `partes`: of a fact that is a list, the key of its parts and which of their fields are believed. Each part has a
    mark of its own, `fact_key`, and the list one of which parts there are. `juntos`: a fact that is several fields, of
    many rows that are looked at one by one: it is stated when all of them are."""

    def __init__(
        self,
        precinto: Precinto,
        de: str,
        hechos: Collection[str],
        partes: Mapping[str, tuple[str, Sequence[str]]] | None = None,
        juntos: Mapping[str, Sequence[str]] | None = None,
        dicho: str | None = None,
    ) -> None:
        self._precinto = precinto
        self._de = de
        self._hechos = tuple(hechos)
        self._nombres = {hecho: json.dumps(hecho) for hecho in self._hechos}
        self._partes = partes or {}
        self._juntos = juntos or {}
        self._dicho = dicho
        self._ultimo = 0
        self.campos = tuple(campo for hecho in self._hechos for campo in self._juntos.get(hecho, (hecho,)))

    def todas(self, fila: Mapping[str, Any]) -> dict[str, str]:
        """The `marcas` of a row that is to be put in, as it is stored."""
        return {hecho: self._precinto.de(datos) for hecho, datos in self._datos(fila["_id"], fila, self._hechos)}

    def de(
        self,
        cambios: Mapping[Id, Mapping[str, Any]],
        antes: Mapping[Id, Marcas],
        solo: Collection[str] | None = None,
        en_parte: Collection[str] = (),
    ) -> dict[Id, dict[str, str]]:
        """By row, what to set beside its `cambios`, as they are stored, which somebody states in the transaction in
        course; of `solo` these facts, where it is given. They may have other fields too. `antes`: the `marcas` of those
        rows, read in that transaction, so that of two that state one fact the second is the later. `en_parte`: facts
        of which only a part is stated: they come right after what they were."""
        momento = self._ahora()
        nuevas: dict[Id, dict[str, str]] = {}
        for id, cambio in cambios.items():
            suyos = [hecho for hecho in self._hechos if set(self._juntos.get(hecho, (hecho,))) <= cambio.keys()]
            suyas = nuevas[id] = {}
            for hecho, datos in self._datos(id, cambio, suyos):
                if solo is None or hecho in solo:
                    cuando = cuando_de(antes[id].get(hecho)) + 1
                    suyas[hecho] = self._con(datos, cuando if hecho in en_parte else max(cuando, momento))
        self.decir(nuevas)
        return {id: {f"marcas.{hecho}": marca for hecho, marca in suyas.items()} for id, suyas in nuevas.items()}

    def seguidas(self, antes: Mapping[str, Any], despues: Mapping[str, Any], dichos: Collection[str]) -> dict[str, Any]:
        """The `marcas` of a row that was `antes` and becomes `despues` in the transaction in course, in which somebody
        states the fields `dichos`. A fact that was not whole before is so only if it is stated: otherwise its mark
        stays as it was. One that is stated in part comes right after what it was: if that was put back, it is still
        before what was stated last."""
        guardadas = antes.get("marcas")
        marcas = dict(guardadas) if isinstance(guardadas, dict) else {}
        nuevas: dict[str, str] = {}
        for hecho in self._hechos:
            entero = set(self._juntos.get(hecho, (hecho,))) <= set(dichos)
            if not entero and self.rota(antes, [hecho]) is not None:
                continue
            de_antes = dict(self._datos(antes["_id"], antes, [hecho]))
            for cual, datos in self._datos(antes["_id"], despues, [hecho]):
                if entero or datos != de_antes.get(cual):
                    cuando = cuando_de(marcas.get(cual)) + 1
                    nuevas[cual] = self._con(datos, max(cuando, self._ahora()) if entero else cuando)
        self.decir({antes["_id"]: nuevas})
        return marcas | nuevas

    def decir(self, marcas: Mapping[Id, Mapping[str, str]]) -> None:
        """These are written in the transaction in course, by row, and the audit is told. Of a part, under a pseudonym:
        what it is called may say what somebody has."""
        if self._dicho is not None:
            dichas = {
                f"{id}.{hecho if hecho in self._hechos else self._seudonimos(id, hecho)[0]}": _dicha(marca)
                for id, suyas in marcas.items()
                for hecho, marca in suyas.items()
            }
            if dichas:
                decir(self._dicho, dichas)

    def decir_borradas(self, ids: Collection[ObjectId]) -> None:
        """These rows are deleted in the transaction in course: who looks at each time that a fact was stated finds the
        time of that too."""
        cuando = f"{self._ahora():x}.{BORRADA}"
        if self._dicho is not None and ids:
            decir(self._dicho, {f"{id}.{hecho}": cuando for id in ids for hecho in self._hechos})

    def cuando(self, fila: Mapping[str, Any], hecho: str) -> int:
        """When that fact of a row was stated, in microseconds, as its mark says, which is whole."""
        marcas = fila.get("marcas")
        return cuando_de(marcas.get(hecho)) if isinstance(marcas, dict) else 0

    def rota(
        self, fila: Mapping[str, Any], hechos: Collection[str] | None = None, dichas: Dichas | None = None
    ) -> str | None:
        """Which fact, of all or of these, is not what was marked, or not what was stated last as far as the audit was
        told (`dichas`); None when all are. `fila` has its `marcas`."""
        marcas = fila.get("marcas")
        suyas = marcas if isinstance(marcas, dict) else {}
        suyas_dichas = None if dichas is None else dichas.get(str(fila["_id"]))
        for hecho, datos in self._datos(fila["_id"], fila, hechos or self._hechos):
            marca = suyas.get(hecho)
            if not isinstance(marca, str) or not self._vale(marca, datos):
                return hecho
            # What was put in with its row has no time, and nobody was told.
            if dichas is None or not (suyas_dichas or "." in marca):
                continue
            if not self._es_la_ultima(fila["_id"], hecho, marca, dichas):
                return hecho
        return None

    def _es_la_ultima(self, id: ObjectId, hecho: str, marca: str, todas: Dichas) -> bool:
        """Of a whole mark. One that is later is, as far as is known."""
        dichas = todas.get(str(id), {})
        nombres = [hecho] if hecho in self._hechos else self._seudonimos(id, hecho)
        dicha = max((dichas[nombre] for nombre in nombres if nombre in dichas), default=(0, ""))
        cuando = cuando_de(marca)
        if BORRADA in dichas or cuando < dicha[0]:
            return False
        if cuando > dicha[0]:
            # Once each: who watches looks at the same row again and again.
            todas.por_ver[str(id), hecho, tuple(nombres), (cuando, _principio(marca))] = None
            return True
        return dicha[1] in ("", _principio(marca))

    def _seudonimos(self, id: ObjectId, hecho: str) -> list[str]:
        """Under each key, the one in force first."""
        return [marca[:_DE_LA_MARCA] for marca in self._precinto.de_cada(f'["{self._de}", "{id}", "{hecho}"]'.encode())]

    def _vale(self, marca: str, datos: bytes) -> bool:
        cuando, hay, suma = marca.rpartition(".")
        return marca.isascii() and self._precinto.vale(suma, _a_las(datos, cuando) if hay else datos)

    def _con(self, datos: bytes, cuando: int) -> str:
        return f"{cuando:x}.{self._precinto.de(_a_las(datos, f'{cuando:x}'))}"

    def _ahora(self) -> int:
        """In microseconds, and no time twice."""
        self._ultimo = max(self._ultimo + 1, int(ahora().timestamp() * 1_000_000))
        return self._ultimo

    def _datos(self, id: ObjectId, fila: Mapping[str, Any], hechos: Collection[str]) -> Iterator[tuple[str, bytes]]:
        de = f'["{self._de}", "{id}", '
        for hecho in hechos:
            juntos = self._juntos.get(hecho)
            valor: Any = fila.get(hecho) if juntos is None else [fila.get(campo) for campo in juntos]
            if hecho in self._partes and isinstance(valor, list):
                clave, campos = self._partes[hecho]
                for parte in valor:
                    cual = f"{hecho}_{parte[clave]}"
                    suyos = _en_json([parte.get(campo) for campo in campos])
                    yield cual, f"{de}{json.dumps(cual)}, {suyos}]".encode()
                valor = sorted(parte[clave] for parte in valor)
            yield hecho, f"{de}{self._nombres[hecho]}, {_en_json(valor)}]".encode()


_CODIFICADOR = json.JSONEncoder(default=str, sort_keys=True)


def _en_json(valor: object) -> str:
    """As `_CODIFICADOR` says it. What most facts are is said without it: to begin takes it longer than to say them."""
    if isinstance(valor, str):
        return json.dumps(valor)
    if valor is None or valor is True or valor is False:
        return _SUELTOS[valor]
    if not valor and isinstance(valor, list | dict):
        return "[]" if isinstance(valor, list) else "{}"
    return _CODIFICADOR.encode(valor)


_SUELTOS = {None: "null", True: "true", False: "false"}


def _a_las(datos: bytes, cuando: str) -> bytes:
    return b'["%s", %s]' % (cuando.encode(), datos)


def cuando_de(marca: object) -> int:
    """When what it is of was stated; 0 where it was put in with its row, or is no mark."""
    cuando, _, _ = marca.rpartition(".") if isinstance(marca, str) else ("", "", "")
    try:
        return int(cuando or "0", 16)
    except ValueError:
        return 0


def _principio(marca: str) -> str:
    return marca.rpartition(".")[2][:_DE_LA_MARCA]


def _dicha(marca: str) -> str:
    return f"{cuando_de(marca):x}.{_principio(marca)}"


def ultima(una: Dicha, otra: Dicha) -> Dicha:
    """Of two that were told of one fact, in any order."""
    if una[0] == otra[0] and una[1] != otra[1]:
        return una[0], _CONTRADICHA
    return max(una, otra)
