"""What has had its time, of all modules: see `app/core/retention`."""

from collections.abc import Awaitable, Callable
from functools import partial

from app.core.imports.undo import DeshacerService
from app.core.jobs.wiring import Trabajos
from app.core.retention.repository import TurnoRepository
from app.core.retention.service import LOTE, Limpieza
from app.modules.auth.privacidad.service import LimpiezaDeCuentas
from app.modules.avisos.privacidad import LimpiezaDeAvisos
from app.modules.residentes.privacidad.service import PrivacidadService


def montar_limpieza(
    *,
    trabajos: Trabajos,
    importaciones: DeshacerService,
    avisos: LimpiezaDeAvisos,
    cuentas: LimpiezaDeCuentas,
    residentes: PrivacidadService,
) -> Limpieza:
    por_lotes: dict[str, Callable[..., Awaitable[int]]] = {
        "archivos": trabajos.archivos.borrar_caducados,
        "trabajos": trabajos.cola.borrar_caducados,
        "importaciones": importaciones.borrar_caducados,
        "avisos": avisos.avisos,
        "difusiones": avisos.difusiones,
        "dispositivos": avisos.dispositivos,
        "sesiones": cuentas.sesiones,
        "invitaciones": cuentas.invitaciones,
        "residentes": residentes.suprimir_idos,
    }
    return Limpieza(
        turnos=TurnoRepository(), tareas={que: partial(tarea, limite=LOTE) for que, tarea in por_lotes.items()}
    )
