"""What the endpoints of residents take: services from `request.state`, and what lists are asked for."""

from typing import Annotated

from fastapi import Depends, Query
from pydantic import Field

from app.core.dependencies import de_estado
from app.core.http.queries import varios
from app.modules.residentes.condiciones.service import CondicionService
from app.modules.residentes.models import EstadoCuenta, EstadoResidente
from app.modules.residentes.repository import FiltroResidentes
from app.modules.residentes.resumen.service import ResumenService
from app.modules.residentes.service import ResidenteService
from app.modules.residentes.unidades.dependencies import Buscado

ResidenteServiceDep = Annotated[ResidenteService, Depends(de_estado("residentes", "residentes"))]
CondicionServiceDep = Annotated[CondicionService, Depends(de_estado("residentes", "condiciones"))]
ResumenServiceDep = Annotated[ResumenService, Depends(de_estado("residentes", "resumen"))]

ConfirmarDep = Annotated[
    bool, Query(description="Aunque en una unidad con una solicitud en curso o un espacio no quede nadie.")
]


async def _filtro(
    q: Buscado = None,
    estado: Annotated[list[EstadoResidente] | None, varios()] = None,
    condicion: Annotated[list[Annotated[str, Field(max_length=40)]] | None, varios()] = None,
    cuenta: Annotated[list[EstadoCuenta] | None, varios()] = None,
    supresion_pedida: Annotated[bool | None, Query(description="Quien pidió que se supriman sus datos.")] = None,
) -> FiltroResidentes:
    return FiltroResidentes(
        q=q, estados=estado, condiciones=condicion, cuentas=cuenta, supresion_pedida=supresion_pedida
    )


FiltroResidentesDep = Annotated[FiltroResidentes, Depends(_filtro)]
