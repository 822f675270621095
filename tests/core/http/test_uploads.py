"""Uploads whose headers nobody thought of: what reads them refuses in our words, and never fails."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request
from starlette.types import Message

from app.core.http import uploads
from app.core.http.uploads import MultipartInvalido, SubidaDe
from app.shared.exceptions import EntradaExcesiva, EntradaInvalida, ParkNetError, TipoNoAdmitido

CSV = SubidaDe("text/csv")
_LATINOS = st.text(st.characters(max_codepoint=255, blacklist_characters="\r\n\0"), max_size=600)


def subir(tipo: str, cuerpo: bytes) -> bytes | ParkNetError:
    """The file that was found, or why not."""

    async def recibir() -> Message:
        return {"type": "http.request", "body": cuerpo, "more_body": False}

    async def leer() -> bytes:
        ambito = {"type": "http", "method": "POST", "headers": [(b"content-type", tipo.encode("latin-1"))]}
        return b"".join([trozo async for trozo in await CSV(Request(ambito, recibir))])

    try:
        return asyncio.run(leer())
    except ParkNetError as error:
        return error


def formulario(separador: str, cabeceras: bytes = b'Content-Disposition: form-data; name="archivo"') -> bytes:
    limite = separador.encode("latin-1")
    return b"--" + limite + b"\r\n" + cabeceras + b"\r\n\r\na,b\r\n--" + limite + b"--\r\n"


@pytest.mark.parametrize("largo", [1, 69, 70])
def test_a_boundary_as_long_as_one_may_be(largo: int) -> None:
    assert subir(f"multipart/form-data; boundary={'x' * largo}", formulario("x" * largo)) == b"a,b"


@pytest.mark.parametrize("separador", ["x" * 71, "x" * 256, "x" * 257, "x" * 400, "ñ", '"a "', '"\t"', '""', '"{}"'])
def test_one_that_is_none(separador: str) -> None:
    assert isinstance(subir(f"multipart/form-data; boundary={separador}", formulario("x")), MultipartInvalido)


def test_one_in_another_alphabet() -> None:
    """As RFC 2231 spells it, and no boundary may be."""
    assert isinstance(subir("multipart/form-data; boundary*=utf-8''x", formulario("x")), MultipartInvalido)


def test_a_form_of_no_parts() -> None:
    errores = [subir("multipart/form-data; boundary=x", cuerpo) for cuerpo in (b"--x--\r\n", b"")]
    assert [type(error) for error in errores] == [EntradaInvalida, EntradaInvalida]


def test_what_follows_a_form_counts_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MAXIMO", 1000)
    monkeypatch.setattr(uploads, "_DE_SOBRA", 100)
    cuerpo = formulario("x") + b" " * 900
    assert subir("multipart/form-data; boundary=x", cuerpo) == b"a,b"
    assert isinstance(subir("multipart/form-data; boundary=x", cuerpo + b" " * 900), EntradaExcesiva)


@pytest.mark.parametrize("largo", [600, 60_000])
def test_a_type_that_goes_on_and_on(largo: int) -> None:
    """The reader of its parameters takes the square of their number."""
    assert isinstance(subir("multipart/form-data" + ";" * largo, b""), TipoNoAdmitido)


@pytest.mark.parametrize(
    "cabeceras",
    [b"X: " + b"a" * 9_000, b"X" * 9_000 + b": a", b"X: a\r\n" * 3_000, b"Content-Disposition: " + b";" * 9_000],
)
def test_headers_of_a_part_that_go_on_and_on(cabeceras: bytes) -> None:
    assert isinstance(subir("multipart/form-data; boundary=x", formulario("x", cabeceras)), MultipartInvalido)


@pytest.mark.parametrize("cabeceras", [b"X: a", b"Content-Disposition: form-data", b"Content-Disposition: ;;=;"])
def test_a_part_of_another_name(cabeceras: bytes) -> None:
    assert isinstance(subir("multipart/form-data; boundary=x", formulario("x", cabeceras)), EntradaInvalida)


@given(tipo=_LATINOS | _LATINOS.map("multipart/form-data; boundary={}".format) | _LATINOS.map("text/csv;{}".format))
def test_whatever_the_type_says(tipo: str) -> None:
    subir(tipo, formulario("x"))


@given(cabeceras=_LATINOS.map("Content-Disposition: form-data; {}".format) | _LATINOS, resto=st.binary(max_size=60))
def test_whatever_a_part_says_of_itself(cabeceras: str, resto: bytes) -> None:
    subir("multipart/form-data; boundary=x", formulario("x", cabeceras.encode("latin-1")) + resto)
