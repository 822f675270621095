"""What goes in and out of `/auth/llaves`."""

from datetime import datetime
from typing import Annotated, Self

from app.core.security import Rol
from app.modules.auth.models import EstadoLlave, Llave
from app.modules.auth.schemas import RolDePersonal
from app.shared.schemas import Id, InputSchema, Instante, InstanteOut, OutputSchema, Texto


class KeyCreate(InputSchema):
    """Without `expira_en` it is good until somebody ends it."""

    nombre: Annotated[str, Texto(1, 80)]
    rol: RolDePersonal
    expira_en: Instante | None = None


class KeyOut(OutputSchema):
    """`prefijo`: how it begins. `ultimo_uso`: to the minute."""

    id: Id
    nombre: str
    rol: Rol
    prefijo: str
    estado: EstadoLlave
    creada_por: Id
    creado_en: InstanteOut
    expira_en: InstanteOut | None
    ultimo_uso: InstanteOut | None
    terminada_en: InstanteOut | None

    @classmethod
    def de(cls, llave: Llave, *, cuando: datetime) -> Self:
        return cls.model_validate(_propios(cls, llave) | {"estado": llave.estado(cuando)})


class KeyCreated(OutputSchema):
    """The only time that the key is shown."""

    id: Id
    nombre: str
    rol: Rol
    prefijo: str
    llave: str
    creado_en: InstanteOut
    expira_en: InstanteOut | None

    @classmethod
    def de(cls, llave: Llave, secreto: str) -> Self:
        return cls.model_validate(_propios(cls, llave) | {"llave": secreto})


def _propios(esquema: type[OutputSchema], llave: Llave) -> dict[str, object]:
    return {campo: getattr(llave, campo) for campo in esquema.model_fields if campo not in ("estado", "llave")}
