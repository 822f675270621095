"""Reading and changing requests."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import attrs
from beanie import PydanticObjectId

from app.core.clock import ahora
from app.core.security import Principal, Rol
from app.database.unit_of_work import UnitOfWork
from app.modules.solicitudes.estados import POR_DECIDIR, Actor, RequestStatus
from app.modules.solicitudes.exceptions import SolicitudDuplicada, SorteoNoAbierto, UnidadConSolicitud
from app.modules.solicitudes.impedimentos import Juez, Pedido, exigir_espacio, juzgar, tipos_de, vehiculo_de
from app.modules.solicitudes.models import Solicitud, SolicitudVista, TipoMovimiento, Ventanilla, VentanillaVista
from app.modules.solicitudes.movimientos.marcas import Marcas
from app.modules.solicitudes.movimientos.mirado import VEHICULO, mirado
from app.modules.solicitudes.movimientos.precintos import Precintos
from app.modules.solicitudes.movimientos.repository import MovimientoRepository
from app.modules.solicitudes.movimientos.service import Movimientos
from app.modules.solicitudes.permisos import Llamador, Permisos
from app.modules.solicitudes.ports import Padron
from app.modules.solicitudes.repository import Filtros, Seleccion, SolicitudRepository
from app.modules.solicitudes.schemas import MovimientoOut, RequestOut, RequestUpdate
from app.modules.solicitudes.ventanilla.repository import VentanillaRepository
from app.modules.solicitudes.vista import Vista
from app.shared.exceptions import ConflictoDeInteres, RolInsuficiente, TransicionInvalida
from app.shared.pagination import TOPE_DE_CUENTA, Page, PageQuery
from app.shared.repository import Fila

_LOTE, _PARTES = 1000, 12


@attrs.define(kw_only=True)
class SolicitudService:
    _solicitudes: SolicitudRepository
    _historial: MovimientoRepository
    _ventanillas: VentanillaRepository
    _movimientos: Movimientos
    _marcas: Marcas
    _precintos: Precintos
    _padron: Padron
    _juez: Juez
    _permisos: Permisos
    _vista: Vista
    _uow: UnitOfWork

    async def ver(self, id: PydanticObjectId, quien: Principal) -> RequestOut:
        """Raises NoEncontrado, SolicitudAlterada."""
        llamador = await self._permisos.llamador(quien)
        async with self._precintos.vigilar():
            solicitud = await self._permisos.al_alcance(id, llamador)
        return await self._vista.una(solicitud, llamador)

    async def listar(self, filtros: Filtros, consulta: PageQuery, quien: Principal) -> Page[Fila]:
        """The fields of a RequestOut of each. Of those with an impediment, as many are counted as a page looks at."""
        llamador = await self._permisos.llamador(quien)
        seleccion = await self.seleccionar(filtros, llamador)
        if filtros.impedimentos is None:
            return await self._pagina(seleccion, consulta, llamador)
        halladas, siguiente = await self._impedidas(seleccion, consulta, llamador, partes=_PARTES)
        if not consulta.contar:
            return Page(items=halladas, siguiente=siguiente)
        todas = PageQuery(limite=TOPE_DE_CUENTA, ids=consulta.ids)
        contadas, hay_mas = await self._impedidas(seleccion, todas, llamador, partes=_PARTES)
        return Page(items=halladas, siguiente=siguiente, total=len(contadas), total_minimo=hay_mas is not None)

    async def historial(self, id: PydanticObjectId, consulta: PageQuery, quien: Principal) -> Page[MovimientoOut]:
        """Every move and change, the oldest first. Residents are told who made it of their own alone. Raises
        NoEncontrado, SolicitudAlterada."""
        async with self._precintos.vigilar():
            await self._permisos.visible(id, await self._permisos.llamador(quien))
        pagina = await self._historial.de(id, consulta)
        return pagina.con(
            [
                MovimientoOut(
                    tipo=m.tipo,
                    de=m.de,
                    a=m.a,
                    actor=m.actor,
                    usuario_id=m.usuario_id if quien.es_personal or m.usuario_id == quien.usuario_id else None,
                    cuando=m.cuando,
                    motivo=m.motivo,
                    cambios=sorted(m.cambios),
                )
                for m in pagina.items
            ]
        )

    async def cambiar(self, id: PydanticObjectId, datos: RequestUpdate, quien: Principal) -> RequestOut:
        """Another vehicle of the flat, other wishes, while the draw takes requests. Raises NoEncontrado,
        ConflictoDeInteres, SorteoNoAbierto, TransicionInvalida, and what would refuse it handed in so."""
        async with self._precintos.vigilar():
            cambiada = await self._uow.run(lambda: self._cambiar(id, datos, quien))
        return await self._vista.una(*cambiada)

    async def seleccionar(self, filtros: Filtros, llamador: Llamador) -> Seleccion:
        """Those that match and the caller may see, with all that others know of them looked up."""
        torres, q, impedimentos = filtros.torres, filtros.q, filtros.impedimentos
        abiertas = () if impedimentos is None else await self._ventanillas.abiertas(filtros.sorteo_id)
        return Seleccion(
            alcance=llamador.alcance,
            filtros=filtros,
            unidades=None if torres is None else await self._padron.unidades_de_torres(torres=torres),
            hallados=None if q is None else await self._padron.buscar(q=q),
            abiertos=[ventanilla.oid for ventanilla in abiertas],
        )

    async def siguientes(
        self, seleccion: Seleccion, llamador: Llamador, *, cursor: str | None, limite: int
    ) -> tuple[list[PydanticObjectId], str | None]:
        """Up to `limite` of them by ascending id, and the cursor of the others; None where there is none."""
        consulta = PageQuery(limite=limite, orden="_id", cursor=cursor)
        if seleccion.filtros.impedimentos is not None:
            halladas, resto = await self._impedidas(seleccion, consulta, llamador)
            return [vista["id"] for vista in halladas], resto
        pagina, _ = await self._solicitudes.listar(seleccion, consulta)
        return [fila["_id"] for fila in pagina.items], pagina.siguiente

    async def _pagina(self, seleccion: Seleccion, consulta: PageQuery, llamador: Llamador) -> Page[Fila]:
        lista = self._solicitudes.listar(seleccion, consulta)
        residentes = lista.campo("residente_id") if llamador.quien.es_personal else ()
        hechos = self._vista.hechos(unidades=lista.campo("unidad_id"), residentes=residentes)
        (pagina, ventanillas), hallados = await lista.con(hechos)
        suyas = {fila["_id"]: VentanillaVista.de_fila(fila) for fila in ventanillas}
        vistas = [SolicitudVista.de_fila(fila) for fila in pagina.items]
        return pagina.con(await self._vista.vistas(vistas, llamador, ventanillas=suyas, hechos=hallados))

    async def _impedidas(
        self, seleccion: Seleccion, consulta: PageQuery, llamador: Llamador, *, partes: int | None = None
    ) -> tuple[list[Fila], str | None]:
        """Those of a page in which an impediment is found now, and the cursor of what follows. What is shown is what is
        found: those that may have one are read part after part, and looked at as they are shown. After so many `partes`
        a page is short, and not the last for all that."""
        buscados, halladas = set(seleccion.filtros.impedimentos or ()), list[Fila]()
        parte, leidas = replace(consulta, limite=min(consulta.limite, _LOTE), contar=False), 0
        while True:
            pagina = await self._pagina(seleccion, parte, llamador)
            halladas += [vista for vista in pagina.items if not buscados.isdisjoint(vista["impedimentos"])]
            leidas += 1
            if len(halladas) > consulta.limite:
                halladas = halladas[: consulta.limite]
                return halladas, self._solicitudes.cursor_tras(halladas[-1], seleccion, consulta)
            if pagina.siguiente is None or leidas == partes:
                return halladas, pagina.siguiente
            parte = replace(parte, limite=min(4 * parte.limite, _LOTE), cursor=pagina.siguiente)

    async def _cambiar(
        self, id: PydanticObjectId, datos: RequestUpdate, quien: Principal
    ) -> tuple[Solicitud, Llamador]:
        llamador = await self._permisos.llamador(quien, actua=True)
        solicitud = await self._permisos.visible(id, llamador)
        llamador.exigir_entero(solicitud.sorteo_id)
        actores = llamador.actores(solicitud)
        if not actores:
            # Of a flat that is not theirs an auditor reads alone; an operador does not decide about their own.
            raise RolInsuficiente() if quien.rol is Rol.auditor else ConflictoDeInteres()
        if not datos.model_fields_set:
            return solicitud, llamador
        ventanilla = await self._ventanillas.get(solicitud.sorteo_id)
        if ventanilla is None or not ventanilla.recibe(ahora()):
            raise SorteoNoAbierto()
        if solicitud.estado not in POR_DECIDIR:
            raise TransicionInvalida()
        nuevos, impedimentos = await self._nuevos(solicitud, datos, ventanilla)
        anteriores = solicitud.model_dump(include=set(nuevos))
        distintos = {campo: valor for campo, valor in nuevos.items() if valor != anteriores[campo]}
        if not distintos:
            return solicitud, llamador
        await self._padron.tocar_unidades(unidades=[solicitud.unidad_id])
        estado = _a_decidir(solicitud, ventanilla, distintos, impedimentos)
        escritos = distintos | self._marcas.seguir(solicitud, {**distintos, "estado": estado}, ventanilla.terminos)
        cambiada = await self._solicitudes.mover(solicitud, estado, cambios=escritos, ahora=ahora())
        if cambiada is None:
            raise TransicionInvalida()
        if cambiada.vez != solicitud.vez:
            self._marcas.recordar(cambiada)
        await self._movimientos.anotar(
            [(solicitud, solicitud.estado)],
            actor=actores[0],
            usuario_id=quien.usuario_id,
            tipo=TipoMovimiento.cambio,
            cambios={campo: anteriores[campo] for campo in distintos if campo in RequestOut.model_fields},
        )
        if estado is not solicitud.estado:
            await self._movimientos.anotar([(solicitud, estado)], actor=Actor.sistema)
        return cambiada, llamador

    async def _nuevos(
        self, solicitud: Solicitud, datos: RequestUpdate, ventanilla: Ventanilla
    ) -> tuple[dict[str, Any], list[str] | None]:
        """What the request would hold, and its impediments then. What touches neither the vehicle nor the kinds of
        space is not judged again (None): an impediment that came by itself is for the closing."""
        venidos = datos.model_fields_set
        nuevos: dict[str, Any] = {}
        if not venidos & {"vehiculo_id", "acepta", "usa_condiciones"}:
            if "preferencias" in venidos:
                await self._juez.exigir_preferencias(ventanilla, datos.preferencias, solicitud.tipos)
                nuevos["preferencias"] = datos.preferencias
            return nuevos, None
        otro = datos.vehiculo_id if "vehiculo_id" in venidos else solicitud.vehiculo.id
        peticion = await self._padron.peticion(unidad_id=solicitud.unidad_id, vehiculo_id=otro, placa=None)
        if peticion is None:
            raise RuntimeError(f"the flat of request {solicitud.id} is not there")
        vehiculo = solicitud.vehiculo
        if otro != vehiculo.id:
            vehiculo = vehiculo_de(peticion, solicitud.unidad_id, solicitud.sorteo_id)
            if await self._solicitudes.viva_de_vehiculo(vehiculo_id=vehiculo.id, sorteo_id=solicitud.sorteo_id):
                raise SolicitudDuplicada()
            await self._exigir_lugar(solicitud, vehiculo.tipo, ventanilla)
            nuevos["mirado"] = (solicitud.mirado or {}) | mirado(peticion, [VEHICULO], ahora())
        acepta = datos.acepta if "acepta" in venidos else _que_sirve(solicitud, vehiculo.clase, ventanilla)
        usa_condiciones = datos.usa_condiciones if "usa_condiciones" in venidos else solicitud.usa_condiciones
        tipos = tipos_de(ventanilla.terminos, vehiculo.clase, acepta)
        if "preferencias" in venidos:
            await self._juez.exigir_preferencias(ventanilla, datos.preferencias, tipos)
            preferencias = datos.preferencias
        else:
            preferencias = await self._juez.usables(ventanilla, solicitud.preferencias, tipos)
        pedido = Pedido(solicitud.unidad_id, vehiculo.clase, tipos, usa_condiciones)
        (impedimentos,) = juzgar(
            [(ventanilla, pedido)],
            fichas={solicitud.unidad_id: peticion.ficha},
            ocupados=await self._juez.ocupados([solicitud.unidad_id]),
        )
        exigir_espacio(impedimentos)
        nuevos |= {"preferencias": preferencias}
        nuevos |= {"vehiculo": vehiculo.model_dump(), "clase": vehiculo.clase, "tipos": tipos, "acepta": acepta}
        return nuevos | {"usa_condiciones": usa_condiciones}, impedimentos

    async def _exigir_lugar(self, solicitud: Solicitud, tipo: str, ventanilla: Ventanilla) -> None:
        """The flat may have a live request for another `tipo` of vehicle in place of this one. Raises
        UnidadConSolicitud."""
        if tipo == solicitud.vehiculo.tipo or tipo not in ventanilla.terminos.max_por_tipo:
            return
        _, vivas = await self._ventanillas.con_vivas(ventanilla.oid, unidad_id=solicitud.unidad_id)
        if not ventanilla.terminos.cabe_otra(tipo, [viva.tipo for viva in vivas]):
            raise UnidadConSolicitud()


def _que_sirve(solicitud: Solicitud, clase: str, ventanilla: Ventanilla) -> list[str] | None:
    """The kinds of space that it took before, as far as a vehicle of `clase` may use them; None, for all, where it may
    use none of them."""
    if solicitud.acepta is None or clase == solicitud.clase:
        return solicitud.acepta
    admitidos = ventanilla.terminos.admite(clase, None)
    return [tipo for tipo in solicitud.acepta if tipo in admitidos] or None


def _a_decidir(
    solicitud: Solicitud, ventanilla: Ventanilla, distintos: Mapping[str, Any], impedimentos: Sequence[str] | None
) -> RequestStatus:
    """Staff look at another vehicle anew; the rules approve what nothing stands in the way of."""
    if ventanilla.terminos.aprobacion == "automatica":
        return RequestStatus.aprobada if impedimentos == [] else solicitud.estado
    return RequestStatus.pendiente if "vehiculo" in distintos else solicitud.estado
