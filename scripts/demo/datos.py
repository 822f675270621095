"""The complex of the demonstration: 120 flats, 40 spaces, the same in every run."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

SEMILLA = 2027
TORRES, PISOS, POR_PISO = ("A", "B", "C"), 10, 4
CLAVE_DE_RESIDENTES = "clave de la demo 1"
# Which of the 120 flats has what; the rest has a car. Not all of them ask for a space.
ELECTRICOS, MOTOS, BICICLETAS, NO_PIDEN = 8, 18, 8, 26

NOMBRES = """
    Alejandra Andrés Beatriz Camilo Carolina César Claudia Cristian Daniela Diego Eduardo Elena Esteban Felipe
    Fernanda Gabriel Gloria Gustavo Inés Isabel Javier Jimena Jorge Juliana Laura Leonardo Lucía Luis Manuela
    Marcela Mario Marta Mateo Mónica Natalia Óscar Patricia Paula Ricardo Rocío Samuel Santiago Sara Sergio Sofía
    Tatiana Tomás Valentina Verónica Víctor
""".split()  # noqa: SIM905 - as a list it would be a line each
APELLIDOS = """
    Acosta Aguilar Álvarez Arango Barrera Bernal Cárdenas Castaño Castro Contreras Córdoba Cortés Díaz Duarte
    Escobar Espinosa Forero Franco Gaitán García Gómez González Guerrero Gutiérrez Henao Hernández Jaramillo
    Jiménez León López Lozano Martínez Medina Mejía Mendoza Molina Montoya Moreno Muñoz Ortiz Ospina Pardo Peña
    Pérez Quintero Ramírez Restrepo Ríos Rojas Romero Rubio Salazar Sánchez Suárez Torres Uribe Valencia Vargas
    Vélez Zapata
""".split()  # noqa: SIM905 - as a list it would be a line each


@dataclass
class Hogar:
    """A flat, who lives there and what they drive. `id`s are those that the API gave."""

    torre: str
    apartamento: str
    unidad: dict[str, Any]
    residente: dict[str, Any]
    pide: bool
    preferencias: list[str] = field(default_factory=list)
    unidad_id: str = ""
    residente_id: str = ""
    vehiculo_id: str = ""

    @property
    def nombre(self) -> str:
        return f"{self.torre}-{self.apartamento}"

    @property
    def persona(self) -> str:
        return f"{self.residente['nombres']} {self.residente['apellidos']}"

    @property
    def documento(self) -> str:
        return str(self.residente["numero_documento"])

    @property
    def clase(self) -> str:
        vehiculo = self.unidad["vehiculos"][0]
        return "carro_electrico" if vehiculo["electrico"] else str(vehiculo["tipo"])


# The flats that the story is about. They all ask; those with a key of their own sign in and ask by themselves.
CON_MOVILIDAD_REDUCIDA = ("A-101", "B-402", "C-903")
CON_ANIOS_PERDIDOS = {"A-304": 3, "B-201": 2, "B-803": 1, "C-502": 2, "C-704": 1}
EN_MORA, ENTRA_EN_MORA = "B-604", "C-303"
RECHAZADA = "A-702"
CON_CUENTA = ("A-101", "A-304", "B-201", "B-604", "C-502", "C-1001")
_DE_LA_HISTORIA = {*CON_MOVILIDAD_REDUCIDA, *CON_ANIOS_PERDIDOS, EN_MORA, ENTRA_EN_MORA, RECHAZADA, *CON_CUENTA}

ESPACIOS: list[dict[str, Any]] = [
    *({"codigo": f"C-{n:02}", "tipo": "carro", "zona": "Sótano 1"} for n in range(1, 23)),
    *({"codigo": f"C-{n:02}", "tipo": "carro", "zona": "Entrada", "reserva": "movilidad_reducida"} for n in (23, 24)),
    *({"codigo": f"E-{n:02}", "tipo": "carro_electrico", "zona": "Sótano 1"} for n in range(1, 5)),
    *({"codigo": f"M-{n:02}", "tipo": "moto", "zona": "Sótano 2"} for n in range(1, 9)),
    *({"codigo": f"B-{n:02}", "tipo": "bicicleta", "zona": "Entrada"} for n in range(1, 5)),
]

PRIORIDADES: list[dict[str, Any]] = [
    {
        "codigo": "movilidad_reducida",
        "descripcion": "Quien tiene movilidad reducida va primero",
        "condiciones": [{"campo": "condicion", "operador": "igual", "valor": "movilidad_reducida"}],
        "efecto": {"nivel": 1},
    },
    {
        "codigo": "anios_sin_suerte",
        "descripcion": "Dos boletas más por cada sorteo seguido que se ha perdido",
        "condiciones": [{"campo": "sorteos_perdidos", "operador": "mayor_igual", "valor": 1}],
        "efecto": {"boletas": 2, "por_unidad": "sorteos_perdidos"},
    },
    {
        "codigo": "antiguedad",
        "descripcion": "Una boleta más a quien vive aquí hace ocho años o más",
        "condiciones": [{"campo": "antiguedad_meses", "operador": "mayor_igual", "valor": 96}],
        "efecto": {"boletas": 1},
    },
    {
        "codigo": "en_mora",
        "descripcion": "Quien debe la administración no va antes que nadie",
        "condiciones": [{"campo": "al_dia", "operador": "igual", "valor": False}],
        "efecto": {"no_mejor_que": 9},
    },
]


def hogares() -> list[Hogar]:
    """The 120 flats, by tower and number."""
    azar = random.Random(SEMILLA)  # noqa: S311 - people and plates, no secrets; the draw's own comes from the API
    lugares = [
        (torre, f"{piso}{puerta:02}") for torre in TORRES for piso in range(1, PISOS + 1) for puerta in range(1, 5)
    ]
    corrientes = [f"{t}-{a}" for t, a in lugares if f"{t}-{a}" not in _DE_LA_HISTORIA]
    azar.shuffle(corrientes)
    cortes = iter(corrientes)
    clases = {nombre: "carro_electrico" for nombre, _ in zip(cortes, range(ELECTRICOS), strict=False)}
    clases |= {nombre: "moto" for nombre, _ in zip(cortes, range(MOTOS), strict=False)}
    clases |= {nombre: "bicicleta" for nombre, _ in zip(cortes, range(BICICLETAS), strict=False)}
    no_piden = {nombre for nombre, _ in zip(cortes, range(NO_PIDEN), strict=False)}
    personas, placas = _personas(azar), _placas(azar)
    return [
        _hogar(torre, apartamento, clases.get(f"{torre}-{apartamento}", "carro"), no_piden, azar, personas, placas)
        for torre, apartamento in lugares
    ]


def _hogar(
    torre: str,
    apartamento: str,
    clase: str,
    no_piden: set[str],
    azar: random.Random,
    personas: Iterator[tuple[str, str]],
    placas: Iterator[str],
) -> Hogar:
    nombre = f"{torre}-{apartamento}"
    electrico, tipo = clase == "carro_electrico", clase.removesuffix("_electrico")
    placa = next(placas)
    placas_de = {"carro": placa, "moto": placa[:5] + "ABCDEFGH"[azar.randrange(8)], "bicicleta": None}
    unidad: dict[str, Any] = {
        "torre": torre,
        "apartamento": apartamento,
        "al_dia": nombre != EN_MORA,
        "vehiculos": [{"tipo": tipo, "electrico": electrico, "placa": placas_de[tipo]}],
        "perdidos_previos": {clase: CON_ANIOS_PERDIDOS[nombre]} if nombre in CON_ANIOS_PERDIDOS else {},
    }
    nombres, apellidos = next(personas)
    residente: dict[str, Any] = {
        "nombres": nombres,
        "apellidos": apellidos,
        "tipo_documento": "CC",
        "numero_documento": str(azar.randrange(52_000_000, 80_000_000)),
        "email": f"{torre.lower()}{apartamento}@example.com",
        "telefono": f"+57 3{azar.randrange(100_000_000, 299_999_999)}",
        "fecha_ingreso": date(azar.randrange(2015, 2026), azar.randrange(1, 13), azar.randrange(1, 29)).isoformat(),
        "unidades": [
            {
                "torre": torre,
                "apartamento": apartamento,
                "tenencia": azar.choice(("propietario", "propietario", "arrendatario")),
            }
        ],
        "condiciones": [{"codigo": "movilidad_reducida", "persona": "titular"}]
        if nombre in CON_MOVILIDAD_REDUCIDA
        else [],
    }
    propios = [e["codigo"] for e in ESPACIOS if e["tipo"] == tipo]
    preferencias = azar.sample(propios, 2) if azar.random() < 0.4 and not residente["condiciones"] else []
    return Hogar(torre, apartamento, unidad, residente, pide=nombre not in no_piden, preferencias=preferencias)


def _personas(azar: random.Random) -> Iterator[tuple[str, str]]:
    vistas: set[tuple[str, str]] = set()
    while True:
        persona = azar.choice(NOMBRES), f"{azar.choice(APELLIDOS)} {azar.choice(APELLIDOS)}"
        if persona not in vistas:
            vistas.add(persona)
            yield persona


def _placas(azar: random.Random) -> Iterator[str]:
    """Three letters and three digits. The first five tell them apart: a motorcycle's plate ends in a letter."""
    vistas: set[str] = set()
    while True:
        placa = "".join(azar.choices("BCDFGHJKLMNPRSTUVWXYZ", k=3)) + f"{azar.randrange(100, 1000)}"
        if placa[:5] not in vistas:
            vistas.add(placa[:5])
            yield placa
