"""The words of the OpenAPI document: what each operation, tag and schema is, in Spanish, in `textos.toml`, and what
fields look like, in `ejemplos.json`. A new operation has a text there, and a new field an example; the tests say so."""

import json
import tomllib
from importlib.resources import files

from app.core.http.openapi import Documento


def leer() -> Documento:
    carpeta = files("app.documento")
    textos = tomllib.loads(carpeta.joinpath("textos.toml").read_text(encoding="utf-8"))
    ejemplos = json.loads(carpeta.joinpath("ejemplos.json").read_text(encoding="utf-8"))
    return Documento(
        presentacion=textos["presentacion"],
        etiquetas=textos["etiquetas"],
        operaciones=textos["operaciones"],
        esquemas=textos["esquemas"],
        campos=ejemplos["campos"],
        objetos=ejemplos["esquemas"],
    )
