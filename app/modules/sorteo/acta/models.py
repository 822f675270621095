"""What people add to the minutes of a draw; all the rest of them is the draw's own."""

from datetime import datetime

from pydantic import BaseModel

from app.shared.documents import Documento


class Firmante(BaseModel):
    nombre: str
    cargo: str


class Acta(Documento):
    """Its id is that of the draw."""

    asistentes: list[str]
    incidencias: str | None
    firmantes: list[Firmante]
    escrita_en: datetime

    class Settings(Documento.Settings):
        name = "sorteos_actas"
