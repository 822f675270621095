"""Claims: a flat hands one in, staff answer it once."""

from collections.abc import Collection, Sequence

import attrs
from beanie import PydanticObjectId

from app.core.clock import ahora
from app.core.security import Principal
from app.database.unit_of_work import UnitOfWork
from app.modules.sorteo.anuncios.service import Anuncios
from app.modules.sorteo.estados import EstadoSorteo
from app.modules.sorteo.exceptions import ReclamoRespondido
from app.modules.sorteo.ports import Padron
from app.modules.sorteo.reclamos.models import EstadoReclamo, Reclamo
from app.modules.sorteo.reclamos.repository import ReclamoRepository
from app.modules.sorteo.reclamos.schemas import ReclamoIn, ReclamoOut, RespuestaDeReclamo
from app.modules.sorteo.repository import SorteoRepository
from app.modules.sorteo.resultados.schemas import UnidadDeResultadoOut
from app.modules.sorteo.service import SorteoService
from app.shared.exceptions import SinResidente, TransicionInvalida, hallado
from app.shared.pagination import Page, PageQuery

# What has ended or was annulled is over: there is nothing left that a claim could change.
_RECLAMABLES = frozenset({EstadoSorteo.abierto, EstadoSorteo.cerrado, EstadoSorteo.ejecutado, EstadoSorteo.publicado})


@attrs.define(kw_only=True)
class ReclamoService:
    _reclamos: ReclamoRepository
    _sorteos: SorteoRepository
    _servicio: SorteoService
    _padron: Padron
    _anuncios: Anuncios
    _uow: UnitOfWork

    async def presentar(self, id: PydanticObjectId, datos: ReclamoIn, quien: Principal) -> ReclamoOut:
        """Raises SinResidente, NoEncontrado; TransicionInvalida for a draw that has ended or was annulled."""
        residente_id = hallado(quien.residente_id, si_no=SinResidente)
        unidades = list(await self._padron.unidades_de(residente_id=residente_id))
        habitantes = await self._padron.residentes_de(unidades=unidades)
        presentes = {vecino for suyos in habitantes.values() for vecino in suyos}

        async def paso() -> Reclamo:
            sorteo = await self._servicio.ver(id, quien)
            if sorteo.estado not in _RECLAMABLES:
                raise TransicionInvalida()
            # Writing on the draw itself gives each claim a folio of its own, and keeps the draw from ending meanwhile.
            folio = sorteo.reclamos + 1
            if await self._sorteos.pasar(id, desde=sorteo.estado, poner={"reclamos": folio}) is None:
                raise TransicionInvalida()
            return await self._reclamos.insert(
                Reclamo(
                    sorteo_id=id,
                    folio=folio,
                    unidades=unidades,
                    presentes=sorted({*presentes, residente_id}),
                    texto=datos.texto,
                    creado_en=ahora(),
                )
            )

        return (await self._vistos([await self._uow.run(paso)], quien))[0]

    async def listar(
        self, id: PydanticObjectId, consulta: PageQuery, quien: Principal, *, estados: Collection[EstadoReclamo] | None
    ) -> Page[ReclamoOut]:
        """By folio: staff see all of the draw, others those of the flats they lived in. Raises NoEncontrado."""
        await self._servicio.ver(id, quien)
        if not quien.es_personal and quien.residente_id is None:
            return Page(items=[], siguiente=None)
        de = None if quien.es_personal else quien.residente_id
        pagina = await self._reclamos.listar(id, consulta, estados=estados, de=de)
        return pagina.con(await self._vistos(pagina.items, quien))

    async def responder(
        self, id: PydanticObjectId, reclamo_id: PydanticObjectId, datos: RespuestaDeReclamo, quien: Principal
    ) -> ReclamoOut:
        """Answer once; the same answer again changes nothing. Raises NoEncontrado, ReclamoRespondido."""

        async def paso() -> Reclamo:
            respondido = await self._reclamos.responder(
                id, reclamo_id, estado=EstadoReclamo(datos.estado), respuesta=datos.respuesta, cuando=ahora()
            )
            if respondido is not None:
                await self._anuncios.reclamo_respondido(await self._servicio.ver(id), respondido)
                return respondido
            anterior = hallado(await self._reclamos.uno(id, reclamo_id))
            if (anterior.estado, anterior.respuesta) != (datos.estado, datos.respuesta):
                raise ReclamoRespondido()
            return anterior

        return (await self._vistos([await self._uow.run(paso)], quien))[0]

    async def _vistos(self, reclamos: Sequence[Reclamo], quien: Principal) -> list[ReclamoOut]:
        """As `quien` sees them: only staff see whose they are."""
        if not quien.es_personal:
            return [ReclamoOut.model_validate(r.model_dump() | {"unidades": None}) for r in reclamos]
        nombres = await self._padron.nombres_de(unidades=sorted({u for r in reclamos for u in r.unidades}))
        return [
            ReclamoOut.model_validate(
                r.model_dump()
                | {
                    "unidades": [
                        UnidadDeResultadoOut(id=u, torre=nombres[u].torre, apartamento=nombres[u].apartamento)
                        for u in r.unidades
                        if u in nombres
                    ]
                }
            )
            for r in reclamos
        ]
