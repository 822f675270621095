"""What closing, running and publishing a draw of a town cost: against a bare `insert_many` of the results, and against
a bare program that writes the very same documents in the same batches. `durante`: how others fare while one is run.

The requests are copies of one that was handed in. The clock of the application is moved, so that nobody waits for the
public number.
"""

import asyncio
import json
import statistics
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from bson import ObjectId
from pymongo import UpdateOne
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from app.core import clock
from scripts.bench.banco import Banco, RespuestaInesperada
from scripts.bench.medida import Razon

_RONDAS = 3
_PUEBLO, _CIUDAD = 20_000, 100_000
_LOTE = 1_000
FORMA, ENTROPIA = "#### serie ###", "0934 serie 112"
_ESCRITAS = ("sorteos_participantes", "sorteos_resultados", "solicitudes_movimientos", "avisos")
_LECTURAS = 200
_PARTES = 5
_PACIENCIA = 20
_PERSONA = {
    **{"nombres": "Ana", "apellidos": "Ruiz", "tipo_documento": "CC", "numero_documento": "1000"},
    "unidades": [{"torre": "1", "apartamento": "1", "tenencia": "propietario"}],
}
Filas = list[dict[str, Any]]


async def medir(banco: Banco) -> list[Razon]:
    async with _adelante(banco) as adelantar:
        crudo, mismas = [], []
        async with _pueblo(banco, _PUEBLO) as pueblo:
            for n in range(_RONDAS):
                sorteo = await pueblo.abrir(n)
                antes = await banco.base["solicitudes"].find({"sorteo_id": sorteo}).to_list(None)
                tomo = await _sortear(banco, sorteo, adelantar)
                crudo.append(tomo / await _resultados(banco, sorteo))
                mismas.append(tomo / await _las_mismas(banco, sorteo, antes))
    que = f"cerrar, ejecutar y publicar {_PUEBLO:,}"
    return [
        Razon(que, "API", "insert_many de los resultados", crudo, 60.0),
        Razon(que, "API", "los mismos documentos", mismas, 3.0),
    ]


async def durante(banco: Banco) -> list[Razon]:
    """The 95th percentile of one resident's page, with a draw being run and in calm."""
    async with _adelante(banco) as adelantar, _pueblo(banco, _CIUDAD) as pueblo:
        sorteo = await pueblo.abrir(0)
        await banco.pedir("POST", f"/sorteo/{sorteo}/cerrar")
        await adelantar()
        ruta = f"/residentes/{pueblo.residente}"
        en_calma = await _tiempos(banco, ruta, _LECTURAS)
        corrida = asyncio.create_task(banco.pedir("POST", f"/sorteo/{sorteo}/ejecutar", {"entropia": ENTROPIA}))
        entretanto: list[float] = []
        while not corrida.done():
            entretanto += await _tiempos(banco, ruta, 20)
        await corrida
    calma = _p95(en_calma)
    # Each part has calls of the whole time.
    rondas = [_p95(entretanto[i::_PARTES]) / calma for i in range(_PARTES)]
    return [Razon("un residente, p95", f"sorteando {_CIUDAD:,}", "en calma", rondas, 3.0)]


async def _tiempos(banco: Banco, ruta: str, cuantos: int) -> list[float]:
    tiempos = []
    for _ in range(cuantos):
        inicio = time.perf_counter()
        await banco.pedir("GET", ruta)
        tiempos.append(time.perf_counter() - inicio)
        await asyncio.sleep(0)
    return tiempos


def _p95(tiempos: Sequence[float]) -> float:
    return statistics.quantiles(tiempos, n=20)[-1]


@asynccontextmanager
async def _adelante(banco: Banco) -> AsyncIterator[Any]:
    """A function that moves the clock on by a day."""
    corrido = timedelta()

    async def adelantar() -> None:
        nonlocal corrido
        corrido += timedelta(days=1)
        # Tokens last less than that.
        await banco.entrar()

    clock.usar_fuente(lambda: datetime.now(UTC) + corrido)
    try:
        yield adelantar
    finally:
        clock.usar_fuente(None)


class Pueblo:
    """Flats, residents and vehicles, as many as asked for, and a quarter as many spaces."""

    def __init__(self, banco: Banco, cuantos: int, ids: Mapping[str, str]) -> None:
        self._banco = banco
        self._cuantos = cuantos
        self._ids = ids
        self.residente = ids["residentes"]

    async def poblar(self) -> None:
        base = self._banco.base
        for coleccion, id in self._ids.items():
            original = await _uno(base, coleccion, id)
            filas = [copia(original, i) | propio(coleccion, i) for i in range(2, self._cuantos + 1)]
            await _insertar(base[coleccion], [self._banco.marcador.marcada(coleccion, fila) for fila in filas])
        espacio: Any = await base["espacios"].find_one({})
        numeros = range(self._cuantos // 4)
        otros = [espacio | {"_id": ObjectId(), "codigo": f"P{i:07}", "clave": f"p{i:07}"} for i in numeros]
        await _insertar(base["espacios"], [self._banco.marcador.marcada("espacios", otro) for otro in otros])

    async def abrir(self, n: int) -> ObjectId:
        """An open draw, the number `n`, with a request of each flat."""
        parametros = parametros_de(2030 + n, clock.ahora() + timedelta(hours=12))
        sorteo = (await self._banco.pedir("POST", "/sorteo", parametros))["id"]
        await self._banco.pedir("POST", f"/sorteo/{sorteo}/abrir")
        cuerpo = {"sorteo_id": sorteo, "unidad_id": self._ids["unidades"], "placa": "AAA111"}
        pedida = (await self._banco.pedir("POST", "/solicitudes", cuerpo))["id"]
        base = self._banco.base
        original = await _uno(base, "solicitudes", pedida)
        otras = (otra_solicitud(original, i) for i in range(2, self._cuantos + 1))
        await _insertar(base["solicitudes"], [self._banco.marcador.marcada("solicitudes", fila) for fila in otras])
        ultimo = {"$set": {"ultimo_folio": original["folio"] + self._cuantos}}
        await base["solicitudes_ventanillas"].update_one({"_id": ObjectId(sorteo)}, ultimo)
        return ObjectId(sorteo)


@asynccontextmanager
async def _pueblo(banco: Banco, cuantos: int) -> AsyncIterator[Pueblo]:
    await banco.pedir("POST", "/sorteo/espacios", {"codigo": "Z-0", "tipo": "carro"})
    vehiculo = {"tipo": "carro", "placa": "AAA111"}
    sitio = {"torre": "1", "apartamento": "1", "vehiculos": [vehiculo]}
    unidad = await banco.pedir("POST", "/residentes/unidades", sitio)
    residente = await banco.pedir("POST", "/residentes", _PERSONA)
    pueblo = Pueblo(
        banco,
        cuantos,
        {"unidades": unidad["id"], "residentes": residente["id"], "vehiculos": unidad["vehiculos"][0]["id"]},
    )
    await pueblo.poblar()
    yield pueblo


def parametros_de(ano: int, disponible: datetime) -> dict[str, Any]:
    """Of a draw for that year, whose public number can be known from then on."""
    hora = disponible.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    fuente = {"tipo": "publica", "descripcion": "Lotería", "disponible_desde": hora, "forma": FORMA}
    vigencia = {"desde": f"{ano}-01-01", "hasta": f"{ano}-12-31"}
    return {"nombre": "Banco", "vigencia": vigencia, "aprobacion": "automatica", "fuente_entropia": fuente}


def propio(coleccion: str, i: int) -> dict[str, Any]:
    """What is unique of each."""
    return {
        "unidades": {"apartamento": f"x{i}", "apartamento_clave": f"x{i}", "clave": f"1\nx{i}"},
        "residentes": {"numero_documento": f"{i:010}", "email": f"v{i}@example.com"},
        "vehiculos": {"placa": f"X{i:07}"},
    }[coleccion]


def copia(valor: Any, i: int) -> Any:
    """The same for household i: every id of the first household is moved on by i."""
    if isinstance(valor, dict):
        return {campo: copia(parte, i) for campo, parte in valor.items()}
    if isinstance(valor, list):
        return [copia(parte, i) for parte in valor]
    return ObjectId(f"{int(str(valor), 16) ^ (i << 40):024x}") if isinstance(valor, ObjectId) else valor


def otra_solicitud(original: Mapping[str, Any], i: int) -> dict[str, Any]:
    """The request of household i in the draw of `original`."""
    otra: dict[str, Any] = copia(original, i) | {"sorteo_id": original["sorteo_id"], "folio": original["folio"] + i}
    otra["vehiculo"]["placa"] = f"X{i:07}"
    return otra


async def _uno(base: Any, coleccion: str, id: str) -> dict[str, Any]:
    fila: dict[str, Any] = await base[coleccion].find_one({"_id": ObjectId(id)})
    return fila


async def _insertar(coleccion: Any, filas: Sequence[Mapping[str, Any]]) -> None:
    for i in range(0, len(filas), 10 * _LOTE):
        await coleccion.insert_many(filas[i : i + 10 * _LOTE], ordered=False)


async def _dar(banco: Banco, ruta: str, cuerpo: Any) -> None:
    """Until the step is taken. On a machine that is busy with other things a batch may run out of time: then the step
    is asked for again, and goes on from where it was."""
    for _ in range(_PACIENCIA):
        try:
            await banco.pedir("POST", ruta, cuerpo)
            return
        except RespuestaInesperada as error:
            if ": 503 " not in str(error):
                raise
    raise RespuestaInesperada(f"{ruta}: 503, {_PACIENCIA} veces")


async def _sortear(banco: Banco, sorteo: ObjectId, adelantar: Any) -> float:
    """The seconds of the three steps, each of which it tells: also how long this process, which the API is in, used a
    processor, the engine and the database being others."""
    tomo = 0.0
    dicho = []
    for paso, cuerpo in (("cerrar", None), ("ejecutar", {"entropia": ENTROPIA}), ("publicar", None)):
        inicio, propio = time.perf_counter(), time.process_time()
        await _dar(banco, f"/sorteo/{sorteo}/{paso}", cuerpo)
        suyo = time.perf_counter() - inicio
        dicho.append(f"{paso} {suyo:.1f} s (la API {time.process_time() - propio:.1f})")
        tomo += suyo
        if paso == "cerrar":
            await adelantar()
    sys.stdout.write(f"  {', '.join(dicho)}\n")
    return tomo


async def _resultados(banco: Banco, sorteo: ObjectId) -> float:
    """The lines of the published file, inserted as they are."""
    partes = banco.base["sorteos_archivos"].find({"sorteo_id": sorteo, "archivo": "resultado"}).sort("parte", 1)
    dato = b"".join([parte["datos"] async for parte in partes])
    lineas = [json.loads(linea) for linea in dato.splitlines()]
    inicio = time.perf_counter()
    await _insertar(banco.base["suelo_resultados"], lineas)
    tomo = time.perf_counter() - inicio
    await banco.base.drop_collection("suelo_resultados")
    return tomo


async def _las_mismas(banco: Banco, sorteo: ObjectId, antes: Filas) -> float:
    """All that the three steps left, written again into empty collections with the same indexes: what is new in batches
    of a thousand, and what changed in the way that costs the database least (docs/decisions/0032): requests deleted and
    inserted as they are now, spaces as updates, each batch a transaction with its notices."""
    base, suelo = banco.base, banco.cliente["suelo"]
    solicitudes = await base["solicitudes"].find({"sorteo_id": sorteo}).to_list(None)
    de_ellas = {"$in": [s["_id"] for s in solicitudes]}
    filtros = {
        "sorteos_participantes": {"sorteo_id": sorteo},
        "sorteos_resultados": {"sorteo_id": sorteo},
        "sorteos_archivos": {"sorteo_id": sorteo},
        "solicitudes_movimientos": {"solicitud_id": de_ellas},
        "avisos": {"datos.sorteo_id": str(sorteo)},
        "espacios": {"ocupaciones.ref": de_ellas},
    }
    nuevas: dict[str, Filas] = {c: await base[c].find(f).to_list(None) for c, f in filtros.items()}
    for coleccion in ("solicitudes", *filtros):
        indices = await base[coleccion].index_information()
        for nombre, indice in indices.items():
            if nombre != "_id_":
                opciones = {o: v for o, v in indice.items() if o in ("unique", "partialFilterExpression")}
                await suelo[coleccion].create_index(indice["key"], name=nombre, **opciones)
    espacios = nuevas.pop("espacios")
    await _insertar(suelo["solicitudes"], antes)
    await _insertar(suelo["espacios"], [e | {"ocupaciones": []} for e in espacios])
    ocupados = [UpdateOne({"codigo": e["codigo"]}, {"$set": {"ocupaciones": e["ocupaciones"]}}) for e in espacios]
    inicio = time.perf_counter()
    for coleccion in ("sorteos_participantes", "sorteos_archivos", "sorteos_resultados"):
        for tanda in _tandas(nuevas[coleccion]):
            await suelo[coleccion].insert_many(tanda, ordered=True)
    movimientos, avisos = _tandas(nuevas["solicitudes_movimientos"]), _tandas(nuevas["avisos"])
    libres = _tandas(ocupados)
    for n, tanda in enumerate(_tandas(solicitudes)):
        async with await banco.cliente.start_session() as sesion:
            sesion.start_transaction(ReadConcern("snapshot"), WriteConcern("majority"))
            de_la_tanda = {"_id": {"$in": [fila["_id"] for fila in tanda]}}
            await suelo["solicitudes"].delete_many(de_la_tanda, session=sesion)
            await suelo["solicitudes"].insert_many(tanda, session=sesion)
            for coleccion, tandas in (("solicitudes_movimientos", movimientos), ("avisos", avisos)):
                if n < len(tandas):
                    await suelo[coleccion].insert_many(tandas[n], session=sesion)
            if n < len(libres):
                await suelo["espacios"].bulk_write(libres[n], ordered=False, session=sesion)
            await sesion.commit_transaction()
    tomo = time.perf_counter() - inicio
    await banco.cliente.drop_database("suelo")
    return tomo


def _tandas(filas: Sequence[Any]) -> list[list[Any]]:
    return [list(filas[i : i + _LOTE]) for i in range(0, len(filas), _LOTE)]
