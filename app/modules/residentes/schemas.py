"""What goes in and out of `/residentes`, but of flats."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal, Self

from beanie import PydanticObjectId
from pydantic import AfterValidator, Field
from pydantic_core import PydanticKnownError

from app.core.imports.contract import ImportacionOut
from app.modules.residentes.busqueda.claves import normalizar_documento
from app.modules.residentes.catalogo.models import NombreDeCondicion, Nombres
from app.modules.residentes.catalogo.schemas import NombreOut
from app.modules.residentes.models import (
    Condicion,
    EstadoCondicion,
    EstadoCuenta,
    EstadoResidente,
    PersonaCondicion,
    Residente,
    Tenencia,
    TipoDocumento,
    Unidad,
)
from app.shared.repository import Fila
from app.shared.schemas import (
    Codigo,
    Correo,
    DeLista,
    Fecha,
    InputSchema,
    InstanteOut,
    OutputSchema,
    PatchSchema,
    Texto,
    ausente,
    sin_repetidos,
)
from app.shared.utils import PARRAFO, clave_de_apartamento, sin_espacios_de_mas
from app.shared.writing import Escritor

MAXIMO_DE_CONDICIONES = 20
MAXIMO_DE_UNIDADES = 10


def _solo_cifras(telefono: str) -> str:
    """`+57 (300) 123-45.67` is kept as `+573001234567`."""
    solo = re.sub(r"[ .()-]", "", telefono)
    if len(solo) < 5:
        raise PydanticKnownError("string_too_short", {"min_length": 5})
    return solo


Nombre = Annotated[str, Texto(1, 100)]
Lugar = Annotated[str, Texto(1, 40), AfterValidator(sin_espacios_de_mas)]
NumeroDocumento = Annotated[
    str, Texto(1, 30, patron=r"[A-Za-z0-9][A-Za-z0-9 .\-]*"), AfterValidator(normalizar_documento)
]
Telefono = Annotated[str, Texto(5, 25, patron=r"\+?[(0-9][0-9 .()\-]*"), AfterValidator(_solo_cifras)]
Nota = Annotated[str, Texto(1, 500, alfabeto=PARRAFO)]


class OcupacionCreate(InputSchema):
    torre: Lugar | None
    apartamento: Lugar
    tenencia: Annotated[Tenencia, DeLista()]

    @property
    def clave(self) -> str:
        return clave_de_apartamento(self.torre, self.apartamento)


def _unidades_distintas(ocupaciones: list[OcupacionCreate]) -> list[OcupacionCreate]:
    sin_repetidos([ocupacion.clave for ocupacion in ocupaciones])
    return ocupaciones


class CondicionCreate(InputSchema):
    codigo: Codigo
    persona: Annotated[PersonaCondicion, DeLista()]
    vigente_hasta: Fecha | None = None


def _condiciones_distintas(condiciones: list[CondicionCreate]) -> list[CondicionCreate]:
    sin_repetidos([condicion.codigo for condicion in condiciones])
    return condiciones


Ocupaciones = Annotated[
    list[OcupacionCreate], Field(min_length=1, max_length=MAXIMO_DE_UNIDADES), AfterValidator(_unidades_distintas)
]


class ResidentCreate(InputSchema):
    nombres: Nombre
    apellidos: Nombre
    tipo_documento: Annotated[TipoDocumento, DeLista()]
    numero_documento: NumeroDocumento
    email: Correo | None = None
    telefono: Telefono | None = None
    fecha_ingreso: Fecha | None = None
    unidades: Ocupaciones
    condiciones: Annotated[
        list[CondicionCreate], Field(max_length=MAXIMO_DE_CONDICIONES), AfterValidator(_condiciones_distintas)
    ] = []


class ResidentUpdate(PatchSchema):
    """`unidades`, when given, is given whole: a flat left out is one that they leave."""

    nombres: Nombre = ausente()
    apellidos: Nombre = ausente()
    tipo_documento: Annotated[TipoDocumento, DeLista()] = ausente()
    numero_documento: NumeroDocumento = ausente()
    email: Correo | None = None
    telefono: Telefono | None = None
    fecha_ingreso: Fecha | None = None
    unidades: Ocupaciones = ausente()
    estado: Annotated[EstadoResidente, DeLista()] = ausente()


class ResidentSelfUpdate(PatchSchema):
    telefono: Telefono | None = None


class CondicionDeclarada(InputSchema):
    codigo: Codigo
    persona: Annotated[PersonaCondicion, DeLista()]


class CondicionDecidida(InputSchema):
    estado: Literal["verificada", "rechazada"]
    persona: Annotated[PersonaCondicion, DeLista()]
    nota: Nota | None = None
    vigente_hasta: Fecha | None = None


class CondicionOut(OutputSchema):
    codigo: str
    nombre: NombreOut
    persona: PersonaCondicion
    estado: EstadoCondicion
    vigente_hasta: date | None
    nota: str | None
    declarada_en: InstanteOut
    decidida_en: InstanteOut | None
    decidida_por: PydanticObjectId | None

    @classmethod
    def de(cls, condicion: Condicion | Fila, nombres: Nombres) -> Self:
        propia = condicion if isinstance(condicion, dict) else condicion.model_dump()
        return cls.model_validate({**propia, "nombre": NombreOut.model_validate(_nombre(propia["codigo"], nombres))})


def _nombre(codigo: str, nombres: Nombres) -> NombreDeCondicion:
    # What is read without a snapshot may have lost its name meanwhile.
    return nombres.get(codigo) or NombreDeCondicion(es=codigo, en=codigo)


class OcupacionOut(OutputSchema):
    unidad_id: PydanticObjectId
    torre: str | None
    apartamento: str
    tenencia: Tenencia


class ResidentRow(OutputSchema):
    """A resident in a list: no conditions, and of the document only its end."""

    id: PydanticObjectId
    nombres: str
    apellidos: str
    tipo_documento: TipoDocumento
    numero_documento: str
    email: str | None
    telefono: str | None
    fecha_ingreso: date | None
    unidades: list[OcupacionOut]
    estado: EstadoResidente
    cuenta: EstadoCuenta
    creado_en: InstanteOut
    actualizado_en: InstanteOut


CAMPOS_DE_LISTA = ("viven_en", *(campo for campo in ResidentRow.model_fields if campo not in {"id", "unidades"}))
CAMPOS_DE_FICHA = (*CAMPOS_DE_LISTA, "condiciones")


class ResidentOut(ResidentRow):
    condiciones: list[CondicionOut]

    @classmethod
    def de(cls, residente: Residente, unidades: Mapping[PydanticObjectId, Unidad], nombres: Nombres) -> Self:
        condiciones = [CondicionOut.de(condicion, nombres) for condicion in residente.condiciones]
        return cls(**_campos(residente, unidades), condiciones=condiciones)


_EN_LISTA, _ENTERA = Escritor(ResidentRow), Escritor(ResidentOut)


def escribir_fila(fila: Fila) -> Fila:
    """What a ResidentRow says of a resident as stored, with at least CAMPOS_DE_LISTA."""
    documento = enmascarar(fila["numero_documento"])
    return _EN_LISTA({**fila, "id": fila["_id"], "unidades": fila["viven_en"], "numero_documento": documento})


def escribir_ficha(fila: Fila, nombres: Nombres) -> Fila:
    """What a ResidentOut says of one, with at least CAMPOS_DE_FICHA."""
    condiciones = [{**c, "nombre": _nombre(c["codigo"], nombres).model_dump()} for c in fila["condiciones"]]
    return _ENTERA({**fila, "id": fila["_id"], "unidades": fila["viven_en"], "condiciones": condiciones})


def enmascarar(numero: str) -> str:
    """The last characters, four at most and never more than half."""
    a_la_vista = min(4, len(numero) // 2)
    oculto = len(numero) - a_la_vista
    return "*" * oculto + numero[oculto:]


def _campos(residente: Residente, unidades: Mapping[PydanticObjectId, Unidad]) -> dict[str, Any]:
    ocupaciones = [
        OcupacionOut(
            unidad_id=ocupacion.unidad_id,
            torre=unidades[ocupacion.unidad_id].torre,
            apartamento=unidades[ocupacion.unidad_id].apartamento,
            tenencia=ocupacion.tenencia,
        )
        for ocupacion in residente.unidades
        if ocupacion.unidad_id in unidades
    ]
    return {campo: getattr(residente, campo) for campo in ResidentRow.model_fields} | {"unidades": ocupaciones}


class PadronImportadoOut(ImportacionOut):
    tipo: Literal["residentes_importar_unidades", "residentes_importar_residentes"]
    unidades_creadas: int
    residentes_creados: int
    vehiculos_creados: int
