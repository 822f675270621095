"""The rules about priority rules. An open draw has copies, so a change counts from the next draw on."""

from collections.abc import Mapping

import attrs

from app.core.clock import ahora
from app.database.unit_of_work import UnitOfWork
from app.modules.sorteo.custodia.dichos import DichosDeSorteo
from app.modules.sorteo.espacios.ports import Condiciones
from app.modules.sorteo.prioridades.models import ConfigPrioridad, Efecto
from app.modules.sorteo.prioridades.repository import PrioridadRepository
from app.modules.sorteo.prioridades.schemas import ConjuntoCreate, PrioridadCreate, PrioridadUpdate
from app.shared.exceptions import EntradaInvalida, ErrorDeCampo, hallado
from app.shared.pagination import Page, PageQuery


@attrs.define(kw_only=True)
class PrioridadService:
    _prioridades: PrioridadRepository
    _condiciones: Condiciones
    _dichos: DichosDeSorteo
    _uow: UnitOfWork

    async def crear(self, datos: PrioridadCreate) -> ConfigPrioridad:
        """Raises EntradaInvalida, PrioridadDuplicada."""
        prioridad = _nueva(datos, "")

        async def crear() -> ConfigPrioridad:
            await self._exigir_condiciones({"": prioridad})
            return await self._prioridades.insert(prioridad)

        return await self._uow.run(crear)

    async def crear_conjunto(self, datos: ConjuntoCreate) -> list[ConfigPrioridad]:
        """All, or none, with those of its conditions that there are not yet. Raises EntradaInvalida,
        PrioridadDuplicada."""
        por_campo = {f"prioridades.{n}.": _nueva(una, f"prioridades.{n}.") for n, una in enumerate(datos.prioridades)}
        nuevas = list(por_campo.values())
        traidas = [(c.codigo, c.nombre.model_dump(), c.vence) for c in datos.condiciones]

        async def crear() -> list[ConfigPrioridad]:
            await self._condiciones.crear_condiciones(condiciones=traidas)
            await self._exigir_condiciones(por_campo)
            await self._prioridades.insert_many(nuevas)
            return nuevas

        return await self._uow.run(crear)

    async def ver(self, codigo: str) -> ConfigPrioridad:
        return hallado(await self._prioridades.get_by_codigo(codigo))

    async def listar(self, consulta: PageQuery, *, activa: bool | None = None) -> Page[ConfigPrioridad]:
        return await self._prioridades.listar(consulta, activa=activa)

    async def cambiar(self, codigo: str, datos: PrioridadUpdate) -> ConfigPrioridad:
        """Raises NoEncontrado; EntradaInvalida when the rule that results makes no sense."""
        if not datos.model_fields_set:
            return await self.ver(codigo)
        cambios = datos.model_dump(exclude_unset=True)
        cuando = ahora()

        async def cambiar() -> ConfigPrioridad:
            antes = (await self.ver(codigo)).model_dump()
            efecto = antes["efecto"] | cambios.get("efecto", {})
            nueva = ConfigPrioridad.model_validate(antes | cambios | {"efecto": efecto, "actualizado_en": cuando})
            _exigir_coherencia(nueva)
            if "condiciones" in cambios:
                await self._exigir_condiciones({"": nueva})
            # An effect of which only a part is said keeps the rest of what stands there.
            enteros = {campo for campo in cambios if campo != "efecto" or cambios["efecto"].keys() == efecto.keys()}
            return hallado(await self._prioridades.reemplazar(nueva, enteros))

        return await self._uow.run(cambiar)

    async def borrar(self, codigo: str) -> None:
        async def borrar() -> None:
            prioridad = await self.ver(codigo)
            await self._prioridades.borrar(codigo=codigo)
            self._dichos.prioridades.borradas([prioridad.oid])

        await self._uow.run(borrar)

    async def _exigir_condiciones(self, prioridades: Mapping[str, ConfigPrioridad]) -> None:
        """By what the paths of their fields begin with. Raises EntradaInvalida."""
        dichas = {
            f"{donde}condiciones.{n}.valor": str(condicion.valor)
            for donde, prioridad in prioridades.items()
            for n, condicion in enumerate(prioridad.condiciones)
            if condicion.campo == "condicion"
        }
        faltan = await self._condiciones.sin_condicion(codigos=set(dichas.values()))
        if faltan:
            campos = [campo for campo, codigo in dichas.items() if codigo in faltan]
            raise EntradaInvalida(*(ErrorDeCampo(campo, "no_existe", {}) for campo in campos))


def _nueva(datos: PrioridadCreate, donde: str) -> ConfigPrioridad:
    cuando = ahora()
    prioridad = ConfigPrioridad(**datos.model_dump(), creado_en=cuando, actualizado_en=cuando)
    _exigir_coherencia(prioridad, donde)
    return prioridad


def _exigir_coherencia(prioridad: ConfigPrioridad, donde: str = "") -> None:
    """A rule has an effect, and `por_unidad` something to multiply. `donde`: what the path of its fields begins with.
    Raises EntradaInvalida."""
    efecto = prioridad.efecto
    if _vacio(efecto):
        raise EntradaInvalida.en(f"{donde}efecto", "efecto_vacio")
    if efecto.por_unidad is not None and efecto.boletas is None:
        raise EntradaInvalida.en(f"{donde}efecto.boletas", "requerido")


def _vacio(efecto: Efecto) -> bool:
    return efecto.nivel is None and efecto.no_mejor_que is None and efecto.boletas is None
