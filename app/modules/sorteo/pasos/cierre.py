"""Closing a draw: every fact is read once and frozen, the bases are written, and their hash is published before the
public number can be known."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from functools import partial

import attrs
from beanie import PydanticObjectId

from app.core.acts.contract import fuera_del_acto
from app.core.clock import ahora
from app.database.deadlines import sin_prisa
from app.database.unit_of_work import UnitOfWork
from app.modules.sorteo import motor
from app.modules.sorteo.advertencias.models import Advertencia, CodigoAdvertencia, reglas_sin_nadie
from app.modules.sorteo.anuncios.service import Anuncios
from app.modules.sorteo.custodia.anteriores import Anteriores, participe
from app.modules.sorteo.custodia.lectura import Congelado
from app.modules.sorteo.custodia.lineas import Titular
from app.modules.sorteo.custodia.reglas import exigir_completo, exigir_folios, exigir_hechos, exigir_solicitudes
from app.modules.sorteo.custodia.service import CustodiaService
from app.modules.sorteo.estados import PASOS, EstadoSorteo, Paso
from app.modules.sorteo.exceptions import CierreTardio, SolicitudesPendientes, TareaEnCurso
from app.modules.sorteo.historial.models import Suceso, hecho
from app.modules.sorteo.models import Publicado, Sorteo
from app.modules.sorteo.pasos.congelacion import Congelacion
from app.modules.sorteo.pasos.pruebas import bases_de, cabeza_al
from app.modules.sorteo.ports import Auditoria, Cotejo, Padron, SolicitudDelSorteo, Solicitudes
from app.modules.sorteo.prioridades.evaluador import Evaluada, Evaluador
from app.modules.sorteo.prioridades.suertes import Vistas
from app.modules.sorteo.repository import ArchivoRepository, EspacioEnJuegoRepository, SorteoRepository
from app.modules.sorteo.resultados.exclusiones import Exclusiones
from app.modules.sorteo.resultados.models import RECHAZADA, en_bases
from app.modules.sorteo.resultados.repository import ParticipanteRepository
from app.modules.sorteo.service import SorteoService
from app.modules.sorteo.turnos.restos import Restos
from app.modules.sorteo.turnos.service import Avance, Turnos, sin_avance
from app.shared.exceptions import TransicionInvalida
from app.shared.reading import por_adelantado
from app.shared.repository import Fila

LOTE = 1000
_DEL_CIERRE = frozenset({"pendiente", "aprobada", RECHAZADA})


@attrs.define(kw_only=True)
class CierreService:
    _sorteos: SorteoRepository
    _en_juego: EspacioEnJuegoRepository
    _participantes: ParticipanteRepository
    _archivos: ArchivoRepository
    _servicio: SorteoService
    _evaluador: Evaluador
    _solicitudes: Solicitudes
    _padron: Padron
    _custodia: CustodiaService
    _anteriores: Anteriores
    _congelacion: Congelacion
    _exclusiones: Exclusiones
    _turnos: Turnos
    _restos: Restos
    _auditoria: Auditoria
    _anuncios: Anuncios
    _uow: UnitOfWork

    async def cerrar(self, id: PydanticObjectId, *, por_si_solo: bool = False, avance: Avance = sin_avance) -> Sorteo:
        """Freeze the bases. `por_si_solo`: the clock closes the draw, and undecided requests without impediment are
        approved; a person may close it only when no request is undecided. Raises SolicitudesPendientes, CierreTardio,
        TransicionInvalida, BasesAlteradas."""
        sorteo = await self._servicio.ver(id)
        if sorteo.turno is None:
            sorteo = await self.por_cerrar(id, por_si_solo)
        reabriendose = sorteo.turno is not None and sorteo.turno.paso == Paso.reabrir
        if sorteo.estado is PASOS[Paso.cerrar].a and not sorteo.por_congelar and not reabriendose:
            return sorteo
        # A turn found here may be of a closing that died with the window shut: a refusal opens the window again. Or of
        # a reopening that died: what had gone back is moved again.
        async with self._custodia.vigilar(id, Paso.cerrar), self._turnos.tomar(id, Paso.cerrar) as ficha:
            try:
                return await self._cerrar(id, ficha, por_si_solo, avance)
            except TareaEnCurso:
                # Another process took the turn over. The draw as that process left it is the answer.
                await self._restos.abandonar(id, ficha)
                sorteo = await self._servicio.ver(id)
                if sorteo.estado is not PASOS[Paso.cerrar].a:
                    raise
                return sorteo
            except Exception:
                with fuera_del_acto():
                    await self._deshacer(id, ficha)
                raise

    async def por_cerrar(self, id: PydanticObjectId, por_si_solo: bool = False) -> Sorteo:
        """The draw, which may be closed now or has been. Raises as `cerrar`."""
        sorteo = await self._servicio.ver(id)
        if sorteo.estado is PASOS[Paso.cerrar].a:
            return sorteo
        if sorteo.estado not in PASOS[Paso.cerrar].desde:
            raise TransicionInvalida()
        self._servicio.exigir_sin_anulacion(sorteo)
        if not sorteo.ensayo and ahora() >= sorteo.fuente_entropia.conocible_desde:
            raise CierreTardio()
        pendientes = 0 if por_si_solo else await self._solicitudes.pendientes(sorteo_id=id)
        if pendientes:
            raise SolicitudesPendientes(cuantas=pendientes)
        return sorteo

    async def _cerrar(self, id: PydanticObjectId, ficha: str, por_si_solo: bool, avance: Avance) -> Sorteo:
        sorteo = await self.por_cerrar(id, por_si_solo)
        if sorteo.estado is PASOS[Paso.cerrar].a:
            return await self._congelacion.terminar(sorteo, ficha)
        with fuera_del_acto():
            await self._restos.empezar(id, ficha)
            await self._uow.run(lambda: self._cerrar_ventanilla(id, ficha))
            await self._solicitudes.asentar(sorteo_id=id)
            # A request may have come in before the window was shut: judge again.
            sorteo = await self.por_cerrar(id, por_si_solo)
        return await self._congelar(sorteo, ficha, avance)

    async def _cerrar_ventanilla(self, id: PydanticObjectId, ficha: str) -> None:
        await self._turnos.sujetar(id, ficha)
        await self._solicitudes.cerrar(sorteo_id=id)

    async def _congelar(self, sorteo: Sorteo, ficha: str, avance: Avance) -> Sorteo:
        """Write the participants and the bases under `ficha`. Nobody reads them until the draw names `ficha` as its
        `intento`."""
        espacios = await self._en_juego.en_juego(sorteo.oid)
        cotejo = await self._solicitudes.cotejo(sorteo_id=sorteo.oid)
        await self._custodia.exigir_reglas(sorteo, espacios, cotejo.terminos)
        await self._custodia.exigir_estado(sorteo.oid)
        exigir_completo(cotejo.completo)
        publicados = await self._uow.run(self._anteriores.exigir)
        reservas = {e.reserva for e in espacios if e.reserva is not None}
        dichas = await self._padron.dichas()
        exigir_hechos([await self._padron.alterado_con_condicion(dichas=dichas)])
        congelado = Congelado(vistas=await self._anteriores.vistas(sorteo, publicados, dichas))
        with fuera_del_acto():
            async with aclosing(self._congelar_lotes(sorteo, ficha, reservas, congelado, cotejo, avance)) as lotes:
                huella_padron = await self._custodia.escribir_padron(sorteo, ficha, lotes)
        exigir_hechos([await self._padron.sin_decir(dichas)])
        with fuera_del_acto():
            exclusiones = await self._exclusiones.completar(sorteo, ficha, congelado.fuera)
        await self._anteriores.exigir_todas(congelado.vistas, publicados)
        bases = bases_de(sorteo, espacios, congelado.admisibles)
        with fuera_del_acto():
            participes = await self._anteriores.guardar(sorteo.oid, ficha, congelado.participes)
            huella = await self._archivos.guardar(
                sorteo_id=sorteo.oid, archivo=Publicado.bases, intento=ficha, lineas=motor.lineas_bases(bases)
            )
        advertencias = await self._advertencias(sorteo, ficha, len(congelado.admisibles))

        async def publicar() -> Sorteo:
            await self._turnos.sujetar(sorteo.oid, ficha)
            quedan = await self._congelacion.empezar(sorteo.oid, congelado.rechazos)
            momento = ahora()
            if not sorteo.ensayo and momento >= sorteo.fuente_entropia.conocible_desde:
                raise CierreTardio()
            huellas = {"huella": huella, "huella_padron": huella_padron}
            await self._custodia.publicar_huellas(sorteo, Paso.cerrar, huellas)
            await self._anteriores.decir(sorteo.oid, participes)
            await self._exclusiones.decir(sorteo, exclusiones, huella)
            cerrado = await self._sorteos.pasar(
                sorteo.oid,
                desde=EstadoSorteo.abierto,
                ficha=ficha,
                sin_anular=True,
                con_lo_escrito=True,
                poner={
                    "estado": EstadoSorteo.cerrado,
                    **huellas,
                    "intento": ficha,
                    "participantes": len(congelado.admisibles),
                    "advertencias": [a.model_dump(mode="json") for a in advertencias],
                    "cerrado_en": momento,
                    "alteracion": None,
                    "por_congelar": quedan,
                    **({} if quedan else {"turno": None}),
                },
                agregar={
                    "cabezas": await cabeza_al(Paso.cerrar, self._auditoria),
                    "historia": hecho(Suceso.cerrar, huellas=huellas),
                },
            )
            if cerrado is None:
                raise TransicionInvalida()  # the draw is being annulled
            await self._anuncios.cerrado(cerrado)
            return cerrado

        return await self._congelacion.terminar(await self._uow.run(publicar), ficha)

    async def _advertencias(self, sorteo: Sorteo, ficha: str, participantes: int) -> list[Advertencia]:
        """Those of the opening but for rules, and rules that hold for none of those who take part."""
        de_la_apertura = [a for a in sorteo.advertencias if a.codigo is not CodigoAdvertencia.regla_sin_nadie]
        if not participantes:
            return de_la_apertura
        with sin_prisa():
            cumplidas = await self._participantes.reglas_cumplidas(sorteo.oid, intento=ficha)
        return [*de_la_apertura, *reglas_sin_nadie(sorteo.reglas, cumplidas)]

    async def _congelar_lotes(
        self,
        sorteo: Sorteo,
        ficha: str,
        reservas: set[str],
        congelado: Congelado,
        cotejo: Cotejo,
        avance: Avance,
    ) -> AsyncGenerator[Sequence[Titular]]:
        """Write the participants in batches, by folio: also requests that staff refused, published as refused."""
        total = await self._solicitudes.cuantas(sorteo_id=sorteo.oid)
        async with por_adelantado(self._por_congelar(sorteo, ficha, reservas, congelado.vistas, cotejo)) as lotes:
            async for ultimo, filas in lotes:
                await self._participantes.insert_rows(filas)
                congelado.rechazos |= {
                    f["folio"]: f["impedimentos"][0] for f in filas if f["impedimentos"] not in ([], [RECHAZADA])
                }
                congelado.fuera.anotar(filas)
                admitidas = [f for f in filas if not f["impedimentos"]]
                congelado.admisibles += map(en_bases, admitidas)
                congelado.participes += [participe(f["solicitud_id"], f["unidad_id"]) for f in admitidas]
                await avance(hecho=ultimo, total=total)
                yield [Titular.de(fila) for fila in filas]

    async def _por_congelar(
        self, sorteo: Sorteo, ficha: str, reservas: set[str], vistas: Vistas, cotejo: Cotejo
    ) -> AsyncGenerator[tuple[int, list[Fila]]]:
        """The last folio of each batch, and its participants. Raises BasesAlteradas."""
        async with por_adelantado(_por_folio(cotejo)) as lotes:
            async for lote in lotes:
                del_cierre = [s for s in lote if s.estado in _DEL_CIERRE]
                # In one transaction: what others do between two of its reads is no sign that somebody wrote there, and
                # whoever writes there for one of them writes for all.
                evaluadas, juicios = await self._uow.run(partial(self._juzgadas, sorteo, del_cierre, vistas, cotejo))
                exigir_hechos(e.hechos.alterado for e in evaluadas)
                yield lote[-1].folio, await self._participantes_de(sorteo, evaluadas, juicios, ficha, reservas)

    async def _juzgadas(
        self, sorteo: Sorteo, lote: Sequence[SolicitudDelSorteo], vistas: Vistas, cotejo: Cotejo
    ) -> tuple[list[Evaluada], Sequence[Sequence[str]]]:
        """Each with the impediments that it has by the same facts."""
        evaluadas = await self._evaluador.evaluar(sorteo, lote, vistas=vistas)
        return evaluadas, await cotejo.juzgar([(e.solicitud, e.hechos) for e in evaluadas])

    async def _deshacer(self, id: PydanticObjectId, ficha: str) -> None:
        """Open the window again after a closing that failed. If another process has the turn by now, the window stays
        as that process left it."""

        async def paso() -> None:
            suyo = await self._sorteos.pasar(id, desde=EstadoSorteo.abierto, ficha=ficha, poner={"turno": None})
            if suyo is not None:
                await self._solicitudes.abrir(sorteo_id=id, cierre=suyo.cierre)

        await self._uow.run(paso)
        await self._restos.abandonar(id, ficha)

    async def _participantes_de(
        self,
        sorteo: Sorteo,
        lote: Sequence[Evaluada],
        juicios: Sequence[Sequence[str]],
        ficha: str,
        reservas: set[str],
    ) -> list[Fila]:
        """As `ParticipanteSorteo` is stored."""
        desde = sorteo.abierto_en or sorteo.creado_en
        cambios: dict[PydanticObjectId, list[Fila]] = {}
        for c in await self._padron.cambios(unidades=list({e.solicitud.unidad_id for e in lote}), desde=desde):
            cambios.setdefault(c.unidad_id, []).append({"campo": c.campo, "cuando": c.cuando})
        return [
            {
                "sorteo_id": sorteo.oid,
                "intento": ficha,
                "folio": e.solicitud.folio,
                "solicitud_id": e.solicitud.id,
                "unidad_id": e.solicitud.unidad_id,
                "vehiculo_id": e.solicitud.vehiculo_id,
                "nivel": e.evaluacion.nivel,
                "boletas": e.evaluacion.boletas,
                "reglas": list(e.evaluacion.reglas),
                "impedimentos": [RECHAZADA] if e.solicitud.estado == RECHAZADA else list(impedimentos),
                "tipos": list(e.solicitud.tipos),
                "condiciones": sorted(e.condiciones & reservas),
                "preferencias": list(e.solicitud.preferencias),
                "cambios": cambios.get(e.solicitud.unidad_id, []),
                "habitantes": list(e.habitantes),
            }
            for e, impedimentos in zip(lote, juicios, strict=True)
        ]


async def _por_folio(cotejo: Cotejo) -> AsyncGenerator[Sequence[SolicitudDelSorteo]]:
    """Raises BasesAlteradas."""
    while lote := await cotejo.siguientes(limite=LOTE):
        exigir_solicitudes(lote)
        yield lote
    exigir_folios(cotejo.faltan)
