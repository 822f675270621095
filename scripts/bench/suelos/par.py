"""What somebody would write instead: fastapi-users with its adapter for Beanie, as its pages show, and a list of
documents as Beanie's tutorial makes one. It runs in an environment of its own (`requirements-par.txt`), and imports
nothing of the project.

    PAR_URI=… PAR_BASE=… uvicorn scripts.bench.suelos.par:app
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

from beanie import Document, PydanticObjectId, init_beanie
from fastapi import Depends, FastAPI, HTTPException
from fastapi_users import BaseUserManager, FastAPIUsers, schemas
from fastapi_users.authentication import AuthenticationBackend, BearerTransport, JWTStrategy
from fastapi_users_db_beanie import BeanieBaseUser, BeanieUserDatabase, ObjectIDIDMixin
from motor.motor_asyncio import AsyncIOMotorClient

CLAVE = "par" * 16
CUANTOS = 300


class Usuario(BeanieBaseUser, Document):
    pass


class UsuarioOut(schemas.BaseUser[PydanticObjectId]):
    pass


class UsuarioIn(schemas.BaseUserCreate):
    pass


class Persona(Document):
    """Four fields of text: a resident of the API has fourteen, and what they name."""

    torre: str
    apartamento: str
    nombres: str
    apellidos: str

    class Settings:
        name = "personas"


class Encargado(ObjectIDIDMixin, BaseUserManager[Usuario, PydanticObjectId]):
    reset_password_token_secret = verification_token_secret = CLAVE


async def _encargado() -> AsyncIterator[Encargado]:
    yield Encargado(BeanieUserDatabase(Usuario))


def _estrategia() -> JWTStrategy[Usuario, PydanticObjectId]:
    return JWTStrategy(secret=CLAVE, lifetime_seconds=36_000)


_puerta = AuthenticationBackend(name="jwt", transport=BearerTransport(tokenUrl="auth/login"), get_strategy=_estrategia)
_usuarios = FastAPIUsers[Usuario, PydanticObjectId](_encargado, [_puerta])
Quien = Annotated[Usuario, Depends(_usuarios.current_user(active=True))]


@asynccontextmanager
async def _en_marcha(_: FastAPI) -> AsyncIterator[None]:
    cliente: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(os.environ["PAR_URI"])
    await init_beanie(database=cliente[os.environ["PAR_BASE"]], document_models=[Usuario, Persona])
    personas = (
        Persona(torre=f"T{i % 4}", apartamento=str(i), nombres=f"Nombre{i}", apellidos=f"Apellido{i}")
        for i in range(CUANTOS)
    )
    await Persona.insert_many(list(personas))
    yield
    cliente.close()


app = FastAPI(lifespan=_en_marcha)
app.include_router(_usuarios.get_auth_router(_puerta), prefix="/auth")
app.include_router(_usuarios.get_register_router(UsuarioOut, UsuarioIn), prefix="/auth")
app.include_router(_usuarios.get_users_router(UsuarioOut, schemas.BaseUserUpdate), prefix="/users")


@app.get("/personas")
async def varias(quien: Quien, limite: int = 50) -> list[Persona]:
    del quien
    return await Persona.find().limit(limite).to_list()


@app.get("/personas/{id}")
async def una(id: PydanticObjectId, quien: Quien) -> Persona:
    del quien
    persona = await Persona.get(id)
    if persona is None:
        raise HTTPException(404)
    return persona
