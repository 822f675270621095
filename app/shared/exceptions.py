"""Errors of the domain, named after the rule that was broken. One handler turns them into HTTP.

    ParkNetError
    ├── EntradaIlegible 400      JsonInvalido
    ├── NoAutenticado 401        TokenInvalido …
    ├── Prohibido 403            RolInsuficiente …
    ├── NoEncontrado 404
    ├── Conflicto 409            one class a rule, in the module that holds it
    ├── VersionObsoleta 412     carries the current ETag
    ├── EntradaExcesiva, DemasiadosElementos 413
    ├── TipoNoAdmitido 415
    ├── EntradaInvalida 422      carries `errores`: which field, which rule
    ├── DemasiadasPeticiones 429 carries Retry-After
    └── NoDisponible 503         carries Retry-After; ResultadoDesconocido: it may have been done

`codigo` is stable and has a text in every catalogue of `app/shared/mensajes`; `datos` is what a program
needs to go on (a date, a limit), and never what the client sent.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import ClassVar, TypeVar

T = TypeVar("T")
Dato = str | int | bool | date | datetime | tuple[str, ...] | None


class ParkNetError(Exception):
    status: ClassVar[int]
    codigo: str

    def __init__(self, **datos: Dato) -> None:
        super().__init__(self.codigo)
        self.datos: Mapping[str, Dato] = datos

    @property
    def cabeceras(self) -> dict[str, str]:
        return {}


class EntradaIlegible(ParkNetError):
    status = 400


class JsonInvalido(EntradaIlegible):
    codigo = "json_invalido"


class FormularioInvalido(EntradaIlegible):
    codigo = "formulario_invalido"


class NoAutenticado(ParkNetError):
    status = 401
    codigo = "no_autenticado"

    @property
    def cabeceras(self) -> dict[str, str]:
        return {"WWW-Authenticate": "Bearer"}


class TokenInvalido(NoAutenticado):
    codigo = "token_invalido"


class Prohibido(ParkNetError):
    status = 403
    codigo = "prohibido"


class RolInsuficiente(Prohibido):
    codigo = "rol_insuficiente"


class MfaRequerido(Prohibido):
    """This installation asks staff for a second factor, and this account has none yet."""

    codigo = "mfa_requerido"


class LlaveNoAdmitida(Prohibido):
    """What only a person does was asked for with an API key."""

    codigo = "llave_no_admitida"


class ConflictoDeInteres(Prohibido):
    """Staff deciding about themselves or their own flat."""

    codigo = "conflicto_de_interes"


class OrigenNoAdmitido(Prohibido):
    """A browser asks for a page of an origin that is not in the settings."""

    codigo = "origen_no_admitido"


class NoEncontrado(ParkNetError):
    status = 404
    codigo = "no_encontrado"


def hallado(buscado: T | None, si_no: type[ParkNetError] = NoEncontrado) -> T:
    """What was looked for. Raises `si_no` where it is not there."""
    if buscado is None:
        raise si_no()
    return buscado


class SinResidente(NoEncontrado):
    codigo = "sin_residente"


class Conflicto(ParkNetError):
    status = 409
    codigo = "conflicto"


class TransicionInvalida(Conflicto):
    codigo = "transicion_invalida"


class PeticionEnCurso(Conflicto):
    """The first call with this `Idempotency-Key` has not ended yet."""

    codigo = "en_curso"

    @property
    def cabeceras(self) -> dict[str, str]:
        return {"Retry-After": "1"}


class VersionObsoleta(ParkNetError):
    """`If-Match` names none of the versions that there are: it changed since. `etiqueta`: what it is now, if anything
    that the caller could have read has one."""

    status = 412
    codigo = "version_obsoleta"

    def __init__(self, *, etiqueta: str | None) -> None:
        super().__init__()
        self.etiqueta = etiqueta

    @property
    def cabeceras(self) -> dict[str, str]:
        return {} if self.etiqueta is None else {"ETag": self.etiqueta}


class EntradaExcesiva(ParkNetError):
    status = 413
    codigo = "entrada_excesiva"


class DemasiadosElementos(ParkNetError):
    """A body of more names or elements than any operation needs."""

    status = 413
    codigo = "demasiados_elementos"


class TipoNoAdmitido(ParkNetError):
    status = 415
    codigo = "tipo_no_admitido"


@dataclass(frozen=True, slots=True)
class ErrorDeCampo:
    """`campo` is a path of field names and indexes joined by dots, empty for the whole body."""

    campo: str
    codigo: str
    datos: Mapping[str, Dato]


class EntradaInvalida(ParkNetError):
    status = 422
    codigo = "entrada_invalida"

    def __init__(self, *errores: ErrorDeCampo) -> None:
        super().__init__()
        self.errores = errores

    @classmethod
    def en(cls, campo: str, codigo: str, **datos: Dato) -> "EntradaInvalida":
        return cls(ErrorDeCampo(campo, codigo, datos))

    def dentro_de(self, campo: str) -> "EntradaInvalida":
        """The same of what stands in `campo`."""
        return EntradaInvalida(*(replace(error, campo=f"{campo}.{error.campo}") for error in self.errores))


class ClaveReutilizada(ParkNetError):
    """This `Idempotency-Key` was used for something else."""

    status = 422
    codigo = "clave_reutilizada"


class DemasiadasPeticiones(ParkNetError):
    """`politica`: what was counted. `limite`: how often it may be, in `ventana` seconds. `segundos`: when it may be
    again."""

    status = 429
    codigo = "demasiadas_peticiones"

    def __init__(self, *, politica: str, limite: int, segundos: int, ventana: int) -> None:
        super().__init__(politica=politica, limite=limite, segundos=segundos)
        self.politica = politica
        self.limite = limite
        self.segundos = segundos
        self.ventana = ventana

    @property
    def cabeceras(self) -> dict[str, str]:
        return {"Retry-After": str(self.segundos)}


class NoDisponible(ParkNetError):
    status = 503
    codigo = "no_disponible_ahora"

    @property
    def cabeceras(self) -> dict[str, str]:
        return {"Retry-After": "2"}


class EnOtrasManos(NoDisponible):
    """Somebody else is at it, and goes on. Whoever works waits for them: nothing went wrong."""

    codigo = "tarea_en_curso"


class ResultadoDesconocido(NoDisponible):
    """What was asked for may have been done: whoever asks again without a key looks first."""

    codigo = "resultado_desconocido"
