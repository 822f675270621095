"""Bodies that nobody thought of: bytes against every operation that takes a body. Never a failure of ours, and what is
refused is a problem that names the rule and repeats nothing."""

import json
from collections.abc import Mapping

import pytest
from hypothesis import strategies as st

from tests.api.operaciones import OPERACIONES
from tests.judges.juicio import EJEMPLOS, Banco, probar, problema

JSON, FORMULARIO = "application/json", "application/x-www-form-urlencoded"
PARTES = "multipart/form-data; boundary=limite"
# What breaks one reader or another: not JSON, or JSON that means something else to somebody.
PIEZAS: tuple[bytes, ...] = (
    b"NaN",
    b"Infinity",
    b"-Infinity",
    b"1e999",
    b"-1e-999",
    b"9" * 400,
    b"0x1F",
    b"01",
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b"\x00",
    b'"\\ud800"',
    b'"\\udfff\\ud800"',
    b'"\\u0000"',
    b"\xed\xa0\x80",
    b"\xc0\xaf",
    b"\xf5\x80\x80\x80",
    b'{"a":1,"a":2}',
    b"[" * 40 + b"]" * 40,
    b"[" * 5000,
    b'{"a":' * 5000,
    b'{"__proto__":{}}',
    b'{"$where":"1"}',
    b"%",
    b"%zz&=&%00=%ff",
    b"a=1&a=2;b",
    b"--limite\r\n",
    b'--limite\r\nContent-Disposition: form-data; name="archivo"; filename="\xff"\r\n\r\n\x00\r\n--limite--\r\n',
    b"--limite--",
    b"\r\n",
    b"PK\x03\x04",
    b"\x1f\x8b\x08",
    b'torre,apartamento\n\xff,"\n',
)
TIPOS: tuple[str, ...] = (
    JSON,
    f"{JSON}; charset=utf-16",
    f"{JSON}; charset=\x7f",
    "application/merge-patch+json",
    FORMULARIO,
    PARTES,
    "multipart/form-data",
    "multipart/form-data; boundary=",
    'multipart/form-data; boundary="a\\"',
    "text/csv",
    "text/csv; charset=latin-1",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "text/plain",
    "*/*",
    "/",
    "",
)


OTRAS: tuple[dict[str, str], ...] = (
    {},
    {},
    {"Content-Encoding": "gzip"},
    {"Accept": "text/html"},
    {"Accept-Language": "en;q=\xb2"},
)


def _recibe(banco: Banco) -> dict[str, list[str]]:
    """The types of body that each operation takes, as the document says."""
    documento = banco.aplicacion.app.openapi()
    recibe = {}
    for nombre, operacion in OPERACIONES.items():
        declarada = documento["paths"][operacion.plantilla][operacion.metodo.lower()]
        if "requestBody" in declarada:
            recibe[nombre] = list(declarada["requestBody"]["content"])
    return recibe


def _estropeado(bueno: bytes) -> st.SearchStrategy[bytes]:
    """A right body, cut, with something in the middle of it, or with some of its bytes others."""
    corte = st.integers(0, len(bueno))
    cortado = corte.map(lambda n: bueno[:n])
    con_pieza = st.tuples(corte, st.integers(0, 8), st.sampled_from(PIEZAS) | st.binary(min_size=1, max_size=8)).map(
        lambda t: bueno[: t[0]] + t[2] + bueno[t[0] + t[1] :]
    )
    return cortado | con_pieza


def _cuerpos(buenos: list[bytes]) -> st.SearchStrategy[bytes]:
    piezas = st.lists(st.sampled_from(PIEZAS), min_size=1, max_size=4).map(b"".join)
    formas = [_estropeado(bueno) for bueno in buenos]
    return st.one_of(st.binary(max_size=200), piezas, *formas, *formas)


def _tipos(declarados: list[str]) -> st.SearchStrategy[str]:
    """Mostly what it takes: the rest is refused before anybody reads it."""
    suyos = st.sampled_from([PARTES if tipo.startswith("multipart/") else tipo for tipo in declarados])
    return st.one_of(suyos, suyos, suyos, st.sampled_from(TIPOS))


def _buenos(banco: Banco, nombre: str) -> list[bytes]:
    operacion = OPERACIONES[nombre]
    buenos = [json.dumps(cuerpo).encode() for cuerpo in operacion.con_cuerpos(banco.mundo)]
    return buenos or [b"username=1001&password=una+clave+muy+larga", b"torre,apartamento,al_dia\nTorre 1,101,no\n"]


@pytest.mark.parametrize("nombre", OPERACIONES)
async def test_ningun_cuerpo_la_rompe(nombre: str, banco: Banco) -> None:
    declarados = _recibe(banco).get(nombre)
    if declarados is None:
        return
    operacion = OPERACIONES[nombre]
    quien = None if operacion.publica else operacion.quien
    camino = operacion.camino(banco.mundo)

    async def uno(ejemplo: tuple[bytes, str, Mapping[str, str]]) -> None:
        cuerpo, tipo, otras = ejemplo
        cabeceras = {c: v.encode("latin-1") for c, v in {**otras, "Content-Type": tipo}.items()}
        respuesta = await banco.pedir(operacion.metodo, camino, quien=quien, content=cuerpo, headers=cabeceras)
        banco.faltas += [f"{tipo!r} {cuerpo[:200]!r}: {falta}" for falta in problema(respuesta)]

    for pieza in PIEZAS:
        await uno((pieza, declarados[0], {}))
    otras = st.sampled_from(OTRAS)
    ejemplos = st.tuples(_cuerpos(_buenos(banco, nombre)), _tipos(declarados), otras)
    await probar(ejemplos, uno, cuantos=4 * EJEMPLOS)
    assert not banco.faltas, "\n\n".join(banco.faltas)


async def test_hay_cuerpos_de_cada_clase(banco: Banco) -> None:
    """JSON, forms and uploads: what is not there is not tried."""
    clases = {tipo for tipos in _recibe(banco).values() for tipo in tipos}
    assert {JSON, FORMULARIO} <= clases
