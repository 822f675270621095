"""Queries on assignments."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, ClassVar

import attrs
from beanie import PydanticObjectId
from pymongo import UpdateOne

from app.modules.sorteo.asignaciones.marcas import CAMPOS, MarcasDeAsignaciones, en_fila, principio
from app.modules.sorteo.asignaciones.models import Asignacion, EstadoAsignacion, Tenencia
from app.modules.sorteo.exceptions import EspacioOcupado
from app.shared.exceptions import ParkNetError
from app.shared.pagination import Page, PageQuery
from app.shared.reading import Fila, Ids, Lectura, Pasos
from app.shared.repository import Filtro, Repository
from app.shared.repository import despues_de as posteriores
from app.shared.transaction import decir
from app.shared.utils import con_cifras_a_lo_ancho, plegado

_LOTE = 500
_CREIDO = (*CAMPOS, "precinto")
"""What is believed of one, and its mark."""


@attrs.frozen(kw_only=True)
class FiltroAsignaciones:
    """Which assignments; a criterion that is None does not ask. `vigente_en`: held on that day, even if they ended
    later. `unidades`: the flat that was asked for, those of the tower."""

    vigente_en: date | None = None
    espacio: str | None = None
    placa: str | None = None
    sorteo_id: PydanticObjectId | None = None
    unidades: Sequence[PydanticObjectId] | None = None


ESCRITAS = "asignaciones_escritas"
"""What the audit is told as, by id, of one that ended before its last day or was claimed back: the beginning of the
mark that it has since."""


@attrs.define(kw_only=True, slots=False, eq=False)
class AsignacionRepository(Repository[Asignacion]):
    """What changes of an assignment is written with its mark."""

    _marcas: MarcasDeAsignaciones
    model = Asignacion
    ordenes: ClassVar[tuple[str, ...]] = ("-creado_en", "espacio", "_id")
    se_ordena_por: ClassVar[Mapping[str, str]] = {"espacio": "posicion"}
    unicos: ClassVar[Mapping[str, type[ParkNetError]]] = {"asignacion_vigente": EspacioOcupado}

    def _escribir(self, doc: Asignacion) -> dict[str, Any]:
        return super()._escribir(doc) | {"posicion": con_cifras_a_lo_ancho(plegado(doc.espacio))}

    def ocupados(self, *, unidades: Ids, desde: date, hasta: date, hoy: date) -> Lectura[list[Fila]]:
        """What those flats hold on some day of the term by an assignment in force, whatever state somebody wrote there,
        as it is stored."""
        suyas = {
            "desde": {"$lte": hasta.isoformat()},
            "hasta": {"$gte": desde.isoformat()},
            # One that ended has its last day behind it.
            "$or": [{"estado": EstadoAsignacion.vigente}, {"hasta": {"$gt": hoy.isoformat()}}],
        }
        pasos: Pasos = [{"$match": suyas}, {"$project": dict.fromkeys(_CREIDO, 1)}]
        return self.reading(pasos, lambda filas: [*filter(self._marcas.rige, filas)], por=("unidad_id", unidades))

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
        to its end. None when the request has no assignment in force. Raises AsignacionAlterada."""
        fila = await self.row({"solicitud_id": solicitud_id, "estado": EstadoAsignacion.vigente})
        if fila is None:
            return None
        cambio = self._con_marca(fila, _fin(fila, estado, hasta, cuando, motivo))
        terminada = await self._cambiar(fila["_id"], fila["precinto"], cambio)
        if terminada is not None:
            decir(ESCRITAS, {str(terminada.oid): principio(cambio["precinto"])})
        return terminada

    async def revocar_varias(
        self, solicitudes: Sequence[PydanticObjectId], *, hasta: date, cuando: datetime, motivo: str | None
    ) -> list[PydanticObjectId]:
        """The same of several requests, as taken away; those that no act left as they are, which stay."""
        filtro = {"solicitud_id": {"$in": list(solicitudes)}, "estado": EstadoAsignacion.vigente}
        filas = await self.rows(filtro, orden=())
        revocadas = [
            fila | self._con_marca(fila, _fin(fila, EstadoAsignacion.revocada, hasta, cuando, motivo))
            for fila in filas
            if self._marcas.valen(fila)
        ]
        await self.put_again(revocadas)
        if revocadas:
            decir(ESCRITAS, {str(fila["_id"]): principio(fila["precinto"]) for fila in revocadas})
        return sorted({fila["_id"] for fila in filas} - {fila["_id"] for fila in revocadas})

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

    async def creidas_de(self, solicitudes: Sequence[PydanticObjectId]) -> list[Fila]:
        """All that came of these requests: what is believed of them, and the mark."""
        return await self.rows({"solicitud_id": {"$in": list(solicitudes)}}, _CREIDO, orden=())

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
        suyas = {"unidad_id": {"$in": list(unidades)}, "vehiculo.placa": {"$ne": None}}
        filas = await self.rows(suyas | {"estado": {"$ne": EstadoAsignacion.vigente}}, _CREIDO, orden=())
        sin_placa = [(f, {"vehiculo": f["vehiculo"] | {"placa": None}}) for f in filas if self._marcas.valen(f)]
        marcas = {fila["_id"]: self._marcas.seguida(fila, cambio) for fila, cambio in sin_placa}
        if filas:
            de_cada = [
                (f["_id"], {"vehiculo.placa": None, "precinto": marcas.get(f["_id"], f.get("precinto"))}) for f in filas
            ]
            await self.bulk_write([UpdateOne({"_id": id}, {"$set": cambio}) for id, cambio in de_cada])
        if marcas:
            # The audit was told of the mark that those had which ended early.
            decir(ESCRITAS, {str(id): principio(marca) for id, marca in marcas.items()})

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
        """Assignments of those spaces on some day of the term, in whatever state: what is believed, and the mark."""
        filtro = {
            "espacio": {"$in": list(codigos)},
            "desde": {"$lte": hasta.isoformat()},
            "hasta": {"$gte": desde.isoformat()},
        }
        return await self.rows(filtro, _CREIDO, orden=())

    async def reclamar(
        self, asignacion: Asignacion, *, hasta: date, motivo: str | None, cuando: datetime
    ) -> Asignacion | None:
        """Make one in force end on `hasta`, which is told, if it still stands as it was read. Raises
        AsignacionAlterada."""
        dia = hasta.isoformat()
        cambio = self._con_marca(
            en_fila(asignacion),
            {"hasta": dia, "tenida_hasta": dia, "reclamada_en": cuando, "motivo": motivo, "avisada": True},
        )
        reclamada = await self._cambiar(asignacion.oid, asignacion.precinto, cambio)
        if reclamada is not None:
            decir(ESCRITAS, {str(reclamada.oid): principio(cambio["precinto"])})
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

    async def por_vigilar(self, *, vigentes: bool, despues_de: PydanticObjectId | None, limite: int) -> list[Fila]:
        """The next of those in force, or of those that ended, by id: what is believed of them, and the mark."""
        estado = {"$eq" if vigentes else "$ne": EstadoAsignacion.vigente}
        return await self.rows({"estado": estado, **posteriores(despues_de)}, _CREIDO, limite=limite)

    async def creidas(self, id: PydanticObjectId) -> Fila | None:
        """The same of one."""
        return await self.row({"_id": id}, _CREIDO)

    async def por_terminar(self, *, desde: date, hasta: date, limite: int) -> list[Asignacion]:
        """Assignments in force whose last day is in that term and whose holder was not told so."""
        dias = {"$gte": desde.isoformat(), "$lte": hasta.isoformat()}
        filtro: dict[str, Any] = {"estado": EstadoAsignacion.vigente, "avisada": False, "hasta": dias}
        return await self.find(filtro, orden=[("hasta", 1)], limite=limite)

    async def cumplir(self, asignacion: Asignacion, *, cuando: datetime) -> bool:
        """End that assignment on its own last day, if it still stands as it was read. Raises AsignacionAlterada."""
        fin = {"estado": EstadoAsignacion.terminada, "terminado_en": cuando}
        cambio = self._con_marca(en_fila(asignacion), fin)
        cumplida = await self._cambiar(asignacion.oid, asignacion.precinto, cambio)
        if cumplida is not None and asignacion.reclamada_en is not None:
            # The audit was told of the mark that it had.
            decir(ESCRITAS, {str(cumplida.oid): principio(cambio["precinto"])})
        return cumplida is not None

    def _con_marca(self, fila: Fila, cambio: Mapping[str, Any]) -> dict[str, Any]:
        """The `cambio` of one that is stored as `fila`, with the mark that follows. Raises AsignacionAlterada."""
        return {**cambio, "precinto": self._marcas.seguida(fila, cambio)}

    async def _cambiar(
        self, id: PydanticObjectId, precinto: str | None, cambio: Mapping[str, Any]
    ) -> Asignacion | None:
        """None when something came before."""
        vigente = {"_id": id, "estado": EstadoAsignacion.vigente, "precinto": precinto}
        return await self.update_one(vigente, {"$set": cambio})

    async def marcar_avisadas(self, ids: Sequence[PydanticObjectId]) -> None:
        await self.update_many({"_id": {"$in": list(ids)}}, {"$set": {"avisada": True}})

    async def cumplidas(self, *, hoy: date, limite: int) -> list[Asignacion]:
        """Assignments still marked in force after their last day."""
        filtro: dict[str, Any] = {"estado": EstadoAsignacion.vigente, "hasta": {"$lt": hoy.isoformat()}}
        return await self.find(filtro, orden=[("hasta", 1)], limite=limite)


def _fin(fila: Fila, estado: EstadoAsignacion, hasta: date, cuando: datetime, motivo: str | None) -> dict[str, Any]:
    return {
        "estado": estado,
        "hasta": min(fila["hasta"], hasta.isoformat()),
        "tenida_hasta": min(fila["hasta"], (hasta - timedelta(days=1)).isoformat()),
        "terminado_en": cuando,
        "motivo": motivo,
    }


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
