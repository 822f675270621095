"""The only file that knows all modules: it builds repositories and services, and joins ports to what fits them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from beanie import Document
from fastapi import APIRouter

from app.adaptadores import PadronParaAuth, PadronParaSolicitudes, PadronParaSorteo, SalidasParaResidentes
from app.core.config import Settings
from app.core.security import FirmadorDeAcceso, HasherDeClaves
from app.database.unit_of_work import UnitOfWork
from app.modules.auth import models as auth_models
from app.modules.auth import repository as auth_repos
from app.modules.auth.cuentas import CuentasService
from app.modules.auth.invitaciones import InvitacionService
from app.modules.auth.registro import RegistroService
from app.modules.auth.router import router as auth_router
from app.modules.auth.service import AuthService
from app.modules.auth.sesiones import SesionService
from app.modules.residentes import models as residentes_models
from app.modules.residentes import repository as residentes_repos
from app.modules.residentes.padron import PadronService
from app.modules.residentes.router import router as residentes_router
from app.modules.residentes.service import ResidenteService
from app.modules.residentes.service_unidades import UnidadService
from app.modules.solicitudes import models as solicitudes_models
from app.modules.solicitudes import repository as solicitudes_repos
from app.modules.solicitudes.alta import AltaService
from app.modules.solicitudes.decisiones import DecisionService
from app.modules.solicitudes.impedimentos import Juez
from app.modules.solicitudes.movimientos import Movimientos
from app.modules.solicitudes.router import router as solicitudes_router
from app.modules.solicitudes.router_espera import router as espera_router
from app.modules.solicitudes.salidas import SalidaService
from app.modules.solicitudes.service import SolicitudService
from app.modules.solicitudes.ventanilla import VentanillaService
from app.modules.solicitudes.vista import Vista
from app.modules.sorteo import models as sorteo_models
from app.modules.sorteo import repository as sorteo_repos
from app.modules.sorteo.anulacion import AnulacionService
from app.modules.sorteo.asignaciones.registro import RegistroDeEspacios
from app.modules.sorteo.asignaciones.repository import AsignacionRepository
from app.modules.sorteo.asignaciones.router import router as asignaciones_router
from app.modules.sorteo.asignaciones.service import AsignacionService
from app.modules.sorteo.boveda import Boveda
from app.modules.sorteo.cierre import CierreService
from app.modules.sorteo.consulta import ConsultaService
from app.modules.sorteo.dependencies import ServiciosDeSorteo
from app.modules.sorteo.ejecucion import EjecucionService
from app.modules.sorteo.espacios.repository import EspacioRepository
from app.modules.sorteo.espacios.router import router as espacios_router
from app.modules.sorteo.espacios.service import EspacioService
from app.modules.sorteo.evaluaciones import Evaluador
from app.modules.sorteo.prioridades.repository import PrioridadRepository
from app.modules.sorteo.prioridades.router import router as prioridades_router
from app.modules.sorteo.prioridades.service import PrioridadService
from app.modules.sorteo.publicacion import PublicacionService
from app.modules.sorteo.router import router as sorteo_router
from app.modules.sorteo.router_consulta import router as consulta_router
from app.modules.sorteo.service import SorteoService
from app.modules.sorteo.tareas import TareasDeSorteos
from app.modules.sorteo.turnos import Turnos

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
    hasher = HasherDeClaves(pimienta=settings.clave("clave_pimienta"), costo=settings.bcrypt_cost)
    firmador = FirmadorDeAcceso(settings.clave("jwt_secret"))
    boveda = Boveda(settings.clave("clave_sorteo"))

    usuarios, sesiones = auth_repos.UsuarioRepository(), auth_repos.SesionRepository()
    invitaciones = auth_repos.InvitacionRepository()
    residentes, unidades = residentes_repos.ResidenteRepository(), residentes_repos.UnidadRepository()
    vehiculos = residentes_repos.VehiculoRepository()
    solicitudes, ventanillas = solicitudes_repos.SolicitudRepository(), solicitudes_repos.VentanillaRepository()
    historial = solicitudes_repos.MovimientoRepository()
    sorteos, secretos = sorteo_repos.SorteoRepository(), sorteo_repos.SecretoRepository()
    en_juego, participantes = sorteo_repos.EspacioEnJuegoRepository(), sorteo_repos.ParticipanteRepository()
    resultados, archivos = sorteo_repos.ResultadoRepository(), sorteo_repos.ArchivoRepository()
    espacios, prioridades, asignaciones = EspacioRepository(), PrioridadRepository(), AsignacionRepository()

    # What others ask, first: it needs repositories alone.
    padron = PadronService(residentes, unidades, vehiculos)
    padron_sorteo = PadronParaSorteo(padron)
    padron_solicitudes = PadronParaSolicitudes(padron, zona)
    padron_auth = PadronParaAuth(padron)
    registro = RegistroDeEspacios(espacios=espacios, en_juego=en_juego, asignaciones=asignaciones, zona=zona)

    sesion = SesionService(sesiones=sesiones, usuarios=usuarios, firmador=firmador)
    auth = AuthService(usuarios=usuarios, sesiones=sesion, padron=padron_auth, uow=uow, hasher=hasher)
    registro_de_cuentas = RegistroService(
        usuarios=usuarios, invitaciones=invitaciones, padron=padron_auth, uow=uow, hasher=hasher
    )
    cuentas = CuentasService(usuarios=usuarios, sesiones=sesiones, uow=uow)

    movimientos = Movimientos(
        solicitudes=solicitudes, movimientos=historial, ventanillas=ventanillas, espacios=registro
    )
    juez = Juez(padron=padron_solicitudes, espacios=registro)
    vista = Vista(ventanillas=ventanillas, padron=padron_solicitudes, juez=juez)
    consulta = SolicitudService(
        solicitudes=solicitudes,
        historial=historial,
        ventanillas=ventanillas,
        movimientos=movimientos,
        padron=padron_solicitudes,
        juez=juez,
        vista=vista,
        uow=uow,
    )
    altas = AltaService(
        solicitudes=solicitudes,
        ventanillas=ventanillas,
        movimientos=movimientos,
        padron=padron_solicitudes,
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
        solicitudes=solicitudes, ventanillas=ventanillas, movimientos=movimientos, espacios=registro, uow=uow
    )
    ventanilla = VentanillaService(
        solicitudes=solicitudes,
        ventanillas=ventanillas,
        movimientos=movimientos,
        juez=juez,
        padron=padron_solicitudes,
        espacios=registro,
    )

    turnos = Turnos(sorteos)
    evaluador = Evaluador(
        sorteos=sorteos, asignaciones=asignaciones, solicitudes=ventanilla, padron=padron_sorteo, zona=zona
    )
    sorteo = SorteoService(
        sorteos=sorteos,
        secretos=secretos,
        en_juego=en_juego,
        archivos=archivos,
        espacios=espacios,
        prioridades=prioridades,
        solicitudes=ventanilla,
        boveda=boveda,
        uow=uow,
    )
    de_sorteo = ServiciosDeSorteo(
        sorteos=sorteo,
        cierre=CierreService(
            sorteos=sorteos,
            en_juego=en_juego,
            participantes=participantes,
            archivos=archivos,
            consulta=sorteo,
            evaluador=evaluador,
            solicitudes=ventanilla,
            padron=padron_sorteo,
            turnos=turnos,
            uow=uow,
        ),
        ejecucion=EjecucionService(
            sorteos=sorteos,
            secretos=secretos,
            participantes=participantes,
            resultados=resultados,
            archivos=archivos,
            consulta=sorteo,
            boveda=boveda,
            turnos=turnos,
        ),
        publicacion=PublicacionService(
            sorteos=sorteos,
            resultados=resultados,
            espacios=espacios,
            consulta=sorteo,
            solicitudes=ventanilla,
            turnos=turnos,
            uow=uow,
        ),
        anulacion=AnulacionService(
            sorteos=sorteos,
            secretos=secretos,
            espacios=espacios,
            consulta=sorteo,
            solicitudes=ventanilla,
            cuentas=cuentas,
            boveda=boveda,
            turnos=turnos,
            uow=uow,
        ),
        consulta=ConsultaService(
            sorteos=sorteo,
            en_juego=en_juego,
            participantes=participantes,
            resultados=resultados,
            archivos=archivos,
            evaluador=evaluador,
            solicitudes=ventanilla,
            padron=padron_sorteo,
            propias=consulta,
        ),
        asignaciones=AsignacionService(
            asignaciones=asignaciones,
            espacios=espacios,
            solicitudes=salidas,
            padron=padron_sorteo,
            propias=consulta,
            uow=uow,
            zona=zona,
        ),
    )
    estado = {
        "autenticador": sesion,
        "auth": auth,
        "sesiones": sesion,
        "invitaciones": InvitacionService(
            invitaciones=invitaciones,
            usuarios=usuarios,
            padron=padron_auth,
            uow=uow,
            url_publica=settings.url_publica,
        ),
        "registro": registro_de_cuentas,
        "unidades": UnidadService(
            unidades=unidades, vehiculos=vehiculos, residentes=residentes, solicitudes=salidas, uow=uow
        ),
        "residentes": ResidenteService(
            residentes=residentes,
            unidades=unidades,
            vehiculos=vehiculos,
            cuentas=cuentas,
            salidas=SalidasParaResidentes(salidas),
            uow=uow,
            zona=zona,
        ),
        "solicitudes": consulta,
        "altas": altas,
        "decisiones": decisiones,
        "salidas": salidas,
        "espacios": EspacioService(espacios, uow, unidades=padron_sorteo),
        "prioridades": PrioridadService(prioridades, uow),
        "sorteo": de_sorteo,
    }
    tareas = TareasDeSorteos(
        sorteos=sorteos,
        asignaciones=asignaciones,
        apertura=sorteo,
        cierre=de_sorteo.cierre,
        ejecucion=de_sorteo.ejecucion,
        publicacion=de_sorteo.publicacion,
        anulacion=de_sorteo.anulacion,
        entregas=de_sorteo.asignaciones,
        zona=zona,
    )
    return Servicios(estado=estado, registro=registro_de_cuentas, tareas=tareas, salidas=salidas)
