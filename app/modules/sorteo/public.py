"""What other modules may ask of draws: spaces are kept for requests, assigned and let go; heads of the audit's chain;
all rows, for who keeps a copy.

RegistroDeEspacios needs repositories alone, so it is built before the services of draws, which need requests. Every
call joins the transaction of its caller."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import attrs
from beanie import PydanticObjectId

from app.core.clock import ahora, hoy
from app.modules.sorteo.asignaciones.marcas import MarcasDeAsignaciones
from app.modules.sorteo.asignaciones.models import Asignacion, EstadoAsignacion, Tenencia, VehiculoAsignado
from app.modules.sorteo.asignaciones.ports import Aceptada
from app.modules.sorteo.asignaciones.repository import AsignacionRepository
from app.modules.sorteo.asignaciones.vigia import VigiaDeAsignaciones
from app.modules.sorteo.custodia.ports import Bitacora
from app.modules.sorteo.custodia.reglas import figuran
from app.modules.sorteo.custodia.sucesos import DICHAS, NACE
from app.modules.sorteo.espacios.models import Espacio, Ocupado
from app.modules.sorteo.espacios.ports import EspacioCopiado
from app.modules.sorteo.espacios.repository import EspacioRepository
from app.modules.sorteo.espacios.vigia import VigiaDeEspacios
from app.modules.sorteo.estados import Paso
from app.modules.sorteo.exceptions import AsignacionAlterada, EspacioOcupado
from app.modules.sorteo.models import EspacioEnJuego, Publicado, Sorteo
from app.modules.sorteo.motor import sha256_hex
from app.modules.sorteo.pasos.models import CabezaDePaso
from app.modules.sorteo.prioridades.repository import PrioridadRepository
from app.modules.sorteo.repository import ArchivoRepository, EspacioEnJuegoRepository, SorteoRepository
from app.modules.sorteo.resultados.repository import ResultadoRepository
from app.shared.reading import Fila, Ids, Lectura
from app.shared.repository import FilasPorId, Lote, Repository


@attrs.define(kw_only=True)
class CabezasPublicadas:
    _sorteos: SorteoRepository

    async def cabezas(self) -> Sequence[CabezaDePaso]:
        """Every head of the audit's chain that a draw published at a step."""
        return await self._sorteos.cabezas()


_LOTE = 1000


@attrs.define(kw_only=True)
class RegistroDeEspacios:
    _espacios: EspacioRepository
    _en_juego: EspacioEnJuegoRepository
    _asignaciones: AsignacionRepository
    _prioridades: PrioridadRepository
    _sorteos: SorteoRepository
    _archivos: ArchivoRepository
    _bitacora: Bitacora
    _marcas: MarcasDeAsignaciones
    _vigia: VigiaDeEspacios
    _de_asignaciones: VigiaDeAsignaciones
    _zona: ZoneInfo

    async def nombran_condicion(self, *, codigo: str) -> bool:
        """Whether a space is kept for it or a rule looks at it, or so it was in a draw when it opened."""
        return (
            await self._espacios.alguno_para(codigo)
            or await self._prioridades.alguna_sobre(codigo)
            or await self._sorteos.alguno_sobre(codigo)
            or await self._en_juego.alguno_para(codigo)
        )

    async def unidades_con_derecho(self, *, unidades: Collection[PydanticObjectId]) -> frozenset[PydanticObjectId]:
        """Those of them that have, had or will have a right to a space."""
        de_siempre = self._espacios.por_derecho(unidades=list(unidades), desde=date.min, hasta=date.max)
        return frozenset(o.unidad_id for o in await de_siempre)

    async def clases(self, *, sorteo_id: PydanticObjectId) -> list[tuple[str, str | None]]:
        return await self._en_juego.clases(sorteo_id)

    async def datos_de(self, *, residente_id: PydanticObjectId) -> Sequence[Mapping[str, Any]]:
        """Spaces are held by flats: who lives there sees them with the flat's requests."""
        del residente_id
        return ()

    async def suprimir_de(self, *, residente_id: PydanticObjectId, desocupadas: Sequence[PydanticObjectId]) -> None:
        """The plates of flats in which nobody lives any more."""
        del residente_id
        await self._asignaciones.olvidar_placas(desocupadas)

    async def espacio(self, *, sorteo_id: PydanticObjectId, codigo: str) -> EspacioEnJuego | None:
        return await self._en_juego.find_one({"sorteo_id": sorteo_id, "codigo": codigo, "excluido": None})

    async def publicados(self, *, sorteo_id: PydanticObjectId) -> Callable[[str, EspacioCopiado | None], bool]:
        """Whether what the draw has under a code is what the file of its rules says, which has the hash that the audit
        was told. Draws that were opened when nobody told the audit are let be."""
        dichas = await self._bitacora.dichos(objeto=sorteo_id, tipos=[DICHAS[Paso.abrir]])
        if not dichas:
            completa = await self._bitacora.sin_huecos(objeto=sorteo_id, desde=NACE)
            return lambda *_: completa
        partes = self._archivos.partes(sorteo_id=sorteo_id, archivo=Publicado.reglas, intento="")
        publicadas = b"".join([parte async for parte in partes])
        if sha256_hex(publicadas) != dichas[-1]["huella_reglas"]:
            return lambda *_: False
        return await asyncio.to_thread(figuran, publicadas)

    async def tipos(self, *, sorteo_id: PydanticObjectId, codigos: Sequence[str]) -> dict[str, str]:
        return {e.codigo: e.tipo for e in await self._en_juego.entre(sorteo_id, codigos) if e.tipo is not None}

    def ocupados(self, *, unidades: Ids, desde: date, hasta: date) -> Lectura[list[Ocupado]]:
        """An assignment that no act made keeps no flat from a space."""
        asignados = self._asignaciones.ocupados(unidades=unidades, desde=desde, hasta=hasta, hoy=hoy(self._zona))
        por_derecho = self._espacios.por_derecho(unidades=unidades, desde=desde, hasta=hasta)
        return asignados.con(por_derecho).luego(lambda ambos: [*map(Ocupado.por_asignacion, ambos[0]), *ambos[1]])

    async def guardar(self, *, codigo: str, solicitud_id: PydanticObjectId, desde: date, hasta: date) -> bool:
        """One that no act left as it is, or that somebody has, is kept for nobody, whatever its claims say."""
        return await self._hay(codigo, desde, hasta) and await self._espacios.ocupar(
            codigo=codigo, tipo="solicitud", ref=solicitud_id, desde=desde, hasta=hasta
        )

    async def libre(self, *, codigo: str, desde: date, hasta: date) -> bool:
        return await self._hay(codigo, desde, hasta) and await self._espacios.esta_libre(
            codigo=codigo, desde=desde, hasta=hasta
        )

    async def libres(
        self, *, sorteo_id: PydanticObjectId, desde: date, hasta: date
    ) -> AsyncIterator[tuple[str, EspacioEnJuego | None]]:
        ultimo = ""
        while codigos := await self._espacios.libres(desde=desde, hasta=hasta, despues_de=ultimo, limite=_LOTE):
            sin_dueno = await self._sin_dueno(codigos, desde, hasta)
            suyos = {espacio.codigo: espacio for espacio in await self._en_juego.entre(sorteo_id, sin_dueno)}
            for codigo in sin_dueno:
                yield codigo, suyos.get(codigo)
            ultimo = codigos[-1]

    async def _hay(self, codigo: str, desde: date, hasta: date) -> bool:
        return await self._sin_dueno([codigo], desde, hasta) == [codigo]

    async def _sin_dueno(self, codigos: Sequence[str], desde: date, hasta: date) -> list[str]:
        """Those that are as an act left them, and that no assignment gives to anybody."""
        dadas = await self._asignaciones.ocupan(codigos, desde=desde, hasta=hasta)
        tomados = {fila["espacio"] for fila in dadas if self._marcas.rige(fila)}
        suyos = await self._vigia.de_un_acto(await self._espacios.creidos(codigos))
        return [codigo for codigo in suyos if codigo not in tomados]

    async def soltar(self, *, codigo: str, solicitud_id: PydanticObjectId) -> None:
        await self._espacios.soltar(ref=solicitud_id, codigos=[codigo])

    async def soltar_varios(self, *, solicitudes: Sequence[PydanticObjectId]) -> None:
        await self._espacios.soltar_los_de(solicitudes)

    async def asignar(
        self, *, sorteo_id: PydanticObjectId, desde: date, hasta: date, aceptadas: Sequence[Aceptada]
    ) -> frozenset[PydanticObjectId]:
        """Assign to each request the space that is kept for it; those for which it is not kept, or that have one, and
        then to none. The
        term starts today if the draw's term has started. The claim on the space keeps the request's id and ends with
        the assignment."""
        suyos = {a.codigo: a.solicitud_id for a in aceptadas}
        sin_guardar: set[PydanticObjectId] = set()
        if await self._espacios.asentar(suyos) != len(suyos):
            espacios = await self._espacios.por_codigos(list(suyos))
            guardados = {(codigo, o.ref) for codigo, espacio in espacios.items() for o in espacio.ocupaciones}
            sin_guardar = {ref for codigo, ref in suyos.items() if (codigo, ref) not in guardados}
        else:
            momento, primer_dia = ahora(), max(desde, hoy(self._zona))
            nuevas = [
                Asignacion(
                    espacio=a.codigo,
                    unidad_id=a.unidad_id,
                    vehiculo=VehiculoAsignado.model_validate(a.vehiculo),
                    clase=a.clase,
                    sorteo_id=sorteo_id,
                    solicitud_id=a.solicitud_id,
                    desde=primer_dia,
                    hasta=hasta,
                    tenida_hasta=hasta,
                    estado=EstadoAsignacion.vigente,
                    prestado=a.prestado,
                    creado_en=momento,
                )
                for a in aceptadas
            ]
            try:
                await self._asignaciones.insert_many(map(self._marcas.marcada, nuevas))
            except EspacioOcupado:
                sin_guardar = set(suyos.values())
        return frozenset(sin_guardar)

    async def asignadas(self, *, solicitudes: Sequence[PydanticObjectId]) -> dict[PydanticObjectId, Tenencia]:
        return await self._asignaciones.ultimas(solicitudes)

    async def revocar_varias(self, *, solicitudes: Sequence[PydanticObjectId], motivo: str | None) -> None:
        """End, as taken away, the assignments in force that came of those requests. Those that no act left as they are
        stay, and the audit says which."""
        alteradas = await self._asignaciones.revocar_varias(
            solicitudes, hasta=hoy(self._zona), cuando=ahora(), motivo=motivo
        )
        await self._de_asignaciones.decir(alteradas)

    async def terminar(self, *, solicitud_id: PydanticObjectId) -> str | None:
        """End the request's assignment today. The code of the space, which is free now; None when there is no
        assignment in force, or one that no act left as it is: it stays, and the audit says which."""
        try:
            terminada = await self._asignaciones.terminar(
                solicitud_id=solicitud_id, estado=EstadoAsignacion.terminada, hasta=hoy(self._zona), cuando=ahora()
            )
        except AsignacionAlterada as error:
            await self._de_asignaciones.decir([error.id])
            return None
        if terminada is None:
            return None
        await self._espacios.soltar(ref=solicitud_id, codigos=[terminada.espacio])
        return terminada.espacio


_DE_SORTEO = (
    *("nombre", "estado", "ensayo", "repite_a", "vigencia", "espacios_en_juego", "participantes", "admitidos"),
    *("en_espera", "creado_en", "abierto_en", "cerrado_en", "ejecutado_en", "publicado_en", "finalizado_en"),
    "anulado_en",
)
_DE_ASIGNACION = (
    *("solicitud_id", "sorteo_id", "unidad_id", "espacio", "clase", "desde", "tenida_hasta", "estado", "prestado"),
    *("creado_en", "terminado_en"),
)
_DE_RESULTADO = (
    *("solicitud_id", "sorteo_id", "unidad_id", "posicion", "espera", "espacio_tipo", "espacio_reserva", "prestado"),
    *("nivel", "boletas", "tipos"),
)
_DE_ESPACIO = ("codigo", "tipo", "zona", "uso", "activo", "reserva", "titular", "creado_en", "actualizado_en")


@attrs.define(kw_only=True)
class FilasDeResultados:
    """The lines of the results, by draw: of each, those of the run that stands, with `ejecutado_en`."""

    _corridas: FilasPorId[Sorteo]
    _resultados: ResultadoRepository

    async def siguientes(self, *, ultimo: PydanticObjectId | None, limite: int) -> Lote:
        """Of the `limite` draws after that one."""
        sorteos, hasta = await self._corridas.siguientes(ultimo=ultimo, limite=limite)
        return await self._lineas(sorteos), hasta

    async def de(self, *, ids: Sequence[PydanticObjectId]) -> list[Fila]:
        return await self._lineas(await self._corridas.de(ids=ids))

    async def cuantas(self) -> int:
        return await self._corridas.cuantas()

    async def _lineas(self, sorteos: Sequence[Fila]) -> list[Fila]:
        cuando = {s["corrida"]: s["ejecutado_en"] for s in sorteos if s["ejecutado_en"] is not None}
        lineas = await self._resultados.de_corridas(cuando, [*_DE_RESULTADO, "corrida"])
        return [linea | {"ejecutado_en": cuando[linea["corrida"]]} for linea in lineas]


@attrs.define(kw_only=True)
class FilasDeSorteos:
    """All rows there are. `resultados` go by their draw."""

    sorteos: FilasPorId[Sorteo]
    resultados: FilasDeResultados
    asignaciones: FilasPorId[Asignacion]
    espacios: FilasPorId[Espacio]


class _Sorteos(Repository[Sorteo]):
    model = Sorteo


class _Espacios(Repository[Espacio]):
    model = Espacio


class _Asignaciones(Repository[Asignacion]):
    model = Asignacion


def filas() -> FilasDeSorteos:
    return FilasDeSorteos(
        sorteos=FilasPorId(filas=_Sorteos(), campos=_DE_SORTEO),
        resultados=FilasDeResultados(
            corridas=FilasPorId(filas=_Sorteos(), campos=("corrida", "ejecutado_en")),
            resultados=ResultadoRepository(),
        ),
        asignaciones=FilasPorId(filas=_Asignaciones(), campos=_DE_ASIGNACION),
        espacios=FilasPorId(filas=_Espacios(), campos=_DE_ESPACIO),
    )
