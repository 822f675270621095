"""What a first screen shows of the register: to staff, how many there are of everything; to a resident, their home."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import attrs
from beanie import PydanticObjectId

from app.core.clock import hoy
from app.core.figures.service import Figura
from app.modules.residentes.catalogo.models import NombreDeCondicion
from app.modules.residentes.catalogo.schemas import NombreOut
from app.modules.residentes.fichas.public import Ficha, fichas_de
from app.modules.residentes.models import EstadoCondicion, EstadoCuenta, EstadoResidente, TipoVehiculo
from app.modules.residentes.resumen.repository import HogarRepository
from app.modules.residentes.resumen.schemas import (
    CondicionCounts,
    CuentaCounts,
    ResidentCounts,
    ResidentSummary,
    UnidadCounts,
    VehiculoCounts,
)
from app.modules.residentes.schemas import escribir_ficha
from app.modules.residentes.unidades.schemas import con_vehiculos
from app.shared.reading import Fila, Lectura


@dataclass(frozen=True, slots=True)
class Hogar:
    """A resident, the flats they live in now, each with its vehicles, as requests are judged by it, and the active
    residents of each. `residente` says what a ResidentOut does, `unidades` have the fields of a UnidadOut.
    `vinculadas`: their flats, or those that they had when they became inactive."""

    residente: Fila
    vinculadas: tuple[PydanticObjectId, ...]
    unidades: list[Fila]
    fichas: Mapping[PydanticObjectId, Ficha]
    vecinos: Mapping[PydanticObjectId, list[PydanticObjectId]]


@attrs.define(kw_only=True)
class ResumenService:
    _cifra: Figura
    _hogares: HogarRepository
    _zona: ZoneInfo

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

    def hogar(self, *, residente_id: PydanticObjectId) -> Lectura[Hogar | None]:
        """None when there is no such resident. Its `campo` is of the resident as stored."""
        el = hoy(self._zona)
        return self._hogares.hogar(residente_id, el=el).luego(lambda fila: None if fila is None else _hogar(fila, el))


def _hogar(fila: Fila, el: date) -> Hogar:
    pisos = {piso["_id"]: piso for piso in fila["pisos"]}
    nombres = {c["codigo"]: NombreDeCondicion.model_validate(c["nombre"]) for c in fila["catalogo"]}
    residente = escribir_ficha(fila, nombres)
    vinculadas = tuple(ocupacion["unidad_id"] for ocupacion in fila["unidades"] if ocupacion["unidad_id"] in pisos)
    if fila["estado"] != EstadoResidente.activo:
        return Hogar(residente=residente, vinculadas=vinculadas, unidades=[], fichas={}, vecinos={})
    return Hogar(
        residente=residente,
        vinculadas=vinculadas,
        unidades=[
            con_vehiculos(pisos[id], [vehiculo for vehiculo in fila["vehiculos"] if vehiculo["unidad_id"] == id])
            for id in vinculadas
        ],
        fichas=fichas_de(fila["pisos"], fila["residentes"], {s["unidad_id"] for s in fila["sanciones"]}, el),
        vecinos={
            id: [v["_id"] for v in fila["residentes"] if any(o["unidad_id"] == id for o in v["unidades"])]
            for id in vinculadas
        },
    )


def _condiciones(filas: Sequence[Mapping[str, Any]]) -> list[CondicionCounts]:
    """By code."""
    nombres = {fila["codigo"]: fila.get("nombre") for fila in filas}
    cuentas = {(fila["codigo"], fila["estado"], fila["vencida"]): fila["n"] for fila in filas}

    def en(codigo: str, estado: EstadoCondicion, *vencidas: bool) -> int:
        return sum(cuentas.get((codigo, estado, vencida), 0) for vencida in vencidas)

    return [
        CondicionCounts(
            codigo=codigo,
            nombre=NombreOut.model_validate(nombres[codigo] or {"es": codigo, "en": codigo}),
            declaradas=en(codigo, EstadoCondicion.declarada, False, True),
            verificadas=en(codigo, EstadoCondicion.verificada, False),
            vencidas=en(codigo, EstadoCondicion.verificada, True),
            rechazadas=en(codigo, EstadoCondicion.rechazada, False, True),
        )
        for codigo in sorted({codigo for codigo, _, _ in cuentas})
    ]
