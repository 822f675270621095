"""What the residents of a flat are told of the space that it holds, in the transaction of what they are told."""

import attrs
from beanie import PydanticObjectId

from app.modules.sorteo.asignaciones.models import Asignacion
from app.modules.sorteo.permutas.models import Permuta
from app.modules.sorteo.ports import Avisos, DatoDeAviso, Padron


@attrs.define(kw_only=True)
class Noticias:
    _avisos: Avisos
    _padron: Padron

    async def reclamada(self, asignacion: Asignacion) -> None:
        await self._decir("asignacion_reclamada", asignacion, hasta=asignacion.hasta, motivo=asignacion.motivo)

    async def permuta(self, tipo: str, permuta: Permuta) -> None:
        """Both flats, each of the space that was theirs and of the other."""
        habitantes = await self._padron.residentes_de(unidades=permuta.unidades)
        avisos: list[tuple[PydanticObjectId, dict[str, DatoDeAviso]]] = []
        for parte, otra in zip(permuta.partes, reversed(permuta.partes), strict=True):
            datos: dict[str, DatoDeAviso] = {
                "sorteo_id": permuta.sorteo_id,
                "permuta_id": permuta.oid,
                "espacio": parte.espacio,
                "otro_espacio": otra.espacio,
                "motivo": permuta.motivo,
            }
            avisos += [(residente_id, datos) for residente_id in habitantes.get(parte.unidad_id, ())]
        await self._avisos.avisar_varios(tipo=tipo, avisos=avisos)

    async def _decir(self, tipo: str, asignacion: Asignacion, **datos: DatoDeAviso) -> None:
        habitantes = await self._padron.residentes_de(unidades=[asignacion.unidad_id])
        dicho = _de(asignacion) | datos
        avisos = [(residente_id, dicho) for residente_id in habitantes.get(asignacion.unidad_id, ())]
        await self._avisos.avisar_varios(tipo=tipo, avisos=avisos)


def _de(asignacion: Asignacion) -> dict[str, DatoDeAviso]:
    return {
        "sorteo_id": asignacion.sorteo_id,
        "solicitud_id": asignacion.solicitud_id,
        "asignacion_id": asignacion.oid,
        "espacio": asignacion.espacio,
    }
