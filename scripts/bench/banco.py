"""What benchmarks run on: the embedded server in a folder of its own, and the whole application on it, which is called
in this process as a server would call it: what is measured is its own work, and no client's."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from fastapi import FastAPI
from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorDatabase
from pydantic import SecretStr
from starlette.types import Message

from app.core.config import Settings
from app.core.processes import asentar
from app.core.quotas.repository import cuotas_de
from app.database.embedded import EmbeddedMongo
from app.database.migrations.service import exigir_version
from app.database.mongodb import Database
from app.main import create_app
from app.wiring import build as wiring
from app.wiring.build import Servicios
from app.wiring.documents import DOCUMENTOS
from scripts.bench.marcas import Marcador

BASE = "banco"
CORREO, CLAVE = "admin@example.com", "clave del banco de pruebas 1"
V1 = "/api/v1"


class RespuestaInesperada(Exception):
    """The application did not do what is to be measured."""


@dataclass(frozen=True)
class Banco:
    """`con` and `sin`: the same services on the same database, with the audit and without. `base`: the bare driver."""

    app: FastAPI
    con: Servicios
    sin: Servicios
    comun: Mapping[str, Any]
    cliente: "AsyncIOMotorClient[dict[str, Any]]"
    uri: str
    marcador: Marcador
    _tokens: dict[str, bytes] = field(default_factory=dict)

    @property
    def base(self) -> "AsyncIOMotorDatabase[dict[str, Any]]":
        return self.cliente[BASE]

    async def entrar(self) -> None:
        """As the first admin: `pedir` needs it."""
        clave = self.con.registro
        await clave.asegurar_primer_admin(email=CORREO, clave=CLAVE)
        cuerpo = urlencode({"username": CORREO, "password": CLAVE}).encode()
        entrada = await self._llamar(self.con, "POST", "/auth/login", b"application/x-www-form-urlencoded", cuerpo)
        self._tokens["admin"] = entrada["access_token"].encode()

    async def pedir(self, metodo: str, ruta: str, cuerpo: Any = None, *, a: Servicios | None = None) -> Any:
        """The answer's body. Raises RespuestaInesperada for anything but success."""
        crudo = b"" if cuerpo is None else json.dumps(cuerpo).encode()
        return await self._llamar(a or self.con, metodo, ruta, b"application/json" if crudo else b"", crudo)

    async def _llamar(self, servicios: Servicios, metodo: str, ruta: str, tipo: bytes, cuerpo: bytes) -> Any:
        camino, _, consulta = ruta.partition("?")
        cabeceras = [(b"host", b"parknet"), (b"content-length", str(len(cuerpo)).encode())]
        cabeceras += [(b"content-type", tipo)] if tipo else []
        if "admin" in self._tokens:
            cabeceras.append((b"authorization", b"Bearer " + self._tokens["admin"]))
        ambito = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": metodo,
            "scheme": "http",
            "path": V1 + camino,
            "raw_path": (V1 + camino).encode(),
            "query_string": consulta.encode(),
            "root_path": "",
            "headers": cabeceras,
            "client": ("192.0.2.7", 40_000),
            "server": ("127.0.0.1", 8000),
            "state": {**servicios.estado, **self.comun},
        }
        respuesta: list[Message] = []

        async def recibir() -> Message:
            return {"type": "http.request", "body": cuerpo, "more_body": False}

        async def enviar(mensaje: Message) -> None:
            respuesta.append(mensaje)

        await self.app(ambito, recibir, enviar)
        dicho = b"".join(mensaje.get("body", b"") for mensaje in respuesta[1:])
        if not 200 <= respuesta[0]["status"] < 300:
            raise RespuestaInesperada(f"{metodo} {ruta}: {respuesta[0]['status']} {dicho.decode()}")
        return json.loads(dicho) if dicho else None


@asynccontextmanager
async def abierto(carpeta: Path) -> AsyncIterator[Banco]:
    with EmbeddedMongo(carpeta) as mongo:
        ajustes = Settings(
            _env_file=None,
            data_dir=carpeta,
            mongodb_uri=SecretStr(mongo.uri),
            mongodb_db=BASE,
            bcrypt_cost=10,
            latido_segundos=0,
            cuotas=0,
        )
        async with Database(ajustes, DOCUMENTOS, antes=partial(exigir_version, ajustes=ajustes)) as base:
            # The bare driver: commands of the application have a time limit, preparations have none.
            cliente: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(mongo.uri, tz_aware=True)
            bitacora, cuotas = wiring.montar_bitacora(ajustes), cuotas_de(ajustes, base.client)
            banco = Banco(
                app=create_app(ajustes),
                con=wiring.build(ajustes, base.unit_of_work(bitacora), cuotas, bitacora),
                sin=wiring.build(ajustes, base.unit_of_work(), cuotas, bitacora),
                comun={"base": base},
                cliente=cliente,
                uri=mongo.uri,
                marcador=Marcador(carpeta),
            )
            await banco.entrar()
            asentar()  # as a server does once it is up
            yield banco
            cliente.close()
