"""What goes in and out of `/auth/recuperacion`."""

from typing import Annotated

from pydantic import AfterValidator, SecretStr

from app.modules.auth.schemas import CORREO_MAXIMO, ClaveNueva
from app.shared.schemas import InputSchema, InstanteOut, OutputSchema, Texto

# Looser than for an e-mail that is written down: it is only looked for, and whoever deploys may have one of a network
# of their own (`@casa.local`).
CorreoBuscado = Annotated[str, Texto(3, CORREO_MAXIMO), AfterValidator(str.lower)]


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
