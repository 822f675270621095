"""Jobs, the rows that they refused, and the pieces of their files."""

from datetime import datetime
from typing import Any

from beanie import Document, PydanticObjectId
from pydantic import BaseModel
from pymongo import IndexModel

from app.core.jobs.contract import EstadoTrabajo, RefDeArchivo
from app.shared.documents import UN_TEXTO, Documento


class FalloGuardado(BaseModel):
    codigo: str
    status: int
    datos: dict[str, Any]


class LlamadaGuardada(BaseModel):
    """The call that asked for the job: what the job does is the same act."""

    operacion: str
    traza: str | None
    direccion: str | None
    objetos: list[str]
    campos: list[str]


class ArchivoGuardado(BaseModel):
    """A kept file; of one that a job made, also what it is called, what it is, and until when it is there."""

    id: PydanticObjectId
    partes: int
    tamano: int
    nombre: str | None = None
    tipo: str | None = None
    vence_en: datetime | None = None

    @property
    def ref(self) -> RefDeArchivo:
        return RefDeArchivo(id=self.id, partes=self.partes, tamano=self.tamano)


class Trabajo(Documento):
    """`libre_desde`: from when on any process may take it up: at once, or later after a failure; None when it has
    ended. While it runs, the one that runs it says so at `visto_en`, by the clock of the database. `ficha` is that
    one's: under it, and under nothing else, the job is written on until it ends. `marca`: of who asked, and for what
    (see `Marcas`)."""

    tipo: str
    parametros: dict[str, Any]
    dueno: PydanticObjectId
    quien: dict[str, Any]
    llamada: LlamadaGuardada | None = None
    marca: str | None = None
    unico: str | None = None
    estado: EstadoTrabajo = EstadoTrabajo.en_cola
    hecho: int = 0
    total: int | None = None
    errores: int = 0
    resultado: dict[str, Any] | None = None
    fallo: FalloGuardado | None = None
    entrada: ArchivoGuardado | None = None
    archivo: ArchivoGuardado | None = None
    punto: dict[str, Any] = {}
    cancelar: bool = False
    ficha: str | None = None
    libre_desde: datetime | None
    visto_en: datetime | None = None
    intentos: int = 0
    version: int = 0
    creado_en: datetime
    terminado_en: datetime | None = None
    borrar_en: datetime | None = None

    class Settings(Documento.Settings):
        name = "trabajos"
        indexes = [
            # What may be taken up, first come first served. A job that has ended has no such time.
            IndexModel("libre_desde", name="trabajo_libre"),
            # `$gt: ""` is every text but the empty one; by a `$type` no query would be served.
            IndexModel("unico", name="trabajo_unico", unique=True, partialFilterExpression={"unico": UN_TEXTO}),
            IndexModel("borrar_en", name="trabajo_borrar"),
        ]


class FilaRechazada(Documento):
    trabajo_id: PydanticObjectId
    linea: int
    campo: str
    codigo: str
    datos: dict[str, Any]

    class Settings(Documento.Settings):
        name = "trabajos_rechazos"
        indexes = [
            IndexModel([("trabajo_id", 1), ("linea", 1), ("campo", 1)], name="rechazo_fila", unique=True),
        ]


class PiezaDeArchivo(Documento):
    """A piece of a file, sealed."""

    archivo_id: PydanticObjectId
    parte: int
    datos: bytes
    borrar_en: datetime

    class Settings(Documento.Settings):
        name = "trabajos_archivos"
        indexes = [
            IndexModel([("archivo_id", 1), ("parte", 1)], name="pieza_parte", unique=True),
            IndexModel("borrar_en", name="pieza_borrar"),
        ]


DOCUMENTOS: tuple[type[Document], ...] = (Trabajo, FilaRechazada, PiezaDeArchivo)
