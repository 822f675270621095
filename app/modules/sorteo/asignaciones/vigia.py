"""An assignment in force is believed if it bears the mark of the act that made it, under a key that is not in the
database: whoever puts one there, or writes another flat, plate, space or last day into it, gets no space by it and
leaves a trace. A mark says nothing of one that ended, nor of one that is put back as it once was: of those that ended
early or were claimed back the audit was told."""

from collections.abc import Mapping, Sequence
from typing import Any

import attrs
from beanie import PydanticObjectId

from app.core.sealing import Precinto, PrecintoDeFilas
from app.modules.sorteo.asignaciones.models import Asignacion
from app.modules.sorteo.asignaciones.repository import CAMBIADAS, AsignacionRepository, principio
from app.modules.sorteo.custodia.ports import Bitacora
from app.modules.sorteo.custodia.vigia import Denuncia, Vigia
from app.shared.repository import Fila

CAMPOS = (
    *("_id", "espacio", "unidad_id", "vehiculo.id", "vehiculo.placa", "sorteo_id", "solicitud_id", "desde", "hasta"),
)


@attrs.define
class MarcasDeAsignaciones:
    _marcas: PrecintoDeFilas

    @classmethod
    def con(cls, clave: bytes, anteriores: Sequence[bytes] = ()) -> "MarcasDeAsignaciones":
        return cls(PrecintoDeFilas(precinto=Precinto(clave, "asignacion", anteriores), campos=CAMPOS))

    def marcada(self, nueva: Asignacion) -> Asignacion:
        """One that an act is about to insert, with its id and its mark."""
        nueva.id = PydanticObjectId()
        nueva.marca = self._marcas.de(_fila(nueva))
        return nueva

    def seguida(self, asignacion: Asignacion, **cambios: Any) -> str | None:
        """The mark that goes with those changes. A mark that was broken is not made anew."""
        return self._marcas.de(_fila(asignacion) | cambios) if self.vale(asignacion) else None

    def vale(self, asignacion: Asignacion) -> bool:
        return self._marcas.vale(_fila(asignacion))

    def valen(self, fila: Mapping[str, Any]) -> bool:
        """The same of one as it is stored."""
        return self._marcas.vale(fila)


@attrs.define(kw_only=True)
class CambiosDeAsignaciones:
    """What the audit was told of assignments that changed."""

    _marcas: MarcasDeAsignaciones
    _bitacora: Bitacora

    async def dichos(self) -> Mapping[str, str]:
        """The last of each, by id. To be read before the rows."""
        ultimos: dict[str, str] = {}
        async for varios in self._bitacora.dichos_por_partes(tipo=CAMBIADAS):
            for datos in varios:
                ultimos |= datos
        await self._bitacora.denunciar_huecos()
        return ultimos

    def valen(self, fila: Mapping[str, Any], dichos: Mapping[str, str]) -> bool:
        """Whether one in force, as it is stored, is what an act made it, the last of which was told."""
        dicho = dichos.get(str(fila["_id"]))
        return self._marcas.valen(fila) and dicho in (None, principio(fila["marca"]))


@attrs.define(kw_only=True)
class VigiaDeAsignaciones(Vigia):
    """What the audit was told (`_dichos`) is read anew for each walk through all of them."""

    suceso = "asignacion_alterada"
    _asignaciones: AsignacionRepository
    _cambios: CambiosDeAsignaciones
    _dichos: Mapping[str, str] = attrs.field(init=False, factory=dict)

    async def es_de_un_acto(self, asignacion: Asignacion) -> bool:
        """What is not is denounced."""
        if self._cambios.valen(_fila(asignacion), self._dichos):
            return True
        await self._denunciar(asignacion.oid, {})
        return False

    async def _siguientes(self, ultimo: PydanticObjectId | None, limite: int) -> Sequence[Fila]:
        """Of those in force."""
        if ultimo is None:
            self._dichos = await self._cambios.dichos()
        return await self._asignaciones.por_vigilar(CAMPOS, despues_de=ultimo, limite=limite)

    def _alteradas(self, filas: Sequence[Fila]) -> Sequence[Denuncia]:
        return [(fila["_id"], {}) for fila in filas if not self._cambios.valen(fila, self._dichos)]


def _fila(asignacion: Asignacion) -> dict[str, Any]:
    return {**asignacion.model_dump(exclude={"id"}), "_id": asignacion.id}
