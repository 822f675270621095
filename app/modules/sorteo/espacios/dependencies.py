"""What the endpoints of this feature take."""

from typing import Annotated

from fastapi import Depends, Path, Query
from pydantic import AfterValidator

from app.core.dependencies import de_estado
from app.modules.sorteo.espacios.models import Uso
from app.modules.sorteo.espacios.repository import FiltroEspacios
from app.modules.sorteo.espacios.schemas import Zona
from app.modules.sorteo.espacios.service import EspacioService
from app.shared.schemas import Codigo, normalizar


async def _filtro(
    tipo: Annotated[Codigo | None, Query()] = None,
    reserva: Annotated[Codigo | None, Query()] = None,
    zona: Annotated[Zona | None, Query()] = None,
    uso: Annotated[Uso | None, Query()] = None,
    activo: Annotated[bool | None, Query()] = None,
) -> FiltroEspacios:
    return FiltroEspacios(tipo=tipo, reserva=reserva, zona=zona, uso=uso, activo=activo)


EspacioServiceDep = Annotated[EspacioService, Depends(de_estado("sorteo", "espacios"))]
FiltroEspaciosDep = Annotated[FiltroEspacios, Depends(_filtro)]
CodigoEnRuta = Annotated[str, Path(description="Código del espacio."), AfterValidator(normalizar)]
