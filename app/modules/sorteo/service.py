"""Draws: the parameters of drafts, and who sees a draw."""

from collections.abc import Collection, Sequence
from typing import Any
from zoneinfo import ZoneInfo

import attrs
from beanie import PydanticObjectId

from app.core.clock import ahora, hoy
from app.core.security import Principal
from app.database.unit_of_work import UnitOfWork, una_transaccion
from app.modules.sorteo.advertencias.models import Advertencia
from app.modules.sorteo.advertencias.service import Advertencias
from app.modules.sorteo.espacios.repository import EspacioRepository
from app.modules.sorteo.estados import EstadoSorteo
from app.modules.sorteo.exceptions import AnulacionPendiente, RepeticionInvalida
from app.modules.sorteo.fuente import FuenteDrand, FuentePublica
from app.modules.sorteo.historial.models import Suceso, hecho
from app.modules.sorteo.models import Sorteo
from app.modules.sorteo.motor import sha256_hex
from app.modules.sorteo.ports import Solicitudes
from app.modules.sorteo.prioridades.repository import PrioridadRepository
from app.modules.sorteo.repository import SorteoRepository
from app.modules.sorteo.schemas import LotteryParams, LotteryParamsUpdate
from app.shared.exceptions import EntradaInvalida, ErrorDeCampo, NoEncontrado, TransicionInvalida, hallado
from app.shared.pagination import Page, PageQuery
from app.shared.utils import fundir

MAX_ERRORES = 100
_DE_RONDA = frozenset({"ronda", "momento"})
_MAPAS = frozenset({"max_por_tipo", "compatibilidad"})


@attrs.define(kw_only=True)
class SorteoService:
    _sorteos: SorteoRepository
    _espacios: EspacioRepository
    _prioridades: PrioridadRepository
    _solicitudes: Solicitudes
    _advertencias: Advertencias
    _uow: UnitOfWork
    _zona: ZoneInfo

    async def crear(self, datos: LotteryParams) -> Sorteo:
        return await self._uow.run(lambda: self._guardar(None, datos.model_dump()))

    @una_transaccion
    async def editar(self, id: PydanticObjectId, datos: LotteryParamsUpdate) -> Sorteo:
        """Change the parameters of a draw in `borrador`. Raises TransicionInvalida later on."""
        sorteo = await self.ver(id)
        if not datos.model_fields_set:
            return sorteo
        if sorteo.estado is not EstadoSorteo.borrador:
            raise TransicionInvalida()
        parametros, dichos = _fundir(sorteo, datos), datos.model_dump(exclude_unset=True)
        # A parameter of which only a part is said keeps the rest of what stands there.
        return await self._guardar(sorteo, parametros, {c for c, valor in dichos.items() if parametros[c] == valor})

    async def listar(
        self, estados: Sequence[EstadoSorteo] | None, consulta: PageQuery, quien: Principal
    ) -> Page[Sorteo]:
        return await self._sorteos.listar(consulta, estados=estados, con_borradores=quien.es_personal)

    async def ver(self, id: PydanticObjectId, quien: Principal | None = None) -> Sorteo:
        """Raises NoEncontrado, also for a draft that a resident asks for. `quien` None: the system asks."""
        sorteo = await self._sorteos.get(id)
        if sorteo is None or (sorteo.estado is EstadoSorteo.borrador and quien is not None and not quien.es_personal):
            raise NoEncontrado()
        return sorteo

    def vigencia_terminada(self, sorteo: Sorteo) -> bool:
        """Whether the last day of its term is over, where the complex is."""
        return sorteo.vigencia.hasta < hoy(self._zona)

    @staticmethod
    def exigir_sin_anulacion(sorteo: Sorteo) -> None:
        """Raises AnulacionPendiente while an annulment of the draw waits, and TransicionInvalida once it stands."""
        if sorteo.anulacion_en_firme:
            raise TransicionInvalida()
        if sorteo.anulacion is not None and sorteo.estado is not EstadoSorteo.anulado:
            raise AnulacionPendiente()

    async def _guardar(
        self, anterior: Sorteo | None, parametros: dict[str, Any], dichos: Collection[str] = ()
    ) -> Sorteo:
        nuevo = {"creado_en": ahora(), "historia": [hecho(Suceso.crear)]}
        base = nuevo if anterior is None else anterior.model_dump()
        sorteo = Sorteo.model_validate(base | parametros)
        await self._exigir_parametros(sorteo)
        sorteo = sorteo.model_copy(update={"advertencias": await self._advertir(sorteo)})
        if anterior is None:
            sorteo = await self._sorteos.insert(sorteo)
        else:
            escrito = hallado(await self._sorteos.reescribir(sorteo, dichos), si_no=TransicionInvalida)
            sorteo = escrito
        await self._solicitudes.preparar(
            sorteo_id=sorteo.oid,
            aprobacion=sorteo.aprobacion,
            exige_al_dia=sorteo.exige_al_dia,
            al_dia_en=sorteo.al_dia_en,
            max_por_unidad=sorteo.max_por_unidad,
            max_por_tipo=sorteo.max_por_tipo,
            reglamento=huella_de(sorteo.reglamento),
            compatibilidad=sorteo.compatibilidad,
            aceptacion=sorteo.aceptacion,
            plazo_aceptacion_horas=sorteo.plazo_aceptacion_horas,
            liberar_reservas=sorteo.liberar_reservas,
            desde=sorteo.vigencia.desde,
            hasta=sorteo.vigencia.hasta,
        )
        return sorteo

    async def _advertir(self, borrador: Sorteo) -> list[Advertencia]:
        """By the rules and the spaces that it would have if it opened now."""
        elegidas = borrador.prioridades
        prioridades = await (
            self._prioridades.activas() if elegidas is None else self._prioridades.por_codigos(elegidas)
        )
        tipos = await self._espacios.tipos_disponibles(
            codigos=borrador.espacios, desde=borrador.vigencia.desde, hasta=borrador.vigencia.hasta
        )
        return await self._advertencias.de(borrador, [prioridad.regla() for prioridad in prioridades], tipos)

    async def _exigir_parametros(self, sorteo: Sorteo) -> None:
        """The rules that concern several fields, or other documents. Raises EntradaInvalida, RepeticionInvalida."""
        if sorteo.vigencia.hasta < sorteo.vigencia.desde:
            raise EntradaInvalida.en("vigencia", "fechas_al_reves")
        if sorteo.cierre is not None:
            if not sorteo.ensayo and sorteo.cierre >= sorteo.fuente_entropia.conocible_desde:
                raise EntradaInvalida.en("cierre", "cierre_invalido")
            if sorteo.apertura is not None and sorteo.apertura >= sorteo.cierre:
                raise EntradaInvalida.en("apertura", "fechas_al_reves")
        if sorteo.ejecuta_sola and not isinstance(sorteo.fuente_entropia, FuenteDrand):
            # A number that somebody reads out is only as good as who types it, and a round proves itself.
            raise EntradaInvalida.en("ejecuta_sola", "solo_drand")
        if sorteo.publica_en is not None and sorteo.publica_en < sorteo.fuente_entropia.conocible_desde:
            raise EntradaInvalida.en("publica_en", "publica_antes")
        espacios, prioridades = sorteo.espacios, sorteo.prioridades
        if espacios is not None:
            exigir_que_existan("espacios", espacios, await self._espacios.existentes(espacios))
        if prioridades is not None:
            hay = {prioridad.codigo for prioridad in await self._prioridades.por_codigos(prioridades)}
            exigir_que_existan("prioridades", prioridades, hay)
        if sorteo.repite_a is not None:
            repetido = await self._sorteos.get(sorteo.repite_a)
            if repetido is None:
                raise EntradaInvalida.en("repite_a", "no_existe")
            if repetido.estado is not EstadoSorteo.anulado or repetido.ensayo != sorteo.ensayo:
                raise RepeticionInvalida()


def exigir_que_existan(campo: str, codigos: Sequence[str], hay: Collection[str]) -> None:
    """Raises EntradaInvalida, which says by its index which of `codigos` names nothing."""
    if ausentes := [n for n, codigo in enumerate(codigos) if codigo not in hay]:
        raise EntradaInvalida(*(ErrorDeCampo(f"{campo}.{n}", "no_existe", {}) for n in ausentes[:MAX_ERRORES]))


def huella_de(reglamento: str | None) -> str | None:
    return None if reglamento is None else sha256_hex(reglamento)


def _fundir(sorteo: Sorteo, datos: LotteryParamsUpdate) -> dict[str, Any]:
    """The parameters that result: the fields that were sent, over those of the draft. The same holds within `vigencia`,
    within maps and, while its `tipo` stays, within `fuente_entropia`. Raises EntradaInvalida."""
    parametros: dict[str, Any] = sorteo.model_dump(include=set(LotteryParams.model_fields))
    cambios = datos.model_dump(exclude_unset=True)
    if "vigencia" in cambios:
        cambios["vigencia"] = parametros["vigencia"] | cambios["vigencia"]
    if "fuente_entropia" in cambios:
        cambios["fuente_entropia"] = _fundir_fuente(parametros["fuente_entropia"], cambios["fuente_entropia"])
    for mapa in _MAPAS & cambios.keys():
        cambios[mapa] = fundir(parametros[mapa], cambios[mapa])
    if not cambios.get("compatibilidad", parametros["compatibilidad"]):
        raise EntradaInvalida.en("compatibilidad", "muy_corto", min_length=1)
    return parametros | cambios


def _fundir_fuente(anterior: dict[str, Any], pedida: dict[str, Any]) -> dict[str, Any]:
    otra = pedida.get("tipo", anterior["tipo"]) != anterior["tipo"]
    # A round is named by its number or by a moment, so the one that comes replaces the other.
    quedan = anterior if pedida.keys().isdisjoint(_DE_RONDA) else {c: anterior[c] for c in anterior.keys() - _DE_RONDA}
    fuente = pedida if otra else quedan | pedida
    drand = fuente["tipo"] == "drand"
    campos = (FuenteDrand if drand else FuentePublica).model_fields.keys()
    if fuente.keys() - campos:
        raise EntradaInvalida.en("fuente_entropia", "campo_desconocido")
    if drand and (dichas := len(_DE_RONDA & pedida.keys())) != 1 and (otra or dichas):
        raise EntradaInvalida.en("fuente_entropia", "uno_de_dos", uno="ronda", otro="momento")
    if faltan := campos - fuente.keys() - _DE_RONDA:
        raise EntradaInvalida.en(f"fuente_entropia.{min(faltan)}", "requerido")
    return fuente
