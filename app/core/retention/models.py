"""Which process clears away what has had its time."""

from datetime import datetime

from beanie import Document

from app.shared.documents import Documento


class TurnoDeLimpieza(Documento):
    """One document. `visto_en`: when `titular` last said that it is at it, by the clock of the database."""

    id: str  # type: ignore[assignment]
    titular: str | None
    visto_en: datetime | None = None

    class Settings(Documento.Settings):
        name = "limpiezas"


DOCUMENTOS: tuple[type[Document], ...] = (TurnoDeLimpieza,)
