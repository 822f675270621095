"""Handing in a request."""

from datetime import datetime

import attrs
from beanie import PydanticObjectId

from app.core.clock import ahora
from app.core.security import PERSONAL, Principal
from app.database.unit_of_work import UnitOfWork
from app.modules.solicitudes.estados import Actor, Fase, RequestStatus
from app.modules.solicitudes.exceptions import (
    NoAlDia,
    ResidenteInactivo,
    SolicitudAlterada,
    SolicitudDuplicada,
    SorteoNoAbierto,
    UnidadConSolicitud,
)
from app.modules.solicitudes.impedimentos import Juez, Pedido, exigir_espacio, juzgar, tipos_de, vehiculo_de
from app.modules.solicitudes.models import Solicitud, SolicitudVista, VehiculoPedido, Ventanilla
from app.modules.solicitudes.movimientos.marcas import Marcas, huella_de
from app.modules.solicitudes.movimientos.mirado import AL_DIA, VEHICULO, juzga_mora, mirado
from app.modules.solicitudes.movimientos.precintos import Precintos
from app.modules.solicitudes.movimientos.repository import MovimientoRepository, linea
from app.modules.solicitudes.permisos import Llamador, Permisos
from app.modules.solicitudes.ports import Padron, Peticion, VehiculoRegistrado
from app.modules.solicitudes.repository import RanuraOcupada, SolicitudRepository
from app.modules.solicitudes.schemas import RequestCreate, RequestOut
from app.modules.solicitudes.ventanilla.repository import FranjaRepository, VentanillaRepository, Viva
from app.modules.solicitudes.vista import mostrar
from app.shared.exceptions import EntradaInvalida, ParkNetError, SinResidente
from app.shared.utils import clase_de_vehiculo

_INTENTOS = 20


@attrs.define(kw_only=True)
class AltaService:
    _solicitudes: SolicitudRepository
    _historial: MovimientoRepository
    _ventanillas: VentanillaRepository
    _franjas: FranjaRepository
    _marcas: Marcas
    _precintos: Precintos
    _padron: Padron
    _juez: Juez
    _permisos: Permisos
    _uow: UnitOfWork

    async def crear(self, datos: RequestCreate, quien: Principal) -> RequestOut:
        """Hand in a request. Raises the first rule that does not hold, in the order of the contract, and
        SolicitudAlterada."""
        # Judged by when it came, however often it has to start again.
        momento = ahora()
        async with self._precintos.vigilar():
            for _ in range(_INTENTOS):
                try:
                    return await self._uow.run(lambda: self._crear(datos, quien, momento), de_corrido=True)
                except RanuraOcupada:
                    continue  # somebody of the same flat was first; there may be room for one more
        raise UnidadConSolicitud()

    async def _crear(self, datos: RequestCreate, quien: Principal, momento: datetime) -> RequestOut:
        llamador = await self._permisos.pide(quien)
        try:
            unidad_id = _unidad(datos, llamador)
        except ParkNetError:
            # A draw that is not there is told first.
            _exigir_visible(await self._ventanillas.get(datos.sorteo_id), quien)
            raise
        pedida = self._padron.peticion(unidad_id=unidad_id, vehiculo_id=datos.vehiculo_id, placa=datos.placa)
        en_su_sorteo = self._ventanillas.con_vivas(datos.sorteo_id, unidad_id=unidad_id)
        (peticion, (leida, vivas)), ocupados = await pedida.con(en_su_sorteo).con(self._juez.ocupados([unidad_id]))
        if peticion is None:
            _exigir_visible(await self._ventanillas.get(datos.sorteo_id), quien)
            raise EntradaInvalida.en("unidad_id", "no_existe")
        ventanilla = _exigir_visible(leida, quien)
        llamador.exigir_entero(ventanilla.oid)
        residente_id = await self._quien_pide(datos, unidad_id, llamador, peticion)
        terminos = ventanilla.terminos
        await self._juez.exigir_preferencias(
            ventanilla, datos.preferencias, _tipos_que_sirven(ventanilla, datos, peticion.vehiculo, unidad_id)
        )
        if terminos.reglamento is not None and not datos.acepta_reglamento:
            raise EntradaInvalida.en("acepta_reglamento", "reglamento_no_aceptado")
        if not ventanilla.recibe(momento):
            raise SorteoNoAbierto()
        if residente_id is None:
            raise ResidenteInactivo()
        habitantes = list(peticion.nombres)
        vehiculo = vehiculo_de(peticion, unidad_id, ventanilla.oid)
        tipos = tipos_de(terminos, vehiculo.clase, datos.acepta)
        if juzga_mora(terminos):
            if "al_dia" in peticion.alterados:
                raise SolicitudAlterada(ventanilla.oid, donde="al_dia", objeto=unidad_id)
            if not peticion.ficha.al_dia:
                raise NoAlDia()
        if "cupo" in peticion.alterados:
            raise SolicitudAlterada(ventanilla.oid, donde="cupo", objeto=unidad_id)
        ranura = _ranura(vivas, ventanilla, vehiculo, unidad_id, peticion)
        a_juzgar = Pedido(unidad_id, vehiculo.clase, tipos, datos.usa_condiciones)
        (impedimentos,) = juzgar([(ventanilla, a_juzgar)], fichas={unidad_id: peticion.ficha}, ocupados=ocupados)
        exigir_espacio(impedimentos)
        # What collides with others comes last, so that it is held for as short as can be.
        await self._padron.tocar_unidades(unidades=[unidad_id])
        await self._franjas.tocar(sorteo_id=datos.sorteo_id, unidad_id=unidad_id)
        solicitud = Solicitud(
            id=PydanticObjectId(),
            sorteo_id=datos.sorteo_id,
            folio=await self._ventanillas.siguiente_folio(datos.sorteo_id),
            unidad_id=unidad_id,
            residente_id=residente_id,
            habitantes=habitantes,
            vehiculo=vehiculo,
            clase=vehiculo.clase,
            tipos=tipos,
            acepta=datos.acepta,
            preferencias=datos.preferencias,
            usa_condiciones=datos.usa_condiciones,
            reglamento=terminos.reglamento,
            terminos=huella_de(terminos),
            mirado=mirado(peticion, [VEHICULO, *([AL_DIA] if juzga_mora(terminos) else [])], momento),
            estado=RequestStatus.pendiente,
            viva=True,
            ranura=ranura,
            creado_en=momento,
            actualizado_en=momento,
        )
        actor = Actor.unidad if unidad_id in llamador.unidades else Actor.personal
        historia = [linea(solicitud, actor=actor, usuario_id=quien.usuario_id, cuando=momento)]
        if terminos.aprobacion == "automatica" and not impedimentos:
            de, solicitud.estado, solicitud.actualizado_en = solicitud.estado, RequestStatus.aprobada, ahora()
            historia.append(linea(solicitud, de=de, actor=Actor.sistema, cuando=solicitud.actualizado_en))
        self._marcas.marcar(solicitud)
        await self._solicitudes.insert(solicitud)
        self._marcas.recordar(solicitud)
        await self._historial.insert_rows(historia)
        return mostrar(
            SolicitudVista.de(solicitud),
            attrs.evolve(llamador, vecinos={unidad_id: habitantes} if unidad_id in llamador.unidades else {}),
            fase=ventanilla.fase,
            impedimentos=impedimentos,
            de_quien=(peticion.nombres[residente_id], peticion.ficha) if quien.es_personal else None,
        )

    async def _quien_pide(
        self, datos: RequestCreate, unidad_id: PydanticObjectId, llamador: Llamador, peticion: Peticion
    ) -> PydanticObjectId | None:
        """The resident who asks: who calls, where they live there; when staff do, whom they name, or else who lives
        there longest. None where nobody is active. Raises EntradaInvalida for a `residente_id` of another flat."""
        dicho = datos.residente_id
        if unidad_id in llamador.unidades or llamador.quien.rol not in PERSONAL:
            propio = llamador.quien.residente_id if unidad_id in llamador.unidades else None
            if dicho not in (None, llamador.quien.residente_id):
                raise EntradaInvalida.en("residente_id", "no_existe")
            return propio
        if dicho is None or dicho in peticion.nombres:
            return dicho or peticion.principal_id
        otro = await self._padron.solicitante(residente_id=dicho)
        if otro is None or otro.activo:
            raise EntradaInvalida.en("residente_id", "no_existe")
        return None


def _exigir_visible(ventanilla: Ventanilla | None, quien: Principal) -> Ventanilla:
    if ventanilla is None or (ventanilla.fase is Fase.borrador and not quien.es_personal):
        raise EntradaInvalida.en("sorteo_id", "no_existe")
    return ventanilla


def _tipos_que_sirven(
    ventanilla: Ventanilla, datos: RequestCreate, pedido: VehiculoRegistrado | None, unidad_id: PydanticObjectId
) -> list[str] | None:
    """The kinds of space that may be wished for; None where the vehicle is not the flat's, which is told later."""
    if pedido is None or pedido.unidad_id != unidad_id:
        return None
    clase = clase_de_vehiculo(pedido.tipo, electrico=pedido.electrico)
    return ventanilla.terminos.admite(clase, datos.acepta) or ventanilla.terminos.admite(clase, None)


def _unidad(datos: RequestCreate, llamador: Llamador) -> PydanticObjectId:
    """The flat that asks. Raises SinResidente, and EntradaInvalida where it is not theirs or not said."""
    if llamador.quien.rol in PERSONAL:
        if datos.unidad_id is None:
            raise EntradaInvalida.en("unidad_id", "requerido")
        return datos.unidad_id
    if llamador.solicitante is None or llamador.quien.residente_id is None:
        raise SinResidente()
    suyas = llamador.solicitante.unidades
    if datos.unidad_id is not None and datos.unidad_id not in suyas:
        raise EntradaInvalida.en("unidad_id", "no_existe")
    if datos.unidad_id is None and len(suyas) != 1:
        raise EntradaInvalida.en("unidad_id", "requerido")
    return datos.unidad_id or suyas[0]


def _ranura(
    vivas: list[Viva],
    ventanilla: Ventanilla,
    vehiculo: VehiculoPedido,
    unidad_id: PydanticObjectId,
    peticion: Peticion,
) -> int:
    """The first free place among the flat's live requests. Raises SolicitudDuplicada, UnidadConSolicitud."""
    if any(viva.vehiculo_id == vehiculo.id for viva in vivas):
        raise SolicitudDuplicada()
    maximo, cupo = ventanilla.terminos.max_por_unidad, peticion.ficha.cupo
    if cupo is not None:
        maximo = min(maximo, cupo)
    suyas = [viva for viva in vivas if viva.unidad_id == unidad_id]
    tomadas = {viva.ranura for viva in suyas}
    if len(tomadas) >= maximo or not ventanilla.terminos.cabe_otra(vehiculo.tipo, [viva.tipo for viva in suyas]):
        raise UnidadConSolicitud()
    return next(n for n in range(maximo) if n not in tomadas)
