"""Figures for the assembly: a draw, and over the years."""

import asyncio
import hmac
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import attrs
from beanie import PydanticObjectId

from app.modules.sorteo.asignaciones.repository import AsignacionRepository
from app.modules.sorteo.figuras.calculo import mediana, prueba_de_orden, rachas
from app.modules.sorteo.figuras.cuenta import Cuenta, Deseo
from app.modules.sorteo.figuras.repository import (
    ClaseRepository,
    FiguraRepository,
    LineaRepository,
    RechazoRepository,
)
from app.modules.sorteo.figuras.schemas import (
    AceptacionOut,
    ConteoDeRachasOut,
    DemandaOut,
    EspaciosDeTipoOut,
    EsperaOut,
    FigurasDeSorteoOut,
    FigurasOut,
    NivelOut,
    NombreDeReservaOut,
    OrdenOut,
    RachaOut,
    RotacionOut,
)
from app.modules.sorteo.models import Sorteo
from app.modules.sorteo.ports import Listado, Padron
from app.shared.exceptions import EntradaInvalida

_MAS_SEGUIDAS = 20


@dataclass(frozen=True, slots=True)
class _Hechos:
    """What the figures of one draw are counted from."""

    sorteo: Sorteo
    cuenta: Cuenta
    torres: Mapping[PydanticObjectId, str | None]
    rechazadas: int
    espacios: Mapping[tuple[str, str | None], int]
    desenlaces: Mapping[str, int]
    horas: Sequence[float]


@attrs.define(kw_only=True)
class FigurasService:
    _sorteos: FiguraRepository
    _lineas: LineaRepository
    _rechazos: RechazoRepository
    _clases: ClaseRepository
    _asignaciones: AsignacionRepository
    _solicitudes: Listado
    _padron: Padron
    _clave: bytes
    _zona: ZoneInfo

    async def calcular(self, *, desde: date | None, hasta: date | None) -> FigurasOut:
        """Of draws published on those days, both included, by the clock of the complex. Raises EntradaInvalida."""
        if desde is not None and hasta is not None and hasta < desde:
            raise EntradaInvalida.en("hasta", "fechas_al_reves")
        sorteos = await self._sorteos.publicados(desde=self._alba(desde), hasta=self._alba(hasta, dias=1))
        ids = [sorteo.oid for sorteo in sorteos]
        todos = await self._reunir(sorteos, ids)
        reservas = {reserva for hechos in todos for _, reserva in hechos.espacios if reserva is not None}
        nombres = await self._padron.nombres_de_condiciones(codigos=reservas)
        figuras = await asyncio.to_thread(lambda: [_del_sorteo(hechos, nombres) for hechos in todos])
        deseos = [hechos.cuenta.deseos for hechos in todos]
        seguidas = rachas(deseos)
        return FigurasOut(
            desde=desde,
            hasta=hasta,
            sorteos=figuras,
            rachas=[
                ConteoDeRachasOut(seguidas=veces, unidades=n) for veces, n in sorted(Counter(seguidas.values()).items())
            ],
            mas_seguidas=self._mas_seguidas(seguidas),
            rotacion=list(_rotacion(ids, deseos)),
        )

    async def _reunir(self, sorteos: Sequence[Sorteo], ids: Sequence[PydanticObjectId]) -> list[_Hechos]:
        cuentas = {id: Cuenta() for id in ids}
        async for lote in self._lineas.por_lotes(sorteos):
            for linea in lote:
                cuentas[linea["sorteo_id"]].sumar(linea)
        unidades = sorted({unidad_id for cuenta in cuentas.values() for unidad_id, _ in cuenta.pedidos})
        nombres = await self._padron.nombres_de(unidades=unidades)
        torres = {unidad_id: nombre.torre for unidad_id, nombre in nombres.items()}
        rechazadas = await self._rechazos.contar(sorteos)
        espacios = await self._clases.contar(ids)
        desenlaces = await self._solicitudes.desenlaces(sorteos=ids)
        aceptadas = await self._asignaciones.aceptadas_en(ids)
        return [
            _Hechos(
                sorteo=sorteo,
                cuenta=cuentas[sorteo.oid],
                torres=torres,
                rechazadas=rechazadas.get(sorteo.oid, 0),
                espacios={(tipo, reserva): n for (id, tipo, reserva), n in espacios.items() if id == sorteo.oid},
                desenlaces=desenlaces[sorteo.oid],
                horas=[
                    _horas(sorteo.publicado_en, aceptadas[solicitud_id])
                    for solicitud_id in cuentas[sorteo.oid].con & aceptadas.keys()
                ],
            )
            for sorteo in sorteos
        ]

    def _mas_seguidas(self, seguidas: Mapping[Deseo, int]) -> list[RachaOut]:
        mas = sorted(seguidas.items(), key=lambda racha: (-racha[1], racha[0]))[:_MAS_SEGUIDAS]
        return [
            RachaOut(seudonimo=self._seudonimo(unidad_id), tipo=tipo, seguidas=veces)
            for (unidad_id, tipo), veces in mas
        ]

    def _seudonimo(self, unidad_id: PydanticObjectId) -> str:
        return hmac.digest(self._clave, b"parknet/figuras" + unidad_id.binary, "sha256")[:4].hex()

    def _alba(self, dia: date | None, *, dias: int = 0) -> datetime | None:
        """Where the day begins, so many days later."""
        if dia is None or dia > date.max - timedelta(days=dias + 1) or dia <= date.min + timedelta(days=1):
            return None
        return datetime.combine(dia + timedelta(days=dias), time(), self._zona)


def _horas(desde: datetime | None, hasta: datetime) -> float:
    return 0.0 if desde is None else (hasta - desde).total_seconds() / 3600


def _rotacion(ids: Sequence[PydanticObjectId], deseos: Sequence[Mapping[Deseo, bool]]) -> Iterable[RotacionOut]:
    """Of each draw but the first for a kind of space."""
    antes: dict[str, set[PydanticObjectId]] = {}
    for sorteo_id, resultado in zip(ids, deseos, strict=True):
        for tipo in sorted({tipo for _, tipo in resultado}):
            ganadoras = {unidad for (unidad, suyo), recibio in resultado.items() if suyo == tipo and recibio}
            if tipo in antes:
                nuevas = len(ganadoras - antes[tipo])
                yield RotacionOut(sorteo_id=sorteo_id, tipo=tipo, ganadoras=len(ganadoras), nuevas=nuevas)
            antes[tipo] = ganadoras


def _del_sorteo(hechos: _Hechos, nombres: Mapping[str, Mapping[str, str]]) -> FigurasDeSorteoOut:
    sorteo, cuenta = hechos.sorteo, hechos.cuenta
    orden = prueba_de_orden(cuenta.azares)
    if sorteo.publicado_en is None:
        raise RuntimeError(f"draw {sorteo.id} is not published")
    return FigurasDeSorteoOut(
        sorteo_id=sorteo.oid,
        nombre=sorteo.nombre,
        publicado_en=sorteo.publicado_en,
        solicitudes=hechos.desenlaces["solicitudes"],
        rechazadas=hechos.rechazadas,
        participantes=cuenta.lineas,
        espacios=sum(hechos.espacios.values()),
        demanda=_demanda(hechos),
        por_tipo=_por_tipo(hechos, nombres),
        niveles=_niveles(cuenta),
        aceptacion=_aceptacion(hechos),
        espera=_espera(hechos),
        orden=None if orden is None else OrdenOut.model_validate(orden),
    )


def _demanda(hechos: _Hechos) -> list[DemandaOut]:
    todas: Counter[tuple[str, str | None]] = Counter()
    con: Counter[tuple[str, str | None]] = Counter()
    for (unidad_id, tipo), n in hechos.cuenta.pedidos.items():
        grupo = tipo, hechos.torres.get(unidad_id)
        todas[grupo] += n
        con[grupo] += hechos.cuenta.recibidos[unidad_id, tipo]
    return [
        DemandaOut(tipo=tipo, torre=torre, solicitudes=n, con_espacio=con[tipo, torre])
        for (tipo, torre), n in sorted(todas.items(), key=lambda grupo: (grupo[0][0], grupo[0][1] or ""))
    ]


def _por_tipo(hechos: _Hechos, nombres: Mapping[str, Mapping[str, str]]) -> list[EspaciosDeTipoOut]:
    dados = hechos.cuenta.dados
    return [
        EspaciosDeTipoOut(
            tipo=tipo,
            reserva=reserva,
            reserva_nombre=None
            if reserva is None
            else NombreDeReservaOut.model_validate(nombres.get(reserva) or {"es": reserva, "en": reserva}),
            espacios=n,
            con_derecho=dados[tipo, reserva, False],
            prestados=dados[tipo, reserva, True],
        )
        for (tipo, reserva), n in sorted(hechos.espacios.items(), key=lambda grupo: (grupo[0][0], grupo[0][1] or ""))
    ]


def _niveles(cuenta: Cuenta) -> list[NivelOut]:
    return [
        NivelOut(nivel=nivel, participantes=n, con_espacio=cuenta.niveles_con[nivel])
        for nivel, n in sorted(cuenta.niveles.items())
    ]


def _aceptacion(hechos: _Hechos) -> AceptacionOut:
    """Of those that the draw itself gave a space."""
    horas = mediana(hechos.horas)
    return AceptacionOut(
        **{campo: hechos.desenlaces[campo] for campo in ("aceptadas", "declinadas", "vencidas", "sin_responder")},
        horas=None if horas is None else round(horas, 1),
    )


def _espera(hechos: _Hechos) -> EsperaOut:
    return EsperaOut(
        al_publicar=hechos.cuenta.lineas - len(hechos.cuenta.con),
        recibieron=hechos.desenlaces["recibieron"],
        siguen=hechos.desenlaces["siguen"],
    )
