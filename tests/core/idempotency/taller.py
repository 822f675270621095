"""Operations of every kind, to be called under a key."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Annotated

from beanie import PydanticObjectId
from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import StreamingResponse

from app.core.dependencies import PUBLICA, SignedInDep
from app.core.http.route import StrictRoute
from app.core.http.uploads import SubidaDe
from app.core.idempotency.contract import anotar_hecho, hecho_antes
from app.core.idempotency.models import RespuestaGuardada
from app.core.idempotency.service import TROZO
from app.core.idempotency.stage import nunca_se_guarda, por_pasos
from app.core.security import Principal, Rol
from app.database.unit_of_work import UnitOfWork
from app.shared.documents import Documento
from app.shared.exceptions import Conflicto, NoEncontrado
from app.shared.repository import Repository
from app.shared.schemas import Id, InputSchema, OutputSchema
from tests.conftest import INICIO


class Cosa(Documento):
    n: int

    class Settings(Documento.Settings):
        name = "cosas_de_taller"


class Cosas(Repository[Cosa]):
    model = Cosa


class CosaIn(InputSchema):
    n: int


class CosaOut(OutputSchema):
    id: PydanticObjectId
    n: int


@dataclass
class Taller:
    """What the operations below do and wait for. `ajenas`: what was made belongs to others by now."""

    uow: UnitOfWork
    cosas: Cosas = field(default_factory=Cosas)
    llegadas: asyncio.Queue[int] = field(default_factory=asyncio.Queue)
    seguir: asyncio.Event = field(default_factory=asyncio.Event)
    antes_de_acabar: Callable[[], Awaitable[None]] | None = None
    ajenas: bool = False

    async def hacer(self, n: int) -> CosaOut:
        cosa = await self.uow.run(lambda: self.cosas.insert(Cosa(n=n)))
        self.llegadas.put_nowait(n)
        if self.antes_de_acabar is not None:
            await self.antes_de_acabar()
        return CosaOut(id=cosa.oid, n=n)


class NoSePuede(Conflicto):
    codigo = "conflicto"


def taller_de(request: Request) -> Taller:
    taller: Taller = request.state.taller
    return taller


CSV = SubidaDe("text/csv")
ArchivoDep = Annotated[AsyncIterator[bytes], Depends(CSV)]
router = APIRouter(prefix="/cosas", route_class=StrictRoute)
de_auth = APIRouter(prefix="/auth", route_class=StrictRoute)


@router.post("", status_code=201)
async def crear(
    datos: CosaIn, request: Request, response: Response, _: SignedInDep, a: Annotated[int, Query()] = 0
) -> CosaOut:
    del a
    cosa = await taller_de(request).hacer(datos.n)
    response.headers["Location"] = f"/api/v1/cosas/{cosa.id}"
    return cosa


@router.get("/{id}")
async def ver(id: Id, request: Request, _: SignedInDep) -> CosaOut:
    taller = taller_de(request)
    cosa = await taller.cosas.get(id)
    if cosa is None or taller.ajenas:
        raise NoEncontrado()
    return CosaOut(id=cosa.oid, n=cosa.n)


@router.post("/abierta", openapi_extra=PUBLICA)
async def crear_sin_nadie(request: Request) -> CosaOut:
    return await taller_de(request).hacer(0)


@router.post("/lenta")
async def crear_despacio(request: Request, _: SignedInDep, a: Annotated[int, Query()] = 0) -> CosaOut:
    del a
    cosa = await taller_de(request).hacer(1)
    await taller_de(request).seguir.wait()
    return cosa


@router.post("/pasos")
@por_pasos
async def crear_por_pasos(request: Request, _: SignedInDep) -> CosaOut:
    return await taller_de(request).hacer(2)


@router.post("/archivo", openapi_extra=CSV.documento)
async def recibir(request: Request, archivo: ArchivoDep, _: SignedInDep, a: Annotated[int, Query()] = 0) -> CosaOut:
    del a
    return await taller_de(request).hacer(len(b"".join([parte async for parte in archivo])))


@router.post("/cola")
@por_pasos
async def encolar(request: Request, _: SignedInDep) -> CosaOut:
    """As the queue of jobs does: what was queued under this key is not queued again."""
    taller = taller_de(request)

    async def paso() -> PydanticObjectId:
        cosa = await taller.cosas.insert(Cosa(n=9))
        await anotar_hecho(str(cosa.oid))
        return cosa.oid

    antes = hecho_antes()
    id = await taller.uow.run(paso) if antes is None else PydanticObjectId(antes)
    taller.llegadas.put_nowait(9)
    if taller.antes_de_acabar is not None:
        await taller.antes_de_acabar()
    return CosaOut(id=id, n=9)


@router.post("/falla")
async def fallar(request: Request, _: SignedInDep) -> CosaOut:
    await taller_de(request).hacer(3)
    raise NoSePuede()


@router.post("/grande")
async def crear_mucho(_: SignedInDep) -> Response:
    return Response(bytes(range(256)) * (TROZO // 128 + 7), media_type="application/octet-stream")


@router.post("/flujo")
async def fluir(_: SignedInDep) -> StreamingResponse:
    async def partes() -> AsyncIterator[bytes]:
        yield b"uno\n"
        yield b"dos\n"

    return StreamingResponse(partes(), media_type="text/csv", headers={"X-Otra": "ñ"})


@router.post("/vacia", status_code=204)
async def vaciar(request: Request, _: SignedInDep) -> None:
    await taller_de(request).hacer(4)


@router.post("/secreta")
@nunca_se_guarda
async def mostrar_una_vez(request: Request, _: SignedInDep) -> CosaOut:
    return await taller_de(request).hacer(5)


@de_auth.post("/secreta")
async def mostrar_en_auth(request: Request, _: SignedInDep) -> CosaOut:
    return await taller_de(request).hacer(6)


class Quienes:
    """Whoever says that they are one, is: `1`, `2`, `1/llave`, `1@residente`, or `1@residente@b`, who lives here as
    that one."""

    async def autenticar(self, token: str) -> Principal:
        token, _, rol = token.partition("@")
        rol, _, residente = rol.partition("@")
        numero, _, llave = token.partition("/")
        return Principal(
            usuario_id=PydanticObjectId(numero.zfill(24)),
            rol=Rol(rol or "admin"),
            sesion_id=None,
            residente_id=PydanticObjectId(residente * 24) if residente else None,
            llave_id=PydanticObjectId("f" * 24) if llave else None,
        )


def con(clave: str, **otras: str) -> dict[str, str]:
    return {"Idempotency-Key": clave, **otras}


async def cosas() -> int:
    return await Cosa.count()


async def enmudecer() -> None:
    """Whoever holds a key has said nothing for a long time."""
    await RespuestaGuardada.find_all().update({"$set": {"visto_en": INICIO - timedelta(days=365)}})
