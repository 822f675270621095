"""Opening a draw, and the time until it closes.

The spaces are taken in batches, under a turn, and so are the requests copied of a draw that is repeated; all else is
the transaction that opens the draw. An opening that comes to nothing gives both back, and one that died is taken up by
the beat."""

import asyncio
import contextlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial

import attrs
from beanie import PydanticObjectId

from app.core.acts.contract import fuera_del_acto
from app.core.clock import ahora
from app.database.unit_of_work import UnitOfWork, una_transaccion
from app.modules.sorteo.advertencias.service import Advertencias
from app.modules.sorteo.anuncios.service import Anuncios
from app.modules.sorteo.custodia.dichos import DichosDeSorteo, exigir_dichos
from app.modules.sorteo.custodia.reglas import reglas_publicadas
from app.modules.sorteo.custodia.service import CustodiaService
from app.modules.sorteo.espacios.ports import Condiciones
from app.modules.sorteo.estados import PASOS, EstadoSorteo, Paso
from app.modules.sorteo.exceptions import BasesAlteradas, CierrePasado, CierreTardio, DemasiadasReservas, TareaEnCurso
from app.modules.sorteo.historial.models import Suceso, hecho
from app.modules.sorteo.models import Publicado, SecretoSorteo, Sorteo
from app.modules.sorteo.motor import Espacio, compromiso_de
from app.modules.sorteo.pasos.models import Prorroga
from app.modules.sorteo.pasos.pruebas import Boveda
from app.modules.sorteo.ports import Solicitudes
from app.modules.sorteo.prioridades.models import Regla
from app.modules.sorteo.prioridades.repository import PrioridadRepository
from app.modules.sorteo.repository import (
    ArchivoRepository,
    SecretoRepository,
    SorteoRepository,
)
from app.modules.sorteo.service import SorteoService, exigir_que_existan
from app.modules.sorteo.toma.copias import CopiaDeSolicitudes
from app.modules.sorteo.toma.service import TomaDeEspacios
from app.modules.sorteo.turnos import service as turnos
from app.modules.sorteo.turnos.service import Avance, Turnos, sin_avance
from app.shared.exceptions import EntradaInvalida, TransicionInvalida

MAX_RESERVAS = 20
"""A line of the bases holds at most twenty conditions."""

ANTES_DEL_CIERRE = timedelta(hours=48)


@attrs.define(kw_only=True)
class AperturaService:
    _sorteos: SorteoRepository
    _secretos: SecretoRepository
    _archivos: ArchivoRepository
    _prioridades: PrioridadRepository
    _dichos: DichosDeSorteo
    _servicio: SorteoService
    _solicitudes: Solicitudes
    _boveda: Boveda
    _custodia: CustodiaService
    _anuncios: Anuncios
    _advertencias: Advertencias
    _condiciones: Condiciones
    _turnos: Turnos
    _toma: TomaDeEspacios
    _copias: CopiaDeSolicitudes
    _uow: UnitOfWork

    async def abrir(self, id: PydanticObjectId, *, por_si_solo: bool = False, avance: Avance = sin_avance) -> Sorteo:
        """Claim and copy the spaces, then commit to a secret, copy the rules and take requests. By hand it opens now,
        whatever was planned. Raises TransicionInvalida, EspacioComprometido, DemasiadasReservas, CierreTardio,
        CierrePasado, BasesAlteradas."""
        sorteo = await self._servicio.ver(id)
        if sorteo.turno is None:
            sorteo = await self.por_abrir(id)
        if sorteo.estado is PASOS[Paso.abrir].a:
            return sorteo
        # A turn found here may be of an opening that died with spaces in its hands: a refusal gives them back.
        async with self._custodia.vigilar(id, Paso.abrir), self._turnos.tomar(id, Paso.abrir) as ficha:
            # What an opening that fails lets go of is never that of a draw which was opened.
            await self._custodia.exigir_estado(id)
            try:
                sorteo = await self.por_abrir(id)
                if sorteo.estado is PASOS[Paso.abrir].a:
                    return sorteo
                # Asked before spaces are held that other draws may want.
                if sorteo.repite_a is not None:
                    await self._custodia.exigir_anulado(sorteo.repite_a)
                await self._sorteos.exigir_dicho(id, await self._dichos.borradores.dichas())
                cumplidas = await self._advertencias.cumplidas(await self._reglas(sorteo))
                with fuera_del_acto():
                    tomados = await self._toma.tomar(sorteo, ficha, avance)
                    copiadas = await self._copias.copiar(sorteo, ficha, avance)
                abrir = partial(self._abrir, id, ficha, por_si_solo, cumplidas, tomados, copiadas)
                return await self._uow.run(abrir)
            except TareaEnCurso:
                # Another process took the turn over. The draw as that process left it is the answer.
                sorteo = await self._servicio.ver(id)
                if sorteo.estado is not PASOS[Paso.abrir].a:
                    raise
                return sorteo
            except Exception:
                with fuera_del_acto(), contextlib.suppress(TareaEnCurso):
                    await self._deshacer(id, ficha)
                raise

    async def por_abrir(self, id: PydanticObjectId) -> Sorteo:
        """The draw, which may be opened now or has been. Raises as `abrir`."""
        sorteo = await self._servicio.ver(id)
        if sorteo.estado is PASOS[Paso.abrir].a:
            return sorteo
        if sorteo.estado not in PASOS[Paso.abrir].desde or sorteo.anulacion is not None:
            raise TransicionInvalida()
        self._exigir_a_tiempo(sorteo)
        return sorteo

    async def prorrogar(self, id: PydanticObjectId, *, cierre: datetime, motivo: str) -> Sorteo:
        """Move the closing time of an open draw, to later only. Raises TransicionInvalida while somebody closes it, and
        BasesAlteradas."""
        async with self._custodia.vigilar(id, Paso.prorrogar):
            return await self._prorrogar(id, cierre, motivo)

    @una_transaccion
    async def _prorrogar(self, id: PydanticObjectId, cierre: datetime, motivo: str) -> Sorteo:
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

    async def _abrir(
        self, id: PydanticObjectId, ficha: str, por_si_solo: bool, cumplidas: set[str], tomados: str, copiadas: int
    ) -> Sorteo:
        """`tomados`, `copiadas`: what this process copied, spaces and requests."""
        await self._turnos.sujetar(id, ficha)
        await self._copias.exigir(id, copiadas)
        dichas = await self._dichos.borradores.dichas()
        await self._sorteos.exigir_dicho(id, dichas)
        await exigir_dichos(self._dichos.borradores, dichas)
        sorteo = await self._servicio.ver(id)
        momento = self._exigir_a_tiempo(sorteo)
        if not por_si_solo:
            sorteo.apertura = momento  # said before the rules are hashed
        reglas = await self._reglas(sorteo)
        espacios = await self._toma.tomados(id, tomados)
        if len({e.reserva for e in espacios if e.reserva}) > MAX_RESERVAS:
            raise DemasiadasReservas(maximo=MAX_RESERVAS)
        # What is published names them from now on: none is deleted meanwhile.
        await self._condiciones.sin_condicion(codigos=_nombradas(reglas, espacios))
        advertencias = self._advertencias.con(sorteo, reglas, {e.tipo for e in espacios}, cumplidas)
        documento = await asyncio.to_thread(reglas_publicadas, sorteo, reglas, espacios)
        huella = await self._archivos.guardar(sorteo_id=id, archivo=Publicado.reglas, intento="", lineas=[documento])
        secreto = self._boveda.nuevo()
        await self._secretos.insert(SecretoSorteo(id=id, sellado=self._boveda.cerrar_texto(secreto, de=id)))
        await self._solicitudes.abrir(sorteo_id=id, cierre=sorteo.cierre)
        compromiso = compromiso_de(secreto)
        huellas = {"compromiso": compromiso, "huella_reglas": huella}
        await self._custodia.publicar_huellas(sorteo, Paso.abrir, {**huellas, "abierto_en": momento})
        abierto = await self._sorteos.pasar(
            id,
            desde=EstadoSorteo.borrador,
            igual={"anulacion": None},
            ficha=ficha,
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
                "turno": None,
            },
            agregar={"historia": hecho(Suceso.abrir, huellas=huellas)},
        )
        if abierto is None:
            raise TransicionInvalida()
        await self._anuncios.abierto(abierto)
        return abierto

    async def _reglas(self, sorteo: Sorteo) -> list[Regla]:
        """Raises EntradaInvalida, BasesAlteradas."""
        dichas = await self._dichos.prioridades.dichas()
        hay = await self._prioridades.exigir_dichas(sorteo.prioridades, dichas)
        await exigir_dichos(self._dichos.prioridades, dichas)
        if sorteo.prioridades is None:
            if falta := await self._dichos.prioridades.que_falta(dichas, hay):
                raise BasesAlteradas(donde="prioridades", objeto=falta)
            return [prioridad.regla() for prioridad in await self._prioridades.activas()]
        por_codigo = {p.codigo: p for p in await self._prioridades.por_codigos(sorteo.prioridades)}
        # Since the draft named a priority, the priority may have been deleted.
        exigir_que_existan("prioridades", sorteo.prioridades, por_codigo)
        return [por_codigo[codigo].regla() for codigo in sorteo.prioridades]

    def _exigir_a_tiempo(self, sorteo: Sorteo) -> datetime:
        """The moment of the opening. Raises EntradaInvalida, CierreTardio, CierrePasado."""
        momento = ahora()
        if self._servicio.vigencia_terminada(sorteo):
            raise EntradaInvalida.en("vigencia", "vigencia_pasada")
        if not sorteo.ensayo:
            if sorteo.fuente_entropia.conocible_desde <= momento:
                raise CierreTardio()
            if sorteo.cierre is not None and sorteo.cierre <= momento:
                raise CierrePasado()
        return momento

    async def _deshacer(self, id: PydanticObjectId, ficha: str) -> None:
        """Give back the spaces and the copies. Raises TareaEnCurso when another process has the turn by now, and with
        it both."""
        await self._copias.devolver(id, ficha)
        await self._toma.devolver(id, ficha)
        await self._uow.run(
            lambda: self._sorteos.pasar(id, desde=EstadoSorteo.borrador, ficha=ficha, poner={"turno": None})
        )


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
