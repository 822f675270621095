"""What is remembered of calls, as the routes see it: answers that are kept, and marks of what is being changed."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Protocol

from app.shared.exceptions import PeticionEnCurso


@dataclass(frozen=True, slots=True)
class Guardada:
    """An answer, whole. `cabeceras`: name and value, as they go out. `huella`: of what the call said."""

    status: int
    cabeceras: Sequence[tuple[str, str]]
    cuerpo: bytes
    huella: str


@dataclass(frozen=True, slots=True)
class Toma:
    """The key `id` is this call's, under `ficha`, until others may take the call for dead. `hecho`: what one before,
    which was, had got done."""

    id: str
    ficha: str
    hecho: str | None = None


class Respuestas(Protocol):
    async def tomar(self, *, id: str, huella: str | None) -> Toma | Guardada:
        """The key, for whoever is first or finds it lapsed; otherwise the answer that it left. `huella`: of all that
        the call says, None while that is not known. Raises ClaveReutilizada, PeticionEnCurso."""

    async def renovar(self, toma: Toma) -> bool:
        """Whether the key still was this call's, which it is for longer now."""

    async def guardar(self, toma: Toma, respuesta: Guardada) -> bool:
        """Keep the answer, in the transaction in course if there is one. False when the key has gone to another."""

    async def anotar(self, toma: Toma, hecho: str) -> bool:
        """Keep what has been got done, in the transaction that does it. False when the key has gone to another."""

    async def soltar(self, toma: Toma) -> None:
        """The call came to nothing: whoever repeats it is the first."""

    @property
    def segundos_de_toma(self) -> float:
        """How long a key is held without renewing it."""


class Candados(Protocol):
    async def tocar(self, *, objeto: str) -> None:
        """Write, in the transaction in course, on the one mark of `objeto`: of two that do so at once, one starts
        again."""


_en_curso: ContextVar[tuple[Respuestas, Toma] | None] = ContextVar("toma", default=None)


@contextmanager
def bajo(respuestas: Respuestas, toma: Toma) -> Iterator[None]:
    """For as long as a call that is several transactions holds its key."""
    ficha = _en_curso.set((respuestas, toma))
    try:
        yield
    finally:
        _en_curso.reset(ficha)


def hecho_antes() -> str | None:
    """What an earlier call under the same key had got done before it was taken for dead: it is not to be done again."""
    en_curso = _en_curso.get()
    return None if en_curso is None else en_curso[1].hecho


async def anotar_hecho(hecho: str) -> None:
    """In the transaction that does it. Raises PeticionEnCurso when somebody else does it by now."""
    en_curso = _en_curso.get()
    if en_curso is not None and not await en_curso[0].anotar(en_curso[1], hecho):
        raise PeticionEnCurso()
