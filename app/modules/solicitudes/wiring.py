"""Builds the module's services from what others hand it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.database.unit_of_work import UnitOfWork
from app.modules.solicitudes.alta.service import AltaService
from app.modules.solicitudes.decisiones.service import DecisionService
from app.modules.solicitudes.espera.service import PlazoService
from app.modules.solicitudes.impedimentos import Juez
from app.modules.solicitudes.movimientos.noticias import Noticias
from app.modules.solicitudes.movimientos.service import Movimientos
from app.modules.solicitudes.ports import Avisos, Espacios, Padron
from app.modules.solicitudes.public import SalidaService
from app.modules.solicitudes.repository import MovimientoRepository, SolicitudRepository, VentanillaRepository
from app.modules.solicitudes.resumen.repository import ConteoRepository
from app.modules.solicitudes.resumen.service import ResumenService
from app.modules.solicitudes.service import SolicitudService
from app.modules.solicitudes.ventanilla.public import VentanillaService
from app.modules.solicitudes.vista import Vista


@dataclass(frozen=True, slots=True)
class Solicitudes:
    """`estado`: what its endpoints find in `request.state`. The rest is for other modules and for the beat."""

    estado: Mapping[str, Any]
    consulta: SolicitudService
    resumen: ResumenService
    salidas: SalidaService
    ventanilla: VentanillaService
    plazos: PlazoService


def montar(*, uow: UnitOfWork, padron: Padron, espacios: Espacios, avisos: Avisos) -> Solicitudes:
    solicitudes, ventanillas, historial = SolicitudRepository(), VentanillaRepository(), MovimientoRepository()
    noticias = Noticias(avisos)
    movimientos = Movimientos(
        solicitudes=solicitudes,
        movimientos=historial,
        ventanillas=ventanillas,
        espacios=espacios,
        noticias=noticias,
    )
    juez = Juez(padron=padron, espacios=espacios)
    vista = Vista(ventanillas=ventanillas, padron=padron, juez=juez)
    consulta = SolicitudService(
        solicitudes=solicitudes,
        historial=historial,
        ventanillas=ventanillas,
        movimientos=movimientos,
        padron=padron,
        juez=juez,
        vista=vista,
        uow=uow,
    )
    altas = AltaService(
        solicitudes=solicitudes,
        ventanillas=ventanillas,
        movimientos=movimientos,
        padron=padron,
        juez=juez,
        vista=vista,
        uow=uow,
    )
    decisiones = DecisionService(
        solicitudes=solicitudes,
        ventanillas=ventanillas,
        movimientos=movimientos,
        consulta=consulta,
        vista=vista,
        uow=uow,
    )
    salidas = SalidaService(
        solicitudes=solicitudes, ventanillas=ventanillas, movimientos=movimientos, espacios=espacios, uow=uow
    )
    ventanilla = VentanillaService(
        solicitudes=solicitudes,
        ventanillas=ventanillas,
        movimientos=movimientos,
        juez=juez,
        padron=padron,
        espacios=espacios,
        noticias=noticias,
    )
    resumen = ResumenService(solicitudes=ConteoRepository(), ventanillas=ventanillas, consulta=consulta, vista=vista)
    estado = {
        "solicitudes": consulta,
        "altas": altas,
        "decisiones": decisiones,
        "salidas": salidas,
        "resumen_de_solicitudes": resumen,
    }
    return Solicitudes(
        estado=estado,
        consulta=consulta,
        resumen=resumen,
        salidas=salidas,
        ventanilla=ventanilla,
        plazos=PlazoService(solicitudes=solicitudes, noticias=noticias, uow=uow),
    )
