"""What the judges have in common: how many examples, from which seed, and a world that no example leaves changed.

Longer runs: `make fuzz EXAMPLES=500 SEED=7`.
"""

import asyncio
import os
import re
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, TypeVar

import httpx
import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.strategies import SearchStrategy

from tests.alcance import EXHAUSTIVO
from tests.api.conftest import Aplicacion
from tests.api.problemas import defectos
from tests.judges.crecimiento import MundoGrande, entrar
from tests.judges.foto import Foto

EJEMPLOS = int(os.environ.get("JUDGE_EXAMPLES", "4" if EXHAUSTIVO else "2"))
SEMILLA = int(os.environ.get("JUDGE_SEED", "20260302"))
E = TypeVar("E")


@dataclass
class Banco:
    """The application, its world, and how it is put back. `sorteos`: one in each state that there is, by state."""

    aplicacion: Aplicacion
    mundo: MundoGrande
    foto: Foto
    quienes: Mapping[str, Mapping[str, str]]
    sorteos: Mapping[str, str]
    faltas: list[str] = field(default_factory=list)

    async def pedir(self, metodo: str, url: str, *, quien: str | None, **opciones: Any) -> httpx.Response:
        """Send it as `quien`, and undo what it changed."""
        # As the wire has them: httpx takes texts of ASCII alone.
        dichas = opciones.pop("headers", {}).items()
        cabeceras = {c: v if isinstance(v, bytes) else v.encode("latin-1") for c, v in dichas}
        if quien is not None:
            cabeceras |= {c: v.encode() for c, v in self.mundo.quien[quien].items()}
        respuesta = await self.aplicacion.cliente.request(metodo, url, headers=cabeceras, **opciones)
        if metodo != "GET" and respuesta.status_code < 400:
            await self.reponer()
        return respuesta

    async def reponer(self) -> None:
        cambiadas = await self.foto.reponer()
        self.mundo.quien = dict(self.quienes)
        if all(nombre.startswith("auditoria") for nombre in cambiadas):
            return
        # Signing out, or ending all other sessions, is remembered by the process too.
        respuesta = await self.aplicacion.cliente.get("/api/v1/auth/yo", headers=self.mundo.quien["admin"])
        otra = await self.aplicacion.cliente.get("/api/v1/auth/yo", headers=self.mundo.quien["residente"])
        if {respuesta.status_code, otra.status_code} != {200}:
            await entrar(self.mundo)
            self.quienes = dict(self.mundo.quien)
            await self.foto.tomar()


def problema(respuesta: httpx.Response) -> list[str]:
    """What is wrong with a refusal, whichever it is; nothing with an answer."""
    if respuesta.status_code < 400 or respuesta.status_code == 412:
        return []
    if respuesta.status_code >= 500:
        return [f"{respuesta.status_code}: {respuesta.text[:300]}"]
    return defectos(respuesta, {respuesta.status_code})


@contextmanager
def patrones_una_vez() -> Iterator[None]:
    """While it lasts, what makes up the texts of a pattern is built once a pattern. Hypothesis builds it anew for every
    field that has the pattern, in every mode and for every example, and walks through all of Unicode each time: nine
    tenths of what making examples takes."""
    hechos: dict[tuple[str, int, str], SearchStrategy[str]] = {}
    # It reads a table of all characters when it is imported, which Hypothesis wants nobody to do while tests are found.
    de_hypothesis: Any = import_module("hypothesis.strategies._internal.regex")
    original: Callable[..., SearchStrategy[str]] = de_hypothesis.base_regex_strategy

    def una_vez(regex: re.Pattern[str], *, parsed: Any = None, alphabet: Any) -> SearchStrategy[str]:
        llave = (regex.pattern, regex.flags, repr(alphabet))
        if llave not in hechos:
            hechos[llave] = original(regex, parsed=parsed, alphabet=alphabet)
        return hechos[llave]

    with pytest.MonkeyPatch.context() as parche:
        parche.setattr(de_hypothesis, "base_regex_strategy", una_vez)
        yield


async def probar(ejemplos: SearchStrategy[E], uno: Callable[[E], Coroutine[Any, Any, None]], *, cuantos: int) -> None:
    """`uno` of each of so many examples, the same in every run. They are made in a thread, as whoever makes them does
    not wait for a loop; `uno` runs in the loop, where the application is."""
    bucle = asyncio.get_running_loop()

    def en_orden() -> None:
        @seed(SEMILLA)
        @settings(
            max_examples=cuantos,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(ejemplos)
        def cada(ejemplo: E) -> None:
            asyncio.run_coroutine_threadsafe(uno(ejemplo), bucle).result()

        cada()

    await asyncio.to_thread(en_orden)
