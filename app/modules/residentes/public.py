"""What other modules may ask of flats and residents; what requests ask is in `fichas/public.py`. `PadronService` needs
repositories alone, so that it is built before the modules that ask it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import attrs
from beanie import PydanticObjectId

from app.core.facts.marks import Dichas
from app.modules.residentes.busqueda.claves import normalizar_documento
from app.modules.residentes.catalogo.models import CondicionDelCatalogo, NombreDeCondicion
from app.modules.residentes.catalogo.repository import CatalogoRepository
from app.modules.residentes.hechos import (
    Alterado,
    CambioDeHechos,
    DichosDelPadron,
    HechosResumen,
    MarcasDelPadron,
    condiciones_de,
    habitantes_de,
    hechos_de,
    vigentes_de,
)
from app.modules.residentes.models import EstadoCuenta, Residente, Unidad, Vehiculo
from app.modules.residentes.repository import ResidenteRepository
from app.modules.residentes.sanciones.repository import SancionRepository
from app.modules.residentes.unidades.repository import FiltroUnidades, Placas, UnidadRepository, VehiculoRepository
from app.shared.exceptions import EntradaInvalida
from app.shared.utils import normalizar_placa

MAXIMO_DE_HALLADOS = 5_000


@dataclass(frozen=True, slots=True)
class ResidenteResumen:
    """`nombre` is "nombres apellidos"; `unidades` are those of an inactive resident too. `dejadas`: flats that they
    left, each with a draw that was on then."""

    residente_id: PydanticObjectId
    nombre: str
    email: str | None
    activo: bool
    unidades: tuple[PydanticObjectId, ...]
    dejadas: frozenset[tuple[PydanticObjectId, PydanticObjectId]]


@dataclass(frozen=True, slots=True)
class UnidadResumen:
    unidad_id: PydanticObjectId
    torre: str | None
    apartamento: str
    al_dia: bool
    cupo: int | None


@dataclass(frozen=True, slots=True)
class VehiculoResumen:
    vehiculo_id: PydanticObjectId
    unidad_id: PydanticObjectId
    tipo: str
    electrico: bool
    placa: str | None


@dataclass(frozen=True, slots=True)
class AspiranteResumen:
    """A vehicle of a flat and one of the active residents there, who might ask for a space with it."""

    unidad_id: PydanticObjectId
    residente_id: PydanticObjectId
    clase: str
    electrico: bool
    usa_condiciones: bool = True


@attrs.define(kw_only=True)
class PadronService:
    _residentes: ResidenteRepository
    _unidades: UnidadRepository
    _vehiculos: VehiculoRepository
    _sanciones: SancionRepository
    _catalogo: CatalogoRepository
    _marcas: MarcasDelPadron
    _dichos: DichosDelPadron

    async def residente(self, *, residente_id: PydanticObjectId) -> ResidenteResumen | None:
        residente = await self._residentes.get(residente_id)
        return None if residente is None else _resumir_residente(residente)

    async def activos(self, *, despues_de: PydanticObjectId | None, limite: int) -> list[PydanticObjectId]:
        """Active residents by ascending id."""
        return await self._residentes.ids_activos(despues_de=despues_de, limite=limite)

    async def por_documento(self, *, numero: str) -> list[PydanticObjectId]:
        """Active residents with that document number, however it is spelt."""
        return [r.oid for r in await self._residentes.por_documento(normalizar_documento(numero))]

    async def maximo_por_documento(self) -> int:
        """The most active residents that share one number, of different kinds of document."""
        return await self._residentes.maximo_por_documento()

    async def textos(self, *, residente_id: PydanticObjectId) -> list[str]:
        """Names, e-mail, document and flats of a resident: what nobody should make a password of. Not for showing."""
        residente = await self._residentes.get(residente_id)
        if residente is None:
            return []
        pisos = (await self._unidades.por_ids(residente.ids_de_unidades)).values()
        propios = [residente.nombres, residente.apellidos, residente.numero_documento, residente.email or ""]
        return propios + [f"{piso.torre or ''} {piso.apartamento}" for piso in pisos]

    async def marcar_cuenta(self, *, residente_id: PydanticObjectId, cuenta: str) -> None:
        """`cuenta` is one of `sin_invitar`, `invitada`, `activa`."""
        await self._residentes.marcar_cuenta(residente_id, EstadoCuenta(cuenta))

    async def unidad(self, *, unidad_id: PydanticObjectId) -> UnidadResumen | None:
        unidad = await self._unidades.get(unidad_id)
        return None if unidad is None else _resumir_unidad(unidad)

    async def residentes_de(
        self, *, unidades: Collection[PydanticObjectId]
    ) -> dict[PydanticObjectId, list[PydanticObjectId]]:
        """The active residents of each of those flats; a flat without any is not in it."""
        return await self._residentes.por_unidad(unidades)

    async def tocar_unidades(self, *, unidades: Collection[PydanticObjectId]) -> None:
        """Write these flats, so that the caller's transaction collides with one that deletes them or their vehicles."""
        await self._unidades.tocar(unidades)

    async def ocupar_unidad(self, *, unidad_id: PydanticObjectId) -> bool:
        """Whether there is such a flat. It is not deleted while the transaction in course, which makes something name
        it, lasts."""
        return await self._unidades.tocar([unidad_id]) == 1

    async def unidades_de_torres(self, *, torres: Sequence[str]) -> list[PydanticObjectId]:
        return await self._unidades.ids(FiltroUnidades(torres=torres))

    async def vehiculo(
        self, *, vehiculo_id: PydanticObjectId | None = None, placa: str | None = None
    ) -> VehiculoResumen | None:
        """By id or, without one, by plate, however it is spelt."""
        if vehiculo_id is not None:
            vehiculo = await self._vehiculos.get(vehiculo_id)
        else:
            vehiculo = None if placa is None else await self._vehiculos.por_placa(normalizar_placa(placa))
        return None if vehiculo is None else _resumir_vehiculo(vehiculo)

    async def placas(self, *, vehiculos: Sequence[PydanticObjectId]) -> Placas:
        """Of those that are as somebody stated them."""
        return await self._vehiculos.placas(vehiculos)

    async def vehiculo_alterado(self, *, vehiculos: Sequence[PydanticObjectId]) -> PydanticObjectId | None:
        return await self._vehiculos.alterado(vehiculos)

    async def de_quien(self, *, vehiculos: Sequence[PydanticObjectId]) -> dict[PydanticObjectId, PydanticObjectId]:
        """The flat of each vehicle there is."""
        return {v.oid: v.unidad_id for v in await self._vehiculos.por_ids(vehiculos)}

    async def nombres(
        self, *, residentes: Sequence[PydanticObjectId], unidades: Sequence[PydanticObjectId]
    ) -> tuple[dict[PydanticObjectId, ResidenteResumen], dict[PydanticObjectId, UnidadResumen]]:
        """The residents and flats that a page names, in two queries. Ids that name nothing are left out."""
        personas = await self._residentes.por_ids(residentes)
        pisos = await self._unidades.por_ids(unidades)
        return (
            {residente_id: _resumir_residente(r) for residente_id, r in personas.items()},
            {unidad_id: _resumir_unidad(u) for unidad_id, u in pisos.items()},
        )

    async def aspirantes(
        self, *, despues_de: PydanticObjectId | None, limite: int
    ) -> tuple[list[AspiranteResumen], PydanticObjectId | None]:
        """Who might ask with the next `limite` vehicles by id, and the id of the last; None when there is none left."""
        vehiculos = await self._vehiculos.siguientes(despues_de=despues_de, limite=limite)
        viven: dict[PydanticObjectId, list[PydanticObjectId]] = {}
        for residente in await self._residentes.activos_de({v.unidad_id for v in vehiculos}):
            for unidad_id in residente.ocupadas:
                viven.setdefault(unidad_id, []).append(residente.oid)
        aspirantes = [
            AspiranteResumen(v.unidad_id, residente_id, v.clase, v.cuenta_como_electrico)
            for v in vehiculos
            for residente_id in viven.get(v.unidad_id, ())
        ]
        return aspirantes, vehiculos[-1].oid if len(vehiculos) == limite else None

    async def encontrar(self, *, q: str) -> tuple[list[PydanticObjectId], list[PydanticObjectId]]:
        """Residents, and flats: those where every word of `q` begins some word by which they are found. Raises
        EntradaInvalida where they are more than can be told one by one: some would be left out without a word."""
        limite = MAXIMO_DE_HALLADOS + 1
        residentes = await self._residentes.buscar(q, limite=limite)
        unidades = await self._unidades.buscar(q, limite=limite) if len(residentes) < limite else []
        if max(len(residentes), len(unidades)) == limite:
            raise EntradaInvalida.en("q", "busqueda_amplia", maximo=MAXIMO_DE_HALLADOS)
        return residentes, unidades

    async def cambios(self, *, unidades: Sequence[PydanticObjectId], desde: datetime) -> list[CambioDeHechos]:
        """Every change since then of what draws read of those flats, in two queries; the oldest first."""
        ids = set(unidades)
        cambios = {
            CambioDeHechos(unidad["_id"], campo, cuando)
            for unidad in await self._unidades.cambiadas_de(ids)
            for campo, cuandos in unidad["cambiados_en"].items()
            for cuando in cuandos
            if cuando >= desde
        }
        for residente in await self._residentes.con_decididas(ids, desde=desde):
            decididas = [c["decidida_en"] for c in residente["condiciones"] if c["decidida_en"]]
            cambios |= {
                CambioDeHechos(ocupacion["unidad_id"], "condiciones", cuando)
                for ocupacion in residente["unidades"]
                if ocupacion["unidad_id"] in ids
                for cuando in decididas
                if cuando >= desde
            }
        return sorted(cambios, key=lambda c: (c.cuando, c.unidad_id, c.campo))

    async def cambios_dichos(self, *, desde: datetime) -> dict[PydanticObjectId, list[CambioDeHechos]]:
        """By flat, those of which the audit was told."""
        return await self._dichos.cambios(desde=desde)

    async def sin_condicion(self, *, codigos: Collection[str]) -> frozenset[str]:
        """Those of the codes that are no condition of the complex. The conditions that there are stay while the
        transaction in course lasts, which makes something name them."""
        return frozenset(codigos) - (await self._catalogo.ocupar(codigos)).keys()

    async def nombres_de_condiciones(self, *, codigos: Collection[str]) -> Mapping[str, Mapping[str, str]]:
        """What people call those of them that there are, by code and language."""
        return {codigo: nombre.model_dump() for codigo, nombre in (await self._catalogo.nombres(codigos)).items()}

    async def crear_condiciones(self, *, condiciones: Sequence[tuple[str, Mapping[str, str], bool]]) -> None:
        """Of those codes, names in each language and whether they end, the ones that there are not yet."""
        hay = await self._catalogo.ocupar({codigo for codigo, _, _ in condiciones})
        for codigo, nombre, vence in condiciones:
            if codigo not in hay:
                await self._catalogo.insert(
                    CondicionDelCatalogo(codigo=codigo, nombre=NombreDeCondicion(**nombre), vence=vence)
                )

    async def dichas(self) -> Dichas:
        """What the audit was told of their facts: to be read before `hechos`."""
        return await self._dichos.dichas()

    async def hechos(
        self,
        *,
        pares: Sequence[tuple[PydanticObjectId, PydanticObjectId]],
        el: date,
        vivian: Sequence[Sequence[PydanticObjectId]] | None = None,
        dichas: Dichas | None = None,
    ) -> list[HechosResumen]:
        """The facts of each (flat, asker), in order, in three queries. `vivian`: who lived there when each asked; then
        facts are compared with their marks and with `dichas`, and nobody is missing. Raises KeyError for a flat that
        does not exist."""
        ids = {unidad_id for unidad_id, _ in pares}
        unidades = {unidad["_id"]: unidad for unidad in await self._unidades.hechos_de(ids)}
        de_entonces = vivian or [()] * len(pares)
        conocidos = {id for (_, pide), suyos in zip(pares, de_entonces, strict=True) for id in (pide, *suyos)}
        residentes = await self._residentes.hechos_de(ids, y_tambien=conocidos)
        por_id = {residente["_id"]: residente for residente in residentes}
        condiciones = condiciones_de(ids, el, residentes)
        sanciones = await self._sanciones.de_unidades(ids)
        vigentes = vigentes_de(sanciones, el)
        viven = habitantes_de(ids, residentes)
        alterados: dict[PydanticObjectId, Alterado] = {}
        if vivian is not None:
            alterados = await self._marcas.alterados(unidades.values(), residentes, sanciones, dichas)
            alterados |= {id: Alterado.falta(id) for id in conocidos - por_id.keys()}
        return [
            hechos_de(
                unidades[unidad_id],
                pide,
                por_id.get(pide),
                frozenset(condiciones[unidad_id]),
                vigentes.get(unidad_id, ()),
                viven[unidad_id],
                next((alterados[id] for id in (unidad_id, pide, *viven[unidad_id], *suyos) if id in alterados), None),
            )
            for (unidad_id, pide), suyos in zip(pares, de_entonces, strict=True)
        ]


def _resumir_residente(residente: Residente) -> ResidenteResumen:
    return ResidenteResumen(
        residente_id=residente.oid,
        nombre=residente.nombre_completo,
        email=residente.email,
        activo=residente.activo,
        unidades=residente.ids_de_unidades,
        dejadas=frozenset((d.unidad_id, sorteo_id) for d in residente.dejadas for sorteo_id in d.sorteos),
    )


def _resumir_unidad(unidad: Unidad) -> UnidadResumen:
    return UnidadResumen(unidad.oid, unidad.torre, unidad.apartamento, unidad.al_dia, unidad.cupo)


def _resumir_vehiculo(vehiculo: Vehiculo) -> VehiculoResumen:
    electrico = vehiculo.cuenta_como_electrico
    return VehiculoResumen(vehiculo.oid, vehiculo.unidad_id, vehiculo.tipo.value, electrico, vehiculo.placa)
