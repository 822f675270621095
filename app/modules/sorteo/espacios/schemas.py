"""What goes in and out of `/sorteo/espacios`."""

from datetime import date
from typing import Annotated, Literal, Self

from beanie import PydanticObjectId
from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from app.core.imports.contract import ImportacionOut
from app.core.security import Principal, Rol
from app.modules.sorteo.espacios.models import Espacio, Uso
from app.shared.schemas import (
    Codigo,
    CodigoEspacio,
    Fecha,
    Id,
    IdPorCodigo,
    InputSchema,
    InstanteOut,
    Motivo,
    OutputSchema,
    PatchSchema,
    Texto,
    ausente,
)
from app.shared.utils import IMPRIMIBLE

# Paths beside `/{codigo}`, and the two that every client takes for steps in a path.
RESERVADOS = frozenset({"importar", "resumen", "exportar", ".", ".."})


def _para_una_ruta(codigo: str) -> str:
    if codigo in RESERVADOS:
        raise PydanticCustomError("codigo_reservado", "es una ruta")
    return codigo


_DE_OTROS = {"con_titular", "titular", "tenencia"}
SABEN_DE_TITULARES = frozenset({Rol.admin, Rol.auditor})
CodigoNuevo = Annotated[CodigoEspacio, Texto(1, 32, alfabeto=IMPRIMIBLE.sin("/")), AfterValidator(_para_una_ruta)]
Zona = Annotated[str, Texto(1, 60)]


class TitularCreate(InputSchema):
    unidad_id: Id
    motivo: Motivo
    desde: Fecha
    hasta: Fecha | None = None


class TitularUpdate(PatchSchema):
    unidad_id: Id = ausente()
    motivo: Motivo = ausente()
    desde: Fecha = ausente()
    hasta: Fecha | None = None


class EspacioCreate(InputSchema):
    codigo: CodigoNuevo
    tipo: Codigo
    reserva: Codigo | None = None
    zona: Zona | None = None
    uso: Uso = "residentes"
    activo: bool = True
    titular: TitularCreate | None = None


class FilaDeEspacio(InputSchema):
    """A row of a file of spaces; what it leaves out stays as it is."""

    codigo: CodigoNuevo
    tipo: Codigo = ausente()
    reserva: Codigo = ausente()
    zona: Zona = ausente()
    uso: Uso = ausente()
    activo: bool = ausente()


class EspacioUpdate(PatchSchema):
    """What is absent stays, also within `titular`; null clears."""

    tipo: Codigo = ausente()
    reserva: Codigo | None = None
    zona: Zona | None = None
    uso: Uso = ausente()
    activo: bool = ausente()
    titular: TitularUpdate | None = None


class TitularOut(OutputSchema):
    unidad_id: PydanticObjectId
    motivo: str
    desde: date
    hasta: date | None


class UnidadDeTenenciaOut(OutputSchema):
    id: PydanticObjectId
    torre: str | None
    apartamento: str


class TenenciaOut(OutputSchema):
    """By which assignment a flat holds the space, from when to when; without one, by a right outside the draws, which
    may have no end. `prestado`: a reserved space that is lent."""

    asignacion_id: PydanticObjectId | None
    unidad: UnidadDeTenenciaOut
    desde: date
    hasta: date | None
    prestado: bool


class EspacioOut(OutputSchema):
    """`con_titular`: somebody has a right to it outside the draws; `titular`: who, null but for admins and auditors.
    `tenencia`: who holds it on the day of `vigente_en`; null where nobody does, where that was not asked, and but for
    staff, of whom operadores see who holds it by a draw alone."""

    id: IdPorCodigo
    codigo: str
    tipo: str
    reserva: str | None
    zona: str | None
    uso: Uso
    activo: bool
    con_titular: bool
    titular: TitularOut | None
    tenencia: TenenciaOut | None

    @classmethod
    def de(cls, espacio: Espacio, quien: Principal, tenencia: TenenciaOut | None = None) -> Self:
        propios = {campo: getattr(espacio, campo) for campo in cls.model_fields.keys() - _DE_OTROS - {"id"}}
        titular = espacio.titular if quien.rol in SABEN_DE_TITULARES else None
        return cls.model_validate(
            propios | {"con_titular": espacio.titular is not None, "titular": titular, "tenencia": tenencia},
            from_attributes=True,
        )


class TipoDeEspacioCounts(OutputSchema):
    """Of one kind. `para_residentes`: active and for residents; of these, `reservados` are kept for a condition, and
    today `en_sorteo` are a draw's, `ocupados` somebody has or was offered, `con_titular` somebody has a right to, and
    `libres` are none of these."""

    tipo: str
    total: int
    inactivos: int
    para_residentes: int
    reservados: int
    en_sorteo: int
    ocupados: int
    con_titular: int
    libres: int


class EspacioSummary(OutputSchema):
    """`contado_en`: the instant at which all was as it says; null, now."""

    contado_en: InstanteOut | None
    total: int
    libres: int
    por_tipo: list[TipoDeEspacioCounts]


class EspaciosImportadosOut(ImportacionOut):
    tipo: Literal["sorteo_importar_espacios"]
    espacios_creados: int
