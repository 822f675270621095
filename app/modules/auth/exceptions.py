"""Rules of accounts that can be broken.

NoAutenticado 401
├── CredencialesInvalidas   unknown, wrong, switched off: one answer for all
├── OtpRequerido            right password, second factor missing
├── OtpInvalido             right password, wrong second factor
└── SesionInvalida          a refresh token that is expired, ended, used before or not ours
Conflicto 409
├── CuentaExistente
├── CuentaInactiva          switched off, or of a resident who left
├── RecuperacionPropia      recovering another's account is for another's: one's own password is changed
├── MfaActivo               there is a second factor already
├── MfaInactivo             there is none, or none that waits for its first code
├── RolSinResidente         an account that is no resident's cannot be given their role
├── UltimoAdmin             nobody would be left who administers
└── ResidenteInactivo
EntradaInvalida 422
├── EnlaceInvalido          the same of what an e-mail carried to recover or confirm something
└── InvitacionInvalida      not ours, used, expired, or of someone who left
"""

from app.shared.exceptions import Conflicto, EntradaInvalida, ErrorDeCampo, NoAutenticado, Prohibido


class CredencialesInvalidas(NoAutenticado):
    codigo = "credenciales_invalidas"


class OtpRequerido(NoAutenticado):
    codigo = "otp_requerido"


class OtpInvalido(NoAutenticado):
    codigo = "otp_invalido"


class SesionInvalida(NoAutenticado):
    codigo = "sesion_invalida"


class CuentaExistente(Conflicto):
    codigo = "cuenta_existente"


class CuentaInactiva(Conflicto):
    codigo = "cuenta_inactiva"


class RecuperacionPropia(Conflicto):
    codigo = "recuperacion_propia"


class SesionAntigua(Prohibido):
    """What could lock the owner of an account out must be done soon after signing in, by somebody who knows the
    password."""

    codigo = "sesion_antigua"


class MfaActivo(Conflicto):
    codigo = "mfa_activo"


class MfaInactivo(Conflicto):
    codigo = "mfa_inactivo"


class RolSinResidente(Conflicto):
    codigo = "rol_sin_residente"


class UltimoAdmin(Conflicto):
    codigo = "ultimo_admin"


class ResidenteInactivo(Conflicto):
    codigo = "residente_inactivo"


class InvitacionInvalida(EntradaInvalida):
    def __init__(self) -> None:
        super().__init__(ErrorDeCampo("invitacion", "invitacion_invalida", {}))


class EnlaceInvalido(EntradaInvalida):
    def __init__(self) -> None:
        super().__init__(ErrorDeCampo("token", "enlace_invalido", {}))
