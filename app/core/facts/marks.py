"""Marks of facts that draws believe, and what this process stated of them and has not told the audit yet."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from bson import ObjectId

from app.core.clock import ahora
from app.core.sealing import Precinto
from app.shared.transaction import al_confirmar

Dicha = tuple[int, str]
"""When a fact was stated, and the beginning of its mark then."""
Dichas = Mapping[str, Mapping[str, Dicha]]
"""By row and fact, the last that the audit was told. What is not in it was told of nobody."""
BORRADA = "borrada"
"""In the place of a fact: the row was deleted."""
_DE_LA_MARCA = 16


class MarcasDeHechos:
    """Of rows of one kind (`de`), a mark for each fact that a draw believes: it stands in `marcas` under its name, and
    is written with the fact. Each fact has its own, so whoever states one makes none for what somebody wrote beside it.
    A fact that is put back with its mark as it once was has a whole mark. So a mark begins with the time at which the
    fact was stated, later than any before it, and what was stated last is told to the audit (`told.py`), a moment
    after. A fact that was only put in with its row has no such time.

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
    ) -> None:
        self._precinto = precinto
        self._de = de
        self._hechos = tuple(hechos)
        self._partes = partes or {}
        self._juntos = juntos or {}
        self._ultimo = 0
        self._por_decir: dict[str, Dicha] = {}
        self.campos = tuple(campo for hecho in self._hechos for campo in self._juntos.get(hecho, (hecho,)))

    def todas(self, fila: Mapping[str, Any]) -> dict[str, str]:
        """The `marcas` of a row that is to be put in, as it is stored."""
        return {hecho: self._precinto.de(datos) for hecho, datos in self._datos(fila["_id"], fila, self._hechos)}

    def de(self, id: ObjectId, cambios: Mapping[str, Any], solo: Collection[str] | None = None) -> dict[str, Any]:
        """What to set beside `cambios` of the row of that id, as they are stored; of `solo` these facts, where it is
        given. They may have other fields too."""
        suyos = [hecho for hecho in self._hechos if set(self._juntos.get(hecho, (hecho,))) <= cambios.keys()]
        return {
            f"marcas.{hecho}": self._precinto.de(datos)
            for hecho, datos in self._datos(id, cambios, suyos)
            if solo is None or hecho in solo
        }

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
                    cuando = _cuando(marcas.get(cual)) + 1
                    nuevas[cual] = self._con(datos, max(cuando, self._ahora()) if entero else cuando)
        self.recordar(antes["_id"], nuevas)
        return marcas | nuevas

    def recordar(self, id: ObjectId, marcas: Mapping[str, str]) -> None:
        """These are written in the transaction in course: the audit is to be told."""
        dichas = {f"{id}.{hecho}": (_cuando(marca), _principio(marca)) for hecho, marca in marcas.items()}

        def apuntar() -> None:
            for cual, dicha in dichas.items():
                self._por_decir[cual] = max(dicha, self._por_decir.get(cual, dicha))

        al_confirmar(apuntar)

    def por_decir(self) -> dict[str, Dicha]:
        """What the audit was not told yet: by row and fact, as `row.fact`."""
        return self._por_decir.copy()

    def dicho(self, lote: Mapping[str, Dicha]) -> None:
        """The audit was told of that."""
        for cual, dicha in lote.items():
            if self._por_decir.get(cual) == dicha:
                del self._por_decir[cual]

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
            if not self._vale(marca, datos):
                return hecho
            if suyas_dichas and (BORRADA in suyas_dichas or not _es_la_ultima(marca, suyas_dichas.get(hecho))):
                return hecho
        return None

    def _vale(self, marca: object, datos: bytes) -> bool:
        if not isinstance(marca, str):
            return False
        cuando, hay, suma = marca.rpartition(".")
        return marca.isascii() and self._precinto.vale(suma, _a_las(datos, cuando) if hay else datos)

    def _con(self, datos: bytes, cuando: int) -> str:
        return f"{cuando:x}.{self._precinto.de(_a_las(datos, f'{cuando:x}'))}"

    def _ahora(self) -> int:
        """In microseconds, and no time twice."""
        self._ultimo = max(self._ultimo + 1, int(ahora().timestamp() * 1_000_000))
        return self._ultimo

    def _datos(self, id: ObjectId, fila: Mapping[str, Any], hechos: Collection[str]) -> Iterator[tuple[str, bytes]]:
        for hecho in hechos:
            juntos = self._juntos.get(hecho)
            valor: Any = fila.get(hecho) if juntos is None else [fila.get(campo) for campo in juntos]
            if hecho in self._partes and isinstance(valor, list):
                clave, campos = self._partes[hecho]
                for parte in valor:
                    cual = f"{hecho}_{parte[clave]}"
                    yield cual, self._escrito(id, cual, [parte.get(campo) for campo in campos])
                valor = sorted(parte[clave] for parte in valor)
            yield hecho, self._escrito(id, hecho, valor)

    def _escrito(self, id: ObjectId, hecho: str, valor: object) -> bytes:
        return f'["{self._de}", "{id}", {json.dumps(hecho)}, {_en_json(valor)}]'.encode()


_CODIFICADOR = json.JSONEncoder(default=str, sort_keys=True)


def _en_json(valor: object) -> str:
    """As `_CODIFICADOR` says it. What most facts are is said without it: to begin takes it longer than to say them."""
    if isinstance(valor, str):
        return json.dumps(valor)
    if valor is None or valor is True or valor is False:
        return _SUELTOS[valor]
    return "[]" if valor == [] else _CODIFICADOR.encode(valor)


_SUELTOS = {None: "null", True: "true", False: "false"}


def _a_las(datos: bytes, cuando: str) -> bytes:
    return b'["%s", %s]' % (cuando.encode(), datos)


def _cuando(marca: object) -> int:
    """When what it is of was stated; 0 where it was put in with its row, or is no mark."""
    cuando, _, _ = marca.rpartition(".") if isinstance(marca, str) else ("", "", "")
    try:
        return int(cuando or "0", 16)
    except ValueError:
        return 0


def _principio(marca: str) -> str:
    return marca.rpartition(".")[2][:_DE_LA_MARCA]


def _es_la_ultima(marca: object, dicha: Dicha | None) -> bool:
    """Of a whole mark."""
    if dicha is None or not isinstance(marca, str):
        return dicha is None
    cuando = _cuando(marca)
    return cuando > dicha[0] or (cuando == dicha[0] and _principio(marca) == dicha[1])
