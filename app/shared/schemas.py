"""The base of every input and output schema, and the field types they share.

Bodies are judged as in pydantic's JSON mode. FastAPI hands models a parsed dict, where plain `strict=True`
would also refuse dates and enums written as text; so each type here says exactly which JSON it takes.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated, Any, ClassVar, get_args, get_origin

from annotated_types import GroupedMetadata
from beanie import PydanticObjectId
from bson import ObjectId
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    EmailStr,
    Field,
    GetJsonSchemaHandler,
    JsonValue,
    PlainSerializer,
    StringConstraints,
    WithJsonSchema,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, PydanticKnownError

from app.shared.utils import ALREDEDOR, IMPRIMIBLE, LINEA, MARGEN, PARRAFO, Alfabeto
from app.shared.writing import instante

_FECHA = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_INSTANTE = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})", re.ASCII)
_ID = re.compile(r"[0-9a-f]{24}", re.ASCII)


def ausente() -> Any:
    """A field that a PATCH may leave out and may not set to null. Whether it came is in `model_fields_set`."""
    return Field(default_factory=lambda: None)


class InputSchema(BaseModel):
    """What a client may send: nothing unknown, nothing converted."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    # Names that an error may show. Whatever else stands in a path came from the client and is not repeated.
    campos_conocidos: ClassVar[set[str]] = set()

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        InputSchema.campos_conocidos.update(cls.model_fields)


def uno_de_dos(uno: str, *otro: str) -> ConfigDict:
    """For the `model_config` of who takes `uno` or all of `otro`, and never both: as JSON Schema says it. Generators
    take the alternatives of a `oneOf` for classes; this they leave alone."""
    return ConfigDict(json_schema_extra={"if": _dado(uno), "then": _ninguno(otro), "else": _dado(*otro)})


def _dado(*campos: str) -> dict[str, JsonValue]:
    return {"required": [*campos], "properties": {campo: {"not": {"type": "null"}} for campo in campos}}


def _ninguno(campos: Sequence[str]) -> dict[str, JsonValue]:
    return {"properties": {campo: {"type": "null"} for campo in campos}}


class PatchSchema(InputSchema):
    """What a PATCH may send. Some clients leave out what is null: an empty text is null to a text that may be null."""

    borrables: ClassVar[frozenset[str]] = frozenset()

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        cls.borrables = frozenset(
            nombre for nombre, campo in cls.model_fields.items() if _es_borrable(campo.annotation)
        )

    @model_validator(mode="before")
    @classmethod
    def _vacio_borra(cls, datos: Any) -> Any:
        if not isinstance(datos, dict):
            return datos
        vacios = {n for n, v in datos.items() if n in cls.borrables and isinstance(v, str) and not v.strip(ALREDEDOR)}
        return datos | dict.fromkeys(vacios)

    @classmethod
    def __get_pydantic_json_schema__(cls, nucleo: CoreSchema, resto: GetJsonSchemaHandler) -> JsonSchemaValue:
        esquema = resto.resolve_ref_schema(resto(nucleo))
        for propio in esquema["properties"].values():
            # What is absent stays: a client that knows of a default would send it.
            propio.pop("default", None)
        for nombre in cls.borrables:
            for opcion in esquema["properties"][nombre]["anyOf"]:
                opcion.pop("minLength", None)
                if "pattern" in opcion:
                    opcion["pattern"] = f"^{MARGEN}$|{opcion['pattern']}"
                if "$ref" in opcion:
                    # An identifier: elsewhere it is never empty.
                    opcion.pop("$ref")
                    opcion |= {"type": "string", "pattern": f"^{MARGEN}$|^{_ID.pattern}$"}
        return esquema


def _es_borrable(tipo: Any) -> bool:
    opciones = {get_args(o)[0] if get_origin(o) is Annotated else o for o in get_args(tipo)}
    return type(None) in opciones and not opciones.isdisjoint(
        {str, EmailStr, date, datetime, AwareDatetime, PydanticObjectId}
    )


class OutputSchema(BaseModel):
    """What the API answers. No defaults: what is not filled in is an error of ours, seen in tests."""

    model_config = ConfigDict(from_attributes=True, frozen=True)


def _entero(valor: object) -> object:
    """JSON has one kind of number: 237.0 is an integer."""
    return int(valor) if isinstance(valor, float) and valor.is_integer() else valor


def _con_forma(patron: re.Pattern[str], codigo: str) -> BeforeValidator:
    def juzgar(valor: object) -> object:
        if not isinstance(valor, str):
            raise PydanticCustomError("tipo_invalido", "se esperaba texto")
        if not patron.fullmatch(valor):
            raise PydanticCustomError(codigo, "forma no válida")
        return valor

    return BeforeValidator(juzgar)


def _id(valor: object) -> object:
    if isinstance(valor, ObjectId):
        # As the driver reads it; no JSON is one.
        return PydanticObjectId(valor)
    if not isinstance(valor, str):
        raise PydanticCustomError("tipo_invalido", "se esperaba texto")
    if not _ID.fullmatch(valor.lower()):
        raise PydanticCustomError("id_invalido", "se esperaban 24 dígitos hexadecimales")
    return PydanticObjectId(valor)


def normalizar(texto: str) -> str:
    return unicodedata.normalize("NFC", texto).strip(ALREDEDOR)


def escrito_en(alfabeto: Alfabeto, *, tal_cual: bool = False) -> AfterValidator:
    """NFC, trimmed, and without a NUL, a line feed in a name, marks of direction, zero width: two texts that look the
    same are the same. `tal_cual`: of what one program gives and another takes, nothing is changed."""

    def limpiar(texto: str) -> str:
        texto = texto if tal_cual else normalizar(texto)
        if not alfabeto.escribe(texto):
            raise PydanticCustomError("caracter_no_permitido", "hay un carácter que no se admite o que no se ve")
        return texto

    return AfterValidator(limpiar)


def imprimible(texto: str) -> str:
    """As sorteo-v1 asks of the code of a space: nor is any character that Unicode has not given out yet."""
    if not texto.isprintable():
        raise PydanticCustomError("caracter_no_permitido", "hay un carácter que no se ve")
    return texto


def sin_repetidos(valores: list[Any]) -> list[Any]:
    if len(set(valores)) != len(valores):
        raise PydanticCustomError("repetido", "hay valores repetidos")
    return valores


@dataclass(frozen=True)
class Texto(GroupedMetadata):
    """A text of `minimo` to `maximo` characters, counted once it is trimmed and NFC; of one line unless its `alfabeto`
    is another. `patron`: the form that it has then, if it has one."""

    minimo: int
    maximo: int
    patron: str | None = None
    alfabeto: Alfabeto = LINEA

    def __iter__(self) -> Iterator[object]:
        forma = f"^{MARGEN}(?:{self.patron}){MARGEN}$" if self.patron else self.alfabeto.patron(vacio=self.minimo == 0)
        yield Field(json_schema_extra={"minLength": self.minimo, "maxLength": self.maximo, "pattern": forma})
        yield AfterValidator(self._acotar)
        yield escrito_en(self.alfabeto)
        yield StringConstraints(
            min_length=self.minimo,
            max_length=self.maximo,
            pattern=None if self.patron is None else f"^(?:{self.patron})$",
        )

    def _acotar(self, texto: str) -> str:
        """A first, generous bound, so that no huge text is normalised at all."""
        if len(texto) > 4 * self.maximo + 64:
            raise PydanticKnownError("string_too_long", {"max_length": self.maximo})
        return texto


@dataclass(frozen=True)
class Entre(GroupedMetadata):
    """A whole number from `minimo` to `maximo`."""

    minimo: int
    maximo: int

    def __iter__(self) -> Iterator[object]:
        yield Field(ge=self.minimo, le=self.maximo)
        yield BeforeValidator(_entero)


class DeLista(GroupedMetadata):
    """One of the values of an enum, written as its text."""

    def __iter__(self) -> Iterator[object]:
        yield Field(strict=False)
        yield BeforeValidator(_solo_texto)


def _solo_texto(valor: object) -> object:
    if isinstance(valor, str):
        return valor
    raise PydanticCustomError("tipo_invalido", "se esperaba texto")


Id = Annotated[PydanticObjectId, Field(json_schema_extra={"pattern": _ID.pattern}), BeforeValidator(_id)]
Fecha = Annotated[date, Field(strict=False), _con_forma(_FECHA, "fecha_invalida")]


def _en_utc(instante: datetime) -> datetime:
    """The first and the last day that there are have hours that only other zones know."""
    try:
        return instante.astimezone(UTC)
    except OverflowError as error:
        raise PydanticCustomError("instante_invalido", "fuera del calendario") from error


Instante = Annotated[
    AwareDatetime, Field(strict=False), _con_forma(_INSTANTE, "instante_invalido"), AfterValidator(_en_utc)
]
InstanteOut = Annotated[
    datetime,
    PlainSerializer(instante, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time"}, mode="serialization"),
]


def uno_de(*valores: str) -> Any:
    """For the text of an answer: the document says which there are, and what is stored is not judged again."""
    return Field(json_schema_extra={"enum": [*valores]})


IdPorCodigo = Annotated[str, Field(validation_alias="codigo")]
"""The `id` of what is known by its `codigo`: dashboards look for one in every row, and open the row with it."""
Codigo = Annotated[str, Texto(2, 40, patron="[a-z][a-z0-9_]{1,39}")]
CodigoEspacio = Annotated[str, Texto(1, 32, alfabeto=IMPRIMIBLE), AfterValidator(imprimible)]
Motivo = Annotated[str, Texto(1, 2000, alfabeto=PARRAFO)]


def _correo(valor: str) -> str:
    return valor.lower()


def _sin_nombre(valor: object) -> object:
    """EmailStr would take `Ana <ana@example.com>` and keep a part of it."""
    if isinstance(valor, str) and "<" in valor:
        raise PydanticCustomError("forma_invalida", "solo el correo")
    return valor


Correo = Annotated[
    EmailStr, BeforeValidator(_sin_nombre), Field(max_length=254), escrito_en(LINEA), AfterValidator(_correo)
]
