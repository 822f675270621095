"""Residents: who they are, where they live, what conditions they have."""

from collections.abc import Collection, Sequence
from dataclasses import replace

import attrs
from beanie import PydanticObjectId

from app.core.clock import ahora
from app.core.security import Principal
from app.database.unit_of_work import UnitOfWork, una_transaccion
from app.modules.residentes.catalogo.repository import CatalogoRepository
from app.modules.residentes.catalogo.service import Dicha, exigir_condiciones
from app.modules.residentes.exceptions import UnidadQuedariaVacia
from app.modules.residentes.models import (
    HECHOS_DE_QUIEN_VIVE,
    Condicion,
    Dejada,
    EstadoCondicion,
    EstadoResidente,
    Ocupacion,
    Residente,
)
from app.modules.residentes.permisos import Permisos
from app.modules.residentes.ports import Cuentas, Lecturas, Solicitudes
from app.modules.residentes.repository import FiltroResidentes, ResidenteRepository
from app.modules.residentes.rotulos.repository import Rotulos
from app.modules.residentes.schemas import (
    CAMPOS_DE_FICHA,
    CAMPOS_DE_LISTA,
    OcupacionCreate,
    ResidentCreate,
    ResidentOut,
    ResidentSelfUpdate,
    ResidentUpdate,
    escribir_ficha,
    escribir_fila,
)
from app.modules.residentes.unidades.repository import FiltroUnidades, UnidadRepository, VehiculoRepository
from app.shared.exceptions import EntradaInvalida, ErrorDeCampo, hallado
from app.shared.pagination import TOPE_DE_CUENTA, Page, PageQuery
from app.shared.repository import Fila

# What counts in a draw, or takes somebody out of it. An operador may not decide it about themselves or their flat.
_DE_OTRA_PERSONA = {"unidades", "estado", "fecha_ingreso"}


@attrs.define(kw_only=True)
class ResidenteService:
    """Whoever comes to a flat or leaves it writes the flat's document (`Unidad.version`). So, of two residents who
    leave at once, the second sees that nobody remains; and nobody moves into a flat while the flat is deleted."""

    _residentes: ResidenteRepository
    _unidades: UnidadRepository
    _vehiculos: VehiculoRepository
    _rotulos: Rotulos
    _permisos: Permisos
    _cuentas: Cuentas
    _solicitudes: Solicitudes
    _lecturas: Lecturas
    _catalogo: CatalogoRepository
    _uow: UnitOfWork

    async def listar(
        self,
        filtro: FiltroResidentes,
        viven_en: FiltroUnidades,
        placa: str | None,
        consulta: PageQuery,
        quien: Principal,
    ) -> Page[Fila]:
        """Residents who meet `filtro` and have a flat that meets `viven_en` and has the vehicle of that plate, as a
        ResidentRow says them. A list of those with a condition tells who has it, so that such a list too counts as
        reading conditions."""
        if placa is not None:
            vehiculo = await self._vehiculos.por_placa(placa)
            suyas = [] if vehiculo is None else [vehiculo.unidad_id]
            viven_en = replace(viven_en, ids=[id for id in suyas if viven_en.ids is None or id in viven_en.ids])
        pagina = await self._pagina(filtro, viven_en, consulta)
        if filtro.condiciones is not None:
            self._lecturas.leidas(lector=quien, residentes=[fila["_id"] for fila in pagina.items])
        return pagina.con([escribir_fila(fila) for fila in pagina.items])

    async def _pagina(self, filtro: FiltroResidentes, viven_en: FiltroUnidades, consulta: PageQuery) -> Page[Fila]:
        if viven_en == FiltroUnidades():
            return await self._residentes.listar(filtro, consulta, campos=CAMPOS_DE_LISTA)
        if viven_en.ids is None:
            # Of who owes or pays there are many, as a rule: these are looked for on the way before they are counted.
            de_muchas = not consulta.contar and viven_en == FiltroUnidades(al_dia=viven_en.al_dia)
            if de_muchas or await self._unidades.son_muchas(viven_en):
                hallada = await self._pagina_de_muchas(filtro, viven_en, consulta, contadas=not de_muchas)
                if hallada is not None:
                    return hallada
        filtro = replace(filtro, unidades=await self._unidades.ids(viven_en))
        return await self._residentes.listar(filtro, consulta, campos=CAMPOS_DE_LISTA)

    async def _pagina_de_muchas(
        self, filtro: FiltroResidentes, viven_en: FiltroUnidades, consulta: PageQuery, *, contadas: bool
    ) -> Page[Fila] | None:
        """`contadas`: it is known that they are many."""

        async def seguir() -> bool:
            return contadas or await self._unidades.son_muchas(viven_en)

        hallada = await self._residentes.listar_de_muchas(
            filtro,
            consulta,
            campos=CAMPOS_DE_LISTA,
            entre=lambda ids: self._unidades.entre(ids, viven_en),
            seguir=seguir,
        )
        if hallada is None or not consulta.contar:
            return hallada
        cumplen = await self._unidades.que_cumplen(viven_en)
        cuantas = await self._residentes.contar_de_muchas(filtro, consulta, unidades=cumplen, tope=TOPE_DE_CUENTA + 1)
        total = min(cuantas, TOPE_DE_CUENTA)
        return replace(hallada, total=total, total_minimo=cuantas > TOPE_DE_CUENTA)

    async def ver(self, residente_id: PydanticObjectId, quien: Principal) -> Fila:
        """As a ResidentOut says them. Raises NoEncontrado."""
        fila = hallado(await self._residentes.ficha(residente_id, campos=CAMPOS_DE_FICHA))
        nombres = await self._catalogo.nombres({condicion["codigo"] for condicion in fila["condiciones"]})
        if fila["condiciones"]:
            self._lecturas.leidas(lector=quien, residentes=[residente_id])
        return escribir_ficha(fila, nombres)

    async def ver_propio(self, quien: Principal) -> ResidentOut:
        """Raises SinResidente."""
        return await self._mostrar(await self._permisos.propio(quien))

    @una_transaccion
    async def crear(self, datos: ResidentCreate, quien: Principal) -> ResidentOut:
        """Raises EntradaInvalida, ConflictoDeInteres, DocumentoDuplicado, EmailDuplicado."""
        instante = ahora()
        residente = Residente(
            **datos.model_dump(exclude={"unidades", "condiciones"}),
            unidades=await self._ocupaciones(datos.unidades),
            condiciones=[
                Condicion(
                    **condicion.model_dump(),
                    estado=EstadoCondicion.verificada,
                    declarada_en=instante,
                    decidida_en=instante,
                    decidida_por=quien.usuario_id,
                )
                for condicion in datos.condiciones
            ],
            creado_en=instante,
            actualizado_en=instante,
        )
        await self._permisos.exigir_ajeno(quien, unidades=residente.ids_de_unidades)
        await self._unidades.tocar(residente.ids_de_unidades)
        dadas = enumerate(datos.condiciones)
        await exigir_condiciones(
            self._catalogo, [Dicha(c.codigo, True, c.vigente_hasta, f"condiciones.{n}.") for n, c in dadas]
        )
        await self._residentes.insert(residente)
        await self._rotulos.de_residentes([residente.oid])
        campos = ["residentes", *(["condiciones"] if datos.condiciones else [])]
        await self._unidades.anotar(residente.ocupadas, campos, cuando=instante)
        return await self._mostrar(residente)

    async def cambiar(self, residente_id: PydanticObjectId, cambios: ResidentUpdate, quien: Principal) -> ResidentOut:
        """Raises NoEncontrado, EntradaInvalida, ConflictoDeInteres, DocumentoDuplicado, EmailDuplicado."""
        campos = cambios.model_fields_set

        async def fn() -> ResidentOut:
            antes = hallado(await self._residentes.no_suprimido(residente_id))
            nuevos = cambios.model_dump(exclude_unset=True)
            if "unidades" in campos:
                dichas = await self._ocupaciones(cambios.unidades)
                # The same ones in another order are no change.
                nuevos["unidades"] = antes.unidades if _en_orden(dichas) == _en_orden(antes.unidades) else dichas
            despues = antes.model_copy(update=nuevos)
            if campos & _DE_OTRA_PERSONA:
                await self._permisos.exigir_ajeno(
                    quien,
                    unidades={*antes.ids_de_unidades, *despues.ids_de_unidades},
                    residente_id=residente_id,
                )
            if campos:
                await self._mudar(antes, despues, quien, dichos=campos)
            return await self._mostrar(despues)

        # What was changed is shown whole: also by a call that changes nothing, and so leaves no act.
        ficha = await self._uow.run(fn)
        if ficha.condiciones:
            self._lecturas.leidas(lector=quien, residentes=[ficha.id])
        return ficha

    @una_transaccion
    async def cambiar_propio(self, cambios: ResidentSelfUpdate, quien: Principal) -> ResidentOut:
        """Raises SinResidente."""
        residente = await self._permisos.propio(quien)
        if cambios.model_fields_set:
            residente = residente.model_copy(update=cambios.model_dump(exclude_unset=True))
            await self._residentes.guardar(residente, dichos=cambios.model_fields_set)
        return await self._mostrar(residente)

    @una_transaccion
    async def dar_de_baja(self, residente_id: PydanticObjectId, quien: Principal, *, confirmada: bool = True) -> None:
        """Make the resident inactive; one who already is stays so. Raises NoEncontrado, ConflictoDeInteres;
        UnidadQuedariaVacia where a live request would end by it, unless that is `confirmada`."""
        antes = hallado(await self._residentes.no_suprimido(residente_id))
        await self._permisos.exigir_ajeno(quien, unidades=antes.ids_de_unidades, residente_id=residente_id)
        if not antes.activo:
            return
        if not confirmada and await self._dejaria_sola_una_solicitud(antes):
            raise UnidadQuedariaVacia()
        ido = antes.model_copy(update={"estado": EstadoResidente.inactivo})
        await self._mudar(antes, ido, quien, dichos={"estado"})

    async def _dejaria_sola_una_solicitud(self, residente: Residente) -> bool:
        siguen = await self._residentes.activos_de(residente.ocupadas)
        habitadas = {u for otro in siguen if otro.oid != residente.oid for u in otro.ids_de_unidades}
        return bool(await self._solicitudes.unidades_con_vivas(unidades=sorted(residente.ocupadas - habitadas)))

    async def _mostrar(self, residente: Residente) -> ResidentOut:
        pisos = await self._unidades.por_ids(residente.ids_de_unidades)
        nombres = await self._catalogo.nombres({condicion.codigo for condicion in residente.condiciones})
        return ResidentOut.de(residente, pisos, nombres)

    async def _ocupaciones(self, pedidas: Sequence[OcupacionCreate]) -> list[Ocupacion]:
        """Raises EntradaInvalida with one error for each flat that does not exist."""
        unidades = await self._unidades.por_claves([pedida.clave for pedida in pedidas])
        desconocidas = [i for i, pedida in enumerate(pedidas) if pedida.clave not in unidades]
        if desconocidas:
            raise EntradaInvalida(*(ErrorDeCampo(f"unidades.{i}", "unidad_desconocida", {}) for i in desconocidas))
        return [Ocupacion(unidad_id=unidades[p.clave].oid, tenencia=p.tenencia) for p in pedidas]

    async def _mudar(self, antes: Residente, despues: Residente, quien: Principal, *, dichos: Collection[str]) -> None:
        """Save `despues`, of which somebody said `dichos`, and everything that follows from who lives where now."""
        suyas = set(antes.ids_de_unidades) ^ set(despues.ids_de_unidades)
        await self._unidades.tocar(suyas | (antes.ocupadas ^ despues.ocupadas))
        dejadas = antes.ocupadas - despues.ocupadas
        if dejadas:
            despues.dejadas = await self._dejadas(antes, dejadas)
        rotos = await self._residentes.rotos(antes.oid, _DE_OTRA_PERSONA.intersection(dichos))
        iguales = {
            "residentes" if campo == "unidades" else campo: despues.ocupadas
            for campo in _DE_OTRA_PERSONA.intersection(dichos) - rotos
            if getattr(antes, campo) == getattr(despues, campo)
        }
        await self._residentes.guardar(despues, dichos=dichos, iguales=iguales)
        await self._rotulos.de_residentes([despues.oid])
        await self._anotar_hechos(antes, despues, rotos)
        if dejadas:
            siguen = {u for otro in await self._residentes.activos_de(dejadas) for u in otro.ids_de_unidades}
            vacias = sorted(dejadas - siguen)
            if vacias:
                await self._solicitudes.desocupadas(unidades=vacias, usuario_id=quien.usuario_id)
        if antes.activo and not despues.activo:
            await self._cuentas.desactivar(residente_id=despues.oid)
        elif despues.activo and not antes.activo:
            await self._cuentas.reactivar(residente_id=despues.oid)

    async def _dejadas(self, antes: Residente, nuevas: Collection[PydanticObjectId]) -> list[Dejada]:
        """The flats that they have left while a draw was on that still is, these among them."""
        en_curso = await self._solicitudes.sorteos_en_curso()
        siguen = [d for d in antes.dejadas if d.unidad_id not in nuevas and not set(d.sorteos).isdisjoint(en_curso)]
        return siguen + [Dejada(unidad_id=u, sorteos=list(en_curso)) for u in sorted(nuevas) if en_curso]

    async def _anotar_hechos(self, antes: Residente, despues: Residente, rotos: Collection[str]) -> None:
        """Note on each flat concerned which of the facts that a draw reads were changed, or stated where they bore no
        mark of theirs (`rotos`). What staff change while a draw is open is published with its bases."""
        cuando = ahora()
        campos = {c for c in HECHOS_DE_QUIEN_VIVE if c in rotos or getattr(antes, c) != getattr(despues, c)}
        suyas = antes.ocupadas | despues.ocupadas
        await self._unidades.anotar(suyas, campos, cuando=cuando)
        mudadas = suyas if "unidades" in rotos else antes.ocupadas ^ despues.ocupadas
        await self._unidades.anotar(mudadas, ["residentes"], cuando=cuando)
        tenencias = {o.unidad_id: o.tenencia for o in antes.unidades}
        otra = {o.unidad_id for o in despues.unidades if tenencias.get(o.unidad_id, o.tenencia) is not o.tenencia}
        await self._unidades.anotar(otra, ["tenencia"], cuando=cuando)


def _en_orden(ocupaciones: Sequence[Ocupacion]) -> list[tuple[PydanticObjectId, str]]:
    return sorted((o.unidad_id, o.tenencia.value) for o in ocupaciones)
