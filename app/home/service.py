"""The first screen of whoever calls, put together from what the other modules answer."""

import asyncio

from app.core.security import Principal
from app.home.ports import Avisos, Espacios, Padron, Solicitudes, Sorteos
from app.home.schemas import (
    HomeAsignacion,
    HomeConteos,
    HomePaso,
    HomeSolicitud,
    ResidentHome,
    StaffHome,
)
from app.shared.exceptions import SinResidente
from app.shared.messages import Idioma

_AVISOS = 20


class InicioService:
    """All parts are asked for at once, and what one needs of another (the names of draws) once after that."""

    def __init__(
        self, *, padron: Padron, solicitudes: Solicitudes, sorteos: Sorteos, espacios: Espacios, avisos: Avisos
    ) -> None:
        self._padron = padron
        self._solicitudes = solicitudes
        self._sorteos = sorteos
        self._espacios = espacios
        self._avisos = avisos

    async def ver(self, quien: Principal, *, idioma: Idioma) -> ResidentHome | StaffHome:
        """Raises SinResidente."""
        return await (self._de_personal(quien) if quien.es_personal else self._de_residente(quien, idioma))

    async def _de_residente(self, quien: Principal, idioma: Idioma) -> ResidentHome:
        if quien.residente_id is None:
            raise SinResidente()
        hogar, abiertos, solicitudes, espacios, avisos, sin_leer = await asyncio.gather(
            self._padron.hogar(residente_id=quien.residente_id),
            self._sorteos.abiertos(),
            self._solicitudes.en_curso(quien=quien),
            self._espacios.de(quien=quien),
            self._avisos.ultimos(quien=quien, idioma=idioma, limite=_AVISOS),
            self._avisos.sin_leer(quien=quien),
        )
        if hogar is None:
            raise SinResidente()
        nombres = await self._sorteos.nombres(ids={s.sorteo_id for s in solicitudes} | {e.sorteo_id for e in espacios})
        return ResidentHome(
            tipo="residente",
            yo=hogar.residente,
            unidades=list(hogar.unidades),
            sorteos_abiertos=list(abiertos),
            solicitudes=[HomeSolicitud(**dict(s.que), sorteo=nombres[s.sorteo_id]) for s in solicitudes],
            espacios=[HomeAsignacion(**dict(e.que), sorteo=nombres[e.sorteo_id]) for e in espacios],
            avisos=list(avisos),
            avisos_sin_leer=sin_leer,
        )

    async def _de_personal(self, quien: Principal) -> StaffHome:
        padron, pasos, espera, espacios, sin_leer = await asyncio.gather(
            self._padron.conteo(),
            self._sorteos.pendientes(),
            self._solicitudes.espera(),
            self._espacios.conteo(),
            self._avisos.sin_leer(quien=quien),
        )
        return StaffHome(
            tipo="personal",
            rol=quien.rol,
            conteos=HomeConteos(
                unidades=padron.unidades,
                unidades_en_mora=padron.unidades_en_mora,
                residentes=padron.residentes,
                cuentas_activas=padron.cuentas_activas,
                vehiculos=padron.vehiculos,
                espacios=espacios.total,
                espacios_libres=espacios.libres,
            ),
            sorteos=[HomePaso(**dict(p), por_decidir=espera.por_decidir.get(p.sorteo.id, 0)) for p in pasos],
            solicitudes_por_decidir=sum(espera.por_decidir.values()),
            por_responder=espera.por_responder,
            proximo_vencimiento=espera.proximo_vencimiento,
            condiciones_por_verificar=padron.condiciones_por_verificar,
            anulaciones_por_confirmar=sum(p.paso == "confirmar_anulacion" for p in pasos),
            avisos_sin_leer=sin_leer,
        )
