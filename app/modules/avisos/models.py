"""What the module stores: notices, what is told to everybody, e-mails to be sent, and devices."""

from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

from beanie import Document, PydanticObjectId
from pymongo import IndexModel

from app.shared.documents import UN_ID, UN_TEXTO, Documento

Plataforma = Literal["android", "ios", "web"]


class Aviso(Documento):
    """A notice to one account or one resident: `destinatario` is the id of either. `datos` are what its templates are
    filled with; it is put into words when it is read. `objeto` and `ocasion`, of kinds that are told once: the same of
    both is the same notice."""

    destinatario: PydanticObjectId
    tipo: str
    datos: dict[str, Any]
    objeto: PydanticObjectId | None = None
    ocasion: str | None = None
    difusion_id: PydanticObjectId | None = None
    leido: bool = False
    creado_en: datetime

    class Settings(Documento.Settings):
        name = "avisos"
        indexes = [
            IndexModel([("destinatario", 1), ("creado_en", -1), ("_id", -1)], name="aviso_de_destinatario"),
            IndexModel([("creado_en", 1)], name="aviso_por_edad"),
            # With a field of its own: of two with the same ones, Beanie makes only the last.
            IndexModel(
                [("destinatario", 1), ("leido", 1), ("creado_en", -1), ("_id", -1)],
                name="aviso_sin_leer",
                partialFilterExpression={"leido": False},
            ),
            IndexModel(
                [("tipo", 1), ("objeto", 1), ("destinatario", 1), ("ocasion", 1)],
                name="aviso_ocasion",
                unique=True,
                partialFilterExpression={"ocasion": UN_TEXTO},
            ),
            IndexModel(
                [("difusion_id", 1), ("destinatario", 1)],
                name="aviso_difusion",
                unique=True,
                partialFilterExpression={"difusion_id": UN_ID},
            ),
        ]


class Publico(StrEnum):
    """In this order a message to everybody reaches them."""

    residentes = "residentes"
    cuentas = "cuentas"


class Difusion(Documento):
    """What everybody is to be told, as one document in the transaction of what it tells of, and each reads it
    from then on. Workers turn it into notices: all of `publico` up to the id `hasta` have theirs written."""

    tipo: str
    datos: dict[str, Any]
    objeto: PydanticObjectId | None = None
    ocasion: str | None = None
    publico: Publico = Publico.residentes
    hasta: PydanticObjectId | None = None
    repartidos: int = 0
    pendiente: bool = True
    creado_en: datetime
    terminada_en: datetime | None = None

    class Settings(Documento.Settings):
        name = "avisos_difusiones"
        indexes = [
            IndexModel([("creado_en", 1)], name="difusion_pendiente", partialFilterExpression={"pendiente": True}),
            IndexModel([("pendiente", 1), ("creado_en", 1)], name="difusion_por_edad"),
            IndexModel(
                [("tipo", 1), ("objeto", 1), ("ocasion", 1)],
                name="difusion_ocasion",
                unique=True,
                partialFilterExpression={"ocasion": UN_TEXTO},
            ),
        ]


class EstadoEnvio(StrEnum):
    """`entregando` from before the first byte of the message until the server's answer: what
    breaks off there goes again, and is `incierto` once that happened at every try: the server may have taken it."""

    pendiente = "pendiente"
    entregando = "entregando"
    enviado = "enviado"
    sin_direccion = "sin_direccion"
    muerto = "muerto"
    incierto = "incierto"
    caducado = "caducado"


class Envio(Documento):
    """One e-mail: of a notice (`aviso_id`; to whom, is looked up when it is sent), or to an address, which then is
    `sellado` together with all that the e-mail says, until it is sent, dead or expired.

    `proximo_en`: not before then; for who has it in hand (`ficha`, which fences), the end of their lease. `codigo_smtp`
    and `error` say what the last attempt met, in no words of the server, which may hold the address.
    """

    tipo: str
    aviso_id: PydanticObjectId | None = None
    destinatario: PydanticObjectId | None = None
    sellado: bytes | None = None
    estado: EstadoEnvio = EstadoEnvio.pendiente
    prioridad: int
    intentos: int = 0
    proximo_en: datetime
    ficha: str | None = None
    codigo_smtp: int | None = None
    error: str | None = None
    creado_en: datetime
    actualizado_en: datetime
    caduca_en: datetime
    borrar_en: datetime | None = None

    class Settings(Documento.Settings):
        name = "avisos_envios"
        indexes = [
            IndexModel(
                [("prioridad", 1), ("proximo_en", 1)],
                name="envio_por_enviar",
                partialFilterExpression={"estado": "pendiente"},
            ),
            IndexModel([("proximo_en", 1)], name="envio_en_curso", partialFilterExpression={"estado": "entregando"}),
            IndexModel(
                [("caduca_en", 1)],
                name="envio_caducidad",
                partialFilterExpression={"estado": {"$in": ["pendiente", "incierto"]}},
            ),
            IndexModel([("estado", 1), ("creado_en", -1), ("_id", -1)], name="envio_estado"),
            IndexModel([("creado_en", -1), ("_id", -1)], name="envio_recientes"),
            IndexModel([("borrar_en", 1)], name="envio_borrado", expireAfterSeconds=0),
        ]


class Dispositivo(Documento):
    """A device that may be woken one day. Its token is what a push service takes for an address: stored `sellado`, and
    found again by its hash. It belongs to the account that named it last."""

    huella: str
    sellado: bytes
    plataforma: Plataforma
    usuario_id: PydanticObjectId
    creado_en: datetime
    visto_en: datetime

    class Settings(Documento.Settings):
        name = "avisos_dispositivos"
        indexes = [
            IndexModel([("huella", 1)], name="dispositivo_huella", unique=True),
            IndexModel([("usuario_id", 1), ("visto_en", -1)], name="dispositivo_de_usuario"),
            IndexModel([("visto_en", 1)], name="dispositivo_por_edad"),
        ]


DOCUMENTOS: tuple[type[Document], ...] = (Aviso, Difusion, Envio, Dispositivo)
