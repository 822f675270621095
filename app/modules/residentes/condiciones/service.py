"""Personal conditions: a resident declares one, and staff give it, confirm it or reject it."""

from collections.abc import Collection
from zoneinfo import ZoneInfo

import attrs
from beanie import PydanticObjectId

from app.core.clock import ahora, hoy
from app.core.security import Principal
from app.database.unit_of_work import UnitOfWork, una_transaccion
from app.modules.residentes.catalogo.models import Nombres
from app.modules.residentes.catalogo.repository import CatalogoRepository
from app.modules.residentes.catalogo.service import Dicha, exigir_condiciones
from app.modules.residentes.exceptions import DemasiadasCondiciones, ResidenteInactivo
from app.modules.residentes.models import Condicion, EstadoCondicion, Residente
from app.modules.residentes.permisos import Permisos
from app.modules.residentes.repository import ResidenteRepository
from app.modules.residentes.schemas import (
    MAXIMO_DE_CONDICIONES,
    CondicionDecidida,
    CondicionDeclarada,
    CondicionOut,
)
from app.modules.residentes.unidades.repository import UnidadRepository
from app.shared.exceptions import hallado

LISTA = "condiciones"
"""Which ones somebody has: a fact of them."""


@attrs.define(kw_only=True)
class CondicionService:
    _residentes: ResidenteRepository
    _unidades: UnidadRepository
    _permisos: Permisos
    _catalogo: CatalogoRepository
    _uow: UnitOfWork
    _zona: ZoneInfo

    @una_transaccion
    async def declarar(self, datos: CondicionDeclarada, quien: Principal) -> CondicionOut:
        """A verified condition that has not expired stays as it is. A rejected or expired one is declared anew. Raises
        SinResidente, ResidenteInactivo, EntradaInvalida, DemasiadasCondiciones."""
        residente = await self._permisos.propio(quien)
        if not residente.activo:
            raise ResidenteInactivo()
        nombres = await exigir_condiciones(self._catalogo, [Dicha(datos.codigo, verificada=False)])
        actual = residente.condicion(datos.codigo)
        if actual is not None and actual.cuenta(hoy(self._zona)):
            return CondicionOut.de(actual, nombres)
        # A resident who already waits for an answer keeps their turn.
        espera = actual is not None and actual.estado is EstadoCondicion.declarada
        declarada_en = actual.declarada_en if actual is not None and espera else ahora()
        return await self._poner(
            residente,
            Condicion(**datos.model_dump(), estado=EstadoCondicion.declarada, declarada_en=declarada_en),
            nombres,
            lista=() if await self._residentes.rotos(residente.oid, [LISTA]) else (LISTA,),
            en_parte=(LISTA,),
        )

    @una_transaccion
    async def decidir(
        self, residente_id: PydanticObjectId, codigo: str, datos: CondicionDecidida, quien: Principal
    ) -> CondicionOut:
        """Raises NoEncontrado, ConflictoDeInteres, EntradaInvalida, DemasiadasCondiciones."""
        verificada = datos.estado == EstadoCondicion.verificada
        residente = hallado(await self._residentes.no_suprimido(residente_id))
        await self._permisos.exigir_ajeno(quien, unidades=residente.ids_de_unidades, residente_id=residente_id)
        nombres = await exigir_condiciones(self._catalogo, [Dicha(codigo, verificada, datos.vigente_hasta)])
        actual, instante = residente.condicion(codigo), ahora()
        await self._unidades.anotar(residente.ids_de_unidades, {"condiciones"}, cuando=instante)
        return await self._poner(
            residente,
            Condicion(
                **datos.model_dump(),
                codigo=codigo,
                declarada_en=instante if actual is None else actual.declarada_en,
                decidida_en=instante,
                decidida_por=quien.usuario_id,
            ),
            nombres,
        )

    async def _poner(
        self,
        residente: Residente,
        condicion: Condicion,
        nombres: Nombres,
        *,
        lista: Collection[str] = (LISTA,),
        en_parte: Collection[str] = (),
    ) -> CondicionOut:
        """Save `condicion` in the place of the one with the same code. `lista`: that these are all is said too.
        `en_parte`: see `MarcasDeHechos.de`."""
        otras = [c for c in residente.condiciones if c.codigo != condicion.codigo]
        if len(otras) >= MAXIMO_DE_CONDICIONES:
            raise DemasiadasCondiciones(maximo=MAXIMO_DE_CONDICIONES)
        con_esta = residente.model_copy(update={"condiciones": [*otras, condicion]})
        dichos = {f"{LISTA}_{condicion.codigo}", *lista}
        await self._residentes.guardar(con_esta, dichos=dichos, en_parte=en_parte)
        return CondicionOut.de(condicion, nombres)
