"""`/auth/correo`: the e-mail of an account changes once it is confirmed from the new one."""

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import SecretStr

from app.core.dependencies import SignedInDep, de_estado
from app.core.http.responses import problemas
from app.core.http.route import PersonalRoute
from app.core.quotas.stage import por_cuenta
from app.modules.auth.correo.service import CorreoService
from app.modules.auth.exceptions import CuentaExistente
from app.shared.exceptions import DemasiadasPeticiones
from app.shared.schemas import Correo, InputSchema

router = APIRouter(route_class=PersonalRoute)
CorreoServiceDep = Annotated[CorreoService, Depends(de_estado("auth", "correo"))]


class EmailChange(InputSchema):
    email: Correo
    password: SecretStr


class EmailConfirm(InputSchema):
    token: SecretStr


@router.post(
    "/correo",
    summary="Pedir el cambio de mi correo: se confirma desde el nuevo",
    status_code=204,
    responses=problemas(DemasiadasPeticiones),
    dependencies=[por_cuenta("correo", 10, 3600)],
)
async def pedir_correo(datos: EmailChange, quien: SignedInDep, servicio: CorreoServiceDep) -> None:
    """La respuesta es la misma si el correo es de otra cuenta: entonces se avisa a su titular."""
    await servicio.pedir(datos.email, clave=datos.password.get_secret_value(), quien=quien)


@router.post(
    "/correo/confirmar",
    summary="Confirmar el cambio con lo que llegó al correo nuevo; las demás sesiones terminan",
    status_code=204,
    responses=problemas(CuentaExistente),
    dependencies=[por_cuenta("correo-confirmar", 20, 3600)],
)
async def confirmar_correo(datos: EmailConfirm, quien: SignedInDep, servicio: CorreoServiceDep) -> None:
    await servicio.confirmar(datos.token.get_secret_value(), quien=quien)
