"""The least that an API could do, with nothing of the project but its collections: FastAPI, Motor and PyJWT. A file of
its own, because what it imports is part of what it takes.

    SUELO_URI=… SUELO_BASE=… uvicorn scripts.bench.suelos.llamadas:app
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Annotated, Any

import jwt
from bson import ObjectId
from fastapi import Depends, FastAPI, Header, HTTPException, Request
from motor.motor_asyncio import AsyncIOMotorClient
from pydantic import BaseModel
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

CLAVE = "suelo" * 8


@asynccontextmanager
async def _en_marcha(_: FastAPI) -> AsyncIterator[dict[str, Any]]:
    cliente: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(os.environ["SUELO_URI"], tz_aware=True)
    base = cliente[os.environ["SUELO_BASE"]]
    await base["suelo_solicitudes"].insert_one({})
    yield {"cliente": cliente, "base": base}
    cliente.close()


app = FastAPI(lifespan=_en_marcha)


def _quien(authorization: Annotated[str, Header()]) -> dict[str, Any]:
    try:
        dicho: dict[str, Any] = jwt.decode(authorization[7:], CLAVE, algorithms=["HS256"])
    except jwt.PyJWTError as error:
        raise HTTPException(401) from error
    return dicho


Quien = Annotated[dict[str, Any], Depends(_quien)]


class Residente(BaseModel):
    id: str
    nombres: str
    apellidos: str
    tipo_documento: str
    numero_documento: str
    email: str | None
    telefono: str | None
    fecha_ingreso: str | None
    unidades: list[dict[str, Any]]
    condiciones: list[dict[str, Any]]
    estado: str
    creado_en: datetime
    actualizado_en: datetime


class Pedida(BaseModel):
    sorteo_id: str
    unidad_id: str
    placa: str


def _residente(fila: dict[str, Any]) -> Residente:
    unidades = [{campo: str(valor) for campo, valor in unidad.items()} for unidad in fila["unidades"]]
    return Residente(**{**fila, "id": str(fila["_id"]), "unidades": unidades})


@app.get("/residentes/{id}")
async def uno(request: Request, id: str, quien: Quien) -> Residente:
    del quien
    fila = await request.state.base["residentes"].find_one({"_id": ObjectId(id)})
    if fila is None:
        raise HTTPException(404)
    return _residente(fila)


@app.get("/residentes")
async def varios(request: Request, quien: Quien, limite: int = 50) -> list[Residente]:
    del quien
    cursor = request.state.base["residentes"].find({}).sort("_id", 1).limit(limite)
    return [_residente(fila) for fila in await cursor.to_list(limite)]


@app.post("/solicitudes", status_code=201)
async def pedir(request: Request, datos: Pedida, quien: Quien) -> dict[str, Any]:
    del quien
    fila = datos.model_dump() | {"estado": "pendiente", "creado_en": datetime.now(UTC)}
    async with await request.state.cliente.start_session() as sesion:
        sesion.start_transaction(ReadConcern("snapshot"), WriteConcern("majority"))
        hecha = await request.state.base["suelo_solicitudes"].insert_one(fila, session=sesion)
        await sesion.commit_transaction()
    return {"id": str(hecha.inserted_id), **datos.model_dump()}
