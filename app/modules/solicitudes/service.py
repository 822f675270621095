"""Reading and changing requests."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from beanie import PydanticObjectId

from app.core.clock import ahora
from app.core.security import Principal
from app.database.unit_of_work import UnitOfWork
from app.modules.solicitudes.estados import Fase, RequestStatus
from app.modules.solicitudes.exceptions import SolicitudDuplicada
from app.modules.solicitudes.impedimentos import Juez, Pedido
from app.modules.solicitudes.models import Solicitud, TipoMovimiento
from app.modules.solicitudes.movimientos import Movimientos
from app.modules.solicitudes.pedidos import exigir_espacio, tipos_de, vehiculo_de
from app.modules.solicitudes.ports import Padron
from app.modules.solicitudes.repository import MovimientoRepository, SolicitudRepository, VentanillaRepository
from app.modules.solicitudes.schemas import HistorialOut, MovimientoOut, RequestOut, RequestUpdate
from app.modules.solicitudes.vista import Vista, actores
from app.shared.exceptions import ConflictoDeInteres, NoEncontrado, TransicionInvalida
from app.shared.pagination import Page, PageQuery

_EDITABLES = (RequestStatus.pendiente, RequestStatus.aprobada)


@dataclass(frozen=True, slots=True)
class Filtros:
    """What a list may be narrowed by; None is no limit."""

    sorteo_id: PydanticObjectId | None = None
    estado: RequestStatus | None = None
    unidad_id: PydanticObjectId | None = None
    torre: str | None = None
    tipo: str | None = None
    placa: str | None = None
    impedimento: str | None = None
    vence_antes: datetime | None = None
    q: str | None = None


class SolicitudService:
    def __init__(
        self,
        *,
        solicitudes: SolicitudRepository,
        historial: MovimientoRepository,
        ventanillas: VentanillaRepository,
        movimientos: Movimientos,
        padron: Padron,
        juez: Juez,
        vista: Vista,
        uow: UnitOfWork,
    ) -> None:
        self._solicitudes = solicitudes
        self._historial = historial
        self._ventanillas = ventanillas
        self._movimientos = movimientos
        self._padron = padron
        self._juez = juez
        self._vista = vista
        self._uow = uow

    async def ver(self, id: PydanticObjectId, quien: Principal) -> RequestOut:
        return await self._vista.una(await self.visible(id, quien), quien)

    async def listar(self, filtros: Filtros, consulta: PageQuery, quien: Principal) -> Page[RequestOut]:
        condiciones = [*await self._condiciones(filtros), await self._alcance(quien)]
        pagina = await self._solicitudes.page({"$and": condiciones}, consulta)
        return pagina.con(await self._vista.varias(pagina.items, quien))

    async def listar_espera(
        self, sorteo_id: PydanticObjectId, consulta: PageQuery, quien: Principal
    ) -> Page[RequestOut]:
        """The waiting list of a draw, first in line first."""
        filtro = {"sorteo_id": sorteo_id, "estado": RequestStatus.en_espera}
        pagina = await self._solicitudes.page(filtro, consulta, orden_fijo="espera")
        return pagina.con(await self._vista.varias(pagina.items, quien))

    async def historial(self, id: PydanticObjectId, quien: Principal) -> HistorialOut:
        await self.visible(id, quien)
        lineas = [
            MovimientoOut(
                tipo=m.tipo,
                de=m.de,
                a=m.a,
                actor=m.actor,
                usuario_id=m.usuario_id if quien.es_personal or m.usuario_id == quien.usuario_id else None,
                cuando=m.cuando,
                motivo=m.motivo,
                cambios=sorted(m.cambios),
            )
            for m in await self._historial.de(id)
        ]
        return HistorialOut(items=lineas, siguiente=None)

    async def cambiar(self, id: PydanticObjectId, datos: RequestUpdate, quien: Principal) -> RequestOut:
        solicitud = await self._uow.run(lambda: self._cambiar(id, datos, quien))
        return await self._vista.una(solicitud, quien)

    async def visible(self, id: PydanticObjectId, quien: Principal) -> Solicitud:
        """The request, if the caller may see it. Raises NoEncontrado, the same for one that does not exist."""
        solicitud = await self._solicitudes.find_one({"$and": [{"_id": id}, await self._alcance(quien)]})
        if solicitud is None:
            raise NoEncontrado()
        return solicitud

    async def propias(self, quien: Principal) -> frozenset[PydanticObjectId]:
        """The flats in which the caller lives."""
        if quien.residente_id is None:
            return frozenset()
        solicitante = await self._padron.solicitante(residente_id=quien.residente_id)
        return frozenset(solicitante.unidades) if solicitante else frozenset()

    async def _alcance(self, quien: Principal) -> dict[str, Any]:
        """Residents see their own requests, and those of the flats they live in now."""
        if quien.es_personal:
            return {}
        unidades = sorted(await self.propias(quien))
        return {"$or": [{"unidad_id": {"$in": unidades}}, {"residente_id": quien.residente_id}]}

    async def _condiciones(self, filtros: Filtros) -> list[dict[str, Any]]:
        iguales = {
            "sorteo_id": filtros.sorteo_id,
            "estado": filtros.estado,
            "unidad_id": filtros.unidad_id,
            "vehiculo.placa": filtros.placa,
            "impedimentos": filtros.impedimento,
        }
        condiciones: list[dict[str, Any]] = [{c: v} for c, v in iguales.items() if v is not None]
        if filtros.tipo is not None:
            condiciones.append({"$or": [{"vehiculo.tipo": filtros.tipo}, {"clase": filtros.tipo}]})
        if filtros.vence_antes is not None:
            condiciones.append({"vence_en": {"$lt": filtros.vence_antes}})
        if filtros.torre is not None:
            unidades = await self._padron.unidades_de_torre(torre=filtros.torre)
            condiciones.append({"unidad_id": {"$in": list(unidades)}})
        if filtros.q is not None:
            condiciones.append({"residente_id": {"$in": list(await self._padron.buscar(q=filtros.q))}})
        return condiciones

    async def _cambiar(self, id: PydanticObjectId, datos: RequestUpdate, quien: Principal) -> Solicitud:
        solicitud = await self.visible(id, quien)
        if not actores(quien, solicitud, await self.propias(quien)):
            raise NoEncontrado() if not quien.es_personal else ConflictoDeInteres()
        ventanilla = await self._ventanillas.get(solicitud.sorteo_id)
        if ventanilla is None or ventanilla.fase is not Fase.abierto or solicitud.estado not in _EDITABLES:
            raise TransicionInvalida()
        vehiculo = solicitud.vehiculo
        if datos.vehiculo_id is not None and datos.vehiculo_id != vehiculo.id:
            vehiculo = await vehiculo_de(self._padron, solicitud.unidad_id, vehiculo_id=datos.vehiculo_id)
            if await self._solicitudes.viva_de_vehiculo(vehiculo_id=vehiculo.id, sorteo_id=solicitud.sorteo_id):
                raise SolicitudDuplicada()
        acepta = datos.acepta if "acepta" in datos.model_fields_set else solicitud.acepta
        preferencias = datos.preferencias if datos.preferencias is not None else solicitud.preferencias
        tipos = tipos_de(ventanilla.terminos, vehiculo.clase, acepta)
        pedido = Pedido(solicitud.unidad_id, vehiculo.clase, tipos, solicitud.usa_condiciones)
        (impedimentos,) = await self._juez.juzgar(ventanilla, [pedido])
        exigir_espacio(impedimentos)
        nuevos = {
            "vehiculo": vehiculo.model_dump(),
            "clase": vehiculo.clase,
            "tipos": tipos,
            "acepta": acepta,
            "preferencias": preferencias,
            "impedimentos": impedimentos,
        }
        anteriores = solicitud.model_dump(include=set(nuevos))
        distintos = {campo: valor for campo, valor in nuevos.items() if valor != anteriores[campo]}
        if not distintos:
            return solicitud
        await self._padron.tocar_unidad(unidad_id=solicitud.unidad_id)
        cambiada = await self._solicitudes.mover(solicitud, solicitud.estado, cambios=distintos, ahora=ahora())
        if cambiada is None:
            raise TransicionInvalida()
        await self._movimientos.anotar(
            [(solicitud, solicitud.estado)],
            actor=actores(quien, solicitud, await self.propias(quien))[0],
            usuario_id=quien.usuario_id,
            tipo=TipoMovimiento.cambio,
            cambios={campo: anteriores[campo] for campo in distintos},
        )
        return cambiada
