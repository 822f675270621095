"""What a hundred sign-ins at once cost whoever is in already: the same reads while passwords are being checked, and in
calm. Passwords are slow on purpose; they are to be slow for who signs in, and not for the rest."""

import asyncio
import time

from scripts.bench.banco import Banco
from scripts.bench.medida import Razon, entre

_RONDAS = 9
_ENTRADAS = 100
_LECTURAS = 20
_MAXIMO = 4.0
"""On two processors one is left to the reads, and to the database that answers them."""


async def medir(banco: Banco) -> list[Razon]:
    for i in range(_LECTURAS):
        await banco.pedir("POST", "/sorteo/espacios", {"codigo": f"E-{i:04}", "tipo": "carro"}, a=banco.sin)
    await _leer(banco)
    en_calma, entretanto = [], []
    for _ in range(_RONDAS):
        en_calma.append(await _leer(banco))
        entradas = [asyncio.create_task(banco.entrar()) for _ in range(_ENTRADAS)]
        # The first ones have got to their passwords.
        await asyncio.sleep(0.1)
        entretanto.append(await _leer(banco))
        if all(entrada.done() for entrada in entradas):
            raise AssertionError("las entradas acabaron antes que las lecturas")
        await asyncio.gather(*entradas)
    return [
        Razon(f"{_LECTURAS} lecturas", f"con {_ENTRADAS} entradas", "en calma", entre(entretanto, en_calma), _MAXIMO)
    ]


async def _leer(banco: Banco) -> float:
    inicio = time.perf_counter()
    for i in range(_LECTURAS):
        await banco.pedir("GET", f"/sorteo/espacios/E-{i:04}")
    return time.perf_counter() - inicio
