"""This module alone on the real server, with something to write."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from beanie import Document, PydanticObjectId
from motor.motor_asyncio import AsyncIOMotorClient

from app.core.acts.contract import Llamada
from app.core.security import Principal, Rol
from app.database.unit_of_work import MongoUnitOfWork, UnitOfWork
from app.modules.auditoria.cadena import Cabeza
from app.modules.auditoria.escribano import Escribano
from app.modules.auditoria.models import DOCUMENTOS
from app.modules.auditoria.public import CabezaService, Lecturas
from app.modules.auditoria.repository import ApunteRepository, SelloRepository
from app.modules.auditoria.router import router
from app.modules.auditoria.sellador import Sellador
from app.modules.auditoria.service import AuditoriaService
from app.modules.auditoria.vigia import Vigia
from app.modules.auditoria.wiring import hacer_bitacora
from app.shared.documents import Documento
from app.shared.exceptions import TokenInvalido
from app.shared.repository import Repository
from tests.conftest import INICIO, Abrir, Reloj
from tests.modules.auditoria.cadenas import CLAVE

ADMIN = Principal(usuario_id=PydanticObjectId(), rol=Rol.admin, sesion_id=PydanticObjectId())
AUDITOR = Principal(usuario_id=PydanticObjectId(), rol=Rol.auditor, sesion_id=PydanticObjectId())
TRAZA = "0f8fad5b-d9cb-469f-a165-70867728950e"
Filas = list[dict[str, Any]]


class Cosa(Documento):
    valor: int = 0

    class Settings(Documento.Settings):
        name = "cosas_de_prueba"


class CosaRepository(Repository[Cosa]):
    model = Cosa


class FakePublicadas:
    def __init__(self) -> None:
        self.publicadas: list[Cabeza] = []

    async def cabezas(self) -> Sequence[Cabeza]:
        return self.publicadas


class FakeAutenticador:
    async def autenticar(self, token: str) -> Principal:
        try:
            rol = Rol(token)
        except ValueError as error:
            raise TokenInvalido() from error
        return Principal(usuario_id=ADMIN.usuario_id, rol=rol, sesion_id=PydanticObjectId())


@dataclass
class Casa:
    cliente: "AsyncIOMotorClient[dict[str, Any]]"
    apuntes: ApunteRepository = field(default_factory=ApunteRepository)
    sellos: SelloRepository = field(default_factory=SelloRepository)
    cosas: CosaRepository = field(default_factory=CosaRepository)
    publicadas: FakePublicadas = field(default_factory=FakePublicadas)

    def __post_init__(self) -> None:
        self.bitacora = hacer_bitacora(CLAVE)
        self.escribano = self.bitacora.escribano
        self.uow = MongoUnitOfWork(self.cliente, self.bitacora)
        self.lecturas = self.de_otro_proceso()
        self.vigia = Vigia(apuntes=self.apuntes, sellos=self.sellos, escribano=self.escribano, clave=CLAVE)
        self.servicio = AuditoriaService(
            apuntes=self.apuntes, sellos=self.sellos, publicadas=self.publicadas, clave=CLAVE
        )
        self.cabeza = CabezaService(sellos=self.sellos)

    def de_otro_proceso(self) -> Lecturas:
        escribano = Escribano(apuntes=self.apuntes, clave=CLAVE)
        return Lecturas(apuntes=self.apuntes, escribano=escribano, uow=self.uow, zona=ZoneInfo("America/Bogota"))

    async def enmudecer(self) -> None:
        """Whoever seals has said nothing for a long time."""
        await self.sello.update_many({}, {"$set": {"visto_en": INICIO - timedelta(days=365)}})

    def sellador(self) -> Sellador:
        """Of another process."""
        return Sellador(apuntes=self.apuntes, sellos=self.sellos, clave=CLAVE, uow=MongoUnitOfWork(self.cliente))

    async def filas(self) -> Filas:
        """As they are stored, in the order of the chain, and what is not in it last."""
        crudas = [crudo async for crudo in self.coleccion.find({}).sort([("hora", 1), ("_id", 1)])]
        return sorted(crudas, key=lambda crudo: crudo.get("n", float("inf")))

    async def sucesos(self, cuantos: int, tipo: str = "prueba") -> None:
        for _ in range(cuantos):
            await self.bitacora.suceso(tipo=tipo)

    async def cosa(self, valor: int = 0) -> Cosa:
        return await self.cosas.insert(Cosa(valor=valor))

    @property
    def coleccion(self) -> Any:
        return self.apuntes.model.get_motor_collection()

    @property
    def sello(self) -> Any:
        return self.sellos.model.get_motor_collection()


def acto(quien: Principal | None = ADMIN, **campos: Any) -> Llamada:
    propios: dict[str, Any] = {"operacion": "cosas_cambiar", "traza": TRAZA, "direccion": "192.0.2.7", "es_acto": True}
    return Llamada(quien=quien, **propios | campos)


@pytest.fixture
def documentos() -> Sequence[type[Document]]:
    return (*DOCUMENTOS, Cosa)


@pytest.fixture
def casa(base_real: UnitOfWork, cliente_mongo: "AsyncIOMotorClient[dict[str, Any]]", reloj: Reloj) -> Casa:  # noqa: ARG001
    return Casa(cliente_mongo)


@pytest.fixture
async def api(casa: Casa, abrir_app: Abrir) -> httpx.AsyncClient:
    return await abrir_app([router], autenticador=FakeAutenticador(), auditoria=SimpleNamespace(servicio=casa.servicio))
