"""What the module stores: the rows of the audit, and the one document that says who seals them and how far."""

from datetime import datetime, timedelta
from typing import Any, Literal

from beanie import Document, PydanticObjectId
from pymongo import DESCENDING, IndexModel

from app.shared.documents import Documento

DEMORA = timedelta(minutes=2)
"""What waits for its seal for longer is kept from it. Sealing takes a second; a process that starts anew, or a database
that comes back, takes some more."""
Resultado = Literal["hecho", "rechazado"]


class Apunte(Documento):
    """One act, or one security event. Ids, codes and names of fields, so that nothing in it is anybody's: a row is
    never changed but by the sealer, once, and never deleted.

    `actor` is None for the system (`rol` says `sistema`) and for who was not signed in (`rol` is None). `accion`: what
    was done; `operacion`: through which call of the API. `objeto`: ids and codes of what the path names and of what was
    written, `colecciones`: of what kinds that was. `campos`: names of what the body set. `datos`: codes of an event.
    `leido`: what was read of the audit on the way to it (`relatos/leido.py`); it is not there where that was nothing.

    `serie`, `orden` and `firma`: on which lane of which process it was inserted, the how manieth there, and the MAC of
    all of it (`escribano.py`); None in rows of before. `pendiente` until it is sealed; from then on `n`, `previo` and
    `mac` place it in the chain (`cadena.py`)."""

    hora: datetime
    actor: PydanticObjectId | None
    rol: str | None
    llave: PydanticObjectId | None
    accion: str
    operacion: str | None
    objeto: list[str]
    colecciones: list[str]
    campos: list[str]
    datos: dict[str, str]
    leido: list[dict[str, Any]] | None = None
    resultado: Resultado
    traza: str | None
    direccion: str | None
    serie: str | None = None
    orden: int | None = None
    firma: str | None = None
    pendiente: bool = True
    n: int | None = None
    previo: str | None = None
    mac: str | None = None

    class Settings(Documento.Settings):
        name = "auditoria"
        indexes = [
            IndexModel([("hora", DESCENDING), ("_id", DESCENDING)], name="apunte_recientes"),
            IndexModel([("actor", 1), ("hora", DESCENDING), ("_id", DESCENDING)], name="apunte_actor"),
            IndexModel([("accion", 1), ("hora", DESCENDING), ("_id", DESCENDING)], name="apunte_accion"),
            IndexModel([("objeto", 1), ("hora", DESCENDING), ("_id", DESCENDING)], name="apunte_objeto"),
            IndexModel([("n", 1)], name="apunte_numero", unique=True, partialFilterExpression={"n": {"$exists": True}}),
            IndexModel(
                [("pendiente", 1), ("hora", 1), ("_id", 1)],
                name="apunte_pendiente",
                partialFilterExpression={"pendiente": True},
            ),
        ]


class Sello(Documento):
    """The lease of the sealer and the head of the chain. One document, which only the sealer writes: `visto_en` is when
    `titular` last said that it lives, by the clock of the database; `ficha` fences who held the lease before; `clave`
    names the key that seals."""

    ficha: int
    titular: str | None
    visto_en: datetime | None = None
    clave: str
    n: int
    mac: str

    class Settings(Documento.Settings):
        name = "auditoria_sello"


DOCUMENTOS: tuple[type[Document], ...] = (Apunte, Sello)
