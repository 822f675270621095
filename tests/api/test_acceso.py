"""Who may call what: every operation, every role, before anything else is looked at."""

from typing import Any

import pytest
from fastapi.routing import APIRoute, iter_route_contexts

from app.core.dependencies import PUBLICA, Roles
from app.core.http.route import StrictRoute, roles_de
from tests.api.conftest import Aplicacion
from tests.api.mundo import ROLES, Mundo
from tests.api.operaciones import CON_ROLES, OPERACIONES, PUBLICAS, Operacion
from tests.api.problemas import defectos

JSON = {"Content-Type": "application/json"}
# What is served beside the operations: documentation, which names nobody.
SIN_OPERACION = {
    "/api/v1/openapi.json",
    "/docs",
    "/redoc",
    "/estaticos",
    "/estaticos/redoc.standalone.js",
    "/metrics",
}


def _declaradas(aplicacion: Aplicacion) -> dict[str, dict[str, Any]]:
    esquema = aplicacion.app.openapi()
    return {
        declarada["operationId"]: declarada | {"metodo": metodo.upper(), "plantilla": ruta}
        for ruta, metodos in esquema["paths"].items()
        for metodo, declarada in metodos.items()
    }


def test_cada_operacion_del_documento_tiene_su_linea_en_la_tabla(aplicacion: Aplicacion) -> None:
    declaradas = _declaradas(aplicacion)
    assert {n: (d["metodo"], d["plantilla"]) for n, d in declaradas.items()} == {
        n: (o.metodo, o.plantilla) for n, o in OPERACIONES.items()
    }
    total = sum(len(metodos) for metodos in aplicacion.app.openapi()["paths"].values())
    assert total == len(declaradas), "dos operaciones tienen el mismo nombre"


def test_toda_ruta_exige_un_rol_o_esta_entre_las_publicas(aplicacion: Aplicacion) -> None:
    publicas, otras, paginas = set(), set(), set()
    for contexto in iter_route_contexts(aplicacion.app.routes):
        ruta = contexto.original_route
        if not isinstance(ruta, APIRoute):
            otras.add(getattr(contexto, "path", None))
            continue
        assert isinstance(ruta, StrictRoute), ruta.path
        roles: list[Roles] = roles_de(ruta.dependant)
        if not ruta.include_in_schema:
            assert (ruta.methods, ruta.openapi_extra, roles) == ({"GET"}, PUBLICA, []), ruta.path
            paginas.add(ruta.path)
            continue
        nombre = contexto.operation_id or contexto.unique_id
        esperadas = OPERACIONES[str(nombre)]
        if not roles:
            assert ruta.openapi_extra == PUBLICA, ruta.path
            publicas.add(nombre)
            continue
        assert len(roles) == 1, f"{ruta.path} nombra más de una vez quién puede"
        (metodo,) = ruta.methods or {""}
        assert {rol.value for rol in roles[0].para(metodo)} == esperadas.quienes, ruta.path
    assert publicas == PUBLICAS
    assert otras == SIN_OPERACION
    assert paginas == {
        "/",
        "/sorteo",
        "/sorteo/{id}/verificar",
        "/sorteo/{id}/garante",
        "/sorteo/figuras/ver",
        "/registro",
        "/recuperar",
        "/correo",
    }


def test_la_tabla_dice_lo_que_el_contrato_de_los_auditores() -> None:
    """Every GET that admin or operador may make, and of the others only those that name the role."""
    de_auditor = {n for n, o in CON_ROLES.items() if "auditor" in o.quienes and o.metodo != "GET"}
    assert de_auditor == {
        "avisos_leer_aviso",
        "avisos_leer_avisos",
        "avisos_registrar_dispositivo",
        "avisos_olvidar_dispositivo",
        "auth_salir",
        "auth_cerrar_las_demas",
        "auth_cerrar_sesion",
        "auth_cambiar_clave",
        "auth_pedir_correo",
        "auth_confirmar_correo",
        "auth_empezar_mfa",
        "auth_confirmar_mfa",
        "auth_desactivar_mfa",
        "sorteo_confirmar_anulacion",
        "sorteo_entregar_ronda",
        "sorteo_simular_sorteo",
        "trabajos_cancelar_trabajo",
    }
    lecturas = [o for o in CON_ROLES.values() if o.metodo == "GET" and o.quienes & {"admin", "operador"}]
    assert lecturas
    assert all("auditor" in o.quienes for o in lecturas)
    assert {n for n, o in OPERACIONES.items() if o.publica} == PUBLICAS


@pytest.mark.parametrize("nombre", CON_ROLES)
async def test_sin_identificarse_no_se_llega_a_nada(nombre: str, mundo: Mundo, aplicacion: Aplicacion) -> None:
    operacion = CON_ROLES[nombre]
    antes = await aplicacion.digesto()
    faltas = []
    for autorizacion in ("", "Bearer", "Bearer zq9marca", "Basic YTpi", mundo.quien["admin"]["Authorization"] + "x"):
        for camino, cuerpo in ((operacion.camino(mundo), b"{}"), (operacion.ausente("zq9marca"), b"{")):
            respuesta = await mundo.cliente.request(
                operacion.metodo, camino, content=cuerpo, headers=JSON | {"Authorization": autorizacion}
            )
            faltas += defectos(respuesta, {401}, marca="zq9marca")
    assert faltas == []
    assert await aplicacion.digesto() == antes


@pytest.mark.parametrize("nombre", CON_ROLES)
async def test_otro_rol_no_pasa_aunque_todo_lo_demas_este_mal(
    nombre: str, mundo: Mundo, aplicacion: Aplicacion
) -> None:
    operacion = CON_ROLES[nombre]
    antes = await aplicacion.digesto()
    faltas = []
    for rol in set(ROLES) - operacion.quienes:
        intentos = [(operacion.camino(mundo), b"{zq9marca", "application/json")]
        intentos += [(operacion.ausente("zq9marca"), b"\xff", "image/png"), (operacion.ausente(), b"", "")]
        for camino, cuerpo, tipo in intentos:
            cabeceras = {**mundo.quien[rol], **({"Content-Type": tipo} if tipo else {})}
            respuesta = await mundo.cliente.request(
                operacion.metodo, f"{camino}?limite=zq9marca", content=cuerpo, headers=cabeceras
            )
            faltas += [f"{rol}: {falta}" for falta in defectos(respuesta, {403}, marca="zq9marca")]
            if respuesta.status_code == 403 and respuesta.json()["codigo"] != "rol_insuficiente":
                faltas.append(f"{rol}: {respuesta.json()['codigo']}")
    assert faltas == []
    assert await aplicacion.digesto() == antes


def _mal_pedida(operacion: Operacion) -> dict[str, Any]:
    """What refuses a call after its role, and changes nothing."""
    return {"content": b"{", "headers": JSON} if operacion.cuerpos else {"headers": {}}


# These would do it; they have tests of their own.
HACEN = {
    "auth_salir",
    "auth_cerrar_las_demas",
    "auth_empezar_mfa",
    "residentes_pedir_supresion",
}


@pytest.mark.parametrize("nombre", sorted(CON_ROLES.keys() - HACEN))
async def test_quien_puede_pasa_del_rol(nombre: str, mundo: Mundo, aplicacion: Aplicacion) -> None:
    """Each role that may is refused for something else, or answered."""
    operacion = CON_ROLES[nombre]
    antes = await aplicacion.digesto()
    for rol in operacion.quienes:
        pedido = _mal_pedida(operacion)
        camino = operacion.ausente() if operacion.con_id and not operacion.cuerpos else operacion.camino(mundo)
        pedido["headers"] = pedido["headers"] | mundo.quien[rol]
        respuesta = await mundo.cliente.request(operacion.metodo, camino, **pedido)
        esperado = {400} if operacion.cuerpos else {415} if operacion.archivo else {404} if operacion.con_id else {200}
        if "/yo" in operacion.ruta and rol != "residente" and not operacion.cuerpos and nombre != "auth_yo":
            esperado = {404}  # who works here and does not live here
        assert respuesta.status_code in esperado, (rol, respuesta.text)
        if respuesta.status_code >= 400:
            assert defectos(respuesta, esperado) == []
    assert await aplicacion.digesto() == antes


# One's own are told by the account, and not by an id: of who has no flat there are none.
DE_UNA_UNIDAD = {"sorteo_devolver_asignacion", "sorteo_consentir_permuta", "sorteo_retirar_permuta"}
PROPIAS = [n for n, o in CON_ROLES.items() if ("/yo" in o.ruta or n in DE_UNA_UNIDAD) and n != "auth_yo"]


@pytest.mark.parametrize("nombre", PROPIAS)
async def test_lo_propio_es_de_quien_vive_aqui(nombre: str, mundo: Mundo, aplicacion: Aplicacion) -> None:
    operacion = CON_ROLES[nombre]
    antes = await aplicacion.digesto()
    cuerpo = next(iter(operacion.con_cuerpos(mundo)), None)
    camino = operacion.camino(mundo, {"id": mundo.publicado} if "evaluacion" in nombre else None)
    for rol in operacion.quienes - {"residente"}:
        respuesta = await mundo.cliente.request(operacion.metodo, camino, headers=mundo.quien[rol], json=cuerpo)
        assert defectos(respuesta, {404}) == [], rol
        assert respuesta.json()["codigo"] == "sin_residente", rol
    assert await aplicacion.digesto() == antes


async def test_cualquiera_puede_salir_y_su_token_deja_de_servir(mundo: Mundo) -> None:
    for usuario in ("admin@example.com", "operador@example.com", "auditor@example.com", "porteria@example.com", "1001"):
        cabeceras = await mundo.entrar(usuario)
        assert (await mundo.cliente.post("/api/v1/auth/logout", headers=cabeceras)).status_code == 204
        assert defectos(await mundo.cliente.get("/api/v1/auth/yo", headers=cabeceras), {401}) == []


MALFORMADOS = ("zq9marca", "0" * 23, "0" * 25, "%00", "%EF%BC%90" * 24, "ñ" * 24, "0" * 23 + "g", " " + "0" * 24)


@pytest.mark.parametrize("nombre", [n for n, o in OPERACIONES.items() if "{id}" in o.ruta])
async def test_un_id_mal_escrito_se_dice_y_no_se_busca(nombre: str, mundo: Mundo, aplicacion: Aplicacion) -> None:
    operacion = OPERACIONES[nombre]
    antes = await aplicacion.digesto()
    faltas = []
    cuerpo = operacion.con_cuerpos(mundo)[:1]
    quien = mundo.quien[operacion.quien] if operacion.roles else {}
    for parametro in set(operacion.en) & {"id", "vid"}:
        for malformado in MALFORMADOS:
            en = {**operacion.en, parametro: malformado}
            respuesta = await mundo.cliente.request(
                operacion.metodo,
                operacion.camino(mundo, en),
                headers=quien,
                json=cuerpo[0] if cuerpo else None,
            )
            nuevas = defectos(respuesta, {422}, marca="zq9marca")
            if not nuevas and [e["campo"] for e in respuesta.json()["errores"]] != [parametro]:
                nuevas = [respuesta.text]
            faltas += [f"{malformado}: {falta}" for falta in nuevas]
    assert faltas == []
    assert await aplicacion.digesto() == antes


@pytest.mark.parametrize("nombre", [n for n, o in OPERACIONES.items() if o.con_id])
async def test_lo_ajeno_y_lo_que_no_existe_son_lo_mismo(nombre: str, mundo: Mundo, aplicacion: Aplicacion) -> None:
    """Absent for who may call it; and what is another's, or a draft, is exactly as absent for a resident."""
    operacion = OPERACIONES[nombre]
    antes = await aplicacion.digesto()
    cuerpo = next(iter(operacion.con_cuerpos(mundo)), None)
    quien = "residente" if operacion.ajeno else operacion.quien
    cabeceras = mundo.quien[quien] if operacion.roles else {}
    ausente = await mundo.cliente.request(operacion.metodo, operacion.ausente(), headers=cabeceras, json=cuerpo)
    assert defectos(ausente, {404}) == []
    assert ausente.json()["codigo"] == "no_encontrado"
    if operacion.ajeno:
        ajeno = await mundo.cliente.request(
            operacion.metodo, operacion.camino(mundo, operacion.ajeno), headers=cabeceras, json=cuerpo
        )
        assert defectos(ajeno, {404}) == []
        quitar = {"traza", "instance"}
        assert {c: v for c, v in ajeno.json().items() if c not in quitar} == {
            c: v for c, v in ausente.json().items() if c not in quitar
        }
    assert await aplicacion.digesto() == antes
