"""What a draw tells everybody. A step is announced in its own transaction; a rehearsal is not announced."""

from collections.abc import Sequence

import attrs
from beanie import PydanticObjectId

from app.modules.sorteo.asignaciones.models import Asignacion
from app.modules.sorteo.estados import EstadoSorteo
from app.modules.sorteo.models import Sorteo
from app.modules.sorteo.ports import Avisos, DatoDeAviso
from app.modules.sorteo.reclamos.models import Reclamo


@attrs.define(kw_only=True)
class Anuncios:
    _avisos: Avisos

    async def abierto(self, sorteo: Sorteo) -> None:
        await self._difundir("sorteo_abierto", sorteo, compromiso=sorteo.compromiso, cierre=sorteo.cierre)

    async def por_cerrar(self, sorteo: Sorteo) -> None:
        await self._difundir("sorteo_por_cerrar", sorteo, cierre=sorteo.cierre)

    async def prorrogado(self, sorteo: Sorteo, *, motivo: str) -> None:
        await self._difundir("sorteo_prorrogado", sorteo, cierre=sorteo.cierre, motivo=motivo)

    async def finalizado(self, sorteo: Sorteo) -> None:
        await self._difundir("sorteo_finalizado", sorteo)

    async def cerrado(self, sorteo: Sorteo) -> None:
        """The hash is told at once: a hash that everybody has cannot be replaced later."""
        await self._difundir("sorteo_cerrado", sorteo, huella=sorteo.huella, participantes=sorteo.participantes)

    async def reabierto(self, sorteo: Sorteo, *, motivo: str) -> None:
        await self._difundir("sorteo_reabierto", sorteo, motivo=motivo, cierre=sorteo.cierre)

    async def anulacion_pedida(self, sorteo: Sorteo) -> None:
        """Announce an annulment only when it has to wait: one with immediate effect is announced as done."""
        if sorteo.anulacion is not None and sorteo.anulacion.efecto_en != sorteo.anulacion.pedida_en:
            datos: dict[str, DatoDeAviso] = {"motivo": sorteo.anulacion.motivo, "efecto_en": sorteo.anulacion.efecto_en}
            await self._difundir("anulacion_pedida", sorteo, **datos)

    async def anulacion_retirada(self, sorteo: Sorteo, *, motivo: str) -> None:
        await self._difundir("anulacion_retirada", sorteo, motivo=motivo)

    async def anulado(self, sorteo: Sorteo, *, antes: EstadoSorteo) -> None:
        """Nobody knew of a draft, so its annulment is not announced."""
        if sorteo.anulacion is not None and antes is not EstadoSorteo.borrador:
            await self._difundir("sorteo_anulado", sorteo, motivo=sorteo.anulacion.motivo)

    async def reclamo_respondido(self, sorteo: Sorteo, reclamo: Reclamo) -> None:
        """Told to who may see the claim."""
        datos: dict[str, DatoDeAviso] = {
            "sorteo_id": sorteo.oid,
            "nombre": sorteo.nombre,
            "folio": reclamo.folio,
            "motivo": reclamo.respuesta,
        }
        await self._avisos.avisar_varios(
            tipo=f"reclamo_{reclamo.estado}", avisos=[(residente_id, datos) for residente_id in reclamo.presentes]
        )

    async def por_terminar(self, asignaciones: Sequence[tuple[PydanticObjectId, Asignacion]]) -> None:
        """`asignaciones`: each with a resident of its flat."""
        avisos: list[tuple[PydanticObjectId, dict[str, DatoDeAviso]]] = [
            (
                residente_id,
                {
                    "sorteo_id": a.sorteo_id,
                    "solicitud_id": a.solicitud_id,
                    "asignacion_id": a.oid,
                    "espacio": a.espacio,
                    "hasta": a.hasta,
                },
            )
            for residente_id, a in asignaciones
        ]
        await self._avisos.avisar_varios(tipo="asignacion_por_terminar", avisos=avisos)

    async def _difundir(self, tipo: str, sorteo: Sorteo, **datos: DatoDeAviso) -> None:
        if not sorteo.ensayo:
            await self._avisos.difundir(tipo=tipo, datos={"sorteo_id": sorteo.oid, "nombre": sorteo.nombre, **datos})
