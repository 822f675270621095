"""What a page of a list costs the database of a city, by `explain` of every query that it makes: the filters that stand
in `en_orden` with their sorts, no more than the page holds times twenty; and no two filters together, what there is."""

import itertools
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from bson import ObjectId
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo import MongoClient

from app.core import clock
from app.modules.residentes.busqueda.claves import (
    en_orden_alfabetico,
    en_orden_natural,
    palabras_de_residente,
    palabras_de_unidad,
)
from app.modules.residentes.repository import ResidenteRepository
from app.modules.residentes.unidades.repository import UnidadRepository
from app.modules.solicitudes.repository import SolicitudRepository
from app.shared.utils import clave_de_apartamento
from tests.alcance import EXHAUSTIVO
from tests.api.conftest import Aplicacion
from tests.api.mundo import V1, Mundo, construir
from tests.conftest import INICIO
from tests.judges.aplicacion import Oyente, abierta

CUANTOS, LOTE, LIMITE = 100_000 if EXHAUSTIVO else 60_000, 10_000, 50
TOPE = 20 * LIMITE
DE_DOS = CUANTOS // 3
"""What others may cost, and two filters of which none is walked in order: what the narrower finds, or a walk past those
that the wider leaves out. The narrower finds fewer than these here."""
BASE = "pruebas_combinaciones"
_NOMBRES = ("Ana", "Luz", "Rosa", "Iván", "Íñigo", "Óscar", "Eva", "Leo", "Gil", "Noé", "Ada", "Paz", "Sara", "Tomás")
_APELLIDOS = ("Peña", "Núñez", "Ruiz", "Vega", "Soto", "Mora", "León", "Cano", "Rojas", "Díaz", "Gómez", "Pérez")
Fila = dict[str, Any]
Valores = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Lista:
    """`valores`: of each filter some that few meet, some that many do, and some that are met far from where the walk
    begins; the last is the one that is put together with those of others."""

    ruta: str
    repositorio: Any
    valores: Valores


_DE_UN_PISO: Valores = {
    "torre": ["x50"],
    "sin_torre": ["true", "false"],
    "apartamento": ["50"],
    "al_dia": ["true", "false"],
    "placa": ["P050005"],
}


def _listas(mundo: Mundo, unidad: str) -> list[Lista]:
    return [
        Lista(
            "/residentes",
            ResidenteRepository,
            {
                "q": ["x50", "17", "P0500", "050005", "per x50", "per", "70012345", "700"],
                "unidad_id": [unidad],
                "estado": ["activo", "inactivo"],
                "condicion": ["movilidad_reducida", "cuidador"],
                "cuenta": ["activa", "invitada", "sin_invitar"],
                "supresion_pedida": ["true", "false"],
                **_DE_UN_PISO,
            },
        ),
        Lista(
            "/residentes/unidades",
            UnidadRepository,
            {"q": ["P050005", "P05", "x50", "50", "x10"], **_DE_UN_PISO},
        ),
        Lista(
            "/solicitudes",
            SolicitudRepository,
            {
                "q": ["P050005", "x50", "70012345"],
                "sorteo_id": [mundo.publicado, mundo.abierto],
                "estado": ["aprobada", "rechazada"],
                "unidad_id": [unidad],
                "torre": ["x50"],
                "tipo": ["carro", "moto"],
                "placa": ["P050005"],
                "vence_antes": ["2027-01-01T00:00:00Z"],
            },
        ),
    ]


SIN_COTA = {"contar", "cursor", "ids", "limite", "orden", "impedimento"}
"""Of how the list is read, and what is judged as it is looked at, which has its own test."""


def _filas(de: Mapping[str, Fila], i: int, sorteos: Sequence[ObjectId]) -> dict[str, Fila]:
    """A flat, its vehicle, who lives there, and their request. The draws came one after the other."""
    unidad, vehiculo, residente, solicitud = (ObjectId() for _ in range(4))
    torre = None if i % 50 == 0 else f"X{i // 200}"
    clave = clave_de_apartamento(torre, f"C{i}" if torre is None else str(i % 200 + 1))
    torre_clave, apartamento_clave = clave.split("\n")
    cuando = INICIO - timedelta(seconds=i)
    nombres, apellidos = _NOMBRES[i % 14], f"{_APELLIDOS[i // 14 % 12]} {_APELLIDOS[i // 168 % 12]}"
    placa, documento, tipo = f"P{i:06}", str(70_000_000 + i), "moto" if i % 50 == 1 else "carro"
    de_piso = palabras_de_unidad(torre, apartamento_clave, [placa])
    condicion: Fila = {"persona": "titular", "estado": "verificada", "vigente_hasta": None, "nota": None}
    condicion |= {"declarada_en": cuando, "decidida_en": cuando, "decidida_por": None}
    condicion["codigo"] = "movilidad_reducida" if i % 50 == 3 else "cuidador"
    con_espacio = i % 100 == 4
    estado = "asignada" if con_espacio else "rechazada" if i % 100 == 9 else "aprobada" if i % 4 else "pendiente"
    propias: dict[str, Fila] = {
        "unidades": {
            **{"_id": unidad, "torre": torre, "apartamento": apartamento_clave.upper(), "al_dia": i % 20 != 7},
            **{"clave": clave, "torre_clave": torre_clave, "apartamento_clave": apartamento_clave},
            **{"posicion": en_orden_natural(clave), "palabras": de_piso},
        },
        "vehiculos": {"_id": vehiculo, "unidad_id": unidad, "placa": placa, "tipo": tipo},
        "residentes": {
            **{"_id": residente, "nombres": nombres, "apellidos": apellidos, "numero_documento": documento},
            **{"email": f"x{i}@example.com", "unidades": [{"unidad_id": unidad, "tenencia": "propietario"}]},
            "nombre": en_orden_alfabetico(f"{apellidos} {nombres}"),
            "palabras": palabras_de_residente(nombres, apellidos, documento, de_piso),
            "condiciones": [condicion] if i % 50 == 3 or i > CUANTOS - 2_000 else [],
            "estado": "inactivo" if i % 25 == 0 else "activo",
            "cuenta": "activa" if i % 3 == 0 else "invitada" if i % 40 == 1 else "sin_invitar",
            **({"supresion_pedida_en": cuando} if i % 1_000 == 5 else {}),
            **{"creado_en": cuando, "actualizado_en": cuando},
        },
        "solicitudes": {
            **{"_id": solicitud, "sorteo_id": sorteos[i * 10 // CUANTOS < 3], "folio": 1_000 + i},
            **{"unidad_id": unidad, "residente_id": residente, "habitantes": [residente], "clase": tipo},
            "vehiculo": {"id": vehiculo, "tipo": tipo, "electrico": False, "placa": placa},
            **{"estado": estado, "vence_en": INICIO + timedelta(minutes=i) if con_espacio else None},
            **{"creado_en": cuando, "actualizado_en": cuando},
        },
    }
    return {coleccion: dict(de[coleccion]) | suya for coleccion, suya in propias.items()}


async def _poblar(aplicacion: Aplicacion, mundo: Mundo, uri: str) -> None:
    """Copies of what the API made. An index of all rows at once takes less than one that each row is added to."""
    ids = {"unidades": mundo.ana.unidad, "vehiculos": mundo.ana.vehiculo, "residentes": mundo.ana.id}
    ids["solicitudes"] = mundo.ana.solicitud
    de = {coleccion: await aplicacion.base[coleccion].find_one({"_id": ObjectId(id)}) for coleccion, id in ids.items()}
    originales = {coleccion: fila for coleccion, fila in de.items() if fila is not None}
    sorteos = [ObjectId(mundo.publicado), ObjectId(mundo.abierto)]
    with MongoClient[Fila](uri) as cliente:
        base = cliente[BASE]
        indices = {c: [i for i in base[c].list_indexes() if i["name"] != "_id_"] for c in de}
        for coleccion in de:
            base[coleccion].drop_indexes()
        for desde in range(0, CUANTOS, LOTE):
            lote = [_filas(originales, i, sorteos) for i in range(desde, desde + LOTE)]
            for coleccion in de:
                base[coleccion].insert_many([filas[coleccion] for filas in lote], ordered=False)
        for coleccion in de:
            base.command("createIndexes", coleccion, indexes=indices[coleccion])


@dataclass(frozen=True)
class Ciudad:
    aplicacion: Aplicacion
    mundo: Mundo
    oyente: Oyente
    listas: Sequence[Lista]

    async def cuesta(self, lista: Lista, consulta: Mapping[str, str]) -> tuple[int, str | None]:
        """Keys of indexes or documents, whichever are more, that one page has the database look at; the next page."""
        with self.oyente.escuchando() as comandos:
            respuesta = await self.mundo.cliente.get(
                V1 + lista.ruta, params={**consulta, "limite": LIMITE}, headers=self.mundo.quien["admin"]
            )
        assert respuesta.status_code == 200, (consulta, respuesta.text)
        claves = documentos = 0
        for comando in list(comandos):
            if next(iter(comando)) in {"find", "aggregate", "count", "distinct"}:
                propio = {c: v for c, v in comando.items() if c[0] != "$" and c not in _DE_LA_SESION}
                plan = await self.aplicacion.base.command("explain", propio, verbosity="executionStats")
                vistos = list(_vistos(plan))
                claves += sum(de_indices for de_indices, _ in vistos)
                documentos += sum(leidos for _, leidos in vistos)
        return max(claves, documentos), respuesta.json()["siguiente"]


_DE_LA_SESION = {"lsid", "txnNumber", "startTransaction", "autocommit", "readConcern"}


def _vistos(plan: object) -> Iterator[tuple[int, int]]:
    """Keys and documents, as each part of the plan that was carried out says them."""
    if isinstance(plan, Mapping):
        if "totalKeysExamined" in plan:
            yield int(plan["totalKeysExamined"]), int(plan["totalDocsExamined"])
        for campo, valor in plan.items():
            if campo not in {"rejectedPlans", "allPlansExecution"}:
                yield from _vistos(valor)
    elif isinstance(plan, list):
        for valor in plan:
            yield from _vistos(valor)


@pytest.fixture(scope="module")
async def ciudad(
    servidor: str, cliente_mongo: "AsyncIOMotorClient[Fila]", tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Ciudad]:
    oyente, datos = Oyente(), tmp_path_factory.mktemp("datos")
    async with abierta(uri=servidor, base=BASE, datos=datos, cliente_mongo=cliente_mongo, oyente=oyente) as aplicacion:
        mundo = await construir(aplicacion.cliente, aplicacion.reloj)
        await _poblar(aplicacion, mundo, servidor)
        una = await aplicacion.base["unidades"].find_one({"torre_clave": "x50"})
        assert una is not None
        yield Ciudad(aplicacion, mundo, oyente, _listas(mundo, str(una["_id"])))
    await cliente_mongo.drop_database(BASE)


@pytest.fixture
def _a_su_hora(ciudad: Ciudad) -> None:
    ciudad.aplicacion.base_propia()
    clock.usar_fuente(lambda: ciudad.aplicacion.reloj.instante)


@pytest.mark.parametrize("cual", [0, 1, 2])
@pytest.mark.usefixtures("_a_su_hora")
async def test_a_filter_in_order_costs_a_page(cual: int, ciudad: Ciudad) -> None:
    lista = ciudad.listas[cual]
    caras = {}
    for campo, ordenes in lista.repositorio.en_orden.items():
        for valor in lista.valores[campo] if campo else [""]:
            for orden in (signo + orden.removeprefix("-") for orden in ordenes for signo in ("", "-")):
                consulta = {campo: valor, "orden": orden} if campo else {"orden": orden}
                primera, siguiente = await ciudad.cuesta(lista, consulta)
                segunda = 0
                if siguiente is not None:
                    segunda, _ = await ciudad.cuesta(lista, consulta | {"cursor": siguiente})
                if max(primera, segunda) > TOPE:
                    caras[str(consulta)] = primera, segunda
    assert not caras


@pytest.mark.parametrize("cual", [0, 1, 2])
@pytest.mark.usefixtures("_a_su_hora")
async def test_no_two_filters_together_cost_all_there_is(cual: int, ciudad: Ciudad) -> None:
    """Nor one in any order."""
    lista = ciudad.listas[cual]
    consultas = [
        {campo: valor, "orden": orden}
        for campo, valores in lista.valores.items()
        for valor in valores
        for orden in lista.repositorio.ordenes
    ]
    consultas += [
        {uno: lista.valores[uno][-1], otro: lista.valores[otro][-1]}
        for uno, otro in itertools.combinations(lista.valores, 2)
    ]
    caras = {}
    for consulta in consultas:
        cuesta, _ = await ciudad.cuesta(lista, consulta)
        if cuesta > DE_DOS:
            caras[str(consulta)] = cuesta
    assert not caras


@pytest.mark.parametrize("cual", [0, 1, 2])
@pytest.mark.usefixtures("_a_su_hora")
async def test_every_filter_is_here(cual: int, ciudad: Ciudad) -> None:
    """A new one has to say what it costs."""
    lista = ciudad.listas[cual]
    documento = ciudad.aplicacion.app.openapi()["paths"][V1 + lista.ruta]["get"]
    assert {p["name"] for p in documento["parameters"] if p["in"] == "query"} - SIN_COTA == set(lista.valores)
