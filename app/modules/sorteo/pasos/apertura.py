"""Opening a draw, and the time until it closes."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import attrs
from beanie import PydanticObjectId

from app.core.clock import ahora
from app.database.unit_of_work import UnitOfWork
from app.modules.sorteo.advertencias.service import Advertencias
from app.modules.sorteo.anuncios.service import Anuncios
from app.modules.sorteo.custodia.reglas import reglas_publicadas
from app.modules.sorteo.custodia.service import CustodiaService
from app.modules.sorteo.espacios.models import Espacio
from app.modules.sorteo.espacios.ports import Condiciones
from app.modules.sorteo.espacios.repository import EspacioRepository
from app.modules.sorteo.estados import PASOS, EstadoSorteo, Paso
from app.modules.sorteo.exceptions import CierrePasado, CierreTardio, DemasiadasReservas, EspacioComprometido
from app.modules.sorteo.historial.models import Suceso, hecho
from app.modules.sorteo.models import EspacioEnJuego, Publicado, SecretoSorteo, Sorteo
from app.modules.sorteo.motor import compromiso_de
from app.modules.sorteo.pasos.models import Prorroga
from app.modules.sorteo.pasos.pruebas import Boveda
from app.modules.sorteo.ports import Solicitudes
from app.modules.sorteo.prioridades.models import Regla
from app.modules.sorteo.prioridades.repository import PrioridadRepository
from app.modules.sorteo.repository import (
    ArchivoRepository,
    EspacioEnJuegoRepository,
    SecretoRepository,
    SorteoRepository,
)
from app.modules.sorteo.service import SorteoService, exigir_que_existan
from app.modules.sorteo.turnos import service as turnos
from app.shared.exceptions import EntradaInvalida, TransicionInvalida

MAX_RESERVAS = 20
"""A line of the bases holds at most twenty conditions."""

ANTES_DEL_CIERRE = timedelta(hours=48)


@attrs.define(kw_only=True)
class AperturaService:
    _sorteos: SorteoRepository
    _secretos: SecretoRepository
    _en_juego: EspacioEnJuegoRepository
    _archivos: ArchivoRepository
    _espacios: EspacioRepository
    _prioridades: PrioridadRepository
    _servicio: SorteoService
    _solicitudes: Solicitudes
    _boveda: Boveda
    _custodia: CustodiaService
    _anuncios: Anuncios
    _advertencias: Advertencias
    _condiciones: Condiciones
    _uow: UnitOfWork

    async def abrir(self, id: PydanticObjectId, *, por_si_solo: bool = False) -> Sorteo:
        """Commit to a secret, copy rules and spaces, claim the spaces, and take requests: one transaction. By hand it
        opens now, whatever was planned."""
        sorteo = await self._servicio.ver(id)
        por_abrir = sorteo.estado in PASOS[Paso.abrir].desde
        # Before the transaction, which holds spaces that other draws may want.
        cumplidas = await self._advertencias.cumplidas(await self._reglas(sorteo)) if por_abrir else set[str]()
        async with self._custodia.vigilar(id, Paso.abrir):
            return await self._uow.run(lambda: self._abrir(id, por_si_solo, cumplidas))

    async def prorrogar(self, id: PydanticObjectId, *, cierre: datetime, motivo: str) -> Sorteo:
        """Move the closing time of an open draw, to later only. Raises TransicionInvalida while somebody closes it."""

        async def paso() -> Sorteo:
            sorteo = await self._servicio.ver(id)
            if sorteo.estado not in PASOS[Paso.prorrogar].desde:
                raise TransicionInvalida()
            self._servicio.exigir_sin_anulacion(sorteo)
            if cierre == sorteo.cierre:
                return sorteo
            if sorteo.cierre is not None and cierre < sorteo.cierre:
                raise EntradaInvalida.en("cierre", "cierre_anterior")
            exigir_cierre(sorteo, cierre)
            momento = ahora()
            prorroga = Prorroga(de=sorteo.cierre, a=cierre, motivo=motivo, cuando=momento)
            movido = await self._sorteos.pasar(
                id,
                desde=EstadoSorteo.abierto,
                igual={"anulacion": None},
                sin_turno=turnos.DURACION,
                poner={"cierre": cierre, "turno": None},
                agregar={"prorrogas": prorroga, "historia": hecho(Suceso.prorrogar, motivo=motivo, cierre=cierre)},
            )
            if movido is None:
                raise TransicionInvalida()
            await self._solicitudes.abrir(sorteo_id=id, cierre=cierre)
            await self._custodia.decir_cierre(movido, Paso.prorrogar, cierre)
            await self._anuncios.prorrogado(movido, motivo=motivo)
            return movido

        return await self._uow.run(paso)

    async def _abrir(self, id: PydanticObjectId, por_si_solo: bool, cumplidas: set[str]) -> Sorteo:
        sorteo = await self._servicio.ver(id)
        if sorteo.estado is PASOS[Paso.abrir].a:
            return sorteo
        if sorteo.estado not in PASOS[Paso.abrir].desde:
            raise TransicionInvalida()
        momento = ahora()
        if self._servicio.vigencia_terminada(sorteo):
            raise EntradaInvalida.en("vigencia", "vigencia_pasada")
        if not por_si_solo:
            sorteo.apertura = momento  # before the rules are hashed
        if not sorteo.ensayo:
            if sorteo.fuente_entropia.conocible_desde <= momento:
                raise CierreTardio()
            if sorteo.cierre is not None and sorteo.cierre <= momento:
                raise CierrePasado()
        reglas = await self._reglas(sorteo)
        espacios = await self._tomar_espacios(sorteo)
        if len({e.reserva for e in espacios if e.reserva}) > MAX_RESERVAS:
            raise DemasiadasReservas(maximo=MAX_RESERVAS)
        # What is published names them from now on: none is deleted meanwhile.
        await self._condiciones.sin_condicion(codigos=_nombradas(reglas, espacios))
        advertencias = self._advertencias.con(sorteo, reglas, {e.tipo for e in espacios}, cumplidas)
        documento = reglas_publicadas(sorteo, reglas, espacios)
        huella = await self._archivos.guardar(sorteo_id=id, archivo=Publicado.reglas, intento="", lineas=[documento])
        secreto = self._boveda.nuevo()
        await self._secretos.insert(SecretoSorteo(id=id, sellado=self._boveda.cerrar_texto(secreto, de=id)))
        if sorteo.repite_a is not None:
            await self._solicitudes.copiar(de=sorteo.repite_a, a=id)
        await self._solicitudes.abrir(sorteo_id=id, cierre=sorteo.cierre)
        compromiso = compromiso_de(secreto)
        huellas = {"compromiso": compromiso, "huella_reglas": huella}
        await self._custodia.publicar_huellas(sorteo, Paso.abrir, huellas)
        abierto = await self._sorteos.pasar(
            id,
            desde=EstadoSorteo.borrador,
            igual={"anulacion": None},
            poner={
                "estado": EstadoSorteo.abierto,
                "compromiso": compromiso,
                "huella_reglas": huella,
                "reglas": [regla.model_dump(mode="json") for regla in reglas],
                "espacios_en_juego": len(espacios),
                "advertencias": [a.model_dump(mode="json") for a in advertencias],
                "apertura": sorteo.apertura,
                "abierto_en": momento,
                "cierre_avisado": cierre_ya_dicho(sorteo.cierre, momento),
            },
            agregar={"historia": hecho(Suceso.abrir, huellas=huellas)},
        )
        if abierto is None:
            raise TransicionInvalida()
        await self._anuncios.abierto(abierto)
        return abierto

    async def _reglas(self, sorteo: Sorteo) -> list[Regla]:
        if sorteo.prioridades is None:
            return [prioridad.regla() for prioridad in await self._prioridades.activas()]
        por_codigo = {p.codigo: p for p in await self._prioridades.por_codigos(sorteo.prioridades)}
        exigir_que_existan("prioridades", sorteo.prioridades, por_codigo)  # one may have been deleted since
        return [por_codigo[codigo].regla() for codigo in sorteo.prioridades]

    async def _tomar_espacios(self, sorteo: Sorteo) -> list[Espacio]:
        """Claim the spaces of the draw, and note which spaces were left out and why. A rehearsal copies spaces and
        claims none. Raises EspacioComprometido when a space that was named is not available, or when no space is left
        and another draw has some."""
        desde, hasta = sorteo.vigencia.desde, sorteo.vigencia.hasta
        if sorteo.ensayo:
            espacios = await self._espacios.disponibles(codigos=sorteo.espacios, desde=desde, hasta=hasta)
        else:
            await self._espacios.comprometer(sorteo_id=sorteo.oid, codigos=sorteo.espacios, desde=desde, hasta=hasta)
            espacios = await self._espacios.comprometidos(sorteo_id=sorteo.oid)
        tomados = {e.codigo for e in espacios}
        if sorteo.espacios is not None and len(tomados) != len(sorteo.espacios):
            raise EspacioComprometido(codigo for codigo in sorteo.espacios if codigo not in tomados)
        fuera = await self._espacios.no_disponibles(desde=desde, hasta=hasta, salvo=sorteo.oid, codigos=sorteo.espacios)
        fuera = [(codigo, motivo) for codigo, motivo in fuera if codigo not in tomados]
        de_otros = [codigo for codigo, motivo in fuera if motivo == "otro_sorteo"]
        if not espacios and not sorteo.ensayo and de_otros:
            raise EspacioComprometido(de_otros)
        copias = [
            EspacioEnJuego(sorteo_id=sorteo.oid, codigo=e.codigo, tipo=e.tipo, reserva=e.reserva) for e in espacios
        ]
        copias += [EspacioEnJuego(sorteo_id=sorteo.oid, codigo=codigo, excluido=motivo) for codigo, motivo in fuera]
        await self._en_juego.insert_many(copias)
        return espacios


def _nombradas(reglas: Sequence[Regla], espacios: Sequence[Espacio]) -> set[str]:
    """The conditions of people that the draw looks at."""
    de_reglas = {str(c.valor) for regla in reglas for c in regla.condiciones if c.campo == "condicion"}
    return de_reglas | {espacio.reserva for espacio in espacios if espacio.reserva}


def cierre_ya_dicho(cierre: datetime | None, momento: datetime) -> datetime | None:
    """What to note as already reminded: the news of `momento` names `cierre`, so a near `cierre` needs no reminder."""
    return cierre if cierre is not None and cierre - momento <= ANTES_DEL_CIERRE else None


def exigir_cierre(sorteo: Sorteo, cierre: datetime) -> None:
    """A new closing time is in the future and precedes the public number. Raises EntradaInvalida."""
    if cierre <= ahora() or (not sorteo.ensayo and cierre >= sorteo.fuente_entropia.conocible_desde):
        raise EntradaInvalida.en("cierre", "cierre_invalido")
