"""Builds the module from what others hand it."""

from collections.abc import Mapping

import attrs

from app.core.clock import ahora
from app.core.config import Settings
from app.core.figures.service import Cifras
from app.core.imports.contract import Deshacedor
from app.core.imports.wiring import Importaciones
from app.core.jobs.contract import Cola, Encargado
from app.core.sealing import Precinto
from app.database.unit_of_work import UnitOfWork
from app.modules.solicitudes.alta.service import AltaService
from app.modules.solicitudes.archivos.exportacion import ExportacionService
from app.modules.solicitudes.archivos.importacion import (
    CHOQUES,
    DE_UNA_VEZ,
    TIPO,
    DeshacedorDeSolicitudes,
    FabricaDeSolicitudes,
    ImportacionService,
)
from app.modules.solicitudes.archivos.repository import EntregadaRepository
from app.modules.solicitudes.decisiones.aprobaciones import Aprobaciones
from app.modules.solicitudes.decisiones.service import DecisionService
from app.modules.solicitudes.espera.service import EsperaService
from app.modules.solicitudes.impedimentos import Juez
from app.modules.solicitudes.movimientos.noticias import Noticias
from app.modules.solicitudes.movimientos.posesiones import Posesiones
from app.modules.solicitudes.movimientos.precintos import Precintos
from app.modules.solicitudes.movimientos.repository import MovimientoRepository, PrecintoRepository
from app.modules.solicitudes.movimientos.service import Movimientos
from app.modules.solicitudes.permisos import Permisos
from app.modules.solicitudes.ports import Avisos, Bitacora, Espacios, Padron
from app.modules.solicitudes.public import SolicitudesPublicas
from app.modules.solicitudes.repository import SolicitudRepository
from app.modules.solicitudes.resumen.repository import ConteoRepository
from app.modules.solicitudes.resumen.service import ResumenService
from app.modules.solicitudes.schemas import SolicitudesImportadasOut
from app.modules.solicitudes.service import SolicitudService
from app.modules.solicitudes.ventanilla.copias import Copias
from app.modules.solicitudes.ventanilla.public import VentanillaService
from app.modules.solicitudes.ventanilla.repository import FranjaRepository, PasoRepository, VentanillaRepository
from app.modules.solicitudes.vista import Vista


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


def montar(
    *,
    settings: Settings,
    uow: UnitOfWork,
    bitacora: Bitacora,
    padron: Padron,
    espacios: Espacios,
    avisos: Avisos,
    cifras: Cifras,
    cola: Cola,
    importaciones: Importaciones,
) -> Solicitudes:
    conteos = ConteoRepository()
    solicitudes, ventanillas, historial = SolicitudRepository(), VentanillaRepository(), MovimientoRepository()
    pasos, franjas = PasoRepository(), FranjaRepository()
    noticias = Noticias(avisos=avisos, padron=padron)
    precintos = Precintos(
        precinto=Precinto(settings.clave("clave_sorteo"), "solicitud-publicada", settings.anteriores("clave_sorteo")),
        precintadas=PrecintoRepository(),
        ventanillas=ventanillas,
        bitacora=bitacora,
        uow=uow,
    )
    movimientos = Movimientos(
        solicitudes=solicitudes,
        historial=historial,
        ventanillas=ventanillas,
        espacios=espacios,
        posesiones=Posesiones(espacios=espacios, padron=padron),
        noticias=noticias,
        precintos=precintos,
    )
    juez = Juez(padron=padron, espacios=espacios)
    aprobaciones = Aprobaciones(
        solicitudes=solicitudes, ventanillas=ventanillas, movimientos=movimientos, juez=juez, uow=uow
    )
    permisos = Permisos(solicitudes=solicitudes, padron=padron)
    vista = Vista(solicitudes=solicitudes, ventanillas=ventanillas, espacios=espacios, padron=padron, juez=juez)
    listas = SolicitudService(
        solicitudes=solicitudes,
        historial=historial,
        ventanillas=ventanillas,
        movimientos=movimientos,
        padron=padron,
        juez=juez,
        permisos=permisos,
        vista=vista,
        uow=uow,
    )
    altas = AltaService(
        solicitudes=solicitudes,
        historial=historial,
        ventanillas=ventanillas,
        franjas=franjas,
        padron=padron,
        juez=juez,
        permisos=permisos,
        uow=uow,
    )
    decisiones = DecisionService(
        solicitudes=solicitudes,
        historial=historial,
        ventanillas=ventanillas,
        movimientos=movimientos,
        noticias=noticias,
        listas=listas,
        permisos=permisos,
        vista=vista,
        precintos=precintos,
        uow=uow,
    )
    fabrica = FabricaDeSolicitudes(altas=altas, entregadas=EntregadaRepository(), padron=padron, uow=uow)
    return Solicitudes(
        importacion=ImportacionService(recepcion=importaciones.recepcion, ventanillas=ventanillas, cola=cola),
        exportacion=ExportacionService(listas=listas),
        encargados={
            TIPO: importaciones.importador(
                fabrica, CHOQUES, tipo=TIPO, resultado=SolicitudesImportadasOut, de_una_vez=DE_UNA_VEZ
            )
        },
        deshacedores={TIPO: DeshacedorDeSolicitudes(historial=historial, decisiones=decisiones)},
        listas=listas,
        altas=altas,
        decisiones=decisiones,
        espera=EsperaService(
            solicitudes=solicitudes,
            ventanillas=ventanillas,
            movimientos=movimientos,
            espacios=espacios,
            noticias=noticias,
            permisos=permisos,
            vista=vista,
            precintos=precintos,
            uow=uow,
        ),
        resumen=ResumenService(
            cifra=cifras.encargar("solicitudes", lambda: conteos.contar(ahora=ahora())),
            conteos=conteos,
            ventanillas=ventanillas,
            vista=vista,
        ),
        publico=SolicitudesPublicas(
            solicitudes=solicitudes,
            ventanillas=ventanillas,
            movimientos=movimientos,
            espacios=espacios,
            permisos=permisos,
            conteos=ConteoRepository(),
            aprobaciones=aprobaciones,
            noticias=noticias,
        ),
        aprobaciones=aprobaciones,
        ventanilla=VentanillaService(
            solicitudes=solicitudes,
            pasos=pasos,
            ventanillas=ventanillas,
            franjas=franjas,
            movimientos=movimientos,
            juez=juez,
            padron=padron,
            espacios=espacios,
            copias=Copias(
                pasos=pasos, ventanillas=ventanillas, movimientos=movimientos, padron=padron, espacios=espacios
            ),
            noticias=noticias,
            precintos=precintos,
            aprobaciones=aprobaciones,
        ),
    )
