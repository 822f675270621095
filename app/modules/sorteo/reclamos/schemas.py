"""What goes in and out of `/sorteo/{id}/reclamos`."""

from typing import Annotated, Literal

from beanie import PydanticObjectId
from pydantic import Field

from app.modules.sorteo.reclamos.models import EstadoReclamo
from app.modules.sorteo.resultados.schemas import UnidadDeResultadoOut
from app.shared.schemas import InputSchema, InstanteOut, Motivo, OutputSchema


class ReclamoIn(InputSchema):
    texto: Annotated[Motivo, Field(description="Sale en el acta, sin unidad: no debe nombrar a nadie.")]


class RespuestaDeReclamo(InputSchema):
    estado: Literal["aceptado", "negado"]
    respuesta: Annotated[Motivo, Field(description="Las razones; salen en el acta.")]


class ReclamoOut(OutputSchema):
    """`unidades`: null but for staff."""

    id: PydanticObjectId
    sorteo_id: PydanticObjectId
    folio: int
    unidades: list[UnidadDeResultadoOut] | None
    texto: str
    estado: EstadoReclamo
    respuesta: str | None
    creado_en: InstanteOut
    respondido_en: InstanteOut | None
