"""Whoever takes rows of the audit away for a moment, to put them back unchanged, gets nothing for it but a trace."""

import logging
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from bson import ObjectId

from app.modules.auditoria.verificar import ROTA, main
from tests.loteria import instante
from tests.wiring.complejo import SEMESTRE, Complejo, Vecina

NUMERO, OTRO = "1234 serie 567", "9999 serie 999"
CORRIDA = ("sorteo_ejecutar_sorteo",)
Filas = list[dict[str, Any]]


@pytest.fixture
async def sorteo(complejo: Complejo, vecina: Vecina) -> str:  # noqa: ARG001 - who asks
    """Closed, and its number may be known."""
    sorteo = await complejo.sorteo("El primero", SEMESTRE, complejo.ahora + timedelta(days=20))
    await complejo.piden(sorteo)
    await complejo.pedir("POST", f"/sorteo/{sorteo}/cerrar")
    complejo.aplicacion.reloj.avanzar(days=26)
    return sorteo


async def verificada(complejo: Complejo, carpeta: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    """What whoever has an export and the key is told by."""
    exportada = carpeta / "auditoria.jsonl"
    exportada.write_bytes(await complejo.pedir("GET", "/auditoria/exportar"))
    monkeypatch.setenv("PARKNET_CLAVE_AUDITORIA", complejo.aplicacion.ajustes.clave("clave_auditoria").decode())
    return main([str(exportada)])


async def guardado(complejo: Complejo, sorteo: str) -> dict[str, Any]:
    fila = await complejo.aplicacion.base["sorteos"].find_one({"_id": ObjectId(sorteo)})
    assert fila is not None
    return fila


async def poner(complejo: Complejo, fila: dict[str, Any]) -> None:
    await complejo.aplicacion.base["sorteos"].replace_one({"_id": fila["_id"]}, fila)


async def sellar(complejo: Complejo) -> None:
    """Other acts follow, and all is sealed."""
    await complejo.latir()
    await complejo.pedir("PATCH", "/conjunto", json={"nombre": "Los Cedros"})
    for _ in range(3):
        await complejo.latir()


async def quitar(complejo: Complejo, sorteo: str, *acciones: str) -> Filas:
    auditoria = complejo.aplicacion.base["auditoria"]
    filas: Filas = await auditoria.find({"accion": {"$in": acciones}, "objeto": sorteo}).to_list(None)
    assert filas
    await auditoria.delete_many({"_id": {"$in": [fila["_id"] for fila in filas]}})
    return filas


async def correr(complejo: Complejo, sorteo: str, numero: str = NUMERO, espera: int = 200) -> Any:
    return await complejo.pedir("POST", f"/sorteo/{sorteo}/ejecutar", espera=espera, json={"entropia": numero})


async def denuncias(complejo: Complejo) -> list[dict[str, str]]:
    return [fila["datos"] for fila in await complejo.todas("/auditoria?accion=bases_alteradas")]


async def test_not_drawn_again_while_the_rows_of_its_run_are_away(
    complejo: Complejo, sorteo: str, caplog: pytest.LogCaptureFixture
) -> None:
    antes = await guardado(complejo, sorteo)
    await correr(complejo, sorteo)
    await sellar(complejo)
    await quitar(complejo, sorteo, *CORRIDA)
    await poner(complejo, antes)
    with caplog.at_level(logging.ERROR):
        negado = await correr(complejo, sorteo, OTRO, espera=409)
    assert (negado["codigo"], negado["datos"]) == ("bases_alteradas", {"donde": "auditoria"})
    assert await denuncias(complejo) == [{"donde": "auditoria", "paso": "ejecutar", "sorteo": sorteo}]
    assert sorteo in caplog.text
    assert (await guardado(complejo, sorteo))["entropia"] is None


async def test_nor_while_nothing_was_sealed_after_them(complejo: Complejo, sorteo: str) -> None:
    """The last rows of the chain: its head says that they are missing."""
    antes = await guardado(complejo, sorteo)
    await complejo.latir()
    await correr(complejo, sorteo)
    await complejo.latir()
    await quitar(complejo, sorteo, *CORRIDA)
    await poner(complejo, antes)
    negado = await correr(complejo, sorteo, OTRO, espera=409)
    assert (negado["codigo"], negado["datos"]) == ("bases_alteradas", {"donde": "auditoria"})


@pytest.mark.parametrize(
    "acciones", [("sorteo_abrir_sorteo",), ("sorteo_crear_sorteo", "sorteo_abrir_sorteo", "sorteo_cerrar_sorteo")]
)
async def test_nobody_annuls_alone_what_seems_to_be_of_before_the_audit(
    complejo: Complejo, sorteo: str, acciones: tuple[str, ...]
) -> None:
    await sellar(complejo)
    await quitar(complejo, sorteo, *acciones)
    cambio = {"ensayo": True, "fuente_entropia.disponible_desde": complejo.ahora + timedelta(days=9)}
    await complejo.aplicacion.base["sorteos"].update_one({"_id": ObjectId(sorteo)}, {"$set": cambio})
    await complejo.pedir("POST", f"/sorteo/{sorteo}/anular", json={"motivo": "no me gusta"})
    complejo.aplicacion.reloj.avanzar(days=4)
    await complejo.latir()
    assert (await guardado(complejo, sorteo))["estado"] == "cerrado"


async def test_a_draw_goes_on_beside_a_gap_of_before(complejo: Complejo, vecina: Vecina) -> None:
    """What somebody took out of the audit long ago is told by the audit, and holds up no draw that was made since."""
    await sellar(complejo)
    await complejo.aplicacion.base["auditoria"].delete_one({"n": 3})
    cierre = complejo.ahora + timedelta(days=20)
    sorteo = await complejo.borrador("El primero", SEMESTRE, cierre, aprobacion="automatica")
    await complejo.latir()
    await complejo.pedir("POST", f"/sorteo/{sorteo}/abrir")
    pedido = {"sorteo_id": sorteo, "vehiculo_id": vecina.vehiculo}
    await complejo.pedir("POST", "/solicitudes", vecina.documento, json=pedido)
    await sellar(complejo)
    cerrado = await complejo.pedir("POST", f"/sorteo/{sorteo}/cerrar")
    assert cerrado["estado"] == "cerrado"


async def test_a_row_in_the_place_of_another_leaves_a_trace_for_good(complejo: Complejo, sorteo: str) -> None:
    """No number is missing while the draw is run again. Put back, two rows follow the same one, and it goes no
    further."""
    auditoria = complejo.aplicacion.base["auditoria"]
    antes = await guardado(complejo, sorteo)
    await correr(complejo, sorteo)
    await sellar(complejo)
    filas = await quitar(complejo, sorteo, *CORRIDA)
    await auditoria.insert_many([fila | {"objeto": []} for fila in filas])
    await poner(complejo, antes)
    await correr(complejo, sorteo, OTRO)
    await complejo.latir()
    for fila in filas:
        await auditoria.replace_one({"_id": fila["_id"]}, fila)
    await sellar(complejo)
    informe = await complejo.pedir("GET", "/auditoria/verificacion")
    assert (informe["integra"], informe["falla"]["tipo"]) == (False, "contradicha")
    negado = await complejo.pedir("POST", f"/sorteo/{sorteo}/publicar", espera=409)
    assert (negado["codigo"], negado["datos"]) == ("bases_alteradas", {"donde": "auditoria"})
    assert await denuncias(complejo) == [{"donde": "auditoria", "paso": "publicar", "sorteo": sorteo}]


async def test_so_does_cutting_the_chain_for_that_moment(complejo: Complejo, sorteo: str) -> None:
    auditoria, sello = (complejo.aplicacion.base[cual] for cual in ("auditoria", "auditoria_sello"))
    antes = await guardado(complejo, sorteo)
    await complejo.latir()
    cabeza: Any = await sello.find_one({})
    await correr(complejo, sorteo)
    await sellar(complejo)
    otra: Any = await sello.find_one({})
    cola = await auditoria.find({"n": {"$gt": cabeza["n"]}}).to_list(None)
    await auditoria.delete_many({"n": {"$gt": cabeza["n"]}})
    await sello.replace_one({}, cabeza)
    await poner(complejo, antes)
    await correr(complejo, sorteo, OTRO)
    await auditoria.insert_many(cola)
    await sello.replace_one({}, otra)
    await sellar(complejo)
    informe = await complejo.pedir("GET", "/auditoria/verificacion")
    assert (informe["integra"], informe["falla"]["tipo"]) == (False, "contradicha")


async def test_before_they_are_sealed_too(
    complejo: Complejo, sorteo: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """And whoever has an export and the key finds it without the API."""
    antes = await guardado(complejo, sorteo)
    await complejo.latir()
    await correr(complejo, sorteo)
    filas = await quitar(complejo, sorteo, *CORRIDA)
    await poner(complejo, antes)
    await correr(complejo, sorteo, OTRO)
    await complejo.aplicacion.base["auditoria"].insert_many(filas)
    await sellar(complejo)
    assert await verificada(complejo, tmp_path, monkeypatch) == ROTA
    assert "\nfalla contradicha en " in capsys.readouterr().out


async def test_no_closing_that_was_not_opened_again(complejo: Complejo, vecina: Vecina) -> None:
    """A draw was opened again once. Its second closing is written among those that were, and it is open."""
    sorteo = await complejo.sorteo("El primero", SEMESTRE, complejo.ahora + timedelta(days=20))
    pedido = {"sorteo_id": sorteo, "vehiculo_id": vecina.vehiculo}
    await complejo.pedir("POST", "/solicitudes", vecina.documento, json=pedido)
    await complejo.pedir("POST", f"/sorteo/{sorteo}/cerrar")
    await complejo.pedir("POST", f"/sorteo/{sorteo}/reabrir", json={"motivo": "faltaba gente"})
    abierto = await guardado(complejo, sorteo)
    await complejo.pedir("POST", f"/sorteo/{sorteo}/cerrar")
    cerrado = await guardado(complejo, sorteo)
    suya = abierto["huellas_anteriores"][0] | {campo: cerrado[campo] for campo in ("huella", "huella_padron")}
    await poner(complejo, abierto | {"huellas_anteriores": [*abierto["huellas_anteriores"], suya]})
    negado = await complejo.pedir("POST", f"/sorteo/{sorteo}/cerrar", espera=409)
    assert (negado["codigo"], negado["datos"]) == ("bases_alteradas", {"donde": "auditoria"})


@pytest.mark.parametrize("paso", ["prorrogar", "cerrar", "reabrir", "ejecutar"])
async def test_what_was_annulled_stays_so(complejo: Complejo, vecina: Vecina, paso: str) -> None:
    """Put back on the database as it was, it takes no other step."""
    cierre = complejo.ahora + timedelta(days=20)
    sorteo = await complejo.sorteo("El primero", SEMESTRE, cierre)
    pedido = {"sorteo_id": sorteo, "vehiculo_id": vecina.vehiculo}
    await complejo.pedir("POST", "/solicitudes", vecina.documento, json=pedido)
    if paso in ("reabrir", "ejecutar"):
        await complejo.pedir("POST", f"/sorteo/{sorteo}/cerrar")
    antes = await guardado(complejo, sorteo)
    ventana = {"_id": ObjectId(sorteo)}
    suya = await complejo.aplicacion.base["solicitudes_ventanillas"].find_one(ventana)
    assert suya is not None
    anulado = await complejo.pedir("POST", f"/sorteo/{sorteo}/anular", json={"motivo": "no me gusta"})
    assert anulado["estado"] == "anulado"
    await poner(complejo, antes)
    await complejo.aplicacion.base["solicitudes_ventanillas"].replace_one(ventana, suya)
    if paso == "ejecutar":
        complejo.aplicacion.reloj.avanzar(days=26)
    cuerpo = {
        "prorrogar": {"cierre": instante(cierre + timedelta(days=1)), "motivo": "x"},
        "reabrir": {"motivo": "x"},
        "ejecutar": {"entropia": NUMERO},
    }.get(paso)
    negado = await complejo.pedir("POST", f"/sorteo/{sorteo}/{paso}", espera=409, json=cuerpo)
    assert (negado["codigo"], negado["datos"]) == ("bases_alteradas", {"donde": "estado"})
    assert await denuncias(complejo) == [{"donde": "estado", "paso": paso, "sorteo": sorteo}]


@pytest.mark.parametrize("accion", ["espacios_escritos", "prioridades_escritas"])
async def test_who_opens_while_something_of_all_the_years_is_away_leaves_a_row(
    complejo: Complejo, borrador: str, accion: str
) -> None:
    auditoria = complejo.aplicacion.base["auditoria"]
    await sellar(complejo)
    filas = await auditoria.find({"accion": accion}).to_list(None)
    await auditoria.delete_many({"_id": {"$in": [fila["_id"] for fila in filas]}})
    await complejo.pedir("POST", f"/sorteo/{borrador}/abrir")
    await auditoria.insert_many(filas)
    await sellar(complejo)
    (denuncia,) = await complejo.todas("/auditoria?accion=auditoria_incompleta")
    assert denuncia["datos"] == {"desde": str(min(fila["n"] for fila in filas)), "faltan": str(len(filas))}
    informe = await complejo.pedir("GET", "/auditoria/verificacion")
    assert (informe["integra"], informe["falla"]["tipo"]) == (False, "denunciada")


class TestListaDeEspera:
    @pytest.fixture
    async def publicado(self, complejo: Complejo) -> tuple[str, str]:
        """Whoever won has declined, and the space stays free: the draw, and the space."""
        await complejo.pedir("POST", "/sorteo/espacios", json={"codigo": "P-1", "tipo": "carro"})
        for n in (1, 2, 3):
            await complejo.muda(f"10{n}", "Ana", str(n))
        sorteo = await complejo.sorteo("El primero", SEMESTRE, complejo.ahora + timedelta(days=20))
        await complejo.piden(sorteo)
        await complejo.pedir("POST", f"/sorteo/{sorteo}/cerrar")
        complejo.aplicacion.reloj.avanzar(days=26)
        await correr(complejo, sorteo)
        await complejo.pedir("POST", f"/sorteo/{sorteo}/publicar")
        await sellar(complejo)
        return sorteo, "P-1"

    async def rechaza(self, complejo: Complejo, sorteo: str) -> None:
        ((quien, suya),) = await complejo.de(sorteo, "asignada")
        await complejo.responde(quien, suya, "declinada")

    async def test_nothing_is_offered_while_what_was_published_is_away(
        self, complejo: Complejo, publicado: tuple[str, str]
    ) -> None:
        sorteo, espacio = publicado
        await quitar(complejo, sorteo, "espera_publicada")
        ((quien, suya),) = await complejo.de(sorteo, "asignada")
        ruta = f"/solicitudes/{suya['id']}/estado"
        negado = await complejo.pedir("PATCH", ruta, quien.documento, espera=409, json={"estado": "aceptada"})
        assert (negado["codigo"], negado["datos"]["donde"]) == ("bases_alteradas", "auditoria")
        await complejo.responde(quien, suya, "declinada")
        negado = await complejo.pedir("POST", f"/sorteo/{sorteo}/liberar", espera=409, json={"espacio": espacio})
        assert (negado["codigo"], negado["datos"]["donde"]) == ("bases_alteradas", "auditoria")
        assert {d["donde"] for d in await denuncias(complejo)} == {"auditoria"}

    async def test_nor_while_an_offer_is_away(self, complejo: Complejo, publicado: tuple[str, str]) -> None:
        """A place in line is offered one space, once."""
        sorteo, espacio = publicado
        await self.rechaza(complejo, sorteo)
        await sellar(complejo)
        ((quien, suya),) = await complejo.de(sorteo, "ofrecida")
        await quitar(complejo, suya["id"], "espera_ofrecida")
        await complejo.responde(quien, suya, "declinada")
        negado = await complejo.pedir("POST", f"/sorteo/{sorteo}/liberar", espera=409, json={"espacio": espacio})
        assert (negado["codigo"], negado["datos"]["donde"]) == ("bases_alteradas", "auditoria")

    async def test_a_gap_of_before_the_publication_holds_nothing_up(
        self, complejo: Complejo, publicado: tuple[str, str]
    ) -> None:
        sorteo, _ = publicado
        await complejo.aplicacion.base["auditoria"].delete_one({"n": 3})
        await self.rechaza(complejo, sorteo)
        assert len(await complejo.de(sorteo, "ofrecida")) == 1
