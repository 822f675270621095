"""Query strings of every operation of the document, whatever its method: what it does not know, what is empty and what
is given twice are refused before anything else is looked at. That no operation of the document lacks a line in
`OPERACIONES` is seen in `test_acceso.py`."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.api.conftest import Aplicacion
from tests.api.mundo import Mundo
from tests.api.operaciones import OPERACIONES, Operacion
from tests.api.problemas import defectos

DESCONOCIDO = "zq9marca"


def _declarados(aplicacion: Aplicacion, nombre: str) -> dict[str, Any]:
    """The schema of each parameter of its query string, by its name."""
    (operacion,) = (
        o for c in aplicacion.app.openapi()["paths"].values() for o in c.values() if o["operationId"] == nombre
    )
    return {p["name"]: p["schema"] for p in operacion.get("parameters", ()) if p.get("in") == "query"}


def _repetible(esquema: Any) -> bool:
    return any(forma.get("type") == "array" for forma in (esquema, *esquema.get("anyOf", ())))


def _casos(declarados: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """A query string, and the field and the code that it is refused with."""
    yield f"{DESCONOCIDO}=1", "", "parametro_desconocido"
    yield f"{DESCONOCIDO}=", "", "parametro_desconocido"
    for nombre, esquema in declarados.items():
        yield f"{nombre.upper()}=1", "", "parametro_desconocido"
        yield f"{nombre}[]=1", "", "parametro_desconocido"
        yield f"{nombre}=", nombre, "parametro_vacio"
        yield nombre, nombre, "parametro_vacio"
        if not _repetible(esquema):
            yield f"{nombre}=1&{nombre}=1", nombre, "parametro_repetido"


async def _pedir(mundo: Mundo, operacion: Operacion, consulta: str) -> httpx.Response:
    camino = operacion.camino(mundo).partition("?")[0]
    quien = {} if operacion.publica else mundo.quien[operacion.quien]
    return await mundo.cliente.request(operacion.metodo, f"{camino}?{consulta}", headers=quien)


@pytest.mark.parametrize("nombre", OPERACIONES)
async def test_ninguna_admite_lo_que_no_conoce(nombre: str, mundo: Mundo, aplicacion: Aplicacion) -> None:
    """Also one that changes something: with a misspelt `simular` it would."""
    declarados = _declarados(aplicacion, nombre)
    antes = await aplicacion.digesto()
    faltas: list[str] = []
    for consulta, campo, codigo in _casos(declarados):
        respuesta = await _pedir(mundo, OPERACIONES[nombre], consulta)
        faltas += [f"{consulta}: {falta}" for falta in defectos(respuesta, {422}, marca=DESCONOCIDO)]
        if respuesta.status_code != 422:
            continue
        dichos = {(e["campo"], e["codigo"]): e["mensaje"] for e in respuesta.json().get("errores", ())}
        if (campo, codigo) not in dichos:
            faltas.append(f"{consulta}: {sorted(dichos)}")
        elif codigo == "parametro_desconocido" and (", ".join(sorted(declarados)) or "—") not in dichos[campo, codigo]:
            faltas.append(f"{consulta}: no dice los que hay: {dichos[campo, codigo]}")
    assert faltas == []
    assert await aplicacion.digesto() == antes
