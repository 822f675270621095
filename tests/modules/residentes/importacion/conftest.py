"""The office that brings files in: through HTTP, the real jobs, and the real server."""

import csv
import io
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from beanie import Document

from app.core.builder import Armador
from app.core.facts.told import Bitacora
from app.core.imports import engine as motor
from app.core.imports import wiring as importaciones
from app.core.imports.models import DOCUMENTOS as DE_IMPORTACIONES
from app.core.imports.router import router as router_importaciones
from app.core.jobs import worker as modulo_trabajador
from app.core.jobs.models import DOCUMENTOS as DE_TRABAJOS
from app.core.jobs.router import router as router_trabajos
from app.core.security import Principal
from app.modules.residentes.exportacion.service import ExportacionService
from app.modules.residentes.hechos import DichosDelPadron, MarcasDelPadron
from app.modules.residentes.importacion.deshacer import DeshacedorDelPadron
from app.modules.residentes.importacion.repository import CHOQUES
from app.modules.residentes.importacion.service import (
    DE_RESIDENTES,
    DE_UNIDADES,
    FabricaDelPadron,
    ImportacionService,
    Padron,
)
from app.modules.residentes.models import DOCUMENTOS as DEL_PADRON
from app.modules.residentes.ports import Reservas, Solicitudes
from app.modules.residentes.repository import ResidenteRepository
from app.modules.residentes.router import router
from app.modules.residentes.sanciones.repository import SancionRepository
from app.modules.residentes.schemas import PadronImportadoOut
from tests.autenticador import FakeAutenticador
from tests.conftest import Abrir
from tests.core.jobs.conftest import Taller
from tests.marcas import MARCAS
from tests.modules.residentes.conftest import Casa
from tests.modules.residentes.factories import OPERADOR
from tests.modules.sorteo.dobles import FakeBitacora

UNIDADES = "/api/v1/residentes/unidades/importar"
RESIDENTES = "/api/v1/residentes/importar"
CABECERA = "torre,apartamento,al_dia,cupo\n"
MEGA = 1024 * 1024


@pytest.fixture
def documentos() -> Sequence[type[Document]]:
    return (*DEL_PADRON, *DE_TRABAJOS, *DE_IMPORTACIONES)


class Oficina:
    def __init__(
        self, casa: Casa, cliente: httpx.AsyncClient, autenticador: FakeAutenticador, dichos: DichosDelPadron
    ) -> None:
        self.casa = casa
        self.dichos = dichos
        self.cliente = cliente
        self._autenticador = autenticador

    async def subir(
        self,
        contenido: Any,
        quien: Principal = OPERADOR,
        *,
        tipo: str = "text/csv",
        ruta: str = UNIDADES,
        consulta: str = "",
        **mas: str,
    ) -> httpx.Response:
        cabeceras = {"Content-Type": tipo, "Prefer": "wait=20", **mas, **self._autenticador.entrar(quien)}
        return await self.cliente.post(ruta + consulta, content=contenido, headers=cabeceras)

    async def importar(
        self, contenido: str | bytes, quien: Principal = OPERADOR, consulta: str = "", ruta: str = UNIDADES
    ) -> dict[str, Any]:
        entero = contenido.encode() if isinstance(contenido, str) else contenido
        respuesta = await self.subir(entero, quien, ruta=ruta, consulta=consulta)
        assert respuesta.status_code in (200, 202), respuesta.text
        lugar = respuesta.headers["location"]
        cabeceras = {"Prefer": "wait=20", **self._autenticador.entrar(quien)}
        trabajo: dict[str, Any] = respuesta.json()
        assert lugar == f"/api/v1/trabajos/{trabajo['id']}"
        while trabajo["estado"] in ("en_cola", "en_curso"):
            trabajo = (await self.cliente.get(lugar, headers=cabeceras)).json()
        return trabajo

    async def errores(self, trabajo: Mapping[str, Any], quien: Principal = OPERADOR) -> list[tuple[str, str, str]]:
        ruta = f"/api/v1/trabajos/{trabajo['id']}/errores"
        respuesta = await self.cliente.get(ruta, headers=self._autenticador.entrar(quien))
        return [(f["linea"], f["campo"], f["codigo"]) for f in csv.DictReader(io.StringIO(respuesta.text))]

    async def deshacer(self, trabajo: Mapping[str, Any], quien: Principal = OPERADOR) -> httpx.Response:
        cabeceras = {"Prefer": "wait=20", **self._autenticador.entrar(quien)}
        return await self.cliente.post(f"/api/v1/trabajos/{trabajo['id']}/deshacer", headers=cabeceras)

    async def descargar(self, ruta: str, idioma: str = "", quien: Principal = OPERADOR) -> bytes:
        cabeceras = {"Accept-Language": idioma} if idioma else {}
        respuesta = await self.cliente.get(ruta, headers=cabeceras | self._autenticador.entrar(quien))
        assert respuesta.status_code == 200, respuesta.text
        return respuesta.content

    async def archivo(self, trabajo: Mapping[str, Any], quien: Principal = OPERADOR) -> bytes:
        ruta = f"/api/v1/trabajos/{trabajo['id']}/archivo"
        return (await self.cliente.get(ruta, headers=self._autenticador.entrar(quien))).content

    async def unidades(self) -> list[tuple[str | None, str, bool, int | None]]:
        todas = await self.casa.repo_unidades.find({}, orden=[("posicion", 1)])
        return [(u.torre, u.apartamento, u.al_dia, u.cupo) for u in todas]


@pytest.fixture
async def oficina(casa_real: Casa, abrir_app: Abrir, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Oficina]:
    monkeypatch.setattr(motor, "LOTE", 3)
    monkeypatch.setattr(modulo_trabajador, "_ESPERAS", (timedelta(0),) * 4)
    taller = Taller(casa_real.uow)
    trabajador, cola = taller.trabajador(), taller.servicio
    bitacora = FakeBitacora()
    monkeypatch.setattr(casa_real.uow, "_anotador", bitacora)
    armador = Armador(
        {
            MarcasDelPadron: MARCAS,
            Bitacora: bitacora,
            ResidenteRepository: casa_real.repo_residentes,
            Solicitudes: casa_real.solicitudes,
            SancionRepository: casa_real.repo_sanciones,
            Reservas: casa_real.reservas,
        }
    )
    padron = armador[Padron]
    comunes = importaciones.montar(
        zona=ZoneInfo("America/Bogota"), uow=casa_real.uow, trabajos=cola, archivos=taller.archivos
    )
    comunes.servicio.deshacedores = dict.fromkeys((DE_UNIDADES, DE_RESIDENTES), armador[DeshacedorDelPadron])
    trabajador.encargar(
        {
            **comunes.encargados,
            **{
                tipo: comunes.importador(
                    FabricaDelPadron(padron=padron, tipo=tipo), CHOQUES, tipo=tipo, resultado=PadronImportadoOut
                )
                for tipo in (DE_UNIDADES, DE_RESIDENTES)
            },
        },
        taller.vigencia,
    )
    autenticador = FakeAutenticador()
    cliente = await abrir_app(
        [router, router_trabajos, router_importaciones],
        autenticador=autenticador,
        trabajos=cola,
        importaciones=comunes.servicio,
        residentes=SimpleNamespace(
            exportacion=ExportacionService(
                residentes=casa_real.repo_residentes,
                unidades=casa_real.repo_unidades,
                vehiculos=casa_real.repo_vehiculos,
            ),
            importacion=ImportacionService(recepcion=comunes.recepcion, cola=cola),
        ),
    )
    async with trabajador:
        yield Oficina(casa_real, cliente, autenticador, armador[DichosDelPadron])
