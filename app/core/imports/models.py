"""What is kept of an import beside its job: batch by batch, what became of its rows; of a dry run, what they would have
left."""

from datetime import datetime
from typing import Any

from beanie import Document, PydanticObjectId
from pymongo import IndexModel

from app.shared.documents import Documento


class LoteDeImportacion(Documento):
    """`filas`: what became of each row, in order. `hechos`: what was written, until it is taken back."""

    trabajo_id: PydanticObjectId
    linea: int
    filas: list[dict[str, Any]]
    hechos: list[dict[str, Any]]
    borrar_en: datetime

    class Settings(Documento.Settings):
        name = "importaciones_lotes"
        indexes = [
            IndexModel([("trabajo_id", 1), ("linea", 1)], name="lote_linea", unique=True),
            IndexModel("hechos.id", name="lote_hecho"),
            IndexModel("borrar_en", name="lote_borrar"),
        ]


class EstadoEnsayado(Documento):
    """How a dry run would have left a thing, which later rows look for under `claves`."""

    trabajo_id: PydanticObjectId
    cosa: str
    claves: list[str]
    fila: dict[str, Any]
    borrar_en: datetime

    class Settings(Documento.Settings):
        name = "importaciones_ensayos"
        indexes = [
            IndexModel([("trabajo_id", 1), ("cosa", 1)], name="ensayo_cosa", unique=True),
            IndexModel([("trabajo_id", 1), ("claves", 1)], name="ensayo_claves"),
            IndexModel("borrar_en", name="ensayo_borrar"),
        ]


DOCUMENTOS: tuple[type[Document], ...] = (LoteDeImportacion, EstadoEnsayado)
