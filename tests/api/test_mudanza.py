"""Who lived in a flat and lives elsewhere now, against all that is the flat's; and whoever stayed, who has it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from tests.api.conftest import Aplicacion
from tests.api.mundo import V1, Mundo, construir, persona
from tests.api.operaciones import CON_ROLES
from tests.api.problemas import defectos

DE_LA_UNIDAD = [
    nombre
    for nombre, operacion in CON_ROLES.items()
    if operacion.ajeno is not None
    and "residente" in operacion.quienes
    # A draft is nobody's; what somebody was told, their sessions and their claims stay theirs wherever they live.
    and not {"@borrador", "@luis.aviso", "@luis.sesion", "@luis.reclamo"} & set(operacion.ajeno.values())
]
# What tells somebody of the past: what they were told, and the copy of their data that the law gives them.
DEL_PASADO = {"avisos_listar_avisos", "inicio_ver_inicio", "residentes_descargar_datos_propios"}
pytestmark = pytest.mark.usefixtures("_su_hora")


@dataclass
class Mudada:
    """Ana asked with Pedro at home, and lives alone in another flat now. Her token is that of before."""

    mundo: Mundo
    guardadas: list[tuple[str, Any]]

    async def con_clave(self, ruta: str, cuerpo: Any) -> httpx.Response:
        cabeceras = {**self.mundo.quien["residente"], "Idempotency-Key": "antes-de-irme"}
        return await self.mundo.cliente.post(V1 + ruta, json=cuerpo, headers=cabeceras)


@pytest.fixture
async def mudada(otra: Aplicacion) -> AsyncIterator[Mudada]:
    otra.base_propia()
    if _mudadas:
        yield _mudadas[0]
        return
    mundo = await construir(otra.cliente, otra.reloj)
    await mundo.pedir("PATCH", f"/solicitudes/{mundo.ana.solicitud}/estado", "residente", json={"estado": "cancelada"})
    pedro = await mundo.pedir("POST", "/residentes", json=persona("Pedro", "1009", "101"))
    await mundo.registrar({"residente_id": pedro["id"]})
    mundo.quien["pedro"] = await mundo.entrar("1009")
    suya = Mudada(
        mundo,
        [
            ("/solicitudes", {"sorteo_id": mundo.abierto, "vehiculo_id": mundo.ana.vehiculo}),
            (f"/sorteo/asignaciones/{mundo.ana.asignacion}/devolver", None),
        ],
    )
    hechas = [await suya.con_clave(ruta, cuerpo) for ruta, cuerpo in suya.guardadas]
    assert [r.status_code for r in hechas] == [201, 200]
    mundo.ana.solicitud = hechas[0].json()["id"]
    otra_unidad = [{"torre": "Torre 2", "apartamento": "201", "tenencia": "propietario"}]
    await mundo.pedir("PATCH", f"/residentes/{mundo.ana.id}", json={"unidades": otra_unidad})
    _mudadas.append(suya)
    yield suya


_mudadas: list[Mudada] = []
"""Made once, by the first test that asks for it: no fixture of a module goes by the clock of one."""


@pytest.mark.parametrize("nombre", DE_LA_UNIDAD)
async def test_nada_de_la_unidad_que_dejo_esta_ahi(nombre: str, mudada: Mudada, otra: Aplicacion) -> None:
    operacion, antes = CON_ROLES[nombre], await otra.digesto()
    cuerpos: list[dict[str, Any] | None] = [*operacion.con_cuerpos(mudada.mundo)] or [None]
    for cuerpo in cuerpos:
        respuesta = await mudada.mundo.cliente.request(
            operacion.metodo, operacion.camino(mudada.mundo), headers=mudada.mundo.quien["residente"], json=cuerpo
        )
        assert defectos(respuesta, {404}) == []
    assert await otra.digesto() == antes


async def test_ninguna_lista_suya_lo_trae(mudada: Mudada) -> None:
    ana, miradas = mudada.mundo.ana, 0
    de_la_unidad = (ana.unidad, ana.vehiculo, ana.solicitud, ana.solicitud_pasada, ana.asignacion, "AAA101")
    for nombre, operacion in CON_ROLES.items():
        if operacion.metodo != "GET" or "residente" not in operacion.quienes or nombre in DEL_PASADO | {*DE_LA_UNIDAD}:
            continue
        camino = operacion.camino(mudada.mundo)
        leida = (await mudada.mundo.cliente.get(camino, headers=mudada.mundo.quien["residente"])).text
        assert not [suyo for suyo in de_la_unidad if suyo in leida], nombre
        miradas += 1
    assert miradas > 30
    for ruta in ("evaluacion/yo", "probabilidad"):
        assert await mudada.mundo.pedir("GET", f"/sorteo/{mudada.mundo.abierto}/{ruta}", "residente") == []
    assert await mudada.mundo.pedir("GET", f"/sorteo/{mudada.mundo.publicado}/resultados/yo", "residente") == []
    inicio = await mudada.mundo.pedir("GET", "/inicio", "residente")
    assert (inicio["solicitudes"], inicio["espacios"]) == ([], [])


async def test_lo_que_hizo_alli_no_se_le_repite(mudada: Mudada, otra: Aplicacion) -> None:
    """Neither what she made nor what she did to something that was hers, under the key of before."""
    antes = await otra.digesto()
    for ruta, cuerpo in mudada.guardadas:
        respuesta = await mudada.con_clave(ruta, cuerpo)
        assert defectos(respuesta, {404}) == []
        assert "idempotency-replayed" not in respuesta.headers
    assert await otra.digesto() == antes


async def test_quien_se_quedo_la_ve_y_la_mueve(mudada: Mudada) -> None:
    mundo = mudada.mundo
    vista = await mundo.pedir("GET", f"/solicitudes/{mundo.ana.solicitud}", "pedro")
    assert (vista["estado"], vista["acciones"]) == ("pendiente", ["cancelada"])
    evaluada = await mundo.pedir("GET", f"/sorteo/{mundo.abierto}/evaluacion/yo", "pedro")
    assert [e["folio"] for e in evaluada] == [vista["folio"]]
    assert [s["id"] for s in (await mundo.pedir("GET", "/inicio", "pedro"))["solicitudes"]] == [vista["id"]]
    # What the flat asked for before he came is not his either.
    assert await mundo.pedir("GET", f"/sorteo/{mundo.publicado}/resultados/yo", "pedro") == []
    assert (await mundo.pedir("PATCH", f"/solicitudes/{vista['id']}", "pedro", json={"preferencias": ["P-04"]}))[
        "preferencias"
    ] == ["P-04"]
