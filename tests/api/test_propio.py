"""Who lives in one flat, against all that is of another's."""

from typing import Any

import pytest

from tests.api.conftest import Aplicacion
from tests.api.mundo import V1, Mundo
from tests.api.operaciones import CON_ROLES
from tests.api.problemas import defectos


def _ids(valor: Any) -> set[str]:
    match valor:
        case str():
            return {valor}
        case list():
            return set().union(*map(_ids, valor))
        case dict():
            return set().union(*map(_ids, valor.values()))
    return set()


# Only what no resident may know of a neighbour: the spaces themselves are everybody's.
DE_LUIS = ("Luis", "1002", "1002@example.com", "BBB102", "102")


async def test_en_ninguna_lectura_de_una_vecina_hay_nada_del_otro(mundo: Mundo) -> None:
    luis = mundo.luis
    ajenos = {luis.id, luis.unidad, luis.vehiculo, luis.solicitud, luis.solicitud_pasada, luis.asignacion, *DE_LUIS}
    vistos: set[str] = set()
    for nombre, operacion in CON_ROLES.items():
        if operacion.metodo != "GET" or "residente" not in operacion.quienes or nombre.startswith("trabajos_"):
            continue  # the jobs of this world are an admin's, and a resident's are tested with them
        respuesta = await mundo.cliente.get(operacion.camino(mundo), headers=mundo.quien["residente"])
        if not respuesta.headers["content-type"].startswith("application/json;") and nombre.startswith("sorteo_desc"):
            assert not [a for a in ajenos - {"102", "1002"} if a in respuesta.text], nombre
            continue
        assert respuesta.status_code == 200, (nombre, respuesta.text)
        assert not _ids(respuesta.json()) & ajenos, nombre
        vistos |= _ids(respuesta.json())
    ana = mundo.ana
    assert vistos >= {ana.id, ana.unidad, ana.vehiculo, ana.solicitud, ana.solicitud_pasada, ana.asignacion}


async def test_las_listas_de_solicitudes_no_se_ensanchan_con_filtros(mundo: Mundo) -> None:
    for consulta in (
        f"unidad_id={mundo.luis.unidad}",
        "placa=BBB102",
        "q=luis",
        "torre=Torre 1",
        f"sorteo_id={mundo.publicado}",
        "estado=pendiente",
        "tipo=carro",
    ):
        propias = await mundo.pedir("GET", f"/solicitudes?contar=true&{consulta}", "residente")
        assert not _ids(propias) & {mundo.luis.solicitud, mundo.luis.solicitud_pasada}, consulta
        assert propias["total"] == len(propias["items"])
        todas = await mundo.pedir("GET", f"/solicitudes?{consulta}", "auditor")
        assert _ids(todas) & {mundo.luis.solicitud, mundo.luis.solicitud_pasada}, consulta


async def test_la_evaluacion_y_los_resultados_propios_son_los_de_los_folios_propios(mundo: Mundo) -> None:
    for quien, vecino in (("residente", mundo.ana), ("vecino", mundo.luis)):
        for sorteo, solicitud, ruta in (
            (mundo.abierto, vecino.solicitud, "evaluacion/yo"),
            (mundo.publicado, vecino.solicitud_pasada, "evaluacion/yo"),
            (mundo.publicado, vecino.solicitud_pasada, "resultados/yo"),
        ):
            folio = (await mundo.pedir("GET", f"/solicitudes/{solicitud}", quien))["folio"]
            propios = await mundo.pedir("GET", f"/sorteo/{sorteo}/{ruta}", quien)
            assert [p["folio"] for p in propios] == [folio]


async def test_los_resultados_de_todos_no_dicen_de_quien_son(mundo: Mundo) -> None:
    """Only staff ever see a flat beside a folio."""
    publicos = await mundo.pedir("GET", f"/sorteo/{mundo.publicado}/resultados", "residente")
    de_personal = await mundo.pedir("GET", f"/sorteo/{mundo.publicado}/resultados", "auditor")
    assert len(publicos["items"]) == len(de_personal["items"]) == 2
    assert {p["unidad"] for p in publicos["items"]} == {None}
    assert all(
        set(p) == {"folio", "posicion", "espera", "espacio", "numero", "prestado", "unidad"} for p in publicos["items"]
    )
    assert {p["unidad"]["id"] for p in de_personal["items"]} == {mundo.ana.unidad, mundo.luis.unidad}


async def test_un_residente_no_ve_quien_tiene_un_espacio_fuera_de_los_sorteos(mundo: Mundo) -> None:
    titular = {"unidad_id": mundo.sola, "motivo": "escritura 1001", "desde": "2026-01-01"}
    await mundo.pedir("POST", "/sorteo/espacios", json={"codigo": "T-01", "tipo": "carro", "titular": titular})
    try:
        visto = await mundo.pedir("GET", "/sorteo/espacios/T-01", "residente")
        assert (visto["titular"], visto["con_titular"]) == (None, True)
        assert (await mundo.pedir("GET", "/sorteo/espacios/P-01", "residente"))["con_titular"] is False
        assert (await mundo.pedir("GET", "/sorteo/espacios/T-01", "operador"))["titular"] is None
        for quien in ("admin", "auditor"):
            assert (await mundo.pedir("GET", "/sorteo/espacios/T-01", quien))["titular"]["unidad_id"] == mundo.sola
    finally:
        await mundo.pedir("PATCH", "/sorteo/espacios/T-01", json={"titular": None})
        await mundo.pedir("DELETE", "/sorteo/espacios/T-01")


async def test_no_se_pide_con_el_carro_ni_la_unidad_de_otro(mundo: Mundo, aplicacion: Aplicacion) -> None:
    antes = await aplicacion.digesto()
    casos: list[tuple[dict[str, str], int, str]] = [
        ({"vehiculo_id": mundo.luis.vehiculo}, 409, "vehiculo_ajeno"),
        ({"placa": "BBB102"}, 409, "vehiculo_ajeno"),
        ({"placa": "NADIE1"}, 409, "vehiculo_ajeno"),
        ({"vehiculo_id": mundo.luis.vehiculo, "unidad_id": mundo.luis.unidad}, 422, "entrada_invalida"),
        ({"vehiculo_id": mundo.ana.vehiculo, "unidad_id": mundo.luis.unidad}, 422, "entrada_invalida"),
    ]
    for campos, estado, codigo in casos:
        respuesta = await mundo.cliente.post(
            f"{V1}/solicitudes", json={"sorteo_id": mundo.abierto, **campos}, headers=mundo.quien["residente"]
        )
        assert defectos(respuesta, {estado}, marca="BBB102") == []
        assert respuesta.json()["codigo"] == codigo
    respuesta = await mundo.cliente.patch(
        f"{V1}/solicitudes/{mundo.ana.solicitud}",
        json={"vehiculo_id": mundo.luis.vehiculo},
        headers=mundo.quien["residente"],
    )
    assert defectos(respuesta, {409}) == []
    assert await aplicacion.digesto() == antes


@pytest.mark.parametrize("ruta", ["", "/evaluacion/yo", "/resultados/yo", "/bases", "/reglas", "/exclusiones"])
async def test_un_borrador_no_existe_para_quien_no_es_del_personal(ruta: str, mundo: Mundo) -> None:
    respuesta = await mundo.cliente.get(f"{V1}/sorteo/{mundo.borrador}{ruta}", headers=mundo.quien["residente"])
    assert defectos(respuesta, {404}) == []
    assert respuesta.json()["codigo"] == "no_encontrado"


async def test_ni_en_la_lista_ni_pidiendola_por_ese_estado(mundo: Mundo) -> None:
    for consulta in ("", "?estado=borrador", "?orden=_id", "?contar=true&estado=borrador"):
        lista = await mundo.pedir("GET", f"/sorteo{consulta}", "residente")
        assert mundo.borrador not in _ids(lista)
        assert lista.get("total", 0) == 0
        assert mundo.borrador in _ids(await mundo.pedir("GET", f"/sorteo{consulta}", "auditor"))


async def test_quien_no_ha_entrado_no_sabe_si_hay_un_borrador(mundo: Mundo) -> None:
    ausente, borrador = [await mundo.cliente.get(f"{V1}/sorteo/{id}/verificacion") for id in ("0" * 24, mundo.borrador)]
    assert defectos(ausente, {404}) == defectos(borrador, {404}) == []
    assert ausente.json()["codigo"] == borrador.json()["codigo"]


class TestPersonalQueViveAqui:
    """An operador with a flat of their own."""

    async def test_los_documentos_van_enmascarados_en_la_lista_y_enteros_en_la_ficha(self, mundo: Mundo) -> None:
        lista = await mundo.pedir("GET", "/residentes", "operador")
        assert {r["numero_documento"] for r in lista["items"]} == {"**01", "**02"}
        assert all("condiciones" not in r for r in lista["items"])
        ficha = await mundo.pedir("GET", f"/residentes/{mundo.luis.id}", "operador")
        assert ficha["numero_documento"] == "1002"

    @pytest.mark.parametrize(
        ("ruta", "cuerpo"),
        [
            ("/residentes/unidades/@", {"perdidos_previos": {"carro": 3}}),
            ("/sorteo/espacios/P-01", {"titular": {"unidad_id": "@", "motivo": "a", "desde": "2026-01-01"}}),
        ],
    )
    async def test_lo_que_es_solo_de_admin_dentro_de_lo_que_el_operador_puede(
        self, ruta: str, cuerpo: dict[str, Any], mundo: Mundo, aplicacion: Aplicacion
    ) -> None:
        antes = await aplicacion.digesto()
        if "titular" in cuerpo:
            cuerpo = {"titular": cuerpo["titular"] | {"unidad_id": mundo.sola}}
        respuesta = await mundo.cliente.patch(
            V1 + ruta.replace("@", mundo.sola), json=cuerpo, headers=mundo.quien["operador"]
        )
        assert defectos(respuesta, {403}) == []
        assert respuesta.json()["codigo"] in {"prohibido", "rol_insuficiente"}
        assert await aplicacion.digesto() == antes
