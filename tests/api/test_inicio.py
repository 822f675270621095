"""`GET /inicio` of the application as it is wired: each part is what the calls of its own say."""

from typing import Any

import pytest

from tests.api.conftest import Aplicacion
from tests.api.mundo import Mundo
from tests.api.problemas import defectos


def _vale(parte: Any, todo: Any) -> bool:
    """Every field of `parte` is in `todo`, with the same value."""
    if isinstance(parte, dict):
        return isinstance(todo, dict) and all(_vale(valor, todo.get(campo, ...)) for campo, valor in parte.items())
    if isinstance(parte, list):
        return isinstance(todo, list) and len(parte) == len(todo) and all(map(_vale, parte, todo))
    return bool(parte == todo)


def _sin(campo: str, objetos: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{c: v for c, v in objeto.items() if c != campo} for objeto in objetos]


async def test_sin_identificarse_no_hay_pantalla(mundo: Mundo) -> None:
    assert defectos(await mundo.cliente.get("/api/v1/inicio"), {401}) == []


@pytest.mark.parametrize(("quien", "vecino"), [("residente", "ana"), ("vecino", "luis")])
async def test_a_cada_residente_lo_suyo_y_nada_mas(mundo: Mundo, quien: str, vecino: str) -> None:
    suyo = getattr(mundo, vecino)
    inicio = await mundo.pedir("GET", "/inicio", quien)
    assert inicio["tipo"] == "residente"
    assert inicio["yo"]["id"] == suyo.id
    assert _vale(inicio["yo"], await mundo.pedir("GET", "/residentes/yo", quien))
    assert _vale(inicio["unidades"], (await mundo.pedir("GET", "/residentes/yo/unidades", quien))["items"])
    assert [s["id"] for s in inicio["solicitudes"]] == [suyo.solicitud, suyo.solicitud_pasada]
    todas = (await mundo.pedir("GET", "/solicitudes", quien))["items"]
    assert _vale(_sin("sorteo", inicio["solicitudes"]), todas)
    assert [(s["sorteo"]["id"], s["sorteo_id"]) for s in map(dict.__or__, todas, inicio["solicitudes"])] == [
        (mundo.abierto, mundo.abierto),
        (mundo.publicado, mundo.publicado),
    ]
    assert inicio["solicitudes"][0]["acciones"] == ["cancelada"]
    assert inicio["solicitudes"][0]["sorteo"]["nombre"] == "Primer semestre de 2027"
    propias = (await mundo.pedir("GET", "/sorteo/asignaciones/yo", quien))["items"]
    assert [a["id"] for a in propias] == [suyo.asignacion]
    assert _vale(_sin("sorteo", inicio["espacios"]), propias)
    assert inicio["espacios"][0]["sorteo"]["estado"] == "publicado"
    (abierto,) = inicio["sorteos_abiertos"]
    sorteo = await mundo.pedir("GET", f"/sorteo/{mundo.abierto}", quien)
    assert _vale({c: v for c, v in abierto.items() if c != "disponible_desde"}, sorteo)
    assert abierto["disponible_desde"] == sorteo["fuente_entropia"]["disponible_desde"]


async def _pendientes(mundo: Mundo) -> int:
    """Other tests decide some of them."""
    lista = await mundo.pedir("GET", f"/solicitudes?sorteo_id={mundo.abierto}&estado=pendiente&contar=true")
    total: int = lista["total"]
    return total


@pytest.mark.parametrize("rol", ["admin", "operador", "auditor"])
async def test_al_personal_cuanto_hay_y_que_espera(mundo: Mundo, rol: str) -> None:
    inicio = await mundo.pedir("GET", "/inicio", rol)
    pendientes = await _pendientes(mundo)
    assert (inicio["tipo"], inicio["rol"]) == ("personal", rol)
    assert inicio["conteos"] == {
        "unidades": 3,
        "unidades_en_mora": 0,
        "residentes": 2,
        "cuentas_activas": 2,
        "vehiculos": 2,
        "espacios": 4,
        "espacios_libres": 2,
    }
    assert [(p["sorteo"]["id"], p["paso"], p["por_decidir"]) for p in inicio["sorteos"]] == [
        (mundo.borrador, "abrir", 0),
        (mundo.abierto, "cerrar", pendientes),
        (mundo.publicado, "finalizar", 0),
    ]
    assert [inicio[c] for c in ("solicitudes_por_decidir", "condiciones_por_verificar")] == [pendientes, 0]
    assert [inicio[c] for c in ("por_responder", "proximo_vencimiento", "anulaciones_por_confirmar")] == [0, None, 0]


async def test_los_resumenes_dicen_lo_mismo_que_las_listas(mundo: Mundo) -> None:
    residentes = await mundo.pedir("GET", "/residentes/resumen")
    assert residentes["unidades"] == {"total": 3, "al_dia": 3, "en_mora": 0}
    assert residentes["residentes"]["cuentas"] == {"sin_invitar": 0, "invitada": 0, "activa": 2}
    assert residentes["vehiculos"] == [{"tipo": "carro", "electrico": False, "total": 2}]
    todas = await mundo.pedir("GET", "/solicitudes/resumen")
    estados = todas["por_estado"]
    assert (todas["total"], estados["pendiente"], estados["aceptada"]) == (4, await _pendientes(mundo), 2)
    abiertas = await mundo.pedir("GET", f"/solicitudes/resumen?sorteo_id={mundo.abierto}")
    assert abiertas["por_clase"] == [{"clase": "carro", "total": 2, "vivas": 2}]
    espacios = await mundo.pedir("GET", "/sorteo/espacios/resumen", "residente")
    (carros,) = espacios["por_tipo"]
    assert carros["total"] == carros["para_residentes"] == 4
    assert (carros["ocupados"], carros["en_sorteo"], carros["libres"]) == (2, 0, 2)


async def test_de_un_sorteo_que_no_existe_no_hay_resumen(mundo: Mundo) -> None:
    respuesta = await mundo.cliente.get(
        "/api/v1/solicitudes/resumen", params={"sorteo_id": "0" * 24}, headers=mundo.quien["admin"]
    )
    assert defectos(respuesta, {404}) == []


def test_el_documento_distingue_las_dos_formas(aplicacion: Aplicacion) -> None:
    documento = aplicacion.app.openapi()
    respuesta = documento["paths"]["/api/v1/inicio"]["get"]["responses"]["200"]
    referencia = respuesta["content"]["application/json"]["schema"]["$ref"]
    esquema = documento["components"]["schemas"][referencia.removeprefix("#/components/schemas/")]
    assert esquema["discriminator"]["mapping"] == {
        "residente": "#/components/schemas/ResidentHome",
        "personal": "#/components/schemas/StaffHome",
    }
