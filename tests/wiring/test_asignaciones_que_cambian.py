"""What an act changed while others looked is no alteration."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from beanie import PydanticObjectId
from bson import ObjectId

from app.modules.sorteo.asignaciones.vigia import CambiosDeAsignaciones, VigiaDeTerminadas
from app.shared.repository import Fila
from tests.wiring.complejo import SEMESTRE, Complejo
from tests.wiring.test_asignaciones_escritas import denunciadas, en_marcha, publicado, suya

__all__ = ["en_marcha", "publicado"]


async def test_who_is_erased_leaves_none_altered(complejo: Complejo, en_marcha: str) -> None:
    """Their flat holds nothing from then on, which was told, and the plate is taken out of what it held."""
    vecina, _, fila = await suya(complejo, en_marcha)
    await complejo.pedir("POST", f"/residentes/{vecina.id}/suprimir?confirmar=true")
    quedo: Any = await complejo.aplicacion.base["asignaciones"].find_one({"_id": fila["_id"]})
    assert (quedo["estado"], quedo["vehiculo"]["placa"]) == ("terminada", None)
    await complejo.latir()
    assert await denunciadas(complejo) == []


async def test_what_changes_during_a_walk_is_not_denounced(
    complejo: Complejo, en_marcha: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    vecina, _, fila = await suya(complejo, en_marcha)
    await complejo.pedir("POST", f"/sorteo/asignaciones/{fila['_id']}/devolver", vecina.documento)
    siguientes = VigiaDeTerminadas._siguientes

    async def despues(self: VigiaDeTerminadas, ultimo: PydanticObjectId | None, limite: int) -> Sequence[Fila]:
        filas = await siguientes(self, ultimo, limite)
        self._dichos = {**self._dichos, str(fila["_id"]): "0" * 16}
        return filas

    monkeypatch.setattr(VigiaDeTerminadas, "_siguientes", despues)
    await complejo.latir()
    assert await denunciadas(complejo) == []


async def test_what_changes_during_a_closing_does_not_stop_it(
    complejo: Complejo, publicado: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await complejo.pedir("POST", "/sorteo/espacios", json={"codigo": "P-3", "tipo": "carro"})
    sorteo = await complejo.sorteo("Otro", SEMESTRE, complejo.ahora + timedelta(days=2))
    (vecina, solicitud), *_ = await complejo.de(publicado, "asignada")
    await complejo.responde(vecina, solicitud, "aceptada")
    fila: Any = await complejo.aplicacion.base["asignaciones"].find_one({"solicitud_id": ObjectId(solicitud["id"])})
    await complejo.pedir("POST", f"/sorteo/asignaciones/{fila['_id']}/devolver", vecina.documento)
    pedido = {"sorteo_id": sorteo, "vehiculo_id": vecina.vehiculo}
    await complejo.pedir("POST", "/solicitudes", vecina.documento, json=pedido)
    dichos, veces = CambiosDeAsignaciones.dichos, count()

    async def antes(self: CambiosDeAsignaciones) -> Mapping[str, str]:
        leidos = await dichos(self)
        return leidos if next(veces) else {**leidos, str(fila["_id"]): "0" * 16}

    monkeypatch.setattr(CambiosDeAsignaciones, "dichos", antes)
    assert (await complejo.pedir("POST", f"/sorteo/{sorteo}/cerrar"))["estado"] == "cerrado"
    assert await denunciadas(complejo) == []
