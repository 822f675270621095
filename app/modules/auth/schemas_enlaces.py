"""What goes in and out of `/auth/recuperacion`, `/auth/correo` and `/auth/invitaciones/lote`."""

from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr

from app.modules.auth.schemas import CORREO_MAXIMO, ClaveNueva
from app.shared.schemas import Correo, Id, InputSchema, InstanteOut, OutputSchema, Texto, sin_repetidos

# Looser than for an e-mail that is written down: it is only looked for, and whoever deploys may have one of a network
# of their own (`@casa.local`).
CorreoBuscado = Annotated[str, Texto(3, CORREO_MAXIMO), AfterValidator(str.lower)]


class BulkInvitation(InputSchema):
    """Without `residentes`, all who are active and have no account."""

    residentes: Annotated[list[Id], Field(min_length=1, max_length=5_000), AfterValidator(sin_repetidos)] | None = None


class RecoveryIn(InputSchema):
    email: CorreoBuscado


class RecoveryConfirm(InputSchema):
    token: SecretStr
    nueva: ClaveNueva


class RecoveryCreated(OutputSchema):
    """The only time that the token is shown."""

    token: str
    enlace: str
    expira_en: InstanteOut


class EmailChange(InputSchema):
    email: Correo
    password: SecretStr


class EmailConfirm(InputSchema):
    token: SecretStr
