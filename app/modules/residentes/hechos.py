"""What a draw reads of flats and of who asks for them, made of rows as they are stored, and the marks of these."""

from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import attrs
from beanie import PydanticObjectId

from app.core.facts.marks import BORRADA, Dichas, Marcas, MarcasDeHechos, cuando_de
from app.core.facts.told import Bitacora, Dichos
from app.core.sealing import Precinto
from app.modules.residentes.models import HECHOS, HECHOS_DE_QUIEN_VIVE, EstadoResidente, codigos_que_cuentan
from app.shared.reading import a_ratos
from app.shared.repository import Fila
from app.shared.transaction import decir

AL_DIA = "al_dia"
CUPO = "cupo"
"""How many spaces a flat may ask for: no draw reads it, but a hand-in does."""
SANCIONES = "sanciones"
"""Which ones a flat has: a fact of it, so that one that is taken away is missed."""
VEHICULO, REGISTRO, PLACA = "vehiculo", "registro", "placa"
"""What a vehicle is, and whose: one mark, as it is looked at when somebody asks with it. Its plate has another."""
DE_VEHICULOS = {REGISTRO: ("unidad_id", "tipo", "electrico", "electrico_verificado")}
DE_UNIDADES, DE_RESIDENTES, DE_LOS_VEHICULOS = "unidades_escritas", "residentes_escritos", "vehiculos_escritos"
"""What the audit is told as, of what was stated."""
CAMBIADOS, IGUALES = "hechos_cambiados", "hechos_iguales"
"""What it is told as, of flats whose facts changed, or were stated as they stood."""
_HECHO_DE = {"residentes": "unidades"}
"""Of what is listed of a flat, the fact of a resident that it is."""
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


@dataclass(frozen=True, slots=True)
class CambioDeHechos:
    """A fact of a flat that staff changed. `campo` names it and never says the value, nor which condition."""

    unidad_id: PydanticObjectId
    campo: str
    cuando: datetime


def decir_cambios(cambios: Mapping[PydanticObjectId, Collection[str]], cuando: datetime) -> None:
    """The audit is told that these facts of those flats changed, in the transaction that changes them: a closing lists
    what was told, whatever stands on the database by then."""
    dichos = {f"{id}.{campo}": f"{_milisegundos(cuando):x}" for id, campos in cambios.items() for campo in campos}
    if dichos:
        decir(CAMBIADOS, dichos)


def decir_iguales(
    id: PydanticObjectId, iguales: Mapping[str, Collection[PydanticObjectId]], antes: Marcas, nuevas: Marcas
) -> None:
    """Facts of that flat or resident were stated as they stood, and get another mark: nothing changed, unless somebody
    had put back what stood there. So the audit is told when it was stated before, as its mark said. `iguales`: by what
    is listed, of which flats."""
    dichos: dict[str, str] = {}
    for campo, unidades in iguales.items():
        hecho = _HECHO_DE.get(campo, campo)
        if nueva := nuevas.get(f"marcas.{hecho}"):
            de_quien = {f"{u}.{campo}" if u == id else f"{u}.{campo}.{id}" for u in unidades}
            dichos |= dict.fromkeys(de_quien, f"{cuando_de(nueva):x}.{cuando_de(antes.get(hecho)):x}")
    if dichos:
        decir(IGUALES, dichos)


def _milisegundos(cuando: datetime) -> int:
    return round(cuando.timestamp() * 1000)


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
            vehiculos=MarcasDeHechos(
                precinto, "vehiculo", (REGISTRO, PLACA), juntos=DE_VEHICULOS, dicho=DE_LOS_VEHICULOS
            ),
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

    async def cambios(self, *, desde: datetime) -> dict[PydanticObjectId, list[CambioDeHechos]]:
        """By flat, each change of a fact since then that was told. To be read after the rows: what was read of a
        change that came meanwhile is among them."""
        primero = _milisegundos(desde)
        hallados = {c async for c in self._cambiados() if c[2] >= primero}
        hallados |= {c async for c in self._puestos_de_nuevo(primero * 1000) if c[2] >= primero}
        await self._bitacora.denunciar_huecos()
        cambios: dict[PydanticObjectId, list[CambioDeHechos]] = {}
        for id, campo, milisegundos in hallados:
            unidad_id, cuando = PydanticObjectId(id), datetime.fromtimestamp(milisegundos / 1000, UTC)
            cambios.setdefault(unidad_id, []).append(CambioDeHechos(unidad_id, campo, cuando))
        return cambios

    async def _cambiados(self) -> AsyncIterator[tuple[str, str, int]]:
        """Flat, what is listed of it, and when."""
        async for varios in self._bitacora.dichos_por_partes(tipo=CAMBIADOS):
            for cual, dicho in (uno for datos in varios for uno in datos.items()):
                id, _, campo = cual.partition(".")
                yield id, campo, int(dicho, 16)

    async def _puestos_de_nuevo(self, primero: int) -> AsyncIterator[tuple[str, str, int]]:
        """The same, of what was stated as it stood since then although it had been stated otherwise in between: what
        stood there was put back. What was told of such a fact is read once, whichever flats stated it so."""
        iguales: list[tuple[str, str, str, int, int]] = []  # flat, field, whose fact, its times
        async for varios in self._bitacora.dichos_por_partes(tipo=IGUALES):
            for cual, dicho in (uno for datos in varios for uno in datos.items()):
                (id, campo, *otra), (nueva, antes) = cual.split("."), (int(t, 16) for t in dicho.split("."))
                if nueva >= primero:
                    iguales.append((id, campo, otra[0] if otra else id, nueva, antes))
        historias: dict[tuple[bool, str], dict[str, list[int]]] = {}
        for id, campo, de, nueva, antes in iguales:
            suya = (id == de, _HECHO_DE.get(campo, campo))
            if suya not in historias:
                historias[suya] = await (self.unidades if id == de else self.residentes).historia(suya[1])
            if any(antes < cuando < nueva for cuando in historias[suya].get(de, ())):
                yield id, campo, nueva // 1000

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
