"""The other draws of the same days, as they published themselves and as the audit was told where they stand.

A draw that said of itself, for the moment of an opening, that it is a rehearsal, of other days, or at its end, would
have no claim on a space: whoever wrote that had the spaces of those who won drawn again."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from datetime import date
from zoneinfo import ZoneInfo

import attrs
from beanie import PydanticObjectId

from app.core.clock import hoy
from app.modules.sorteo.custodia.ports import Bitacora
from app.modules.sorteo.custodia.sucesos import ANULADO, ANULAN, DICHAS, LISTA, LISTA_TERMINADA, que_dicen
from app.modules.sorteo.estados import EstadoSorteo, Paso
from app.modules.sorteo.exceptions import BasesAlteradas
from app.modules.sorteo.models import Publicado, Sorteo
from app.modules.sorteo.motor import sha256_hex
from app.modules.sorteo.repository import ArchivoRepository, EspacioEnJuegoRepository, SorteoRepository

_ABREN, _PUBLICAN = DICHAS[Paso.abrir], DICHAS[Paso.publicar]
_PUBLICADO = "huella_resultado"
"""Told by every publication, also by those of before it was told when."""
_CON_TODO = frozenset({EstadoSorteo.abierto, EstadoSorteo.cerrado, EstadoSorteo.ejecutado})
Dichos = Mapping[str, Mapping[str, Sequence[Mapping[str, str]]]]


@attrs.frozen(kw_only=True)
class Publicadas:
    """The parameters of a draw, and its spaces, as its opening published them."""

    ensayo: bool
    desde: date
    hasta: date
    codigos: frozenset[str]

    @classmethod
    def de(cls, documento: bytes) -> "Publicadas":
        reglas = json.loads(documento)
        parametros = reglas["parametros"]
        return cls(
            ensayo=parametros["ensayo"],
            desde=date.fromisoformat(parametros["vigencia"]["desde"]),
            hasta=date.fromisoformat(parametros["vigencia"]["hasta"]),
            codigos=frozenset(espacio["codigo"] for espacio in reglas["espacios"]),
        )


@attrs.frozen
class Otro:
    """A draw of which a day is in the term of one that opens. `tiene`: it may have claims of its own, as one that is
    published has handed them on or let them go; `lo_tiene_todo`: it has one on each space that it took."""

    desde: date
    hasta: date
    tiene: bool
    lo_tiene_todo: bool


@attrs.define(kw_only=True)
class OtrosSorteos:
    _sorteos: SorteoRepository
    _en_juego: EspacioEnJuegoRepository
    _archivos: ArchivoRepository
    _bitacora: Bitacora
    _zona: ZoneInfo
    _leidas: dict[str, Publicadas] = attrs.field(init=False, factory=dict)
    """By hash, which says all that there is to know of a file."""

    async def que_tocan(
        self, codigos: Sequence[str], *, desde: date, hasta: date, salvo: PydanticObjectId | None
    ) -> tuple[Mapping[PydanticObjectId, Otro], set[tuple[str, PydanticObjectId]]]:
        """Those but that one, and which of the spaces each of them took that may have claims; no rehearsals. In a
        transaction, so that all is of one moment. Of drafts, and of draws that were opened when nobody told the audit,
        as they say. Raises BasesAlteradas."""
        dichos = await self._bitacora.dichos_de_todos(
            tipos=[_ABREN, _PUBLICAN, ANULAN, ANULADO, LISTA, LISTA_TERMINADA]
        )
        abiertos = {id: suyos[-1] for id, suyos in que_dicen(dichos[_ABREN], "huella_reglas").items()}
        acabados = dichos[LISTA_TERMINADA].keys() | que_dicen(dichos[ANULADO], "anulado").keys()
        vivos = {id: dicho for id, dicho in abiertos.items() if id not in acabados | {str(salvo)}}
        filas = await self._sorteos.que_tocan(desde, hasta, y=[PydanticObjectId(id) for id in vivos])
        hallados = {str(otro.id): otro for otro in filas if otro.id != salvo}
        otros = {otro.oid: _como_dice(otro) for id, otro in hallados.items() if id not in abiertos}
        con_copias = [id for id, otro in otros.items() if otro.tiene]
        tomados = {(f["codigo"], f["sorteo_id"]) for f in await self._en_juego.de_varios(con_copias, codigos)}
        leidas: dict[str, Publicadas] = {}
        for id, dicho in vivos.items():
            publicadas = leidas[dicho["huella_reglas"]] = await self._publicadas(id, dicho["huella_reglas"])
            if publicadas.ensayo or publicadas.desde > hasta or publicadas.hasta < desde:
                continue
            otro = self._en_su_sitio(id, hallados.get(id), publicadas, dichos)
            if otro is None:
                continue
            publicado = id in que_dicen(dichos[_PUBLICAN], _PUBLICADO)
            suyo = otros[otro.oid] = Otro(publicadas.desde, publicadas.hasta, not publicado, _lo_tiene_todo(otro))
            if suyo.tiene:
                tomados |= {(codigo, otro.oid) for codigo in codigos if codigo in publicadas.codigos}
        self._leidas = leidas
        return otros, tomados

    def _en_su_sitio(self, id: str, otro: Sorteo | None, publicadas: Publicadas, dichos: Dichos) -> Sorteo | None:
        """A draw that was opened and of which nobody told that it came to an end, which stands where the audit was
        told; None where it ended when such things were not told. Raises BasesAlteradas."""
        publicado = id in que_dicen(dichos[_PUBLICAN], _PUBLICADO)
        estado = None if otro is None else otro.estado
        if estado is EstadoSorteo.anulado:
            # Since it is told that an annulment was carried out, rows name one another.
            callado = "tras" not in dichos[_ABREN][id][-1] and id in que_dicen(dichos[ANULAN], "pedida")
        elif estado is EstadoSorteo.finalizado and publicado:
            callado = publicadas.hasta < hoy(self._zona) or not dichos[LISTA].get(id)
        else:
            callado = False
        if callado:
            return None
        if otro is None or estado not in ({EstadoSorteo.publicado} if publicado else _CON_TODO):
            raise BasesAlteradas(donde="estado", objeto=id)
        return otro

    async def _publicadas(self, id: str, huella: str) -> Publicadas:
        if huella in self._leidas:
            return self._leidas[huella]
        partes = self._archivos.partes(sorteo_id=PydanticObjectId(id), archivo=Publicado.reglas, intento="")
        documento = b"".join([parte async for parte in partes])
        if sha256_hex(documento) != huella:
            raise BasesAlteradas(donde="reglas", objeto=id)
        return await asyncio.to_thread(Publicadas.de, documento)


def _como_dice(sorteo: Sorteo) -> Otro:
    tiene = sorteo.estado is not EstadoSorteo.publicado
    return Otro(sorteo.vigencia.desde, sorteo.vigencia.hasta, tiene, _lo_tiene_todo(sorteo))


def _lo_tiene_todo(sorteo: Sorteo) -> bool:
    """One that is being published or annulled hands its claims on."""
    publica = sorteo.turno is not None and sorteo.turno.paso == Paso.publicar
    return sorteo.estado in _CON_TODO and not (publica or sorteo.publicado_hasta or sorteo.anulacion)
