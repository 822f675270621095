"""What is shown of a draw is what was published: whoever edits rows of a result, or of what a closing left out, shows
nobody another one beside the true hash."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import pytest
from bson import ObjectId

from tests.wiring.complejo import Complejo, Vecina
from tests.wiring.escenas import escena
from tests.wiring.test_hechos import abierto, cerrado

Fila = Mapping[str, Any]


@escena
async def publicado(complejo: Complejo) -> str:
    """Two spaces, four flats."""
    for codigo in ("P-1", "P-2"):
        await complejo.pedir("POST", "/sorteo/espacios", json={"codigo": codigo, "tipo": "carro"})
    for n, apartamento in enumerate(("101", "102", "103", "104")):
        await complejo.muda(apartamento, f"Ana{'abcd'[n]}", str(n + 1))
    semestre = (date(2027, 1, 1), date(2027, 6, 30))
    sorteo = await complejo.sorteo("El primero", semestre, complejo.ahora + timedelta(days=20))
    await complejo.piden(sorteo)
    await complejo.hasta(date(2026, 12, 16))
    await complejo.pedir("POST", f"/sorteo/{sorteo}/ejecutar", json={"entropia": "4821 serie 072"})
    await complejo.pedir("POST", f"/sorteo/{sorteo}/publicar")
    return sorteo


async def lineas(complejo: Complejo, sorteo: str) -> list[Fila]:
    cursor = complejo.aplicacion.base["sorteos_resultados"].find({"sorteo_id": ObjectId(sorteo)})
    return list(await cursor.sort("posicion", 1).to_list(None))


async def poner(complejo: Complejo, fila: Fila, cambio: Fila) -> None:
    await complejo.aplicacion.base["sorteos_resultados"].update_one({"_id": fila["_id"]}, {"$set": cambio})


async def negado(complejo: Complejo, sorteo: str, ruta: str, quien: str = "admin@example.com") -> None:
    problema = await complejo.pedir("GET", f"/sorteo/{sorteo}/{ruta}", quien, espera=409)
    assert problema["codigo"] == "bases_alteradas"


async def denunciado(complejo: Complejo, sorteo: str, donde: str) -> None:
    """Once, however often it was asked for."""
    filas = (await complejo.pedir("GET", "/auditoria?accion=bases_alteradas"))["items"]
    assert [fila["datos"] for fila in filas] == [{"donde": donde, "paso": "ver", "sorteo": sorteo}]


RUTAS = ["resultados", "resultados?estado=ganador", "resultados/exportar", "acta?formato=csv", "acta?formato=pdf"]


@pytest.mark.parametrize("ruta", [*RUTAS, "resultados?limite=2", "resultados?estado=espera"])
async def test_as_it_was_published_it_is_shown(complejo: Complejo, publicado: str, ruta: str) -> None:
    await complejo.pedir("GET", f"/sorteo/{publicado}/{ruta}")
    assert len(await complejo.todas(f"/sorteo/{publicado}/resultados")) == 4
    pagina = await complejo.pedir("GET", f"/sorteo/{publicado}/resultados?limite=3")
    otra = await complejo.pedir("GET", f"/sorteo/{publicado}/resultados?limite=3&cursor={pagina['siguiente']}")
    assert [linea["posicion"] for linea in pagina["items"] + otra["items"]] == [1, 2, 3, 4]


@pytest.mark.parametrize("ruta", RUTAS)
async def test_the_winner_of_a_space_is_another(complejo: Complejo, publicado: str, ruta: str) -> None:
    """Whose it is goes to the last in line."""
    filas = await lineas(complejo, publicado)
    gana, pierde = filas[0], filas[-1]
    suyo = ("folio", "solicitud_id", "unidad_id")
    await poner(complejo, gana, {campo: pierde[campo] for campo in suyo})
    await poner(complejo, pierde, {campo: gana[campo] for campo in suyo})
    await negado(complejo, publicado, ruta)
    await negado(complejo, publicado, ruta)
    await denunciado(complejo, publicado, "resultado")


@pytest.mark.parametrize("ruta", ["resultados", "resultados/exportar", "acta?formato=csv"])
async def test_a_folio_is_another_flats(complejo: Complejo, publicado: str, ruta: str) -> None:
    """The line is as it was published, and whose it is stands in the roll."""
    filas = await lineas(complejo, publicado)
    suyo = ("solicitud_id", "unidad_id")
    await poner(complejo, filas[0], {campo: filas[-1][campo] for campo in suyo})
    await poner(complejo, filas[-1], {campo: filas[0][campo] for campo in suyo})
    await negado(complejo, publicado, ruta)


@pytest.mark.parametrize("ruta", [*RUTAS, "resultados?limite=2"])
async def test_a_line_is_gone(complejo: Complejo, publicado: str, ruta: str) -> None:
    filas = await lineas(complejo, publicado)
    await complejo.aplicacion.base["sorteos_resultados"].delete_one({"_id": filas[0]["_id"]})
    await negado(complejo, publicado, ruta)


class TestLaPropia:
    @pytest.mark.parametrize("borrada", [False, True])
    async def test_who_won(self, complejo: Complejo, publicado: str, borrada: bool) -> None:
        filas = await lineas(complejo, publicado)
        vecina = next(v for v in complejo.vecinas.values() if ObjectId(v.unidad) == filas[0]["unidad_id"])
        (suyo,) = await complejo.pedir("GET", f"/sorteo/{publicado}/resultados/yo", vecina.documento)
        assert suyo["espacio"] is not None
        if borrada:
            await complejo.aplicacion.base["sorteos_resultados"].delete_one({"_id": filas[0]["_id"]})
        else:
            await poner(complejo, filas[0], {"espacio": None, "espera": 9})
        await negado(complejo, publicado, "resultados/yo", vecina.documento)


class TestExclusiones:
    @escena
    async def cambiada(self, complejo: Complejo) -> str:
        """Closed, with a request that is out as its flat owes, which is a change since the opening."""
        await complejo.pedir("POST", "/sorteo/espacios", json={"codigo": "P-1", "tipo": "carro"})
        await complejo.pedir("POST", "/sorteo/espacios", json={"codigo": "P-9", "tipo": "carro", "uso": "visitantes"})
        vecina = await complejo.muda("101", "Ana", "1")
        await complejo.muda("102", "Bea", "2")
        await complejo.hasta(complejo.ahora.date() + timedelta(days=1))
        sorteo = await abierto(complejo)
        await complejo.pedir("PATCH", f"/residentes/unidades/{vecina.unidad}", json={"al_dia": False})
        await complejo.hasta(complejo.ahora.date() + timedelta(days=21))
        return sorteo

    async def test_as_the_closing_left_it(self, complejo: Complejo, cambiada: str) -> None:
        fuera = await complejo.pedir("GET", f"/sorteo/{cambiada}/exclusiones")
        assert fuera["solicitudes"] == [{"folio": 1, "motivo": "no_al_dia"}]
        assert [c["campo"] for c in fuera["cambios"]] == ["al_dia"]

    @pytest.mark.parametrize("cambio", [{"impedimentos": ["sancionada"]}, {"impedimentos": []}, {"cambios": []}])
    async def test_for_another_reason(self, complejo: Complejo, cambiada: str, cambio: Fila) -> None:
        participantes = complejo.aplicacion.base["sorteos_participantes"]
        await participantes.update_one({"sorteo_id": ObjectId(cambiada), "folio": 1}, {"$set": cambio})
        await negado(complejo, cambiada, "exclusiones")
        await denunciado(complejo, cambiada, "exclusiones")

    async def test_a_space_that_was_left_out(self, complejo: Complejo, cambiada: str) -> None:
        fuera = {"sorteo_id": ObjectId(cambiada), "excluido": {"$ne": None}}
        await complejo.aplicacion.base["sorteos_espacios"].delete_one(fuera)
        await negado(complejo, cambiada, "exclusiones")

    async def test_of_a_closing_that_was_done_again(self, complejo: Complejo) -> None:
        """Each told its own."""
        await complejo.pedir("POST", "/sorteo/espacios", json={"codigo": "P-1", "tipo": "carro"})
        vecina: Vecina = await complejo.muda("101", "Ana", "1")
        await complejo.hasta(complejo.ahora.date() + timedelta(days=1))
        sorteo = await abierto(complejo)
        await cerrado(complejo, sorteo)
        assert (await complejo.pedir("GET", f"/sorteo/{sorteo}/exclusiones"))["cambios"] == []
        cierre = (complejo.ahora + timedelta(days=10)).isoformat()
        await complejo.pedir("POST", f"/sorteo/{sorteo}/reabrir", json={"motivo": "Otra vez", "cierre": cierre})
        await complejo.pedir("PATCH", f"/residentes/unidades/{vecina.unidad}", json={"torre": "2"})
        await cerrado(complejo, sorteo)
        fuera = await complejo.pedir("GET", f"/sorteo/{sorteo}/exclusiones")
        assert [c["campo"] for c in fuera["cambios"]] == ["torre"]
