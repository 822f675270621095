"""What a draw reads of flats and of who asks for them, made of rows as they are stored, and the marks of these."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import attrs
from beanie import PydanticObjectId

from app.core.facts.marks import BORRADA, Dichas, MarcasDeHechos
from app.core.facts.told import Bitacora, Dichos
from app.core.sealing import Precinto
from app.modules.residentes.models import HECHOS, HECHOS_DE_QUIEN_VIVE, EstadoResidente, codigos_que_cuentan
from app.shared.reading import a_ratos
from app.shared.repository import Fila

AL_DIA = "al_dia"
CUPO = "cupo"
"""How many spaces a flat may ask for: no draw reads it, but a hand-in does."""
SANCIONES = "sanciones"
"""Which ones a flat has: a fact of it, so that one that is taken away is missed."""
VEHICULO, REGISTRO = "vehiculo", "registro"
"""What a vehicle is, and whose: one mark, as a vehicle is looked at when somebody asks with it."""
DE_VEHICULOS = {REGISTRO: ("unidad_id", "tipo", "electrico", "electrico_verificado")}
DE_UNIDADES, DE_RESIDENTES, DE_LOS_VEHICULOS = "unidades_escritas", "residentes_escritos", "vehiculos_escritos"
"""What the audit is told as, of what was stated."""
CONDICIONES = "condiciones"
DE_CONDICIONES = {CONDICIONES: ("codigo", ("estado", "vigente_hasta"))}


@attrs.frozen
class Alterado:
    """A fact that is not what was marked: somebody wrote it on the database. `objeto`: of what."""

    hecho: str
    objeto: PydanticObjectId

    @classmethod
    def falta(cls, residente_id: PydanticObjectId) -> "Alterado":
        """They are not there at all."""
        return cls("habitantes", residente_id)


@attrs.frozen
class MarcasDelPadron:
    """See `MarcasDeHechos`."""

    unidades: MarcasDeHechos
    residentes: MarcasDeHechos
    sanciones: MarcasDeHechos
    vehiculos: MarcasDeHechos

    @classmethod
    def con(cls, clave: bytes, anteriores: Sequence[bytes] = ()) -> "MarcasDelPadron":
        precinto = Precinto(clave, "hechos", anteriores)
        return cls(
            unidades=MarcasDeHechos(precinto, "unidad", (*sorted(HECHOS), SANCIONES, CUPO), dicho=DE_UNIDADES),
            residentes=MarcasDeHechos(
                precinto,
                "residente",
                (*sorted(HECHOS_DE_QUIEN_VIVE), "unidades", CONDICIONES),
                DE_CONDICIONES,
                dicho=DE_RESIDENTES,
            ),
            sanciones=MarcasDeHechos(precinto, "sancion", ("unidad_id", "desde", "hasta", "excluye")),
            vehiculos=MarcasDeHechos(precinto, "vehiculo", (REGISTRO,), juntos=DE_VEHICULOS, dicho=DE_LOS_VEHICULOS),
        )

    def de_vehiculo(self, antes: Fila, cambios: Mapping[str, Any], dichos: Collection[str]) -> dict[str, Any]:
        """What to write beside `cambios` of a vehicle that is stored as `antes`, of which somebody states `dichos`: its
        mark is carried on where it was whole, or where they state all of it. Whose it is they say by asking for it."""
        return {"marcas": self.vehiculos.seguidas(antes, {**antes, **cambios}, {*dichos, "unidad_id"})}

    async def alterados(
        self, unidades: Iterable[Fila], residentes: Iterable[Fila], sanciones: Iterable[Fila], dichas: Dichas | None
    ) -> dict[PydanticObjectId, Alterado]:
        """By flat and by resident, the first fact that is not what was marked, or was stated since as far as the audit
        was told (`dichas`). `sanciones`: all of those flats."""
        alterados: dict[PydanticObjectId, Alterado] = {}
        impuestas: dict[PydanticObjectId, list[PydanticObjectId]] = {}
        for sancion in sanciones:
            impuestas.setdefault(sancion["unidad_id"], []).append(sancion["_id"])
            if self.sanciones.rota(sancion):
                alterados[sancion["unidad_id"]] = Alterado(SANCIONES, sancion["unidad_id"])
        suyas = (unidad | {SANCIONES: sorted(impuestas.get(unidad["_id"], ()))} for unidad in unidades)
        for marcas, filas in ((self.unidades, suyas), (self.residentes, residentes)):
            async for varias in a_ratos(filas):
                for fila in varias:
                    if rota := marcas.rota(fila, dichas=dichas):
                        alterados[fila["_id"]] = Alterado(rota, fila["_id"])
        return alterados


@attrs.define(kw_only=True)
class DichosDelPadron:
    """What was stated of flats and residents last, as far as the audit was told: see `Dichos`."""

    _bitacora: Bitacora
    unidades: Dichos = attrs.field(init=False)
    residentes: Dichos = attrs.field(init=False)
    vehiculos: Dichos = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.unidades = Dichos(tipo=DE_UNIDADES, bitacora=self._bitacora)
        self.residentes = Dichos(tipo=DE_RESIDENTES, bitacora=self._bitacora)
        self.vehiculos = Dichos(tipo=DE_LOS_VEHICULOS, bitacora=self._bitacora)

    async def dichas(self) -> Dichas:
        """Of flats and residents: no flat has the id of a resident."""
        return Dichas({**await self.unidades.dichas(), **await self.residentes.dichas()})

    async def sin_decir(self, dichas: Dichas) -> Alterado | None:
        """See `Dichos.sin_decir`."""
        una = dichas.sin_decir(await self.dichas()) if dichas.por_ver else None
        return None if una is None else Alterado(una[1], PydanticObjectId(una[0]))

    async def historia(self, *, con_al_dia: bool) -> dict[str, dict[str, list[int]]]:
        """By fact that hand-ins look at and by row, each time that it was stated."""
        de_unidades = await self.unidades.historia(AL_DIA) if con_al_dia else {}
        return {VEHICULO: await self.vehiculos.historia(REGISTRO), AL_DIA: de_unidades}


@dataclass(frozen=True, slots=True)
class HechosResumen:
    """What a draw reads of one flat and of who asks for it. `condiciones`: codes that count that day, of active
    residents of the flat, who are `habitantes`. `sancionada`: a sanction in force excludes it. `tenencia`: the asker's
    in that flat, None once they do not live there. `alterado`: the first of them that bears no mark of its own."""

    unidad_id: PydanticObjectId
    residente_id: PydanticObjectId
    al_dia: bool
    torre: str | None
    perdidos_previos: Mapping[str, int]
    condiciones: frozenset[str]
    tenencia: str | None
    fecha_ingreso: date | None
    sanciones_vigentes: int
    sancionada: bool
    habitantes: Sequence[PydanticObjectId]
    alterado: Alterado | None


def con_condicion(dichas: Dichas) -> list[PydanticObjectId]:
    """The residents of whom the audit was told that they declared a condition, or that staff decided about one."""
    return sorted(PydanticObjectId(id) for id, suyas in dichas.items() if CONDICIONES in suyas and BORRADA not in suyas)


def condiciones_de(
    ids: Collection[PydanticObjectId], el: date, residentes: Iterable[Fila]
) -> dict[PydanticObjectId, set[str]]:
    """By flat, the codes that count on that day."""
    condiciones: dict[PydanticObjectId, set[str]] = {unidad_id: set() for unidad_id in ids}
    for residente in residentes:
        codigos = codigos_que_cuentan(residente["condiciones"], el)
        if not codigos or residente["estado"] != EstadoResidente.activo:
            continue
        for ocupacion in residente["unidades"]:
            if ocupacion["unidad_id"] in condiciones:
                condiciones[ocupacion["unidad_id"]] |= codigos
    return condiciones


def vigentes_de(sanciones: Iterable[Fila], el: date) -> Mapping[PydanticObjectId, Sequence[Fila]]:
    """Those in force on that day, by flat; one that has none is not in it."""
    dia, vigentes = el.isoformat(), dict[PydanticObjectId, list[Fila]]()
    for sancion in sanciones:
        if sancion["desde"] <= dia <= sancion["hasta"]:
            vigentes.setdefault(sancion["unidad_id"], []).append(sancion)
    return vigentes


def habitantes_de(
    ids: Collection[PydanticObjectId], residentes: Iterable[Fila]
) -> dict[PydanticObjectId, list[PydanticObjectId]]:
    """By flat, its active residents."""
    viven: dict[PydanticObjectId, list[PydanticObjectId]] = {unidad_id: [] for unidad_id in ids}
    for residente in residentes:
        if residente["estado"] == EstadoResidente.activo:
            for ocupacion in residente["unidades"]:
                viven.get(ocupacion["unidad_id"], []).append(residente["_id"])
    return viven


def hechos_de(
    unidad: Fila,
    residente_id: PydanticObjectId,
    quien: Fila | None,
    condiciones: frozenset[str],
    vigentes: Sequence[Fila],
    habitantes: Sequence[PydanticObjectId],
    alterado: Alterado | None,
) -> HechosResumen:
    activo = quien is not None and quien["estado"] == EstadoResidente.activo
    suyas = quien["unidades"] if quien is not None and activo else []
    ingreso = None if quien is None else quien["fecha_ingreso"]
    return HechosResumen(
        unidad_id=unidad["_id"],
        residente_id=residente_id,
        al_dia=unidad["al_dia"],
        torre=unidad["torre"],
        perdidos_previos=unidad["perdidos_previos"],
        condiciones=condiciones,
        tenencia=next((o["tenencia"] for o in suyas if o["unidad_id"] == unidad["_id"]), None),
        fecha_ingreso=None if ingreso is None else date.fromisoformat(ingreso),
        sanciones_vigentes=len(vigentes),
        sancionada=any(sancion["excluye"] for sancion in vigentes),
        habitantes=habitantes,
        alterado=alterado,
    )
