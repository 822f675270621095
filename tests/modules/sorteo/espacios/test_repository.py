"""The claims on spaces: each is one command that either finds the space free or changes nothing."""

import asyncio
from datetime import date
from typing import Any

import pytest
from beanie import PydanticObjectId

from app.database.unit_of_work import UnitOfWork
from app.modules.sorteo.espacios.models import Ocupacion, motivo_de
from app.modules.sorteo.espacios.repository import EspacioRepository
from app.modules.sorteo.exceptions import EspacioDuplicado
from app.shared.exceptions import Conflicto
from tests.modules.sorteo.espacios.conftest import DESDE, HASTA, espacio, ocupacion, titular

pytestmark = pytest.mark.usefixtures("base")
SORTEO = PydanticObjectId("64b0000000000000000000aa")
OTRO = PydanticObjectId("64b0000000000000000000bb")

NO_DISPONIBLES: list[tuple[str, dict[str, Any]]] = [
    ("inactivo", {"activo": False}),
    ("uso", {"uso": "visitantes"}),
    ("uso", {"uso": "servicio"}),
    ("titular", {"titular": titular()}),
    ("titular", {"titular": titular(date(2020, 1, 1), None)}),
    ("titular", {"titular": titular(date(2020, 1, 1), DESDE)}),
    ("titular", {"titular": titular(HASTA, None)}),
    ("asignado", {"ocupaciones": [ocupacion("asignacion")]}),
    ("asignado", {"ocupaciones": [ocupacion("solicitud", hasta=DESDE, desde=DESDE)]}),
    ("asignado", {"ocupaciones": [ocupacion("sorteo"), ocupacion("solicitud")]}),
    ("otro_sorteo", {"ocupaciones": [ocupacion("sorteo", desde=HASTA, hasta=date(2027, 6, 30))]}),
    ("otro_sorteo", {"ocupaciones": [ocupacion("sorteo", desde=date(2026, 1, 1), hasta=DESDE)]}),
]
DISPONIBLES: list[dict[str, Any]] = [
    {},
    {"titular": titular(date(2020, 1, 1), date(2026, 6, 30))},
    {"titular": titular(date(2027, 1, 1), None)},
    {"ocupaciones": [ocupacion("asignacion", desde=date(2026, 1, 1), hasta=date(2026, 6, 30))]},
    {
        "ocupaciones": [
            ocupacion("asignacion", desde=date(2026, 1, 1), hasta=date(2026, 6, 30)),
            ocupacion("sorteo", desde=date(2027, 1, 1), hasta=date(2027, 6, 30)),
        ]
    },
]


async def comprometer(repositorio: EspacioRepository, sorteo: PydanticObjectId = SORTEO, **cambios: Any) -> int:
    return await repositorio.comprometer(
        **{"sorteo_id": sorteo, "codigos": None, "desde": DESDE, "hasta": HASTA, **cambios}
    )


async def ocupaciones(repositorio: EspacioRepository, codigo: str = "A-01") -> list[Ocupacion]:
    guardado = await repositorio.get_by_codigo(codigo)
    assert guardado is not None
    return guardado.ocupaciones


class TestComprometer:
    @pytest.mark.parametrize(("_motivo", "campos"), NO_DISPONIBLES)
    async def test_deja_lo_que_no_esta_disponible(
        self, repositorio: EspacioRepository, _motivo: str, campos: dict[str, Any]
    ) -> None:
        antes = await repositorio.insert(espacio(**campos))
        assert await comprometer(repositorio) == 0
        assert await repositorio.get_by_codigo("A-01") == antes

    @pytest.mark.parametrize("campos", DISPONIBLES)
    async def test_toma_lo_disponible(self, repositorio: EspacioRepository, campos: dict[str, Any]) -> None:
        antes = await repositorio.insert(espacio(**campos))
        assert await comprometer(repositorio) == 1
        despues = await repositorio.get_by_codigo("A-01")
        assert despues is not None
        assert not despues.sorteado
        assert despues.ocupaciones == [*antes.ocupaciones, ocupacion("sorteo", SORTEO)]

    async def test_todos_o_los_nombrados(self, repositorio: EspacioRepository) -> None:
        await repositorio.insert_many([espacio(c) for c in ("A-01", "A-02", "A-03")])
        assert await comprometer(repositorio, codigos=[]) == 0
        assert await comprometer(repositorio, codigos=["A-02", "Z-99"]) == 1
        assert await comprometer(repositorio) == 2

    async def test_una_vez_por_sorteo(self, repositorio: EspacioRepository) -> None:
        await repositorio.insert(espacio())
        assert [await comprometer(repositorio), await comprometer(repositorio)] == [1, 0]
        assert await ocupaciones(repositorio) == [ocupacion("sorteo", SORTEO)]

    async def test_los_dias_se_guardan_como_texto(self, repositorio: EspacioRepository) -> None:
        await repositorio.insert(espacio())
        await comprometer(repositorio)
        crudo = await repositorio._coleccion.find_one({})
        assert crudo["ocupaciones"] == [{"tipo": "sorteo", "ref": SORTEO, "desde": "2026-07-01", "hasta": "2026-12-31"}]


class TestComprometidos:
    async def test_por_punto_de_codigo(self, repositorio: EspacioRepository) -> None:
        codigos = ["a-1", "B-1", "Ñ-1", "A-10", "A-2", "\U0001f6b2-1", "ﬀ-1"]
        await repositorio.insert_many([espacio(c) for c in codigos])
        await comprometer(repositorio)
        assert [e.codigo for e in await repositorio.comprometidos(sorteo_id=SORTEO)] == sorted(codigos)

    async def test_solo_los_suyos(self, repositorio: EspacioRepository) -> None:
        await repositorio.insert_many([espacio("A-01"), espacio("A-02")])
        await comprometer(repositorio, codigos=["A-01"])
        await comprometer(repositorio, OTRO)
        assert [e.codigo for e in await repositorio.comprometidos(sorteo_id=SORTEO)] == ["A-01"]


class TestMotivos:
    @pytest.mark.parametrize(("motivo", "campos"), NO_DISPONIBLES)
    def test_dice_por_que(self, motivo: str, campos: dict[str, Any]) -> None:
        assert motivo_de(espacio(**campos), DESDE, HASTA, None) == motivo

    @pytest.mark.parametrize(("codigo", "motivo"), [("A-01", "no_elegido"), ("A-02", "inactivo")])
    def test_no_elegido_va_primero(self, codigo: str, motivo: str) -> None:
        assert motivo_de(espacio(codigo, activo=False), DESDE, HASTA, frozenset({"A-02"})) == motivo

    def test_libre_despues_de_comprometer(self) -> None:
        assert motivo_de(espacio(), DESDE, HASTA, None) == "no_elegido"


class TestSoltar:
    async def test_todas_las_de_quien_suelta(self, repositorio: EspacioRepository) -> None:
        ajena = ocupacion(desde=date(2026, 1, 1), hasta=date(2026, 6, 30))
        await repositorio.insert_many([espacio("A-01", ocupaciones=[ajena]), espacio("A-02"), espacio("A-03")])
        await comprometer(repositorio)
        assert await repositorio.soltar(ref=SORTEO, codigos=["A-03", "Z-99"]) == 1
        assert await repositorio.soltar(ref=SORTEO) == 2
        assert await repositorio.soltar(ref=SORTEO) == 0
        assert await ocupaciones(repositorio) == [ajena]

    async def test_sigue_sorteado(self, repositorio: EspacioRepository) -> None:
        await repositorio.insert(espacio())
        await comprometer(repositorio)
        await repositorio.marcar_sorteados(SORTEO)
        await repositorio.soltar(ref=SORTEO)
        guardado = await repositorio.get_by_codigo("A-01")
        assert guardado is not None
        assert guardado.sorteado
        assert await comprometer(repositorio, OTRO) == 1


class TestTraspasar:
    async def test_cambia_de_dueno_y_no_de_dias(self, repositorio: EspacioRepository) -> None:
        otra = ocupacion(desde=date(2026, 1, 1), hasta=date(2026, 6, 30))
        suya = ocupacion("sorteo", SORTEO)
        await repositorio.insert_many([espacio("A-01", ocupaciones=[otra, suya]), espacio("A-02", ocupaciones=[suya])])
        assert await repositorio.traspasar(de=SORTEO, a=OTRO, tipo="solicitud", codigo="A-01")
        assert await ocupaciones(repositorio) == [otra, ocupacion("solicitud", OTRO)]
        assert await ocupaciones(repositorio, "A-02") == [suya]

    async def test_solo_si_la_tiene(self, repositorio: EspacioRepository) -> None:
        await repositorio.insert(espacio(ocupaciones=[ocupacion("sorteo", SORTEO)]))
        assert not await repositorio.traspasar(de=OTRO, a=SORTEO, tipo="solicitud", codigo="A-01")
        assert not await repositorio.traspasar(de=SORTEO, a=OTRO, tipo="solicitud", codigo="Z-99")
        assert await ocupaciones(repositorio) == [ocupacion("sorteo", SORTEO)]


class TestOcupar:
    async def test_lo_libre(self, repositorio: EspacioRepository) -> None:
        await repositorio.insert(espacio(uso="visitantes"))
        assert await repositorio.ocupar(codigo="A-01", tipo="asignacion", ref=SORTEO, desde=DESDE, hasta=HASTA)
        assert await ocupaciones(repositorio) == [ocupacion("asignacion", SORTEO)]

    @pytest.mark.parametrize(("motivo", "campos"), NO_DISPONIBLES)
    async def test_nada_mas(self, repositorio: EspacioRepository, motivo: str, campos: dict[str, Any]) -> None:
        if motivo == "uso":
            return
        antes = await repositorio.insert(espacio(**campos))
        assert not await repositorio.ocupar(codigo="A-01", tipo="asignacion", ref=SORTEO, desde=DESDE, hasta=HASTA)
        assert await ocupaciones(repositorio) == antes.ocupaciones


class TestAcortar:
    @pytest.mark.parametrize(
        ("hasta", "quedan"),
        [
            (date(2026, 9, 30), date(2026, 9, 30)),
            (DESDE, DESDE),
            (HASTA, HASTA),
            (date(2027, 1, 1), None),
            (date(2026, 6, 30), None),
        ],
    )
    async def test_dentro_de_sus_dias(self, repositorio: EspacioRepository, hasta: date, quedan: date | None) -> None:
        otra = ocupacion(desde=date(2026, 1, 1), hasta=date(2026, 6, 30))
        await repositorio.insert(espacio(ocupaciones=[otra, ocupacion("asignacion", SORTEO)]))
        assert await repositorio.acortar(ref=SORTEO, codigo="A-01", hasta=hasta) is (quedan is not None)
        assert await ocupaciones(repositorio) == [otra, ocupacion("asignacion", SORTEO, hasta=quedan or HASTA)]

    async def test_solo_si_la_tiene(self, repositorio: EspacioRepository) -> None:
        await repositorio.insert(espacio(ocupaciones=[ocupacion("asignacion", SORTEO)]))
        assert not await repositorio.acortar(ref=OTRO, codigo="A-01", hasta=DESDE)


@pytest.mark.parametrize("base", ["base_real"], indirect=True)
class TestCarreras:
    async def test_dos_sorteos_a_la_vez(self, repositorio: EspacioRepository) -> None:
        await repositorio.insert_many([espacio(f"A-{n:02}") for n in range(40)])
        tomados = await asyncio.gather(
            comprometer(repositorio), comprometer(repositorio, OTRO, desde=HASTA, hasta=date(2027, 6, 30))
        )
        assert sum(tomados) == 40
        for uno in await repositorio.find({}):
            assert len(uno.ocupaciones) == 1

    async def test_dos_aperturas_a_la_vez(self, repositorio: EspacioRepository, base: UnitOfWork) -> None:
        """In transactions, as draws open: one has all it asked for, the other nothing."""
        await repositorio.insert_many([espacio(f"A-{n:02}") for n in range(20)])
        codigos = [f"A-{n:02}" for n in range(20)]

        async def abrir(sorteo: PydanticObjectId) -> None:
            async def fn() -> None:
                if await comprometer(repositorio, sorteo, codigos=codigos) != len(codigos):
                    raise Conflicto()

            await base.run(fn)

        resultados = await asyncio.gather(abrir(SORTEO), abrir(OTRO), return_exceptions=True)
        assert sorted(type(r).__name__ for r in resultados) == ["Conflicto", "NoneType"]
        ganador = SORTEO if resultados[0] is None else OTRO
        assert {o.ref for e in await repositorio.find({}) for o in e.ocupaciones} == {ganador}

    async def test_muchos_quieren_el_mismo(self, repositorio: EspacioRepository) -> None:
        await repositorio.insert(espacio())
        exitos = await asyncio.gather(
            *(
                repositorio.ocupar(
                    codigo="A-01", tipo="solicitud", ref=PydanticObjectId(), desde=DESDE, hasta=date(2026, 8, n)
                )
                for n in range(1, 13)
            )
        )
        assert exitos.count(True) == 1
        assert len(await ocupaciones(repositorio)) == 1

    async def test_un_solo_traspaso(self, repositorio: EspacioRepository) -> None:
        await repositorio.insert(espacio(ocupaciones=[ocupacion("sorteo", SORTEO)]))
        nuevos = [PydanticObjectId() for _ in range(8)]
        exitos = await asyncio.gather(
            *(repositorio.traspasar(de=SORTEO, a=a, tipo="solicitud", codigo="A-01") for a in nuevos)
        )
        assert exitos.count(True) == 1
        assert await ocupaciones(repositorio) == [ocupacion("solicitud", nuevos[exitos.index(True)])]

    @pytest.mark.parametrize("otro", ["a-01", "Ａ-０１"])
    async def test_el_mismo_sin_mayusculas_ni_letras_de_otro_ancho(
        self, repositorio: EspacioRepository, otro: str
    ) -> None:
        await repositorio.insert(espacio())
        with pytest.raises(EspacioDuplicado):
            await repositorio.insert(espacio(codigo=otro))

    async def test_un_codigo_una_vez(self, repositorio: EspacioRepository) -> None:
        hechos = await asyncio.gather(*(repositorio.insert(espacio()) for _ in range(4)), return_exceptions=True)
        assert [type(h) for h in hechos].count(EspacioDuplicado) == 3
