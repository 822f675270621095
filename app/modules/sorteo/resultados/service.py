"""What can be read of a draw once it is open: evaluations, files, results, exclusions, and how to check it all."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

import attrs
from beanie import PydanticObjectId

from app.core.security import Principal
from app.modules.sorteo.custodia.lineas import Titular, linea, sal
from app.modules.sorteo.custodia.service import CustodiaService
from app.modules.sorteo.estados import CON_RESULTADO, EstadoSorteo
from app.modules.sorteo.exceptions import BasesAlteradas, NoDisponibleTodavia
from app.modules.sorteo.models import Publicado, Sorteo
from app.modules.sorteo.ports import Auditoria, CabezaDeAuditoria, NombreDeUnidad, Padron, Propias, Solicitudes
from app.modules.sorteo.prioridades.evaluador import Evaluador
from app.modules.sorteo.repository import ArchivoRepository
from app.modules.sorteo.resultados.exclusiones import Exclusiones
from app.modules.sorteo.resultados.models import ParticipanteSorteo, ResultadoSorteo
from app.modules.sorteo.resultados.mostrador import Mostrador
from app.modules.sorteo.resultados.repository import (
    ParticipanteRepository,
    ResultadoRepository,
    leer_numero,
    pagina_por_numero,
)
from app.modules.sorteo.resultados.schemas import (
    CambioOut,
    EspacioExcluido,
    EvaluacionOut,
    ExclusionesOut,
    LineaDePadronOut,
    SolicitudExcluida,
)
from app.modules.sorteo.service import SorteoService
from app.shared.exceptions import EntradaInvalida, NoEncontrado, SinResidente
from app.shared.pagination import Page, PageQuery

_FOLIO, _POSICION = "folio", "posicion"


@dataclass(frozen=True, slots=True)
class MiResultado:
    """`reglas`: what the rules say that held for it, as far as the reader may know; `resultado` names no others.
    `espera_actual`: its place among those who still wait."""

    resultado: ResultadoSorteo
    ultimo_ganador: ResultadoSorteo | None
    espera_actual: int | None
    reglas: Sequence[str]
    padron: LineaDePadronOut | None
    total: int
    total_en_nivel: int
    posicion_en_nivel: int


@dataclass(frozen=True, slots=True)
class Archivo:
    """The exact bytes that `huella` is the hash of, in pieces."""

    huella: str
    partes: AsyncIterator[bytes]


@attrs.define(kw_only=True)
class ResultadosService:
    _sorteos: SorteoService
    _participantes: ParticipanteRepository
    _resultados: ResultadoRepository
    _archivos: ArchivoRepository
    _evaluador: Evaluador
    _solicitudes: Solicitudes
    _padron: Padron
    _propias: Propias
    _auditoria: Auditoria
    _custodia: CustodiaService
    _exclusiones: Exclusiones
    _mostrador: Mostrador

    async def evaluacion(self, id: PydanticObjectId, consulta: PageQuery, quien: Principal) -> Page[EvaluacionOut]:
        """By folio. While the draw is open, requests are judged by the facts of now; afterwards, as the closing froze
        them."""
        sorteo = await self._abierto(id, quien)
        if sorteo.intento is not None:
            pagina = await self._participantes.listar(sorteo, consulta)
            return pagina.con([_evaluacion(p, None) for p in pagina.items])
        if consulta.orden not in (None, _FOLIO):
            raise EntradaInvalida.en("orden", "orden_invalido")
        desde = 0 if consulta.cursor is None else leer_numero(consulta.cursor, _FOLIO)
        filas = await self._evaluar(sorteo, despues_de=desde, limite=consulta.limite + 1)
        return pagina_por_numero(filas, _FOLIO, consulta.limite)

    async def evaluacion_propia(self, id: PydanticObjectId, quien: Principal) -> list[EvaluacionOut]:
        sorteo = await self._abierto(id, quien)
        propias = await self._propias_de(quien)
        if sorteo.intento is None:
            return await self._evaluar(sorteo, despues_de=0, limite=0, ids=propias)
        suyas = await self._participantes.de_solicitudes(sorteo, propias)
        lineas = await self._lineas(sorteo, suyas)
        return [_evaluacion(p, lineas.get(p.folio), _reglas_para(quien, p, sorteo)) for p in suyas]

    async def archivo(
        self,
        id: PydanticObjectId,
        archivo: Publicado,
        quien: Principal,
        *,
        huella: str | None = None,
    ) -> Archivo:
        """A published file. `huella`: the hash of the bases that are asked for, also those of a closing that was
        undone. Raises NoDisponibleTodavia while the file is not published."""
        sorteo = await self._abierto(id, quien)
        for anterior in sorteo.huellas_anteriores:
            if archivo is Publicado.bases and anterior.huella == huella:
                partes = self._archivos.partes(sorteo_id=id, archivo=archivo, intento=anterior.intento)
                return Archivo(anterior.huella, partes)
        if huella not in (None, sorteo.huella):
            raise NoDisponibleTodavia()
        publicada, intento = {
            Publicado.reglas: (sorteo.huella_reglas, ""),
            Publicado.bases: (sorteo.huella, sorteo.intento),
            Publicado.padron: (sorteo.huella_padron, sorteo.intento),
            Publicado.resultado: (sorteo.huella_resultado, sorteo.corrida),
        }[archivo]
        if publicada is None:
            raise NoDisponibleTodavia()
        return Archivo(publicada, self._archivos.partes(sorteo_id=id, archivo=archivo, intento=intento or ""))

    async def resultados(
        self,
        id: PydanticObjectId,
        consulta: PageQuery,
        quien: Principal,
        *,
        con_espacio: bool | None,
    ) -> tuple[Page[ResultadoSorteo], dict[PydanticObjectId, NombreDeUnidad]]:
        """The lines by position and, for staff, the names of the flats on the page."""
        sorteo = await self.con_resultado(id, quien)
        pagina = await self._resultados.listar(sorteo, consulta, con_espacio=con_espacio)
        async with self._mostrador.mostrar(sorteo):
            publicadas = await self._mostrador.publicadas(sorteo)
            publicadas.lineas.exigir_pagina(
                pagina.items,
                despues_de=0 if consulta.cursor is None else leer_numero(consulta.cursor, _POSICION),
                limite=consulta.limite,
                con_espacio=con_espacio,
                hay_mas=pagina.siguiente is not None,
            )
            if quien.es_personal:
                await self._mostrador.exigir_de_quien(sorteo, publicadas, pagina.items)
        if not quien.es_personal:
            return pagina, {}
        return pagina, dict(await self._padron.nombres_de(unidades=sorted({r.unidad_id for r in pagina.items})))

    async def resultados_propios(self, id: PydanticObjectId, quien: Principal) -> list[MiResultado]:
        sorteo = await self.con_resultado(id, quien)
        propias = await self._propias_de(quien)
        filas = await self._resultados.de_solicitudes(sorteo, propias)
        participantes = await self._participantes.de_solicitudes(sorteo, propias)
        reglas = {p.folio: _reglas_para(quien, p, sorteo) for p in participantes}
        await self._exigir_propios(sorteo, filas, participantes)
        ultimos: dict[_Derecho, ResultadoSorteo | None] = {}
        for derecho in {_derecho(fila) for fila in filas}:
            tipos, condiciones = derecho
            ultimos[derecho] = await self._resultados.ultimo_ganador(sorteo, tipos=tipos, condiciones=condiciones)
        lineas = await self._lineas(sorteo, participantes)
        lugares = await self._propias.lugares_en_espera(ids=[fila.solicitud_id for fila in filas])
        dichas = {regla.codigo: regla.descripcion for regla in sorteo.reglas}
        return [
            MiResultado(
                resultado=fila.model_copy(update={"reglas": reglas[fila.folio]}),
                ultimo_ganador=ultimos[_derecho(fila)],
                espera_actual=lugares.get(fila.solicitud_id),
                padron=lineas.get(fila.folio),
                reglas=[dichas[codigo] for codigo in reglas[fila.folio]],
                total=sorteo.participantes or 0,
                total_en_nivel=sorteo.por_nivel[fila.nivel],
                # Levels are drawn one after another.
                posicion_en_nivel=fila.posicion - sum(sorteo.por_nivel[: fila.nivel]),
            )
            for fila in filas
        ]

    async def exclusiones(self, id: PydanticObjectId, quien: Principal) -> ExclusionesOut:
        """Spaces left out, requests refused, facts that staff changed since the opening. Raises NoDisponibleTodavia
        before the closing."""
        sorteo = await self._abierto(id, quien)
        if sorteo.intento is None:
            raise NoDisponibleTodavia()
        async with self._mostrador.mostrar(sorteo):
            fuera, rechazados, cambiados = await self._exclusiones.leer(sorteo)
        return ExclusionesOut(
            espacios=[EspacioExcluido(codigo=e.codigo, motivo=e.excluido or "") for e in fuera],
            solicitudes=[SolicitudExcluida(folio=p.folio, motivo=p.impedimentos[0]) for p in rechazados],
            cambios=[CambioOut(folio=p.folio, campo=c.campo, cuando=c.cuando) for p in cambiados for c in p.cambios],
        )

    async def publico(self, id: PydanticObjectId) -> tuple[Sorteo, CabezaDeAuditoria | None]:
        """An opened draw, and the head of the audit's chain now. Raises NoEncontrado before the opening."""
        sorteo = await self._sorteos.ver(id)
        if sorteo.compromiso is None:
            raise NoEncontrado()
        return sorteo, await self._auditoria.cabeza()

    async def con_resultado(self, id: PydanticObjectId, quien: Principal) -> Sorteo:
        """A draw that has a result, published or not. Raises NoEncontrado, NoDisponibleTodavia."""
        sorteo = await self._sorteos.ver(id, quien)
        if sorteo.huella_resultado is None or sorteo.estado not in CON_RESULTADO | {EstadoSorteo.anulado}:
            raise NoDisponibleTodavia()
        return sorteo

    async def _evaluar(
        self, sorteo: Sorteo, *, despues_de: int, limite: int, ids: Sequence[PydanticObjectId] | None = None
    ) -> list[EvaluacionOut]:
        lote = await self._solicitudes.por_folio(sorteo_id=sorteo.oid, despues_de=despues_de, limite=limite, ids=ids)
        return [
            EvaluacionOut(
                folio=e.solicitud.folio,
                nivel=e.evaluacion.nivel,
                boletas=e.evaluacion.boletas,
                reglas=list(e.evaluacion.reglas),
                impedimentos=list(e.solicitud.impedimentos),
                padron=None,
            )
            for e in await self._evaluador.evaluar(sorteo, lote)
        ]

    async def _exigir_propios(
        self, sorteo: Sorteo, filas: Sequence[ResultadoSorteo], suyos: Sequence[ParticipanteSorteo]
    ) -> None:
        """The lines are those that were published, one for each of theirs that was drawn. Raises BasesAlteradas."""
        if not filas and not suyos:
            return
        async with self._mostrador.mostrar(sorteo):
            publicadas = await self._mostrador.publicadas(sorteo)
            await self._mostrador.exigir_de_quien(sorteo, publicadas, filas)
            if faltan := {p.folio for p in suyos if not p.impedimentos} - {fila.folio for fila in filas}:
                raise BasesAlteradas(donde="resultado", folio=min(faltan))

    async def _lineas(self, sorteo: Sorteo, suyas: Sequence[ParticipanteSorteo]) -> dict[int, LineaDePadronOut]:
        """The lines of the roll, opened, by folio."""
        clave = await self._custodia.clave_del_padron(sorteo.oid) if suyas and sorteo.huella_padron else None
        return {} if clave is None else {p.folio: _abierta(clave, p) for p in suyas if p.vehiculo_id is not None}

    async def _abierto(self, id: PydanticObjectId, quien: Principal) -> Sorteo:
        sorteo = await self._sorteos.ver(id, quien)
        if sorteo.compromiso is None:
            raise NoDisponibleTodavia()
        return sorteo

    async def _propias_de(self, quien: Principal) -> list[PydanticObjectId]:
        if quien.residente_id is None:
            raise SinResidente()
        return list(await self._propias.propias(residente_id=quien.residente_id))


def _reglas_para(quien: Principal, participante: ParticipanteSorteo, sorteo: Sorteo) -> list[str]:
    """What held through a condition of somebody is for those who lived with them at the closing."""
    if quien.residente_id in participante.habitantes:
        return participante.reglas
    personales = {r.codigo for r in sorteo.reglas if any(c.campo == "condicion" for c in r.condiciones)}
    return [codigo for codigo in participante.reglas if codigo not in personales]


def _evaluacion(
    participante: ParticipanteSorteo, padron: LineaDePadronOut | None, reglas: list[str] | None = None
) -> EvaluacionOut:
    propios = participante.model_dump(include=set(EvaluacionOut.model_fields))
    dichas = {} if reglas is None else {"reglas": reglas}
    return EvaluacionOut.model_validate(propios | dichas | {"padron": padron})


def _abierta(clave: str, p: ParticipanteSorteo) -> LineaDePadronOut:
    de = Titular.de(p.model_dump())
    return LineaDePadronOut.model_validate(p.model_dump() | {"sal": sal(clave, p.folio), "linea": linea(clave, de)})


_Derecho = tuple[tuple[str, ...], tuple[str, ...]]


def _derecho(fila: ResultadoSorteo) -> _Derecho:
    return tuple(fila.tipos), tuple(fila.condiciones)
