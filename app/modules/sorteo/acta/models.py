"""What people add to the minutes of a draw. The rest of the minutes is read from the draw."""

from datetime import datetime

from pydantic import BaseModel

from app.shared.documents import Documento


class Firmante(BaseModel):
    nombre: str
    cargo: str


class Acta(Documento):
    """The id of an Acta is the id of its draw."""

    asistentes: list[str]
    quorum: str | None = None
    incidencias: str | None
    firmantes: list[Firmante]
    escrita_en: datetime

    class Settings(Documento.Settings):
        name = "sorteos_actas"
