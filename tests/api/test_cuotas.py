"""Which operations are asked only so often: `/auth`, and what costs much."""

from typing import Any

import pytest
from fastapi.routing import iter_route_contexts

from app.core.http.application import PREFIJO
from app.core.http.route import StrictRoute, cuotas_de
from app.core.quotas.contract import Saldo, SinCuotas, Tasa
from app.shared.exceptions import DemasiadasPeticiones
from tests.api.conftest import Aplicacion
from tests.api.mundo import Mundo
from tests.api.operaciones import OPERACIONES, PUBLICAS

# By address where anybody may call; by account where one is known.
POR_DIRECCION = PUBLICAS - {"salud_vive", "salud_lista"}
POR_CUENTA = {
    "auth_cambiar_clave",
    "auth_confirmar_correo",
    "auth_confirmar_mfa",
    "auth_crear_llave",
    "auth_desactivar_mfa",
    "auth_empezar_mfa",
    "auth_invitar",
    "auth_invitar_por_lotes",
    "auth_pedir_correo",
    "auth_recuperar_usuario",
    "auth_reenviar_invitacion",
    "auditoria_exportar_auditoria",
    "auditoria_verificar_auditoria",
    "residentes_descargar_datos_propios",
    "residentes_descargar_plantilla",
    "residentes_descargar_plantilla_de_unidades",
    "residentes_exportar_residentes",
    "residentes_exportar_unidades",
    "residentes_importar_residentes",
    "trabajos_deshacer_trabajo",
    "residentes_importar_unidades",
    "residentes_aplicar_paz_y_salvo",
    "solicitudes_crear_solicitud",
    "solicitudes_exportar_solicitudes",
    "solicitudes_importar_solicitudes",
    "sorteo_importar_espacios",
    "solicitudes_decidir_solicitudes",
    "sorteo_cerrar_sorteo",
    "sorteo_ejecutar_sorteo",
    "sorteo_publicar_sorteo",
    "sorteo_entregar_ronda",
    "sorteo_descargar_bases",
    "sorteo_descargar_padron",
    "sorteo_descargar_resultado",
    "sorteo_descargar_acta",
    "sorteo_descargar_expediente",
    "sorteo_preguntar_porteria",
    "sorteo_presentar_reclamo",
    "sorteo_exportar_resultados",
    "sorteo_simular_sorteo",
    "sorteo_consentir_permuta",
    "sorteo_exportar_asignaciones",
    "sorteo_exportar_espacios",
    "sorteo_ver_figuras",
    "sorteo_ver_evaluacion",
}


@pytest.fixture
def ninguna_mas(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """Every tally is used up; what was asked for comes back."""
    pedidas: list[tuple[str, ...]] = []

    async def gastar(_: SinCuotas, tasa: Tasa, *quien: str) -> Saldo:
        pedidas.append((tasa.nombre, *quien))
        raise DemasiadasPeticiones(politica=tasa.nombre, limite=tasa.veces, segundos=7, ventana=tasa.segundos)

    monkeypatch.setattr(SinCuotas, "gastar", gastar)
    return pedidas


def _con_cuota(aplicacion: Aplicacion, clase: str) -> set[str]:
    nombres = set()
    for contexto in iter_route_contexts(aplicacion.app.routes):
        ruta = contexto.original_route
        if not isinstance(ruta, StrictRoute) or not ruta.include_in_schema:
            continue
        if any(getattr(c, clase) for c in cuotas_de(ruta.dependant)):
            nombres.add(str(contexto.operation_id or contexto.unique_id))
    return nombres


def test_son_estas_y_ninguna_se_pierde(aplicacion: Aplicacion) -> None:
    assert _con_cuota(aplicacion, "direccion") == POR_DIRECCION
    assert _con_cuota(aplicacion, "cuenta") == POR_CUENTA


def test_lo_publico_se_cuenta_por_direccion() -> None:
    """Whoever calls without a name can only be counted by where they call from."""
    publicas = {n for n, o in OPERACIONES.items() if o.publica and o.prefijo == PREFIJO}
    assert publicas == POR_DIRECCION


def test_se_dice_en_cada_una_y_en_ninguna_mas(aplicacion: Aplicacion) -> None:
    """Refused for want of it, and what is left, in every answer of its own."""
    for camino in aplicacion.app.openapi()["paths"].values():
        for operacion in camino.values():
            nombre, respuestas = operacion["operationId"], operacion["responses"]
            con_cuota = nombre in POR_DIRECCION | POR_CUENTA
            assert ("429" in respuestas) == con_cuota, nombre
            for estado, respuesta in respuestas.items():
                dichas = {"RateLimit", "RateLimit-Policy"} & set(respuesta["headers"])
                assert len(dichas) == (2 if con_cuota else 0), (nombre, estado)


@pytest.mark.parametrize("nombre", sorted(POR_DIRECCION | POR_CUENTA))
async def test_agotada_no_se_hace_nada(
    nombre: str, mundo: Mundo, aplicacion: Aplicacion, ninguna_mas: list[tuple[str, ...]]
) -> None:
    operacion = OPERACIONES[nombre]
    quien: Any = {} if operacion.publica else mundo.quien[operacion.quien]
    antes = await aplicacion.digesto()
    respuesta = await mundo.cliente.request(operacion.metodo, operacion.camino(mundo), headers=quien)
    assert respuesta.status_code == 429, respuesta.text
    assert respuesta.json()["codigo"] == "demasiadas_peticiones"
    assert respuesta.headers["Retry-After"] == "7"
    assert respuesta.headers["RateLimit"].endswith(";r=0;t=7")
    assert respuesta.headers["RateLimit-Policy"].startswith('"')
    assert len(ninguna_mas) == 1
    assert await aplicacion.digesto() == antes
