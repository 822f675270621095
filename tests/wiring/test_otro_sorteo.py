"""A draw goes by what others of the same days published, and where the audit was told that they stand."""

from datetime import timedelta
from typing import Any

import pytest
from bson import ObjectId

from tests.wiring.complejo import SEMESTRE, Complejo
from tests.wiring.test_escrito_un_momento import corrido, publicado

__all__ = ["corrido", "publicado"]


@pytest.mark.parametrize(
    ("escrito", "negado"),
    [
        ({"ensayo": True}, {"donde": "ocupaciones", "espacio": "P-1"}),
        ({"vigencia": {"desde": "2020-01-01", "hasta": "2020-12-31"}}, {"donde": "ocupaciones", "espacio": "P-1"}),
        ({"estado": "finalizado"}, {"donde": "estado"}),
        ({"estado": "anulado"}, {"donde": "estado"}),
        ({"estado": "borrador"}, {"donde": "estado"}),
        ({"_id": None}, {"donde": "estado"}),
    ],
    ids=["rehearsal", "other days", "ended", "annulled", "draft", "gone"],
)
async def test_whoever_won_has_not_answered(
    complejo: Complejo, publicado: str, escrito: dict[str, Any], negado: dict[str, str]
) -> None:
    """The draw that they won in says for a moment that it has no claim, and the claim is gone."""
    base, suyo = complejo.aplicacion.base, {"_id": ObjectId(publicado)}
    otro = await complejo.borrador("El segundo", SEMESTRE, complejo.ahora + timedelta(days=2))
    sorteo: Any = await base["sorteos"].find_one(suyo)
    espacio: Any = await base["espacios"].find_one_and_update({"codigo": "P-1"}, {"$set": {"ocupaciones": []}})
    await base["sorteos"].delete_one(suyo)
    if "_id" not in escrito:
        await base["sorteos"].insert_one(sorteo | escrito)
    dicho = await complejo.pedir("POST", f"/sorteo/{otro}/abrir", espera=409)
    objeto = publicado if negado["donde"] == "estado" else str(espacio["_id"])
    assert (dicho["codigo"], dicho["datos"]) == ("bases_alteradas", {**negado, "objeto": objeto})
    await base["sorteos"].replace_one(suyo, sorteo, upsert=True)
    await base["espacios"].update_one({"codigo": "P-1"}, {"$set": {"ocupaciones": espacio["ocupaciones"]}})
    assert len(await complejo.de(publicado, "asignada")) == 1
    # Once nobody writes it opens, and has not the space that is kept for them.
    assert (await complejo.pedir("POST", f"/sorteo/{otro}/abrir"))["espacios_en_juego"] == 0


@pytest.mark.usefixtures("publicado")
async def test_a_copy_that_nobody_published(complejo: Complejo) -> None:
    """With a claim beside it, it would keep a space out."""
    base = complejo.aplicacion.base
    await complejo.pedir("POST", "/sorteo/espacios", json={"codigo": "P-2", "tipo": "carro"})
    abierto = await complejo.sorteo("El tercero", SEMESTRE, complejo.ahora + timedelta(days=2))
    await complejo.pedir("POST", "/sorteo/espacios", json={"codigo": "P-3", "tipo": "carro"})
    copia = {"sorteo_id": ObjectId(abierto), "codigo": "P-3", "tipo": "carro", "reserva": None, "excluido": None}
    puesta: Any = await base["sorteos_espacios"].insert_one(copia)
    suya = {"tipo": "sorteo", "ref": ObjectId(abierto), "desde": "2027-01-01", "hasta": "2027-06-30"}
    await base["espacios"].update_one({"codigo": "P-3"}, {"$set": {"ocupaciones": [suya]}})
    otro = await complejo.borrador("El cuarto", SEMESTRE, complejo.ahora + timedelta(days=2))
    negado = await complejo.pedir("POST", f"/sorteo/{otro}/abrir", espera=409)
    assert (negado["codigo"], negado["datos"]["donde"], negado["datos"]["espacio"]) == (
        *("bases_alteradas", "ocupaciones"),
        "P-3",
    )
    await base["sorteos_espacios"].delete_one({"_id": puesta.inserted_id})
    await base["espacios"].update_one({"codigo": "P-3"}, {"$set": {"ocupaciones": []}})
    assert (await complejo.pedir("POST", f"/sorteo/{otro}/abrir"))["espacios_en_juego"] == 1
