"""What a draw that closes believes of the draws before it: which were published and when, and who took part.

How each request fared stands on the request, under a mark. One that is taken away has none: so a closing keeps a list
of who is drawn, and the audit has its hash. A later closing finds each of those requests, of flats that ask, or stops.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import date, datetime

import attrs
from beanie import PydanticObjectId

from app.core.facts.marks import Dichas
from app.database.unit_of_work import UnitOfWork
from app.modules.sorteo.asignaciones.repository import AsignacionRepository
from app.modules.sorteo.asignaciones.vigia import CambiosDeAsignaciones
from app.modules.sorteo.custodia.ports import Bitacora
from app.modules.sorteo.custodia.sucesos import ANULAN, DICHAS, instante, que_dicen
from app.modules.sorteo.estados import PUBLICADOS, EstadoSorteo, Paso
from app.modules.sorteo.exceptions import BasesAlteradas
from app.modules.sorteo.models import Reservado, Sorteo
from app.modules.sorteo.prioridades.ports import Suertes
from app.modules.sorteo.prioridades.suertes import Vistas
from app.modules.sorteo.repository import ArchivoRepository, SorteoRepository
from app.modules.sorteo.toma.otros import OtrosSorteos
from app.shared.repository import Fila

_ABREN, _PUBLICAN = DICHAS[Paso.abrir], DICHAS[Paso.publicar]
_PARTICIPES = "sorteo_participes"
_ID = 12


@attrs.define(kw_only=True)
class Anteriores:
    _sorteos: SorteoRepository
    _asignaciones: AsignacionRepository
    _cambios: CambiosDeAsignaciones
    _archivos: ArchivoRepository
    _solicitudes: Suertes
    _bitacora: Bitacora
    _otros: OtrosSorteos
    _uow: UnitOfWork

    async def guardar(self, id: PydanticObjectId, ficha: str, filas: Sequence[bytes]) -> str:
        """The list of who is drawn, of lines that `participe` makes; its hash."""
        return await self._archivos.guardar(sorteo_id=id, archivo=Reservado.participes, intento=ficha, lineas=filas)

    async def decir(self, id: PydanticObjectId, huella: str) -> None:
        """In the transaction of the closing."""
        await self._bitacora.aparte(tipo=_PARTICIPES, datos={"huella": huella}, objeto=id)

    async def exigir(self) -> Sequence[Fila]:
        """The draws that count as published are those of which the audit says so, since when it says, and spaces of
        theirs went to who holds them; these draws, for `exigir_todas`. Draws that were opened when nobody told the
        audit are let be. One transaction, so that all is of one moment. Raises BasesAlteradas."""
        dichos = await self._bitacora.dichos_de_todos(tipos=[_ABREN, _PUBLICAN, ANULAN])
        await self._bitacora.denunciar_huecos()
        filas = {str(fila["_id"]): fila for fila in await self._sorteos.abiertos_alguna_vez()}
        publicados = {id: d[-1] for id, d in que_dicen(dichos[_PUBLICAN], "huella_resultado").items()}
        for id, dicho in publicados.items():
            _exigir_publicado(id, filas.get(id), dicho, anulado=id in que_dicen(dichos[ANULAN], "pedida"))
        abiertos = que_dicen(dichos[_ABREN], "huella_reglas")
        con_resultado = [fila for fila in filas.values() if fila["estado"] in PUBLICADOS]
        for id in map(str, (fila["_id"] for fila in con_resultado)):
            if id in abiertos and id not in publicados:
                raise BasesAlteradas(donde="estado", objeto=id)
        await self._exigir_asignaciones({fila["_id"]: fila["publicado_en"] for fila in con_resultado})
        return con_resultado

    async def vistas(self, sorteo: Sorteo, publicados: Sequence[Fila], dichas: Dichas) -> Vistas:
        """For the closing of a draw, before it looks at any flat. `publicados`: of `exigir`. Raises BasesAlteradas."""
        desde, hasta = sorteo.vigencia.desde, sorteo.vigencia.hasta
        # Those that are not at their end, by the terms that they published.
        vivos, _ = await self._uow.run(lambda: self._otros.que_tocan([], desde=desde, hasta=hasta, salvo=sorteo.oid))
        en_sus_dias = {fila["_id"] for fila in publicados if _tocan(fila["vigencia"], desde, hasta)}
        return Vistas(
            afirmadas=await self._solicitudes.dicho_de_suertes(),
            dichas=dichas,
            publicados={fila["_id"]: fila["publicado_en"] for fila in publicados},
            en_sus_dias=frozenset(en_sus_dias | vivos.keys()),
            escritas=await self._cambios.dichos(),
        )

    async def _exigir_asignaciones(self, publicados: Mapping[PydanticObjectId, datetime]) -> None:
        """Where a draw counts as the last that gave spaces to a kind of vehicle, a request came to hold one by it.
        Raises BasesAlteradas."""
        for clase, sorteo_id in (await self._asignaciones.ultimos(publicados)).items():
            una = await self._asignaciones.alguna(sorteo_id=sorteo_id, clase=clase)
            suertes = [] if una is None else await self._solicitudes.suertes_de(ids=[una["solicitud_id"]])
            if not any(s.entera and s.tuvo and (s.sorteo_id, s.clase) == (sorteo_id, clase) for s in suertes):
                raise BasesAlteradas(donde="asignaciones", objeto=str(sorteo_id if una is None else una["_id"]))

    async def exigir_todas(self, vistas: Vistas, publicados: Sequence[Fila]) -> None:
        """Whatever those flats asked for in `publicados` was found: draws that were published before the first of the
        flats was looked at. Raises BasesAlteradas."""
        dichos = (await self._bitacora.dichos_de_todos(tipos=[_PARTICIPES]))[_PARTICIPES]
        for fila in publicados:
            id = PydanticObjectId(fila["_id"])
            if str(id) not in dichos:
                continue
            partes = self._archivos.partes(sorteo_id=id, archivo=Reservado.participes, intento=fila["intento"])
            lista = await _leida(partes)
            if hashlib.sha256(lista).hexdigest() != dichos[str(id)][-1]["huella"]:
                raise BasesAlteradas(donde="participes", objeto=str(id))
            suyas = await asyncio.to_thread(_suyas, lista, vistas.unidades)
            if len(suyas) != vistas.por_sorteo[id]:
                raise BasesAlteradas(donde="suerte", objeto=str(await self._la_que_falta(suyas) or id))

    async def _la_que_falta(self, ids: Sequence[PydanticObjectId]) -> PydanticObjectId | None:
        hay = {suerte.id for suerte in await self._solicitudes.suertes_de(ids=ids) if suerte.entera}
        return next((id for id in ids if id not in hay), None)


def _tocan(vigencia: Mapping[str, str], desde: date, hasta: date) -> bool:
    return vigencia["desde"] <= hasta.isoformat() and vigencia["hasta"] >= desde.isoformat()


def participe(solicitud_id: PydanticObjectId, unidad_id: PydanticObjectId) -> bytes:
    """A line of the list."""
    return solicitud_id.binary + unidad_id.binary


def _suyas(lista: bytes, unidades: set[bytes]) -> list[PydanticObjectId]:
    """The requests of those flats."""
    inicios = range(0, len(lista), 2 * _ID)
    return [PydanticObjectId(lista[i : i + _ID]) for i in inicios if lista[i + _ID : i + 2 * _ID] in unidades]


async def _leida(partes: AsyncIterator[bytes]) -> bytes:
    return b"".join([parte async for parte in partes])


def _exigir_publicado(id: str, fila: Fila | None, dicho: Mapping[str, str], *, anulado: bool) -> None:
    """Of which the audit says that it was published. Raises BasesAlteradas."""
    estado = None if fila is None else fila["estado"]
    if fila is None or (estado not in PUBLICADOS and not (estado == EstadoSorteo.anulado and anulado)):
        raise BasesAlteradas(donde="estado", objeto=id)
    if "publicado_en" in dicho and (
        fila["publicado_en"] is None or instante(fila["publicado_en"]) != dicho["publicado_en"]
    ):
        raise BasesAlteradas(donde="publicado_en", objeto=id)
