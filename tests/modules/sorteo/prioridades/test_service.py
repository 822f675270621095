"""The rules about rules, where no server is needed."""

from typing import Any

import pytest

from app.database.unit_of_work import UnitOfWork
from app.modules.sorteo.prioridades.models import Regla
from app.modules.sorteo.prioridades.repository import PrioridadRepository
from app.modules.sorteo.prioridades.schemas import PrioridadCreate, PrioridadUpdate
from app.modules.sorteo.prioridades.service import PrioridadService
from app.shared.exceptions import EntradaInvalida, NoEncontrado
from tests import marcas
from tests.conftest import Reloj
from tests.modules.sorteo.dobles import FakeCondiciones
from tests.modules.sorteo.prioridades.conftest import nueva, prioridad

PERDIDOS = {"campo": "sorteos_perdidos", "operador": "mayor_igual", "valor": 1}
ANTIGUEDAD = {"campo": "antiguedad_meses", "operador": "mayor_igual", "valor": 12}
POR_UNIDAD = {"boletas": 2, "por_unidad": "sorteos_perdidos"}


@pytest.fixture
def servicio(base_simulada: UnitOfWork, repositorio: PrioridadRepository) -> PrioridadService:
    return PrioridadService(
        prioridades=repositorio, condiciones=FakeCondiciones(), dichos=marcas.dichos(), uow=base_simulada
    )


async def errores(peticion: Any) -> list[tuple[str, str]]:
    with pytest.raises(EntradaInvalida) as error:
        await peticion
    return [(e.campo, e.codigo) for e in error.value.errores]


class TestCrear:
    @pytest.mark.parametrize(
        ("cambios", "error"),
        [
            ({"efecto": {}}, ("efecto", "efecto_vacio")),
            ({"efecto": {"por_unidad": "sorteos_perdidos"}}, ("efecto", "efecto_vacio")),
            ({"efecto": {"nivel": None, "boletas": None}}, ("efecto", "efecto_vacio")),
            ({"efecto": {"nivel": 1, "por_unidad": "sorteos_perdidos"}}, ("efecto.boletas", "requerido")),
        ],
    )
    async def test_efecto_imposible(
        self, servicio: PrioridadService, cambios: dict[str, Any], error: tuple[str, str]
    ) -> None:
        assert await errores(servicio.crear(PrioridadCreate.model_validate(nueva(**cambios)))) == [error]

    async def test_por_unidad_de_un_campo_que_no_es_condicion(self, servicio: PrioridadService) -> None:
        datos = PrioridadCreate.model_validate(nueva(condiciones=[ANTIGUEDAD], efecto=POR_UNIDAD))
        assert (await servicio.crear(datos)).efecto.por_unidad == "sorteos_perdidos"

    async def test_se_guarda_entera(self, servicio: PrioridadService) -> None:
        hecha = await servicio.crear(PrioridadCreate.model_validate(nueva()))
        assert await servicio.ver("movilidad") == hecha
        assert hecha.activa
        assert hecha.regla() == Regla.model_validate(nueva())


class TestCambiar:
    async def test_no_existe(self, servicio: PrioridadService) -> None:
        with pytest.raises(NoEncontrado):
            await servicio.cambiar("movilidad", PrioridadUpdate(activa=False))

    async def test_lo_ausente_queda(
        self, servicio: PrioridadService, repositorio: PrioridadRepository, reloj: Reloj
    ) -> None:
        antes = await repositorio.insert(prioridad())
        reloj.avanzar(days=1)
        despues = await servicio.cambiar("movilidad", PrioridadUpdate(activa=False))
        assert despues == antes.model_copy(update={"activa": False, "actualizado_en": reloj.instante})

    async def test_el_efecto_se_funde(self, servicio: PrioridadService, repositorio: PrioridadRepository) -> None:
        await repositorio.insert(prioridad(efecto={"nivel": 2, "boletas": 3}))
        cambio = PrioridadUpdate.model_validate({"efecto": {"nivel": None, "no_mejor_que": 1}})
        efecto = (await servicio.cambiar("movilidad", cambio)).efecto
        assert efecto.model_dump() == {"nivel": None, "no_mejor_que": 1, "boletas": 3, "por_unidad": None}

    @pytest.mark.parametrize(
        ("cambio", "error"),
        [
            ({"efecto": {"boletas": None}}, ("efecto", "efecto_vacio")),
            ({"efecto": {"nivel": 1, "boletas": None}}, ("efecto.boletas", "requerido")),
        ],
    )
    async def test_lo_nuevo_con_lo_que_queda(
        self,
        servicio: PrioridadService,
        repositorio: PrioridadRepository,
        cambio: dict[str, Any],
        error: tuple[str, str],
    ) -> None:
        antes = await repositorio.insert(prioridad(condiciones=[PERDIDOS], efecto=POR_UNIDAD))
        assert await errores(servicio.cambiar("movilidad", PrioridadUpdate.model_validate(cambio))) == [error]
        assert await servicio.ver("movilidad") == antes


@pytest.mark.usefixtures("base_simulada")
class TestBuscar:
    async def test_activas_y_por_codigos(self, repositorio: PrioridadRepository) -> None:
        await repositorio.insert_many([prioridad(codigo=c, activa=c != "bb") for c in ("cc", "bb", "aa")])
        assert [p.codigo for p in await repositorio.activas()] == ["aa", "cc"]
        assert [p.codigo for p in await repositorio.por_codigos(["bb", "aa", "zz"])] == ["aa", "bb"]
