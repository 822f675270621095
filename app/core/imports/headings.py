"""Finding the heading of a table that people made: below titles, in their words, in one row or two."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

from app.core.imports.contract import Columna, Encabezado, Vocabulario
from app.shared.exceptions import EntradaInvalida
from app.shared.tables import sin_tildes

FILAS_MIRADAS = 60
"""As many rows of a sheet are looked at for its heading."""
_MAXIMO_DE_COLUMNAS = 400
_DESCONOCIDAS = 50
_MAXIMO_DE_TITULO = 60
_PALABRA = re.compile(r"[a-z]+|[0-9]+")
_SIGLAS = re.compile(r"\b([a-z])\.? ?(?=[a-z]\b)")
_RELLENO = re.compile("a|al|da|das|de|del|do|dos|el|en|la|las|los|n|no|nro|num|numero|of|o|the")


@lru_cache(maxsize=4096)
def plegar(titulo: str) -> str:
    """`No. de Apto.` is `apto`, `C.C.` is `cc`, `Teléfono 2` is `telefono`."""
    texto = _SIGLAS.sub(r"\1", sin_tildes(titulo).replace("_", " "))
    palabras = [palabra for palabra in _PALABRA.findall(texto) if not palabra.isdigit()]
    return " ".join([palabra for palabra in palabras if not _RELLENO.fullmatch(palabra)] or palabras)


class Lector:
    """Knows the words of a `Vocabulario`."""

    def __init__(self, vocabulario: Vocabulario) -> None:
        self._vocabulario = vocabulario
        self._campos = {titulo: campo for campo, titulos in vocabulario.columnas.items() for titulo in titulos}
        self._grupos = {titulo: grupo for grupo, titulos in vocabulario.grupos.items() for titulo in titulos}

    def grupo(self, titulo: str) -> str:
        """Whom a title above a heading speaks of: `DATOS DEL PROPIETARIO`."""
        return next((self._grupos[p] for p in plegar(titulo).split() if p in self._grupos), "")

    def columna(self, numero: int, titulo: str) -> Columna | None:
        plegado = plegar(titulo)
        if campo := self._campo(plegado):
            return _columna(numero, titulo, campo, "")
        palabras = plegado.split()
        grupo = self.grupo(titulo)
        if not grupo:
            return None
        resto = " ".join(palabra for palabra in palabras if self._grupos.get(palabra) != grupo)
        campo = self._campo(resto) if resto else self._vocabulario.nombre
        return _columna(numero, titulo, campo, grupo) if campo.partition("#")[0] in self._vocabulario.de_grupo else None

    def _campo(self, plegado: str) -> str:
        """The field of that title; of several words, that which all of them are (`torre bloque`)."""
        if plegado in self._campos:
            return self._campos[plegado]
        campos = [self._campos.get(palabra, "") for palabra in plegado.split()]
        if not campos or not all(campos):
            return ""
        if len(set(campos)) == 1:
            return campos[0]
        sin_variante = {campo.partition("#")[0] for campo in campos}
        if len(sin_variante) == 1:
            return sin_variante.pop()
        return self._campos.get(" ".join(sorted(sin_variante)), "")


def _columna(numero: int, titulo: str, campo: str, grupo: str) -> Columna:
    nombre, _, variante = campo.partition("#")
    return Columna(numero, titulo[:_MAXIMO_DE_TITULO], nombre, variante, grupo)


def hallar(
    lector: Lector, vocabulario: Vocabulario, filas: Sequence[tuple[int, int, Sequence[str]]]
) -> Encabezado | None:
    """The heading among `filas` (sheet, line, cells): the first that has what is required, or the one right below it
    that says more, as where titles of groups stand above. Raises EntradaInvalida where two of its columns say what a
    row is about."""
    de_cada = [
        [c for n, titulo in enumerate(celdas[:_MAXIMO_DE_COLUMNAS]) if (c := lector.columna(n, titulo))]
        for _, _, celdas in filas
    ]
    bastan = [any(una <= {c.campo for c in halladas} for una in vocabulario.exigidas) for halladas in de_cada]
    if not any(bastan):
        return None
    cual = bastan.index(True)
    debajo = cual + 1
    if (
        debajo < len(filas)
        and filas[debajo][0] == filas[cual][0]
        and bastan[debajo]
        and len(de_cada[debajo]) > len(de_cada[cual])
    ):
        cual = debajo
    hoja, linea, celdas = filas[cual]
    arriba = filas[cual - 1][2] if cual and filas[cual - 1][0] == hoja else ()
    columnas = _repartidas(de_cada[cual], vocabulario, _grupos_de_arriba(lector, arriba, celdas))
    columnas = _sin_repetidas(columnas, vocabulario)
    sabidas = {columna.numero for columna in columnas}
    ajenas = [t.strip()[:_MAXIMO_DE_TITULO] for n, t in enumerate(celdas) if t.strip() and n not in sabidas]
    return Encabezado(hoja, linea, len(celdas), tuple(columnas), tuple(ajenas[:_DESCONOCIDAS]))


def _grupos_de_arriba(lector: Lector, arriba: Sequence[str], celdas: Sequence[str]) -> Mapping[int, str]:
    """From which column on the row above speaks of whom."""
    grupos = {numero: lector.grupo(titulo) for numero, titulo in enumerate(arriba) if titulo != _en(celdas, numero)}
    return {numero: grupo for numero, grupo in grupos.items() if grupo}


def _en(celdas: Sequence[str], numero: int) -> str:
    return celdas[numero] if numero < len(celdas) else ""


def _repartidas(halladas: Sequence[Columna], vocabulario: Vocabulario, de_arriba: Mapping[int, str]) -> list[Columna]:
    """Each column of people to the group that was named last; those before any, to the first."""
    nombrados = [columna.grupo for columna in halladas if columna.grupo] or list(de_arriba.values())
    grupo = nombrados[0] if nombrados else ""
    if de_arriba:
        grupo = next(iter(de_arriba.values()))
    repartidas: list[Columna] = []
    for columna in halladas:
        for numero, nombrado in de_arriba.items():
            if numero <= columna.numero:
                grupo = nombrado
        if columna.campo not in vocabulario.de_grupo:
            repartidas.append(columna)
            continue
        grupo = columna.grupo or grupo
        repartidas.append(replace(columna, grupo=grupo))
    return repartidas


def _sin_repetidas(columnas: Sequence[Columna], vocabulario: Vocabulario) -> list[Columna]:
    """What was said already is not said again by a later column, which counts as unknown."""
    vistas: set[tuple[str, str]] = set()
    quedan: list[Columna] = []
    for columna in columnas:
        dicho = columna.campo, columna.grupo
        if dicho in vistas and columna.campo not in vocabulario.varias:
            if columna.campo in vocabulario.claves:
                raise EntradaInvalida.en("archivo", "columna_repetida", columna=columna.campo)
            continue
        vistas.add(dicho)
        quedan.append(columna)
    return quedan
