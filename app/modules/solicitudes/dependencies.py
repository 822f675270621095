"""What the endpoints of this module take."""

from collections.abc import Mapping
from typing import Annotated

import attrs
from fastapi import Depends, Query

from app.core.dependencies import de_estado
from app.core.http.queries import varios
from app.core.imports.contract import Deshacedor
from app.core.jobs.contract import Encargado
from app.modules.solicitudes.alta.service import AltaService
from app.modules.solicitudes.archivos.exportacion import ExportacionService
from app.modules.solicitudes.archivos.importacion import ImportacionService
from app.modules.solicitudes.decisiones.aprobaciones import Aprobaciones
from app.modules.solicitudes.decisiones.service import DecisionService
from app.modules.solicitudes.espera.service import EsperaService
from app.modules.solicitudes.estados import Impedimento, RequestStatus
from app.modules.solicitudes.public import SolicitudesPublicas
from app.modules.solicitudes.repository import Filtros
from app.modules.solicitudes.resumen.service import ResumenService
from app.modules.solicitudes.schemas import Buscado, PlacaBuscada, TorreBuscada
from app.modules.solicitudes.service import SolicitudService
from app.modules.solicitudes.ventanilla.public import VentanillaService
from app.shared.schemas import Codigo, Id, Instante


@attrs.frozen(kw_only=True)
class Solicitudes:
    """The module as it is built; its endpoints find it in `request.state.solicitudes`. `publico`, `ventanilla` and
    `resumen` are for other modules too, `espera` and `aprobaciones` for the beat, `encargados` does its jobs, and
    `deshacedores` takes back what its imports made."""

    listas: SolicitudService
    altas: AltaService
    decisiones: DecisionService
    aprobaciones: Aprobaciones
    espera: EsperaService
    resumen: ResumenService
    publico: SolicitudesPublicas
    ventanilla: VentanillaService
    importacion: ImportacionService
    exportacion: ExportacionService
    encargados: Mapping[str, Encargado]
    deshacedores: Mapping[str, Deshacedor]


async def _filtros(
    sorteo_id: Annotated[Id | None, Query()] = None,
    estado: Annotated[list[RequestStatus] | None, varios()] = None,
    unidad_id: Annotated[Id | None, Query()] = None,
    torre: Annotated[list[TorreBuscada] | None, varios()] = None,
    tipo: Annotated[list[Codigo] | None, varios()] = None,
    placa: Annotated[PlacaBuscada | None, Query()] = None,
    impedimento: Annotated[list[Impedimento] | None, varios()] = None,
    vence_antes: Annotated[Instante | None, Query()] = None,
    q: Annotated[Buscado | None, Query(description="Nombre o documento de quien pide.")] = None,
) -> Filtros:
    return Filtros(
        sorteo_id=sorteo_id,
        estados=estado,
        unidad_id=unidad_id,
        torres=torre,
        tipos=tipo,
        placa=placa,
        impedimentos=impedimento,
        vence_antes=vence_antes,
        q=q,
    )


SolicitudServiceDep = Annotated[SolicitudService, Depends(de_estado("solicitudes", "listas"))]
AltaServiceDep = Annotated[AltaService, Depends(de_estado("solicitudes", "altas"))]
ExportacionServiceDep = Annotated[ExportacionService, Depends(de_estado("solicitudes", "exportacion"))]
DecisionServiceDep = Annotated[DecisionService, Depends(de_estado("solicitudes", "decisiones"))]
ResumenServiceDep = Annotated[ResumenService, Depends(de_estado("solicitudes", "resumen"))]
FiltrosDep = Annotated[Filtros, Depends(_filtros)]
