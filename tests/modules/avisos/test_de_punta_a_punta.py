"""The whole application, its beat going and a server of e-mail beside it: what happens to a draw reaches everybody it
concerns, in the application and by e-mail, once."""

import logging
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from asgi_lifespan import LifespanManager
from beanie import PydanticObjectId
from pydantic import SecretStr

from app import main
from app.core.config import Settings
from app.database.mongodb import Database
from app.main import abierto
from app.wiring.build import Servicios
from tests.api.mundo import CLAVE, CORREO_ADMIN, Mundo, construir, parametros
from tests.conftest import Reloj
from tests.loteria import instante
from tests.modules.avisos.oficina import Oficina

ANA, LUIS = "residente", "vecino"
SIN_AVISO = {"Le invitan a ParkNet"}
"""What is written to an address alone."""
CORREOS = {ANA: "1001@example.com", LUIS: "1002@example.com", "auditor": "auditor@example.com"}


@dataclass
class Barrio:
    mundo: Mundo
    reloj: Reloj
    correo: Oficina
    servicios: Servicios

    async def latir(self) -> None:
        """A beat of all that happens by itself, and that tells people of it; twice, for nothing is told twice."""
        s = self.servicios
        for tarea in 2 * (s.tareas.atender, s.solicitudes.espera.vencer, *s.recordatorios, *s.correo):
            await tarea()

    async def pasar_a(self, cuando: datetime) -> None:
        self.reloj.poner(cuando)
        await self.latir()
        for quien, usuario in ((ANA, "1001"), (LUIS, "1002"), ("admin", CORREO_ADMIN), ("auditor", CORREOS["auditor"])):
            self.mundo.quien[quien] = await self.mundo.entrar(usuario)

    async def avisos(self, quien: str) -> list[dict[str, Any]]:
        pagina = await self.mundo.pedir("GET", "/avisos?limite=200", quien)
        assert pagina["siguiente"] is None
        return list(pagina["items"])

    async def dicho(self, quien: str, tipo: str, cuantos: int = 1) -> dict[str, Any]:
        """The latest of so many of that kind."""
        avisos = [aviso for aviso in await self.avisos(quien) if aviso["tipo"] == tipo]
        assert len(avisos) == cuantos
        return avisos[0]

    async def a_todos(self, tipo: str, cuantos: int = 1) -> dict[str, Any]:
        vistos = [await self.dicho(quien, tipo, cuantos) for quien in CORREOS]
        assert all(visto["datos"] == vistos[0]["datos"] for visto in vistos)
        return vistos[0]

    async def todo_llego_por_correo(self) -> None:
        """Of each notice one e-mail, and of no other."""
        llegados = Counter((para, m["Subject"]) for para, m in self.correo.tomados)
        for quien, email in CORREOS.items():
            avisos = Counter(aviso["titulo"] for aviso in await self.avisos(quien))
            suyos = {asunto: n for (para, asunto), n in llegados.items() if para == email and asunto not in SIN_AVISO}
            assert suyos == avisos
        assert len({m["Message-ID"] for _, m in self.correo.tomados}) == len(self.correo.tomados)


@pytest.fixture
async def barrio(
    servidor: str, reloj: Reloj, tmp_path: Path, correo: Oficina, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Barrio]:
    ajustes = Settings(
        _env_file=None,
        data_dir=tmp_path,
        mongodb_uri=SecretStr(servidor),
        mongodb_db=f"avisos_{PydanticObjectId()}",
        bcrypt_cost=4,
        admin_email=CORREO_ADMIN,
        admin_password=SecretStr(CLAVE),
        latido_segundos=0,
        cuotas=0,
        smtp_host="127.0.0.1",
        smtp_port=correo.puerto,
        smtp_tls="none",
        smtp_from="ParkNet <avisos@example.com>",
    )
    construidos: list[Servicios] = []

    @asynccontextmanager
    async def mirando(ajustes: Settings) -> AsyncIterator[tuple[Database, Servicios]]:
        async with abierto(ajustes) as (base, servicios):
            construidos.append(servicios)
            yield base, servicios

    monkeypatch.setattr(main, "abierto", mirando)
    raiz = logging.getLogger()
    manejadores, nivel = list(raiz.handlers), raiz.level
    app = main.create_app(ajustes)
    # Starting sets up the logs of the process, and these are pytest's.
    raiz.handlers[:] = manejadores
    raiz.setLevel(nivel)
    async with LifespanManager(app, startup_timeout=None, shutdown_timeout=None) as gestor:
        transporte = httpx.ASGITransport(app=gestor.app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transporte, base_url="http://parknet") as cliente:
            yield Barrio(await construir(cliente, reloj), reloj, correo, construidos[0])


async def test_cada_cosa_que_le_pasa_a_un_sorteo(barrio: Barrio) -> None:
    mundo, reloj = barrio.mundo, barrio.reloj
    publicado, abierto = mundo.publicado, mundo.abierto

    # What the world did: one draw from beginning to end, and another that is open.
    await barrio.latir()
    visto = await barrio.a_todos("sorteo_abierto", 2)
    compromiso = (await mundo.pedir("GET", f"/sorteo/{abierto}"))["compromiso"]
    assert (visto["datos"]["sorteo_id"], visto["datos"]["compromiso"]) == (abierto, compromiso)
    assert compromiso in visto["texto"]
    cerrado = await barrio.a_todos("sorteo_cerrado")
    assert cerrado["datos"]["huella"] == (await mundo.pedir("GET", f"/sorteo/{publicado}"))["huella"]
    for quien in (ANA, LUIS):
        ganado = await barrio.dicho(quien, "solicitud_asignada")
        assert ganado["datos"]["sorteo_id"] == publicado
        assert ganado["datos"]["vence_en"] is not None
        await barrio.dicho(quien, "cuenta_creada")

    # Refused by staff, saying why.
    no = {"estado": "rechazada", "motivo": "faltó un papel"}
    await mundo.pedir("PATCH", f"/solicitudes/{mundo.luis.solicitud}/estado", json=no)
    rechazo = await barrio.dicho(LUIS, "solicitud_rechazada")
    assert rechazo["datos"]["solicitud_id"] == mundo.luis.solicitud
    assert "faltó un papel" in rechazo["texto"]
    await barrio.dicho(ANA, "solicitud_asignada")

    # It closes in two days: everybody is told, once.
    cierre = reloj.instante + timedelta(days=3)
    await mundo.pedir("POST", f"/sorteo/{abierto}/prorrogar", json={"cierre": instante(cierre), "motivo": "lluvia"})
    await barrio.pasar_a(cierre - timedelta(hours=49))
    assert "sorteo_por_cerrar" not in {aviso["tipo"] for aviso in await barrio.avisos(ANA)}
    await barrio.pasar_a(cierre - timedelta(hours=47))
    assert (await barrio.a_todos("sorteo_por_cerrar"))["datos"]["cierre"] == instante(cierre)

    # Closed by itself, open again, annulled.
    await barrio.pasar_a(cierre)
    await barrio.a_todos("sorteo_cerrado", 2)
    nuevo = {"motivo": "faltaba gente", "cierre": instante(cierre + timedelta(hours=1))}
    await mundo.pedir("POST", f"/sorteo/{abierto}/reabrir", json=nuevo)
    await barrio.latir()
    assert (await barrio.a_todos("sorteo_reabierto"))["datos"]["motivo"] == "faltaba gente"
    await mundo.pedir("POST", f"/sorteo/{abierto}/anular", json={"motivo": "nadie vino"})
    await barrio.latir()
    assert "nadie vino" in (await barrio.a_todos("sorteo_anulado"))["texto"]
    await barrio.a_todos("sorteo_por_cerrar")
    await barrio.todo_llego_por_correo()


async def test_la_lista_de_espera_los_plazos_y_el_fin(barrio: Barrio) -> None:
    """One space for two: who wins does not answer, who waits is offered it, and one day it ends."""
    mundo, reloj = barrio.mundo, barrio.reloj
    await mundo.pedir("POST", f"/sorteo/{mundo.abierto}/anular", json={"motivo": "otro en su lugar"})
    for vecino in (mundo.ana, mundo.luis):
        await mundo.pedir("POST", f"/sorteo/asignaciones/{vecino.asignacion}/revocar", json={"motivo": "obras"})
    disponible = reloj.instante + timedelta(days=1)
    propios = {
        "espacios": ["P-03"],
        "aprobacion": "automatica",
        "vigencia": {"desde": "2026-04-01", "hasta": "2026-04-30"},
    }
    datos = parametros("Uno para dos", disponible=disponible) | propios
    sorteo = (await mundo.pedir("POST", "/sorteo", json=datos))["id"]
    await mundo.pedir("POST", f"/sorteo/{sorteo}/abrir")
    for quien, vecino in ((ANA, mundo.ana), (LUIS, mundo.luis)):
        cuerpo = {"sorteo_id": sorteo, "vehiculo_id": vecino.vehiculo}
        vecino.solicitud = (await mundo.pedir("POST", "/solicitudes", quien, json=cuerpo))["id"]
    await mundo.pedir("POST", f"/sorteo/{sorteo}/cerrar")
    await barrio.pasar_a(disponible)
    await mundo.pedir("POST", f"/sorteo/{sorteo}/ejecutar", json={"entropia": "1234 serie 567"})
    await mundo.pedir("POST", f"/sorteo/{sorteo}/publicar")

    estado = (await mundo.pedir("GET", f"/solicitudes/{mundo.ana.solicitud}", ANA))["estado"]
    gana, espera = (ANA, LUIS) if estado == "asignada" else (LUIS, ANA)
    suya = mundo.luis.solicitud if espera == LUIS else mundo.ana.solicitud
    assert (await barrio.dicho(gana, "solicitud_asignada", 2))["datos"]["espacio"] == "P-03"
    assert (await barrio.dicho(espera, "solicitud_en_espera"))["datos"]["espera"] == 1

    # Two days go by without an answer, and then three.
    await barrio.pasar_a(disponible + timedelta(hours=47))
    assert "plazo_por_vencer" not in {aviso["tipo"] for aviso in await barrio.avisos(gana)}
    await barrio.pasar_a(disponible + timedelta(hours=49))
    assert (await barrio.dicho(gana, "plazo_por_vencer"))["datos"]["espacio"] == "P-03"
    await barrio.pasar_a(disponible + timedelta(hours=73))
    oferta = await barrio.dicho(espera, "solicitud_ofrecida")
    assert oferta["datos"]["vence_en"] == instante(reloj.instante + timedelta(hours=72))
    assert oferta["datos"]["solicitud_id"] == suya
    await mundo.pedir("PATCH", f"/solicitudes/{suya}/estado", espera, json={"estado": "aceptada"})

    await barrio.pasar_a(reloj.instante + timedelta(days=40))
    fin = await barrio.dicho(espera, "asignacion_por_terminar")
    assert fin["datos"]["hasta"] == "2026-04-30"
    await barrio.dicho(gana, "plazo_por_vencer")
    await barrio.todo_llego_por_correo()
