"""What a draw has done to its requests: opening and closing the window, freezing, publishing, ending.

Steps that move many requests come in batches, each inside the caller's transaction, so that the draw's own change of
state can stand in the same transaction as the last of them. All can be asked again: what is done is not done twice.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal, Protocol

from beanie import PydanticObjectId

from app.core.clock import ahora
from app.modules.solicitudes.estados import CON_ESPACIO, Actor, Fase, RequestStatus
from app.modules.solicitudes.impedimentos import Juez, Pedido
from app.modules.solicitudes.models import Solicitud, Terminos, Ventanilla
from app.modules.solicitudes.movimientos import Movimientos
from app.modules.solicitudes.ports import Espacios
from app.modules.solicitudes.repository import SolicitudRepository, VentanillaRepository

LOTE = 1000
_POR_DECIDIR = (RequestStatus.pendiente, RequestStatus.aprobada)


@dataclass(frozen=True, slots=True)
class SolicitudEnSorteo:
    """A request as its draw sees it. `impedimentos` are those of now."""

    id: PydanticObjectId
    folio: int
    unidad_id: PydanticObjectId
    residente_id: PydanticObjectId
    estado: str
    clase: str
    electrico: bool
    tipos: tuple[str, ...]
    preferencias: tuple[str, ...]
    usa_condiciones: bool
    impedimentos: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SuerteEnSorteo:
    """One request that was drawn once: was its flat ever offered a space for it?"""

    unidad_id: PydanticObjectId
    clase: str
    sorteo_id: PydanticObjectId
    ofrecida: bool


class PuestoDeSolicitud(Protocol):
    """What the result says of one request. Whatever has these fields fits."""

    @property
    def solicitud_id(self) -> PydanticObjectId: ...
    @property
    def espacio(self) -> str | None: ...
    @property
    def espera(self) -> int | None: ...
    @property
    def prestado(self) -> bool: ...
    @property
    def condiciones(self) -> list[str]: ...


class VentanillaService:
    def __init__(
        self,
        *,
        solicitudes: SolicitudRepository,
        ventanillas: VentanillaRepository,
        movimientos: Movimientos,
        juez: Juez,
        espacios: Espacios,
    ) -> None:
        self._espacios = espacios
        self._solicitudes = solicitudes
        self._ventanillas = ventanillas
        self._movimientos = movimientos
        self._juez = juez

    async def preparar(
        self,
        *,
        sorteo_id: PydanticObjectId,
        aprobacion: Literal["manual", "automatica"],
        exige_al_dia: bool,
        al_dia_en: Literal["solicitud", "cierre"],
        max_por_unidad: int,
        compatibilidad: Mapping[str, Sequence[str]],
        aceptacion: Literal["requerida", "tacita"],
        plazo_aceptacion_horas: int,
        liberar_reservas: bool,
        desde: date,
        hasta: date,
    ) -> None:
        """Make the window of a draw in `borrador`, or give it other terms."""
        terminos = Terminos(
            aprobacion=aprobacion,
            exige_al_dia=exige_al_dia,
            al_dia_en=al_dia_en,
            max_por_unidad=max_por_unidad,
            compatibilidad={clase: list(tipos) for clase, tipos in compatibilidad.items()},
            aceptacion=aceptacion,
            plazo_aceptacion_horas=plazo_aceptacion_horas,
            liberar_reservas=liberar_reservas,
            desde=desde,
            hasta=hasta,
        )
        if await self._ventanillas.get(sorteo_id) is None:
            await self._ventanillas.insert(Ventanilla(id=sorteo_id, fase=Fase.borrador, terminos=terminos))
        else:
            await self._ventanillas.update_one(
                {"_id": sorteo_id}, {"$set": {"terminos": terminos.model_dump(mode="json")}}
            )

    async def abrir(self, *, sorteo_id: PydanticObjectId, cierre: datetime | None) -> None:
        """Take requests from now until `cierre` (None: until it is closed). Also for a draw that reopens."""
        await self._ventanillas.update_one({"_id": sorteo_id}, {"$set": {"fase": Fase.abierto, "cierre": cierre}})

    async def cerrar(self, *, sorteo_id: PydanticObjectId) -> None:
        """Take no more requests, nor changes to those there are. When this returns, every change that came before is
        there to be read and none can follow: it writes on the window and on each request, so that a transaction still
        in course collides, runs again and finds the window closed. Not to be called inside a transaction."""
        await self._ventanillas.update_one({"_id": sorteo_id}, {"$set": {"fase": Fase.cerrado}})
        await self._solicitudes.tocar(sorteo_id=sorteo_id)

    async def pendientes(self, *, sorteo_id: PydanticObjectId) -> int:
        return await self._solicitudes.count({"sorteo_id": sorteo_id, "estado": RequestStatus.pendiente})

    async def por_folio(
        self,
        *,
        sorteo_id: PydanticObjectId,
        despues_de: int = 0,
        limite: int = LOTE,
        solo_por_decidir: bool = True,
        unidades: Sequence[PydanticObjectId] | None = None,
    ) -> list[SolicitudEnSorteo]:
        """Requests by ascending folio, undecided or approved ones only unless told otherwise, judged now."""
        lote = await self._solicitudes.por_folio(
            sorteo_id=sorteo_id,
            estados=_POR_DECIDIR if solo_por_decidir else None,
            despues_de=despues_de,
            limite=limite,
            unidades=unidades,
        )
        ventanilla = await self._ventanillas.get(sorteo_id)
        if ventanilla is None:
            return []
        juicios = await self._juez.juzgar(ventanilla, [Pedido.de(s) for s in lote])
        return [_en_sorteo(s, juicio) for s, juicio in zip(lote, juicios, strict=True)]

    async def congelar(self, *, sorteo_id: PydanticObjectId, rechazos: Mapping[int, str]) -> None:
        """At the closing: refuse `rechazos` (by folio: the rule that does not hold), approve the rest."""
        lote = await self._solicitudes.find({"sorteo_id": sorteo_id, "estado": {"$in": list(_POR_DECIDIR)}})
        for motivo in sorted(set(rechazos.values())):
            await self._mover_lote(
                [s for s in lote if rechazos.get(s.folio) == motivo], RequestStatus.rechazada, motivo=motivo
            )
        quedan = [s for s in lote if s.folio not in rechazos and s.estado is RequestStatus.pendiente]
        await self._mover_lote(quedan, RequestStatus.aprobada)

    async def descongelar(self, *, sorteo_id: PydanticObjectId, cierre: datetime | None) -> None:
        """When a draw reopens: those that its closing moved go back to where they were."""
        filtro = {"sorteo_id": sorteo_id, "antes_del_cierre": {"$ne": None}}
        lote = await self._solicitudes.find(filtro)
        for estado in _POR_DECIDIR:
            vuelven = [s for s in lote if s.antes_del_cierre is estado]
            await self._mover_lote(
                [s for s in vuelven if s.estado is not estado], estado, cambios={"antes_del_cierre": None}
            )
        await self.abrir(sorteo_id=sorteo_id, cierre=cierre)
        for solicitud in await self._solicitudes.find({"sorteo_id": sorteo_id, "salida": True, "viva": True}):
            await self._movimientos.mover(solicitud, RequestStatus.cancelada, actor=Actor.sistema)

    async def publicar(self, *, sorteo_id: PydanticObjectId, puestos: Sequence[PuestoDeSolicitud]) -> None:
        """Move a batch of drawn requests to what the result says of them."""
        por_id = {p.solicitud_id: p for p in puestos}
        filtro = {"_id": {"$in": list(por_id)}, "estado": RequestStatus.aprobada}
        lote = await self._solicitudes.find(filtro)
        ventanilla = await self._ventanillas.get(sorteo_id)
        if not lote or ventanilla is None:
            return
        momento = ahora()
        limite = momento + timedelta(hours=ventanilla.terminos.plazo_aceptacion_horas)
        cambios = [
            ({"_id": s.id, "estado": RequestStatus.aprobada}, _publicada(por_id[s.oid], momento, limite)) for s in lote
        ]
        await self._solicitudes.mover_varias(cambios)
        await self._movimientos.anotar([(s, _destino(por_id[s.oid])) for s in lote], actor=Actor.sistema)
        if ventanilla.terminos.aceptacion == "tacita":
            ganadoras = [s.id for s in lote if por_id[s.oid].espacio is not None and not s.salida]
            for ganadora in await self._solicitudes.find({"_id": {"$in": ganadoras}}):
                await self._movimientos.mover(ganadora, RequestStatus.aceptada, actor=Actor.sistema)

    async def pasar_a(self, *, sorteo_id: PydanticObjectId, fase: Literal["publicado", "terminado"]) -> None:
        """With `publicado`, requests whose flat was left while the draw was closed move on at once."""
        await self._ventanillas.update_one({"_id": sorteo_id}, {"$set": {"fase": Fase(fase)}})
        if fase == "publicado":
            for solicitud in await self._solicitudes.find({"sorteo_id": sorteo_id, "salida": True, "viva": True}):
                a = RequestStatus.retirada if solicitud.espacio is None else RequestStatus.declinada
                await self._movimientos.mover(solicitud, a, actor=Actor.sistema)

    async def anular(self, *, sorteo_id: PydanticObjectId, limite: int = LOTE) -> int:
        """Cancel up to `limite` of the requests still to be drawn; how many."""
        return await self._terminar(sorteo_id, _POR_DECIDIR, RequestStatus.cancelada, limite)

    async def finalizar(self, *, sorteo_id: PydanticObjectId, limite: int = LOTE) -> int:
        """End up to `limite` of the requests that still wait for something; how many."""
        idas = [
            ((RequestStatus.asignada,), RequestStatus.vencida),
            ((RequestStatus.en_espera, RequestStatus.ofrecida), RequestStatus.retirada),
        ]
        total = 0
        for estados, a in idas:
            total += await self._terminar(sorteo_id, estados, a, limite - total) if total < limite else 0
        return total

    async def copiar(self, *, de: PydanticObjectId, a: PydanticObjectId) -> int:
        """Copy the requests that the annulment of a draw cancelled into another, by folio, in the state they had."""
        canceladas = await self._solicitudes.find(
            {"sorteo_id": de, "estado": RequestStatus.cancelada, "antes_de_anular": {"$ne": None}},
            orden=[("folio", 1)],
        )
        momento = ahora()
        copias = [
            s.model_copy(
                update={
                    "id": PydanticObjectId(),
                    "sorteo_id": a,
                    "folio": folio,
                    "estado": s.antes_de_anular,
                    "viva": True,
                    "motivo": None,
                    "antes_de_anular": None,
                    "antes_del_cierre": None,
                    "creado_en": momento,
                    "actualizado_en": momento,
                }
            )
            for folio, s in enumerate(canceladas, start=1)
        ]
        await self._solicitudes.insert_many(copias)
        await self._movimientos.nacer(copias, actor=Actor.sistema, usuario_id=None)
        await self._ventanillas.update_one({"_id": a}, {"$set": {"ultimo_folio": len(copias)}})
        return len(copias)

    async def suerte(self, *, unidades: Sequence[PydanticObjectId]) -> list[SuerteEnSorteo]:
        """How the requests of those flats fared in every draw they were part of."""
        return [
            SuerteEnSorteo(unidad_id=s.unidad_id, clase=s.clase, sorteo_id=s.sorteo_id, ofrecida=s.ofrecida)
            for s in await self._solicitudes.historia_de(unidades=unidades)
        ]

    async def _terminar(
        self, sorteo_id: PydanticObjectId, estados: Sequence[RequestStatus], a: RequestStatus, limite: int
    ) -> int:
        lote = await self._solicitudes.find({"sorteo_id": sorteo_id, "estado": {"$in": list(estados)}}, limite=limite)
        await self._mover_lote(lote, a, antes="antes_de_anular", cambios={"vence_en": None, "espacio": None})
        for solicitud in lote:
            if solicitud.estado in CON_ESPACIO and solicitud.espacio is not None:
                await self._espacios.soltar(codigo=solicitud.espacio, solicitud_id=solicitud.oid)
        return len(lote)

    async def _mover_lote(
        self,
        lote: Sequence[Solicitud],
        a: RequestStatus,
        *,
        motivo: str | None = None,
        antes: Literal["antes_del_cierre", "antes_de_anular"] = "antes_del_cierre",
        cambios: Mapping[str, Any] | None = None,
    ) -> None:
        """Move requests, remembering the state they stood in."""
        for estado in sorted({s.estado for s in lote}):
            suyas = [s for s in lote if s.estado is estado]
            viva = a in _POR_DECIDIR
            escritos = {"motivo": motivo, "viva": viva, antes: estado, "impedimentos": [motivo] if motivo else []}
            await self._solicitudes.mover_lote(suyas, a, cambios=escritos | dict(cambios or {}), ahora=ahora())
            await self._movimientos.anotar([(s, a) for s in suyas], actor=Actor.sistema, motivo=motivo)


def _en_sorteo(solicitud: Solicitud, impedimentos: Sequence[str]) -> SolicitudEnSorteo:
    return SolicitudEnSorteo(
        id=solicitud.oid,
        folio=solicitud.folio,
        unidad_id=solicitud.unidad_id,
        residente_id=solicitud.residente_id,
        estado=solicitud.estado,
        clase=solicitud.clase,
        electrico=solicitud.vehiculo.electrico,
        tipos=tuple(solicitud.tipos),
        preferencias=tuple(solicitud.preferencias),
        usa_condiciones=solicitud.usa_condiciones,
        impedimentos=tuple(impedimentos),
    )


def _destino(puesto: PuestoDeSolicitud) -> RequestStatus:
    return RequestStatus.en_espera if puesto.espacio is None else RequestStatus.asignada


def _publicada(puesto: PuestoDeSolicitud, momento: datetime, limite: datetime) -> dict[str, Any]:
    return {
        "estado": _destino(puesto),
        "espacio": puesto.espacio,
        "espera": puesto.espera,
        "prestado": puesto.prestado,
        "condiciones": list(puesto.condiciones),
        "sorteada": True,
        "ofrecida": puesto.espacio is not None,
        "vence_en": None if puesto.espacio is None else limite,
        "actualizado_en": momento,
    }
