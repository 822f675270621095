"""Handing in a request."""

import asyncio
from datetime import datetime
from weakref import WeakValueDictionary

import attrs
from beanie import PydanticObjectId

from app.core.clock import ahora
from app.core.security import Principal
from app.database.unit_of_work import UnitOfWork
from app.modules.solicitudes.estados import Actor, Fase, RequestStatus
from app.modules.solicitudes.exceptions import (
    NoAlDia,
    ResidenteInactivo,
    SolicitudDuplicada,
    SorteoNoAbierto,
    UnidadConSolicitud,
)
from app.modules.solicitudes.impedimentos import Juez, Pedido, exigir_espacio, tipos_de, vehiculo_de
from app.modules.solicitudes.models import Solicitud, Ventanilla
from app.modules.solicitudes.movimientos.service import Movimientos
from app.modules.solicitudes.permisos import Llamador, Permisos
from app.modules.solicitudes.ports import Padron, Situacion
from app.modules.solicitudes.repository import RanuraOcupada, SolicitudRepository
from app.modules.solicitudes.schemas import RequestCreate, RequestOut
from app.modules.solicitudes.ventanilla.repository import VentanillaRepository
from app.modules.solicitudes.vista import Vista
from app.shared.exceptions import EntradaInvalida, SinResidente
from app.shared.transaction import al_terminar

_INTENTOS = 20


@attrs.define(kw_only=True)
class AltaService:
    _solicitudes: SolicitudRepository
    _ventanillas: VentanillaRepository
    _movimientos: Movimientos
    _padron: Padron
    _juez: Juez
    _permisos: Permisos
    _vista: Vista
    _uow: UnitOfWork
    # Hand-ins in one draw write one document, its window. The database would let them collide, and the more there
    # are the more often each starts again: within a process they wait in line. Between processes they collide.
    _filas: WeakValueDictionary[PydanticObjectId, asyncio.Lock] = attrs.field(init=False, factory=WeakValueDictionary)

    async def crear(self, datos: RequestCreate, quien: Principal) -> RequestOut:
        """Hand in a request. Raises the first rule that does not hold, in the order of the contract."""
        # Judged by when it came, not by when its turn came.
        momento = ahora()
        fila = self._filas.setdefault(datos.sorteo_id, asyncio.Lock())
        await fila.acquire()
        try:
            hecha = await self._en_su_turno(datos, quien, momento)
        finally:
            # Where this is a part of a larger transaction, the next one waits for the end of that.
            al_terminar(fila.release)
        return await self._vista.una(*hecha)

    async def _en_su_turno(
        self, datos: RequestCreate, quien: Principal, momento: datetime
    ) -> tuple[Solicitud, Llamador]:
        for _ in range(_INTENTOS):
            try:
                return await self._uow.run(lambda: self._crear(datos, quien, momento))
            except RanuraOcupada:
                continue  # somebody of the same flat was first; there may be room for one more
        raise UnidadConSolicitud()

    async def _crear(self, datos: RequestCreate, quien: Principal, momento: datetime) -> tuple[Solicitud, Llamador]:
        ventanilla = await self._ventanillas.get(datos.sorteo_id)
        if ventanilla is None or (ventanilla.fase is Fase.borrador and not quien.es_personal):
            raise EntradaInvalida.en("sorteo_id", "no_existe")
        llamador = await self._permisos.llamador(quien)
        unidad_id, residente_id = await self._quien_pide(datos, llamador)
        situacion = (await self._padron.situaciones(unidades=[unidad_id])).get(unidad_id)
        if situacion is None:
            raise EntradaInvalida.en("unidad_id", "no_existe")
        if not ventanilla.recibe(momento):
            raise SorteoNoAbierto()
        if residente_id is None:
            raise ResidenteInactivo()
        terminos = ventanilla.terminos
        vehiculo = await vehiculo_de(self._padron, unidad_id, vehiculo_id=datos.vehiculo_id, placa=datos.placa)
        tipos = tipos_de(terminos, vehiculo.clase, datos.acepta)
        if terminos.exige_al_dia and terminos.al_dia_en == "solicitud" and not situacion.al_dia:
            raise NoAlDia()
        if await self._solicitudes.viva_de_vehiculo(vehiculo_id=vehiculo.id, sorteo_id=ventanilla.oid):
            raise SolicitudDuplicada()
        ranura = await self._ranura(ventanilla, unidad_id, situacion)
        pedido = Pedido(unidad_id, vehiculo.clase, tipos, datos.usa_condiciones)
        (impedimentos,) = await self._juez.juzgar(ventanilla, [pedido])
        exigir_espacio(impedimentos)
        # What collides with others comes last, so that it is held for as short as can be.
        await self._padron.tocar_unidad(unidad_id=unidad_id)
        folio = await self._ventanillas.siguiente_folio(datos.sorteo_id, ahora=momento)
        if folio is None:
            raise SorteoNoAbierto()
        solicitud = await self._solicitudes.insert(
            Solicitud(
                sorteo_id=datos.sorteo_id,
                folio=folio,
                unidad_id=unidad_id,
                residente_id=residente_id,
                vehiculo=vehiculo,
                clase=vehiculo.clase,
                tipos=tipos,
                acepta=datos.acepta,
                preferencias=datos.preferencias,
                usa_condiciones=datos.usa_condiciones,
                estado=RequestStatus.pendiente,
                viva=True,
                ranura=ranura,
                creado_en=momento,
                actualizado_en=momento,
            )
        )
        actor = Actor.unidad if unidad_id in llamador.unidades else Actor.personal
        await self._movimientos.nacer([solicitud], actor=actor, usuario_id=quien.usuario_id)
        if terminos.aprobacion == "automatica" and not impedimentos:
            solicitud = await self._movimientos.mover(solicitud, RequestStatus.aprobada, actor=Actor.sistema)
        return solicitud, llamador

    async def _quien_pide(
        self, datos: RequestCreate, llamador: Llamador
    ) -> tuple[PydanticObjectId, PydanticObjectId | None]:
        """The flat, and the resident who asks for it; None when nobody active does."""
        quien = llamador.quien
        if quien.es_personal:
            if datos.unidad_id is None:
                raise EntradaInvalida.en("unidad_id", "requerido")
            if datos.unidad_id in llamador.unidades:
                return datos.unidad_id, quien.residente_id
            return datos.unidad_id, await self._padron.principal_de(unidad_id=datos.unidad_id)
        solicitante = None
        if quien.residente_id is not None:
            solicitante = await self._padron.solicitante(residente_id=quien.residente_id)
        if solicitante is None:
            raise SinResidente()
        if datos.unidad_id is not None and datos.unidad_id not in solicitante.unidades:
            raise EntradaInvalida.en("unidad_id", "no_existe")
        if datos.unidad_id is None and len(solicitante.unidades) != 1:
            raise EntradaInvalida.en("unidad_id", "requerido")
        return datos.unidad_id or solicitante.unidades[0], quien.residente_id if solicitante.activo else None

    async def _ranura(self, ventanilla: Ventanilla, unidad_id: PydanticObjectId, situacion: Situacion) -> int:
        """The first free place among the flat's live requests. Raises UnidadConSolicitud."""
        maximo = ventanilla.terminos.max_por_unidad
        if situacion.cupo is not None:
            maximo = min(maximo, situacion.cupo)
        tomadas = await self._solicitudes.ranuras(sorteo_id=ventanilla.oid, unidad_id=unidad_id)
        if len(tomadas) >= maximo:
            raise UnidadConSolicitud()
        return next(n for n in range(maximo) if n not in tomadas)
