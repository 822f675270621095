"""What goes in and out of `/auth/recuperacion`."""

from typing import Annotated

from pydantic import AfterValidator, SecretStr

from app.modules.auth.schemas import CORREO_MAXIMO, ClaveNueva
from app.shared.schemas import InputSchema, InstanteOut, OutputSchema, Texto

# Looser than `Correo`, because the address is only looked for: whoever deploys may have an address of their own network
# (`@casa.local`).
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
