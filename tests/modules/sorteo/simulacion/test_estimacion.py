"""From counts to chances: bounds, groups, and words."""

import random

import pytest
from beanie import PydanticObjectId

from app.modules.sorteo.motor import Participante
from app.modules.sorteo.simulacion.estimacion import Ensayado, en_palabras, escribir_csv, estimar, lado, por_solicitud
from app.shared.messages import Idioma, mensaje


def quien(id: int, nivel: int = 5, condiciones: tuple[str, ...] = ()) -> Participante:
    return Participante(str(id), nivel, 1, ("carro",), condiciones, ())


class TestIntervalo:
    @pytest.mark.parametrize(
        ("ganadas", "repeticiones", "intervalo"),
        [
            (0, 10, (0, 0, 0.277533)),
            (10, 10, (1, 0.722467, 1)),
            (5, 10, (0.5, 0.236593, 0.763407)),
            (81, 263, (0.307985, 0.255272, 0.366185)),  # the example of Newcombe (1998), table I
        ],
    )
    def test_of_wilson(self, ganadas: int, repeticiones: int, intervalo: tuple[float, ...]) -> None:
        estimada = estimar(ganadas, repeticiones)
        vista = (estimada.probabilidad, estimada.minimo, estimada.maximo)
        assert vista == pytest.approx(intervalo, abs=2e-4)

    @pytest.mark.parametrize("p", [0.02, 0.3, 0.9])
    def test_holds_the_truth_as_often_as_it_says(self, p: float) -> None:
        azar, n = random.Random(7), 400  # noqa: S311 - the same each time
        dentro = 0
        for _ in range(2000):
            estimada = estimar(sum(azar.random() < p for _ in range(n)), n)
            dentro += estimada.minimo <= p <= estimada.maximo
        assert 0.93 <= dentro / 2000 <= 0.98


class TestGrupos:
    def test_by_level_condition_and_kind(self) -> None:
        participantes = [quien(1, 1, ("embarazo",)), quien(2, 1), quien(3, 9, ("cuidador", "embarazo"))]
        visto = lado(participantes, ["carro", "moto", "carro"], [10, 6, 2], 20)
        assert visto.probabilidad == pytest.approx(0.3)

        def de(nombre: str) -> dict[str, tuple[int, float]]:
            return {g.clave: (g.solicitudes, g.probabilidad) for g in getattr(visto, nombre)}

        assert de("por_nivel") == {"1": (2, 0.4), "9": (1, 0.1)}
        assert de("por_condicion") == {"cuidador": (1, 0.1), "embarazo": (2, 0.3)}
        assert de("por_clase") == {"carro": (2, 0.3), "moto": (1, 0.3)}

    def test_of_nobody(self) -> None:
        visto = lado([], [], [], 20)
        assert (visto.probabilidad, visto.por_nivel, visto.por_clase) == (0, [], [])


class TestPorSolicitud:
    def test_by_folio_with_and_without_other_rules(self) -> None:
        ensayados = [Ensayado(PydanticObjectId(), "carro", quien(id), quien(id, 2)) for id in (10, 9)]
        filas = por_solicitud(ensayados, [[1, 2], [4, 3]], 4)
        assert [(f.folio, f.actual.probabilidad, f.otra and f.otra.probabilidad) for f in filas] == [
            (9, 0.5, 0.75),
            (10, 0.25, 1.0),
        ]
        (primera, *_) = por_solicitud(ensayados, [[1, 2]], 4)
        assert primera.otra is None
        lineas = escribir_csv(filas).decode().splitlines()
        assert lineas[0] == "folio,nivel,boletas,probabilidad,minimo,maximo,otra,otra_minimo,otra_maximo"
        assert lineas[1].startswith("9,5,1,0.5,0.150039,0.849961,0.75,")
        assert escribir_csv([primera]).decode().splitlines()[1].endswith(",,,")


@pytest.mark.parametrize(
    ("p", "es", "en"),
    [
        (1.0, "Casi seguro.", "Almost certain."),
        (0.951, "Casi seguro.", "Almost certain."),
        (0.94, "Cerca de 9 de cada 10.", "About 9 in 10."),
        (0.5, "Cerca de 1 de cada 2.", "About 1 in 2."),
        (0.335, "Cerca de 1 de cada 3.", "About 1 in 3."),
        (0.66, "Cerca de 2 de cada 3.", "About 2 in 3."),
        (0.012, "Cerca de 1 de cada 83.", "About 1 in 83."),
        (0.0009, "Menos de 1 de cada 1000.", "Less than 1 in 1000."),
        (0.0, "Menos de 1 de cada 1000.", "Less than 1 in 1000."),
    ],
)
def test_in_words(p: float, es: str, en: str) -> None:
    nombre, datos = en_palabras(p)
    idiomas: tuple[Idioma, Idioma] = ("es", "en")
    assert tuple(mensaje(nombre, idioma, datos) for idioma in idiomas) == (es, en)
