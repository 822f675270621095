"""Flats and their vehicles."""

from collections.abc import Sequence
from dataclasses import replace
from operator import attrgetter

import attrs
from beanie import PydanticObjectId

from app.core.clock import ahora
from app.core.security import Principal, Rol
from app.database.unit_of_work import UnitOfWork, una_transaccion
from app.modules.residentes.exceptions import DemasiadosVehiculos, PlacaDuplicada, UnidadEnUso, VehiculoEnSolicitud
from app.modules.residentes.models import HECHOS, Unidad, Vehiculo
from app.modules.residentes.permisos import Permisos
from app.modules.residentes.ports import Reservas, Solicitudes
from app.modules.residentes.repository import ResidenteRepository
from app.modules.residentes.rotulos.repository import Rotulos
from app.modules.residentes.sanciones.repository import SancionRepository
from app.modules.residentes.unidades.repository import FiltroUnidades, UnidadRepository, VehiculoRepository
from app.modules.residentes.unidades.schemas import (
    MAXIMO_DE_VEHICULOS,
    UnidadCreate,
    UnidadOut,
    UnidadUpdate,
    VehiculoCreate,
    VehiculoOut,
    VehiculoPropioUpdate,
    exigir_entero,
)
from app.shared.exceptions import NoEncontrado, RolInsuficiente, hallado
from app.shared.pagination import Page, PageQuery
from app.shared.utils import fundir

# What an operador may not decide about their own flat, and what is for the admin alone.
_DE_OTRA_PERSONA = {"al_dia", "al_dia_corte", "cupo", "torre", "vehiculos"}
_SOLO_ADMIN = {"perdidos_previos"}
_lo_visto = attrgetter("tipo", "placa", "electrico")
"""Of a vehicle: what staff saw who say that it is electric."""


@attrs.define(kw_only=True)
class UnidadService:
    """Every change writes the flat's own document (`Unidad.version`), so that changes of one flat come one by one."""

    _unidades: UnidadRepository
    _vehiculos: VehiculoRepository
    _residentes: ResidenteRepository
    _rotulos: Rotulos
    _sanciones: SancionRepository
    _permisos: Permisos
    _solicitudes: Solicitudes
    _reservas: Reservas
    _uow: UnitOfWork

    async def listar(self, filtro: FiltroUnidades, consulta: PageQuery, *, placa: str | None = None) -> Page[UnidadOut]:
        """Flats that meet `filtro`, and have the vehicle of that plate where one is given."""
        if placa is not None:
            vehiculo = await self._vehiculos.por_placa(placa)
            filtro = replace(filtro, ids=[] if vehiculo is None else [vehiculo.unidad_id])
        pagina = await self._unidades.listar(filtro, consulta)
        vehiculos = await self._vehiculos.de_unidades([unidad.oid for unidad in pagina.items])
        return pagina.con([UnidadOut.de(unidad, vehiculos[unidad.oid]) for unidad in pagina.items])

    async def listar_propias(self, consulta: PageQuery, quien: Principal) -> Page[UnidadOut]:
        """Raises SinResidente."""
        propio = await self._permisos.propio(quien)
        return await self.listar(FiltroUnidades(ids=propio.ocupadas), consulta)

    async def ver(self, unidad_id: PydanticObjectId) -> UnidadOut:
        """Raises NoEncontrado."""
        return await self._mostrar(hallado(await self._unidades.get(unidad_id)))

    @una_transaccion
    async def crear(self, datos: UnidadCreate, quien: Principal) -> UnidadOut:
        """Raises RolInsuficiente, UnidadDuplicada, PlacaDuplicada."""
        _exigir_rol(datos.model_fields_set, quien)
        unidad = Unidad(**datos.model_dump(exclude={"vehiculos"}))
        await self._unidades.insert(unidad)
        await self._poner_vehiculos(unidad, datos.vehiculos)
        await self._rotulos.de_unidades([unidad.oid])
        return await self._mostrar(unidad)

    @una_transaccion
    async def cambiar(self, unidad_id: PydanticObjectId, cambios: UnidadUpdate, quien: Principal) -> UnidadOut:
        """Raises RolInsuficiente, NoEncontrado, ConflictoDeInteres, UnidadDuplicada, PlacaDuplicada,
        VehiculoEnSolicitud."""
        campos = cambios.model_fields_set
        _exigir_rol(campos, quien)
        unidad = hallado(await self._unidades.get(unidad_id))
        if campos & _DE_OTRA_PERSONA:
            await self._permisos.exigir_ajeno(quien, unidades=[unidad_id])
        if campos:
            nuevos = cambios.model_dump(exclude_unset=True, exclude={"vehiculos"})
            en_parte = set[str]()
            if "perdidos_previos" in nuevos:
                if unidad.perdidos_previos.keys() - nuevos["perdidos_previos"].keys():
                    en_parte.add("perdidos_previos")
                nuevos["perdidos_previos"] = fundir(unidad.perdidos_previos, nuevos["perdidos_previos"])
            rotos = await self._unidades.rotos(unidad_id, HECHOS & campos)
            cambiados = rotos | {campo for campo in HECHOS & campos if nuevos[campo] != getattr(unidad, campo)}
            unidad = unidad.model_copy(update=nuevos)
            iguales = (HECHOS & campos) - cambiados
            await self._unidades.guardar(unidad, dichos=nuevos, en_parte=en_parte, iguales=iguales)
            await self._unidades.anotar([unidad_id], cambiados, cuando=ahora())
            if "al_dia" in cambiados:
                await self._solicitudes.cambiaron(unidades=[unidad_id])
        if "vehiculos" in campos:
            await self._poner_vehiculos(unidad, cambios.vehiculos)
        if campos:
            await self._rotulos.de_unidades([unidad_id])
        return await self._mostrar(unidad)

    @una_transaccion
    async def borrar(self, unidad_id: PydanticObjectId, quien: Principal) -> None:
        """Raises NoEncontrado, ConflictoDeInteres, UnidadEnUso."""
        hallado(await self._unidades.get(unidad_id))
        await self._permisos.exigir_ajeno(quien, unidades=[unidad_id])
        # An inactive resident is history too: deleting the flat would leave them one that does not exist.
        if (
            await self._residentes.alguno_en(unidad_id)
            or await self._sanciones.alguna(unidad_id)
            or await self._solicitudes.unidad_con_historia(unidad_id=unidad_id)
            or await self._reservas.unidades_con_derecho(unidades=[unidad_id])
        ):
            raise UnidadEnUso()
        await self._vehiculos.borrar_de_unidad(unidad_id)
        await self._unidades.borrar(unidad_id)

    async def olvidar_vehiculos(self, unidades: Sequence[PydanticObjectId]) -> None:
        """Of flats in which nobody lives any more: all that no live request is for. In the transaction in course."""
        vehiculos = [v.oid for suyos in (await self._vehiculos.de_unidades(unidades)).values() for v in suyos]
        pedidos = await self._solicitudes.con_solicitud(vehiculos=vehiculos) if vehiculos else frozenset()
        await self._vehiculos.borrar([vehiculo_id for vehiculo_id in vehiculos if vehiculo_id not in pedidos])
        await self._rotulos.de_unidades(unidades)

    @una_transaccion
    async def agregar_vehiculo(
        self, unidad_id: PydanticObjectId, datos: VehiculoCreate, personal: Principal | None
    ) -> VehiculoOut:
        """`personal`: who of staff says so; None: who lives there. Raises ConflictoDeInteres, NoEncontrado,
        DemasiadosVehiculos, PlacaDuplicada."""
        await self._exigir_de_otros(personal, unidad_id)
        if not await self._unidades.tocar([unidad_id]):
            raise NoEncontrado()
        if await self._vehiculos.cuantos(unidad_id) >= MAXIMO_DE_VEHICULOS:
            raise DemasiadosVehiculos(maximo=MAXIMO_DE_VEHICULOS)
        verificado = personal is not None and datos.electrico
        vehiculo = Vehiculo(unidad_id=unidad_id, electrico_verificado=verificado, **datos.model_dump())
        await self._vehiculos.insert(vehiculo)
        await self._rotulos.de_unidades([unidad_id])
        return VehiculoOut.model_validate(vehiculo)

    @una_transaccion
    async def cambiar_vehiculo(
        self,
        unidad_id: PydanticObjectId,
        vehiculo_id: PydanticObjectId,
        cambios: VehiculoPropioUpdate,
        personal: Principal | None,
    ) -> VehiculoOut:
        """A wrong plate is mended in the live requests for the vehicle too, while their draw takes changes. As
        `agregar_vehiculo`; raises EntradaInvalida and VehiculoEnSolicitud too."""
        await self._exigir_de_otros(personal, unidad_id)
        dichos = cambios.model_dump(exclude_unset=True)
        if personal is not None and "electrico" in dichos:
            dichos = {"electrico_verificado": dichos["electrico"]} | dichos
        if dichos:
            await self._unidades.tocar([unidad_id])
        antes = hallado(await self._vehiculos.de_la_unidad(unidad_id, vehiculo_id))
        despues = antes.model_copy(update=dichos)
        if personal is None and _lo_visto(antes) != _lo_visto(despues):
            dichos["electrico_verificado"] = False
            despues = antes.model_copy(update=dichos)
        exigir_entero(despues)
        if (antes.tipo, antes.electrico) != (despues.tipo, despues.electrico):
            await self._exigir_libres([antes])
        if antes.placa != despues.placa and not await self._solicitudes.corregir_placa(
            vehiculo_id=vehiculo_id, placa=despues.placa
        ):
            raise VehiculoEnSolicitud()
        if dichos:
            await self._vehiculos.guardar(despues, dichos=dichos)
        if antes.placa != despues.placa:
            await self._rotulos.de_unidades([unidad_id])
        return VehiculoOut.model_validate(despues)

    @una_transaccion
    async def cambiar_vehiculo_propio(
        self,
        unidad_id: PydanticObjectId,
        vehiculo_id: PydanticObjectId,
        cambios: VehiculoPropioUpdate,
        quien: Principal,
    ) -> VehiculoOut:
        """Raises SinResidente, and as `cambiar_vehiculo`."""
        await self._exigir_propia(unidad_id, quien)
        return await self.cambiar_vehiculo(unidad_id, vehiculo_id, cambios, None)

    @una_transaccion
    async def quitar_vehiculo(self, unidad_id: PydanticObjectId, vehiculo_id: PydanticObjectId) -> None:
        """Raises NoEncontrado, VehiculoEnSolicitud."""
        await self._unidades.tocar([unidad_id])
        await self._exigir_libres([hallado(await self._vehiculos.de_la_unidad(unidad_id, vehiculo_id))])
        await self._vehiculos.borrar([vehiculo_id])
        await self._rotulos.de_unidades([unidad_id])

    @una_transaccion
    async def agregar_vehiculo_propio(
        self, unidad_id: PydanticObjectId, datos: VehiculoCreate, quien: Principal
    ) -> VehiculoOut:
        """Raises SinResidente, NoEncontrado, DemasiadosVehiculos, PlacaDuplicada."""
        await self._exigir_propia(unidad_id, quien)
        return await self.agregar_vehiculo(unidad_id, datos, None)

    @una_transaccion
    async def quitar_vehiculo_propio(
        self, unidad_id: PydanticObjectId, vehiculo_id: PydanticObjectId, quien: Principal
    ) -> None:
        """Raises SinResidente, NoEncontrado, VehiculoEnSolicitud."""
        await self._exigir_propia(unidad_id, quien)
        await self.quitar_vehiculo(unidad_id, vehiculo_id)

    async def _exigir_propia(self, unidad_id: PydanticObjectId, quien: Principal) -> None:
        if unidad_id not in (await self._permisos.propio(quien)).ocupadas:
            raise NoEncontrado()

    async def _exigir_de_otros(self, personal: Principal | None, unidad_id: PydanticObjectId) -> None:
        """What an operador says of a vehicle of theirs is a resident's word."""
        if personal is not None:
            await self._permisos.exigir_ajeno(personal, unidades=[unidad_id])

    async def _exigir_libres(self, vehiculos: Sequence[Vehiculo]) -> None:
        if vehiculos and await self._solicitudes.alguno_en_solicitud(vehiculos=[v.oid for v in vehiculos]):
            raise VehiculoEnSolicitud()

    async def _mostrar(self, unidad: Unidad) -> UnidadOut:
        return UnidadOut.de(unidad, await self._vehiculos.de_unidad(unidad.oid))

    async def _poner_vehiculos(self, unidad: Unidad, pedidos: Sequence[VehiculoCreate]) -> None:
        """Make `pedidos` the vehicles of the flat. A vehicle whose plate was there already keeps its id."""
        placas = [pedido.placa for pedido in pedidos if pedido.placa is not None]
        if len(set(placas)) < len(placas):
            raise PlacaDuplicada()
        sobrantes = await self._vehiculos.de_unidad(unidad.oid)
        cambiados, nuevos = [], []
        for pedido in pedidos:
            # Bicycles without a plate are all alike: any of them will do.
            actual = next((v for v in sobrantes if v.placa == pedido.placa), None)
            if actual is None:
                nuevos.append(Vehiculo(unidad_id=unidad.oid, **pedido.model_dump()))
                continue
            sobrantes.remove(actual)
            if (actual.tipo, actual.electrico) != (pedido.tipo, pedido.electrico):
                cambiados.append(actual.model_copy(update=pedido.model_dump()))
        await self._exigir_libres([*sobrantes, *cambiados])
        await self._vehiculos.borrar([vehiculo.oid for vehiculo in sobrantes])
        await self._vehiculos.cambiar_de_tipo(cambiados)
        await self._vehiculos.insert_many(nuevos)


def _exigir_rol(campos: set[str], quien: Principal) -> None:
    if campos & _SOLO_ADMIN and quien.rol is not Rol.admin:
        raise RolInsuficiente()
