"""What every refusal must be: a problem of RFC 9457 that repeats nothing of what was sent."""

from collections.abc import Collection
from uuid import UUID

import httpx

from app.shared.messages import CATALOGOS

_FIJOS = {"type", "title", "status", "detail", "instance", "codigo", "traza"}
_DE_CAMPO = {"campo", "codigo", "mensaje"}


def defectos(respuesta: httpx.Response, estados: Collection[int], *, marca: str = "") -> list[str]:
    """What is wrong with a refusal that had to be one of `estados` and must not show `marca`."""
    if respuesta.status_code not in estados:
        return [f"{respuesta.status_code} y no {sorted(estados)}: {respuesta.text[:300]}"]
    if respuesta.headers.get("content-type") != "application/problem+json":
        return [f"no es un problema: {respuesta.headers.get('content-type')}"]
    faltas = []
    cuerpo = respuesta.json()
    if not set(cuerpo) <= _FIJOS | {"datos", "errores"} or not set(cuerpo) >= _FIJOS:
        faltas.append(f"campos {sorted(cuerpo)}")
    errores = cuerpo.get("errores", [])
    for codigo in [cuerpo["codigo"], *(e["codigo"] for e in errores)]:
        faltas += [f"{codigo} no está en {idioma}" for idioma, textos in CATALOGOS.items() if codigo not in textos]
    if any(set(e) != _DE_CAMPO for e in errores) or ("errores" in cuerpo) != (cuerpo["codigo"] == "entrada_invalida"):
        faltas.append(f"errores {errores}")
    if cuerpo["status"] != respuesta.status_code or cuerpo["type"] != f"urn:parknet:error:{cuerpo['codigo']}":
        faltas.append("no se corresponde consigo mismo")
    if (
        cuerpo["instance"] != f"urn:uuid:{UUID(cuerpo['traza'])}"
        or respuesta.headers["x-request-id"] != cuerpo["traza"]
    ):
        faltas.append("traza")
    if respuesta.status_code == 401 and respuesta.headers.get("www-authenticate") != "Bearer":
        faltas.append("falta WWW-Authenticate")
    if respuesta.headers.get("cache-control") != "no-store":
        faltas.append("se puede guardar")
    if marca and marca in respuesta.text + repr(respuesta.headers.raw):
        faltas.append(f"repite lo enviado: {respuesta.text[:300]}")
    return faltas
