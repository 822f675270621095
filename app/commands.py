"""What `python main.py` does beside starting the API: `respaldar` and `restaurar` a backup, `migrar` the data, list
the `suprimidas`, bring the copy outside (`analitica`) up to date. Each says first on which database."""

import argparse
import asyncio
import os
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from bson import ObjectId
from bson.errors import InvalidId

from app.core.config import ConfigError, Settings
from app.database.backup.archive import RespaldoError
from app.database.backup.service import base_de, exigir_algo, respaldar, restaurar, suprimidas
from app.database.data import exigir_datos
from app.database.migrations.changes import Migracion
from app.database.migrations.service import por_cambiar
from app.database.mongodb import Database
from app.modules.analitica.ports import SinAlmacen
from app.wiring.documents import DOCUMENTOS
from app.wiring.outside import montar_analitica

Orden = Callable[[Settings, argparse.Namespace], int]
# Of an address that is not written as it should be, nothing: it might be a piece of the password.
_SERVIDORES = re.compile(r"mongodb(?:\+srv)?://(?:[^@/]*@)?([^@/?]+)(?:[/?][^@]*)?")


def leer_orden(argumentos: Sequence[str]) -> tuple[Orden | None, argparse.Namespace]:
    """What is to be done, None where the API is to be started. Ends the program where the line makes no sense."""
    lector = argparse.ArgumentParser(prog="main.py", description="Sin orden: arranca la API.")
    ordenes = lector.add_subparsers(title="órdenes", metavar="")
    copia = ordenes.add_parser("respaldar", help="copia toda la base en un archivo, con la API en marcha o sin ella")
    copia.add_argument("archivo", type=Path)
    copia.set_defaults(orden=_respaldar)
    vuelta = ordenes.add_parser("restaurar", help="pone una copia en la base, con la API detenida")
    vuelta.add_argument("archivo", type=Path)
    vuelta.add_argument("--reemplazar", action="store_true", help="borra lo que haya en la base")
    vuelta.set_defaults(orden=_restaurar)
    vuelta.add_argument("--suprimidas", type=Path, help="una lista que hizo la orden del mismo nombre")
    lista = ordenes.add_parser("suprimidas", help="escribe la lista de las personas cuyos datos se suprimieron")
    lista.add_argument("archivo", type=Path)
    lista.set_defaults(orden=_suprimidas)
    datos = ordenes.add_parser("migrar", help="pone los datos al día, como hace por sí mismo cada arranque")
    datos.add_argument("--simular", action="store_true", help="dice qué cambiaría, y no cambia nada")
    datos.set_defaults(orden=_migrar)
    copia = ordenes.add_parser("analitica", help="pone al día la copia en BigQuery, con la API en marcha o sin ella")
    copia.add_argument("--simular", action="store_true", help="dice qué enviaría, y no cambia nada")
    copia.set_defaults(orden=_analitica)
    opciones = lector.parse_args(argumentos)
    orden: Orden | None = getattr(opciones, "orden", None)
    return None if orden is None else partial(_decir_donde, orden), opciones


def _decir_donde(orden: Orden, ajustes: Settings, opciones: argparse.Namespace) -> int:
    if ajustes.mongodb_uri is None:
        donde = f"la base incluida de {ajustes.data_dir.resolve()}"
    else:
        servidores = _SERVIDORES.fullmatch(ajustes.mongodb_uri.get_secret_value())
        donde = "PARKNET_MONGODB_URI" if servidores is None else servidores[1]
    _linea(f"{ajustes.mongodb_db}, en {donde}:")
    return orden(ajustes, opciones)


def _clave(ajustes: Settings) -> bytes | None:
    clave = ajustes.clave_respaldo
    return None if clave is None else clave.get_secret_value().encode()


def _suprimidas(ajustes: Settings, opciones: argparse.Namespace) -> int:
    """Ids, which by themselves name nobody, and days: to be kept apart from the backups."""
    with base_de(ajustes) as base:
        exigir_algo(base)
        lineas = [f"{id} {cuando.isoformat()}\n" for id, cuando in sorted(suprimidas(base).items())]
    try:
        opciones.archivo.write_text("".join(lineas), encoding="ascii")
    except OSError as error:
        raise RespaldoError(f"{opciones.archivo}: no se puede escribir: {error.strerror}") from error
    _linea(f"{len(lineas)} personas suprimidas.")
    return 0


def _leer_suprimidas(archivo: Path) -> dict[ObjectId, datetime]:
    try:
        lineas = [linea.split() for linea in archivo.read_text(encoding="ascii").splitlines() if linea.strip()]
        return {ObjectId(id): datetime.fromisoformat(cuando) for id, cuando in lineas}
    except OSError as error:
        raise RespaldoError(f"{archivo}: no se puede leer: {error.strerror}") from error
    except (ValueError, InvalidId) as error:
        raise RespaldoError(f"{archivo}: no es una lista de personas suprimidas") from error


def _respaldar(ajustes: Settings, opciones: argparse.Namespace) -> int:
    """The file appears whole or not at all, readable by its owner alone."""
    destino: Path = opciones.archivo
    provisional = destino.with_name(f".{destino.name}.{os.getpid()}.parcial")
    try:
        descriptor = os.open(provisional, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as archivo, base_de(ajustes) as base:
                exigir_algo(base)
                cuentas = respaldar(base, archivo, _clave(ajustes))
                os.fsync(archivo.fileno())
            provisional.replace(destino)
        finally:
            provisional.unlink(missing_ok=True)
    except OSError as error:
        raise RespaldoError(f"{destino}: no se puede escribir: {error.strerror}") from error
    _decir(cuentas, "Copiados")
    return 0


def _restaurar(ajustes: Settings, opciones: argparse.Namespace) -> int:
    lista = {} if opciones.suprimidas is None else _leer_suprimidas(opciones.suprimidas)
    try:
        with opciones.archivo.open("rb") as archivo, base_de(ajustes) as base:
            cuentas = restaurar(base, archivo, _clave(ajustes), reemplazar=opciones.reemplazar, ademas=lista)
    except OSError as error:
        raise RespaldoError(f"{opciones.archivo}: no se puede leer: {error.strerror}") from error
    _decir(cuentas, "Restaurados")
    return 0


def _migrar(ajustes: Settings, opciones: argparse.Namespace) -> int:
    for migracion, documentos in asyncio.run(_al_dia(ajustes, simular=opciones.simular)):
        _linea(f"{migracion.numero:4}{documentos:10}  {migracion.que}")
    _linea("No se cambió nada." if opciones.simular else "Los datos están al día.")
    return 0


async def _al_dia(ajustes: Settings, *, simular: bool) -> Sequence[tuple[Migracion, int]]:
    cambios: list[tuple[Migracion, int]] = []

    async def antes(cliente: Any) -> None:
        cambios.extend(await por_cambiar(cliente, ajustes))
        if not simular:
            await exigir_datos(cliente, ajustes)

    async with Database(ajustes, (), antes=antes):
        return cambios


def _analitica(ajustes: Settings, opciones: argparse.Namespace) -> int:
    if ajustes.analitica_proyecto is None:
        raise ConfigError("PARKNET_ANALITICA_PROYECTO: sin él no hay analítica")
    try:
        return asyncio.run(_copiar(ajustes, simular=opciones.simular))
    except SinAlmacen as error:
        raise ConfigError(f"PARKNET_ANALITICA_PROYECTO: {error}") from error


async def _copiar(ajustes: Settings, *, simular: bool) -> int:
    antes = partial(exigir_datos, ajustes=ajustes, migrar=False)
    async with Database(ajustes, DOCUMENTOS, antes=antes, con_indices=False):
        analitica = montar_analitica(ajustes)
        if analitica is None:
            raise ConfigError("PARKNET_ANALITICA_CONJUNTO: sin él no hay analítica")
        if not simular:
            al_dia = await analitica.poner_al_dia()
            _linea("La copia está al día." if al_dia else "Otro proceso la está poniendo al día.")
            return 0
        por_hacer = await analitica.por_hacer()
    for nombre in por_hacer.estructura:
        _linea(f"Se crearía {nombre}")
    for tabla, cuantas in por_hacer.filas.items():
        _linea(f"{tabla:28}{cuantas:10}")
    _linea("Se enviaría todo." if por_hacer.todo else "Se enviaría lo que cambió.")
    _linea("No se cambió nada.")
    return 0


def _decir(cuentas: Mapping[str, int], hecho: str) -> None:
    for nombre, cuantos in cuentas.items():
        _linea(f"{nombre:28}{cuantos:10}")
    _linea(f"{hecho} {sum(cuentas.values())} documentos.")


def _linea(texto: str) -> None:
    sys.stdout.write(f"{texto}\n")
