"""Residents: who they are, where they live, what conditions they have."""

from collections.abc import Sequence
from dataclasses import replace
from zoneinfo import ZoneInfo

from beanie import PydanticObjectId

from app.core.clock import ahora, hoy
from app.core.security import Principal
from app.database.unit_of_work import UnitOfWork
from app.modules.residentes.exceptions import DemasiadasCondiciones, ResidenteInactivo
from app.modules.residentes.hechos import anotar_cambios
from app.modules.residentes.models import Condicion, EstadoCondicion, EstadoResidente, Ocupacion, Residente
from app.modules.residentes.permisos import Intereses
from app.modules.residentes.ports import Cuentas, Lecturas, Salidas
from app.modules.residentes.repository import (
    FiltroResidentes,
    FiltroUnidades,
    ResidenteRepository,
    UnidadRepository,
    VehiculoRepository,
)
from app.modules.residentes.schemas import (
    MAXIMO_DE_CONDICIONES,
    CondicionDecidida,
    CondicionDeclarada,
    CondicionOut,
    OcupacionCreate,
    ResidentCreate,
    ResidentOut,
    ResidentRow,
    ResidentSelfUpdate,
    ResidentUpdate,
)
from app.shared.exceptions import EntradaInvalida, ErrorDeCampo, NoEncontrado, SinResidente
from app.shared.pagination import Page, PageQuery

# What counts in a draw, or takes somebody out of it: an operador may not decide it about themselves or their flat.
_DE_OTRA_PERSONA = {"unidades", "estado", "fecha_ingreso"}


class ResidenteService:
    """Who comes to a flat or leaves it writes the flat's document (`Unidad.version`): of two who leave at once, the
    second sees that nobody remains, and nobody moves into a flat while it is deleted."""

    def __init__(
        self,
        *,
        residentes: ResidenteRepository,
        unidades: UnidadRepository,
        vehiculos: VehiculoRepository,
        cuentas: Cuentas,
        salidas: Salidas,
        lecturas: Lecturas,
        uow: UnitOfWork,
        zona: ZoneInfo,
    ) -> None:
        self._residentes = residentes
        self._unidades = unidades
        self._vehiculos = vehiculos
        self._cuentas = cuentas
        self._salidas = salidas
        self._lecturas = lecturas
        self._intereses = Intereses(residentes)
        self._uow = uow
        self._zona = zona

    async def listar(
        self,
        filtro: FiltroResidentes,
        viven_en: FiltroUnidades,
        placa: str | None,
        consulta: PageQuery,
        quien: Principal,
    ) -> Page[ResidentRow]:
        """Residents who meet `filtro` and have a flat that meets `viven_en` and has the vehicle of that plate. Who is
        in a list of those with a condition, has it: that too is reading it."""
        if placa is not None:
            vehiculo = await self._vehiculos.por_placa(placa)
            viven_en = replace(viven_en, ids=[] if vehiculo is None else [vehiculo.unidad_id])
        if viven_en != FiltroUnidades():
            filtro = replace(filtro, unidades=await self._unidades.ids(viven_en))
        pagina = await self._residentes.listar(filtro, consulta)
        unidades = await self._unidades.por_ids({u for r in pagina.items for u in r.ids_de_unidades})
        if filtro.condicion is not None:
            self._lecturas.leidas(lector=quien, residentes=[residente.oid for residente in pagina.items])
        return pagina.con([ResidentRow.de(residente, unidades) for residente in pagina.items])

    async def ver(self, residente_id: PydanticObjectId, quien: Principal) -> ResidentOut:
        """Raises NoEncontrado."""
        return self._leida(await self._mostrar(await self._exigir(residente_id)), quien)

    async def ver_propio(self, quien: Principal) -> ResidentOut:
        """Raises SinResidente."""
        return await self._mostrar(await self._propio(quien))

    async def crear(self, datos: ResidentCreate, quien: Principal) -> ResidentOut:
        """Raises EntradaInvalida, ConflictoDeInteres, DocumentoDuplicado, EmailDuplicado."""

        async def fn() -> ResidentOut:
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
            await self._intereses.exigir_ajeno(quien, unidades=residente.ids_de_unidades)
            await self._unidades.tocar(residente.ids_de_unidades)
            await self._residentes.insert(residente)
            await self._unidades.anotar(residente.ocupadas, ["residentes"], cuando=instante)
            return await self._mostrar(residente)

        return await self._uow.run(fn)

    async def cambiar(self, residente_id: PydanticObjectId, cambios: ResidentUpdate, quien: Principal) -> ResidentOut:
        """Raises NoEncontrado, EntradaInvalida, ConflictoDeInteres, DocumentoDuplicado, EmailDuplicado."""
        campos = cambios.model_fields_set

        async def fn() -> ResidentOut:
            antes = await self._exigir(residente_id)
            nuevos = cambios.model_dump(exclude_unset=True)
            if "unidades" in campos:
                nuevos["unidades"] = await self._ocupaciones(cambios.unidades)
            despues = antes.model_copy(update=nuevos)
            if campos & _DE_OTRA_PERSONA:
                await self._intereses.exigir_ajeno(
                    quien,
                    unidades={*antes.ids_de_unidades, *despues.ids_de_unidades},
                    residente_id=residente_id,
                )
            if campos:
                await self._mudar(antes, despues, quien)
            return await self._mostrar(despues)

        # What was changed is shown whole: also by a call that changes nothing, and so leaves no act.
        return self._leida(await self._uow.run(fn), quien)

    async def cambiar_propio(self, cambios: ResidentSelfUpdate, quien: Principal) -> ResidentOut:
        """Raises SinResidente."""

        async def fn() -> ResidentOut:
            residente = await self._propio(quien)
            if cambios.model_fields_set:
                residente = residente.model_copy(update=cambios.model_dump(exclude_unset=True))
                await self._residentes.guardar(residente)
            return await self._mostrar(residente)

        return await self._uow.run(fn)

    async def dar_de_baja(self, residente_id: PydanticObjectId, quien: Principal) -> None:
        """Make them inactive; nothing more happens to who already is. Raises NoEncontrado, ConflictoDeInteres."""

        async def fn() -> None:
            antes = await self._exigir(residente_id)
            await self._intereses.exigir_ajeno(quien, unidades=antes.ids_de_unidades, residente_id=residente_id)
            if antes.activo:
                await self._mudar(antes, antes.model_copy(update={"estado": EstadoResidente.inactivo}), quien)

        await self._uow.run(fn)

    async def declarar_condicion(self, datos: CondicionDeclarada, quien: Principal) -> CondicionOut:
        """The resident says that they have it. One that staff verified, and has not expired, stays as it is; one that
        was rejected or has expired is declared anew. Raises SinResidente, ResidenteInactivo, DemasiadasCondiciones."""

        async def fn() -> CondicionOut:
            residente = await self._propio(quien)
            if not residente.activo:
                raise ResidenteInactivo()
            actual = residente.condicion(datos.codigo)
            if actual is not None and actual.cuenta(hoy(self._zona)):
                return CondicionOut.model_validate(actual)
            # Who already waits for an answer keeps their turn.
            espera = actual is not None and actual.estado is EstadoCondicion.declarada
            return await self._poner_condicion(
                residente,
                Condicion(
                    **datos.model_dump(),
                    estado=EstadoCondicion.declarada,
                    declarada_en=actual.declarada_en if actual is not None and espera else ahora(),
                ),
            )

        return await self._uow.run(fn)

    async def decidir_condicion(
        self, residente_id: PydanticObjectId, codigo: str, datos: CondicionDecidida, quien: Principal
    ) -> CondicionOut:
        """Staff give it, confirm what was declared, or reject it. Raises NoEncontrado, ConflictoDeInteres,
        DemasiadasCondiciones."""

        async def fn() -> CondicionOut:
            residente = await self._exigir(residente_id)
            await self._intereses.exigir_ajeno(quien, unidades=residente.ids_de_unidades, residente_id=residente_id)
            actual = residente.condicion(codigo)
            instante = ahora()
            return await self._poner_condicion(
                residente,
                Condicion(
                    **datos.model_dump(),
                    codigo=codigo,
                    declarada_en=instante if actual is None else actual.declarada_en,
                    decidida_en=instante,
                    decidida_por=quien.usuario_id,
                ),
            )

        return await self._uow.run(fn)

    async def _exigir(self, residente_id: PydanticObjectId) -> Residente:
        residente = await self._residentes.get(residente_id)
        if residente is None:
            raise NoEncontrado()
        return residente

    async def _propio(self, quien: Principal) -> Residente:
        residente = None if quien.residente_id is None else await self._residentes.get(quien.residente_id)
        if residente is None:
            raise SinResidente()
        return residente

    def _leida(self, ficha: ResidentOut, quien: Principal) -> ResidentOut:
        if ficha.condiciones:
            self._lecturas.leidas(lector=quien, residentes=[ficha.id])
        return ficha

    async def _mostrar(self, residente: Residente) -> ResidentOut:
        return ResidentOut.de(residente, await self._unidades.por_ids(residente.ids_de_unidades))

    async def _ocupaciones(self, pedidas: Sequence[OcupacionCreate]) -> list[Ocupacion]:
        """Raises EntradaInvalida with one error for each flat that does not exist."""
        unidades = await self._unidades.por_claves([pedida.clave for pedida in pedidas])
        desconocidas = [i for i, pedida in enumerate(pedidas) if pedida.clave not in unidades]
        if desconocidas:
            raise EntradaInvalida(*(ErrorDeCampo(f"unidades.{i}", "unidad_desconocida", {}) for i in desconocidas))
        return [Ocupacion(unidad_id=unidades[p.clave].oid, tenencia=p.tenencia) for p in pedidas]

    async def _poner_condicion(self, residente: Residente, condicion: Condicion) -> CondicionOut:
        otras = [c for c in residente.condiciones if c.codigo != condicion.codigo]
        if len(otras) >= MAXIMO_DE_CONDICIONES:
            raise DemasiadasCondiciones(maximo=MAXIMO_DE_CONDICIONES)
        await self._residentes.guardar(residente.model_copy(update={"condiciones": [*otras, condicion]}))
        return CondicionOut.model_validate(condicion)

    async def _mudar(self, antes: Residente, despues: Residente, quien: Principal) -> None:
        """Save `despues`, and everything that follows from who lives where now."""
        suyas = set(antes.ids_de_unidades) ^ set(despues.ids_de_unidades)
        await self._unidades.tocar(suyas | (antes.ocupadas ^ despues.ocupadas))
        await self._residentes.guardar(despues)
        await anotar_cambios(self._unidades, antes, despues)
        dejadas = antes.ocupadas - despues.ocupadas
        if dejadas:
            siguen = {u for otro in await self._residentes.activos_de(dejadas) for u in otro.ids_de_unidades}
            vacias = sorted(dejadas - siguen)
            if vacias:
                await self._salidas.salio(residente_id=despues.oid, unidades=vacias, quien=quien)
        if antes.activo and not despues.activo:
            await self._cuentas.desactivar(residente_id=despues.oid)
        elif despues.activo and not antes.activo:
            await self._cuentas.reactivar(residente_id=despues.oid)
