"""An assignment in force is believed if it bears the mark of the act that made it, under a key that is not in the
database: whoever puts one there, or writes another flat, plate, space or last day into it, gets no space by it and
leaves a trace. A mark says nothing of an assignment that ended, nor of one that is put back as it once was."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from typing import Any

import attrs
from beanie import PydanticObjectId

from app.core.sealing import Precinto, PrecintoDeFilas
from app.database.unit_of_work import UnitOfWork
from app.modules.sorteo.asignaciones.models import Asignacion
from app.modules.sorteo.asignaciones.repository import AsignacionRepository
from app.modules.sorteo.custodia.ports import Bitacora

log = logging.getLogger(__name__)

CAMPOS = (
    *("_id", "espacio", "unidad_id", "vehiculo.id", "vehiculo.placa", "sorteo_id", "solicitud_id", "desde", "hasta"),
)
_LOTE = 500
_ALTERADA = "asignacion_alterada"


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
class VigiaDeAsignaciones:
    """The beat of any process may call `vigilar`, as often as it likes and several at once."""

    _asignaciones: AsignacionRepository
    _marcas: MarcasDeAsignaciones
    _bitacora: Bitacora
    _uow: UnitOfWork
    _ultima: PydanticObjectId | None = attrs.field(init=False, default=None)

    async def vigilar(self) -> None:
        """Look at the next of those in force; after the last, from the first again."""
        filas = await self._asignaciones.por_vigilar(CAMPOS, despues_de=self._ultima, limite=_LOTE)
        for id in await asyncio.to_thread(self._alteradas, filas):
            await self._denunciar(id)
        self._ultima = filas[-1]["_id"] if len(filas) == _LOTE else None

    async def es_de_un_acto(self, asignacion: Asignacion) -> bool:
        """What is not is denounced."""
        if self._marcas.vale(asignacion):
            return True
        await self._denunciar(asignacion.oid)
        return False

    def _alteradas(self, filas: Sequence[Mapping[str, Any]]) -> list[PydanticObjectId]:
        return [fila["_id"] for fila in filas if not self._marcas.valen(fila)]

    async def _denunciar(self, id: PydanticObjectId) -> None:
        """Once each."""

        async def denunciar() -> None:
            if not await self._bitacora.dichos(objeto=id, tipos=[_ALTERADA]):
                log.error("la asignación %s no es la que dejó un acto", id)
                await self._bitacora.suceso(tipo=_ALTERADA, hecho=False, datos={}, objeto=id)

        await self._uow.run(denunciar)


def _fila(asignacion: Asignacion) -> dict[str, Any]:
    return {**asignacion.model_dump(exclude={"id"}), "_id": asignacion.id}
