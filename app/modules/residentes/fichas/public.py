"""Flats as others show them and judge requests by them: each call is one query of plain rows."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from itertools import chain

import attrs
from beanie import PydanticObjectId

from app.modules.residentes.fichas.repository import ExclusionRepository, PersonaRepository, PisoRepository
from app.modules.residentes.hechos import AL_DIA, CUPO, REGISTRO, VEHICULO, MarcasDelPadron
from app.modules.residentes.models import EstadoResidente, codigos_que_cuentan
from app.shared.reading import Fila, Ids, Lectura
from app.shared.utils import normalizar_placa


@attrs.frozen(kw_only=True)
class Ficha:
    """A flat on a day. `condiciones`: the codes that count that day, of its active residents. `sancionada`: a sanction
    that excludes is in force."""

    torre: str | None
    apartamento: str
    al_dia: bool
    cupo: int | None
    condiciones: frozenset[str]
    sancionada: bool


@attrs.frozen(kw_only=True)
class VehiculoDeUnidad:
    id: PydanticObjectId
    unidad_id: PydanticObjectId
    tipo: str
    electrico: bool
    placa: str | None


@attrs.frozen(kw_only=True)
class Peticion:
    """A flat that asks for something, the names of its active residents, the one of them who speaks for it (who lives
    there longest), and the vehicle that was asked for, whose ever it is. `alterados`: which of these facts is not what
    was marked. `vistos`: when those that a request is judged by were stated, in microseconds."""

    ficha: Ficha
    nombres: Mapping[PydanticObjectId, str]
    principal_id: PydanticObjectId | None
    vehiculo: VehiculoDeUnidad | None
    alterados: frozenset[str]
    vistos: Mapping[str, int]


@attrs.define(kw_only=True)
class FichaService:
    _pisos: PisoRepository
    _personas: PersonaRepository
    _exclusiones: ExclusionRepository
    _marcas: MarcasDelPadron

    async def unidades_llamadas(self, *, claves: Collection[str]) -> dict[str, PydanticObjectId]:
        """The flats of those keys (`clave_de_apartamento`)."""
        return await self._pisos.por_claves(claves)

    def fichas(
        self, *, unidades: Ids, residentes: Ids, el: date
    ) -> Lectura[tuple[dict[PydanticObjectId, Ficha], dict[PydanticObjectId, str]]]:
        """Flats as they stand that day, and names of residents, active or not: those there are."""
        return self._fichas(unidades, el).con(self._nombres(residentes))

    def _fichas(self, unidades: Ids, el: date) -> Lectura[dict[PydanticObjectId, Ficha]]:
        if not unidades:
            return Lectura.hecha({})
        pisos, personas = self._pisos.por_ids(unidades), self._personas.con_condicion(unidades)
        hallados = pisos.con(personas).con(self._exclusiones.de(unidades, el=el))
        return hallados.luego(lambda leidos: fichas_de(*leidos[0], leidos[1], el))

    def _nombres(self, residentes: Ids) -> Lectura[dict[PydanticObjectId, str]]:
        if not residentes:
            return Lectura.hecha({})
        return self._personas.nombres(residentes).luego(lambda filas: {fila["_id"]: _nombre(fila) for fila in filas})

    def peticion(
        self, *, unidad_id: PydanticObjectId, vehiculo_id: PydanticObjectId | None, placa: str | None, el: date
    ) -> Lectura[Peticion | None]:
        """None when there is no such flat."""
        cual = {"_id": vehiculo_id} if placa is None else {"placa": normalizar_placa(placa)}
        return self._pisos.peticion(unidad_id, vehiculo=cual, el=el).luego(
            lambda fila: None if fila is None else _peticion(fila, el, self._alterados(fila), self._vistos(fila))
        )

    def _alterados(self, fila: Fila) -> frozenset[str]:
        alterados = {hecho for hecho in (AL_DIA, CUPO) if self._marcas.unidades.rota(fila, (hecho,))}
        if any(map(self._marcas.vehiculos.rota, fila["vehiculos"])):
            alterados.add(VEHICULO)
        return frozenset(alterados)

    def _vistos(self, fila: Fila) -> dict[str, int]:
        vistos = {AL_DIA: self._marcas.unidades.cuando(fila, AL_DIA)}
        for suyo in fila["vehiculos"]:
            vistos[VEHICULO] = self._marcas.vehiculos.cuando(suyo, REGISTRO)
        return vistos


def fichas_de(
    pisos: Iterable[Fila], personas: Iterable[Fila], excluidas: Collection[PydanticObjectId], el: date
) -> dict[PydanticObjectId, Ficha]:
    """Of those flats, by who is active among these residents, and by which are excluded."""
    viven: dict[PydanticObjectId, list[Fila]] = {}
    for persona in personas:
        if persona["estado"] == EstadoResidente.activo:
            for ocupacion in persona["unidades"]:
                viven.setdefault(ocupacion["unidad_id"], []).append(persona)
    return {p["_id"]: _ficha(p, viven.get(p["_id"], ()), el, sancionada=p["_id"] in excluidas) for p in pisos}


def _desde_cuando(persona: Fila) -> tuple[str, datetime, PydanticObjectId]:
    """By which who lives there longest comes first. Whoever said no day lives there since they were registered."""
    registro: datetime = persona["creado_en"]
    return persona["fecha_ingreso"] or registro.date().isoformat(), registro, persona["_id"]


def _nombre(persona: Fila) -> str:
    return f"{persona['nombres']} {persona['apellidos']}"


def _ficha(piso: Fila, personas: Iterable[Fila], el: date, *, sancionada: bool) -> Ficha:
    return Ficha(
        torre=piso["torre"],
        apartamento=piso["apartamento"],
        al_dia=piso["al_dia"],
        cupo=piso["cupo"],
        condiciones=frozenset(chain.from_iterable(codigos_que_cuentan(p["condiciones"], el) for p in personas)),
        sancionada=sancionada,
    )


def _peticion(fila: Fila, el: date, alterados: frozenset[str], vistos: Mapping[str, int]) -> Peticion:
    personas = sorted(fila["residentes"], key=_desde_cuando)
    return Peticion(
        ficha=_ficha(fila, personas, el, sancionada=bool(fila["sanciones"])),
        nombres={persona["_id"]: _nombre(persona) for persona in personas},
        principal_id=PydanticObjectId(personas[0]["_id"]) if personas else None,
        vehiculo=next((_vehiculo(vehiculo) for vehiculo in fila["vehiculos"]), None),
        alterados=alterados,
        vistos=vistos,
    )


def _vehiculo(fila: Fila) -> VehiculoDeUnidad:
    return VehiculoDeUnidad(
        id=PydanticObjectId(fila["_id"]),
        unidad_id=PydanticObjectId(fila["unidad_id"]),
        tipo=fila["tipo"],
        electrico=fila["electrico"] and fila["electrico_verificado"],
        placa=fila["placa"],
    )
