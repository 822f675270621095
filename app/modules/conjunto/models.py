"""The complex itself: one document, whose name heads minutes, letters, mails and pages."""

from enum import StrEnum

from beanie import PydanticObjectId

from app.shared.documents import Documento

UNICO = PydanticObjectId("0" * 24)


class Papel(StrEnum):
    carta = "carta"
    a4 = "a4"


class ActaPor(StrEnum):
    folio = "folio"
    unidad = "unidad"


class Conjunto(Documento):
    """Its id is `UNICO`. None: nobody has said it yet."""

    nombre: str | None = None
    nit: str | None = None
    ciudad: str | None = None
    direccion: str | None = None
    telefono: str | None = None
    horario: str | None = None
    fundamento: str | None = None
    papel: Papel = Papel.carta
    acta_por: ActaPor = ActaPor.folio

    class Settings(Documento.Settings):
        name = "conjunto"


DOCUMENTOS: tuple[type[Documento], ...] = (Conjunto,)
