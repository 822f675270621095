"""What goes in and out of `/auth`."""

from typing import Annotated, Literal, Self

from beanie import PydanticObjectId
from pydantic import ConfigDict, Field, SecretStr
from typing_extensions import TypeAliasType

from app.core.security import Rol
from app.modules.auth.models import Sesion, Usuario
from app.shared.reading import Fila
from app.shared.schemas import DeLista, Id, InputSchema, InstanteOut, OutputSchema, ausente
from app.shared.writing import Escritor

CLAVE_MINIMA, CLAVE_MAXIMA = 12, 128
CORREO_MAXIMO = 254


# Any characters, neither trimmed nor normalised: a password is what was typed.
ClaveNueva = Annotated[SecretStr, Field(min_length=CLAVE_MINIMA, max_length=CLAVE_MAXIMA)]
RolDePersonal = TypeAliasType("RolDePersonal", Literal[Rol.admin, Rol.operador, Rol.auditor, Rol.porteria])


class UserAuth(InputSchema):
    """The sign-in form of OAuth2; its other fields (`grant_type`, `scope`, …) are ignored. `username` is an e-mail or
    a document number. `refresh_token`: one of an earlier session on this device, from an app that keeps no cookies; so
    the wrong passwords of others do not hold it up."""

    model_config = ConfigDict(extra="ignore")

    username: str
    password: SecretStr
    otp: SecretStr | None = None
    refresh_token: SecretStr | None = None


class RefreshIn(InputSchema):
    refresh_token: SecretStr


class Token(OutputSchema):
    """`expires_in` and `refresh_expires_in` in seconds."""

    access_token: str
    token_type: Literal["bearer"]
    expires_in: int
    refresh_token: str
    refresh_expires_in: int


class UserOut(OutputSchema):
    id: Id
    email: str | None
    rol: Rol
    residente_id: Id | None
    mfa: bool
    creado_en: InstanteOut
    ultimo_acceso: InstanteOut | None

    @classmethod
    def de(cls, usuario: Usuario) -> Self:
        return cls.model_validate(
            {campo: getattr(usuario, campo) for campo in cls.model_fields} | {"residente_id": usuario.residente_vigente}
        )


_CUENTA = Escritor(UserOut)


def escribir_cuenta(fila: Fila) -> Fila:
    """What a UserOut says of an account as it is stored."""
    residente_id = fila["residente_id"] if fila["residencia_activa"] else None
    return _CUENTA({**fila, "id": fila["_id"], "residente_id": residente_id})


class UserDetail(UserOut):
    """As who administers sees it. `activo` is their own switch."""

    activo: bool


class UserPatch(InputSchema):
    """What is absent stays; there is nothing that null could clear."""

    rol: Annotated[Rol, DeLista()] = ausente()
    activo: bool = ausente()


class SessionOut(OutputSchema):
    """`actual`: the one that asks."""

    id: Id
    dispositivo: str
    direccion: str
    creado_en: InstanteOut
    ultimo_uso: InstanteOut
    expira_en: InstanteOut
    actual: bool

    @classmethod
    def de(cls, sesion: Sesion, *, actual: PydanticObjectId | None) -> Self:
        propios = {campo: getattr(sesion, campo) for campo in cls.model_fields if campo != "actual"}
        return cls.model_validate(propios | {"actual": sesion.id == actual})


class PasswordChange(InputSchema):
    actual: SecretStr
    nueva: ClaveNueva


class MfaSecret(OutputSchema):
    """The only time that the secret is shown. `uri` is what a QR for an authenticator holds."""

    secreto: str
    uri: str


class MfaConfirm(InputSchema):
    codigo: SecretStr


class MfaCodes(OutputSchema):
    """The only time that the recovery codes are shown; each is good once."""

    codigos: list[str]


class MfaOff(InputSchema):
    password: SecretStr
    codigo: SecretStr
