"""The only file that knows all modules: it joins the ports of each to what fits them. How a module is built from
what it is handed stands in its `montaje.py`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from beanie import Document
from fastapi import APIRouter

from app.adaptadores import PadronParaAuth, PadronParaSolicitudes, PadronParaSorteo, SalidasParaResidentes
from app.core.config import Settings
from app.database.unit_of_work import UnitOfWork
from app.modules.auth import models as auth_models
from app.modules.auth import montaje as auth
from app.modules.auth.registro import RegistroService
from app.modules.auth.router import router as auth_router
from app.modules.residentes import models as residentes_models
from app.modules.residentes import montaje as residentes
from app.modules.residentes.router import router as residentes_router
from app.modules.solicitudes import models as solicitudes_models
from app.modules.solicitudes import montaje as solicitudes
from app.modules.solicitudes.router import router as solicitudes_router
from app.modules.solicitudes.router_espera import router as espera_router
from app.modules.solicitudes.salidas import SalidaService
from app.modules.sorteo import models as sorteo_models
from app.modules.sorteo import montaje as sorteo
from app.modules.sorteo.asignaciones.router import router as asignaciones_router
from app.modules.sorteo.espacios.router import router as espacios_router
from app.modules.sorteo.prioridades.router import router as prioridades_router
from app.modules.sorteo.router import router as sorteo_router
from app.modules.sorteo.router_consulta import router as consulta_router
from app.modules.sorteo.tareas import TareasDeSorteos

DOCUMENTOS: tuple[type[Document], ...] = (
    *auth_models.DOCUMENTOS,
    *residentes_models.DOCUMENTOS,
    *solicitudes_models.DOCUMENTOS,
    *sorteo_models.DOCUMENTOS,
)

# Fixed paths before those with a parameter in their place: `/sorteo/espacios` is not the draw "espacios".
ROUTERS: tuple[APIRouter, ...] = (
    auth_router,
    residentes_router,
    solicitudes_router,
    espacios_router,
    prioridades_router,
    asignaciones_router,
    espera_router,
    consulta_router,
    sorteo_router,
)


@dataclass(frozen=True, slots=True)
class Servicios:
    """`estado` is what the endpoints find in `request.state`; the rest is for who runs the process."""

    estado: Mapping[str, Any]
    registro: RegistroService
    tareas: TareasDeSorteos
    salidas: SalidaService


def build(settings: Settings, uow: UnitOfWork) -> Servicios:
    zona = settings.zona
    # What others ask of a module, before the rest of it: these need no other module.
    padron = residentes.montar_padron()
    espacios = sorteo.montar_registro(settings)

    de_auth = auth.montar(settings=settings, uow=uow, padron=PadronParaAuth(padron))
    de_solicitudes = solicitudes.montar(uow=uow, padron=PadronParaSolicitudes(padron, zona), espacios=espacios)
    de_residentes = residentes.montar(
        uow=uow,
        cuentas=de_auth.cuentas,
        salidas=SalidasParaResidentes(de_solicitudes.salidas),
        solicitudes=de_solicitudes.salidas,
        zona=zona,
    )
    de_sorteo = sorteo.montar(
        settings=settings,
        uow=uow,
        solicitudes=de_solicitudes.ventanilla,
        propias=de_solicitudes.consulta,
        salidas=de_solicitudes.salidas,
        padron=PadronParaSorteo(padron),
        cuentas=de_auth.cuentas,
    )
    return Servicios(
        estado={
            **de_auth.estado,
            **de_residentes.estado,
            **de_solicitudes.estado,
            **de_sorteo.estado,
        },
        registro=de_auth.registro,
        tareas=de_sorteo.tareas,
        salidas=de_solicitudes.salidas,
    )
