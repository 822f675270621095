"""Queries on assignments."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, ClassVar

import attrs
from beanie import PydanticObjectId

from app.modules.sorteo.asignaciones.models import Asignacion, EstadoAsignacion, Tenencia
from app.shared.pagination import Page, PageQuery
from app.shared.reading import Fila, Ids, Lectura, Pasos
from app.shared.repository import Filtro, Repository
from app.shared.repository import despues_de as posteriores
from app.shared.transaction import decir
from app.shared.utils import con_cifras_a_lo_ancho, plegado

_LOTE = 500
_DE_OCUPADO = dict.fromkeys(
    ("espacio", "unidad_id", "vehiculo", "sorteo_id", "solicitud_id", "desde", "hasta", "marca"), 1
)


@attrs.frozen(kw_only=True)
class FiltroAsignaciones:
    """Which assignments; a criterion that is None does not ask. `vigente_en`: held on that day, even if they ended
    later. `unidades`: the flat that was asked for, those of the tower."""

    vigente_en: date | None = None
    espacio: str | None = None
    placa: str | None = None
    sorteo_id: PydanticObjectId | None = None
    unidades: Sequence[PydanticObjectId] | None = None


CAMBIADAS = "asignaciones_cambiadas"
"""What the audit is told as, by id: of one that ended before its last day, how; of one that was claimed back, the
beginning of the mark that it has since."""


class AsignacionRepository(Repository[Asignacion]):
    model = Asignacion
    ordenes: ClassVar[tuple[str, ...]] = ("-creado_en", "espacio", "_id")
    se_ordena_por: ClassVar[Mapping[str, str]] = {"espacio": "posicion"}

    def _escribir(self, doc: Asignacion) -> dict[str, Any]:
        return super()._escribir(doc) | {"posicion": con_cifras_a_lo_ancho(plegado(doc.espacio))}

    def ocupados(self, *, unidades: Ids, desde: date, hasta: date) -> Lectura[list[Fila]]:
        """What those flats hold on some day of the term by an assignment in force, as it is stored."""
        vigentes = {
            "estado": EstadoAsignacion.vigente,
            "desde": {"$lte": hasta.isoformat()},
            "hasta": {"$gte": desde.isoformat()},
        }
        return self.reading([{"$match": vigentes}, {"$project": _DE_OCUPADO}], list, por=("unidad_id", unidades))

    async def ultimos(self, publicados: Mapping[PydanticObjectId, datetime]) -> dict[str, PydanticObjectId]:
        """By kind of vehicle, the latest published draw that gave spaces to any of that kind."""
        ultimos: dict[str, PydanticObjectId] = {}
        for clase in await self.distinct("clase", {}):
            dieron = [id for id in await self.distinct("sorteo_id", {"clase": clase}) if id in publicados]
            if dieron:
                ultimos[clase] = max(dieron, key=lambda id: (publicados[id], id))
        return ultimos

    async def alguna(self, *, sorteo_id: PydanticObjectId, clase: str) -> Fila | None:
        """Of that draw, for that kind of vehicle."""
        filas = await self.rows({"sorteo_id": sorteo_id, "clase": clase}, ["solicitud_id"], orden=(), limite=1)
        return filas[0] if filas else None

    async def con_espacio_en(
        self, ultimos: Mapping[str, PydanticObjectId], *, unidades: Sequence[PydanticObjectId]
    ) -> frozenset[tuple[PydanticObjectId, str]]:
        """The (unidad, clase) that got a space in the draw that is named for that kind of vehicle."""
        tuvieron: set[tuple[PydanticObjectId, str]] = set()
        for clase, sorteo_id in ultimos.items():
            filtro = {"sorteo_id": sorteo_id, "clase": clase, "unidad_id": {"$in": list(unidades)}}
            tuvieron |= {(fila["unidad_id"], clase) for fila in await self.rows(filtro, ["unidad_id"], orden=())}
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
        """End the request's assignment in force, on `hasta` or, if that is earlier, on its own last day, which is held
        to its end. None when the request has no assignment in force."""
        terminada = await self.update_one(
            {"solicitud_id": solicitud_id, "estado": EstadoAsignacion.vigente}, _fin(estado, hasta, cuando, motivo)
        )
        if terminada is not None:
            decir(CAMBIADAS, {str(terminada.oid): estado})
        return terminada

    async def revocar_varias(
        self, solicitudes: Sequence[PydanticObjectId], *, hasta: date, cuando: datetime, motivo: str | None
    ) -> None:
        """The same of several requests, as taken away."""
        filtro = {"solicitud_id": {"$in": list(solicitudes)}, "estado": EstadoAsignacion.vigente}
        suyas = [fila["_id"] for fila in await self.rows(filtro, ["_id"], orden=())]
        await self.update_many(filtro, _fin(EstadoAsignacion.revocada, hasta, cuando, motivo))
        if suyas:
            decir(CAMBIADAS, {str(id): EstadoAsignacion.revocada for id in suyas})

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

    async def aceptadas_en(self, sorteos: Sequence[PydanticObjectId]) -> dict[PydanticObjectId, datetime]:
        """When each request of those draws became an assignment, for the first time."""
        filtro = {"sorteo_id": {"$in": list(sorteos)}}
        filas = await self.rows(filtro, ["solicitud_id", "creado_en"], orden=[("_id", -1)])
        return {fila["solicitud_id"]: fila["creado_en"] for fila in filas}

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

    async def de_espacios(self, codigos: Sequence[str]) -> list[Asignacion]:
        """Assignments in force of those spaces, the first to begin first."""
        filtro = {"espacio": {"$in": list(codigos)}, "estado": EstadoAsignacion.vigente}
        return await self.find(filtro, orden=[("desde", 1), ("_id", 1)])

    async def ocupan(self, codigos: Sequence[str], *, desde: date, hasta: date) -> list[Fila]:
        """Assignments in force of those spaces on some day of the term, as they are stored, with what is marked."""
        filtro = {
            "espacio": {"$in": list(codigos)},
            "estado": EstadoAsignacion.vigente,
            "desde": {"$lte": hasta.isoformat()},
            "hasta": {"$gte": desde.isoformat()},
        }
        return await self.rows(filtro, _DE_OCUPADO, orden=())

    async def reclamar(
        self, id: PydanticObjectId, *, hasta: date, motivo: str | None, cuando: datetime, marca: str | None
    ) -> Asignacion | None:
        """Make an assignment in force end on `hasta`, which is told. None when something came before."""
        reclamada = await self.update_one(
            {"_id": id, "estado": EstadoAsignacion.vigente, "reclamada_en": None, "hasta": {"$gte": hasta.isoformat()}},
            {
                "$set": {
                    "hasta": hasta.isoformat(),
                    "tenida_hasta": hasta.isoformat(),
                    "reclamada_en": cuando,
                    "motivo": motivo,
                    "avisada": True,
                    "marca": marca,
                }
            },
        )
        if reclamada is not None and marca is not None:
            decir(CAMBIADAS, {str(id): principio(marca)})
        return reclamada

    def vigentes(self, *, unidades: Ids) -> Lectura[list[Fila]]:
        """Assignments in force of these flats, as they are stored, the first to end first."""
        pasos: Pasos = [{"$match": {"estado": EstadoAsignacion.vigente}}, {"$sort": {"hasta": 1, "posicion": 1}}]
        return self.reading(pasos, list, por=("unidad_id", unidades))

    async def listar(self, filtro: FiltroAsignaciones, consulta: PageQuery) -> Page[Asignacion]:
        return await self.page(_que_cumplen(filtro), consulta)

    async def tenidas(self, codigos: Sequence[str], *, el: date) -> list[Asignacion]:
        """Those of these spaces that count as held on that day: of each space one at most."""
        return await self.find({**_que_cumplen(FiltroAsignaciones(vigente_en=el)), "espacio": {"$in": list(codigos)}})

    async def por_lotes(self, filtro: FiltroAsignaciones) -> AsyncIterator[list[Asignacion]]:
        """All that fit, by space and then the first to begin first."""
        lote: list[Asignacion] = []
        async for asignacion in self.iterate(_que_cumplen(filtro), orden=[("posicion", 1), ("_id", 1)]):
            lote.append(asignacion)
            if len(lote) == _LOTE:
                yield lote
                lote = []
        if lote:
            yield lote

    async def por_vigilar(
        self, campos: Sequence[str], *, despues_de: PydanticObjectId | None, limite: int
    ) -> list[Fila]:
        """The next of those in force, by id: those fields and the mark."""
        vigentes = {"estado": EstadoAsignacion.vigente.value, **posteriores(despues_de)}
        return await self.rows(vigentes, {*campos, "marca"}, limite=limite)

    async def por_terminar(self, *, desde: date, hasta: date, limite: int) -> list[Asignacion]:
        """Assignments in force whose last day is in that term and whose holder was not told so."""
        dias = {"$gte": desde.isoformat(), "$lte": hasta.isoformat()}
        filtro: dict[str, Any] = {"estado": EstadoAsignacion.vigente, "avisada": False, "hasta": dias}
        return await self.find(filtro, orden=[("hasta", 1)], limite=limite)

    async def cumplir(self, asignacion: Asignacion, *, cuando: datetime) -> bool:
        """End that assignment on its own last day, if it still stands as it was read."""
        filtro = {"_id": asignacion.id, "estado": EstadoAsignacion.vigente, "hasta": asignacion.hasta.isoformat()}
        cambio = {"$set": {"estado": EstadoAsignacion.terminada, "terminado_en": cuando}}
        return await self.update_one(filtro, cambio) is not None

    async def marcar_avisadas(self, ids: Sequence[PydanticObjectId]) -> None:
        await self.update_many({"_id": {"$in": list(ids)}}, {"$set": {"avisada": True}})

    async def cumplidas(self, *, hoy: date, limite: int) -> list[Asignacion]:
        """Assignments still marked in force after their last day."""
        filtro: dict[str, Any] = {"estado": EstadoAsignacion.vigente, "hasta": {"$lt": hoy.isoformat()}}
        return await self.find(filtro, orden=[("hasta", 1)], limite=limite)


def principio(marca: str) -> str:
    return marca[:16]


def _fin(estado: EstadoAsignacion, hasta: date, cuando: datetime, motivo: str | None) -> list[dict[str, Any]]:
    # In a pipeline a text that begins with $ is a field: $literal keeps what people wrote as text.
    cambio = {
        "estado": estado,
        "hasta": {"$min": ["$hasta", hasta.isoformat()]},
        "tenida_hasta": {"$min": ["$hasta", (hasta - timedelta(days=1)).isoformat()]},
        "terminado_en": cuando,
        "motivo": {"$literal": motivo},
    }
    return [{"$set": cambio}]


def _que_cumplen(filtro: FiltroAsignaciones) -> Filtro:
    cumplen: dict[str, Any] = {}
    if filtro.vigente_en is not None:
        dia = filtro.vigente_en.isoformat()
        cumplen |= {"desde": {"$lte": dia}, "tenida_hasta": {"$gte": dia}}
    if filtro.espacio is not None:
        cumplen["espacio"] = filtro.espacio
    if filtro.placa is not None:
        cumplen["vehiculo.placa"] = filtro.placa
    if filtro.sorteo_id is not None:
        cumplen["sorteo_id"] = filtro.sorteo_id
    if filtro.unidades is not None:
        cumplen["unidad_id"] = {"$in": list(filtro.unidades)}
    return cumplen
