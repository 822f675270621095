"""What the module stores: accounts, sessions and invitations. Of secrets, hashes alone."""

from datetime import datetime
from enum import StrEnum

from beanie import Document, PydanticObjectId
from pymongo import DESCENDING, IndexModel

from app.core.security import Rol
from app.shared.documents import Documento


class Usuario(Documento):
    """An account. `residencia_activa` says whether the person of `residente_id` still lives here: a resident's account
    needs it, a staff account only speaks for its flat while it holds. `activo` is the admins' own switch, and neither
    touches the other. `rol_desde`: when the account was made, recovered or given its role, whichever came last."""

    email: str | None
    rol: Rol
    residente_id: PydanticObjectId | None
    clave: str
    activo: bool = True
    residencia_activa: bool = True
    mfa: bool = False
    creado_en: datetime
    rol_desde: datetime
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
                partialFilterExpression={"email": {"$type": "string"}},
            ),
            IndexModel(
                [("residente_id", 1)],
                name="usuario_residente",
                unique=True,
                partialFilterExpression={"residente_id": {"$type": "objectId"}},
            ),
            IndexModel([("rol", 1), ("activo", 1)], name="usuario_rol"),
        ]


class FinDeSesion(StrEnum):
    salida = "salida"
    reuso = "reuso"
    cuenta_inactiva = "cuenta_inactiva"


class Sesion(Documento):
    """A family of refresh tokens: all that came, one after the other, of one sign-in. See `refresco.py` for `sello`
    and `sucesor`."""

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
        indexes = [IndexModel([("usuario_id", 1), ("expira_en", 1)], name="sesion_de_usuario")]


class EstadoInvitacion(StrEnum):
    pendiente = "pendiente"
    usada = "usada"
    vencida = "vencida"


class Invitacion(Documento):
    """To a resident (`residente_id`, and the account takes the e-mail they have then) or to staff (`email`).
    `pendiente` until used, expired or not: at most one such a person."""

    rol: Rol
    residente_id: PydanticObjectId | None
    email: str | None
    huella: str
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
            IndexModel([("huella", 1)], name="invitacion_huella", unique=True),
            IndexModel(
                [("residente_id", 1)],
                name="invitacion_residente",
                unique=True,
                partialFilterExpression={"pendiente": True, "residente_id": {"$type": "objectId"}},
            ),
            IndexModel(
                [("email", 1)],
                name="invitacion_email",
                unique=True,
                partialFilterExpression={"pendiente": True, "email": {"$type": "string"}},
            ),
            IndexModel([("creado_en", DESCENDING), ("_id", DESCENDING)], name="invitacion_recientes"),
        ]


DOCUMENTOS: tuple[type[Document], ...] = (Usuario, Sesion, Invitacion)
