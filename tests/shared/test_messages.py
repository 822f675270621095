"""The catalogues: every code that the program can say has its texts in each, which ask for what they will be given."""

import ast
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import get_args
from zoneinfo import ZoneInfo

import pytest

import app
from app.modules.solicitudes.estados import Impedimento, RequestStatus
from app.modules.sorteo.espacios.models import MotivoDeExclusion
from app.shared.field_rules import _CODIGOS
from app.shared.messages import (
    CATALOGOS,
    CONTEXTOS,
    DE_UN_CODIGO,
    IDIOMAS,
    TEXTOS,
    Contexto,
    Idioma,
    escrito,
    huecos,
    idioma_preferido,
    mensaje,
    rellenado,
    titulo,
)
from scripts import errores

RAIZ = Path(app.__path__[0])
BOGOTA = ZoneInfo("America/Bogota")
ENTRADA = re.compile(r'^msgctxt "(.*)"\nmsgid "(.*)"\nmsgstr "', re.MULTILINE)


def _entradas(idioma: Idioma) -> list[tuple[str, str]]:
    """(context, key) of each entry of the file, in its order, also where the same comes twice."""
    return ENTRADA.findall(errores.CATALOGOS[idioma].read_text(encoding="utf-8"))


def _nombrados() -> set[str]:
    """Every string that the sources write out: what none of them names, nobody says."""
    arboles = (ast.parse(archivo.read_text(encoding="utf-8")) for archivo in RAIZ.rglob("*.py"))
    return {
        nodo.value
        for arbol in arboles
        for nodo in ast.walk(arbol)
        if isinstance(nodo, ast.Constant) and isinstance(nodo.value, str)
    }


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
def test_todo_error_tiene_sus_textos_y_su_titulo(idioma: Idioma) -> None:
    assert len(errores.estados()) > 50
    assert errores.faltantes(idioma) == []


@pytest.mark.parametrize("idioma", IDIOMAS)
def test_todo_motivo_tiene_su_texto(idioma: Idioma) -> None:
    assert set(TEXTOS[idioma]["motivo"]) == {*get_args(MotivoDeExclusion), RequestStatus.rechazada}
    assert {*Impedimento} <= CATALOGOS[idioma].keys()


@pytest.mark.parametrize("idioma", IDIOMAS)
def test_no_hay_textos_que_nadie_usa(idioma: Idioma) -> None:
    nombrados = _nombrados()
    assert {codigo for codigo in CATALOGOS[idioma] if codigo not in nombrados} == set()
    assert set(TEXTOS[idioma]["titulo"]) == {str(status) for status in errores.estados().values()}


@pytest.mark.parametrize("idioma", IDIOMAS)
def test_el_archivo_esta_en_orden_y_sin_repeticiones(idioma: Idioma) -> None:
    entradas = _entradas(idioma)
    assert len(entradas) > 200
    assert len(entradas) == len(set(entradas))
    assert {contexto for contexto, _ in entradas} == set(CONTEXTOS)
    assert errores.catalogo_en_orden(idioma) == errores.CATALOGOS[idioma].read_text(encoding="utf-8"), "make docs"


@pytest.mark.parametrize("idioma", IDIOMAS)
def test_el_documento_de_los_errores_esta_al_dia(idioma: Idioma) -> None:
    escrito = errores.DOCUMENTOS[idioma].read_text(encoding="utf-8")
    assert escrito == errores.documento(idioma), "make docs"
    assert [codigo for codigo in TEXTOS[idioma]["error"] if f"| `{codigo}` |" not in escrito] == []


@pytest.mark.parametrize("idioma", IDIOMAS)
def test_toda_regla_de_un_campo_tiene_su_texto_con_lo_que_pide(idioma: Idioma) -> None:
    catalogo = CATALOGOS[idioma]
    llamadas = list(_llamadas())
    assert len(llamadas) > 30
    assert [(donde, codigo) for donde, codigo, _ in llamadas if codigo not in catalogo] == []
    faltan = [
        (donde, codigo)
        for donde, codigo, datos in llamadas
        # What pydantic's own names stand for brings its limits itself.
        if datos is not None and codigo not in _CODIGOS and not huecos(catalogo[codigo]) <= datos
    ]
    assert faltan == []


@pytest.mark.parametrize("idioma", IDIOMAS)
def test_lo_que_pydantic_llama_de_otro_modo_tiene_texto_con_sus_limites(idioma: Idioma) -> None:
    catalogo = CATALOGOS[idioma]
    for tipo, (codigo, limites) in _CODIGOS.items():
        assert codigo in catalogo, tipo
        assert huecos(catalogo[codigo]) <= set(limites) | huecos(catalogo["muy_corto"]) | {"max_length"}, tipo
        if limites and huecos(catalogo[codigo]):
            assert huecos(catalogo[codigo]) == set(limites), tipo


@pytest.mark.parametrize("contexto", CONTEXTOS)
def test_los_catalogos_dicen_lo_mismo(contexto: Contexto) -> None:
    es, en = TEXTOS["es"][contexto], TEXTOS["en"][contexto]
    assert set(es) == set(en)
    assert all(texto.strip() == texto != "" for texto in (*es.values(), *en.values()))
    # Causes and remedies are read as they stand: braces there are those of a path.
    if contexto not in ("causa", "remedio"):
        assert {c: huecos(t) for c, t in es.items()} == {c: huecos(t) for c, t in en.items()}


@pytest.mark.parametrize(
    ("n", "dicho"),
    [(0, "0 espacios, sin uno"), (1, "1 espacio, el 1"), (2, "2 espacios, los 2"), ("{n}", "{n} espacios, los {n}")],
)
def test_de_uno_no_se_habla_en_plural(n: object, dicho: str) -> None:
    assert rellenado("{n:# espacio|# espacios}, {n:sin uno|el #|los #}", {"n": n}) == dicho
    assert rellenado("{p:.2f} de {x}", {"p": 0.5, "x": "a|b"}) == "0.50 de a|b"


def test_una_fraccion_como_se_escribe() -> None:
    assert [escrito(7.60712, idioma, UTC) for idioma in IDIOMAS] == ["7,6071", "7.6071"]
    assert escrito(7, "es", UTC) == 7


# What is no noun that is counted: a verb after the name of something.
_NO_SE_CUENTA = r"(?!(?:is|es|was|says|las|los|has)\b)"
_SIN_CONTAR = re.compile(r"\{\w+\} " + _NO_SE_CUENTA + r"\w+s\b")


def test_lo_que_se_cuenta_sabe_decirse_de_uno() -> None:
    """Every catalogue: after a bare `{name}` no plural follows, for of one it would be wrong."""
    catalogos = [*RAIZ.rglob("textos/*.po"), *RAIZ.rglob("textos/*.toml")]
    assert len(catalogos) == 6
    hallados = [
        (catalogo.name, hallado.group())
        for catalogo in catalogos
        for linea in catalogo.read_text(encoding="utf-8").splitlines()
        if linea.startswith("msgstr") or " = " in linea
        for hallado in _SIN_CONTAR.finditer(linea)
    ]
    assert hallados == []


def test_una_clave_es_de_un_error_o_de_otra_frase() -> None:
    assert set(DE_UN_CODIGO) < set(CONTEXTOS)
    assert not set(TEXTOS["es"]["error"]) & set(TEXTOS["es"]["texto"])


def test_un_texto_se_completa_con_sus_datos() -> None:
    assert "1048576" in mensaje("entrada_excesiva", "es", {"maximo": 1048576, "otro": "no"})


@pytest.mark.parametrize(
    ("idioma", "escrito"),
    [
        ("es", "del 3 de diciembre de 2026, 11:30\u202fp.\u202fm. el"),
        ("en", "before December 3, 2026, 11:30\u202fPM the"),
    ],
)
def test_un_instante_se_escribe_como_en_su_zona(idioma: Idioma, escrito: str) -> None:
    instante = datetime(2026, 12, 4, 4, 30, tzinfo=UTC)
    assert escrito in mensaje("entropia_prematura", idioma, {"disponible_desde": instante}, BOGOTA)


def test_una_fecha_se_escribe_con_palabras() -> None:
    assert "4 de diciembre de 2026" in mensaje("entropia_prematura", "es", {"disponible_desde": date(2026, 12, 4)})


def test_un_estado_sin_titulo_propio_tiene_el_de_lo_ilegible() -> None:
    assert titulo(418, "es") == TEXTOS["es"]["titulo"]["400"]
    assert titulo(409, "es") == TEXTOS["es"]["titulo"]["409"]


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
        ("es;q=0, *", "en"),
        ("es;q=0.1, *", "en"),
        ("es-CO;q=0.2, en-GB;q=0.3, fr", "en"),
        ("en;q=0, es;q=0", "es"),
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
