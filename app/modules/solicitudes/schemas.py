"""What goes in and out of `/solicitudes`."""

import re
from datetime import date
from typing import Annotated, Literal, Self

from beanie import PydanticObjectId
from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from app.core.imports.contract import ImportacionOut
from app.modules.solicitudes.estados import Actor, EstadoDeTenencia, Impedimento, RequestStatus
from app.modules.solicitudes.models import TipoMovimiento
from app.shared.schemas import (
    Codigo,
    CodigoEspacio,
    Id,
    InputSchema,
    InstanteOut,
    OutputSchema,
    PatchSchema,
    Texto,
    ausente,
    sin_repetidos,
    uno_de_dos,
)
from app.shared.utils import normalizar_placa
from app.shared.writing import Escritor

_PLACA = re.compile(r"[A-Z0-9]{3,20}")


def _placa(placa: str) -> str:
    placa = normalizar_placa(placa)
    if not _PLACA.fullmatch(placa):
        raise PydanticCustomError("placa_invalida", "no es una placa")
    return placa


Preferencias = Annotated[list[CodigoEspacio], Field(max_length=10)]
Acepta = Annotated[list[Codigo], Field(min_length=1, max_length=8), AfterValidator(sin_repetidos)]
Placa = Annotated[str, Texto(1, 40), AfterValidator(_placa)]
PlacaBuscada = Annotated[str, Texto(1, 40), AfterValidator(normalizar_placa)]
TorreBuscada = Annotated[str, Texto(0, 40)]
Buscado = Annotated[str, Texto(1, 100)]


class RequestCreate(InputSchema):
    """`vehiculo_id` or `placa`, exactly one. `unidad_id` is needed by staff and by who has several flats.
    `residente_id`: who of the flat asks, when staff hand in; left out, who lives there longest.
    `acepta_reglamento`: true where the draw has a `reglamento`."""

    model_config = uno_de_dos("vehiculo_id", "placa")

    sorteo_id: Id
    unidad_id: Id | None = None
    residente_id: Id | None = None
    vehiculo_id: Id | None = None
    placa: Placa | None = None
    preferencias: Preferencias = []
    acepta: Acepta | None = None
    usa_condiciones: bool = True
    acepta_reglamento: bool = False

    @model_validator(mode="after")
    def _un_vehiculo(self) -> Self:
        if (self.vehiculo_id is None) == (self.placa is None):
            raise PydanticCustomError("uno_de_dos", "vehiculo_id o placa", {"uno": "vehiculo_id", "otro": "placa"})
        return self


class RequestUpdate(PatchSchema):
    """`acepta` null: all that fits."""

    vehiculo_id: Id = ausente()
    preferencias: Preferencias = ausente()
    acepta: Acepta | None = None
    usa_condiciones: bool = ausente()


class VehiculoDeSolicitudOut(OutputSchema):
    id: PydanticObjectId
    tipo: Literal["carro", "moto", "bicicleta"]
    electrico: bool
    placa: str | None


class ResidenteDeSolicitud(OutputSchema):
    id: PydanticObjectId
    nombre: str
    torre: str | None
    apartamento: str
    al_dia: bool


class AsignacionDeSolicitud(OutputSchema):
    id: PydanticObjectId
    estado: EstadoDeTenencia
    desde: date
    hasta: date


class RequestOut(OutputSchema):
    """`acciones`: the states the caller may move it to now. `impedimentos`: what would refuse it at the closing.
    `espera`: its place in the waiting list as it was drawn; `espera_actual`: among those who still wait.
    `asignacion`: what came of accepting. `residente`: null but for staff."""

    id: PydanticObjectId
    folio: int
    sorteo_id: PydanticObjectId
    unidad_id: PydanticObjectId
    vehiculo: VehiculoDeSolicitudOut
    preferencias: list[str]
    acepta: list[str] | None
    usa_condiciones: bool
    estado: RequestStatus
    impedimentos: list[Impedimento]
    motivo: str | None
    espacio: str | None
    prestado: bool
    espera: int | None
    espera_actual: int | None
    asignacion: AsignacionDeSolicitud | None
    vence_en: InstanteOut | None
    acciones: list[RequestStatus]
    creado_en: InstanteOut
    residente: ResidenteDeSolicitud | None


escribir_solicitud = Escritor(RequestOut)


class MovimientoOut(OutputSchema):
    """`usuario_id` is null for residents when somebody else, or the system, made the move."""

    tipo: TipoMovimiento
    de: RequestStatus | None
    a: RequestStatus
    actor: Actor
    usuario_id: PydanticObjectId | None
    cuando: InstanteOut
    motivo: str | None
    cambios: list[str]


class Liberacion(InputSchema):
    espacio: CodigoEspacio


class LiberacionOut(OutputSchema):
    """`oferta`: the request that the space is offered to now; null when nobody fits."""

    oferta: RequestOut | None


class SolicitudesImportadasOut(ImportacionOut):
    tipo: Literal["solicitudes_importar_solicitudes"]
