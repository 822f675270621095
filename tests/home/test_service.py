"""The first screen, put together from stand-ins of those it asks."""

import asyncio
from collections.abc import Collection
from datetime import date
from typing import Any

import pytest
from beanie import PydanticObjectId

from app.core.security import Principal, Rol
from app.home import ports, schemas
from app.home.service import InicioService
from app.shared.exceptions import SinResidente
from app.shared.messages import Idioma
from tests.conftest import INICIO

SORTEO = schemas.HomeSorteoRef(id=PydanticObjectId(), nombre="Primero", estado="abierto")
VEHICULO = schemas.HomeVehiculo(id=PydanticObjectId(), tipo="carro", electrico=False, placa="AAA111")


def principal(rol: Rol, residente_id: PydanticObjectId | None = None) -> Principal:
    return Principal(usuario_id=PydanticObjectId(), rol=rol, sesion_id=PydanticObjectId(), residente_id=residente_id)


class Todos:
    """Whoever is asked. `juntos`: how many questions were being answered at the same time."""

    def __init__(self) -> None:
        self.hay_residente = True
        self.juntos = self.ahora = 0
        self.nombrados: list[Collection[PydanticObjectId]] = []

    async def _contesta(self, que: Any) -> Any:
        self.ahora += 1
        self.juntos = max(self.juntos, self.ahora)
        await asyncio.sleep(0)
        self.ahora -= 1
        return que

    async def hogar(self, *, residente_id: PydanticObjectId) -> ports.Hogar | None:
        residente = schemas.HomeResidente(
            id=residente_id,
            nombres="Ana",
            apellidos="Rojas",
            email=None,
            telefono=None,
            estado="activo",
            condiciones=[],
        )
        hogar: ports.Hogar | None = await self._contesta(
            ports.Hogar(residente=residente, unidades=[]) if self.hay_residente else None
        )
        return hogar

    async def en_curso(self, *, quien: Principal) -> list[ports.DelSorteo[schemas.HomeSolicitudBase]]:
        assert quien.residente_id is not None
        solicitud = schemas.HomeSolicitudBase(
            id=PydanticObjectId(),
            folio=1,
            unidad_id=PydanticObjectId(),
            vehiculo=VEHICULO,
            preferencias=[],
            acepta=None,
            estado="pendiente",
            impedimentos=[],
            motivo=None,
            espacio=None,
            espera=None,
            vence_en=None,
            acciones=["cancelada"],
            creado_en=INICIO,
        )
        solicitudes: list[Any] = await self._contesta([ports.DelSorteo(SORTEO.id, solicitud)])
        return solicitudes

    async def espera(self) -> ports.EsperaDeSolicitudes:
        espera: ports.EsperaDeSolicitudes = await self._contesta(
            ports.EsperaDeSolicitudes(
                por_decidir={SORTEO.id: 3, PydanticObjectId(): 2}, por_responder=4, proximo_vencimiento=INICIO
            )
        )
        return espera

    async def abiertos(self) -> list[schemas.HomeSorteo]:
        abiertos: list[schemas.HomeSorteo] = await self._contesta([])
        return abiertos

    async def nombres(self, *, ids: Collection[PydanticObjectId]) -> dict[PydanticObjectId, schemas.HomeSorteoRef]:
        self.nombrados.append(ids)
        return {SORTEO.id: SORTEO}

    async def pendientes(self) -> list[schemas.HomePasoBase]:
        pasos: list[schemas.HomePasoBase] = await self._contesta(
            [
                schemas.HomePasoBase(
                    sorteo=sorteo,
                    ensayo=False,
                    cierre=None,
                    disponible_desde=INICIO,
                    anulacion=None,
                    paso=paso,
                    desde=None,
                    hasta=None,
                    por_si_solo=False,
                )
                for paso, sorteo in (
                    ("cerrar", SORTEO),
                    ("confirmar_anulacion", SORTEO.model_copy(update={"id": PydanticObjectId()})),
                )
            ]
        )
        return pasos

    async def de(self, *, quien: Principal) -> list[ports.DelSorteo[schemas.HomeAsignacionBase]]:
        assert quien.residente_id is not None
        asignacion = schemas.HomeAsignacionBase(
            id=PydanticObjectId(),
            espacio="A-01",
            unidad_id=PydanticObjectId(),
            vehiculo=VEHICULO,
            solicitud_id=PydanticObjectId(),
            desde=date(2026, 1, 1),
            hasta=date(2026, 6, 30),
            prestado=False,
        )
        espacios: list[Any] = await self._contesta([ports.DelSorteo(SORTEO.id, asignacion)])
        return espacios

    async def ultimos(self, *, quien: Principal, idioma: Idioma, limite: int) -> list[schemas.HomeAviso]:
        assert quien.usuario_id
        aviso = schemas.HomeAviso(
            id=PydanticObjectId(), tipo="oferta", titulo=idioma, texto="…", datos={}, creado_en=INICIO
        )
        avisos: list[schemas.HomeAviso] = await self._contesta([aviso])
        return avisos[:limite]

    async def sin_leer(self, *, quien: Principal) -> int:
        assert quien.usuario_id
        sin_leer: int = await self._contesta(7)
        return sin_leer


class Padron(Todos):
    async def conteo(self) -> ports.ConteoDelPadron:
        return ports.ConteoDelPadron(
            unidades=10,
            unidades_en_mora=1,
            residentes=20,
            cuentas_activas=15,
            vehiculos=12,
            condiciones_por_verificar=6,
        )


class Espacios(Todos):
    async def conteo(self) -> ports.ConteoDeEspacios:
        return ports.ConteoDeEspacios(total=30, libres=5)


@pytest.fixture
def todos() -> Todos:
    return Todos()


@pytest.fixture
def inicio(todos: Todos) -> InicioService:
    padron, espacios = Padron(), Espacios()
    padron.__dict__ = espacios.__dict__ = todos.__dict__
    return InicioService(padron=padron, solicitudes=todos, sorteos=todos, espacios=espacios, avisos=todos)


async def test_la_de_un_residente(inicio: InicioService) -> None:
    quien = principal(Rol.residente, PydanticObjectId())
    visto = await inicio.ver(quien, idioma="en")
    assert isinstance(visto, schemas.ResidentHome)
    assert (visto.yo.id, visto.avisos_sin_leer) == (quien.residente_id, 7)
    assert [aviso.titulo for aviso in visto.avisos] == ["en"]
    assert visto.solicitudes[0].sorteo == visto.espacios[0].sorteo == SORTEO


async def test_todo_se_pregunta_a_la_vez_y_los_nombres_una_sola(inicio: InicioService, todos: Todos) -> None:
    await inicio.ver(principal(Rol.residente, PydanticObjectId()), idioma="es")
    assert todos.juntos == 6
    assert todos.nombrados == [{SORTEO.id}]


@pytest.mark.parametrize("rol", [Rol.admin, Rol.operador, Rol.auditor])
async def test_la_del_personal(inicio: InicioService, rol: Rol) -> None:
    visto = await inicio.ver(principal(rol), idioma="es")
    assert isinstance(visto, schemas.StaffHome)
    assert (visto.rol, visto.avisos_sin_leer, visto.condiciones_por_verificar) == (rol, 7, 6)
    assert [p.por_decidir for p in visto.sorteos] == [3, 0]
    assert (visto.solicitudes_por_decidir, visto.por_responder, visto.proximo_vencimiento) == (5, 4, INICIO)
    assert visto.anulaciones_por_confirmar == 1
    assert (visto.conteos.espacios, visto.conteos.espacios_libres, visto.conteos.unidades_en_mora) == (30, 5, 1)


async def test_el_personal_que_vive_aqui_ve_la_del_personal(inicio: InicioService) -> None:
    assert isinstance(await inicio.ver(principal(Rol.operador, PydanticObjectId()), idioma="es"), schemas.StaffHome)


@pytest.mark.parametrize("residente_id", [None, PydanticObjectId()])
async def test_quien_no_vive_aqui_no_tiene(
    inicio: InicioService, todos: Todos, residente_id: PydanticObjectId | None
) -> None:
    todos.hay_residente = False
    with pytest.raises(SinResidente):
        await inicio.ver(principal(Rol.residente, residente_id), idioma="es")
