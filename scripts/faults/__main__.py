"""`python -m scripts.faults [MINUTES]`: clients, draws and faults on a replica set of three; then a judgement.

SEED=1 says which faults hit whom. BREVE=1: short ones, each kind once, however long that takes; BREVE=pocas: of those
as few as all that can fail fails in, and fewer people. INFORME: where to write the page. Exit status: 0 nothing was
found, 1 something was, 130 it was interrupted.
"""

import asyncio
import itertools
import os
import signal
import sys
import tempfile
from collections.abc import Awaitable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from scripts.cluster.apis import Api, agrupadas
from scripts.cluster.processes import NoArranca
from scripts.cluster.replicas import Replicas
from scripts.faults.clients import Persona, cambia, crea_con_clave, crea_sin_clave, escribe_en, lee, mira_la_salud
from scripts.faults.draws import Jugados, Mesa
from scripts.faults.injection import POCAS, Averias, Hecha
from scripts.faults.judge import Juicio
from scripts.faults.ledger import Libro, ahora
from scripts.faults.report import informe, sumar_vueltas

AJUSTES = {"PARKNET_CUOTAS": "1000", "PARKNET_BCRYPT_COST": "4", "PARKNET_LATIDO_SEGUNDOS": "1"}


@dataclass(frozen=True)
class Medidas:
    """Seconds: of short and of long faults, between two, of an election, and from the opening of a draw to its
    number. `una_vez`: each kind of fault happens once, and then it ends; of `averias` alone, where there are any.
    `creadoras`: people who create, of each way."""

    corta: float
    larga: float
    entre: float
    eleccion: float
    margen: float
    una_vez: bool = False
    averias: Sequence[str] = ()
    creadoras: int = 3


LARGAS = Medidas(corta=3, larga=25, entre=20, eleccion=10, margen=60)
BREVES = Medidas(corta=1, larga=6, entre=3, eleccion=1.5, margen=10, una_vez=True)
DE_BREVE = {"": LARGAS, "0": LARGAS, "pocas": replace(BREVES, averias=POCAS, creadoras=1)}


async def _correr(
    replicas: Replicas, apis: list[Api], libro: Libro, *, minutos: float, semilla: int, medidas: Medidas
) -> tuple[list[Hecha], Jugados]:
    origenes = [api.origen for api in apis]
    personas: list[Persona] = []

    async def persona(nombre: str) -> Persona:
        personas.append(Persona(nombre, origenes, libro))
        await personas[-1].entrar()
        return personas[-1]

    mesa = Mesa(await persona("SORTEO"), margen=medidas.margen)
    await mesa.preparar()
    trabajos: list[Awaitable[None]] = [
        mesa.jugar(),
        *[crea_con_clave(await persona(f"CLAVE{n}X")) for n in range(medidas.creadoras)],
        *[crea_sin_clave(await persona(f"SUELTA{n}X")) for n in range(medidas.creadoras)],
        *[cambia(await persona(f"CAMBIO{n}X")) for n in range(2)],
        lee(await persona("LECTORA")),
        *[escribe_en(await persona(f"SONDA{n}X"), n) for n in range(len(apis))],
        *[mira_la_salud(await persona(f"SALUD{n}"), n) for n in range(len(apis))],
    ]
    tareas = [asyncio.ensure_future(trabajo) for trabajo in trabajos]
    averias = Averias(replicas, apis, corta=medidas.corta, larga=medidas.larga, semilla=semilla)
    limite = ahora() + minutos * 60
    cuales = medidas.averias or averias.todas
    for nombre in cuales if medidas.una_vez else itertools.cycle(cuales):
        await asyncio.sleep(medidas.entre)
        if not medidas.una_vez and ahora() > limite:
            break
        hecha = await averias.provocar(nombre)
        sys.stderr.write(f"faults: {nombre} ({hecha.hasta - hecha.desde:.0f} s)\n")
    # What was begun is finished, and what goes on by itself has its time.
    await asyncio.sleep(medidas.entre)
    for cada in personas:
        cada.seguir = False
    await asyncio.gather(*tareas)
    for cada in personas:
        await cada.cerrar()
    return averias.hechas, mesa.jugados


def _probar(carpeta: Path, minutos: float, semilla: int, medidas: Medidas) -> tuple[str, bool]:
    libro, desde = Libro(carpeta / "libro.jsonl"), ahora()
    with agrupadas(carpeta, eleccion=int(medidas.eleccion * 1000), ajustes=AJUSTES) as (replicas, apis):
        try:
            hechas, jugados = asyncio.run(
                _correr(replicas, apis, libro, minutos=minutos, semilla=semilla, medidas=medidas)
            )
        finally:
            libro.cerrar()
        juicio = Juicio(libro.leer(), hechas, replicas.uri)
        juicio.juzgar(apis[0].origen, jugados.publicados, carpeta)
        juicio.faltas += [f"atascado: {atasco}" for atasco in jugados.atascos]
        sumar_vueltas(juicio)
        duro = minutos if not medidas.una_vez else round((ahora() - desde) / 60, 1)
        return informe(juicio, jugados, minutos=duro, semilla=semilla), not juicio.faltas


def main() -> int:
    for senal in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(senal, signal.default_int_handler)
    minutos = float(sys.argv[1]) if len(sys.argv) > 1 else 30.0
    medidas = DE_BREVE.get(os.environ.get("BREVE", ""), BREVES)
    guardar = os.environ.get("CARPETA")
    try:
        with suppress(OSError), tempfile.TemporaryDirectory(prefix="parknet-faults-") as temporal:
            carpeta = Path(guardar or temporal)
            carpeta.mkdir(parents=True, exist_ok=True)
            texto, bien = _probar(carpeta, minutos, int(os.environ.get("SEED", "1")), medidas)
    except NoArranca as error:
        sys.stderr.write(f"faults: {error}\n")
        return 1
    except KeyboardInterrupt:
        return 130
    sys.stdout.write(texto)
    if destino := os.environ.get("INFORME"):
        Path(destino).write_text(texto, encoding="utf-8")
    return 0 if bien else 1


if __name__ == "__main__":
    sys.exit(main())
