"""The catalogues in order, and `docs/errors.md` and `docs/errores.md` made from them and from the classes of errors.

python -m scripts.errores
"""

import importlib
import pkgutil
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from babel.messages.pofile import escape, read_po

import app
from app.shared.exceptions import ParkNetError
from app.shared.messages import DE_UN_CODIGO, IDIOMAS, TEXTOS, Idioma, huecos, rellenado, titulo

RAIZ = Path(__file__).parents[1]
CATALOGOS: Mapping[Idioma, Path] = {i: RAIZ / "app" / "shared" / "textos" / f"{i}.po" for i in IDIOMAS}
DOCUMENTOS: Mapping[Idioma, Path] = {"es": RAIZ / "docs" / "errores.md", "en": RAIZ / "docs" / "errors.md"}
# What the framework refuses by itself, and what nobody foresaw: no class of ours.
AJENOS: Mapping[str, int] = {
    "ruta_desconocida": 404,
    "metodo_no_admitido": 405,
    "peticion_invalida": 400,
    "error_interno": 500,
}
_ENCABEZADO = """# {titulo}. How to add to it: app/shared/messages.py
msgid ""
msgstr ""
"Language: {idioma}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"""
_TITULOS: Mapping[Idioma, str] = {"es": "What the API says in Spanish", "en": "What the API says in English"}


def clases() -> list[type[ParkNetError]]:
    """Every error of the application that has a `codigo` of its own or an inherited one."""
    for modulo in pkgutil.walk_packages(app.__path__, "app."):
        importlib.import_module(modulo.name)
    return [c for c in _descendientes(ParkNetError) if c.__module__.startswith("app.") and hasattr(c, "codigo")]


def _descendientes(base: type[ParkNetError]) -> Iterator[type[ParkNetError]]:
    for clase in base.__subclasses__():
        yield clase
        yield from _descendientes(clase)


def estados() -> dict[str, int]:
    """The status of each `codigo` that is a problem by itself; the others are rules of fields, within a 422."""
    return {**{clase.codigo: clase.status for clase in clases()}, **AJENOS}


def escribir_catalogo(idioma: Idioma, textos: Mapping[tuple[str, str], str]) -> str:
    """The file of `textos`, by (context, key), in the order of the keys."""
    entradas = [
        f"msgctxt {escape(contexto)}\nmsgid {escape(clave)}\nmsgstr {escape(textos[contexto, clave])}\n"
        for contexto, clave in sorted(textos, key=lambda par: (par[1], par[0]))
    ]
    return "\n".join([_ENCABEZADO.format(titulo=_TITULOS[idioma], idioma=idioma), *entradas])


def catalogo_en_orden(idioma: Idioma) -> str:
    with CATALOGOS[idioma].open("rb") as archivo:
        textos = {(str(e.context), str(e.id)): str(e.string) for e in read_po(archivo, abort_invalid=True) if e.id}
    return escribir_catalogo(idioma, textos)


def faltantes(idioma: Idioma) -> list[str]:
    """What the catalogue lacks: a line for each text of each `codigo`, and for the title of each status."""
    textos, de = TEXTOS[idioma], estados()
    codigos = sorted(set(de) | set(textos["error"]) | set(textos["causa"]) | set(textos["remedio"]))
    de_codigos = [f"{c} {codigo}" for codigo in codigos for c in DE_UN_CODIGO if not textos[c].get(codigo)]
    return de_codigos + [f"titulo {s}" for s in sorted(set(de.values())) if not textos["titulo"].get(str(s))]


_PAGINAS: Mapping[Idioma, Mapping[str, str]] = {
    "es": {
        "inicio": """# Errores

Todo rechazo es un `application/problem+json` (RFC 9457) con un `codigo` estable: un programa decide por él, y
`detail` lo dice a la persona, en español, o en inglés si `Accept-Language` lo prefiere. `traza` identifica la petición
al reportarla.

Esta página se genera con `make docs` a partir de `app/shared/textos/`.
""",
        "campos": """## Reglas de un campo

Vienen en `errores` de un 422 `entrada_invalida`, una por campo: `campo` (su lugar en el cuerpo), `codigo` y `mensaje`.
""",
        "motivos": """## Motivos por los que un espacio queda fuera de un sorteo

Los muestra `GET /sorteo/{id}/exclusiones`. El motivo de una solicitud es el `codigo` de la regla que no cumplió.
""",
        "tabla": "| `codigo` | Qué se lee | Causa | Remedio |\n| --- | --- | --- | --- |\n",
        "tabla_motivos": "| `motivo` | Qué significa |\n| --- | --- |\n",
    },
    "en": {
        "inicio": """# Errors

Every refusal is an `application/problem+json` (RFC 9457) with a stable `codigo`: programs decide by it, and `detail`
tells the person, in Spanish, or in English where `Accept-Language` prefers it. `traza` names the request when reporting
it.

This page is made by `make docs` from `app/shared/textos/`.
""",
        "campos": """## Rules of a field

They come in `errores` of a 422 `entrada_invalida`, one a field: `campo` (its place in the body), `codigo` and
`mensaje`.
""",
        "motivos": """## Why a space is left out of a draw

Shown by `GET /sorteo/{id}/exclusiones`. The reason of a request is the `codigo` of the rule that it did not meet.
""",
        "tabla": "| `codigo` | What is read | Cause | Remedy |\n| --- | --- | --- | --- |\n",
        "tabla_motivos": "| `motivo` | What it means |\n| --- | --- |\n",
    },
}


def documento(idioma: Idioma) -> str:
    """Every `codigo` with its status, what people read, why it comes about and what to do."""
    pagina, textos = _PAGINAS[idioma], TEXTOS[idioma]
    de = estados()
    partes = [pagina["inicio"]]
    for status in sorted(set(de.values())):
        suyos = sorted(codigo for codigo, otro in de.items() if otro == status)
        partes.append(f"## {status} · {titulo(status, idioma)}\n\n{pagina['tabla']}{_filas(suyos, idioma)}")
    campos = sorted(set(textos["error"]) - set(de))
    motivos = "".join(f"| `{clave}` | {_celda(texto)} |\n" for clave, texto in sorted(textos["motivo"].items()))
    partes.append(f"{pagina['campos']}\n{pagina['tabla']}{_filas(campos, idioma)}")
    partes.append(f"{pagina['motivos']}\n{pagina['tabla_motivos']}{motivos}")
    return "\n".join(partes)


def _filas(codigos: list[str], idioma: Idioma) -> str:
    textos = TEXTOS[idioma]
    filas = ((c, _leido(textos["error"][c]), textos["causa"][c], textos["remedio"][c]) for c in codigos)
    return "".join(f"| `{c}` | {' | '.join(map(_celda, celdas))} |\n" for c, *celdas in filas)


def _leido(texto: str) -> str:
    """As it is read of many, with what it will be given by name."""
    return rellenado(texto, {hueco: f"{{{hueco}}}" for hueco in huecos(texto)})


def _celda(texto: str) -> str:
    return texto.replace("|", "\\|").replace("\n", " ")


def main() -> None:
    for idioma in IDIOMAS:
        CATALOGOS[idioma].write_text(catalogo_en_orden(idioma), encoding="utf-8")
    for idioma in IDIOMAS:
        if faltan := faltantes(idioma):
            sys.exit(f"{CATALOGOS[idioma].name}: falta {', '.join(faltan)}")
        DOCUMENTOS[idioma].write_text(documento(idioma), encoding="utf-8")


if __name__ == "__main__":
    main()
