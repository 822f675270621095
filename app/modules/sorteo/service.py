"""The parameters of a draw, its opening and the time until it closes."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from beanie import PydanticObjectId

from app.core.clock import ahora
from app.core.security import Principal
from app.database.unit_of_work import UnitOfWork
from app.modules.sorteo.anuncios import Anuncios
from app.modules.sorteo.boveda import Boveda
from app.modules.sorteo.espacios.models import Espacio
from app.modules.sorteo.espacios.repository import EspacioRepository
from app.modules.sorteo.estados import PASOS, EstadoSorteo, Paso
from app.modules.sorteo.exceptions import (
    CierrePasado,
    CierreTardio,
    DemasiadasReservas,
    EspacioComprometido,
    RepeticionInvalida,
)
from app.modules.sorteo.fuente import FuenteDrand, FuentePublica
from app.modules.sorteo.models import EspacioEnJuego, Prorroga, SecretoSorteo, Sorteo
from app.modules.sorteo.motor import compromiso_de
from app.modules.sorteo.ports import Solicitudes
from app.modules.sorteo.prioridades.models import Regla
from app.modules.sorteo.prioridades.repository import PrioridadRepository
from app.modules.sorteo.repository import (
    ArchivoRepository,
    EspacioEnJuegoRepository,
    SecretoRepository,
    SorteoRepository,
)
from app.modules.sorteo.schemas import LotteryParams, LotteryParamsUpdate
from app.shared.exceptions import EntradaInvalida, NoEncontrado, TransicionInvalida
from app.shared.pagination import Page, PageQuery

MAX_RESERVAS = 20
"""A line of the bases holds at most twenty conditions."""

REGLAS = "reglas"
ANTES_DEL_CIERRE = timedelta(hours=48)


class SorteoService:
    def __init__(
        self,
        *,
        sorteos: SorteoRepository,
        secretos: SecretoRepository,
        en_juego: EspacioEnJuegoRepository,
        archivos: ArchivoRepository,
        espacios: EspacioRepository,
        prioridades: PrioridadRepository,
        solicitudes: Solicitudes,
        boveda: Boveda,
        anuncios: Anuncios,
        uow: UnitOfWork,
    ) -> None:
        self._sorteos = sorteos
        self._secretos = secretos
        self._en_juego = en_juego
        self._archivos = archivos
        self._espacios = espacios
        self._prioridades = prioridades
        self._solicitudes = solicitudes
        self._boveda = boveda
        self._anuncios = anuncios
        self._uow = uow

    async def crear(self, datos: LotteryParams) -> Sorteo:
        return await self._uow.run(lambda: self._guardar(None, datos.model_dump()))

    async def editar(self, id: PydanticObjectId, datos: LotteryParamsUpdate) -> Sorteo:
        """Change the parameters of a draw in `borrador`. Raises TransicionInvalida later on."""

        async def paso() -> Sorteo:
            sorteo = await self.ver(id)
            if sorteo.estado is not EstadoSorteo.borrador:
                raise TransicionInvalida()
            return await self._guardar(sorteo, _fundir(sorteo, datos)) if datos.model_fields_set else sorteo

        return await self._uow.run(paso)

    async def listar(self, estado: EstadoSorteo | None, consulta: PageQuery, quien: Principal) -> Page[Sorteo]:
        condiciones: list[dict[str, Any]] = [{}] if estado is None else [{"estado": estado}]
        if not quien.es_personal:
            condiciones.append({"estado": {"$ne": EstadoSorteo.borrador}})
        return await self._sorteos.page({"$and": condiciones}, consulta)

    async def ver(self, id: PydanticObjectId, quien: Principal | None = None) -> Sorteo:
        """Raises NoEncontrado; for residents, drafts are not there."""
        sorteo = await self._sorteos.get(id)
        if sorteo is None or (sorteo.estado is EstadoSorteo.borrador and quien is not None and not quien.es_personal):
            raise NoEncontrado()
        return sorteo

    async def abrir(self, id: PydanticObjectId) -> Sorteo:
        """Commit to a secret, copy rules and spaces, claim the spaces, and take requests: one transaction."""
        return await self._uow.run(lambda: self._abrir(id))

    async def prorrogar(self, id: PydanticObjectId, *, cierre: datetime, motivo: str) -> Sorteo:
        """Another closing time for an open draw that nobody is closing."""

        async def paso() -> Sorteo:
            sorteo = await self.ver(id)
            if sorteo.estado not in PASOS[Paso.prorrogar].desde:
                raise TransicionInvalida()
            exigir_cierre(sorteo, cierre)
            if cierre == sorteo.cierre:
                return sorteo
            momento = ahora()
            prorroga = Prorroga(de=sorteo.cierre, a=cierre, motivo=motivo, cuando=momento)
            movido = await self._sorteos.pasar(
                id,
                desde=EstadoSorteo.abierto,
                igual={"anulacion": None},
                sin_turno=momento,
                cambio={"$set": {"cierre": cierre, "turno": None}, "$push": {"prorrogas": prorroga.model_dump()}},
            )
            if movido is None:
                raise TransicionInvalida()
            await self._solicitudes.abrir(sorteo_id=id, cierre=cierre)
            return movido

        return await self._uow.run(paso)

    async def _guardar(self, anterior: Sorteo | None, parametros: dict[str, Any]) -> Sorteo:
        base = {"creado_en": ahora()} if anterior is None else anterior.model_dump()
        sorteo = Sorteo.model_validate(base | parametros)
        await self._exigir_parametros(sorteo)
        if anterior is None:
            sorteo = await self._sorteos.insert(sorteo)
        else:
            escrito = await self._sorteos.reescribir(sorteo)
            if escrito is None:
                raise TransicionInvalida()
            sorteo = escrito
        await self._solicitudes.preparar(
            sorteo_id=sorteo.oid,
            aprobacion=sorteo.aprobacion,
            exige_al_dia=sorteo.exige_al_dia,
            al_dia_en=sorteo.al_dia_en,
            max_por_unidad=sorteo.max_por_unidad,
            compatibilidad=sorteo.compatibilidad,
            aceptacion=sorteo.aceptacion,
            plazo_aceptacion_horas=sorteo.plazo_aceptacion_horas,
            liberar_reservas=sorteo.liberar_reservas,
            desde=sorteo.vigencia.desde,
            hasta=sorteo.vigencia.hasta,
        )
        return sorteo

    async def _exigir_parametros(self, sorteo: Sorteo) -> None:
        """What no field can say alone. Raises EntradaInvalida, RepeticionInvalida."""
        if sorteo.vigencia.hasta < sorteo.vigencia.desde:
            raise EntradaInvalida.en("vigencia", "fechas_al_reves")
        if sorteo.cierre is not None:
            if not sorteo.ensayo and sorteo.cierre >= sorteo.fuente_entropia.conocible_desde:
                raise EntradaInvalida.en("cierre", "cierre_invalido")
            if sorteo.apertura is not None and sorteo.apertura >= sorteo.cierre:
                raise EntradaInvalida.en("apertura", "fechas_al_reves")
        if sorteo.espacios is not None:
            hay = await self._espacios.distinct("codigo", {"codigo": {"$in": sorteo.espacios}})
            if len(hay) != len(sorteo.espacios):
                raise EntradaInvalida.en("espacios", "no_existe")
        if sorteo.prioridades is not None:
            reglas = await self._prioridades.por_codigos(sorteo.prioridades)
            if len(reglas) != len(sorteo.prioridades):
                raise EntradaInvalida.en("prioridades", "no_existe")
        if sorteo.repite_a is not None:
            repetido = await self._sorteos.get(sorteo.repite_a)
            if repetido is None:
                raise EntradaInvalida.en("repite_a", "no_existe")
            if repetido.estado is not EstadoSorteo.anulado or repetido.ensayo != sorteo.ensayo:
                raise RepeticionInvalida()

    async def _abrir(self, id: PydanticObjectId) -> Sorteo:
        sorteo = await self.ver(id)
        if sorteo.estado is PASOS[Paso.abrir].a:
            return sorteo
        if sorteo.estado not in PASOS[Paso.abrir].desde:
            raise TransicionInvalida()
        momento = ahora()
        if not sorteo.ensayo:
            if sorteo.fuente_entropia.conocible_desde <= momento:
                raise CierreTardio()
            if sorteo.cierre is not None and sorteo.cierre <= momento:
                raise CierrePasado()
        reglas = await self._reglas(sorteo)
        espacios = await self._tomar_espacios(sorteo)
        if len({e.reserva for e in espacios if e.reserva}) > MAX_RESERVAS:
            raise DemasiadasReservas(maximo=MAX_RESERVAS)
        documento = _reglas_publicadas(sorteo, reglas, espacios)
        huella = await self._archivos.guardar(sorteo_id=id, archivo=REGLAS, intento="", lineas=[documento])
        secreto = self._boveda.nuevo()
        await self._secretos.insert(SecretoSorteo(id=id, sellado=self._boveda.sellar(secreto, id)))
        if sorteo.repite_a is not None:
            await self._solicitudes.copiar(de=sorteo.repite_a, a=id)
        await self._solicitudes.abrir(sorteo_id=id, cierre=sorteo.cierre)
        abierto = await self._sorteos.pasar(
            id,
            desde=EstadoSorteo.borrador,
            igual={"anulacion": None},
            cambio={
                "$set": {
                    "estado": EstadoSorteo.abierto,
                    "compromiso": compromiso_de(secreto),
                    "huella_reglas": huella,
                    "reglas": [regla.model_dump(mode="json") for regla in reglas],
                    "espacios_en_juego": len(espacios),
                    "abierto_en": momento,
                    "cierre_avisado": cierre_ya_dicho(sorteo.cierre, momento),
                }
            },
        )
        if abierto is None:
            raise TransicionInvalida()
        await self._anuncios.abierto(abierto)
        return abierto

    async def _reglas(self, sorteo: Sorteo) -> list[Regla]:
        if sorteo.prioridades is None:
            return [prioridad.regla() for prioridad in await self._prioridades.activas()]
        por_codigo = {p.codigo: p for p in await self._prioridades.por_codigos(sorteo.prioridades)}
        if len(por_codigo) != len(sorteo.prioridades):
            raise EntradaInvalida.en("prioridades", "no_existe")  # deleted since the draft named it
        return [por_codigo[codigo].regla() for codigo in sorteo.prioridades]

    async def _tomar_espacios(self, sorteo: Sorteo) -> list[Espacio]:
        """Claim the spaces of the draw and note which were left out and why. A rehearsal copies them and takes none.
        Raises EspacioComprometido when one of those named is not available, or another draw has all that there are."""
        desde, hasta = sorteo.vigencia.desde, sorteo.vigencia.hasta
        if sorteo.ensayo:
            espacios = await self._espacios.disponibles(codigos=sorteo.espacios, desde=desde, hasta=hasta)
        else:
            await self._espacios.comprometer(sorteo_id=sorteo.oid, codigos=sorteo.espacios, desde=desde, hasta=hasta)
            espacios = await self._espacios.comprometidos(sorteo_id=sorteo.oid)
        if sorteo.espacios is not None and len(espacios) != len(sorteo.espacios):
            raise EspacioComprometido()
        fuera = await self._espacios.no_disponibles(desde=desde, hasta=hasta, salvo=sorteo.oid, codigos=sorteo.espacios)
        tomados = {e.codigo for e in espacios}
        fuera = [(codigo, motivo) for codigo, motivo in fuera if codigo not in tomados]
        if not espacios and not sorteo.ensayo and any(motivo == "otro_sorteo" for _, motivo in fuera):
            raise EspacioComprometido()
        copias = [
            EspacioEnJuego(sorteo_id=sorteo.oid, codigo=e.codigo, tipo=e.tipo, reserva=e.reserva) for e in espacios
        ]
        copias += [EspacioEnJuego(sorteo_id=sorteo.oid, codigo=codigo, excluido=motivo) for codigo, motivo in fuera]
        await self._en_juego.insert_many(copias)
        return espacios


def cierre_ya_dicho(cierre: datetime | None, momento: datetime) -> datetime | None:
    """Whoever is told now that it opens, is told when it closes: so soon, they are not reminded of it."""
    return cierre if cierre is not None and cierre - momento <= ANTES_DEL_CIERRE else None


def exigir_cierre(sorteo: Sorteo, cierre: datetime) -> None:
    """A new closing time lies ahead, and before the public number can be known. Raises EntradaInvalida."""
    if cierre <= ahora() or (not sorteo.ensayo and cierre >= sorteo.fuente_entropia.conocible_desde):
        raise EntradaInvalida.en("cierre", "cierre_invalido")


def _fundir(sorteo: Sorteo, datos: LotteryParamsUpdate) -> dict[str, Any]:
    """The parameters as they will be: what was sent over what there was, also within `vigencia` and, while its `tipo`
    stays, within `fuente_entropia`. Raises EntradaInvalida."""
    parametros: dict[str, Any] = sorteo.model_dump(include=set(LotteryParams.model_fields))
    cambios = datos.model_dump(exclude_unset=True)
    if "vigencia" in cambios:
        cambios["vigencia"] = parametros["vigencia"] | cambios["vigencia"]
    if "fuente_entropia" in cambios:
        cambios["fuente_entropia"] = _fundir_fuente(parametros["fuente_entropia"], cambios["fuente_entropia"])
    return parametros | cambios


def _fundir_fuente(anterior: dict[str, Any], pedida: dict[str, Any]) -> dict[str, Any]:
    fuente = pedida if pedida.get("tipo", anterior["tipo"]) != anterior["tipo"] else anterior | pedida
    campos = (FuentePublica if fuente["tipo"] == "publica" else FuenteDrand).model_fields
    if fuente.keys() - campos:
        raise EntradaInvalida.en("fuente_entropia", "campo_desconocido")
    if faltan := campos.keys() - fuente:
        raise EntradaInvalida.en(f"fuente_entropia.{min(faltan)}", "requerido")
    return fuente


def _reglas_publicadas(sorteo: Sorteo, reglas: Sequence[Regla], espacios: Sequence[Espacio]) -> bytes:
    """What `huella_reglas` is the SHA-256 of: parameters, rules and spaces, as canonical JSON in one line."""
    documento = {
        "espacios": [{"codigo": e.codigo, "reserva": e.reserva, "tipo": e.tipo} for e in espacios],
        "fuente": sorteo.fuente_entropia.texto,
        "parametros": sorteo.model_dump(mode="json", include=set(LotteryParams.model_fields)),
        "reglas": [regla.model_dump(mode="json") for regla in reglas],
        "sorteo": str(sorteo.id),
    }
    return json.dumps(documento, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode() + b"\n"
