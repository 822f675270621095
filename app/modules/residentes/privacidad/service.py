"""What is held about a person: told to them whole, and erased when they ask.

Erasing leaves a pseudonym where the person stood: requests, draws and the audit name people by id, so that each of them
can be checked as before, and says no more of whom it speaks."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import attrs
from beanie import PydanticObjectId
from bson import ObjectId

from app.core.acts.contract import atendiendo, del_sistema
from app.core.clock import ahora
from app.core.security import Principal, Rol
from app.database.unit_of_work import UnitOfWork, una_transaccion
from app.modules.residentes.permisos import Permisos
from app.modules.residentes.ports import Custodio, Solicitudes
from app.modules.residentes.privacidad.repository import SupresionRepository, SuprimidoRepository
from app.modules.residentes.privacidad.schemas import DatosOut
from app.modules.residentes.service import ResidenteService
from app.modules.residentes.unidades.repository import FiltroUnidades
from app.modules.residentes.unidades.service import UnidadService
from app.shared.exceptions import hallado
from app.shared.pagination import PageQuery

_MAXIMO_DE_UNIDADES = 200
_EL_SISTEMA = Principal(usuario_id=PydanticObjectId("0" * 24), rol=Rol.admin, sesion_id=None)
"""Nobody in particular: it decides again what an admin had decided."""


@attrs.define(kw_only=True)
class PrivacidadService:
    """`custodios`: who keeps data of people beside this module, by the name under which they are told. `guarda`: how
    long somebody is kept who lives here no more; None: until people decide."""

    _suprimidos: SuprimidoRepository
    _supresiones: SupresionRepository
    _residentes: ResidenteService
    _unidades: UnidadService
    _permisos: Permisos
    _solicitudes: Solicitudes
    _custodios: Mapping[str, Custodio]
    _guarda: timedelta | None
    _uow: UnitOfWork

    async def datos(self, quien: Principal) -> DatosOut:
        """All that is held about the resident who calls. Raises SinResidente."""
        propio = await self._permisos.propio(quien)
        filtro = FiltroUnidades(ids=propio.ids_de_unidades)
        unidades = await self._unidades.listar(filtro, PageQuery(limite=_MAXIMO_DE_UNIDADES))
        guardados = {
            nombre: [_legible(fila) for fila in await custodio.datos_de(residente_id=propio.oid)]
            for nombre, custodio in self._custodios.items()
        }
        return DatosOut(
            generado_en=ahora(),
            residente=await self._residentes.ver_propio(quien),
            unidades=list(unidades.items),
            guardados=guardados,
        )

    @una_transaccion
    async def pedir(self, quien: Principal) -> None:
        """Ask to be erased: staff find who did by `supresion_pedida`. Again is the same again. Raises SinResidente."""
        propio = await self._permisos.propio(quien)
        await self._suprimidos.pedir(propio.oid, cuando=ahora())

    @una_transaccion
    async def suprimir(self, residente_id: PydanticObjectId, quien: Principal, *, confirmada: bool = True) -> None:
        """Erase a person, who leaves their flats first. Again is the same again. Raises NoEncontrado;
        UnidadQuedariaVacia where a live request would end by it, unless that is `confirmada` or they have asked."""
        residente = hallado(await self._suprimidos.get(residente_id))
        if residente.suprimido_en is not None:
            return
        sabida = confirmada or residente.supresion_pedida_en is not None
        await self._residentes.dar_de_baja(residente_id, quien, confirmada=sabida)
        desocupadas = await self._suprimidos.sin_nadie(residente.ids_de_unidades)
        await self._unidades.olvidar_vehiculos(desocupadas)
        cuando = ahora()
        await self._suprimidos.suprimir(residente_id, cuando=cuando)
        await self._supresiones.anotar(residente_id, cuando=cuando)
        for custodio in self._custodios.values():
            await custodio.suprimir_de(residente_id=residente_id, desocupadas=desocupadas)

    async def suprimir_idos(self, *, limite: int) -> int:
        """Erase who left so long ago, up to `limite`; how many. Not who may still be concerned by a draw that was on
        when they left, and is not over."""
        if self._guarda is None:
            return 0
        antes_de = ahora() - self._guarda
        en_curso = await self._solicitudes.sorteos_en_curso()
        idos = await self._suprimidos.idos(antes_de=antes_de, en_curso=en_curso, limite=limite)
        for residente_id in idos:
            with atendiendo(del_sistema("residentes_suprimir_residente", residente_id)):
                await self._uow.run(partial(self._suprimir_ido, residente_id, antes_de))
        return len(idos)

    async def _suprimir_ido(self, residente_id: PydanticObjectId, antes_de: datetime) -> None:
        """Unless they came back meanwhile."""
        if await self._suprimidos.se_fue(residente_id, antes_de=antes_de):
            await self.suprimir(residente_id, _EL_SISTEMA)

    async def suprimir_de_nuevo(self) -> None:
        """Erase again whom a copy of before brought back. Any process may, as often as it likes."""
        for residente_id in await self._supresiones.vueltos():
            with atendiendo(del_sistema("residentes_suprimir_residente", residente_id)):
                await self.suprimir(residente_id, _EL_SISTEMA)


def _legible(valor: Any) -> Any:
    """As JSON has it: ids as texts, instants in UTC."""
    match valor:
        case dict():
            return {clave: _legible(hijo) for clave, hijo in valor.items()}
        case list() | tuple():
            return [_legible(hijo) for hijo in valor]
        case datetime():
            return valor.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        case ObjectId():
            return str(valor)
    return valor
