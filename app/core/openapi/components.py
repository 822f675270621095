"""Headers that answers and requests of many operations have, said once."""

from collections.abc import Mapping
from typing import Any

from app.core.idempotency.stage import FORMA_DE_CLAVE

_ETAG = '"5b1f0c2d8e7a94b3c6d5e4f3a2b1c0d9e8f7a6b5"'
CABECERAS: Mapping[str, Mapping[str, Any]] = {
    "X-Request-ID": {
        "description": "La traza de la petición: la que se envió, si tenía buena forma, o una nueva.",
        "schema": {"type": "string", "examples": ["7f0c9a52-3f0e-4c39-9a53-0d5f6a1f2b11"]},
    },
    "Content-Language": {
        "description": "El idioma de los textos.",
        "schema": {"type": "string", "enum": ["es", "en"]},
    },
    "WWW-Authenticate": {"description": "Cómo autenticarse.", "schema": {"type": "string", "enum": ["Bearer"]}},
    "Retry-After": {"description": "Segundos que conviene esperar.", "schema": {"type": "integer", "examples": [2]}},
    "Location": {
        "description": "Dónde está lo creado.",
        "schema": {"type": "string", "examples": ["/api/v1/solicitudes/69a5b1f2c3d4e5f607182940"]},
    },
    "ETag": {"description": "La versión de lo que se responde.", "schema": {"type": "string", "examples": [_ETAG]}},
    "Idempotency-Replayed": {
        "description": "Presente cuando la respuesta es la de la primera petición con esa `Idempotency-Key`.",
        "schema": {"type": "string", "enum": ["true"]},
    },
    "Content-Location": {
        "description": "Dónde se lee lo mismo que se responde.",
        "schema": {"type": "string", "examples": ["/api/v1/solicitudes/69a5b1f2c3d4e5f607182940"]},
    },
    "Content-Disposition": {
        "description": "El nombre del archivo.",
        "schema": {"type": "string", "examples": ['attachment; filename="bases.jsonl"']},
    },
    "RateLimit": {
        "description": "Por cada límite: cuántas peticiones quedan (`r`) y en cuántos segundos habrá más (`t`).",
        "schema": {"type": "string", "examples": ['"entrar";r=9;t=60']},
    },
    "RateLimit-Policy": {
        "description": "Cada límite: cuántas peticiones (`q`) en cuántos segundos (`w`).",
        "schema": {"type": "string", "examples": ['"entrar";q=10;w=60']},
    },
    "Preference-Applied": {
        "description": "Lo que se atendió de `Prefer`.",
        "schema": {"type": "string", "examples": ["respond-async"]},
    },
    "X-Total-Count": {
        "description": "Con `contar=true`: lo mismo que `total`.",
        "schema": {"type": "integer", "examples": [237]},
    },
    "Link": {
        "description": 'La página siguiente, con `rel="next"`; ausente en la última.',
        "schema": {"type": "string", "examples": ['</api/v1/solicitudes?cursor=WyItY3Jl>; rel="next"']},
    },
}


PARAMETROS: Mapping[str, Mapping[str, Any]] = {
    "If-None-Match": {
        "description": "El `ETag` de la versión que ya se tiene: si es la actual, la respuesta es 304 y va vacía.",
        "schema": {"type": "string"},
    },
    "If-Match": {
        "description": "El `ETag` de la versión que se leyó: si ya no es la actual, la respuesta es 412 y nada cambia.",
        "schema": {"type": "string"},
    },
    "Idempotency-Key": {
        "description": "Una clave propia de esta petición: al repetirla en 24 horas se recibe la misma respuesta y "
        "nada se hace dos veces.",
        "schema": {"type": "string", "pattern": f"^{FORMA_DE_CLAVE.pattern}$"},
    },
}
