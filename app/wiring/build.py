"""The only file that knows all modules: it joins the ports of each to what fits them. How a module is built from
what it is handed stands in its `wiring.py`."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter

from app.core.builder import Armador
from app.core.config import Settings
from app.core.facts.told import Bitacora as BitacoraDeHechos
from app.core.figures.repository import CifraRepository
from app.core.figures.service import Cifras
from app.core.idempotency import wiring as idempotencia
from app.core.idempotency.repository import RespuestaRepository
from app.core.imports import wiring as importaciones
from app.core.imports.repository import LoteRepository
from app.core.imports.router import router as importaciones_router
from app.core.jobs import wiring as trabajos
from app.core.jobs.repository import TrabajoRepository
from app.core.jobs.router import router as trabajos_router
from app.core.jobs.worker import Trabajador
from app.core.quotas.contract import Cuotas
from app.core.retention.service import Limpieza
from app.core.shutdown import Parada
from app.database.unit_of_work import UnitOfWork
from app.home.router import router as inicio_router
from app.home.service import InicioService
from app.modules.auditoria import wiring as auditoria
from app.modules.auditoria.escribano import Escribano
from app.modules.auditoria.public import BitacoraService, CabezaService, Lecturas
from app.modules.auditoria.repository import ApunteRepository
from app.modules.auditoria.router import router as auditoria_router
from app.modules.auditoria.wiring import Auditoria
from app.modules.auth import wiring as auth
from app.modules.auth.invitaciones.registro import RegistroService
from app.modules.auth.router import router as auth_router
from app.modules.avisos import wiring as modulo_avisos
from app.modules.avisos.repository import EnvioRepository
from app.modules.avisos.router import router as avisos_router
from app.modules.conjunto import wiring as conjunto
from app.modules.conjunto.router import router as conjunto_router
from app.modules.residentes import wiring as residentes
from app.modules.residentes.hechos import DichosDelPadron, MarcasDelPadron
from app.modules.residentes.public import PadronService
from app.modules.residentes.router import router as residentes_router
from app.modules.solicitudes import wiring as solicitudes
from app.modules.solicitudes.espera.router import router as espera_router
from app.modules.solicitudes.router import router as solicitudes_router
from app.modules.sorteo import wiring as sorteo
from app.modules.sorteo.acta.router import router as acta_router
from app.modules.sorteo.asignaciones.router import router as asignaciones_router
from app.modules.sorteo.custodia.ports import Bitacora as BitacoraDelRegistro
from app.modules.sorteo.espacios.router import router as espacios_router
from app.modules.sorteo.figuras.router import router as figuras_router
from app.modules.sorteo.garantes.router import router as garantes_router
from app.modules.sorteo.historial.router import router as historial_router
from app.modules.sorteo.pasos.router import router as pasos_router
from app.modules.sorteo.pasos.tareas import TareasDeSorteos
from app.modules.sorteo.permutas.router import router as permutas_router
from app.modules.sorteo.porteria.router import router as porteria_router
from app.modules.sorteo.prioridades.router import router as prioridades_router
from app.modules.sorteo.public import RegistroDeEspacios
from app.modules.sorteo.reclamos.router import router as reclamos_router
from app.modules.sorteo.resultados.router import router as resultados_router
from app.modules.sorteo.router import router as sorteo_router
from app.modules.sorteo.simulacion.router import router as simulacion_router
from app.pages.assembly import Imprenta
from app.pages.router import router as paginas_router
from app.pages.service import PaginaService
from app.wiring.adapters import (
    CustodioDeCopias,
    CustodioDeLosAvisos,
    DirectorioDeAvisos,
    PadronParaAuth,
    PadronParaSolicitudes,
    PadronParaSorteo,
)
from app.wiring.outside import montar_analitica
from app.wiring.retention import montar_limpieza

PAGINAS = paginas_router
"""For people, hence not under the prefix of the API."""

# Fixed paths before those with a parameter in their place: `/sorteo/espacios` is not the draw "espacios".
ROUTERS: tuple[APIRouter, ...] = (
    auditoria_router,
    auth_router,
    avisos_router,
    inicio_router,
    conjunto_router,
    residentes_router,
    solicitudes_router,
    espacios_router,
    prioridades_router,
    asignaciones_router,
    permutas_router,
    porteria_router,
    espera_router,
    figuras_router,
    acta_router,
    reclamos_router,
    garantes_router,
    historial_router,
    resultados_router,
    simulacion_router,
    sorteo_router,
    pasos_router,
    trabajos_router,
    importaciones_router,
)


@dataclass(frozen=True, slots=True)
class Servicios:
    """`estado` is what the endpoints find in `request.state`; the rest is for who runs the process.
    `dichos`: what tells the audit of what no act wrote."""

    estado: Mapping[str, Any]
    auditoria: Auditoria
    registro: RegistroService
    suprimir_de_nuevo: Callable[[], Awaitable[object]]
    dichos: Sequence[Callable[[], Awaitable[object]]]
    tareas: TareasDeSorteos
    solicitudes: solicitudes.Solicitudes
    vigias: Sequence[Callable[[], Awaitable[None]]]
    parada: Parada
    trabajador: Trabajador
    cifras: Cifras
    limpieza: Limpieza
    correo: Sequence[Callable[[], Awaitable[object]]]
    recordatorios: Sequence[Callable[[], Awaitable[object]]]
    analitica: Sequence[Callable[[], Awaitable[object]]]


def montar_bitacora(settings: Settings) -> BitacoraService:
    """What the unit of work tells: before everything else."""
    return auditoria.montar_bitacora(settings)


def build(settings: Settings, uow: UnitOfWork, cuotas: Cuotas, bitacora: BitacoraService) -> Servicios:
    zona = settings.zona
    parada = Parada(settings.drenaje)
    cifras = Cifras(guardadas=CifraRepository())
    # What others ask of a module, before the rest of it: these need no other module.
    de_trabajos = trabajos.montar(settings=settings, uow=uow, parada=parada, bitacora=bitacora)
    de_importaciones = importaciones.montar(
        zona=zona, uow=uow, trabajos=de_trabajos.cola, archivos=de_trabajos.archivos, guarda=settings.guarda_de_trabajos
    )
    clave, anteriores = settings.clave("clave_sorteo"), settings.anteriores("clave_sorteo")
    marcas, de_sorteos = MarcasDelPadron.con(clave, anteriores), sorteo.hacer_marcas(settings)
    armador = Armador(
        {
            UnitOfWork: uow,
            ZoneInfo: zona,
            Escribano: bitacora.escribano,
            BitacoraDelRegistro: bitacora,
            BitacoraDeHechos: bitacora,
            **de_sorteos,
            MarcasDelPadron: marcas,
        }
    )
    dichos = armador[DichosDelPadron]
    padron, espacios, lecturas = armador[PadronService], armador[RegistroDeEspacios], armador[Lecturas]
    del_conjunto = conjunto.montar(settings=settings, uow=uow)

    avisos = modulo_avisos.montar_servicio(settings)
    de_auth = auth.montar(
        settings=settings,
        uow=uow,
        padron=armador[PadronParaAuth],
        avisos=avisos,
        bitacora=bitacora,
        cuotas=cuotas,
        cola=de_trabajos.cola,
    )
    directorio = DirectorioDeAvisos(padron, de_auth.cuentas)
    de_avisos = modulo_avisos.montar(settings=settings, uow=uow, directorio=directorio, conjunto=del_conjunto.servicio)
    de_solicitudes = solicitudes.montar(
        settings=settings,
        uow=uow,
        bitacora=bitacora,
        padron=armador[PadronParaSolicitudes],
        espacios=espacios,
        avisos=avisos,
        cifras=cifras,
        cola=de_trabajos.cola,
        importaciones=de_importaciones,
    )
    de_residentes = residentes.montar(
        marcas=marcas,
        dichos=dichos,
        uow=uow,
        cuentas=de_auth.cuentas,
        solicitudes=de_solicitudes.publico,
        reservas=espacios,
        lecturas=lecturas,
        cola=de_trabajos.cola,
        importaciones=de_importaciones,
        zona=zona,
        cifras=cifras,
        custodios={
            "cuenta": de_auth.custodio,
            "solicitudes": de_solicitudes.publico,
            "avisos": CustodioDeLosAvisos(de_avisos.custodio, de_auth.custodio),
            "asignaciones": espacios,
            "copias": CustodioDeCopias(RespuestaRepository(), LoteRepository()),
        },
        guarda=settings.guarda_de_residentes,
    )
    de_sorteo = sorteo.montar(
        marcas=de_sorteos,
        settings=settings,
        uow=uow,
        ventanilla=de_solicitudes.ventanilla,
        solicitudes=de_solicitudes.publico,
        padron=armador[PadronParaSorteo],
        cuentas=de_auth.cuentas,
        cola=de_trabajos.cola,
        importaciones=de_importaciones,
        auditoria=armador[CabezaService],
        bitacora=bitacora,
        avisos=avisos,
        conjunto=del_conjunto.servicio,
        cifras=cifras,
    )
    de_auditoria = auditoria.montar(
        settings=settings, uow=uow, publicadas=de_sorteo.cabezas, lecturas=lecturas, bitacora=bitacora
    )
    inicio = InicioService(
        residentes=de_residentes.estado.resumen,
        solicitudes=de_solicitudes.resumen,
        sorteos=de_sorteo.resumen,
        espacios=de_sorteo.estado.espacios,
        asignaciones=de_sorteo.estado.asignaciones,
        buzon=de_avisos.estado.buzon,
        redactor=de_avisos.estado.redactor,
    )
    paginas = PaginaService(
        sorteos=de_sorteo.resumen,
        resultados=de_sorteo.estado.resultados,
        figuras=de_sorteo.estado.figuras,
        enlaces=de_sorteo.estado.enlaces_de_figuras,
        imprenta=Imprenta(conjunto=settings.nombre_conjunto or "ParkNet", zona=zona),
    )
    deshacedores = {**de_residentes.deshacedores, **de_solicitudes.deshacedores, **de_sorteo.deshacedores}
    de_importaciones.servicio.deshacedores = deshacedores
    encargados = {**de_importaciones.encargados, **de_auth.encargados, **de_residentes.encargados}
    encargados |= {**de_solicitudes.encargados, **de_sorteo.encargados}
    copia = montar_analitica(settings)
    de_trabajos.trabajador.encargar(encargados, de_auth.vigencias)
    return Servicios(
        estado={
            "cuotas": cuotas,
            "colas": {
                "trabajos": TrabajoRepository().en_espera,
                "correos": EnvioRepository().en_espera,
                "auditoria": ApunteRepository().en_espera,
            },
            **idempotencia.montar(uow=uow, guarda=settings.guarda_de_respuestas),
            "auditoria": de_auditoria.estado,
            "autenticador": de_auth.autenticador,
            "auth": de_auth.estado,
            "avisos": de_avisos.estado,
            "importaciones": de_importaciones.servicio,
            "inicio": inicio,
            "paginas": paginas,
            "conjunto": del_conjunto,
            "parada": parada,
            "residentes": de_residentes.estado,
            "solicitudes": de_solicitudes,
            "sorteo": de_sorteo.estado,
            **de_trabajos.estado,
        },
        auditoria=de_auditoria,
        registro=de_auth.estado.registro,
        suprimir_de_nuevo=de_residentes.estado.privacidad.suprimir_de_nuevo,
        dichos=(de_solicitudes.marcas.decir,),
        tareas=de_sorteo.tareas,
        solicitudes=de_solicitudes,
        vigias=(*de_sorteo.vigias, de_solicitudes.vigia.vigilar),
        parada=parada,
        trabajador=de_trabajos.trabajador,
        cifras=cifras,
        limpieza=montar_limpieza(
            trabajos=de_trabajos,
            importaciones=de_importaciones.servicio,
            avisos=de_avisos.limpieza,
            cuentas=de_auth.limpieza,
            residentes=de_residentes.estado.privacidad,
        ),
        correo=(*de_auth.cada_poco, *de_avisos.tareas),
        recordatorios=(de_sorteo.recordatorios.recordar, de_solicitudes.espera.recordar),
        analitica=() if copia is None else (copia.atender,),
    )
