"""Builds custody, which repositories alone and the windows of draws are enough for."""

from app.core.config import Settings
from app.database.unit_of_work import UnitOfWork
from app.modules.sorteo.custodia.ports import Bitacora, Ventanillas
from app.modules.sorteo.custodia.service import CustodiaService
from app.modules.sorteo.pasos.pruebas import Boveda
from app.modules.sorteo.repository import (
    ArchivoRepository,
    EspacioEnJuegoRepository,
    SecretoRepository,
    SorteoRepository,
)
from app.modules.sorteo.resultados.repository import ParticipanteRepository


def montar(*, settings: Settings, uow: UnitOfWork, ventanillas: Ventanillas, bitacora: Bitacora) -> CustodiaService:
    return CustodiaService(
        sorteos=SorteoRepository(),
        secretos=SecretoRepository(),
        archivos=ArchivoRepository(),
        participantes=ParticipanteRepository(),
        en_juego=EspacioEnJuegoRepository(),
        ventanillas=ventanillas,
        boveda=Boveda(settings.clave("clave_sorteo"), settings.anteriores("clave_sorteo")),
        bitacora=bitacora,
        uow=uow,
    )
