"""The marks that facts bear where a test builds its own repositories."""

from app.modules.residentes.hechos import MarcasDelPadron
from app.modules.sorteo.custodia.dichos import DichosDeSorteo
from app.modules.sorteo.custodia.marcas import MarcasDeSorteo
from app.modules.sorteo.espacios.repository import EspacioRepository
from app.modules.sorteo.prioridades.repository import PrioridadRepository
from app.modules.sorteo.repository import SorteoRepository
from tests.modules.sorteo.dobles import FakeBitacora

_CLAVE = b"una clave de pruebas bastante larga"
MARCAS = MarcasDelPadron.con(_CLAVE)
MARCAS_DE_SORTEO = MarcasDeSorteo.con(_CLAVE)


def espacios() -> EspacioRepository:
    return EspacioRepository(marcas=MARCAS_DE_SORTEO)


def prioridades() -> PrioridadRepository:
    return PrioridadRepository(marcas=MARCAS_DE_SORTEO)


def sorteos() -> SorteoRepository:
    return SorteoRepository(marcas=MARCAS_DE_SORTEO)


def dichos() -> DichosDeSorteo:
    return DichosDeSorteo(bitacora=FakeBitacora())
