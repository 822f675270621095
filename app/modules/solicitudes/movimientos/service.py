"""Every move of a request: the conditional update, its line of history, and what follows from it."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import attrs
from beanie import PydanticObjectId

from app.core.clock import ahora
from app.modules.solicitudes.estados import CON_ESPACIO, TRANSICIONES, VIVAS, Actor, Fase, RequestStatus
from app.modules.solicitudes.exceptions import SolicitudAlterada, YaTieneEspacio
from app.modules.solicitudes.models import Solicitud, SolicitudVista, Terminos, TipoMovimiento, Ventanilla
from app.modules.solicitudes.movimientos.marcas import Marcas
from app.modules.solicitudes.movimientos.noticias import Noticias
from app.modules.solicitudes.movimientos.posesiones import Posesiones
from app.modules.solicitudes.movimientos.precintos import Precintos
from app.modules.solicitudes.movimientos.repository import MovimientoRepository, linea
from app.modules.solicitudes.ports import Espacios, SegunLaApertura
from app.modules.solicitudes.repository import SolicitudRepository
from app.modules.solicitudes.ventanilla.repository import VentanillaRepository
from app.shared.exceptions import TransicionInvalida

ANTES_DEL_PLAZO = timedelta(hours=24)
_COMO_SE_PUBLICO = {RequestStatus.aceptada, RequestStatus.vencida}
"""What a request comes to only as it was published."""
_PRIMER_LUGAR = -(2**62)


@attrs.define(kw_only=True)
class Movimientos:
    """Who alone changes the `estado` of a request. Every call joins the transaction of its caller."""

    _solicitudes: SolicitudRepository
    _historial: MovimientoRepository
    _ventanillas: VentanillaRepository
    _espacios: Espacios
    _posesiones: Posesiones
    _noticias: Noticias
    _marcas: Marcas
    _precintos: Precintos

    async def mover(
        self,
        solicitud: Solicitud,
        a: RequestStatus,
        *,
        actor: Actor,
        usuario_id: PydanticObjectId | None = None,
        motivo: str | None = None,
        cambios: Mapping[str, Any] | None = None,
    ) -> Solicitud:
        """Move one request, and do what follows: an acceptance assigns its space, a space let go is offered to the
        next in line. Raises TransicionInvalida for a move that the table does not have, or when something came
        before; YaTieneEspacio for accepting where the flat has a space for that vehicle; SolicitudAlterada."""
        momento = ahora()
        transicion = TRANSICIONES.get((solicitud.estado, a))
        if transicion is None or actor not in transicion.actores:
            raise TransicionInvalida()
        if a in _COMO_SE_PUBLICO:
            await self._precintos.exigir(solicitud)
        if a is RequestStatus.aceptada and await self._posesiones.con_otro([solicitud], await self._de(solicitud)):
            raise YaTieneEspacio()
        escritos = {"viva": a in VIVAS, "motivo": motivo, **_al_dejar_espacio(solicitud, a), **(cambios or {})}
        if a is RequestStatus.aceptada:
            escritos["tuvo"] = True
        nuevo = escritos | {"estado": a}
        escritos |= self._precintos.seguir(solicitud, nuevo) | self._marcas.seguir(solicitud, nuevo)
        movida = await self._solicitudes.mover(solicitud, a, cambios=escritos, ahora=momento)
        if movida is None:
            raise TransicionInvalida()
        if movida.vez != solicitud.vez:
            self._marcas.recordar(movida)
        await self.anotar([(solicitud, a)], actor=actor, usuario_id=usuario_id, motivo=motivo)
        if a is RequestStatus.rechazada:
            await self._noticias.rechazadas([movida], motivo=motivo)
        if a is RequestStatus.ofrecida:
            await self._noticias.ofrecida(movida)
        if a is RequestStatus.vencida:
            await self._noticias.vencidas([solicitud])
        if a is RequestStatus.aceptada:
            await self._precintos.anotar_aceptadas([movida.oid])
            # Of one whose space was claimed back, what it still holds ends today, and goes to the next in line.
            anterior = await self._espacios.terminar(solicitud_id=movida.oid)
            await self._posesiones.asignar([movida], await self._de(movida))
            if anterior is not None:
                await self.ofrecer_suelto(sorteo_id=movida.sorteo_id, codigo=anterior)
        elif solicitud.estado in CON_ESPACIO and solicitud.espacio is not None:
            await self._espacios.soltar(codigo=solicitud.espacio, solicitud_id=solicitud.oid)
            await self.ofrecer_suelto(sorteo_id=solicitud.sorteo_id, codigo=solicitud.espacio)
        return movida

    async def mover_varias(
        self,
        lote: Sequence[Solicitud],
        a: RequestStatus,
        *,
        actor: Actor,
        usuario_id: PydanticObjectId | None = None,
        motivo: str | None = None,
        terminos: Terminos | None = None,
    ) -> None:
        """Move requests that hold no space, read in the same transaction and judged by the table, to a state in which
        they hold none: nothing else follows from it. `terminos`: by which the rules move them."""
        if not lote:
            return
        escritos = {"viva": a in VIVAS, "motivo": motivo}
        await self._solicitudes.mover_lote(lote, a, cambios=escritos, ahora=ahora())
        await self._precintos.seguir_varias(lote, a, escritos)
        await self._marcas.seguir_varias(lote, a, terminos)
        await self.anotar([(s, a) for s in lote], actor=actor, usuario_id=usuario_id, motivo=motivo)
        if a is RequestStatus.rechazada:
            await self._noticias.rechazadas(lote, motivo=motivo)

    async def aceptar_varias(self, ganadoras: Sequence[Solicitud], ventanilla: Ventanilla) -> set[PydanticObjectId]:
        """Accept by itself what a draw has just given to requests of its, read in the same transaction, with as many
        commands as for one; those that were accepted. Whoever has a space for that vehicle by now is asked, as nobody
        accepts two for them. Raises SolicitudAlterada."""
        if not ganadoras:
            return set()
        await self._precintos.exigir(*ganadoras)
        con_otro = await self._posesiones.con_otro(ganadoras, ventanilla)
        aceptadas = [s for s in ganadoras if s.oid not in con_otro]
        if aceptadas:
            a = RequestStatus.aceptada
            escritos = {"viva": a in VIVAS, "motivo": None, "tuvo": True, **_al_dejar_espacio(aceptadas[0], a)}
            await self._solicitudes.mover_lote(aceptadas, a, cambios=escritos, ahora=ahora())
            await self._precintos.seguir_varias(aceptadas, a, escritos)
            await self._precintos.anotar_aceptadas([s.oid for s in aceptadas])
            await self.anotar([(s, a) for s in aceptadas], actor=Actor.sistema)
            await self._posesiones.asignar(aceptadas, ventanilla)
        return {s.oid for s in aceptadas}

    async def copiar(self, copias: Sequence[Solicitud]) -> None:
        """Write requests that the system makes, each with the first line of its history."""
        await self._solicitudes.insert_many(copias)
        await self._historial.insert_rows([linea(s, actor=Actor.sistema, cuando=s.creado_en) for s in copias])

    async def borrar_de_copias(self, ids: Sequence[PydanticObjectId]) -> None:
        """The history of copies that are taken away again, before their draw opened."""
        await self._historial.delete_many({"solicitud_id": {"$in": list(ids)}})

    async def anotar(
        self, movidas: Sequence[tuple[Solicitud | SolicitudVista, RequestStatus]], *, actor: Actor, **mas: Any
    ) -> None:
        """Write a line of history for each (request as it was, state it goes to). `mas`: further fields of it."""
        momento = ahora()
        await self._historial.insert_rows(
            [linea(solicitud, de=solicitud.estado, a=a, actor=actor, cuando=momento, **mas) for solicitud, a in movidas]
        )

    async def ofrecer(
        self, *, sorteo_id: PydanticObjectId, codigo: str, publicados: SegunLaApertura | None = None
    ) -> Solicitud | None:
        """Offer a free space to the next in the waiting list (sorteo-v1 §5); None when nobody fits, the draw is no
        longer `publicado`, or the space is not free. `publicados`: of that draw, where they were read already. Raises
        SolicitudAlterada."""
        momento = ahora()
        ventanilla = await self._ventanillas.get(sorteo_id)
        espacio = await self._espacios.espacio(sorteo_id=sorteo_id, codigo=codigo)
        if ventanilla is None or ventanilla.fase is not Fase.publicado:
            await self._precintos.exigir_terminada(sorteo_id)
            return None
        if not (publicados or await self._espacios.publicados(sorteo_id=sorteo_id))(codigo, espacio):
            raise SolicitudAlterada(sorteo_id, donde="espacios")
        if espacio is None:
            return None
        terminos = ventanilla.terminos
        siguiente = await self._solicitudes.primera_en_espera(
            sorteo_id=sorteo_id, tipo=espacio.tipo, reserva=espacio.reserva
        )
        if siguiente is None and espacio.reserva is not None and terminos.liberar_reservas:
            siguiente = await self._solicitudes.primera_en_espera(sorteo_id=sorteo_id, tipo=espacio.tipo, reserva=None)
        if siguiente is None:
            # Whoever comes into the line at this moment does not see the space yet, and collides.
            await self._ventanillas.tocar(sorteo_id)
            return None
        prestado = espacio.reserva is not None and espacio.reserva not in siguiente.condiciones
        await self._precintos.exigir_turno(siguiente, presta=espacio.reserva if prestado else None)
        if not await self._espacios.guardar(
            codigo=codigo, solicitud_id=siguiente.oid, desde=terminos.desde, hasta=terminos.hasta
        ):
            return None
        await self._precintos.anotar_oferta(siguiente)
        return await self.mover(
            siguiente,
            RequestStatus.ofrecida,
            actor=Actor.sistema,
            cambios={
                "espacio": codigo,
                "prestado": prestado,
                "ofrecida": True,
                **con_plazo(vence(ventanilla, momento), momento),
            },
        )

    async def ofrecer_suelto(self, *, sorteo_id: PydanticObjectId, codigo: str) -> None:
        """A draw let go of a space: offer it to the next in its line or, where nobody there fits, in that of another
        published draw that has the space. Where somebody wrote on a line, the space stays free and the audit says so:
        what let go of it stands all the same."""
        if not await self._ofrecer_en([sorteo_id], codigo):
            await self.ofrecer_en_otro(codigo, salvo=sorteo_id)

    async def ofrecer_en_otro(self, codigo: str, *, salvo: PydanticObjectId | None = None) -> None:
        await self._ofrecer_en([id for id in await self._ventanillas.publicadas() if id != salvo], codigo)

    async def ofrecer_libres(self, sorteo_id: PydanticObjectId) -> None:
        """Offer what stands free of a published draw, as long as somebody in its line fits."""
        ventanilla = await self._ventanillas.get(sorteo_id)
        if ventanilla is None or ventanilla.fase is not Fase.publicado:
            return
        terminos, de_nadie, publicados = ventanilla.terminos, set[tuple[str, str | None] | None](), None
        libres = self._espacios.libres(sorteo_id=sorteo_id, desde=terminos.desde, hasta=terminos.hasta)
        async for codigo, libre in libres:
            clase = None if libre is None else (libre.tipo, libre.reserva)
            if clase in de_nadie:
                continue
            publicados = publicados or await self._espacios.publicados(sorteo_id=sorteo_id)
            if libre is None and publicados(codigo, libre):
                continue  # of other draws, or of none
            try:
                if await self.ofrecer(sorteo_id=sorteo_id, codigo=codigo, publicados=publicados) is None:
                    de_nadie.add(clase)
            except SolicitudAlterada as error:
                return await self._precintos.denunciar(error)

    async def ofrecer_libres_de_otros(self, sorteo_id: PydanticObjectId) -> None:
        """A draw let go of many spaces at once, which other published draws may have too."""
        for otro in await self._ventanillas.publicadas():
            if otro != sorteo_id:
                await self.ofrecer_libres(otro)

    async def permutar(self, solicitud: Solicitud, codigo: str, *, motivo: str) -> None:
        """An accepted request has another space from now on, by a right of its own."""
        cambios: dict[str, Any] = {"espacio": codigo, "prestado": False}
        cambios |= self._precintos.seguir(solicitud, cambios)
        await self._solicitudes.cambiar(solicitud.oid, cambios, ahora=ahora())
        await self.anotar(
            [(solicitud, solicitud.estado)],
            actor=Actor.personal,
            motivo=motivo,
            tipo=TipoMovimiento.permuta,
            cambios={"espacio": solicitud.espacio},
        )

    async def prorrogar(self, solicitud: Solicitud, vence_en: datetime) -> Solicitud:
        """More time to answer. Raises TransicionInvalida when something came before."""
        momento = ahora()
        cambios = con_plazo(vence_en, momento)
        cambios |= self._precintos.seguir(solicitud, cambios)
        movida = await self._solicitudes.mover(solicitud, solicitud.estado, cambios=cambios, ahora=momento)
        if movida is None:
            raise TransicionInvalida()
        return movida

    async def _ofrecer_en(self, sorteos: Sequence[PydanticObjectId], codigo: str) -> bool:
        """Offer a free space in the first of those lines in which somebody fits; whether it is settled."""
        for sorteo_id in sorteos:
            try:
                if await self.ofrecer(sorteo_id=sorteo_id, codigo=codigo) is not None:
                    return True
            except SolicitudAlterada as error:
                await self._precintos.denunciar(error)
                return True
        return False

    async def _de(self, solicitud: Solicitud) -> Ventanilla:
        ventanilla = await self._ventanillas.get(solicitud.sorteo_id)
        if ventanilla is None:
            raise RuntimeError(f"request {solicitud.id} is of no draw")
        return ventanilla


def vence(ventanilla: Ventanilla, desde: datetime) -> datetime:
    return desde + timedelta(hours=ventanilla.terminos.plazo_aceptacion_horas)


def con_plazo(vence_en: datetime, momento: datetime) -> dict[str, Any]:
    """Who is told now that they have until so soon is not reminded of it."""
    return {"vence_en": vence_en, "recordada": vence_en - momento <= ANTES_DEL_PLAZO}


def antes_de_todos() -> int:
    """The `lugar` of a request whose space is claimed back now: before all who were drawn, the earlier ones first."""
    return _PRIMER_LUGAR + int(ahora().timestamp() * 1000)


def _al_dejar_espacio(solicitud: Solicitud, a: RequestStatus) -> dict[str, Any]:
    if solicitud.estado not in CON_ESPACIO:
        return {}
    return {"vence_en": None} if a is RequestStatus.aceptada else {"vence_en": None, "espacio": None, "prestado": False}
