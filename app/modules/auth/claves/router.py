"""`/auth/clave`: changing one's own password."""

from typing import Annotated

from fastapi import APIRouter, Depends

from app.core.dependencies import AccountDep, de_estado
from app.core.http.responses import problemas
from app.core.http.route import PersonalRoute
from app.core.quotas.stage import por_cuenta
from app.modules.auth.claves.service import ClaveService
from app.modules.auth.schemas import PasswordChange
from app.shared.exceptions import DemasiadasPeticiones

router = APIRouter(route_class=PersonalRoute)
ClaveServiceDep = Annotated[ClaveService, Depends(de_estado("auth", "claves"))]


@router.post(
    "/clave",
    summary="Cambiar mi contraseña; mis otras sesiones terminan",
    status_code=204,
    responses=problemas(DemasiadasPeticiones),
    dependencies=[por_cuenta("clave", 20, 3600)],
)
async def cambiar_clave(datos: PasswordChange, quien: AccountDep, servicio: ClaveServiceDep) -> None:
    await servicio.cambiar(actual=datos.actual.get_secret_value(), nueva=datos.nueva.get_secret_value(), quien=quien)
