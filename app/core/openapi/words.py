"""The words of the OpenAPI document: what each operation, tag and schema is, in Spanish, in `words.toml`, and what
fields look like, in `examples.json`. A new operation has a text there, and a new field an example; the tests say so."""

import json
import tomllib
from collections.abc import Callable
from importlib.resources import files
from typing import Any

from fastapi import FastAPI

from app.core.dependencies import ESQUEMA, LLAVE, PORTADOR
from app.core.http.application import PREFIJO
from app.core.openapi.document import SIN_PALABRAS, Documento, completar

_DE_PORTADOR = "El `access_token` que entregó `POST /api/v1/auth/login`."
_DE_LLAVE = "Una llave (`pnk_…`) de `POST /api/v1/auth/llaves`, para programas."


def leer() -> Documento:
    carpeta = files("app.core.openapi")
    textos = tomllib.loads(carpeta.joinpath("words.toml").read_text(encoding="utf-8"))
    ejemplos = json.loads(carpeta.joinpath("examples.json").read_text(encoding="utf-8"))
    return Documento(
        presentacion=textos["presentacion"],
        etiquetas=textos["etiquetas"],
        operaciones=textos["operaciones"],
        esquemas=textos["esquemas"],
        campos=ejemplos["campos"],
        objetos=ejemplos["esquemas"],
    )


def documentar(
    palabras: Documento = SIN_PALABRAS,
    *,
    url_publica: str | None = None,
    describir: Callable[[dict[str, Any]], None] = lambda _: None,
) -> Callable[[FastAPI], None]:
    """For `build_application`: the document as FastAPI writes it, completed once, with those words.
    `url_publica`: where the API is seen from outside. `describir` completes what FastAPI could not
    know."""

    def en(app: FastAPI) -> None:
        escribir = app.openapi

        def completo() -> dict[str, Any]:
            if app.openapi_schema is None:
                documento = escribir()
                flujo = {"tokenUrl": f"{PREFIJO}/auth/login", "refreshUrl": f"{PREFIJO}/auth/refresh", "scopes": {}}
                componentes = documento.setdefault("components", {})
                describir(documento)
                componentes["securitySchemes"] = {
                    ESQUEMA: {"type": "oauth2", "flows": {"password": flujo}},
                    PORTADOR: {"type": "http", "scheme": "bearer", "description": _DE_PORTADOR},
                    LLAVE: {"type": "http", "scheme": "bearer", "description": _DE_LLAVE},
                }
                if url_publica is not None:
                    documento["servers"] = [{"url": url_publica, "description": "Este servidor."}]
                app.state.ejemplos = completar(documento, app.routes, palabras)
            return escribir()

        app.openapi = completo  # type: ignore[method-assign]

    return en
