"""The copy of a space that a draw made when it opened is gone from the database while the space is let go."""

from typing import Any

import pytest

from tests.wiring.complejo import Complejo
from tests.wiring.test_permutas_escritas import publicado

__all__ = ["publicado"]


@pytest.mark.parametrize("como", ["gone", "left out"])
async def test_the_space_is_not_quietly_offered_to_nobody(complejo: Complejo, publicado: str, como: str) -> None:
    """The audit says so; put back, it is offered to the next."""
    copias = complejo.aplicacion.base["sorteos_espacios"]
    ((vecina, solicitud), *_) = await complejo.de(publicado, "asignada")
    copia: Any = await copias.find_one({"codigo": solicitud["espacio"]})
    if como == "gone":
        await copias.delete_one({"_id": copia["_id"]})
    else:
        await copias.update_one({"_id": copia["_id"]}, {"$set": {"excluido": "inactivo"}})
    await complejo.responde(vecina, solicitud, "declinada")
    (fila,) = await complejo.todas("/auditoria?accion=bases_alteradas")
    assert (fila["datos"], fila["objeto"][-1]) == ({"donde": "espacios"}, publicado)
    negada = await complejo.pedir(
        "POST", f"/sorteo/{publicado}/liberar", espera=409, json={"espacio": solicitud["espacio"]}
    )
    assert (negada["codigo"], negada["datos"]["donde"]) == ("bases_alteradas", "espacios")
    await copias.replace_one({"_id": copia["_id"]}, copia, upsert=True)
    await complejo.pedir("POST", f"/sorteo/{publicado}/liberar", json={"espacio": solicitud["espacio"]})
    assert len(await complejo.de(publicado, "ofrecida")) == 1
