"""What a first screen shows of the register: to staff, how many there are of everything; to a resident, their home."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import attrs
from beanie import PydanticObjectId

from app.core.figures.service import Figura
from app.modules.residentes.models import EstadoCondicion, EstadoCuenta, EstadoResidente, TipoVehiculo
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
    _cifra: Figura
    _residentes: ResidenteRepository
    _unidades: UnidadRepository
    _vehiculos: VehiculoRepository

    async def resumen(self) -> ResidentSummary:
        cifra = await self._cifra()
        partes: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for fila in cifra.filas:
            partes[fila["parte"]].append(fila)
        al_dia = {fila["al_dia"]: fila["n"] for fila in partes["unidades"]}
        residentes = {(fila["estado"], fila["cuenta"]): fila["n"] for fila in partes["residentes"]}
        cuentas = {cuenta.value: residentes.get((EstadoResidente.activo, cuenta), 0) for cuenta in EstadoCuenta}
        return ResidentSummary(
            contado_en=cifra.contado_en,
            unidades=UnidadCounts(total=sum(al_dia.values()), al_dia=al_dia.get(True, 0), en_mora=al_dia.get(False, 0)),
            residentes=ResidentCounts(
                activos=sum(cuentas.values()),
                inactivos=sum(n for (estado, _), n in residentes.items() if estado == EstadoResidente.inactivo),
                cuentas=CuentaCounts(**cuentas),
            ),
            vehiculos=[
                VehiculoCounts(tipo=TipoVehiculo(fila["tipo"]), electrico=fila["electrico"], total=fila["n"])
                for fila in sorted(partes["vehiculos"], key=lambda fila: (fila["tipo"], fila["electrico"]))
            ],
            condiciones=_condiciones(partes["condiciones"]),
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


def _condiciones(filas: Sequence[Mapping[str, Any]]) -> list[CondicionCounts]:
    """By code."""
    cuentas = {(fila["codigo"], fila["estado"], fila["vencida"]): fila["n"] for fila in filas}

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
