"""The first screen of whoever calls, put together from what the modules answer."""

import asyncio

import attrs

from app.core.security import Principal
from app.home.schemas import (
    HomeAnulacion,
    HomeConteos,
    HomePaso,
    HomeSorteo,
    HomeSorteoRef,
    StaffHome,
    escribir_asignacion,
    escribir_aviso,
    escribir_residente,
    escribir_solicitud,
    escribir_unidad,
)
from app.modules.avisos.redaccion import Redactor
from app.modules.avisos.service import BuzonService
from app.modules.residentes.models import EstadoResidente
from app.modules.residentes.resumen.service import ResumenService as ResumenDeResidentes
from app.modules.solicitudes.ports import Solicitante
from app.modules.solicitudes.resumen.service import ResumenService as ResumenDeSolicitudes
from app.modules.sorteo.asignaciones.service import AsignacionService
from app.modules.sorteo.espacios.service import EspacioService
from app.modules.sorteo.resumen.service import Pendiente
from app.modules.sorteo.resumen.service import ResumenService as ResumenDeSorteos
from app.shared.exceptions import SinResidente
from app.shared.messages import Idioma
from app.shared.reading import Fila

_AVISOS = 20


@attrs.define(kw_only=True)
class InicioService:
    """Parts that need nothing of one another are asked for at once, in one command where they can be."""

    _residentes: ResumenDeResidentes
    _solicitudes: ResumenDeSolicitudes
    _sorteos: ResumenDeSorteos
    _espacios: EspacioService
    _asignaciones: AsignacionService
    _buzon: BuzonService
    _redactor: Redactor

    async def ver(self, quien: Principal, *, idioma: Idioma) -> Fila | StaffHome:
        """What a ResidentHome says, or a StaffHome. Raises SinResidente."""
        return await (self._de_personal(quien) if quien.es_personal else self._de_residente(quien, idioma))

    async def _de_residente(self, quien: Principal, idioma: Idioma) -> Fila:
        if quien.residente_id is None:
            raise SinResidente()
        de_quien = self._residentes.hogar(residente_id=quien.residente_id)
        unidades = de_quien.campo("unidades.unidad_id")
        ((((hogar, abiertos), vigentes), (asignadas, ocupados)), sin_mas) = await (
            de_quien.con(self._sorteos.abiertos())
            .con(self._solicitudes.vigentes(unidades=unidades))
            .con(self._asignaciones.vigentes(unidades=unidades))
            .con(self._buzon.ultimos_sin_leer(limite=_AVISOS, quien=quien))
        )
        if hogar is None:
            raise SinResidente()
        activo = hogar.residente["estado"] == EstadoResidente.activo
        solicitante = Solicitante(residente_id=quien.residente_id, activo=activo, unidades=hogar.vinculadas)
        # Of who is active no more the flats were looked at too: what these hold is nothing of theirs.
        asignaciones = [a for a in asignadas if a["unidad_id"] in hogar.vecinos]
        solicitudes = await self._solicitudes.mostrar(
            vigentes, quien, solicitante=solicitante, vecinos=hogar.vecinos, fichas=hogar.fichas, ocupados=ocupados
        )
        avisos = sin_mas or await self._buzon.ultimos_con_lo_que_llega(limite=_AVISOS, quien=quien)
        sin_leer = len(avisos.items) if avisos.siguiente is None else await self._buzon.sin_leer(quien=quien)
        nombrados = {sorteo.id: sorteo for sorteo in abiertos}
        faltan = {fila["sorteo_id"] for fila in (*solicitudes, *asignaciones)} - nombrados.keys()
        nombrados |= {sorteo.id: sorteo for sorteo in await self._sorteos.por_ids(ids=faltan)}
        sorteos = {id: {"id": id, "nombre": s.nombre, "estado": s.estado} for id, s in nombrados.items()}
        return {
            "tipo": "residente",
            "yo": escribir_residente(hogar.residente, idioma),
            "unidades": [escribir_unidad(unidad) for unidad in hogar.unidades],
            "sorteos_abiertos": [HomeSorteo.model_validate(sorteo) for sorteo in abiertos],
            "solicitudes": [escribir_solicitud({**s, "sorteo": sorteos[s["sorteo_id"]]}) for s in solicitudes],
            "espacios": [
                escribir_asignacion({**a, "id": a["_id"], "sorteo": sorteos[a["sorteo_id"]]}) for a in asignaciones
            ],
            "avisos": [self._aviso(aviso, idioma) for aviso in avisos.items],
            "avisos_sin_leer": sin_leer,
        }

    async def _de_personal(self, quien: Principal) -> StaffHome:
        padron, en_espera, espacios, (pasos, sin_leer) = await asyncio.gather(
            self._residentes.resumen(),
            self._solicitudes.en_espera(),
            self._espacios.resumen(),
            self._sorteos.pendientes().con(self._buzon.cuantos_sin_leer(quien=quien)),
        )
        if sin_leer is None:
            sin_leer = await self._buzon.sin_leer(quien=quien)
        return StaffHome(
            tipo="personal",
            rol=quien.rol,
            contado_en=min(
                (en for en in (padron.contado_en, en_espera.contado_en, espacios.contado_en) if en is not None),
                default=None,
            ),
            conteos=HomeConteos(
                unidades=padron.unidades.total,
                unidades_en_mora=padron.unidades.en_mora,
                residentes=padron.residentes.activos,
                cuentas_activas=padron.residentes.cuentas.activa,
                vehiculos=sum(v.total for v in padron.vehiculos),
                espacios=espacios.total,
                espacios_libres=espacios.libres,
            ),
            sorteos=[_paso(p, en_espera.por_decidir.get(p.sorteo.id, 0)) for p in pasos],
            solicitudes_por_decidir=sum(en_espera.por_decidir.values()),
            por_responder=en_espera.por_responder,
            proximo_vencimiento=en_espera.primera,
            condiciones_por_verificar=sum(c.declaradas for c in padron.condiciones),
            anulaciones_por_confirmar=sum(p.paso == "confirmar_anulacion" for p in pasos),
            avisos_sin_leer=sin_leer,
        )

    def _aviso(self, aviso: Fila, idioma: Idioma) -> Fila:
        return escribir_aviso(aviso, self._redactor.aviso(aviso["tipo"], idioma, aviso["datos"]))


def _paso(pendiente: Pendiente, por_decidir: int) -> HomePaso:
    sorteo, anulacion = pendiente.sorteo, pendiente.sorteo.anulacion
    return HomePaso(
        sorteo=HomeSorteoRef.model_validate(sorteo),
        ensayo=sorteo.ensayo,
        cierre=sorteo.cierre,
        disponible_desde=sorteo.disponible_desde,
        anulacion=None if anulacion is None else HomeAnulacion.model_validate(anulacion),
        paso=pendiente.paso.value,
        desde=pendiente.desde,
        hasta=pendiente.hasta,
        por_si_solo=pendiente.por_si_solo,
        por_decidir=por_decidir,
    )
