"""What was asked for and what was answered, call by call, on disk: what the judge holds against the database."""

import json
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Anotada:
    """`clase`: of what kind the call is; `cosa`: what it is about, by a name of the client's own. `status` is None
    where no answer came; `valor`: what the client wanted there to be, or was given."""

    cuando: float
    clase: str
    cosa: str
    api: int
    status: int | None
    codigo: str
    segundos: float
    valor: Any = None
    datos: dict[str, Any] = field(default_factory=dict)

    @property
    def buena(self) -> bool:
        return self.status is not None and 200 <= self.status < 300

    @property
    def sin_saberse(self) -> bool:
        """It may have been done: no answer came, or one that says so."""
        return self.status is None or self.codigo == "resultado_desconocido"


class Libro:
    def __init__(self, ruta: Path) -> None:
        self.ruta = ruta
        self._archivo = ruta.open("a", encoding="utf-8")

    def anotar(self, anotada: Anotada) -> None:
        self._archivo.write(json.dumps(asdict(anotada), ensure_ascii=False) + "\n")
        self._archivo.flush()

    def cerrar(self) -> None:
        self._archivo.close()

    def leer(self) -> Iterator[Anotada]:
        with self.ruta.open(encoding="utf-8") as archivo:
            for linea in archivo:
                yield Anotada(**json.loads(linea))


def ahora() -> float:
    return time.monotonic()
