"""What section 2 of docs/sorteo-v1/SPEC.md refuses, line by line: the files there, and each rule broken by hand."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.modules.sorteo import motor
from app.modules.sorteo.motor import Bases, BasesInvalidas, Espacio, Participante

RECHAZOS = sorted((Path(__file__).parents[4] / "docs/sorteo-v1/rechazos").glob("??.json"))
# The files name their rules in English.
REGLAS = {
    "canonical": "canonica",
    "keys": "claves",
    "id order": "id_orden",
    "espacios order": "espacios_orden",
}

SORTEO: dict[str, Any] = {
    "compromiso": "0" * 64,
    "espacios": [
        {"codigo": "A-01", "reserva": None, "tipo": "carro"},
        {"codigo": "A-02", "reserva": "movilidad_reducida", "tipo": "moto"},
    ],
    "formato": "parknet-sorteo-v1",
    "fuente": 'Lotería; "ñ" \\ \t \u2028 \x7f',
    "liberar_reservas": True,
    "sorteo": "s-1_A",
}
PERSONAS: list[dict[str, Any]] = [
    {"boletas": 1, "condiciones": [], "id": "10", "nivel": 0, "preferencias": [], "tipos": ["carro"]},
    {
        "boletas": 100,
        "condiciones": ["adulto_mayor", "embarazo"],
        "id": "9",
        "nivel": 9,
        "preferencias": ["A-02", "no existe", "A-02"],
        "tipos": ["moto", "carro"],
    },
]


def canonica(objeto: object) -> str:
    return json.dumps(objeto, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def archivo(sorteo: dict[str, Any] = SORTEO, personas: list[dict[str, Any]] = PERSONAS) -> bytes:
    return "".join(f"{canonica(objeto)}\n" for objeto in [sorteo, *personas]).encode()


def rechazo(dato: bytes) -> tuple[int | None, str]:
    with pytest.raises(BasesInvalidas) as rechazado:
        motor.leer_bases(dato)
    assert str(rechazado.value).startswith(f"línea {rechazado.value.linea}: ")
    assert len(str(rechazado.value).splitlines()) == 1
    return rechazado.value.linea, rechazado.value.regla


def codigos(cuantos: int) -> list[str]:
    return [f"codigo_{n:02}" for n in range(cuantos)]


def test_estan_todos() -> None:
    assert [caso.stem for caso in RECHAZOS] == [f"{n:02}" for n in range(14)]


@pytest.mark.parametrize("caso", RECHAZOS, ids=lambda caso: caso.stem)
def test_archivo(caso: Path) -> None:
    esperado = json.loads(caso.read_text())
    dato = caso.with_suffix(".bases.jsonl").read_bytes()
    assert rechazo(dato) == (esperado["linea"], REGLAS.get(esperado["regla"], esperado["regla"]))


def test_el_archivo_bueno_se_lee() -> None:
    bases = motor.leer_bases(archivo())
    assert bases.espacios == (Espacio("A-01", "carro", None), Espacio("A-02", "moto", "movilidad_reducida"))
    assert bases.participantes[1] == Participante(
        id="9",
        nivel=9,
        boletas=100,
        tipos=("moto", "carro"),
        condiciones=("adulto_mayor", "embarazo"),
        preferencias=("A-02", "no existe", "A-02"),
    )
    assert motor.escribir_bases(bases) == archivo()


NADA = object()
Malo = tuple[str, str, list[Any]]  # field, rule that it breaks, values that break it


def con(objeto: dict[str, Any], campo: str, valor: object) -> dict[str, Any]:
    return {clave: v for clave, v in (objeto | {campo: valor}).items() if v is not NADA}


MALOS_DEL_SORTEO: list[Malo] = [
    ("formato", "claves", [NADA]),
    ("otra", "claves", [None]),
    ("formato", "formato", ["parknet-sorteo-v2", None, 1, ["parknet-sorteo-v1"]]),
    ("compromiso", "compromiso", ["0" * 63, "0" * 65, "A" * 64, "g" * 64, "0" * 64 + "\n", "٠" * 64, None, 0]),
    ("espacios", "espacios", [None, {}, "A-01"]),
    ("fuente", "fuente", ["", "x" * 501, None, ["x"]]),
    ("liberar_reservas", "liberar_reservas", [0, 1, None, "true"]),
    ("sorteo", "sorteo", ["", "x" * 41, "a b", "ñ", "s\n", "٣", None, 7]),
]
MALOS_DEL_ESPACIO: list[Malo] = [
    ("codigo", "claves", [NADA]),
    ("piso", "claves", [1]),
    (
        "codigo",
        "codigo",
        ["", "x" * 33, " A", "A ", "A\u00a0B", "A\tB", "A\n", "\u200b", "\x7f", "\ue000", None, 1, ["A"]],
    ),
    ("reserva", "reserva", ["", "x", "Xy", "x" * 41, "1x", "_x", "ñu", "x y", False, 0, [], {}]),
    ("tipo", "tipo", ["", "x", "Xy", "x" * 41, "1x", "_x", "ñu", "x y", "xy\n", None, False, 0, [], {}]),
]
MALOS_DEL_PARTICIPANTE: list[Malo] = [
    ("nivel", "claves", [NADA]),
    ("nombre", "claves", ["x"]),
    ("boletas", "boletas", [0, 101, -1, 1.0, 1.5, True, "1", None, [1], 10**400]),
    (
        "condiciones",
        "condiciones",
        [None, "embarazo", {}, ["b1", "a1"], ["aa", "aa"], ["x"], ["Aa"], [None], [["aa"]], [1], codigos(21)],
    ),
    ("id", "id", ["", "x" * 41, "a b", "ñ", "1\n", "٣", None, 9]),
    ("nivel", "nivel", [-1, 10, 5.0, False, "5", None]),
    (
        "preferencias",
        "preferencias",
        [None, "A-01", {}, [""], ["x" * 33], [" A"], ["a\tb"], [None], [1], [["A-01"]], codigos(11)],
    ),
    (
        "tipos",
        "tipos",
        [None, [], "carro", {}, ["aa", "bb", "aa"], ["x"], ["Aa"], ["a1,b1"], [None], [["aa"]], codigos(9)],
    ),
]


def casos(malos: list[Malo]) -> list[Any]:
    return [
        pytest.param(campo, regla, valor, id=f"{campo}-{regla}-{n}")
        for campo, regla, valores in malos
        for n, valor in enumerate(valores)
    ]


@pytest.mark.parametrize(("campo", "regla", "valor"), casos(MALOS_DEL_SORTEO))
def test_regla_del_sorteo(campo: str, regla: str, valor: object) -> None:
    assert rechazo(archivo(con(SORTEO, campo, valor))) == (1, regla)


@pytest.mark.parametrize(("campo", "regla", "valor"), casos(MALOS_DEL_ESPACIO))
def test_regla_del_espacio(campo: str, regla: str, valor: object) -> None:
    espacios = [SORTEO["espacios"][0], con(SORTEO["espacios"][1], campo, valor)]
    assert rechazo(archivo(con(SORTEO, "espacios", espacios))) == (1, regla)


@pytest.mark.parametrize("espacio", [None, [], "A-01", 1])
def test_un_espacio_es_un_objeto(espacio: object) -> None:
    assert rechazo(archivo(con(SORTEO, "espacios", [espacio]))) == (1, "claves")


@pytest.mark.parametrize("orden", [["A-02", "A-01"], ["A-01", "A-01"], ["a", "Z"], ["\U0001f17f", "ﬀ"]])
def test_orden_de_los_espacios(orden: list[str]) -> None:
    espacios = [{"codigo": codigo, "reserva": None, "tipo": "carro"} for codigo in orden]
    assert rechazo(archivo(con(SORTEO, "espacios", espacios))) == (1, "espacios_orden")


def test_el_orden_es_por_punto_de_codigo() -> None:
    # By UTF-16 code units, U+1F17F would come before U+FB00.
    espacios = [{"codigo": codigo, "reserva": None, "tipo": "carro"} for codigo in ("ﬀ", "\U0001f17f")]
    assert len(motor.leer_bases(archivo(con(SORTEO, "espacios", espacios))).espacios) == 2


@pytest.mark.parametrize(("campo", "regla", "valor"), casos(MALOS_DEL_PARTICIPANTE))
def test_regla_del_participante(campo: str, regla: str, valor: object) -> None:
    assert rechazo(archivo(personas=[PERSONAS[0], con(PERSONAS[1], campo, valor)])) == (3, regla)


@pytest.mark.parametrize("ids", [["9", "10"], ["9", "9"], ["a", "B"]])
def test_orden_de_los_participantes(ids: list[str]) -> None:
    personas = [con(PERSONAS[0], "id", id) for id in ids]
    assert rechazo(archivo(personas=personas)) == (3, "id_orden")


LIMITES = [
    ("boletas", 100),
    ("condiciones", codigos(20)),
    ("id", "z" * 40),
    ("nivel", 9),
    ("preferencias", ["x" * 32] * 10),
    ("tipos", [*codigos(7), "x" * 40]),
]


@pytest.mark.parametrize(("campo", "valor"), LIMITES, ids=lambda limite: str(limite)[:12])
def test_los_limites_caben(campo: str, valor: object) -> None:
    dato = archivo(con(SORTEO, "fuente", "ñ" * 500), [PERSONAS[0], con(PERSONAS[1], campo, valor)])
    assert motor.escribir_bases(motor.leer_bases(dato)) == dato


PRIMERA, SEGUNDA, TERCERA = archivo().splitlines(keepends=True)
HONDO = b"[" * 100_000

BYTES = {
    "vacío": (b"", 1, "fin_de_linea"),
    "bom": (b"\xef\xbb\xbf" + archivo(), 1, "json"),
    "utf16": (archivo().decode().encode("utf-16"), 1, "utf8"),
    "latin1": (archivo().decode().encode("latin1", "replace"), 1, "utf8"),
    "utf8 sobrelargo": (PRIMERA + SEGUNDA.replace(b"carro", b"carr\xc1\xaf"), 2, "utf8"),
    "sustituto en utf8": (PRIMERA.replace(b"Loter", b"\xed\xa0\x80"), 1, "utf8"),
    "crlf": (archivo().replace(b"\n", b"\r\n"), 1, "canonica"),
    "solo un crlf": (PRIMERA + SEGUNDA[:-1] + b"\r\n" + TERCERA, 2, "canonica"),
    "cr": (PRIMERA + SEGUNDA[:-1] + b"\r" + TERCERA, 2, "json"),
    "sin fin de línea": (archivo()[:-1], 3, "fin_de_linea"),
    "sin fin de línea, una sola": (PRIMERA[:-1], 1, "fin_de_linea"),
    "truncado": (archivo()[:-20], 3, "fin_de_linea"),
    "línea vacía al principio": (b"\n" + archivo(), 1, "json"),
    "línea vacía en medio": (PRIMERA + b"\n" + SEGUNDA, 2, "json"),
    "línea vacía al final": (archivo() + b"\n", 4, "json"),
    "espacio al final": (PRIMERA[:-1] + b" \n", 1, "canonica"),
    "dos objetos": (PRIMERA + SEGUNDA[:-1] + SEGUNDA, 2, "json"),
    "lista": (b"[]\n", 1, "claves"),
    "nulo": (PRIMERA + b"null\n", 2, "claves"),
    "sorteo dos veces": (PRIMERA + PRIMERA, 2, "claves"),
    "claves en desorden": (PRIMERA + b'{"nivel":1,"id":"1"}\n', 2, "canonica"),
    "clave repetida": (PRIMERA + SEGUNDA.replace(b'"id":"10"', b'"id":"10","id":"10"'), 2, "canonica"),
    "escape de más": (PRIMERA + SEGUNDA.replace(b'"10"', b'"\\u0031\\u0030"'), 2, "canonica"),
    "barra escapada": (PRIMERA.replace(b"Loter", b"\\/"), 1, "canonica"),
    "escape en mayúscula": (PRIMERA.replace(b"Loter", b"\\u001F"), 1, "canonica"),
    "escape largo": (PRIMERA.replace(b"Loter", b"\\u000a"), 1, "canonica"),
    "control crudo": (PRIMERA.replace(b"Loter", b"\x01"), 1, "json"),
    "sustituto suelto": (PRIMERA.replace(b"Loter", b"\\ud800"), 1, "canonica"),
    "NaN": (PRIMERA + SEGUNDA.replace(b'"nivel":0', b'"nivel":NaN'), 2, "json"),
    "infinito": (PRIMERA + SEGUNDA.replace(b'"nivel":0', b'"nivel":1e999'), 2, "json"),
    "cero negativo": (PRIMERA + SEGUNDA.replace(b'"nivel":0', b'"nivel":-0'), 2, "canonica"),
    "exponente": (PRIMERA + SEGUNDA.replace(b'"boletas":1', b'"boletas":1e0'), 2, "canonica"),
    "coma flotante": (PRIMERA + SEGUNDA.replace(b'"boletas":1', b'"boletas":1.0'), 2, "boletas"),
    "cero a la izquierda": (PRIMERA + SEGUNDA.replace(b'"boletas":1', b'"boletas":01'), 2, "json"),
    "5000 cifras": (PRIMERA + SEGUNDA.replace(b'"boletas":1', b'"boletas":' + b"1" * 5000), 2, "json"),
    "4000 cifras": (PRIMERA + SEGUNDA.replace(b'"boletas":1', b'"boletas":' + b"1" * 4000), 2, "boletas"),
    "hondo": (HONDO + b"\n", 1, "json"),
    "hondo y cerrado": (PRIMERA + HONDO + b"]" * len(HONDO) + b"\n", 2, "json"),
    "hondo en un objeto": (PRIMERA + b'{"id":' * 100_000 + b"1" + b"}" * 100_000 + b"\n", 2, "json"),
}


@pytest.mark.parametrize(("dato", "linea", "regla"), BYTES.values(), ids=BYTES.keys())
def test_bytes(dato: bytes, linea: int, regla: str) -> None:
    assert rechazo(dato) == (linea, regla)


class TestEscribir:
    """Whatever is written can be read: the writer refuses by the same rules, with the line it would be on."""

    bases = motor.leer_bases(archivo())

    def test_ordena(self) -> None:
        al_reves = replace(self.bases, espacios=self.bases.espacios[::-1], participantes=self.bases.participantes[::-1])
        assert b"".join(motor.lineas_bases(al_reves)) == archivo()

    @pytest.mark.parametrize(
        ("cambio", "linea", "regla"),
        [
            ({"fuente": "\ud800"}, 1, "fuente"),
            ({"fuente": ""}, 1, "fuente"),
            ({"compromiso": "x"}, 1, "compromiso"),
            ({"liberar_reservas": 1}, 1, "liberar_reservas"),
            ({"espacios": (Espacio("A", "carro", None), Espacio("A", "moto", None))}, 1, "espacios_orden"),
            ({"espacios": (Espacio("\ud800", "carro", None),)}, 1, "codigo"),
            ({"participantes": (bases.participantes[1],) * 2}, 3, "id_orden"),
            ({"participantes": (replace(bases.participantes[1], boletas=True),)}, 2, "boletas"),
            ({"participantes": (replace(bases.participantes[1], tipos=()),)}, 2, "tipos"),
        ],
    )
    def test_rechaza(self, cambio: dict[str, Any], linea: int, regla: str) -> None:
        malas: Bases = replace(self.bases, **cambio)
        with pytest.raises(BasesInvalidas) as rechazado:
            motor.escribir_bases(malas)
        assert (rechazado.value.linea, rechazado.value.regla) == (linea, regla)


class TestSecreto:
    bases = replace(motor.leer_bases(archivo()), compromiso=motor.compromiso_de("a" * 64))

    def test_el_bueno(self) -> None:
        motor.verificar_secreto(self.bases, "a" * 64)

    @pytest.mark.parametrize("secreto", ["b" * 64, "a" * 63, "a" * 65, "A" * 64, "a" * 64 + "\n", "", "\ud800" * 64])
    def test_otro(self, secreto: str) -> None:
        with pytest.raises(motor.SecretoInvalido, match="secreto: "):
            motor.verificar_secreto(self.bases, secreto)

    def test_con_buena_huella_y_mala_forma(self) -> None:
        bases = replace(self.bases, compromiso=motor.compromiso_de("corto"))
        with pytest.raises(motor.SecretoInvalido, match="64 dígitos"):
            motor.verificar_secreto(bases, "corto")


class TestEntropia:
    @pytest.mark.parametrize("entropia", ["", "x" * 1000, "ñ" * 1000, "a b", " ", "\u2028", "\u200b", "🎲" * 1000])
    def test_cabe(self, entropia: str) -> None:
        esperada = motor.sha256_hex(f"s:h:{entropia}")
        assert motor.semilla_de("s", "h", entropia) == esperada

    @pytest.mark.parametrize("entropia", ["x" * 1001, "a\n", "\x00", "\x1f", "\x7f", "\x80", "\x9f", "\ud800"])
    def test_no_cabe(self, entropia: str) -> None:
        with pytest.raises(motor.EntropiaInvalida, match="entropia: "):
            motor.semilla_de("s", "h", entropia)
