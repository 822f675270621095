"""What a draw costs that is checked, admits and seats, against a program that only reads, hashes, sorts and writes; and
what a million take against three hundred thousand. Each side is a process of its own.
"""

import asyncio
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from app.modules.sorteo.motor import Bases, Espacio, Participante, compromiso_de, lineas_bases
from scripts.bench.banco import Banco
from scripts.bench.medida import Lado, Razon, entre, por_turnos

_RONDAS = 5
_CIUDAD, _MILLON = 300_000, 1_000_000
_MAXIMO, _MAXIMO_DEL_MILLON, _MAXIMO_GB = 0.75, 3.7, 1.5
_SECRETO = "ab" * 32
_SUELO = Path(__file__).with_name("suelos") / "motor.py"
_RESERVA = "movilidad_reducida"


async def medir(_: Banco) -> list[Razon]:
    with tempfile.TemporaryDirectory(prefix="parknet-motor-") as carpeta:
        ciudad, millon = (_bases(Path(carpeta) / str(cuantos), cuantos) for cuantos in (_CIUDAD, _MILLON))
        memoria: list[float] = []
        propio, suelo, del_millon = await por_turnos(
            [_motor(ciudad, []), _correr([str(_SUELO), str(ciudad), _SECRETO, "1"], []), _motor(millon, memoria)],
            rondas=_RONDAS,
        )
    return [
        Razon("sortear 300.000", "motor", "suelo", entre(propio, suelo), _MAXIMO),
        Razon("sortear 1.000.000", "motor", "300.000", entre(del_millon, propio), _MAXIMO_DEL_MILLON),
        Razon("memoria de 1.000.000", "motor", "1 GB", memoria, _MAXIMO_GB),
    ]


def _motor(bases: Path, memoria: list[float]) -> Lado:
    orden = ["-m", "app.modules.sorteo.motor", str(bases), "--secreto", _SECRETO, "--entropia", "1"]
    return _correr(orden, memoria)


def _correr(orden: list[str], memoria: list[float]) -> Lado:
    def correr() -> None:
        proceso = subprocess.Popen([sys.executable, *orden], stdout=subprocess.DEVNULL)  # noqa: S603
        _, estado, uso = os.wait4(proceso.pid, 0)
        proceso.returncode = os.waitstatus_to_exitcode(estado)
        if proceso.returncode:
            raise AssertionError(f"{orden} terminó con {proceso.returncode}")
        memoria.append(uso.ru_maxrss / 2**20)

    async def lado() -> None:
        await asyncio.to_thread(correr)

    return lado


def _bases(archivo: Path, cuantos: int) -> Path:
    azar = random.Random(cuantos)  # noqa: S311
    clases = ["carro", "carro", "carro", "moto", "bicicleta", "carro_electrico"]
    plazas = cuantos // 5
    espacios = (
        Espacio(f"P{n:06}", azar.choice(clases), _RESERVA if azar.random() < 0.03 else None) for n in range(plazas)
    )
    with archivo.open("wb") as abierto:
        bases = Bases(
            *("banco", compromiso_de(_SECRETO), "una fuente", True),
            *(tuple(espacios), tuple(_participantes(azar, cuantos, plazas, clases))),
        )
        abierto.writelines(lineas_bases(bases))
    return archivo


def _participantes(azar: random.Random, cuantos: int, plazas: int, clases: list[str]) -> Iterator[Participante]:
    for n in range(cuantos):
        clase = azar.choice(clases)
        yield Participante(
            id=f"{n * 7919:024x}",
            nivel=0 if azar.random() < 0.02 else 5,
            boletas=azar.choice([1, 1, 1, 1, 2, 3]),
            tipos=("carro_electrico", "carro") if clase == "carro_electrico" else (clase,),
            condiciones=(_RESERVA,) if azar.random() < 0.03 else (),
            preferencias=tuple(f"P{azar.randrange(plazas):06}" for _ in range(azar.choice([0, 0, 2]))),
        )
