"""What the steps of a draw note in it: whose turn it is, what was asked, moved and undone."""

from datetime import datetime

from beanie import PydanticObjectId
from pydantic import BaseModel

from app.core.security import Rol
from app.modules.sorteo.estados import Paso


class Turno(BaseModel):
    """Who is taking a step now. `ficha` fences: what a step writes where others read, it writes only while this is its
    own. `visto_en`: its last sign of life, by the clock of the database. `latidos` makes every renewal a change."""

    paso: str
    ficha: str
    visto_en: datetime
    latidos: int = 0


class Anulacion(BaseModel):
    """An annulment that was asked for, by who has the role `rol`. While it waits no other step of the draw is taken.
    `efecto_en`: when it comes to stand by itself; None while somebody has to confirm it. `firme_en`: since when it
    stands, and is only to be carried out. `retirada_en`: when somebody withdrew it."""

    motivo: str
    pedida_por: PydanticObjectId
    rol: Rol
    pedida_en: datetime
    efecto_en: datetime | None
    firme_en: datetime | None = None
    confirmada_por: PydanticObjectId | None = None
    confirmada_en: datetime | None = None
    rol_confirma: Rol | None = None
    retirada_en: datetime | None = None
    motivo_retiro: str | None = None


class Prorroga(BaseModel):
    """A closing time that was moved."""

    de: datetime | None
    a: datetime
    motivo: str
    cuando: datetime


class HuellaAnterior(BaseModel):
    """A closing that was undone. What it froze is still there, under `intento`."""

    huella: str
    huella_padron: str | None = None
    intento: str
    cerrado_en: datetime
    reabierto_en: datetime
    motivo: str


class Alteracion(BaseModel):
    """What a step found changed behind its back. The clock leaves such a draw to people."""

    paso: Paso
    donde: str
    cuando: datetime


class CabezaDePaso(BaseModel):
    """How far the audit's chain went at a step. Published with the draw: against it, a shorter chain is found out."""

    paso: Paso
    n: int
    mac: str
    cuando: datetime
