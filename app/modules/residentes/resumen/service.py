"""What a first screen shows of the register: to staff, how many there are of everything; to a resident, their home."""

import asyncio
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import attrs
from beanie import PydanticObjectId

from app.core.clock import hoy
from app.modules.residentes.models import EstadoCondicion, EstadoCuenta, EstadoResidente
from app.modules.residentes.repository import ResidenteRepository
from app.modules.residentes.resumen.schemas import (
    CondicionCounts,
    CuentaCounts,
    ResidentCounts,
    ResidentSummary,
    UnidadCounts,
    VehiculoCounts,
)
from app.modules.residentes.schemas import ResidentOut
from app.modules.residentes.unidades.repository import UnidadRepository, VehiculoRepository
from app.modules.residentes.unidades.schemas import UnidadOut


@dataclass(frozen=True, slots=True)
class Hogar:
    """A resident and the flats they live in now, each with its vehicles."""

    residente: ResidentOut
    unidades: list[UnidadOut]


@attrs.define(kw_only=True)
class ResumenService:
    """Each part is one query or one aggregation that an index answers. Parts that need nothing of one another are asked
    for at once."""

    _residentes: ResidenteRepository
    _unidades: UnidadRepository
    _vehiculos: VehiculoRepository
    _zona: ZoneInfo

    async def resumen(self) -> ResidentSummary:
        unidades, residentes, vehiculos, condiciones = await asyncio.gather(
            self._unidades.contar_al_dia(),
            self._residentes.contar_por_cuenta(),
            self._vehiculos.contar_por_tipo(),
            self._condiciones(),
        )
        de = {
            estado: {cuenta: residentes.get((estado, cuenta), 0) for cuenta in EstadoCuenta}
            for estado in EstadoResidente
        }
        activos = de[EstadoResidente.activo]
        return ResidentSummary(
            unidades=UnidadCounts(
                total=sum(unidades.values()), al_dia=unidades.get(True, 0), en_mora=unidades.get(False, 0)
            ),
            residentes=ResidentCounts(
                activos=sum(activos.values()),
                inactivos=sum(de[EstadoResidente.inactivo].values()),
                cuentas=CuentaCounts(**{cuenta.value: n for cuenta, n in activos.items()}),
            ),
            vehiculos=[
                VehiculoCounts(tipo=tipo, electrico=electrico, total=n)
                for (tipo, electrico), n in sorted(vehiculos.items())
            ],
            condiciones=condiciones,
        )

    async def hogar(self, *, residente_id: PydanticObjectId) -> Hogar | None:
        """None when there is no such resident."""
        residente = await self._residentes.get(residente_id)
        if residente is None:
            return None
        unidades, vehiculos = await asyncio.gather(
            self._unidades.por_ids(residente.ids_de_unidades),
            self._vehiculos.de_unidades(residente.ids_de_unidades),
        )
        return Hogar(
            residente=ResidentOut.de(residente, unidades),
            unidades=[
                UnidadOut.de(unidades[id], vehiculos[id])
                for id in residente.ids_de_unidades
                if id in unidades and id in residente.ocupadas
            ],
        )

    async def _condiciones(self) -> list[CondicionCounts]:
        """By code."""
        cuentas = await self._residentes.contar_condiciones(el=hoy(self._zona))

        def en(codigo: str, estado: EstadoCondicion, *vencidas: bool) -> int:
            return sum(cuentas.get((codigo, estado, vencida), 0) for vencida in vencidas)

        return [
            CondicionCounts(
                codigo=codigo,
                declaradas=en(codigo, EstadoCondicion.declarada, False, True),
                verificadas=en(codigo, EstadoCondicion.verificada, False),
                vencidas=en(codigo, EstadoCondicion.verificada, True),
                rechazadas=en(codigo, EstadoCondicion.rechazada, False, True),
            )
            for codigo in sorted({codigo for codigo, _, _ in cuentas})
        ]
