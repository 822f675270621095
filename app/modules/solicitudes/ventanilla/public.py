"""What a draw has done to its requests: opening and closing the window, freezing, publishing, ending.

Steps that move many requests come in batches, each inside the caller's transaction, so that the draw's own change of
state can stand in the same transaction as the last of them. All can be asked again: what is done is not done twice.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Literal, TypeVar

import attrs
from beanie import PydanticObjectId

from app.core.clock import ahora
from app.modules.solicitudes.decisiones.aprobaciones import Aprobaciones
from app.modules.solicitudes.estados import CON_ESPACIO, POR_DECIDIR, VIVAS, Actor, Fase, RequestStatus
from app.modules.solicitudes.impedimentos import Juez
from app.modules.solicitudes.models import Solicitud, SolicitudVista, Terminos, Ventanilla
from app.modules.solicitudes.movimientos.marcas import Marcas
from app.modules.solicitudes.movimientos.noticias import SORTEO_FINALIZADO, Destinatarios, Noticias
from app.modules.solicitudes.movimientos.precintos import Precintos
from app.modules.solicitudes.movimientos.service import Movimientos
from app.modules.solicitudes.ports import Espacios, Padron, PuestoDeSolicitud
from app.modules.solicitudes.repository import SolicitudRepository
from app.modules.solicitudes.ventanilla.copias import Copias
from app.modules.solicitudes.ventanilla.filas import SolicitudEnSorteo, en_sorteo
from app.modules.solicitudes.ventanilla.historia import Historia, SuerteEnSorteo
from app.modules.solicitudes.ventanilla.idas import Salidas
from app.modules.solicitudes.ventanilla.publicacion import PorPublicar, Publicaciones
from app.modules.solicitudes.ventanilla.repaso import Cotejo, Repaso
from app.modules.solicitudes.ventanilla.repository import FranjaRepository, PasoRepository, VentanillaRepository
from app.modules.solicitudes.ventanilla.terminos import en_json

C = TypeVar("C", bound=Hashable)
S = TypeVar("S")
LOTE = 1000
_SIN_TERMINAR = CON_ESPACIO | {RequestStatus.en_espera}


@attrs.define(kw_only=True)
class VentanillaService:
    _solicitudes: SolicitudRepository
    _pasos: PasoRepository
    _ventanillas: VentanillaRepository
    _franjas: FranjaRepository
    _movimientos: Movimientos
    _juez: Juez
    _padron: Padron
    _espacios: Espacios
    _copias: Copias
    _salidas: Salidas
    _historia: Historia
    _repaso: Repaso
    _noticias: Noticias
    _marcas: Marcas
    _precintos: Precintos
    _aprobaciones: Aprobaciones
    _publicaciones: Publicaciones

    async def preparar(
        self,
        *,
        sorteo_id: PydanticObjectId,
        aprobacion: Literal["manual", "automatica"],
        exige_al_dia: bool,
        al_dia_en: Literal["solicitud", "cierre"],
        max_por_unidad: int,
        max_por_tipo: Mapping[str, int],
        reglamento: str | None,
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
            max_por_tipo=dict(max_por_tipo),
            reglamento=reglamento,
            compatibilidad={clase: list(tipos) for clase, tipos in compatibilidad.items()},
            aceptacion=aceptacion,
            plazo_aceptacion_horas=plazo_aceptacion_horas,
            liberar_reservas=liberar_reservas,
            desde=desde,
            hasta=hasta,
        )
        if not await self._ventanillas.con_terminos(sorteo_id, terminos):
            await self._ventanillas.insert(Ventanilla(id=sorteo_id, fase=Fase.borrador, terminos=terminos))

    async def terminos(self, *, sorteo_id: PydanticObjectId) -> Mapping[str, object]:
        return en_json(await self._ventanillas.get(sorteo_id))

    async def abrir(self, *, sorteo_id: PydanticObjectId, cierre: datetime | None) -> None:
        """Take requests from now until `cierre` (None: until it is closed). Also for a draw that reopens, or could not
        be closed: who left their flat in the meantime is cancelled."""
        await self._franjas.crear(sorteo_id)
        ventanilla = await self._ventanillas.get(sorteo_id)
        if ventanilla is not None and ventanilla.fase is Fase.borrador:
            await self._marcas.decir_copiadas(sorteo_id, ventanilla.ultimo_folio)
        clases = await self._espacios.clases(sorteo_id=sorteo_id)
        await self._ventanillas.pasar_a(sorteo_id, Fase.abierto, cierre=cierre, clases=clases)
        for solicitud in await self._salidas.ciertas(await self._pasos.de_salida(sorteo_id=sorteo_id)):
            await self._movimientos.mover(solicitud, RequestStatus.cancelada, actor=Actor.sistema)

    async def cerrar(self, *, sorteo_id: PydanticObjectId) -> None:
        """Take no more requests, nor changes to those there are, but for what is still on its way: see `asentar`."""
        await self._ventanillas.pasar_a(sorteo_id, Fase.cerrado)

    async def asentar(self, *, sorteo_id: PydanticObjectId) -> None:
        """With the window shut: when this returns, every change that came before is there to be read and none can
        follow. It writes on every stripe of the window and on each request, so that a transaction still in course
        collides, runs again and finds the window closed. It changes nothing else, whoever does it and whenever. Not to
        be called inside a transaction."""
        await self._franjas.tocar_todas(sorteo_id=sorteo_id)
        await self._pasos.tocar(sorteo_id=sorteo_id, hasta=await self.cuantas(sorteo_id=sorteo_id))

    async def pendientes(self, *, sorteo_id: PydanticObjectId) -> int:
        return await self._pasos.pendientes(sorteo_id)

    async def cuantas(self, *, sorteo_id: PydanticObjectId) -> int:
        ventanilla = await self._ventanillas.get(sorteo_id)
        return 0 if ventanilla is None else ventanilla.ultimo_folio

    async def por_folio(
        self,
        *,
        sorteo_id: PydanticObjectId,
        despues_de: int = 0,
        limite: int = LOTE,
        ids: Sequence[PydanticObjectId] | None = None,
    ) -> list[SolicitudEnSorteo]:
        """Undecided and approved requests by ascending folio, judged now."""
        filas = await self._pasos.por_folio(sorteo_id=sorteo_id, despues_de=despues_de, limite=limite, ids=ids)
        ventanilla = await self._ventanillas.get(sorteo_id)
        if ventanilla is None:
            return []
        lote = [en_sorteo(fila) for fila in filas]
        juicios = await self._juez.juzgar([(ventanilla, s) for s in lote])
        return [replace(s, impedimentos=tuple(juicio)) for s, juicio in zip(lote, juicios, strict=True)]

    async def cotejo(self, *, sorteo_id: PydanticObjectId) -> Cotejo:
        return await self._repaso.cotejo(sorteo_id=sorteo_id)

    async def rechazar(self, *, sorteo_id: PydanticObjectId, rechazos: Mapping[int, str]) -> None:
        """At the closing, those that are not refused yet: by folio, the rule that does not hold."""
        movidas = await self._pasos.por_decidir(sorteo_id=sorteo_id, folios=rechazos)
        for (codigo, estado, motivo), suyas in _grupos(movidas, lambda s: (rechazos[s.folio], s.estado, s.motivo)):
            antes = {"estado": estado, "motivo": motivo}
            cambios = {"impedimentos": [codigo], "antes_del_cierre": antes}
            await self._mover_lote(suyas, RequestStatus.rechazada, motivo=codigo, cambios=cambios)
            await self._noticias.rechazadas(suyas, codigo=codigo)

    async def aprobar(self, *, sorteo_id: PydanticObjectId, limite: int = LOTE) -> int:
        """At the closing, once `rechazar` is done, up to `limite` of those that nobody decided; how many."""
        movidas = await self._pasos.sin_decidir(sorteo_id=sorteo_id, limite=limite)
        for motivo, suyas in _grupos(movidas, lambda s: s.motivo):
            antes = {"estado": RequestStatus.pendiente, "motivo": motivo}
            cambios: dict[str, Any] = {"impedimentos": [], "antes_del_cierre": antes}
            await self._mover_lote(suyas, RequestStatus.aprobada, cambios=cambios)
        return len(movidas)

    async def descongelar(self, *, sorteo_id: PydanticObjectId, despues_de: int = 0, limite: int = LOTE) -> int | None:
        """When a draw reopens, the next `limite` that its closing moved go back, by folio; the last, or None."""
        movidas = await self._pasos.movidas_al_cerrar(sorteo_id=sorteo_id, despues_de=despues_de, limite=limite)
        for antes, suyas in _grupos(movidas, lambda s: s.antes_del_cierre):
            if antes is not None:
                cambios: dict[str, Any] = {"motivo": antes.motivo, "impedimentos": [], "antes_del_cierre": None}
                await self._mover_lote(suyas, antes.estado, cambios=cambios)
        return movidas[-1].folio if len(movidas) == limite else None

    async def por_publicar(self, *, sorteo_id: PydanticObjectId, puestos: Sequence[PuestoDeSolicitud]) -> PorPublicar:
        """A batch of drawn requests, ready to be moved to what the result says of them."""
        return await self._publicaciones.preparar(sorteo_id=sorteo_id, puestos={p.solicitud_id: p for p in puestos})

    async def pasar_a(self, *, sorteo_id: PydanticObjectId, fase: Literal["publicado", "terminado"]) -> None:
        """With `publicado`, requests whose flat was left while the draw was closed move on at once. The draw has let go
        of what is nobody's."""
        await self._ventanillas.pasar_a(sorteo_id, Fase(fase))
        if fase == "publicado":
            await self._precintos.cerrar_lista(sorteo_id)
            for solicitud in await self._salidas.ciertas(await self._pasos.de_salida(sorteo_id=sorteo_id)):
                a = RequestStatus.retirada if solicitud.espacio is None else RequestStatus.declinada
                await self._movimientos.mover(solicitud, a, actor=Actor.sistema)
        else:
            await self._precintos.terminar_lista(sorteo_id)
        await self._movimientos.ofrecer_libres_de_otros(sorteo_id)

    async def anular(self, *, sorteo_id: PydanticObjectId, motivo: str | None, limite: int = LOTE) -> int:
        """End up to `limite` of the requests that are alive, and take away what they got; how many. A draw that repeats
        this one copies them as they were before the draw."""
        lote = await self._pasos.vivas(sorteo_id=sorteo_id, limite=limite)
        for estado, suyas in _grupos(lote, lambda s: s.estado):
            if estado in POR_DECIDIR:
                await self._mover_lote(suyas, RequestStatus.cancelada, cambios={"antes_de_anular": estado})
            elif estado is not RequestStatus.aceptada:
                a = RequestStatus.vencida if estado is RequestStatus.asignada else RequestStatus.retirada
                sin_lugar = {"vence_en": None, "espacio": None, "prestado": False, "antes_de_anular": "aprobada"}
                await self._mover_lote(suyas, a, motivo="sorteo_anulado", cambios=sin_lugar)
        if aceptadas := [s for s in lote if s.estado is RequestStatus.aceptada]:
            # They stay accepted. What came of them is taken away.
            await self._pasos.terminar_aceptadas([s.oid for s in aceptadas])
            await self._espacios.revocar_varias(solicitudes=[s.oid for s in aceptadas], motivo=motivo)
            await self._noticias.revocadas(aceptadas, motivo=motivo)
            await self._aprobaciones.reconsiderar(unidades={s.unidad_id for s in aceptadas})
        if con_lugar := [s.oid for s in lote if s.espacio is not None]:
            await self._espacios.soltar_varios(solicitudes=con_lugar)
        return len(lote)

    async def en_espera(self, *, sorteo_id: PydanticObjectId) -> bool:
        """Whether anybody waits for a space, or has not answered."""
        return bool(await self._pasos.en_estados(_SIN_TERMINAR, sorteo_id=sorteo_id, limite=1))

    async def completas(self, *, sorteo_id: PydanticObjectId, cuantas: int) -> bool:
        """Whether so many that were drawn are there, as the rules left them."""
        return await self._precintos.todas_de_las_reglas(sorteo_id, cuantas)

    async def finalizar(self, *, sorteo_id: PydanticObjectId, limite: int = LOTE) -> int:
        """End up to `limite` of the requests that still wait for something, and let their spaces go; how many."""
        lote = await self._pasos.en_estados(_SIN_TERMINAR, sorteo_id=sorteo_id, limite=limite)
        for estado, suyas in _grupos(lote, lambda s: s.estado):
            a = RequestStatus.vencida if estado is RequestStatus.asignada else RequestStatus.retirada
            cambios = {"vence_en": None, "espacio": None, "prestado": False}
            await self._mover_lote(suyas, a, motivo=SORTEO_FINALIZADO, cambios=cambios)
            await self._noticias.al_finalizar(suyas, a)
        await self._espacios.soltar_varios(solicitudes=[s.oid for s in lote if s.espacio is not None])
        return len(lote)

    async def vehiculo_alterado(
        self, *, de: PydanticObjectId, a: PydanticObjectId, limite: int = LOTE
    ) -> PydanticObjectId | None:
        """Of the next `limite` that `copiar` would copy, a vehicle of which somebody wrote on the database what it is,
        or whose."""
        return await self._copias.vehiculo_alterado(de=de, a=a, limite=limite)

    async def copiar(self, *, de: PydanticObjectId, a: PydanticObjectId, limite: int = LOTE) -> int:
        """Copy the next `limite` of the requests that the annulment of a draw ended into another, not yet open; how
        many."""
        return await self._copias.copiar(de=de, a=a, limite=limite)

    async def descartar_copias(self, *, sorteo_id: PydanticObjectId, limite: int = LOTE) -> bool:
        return await self._copias.descartar(sorteo_id=sorteo_id, limite=limite)

    async def a_quienes(self, *, ids: Sequence[PydanticObjectId]) -> Mapping[PydanticObjectId, Destinatarios]:
        """The residents who are told of each request."""
        return await self._noticias.a_quienes(list((await self._solicitudes.por_ids(ids)).values()))

    async def suerte(self, *, unidades: Sequence[PydanticObjectId], con_marcas: bool = False) -> list[SuerteEnSorteo]:
        """How the requests of those flats fared in every draw they were part of; `con_marcas`: whether that is as it
        was marked, too."""
        return await self._historia.de_unidades(unidades, con_marcas=con_marcas)

    async def suertes_de(self, *, ids: Sequence[PydanticObjectId]) -> list[SuerteEnSorteo]:
        """The same of those requests, as they are marked."""
        return await self._historia.de(ids)

    async def dicho_de_suertes(self) -> Mapping[str, frozenset[str]]:
        return await self._historia.dicho()

    async def _mover_lote(
        self,
        lote: Sequence[Solicitud | SolicitudVista],
        a: RequestStatus,
        *,
        motivo: str | None = None,
        cambios: Mapping[str, Any],
    ) -> None:
        """Move requests read in the same transaction."""
        escritos = {"viva": a in VIVAS, "motivo": motivo, **cambios}
        await self._solicitudes.mover_lote(lote, a, cambios=escritos, ahora=ahora())
        await self._movimientos.anotar([(s, a) for s in lote], actor=Actor.sistema, motivo=motivo)


def _grupos(lote: Sequence[S], clave: Callable[[S], C]) -> list[tuple[C, list[S]]]:
    """Those of equal `clave`, which one command can move; in the order in which they first come."""
    grupos: dict[C, list[S]] = {}
    for solicitud in lote:
        grupos.setdefault(clave(solicitud), []).append(solicitud)
    return list(grupos.items())
