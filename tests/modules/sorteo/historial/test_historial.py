"""What happened to a draw: each step once, who took it by role alone, with what it published and why."""

from datetime import timedelta
from typing import Any

from app.core.acts.contract import Llamada, atendiendo
from app.modules.sorteo.models import Sorteo
from tests.loteria import instante
from tests.modules.sorteo.conftest import Api, problema
from tests.modules.sorteo.factories import ADMIN, DISPONIBLE, ENTROPIA, OTRO_ADMIN, RESIDENTE

NOMBRES = {"nombres": ["Personera", "Vecina", "Contadora"]}


async def historia(api: Api, sorteo: Sorteo) -> list[dict[str, Any]]:
    hechos: list[dict[str, Any]] = (await api.ver(f"/{sorteo.id}/historial", RESIDENTE))["items"]
    return hechos


async def test_every_step_with_its_hashes_and_reasons(api: Api) -> None:
    casa = api.casa
    casa.cuentas.confirmadores = {OTRO_ADMIN.usuario_id}
    sorteo = await casa.borrador()
    ruta, motivo = f"/{sorteo.id}", {"motivo": "Faltó una torre"}
    cierre = instante(DISPONIBLE - timedelta(days=1))

    async def dar(paso: str, cuerpo: Any = None, *, metodo: str = "POST", quien: Any = ADMIN) -> None:
        respuesta = await api.pedir(metodo, f"{ruta}/{paso}", quien, json=cuerpo)
        assert respuesta.status_code in (200, 201), respuesta.text

    await dar("garantes", NOMBRES)
    await dar("abrir")
    await casa.pedir(sorteo, 2)
    await dar("prorrogar", motivo | {"cierre": cierre})
    await dar("cerrar")
    await dar("cerrar")  # taken already: nothing new happened
    primera = await casa.sorteos.ver(sorteo.oid)
    await dar("reabrir", motivo)
    await dar("cerrar")
    casa.reloj.poner(DISPONIBLE)
    await dar("ejecutar", {"entropia": ENTROPIA})
    await dar("anular", motivo)
    await dar("anular", motivo, metodo="DELETE")
    await dar("publicar")
    await dar("anular", motivo)
    await dar("anular/confirmar", quien=OTRO_ADMIN)
    hechos = await historia(api, sorteo)
    assert [h["suceso"] for h in hechos] == [
        *("crear", "nombrar_garantes", "abrir", "prorrogar", "cerrar", "reabrir", "cerrar", "fijar_numero", "ejecutar"),
        *("pedir_anulacion", "retirar_anulacion", "publicar", "pedir_anulacion", "confirmar_anulacion", "anular"),
    ]
    quedo = await casa.sorteos.ver(sorteo.oid)
    por_suceso = {h["suceso"]: h for h in hechos}
    assert por_suceso["abrir"]["huellas"] == {"compromiso": quedo.compromiso, "huella_reglas": quedo.huella_reglas}
    assert [h["huellas"] for h in hechos if h["suceso"] == "cerrar"] == [
        {"huella": cerrado.huella, "huella_padron": cerrado.huella_padron} for cerrado in (primera, quedo)
    ]
    assert por_suceso["ejecutar"]["huellas"] == {"semilla": quedo.semilla, "huella_resultado": quedo.huella_resultado}
    assert (por_suceso["prorrogar"]["motivo"], por_suceso["prorrogar"]["cierre"]) == ("Faltó una torre", cierre)
    assert por_suceso["reabrir"]["huellas"] == {"huella": primera.huella}
    assert por_suceso["publicar"]["cuando"] == instante(DISPONIBLE)
    assert {h["motivo"] for h in hechos if "anul" in h["suceso"]} == {"Faltó una torre", None}


async def test_by_role_or_by_the_clock(api: Api) -> None:
    with atendiendo(Llamada(operacion="sorteo_abrir_sorteo", quien=ADMIN)):
        sorteo = await api.casa.abierto(cierre=instante(DISPONIBLE - timedelta(days=1)))
    api.casa.reloj.poner(DISPONIBLE - timedelta(days=1))
    await api.casa.tareas.atender()
    hechos = await historia(api, sorteo)
    assert [(h["suceso"], h["rol"]) for h in hechos] == [("crear", "admin"), ("abrir", "admin"), ("cerrar", None)]
    assert str(ADMIN.usuario_id) not in str(hechos)


async def test_drafts_are_for_staff(api: Api) -> None:
    sorteo = await api.casa.borrador()
    assert problema(await api.pedir("GET", f"/{sorteo.id}/historial", RESIDENTE)) == (404, "no_encontrado")
    assert (await api.pedir("GET", f"/{sorteo.id}/historial")).status_code == 200
