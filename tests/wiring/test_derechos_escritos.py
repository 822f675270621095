"""A right to a space is given by what acts stated, and to no space that somebody has, whatever stands on the database
at that moment."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from bson import ObjectId

from tests.wiring.complejo import DERECHO, RESERVA, SEMESTRE, Complejo, Vecina
from tests.wiring.escenas import escena
from tests.wiring.test_asignaciones_escritas import EN_MARCHA, en_marcha, publicado

__all__ = ["en_marcha", "publicado"]

OTRA_RESERVA = "embarazo"


@escena
async def prestado(complejo: Complejo) -> str:
    """The only space, kept for who has a condition, is lent to the one flat that asked. Eva, of 102, has another
    condition; Luz, of 103, has that one."""
    await complejo.pedir("POST", "/sorteo/espacios", json={"codigo": "P-1", "tipo": "carro", "reserva": RESERVA})
    await complejo.muda("101", "Ana", "1")
    sorteo = await complejo.sorteo("El primero", SEMESTRE, complejo.ahora + timedelta(days=20), liberar_reservas=True)
    await complejo.piden(sorteo)
    eva, luz = await complejo.muda("102", "Eva", "2"), await complejo.muda("103", "Luz", "3")
    for vecina, codigo in ((eva, OTRA_RESERVA), (luz, RESERVA)):
        condicion = {"estado": "verificada", "persona": "titular", "vigente_hasta": "2027-12-31"}
        await complejo.pedir("PUT", f"/residentes/{vecina.id}/condiciones/{codigo}", json=condicion)
    await complejo.hasta((complejo.ahora + timedelta(days=26)).date())
    await complejo.pedir("POST", f"/sorteo/{sorteo}/ejecutar", json={"entropia": "1234 serie 567"})
    await complejo.pedir("POST", f"/sorteo/{sorteo}/publicar")
    ((ana, gana),) = await complejo.de(sorteo, "asignada")
    await complejo.responde(ana, gana, "aceptada")
    await complejo.hasta(EN_MARCHA)
    return sorteo


async def reclamar(complejo: Complejo, para: Vecina, espera: int = 0) -> Any:
    ((suya),) = (await complejo.pedir("GET", "/sorteo/asignaciones?espacio=P-1"))["items"]
    assert suya["prestado"]
    cuerpo = {"unidad_id": para.unidad, "motivo": "x", "hasta": complejo.ahora.date().isoformat()}
    return await complejo.pedir("POST", f"/sorteo/asignaciones/{suya['id']}/reclamar", espera=espera, json=cuerpo)


async def de_quien_es(complejo: Complejo, codigo: str = "P-1") -> Mapping[str, Any] | None:
    espacio: Any = await complejo.aplicacion.base["espacios"].find_one({"codigo": codigo})
    derecho: Mapping[str, Any] | None = espacio["titular"]
    return derecho


async def denunciado(complejo: Complejo, negado: Mapping[str, Any], donde: str, objeto: str) -> None:
    assert (negado["codigo"], negado["datos"]["donde"], negado["datos"]["objeto"]) == ("bases_alteradas", donde, objeto)
    (fila,) = (await complejo.pedir("GET", "/auditoria?accion=bases_alteradas"))["items"]
    assert (fila["objeto"][-1], fila["datos"]) == (objeto, {"donde": donde})


class TestDeUnReclamo:
    @pytest.mark.usefixtures("prestado")
    async def test_it_is_theirs(self, complejo: Complejo) -> None:
        luz = complejo.vecinas["103"]
        await reclamar(complejo, luz)
        derecho = await de_quien_es(complejo)
        assert derecho is not None
        assert str(derecho["unidad_id"]) == luz.unidad

    @pytest.mark.usefixtures("prestado")
    @pytest.mark.parametrize("que", ["condiciones", "unidades"])
    async def test_not_by_a_condition_that_somebody_wrote(self, complejo: Complejo, que: str) -> None:
        """Of somebody who lives there, or who does not."""
        residentes = complejo.aplicacion.base["residentes"]
        eva, luz = complejo.vecinas["102"], complejo.vecinas["103"]
        quien, de_quien = (eva, luz) if que == "condiciones" else (luz, eva)
        antes: Any = await residentes.find_one({"_id": ObjectId(quien.id)})
        de_otra: Any = await residentes.find_one({"_id": ObjectId(de_quien.id)})
        await residentes.update_one({"_id": antes["_id"]}, {"$set": {que: de_otra[que]}})
        negado = await reclamar(complejo, eva, espera=409)
        await residentes.update_one({"_id": antes["_id"]}, {"$set": {que: antes[que]}})
        donde = f"condiciones_{RESERVA}" if que == "condiciones" else que
        await denunciado(complejo, negado, donde, quien.id)
        assert await de_quien_es(complejo) is None

    @pytest.mark.usefixtures("prestado")
    async def test_not_of_a_space_that_was_kept_for_others(self, complejo: Complejo) -> None:
        espacios = complejo.aplicacion.base["espacios"]
        espacio: Any = await espacios.find_one_and_update({"codigo": "P-1"}, {"$set": {"reserva": OTRA_RESERVA}})
        negado = await reclamar(complejo, complejo.vecinas["102"], espera=409)
        await espacios.update_one({"codigo": "P-1"}, {"$set": {"reserva": RESERVA}})
        await denunciado(complejo, negado, "inventario", str(espacio["_id"]))
        assert await de_quien_es(complejo) is None


class TestDeLoQueAlguienTiene:
    """With the claim on it taken away for that moment."""

    async def da(self, complejo: Complejo, codigo: str) -> None:
        espacios = complejo.aplicacion.base["espacios"]
        espacio: Any = await espacios.find_one_and_update({"codigo": codigo}, {"$set": {"ocupaciones": []}})
        assert espacio["ocupaciones"]
        titular = DERECHO | {"unidad_id": complejo.vecinas["104"].unidad}
        ruta = f"/sorteo/espacios/{codigo}"
        negado = await complejo.pedir("PATCH", ruta, espera=409, json={"titular": titular})
        await espacios.update_one({"codigo": codigo}, {"$set": {"ocupaciones": espacio["ocupaciones"]}})
        await denunciado(complejo, negado, "ocupaciones", str(espacio["_id"]))
        assert await de_quien_es(complejo, codigo) is None

    @pytest.mark.usefixtures("en_marcha")
    async def test_by_an_assignment(self, complejo: Complejo) -> None:
        await self.da(complejo, "P-1")

    @pytest.mark.usefixtures("publicado")
    async def test_by_a_request_for_which_it_is_kept(self, complejo: Complejo) -> None:
        await self.da(complejo, "P-1")

    @pytest.mark.usefixtures("en_marcha")
    async def test_by_a_draw(self, complejo: Complejo) -> None:
        await complejo.pedir("POST", "/sorteo/espacios", json={"codigo": "P-3", "tipo": "carro"})
        await complejo.sorteo("Otro", SEMESTRE, complejo.ahora + timedelta(days=2))
        await self.da(complejo, "P-3")

    @pytest.mark.usefixtures("en_marcha")
    async def test_it_is_not_deleted(self, complejo: Complejo) -> None:
        espacios = complejo.aplicacion.base["espacios"]
        de_nadie = {"ocupaciones": [], "sorteado": False}
        espacio: Any = await espacios.find_one_and_update({"codigo": "P-1"}, {"$set": de_nadie})
        negado = await complejo.pedir("DELETE", "/sorteo/espacios/P-1", espera=409)
        await denunciado(complejo, negado, "ocupaciones", str(espacio["_id"]))
