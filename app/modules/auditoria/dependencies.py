"""What the endpoints of the module take."""

from typing import Annotated

from fastapi import Depends, Query

from app.core.dependencies import de_estado
from app.modules.auditoria.schemas import FORMA_DE_CABEZA
from app.modules.auditoria.service import AuditoriaService

AuditoriaServiceDep = Annotated[AuditoriaService, Depends(de_estado("auditoria", "servicio"))]
CabezaDep = Annotated[
    str | None,
    Query(pattern=FORMA_DE_CABEZA, description="`n:mac` que alguien guardó: la cadena debe contenerla todavía."),
]
