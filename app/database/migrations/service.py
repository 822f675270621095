"""Bringing what is stored to the version that this code reads, before anything reads it.

The version of the data stands in `instalacion`. It grows when all changes of a migration are made, and never shrinks:
`steps.py` says why that needs no turn. Documents of before are not read by this code: until it is done, a process of
this version answers that it lives, and nothing else.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import pymongo
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo import UpdateOne
from pymongo.errors import OperationFailure

from app.core.config import ConfigError, Settings
from app.core.facts.marks import MarcasDeHechos
from app.core.sealing import Precinto, PrecintoDeFilas
from app.database.migrations.changes import Campo, Cosecha, Marca, Marcado, Migracion, Retiro, Siembra
from app.database.migrations.steps import MIGRACIONES
from app.shared.exceptions import NoDisponible

log = logging.getLogger(__name__)

_ID = "datos"
_MARCADAS = "marcadas"
_MARCAS, _VERSION = "hechos_marcados", "datos_de_la_version"
"""As the audit calls that facts were marked, and of which version the data is from then on."""
_NO_ESTA = (26, 27)
"""NamespaceNotFound, IndexNotFound."""
_LOTE = 1000
_SIN_PRISA = 24 * 60 * 60
"""Seconds: a command takes as long as there are documents. With None each would have what the client gives a call."""
_NO_SON_DATOS = {"instalacion", "procesos"}


class MigracionPendiente(NoDisponible):
    """The data is of before, and whoever asked did not want it changed."""


async def exigir_version(
    cliente: "AsyncIOMotorClient[dict[str, Any]]",
    ajustes: Settings,
    *,
    migrar: bool = True,
    migraciones: Sequence[Migracion] = MIGRACIONES,
) -> None:
    """Make the data of this version, with `migrar`. Raises ConfigError where it is of a later one, or was once of a
    later one than it says, MigracionPendiente where it is of an earlier one and may not be changed."""
    base = cliente[ajustes.mongodb_db]
    version = await _guardada(base)
    faltan = await _que_faltan(base, version, migraciones)
    if not faltan:
        if version is None:
            await _sembrar(base, [c for m in migraciones for c in m.cambios if isinstance(c, Siembra)])
            await _decir(base, _ultima(migraciones))
        return
    dicha = await _dicha(base)
    if dicha >= faltan[0].numero:
        # Bringing it up to date again would mark, and so believe, whatever was written there since.
        raise ConfigError(
            f"PARKNET_MONGODB_DB: los datos dicen ser de la versión {faltan[0].numero - 1}, y ya eran de la {dicha} "
            f"según la auditoría ({_VERSION}): alguien escribió en `instalacion`, y no se vuelven a marcar"
        )
    if not migrar:
        raise MigracionPendiente()
    with pymongo.timeout(_SIN_PRISA):
        for migracion in faltan:
            log.warning("los datos pasan a la versión %d: %s", migracion.numero, migracion.que)
            for cambio in migracion.cambios:
                if isinstance(cambio, Siembra):
                    await _sembrar(base, [cambio])
                elif isinstance(cambio, Retiro):
                    await _retirar(base, cambio)
                elif isinstance(cambio, Marcado):
                    await _marcar(base, cambio, ajustes)
                elif isinstance(cambio, Marca):
                    await marcar(base, ajustes, cambio)
                elif isinstance(cambio, Campo | Cosecha):
                    await base[cambio.coleccion].aggregate(list(cambio.agregacion)).to_list(None)
                else:
                    await base[cambio.coleccion].update_many(cambio.filtro, list(cambio.cambio))
            await _decir(base, migracion.numero)
    log.warning("los datos son de la versión %d", faltan[-1].numero)


async def por_cambiar(
    cliente: "AsyncIOMotorClient[dict[str, Any]]", ajustes: Settings, migraciones: Sequence[Migracion] = MIGRACIONES
) -> list[tuple[Migracion, int]]:
    """What `exigir_version` would do, and to how many documents. What an earlier one would change first is not
    foreseen. Raises ConfigError."""
    base = cliente[ajustes.mongodb_db]
    with pymongo.timeout(_SIN_PRISA):
        return [
            (migracion, sum([await base[c.coleccion].count_documents(c.filtro) for c in migracion.cambios]))
            for migracion in await _que_faltan(base, await _guardada(base), migraciones)
        ]


async def _guardada(base: Any) -> int | None:
    """The version of the data, as far as it was ever written down."""
    guardada = await base["instalacion"].find_one({"_id": _ID})
    return None if guardada is None else guardada["version"]


async def _que_faltan(base: Any, version: int | None, migraciones: Sequence[Migracion]) -> list[Migracion]:
    if version is None:
        # A database that nobody used yet begins at the last; one from before versions were counted, at none.
        estrena = not set(await base.list_collection_names()) - _NO_SON_DATOS
        version = _ultima(migraciones) if estrena else 0
    if version > _ultima(migraciones):
        raise ConfigError(
            f"PARKNET_MONGODB_DB: los datos son de la versión {version}, "
            f"y este programa llega a la {_ultima(migraciones)}: use uno más nuevo"
        )
    return [m for m in migraciones if m.numero > version]


def _ultima(migraciones: Sequence[Migracion]) -> int:
    return migraciones[-1].numero if migraciones else 0


async def _sembrar(base: Any, siembras: Sequence[Siembra]) -> None:
    for siembra in siembras:
        coleccion = base[siembra.coleccion]
        await coleccion.create_index(siembra.clave, name=siembra.indice, unique=True)
        for documento in siembra.documentos:
            clave = {siembra.clave: documento[siembra.clave]}
            await coleccion.update_one(clave, {"$setOnInsert": documento}, upsert=True)


async def _retirar(base: Any, retiro: Retiro) -> None:
    try:
        await base[retiro.coleccion].drop_index(retiro.indice)
    except OperationFailure as error:
        if error.code not in _NO_ESTA:
            raise


async def _marcar(base: Any, marcado: Marcado, ajustes: Settings) -> None:
    nueva = _marca_de(marcado, ajustes)
    antes = None if marcado.segun is None else _marca_de(marcado.segun, ajustes)
    coleccion = base[marcado.coleccion]
    leidos = nueva.leidos if marcado.segun is None else [*nueva.leidos, *marcado.segun.campos, marcado.segun.en]
    while lote := await coleccion.find(marcado.filtro, leidos).limit(_LOTE).to_list(_LOTE):
        marcas = {f["_id"]: nueva.de(f) if antes is None or antes.vale(f) else None for f in lote}
        ordenes = [UpdateOne({"_id": id, **marcado.filtro}, {"$set": {marcado.en: m}}) for id, m in marcas.items()]
        hechas = await coleccion.bulk_write(ordenes, ordered=False)
        await _contar_marcadas(base, marcado.coleccion, hechas.modified_count)


def _marca_de(marcado: Marcado, ajustes: Settings) -> PrecintoDeFilas:
    precinto = Precinto(ajustes.clave(marcado.clave), marcado.uso, ajustes.anteriores(marcado.clave))
    return PrecintoDeFilas(precinto=precinto, campos=marcado.campos, en=marcado.en)


async def marcar(base: Any, ajustes: Settings, cambio: Marca) -> None:
    precinto = Precinto(ajustes.clave("clave_sorteo"), "hechos", ajustes.anteriores("clave_sorteo"))
    marcas = MarcasDeHechos(precinto, cambio.de, cambio.hechos, cambio.partes, cambio.juntos)
    coleccion = base[cambio.coleccion]
    while filas := await coleccion.find(cambio.filtro, marcas.campos).limit(_LOTE).to_list(None):
        for otras, campo in cambio.ids_de.items():
            suyas: dict[Any, list[Any]] = {fila["_id"]: [] for fila in filas}
            async for otra in base[otras].find({campo: {"$in": list(suyas)}}, [campo]).sort("_id", 1):
                suyas[otra[campo]].append(otra["_id"])
            filas = [fila | {otras: suyas[fila["_id"]]} for fila in filas]
        dichas = {f["_id"]: dict.fromkeys(marcas.campos) | f for f in filas}
        puestas = {id: {f"marcas.{hecho}": m for hecho, m in marcas.todas(f).items()} for id, f in dichas.items()}
        ordenes = [UpdateOne({"_id": id, **cambio.filtro}, {"$set": suyas}) for id, suyas in puestas.items()]
        hechas = await coleccion.bulk_write(ordenes, ordered=False)
        await _contar_marcadas(base, cambio.coleccion, hechas.modified_count)


async def _contar_marcadas(base: Any, coleccion: str, cuantas: int) -> None:
    await base["instalacion"].update_one({"_id": _MARCADAS}, {"$inc": {coleccion: cuantas}}, upsert=True)


async def decir_marcadas(
    cliente: "AsyncIOMotorClient[dict[str, Any]]",
    ajustes: Settings,
    decir: Callable[[str, Mapping[str, str]], Awaitable[None]],
) -> None:
    """Tell the audit of what was marked, once: what is told is forgotten after. And of which version the data is."""
    base = cliente[ajustes.mongodb_db]
    cuantas = await base["instalacion"].find_one({"_id": _MARCADAS})
    if cuantas is not None:
        await decir(_MARCAS, {coleccion: str(n) for coleccion, n in cuantas.items() if coleccion != "_id"})
        await base["instalacion"].delete_one({"_id": _MARCADAS})
    version = await _guardada(base) or 0
    if version > await _dicha(base):
        await decir(_VERSION, {"version": str(version)})


async def _dicha(base: Any) -> int:
    """The latest version that the audit was told of."""
    filas = base["auditoria"].find({"accion": _VERSION}, ["datos"])
    return max([int(fila["datos"]["version"]) async for fila in filas], default=0)


async def _decir(base: Any, version: int) -> None:
    await base["instalacion"].update_one({"_id": _ID}, {"$max": {"version": version}}, upsert=True)
