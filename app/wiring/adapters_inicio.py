"""What first screens ask of each module, in the shapes that they show."""

import asyncio
from collections.abc import Collection

from beanie import PydanticObjectId

from app.core.security import Principal
from app.home import ports, schemas
from app.modules.avisos.models import Aviso
from app.modules.avisos.redaccion import Redactor
from app.modules.avisos.service import BuzonService
from app.modules.residentes.resumen.service import ResumenService as ResumenDeResidentes
from app.modules.solicitudes.resumen.service import ResumenService as ResumenDeSolicitudes
from app.modules.sorteo.asignaciones.service import AsignacionService
from app.modules.sorteo.espacios.service import EspacioService
from app.modules.sorteo.resumen.repository import SorteoBreve
from app.modules.sorteo.resumen.service import Pendiente
from app.modules.sorteo.resumen.service import ResumenService as ResumenDeSorteos
from app.shared.messages import Idioma
from app.shared.pagination import PageQuery


class PadronParaInicio:
    """inicio.ports.Padron"""

    def __init__(self, resumen: ResumenDeResidentes) -> None:
        self._resumen = resumen

    async def hogar(self, *, residente_id: PydanticObjectId) -> ports.Hogar | None:
        hogar = await self._resumen.hogar(residente_id=residente_id)
        if hogar is None:
            return None
        return ports.Hogar(
            residente=schemas.HomeResidente.model_validate(hogar.residente),
            unidades=[schemas.HomeUnidad.model_validate(unidad) for unidad in hogar.unidades],
        )

    async def conteo(self) -> ports.ConteoDelPadron:
        resumen = await self._resumen.resumen()
        return ports.ConteoDelPadron(
            unidades=resumen.unidades.total,
            unidades_en_mora=resumen.unidades.en_mora,
            residentes=resumen.residentes.activos,
            cuentas_activas=resumen.residentes.cuentas.activa,
            vehiculos=sum(v.total for v in resumen.vehiculos),
            condiciones_por_verificar=sum(c.declaradas for c in resumen.condiciones),
        )


class SolicitudesParaInicio:
    """inicio.ports.Solicitudes"""

    def __init__(self, resumen: ResumenDeSolicitudes) -> None:
        self._resumen = resumen

    async def en_curso(self, *, quien: Principal) -> list[ports.DelSorteo[schemas.HomeSolicitudBase]]:
        return [
            ports.DelSorteo(s.sorteo_id, schemas.HomeSolicitudBase.model_validate(s))
            for s in await self._resumen.en_curso(quien)
        ]

    async def espera(self) -> ports.EsperaDeSolicitudes:
        por_decidir, (por_responder, primero) = await asyncio.gather(
            self._resumen.por_decidir(), self._resumen.por_responder()
        )
        return ports.EsperaDeSolicitudes(
            por_decidir=por_decidir, por_responder=por_responder, proximo_vencimiento=primero
        )


class SorteosParaInicio:
    """inicio.ports.Sorteos"""

    def __init__(self, resumen: ResumenDeSorteos) -> None:
        self._resumen = resumen

    async def abiertos(self) -> list[schemas.HomeSorteo]:
        return [schemas.HomeSorteo.model_validate(sorteo) for sorteo in await self._resumen.abiertos()]

    async def nombres(self, *, ids: Collection[PydanticObjectId]) -> dict[PydanticObjectId, schemas.HomeSorteoRef]:
        return {sorteo.id: _ref(sorteo) for sorteo in await self._resumen.por_ids(ids=ids)}

    async def pendientes(self) -> list[schemas.HomePasoBase]:
        return [_paso(pendiente) for pendiente in await self._resumen.pendientes()]


class EspaciosParaInicio:
    """inicio.ports.Espacios"""

    def __init__(self, espacios: EspacioService, asignaciones: AsignacionService) -> None:
        self._espacios = espacios
        self._asignaciones = asignaciones

    async def de(self, *, quien: Principal) -> list[ports.DelSorteo[schemas.HomeAsignacionBase]]:
        return [
            ports.DelSorteo(a.sorteo_id, schemas.HomeAsignacionBase.model_validate(a))
            for a in await self._asignaciones.vigentes(quien)
        ]

    async def conteo(self) -> ports.ConteoDeEspacios:
        resumen = await self._espacios.resumen()
        return ports.ConteoDeEspacios(total=resumen.total, libres=resumen.libres)


def _ref(sorteo: SorteoBreve) -> schemas.HomeSorteoRef:
    return schemas.HomeSorteoRef.model_validate(sorteo)


def _paso(pendiente: Pendiente) -> schemas.HomePasoBase:
    sorteo = pendiente.sorteo
    anulacion = sorteo.anulacion
    return schemas.HomePasoBase(
        sorteo=_ref(sorteo),
        ensayo=sorteo.ensayo,
        cierre=sorteo.cierre,
        disponible_desde=sorteo.disponible_desde,
        anulacion=None if anulacion is None else schemas.HomeAnulacion.model_validate(anulacion),
        paso=pendiente.paso.value,
        desde=pendiente.desde,
        hasta=pendiente.hasta,
        por_si_solo=pendiente.por_si_solo,
    )


class AvisosParaInicio:
    """inicio.ports.Avisos"""

    def __init__(self, buzon: BuzonService, redactor: Redactor) -> None:
        self._buzon = buzon
        self._redactor = redactor

    async def ultimos(self, *, quien: Principal, idioma: Idioma, limite: int) -> list[schemas.HomeAviso]:
        pagina = await self._buzon.listar(leido=False, consulta=PageQuery(limite=limite), quien=quien)
        return [self._en_casa(aviso, idioma) for aviso in pagina.items]

    async def sin_leer(self, *, quien: Principal) -> int:
        return await self._buzon.sin_leer(quien=quien)

    def _en_casa(self, aviso: Aviso, idioma: Idioma) -> schemas.HomeAviso:
        texto = self._redactor.aviso(aviso.tipo, idioma, aviso.datos)
        return schemas.HomeAviso(
            id=aviso.oid,
            tipo=aviso.tipo,
            titulo=texto.titulo,
            texto=texto.texto,
            datos=dict(aviso.datos),
            creado_en=aviso.creado_en,
        )
