"""What goes in and out of `/sorteo/prioridades`."""

from typing import Annotated, Any, Literal, Protocol, TypeVar, get_args

from pydantic import (
    AfterValidator,
    Discriminator,
    Field,
    JsonValue,
    Tag,
    ValidationInfo,
    field_validator,
)
from pydantic.json_schema import SkipJsonSchema
from pydantic_core import PydanticCustomError
from typing_extensions import TypeAliasType

from app.modules.sorteo.prioridades.models import CAMPOS_NUMERICOS, Campo, CampoNumerico, Operador
from app.shared.schemas import Codigo, Entre, IdPorCodigo, InputSchema, OutputSchema, Texto, ausente, sin_repetidos
from app.shared.utils import PARRAFO, ClaseDeVehiculo, sin_espacios_de_mas


class CondicionDePrioridad(InputSchema):
    """One of the kinds below, by its `campo`. By itself it only judges `campo` and `operador`."""

    campo: Campo
    operador: Operador
    valor: Any

    @field_validator("operador")
    @classmethod
    def _admitido(cls, operador: Operador, info: ValidationInfo) -> Operador:
        campo = info.data.get("campo")
        if campo is not None and campo not in CAMPOS_NUMERICOS and operador not in ("igual", "distinto"):
            raise PydanticCustomError("operador_no_admitido", "solo para números")
        return operador


class CondicionDeCodigo(CondicionDePrioridad):
    campo: Literal["condicion"]
    valor: Codigo


class CondicionDeTipo(CondicionDePrioridad):
    campo: Literal["tipo_vehiculo"]
    valor: ClaseDeVehiculo


class CondicionDeTenencia(CondicionDePrioridad):
    campo: Literal["tenencia"]
    valor: Literal["propietario", "arrendatario"]


class CondicionDeTorre(CondicionDePrioridad):
    campo: Literal["torre"]
    valor: Annotated[str, Texto(1, 40), AfterValidator(sin_espacios_de_mas)]


class CondicionDeNumero(CondicionDePrioridad):
    campo: CampoNumerico
    valor: Annotated[int, Entre(0, 1200)]


class CondicionDeSiONo(CondicionDePrioridad):
    campo: Literal["tuvo_espacio_anterior", "al_dia", "electrico"]
    valor: bool


_CLASES = {
    "condicion": "(codigo)",
    "tipo_vehiculo": "(tipo)",
    "tenencia": "(tenencia)",
    "torre": "(torre)",
    "antiguedad_meses": "(numero)",
    "sorteos_perdidos": "(numero)",
    "sanciones_vigentes": "(numero)",
    "tuvo_espacio_anterior": "(si_o_no)",
    "al_dia": "(si_o_no)",
    "electrico": "(si_o_no)",
}


_DONDE: dict[str, JsonValue] = {
    campo: f"#/components/schemas/{esquema}"
    for esquema, campos in {
        "CondicionDeCodigo": ("condicion",),
        "CondicionDeTipo": ("tipo_vehiculo",),
        "CondicionDeTenencia": ("tenencia",),
        "CondicionDeTorre": ("torre",),
        "CondicionDeNumero": get_args(CampoNumerico),
        "CondicionDeSiONo": ("tuvo_espacio_anterior", "al_dia", "electrico"),
    }.items()
    for campo in campos
}
"""The whole mapping of the union, by `campo`: what a generator goes by."""


def _clase(condicion: object) -> str:
    """The tag of the class that judges `condicion`. In brackets: the name of no field, it never shows in a path."""
    campo = condicion.get("campo") if isinstance(condicion, dict) else None
    return _CLASES.get(campo, "(otra)") if isinstance(campo, str) else "(otra)"


CondicionIn = TypeAliasType(
    "CondicionIn",
    Annotated[
        Annotated[CondicionDeCodigo, Tag("(codigo)")]
        | Annotated[CondicionDeTipo, Tag("(tipo)")]
        | Annotated[CondicionDeTenencia, Tag("(tenencia)")]
        | Annotated[CondicionDeTorre, Tag("(torre)")]
        | Annotated[CondicionDeNumero, Tag("(numero)")]
        | Annotated[CondicionDeSiONo, Tag("(si_o_no)")]
        | SkipJsonSchema[Annotated[CondicionDePrioridad, Tag("(otra)")]],
        Discriminator(_clase),
        Field(json_schema_extra={"discriminator": {"propertyName": "campo", "mapping": _DONDE}}),
    ],
)
Condiciones = Annotated[list[CondicionIn], Field(min_length=1, max_length=5)]
Descripcion = Annotated[str, Texto(1, 300)]
Nivel = Annotated[int, Entre(0, 9)]


NombreCorto = Annotated[str, Texto(1, 60)]


class _ConCodigo(Protocol):
    @property
    def codigo(self) -> str: ...


C = TypeVar("C", bound=_ConCodigo)


def _sin_repetir(dichas: list[C]) -> list[C]:
    sin_repetidos([dicha.codigo for dicha in dichas])
    return dichas


class EfectoIn(InputSchema):
    """`por_unidad`: the balls times that number."""

    nivel: Nivel | None = None
    no_mejor_que: Nivel | None = None
    boletas: Annotated[int, Entre(1, 99)] | None = None
    por_unidad: CampoNumerico | None = None


class PrioridadCreate(InputSchema):
    codigo: Codigo
    descripcion: Descripcion
    condiciones: Condiciones
    efecto: EfectoIn
    activa: bool = True


class PrioridadUpdate(InputSchema):
    """What is absent stays, also within `efecto`; a list is replaced whole."""

    descripcion: Descripcion = ausente()
    condiciones: Condiciones = ausente()
    efecto: EfectoIn = ausente()
    activa: bool = ausente()


class NombreDeCondicionIn(InputSchema):
    es: NombreCorto
    en: NombreCorto


class CondicionDeConjunto(InputSchema):
    codigo: Codigo
    nombre: NombreDeCondicionIn
    vence: bool


class ConjuntoCreate(InputSchema):
    """Rules that go together, as an assembly chooses them. `nombre` and `descripcion`: for who reads the file.
    `condiciones`: those that its rules look at and not every complex has; what is there already stays as it is."""

    nombre: Annotated[str, Texto(1, 120)]
    descripcion: Annotated[str, Texto(1, 2000, alfabeto=PARRAFO)]
    condiciones: Annotated[list[CondicionDeConjunto], Field(max_length=20), AfterValidator(_sin_repetir)] = []
    prioridades: Annotated[list[PrioridadCreate], Field(min_length=1, max_length=100), AfterValidator(_sin_repetir)]


class CondicionDeCodigoOut(OutputSchema):
    campo: Literal["condicion"]
    operador: Operador
    valor: str


class CondicionDeTipoOut(OutputSchema):
    campo: Literal["tipo_vehiculo"]
    operador: Operador
    valor: str


class CondicionDeTenenciaOut(OutputSchema):
    campo: Literal["tenencia"]
    operador: Operador
    valor: Literal["propietario", "arrendatario"]


class CondicionDeTorreOut(OutputSchema):
    campo: Literal["torre"]
    operador: Operador
    valor: str


class CondicionDeNumeroOut(OutputSchema):
    campo: CampoNumerico
    operador: Operador
    valor: int


class CondicionDeSiONoOut(OutputSchema):
    campo: Literal["tuvo_espacio_anterior", "al_dia", "electrico"]
    operador: Operador
    valor: bool


CondicionDePrioridadOut = TypeAliasType(
    "CondicionDePrioridadOut",
    Annotated[
        CondicionDeCodigoOut
        | CondicionDeTipoOut
        | CondicionDeTenenciaOut
        | CondicionDeTorreOut
        | CondicionDeNumeroOut
        | CondicionDeSiONoOut,
        Field(discriminator="campo"),
    ],
)


class EfectoOut(OutputSchema):
    nivel: int | None
    no_mejor_que: int | None
    boletas: int | None
    por_unidad: CampoNumerico | None


class PrioridadOut(OutputSchema):
    """Its `id` is its `codigo`, as of all that is opened by one."""

    id: IdPorCodigo
    codigo: str
    descripcion: str
    condiciones: list[CondicionDePrioridadOut]
    efecto: EfectoOut
    activa: bool
