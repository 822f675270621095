"""Queries on assignments."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, ClassVar

from beanie import PydanticObjectId

from app.modules.sorteo.asignaciones.models import Asignacion, EstadoAsignacion, Tenencia
from app.modules.sorteo.espacios.models import Ocupado
from app.shared.pagination import Page, PageQuery
from app.shared.repository import Repository


class AsignacionRepository(Repository[Asignacion]):
    model = Asignacion
    ordenes: ClassVar[tuple[str, ...]] = ("-creado_en", "espacio", "_id")

    async def ocupados(self, *, unidades: Sequence[PydanticObjectId], desde: date, hasta: date) -> list[Ocupado]:
        """What those flats hold on some day of the term by an assignment in force."""
        vigentes = {
            "unidad_id": {"$in": list(unidades)},
            "estado": EstadoAsignacion.vigente,
            "desde": {"$lte": hasta.isoformat()},
            "hasta": {"$gte": desde.isoformat()},
        }
        return [
            Ocupado(
                unidad_id=fila["unidad_id"],
                tipo=fila["vehiculo"]["tipo"],
                vehiculo_id=fila["vehiculo"]["id"],
                tipo_espacio=None,
                desde=date.fromisoformat(fila["desde"]),
                hasta=date.fromisoformat(fila["hasta"]),
            )
            for fila in await self.rows(vigentes, ["unidad_id", "vehiculo", "desde", "hasta"], orden=())
        ]

    async def con_espacio_en_el_anterior(
        self, *, unidades: Sequence[PydanticObjectId], publicados: Mapping[PydanticObjectId, datetime]
    ) -> frozenset[tuple[PydanticObjectId, str]]:
        """The (unidad, clase) that got a space in the latest published draw that gave any to that kind of vehicle."""
        tuvieron: set[tuple[PydanticObjectId, str]] = set()
        for clase in await self.distinct("clase", {}):
            dieron = [id for id in await self.distinct("sorteo_id", {"clase": clase}) if id in publicados]
            if dieron:
                ultimo = max(dieron, key=lambda id: (publicados[id], id))
                filtro = {"sorteo_id": ultimo, "clase": clase, "unidad_id": {"$in": list(unidades)}}
                tuvieron |= {(a.unidad_id, clase) for a in await self.find(filtro)}
        return frozenset(tuvieron)

    async def terminar(
        self,
        *,
        solicitud_id: PydanticObjectId,
        estado: EstadoAsignacion,
        hasta: date,
        cuando: datetime,
        motivo: str | None = None,
    ) -> Asignacion | None:
        """End the request's assignment in force, on `hasta` or on its own last day if that is earlier. None when the
        request has no assignment in force."""
        return await self.update_one(
            {"solicitud_id": solicitud_id, "estado": EstadoAsignacion.vigente}, _fin(estado, hasta, cuando, motivo)
        )

    async def revocar_varias(
        self, solicitudes: Sequence[PydanticObjectId], *, hasta: date, cuando: datetime, motivo: str | None
    ) -> None:
        """The same of several requests, as taken away."""
        filtro = {"solicitud_id": {"$in": list(solicitudes)}, "estado": EstadoAsignacion.vigente}
        await self.update_many(filtro, _fin(EstadoAsignacion.revocada, hasta, cuando, motivo))

    async def ultimas(self, solicitudes: Sequence[PydanticObjectId]) -> dict[PydanticObjectId, Tenencia]:
        """The latest that came of each request."""
        campos = ["solicitud_id", "estado", "desde", "hasta"]
        return {
            f["solicitud_id"]: Tenencia(
                PydanticObjectId(f["_id"]),
                EstadoAsignacion(f["estado"]),
                date.fromisoformat(f["desde"]),
                date.fromisoformat(f["hasta"]),
            )
            for f in await self.rows({"solicitud_id": {"$in": list(solicitudes)}}, campos)
        }

    async def propias(
        self, consulta: PageQuery, *, unidades: Sequence[PydanticObjectId], solicitudes: Sequence[PydanticObjectId]
    ) -> Page[Asignacion]:
        """Assignments in force of these flats, and all that came of these requests."""
        de_ahora = {"unidad_id": {"$in": list(unidades)}, "estado": EstadoAsignacion.vigente}
        return await self.page({"$or": [de_ahora, {"solicitud_id": {"$in": list(solicitudes)}}]}, consulta)

    async def olvidar_placas(self, unidades: Sequence[PydanticObjectId]) -> None:
        """Of what those flats held and hold no more."""
        terminadas = {"unidad_id": {"$in": list(unidades)}, "estado": {"$ne": EstadoAsignacion.vigente.value}}
        await self.update_many(terminadas, {"$set": {"vehiculo.placa": None}})

    async def de_placa(self, placa: str, *, el: date) -> Asignacion | None:
        """The assignment by which the vehicle with that plate has a space on that day."""
        dia = el.isoformat()
        filtro = {"vehiculo.placa": placa, "estado": EstadoAsignacion.vigente}
        return await self.find_one(filtro | {"desde": {"$lte": dia}, "hasta": {"$gte": dia}}, orden=[("hasta", -1)])

    async def vigentes(self, *, unidades: Sequence[PydanticObjectId]) -> list[Asignacion]:
        """Assignments in force of these flats, the first to end first."""
        filtro = {"unidad_id": {"$in": list(unidades)}, "estado": EstadoAsignacion.vigente}
        return await self.find(filtro, orden=[("hasta", 1), ("espacio", 1)])

    async def listar(
        self,
        consulta: PageQuery,
        *,
        vigente_en: date | None,
        espacio: str | None,
        placa: str | None,
        unidades: Sequence[PydanticObjectId] | None,
    ) -> Page[Asignacion]:
        """Assignments that fit; a criterion that is None does not ask. A space that was given back or taken away was
        held until the day before."""
        filtro: dict[str, Any] = {}
        if vigente_en is not None:
            dia = vigente_en.isoformat()
            filtro |= {"desde": {"$lte": dia}, "hasta": {"$gte": dia}}
            filtro["$or"] = [
                {"estado": {"$in": [EstadoAsignacion.vigente, EstadoAsignacion.terminada]}},
                {"hasta": {"$gt": dia}},
            ]
        if espacio is not None:
            filtro["espacio"] = espacio
        if placa is not None:
            filtro["vehiculo.placa"] = placa
        if unidades is not None:
            filtro["unidad_id"] = {"$in": list(unidades)}
        return await self.page(filtro, consulta)

    async def por_terminar(self, *, desde: date, hasta: date, limite: int) -> list[Asignacion]:
        """Assignments in force whose last day is in that term and whose holder was not told so."""
        dias = {"$gte": desde.isoformat(), "$lte": hasta.isoformat()}
        filtro: dict[str, Any] = {"estado": EstadoAsignacion.vigente, "avisada": False, "hasta": dias}
        return await self.find(filtro, orden=[("hasta", 1)], limite=limite)

    async def marcar_avisadas(self, ids: Sequence[PydanticObjectId]) -> None:
        await self.update_many({"_id": {"$in": list(ids)}}, {"$set": {"avisada": True}})

    async def cumplidas(self, *, hoy: date, limite: int) -> list[Asignacion]:
        """Assignments still marked in force after their last day."""
        filtro: dict[str, Any] = {"estado": EstadoAsignacion.vigente, "hasta": {"$lt": hoy.isoformat()}}
        return await self.find(filtro, orden=[("hasta", 1)], limite=limite)


def _fin(estado: EstadoAsignacion, hasta: date, cuando: datetime, motivo: str | None) -> list[dict[str, Any]]:
    # In a pipeline a text that begins with $ is a field: $literal keeps what people wrote as text.
    cambio = {
        "estado": estado,
        "hasta": {"$min": ["$hasta", hasta.isoformat()]},
        "terminado_en": cuando,
        "motivo": {"$literal": motivo},
    }
    return [{"$set": cambio}]
