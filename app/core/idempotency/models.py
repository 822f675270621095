"""What the module stores: who has a key or what they were answered, and marks of objects that are being changed."""

from datetime import datetime

from beanie import Document
from pymongo import IndexModel

from app.shared.documents import Documento


class RespuestaGuardada(Documento):
    """One `Idempotency-Key` of one caller: the id is a hash of both. While `status` is None the call that holds `ficha`
    is being attended to, as it last said at `visto_en` by the clock of the database; `hecho` is what whoever takes it
    over from a dead one need not do again. `cuerpo`: the answer, or as much of it as one document holds; the rest is
    in `partes` documents."""

    id: str  # type: ignore[assignment]
    huella: str | None
    hecho: str | None = None
    ficha: str
    visto_en: datetime | None = None
    status: int | None = None
    cabeceras: list[tuple[str, str]] = []
    cuerpo: bytes = b""
    partes: int = 0
    expira_en: datetime

    class Settings(Documento.Settings):
        name = "idempotencia_respuestas"
        indexes = [IndexModel([("expira_en", 1)], name="respuesta_vencida", expireAfterSeconds=0)]


class ParteDeRespuesta(Documento):
    """What of an answer did not fit into one document. The id: that of the answer, its `ficha` and the number."""

    id: str  # type: ignore[assignment]
    contenido: bytes
    expira_en: datetime

    class Settings(Documento.Settings):
        name = "idempotencia_partes"
        indexes = [IndexModel([("expira_en", 1)], name="parte_vencida", expireAfterSeconds=0)]


class Candado(Documento):
    """A mark that every conditional change of an object writes on, so that two at once cannot both end."""

    id: str  # type: ignore[assignment]
    veces: int
    expira_en: datetime

    class Settings(Documento.Settings):
        name = "idempotencia_candados"
        indexes = [IndexModel([("expira_en", 1)], name="candado_vencido", expireAfterSeconds=0)]


DOCUMENTOS: tuple[type[Document], ...] = (RespuestaGuardada, ParteDeRespuesta, Candado)
