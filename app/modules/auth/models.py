"""The documents of the module: accounts, sessions, second factors, invitations, vouchers and keys. Passwords and tokens
are stored as hashes alone."""

from datetime import UTC, datetime
from enum import StrEnum

from beanie import Document, PydanticObjectId
from pydantic import BaseModel
from pymongo import DESCENDING, IndexModel

from app.core.security import Rol
from app.shared.documents import UN_ID, UN_TEXTO, Documento
from app.shared.messages import Idioma

DESDE_SIEMPRE = datetime(2000, 1, 1, tzinfo=UTC)
"""Before anything that is stored here. For what asks whether there is an instant at all."""


class Relevo(BaseModel):
    """An admin or auditor lost the standing of one by an act of somebody else: `por`, `cuando`. `era_desde`: since when
    they had it. `por_desde`: since when the other had their own role."""

    por: PydanticObjectId
    por_desde: datetime
    era_desde: datetime
    cuando: datetime


class Usuario(Documento):
    """An account.

    `residencia_activa`: whether the person of `residente_id` still lives here. The account of a resident works only
    while that holds; an account of the staff speaks for its flat only while that holds. `activo`: the switch of the
    admins, which is independent of `residencia_activa`. `rol_desde`: when the account was made, recovered or given its
    role, whichever came last. `recuperada_desde`: the address from which the account was last recovered. `idioma`: the
    language of the last sign-in, in which the holder is written to. `accesos`: the number of sign-ins. `testigos`: how
    often the account was the other admin whom an act needed, so that two such acts collide.
    """

    email: str | None
    rol: Rol
    residente_id: PydanticObjectId | None
    clave: str
    activo: bool = True
    residencia_activa: bool = True
    mfa: bool = False
    idioma: Idioma = "es"
    accesos: int = 0
    testigos: int = 0
    relevos: list[Relevo] = []
    creado_en: datetime
    rol_desde: datetime
    recuperada_desde: str | None = None
    ultimo_acceso: datetime | None = None
    politica_aceptada_en: datetime | None = None

    @property
    def puede_entrar(self) -> bool:
        return self.activo and (self.rol is not Rol.residente or self.residencia_activa)

    @property
    def residente_vigente(self) -> PydanticObjectId | None:
        return self.residente_id if self.residencia_activa else None

    class Settings(Documento.Settings):
        name = "usuarios"
        indexes = [
            IndexModel(
                [("email", 1)],
                name="usuario_email",
                unique=True,
                partialFilterExpression={"email": UN_TEXTO},
            ),
            IndexModel(
                [("residente_id", 1)],
                name="usuario_residente",
                unique=True,
                partialFilterExpression={"residente_id": UN_ID},
            ),
            IndexModel([("rol", 1), ("activo", 1)], name="usuario_rol"),
            IndexModel([("creado_en", DESCENDING), ("_id", DESCENDING)], name="usuario_recientes"),
        ]


class FinDeSesion(StrEnum):
    salida = "salida"
    reuso = "reuso"
    cuenta_inactiva = "cuenta_inactiva"
    cerrada = "cerrada"
    clave = "clave"
    correo = "correo"
    rol = "rol"
    mfa = "mfa"


class Sesion(Documento):
    """A family of refresh tokens: all tokens that followed from one sign-in. `sello`, `sucesor`: see
    `sesiones/refresco.py`. `ultimo_uso`: when the tokens were last renewed, at most ten minutes before the last call.
    """

    usuario_id: PydanticObjectId
    sello: str
    actual: str
    anterior: str | None = None
    sucesor: str | None = None
    rotado_en: datetime | None = None
    rotaciones: int = 0
    dispositivo: str
    direccion: str
    creado_en: datetime
    ultimo_uso: datetime
    expira_en: datetime
    terminada_en: datetime | None = None
    motivo: FinDeSesion | None = None

    def vive(self, cuando: datetime) -> bool:
        return self.terminada_en is None and cuando < self.expira_en

    class Settings(Documento.Settings):
        name = "sesiones"
        indexes = [
            IndexModel([("usuario_id", 1), ("ultimo_uso", DESCENDING), ("_id", DESCENDING)], name="sesion_de_usuario"),
            IndexModel([("expira_en", 1)], name="sesion_vencida", expireAfterSeconds=0),
            IndexModel(
                [("terminada_en", 1)],
                name="sesion_terminada",
                partialFilterExpression={"terminada_en": {"$gt": DESDE_SIEMPRE}},
            ),
        ]


class SegundoFactor(Documento):
    """The second factor of the account with the same id: at most one. `secreto`: sealed. `codigos`: hashes of the
    recovery codes that are left. `activo`: whether a first code was given. `ultimo_paso`: the time step of the last
    code that was taken; no code of that step, or of an earlier one, is taken again. `fallos`, `frenado_hasta`: the
    count of guesses, see `segundo_factor/factores.py`."""

    secreto: bytes
    activo: bool = False
    ultimo_paso: int = 0
    codigos: list[str] = []
    fallos: int = 0
    frenado_hasta: datetime | None = None
    creado_en: datetime

    class Settings(Documento.Settings):
        name = "segundos_factores"


class EstadoInvitacion(StrEnum):
    pendiente = "pendiente"
    usada = "usada"
    vencida = "vencida"


class Invitacion(Documento):
    """An invitation to a resident (`residente_id`) or to staff (`email`). `pendiente`: not used yet, expired or not. A
    person has at most one pending invitation, with one voucher. `lote`: the job that sent the e-mail, if a job did."""

    rol: Rol
    residente_id: PydanticObjectId | None
    email: str | None
    lote: PydanticObjectId | None = None
    pendiente: bool = True
    creada_por: PydanticObjectId
    creado_en: datetime
    expira_en: datetime
    usada_en: datetime | None = None

    def estado(self, cuando: datetime) -> EstadoInvitacion:
        if not self.pendiente:
            return EstadoInvitacion.usada
        return EstadoInvitacion.pendiente if cuando < self.expira_en else EstadoInvitacion.vencida

    class Settings(Documento.Settings):
        name = "invitaciones"
        indexes = [
            IndexModel(
                [("residente_id", 1)],
                name="invitacion_residente",
                unique=True,
                partialFilterExpression={"pendiente": True, "residente_id": UN_ID},
            ),
            IndexModel(
                [("email", 1)],
                name="invitacion_email",
                unique=True,
                partialFilterExpression={"pendiente": True, "email": UN_TEXTO},
            ),
            IndexModel([("creado_en", DESCENDING), ("_id", DESCENDING)], name="invitacion_recientes"),
            IndexModel([("expira_en", 1), ("_id", 1)], name="invitacion_por_vencer"),
            IndexModel([("usada_en", 1)], name="invitacion_usada", partialFilterExpression={"pendiente": False}),
        ]


class Proposito(StrEnum):
    invitacion = "invitacion"
    recuperacion = "recuperacion"
    correo = "correo"


class Vale(Documento):
    """The right to do one thing once: see `vales/service.py`. `sujeto_id`: an invitation or an account. `creado_por`:
    who made the voucher for somebody else."""

    proposito: Proposito
    huella: str
    sujeto_id: PydanticObjectId
    email: str | None
    ligadura: str | None
    creado_por: PydanticObjectId | None
    creado_en: datetime
    expira_en: datetime

    class Settings(Documento.Settings):
        name = "vales"
        indexes = [
            IndexModel([("huella", 1)], name="vale_huella", unique=True),
            IndexModel([("sujeto_id", 1), ("proposito", 1)], name="vale_sujeto"),
            # Expired vouchers are refused by their date; the server only clears them away.
            IndexModel([("expira_en", 1)], name="vale_vencido", expireAfterSeconds=86_400),
        ]


class PedidoDeRecuperacion(Documento):
    """An address that somebody typed to recover an account. Whether an account has that address is looked up later."""

    email: str
    pedido_en: datetime

    class Settings(Documento.Settings):
        name = "pedidos_de_recuperacion"
        indexes = [IndexModel([("email", 1)], name="pedido_email", unique=True)]


class EstadoLlave(StrEnum):
    activa = "activa"
    vencida = "vencida"
    terminada = "terminada"


class Llave(Documento):
    """An API key. `prefijo`: the beginning of the key, which stays visible. `huella`: the hash of the whole key."""

    nombre: str
    rol: Rol
    prefijo: str
    huella: str
    creada_por: PydanticObjectId
    creado_en: datetime
    expira_en: datetime | None
    ultimo_uso: datetime | None = None
    terminada_en: datetime | None = None

    def estado(self, cuando: datetime) -> EstadoLlave:
        if self.terminada_en is not None:
            return EstadoLlave.terminada
        vencida = self.expira_en is not None and cuando >= self.expira_en
        return EstadoLlave.vencida if vencida else EstadoLlave.activa

    class Settings(Documento.Settings):
        name = "llaves"
        indexes = [
            IndexModel([("huella", 1)], name="llave_huella", unique=True),
            IndexModel([("creado_en", DESCENDING), ("_id", DESCENDING)], name="llave_recientes"),
            IndexModel([("nombre", 1), ("_id", 1)], name="llave_por_nombre"),
        ]


DOCUMENTOS: tuple[type[Document], ...] = (Usuario, Sesion, SegundoFactor, Invitacion, Vale, PedidoDeRecuperacion, Llave)
