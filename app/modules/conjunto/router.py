"""`/conjunto`: what heads minutes, letters, mails and pages."""

from typing import Annotated

from fastapi import APIRouter, Depends

from app.core.dependencies import AdminDep, SignedInDep, de_estado
from app.core.http.responses import problemas
from app.core.http.route import StrictRoute
from app.modules.conjunto.models import ActaPor, Papel
from app.modules.conjunto.public import ConjuntoService
from app.shared.schemas import DeLista, OutputSchema, PatchSchema, Texto, ausente
from app.shared.utils import PARRAFO

router = APIRouter(prefix="/conjunto", tags=["conjunto"], route_class=StrictRoute)
ConjuntoServiceDep = Annotated[ConjuntoService, Depends(de_estado("conjunto", "servicio"))]


Linea = Annotated[str, Texto(1, 120)]
Parrafos = Annotated[str, Texto(1, 4000, alfabeto=PARRAFO)]


class ConjuntoUpdate(PatchSchema):
    nombre: Linea = ausente()
    nit: Linea | None = None
    ciudad: Linea | None = None
    direccion: Linea | None = None
    telefono: Linea | None = None
    horario: Linea | None = None
    fundamento: Parrafos | None = None
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
