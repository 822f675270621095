"""What each draw in course waits for, and as much of it as a first screen shows."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from beanie import PydanticObjectId

from app.core.security import Rol
from app.database.unit_of_work import UnitOfWork
from app.modules.sorteo.estados import EstadoSorteo as E
from app.modules.sorteo.fuente import FuentePublica
from app.modules.sorteo.models import Sorteo, Vigencia
from app.modules.sorteo.pasos.models import Anulacion
from app.modules.sorteo.resumen.repository import BreveRepository
from app.modules.sorteo.resumen.service import PasoPendiente as P
from app.modules.sorteo.resumen.service import Pendiente, ResumenService
from tests import marcas
from tests.conftest import INICIO, Reloj

BOGOTA = ZoneInfo("America/Bogota")
CIERRE, CONOCIBLE = INICIO + timedelta(days=3), INICIO + timedelta(days=5)


def sorteo(**campos: Any) -> Sorteo:
    valores = {
        "nombre": "Primero",
        "vigencia": Vigencia(desde=date(2026, 7, 1), hasta=date(2026, 12, 31)),
        "fuente_entropia": FuentePublica(
            tipo="publica", descripcion="Lotería", disponible_desde=CONOCIBLE, forma="####"
        ),
        "apertura": None,
        "cierre": CIERRE,
        "espacios": ["A-01"],
        "prioridades": None,
        "repite_a": None,
        "liberar_reservas": True,
        "aprobacion": "manual",
        "exige_al_dia": True,
        "al_dia_en": "cierre",
        "max_por_unidad": 1,
        "compatibilidad": {"carro": ["carro"]},
        "aceptacion": "requerida",
        "plazo_aceptacion_horas": 72,
        "ensayo": False,
        "creado_en": INICIO,
    }
    return Sorteo(**valores | campos)


def anulacion(efecto_en: datetime | None) -> Anulacion:
    quien = PydanticObjectId()
    return Anulacion(motivo="se cayó", pedida_por=quien, rol=Rol.admin, pedida_en=INICIO, efecto_en=efecto_en)


@pytest.fixture
def resumen(base_real: UnitOfWork, reloj: Reloj) -> ResumenService:  # noqa: ARG001 - time stands still
    return ResumenService(sorteos=BreveRepository(), zona=BOGOTA)


async def _unico(resumen: ResumenService, **campos: Any) -> Pendiente:
    await marcas.sorteos().insert(sorteo(**campos))
    (pendiente,) = await resumen.pendientes()
    return pendiente


@pytest.mark.parametrize(
    ("campos", "paso", "desde", "hasta", "por_si_solo"),
    [
        ({"estado": E.borrador}, P.abrir, None, CIERRE, False),
        ({"estado": E.borrador, "cierre": None}, P.abrir, None, CONOCIBLE, False),
        ({"estado": E.borrador, "apertura": INICIO}, P.abrir, INICIO, CIERRE, True),
        ({"estado": E.abierto}, P.cerrar, CIERRE, CONOCIBLE, True),
        ({"estado": E.abierto, "cierre": None}, P.cerrar, None, CONOCIBLE, False),
        ({"estado": E.abierto, "cierre": None, "ensayo": True}, P.cerrar, None, None, False),
        ({"estado": E.cerrado}, P.ejecutar, CONOCIBLE, None, False),
        ({"estado": E.cerrado, "entropia": "1234"}, P.ejecutar, CONOCIBLE, None, True),
        ({"estado": E.cerrado, "ensayo": True}, P.ejecutar, None, None, False),
        ({"estado": E.ejecutado}, P.publicar, None, None, False),
        ({"estado": E.ejecutado, "ensayo": True}, P.anular, None, None, False),
        ({"estado": E.ejecutado, "anulacion": anulacion(None)}, P.confirmar_anulacion, None, None, False),
        ({"estado": E.cerrado, "anulacion": anulacion(CIERRE)}, P.anular, CIERRE, None, True),
        ({"estado": E.publicado, "anulacion": anulacion(None)}, P.confirmar_anulacion, None, None, False),
        ({"estado": E.finalizado, "anulacion": anulacion(None)}, P.confirmar_anulacion, None, None, False),
        ({"estado": E.publicado}, P.finalizar, datetime(2027, 1, 1, tzinfo=BOGOTA), None, True),
        (
            {"estado": E.publicado, "vigencia": Vigencia(desde=date(2026, 1, 1), hasta=date.max)},
            P.finalizar,
            None,
            None,
            True,
        ),
    ],
)
async def test_el_paso_que_sigue(
    resumen: ResumenService,
    campos: dict[str, Any],
    paso: P,
    desde: datetime | None,
    hasta: datetime | None,
    por_si_solo: bool,
) -> None:
    visto = await _unico(resumen, **campos)
    assert (visto.paso, visto.desde, visto.hasta, visto.por_si_solo) == (paso, desde, hasta, por_si_solo)


@pytest.mark.parametrize(("estado", "paso"), [(E.borrador, P.editar), (E.abierto, P.anular), (E.cerrado, P.ejecutar)])
async def test_cuando_el_numero_ya_se_conoce(resumen: ResumenService, reloj: Reloj, estado: E, paso: P) -> None:
    reloj.poner(CONOCIBLE)
    assert (await _unico(resumen, estado=estado)).paso is paso


async def test_un_ensayo_no_mira_el_reloj(resumen: ResumenService, reloj: Reloj) -> None:
    reloj.poner(CONOCIBLE)
    assert (await _unico(resumen, estado=E.abierto, ensayo=True)).paso is P.cerrar


@pytest.mark.parametrize("estado", [E.finalizado, E.anulado])
async def test_de_lo_que_termino_no_se_espera_nada(resumen: ResumenService, estado: E) -> None:
    await marcas.sorteos().insert(sorteo(estado=estado))
    assert await resumen.pendientes() == []


async def test_primero_lo_que_ya_se_puede(resumen: ResumenService) -> None:
    for nombre, campos in {
        "después": {"estado": E.cerrado},
        "antes": {"estado": E.abierto},
        "ya": {"estado": E.ejecutado},
    }.items():
        await marcas.sorteos().insert(sorteo(nombre=nombre, **campos))
    assert [p.sorteo.nombre for p in await resumen.pendientes()] == ["ya", "antes", "después"]


async def test_solo_los_abiertos_y_sin_sus_listas(resumen: ResumenService) -> None:
    for estado in E:
        await marcas.sorteos().insert(sorteo(estado=estado, nombre=estado.value))
    (abierto,) = await resumen.abiertos()
    assert (abierto.nombre, abierto.disponible_desde) == ("abierto", CONOCIBLE)
    assert not hasattr(abierto, "espacios")


async def test_los_de_unos_ids_estén_como_estén(resumen: ResumenService) -> None:
    guardados = [await marcas.sorteos().insert(sorteo(estado=estado)) for estado in E]
    vistos = await resumen.por_ids(ids=[s.oid for s in guardados])
    assert {v.id for v in vistos} == {s.oid for s in guardados}
    assert await resumen.por_ids(ids=[]) == []
