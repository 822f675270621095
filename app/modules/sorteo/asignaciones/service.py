"""What people do with an assignment: see it, give its space back, take its space away."""

from collections.abc import Sequence
from datetime import date
from zoneinfo import ZoneInfo

import attrs
from beanie import PydanticObjectId

from app.core.clock import ahora, hoy
from app.core.security import Principal
from app.database.unit_of_work import UnitOfWork
from app.modules.sorteo.asignaciones.models import Asignacion, EstadoAsignacion
from app.modules.sorteo.asignaciones.repository import AsignacionRepository
from app.modules.sorteo.espacios.repository import EspacioRepository
from app.modules.sorteo.ports import FinDeAsignacion, Padron, Propias
from app.shared.exceptions import NoEncontrado, SinResidente, TransicionInvalida
from app.shared.pagination import Page, PageQuery


@attrs.define(kw_only=True)
class AsignacionService:
    _asignaciones: AsignacionRepository
    _espacios: EspacioRepository
    _solicitudes: FinDeAsignacion
    _padron: Padron
    _propias: Propias
    _uow: UnitOfWork
    _zona: ZoneInfo

    async def listar(
        self, *, vigente_en: date | None, espacio: str | None, placa: str | None, torre: str | None, consulta: PageQuery
    ) -> Page[Asignacion]:
        """The latest first. `vigente_en`: assignments in force on that day, even if they ended later."""
        unidades = None if torre is None else await self._padron.unidades_de_torre(torre=torre)
        return await self._asignaciones.listar(
            consulta, vigente_en=vigente_en, espacio=espacio, placa=placa, unidades=unidades
        )

    async def propias(self, consulta: PageQuery, quien: Principal) -> Page[Asignacion]:
        """What the caller's flats hold now, and what came of the caller's own requests."""
        unidades = await self._unidades(quien)
        propias = [] if quien.residente_id is None else await self._propias.propias(residente_id=quien.residente_id)
        return await self._asignaciones.propias(consulta, unidades=unidades, solicitudes=propias)

    async def vigentes(self, *, unidades: Sequence[PydanticObjectId]) -> list[Asignacion]:
        """What those flats hold now or later, the first to end first."""
        return await self._asignaciones.vigentes(unidades=unidades)

    async def devolver(self, id: PydanticObjectId, quien: Principal) -> Asignacion:
        """The flat gives its space back; the next in line gets it."""
        unidades = await self._unidades(quien)
        return await self._uow.run(lambda: self._terminar(id, EstadoAsignacion.devuelta, unidades))

    async def revocar(self, id: PydanticObjectId, *, motivo: str) -> Asignacion:
        return await self._uow.run(lambda: self._terminar(id, EstadoAsignacion.revocada, None, motivo))

    async def cumplir(self, asignacion: Asignacion) -> None:
        """End an assignment whose last day has passed."""

        async def paso() -> None:
            terminada = await self._asignaciones.terminar(
                solicitud_id=asignacion.solicitud_id,
                estado=EstadoAsignacion.terminada,
                hasta=asignacion.hasta,
                cuando=ahora(),
            )
            if terminada is not None:
                await self._espacios.soltar(ref=terminada.solicitud_id, codigos=[terminada.espacio])
                await self._solicitudes.asignacion_terminada(solicitud_id=asignacion.solicitud_id, espacio=None)

        await self._uow.run(paso)

    async def _terminar(
        self,
        id: PydanticObjectId,
        estado: EstadoAsignacion,
        unidades: list[PydanticObjectId] | None,
        motivo: str | None = None,
    ) -> Asignacion:
        asignacion = await self._asignaciones.get(id)
        if asignacion is None or (unidades is not None and asignacion.unidad_id not in unidades):
            raise NoEncontrado()
        if asignacion.estado is estado:
            return asignacion
        terminada = await self._asignaciones.terminar(
            solicitud_id=asignacion.solicitud_id,
            estado=estado,
            hasta=hoy(self._zona),
            cuando=ahora(),
            motivo=motivo,
        )
        if terminada is None:
            raise TransicionInvalida()
        await self._espacios.soltar(ref=asignacion.solicitud_id, codigos=[asignacion.espacio])
        await self._solicitudes.asignacion_terminada(
            solicitud_id=asignacion.solicitud_id,
            espacio=asignacion.espacio,
            revocada=motivo if estado is EstadoAsignacion.revocada else None,
        )
        return terminada

    async def _unidades(self, quien: Principal) -> list[PydanticObjectId]:
        if quien.residente_id is None:
            raise SinResidente()
        return list(await self._padron.unidades_de(residente_id=quien.residente_id))
