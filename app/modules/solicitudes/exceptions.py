"""Rules of requests that can be broken.

Conflicto 409
├── SorteoNoAbierto        ├── ResidenteInactivo      ├── VehiculoAjeno         ├── NoAlDia
├── SolicitudDuplicada     ├── UnidadConSolicitud     ├── YaTieneEspacio        ├── SinEspacioCompatible
├── PlazoVencido           ├── EspacioNoLibre         └── SolicitudAlterada
"""

from beanie import PydanticObjectId

from app.shared.exceptions import Conflicto


class SorteoNoAbierto(Conflicto):
    codigo = "sorteo_no_abierto"


class ResidenteInactivo(Conflicto):
    codigo = "residente_inactivo"


class VehiculoAjeno(Conflicto):
    codigo = "vehiculo_ajeno"


class NoAlDia(Conflicto):
    codigo = "no_al_dia"


class SolicitudDuplicada(Conflicto):
    codigo = "solicitud_duplicada"


class UnidadConSolicitud(Conflicto):
    codigo = "unidad_con_solicitud"


class YaTieneEspacio(Conflicto):
    codigo = "ya_tiene_espacio"


class SinEspacioCompatible(Conflicto):
    codigo = "sin_espacio_compatible"


class EspacioNoLibre(Conflicto):
    """Somebody has the space, or it is not in use."""

    codigo = "espacio_no_libre"


class SolicitudAlterada(Conflicto):
    """A request of a published draw is not what was published and moved by the rules: somebody wrote on the database.
    `donde`: what of it."""

    codigo = "bases_alteradas"

    def __init__(self, sorteo_id: PydanticObjectId, *, donde: str, folio: int | None = None) -> None:
        super().__init__(donde=donde, **({} if folio is None else {"folio": folio}))
        self.sorteo_id = sorteo_id


class PlazoVencido(Conflicto):
    """The time to answer is over, whether or not the system has come round to it."""

    codigo = "plazo_vencido"
