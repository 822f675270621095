"""Rules of requests that can be broken.

Conflicto 409
├── SorteoNoAbierto        ├── ResidenteInactivo      ├── VehiculoAjeno         ├── NoAlDia
├── SolicitudDuplicada     ├── UnidadConSolicitud     ├── YaTieneEspacio        ├── SinEspacioCompatible
├── PlazoVencido           ├── EspacioNoLibre         └── SolicitudAlterada
"""

from beanie import PydanticObjectId

from app.shared.exceptions import Conflicto, Dato


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
    """Somebody wrote on the database: a request of a published draw is not what was published and moved by the rules,
    or what a request is judged by is not what was stated. `donde`: what of it, and of which `objeto`."""

    codigo = "bases_alteradas"

    def __init__(
        self,
        sorteo_id: PydanticObjectId,
        *,
        donde: str,
        folio: int | None = None,
        objeto: PydanticObjectId | None = None,
    ) -> None:
        de: dict[str, Dato] = {} if folio is None else {"folio": folio}
        super().__init__(donde=donde, **de, **({} if objeto is None else {"objeto": str(objeto)}))
        self.sorteo_id = sorteo_id


class PlazoVencido(Conflicto):
    """The time to answer is over, whether or not the system has come round to it."""

    codigo = "plazo_vencido"
