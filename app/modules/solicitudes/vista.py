"""How requests look to who is calling: what they may do next, what stands in the way and, for staff, whose each is."""

from collections.abc import Mapping, Sequence
from operator import attrgetter

import attrs
from beanie import PydanticObjectId

from app.modules.solicitudes.estados import POR_DECIDIR, Fase, RequestStatus
from app.modules.solicitudes.impedimentos import Juez, juzgar
from app.modules.solicitudes.models import CAMPOS_VISTOS, Solicitud, SolicitudVista, VentanillaVista
from app.modules.solicitudes.permisos import Llamador
from app.modules.solicitudes.ports import EspacioOcupado, Espacios, Ficha, Padron, Tenencia
from app.modules.solicitudes.repository import SolicitudRepository
from app.modules.solicitudes.schemas import RequestOut
from app.modules.solicitudes.ventanilla.repository import VentanillaRepository
from app.shared.exceptions import hallado
from app.shared.reading import Fila, Ids, Lectura

_CAMPOS = tuple(campo for campo in RequestOut.model_fields if campo in {"id", *CAMPOS_VISTOS})
_tal_cual = attrgetter(*_CAMPOS)

_FichasYNombres = tuple[Mapping[PydanticObjectId, Ficha], Mapping[PydanticObjectId, str]]
Hechos = tuple[_FichasYNombres, Sequence[EspacioOcupado]]
"""Flats and names of residents, and what flats hold."""


@attrs.define(kw_only=True)
class Vista:
    _solicitudes: SolicitudRepository
    _ventanillas: VentanillaRepository
    _espacios: Espacios
    _padron: Padron
    _juez: Juez

    async def una(self, solicitud: Solicitud, llamador: Llamador) -> RequestOut:
        """Raises NoEncontrado for a resident, of a draw that is not open yet."""
        vistas = await self.varias([SolicitudVista.de(solicitud)], llamador)
        return hallado(next(iter(vistas), None))

    async def varias(self, solicitudes: Sequence[SolicitudVista], llamador: Llamador) -> list[RequestOut]:
        """In the same order, as `vistas`."""
        return [RequestOut.model_validate(vista) for vista in await self.vistas(solicitudes, llamador)]

    async def vistas(
        self,
        solicitudes: Sequence[SolicitudVista],
        llamador: Llamador,
        *,
        ventanillas: Mapping[PydanticObjectId, VentanillaVista] | None = None,
        hechos: Hechos | None = None,
    ) -> list[Fila]:
        """The fields of a RequestOut of each, in the same order. The number of queries does not grow with that of
        requests. Residents are not shown what is copied into a draw before it opens. Impediments are judged anew while
        the draw is open, and are as the closing left them afterwards.
        `ventanillas`: of their draws, and `hechos`: of their flats, from who has them already."""
        if ventanillas is None:
            ventanillas = await self._ventanillas.por_ids(s.sorteo_id for s in solicitudes)
        con_ventanilla = [(ventanillas[s.sorteo_id], s) for s in solicitudes]
        if not llamador.quien.es_personal:
            con_ventanilla = [(v, s) for v, s in con_ventanilla if v.fase is not Fase.borrador]
        juzgadas = [(v, s) for v, s in con_ventanilla if v.fase is Fase.abierto and s.estado in POR_DECIDIR]
        con_nombre = solicitudes if llamador.quien.es_personal else []
        (fichas, nombres), ocupados = hechos or await self._hechos(con_nombre, [s for _, s in juzgadas])
        juicios = iter(juzgar(juzgadas, fichas=fichas, ocupados=ocupados))
        lugares = await self._lugares(solicitudes)
        tenencias = await self._tenencias(solicitudes)
        return [
            _vista(
                s,
                llamador,
                fase=v.fase,
                impedimentos=next(juicios) if v.fase is Fase.abierto and s.estado in POR_DECIDIR else s.impedimentos,
                lugar=lugares.get(s.id) if lugares else None,
                tenencia=tenencias.get(s.id) if tenencias else None,
                de_quien=(nombres[s.residente_id], fichas[s.unidad_id]) if con_nombre else None,
            )
            for v, s in con_ventanilla
        ]

    def _hechos(self, con_nombre: Sequence[SolicitudVista], juzgadas: Sequence[SolicitudVista]) -> Lectura[Hechos]:
        """The facts that it takes to show some requests and to judge others."""
        a_juzgar = {s.unidad_id for s in juzgadas}
        return self._padron.fichas(
            unidades={s.unidad_id for s in con_nombre} or a_juzgar, residentes={s.residente_id for s in con_nombre}
        ).con(self._juez.ocupados(a_juzgar))

    def hechos(self, *, unidades: Ids, residentes: Ids) -> Lectura[Hechos]:
        """The facts of those flats and of those who asked."""
        return self._padron.fichas(unidades=unidades, residentes=residentes).con(self._juez.ocupados(unidades))

    async def _lugares(self, solicitudes: Sequence[SolicitudVista]) -> dict[PydanticObjectId, int]:
        """The place in line of each request that still waits."""
        en_espera = [s for s in solicitudes if s.estado is RequestStatus.en_espera]
        return await self._solicitudes.lugares([(s.id, s.sorteo_id, s.lugar) for s in en_espera if s.lugar is not None])

    async def _tenencias(self, solicitudes: Sequence[SolicitudVista]) -> Mapping[PydanticObjectId, Tenencia]:
        aceptadas = [s.id for s in solicitudes if s.estado is RequestStatus.aceptada]
        return await self._espacios.asignadas(solicitudes=aceptadas) if aceptadas else {}


def mostrar(
    solicitud: SolicitudVista,
    llamador: Llamador,
    *,
    fase: Fase,
    impedimentos: list[str],
    de_quien: tuple[str, Ficha] | None,
) -> RequestOut:
    """One that was just handed in: it waits for nothing and holds nothing. `de_quien`: the name of who asks, and the
    flat, for staff."""
    return RequestOut.model_validate(
        _vista(
            solicitud,
            llamador,
            fase=fase,
            impedimentos=impedimentos,
            de_quien=de_quien,
            lugar=None,
            tenencia=None,
        )
    )


def _vista(
    solicitud: SolicitudVista,
    llamador: Llamador,
    *,
    fase: Fase,
    impedimentos: list[str],
    de_quien: tuple[str, Ficha] | None,
    lugar: int | None,
    tenencia: Tenencia | None,
) -> Fila:
    """`lugar`: its place among those who still wait. `tenencia`: what came of accepting it."""
    vista = dict(zip(_CAMPOS, _tal_cual(solicitud), strict=True))
    vista["impedimentos"] = impedimentos
    vista["espera_actual"] = lugar
    vista["asignacion"] = None if tenencia is None else _tenencia(tenencia)
    vista["acciones"] = llamador.acciones(solicitud, fase)
    vista["residente"] = None if de_quien is None else _residente(solicitud, *de_quien)
    return vista


def _residente(solicitud: SolicitudVista, nombre: str, ficha: Ficha) -> Fila:
    return {
        "id": solicitud.residente_id,
        "nombre": nombre,
        "torre": ficha.torre,
        "apartamento": ficha.apartamento,
        "al_dia": ficha.al_dia,
    }


def _tenencia(tenencia: Tenencia) -> Fila:
    return {"id": tenencia.id, "estado": tenencia.estado, "desde": tenencia.desde, "hasta": tenencia.hasta}
