"""No operation sends the database more commands because there are more rows."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorClient

from tests.api.conftest import Aplicacion
from tests.api.operaciones import OPERACIONES, resolver
from tests.bases import sueltas
from tests.judges.aplicacion import Oyente, abierta
from tests.judges.crecimiento import MundoGrande, crecer, entrar
from tests.judges.foto import Foto
from tests.judges.llamadas import EN_LOTES, LLAMADAS, SIN_RESPUESTA, Llamada, llamadas

POCOS, MUCHOS = 3, 30
PANTALLAS = {"inicio_ver_inicio", "residentes_resumir_residentes", "sorteo_resumir_espacios"}
PANTALLAS |= {"solicitudes_resumir_solicitudes"}
Cuenta = Counter[tuple[str, str]]


@dataclass
class Medida:
    estado: int
    texto: str
    comandos: list[Mapping[str, Any]]
    recorridos: list[str] = field(default_factory=list)

    @property
    def cuenta(self) -> Cuenta:
        """By command and collection. A cursor comes in batches of a hundred rows."""
        return Counter(
            (nombre, str(c[nombre])) for c in self.comandos for nombre in [next(iter(c))] if nombre != "getMore"
        )


async def _llamar(nombre: str, llamada: Llamada, aplicacion: Aplicacion, mundo: MundoGrande, oyente: Oyente) -> Medida:
    operacion = OPERACIONES[nombre]
    if llamada.antes is not None:
        await llamada.antes(mundo, aplicacion)
    quien = llamada.quien or operacion.quien
    ruta = operacion.camino(mundo, llamada.en)
    consulta = "&".join(
        f"{c}={resolver(v, mundo)}" for c, _, v in (p.partition("=") for p in llamada.consulta.split("&") if p)
    )
    envio: dict[str, Any] = {}
    if llamada.cuerpo is not None:
        envio["json"] = llamada.cuerpo(mundo)
    elif operacion.cuerpos and llamada.formulario is None:
        envio["json"] = operacion.con_cuerpos(mundo)[0]
    if llamada.archivo is not None:
        envio |= {"content": llamada.archivo(mundo), "headers": {"Content-Type": "text/csv"}}
    if llamada.formulario is not None:
        envio["data"] = llamada.formulario(mundo)
    cabeceras = {**envio.pop("headers", {}), **(mundo.quien[quien] if operacion.roles else {})}
    comandos: list[Mapping[str, Any]]
    with oyente.escuchando() as comandos:
        respuesta = await mundo.cliente.request(
            operacion.metodo, f"{ruta}?{consulta}" if consulta else ruta, headers=cabeceras, **envio
        )
    return Medida(respuesta.status_code, respuesta.text[:300], list(comandos))


_CON_FILTRO = {"find", "aggregate", "count", "distinct"}
_DE_LA_SESION = {"lsid", "txnNumber", "startTransaction", "autocommit", "readConcern"}


def _etapas(plan: object) -> Iterator[str]:
    """The stages of the plan that is followed; those that were considered are none."""
    if isinstance(plan, Mapping):
        if isinstance(plan.get("stage"), str):
            yield plan["stage"]
        for campo, valor in plan.items():
            if campo != "rejectedPlans":
                yield from _etapas(valor)
    elif isinstance(plan, list):
        for valor in plan:
            yield from _etapas(valor)


async def _recorridos(aplicacion: Aplicacion, comandos: Sequence[Mapping[str, Any]]) -> list[str]:
    """The queries that walk a whole collection."""
    caros = []
    for comando in (suelta for orden in comandos for suelta in sueltas(orden)):
        nombre = next(iter(comando))
        if nombre in _CON_FILTRO:
            propio = {c: v for c, v in comando.items() if c[0] != "$" and c not in _DE_LA_SESION}
            plan = await aplicacion.base.command("explain", propio, verbosity="queryPlanner")
            caros += [str(propio)] * ("COLLSCAN" in set(_etapas(plan)))
    return caros


async def _medir(
    n: int, servidor: str, cliente_mongo: "AsyncIOMotorClient[dict[str, Any]]", datos: Any
) -> dict[str, list[Medida]]:
    oyente, base = Oyente(), f"pruebas_comandos_{n}"
    async with abierta(uri=servidor, base=base, datos=datos, cliente_mongo=cliente_mongo, oyente=oyente) as aplicacion:
        mundo = await crecer(aplicacion, n)
        await entrar(mundo)
        foto = Foto(aplicacion, oyente.escritas)
        await foto.tomar()
        quienes = dict(mundo.quien)
        documento = aplicacion.app.openapi()
        medidas: dict[str, list[Medida]] = {}
        for nombre in OPERACIONES:
            for llamada in llamadas(nombre, mundo, documento):
                medida = await _llamar(nombre, llamada, aplicacion, mundo, oyente)
                if nombre in PANTALLAS:
                    medida.recorridos = await _recorridos(aplicacion, medida.comandos)
                medidas.setdefault(nombre, []).append(medida)
                await foto.reponer()
                mundo.quien = dict(quienes)
    await cliente_mongo.drop_database(base)
    return medidas


@pytest.fixture(scope="session")
async def medidas(
    servidor: str,
    cliente_mongo: "AsyncIOMotorClient[dict[str, Any]]",
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[dict[str, list[Medida]], dict[str, list[Medida]]]:
    pocos, muchos = [
        await _medir(n, servidor, cliente_mongo, tmp_path_factory.mktemp("datos")) for n in (POCOS, MUCHOS)
    ]
    return pocos, muchos


Medidas = tuple[dict[str, list[Medida]], dict[str, list[Medida]]]


@pytest.mark.parametrize("nombre", [nombre for nombre in OPERACIONES if nombre not in SIN_RESPUESTA])
def test_se_la_llama_como_debe_ser(nombre: str, medidas: Medidas) -> None:
    """Counting what a refusal costs would say nothing."""
    rechazos = [(m.estado, m.texto) for cuantos in medidas for m in cuantos[nombre] if m.estado >= 400]
    assert not rechazos, rechazos


@pytest.mark.parametrize("nombre", OPERACIONES)
def test_mas_filas_no_son_mas_comandos(nombre: str, medidas: Medidas) -> None:
    pocos, muchos = medidas
    crecen = [
        {clave: (antes.cuenta[clave], despues.cuenta[clave]) for clave in despues.cuenta - antes.cuenta}
        for antes, despues in zip(pocos[nombre], muchos[nombre], strict=True)
    ]
    assert any(crecen) == (nombre in EN_LOTES), crecen


@pytest.mark.parametrize("nombre", sorted(PANTALLAS))
def test_una_primera_pantalla_no_recorre_colecciones(nombre: str, medidas: Medidas) -> None:
    for medida in medidas[1][nombre]:
        assert medida.comandos
        assert not medida.recorridos, medida.recorridos


def test_las_excepciones_son_operaciones(medidas: Medidas) -> None:
    assert set(EN_LOTES) | set(LLAMADAS) | set(SIN_RESPUESTA) <= set(OPERACIONES)
    assert len(medidas[0]) == len(OPERACIONES)
