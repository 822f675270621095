"""PATCH merges, in every operation that has one: what is absent stays, what is null becomes null."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.api.conftest import Aplicacion
from tests.api.mundo import Mundo
from tests.api.operaciones import OPERACIONES, Operacion

# Each is the whole object, also when it is read: what is read of another path than it is changed by is no merge.
LEIDOS = {o.plantilla for o in OPERACIONES.values() if o.metodo == "GET"}
CAMBIOS = {n: o for n, o in OPERACIONES.items() if o.metodo == "PATCH" and o.plantilla in LEIDOS}
# It is set, and never unset: as it is, it cannot be sent.
DE_UNA_VEZ = {"avisos_leer_aviso"}
BORRAN = {
    "conjunto_cambiar_conjunto": {"nit", "ciudad", "direccion", "telefono", "horario", "fundamento"},
    "residentes_cambiar_residente": {"email", "telefono"},
    "residentes_cambiar_yo": {"telefono"},
    "sorteo_cambiar_espacio": {"zona"},
}
# Who changed it last, and when, is no part of what is merged.
DE_CADA_CAMBIO = {"actualizado_en"}


async def leer(mundo: Mundo, operacion: Operacion) -> dict[str, Any]:
    respuesta = await mundo.cliente.get(operacion.camino(mundo), headers=mundo.quien[operacion.quien])
    assert respuesta.status_code == 200, respuesta.text
    return {campo: valor for campo, valor in respuesta.json().items() if campo not in DE_CADA_CAMBIO}


async def cambiar(mundo: Mundo, operacion: Operacion, cambio: dict[str, Any]) -> int:
    respuesta = await mundo.cliente.patch(operacion.camino(mundo), json=cambio, headers=mundo.quien[operacion.quien])
    assert respuesta.status_code in (200, 409, 422), respuesta.text
    return respuesta.status_code


def test_la_tabla_tiene_los_que_hay() -> None:
    assert set(CAMBIOS) >= {
        "residentes_cambiar_unidad",
        "residentes_cambiar_residente",
        "residentes_cambiar_yo",
        "solicitudes_cambiar_solicitud",
        "sorteo_cambiar_espacio",
        "sorteo_cambiar_prioridad",
        "sorteo_editar_sorteo",
    }


@pytest.mark.parametrize("nombre", CAMBIOS)
async def test_un_campo_solo_no_toca_los_demas(nombre: str, mundo: Mundo, aplicacion: Aplicacion) -> None:
    """Each field by itself, with the value that it has: then nothing at all is different."""
    del aplicacion
    operacion = CAMBIOS[nombre]
    antes = await leer(mundo, operacion)
    campos = {campo for cuerpo in operacion.cuerpos for campo in cuerpo} & set(antes)
    hechos = []
    for campo in sorted(campos):
        if await cambiar(mundo, operacion, {campo: antes[campo]}) == 200:
            hechos.append(campo)
        assert await leer(mundo, operacion) == antes, campo
    assert bool(hechos) != (nombre in DE_UNA_VEZ)


@pytest.mark.parametrize("nombre", [n for n, o in CAMBIOS.items() if any("." not in c for c in o.nulos)])
async def test_lo_nulo_queda_nulo_y_lo_ausente_como_estaba(nombre: str, mundo: Mundo) -> None:
    operacion = CAMBIOS[nombre]
    antes = await leer(mundo, operacion)
    for campo in sorted(c for c in operacion.nulos if "." not in c and c in antes):
        if await cambiar(mundo, operacion, {campo: None}) != 200:
            assert await leer(mundo, operacion) == antes
            continue
        ahora = await leer(mundo, operacion)
        assert ahora == antes | {campo: None}, campo
        if antes[campo] is not None:
            assert await cambiar(mundo, operacion, {campo: antes[campo]}) == 200
            assert await leer(mundo, operacion) == antes


def _cuerpo(documento: dict[str, Any], nombre: str) -> dict[str, Any]:
    """What the document says of the body of an operation."""
    (operacion,) = (
        o for metodos in documento["paths"].values() for o in metodos.values() if o["operationId"] == nombre
    )
    return _de(documento, operacion["requestBody"]["content"]["application/json"]["schema"])


def _de(documento: dict[str, Any], esquema: dict[str, Any]) -> dict[str, Any]:
    nombre = esquema.get("$ref", "").rpartition("/")[2]
    hallado: dict[str, Any] = documento["components"]["schemas"][nombre] if nombre else esquema
    return hallado


def _textos_con_null(
    documento: dict[str, Any], esquema: dict[str, Any], antes: str = ""
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each text that may be null, by the path of its field, also within the objects of a body."""
    for campo, propio in esquema.get("properties", {}).items():
        opciones = [_de(documento, opcion) for opcion in propio.get("anyOf", [propio])]
        for opcion in opciones:
            if opcion.get("type") == "string" and "enum" not in opcion and {"type": "null"} in opciones:
                yield f"{antes}{campo}", opcion
            yield from _textos_con_null(documento, opcion, f"{antes}{campo}.")


def _anidado(campo: str, valor: object) -> dict[str, Any]:
    primero, _, resto = campo.partition(".")
    return {primero: _anidado(resto, valor) if resto else valor}


def _en(objeto: Any, campo: str) -> Any:
    for paso in campo.split("."):
        objeto = None if objeto is None else objeto.get(paso)
    return objeto


PARCIALES = [nombre for nombre, o in OPERACIONES.items() if o.metodo == "PATCH"]


@pytest.mark.parametrize("nombre", PARCIALES)
def test_el_documento_admite_vacio_el_texto_que_admite_null(nombre: str, aplicacion: Aplicacion) -> None:
    documento = aplicacion.app.openapi()
    for campo, opcion in _textos_con_null(documento, _cuerpo(documento, nombre)):
        assert opcion.get("minLength", 0) == 0, campo
        assert re.search(opcion.get("pattern", ""), ""), campo
        assert campo in OPERACIONES[nombre].nulos, campo


@pytest.mark.parametrize("nombre", CAMBIOS)
async def test_un_texto_vacio_borra_como_null(nombre: str, mundo: Mundo, aplicacion: Aplicacion) -> None:
    """Clients that leave null out can erase."""
    operacion, documento = CAMBIOS[nombre], aplicacion.app.openapi()
    antes = await leer(mundo, operacion)
    borrados = set()
    for campo, _ in _textos_con_null(documento, _cuerpo(documento, nombre)):
        llenos = [valor for cuerpo in operacion.con_cuerpos(mundo) if (valor := _en(cuerpo, campo)) is not None]
        vistos = []
        for vacio in (None, "", "  "):
            lleno = await cambiar(mundo, operacion, _anidado(campo, llenos[0]))
            estado = await cambiar(mundo, operacion, _anidado(campo, vacio))
            despues = await leer(mundo, operacion)
            vistos.append((estado, despues))
            if (lleno, estado) == (200, 200):
                assert _en(despues, campo) is None, campo
                borrados.add(campo)
            primero = campo.partition(".")[0]
            await cambiar(mundo, operacion, {primero: antes[primero]})
            assert await leer(mundo, operacion) == antes
        assert vistos[0] == vistos[1] == vistos[2], campo
    assert borrados >= BORRAN.get(nombre, set())


@pytest.mark.parametrize("nombre", PARCIALES)
async def test_sin_campos_no_cambia_nada(nombre: str, mundo: Mundo, aplicacion: Aplicacion) -> None:
    """Where nothing has to be said."""
    operacion = OPERACIONES[nombre]
    cabeceras = mundo.quien[operacion.quien]
    antes = await aplicacion.digesto()
    respuesta = await mundo.cliente.patch(operacion.camino(mundo), json={}, headers=cabeceras)
    exigidos = _cuerpo(aplicacion.app.openapi(), nombre).get("required", [])
    assert respuesta.status_code == (422 if exigidos else 200), respuesta.text
    assert await aplicacion.digesto() == antes
    if nombre in CAMBIOS and not exigidos:
        leido = await mundo.cliente.get(operacion.camino(mundo), headers=cabeceras)
        assert respuesta.json() == leido.json()


@pytest.mark.parametrize("nombre", PARCIALES)
def test_lo_que_falta_no_tiene_otro_valor(nombre: str, aplicacion: Aplicacion) -> None:
    """Clients send the defaults that the document names."""
    documento = aplicacion.app.openapi()
    assert [c for c, propio in _cuerpo(documento, nombre)["properties"].items() if "default" in propio] == []
