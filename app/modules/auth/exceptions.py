"""Rules of accounts that can be broken.

NoAutenticado 401
├── CredencialesInvalidas   unknown, wrong, switched off: one answer for all
└── SesionInvalida          a refresh token that is expired, ended, used before or not ours
Conflicto 409
├── CuentaExistente
└── ResidenteInactivo
EntradaInvalida 422
└── InvitacionInvalida      not ours, used, expired, or of someone who left
"""

from app.shared.exceptions import Conflicto, EntradaInvalida, ErrorDeCampo, NoAutenticado


class CredencialesInvalidas(NoAutenticado):
    codigo = "credenciales_invalidas"


class SesionInvalida(NoAutenticado):
    codigo = "sesion_invalida"


class CuentaExistente(Conflicto):
    codigo = "cuenta_existente"


class ResidenteInactivo(Conflicto):
    codigo = "residente_inactivo"


class InvitacionInvalida(EntradaInvalida):
    def __init__(self) -> None:
        super().__init__(ErrorDeCampo("invitacion", "invitacion_invalida", {}))
