"""PATCH merges, in every operation that has one: what is absent stays, what is null becomes null."""

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


@pytest.mark.parametrize("nombre", CAMBIOS)
async def test_sin_campos_no_cambia_nada(nombre: str, mundo: Mundo) -> None:
    operacion = CAMBIOS[nombre]
    antes = await leer(mundo, operacion)
    await cambiar(mundo, operacion, {})
    assert await leer(mundo, operacion) == antes
