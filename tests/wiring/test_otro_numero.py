"""A draw that says on the database that it was closed before is still drawn with one number."""

from datetime import date, timedelta
from typing import Any

from bson import ObjectId

from tests.wiring.complejo import Complejo


async def test_not_by_a_closing_that_never_was(complejo: Complejo) -> None:
    """What its run told the audit stands among the hashes of earlier closings, where a changed hash may be."""
    await complejo.pedir("POST", "/sorteo/espacios", json={"codigo": "P-1", "tipo": "carro"})
    await complejo.muda("101", "Ana", "1")
    cierre = complejo.ahora + timedelta(days=20)
    sorteo = await complejo.sorteo("El primero", (date(2027, 1, 1), date(2027, 6, 30)), cierre)
    await complejo.piden(sorteo)
    await complejo.pedir("POST", f"/sorteo/{sorteo}/cerrar")
    complejo.aplicacion.reloj.avanzar(days=26)
    base, cual = complejo.aplicacion.base, {"_id": ObjectId(sorteo)}
    de_antes: Any = await base["sorteos"].find_one(cual)
    await complejo.pedir("POST", f"/sorteo/{sorteo}/ejecutar", json={"entropia": "1234 serie 567"})
    filas = base["auditoria"].find({"accion": "sorteo_ejecutar_sorteo", "objeto": sorteo})
    dichos = [dicho async for fila in filas for dicho in fila["datos"].values()]
    falso = {
        "intento": "x",
        "cerrado_en": de_antes["cerrado_en"],
        "reabierto_en": de_antes["cerrado_en"],
        "motivo": "x",
    }
    de_antes["huellas_anteriores"] = [falso | {"huella": dicho, "huella_padron": None} for dicho in dichos]
    await base["sorteos"].replace_one(cual, de_antes)
    otro = {"entropia": "9999 serie 999"}
    negado = await complejo.pedir("POST", f"/sorteo/{sorteo}/ejecutar", espera=409, json=otro)
    assert (negado["codigo"], negado["datos"]) == ("bases_alteradas", {"donde": "auditoria"})
