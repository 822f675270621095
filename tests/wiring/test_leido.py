"""Whoever hides rows of the audit for the moment of a step, with another row in the place of each, gets the step; but
once they are back, the row of the step says for good that it read something else."""

from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from bson import ObjectId

from app.modules.auditoria.verificar import ROTA
from tests.wiring.complejo import REGLA, SEMESTRE, Complejo, Vecina
from tests.wiring.escenas import escena
from tests.wiring.test_rastro import verificada

Filas = list[dict[str, Any]]
SIGUIENTE = (date(2027, 7, 1), date(2027, 12, 31))


async def sellar(complejo: Complejo) -> None:
    """Other acts follow, and all is sealed."""
    await complejo.latir()
    await complejo.pedir("PATCH", "/conjunto", json={"nombre": "Los Cedros"})
    for _ in range(3):
        await complejo.latir()


async def tapar(complejo: Complejo, filtro: Mapping[str, Any]) -> Filas:
    """No number of the chain is missing, and nothing of it is read as what it was."""
    auditoria = complejo.aplicacion.base["auditoria"]
    filas: Filas = await auditoria.find({"n": {"$exists": True}, **filtro}).to_list(None)
    assert filas
    for fila in filas:
        await auditoria.replace_one({"_id": fila["_id"]}, fila | {"accion": "residentes_cambiar_unidad", "objeto": []})
    return filas


async def destapar(complejo: Complejo, filas: Filas) -> None:
    for fila in filas:
        await complejo.aplicacion.base["auditoria"].replace_one({"_id": fila["_id"]}, fila)


async def falla(complejo: Complejo) -> str | None:
    await sellar(complejo)
    informe = await complejo.pedir("GET", "/auditoria/verificacion")
    return None if informe["falla"] is None else informe["falla"]["tipo"]


async def repuesta(complejo: Complejo, filas: Filas) -> None:
    """While other rows stand there the chain says so; once they are back, the row of the step does."""
    assert await falla(complejo) == "alterada"
    await destapar(complejo, filas)
    assert await falla(complejo) == "contradicha"


async def guardada(complejo: Complejo, coleccion: str, id: str) -> dict[str, Any]:
    fila: Any = await complejo.aplicacion.base[coleccion].find_one({"_id": ObjectId(id)})
    return dict(fila)


@escena
async def publicado(complejo: Complejo) -> str:
    """A draw of one space and three flats."""
    await complejo.cuenta({"email": "auditora@example.com", "rol": "auditor"})
    await complejo.pedir("POST", "/sorteo/espacios", json={"codigo": "P-1", "tipo": "carro"})
    await complejo.pedir("POST", "/sorteo/prioridades", json=REGLA)
    for n in (1, 2, 3):
        vecina = await complejo.muda(f"10{n}", "Ana", str(n))
    await complejo.pedir("PATCH", f"/residentes/unidades/{vecina.unidad}", json={"cupo": 2, "al_dia": True})
    await complejo.pedir("PATCH", f"/residentes/{vecina.id}", json={"fecha_ingreso": "2020-01-01"})
    sorteo = await complejo.sorteo("El primero", SEMESTRE, complejo.ahora + timedelta(days=20))
    await complejo.piden(sorteo)
    await complejo.pedir("POST", f"/sorteo/{sorteo}/cerrar")
    complejo.aplicacion.reloj.avanzar(days=26)
    await complejo.pedir("POST", f"/sorteo/{sorteo}/ejecutar", json={"entropia": "1234 serie 567"})
    await complejo.pedir("POST", f"/sorteo/{sorteo}/publicar")
    await sellar(complejo)
    return sorteo


@escena
async def segundo(complejo: Complejo, publicado: str) -> str:
    """A later draw, which is open. Of the first, whoever won let the space go, and whoever got it then has it."""
    ((ganadora, suya),) = await complejo.de(publicado, "asignada")
    await complejo.responde(ganadora, suya, "declinada")
    ((otra, suya),) = await complejo.de(publicado, "ofrecida")
    await complejo.responde(otra, suya, "aceptada")
    sorteo = await complejo.sorteo("El segundo", SIGUIENTE, complejo.ahora + timedelta(days=20))
    await complejo.piden(sorteo)
    await sellar(complejo)
    return sorteo


@pytest.mark.parametrize(
    "acciones",
    [
        ("solicitudes_escritas",),
        ("sorteo_participes",),
        ("espera_ofrecida",),
        ("solicitudes_aceptadas",),
        ("sorteo_abrir_sorteo", "sorteo_publicar_sorteo"),
    ],
)
async def test_a_closing(complejo: Complejo, publicado: str, segundo: str, acciones: tuple[str, ...]) -> None:
    """Of requests, those of the draw; of earlier draws, what was told of them alone."""
    sorteo = segundo if "solicitudes_escritas" in acciones else publicado
    suyas = acciones[0] in ("solicitudes_escritas", "sorteo_abrir_sorteo")
    filas = await tapar(complejo, {"accion": {"$in": acciones}} | ({"objeto": sorteo} if suyas else {}))
    await complejo.pedir("POST", f"/sorteo/{segundo}/cerrar")
    await repuesta(complejo, filas)


@pytest.mark.parametrize("accion", ["espacios_escritos", "prioridades_escritas", "borradores_escritos"])
async def test_an_opening(complejo: Complejo, vecina: Vecina, borrador: str, accion: str) -> None:  # noqa: ARG001
    antes = await guardada(complejo, "sorteos", borrador)
    await complejo.pedir("PATCH", f"/sorteo/{borrador}", json={"nombre": "El primero de todos"})
    await sellar(complejo)
    filas = await tapar(complejo, {"accion": accion})
    if accion == "borradores_escritos":
        await complejo.aplicacion.base["sorteos"].replace_one({"_id": antes["_id"]}, antes)
    await complejo.pedir("POST", f"/sorteo/{borrador}/abrir")
    await repuesta(complejo, filas)


async def test_a_request_as_it_was_before_it_was_cancelled(complejo: Complejo, publicado: str, segundo: str) -> None:
    """With its mark, which is whole; what the audit was told since is away."""
    del publicado
    vecina, solicitud = next(iter(await complejo.de(segundo, "aprobada")))
    antes = await guardada(complejo, "solicitudes", solicitud["id"])
    visto = await complejo.aplicacion.base["auditoria"].count_documents({"n": {"$exists": True}})
    await complejo.responde(vecina, solicitud, "cancelada")
    await sellar(complejo)
    filas = await tapar(complejo, {"accion": "solicitudes_escritas", "n": {"$gt": visto}})
    await complejo.aplicacion.base["solicitudes"].replace_one({"_id": antes["_id"]}, antes)
    cerrado = await complejo.pedir("POST", f"/sorteo/{segundo}/cerrar")
    assert cerrado["participantes"] == 3
    await repuesta(complejo, filas)


@pytest.mark.parametrize(
    ("accion", "coleccion", "hecho", "dicho"),
    [
        ("unidades_escritas", "unidades", "al_dia", False),
        ("residentes_escritos", "residentes", "fecha_ingreso", "2019-01-01"),
    ],
)
async def test_a_fact_as_it_was(
    complejo: Complejo, publicado: str, segundo: str, accion: str, coleccion: str, hecho: str, dicho: Any
) -> None:
    """A flat owes, and does not; somebody came later, and did not."""
    del publicado
    vecina = complejo.vecinas["101"]
    id, ruta = (vecina.unidad, "/unidades") if coleccion == "unidades" else (vecina.id, "")
    antes = await guardada(complejo, coleccion, id)
    visto = await complejo.aplicacion.base["auditoria"].count_documents({"n": {"$exists": True}})
    await complejo.pedir("PATCH", f"/residentes{ruta}/{id}", json={hecho: dicho})
    await sellar(complejo)
    filas = await tapar(complejo, {"accion": accion, "n": {"$gt": visto}})
    cambio = {hecho: antes[hecho], f"marcas.{hecho}": antes["marcas"][hecho]}
    await complejo.aplicacion.base[coleccion].update_one({"_id": antes["_id"]}, {"$set": cambio})
    await complejo.pedir("POST", f"/sorteo/{segundo}/cerrar")
    await repuesta(complejo, filas)


async def test_a_second_offer_at_one_place_in_line(complejo: Complejo, publicado: str) -> None:
    """Who waited first was offered the space and declined it. Put back in line, they are offered it again."""
    ((ganadora, suya),) = await complejo.de(publicado, "asignada")
    (_, primera), _ = await complejo.de(publicado, "en_espera")
    antes = await guardada(complejo, "solicitudes", primera["id"])
    await complejo.responde(ganadora, suya, "declinada")
    for _ in range(2):
        ((quien, ofrecida),) = await complejo.de(publicado, "ofrecida")
        await complejo.responde(quien, ofrecida, "declinada")
    await sellar(complejo)
    filas = await tapar(complejo, {"accion": "espera_ofrecida", "objeto": primera["id"]})
    await complejo.aplicacion.base["solicitudes"].replace_one({"_id": antes["_id"]}, antes)
    liberado = await complejo.pedir("POST", f"/sorteo/{publicado}/liberar", json={"espacio": "P-1"})
    assert liberado["oferta"]["id"] == primera["id"]
    await repuesta(complejo, filas)


async def test_whoever_has_an_export_and_the_key_finds_it(
    complejo: Complejo,
    publicado: str,
    segundo: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    del publicado
    filas = await tapar(complejo, {"accion": "solicitudes_escritas", "objeto": segundo})
    await complejo.pedir("POST", f"/sorteo/{segundo}/cerrar")
    await destapar(complejo, filas)
    await sellar(complejo)
    assert await verificada(complejo, tmp_path, monkeypatch) == ROTA
    assert "\nfalla contradicha en " in capsys.readouterr().out


async def test_the_chain_cut_for_that_moment(complejo: Complejo, publicado: str, segundo: str) -> None:
    """Head and all, before anybody looks. The process remembers how far it went."""
    del publicado
    vecina = complejo.vecinas["101"]
    auditoria, sello = (complejo.aplicacion.base[cual] for cual in ("auditoria", "auditoria_sello"))
    cabeza: Any = await sello.find_one({})
    antes = await guardada(complejo, "unidades", vecina.unidad)
    await complejo.pedir("PATCH", f"/residentes/unidades/{vecina.unidad}", json={"al_dia": False})
    await sellar(complejo)
    otra: Any = await sello.find_one({})
    cola = await auditoria.find({"n": {"$gt": cabeza["n"]}}).to_list(None)
    await auditoria.delete_many({"n": {"$gt": cabeza["n"]}})
    await sello.replace_one({}, cabeza)
    await complejo.aplicacion.base["unidades"].replace_one({"_id": antes["_id"]}, antes)
    await complejo.pedir("POST", f"/sorteo/{segundo}/cerrar")
    await auditoria.insert_many(cola)
    await sello.replace_one({}, otra)
    assert await falla(complejo) == "contradicha"


async def test_a_whole_life_contradicts_nothing(complejo: Complejo, publicado: str, segundo: str) -> None:
    """Rows are read before they are sealed, and while they are."""
    await complejo.pedir("POST", f"/sorteo/{segundo}/cerrar")
    complejo.aplicacion.reloj.avanzar(days=26)
    await complejo.pedir("POST", f"/sorteo/{segundo}/ejecutar", json={"entropia": "9999 serie 999"})
    await complejo.pedir("POST", f"/sorteo/{segundo}/publicar")
    for quien, suya in await complejo.de(segundo, "asignada"):
        await complejo.responde(quien, suya, "declinada")
    assert await falla(complejo) is None
    filas = await complejo.aplicacion.base["auditoria"].find({"leido": {"$exists": True}}).to_list(None)
    leidas = {dicho["accion"] for fila in filas for dicho in fila["leido"]}
    assert leidas >= {"unidades_escritas", "solicitudes_escritas", "espera_ofrecida", "espacios_escritos"}
    assert any(dicho["sueltas"] for fila in filas for dicho in fila["leido"])
    assert publicado
