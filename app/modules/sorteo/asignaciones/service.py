"""What people do with an assignment: see it, give its space back, take its space away, claim what was lent."""

from collections.abc import Sequence
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import attrs
from beanie import PydanticObjectId

from app.core.clock import ahora, hoy
from app.core.security import Principal
from app.modules.sorteo.asignaciones.derechos import Derechos
from app.modules.sorteo.asignaciones.models import Asignacion, EstadoAsignacion
from app.modules.sorteo.asignaciones.noticias import Noticias
from app.modules.sorteo.asignaciones.ports import Aceptadas
from app.modules.sorteo.asignaciones.repository import AsignacionRepository, FiltroAsignaciones
from app.modules.sorteo.asignaciones.schemas import Reclamacion
from app.modules.sorteo.asignaciones.vigia import VigiaDeAsignaciones
from app.modules.sorteo.custodia.vigia import Velo
from app.modules.sorteo.custodia.viviendas import Viviendas
from app.modules.sorteo.espacios.models import Ocupado
from app.modules.sorteo.espacios.repository import EspacioRepository
from app.modules.sorteo.exceptions import EspacioNoPrestado
from app.modules.sorteo.ports import Padron, Propias
from app.shared.exceptions import EntradaInvalida, NoEncontrado, SinResidente, TransicionInvalida, hallado
from app.shared.pagination import Page, PageQuery
from app.shared.reading import Fila, Ids, Lectura

DIAS_PARA_ENTREGAR = 8
"""How long who was lent a space keeps it once it is claimed, where nobody says."""


@attrs.define(kw_only=True)
class AsignacionService:
    _asignaciones: AsignacionRepository
    _espacios: EspacioRepository
    _solicitudes: Aceptadas
    _vigia: VigiaDeAsignaciones
    _derechos: Derechos
    _velo: Velo
    _padron: Padron
    _propias: Propias
    _viviendas: Viviendas
    _noticias: Noticias
    _zona: ZoneInfo

    async def listar(self, filtro: FiltroAsignaciones, consulta: PageQuery) -> Page[Asignacion]:
        """The latest first."""
        return await self._asignaciones.listar(filtro, consulta)

    async def filtro(
        self,
        *,
        vigente_en: date | None,
        espacio: str | None,
        placa: str | None,
        sorteo_id: PydanticObjectId | None,
        unidad_id: PydanticObjectId | None,
        torres: Sequence[str] | None,
    ) -> FiltroAsignaciones:
        unidades = None if torres is None else await self._padron.unidades_de_torres(torres=torres)
        if unidad_id is not None:
            unidades = [unidad_id] if unidades is None or unidad_id in unidades else []
        return FiltroAsignaciones(
            vigente_en=vigente_en, espacio=espacio, placa=placa, sorteo_id=sorteo_id, unidades=unidades
        )

    async def ver(self, id: PydanticObjectId, quien: Principal) -> Asignacion:
        """Any, for staff; for a resident, one that `propias` lists. Raises NoEncontrado."""
        asignacion = await self._asignaciones.get(id)
        if asignacion is None or not (quien.es_personal or await self._es_suya(asignacion, quien)):
            raise NoEncontrado()
        return asignacion

    async def propias(self, consulta: PageQuery, quien: Principal) -> Page[Asignacion]:
        """What the caller's flats hold now, and what came of the caller's own requests."""
        unidades = await self._unidades(quien)
        propias = [] if quien.residente_id is None else await self._propias.propias(residente_id=quien.residente_id)
        return await self._asignaciones.propias(consulta, unidades=unidades, solicitudes=propias)

    def vigentes(self, *, unidades: Ids) -> Lectura[tuple[list[Fila], list[Ocupado]]]:
        """Assignments of those flats in force now or later, as they are stored, the first to end first; and all that
        they hold, also by right."""
        asignadas = self._asignaciones.vigentes(unidades=unidades)
        por_derecho = self._espacios.por_derecho(unidades=unidades, desde=date.min, hasta=date.max)
        return asignadas.con(por_derecho).luego(
            lambda leido: (leido[0], [*map(Ocupado.por_asignacion, leido[0]), *leido[1]])
        )

    async def devolver(self, id: PydanticObjectId, quien: Principal) -> Asignacion:
        """The flat gives its space back; the next in line gets it."""
        unidades = await self._viviendas.de_quien_actua(quien, exigir=True)
        return await self._velo.velar(lambda: self._terminar(id, EstadoAsignacion.devuelta, unidades))

    async def revocar(self, id: PydanticObjectId, *, motivo: str) -> Asignacion:
        return await self._velo.velar(lambda: self._terminar(id, EstadoAsignacion.revocada, None, motivo))

    async def reclamar(self, id: PydanticObjectId, datos: Reclamacion) -> Asignacion:
        """A lent reserved space is needed by who has the right to it. The borrower keeps it until a day that they are
        told, and goes first in line; afterwards it is offered in the order of the list or, with `unidad_id`, it is that
        flat's by right to the end of the term. Raises NoEncontrado, EspacioNoPrestado, TransicionInvalida,
        EntradaInvalida, SinDerecho, EspacioOcupado, BasesAlteradas."""
        return await self._velo.velar(lambda: self._reclamar(id, datos))

    async def cumplir(self, asignacion: Asignacion) -> None:
        """End an assignment whose last day has passed. The space of one that was claimed is free for the rest of its
        term. Raises AsignacionAlterada."""
        await self._velo.velar(lambda: self._cumplir(asignacion))

    async def _reclamar(self, id: PydanticObjectId, datos: Reclamacion) -> Asignacion:
        asignacion = hallado(await self._asignaciones.get(id))
        await self._vigia.exigir(asignacion)
        if asignacion.reclamada_en is not None:
            return asignacion
        if not asignacion.prestado:
            raise EspacioNoPrestado()
        if asignacion.estado is not EstadoAsignacion.vigente:
            raise TransicionInvalida()
        dia = hoy(self._zona)
        hasta = datos.hasta or min(dia + timedelta(days=DIAS_PARA_ENTREGAR), asignacion.hasta)
        if not dia <= hasta <= asignacion.hasta:
            raise EntradaInvalida.en("hasta", "fuera_de_plazo")
        reclamada = await self._asignaciones.reclamar(asignacion, hasta=hasta, motivo=datos.motivo, cuando=ahora())
        if reclamada is None:
            raise TransicionInvalida()
        await self._noticias.reclamada(reclamada)
        await self._solicitudes.reclamada(solicitud_id=asignacion.solicitud_id, motivo=datos.motivo)
        if hasta < asignacion.desde:
            # Its term has not begun: nobody parks there yet.
            await self._espacios.soltar(ref=asignacion.solicitud_id, codigos=[asignacion.espacio])
        else:
            await self._espacios.acortar(ref=asignacion.solicitud_id, codigo=asignacion.espacio, hasta=hasta)
        if datos.unidad_id is not None:
            desde = max(hasta + timedelta(days=1), asignacion.desde)
            await self._derechos.dar(asignacion, datos.unidad_id, desde, datos.motivo)
        return reclamada if hasta >= asignacion.desde else await self._soltar(reclamada, EstadoAsignacion.terminada)

    async def _cumplir(self, asignacion: Asignacion) -> None:
        if not await self._asignaciones.cumplir(asignacion, cuando=ahora()):
            return
        await self._espacios.soltar(ref=asignacion.solicitud_id, codigos=[asignacion.espacio])
        espacio = None if asignacion.reclamada_en is None else asignacion.espacio
        await self._solicitudes.asignacion_terminada(solicitud_id=asignacion.solicitud_id, espacio=espacio)

    async def _terminar(
        self,
        id: PydanticObjectId,
        estado: EstadoAsignacion,
        unidades: list[PydanticObjectId] | None,
        motivo: str | None = None,
    ) -> Asignacion:
        asignacion = await self._asignaciones.get(id)
        if asignacion is None or (unidades is not None and asignacion.unidad_id not in unidades):
            raise NoEncontrado()
        await self._vigia.exigir(asignacion)
        if asignacion.estado is estado:
            return asignacion
        if asignacion.estado is not EstadoAsignacion.vigente:
            raise TransicionInvalida()
        if estado is EstadoAsignacion.revocada:
            # Whoever it was lent to waits, first in line: it must not go back to them.
            await self._solicitudes.sin_espera(solicitud_id=asignacion.solicitud_id, motivo=motivo)
        return await self._soltar(asignacion, estado, motivo)

    async def _soltar(self, asignacion: Asignacion, estado: EstadoAsignacion, motivo: str | None = None) -> Asignacion:
        """End an assignment in force today; its space goes to the next in line. Raises TransicionInvalida."""
        terminada = await self._asignaciones.terminar(
            solicitud_id=asignacion.solicitud_id,
            estado=estado,
            hasta=hoy(self._zona),
            cuando=ahora(),
            motivo=motivo or asignacion.motivo,
        )
        if terminada is None:
            raise TransicionInvalida()
        await self._espacios.soltar(ref=asignacion.solicitud_id, codigos=[asignacion.espacio])
        await self._solicitudes.asignacion_terminada(
            solicitud_id=asignacion.solicitud_id,
            espacio=asignacion.espacio,
            revocada=motivo if estado is EstadoAsignacion.revocada else None,
        )
        return terminada

    async def _es_suya(self, asignacion: Asignacion, quien: Principal) -> bool:
        if quien.residente_id is None:
            return False
        viven = await self._padron.unidades_de(residente_id=quien.residente_id)
        if asignacion.estado is EstadoAsignacion.vigente and asignacion.unidad_id in viven:
            return True
        return asignacion.solicitud_id in await self._propias.propias(residente_id=quien.residente_id)

    async def _unidades(self, quien: Principal) -> list[PydanticObjectId]:
        if quien.residente_id is None:
            raise SinResidente()
        return list(await self._padron.unidades_de(residente_id=quien.residente_id))
