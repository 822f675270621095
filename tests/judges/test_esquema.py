"""Schemathesis: what the OpenAPI document promises of every operation, each example answers.

The state of the world is put back after whatever changes it, so that nothing is left out: not even what ends sessions
or draws. About half of the examples name what exists.
"""

from collections.abc import Mapping
from copy import deepcopy
from itertools import count
from random import Random
from typing import Any, cast

import pytest
import requests
import schemathesis
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.core.parameters import ParameterLocation
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from app.shared.schemas import normalizar
from tests.api.operaciones import LETRAS, OPERACIONES, resolver
from tests.judges.juicio import EJEMPLOS, Banco, probar, problema

JUICIOS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
SIN_ESQUEMA = {"trabajos_seguir_trabajo": "events, of which OpenAPI 3.1 can only say that they are text"}
_DE_QUIEN_LLAMA = {"authorization", "user-agent"}
_DE_CUALQUIER_TEXTO = {"type", "title", "description", "examples"}
OTROS = max(2, EJEMPLOS // 4)
"""Of the examples, those that come as everybody who may call it, and not as the first alone."""


@pytest.fixture(scope="session")
def operaciones(_banco: Banco) -> Mapping[str, Any]:
    """By operation id."""
    documento = deepcopy(_banco.aplicacion.app.openapi())
    for esquema_de_algo in documento["components"]["schemas"].values():
        # This judge takes a class of a union to have one value of the discriminator, the last that is mapped to it.
        donde = esquema_de_algo.get("discriminator", {}).get("mapping", {})
        if len(set(donde.values())) < len(donde):
            del esquema_de_algo["discriminator"]
    esquema = schemathesis.openapi.from_dict(documento)
    todas: list[Any] = [resultado.ok() for resultado in cast(Any, esquema).get_all_operations()]
    return {operacion.definition.raw["operationId"]: operacion for operacion in todas}


def _de_verdad(banco: Banco, nombre: str, caso: Any, azar: Random) -> None:
    """Give most ids of the example the value of something that exists, and a body in good order some fields of one
    that the table says is right."""
    mundo, operacion = banco.mundo, OPERACIONES[nombre]
    hay = {
        "sorteo_id": list(banco.sorteos.values()),
        "unidad_id": [mundo.ana.unidad, mundo.luis.unidad, mundo.sola],
        "vehiculo_id": [mundo.ana.vehiculo, mundo.vehiculo_libre, mundo.luis.vehiculo],
        "residente_id": [mundo.ana.id, mundo.sin_cuenta],
        "repite_a": [banco.sorteos["anulado"]],
        "placa": ["AAA101", "LIB001"],
        "q": ["ana", "vecina"],
        "torre": ["Torre 1"],
    }
    for parametro in caso.path_parameters or {}:
        if azar.random() < 0.8 and parametro in operacion.en:
            suyo = resolver(operacion.en[parametro], mundo)
            de_sorteo = list(banco.sorteos.values()) if operacion.ruta.startswith("/sorteo/{id}") else [suyo]
            caso.path_parameters[parametro] = azar.choice([suyo, *de_sorteo])
    for parametro in caso.query or {}:
        if azar.random() < 0.5 and parametro in hay:
            caso.query[parametro] = azar.choice(hay[parametro])
    if not isinstance(caso.body, dict) or _negado(caso):
        return
    if operacion.cuerpos and azar.random() < 0.6:
        bueno = azar.choice(operacion.con_cuerpos(mundo))
        caso.body = bueno | {campo: valor for campo, valor in caso.body.items() if azar.random() < 0.25}
    for campo in caso.body:
        if campo in hay and isinstance(caso.body[campo], str) and azar.random() < 0.7:
            caso.body[campo] = azar.choice(hay[campo])
        if campo == "ids" and isinstance(caso.body[campo], list) and azar.random() < 0.7:
            caso.body[campo] = mundo.solicitudes[: azar.randint(1, 4)]


def _negado(caso: Any) -> bool:
    """Whether its body is one that the document does not allow."""
    parte = caso.meta.components.get(ParameterLocation.BODY)
    return parte is not None and parte.mode is GenerationMode.NEGATIVE


def _recortable(valor: Any) -> bool:
    """Whether some text in it is padded, or not composed: its length is counted once it is neither."""
    if isinstance(valor, str):
        return normalizar(valor) != valor
    hijos = valor.values() if isinstance(valor, dict) else valor if isinstance(valor, list) else ()
    return any(map(_recortable, hijos))


def _puede_estar_mal(operacion: Any) -> bool:
    """Whether it takes anything that can be wrong, which no text alone is."""
    parametros = [*operacion.path_parameters, *operacion.query]
    esquemas = [parametro.definition.get("schema", {}) for parametro in parametros]
    return bool(operacion.body) or any(not esquema.keys() <= _DE_CUALQUIER_TEXTO for esquema in esquemas)


async def _juzgar(banco: Banco, caso: Any, quien: str | None) -> None:
    pedido = requests.Request(**caso.as_transport_kwargs(base_url="http://parknet")).prepare()
    cabeceras = {c: v for c, v in (pedido.headers or {}).items() if c.lower() not in _DE_QUIEN_LLAMA}
    respuesta = await banco.pedir(
        str(pedido.method), str(pedido.url), quien=quien, headers=cabeceras, content=pedido.body or b""
    )
    # Who may not call it, what is stale, and what is too large to be read, are refused before what is wrong.
    # Nor is a text too long or too short by what it is trimmed of.
    antes = respuesta.status_code in {401, 412, 413} or _recortable(caso.body)
    juicios = JUICIOS if antes or not _negado(caso) else [*JUICIOS, negative_data_rejection]
    donde = f"{quien} {pedido.method} {pedido.path_url} {str(pedido.body)[:300]} -> {respuesta.status_code}"
    if caso.operation.definition.raw["operationId"] in SIN_ESQUEMA:
        juicios = [juicio for juicio in juicios if juicio is not response_schema_conformance]
    try:
        caso.validate_response(respuesta, checks=juicios)
    except FailureGroup as grupo:
        banco.faltas += [f"{donde}: {falta.title}: {falta.message[:400]}" for falta in grupo.exceptions]
    banco.faltas += [f"{donde}: {falta}" for falta in problema(respuesta)]
    if respuesta.headers.get("cache-control") != "no-store":
        banco.faltas.append(f"{donde}: se puede guardar")


def _quienes(nombre: str) -> list[str | None]:
    """Whoever calls it first, and who else may. What it answers to who may not, `tests/api/test_acceso.py` judges."""
    operacion = OPERACIONES[nombre]
    if operacion.publica:
        return [None, LETRAS["R"]]
    return [operacion.quien, *(q for q in map(LETRAS.get, operacion.roles) if q != operacion.quien)][:4]


@pytest.mark.parametrize("modo", list(GenerationMode))
@pytest.mark.parametrize("nombre", OPERACIONES)
async def test_cada_respuesta_es_la_que_el_documento_promete(
    nombre: str, modo: GenerationMode, banco: Banco, operaciones: Mapping[str, Any]
) -> None:
    operacion = operaciones[nombre]
    if modo is GenerationMode.NEGATIVE and not _puede_estar_mal(operacion):
        return
    ejemplos, hechos = operacion.as_strategy(generation_mode=modo), count()

    async def uno(ejemplo: tuple[Any, int]) -> None:
        caso, suerte = ejemplo
        _de_verdad(banco, nombre, caso, Random(suerte))  # noqa: S311
        for quien in _quienes(nombre)[: None if next(hechos) < OTROS else 1]:
            await _juzgar(banco, caso, quien)

    # Making one up takes longer than asking for it.
    await probar(st.tuples(ejemplos, st.integers(0, 2**32)), uno, cuantos=EJEMPLOS)
    assert not banco.faltas, "\n\n".join(banco.faltas)


def test_la_tabla_y_el_documento_hablan_de_lo_mismo(operaciones: Mapping[str, Any]) -> None:
    assert set(operaciones) == set(OPERACIONES)
    assert set(SIN_ESQUEMA) <= set(OPERACIONES)


async def test_los_ejemplos_son_siempre_los_mismos(operaciones: Mapping[str, Any]) -> None:
    """What failed once is found again by who looks for it."""
    ejemplos = operaciones["avisos_registrar_dispositivo"].as_strategy(generation_mode=GenerationMode.NEGATIVE)
    veces: list[list[str]] = []
    for _ in range(2):
        vistos: list[str] = []

        async def mirar(caso: Any, vistos: list[str] = vistos) -> None:
            vistos.append(repr((caso.query, caso.body)))

        await probar(ejemplos, mirar, cuantos=12)
        veces.append(vistos)
    assert veces[0] == veces[1]
    assert len(set(veces[0])) > 6
