"""`/conjunto`: what heads minutes, letters, mails and pages."""

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BeforeValidator

from app.core.dependencies import AdminDep, SignedInDep, de_estado
from app.core.http.responses import problemas
from app.core.http.route import StrictRoute
from app.modules.conjunto.models import ActaPor, Papel
from app.modules.conjunto.public import ConjuntoService
from app.shared.schemas import DeLista, InputSchema, OutputSchema, Texto, ausente

router = APIRouter(prefix="/conjunto", tags=["conjunto"], route_class=StrictRoute)
ConjuntoServiceDep = Annotated[ConjuntoService, Depends(de_estado("conjunto", "servicio"))]


def _vacio_borra(valor: object) -> object:
    """Some clients cannot send null: an empty text erases as well."""
    return None if isinstance(valor, str) and not valor.strip() else valor


Linea = Annotated[Annotated[str, Texto(1, 120)] | None, BeforeValidator(_vacio_borra)]


Parrafos = Annotated[Annotated[str, Texto(1, 4000, parrafo=True)] | None, BeforeValidator(_vacio_borra)]


class ConjuntoUpdate(InputSchema):
    nombre: Annotated[str, Texto(1, 120)] = ausente()
    nit: Linea = None
    ciudad: Linea = None
    direccion: Linea = None
    telefono: Linea = None
    horario: Linea = None
    fundamento: Parrafos = None
    papel: Annotated[Papel, DeLista()] = ausente()
    acta_por: Annotated[ActaPor, DeLista()] = ausente()


class ConjuntoOut(OutputSchema):
    """`horario`: when the office is open, as mails to who has no account say it. `papel`: of what is printed.
    `fundamento`: the legal basis of draws, as minutes cite it. `acta_por`: by what minutes name each line of the
    result, never by both."""

    nombre: str
    nit: str | None
    ciudad: str | None
    direccion: str | None
    telefono: str | None
    horario: str | None
    fundamento: str | None
    papel: Papel
    acta_por: ActaPor


@router.get("", summary="Ver el conjunto", responses=problemas())
async def ver_conjunto(conjunto: ConjuntoServiceDep, _: SignedInDep) -> ConjuntoOut:
    return ConjuntoOut.model_validate(await conjunto.ver())


@router.patch("", summary="Cambiar los datos del conjunto", responses=problemas())
async def cambiar_conjunto(datos: ConjuntoUpdate, conjunto: ConjuntoServiceDep, _: AdminDep) -> ConjuntoOut:
    """What is absent stays."""
    return ConjuntoOut.model_validate(await conjunto.cambiar(datos.model_dump(exclude_unset=True)))
