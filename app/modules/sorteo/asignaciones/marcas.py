"""An assignment bears the mark of the act that left it as it is, under a key that is not in the database. What is
written on one breaks its mark, and no act makes it anew."""

from collections.abc import Mapping, Sequence
from typing import Any

import attrs
from beanie import PydanticObjectId

from app.core.sealing import Precinto, PrecintoDeFilas
from app.modules.sorteo.asignaciones.models import Asignacion, EstadoAsignacion
from app.modules.sorteo.exceptions import AsignacionAlterada
from app.shared.repository import Fila

CAMPOS = (
    *("_id", "espacio", "unidad_id", "vehiculo.id", "vehiculo.tipo", "vehiculo.placa", "clase", "sorteo_id"),
    *("solicitud_id", "desde", "hasta", "estado", "prestado", "reclamada_en"),
)
"""All that anybody believes of one."""
_DEL_PRINCIPIO = 16


@attrs.define
class MarcasDeAsignaciones:
    _marcas: PrecintoDeFilas

    @classmethod
    def con(cls, clave: bytes, anteriores: Sequence[bytes] = ()) -> "MarcasDeAsignaciones":
        precinto = Precinto(clave, "asignacion", anteriores)
        return cls(PrecintoDeFilas(precinto=precinto, campos=CAMPOS, en="precinto"))

    def marcada(self, nueva: Asignacion) -> Asignacion:
        """One that an act is about to insert, with its id and its mark."""
        nueva.id = PydanticObjectId()
        nueva.precinto = self._marcas.de(en_fila(nueva))
        return nueva

    def seguida(self, fila: Fila, cambios: Mapping[str, Any]) -> str:
        """The mark of one, as it is stored, that an act changes so. Raises AsignacionAlterada where no act left it as
        it is."""
        if not self.valen(fila):
            raise AsignacionAlterada(fila["_id"])
        return self._marcas.de({**fila, **cambios})

    def vale(self, asignacion: Asignacion) -> bool:
        return self._marcas.vale(en_fila(asignacion))

    def valen(self, fila: Mapping[str, Any]) -> bool:
        """The same of one as it is stored."""
        return self._marcas.vale(fila)

    def rige(self, fila: Mapping[str, Any]) -> bool:
        """Whether an act left it in force, whatever state somebody wrote there."""
        return self._marcas.vale({**fila, "estado": EstadoAsignacion.vigente})


def en_fila(asignacion: Asignacion) -> dict[str, Any]:
    """As it is stored."""
    return {**asignacion.model_dump(exclude={"id"}), "_id": asignacion.id}


def principio(marca: str) -> str:
    return marca[:_DEL_PRINCIPIO]
