"""The draw of `parknet-sorteo-v1` (docs/sorteo-v1/SPEC.md): pure functions and a command line.

    bases bytes -> leer_bases -> sortear(bases, semilla) -> escribir_resultado -> result bytes

`correr` is all of it, without an object for each participant, hence faster.

Standard library only, and only `main` touches files, so that a resident can run this one file to check a draw:

    python -m app.modules.sorteo.motor BASES --secreto HEX --entropia TEXT [--verificar RESULTADO]

Errors, all of them `ValueError`, each with a message of one line:

    BasesInvalidas     a line of the bases breaks a rule of section 2; carries `linea` and `regla`
    SecretoInvalido    the secret is malformed or is not the one that was committed to
    EntropiaInvalida   the public number is too long or holds characters that nobody can retype
"""

import argparse
import gc
import hashlib
import io
import json
import os
import re
import sys
from collections import defaultdict, deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import chain, islice, pairwise, starmap, zip_longest
from operator import attrgetter, lt
from pathlib import Path
from typing import Any, NoReturn

FORMATO = "parknet-sorteo-v1"


@dataclass(frozen=True, slots=True)
class Espacio:
    """A parking space: its code, its kind and the condition it is reserved for, if any."""

    codigo: str
    tipo: str
    reserva: str | None


@dataclass(frozen=True, slots=True)
class Participante:
    """One request in the draw: a smaller `nivel` is drawn earlier, `boletas` balls lie in the urn."""

    id: str
    nivel: int
    boletas: int
    tipos: tuple[str, ...]
    condiciones: tuple[str, ...]
    preferencias: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Bases:
    """All that a draw depends on besides `secreto` and `entropia`."""

    sorteo: str
    compromiso: str
    fuente: str
    liberar_reservas: bool
    espacios: tuple[Espacio, ...]
    participantes: tuple[Participante, ...]


@dataclass(frozen=True, slots=True)
class Puesto:
    """One line of the result: `espacio` for who was admitted, a place in the queue (`espera`) for who was not."""

    id: str
    posicion: int
    numero: str
    espacio: str | None
    espera: int | None


# What a `Participante` and a `Puesto` hold, in the same order: a million of them are made ten times as fast.
_Fila = tuple[str, int, int, tuple[str, ...], tuple[str, ...], tuple[str, ...]]
_Puesto = tuple[str, int, str, str | None, int | None]


class BasesInvalidas(ValueError):
    """Line `linea` (from 1) of the bases breaks the rule named `regla`, a key of the tables of rules below."""

    def __init__(self, linea: int, regla: str) -> None:
        super().__init__(f"línea {linea}: {_TEXTOS[regla]}")
        self.linea = linea
        self.regla = regla


class SecretoInvalido(ValueError):
    """The secret is not 64 lower-case hex digits, or its hash is not `compromiso`."""


class EntropiaInvalida(ValueError):
    """The public number has more than 1,000 characters, or control characters."""


# Hashes (section 1)


def sha256_hex(dato: str | bytes) -> str:
    """SHA-256 of the bytes, or of the UTF-8 bytes of the text, as 64 lower-case hex digits."""
    return hashlib.sha256(dato.encode() if isinstance(dato, str) else dato).hexdigest()


def compromiso_de(secreto: str) -> str:
    """What is published when the draw opens, binding whoever holds `secreto` to it."""
    return sha256_hex(secreto)


def semilla_de(secreto: str, huella: str, entropia: str) -> str:
    """The seed, from the secret, the hash of the bases and the public number. Raises `EntropiaInvalida`."""
    if len(entropia) > 1000 or _NO_TECLEABLE.search(entropia):
        raise EntropiaInvalida("entropia: de 0 a 1000 caracteres, sin caracteres de control")
    return sha256_hex(f"{secreto}:{huella}:{entropia}")


def numero_de(urna: "hashlib._Hash", id: str, boletas: int) -> str:
    """The smallest of the participant's `boletas` hashes: the first of that many balls to come out of the urn.

    `urna` is the hash of what all of them begin with, `<semilla>:`.
    """
    menor = "g"  # after all hex digits
    for k in range(1, boletas + 1):
        boleta = urna.copy()
        boleta.update(f"{id}:{k}".encode())
        numero = boleta.hexdigest()
        if numero < menor:
            menor = numero
    return menor


def verificar_secreto(bases: Bases, secreto: str) -> None:
    """Raise `SecretoInvalido` unless `secreto` is well formed and the one that `bases` commits to."""
    if not _HEX64.fullmatch(secreto):
        raise SecretoInvalido("secreto: 64 dígitos hexadecimales en minúscula")
    if compromiso_de(secreto) != bases.compromiso:
        raise SecretoInvalido("secreto: su SHA-256 no es el compromiso de las bases")


# The rules of section 2

_HEX64 = re.compile(r"[0-9a-f]{64}")
_CODIGO = re.compile(r"[a-z][a-z0-9_]{1,39}")
_ID = re.compile(r"[0-9A-Za-z_-]{1,40}")
# Lone surrogates have no UTF-8, hence no hash.
_SUSTITUTO = re.compile(r"[\ud800-\udfff]")
_NO_TECLEABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


@lru_cache(maxsize=1024)  # a million lines repeat a handful of codes
def _es_codigo(texto: str) -> bool:
    return _CODIGO.fullmatch(texto) is not None


def _es_fuente(texto: str) -> bool:
    return 0 < len(texto) <= 500 and not _SUSTITUTO.search(texto)


def _es_espacio(texto: str) -> bool:
    return 0 < len(texto) <= 32 and texto.isprintable() and texto == texto.strip(" ")


# `type(x) is` and not isinstance, because True is an int and must not pass for one.
def _texto(valor: object, cumple: Callable[[str], object]) -> bool:
    return type(valor) is str and bool(cumple(valor))


def _entero(valor: object, desde: int, hasta: int) -> bool:
    return type(valor) is int and desde <= valor <= hasta


def _creciente(valores: Iterable[str]) -> bool:
    return all(uno < otro for uno, otro in pairwise(valores))


@dataclass(frozen=True, slots=True)
class _ReglaDeLista:
    """How many, what each of them is, and what all are together."""

    desde: int
    hasta: int
    cada: Callable[[str], bool]
    todos: Callable[[Sequence[str]], bool] = lambda _: True

    def cuantos_y_todos(self, valores: Sequence[str]) -> bool:
        return self.desde <= len(valores) <= self.hasta and self.todos(valores)


_LISTAS = {
    "condiciones": _ReglaDeLista(0, 20, _es_codigo, _creciente),
    "preferencias": _ReglaDeLista(0, 10, _es_espacio),
    "tipos": _ReglaDeLista(1, 8, _es_codigo, lambda valores: len(set(valores)) == len(valores)),
}


def _lista(valor: object, campo: str) -> bool:
    regla = _LISTAS[campo]
    return (
        isinstance(valor, list | tuple)
        and {str}.issuperset(map(type, valor))
        and all(map(regla.cada, valor))
        and regla.cuantos_y_todos(valor)
    )


_UN_CODIGO, _UN_ID = "[a-z][a-z0-9_]{1,39}", "de 1 a 40 de 0-9 A-Z a-z _ -"
_Reglas = dict[str, tuple[str, Callable[[Any], bool]]]
_DEL_SORTEO: _Reglas = {
    "formato": (FORMATO, lambda v: v == FORMATO),
    "compromiso": ("64 dígitos hexadecimales en minúscula", lambda v: _texto(v, _HEX64.fullmatch)),
    "espacios": ("una lista", lambda v: type(v) is list),
    "fuente": ("de 1 a 500 caracteres", lambda v: _texto(v, _es_fuente)),
    "liberar_reservas": ("true o false", lambda v: type(v) is bool),
    "sorteo": (_UN_ID, lambda v: _texto(v, _ID.fullmatch)),
}
_DEL_ESPACIO: _Reglas = {
    "codigo": ("de 1 a 32 caracteres imprimibles, sin espacio al borde", lambda v: _texto(v, _es_espacio)),
    "reserva": (f"null o {_UN_CODIGO}", lambda v: v is None or _texto(v, _es_codigo)),
    "tipo": (_UN_CODIGO, lambda v: _texto(v, _es_codigo)),
}
_DEL_PARTICIPANTE: _Reglas = {
    "boletas": ("un entero de 1 a 100", lambda v: _entero(v, 1, 100)),
    "condiciones": (f"hasta 20 {_UN_CODIGO} crecientes", lambda v: _lista(v, "condiciones")),
    "id": (_UN_ID, lambda v: _texto(v, _ID.fullmatch)),
    "nivel": ("un entero de 0 a 9", lambda v: _entero(v, 0, 9)),
    "preferencias": ("hasta 10 códigos de espacio", lambda v: _lista(v, "preferencias")),
    "tipos": (f"de 1 a 8 {_UN_CODIGO} distintos", lambda v: _lista(v, "tipos")),
}
_TEXTOS = {
    "fin_de_linea": "falta, o no termina en \\n",
    "utf8": "no es UTF-8",
    "json": "no es JSON",
    "canonica": "no es JSON canónico: claves en orden y sin repetir, sin espacios, sin escapes de más",
    "claves": "no es un objeto con las claves del formato, ni una más ni una menos",
    "espacios_orden": "espacios: en orden estrictamente creciente de codigo",
    "id_orden": "id: en orden estrictamente creciente de una línea a otra",
    **{campo: f"{campo}: {texto}" for campo, (texto, _) in (_DEL_SORTEO | _DEL_ESPACIO | _DEL_PARTICIPANTE).items()},
}


def _exigir(reglas: _Reglas, objeto: object, linea: int) -> dict[str, Any]:
    if not isinstance(objeto, dict) or objeto.keys() != reglas.keys():
        raise BasesInvalidas(linea, "claves")
    for campo, (_, cumple) in reglas.items():
        if not cumple(objeto[campo]):
            raise BasesInvalidas(linea, campo)
    return objeto


def _exigir_sorteo(objeto: object) -> dict[str, Any]:
    sorteo = _exigir(_DEL_SORTEO, objeto, 1)
    if not _creciente(_exigir(_DEL_ESPACIO, espacio, 1)["codigo"] for espacio in sorteo["espacios"]):
        raise BasesInvalidas(1, "espacios_orden")
    return sorteo


def _exigir_participante(objeto: object, linea: int, anterior: str) -> dict[str, Any]:
    participante = _exigir(_DEL_PARTICIPANTE, objeto, linea)
    if participante["id"] <= anterior:
        raise BasesInvalidas(linea, "id_orden")
    return participante


# Reading and writing (sections 2 and 5)

# Python escapes strings as RFC 8785 does, and orders keys as it does while they are ASCII; there are no fractions.
_canonico = json.JSONEncoder(ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")).encode


def _leer_linea(cruda: bytes, linea: int) -> object:
    if not cruda.endswith(b"\n"):
        raise BasesInvalidas(linea, "fin_de_linea")
    try:
        texto = cruda[:-1].decode()
    except UnicodeDecodeError:
        raise BasesInvalidas(linea, "utf8") from None
    try:
        objeto: object = json.loads(texto)
        canonico = _canonico(objeto)
    # Not JSON, NaN, an integer of thousands of digits; nested too deeply.
    except (ValueError, RecursionError):
        raise BasesInvalidas(linea, "json") from None
    # What json lets through (keys twice, keys unsorted, escapes, spaces, -0, 1e0) does not come out as it went in.
    if canonico != texto:
        raise BasesInvalidas(linea, "canonica")
    return objeto


# A line of a participant, written as section 2 says; `_Listas` reads what stands between the brackets. A block of lines
# that are not all like this is read again, line by line, by the rules above: they alone say what is refused, and why.
_ENTRE_CORCHETES = r'\[(?:"([^\]\n]+)")?\]'
_PARTICIPANTES = re.compile(
    rf'^{{"boletas":(100|[1-9][0-9]?),"condiciones":{_ENTRE_CORCHETES},"id":"([0-9A-Za-z_-]{{1,40}})","nivel":([0-9]),'
    rf'"preferencias":{_ENTRE_CORCHETES},"tipos":{_ENTRE_CORCHETES}}}\n',
    re.MULTILINE,
)
_BLOQUE = 1 << 20


class _Textos(dict[str, str]):
    """Strings by how they are written in a file, between the quotes. Raises `ValueError` for what is not `cada`."""

    def __init__(self, cada: Callable[[str], bool]) -> None:
        super().__init__()
        self._cada = cada

    def __missing__(self, escrito: str) -> str:
        # What is printable, as `cada` asks, and has neither of these stands for itself.
        llano = '"' not in escrito and "\\" not in escrito
        texto = escrito if llano else str(_leer_linea(f'"{escrito}"\n'.encode(), 0))
        if not self._cada(texto):
            raise ValueError(escrito)
        self[escrito] = texto
        return texto


class _Listas(dict[str, tuple[str, ...]]):
    """Lists by how they are written in a file, from after the first quote to before the last. Raises `ValueError` for
    what breaks `regla`. Most are of few kinds: these are read once, and a million people share them."""

    def __init__(self, regla: _ReglaDeLista) -> None:
        super().__init__()
        self._regla = regla
        self._textos = _Textos(regla.cada)

    def __missing__(self, escrita: str) -> tuple[str, ...]:
        valores = tuple([self._textos[texto] for texto in escrita.split('","')]) if escrita else ()
        if not self._regla.cuantos_y_todos(valores):
            raise ValueError(escrita)
        if len(self) < 1024:
            self[escrita] = valores
        return valores


class _Lector:
    """Reads the lines of the participants, block by block."""

    def __init__(self) -> None:
        self.filas: list[_Fila] = []
        self._anterior = ""
        self._tipos = _Listas(_LISTAS["tipos"])
        self._condiciones = _Listas(_LISTAS["condiciones"])
        self._preferencias = _Listas(_LISTAS["preferencias"])

    def de_prisa(self, bloque: bytes) -> bool:
        """Read the lines of `bloque` if they surely break no rule; False, and none is read, if that cannot be said."""
        try:
            escritas = _PARTICIPANTES.findall(bloque.decode())
            filas = [
                (id, int(nivel), int(boletas), self._tipos[t], self._condiciones[c], self._preferencias[p])
                for boletas, c, id, nivel, p, t in escritas
            ]
        except ValueError:  # not UTF-8, or a list that breaks its rule
            return False
        ids = [self._anterior, *[fila[0] for fila in filas]]
        # Each match is a line, so as many matches as lines are all the lines.
        if len(filas) != bloque.count(b"\n") or bloque[-1:] != b"\n" or not all(map(lt, ids, ids[1:])):
            return False
        self.filas += filas
        self._anterior = ids[-1]
        return True

    def por_reglas(self, bloque: bytes, linea: int) -> None:
        """Read the lines of `bloque`, the first being number `linea`. Raises `BasesInvalidas`."""
        for n, cruda in enumerate(io.BytesIO(bloque), start=linea):
            campos = _exigir_participante(_leer_linea(cruda, n), n, self._anterior)
            self._anterior = campos["id"]
            listas = (tuple(campos[campo]) for campo in ("tipos", "condiciones", "preferencias"))
            self.filas.append((campos["id"], campos["nivel"], campos["boletas"], *listas))


def leer_bases(dato: bytes, *, linea_a_linea: bool = False) -> Bases:
    """The bases in a file of section 2. Raises `BasesInvalidas` at the first line that breaks a rule.

    If `linea_a_linea`, each line is read by the rules alone, which gives the same and takes several times as long.
    """
    bases, filas = _leer(dato, linea_a_linea)
    return replace(bases, participantes=tuple(starmap(Participante, filas)))


def _leer(dato: bytes, linea_a_linea: bool = False) -> tuple[Bases, list[_Fila]]:
    """The bases but for the participants, and these."""
    archivo = io.BytesIO(dato)
    campos = _exigir_sorteo(_leer_linea(archivo.readline(), 1))
    lector = _Lector()
    linea = 2
    while bloque := archivo.read(-1 if linea_a_linea else _BLOQUE) + archivo.readline():
        if linea_a_linea or not lector.de_prisa(bloque):
            lector.por_reglas(bloque, linea)
        linea += bloque.count(b"\n")
    del campos["formato"]
    espacios = tuple(Espacio(**espacio) for espacio in campos["espacios"])
    return Bases(**campos | {"espacios": espacios, "participantes": ()}), lector.filas


def lineas_bases(bases: Bases) -> Iterator[bytes]:
    """The lines of the file of `bases`, sorted as it must be, each with its `\\n`.

    Raises `BasesInvalidas` on coming to what would be refused on reading, with the line that it would be on.
    """
    sorteo = {campo: getattr(bases, campo) for campo in _DEL_SORTEO if campo != "formato"}
    sorteo["formato"] = FORMATO
    sorteo["espacios"] = [
        {campo: getattr(espacio, campo) for campo in _DEL_ESPACIO}
        for espacio in sorted(bases.espacios, key=attrgetter("codigo"))
    ]
    yield f"{_canonico(_exigir_sorteo(sorteo))}\n".encode()
    anterior = ""
    for linea, p in enumerate(sorted(bases.participantes, key=attrgetter("id")), start=2):
        campos = {campo: getattr(p, campo) for campo in _DEL_PARTICIPANTE}
        yield f"{_canonico(_exigir_participante(campos, linea, anterior))}\n".encode()
        anterior = p.id


def escribir_bases(bases: Bases) -> bytes:
    """The file of `bases`, whose SHA-256 is `huella`. Raises `BasesInvalidas` like `lineas_bases`."""
    return b"".join(lineas_bases(bases))


def lineas_resultado(puestos: Iterable[Puesto]) -> Iterator[bytes]:
    """The lines of the result, each with its `\\n`, in the order given."""
    return _lineas(map(attrgetter(*Puesto.__slots__), puestos))


def _lineas(puestos: Iterable[_Puesto]) -> Iterator[bytes]:
    for id, posicion, numero, espacio, espera in puestos:
        # Written out because it is twice as fast as a dict; only codes of spaces may need escaping.
        codigo = "null" if espacio is None else _canonico(espacio)
        turno = "null" if espera is None else espera
        yield (
            f'{{"espacio":{codigo},"espera":{turno},"id":"{id}","numero":"{numero}","posicion":{posicion}}}\n'
        ).encode()


def escribir_resultado(puestos: Iterable[Puesto]) -> bytes:
    """The file of the result, whose SHA-256 is `huella_resultado`."""
    return b"".join(lineas_resultado(puestos))


# Who wins, and which space (sections 3, 4 and 6)

# A kind of participant is the set of the classes of spaces that it may use; classes are numbered from 0.
_Grupo = frozenset[int]
# For each class that a search has seen, the class before it and the kind with a unit to move from there; None at first.
_Previos = dict[int, tuple[int, _Grupo] | None]


class _Flujo:
    """How many of each kind are placed in each class.

    Whom a transversal matroid lets in is a question about augmenting paths (Berge, 1957; Edmonds and Fulkerson, 1965);
    here they run between kinds and classes instead of single people and spaces. Invariant: everyone admitted and not
    yet seated is one unit in one class that their kind may use, and no class holds more units than it has spaces.
    """

    def __init__(self, cupos: Iterable[int]) -> None:
        self._libres = list(cupos)
        self._en_clase: list[dict[_Grupo, int]] = [{} for _ in self._libres]
        self._de_grupo: defaultdict[_Grupo, dict[int, int]] = defaultdict(dict)
        self._sin_salida: set[int] = set()
        self._vedadas: defaultdict[_Grupo, set[int]] = defaultdict(set)

    def admitir(self, grupo: _Grupo) -> bool:
        """Place one more unit of `grupo`, moving others if need be; False if there is no way to."""
        clase = self._hacer_lugar(grupo, None, self._sin_salida)
        if clase is None:
            return False
        self._sumar(grupo, clase, 1)
        return True

    def sentar(self, grupo: _Grupo, clase: int) -> bool:
        """Give one unit of `grupo` a space of `clase` for good; False if somebody would be left without one."""
        if self._hacer_lugar((clase,), grupo, self._vedadas[grupo]) is None:
            return False
        self._libres[clase] -= 1
        return True

    def _sumar(self, grupo: _Grupo, clase: int, unidades: int) -> None:
        self._libres[clase] -= unidades
        cuantos = self._de_grupo[grupo].get(clase, 0) + unidades
        if cuantos:
            self._de_grupo[grupo][clase] = self._en_clase[clase][grupo] = cuantos
        else:
            del self._de_grupo[grupo][clase], self._en_clase[clase][grupo]

    def _hacer_lugar(self, desde: Collection[int], propio: _Grupo | None, cerradas: set[int]) -> int | None:
        """Move units along a shortest path until a class of `desde` has a free place; that class, or None.

        If `propio` is given, one unit of that kind leaves, and its place counts as free. `cerradas` are the classes
        known to lead nowhere. It grows: a vain search has seen only full classes, of kinds that may use no others,
        and so it stays, whoever is admitted or seated later.
        """
        propias: Mapping[int, int] = {} if propio is None else self._de_grupo[propio]
        previos: _Previos = {clase: None for clase in desde if clase not in cerradas}
        fin = self._buscar(previos, propias, cerradas)
        if fin is None:
            cerradas.update(previos)
            return None
        if propio is not None:
            self._sumar(propio, fin if fin in propias else next(iter(propias)), -1)
        while (previo := previos[fin]) is not None:
            clase, grupo = previo
            self._sumar(grupo, clase, -1)
            self._sumar(grupo, fin, 1)
            fin = clase
        return fin

    def _buscar(self, previos: _Previos, propias: Collection[int], cerradas: Collection[int]) -> int | None:
        """Breadth first from the classes of `previos`, adding to it, to one that is free or in `propias`."""
        for clase in previos:
            if self._libres[clase] or clase in propias:
                return clase
        vistos: set[_Grupo] = set()
        cola = deque(previos)
        while cola:
            clase = cola.popleft()
            for grupo in self._en_clase[clase]:
                if grupo in vistos:
                    continue
                vistos.add(grupo)
                for otra in grupo:
                    if otra in previos or otra in cerradas:
                        continue
                    previos[otra] = clase, grupo
                    if self._libres[otra] or otra in propias:
                        return otra
                    cola.append(otra)
        return None


# What a combination of rights gives: the classes, and the same classes grouped in the order of section 4.
_Derecho = tuple[_Grupo, list[list[int]]]


class _Plano:
    """The spaces still to be had, by class, and the order in which a participant looks at them."""

    def __init__(self, espacios: Iterable[Espacio]) -> None:
        pilas: dict[tuple[str, str | None], list[str]] = {}
        for e in sorted(espacios, key=attrgetter("codigo"), reverse=True):
            pilas.setdefault((e.tipo, e.reserva), []).append(e.codigo)
        self._pilas = list(pilas.values())  # the next code of a class is the last of its list
        self._clase_de = {codigo: clase for clase, pila in enumerate(self._pilas) for codigo in pila}
        self._por_tipo: dict[str, list[tuple[str | None, int]]] = {}
        for clase, (tipo, reserva) in enumerate(pilas):
            self._por_tipo.setdefault(tipo, []).append((reserva, clase))
        self.flujo = _Flujo(map(len, self._pilas))
        self._derechos: dict[tuple[tuple[str, ...], tuple[str, ...]], tuple[_Derecho, _Derecho]] = {}

    def derechos(self, tipos: tuple[str, ...], condiciones: tuple[str, ...]) -> tuple[_Derecho, _Derecho]:
        """What somebody with these may use; and what, if reservations do not count for them."""
        clave = tipos, condiciones
        if clave not in self._derechos:
            self._derechos[clave] = self._derecho(*clave, False), self._derecho(*clave, True)
        return self._derechos[clave]

    def _derecho(self, tipos: Iterable[str], condiciones: Collection[str], prestado: bool) -> _Derecho:
        tandas: dict[tuple[int, int], list[int]] = {}
        for lugar, tipo in enumerate(tipos):
            for reserva, clase in self._por_tipo.get(tipo, ()):
                rango = 1 if reserva is None else 0 if reserva in condiciones else 2
                if rango < 2 or prestado:
                    tandas.setdefault((rango, lugar), []).append(clase)
        grupo = frozenset(chain.from_iterable(tandas.values()))
        return grupo, [tandas[orden] for orden in sorted(tandas)]

    def tomar(self, preferencias: Iterable[str], derecho: _Derecho) -> str:
        """Seat somebody admitted with `derecho`: the code of the first space of their list that is possible."""
        grupo, tandas = derecho
        lista = self._lista(preferencias, grupo, tandas)
        codigo = next(codigo for codigo in lista if self.flujo.sentar(grupo, self._clase_de[codigo]))
        del self._clase_de[codigo]
        return codigo

    def _lista(self, preferencias: Iterable[str], grupo: _Grupo, tandas: Iterable[list[int]]) -> Iterator[str]:
        """The list of section 4, of each class only its first code: if that is not possible, no other one is."""
        for codigo in preferencias:
            if self._clase_de.get(codigo) in grupo:
                yield codigo
        for tanda in tandas:
            yield from sorted(filter(None, map(self._primero, tanda)))

    def _primero(self, clase: int) -> str | None:
        pila = self._pilas[clase]
        while pila and pila[-1] not in self._clase_de:  # taken by preference
            pila.pop()
        return pila[-1] if pila else None


def sortear(bases: Bases, semilla: str) -> list[Puesto]:
    """The result, in the order of the draw, whatever the order of participants and spaces in `bases`.

    `bases` must be what `leer_bases` would accept.
    """
    filas = map(attrgetter(*Participante.__slots__), bases.participantes)
    return list(starmap(Puesto, _repartir(bases, filas, semilla)))


def _repartir(bases: Bases, filas: Iterable[_Fila], semilla: str) -> Iterator[_Puesto]:
    """The greedy algorithm on a transversal matroid (Edmonds, 1971), for the participants of `filas`."""
    plano = _Plano(bases.espacios)
    urna = hashlib.sha256(f"{semilla}:".encode())
    claves: list[str] = []
    derechos: list[tuple[_Derecho, _Derecho]] = []
    preferencias: list[tuple[str, ...]] = []
    for id, nivel, boletas, tipos, condiciones, suyas in filas:
        # One digit, 64 digits, the rest: as text they compare like the three of them, and faster.
        claves.append(f"{nivel}{numero_de(urna, id, boletas)}{id}")
        derechos.append(plano.derechos(tipos, condiciones))
        preferencias.append(suyas)
    orden = sorted(range(len(claves)), key=claves.__getitem__)
    derechos = [derechos[n] for n in orden]
    admitidos: list[tuple[int, _Derecho]] = []
    pendientes: Iterable[int] = range(len(orden))
    for prestado in (False, True) if bases.liberar_reservas else (False,):
        rechazados, negados = [], set()
        for n in pendientes:
            derecho = derechos[n][prestado]
            grupo = derecho[0]
            # Once a kind was refused it stays refused, and in the end most are.
            if grupo not in negados and plano.flujo.admitir(grupo):
                admitidos.append((n, derecho))
            else:
                rechazados.append(n)
                negados.add(grupo)
        pendientes = rechazados
    espacios: list[str | None] = [None] * len(orden)
    for n, derecho in admitidos:
        espacios[n] = plano.tomar(preferencias[orden[n]], derecho)
    espera = 0
    for posicion, (n, espacio) in enumerate(zip(orden, espacios, strict=True), start=1):
        clave = claves[n]
        espera += espacio is None
        yield clave[65:], posicion, clave[1:65], espacio, espera if espacio is None else None


def correr(dato: bytes, secreto: str, entropia: str) -> bytes:
    """The whole draw, from the file of the bases to that of the result. Raises the three errors of this module."""
    return b"".join(_correr(dato, secreto, entropia))


def _correr(dato: bytes, secreto: str, entropia: str) -> Iterator[bytes]:
    """The lines of the result. Raises the errors of `correr` instead of the first."""
    bases, filas = _leer(dato)
    verificar_secreto(bases, secreto)
    semilla = semilla_de(secreto, sha256_hex(dato), entropia)
    yield from _lineas(_repartir(bases, filas, semilla))


# Command line (section 7)


class _Argumentos(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise ValueError(" ".join(message.split()))


def _a_stdout(lineas: Iterator[bytes]) -> None:
    try:
        while trozo := b"".join(islice(lineas, 8192)):
            sys.stdout.buffer.write(trozo)
        sys.stdout.buffer.flush()
    except OSError:  # a reader that is gone, a full disk
        # What is left in the buffer must not be tried again at exit, which would spoil the exit status.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; the exit status: 0, 1 if the result is not that of the draw, 2 if there is none."""
    argumentos = _Argumentos(prog="motor", description=f"Sorteo {FORMATO}: el resultado, por la salida estándar.")
    argumentos.add_argument("bases", type=Path, metavar="BASES", help="archivo de las bases")
    argumentos.add_argument("--secreto", required=True, metavar="HEX")
    argumentos.add_argument("--entropia", required=True, metavar="TEXT")
    argumentos.add_argument("--verificar", type=Path, metavar="RESULTADO", help="compararlo con este resultado")
    try:
        opciones = argumentos.parse_args(argv)
        lineas = _correr(opciones.bases.read_bytes(), opciones.secreto, opciones.entropia)
        if opciones.verificar is None:
            _a_stdout(lineas)
            return 0
        resultado = b"".join(lineas)
        dado = opciones.verificar.read_bytes()
    except (ValueError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    if dado == resultado:
        return 0
    pares = zip_longest(io.BytesIO(dado), io.BytesIO(resultado))
    linea = next(n for n, (dada, propia) in enumerate(pares, start=1) if dada != propia)
    sys.stderr.write(f"línea {linea}: no es la del resultado del sorteo\n")
    return 1


if __name__ == "__main__":
    gc.disable()  # nothing here makes cycles, and looking for them among millions of objects takes a third of the time
    sys.exit(main())
