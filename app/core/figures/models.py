"""What is kept of a figure: how many there are of many things, and when they were counted."""

from datetime import datetime
from typing import Any

import attrs
from beanie import Document

from app.shared.documents import Documento

Filas = list[dict[str, Any]]
"""Groups of what was counted: the fields by which they differ, and how many are in each, `n`."""


@attrs.frozen(kw_only=True)
class Cifra:
    """`filas` as they were at `contado_en`; None: as they are now. `tardo`: the seconds that counting took."""

    filas: Filas
    contado_en: datetime | None
    tardo: float

    @property
    def cuantas(self) -> int:
        return sum(fila["n"] for fila in self.filas)


class CifraGuardada(Documento):
    """The id is the name of the figure."""

    id: str  # type: ignore[assignment]
    filas: Filas
    contado_en: datetime
    tardo: float

    class Settings(Documento.Settings):
        name = "cifras"


DOCUMENTOS: tuple[type[Document], ...] = (CifraGuardada,)
