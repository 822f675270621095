"""The catalogues: every code that the program can say has a text in each, which asks for what it will be given."""

import ast
import importlib
import pkgutil
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

import app
from app.core.http.problems import _CODIGOS
from app.shared.exceptions import ParkNetError
from app.shared.mensajes import CATALOGOS, IDIOMAS, idioma_preferido, mensaje, titulo

RAIZ = Path(app.__path__[0])


def _clases(base: type[ParkNetError]) -> Iterator[type[ParkNetError]]:
    for clase in base.__subclasses__():
        yield clase
        yield from _clases(clase)


def _todas() -> list[type[ParkNetError]]:
    for modulo in pkgutil.walk_packages(app.__path__, "app."):
        importlib.import_module(modulo.name)
    return [clase for clase in _clases(ParkNetError) if clase.__module__.startswith("app.")]


def _huecos(texto: str) -> set[str]:
    return {nombre for _, nombre, _, _ in string.Formatter().parse(texto) if nombre is not None}


def _llamadas() -> Iterator[tuple[str, str, set[str] | None]]:
    """Where, which code and with which data the sources break a rule of a field: `EntradaInvalida.en(campo, codigo,
    **datos)` and `PydanticCustomError(codigo, texto, datos)`. Codes that are not written out are not seen."""
    for archivo in sorted(RAIZ.rglob("*.py")):
        for nodo in ast.walk(ast.parse(archivo.read_text(encoding="utf-8"))):
            if not isinstance(nodo, ast.Call):
                continue
            donde = f"{archivo.relative_to(RAIZ)}:{nodo.lineno}"
            match nodo:
                case ast.Call(
                    func=ast.Attribute(value=ast.Name("EntradaInvalida"), attr="en"),
                    args=[_, ast.Constant(str() as codigo)],
                ):
                    yield donde, codigo, {k.arg for k in nodo.keywords if k.arg}
                case ast.Call(func=ast.Name("PydanticCustomError"), args=[ast.Constant(str() as codigo), _]):
                    yield donde, codigo, set()
                case ast.Call(
                    func=ast.Name("PydanticCustomError"),
                    args=[ast.Constant(str() as codigo), _, ast.Dict(keys=claves)],
                ):
                    yield donde, codigo, {str(k.value) for k in claves if isinstance(k, ast.Constant)}
                case ast.Call(func=ast.Name("ErrorDeCampo"), args=[_, ast.Constant(str() as codigo), *_]):
                    yield donde, codigo, None


@pytest.mark.parametrize("idioma", IDIOMAS)
def test_todo_error_tiene_su_texto_y_su_titulo(idioma: str) -> None:
    catalogo = CATALOGOS[idioma]  # type: ignore[index]
    clases = [clase for clase in _todas() if hasattr(clase, "codigo")]
    assert len(clases) > 30
    assert [c.__qualname__ for c in clases if c.codigo not in catalogo] == []
    assert {c.status for c in clases if f"titulo_{c.status}" not in catalogo} == set()


@pytest.mark.parametrize("idioma", IDIOMAS)
def test_toda_regla_de_un_campo_tiene_su_texto_con_lo_que_pide(idioma: str) -> None:
    catalogo = CATALOGOS[idioma]  # type: ignore[index]
    llamadas = list(_llamadas())
    assert len(llamadas) > 30
    assert [(donde, codigo) for donde, codigo, _ in llamadas if codigo not in catalogo] == []
    faltan = [
        (donde, codigo)
        for donde, codigo, datos in llamadas
        # What pydantic's own names stand for brings its limits itself.
        if datos is not None and codigo not in _CODIGOS and not _huecos(catalogo[codigo]) <= datos
    ]
    assert faltan == []


@pytest.mark.parametrize("idioma", IDIOMAS)
def test_lo_que_pydantic_llama_de_otro_modo_tiene_texto_con_sus_limites(idioma: str) -> None:
    catalogo = CATALOGOS[idioma]  # type: ignore[index]
    for tipo, (codigo, limites) in _CODIGOS.items():
        assert codigo in catalogo, tipo
        assert _huecos(catalogo[codigo]) <= set(limites) | _huecos(catalogo["muy_corto"]) | {"max_length"}, tipo
        if limites and _huecos(catalogo[codigo]):
            assert _huecos(catalogo[codigo]) == set(limites), tipo


def test_los_catalogos_dicen_lo_mismo() -> None:
    es, en = CATALOGOS["es"], CATALOGOS["en"]
    assert set(es) == set(en)
    assert {c: _huecos(t) for c, t in es.items()} == {c: _huecos(t) for c, t in en.items()}
    assert all(texto.strip() == texto != "" for catalogo in CATALOGOS.values() for texto in catalogo.values())


def test_un_texto_se_completa_con_sus_datos() -> None:
    assert "1048576" in mensaje("entrada_excesiva", "es", {"maximo": 1048576, "otro": "no"})


def test_un_estado_sin_titulo_propio_tiene_el_de_lo_ilegible() -> None:
    assert titulo(418, "es") == CATALOGOS["es"]["titulo_400"]
    assert titulo(409, "es") == CATALOGOS["es"]["titulo_409"]


@pytest.mark.parametrize(
    ("pedido", "idioma"),
    [
        ("", "es"),
        ("en", "en"),
        ("EN-us", "en"),
        ("es", "es"),
        ("es-CO, en", "es"),
        ("en, es", "en"),
        ("en;q=0.4, es;q=0.5", "es"),
        ("en ; q=0.9, es;q=0.5", "en"),
        ("fr, en;q=0.1", "en"),
        ("fr, de", "es"),
        ("es;q=0, en", "en"),
        ("en;q=0", "es"),
        ("*", "es"),
        ("*, en;q=0.5", "es"),
        ("en, *;q=0.5", "en"),
        ("english", "es"),
        ("en;q=mucho, es;q=0.1", "es"),
        ("en;q=nan", "es"),
        ("en;q=-1", "es"),
        ("en;q=1e400, es", "en"),
        (",,;;,q=,=", "es"),
        ("fr," * 5000 + "en", "es"),
    ],
)
def test_el_idioma_que_se_prefiere(pedido: str, idioma: str) -> None:
    assert idioma_preferido(pedido) == idioma
