"""Ways to spoil a body: from a valid one, every field with everything that it is not."""

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

MARCA = "zq9marca"
_SITIO = "zq9sitio"
Lugar = tuple[str | int, ...]


@dataclass(frozen=True)
class Danado:
    """A body, the answers that it may get, and the field (or one around it) that a 422 names."""

    que: str
    crudo: bytes
    estados: frozenset[int]
    campo: str | None = None
    codigo: str | None = None


# What JSON itself does not know, or what no reader may take for something else.
NO_ES_JSON = ("NaN", "Infinity", '"\\ud800"')
TAMPOCO = ("-Infinity", '"a\\udfffb"', "01", "+1", "'a'", '"a\nb"', '{"a":1,"a":1}')
DE_TEXTO: tuple[Any, ...] = (7, 7.5, True, False, [], [MARCA], {}, {MARCA: 1})
DE_NUMERO: tuple[Any, ...] = ("1", MARCA, True, False, [], {}, 1.5, -1, -(2**63), 2**63, 2**64, 10**30, 1e300)
DE_SI_O_NO: tuple[Any, ...] = ("true", MARCA, "", 1, 0, 1.0, [], {})
DE_LISTA: tuple[Any, ...] = ({}, {"0": MARCA}, MARCA, 3, True)
DE_OBJETO: tuple[Any, ...] = ([], [MARCA], MARCA, 3, True)
NUMEROS_ENORMES = ("1e999", "9" * 4000, "-1e999", "-" + "9" * 4000, "1" + "0" * 25)


def lugares(valor: Any, lugar: Lugar = ()) -> Iterator[tuple[Lugar, Any]]:
    """Every field of a body, with those of its objects and of the first of its lists."""
    hijos = valor.items() if isinstance(valor, dict) else enumerate(valor[:1]) if isinstance(valor, list) else ()
    for nombre, hijo in hijos:
        yield (*lugar, nombre), hijo
        yield from lugares(hijo, (*lugar, nombre))


def objetos(cuerpo: dict[str, Any]) -> Iterator[Lugar]:
    yield ()
    yield from (lugar for lugar, valor in lugares(cuerpo) if isinstance(valor, dict))


def campo(lugar: Sequence[str | int]) -> str:
    return ".".join(map(str, lugar))


def _en(cuerpo: Any, lugar: Lugar) -> Any:
    for paso in lugar:
        cuerpo = cuerpo[paso]
    return cuerpo


def _con(cuerpo: Any, lugar: Lugar, nuevo: Any) -> Any:
    if not lugar:
        return nuevo
    primero, *resto = lugar
    copia: Any = cuerpo.copy()
    copia[primero] = _con(cuerpo[primero] if resto else None, tuple(resto), nuevo)
    return copia


def _crudo(cuerpo: Any, lugar: Lugar, texto: str) -> bytes:
    """`cuerpo` with `texto`, as it is, where `lugar` says."""
    return json.dumps(_con(cuerpo, lugar, _SITIO)).replace(f'"{_SITIO}"', texto).encode()


def _malos(valor: Any) -> tuple[Any, ...]:
    match valor:
        case bool():
            return DE_SI_O_NO
        case int():
            return DE_NUMERO
        case str():
            return DE_TEXTO
        case list():
            return DE_LISTA
    return DE_OBJETO


def danados(
    cuerpo: dict[str, Any], *, nulos: Collection[str], mapas: Collection[str], secretos: Collection[str]
) -> Iterator[Danado]:
    no_vale = frozenset({422})
    # A secret is judged as it is, and is simply not the right one.
    de_secreto = frozenset({401, 409, 422})
    for texto in TAMPOCO:
        yield Danado(texto, _crudo(cuerpo, next(lugares(cuerpo))[0], texto), frozenset({400}))
    # One is enough of what is only large.
    enormes = iter([MARCA + "é" * 300_000])
    for lugar, valor in lugares(cuerpo):
        nombre = campo(lugar)
        # The name of an entry in a mapping is the client's, and is left out.
        visto = campo([p for i, p in enumerate(lugar) if campo(lugar[:i]) not in mapas])
        for malo in _malos(valor):
            crudo = json.dumps(_con(cuerpo, lugar, malo)).encode()
            estados = de_secreto if isinstance(malo, str) and nombre in secretos else no_vale
            yield Danado(f"{nombre}={str(malo)[:40]}", crudo, estados, visto)
        if nombre not in nulos:
            yield Danado(f"{nombre}=null", json.dumps(_con(cuerpo, lugar, None)).encode(), no_vale, visto)
        for texto in NO_ES_JSON:
            yield Danado(f"{nombre}={texto}", _crudo(cuerpo, lugar, texto), frozenset({400}))
        for texto in NUMEROS_ENORMES if type(valor) is int else NUMEROS_ENORMES[:2]:
            yield Danado(f"{nombre}={texto[:8]}", _crudo(cuerpo, lugar, texto), frozenset({400, 422}), visto)
        if isinstance(valor, str):
            estados = de_secreto if nombre in secretos else no_vale
            for texto in (f"a\x00{MARCA}", f"\x1b{MARCA}", f"{MARCA}\x7f", MARCA + "x" * 25_000, *enormes):
                crudo = json.dumps(_con(cuerpo, lugar, texto), ensure_ascii=False).encode()
                yield Danado(f"{nombre}={texto[:12]!r}", crudo, estados, visto)
    for lugar in objetos(cuerpo):
        nombre = campo(lugar)
        if nombre in mapas:
            for clave in (f"${MARCA}", f"{MARCA}.a", "", "__proto__", f"{MARCA}\x00"):
                ajeno = json.dumps(_con(cuerpo, (*lugar, clave), 1)).encode()
                yield Danado(f"{nombre}[{clave!r}]", ajeno, no_vale, nombre)
            continue
        # The last is the name of a field, elsewhere.
        conocido = "ronda" if "telefono" in _en(cuerpo, lugar) else "telefono"
        for clave in (MARCA, f"${MARCA}", "__proto__", "_id", conocido):
            ajeno = json.dumps(_con(cuerpo, (*lugar, clave), MARCA)).encode()
            yield Danado(f"{nombre}+{clave}", ajeno, no_vale, nombre, "campo_desconocido")


def rotos(cuerpo: dict[str, Any]) -> Iterator[Danado]:
    """Bodies that are wrong as a whole."""
    entero = json.dumps(cuerpo).encode()
    ilegible, no_vale = frozenset({400}), frozenset({422})
    for que, crudo in {
        "nada": b"",
        "espacios": b"  \n",
        "sin cerrar": entero[:-1],
        "de mas": entero + b"}",
        "dos": entero + entero,
        "otra codificacion": entero.decode().encode("utf-16"),
        "no es UTF-8": entero[:-1] + b',"\xff":"\xc3("}',
        "surrogate en UTF-8": entero[:-1] + b',"a":"\xed\xa0\x80"}',
        "con BOM": b"\xef\xbb\xbf" + entero,
        "una imagen": b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(range(256)),
        "hondo 900": b"[" * 900 + b"]" * 900,
        "hondo sin fin": b'{"a":' * 100_000,
        "hondo 33": entero[:-1] + b',"' + MARCA.encode() + b'":' + b"[" * 32 + b"]" * 32 + b"}",
        "formulario": b"a=" + MARCA.encode(),
    }.items():
        yield Danado(que, crudo, ilegible)
    for que, crudo in {
        "null": b"null",
        "lista": b"[]",
        "lista de uno": b"[" + entero + b"]",
        "texto": f'"{MARCA}"'.encode(),
        "numero": b"7",
        "si": b"true",
        "hondo 32": entero[:-1] + b',"' + MARCA.encode() + b'":' + b"[" * 31 + b"]" * 31 + b"}",
    }.items():
        yield Danado(que, crudo, no_vale, "")
    yield Danado("demasiado", entero[:-1] + b',"a":"' + b"x" * 1024 * 1024 + b'"}', frozenset({413}))
    yield Danado("demasiado vacio", b" " * (1024 * 1024 + 1), frozenset({413}))
