"""Who read whose conditions: once a reader, resident and day, and never in the way."""

import asyncio
import logging
from typing import Any

import pytest
from beanie import PydanticObjectId

from app.core.acts.contract import atendiendo
from app.core.security import Principal, Rol
from app.modules.auditoria import public as lecturas
from tests.conftest import Reloj
from tests.modules.auditoria.conftest import ADMIN, AUDITOR, TRAZA, Casa, acto

ANA, LUIS = PydanticObjectId(), PydanticObjectId()


async def test_queda_quien_a_quien_y_como(casa: Casa) -> None:
    with atendiendo(acto(operacion="residentes_ver_residente", es_acto=False)):
        casa.lecturas.leidas(lector=ADMIN, residentes=[ANA])
    assert await casa.filas() == []
    assert await casa.lecturas.volcar() == 1
    (fila,) = await casa.filas()
    assert (fila["accion"], fila["operacion"]) == ("condiciones_leidas", "residentes_ver_residente")
    assert (fila["actor"], fila["objeto"], fila["campos"]) == (ADMIN.usuario_id, [str(ANA)], ["condiciones"])
    assert (fila["traza"], fila["direccion"], fila["pendiente"]) == (TRAZA, "192.0.2.0/24", True)
    assert await casa.sellador().sellar() == 1


async def test_una_por_lector_residente_y_dia(casa: Casa, reloj: Reloj) -> None:
    otro_proceso = casa.de_otro_proceso()
    for _ in range(3):
        for proceso in (casa.lecturas, otro_proceso):
            for lector in (ADMIN, AUDITOR):
                proceso.leidas(lector=lector, residentes=[ANA, LUIS, ANA])
            await proceso.volcar()
    assert len(await casa.filas()) == 4
    # The day is the complex's: at 19:00 in Bogotá it is tomorrow in UTC, and still today there.
    reloj.avanzar(hours=10)
    casa.lecturas.leidas(lector=ADMIN, residentes=[ANA])
    assert await casa.lecturas.volcar() == 0
    reloj.avanzar(hours=5)
    casa.lecturas.leidas(lector=ADMIN, residentes=[ANA])
    assert await casa.lecturas.volcar() == 1
    assert len(await casa.filas()) == 5


async def test_una_llave_no_es_quien_la_hizo(casa: Casa) -> None:
    llave = Principal(usuario_id=ADMIN.usuario_id, rol=Rol.admin, sesion_id=None, llave_id=PydanticObjectId())
    for lector in (ADMIN, llave):
        casa.lecturas.leidas(lector=lector, residentes=[ANA])
    await casa.lecturas.volcar()
    assert {fila["llave"] for fila in await casa.filas()} == {None, llave.llave_id}


async def test_la_de_otro_proceso_no_estorba_a_las_demas(casa: Casa) -> None:
    await_otro = casa.de_otro_proceso()
    await_otro.leidas(lector=ADMIN, residentes=[ANA])
    await await_otro.volcar()
    casa.lecturas.leidas(lector=ADMIN, residentes=[ANA, LUIS])
    await casa.lecturas.volcar()
    assert {fila["objeto"][0] for fila in await casa.filas()} == {str(ANA), str(LUIS)}


async def test_lo_que_no_se_pudo_escribir_espera(casa: Casa, monkeypatch: pytest.MonkeyPatch) -> None:
    casa.lecturas.leidas(lector=ADMIN, residentes=[ANA])

    async def romper(*_: object) -> None:
        raise ConnectionError

    with monkeypatch.context() as parche:
        parche.setattr(casa.apuntes, "anotar", romper)
        with pytest.raises(ConnectionError):
            await casa.lecturas.volcar()
    assert await casa.lecturas.volcar() == 1
    assert len(await casa.filas()) == 1


async def test_lo_que_llega_mientras_se_escribe_no_se_pierde(casa: Casa, monkeypatch: pytest.MonkeyPatch) -> None:
    insertar = casa.apuntes.anotar

    async def despacio(apuntes: Any) -> None:
        casa.lecturas.leidas(lector=ADMIN, residentes=[LUIS])
        await asyncio.sleep(0)
        await insertar(apuntes)

    monkeypatch.setattr(casa.apuntes, "anotar", despacio)
    casa.lecturas.leidas(lector=ADMIN, residentes=[ANA])
    assert await casa.lecturas.volcar() == 2
    assert len(await casa.filas()) == 2


async def test_llena_no_crece_ni_falla_y_lo_dice(
    casa: Casa, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(lecturas, "_MAXIMO_DE_LECTURAS", 5)
    with caplog.at_level(logging.ERROR):
        casa.lecturas.leidas(lector=ADMIN, residentes=[PydanticObjectId() for _ in range(9)])
    assert "lecturas" in caplog.text
    assert await casa.lecturas.volcar() == 5
    # What is remembered of those that were written is bounded too; what was forgotten is not written twice.
    for _ in range(3):
        casa.lecturas.leidas(lector=ADMIN, residentes=[PydanticObjectId() for _ in range(4)])
        await casa.lecturas.volcar()
    assert len(await casa.filas()) == 5 + 12
