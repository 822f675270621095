"""What comes out of `/residentes/yo/datos`."""

from typing import Any

from app.modules.residentes.schemas import ResidentOut
from app.modules.residentes.unidades.schemas import UnidadOut
from app.shared.schemas import InstanteOut, OutputSchema


class DatosOut(OutputSchema):
    """`guardados`: what else is held, by what it is of: the account and its sessions, requests, notices."""

    generado_en: InstanteOut
    residente: ResidentOut
    unidades: list[UnidadOut]
    guardados: dict[str, list[dict[str, Any]]]
