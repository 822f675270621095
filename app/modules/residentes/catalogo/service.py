"""The catalogue of conditions. What names one keeps it: see `CondicionDelCatalogo.version`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import attrs

from app.database.unit_of_work import UnitOfWork, una_transaccion
from app.modules.residentes.catalogo.models import CondicionDelCatalogo, Nombres
from app.modules.residentes.catalogo.repository import CatalogoRepository
from app.modules.residentes.catalogo.schemas import CondicionNueva, CondicionUpdate
from app.modules.residentes.exceptions import CondicionEnUso
from app.modules.residentes.ports import Reservas
from app.modules.residentes.repository import ResidenteRepository
from app.shared.exceptions import EntradaInvalida, ErrorDeCampo, NoEncontrado, hallado
from app.shared.pagination import Page, PageQuery


@dataclass(frozen=True, slots=True)
class Dicha:
    """A condition that somebody sent. `donde`: what the paths of its fields begin with."""

    codigo: str
    verificada: bool
    vigente_hasta: date | None = None
    donde: str = ""


@attrs.define(kw_only=True)
class CatalogoService:
    _catalogo: CatalogoRepository
    _residentes: ResidenteRepository
    _reservas: Reservas
    _uow: UnitOfWork

    async def listar(self, consulta: PageQuery) -> Page[CondicionDelCatalogo]:
        return await self._catalogo.page({}, consulta)

    async def crear(self, datos: CondicionNueva) -> CondicionDelCatalogo:
        """Raises CondicionDuplicada."""
        condicion = CondicionDelCatalogo.model_validate(datos.model_dump())
        return await self._uow.run(lambda: self._catalogo.insert(condicion))

    async def ver(self, codigo: str) -> CondicionDelCatalogo:
        """Raises NoEncontrado."""
        return hallado(await self._catalogo.get_by_codigo(codigo))

    async def cambiar(self, codigo: str, datos: CondicionUpdate) -> CondicionDelCatalogo:
        """Raises NoEncontrado."""
        dichos = datos.model_dump(exclude_unset=True)
        cambios = {f"nombre.{idioma}": nombre for idioma, nombre in dichos.pop("nombre", {}).items()} | dichos
        if not cambios:
            return await self.ver(codigo)
        return hallado(await self._uow.run(lambda: self._catalogo.cambiar(codigo, cambios)))

    @una_transaccion
    async def borrar(self, codigo: str) -> None:
        """Raises NoEncontrado, CondicionEnUso."""
        if not await self._catalogo.borrar(codigo):
            raise NoEncontrado()
        de_alguien = await self._residentes.alguno_con_condicion(codigo)
        if de_alguien or await self._reservas.nombran_condicion(codigo=codigo):
            raise CondicionEnUso()


async def exigir_condiciones(catalogo: CatalogoRepository, dichas: Sequence[Dicha]) -> Nombres:
    """Their names. In the transaction that stores them: none is deleted meanwhile. Raises EntradaInvalida with an error
    for each that is not in the catalogue, or is verified without the end that it has to have."""
    hay = await catalogo.ocupar({dicha.codigo for dicha in dichas})
    errores = []
    for dicha in dichas:
        if dicha.codigo not in hay:
            errores.append(ErrorDeCampo(f"{dicha.donde}codigo", "no_existe", {}))
        elif dicha.verificada and hay[dicha.codigo].vence and dicha.vigente_hasta is None:
            errores.append(ErrorDeCampo(f"{dicha.donde}vigente_hasta", "requerido", {}))
    if errores:
        raise EntradaInvalida(*errores)
    return {codigo: condicion.nombre for codigo, condicion in hay.items()}
