"""What goes in and out of `/auth/invitaciones` and `/auth/registro`."""

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, SecretStr, model_validator
from pydantic_core import PydanticCustomError

from app.core.jobs.contract import ResultadoOut
from app.core.security import Rol
from app.modules.auth.models import EstadoInvitacion, Invitacion
from app.modules.auth.schemas import ClaveNueva, RolDePersonal
from app.shared.exceptions import EntradaInvalida
from app.shared.schemas import Correo, Id, InputSchema, InstanteOut, OutputSchema, sin_repetidos, uno_de_dos


def _aceptada(valor: bool) -> bool:
    if not valor:
        raise PydanticCustomError("politica_no_aceptada", "hay que aceptar la política")
    return valor


Aceptada = Annotated[bool, Field(description="Solo `true`: la política de datos."), AfterValidator(_aceptada)]


class InvitationCreate(InputSchema):
    """`residente_id` for somebody who lives here, or `email` with `rol` for staff: one of the two forms."""

    model_config = uno_de_dos("residente_id", "email", "rol")

    residente_id: Id | None = None
    email: Correo | None = None
    rol: RolDePersonal | None = None

    @model_validator(mode="after")
    def _una_forma(self) -> Self:
        if (self.residente_id is None) == (self.email is None and self.rol is None):
            raise PydanticCustomError(
                "uno_de_dos", "residente_id, o email y rol", {"uno": "residente_id", "otro": "email"}
            )
        if self.residente_id is None and (self.email is None or self.rol is None):
            raise EntradaInvalida.en("email" if self.email is None else "rol", "requerido")
        return self


class InvitationCreated(OutputSchema):
    """The only time that the token is shown."""

    id: Id
    token: str
    enlace: str
    expira_en: InstanteOut


class InvitationOut(OutputSchema):
    id: Id
    residente_id: Id | None
    email: str | None
    rol: Rol
    estado: EstadoInvitacion
    creada_por: Id
    creado_en: InstanteOut
    expira_en: InstanteOut
    usada_en: InstanteOut | None

    @classmethod
    def de(cls, invitacion: Invitacion, *, cuando: datetime) -> Self:
        propios = {campo: getattr(invitacion, campo) for campo in cls.model_fields if campo != "estado"}
        return cls.model_validate(propios | {"estado": invitacion.estado(cuando)})


class RegisterIn(InputSchema):
    invitacion: SecretStr
    password: ClaveNueva
    acepta_politica: Aceptada


class BulkInvitation(InputSchema):
    """Without `residentes`, all who are active and have no account."""

    residentes: Annotated[list[Id], Field(min_length=1, max_length=5_000), AfterValidator(sin_repetidos)] | None = None


class InvitadosOut(ResultadoOut):
    """The `resultado` of the job. There is a file, of letters, only where there are letters."""

    tipo: Literal["auth_invitaciones"]
    por_correo: int
    cartas: int
