"""How far the copy outside has come."""

from datetime import datetime
from typing import Any

from beanie import Document, PydanticObjectId
from pydantic import BaseModel

from app.shared.documents import Documento

UNICO = PydanticObjectId("0" * 24)


class Repaso(BaseModel):
    """A walk through everything: the table that it has come to, and the id after which it goes on. `desde`: the `marca`
    under which it began; what has an earlier one at its end is there no more."""

    tabla: int = 0
    ultimo: PydanticObjectId | None = None
    desde: int


class Copia(Documento):
    """Its id is `UNICO`. `posicion`: the place in the database's own log up to which every change is outside; None
    before the first time. `destino`: to where, and under which key; for another everything is copied anew. `ficha`: who
    is at work, heard of at `visto_en`. `marca` grows with each that takes up the work, also when a backup brought back
    none of this."""

    destino: str | None = None
    posicion: dict[str, Any] | None = None
    repaso: Repaso | None = None
    ficha: str | None = None
    visto_en: datetime | None = None
    marca: int = 0

    class Settings(Documento.Settings):
        name = "analitica"


DOCUMENTOS: tuple[type[Document], ...] = (Copia,)
