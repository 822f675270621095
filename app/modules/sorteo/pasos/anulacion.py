"""Annulling a draw. Once its number can be known, nobody annuls it alone: a result that displeases still stands. While
an annulment waits for somebody, no other step is taken; until it takes effect it can be withdrawn.

Who could confirm is judged at every beat, and in the transaction in which the annulment comes to stand.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

import attrs
from beanie import PydanticObjectId

from app.core.clock import ahora
from app.core.security import Principal
from app.database.unit_of_work import UnitOfWork, una_transaccion
from app.modules.sorteo.anuncios.service import Anuncios
from app.modules.sorteo.custodia.service import CustodiaService
from app.modules.sorteo.espacios.repository import EspacioRepository
from app.modules.sorteo.estados import CON_RESULTADO, PASOS, PUBLICADOS, EstadoSorteo, Paso
from app.modules.sorteo.exceptions import AnulacionPropia, ConfirmadorReciente, SinAnulacion
from app.modules.sorteo.historial.models import Suceso, hecho
from app.modules.sorteo.models import Sorteo
from app.modules.sorteo.pasos.models import Anulacion
from app.modules.sorteo.pasos.pruebas import Boveda
from app.modules.sorteo.ports import Cuentas, Solicitudes
from app.modules.sorteo.repository import SecretoRepository, SorteoRepository
from app.modules.sorteo.service import SorteoService
from app.modules.sorteo.toma.copias import CopiaDeSolicitudes
from app.modules.sorteo.toma.service import TomaDeEspacios
from app.modules.sorteo.turnos.service import Turnos
from app.shared.exceptions import LlaveNoAdmitida, TransicionInvalida

ESPERA = timedelta(hours=72)
LOTE = 1000


@attrs.define(kw_only=True)
class AnulacionService:
    _sorteos: SorteoRepository
    _secretos: SecretoRepository
    _espacios: EspacioRepository
    _servicio: SorteoService
    _solicitudes: Solicitudes
    _cuentas: Cuentas
    _boveda: Boveda
    _custodia: CustodiaService
    _turnos: Turnos
    _toma: TomaDeEspacios
    _copias: CopiaDeSolicitudes
    _anuncios: Anuncios
    _uow: UnitOfWork

    async def anular(self, id: PydanticObjectId, *, motivo: str, quien: Principal) -> Sorteo:
        """Ask for an annulment. It takes effect at once while the public number cannot be known; afterwards it waits
        for another person to confirm it or, where there is none and nothing is published, for 72 hours. A repeated call
        changes nothing. Raises TransicionInvalida while the result is being published."""
        sorteo = await self._anulable(id)
        if sorteo.estado is not PASOS[Paso.anular].a and sorteo.anulacion is None:
            sorteo = await self._pedir(sorteo, motivo, quien)
        return await self._llevar_a_cabo(sorteo)

    async def por_confirmar(self, id: PydanticObjectId, *, quien: Principal) -> Sorteo:
        """The draw whose annulment they may confirm (as admin or auditor since before the opening, without an API key),
        or that is annulled. Raises LlaveNoAdmitida, SinAnulacion, AnulacionPropia, ConfirmadorReciente."""
        if quien.llave_id is not None:
            raise LlaveNoAdmitida()
        sorteo = await self._anulable(id)
        if sorteo.estado is PASOS[Paso.anular].a:
            return sorteo
        if sorteo.anulacion is None:
            raise SinAnulacion()
        if sorteo.anulacion.pedida_por == quien.usuario_id:
            raise AnulacionPropia()
        desde = await self._custodia.abierto_en(sorteo)
        if not await self._cuentas.puede_confirmar(usuario_id=quien.usuario_id, desde=desde):
            raise ConfirmadorReciente()
        return sorteo

    async def confirmar(self, id: PydanticObjectId, *, quien: Principal) -> Sorteo:
        """Confirm an annulment that somebody else asked for. Raises what `por_confirmar` raises."""

        async def confirmar() -> Sorteo:
            sorteo = await self.por_confirmar(id, quien=quien)
            pedida, momento = sorteo.anulacion, ahora()
            if pedida is None or sorteo.anulacion_en_firme:
                return sorteo
            return await self._marcar(
                sorteo,
                Suceso.confirmar_anulacion,
                igual={"anulacion.firme_en": None, "anulacion.pedida_en": pedida.pedida_en},
                poner={
                    "anulacion.confirmada_por": quien.usuario_id,
                    "anulacion.confirmada_en": momento,
                    "anulacion.rol_confirma": quien.rol,
                    "anulacion.efecto_en": momento,
                    "anulacion.firme_en": momento,
                },
            )

        return await self._llevar_a_cabo(await self._uow.run(confirmar))

    async def por_retirar(self, id: PydanticObjectId) -> Sorteo:
        """The draw whose annulment can be withdrawn, or was. Raises SinAnulacion, TransicionInvalida."""
        sorteo = await self._anulable(id)
        if sorteo.estado is PASOS[Paso.anular].a or sorteo.anulacion_en_firme:
            raise TransicionInvalida()
        if sorteo.anulacion is None and not sorteo.anulaciones_retiradas:
            raise SinAnulacion()
        return sorteo

    @una_transaccion
    async def retirar(self, id: PydanticObjectId, *, motivo: str) -> Sorteo:
        """Withdraw one that has not taken effect; withdrawn again, nothing changes. Raises what `por_retirar` does."""
        sorteo = await self.por_retirar(id)
        anulacion = sorteo.anulacion
        if anulacion is None:
            return sorteo
        retirada = anulacion.model_copy(update={"retirada_en": ahora(), "motivo_retiro": motivo})
        sin_ella = await self._sorteos.pasar(
            id,
            desde=sorteo.estado,
            igual={"anulacion.pedida_en": anulacion.pedida_en, "anulacion.firme_en": None},
            poner={"anulacion": None},
            agregar={
                "anulaciones_retiradas": retirada,
                "historia": hecho(Suceso.retirar_anulacion, motivo=motivo),
            },
        )
        if sin_ella is None:
            raise TransicionInvalida()
        await self._anuncios.anulacion_retirada(sin_ella, motivo=motivo)
        return sin_ella

    async def continuar(self, id: PydanticObjectId) -> Sorteo:
        """Judge an annulment that waits anew, and carry out one that stands or was left half done."""
        return await self._llevar_a_cabo(await self._servicio.ver(id))

    async def _anulable(self, id: PydanticObjectId) -> Sorteo:
        sorteo = await self._servicio.ver(id)
        if sorteo.estado is PASOS[Paso.anular].a:
            return sorteo
        if sorteo.publicandose:
            raise TransicionInvalida()
        return sorteo

    async def _pedir(self, sorteo: Sorteo, motivo: str, quien: Principal) -> Sorteo:
        momento = ahora()
        efecto_en: datetime | None = momento
        if con_otro := await self._necesita_otro(sorteo, momento):
            efecto_en = None if await self._espera_a_otro(sorteo, quien.usuario_id) else momento + ESPERA
        anulacion = Anulacion(
            motivo=motivo,
            pedida_por=quien.usuario_id,
            rol=quien.rol,
            pedida_en=momento,
            efecto_en=efecto_en,
            firme_en=None if con_otro else momento,
        )
        return await self._marcar(
            sorteo,
            Suceso.pedir_anulacion,
            motivo=motivo,
            igual={"anulacion": None},
            poner={"anulacion": anulacion.model_dump()},
        )

    async def _juzgar(self, id: PydanticObjectId) -> Sorteo:
        """As long as somebody could confirm, an annulment waits for them. Where nobody can, it waits for 72 hours in
        everybody's sight, and stands after that."""
        sorteo = await self._servicio.ver(id)
        pedida, momento = sorteo.anulacion, ahora()
        if pedida is None or pedida.firme_en is not None or sorteo.estado is PASOS[Paso.anular].a:
            return sorteo
        efecto_en = pedida.efecto_en
        if await self._espera_a_otro(sorteo, pedida.pedida_por):
            efecto_en = None
        elif efecto_en is None or not await self._custodia.se_dijo_espera(sorteo, pedida.pedida_en, efecto_en):
            efecto_en = momento + ESPERA
        firme = efecto_en is not None and efecto_en <= momento
        if not firme and efecto_en == pedida.efecto_en:
            return sorteo
        cambio = {"anulacion.firme_en": momento} if firme else {"anulacion.efecto_en": efecto_en}
        sabida = {f"anulacion.{campo}": getattr(pedida, campo) for campo in ("pedida_en", "efecto_en", "firme_en")}
        juzgado = await self._sorteos.pasar(id, desde=sorteo.estado, igual=sabida, poner=cambio)
        if juzgado is not None and juzgado.anulacion_en_firme:
            await self._custodia.decir_anulacion_sola(juzgado, pedida.pedida_en)
        elif juzgado is not None and juzgado.anulacion is not None:
            await self._custodia.decir_espera(juzgado, pedida.pedida_en, juzgado.anulacion.efecto_en)
            await self._anuncios.anulacion_pedida(juzgado)
        return juzgado or sorteo

    async def _espera_a_otro(self, sorteo: Sorteo, pide: PydanticObjectId) -> bool:
        # People live by what was published, or may have been where the audit has a gap: no clock annuls it.
        if sorteo.estado in PUBLICADOS or not await self._custodia.se_sabe_todo(sorteo.oid):
            return True
        return await self._cuentas.otro_confirmador(excepto=pide, desde=await self._custodia.abierto_en(sorteo))

    async def _marcar(
        self,
        sorteo: Sorteo,
        suceso: Suceso,
        *,
        igual: Mapping[str, object],
        poner: Mapping[str, object],
        motivo: str | None = None,
    ) -> Sorteo:
        """Write on the annulment if the draw stands as `sorteo` says; the draw as it stands then. While an annulment
        waits, no other step is taken. While a result is being published, no annulment is asked for."""
        sin_publicar = {} if sorteo.estado in PUBLICADOS else {"publicado_hasta": 0}

        async def marcar() -> Sorteo | None:
            marcado = await self._sorteos.pasar(
                sorteo.oid,
                desde=sorteo.estado,
                igual={**sin_publicar, **igual},
                poner=poner,
                agregar={"historia": hecho(suceso, motivo=motivo)},
            )
            if marcado is not None and (pedida := marcado.anulacion) is not None:
                confirmada = sorteo.anulacion is not None
                await self._custodia.decir_anulacion(sorteo, pedida.pedida_en, confirmada=confirmada)
                if not confirmada:
                    if pedida.firme_en is None and pedida.efecto_en is not None:
                        await self._custodia.decir_espera(sorteo, pedida.pedida_en, pedida.efecto_en)
                    await self._anuncios.anulacion_pedida(marcado)
            return marcado

        marcado = await self._uow.run(marcar)
        return marcado or await self._anulable(sorteo.oid)

    async def _llevar_a_cabo(self, sorteo: Sorteo) -> Sorteo:
        """Annul the draw if its annulment stands. The draw holds every decision, so any process may do it."""
        id = sorteo.oid
        sorteo = await self._uow.run(lambda: self._juzgar(id))
        if not sorteo.anulacion_en_firme:
            return sorteo
        async with self._custodia.vigilar(id, Paso.anular), self._turnos.tomar(id, Paso.anular) as ficha:
            while (sorteo := await self._anulable(id)).anulacion_en_firme:
                await self._uow.run(lambda: self._anular_lote(id, ficha))
        return sorteo

    async def _anular_lote(self, id: PydanticObjectId, ficha: str) -> None:
        await self._turnos.sujetar(id, ficha)
        sorteo = await self._servicio.ver(id)
        motivo = None if sorteo.anulacion is None else sorteo.anulacion.motivo
        await self._exigir_pedida(sorteo)
        if sorteo.estado is EstadoSorteo.borrador and (
            await self._copias.devolver_lote(id) or await self._toma.devolver_lote(id)
        ):
            return
        if await self._solicitudes.anular(sorteo_id=id, motivo=motivo, limite=LOTE) == LOTE:
            return
        if await self._espacios.soltar_varios(ref=id, limite=LOTE) == LOTE:
            return
        await self._solicitudes.pasar_a(sorteo_id=id, fase="terminado")
        momento = ahora()
        poner = {"estado": EstadoSorteo.anulado, "anulado_en": momento, "turno": None}
        if sorteo.huella is not None or sorteo.huellas_anteriores:
            poner["secreto"] = await self._secreto(id)
        if sorteo.estado is EstadoSorteo.borrador:
            poner["repite_a"] = None  # the draft has repeated nothing, so another draft may repeat that draw
        anulado = await self._sorteos.pasar(
            id,
            desde=sorteo.estado,
            ficha=ficha,
            poner=poner,
            agregar={"historia": hecho(Suceso.anular, motivo=motivo)},
        )
        if anulado is None:
            raise TransicionInvalida()
        await self._custodia.decir_anulado(anulado, momento)
        await self._anuncios.anulado(anulado, antes=sorteo.estado)

    async def _exigir_pedida(self, sorteo: Sorteo) -> None:
        """What is written on the draw was asked for and, unless nobody was there to confirm it for 72 hours, confirmed.
        Raises BasesAlteradas."""
        # Two people may annul a draw of which the audit misses something. A draft is annulled by one.
        await self._custodia.exigir_estado(sorteo.oid, con_huecos=sorteo.estado is not EstadoSorteo.borrador)
        pedida = sorteo.anulacion
        if pedida is None or sorteo.estado is EstadoSorteo.borrador:
            return
        con_otro = await self._necesita_otro(sorteo, pedida.pedida_en)
        if con_otro or not sorteo.ensayo:
            await self._custodia.exigir_anulacion(sorteo, pedida.pedida_en, con_otro=con_otro)

    async def _necesita_otro(self, sorteo: Sorteo, momento: datetime) -> bool:
        """Whether it is no rehearsal, and its number could be known at that moment. Nobody annuls a draw alone that
        does not say of itself what it published."""
        if sorteo.estado is EstadoSorteo.borrador:
            return False
        if not await self._custodia.con_sus_parametros(sorteo):
            return True
        conocible = momento >= sorteo.fuente_entropia.conocible_desde
        cerrado = sorteo.estado is EstadoSorteo.cerrado and conocible
        return not sorteo.ensayo and (cerrado or sorteo.estado in CON_RESULTADO)

    async def _secreto(self, id: PydanticObjectId) -> str | None:
        """The secret; None when it does not open any more. Such a draw cannot run, yet it can be annulled."""
        guardado = await self._secretos.get(id)
        return None if guardado is None else self._boveda.abrir_texto(guardado.sellado, de=id)
