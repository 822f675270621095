"""What rules make of facts: tables of cases, and what no order of rules may change."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from beanie import PydanticObjectId
from hypothesis import given, settings
from hypothesis import strategies as st

from app.modules.sorteo.prioridades.evaluacion import (
    MAX_BOLETAS,
    NIVEL_SIN_REGLA,
    Evaluacion,
    Hechos,
    Suerte,
    evaluar,
    meses_cumplidos,
    perdidos_seguidos,
)
from app.modules.sorteo.prioridades.models import Condicion, Efecto, Regla

HECHOS = Hechos(
    condiciones=frozenset({"movilidad_reducida"}),
    tenencia="propietario",
    torre="Torre A",
    antiguedad_meses=24,
    sorteos_perdidos=3,
    sanciones_vigentes=2,
    tuvo_espacio_anterior=False,
    al_dia=True,
    tipo_vehiculo="carro_electrico",
    electrico=True,
)
DESCONOCIDOS = replace(HECHOS, tenencia=None, torre=None, antiguedad_meses=None)
SORTEOS = [PydanticObjectId(f"64b00000000000000000000{n}") for n in range(6)]
PUBLICADOS = {s: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(days=30 * n) for n, s in enumerate(SORTEOS)}


def regla(*condiciones: tuple[str, str, Any], codigo: str = "r", **efecto: Any) -> Regla:
    return Regla(
        codigo=codigo,
        descripcion="Regla",
        condiciones=tuple(
            Condicion.model_validate(dict(zip(Condicion.model_fields, c, strict=True))) for c in condiciones
        ),
        efecto=Efecto(**efecto),
    )


SIEMPRE = ("al_dia", "igual", True)


class TestCondiciones:
    @pytest.mark.parametrize(
        ("condicion", "se_cumple"),
        [
            (("condicion", "igual", "movilidad_reducida"), True),
            (("condicion", "igual", "adulto_mayor"), False),
            (("condicion", "distinto", "movilidad_reducida"), False),
            (("condicion", "distinto", "adulto_mayor"), True),
            (("tenencia", "igual", "propietario"), True),
            (("tenencia", "igual", "arrendatario"), False),
            (("tenencia", "distinto", "arrendatario"), True),
            (("tenencia", "distinto", "propietario"), False),
            (("torre", "igual", "Torre A"), True),
            (("torre", "igual", " TORRE  a "), True),
            (("torre", "igual", "B"), False),
            (("torre", "distinto", "B"), True),
            (("torre", "distinto", "torre a"), False),
            (("antiguedad_meses", "mayor_igual", 24), True),
            (("antiguedad_meses", "mayor_igual", 25), False),
            (("antiguedad_meses", "menor_igual", 24), True),
            (("antiguedad_meses", "menor_igual", 23), False),
            (("antiguedad_meses", "igual", 24), True),
            (("antiguedad_meses", "distinto", 24), False),
            (("sorteos_perdidos", "mayor_igual", 3), True),
            (("sorteos_perdidos", "menor_igual", 2), False),
            (("tuvo_espacio_anterior", "igual", False), True),
            (("tuvo_espacio_anterior", "distinto", False), False),
            (("al_dia", "igual", True), True),
            (("al_dia", "igual", False), False),
            (("electrico", "distinto", False), True),
            (("tipo_vehiculo", "igual", "carro_electrico"), True),
            (("tipo_vehiculo", "igual", "carro"), False),
            (("tipo_vehiculo", "distinto", "carro"), True),
        ],
    )
    def test_con_todo_sabido(self, condicion: tuple[str, str, Any], se_cumple: bool) -> None:
        assert evaluar([regla(condicion, nivel=1)], HECHOS).reglas == (("r",) if se_cumple else ())

    @pytest.mark.parametrize(
        ("condicion", "se_cumple"),
        [
            (("tenencia", "igual", "propietario"), False),
            (("tenencia", "distinto", "propietario"), False),
            (("torre", "igual", "Torre A"), False),
            (("torre", "distinto", "Torre A"), True),
            (("antiguedad_meses", "igual", 0), False),
            (("antiguedad_meses", "distinto", 0), False),
            (("antiguedad_meses", "mayor_igual", 0), False),
            (("antiguedad_meses", "menor_igual", 1200), False),
        ],
    )
    def test_con_lo_que_no_se_sabe(self, condicion: tuple[str, str, Any], se_cumple: bool) -> None:
        assert evaluar([regla(condicion, nivel=1)], DESCONOCIDOS).reglas == (("r",) if se_cumple else ())

    def test_todas_a_la_vez(self) -> None:
        cumple, no_cumple = SIEMPRE, ("electrico", "igual", False)
        assert evaluar([regla(cumple, no_cumple, nivel=1)], HECHOS) == Evaluacion(NIVEL_SIN_REGLA, 1, ())
        assert evaluar([regla(cumple, cumple, nivel=1)], HECHOS) == Evaluacion(1, 1, ("r",))


class TestEvaluar:
    @pytest.mark.parametrize(
        ("efectos", "nivel", "boletas"),
        [
            ([], 5, 1),
            ([{"nivel": 3}, {"nivel": 1}, {"nivel": 7}], 1, 1),
            ([{"nivel": 7}], 7, 1),
            ([{"nivel": 0}], 0, 1),
            ([{"no_mejor_que": 3}], 5, 1),
            ([{"no_mejor_que": 8}], 8, 1),
            ([{"nivel": 0}, {"no_mejor_que": 3}, {"no_mejor_que": 6}], 6, 1),
            ([{"nivel": 7}, {"no_mejor_que": 6}], 7, 1),
            ([{"nivel": 2, "no_mejor_que": 4}], 4, 1),
            ([{"no_mejor_que": 0}], 5, 1),
            ([{"boletas": 2}, {"boletas": 3}], 5, 6),
            ([{"boletas": 98}], 5, 99),
            ([{"boletas": 99}], 5, 100),
            ([{"boletas": 99}, {"boletas": 1}], 5, 100),
        ],
    )
    def test_efectos_juntos(self, efectos: list[dict[str, Any]], nivel: int, boletas: int) -> None:
        hecha = evaluar([regla(SIEMPRE, **efecto) for efecto in efectos], HECHOS)
        assert (hecha.nivel, hecha.boletas) == (nivel, boletas)

    def test_lo_que_no_se_cumple_no_cuenta(self) -> None:
        ajena = regla(("al_dia", "igual", False), codigo="ajena", nivel=0, no_mejor_que=9, boletas=50)
        propia = regla(SIEMPRE, codigo="propia", nivel=4, boletas=1)
        assert evaluar([ajena, propia], HECHOS) == Evaluacion(4, 2, ("propia",))

    @pytest.mark.parametrize(("perdidos", "boletas"), [(0, 1), (1, 3), (3, 7), (49, 99), (50, 100), (1000, 100)])
    def test_por_unidad(self, perdidos: int, boletas: int) -> None:
        hechos = replace(HECHOS, sorteos_perdidos=perdidos)
        por_cada = regla(SIEMPRE, ("sorteos_perdidos", "mayor_igual", 0), boletas=2, por_unidad="sorteos_perdidos")
        assert evaluar([por_cada], hechos).boletas == boletas

    def test_por_unidad_del_campo_de_la_regla(self) -> None:
        entre = (("antiguedad_meses", "mayor_igual", 12), ("antiguedad_meses", "menor_igual", 60))
        assert evaluar([regla(*entre, boletas=1, por_unidad="antiguedad_meses")], HECHOS).boletas == 25
        assert evaluar([regla(*entre, boletas=1, por_unidad="antiguedad_meses")], DESCONOCIDOS).boletas == 1

    def test_las_reglas_van_en_el_orden_dado(self) -> None:
        reglas = [regla(SIEMPRE, codigo=c, nivel=1) for c in ("b", "a", "c")]
        assert evaluar(reglas, HECHOS).reglas == ("b", "a", "c")


repetible = settings(derandomize=True, deadline=None, database=None)
efectos = st.builds(
    Efecto,
    nivel=st.none() | st.integers(0, 9),
    no_mejor_que=st.none() | st.integers(0, 9),
    boletas=st.none() | st.integers(1, 99),
    por_unidad=st.sampled_from([None, "antiguedad_meses", "sorteos_perdidos", "sanciones_vigentes"]),
)
condiciones_de_numero = st.builds(
    Condicion,
    campo=st.just("sorteos_perdidos"),
    operador=st.sampled_from(["igual", "distinto", "mayor_igual", "menor_igual"]),
    valor=st.integers(0, 5),
)
reglas_cualesquiera = st.lists(
    st.builds(
        Regla,
        codigo=st.sampled_from("abcdef"),
        descripcion=st.just("Regla"),
        condiciones=st.tuples(condiciones_de_numero),
        efecto=efectos,
    ),
    max_size=8,
)


class TestPropiedades:
    @repetible
    @given(reglas=reglas_cualesquiera, perdidos=st.integers(0, 2000), datos=st.data())
    def test_el_orden_no_cambia_nivel_ni_boletas(
        self, reglas: list[Regla], perdidos: int, datos: st.DataObject
    ) -> None:
        hechos = replace(HECHOS, sorteos_perdidos=perdidos)
        una, otra = evaluar(reglas, hechos), evaluar(datos.draw(st.permutations(reglas)), hechos)
        assert (una.nivel, una.boletas, sorted(una.reglas)) == (otra.nivel, otra.boletas, sorted(otra.reglas))

    @repetible
    @given(reglas=reglas_cualesquiera, perdidos=st.integers(0, 2000))
    def test_limites(self, reglas: list[Regla], perdidos: int) -> None:
        hecha = evaluar(reglas, replace(HECHOS, sorteos_perdidos=perdidos))
        assert 0 <= hecha.nivel <= 9
        assert 1 <= hecha.boletas <= MAX_BOLETAS


class TestMesesCumplidos:
    @pytest.mark.parametrize(
        ("desde", "hasta", "meses"),
        [
            (date(2026, 3, 2), date(2026, 3, 2), 0),
            (date(2026, 3, 2), date(2026, 4, 1), 0),
            (date(2026, 3, 2), date(2026, 4, 2), 1),
            (date(2025, 12, 15), date(2026, 1, 15), 1),
            (date(2021, 5, 1), date(2026, 4, 30), 59),
            (date(2021, 5, 1), date(2026, 5, 1), 60),
            (date(2026, 1, 31), date(2026, 2, 27), 0),
            (date(2026, 1, 31), date(2026, 2, 28), 1),
            (date(2024, 1, 31), date(2024, 2, 28), 0),
            (date(2024, 1, 31), date(2024, 2, 29), 1),
            (date(2026, 1, 31), date(2026, 3, 30), 1),
            (date(2026, 1, 31), date(2026, 3, 31), 2),
            (date(2024, 2, 29), date(2025, 2, 28), 12),
            (date(2024, 2, 29), date(2025, 3, 28), 12),
            (date(2026, 3, 2), date(2026, 3, 1), 0),
            (date(2030, 1, 1), date(2026, 1, 1), 0),
        ],
    )
    def test_casos(self, desde: date, hasta: date, meses: int) -> None:
        assert meses_cumplidos(desde, hasta) == meses

    @repetible
    @given(desde=st.dates(), dias=st.integers(0, 2000))
    def test_nunca_baja_con_el_tiempo(self, desde: date, dias: int) -> None:
        antes = min(desde, date(9000, 1, 1))
        despues = antes + timedelta(days=dias)
        assert 0 <= meses_cumplidos(antes, despues) <= meses_cumplidos(antes, despues + timedelta(days=1))


class TestPerdidosSeguidos:
    @pytest.mark.parametrize(
        ("historia", "previos", "perdidos"),
        [
            ([], 0, 0),
            ([], 4, 4),
            ([(0, False)], 0, 1),
            ([(0, False), (1, False), (2, False)], 2, 5),
            ([(0, True)], 4, 0),
            ([(0, True), (1, False), (2, False)], 4, 2),
            ([(0, False), (1, True), (2, False)], 4, 1),
            ([(0, False), (1, False), (2, True)], 4, 0),
            ([(0, False), (3, False)], 1, 3),  # absent from 1 and 2: the row goes on
            ([(2, False), (0, True), (1, False)], 0, 2),  # in whatever order
            ([(1, False), (1, False)], 0, 1),  # two requests in one draw: lost once
            ([(0, False), (1, False), (1, True), (2, False)], 4, 1),  # one of two was offered: not lost
            ([(0, False), (1, True), (1, False), (2, False)], 4, 1),
        ],
    )
    def test_casos(self, historia: list[tuple[int, bool]], previos: int, perdidos: int) -> None:
        suertes = [Suerte(SORTEOS[sorteo], ofrecida) for sorteo, ofrecida in historia]
        assert perdidos_seguidos(suertes, PUBLICADOS, previos) == perdidos

    def test_cuenta_la_publicacion_y_no_el_id(self) -> None:
        orden = {SORTEOS[0]: PUBLICADOS[SORTEOS[5]], SORTEOS[1]: PUBLICADOS[SORTEOS[0]]}
        historia = [Suerte(SORTEOS[0], False), Suerte(SORTEOS[1], True)]
        assert perdidos_seguidos(historia, orden, 0) == 1

    def test_lo_que_no_se_publico_no_cuenta_ni_interrumpe(self) -> None:
        orden = {SORTEOS[0]: PUBLICADOS[SORTEOS[0]], SORTEOS[2]: PUBLICADOS[SORTEOS[2]]}
        historia = [Suerte(SORTEOS[0], False), Suerte(SORTEOS[1], True), Suerte(SORTEOS[2], False)]
        assert perdidos_seguidos(historia, orden, 1) == 3
