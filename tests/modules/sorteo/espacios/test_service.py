"""The rules of spaces, where no server is needed."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from app.core.clock import ahora
from app.core.security import Rol
from app.database.unit_of_work import UnitOfWork
from app.modules.sorteo.espacios.repository import EspacioRepository
from app.modules.sorteo.espacios.schemas import EspacioCreate, EspacioUpdate
from app.modules.sorteo.espacios.service import EspacioService
from app.modules.sorteo.exceptions import EspacioConTitular, EspacioEnSorteo, EspacioOcupado
from app.shared.exceptions import EntradaInvalida, NoEncontrado, RolInsuficiente
from tests.autenticador import principal
from tests.conftest import Reloj
from tests.modules.sorteo.dobles import FakeOfertas
from tests.modules.sorteo.espacios.conftest import DESDE, HASTA, UNIDAD, espacio, ocupacion, titular

ADMIN, OPERADOR = principal(Rol.admin), principal(Rol.operador)


@pytest.fixture
def servicio(base_simulada: UnitOfWork, servicio_con: Callable[[UnitOfWork], EspacioService]) -> EspacioService:
    return servicio_con(base_simulada)


def derecho(**cambios: Any) -> dict[str, Any]:
    return {"unidad_id": str(UNIDAD), "motivo": "Escritura", "desde": "2026-07-01", "hasta": "2026-12-31", **cambios}


def campos(error: EntradaInvalida) -> list[tuple[str, str]]:
    return [(e.campo, e.codigo) for e in error.errores]


class TestCrear:
    @pytest.mark.parametrize("valor", [derecho(), None])
    async def test_operador_no_nombra_titular(self, servicio: EspacioService, valor: object) -> None:
        datos = EspacioCreate.model_validate({"codigo": "A-01", "tipo": "carro", "titular": valor})
        with pytest.raises(RolInsuficiente):
            await servicio.crear(datos, quien=OPERADOR)

    @pytest.mark.parametrize(
        ("cambios", "donde"),
        [
            ({"desde": "2027-01-01"}, ("titular", "fechas_al_reves")),
            ({"unidad_id": "64b0000000000000000000ff"}, ("titular.unidad_id", "no_existe")),
        ],
    )
    async def test_titular_imposible(
        self, servicio: EspacioService, cambios: dict[str, Any], donde: tuple[str, str]
    ) -> None:
        datos = EspacioCreate.model_validate({"codigo": "A-01", "tipo": "carro", "titular": derecho(**cambios)})
        with pytest.raises(EntradaInvalida) as error:
            await servicio.crear(datos, quien=ADMIN)
        assert campos(error.value) == [donde]

    async def test_por_omision(self, servicio: EspacioService, reloj: Reloj) -> None:
        hecho = await servicio.crear(EspacioCreate(codigo="A-01", tipo="carro"), quien=OPERADOR)
        assert hecho == espacio(id=hecho.id, creado_en=reloj.instante, actualizado_en=reloj.instante)
        assert await servicio.ver("A-01") == hecho

    async def test_con_titular(self, servicio: EspacioService) -> None:
        datos = EspacioCreate.model_validate({"codigo": "A-01", "tipo": "carro", "titular": derecho()})
        assert (await servicio.crear(datos, quien=ADMIN)).titular == titular()


class TestCambiar:
    @pytest.mark.parametrize("valor", [{"motivo": "Otro"}, None])
    async def test_operador_no_toca_titular(self, servicio: EspacioService, valor: object) -> None:
        with pytest.raises(RolInsuficiente):
            await servicio.cambiar("A-01", EspacioUpdate.model_validate({"titular": valor}), quien=OPERADOR)

    async def test_no_existe(self, servicio: EspacioService) -> None:
        with pytest.raises(NoEncontrado):
            await servicio.cambiar("A-01", EspacioUpdate(activo=False), quien=OPERADOR)

    @pytest.mark.parametrize(
        "cambio",
        [
            {"zona": "Sótano 2"},
            {"tipo": "moto"},
            {"reserva": None},
            {"uso": "servicio"},
            {"activo": False},
            {"titular": None},
        ],
    )
    async def test_nada_cambia_en_un_sorteo(
        self, servicio: EspacioService, repositorio: EspacioRepository, cambio: dict[str, Any]
    ) -> None:
        antes = await repositorio.insert(
            espacio(ocupaciones=[ocupacion("asignacion"), ocupacion("sorteo", desde=date(2030, 1, 1))])
        )
        with pytest.raises(EspacioEnSorteo):
            await servicio.cambiar("A-01", EspacioUpdate.model_validate(cambio), quien=ADMIN)
        assert await servicio.ver("A-01") == antes

    @pytest.mark.parametrize(
        ("antes", "despues"),
        [
            ({"activo": False}, {"activo": True}),
            ({"uso": "visitantes"}, {"uso": "residentes"}),
            ({"titular": titular()}, {"titular": None}),
        ],
    )
    async def test_de_nuevo_en_uso_se_ofrece(
        self,
        servicio: EspacioService,
        repositorio: EspacioRepository,
        ofertas: FakeOfertas,
        antes: dict[str, Any],
        despues: dict[str, Any],
    ) -> None:
        """Withdrawn and put back, it is not free for another draw while somebody waits for it."""
        await repositorio.insert(espacio(**antes))
        await servicio.cambiar("A-01", EspacioUpdate(zona="Sótano 2"), quien=ADMIN)
        assert ofertas.codigos == []
        await servicio.cambiar("A-01", EspacioUpdate.model_validate(despues), quien=ADMIN)
        assert ofertas.codigos == ["A-01"]
        await servicio.cambiar("A-01", EspacioUpdate(activo=False), quien=ADMIN)
        assert ofertas.codigos == ["A-01"]

    async def test_de_quien_era_por_derecho(
        self, servicio: EspacioService, repositorio: EspacioRepository, ofertas: FakeOfertas
    ) -> None:
        """What stood in the way of their requests may be gone: they are judged in the same transaction."""
        await repositorio.insert(espacio(titular=titular()))
        await servicio.cambiar("A-01", EspacioUpdate(zona="Sótano 2"), quien=ADMIN)
        assert ofertas.unidades == []
        await servicio.cambiar("A-01", EspacioUpdate(titular=None), quien=ADMIN)
        assert ofertas.unidades == [titular().unidad_id]

    @pytest.mark.parametrize(
        "cambio", [{"tipo": "moto"}, {"reserva": "movilidad"}, {"uso": "servicio"}, {"activo": False}]
    )
    async def test_asignado_si_cambia(
        self, servicio: EspacioService, repositorio: EspacioRepository, cambio: dict[str, Any]
    ) -> None:
        await repositorio.insert(espacio(ocupaciones=[ocupacion("asignacion")], sorteado=True))
        despues = await servicio.cambiar("A-01", EspacioUpdate.model_validate(cambio), quien=OPERADOR)
        assert despues.model_dump().items() >= cambio.items()
        assert despues.ocupaciones

    async def test_lo_ausente_queda_y_lo_nulo_se_quita(
        self, servicio: EspacioService, repositorio: EspacioRepository, reloj: Reloj
    ) -> None:
        antes = await repositorio.insert(espacio(zona="Sótano", reserva="movilidad", titular=titular()))
        reloj.avanzar(days=1)
        despues = await servicio.cambiar("A-01", EspacioUpdate(zona=None), quien=OPERADOR)
        assert despues == antes.model_copy(update={"zona": None, "actualizado_en": ahora()})
        sin = await servicio.cambiar("A-01", EspacioUpdate(titular=None), quien=ADMIN)
        assert sin.titular is None
        assert sin.reserva == "movilidad"

    async def test_titular_se_funde_con_el_que_habia(
        self, servicio: EspacioService, repositorio: EspacioRepository
    ) -> None:
        await repositorio.insert(espacio(titular=titular()))
        cambio = EspacioUpdate.model_validate({"titular": {"hasta": "2027-12-31"}})
        assert (await servicio.cambiar("A-01", cambio, quien=ADMIN)).titular == titular(DESDE, date(2027, 12, 31))
        sin_fin = EspacioUpdate.model_validate({"titular": {"hasta": None}})
        assert (await servicio.cambiar("A-01", sin_fin, quien=ADMIN)).titular == titular(DESDE, None)
        assert (await servicio.ver("A-01")).titular == titular(DESDE, None)

    @pytest.mark.parametrize(
        ("habia", "cambio", "errores"),
        [
            (False, {"hasta": "2027-12-31"}, [("titular.unidad_id", "requerido")]),
            (True, {"hasta": "2026-06-30"}, [("titular", "fechas_al_reves")]),
            (True, {"unidad_id": "64b0000000000000000000ff"}, [("titular.unidad_id", "no_existe")]),
        ],
    )
    async def test_titular_imposible(
        self,
        servicio: EspacioService,
        repositorio: EspacioRepository,
        habia: bool,
        cambio: dict[str, Any],
        errores: list[tuple[str, str]],
    ) -> None:
        antes = await repositorio.insert(espacio(titular=titular() if habia else None))
        with pytest.raises(EntradaInvalida) as error:
            await servicio.cambiar("A-01", EspacioUpdate.model_validate({"titular": cambio}), quien=ADMIN)
        assert campos(error.value)[:1] == errores
        assert await servicio.ver("A-01") == antes

    @pytest.mark.parametrize(
        ("desde", "hasta", "cabe"),
        [
            (DESDE, HASTA, False),
            (HASTA, None, False),
            (date(2020, 1, 1), None, False),
            (date(2020, 1, 1), DESDE, False),
            (date(2020, 1, 1), DESDE - timedelta(days=1), True),
            (HASTA + timedelta(days=1), None, True),
        ],
    )
    async def test_titular_no_quita_el_espacio_a_nadie(
        self, servicio: EspacioService, repositorio: EspacioRepository, desde: date, hasta: date | None, cabe: bool
    ) -> None:
        await repositorio.insert(espacio(ocupaciones=[ocupacion("solicitud")]))
        dias = derecho(desde=desde.isoformat(), hasta=hasta and hasta.isoformat())
        cambio = EspacioUpdate.model_validate({"titular": dias})
        if cabe:
            assert (await servicio.cambiar("A-01", cambio, quien=ADMIN)).titular == titular(desde, hasta)
        else:
            with pytest.raises(EspacioOcupado):
                await servicio.cambiar("A-01", cambio, quien=ADMIN)


class TestBorrar:
    async def test_no_existe(self, servicio: EspacioService) -> None:
        with pytest.raises(NoEncontrado):
            await servicio.borrar("A-01")

    @pytest.mark.parametrize(
        "campos",
        [
            {"sorteado": True},
            {"ocupaciones": [ocupacion("asignacion")]},
            {"ocupaciones": [ocupacion("sorteo")], "sorteado": True},
        ],
    )
    async def test_no_lo_que_se_sorteo(
        self, servicio: EspacioService, repositorio: EspacioRepository, campos: dict[str, Any]
    ) -> None:
        await repositorio.insert(espacio(**campos))
        with pytest.raises(EspacioEnSorteo):
            await servicio.borrar("A-01")
        await servicio.ver("A-01")

    async def test_no_lo_que_alguien_tiene_por_derecho(
        self, servicio: EspacioService, repositorio: EspacioRepository
    ) -> None:
        await repositorio.insert(espacio(titular=titular()))
        with pytest.raises(EspacioConTitular):
            await servicio.borrar("A-01")
        assert (await servicio.ver("A-01")).titular is not None

    async def test_lo_demas_si(self, servicio: EspacioService, repositorio: EspacioRepository) -> None:
        await repositorio.insert(espacio())
        await servicio.borrar("A-01")
        with pytest.raises(NoEncontrado):
            await servicio.ver("A-01")
