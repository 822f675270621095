"""The rules of the spaces.

While a draw has a space, no field of the space changes. A space with which a draw ran is never deleted. While only a
request or an assignment has a space, every field may change: the change counts from the next draw on, and the holder
keeps the space. A right outside the draws (`titular`) is refused for days on which somebody has the space.
"""

from collections import Counter
from collections.abc import AsyncIterator
from datetime import date

import attrs

from app.core.clock import ahora
from app.core.figures.service import Figura
from app.core.security import Principal, Rol
from app.database.unit_of_work import UnitOfWork
from app.modules.sorteo.custodia.dichos import DichosDeSorteo
from app.modules.sorteo.custodia.vigia import Velo
from app.modules.sorteo.espacios.models import Espacio, Titular
from app.modules.sorteo.espacios.ports import Ofertas, Reclamos
from app.modules.sorteo.espacios.repository import EspacioRepository, FiltroEspacios
from app.modules.sorteo.espacios.schemas import (
    EspacioCreate,
    EspacioSummary,
    EspacioUpdate,
    TipoDeEspacioCounts,
    TitularCreate,
    TitularUpdate,
)
from app.modules.sorteo.exceptions import EspacioConTitular, EspacioEnSorteo, EspacioOcupado
from app.modules.sorteo.ports import Lugares
from app.shared.exceptions import EntradaInvalida, ErrorDeCampo, RolInsuficiente, hallado
from app.shared.pagination import Page, PageQuery, todas
from app.shared.sheets import Filas, FormatoDeTabla, Hoja, en_tabla

COLUMNAS = ("codigo", "tipo", "reserva", "zona", "uso", "activo")
_ANCHOS = (14, 16, 20, 20, 12, 8)


@attrs.define(kw_only=True)
class EspacioService:
    _espacios: EspacioRepository
    _padron: Lugares
    _ofertas: Ofertas
    _dichos: DichosDeSorteo
    _reclamos: Reclamos
    _velo: Velo
    _uow: UnitOfWork
    _cifra: Figura

    async def crear(self, datos: EspacioCreate, *, quien: Principal) -> Espacio:
        """Raises RolInsuficiente, EntradaInvalida, EspacioDuplicado."""
        _exigir_admin_para_titular(datos, quien)
        cuando = ahora()

        async def insertar() -> Espacio:
            titular = await self._titular(datos.titular, antes=None)
            await self._exigir_reserva(datos.reserva)
            propios = datos.model_dump(exclude={"titular"})
            return await self._espacios.insert(
                Espacio(**propios, titular=titular, creado_en=cuando, actualizado_en=cuando)
            )

        return await self._uow.run(insertar)

    async def ver(self, codigo: str) -> Espacio:
        return hallado(await self._espacios.get_by_codigo(codigo))

    async def listar(self, filtro: FiltroEspacios, consulta: PageQuery) -> Page[Espacio]:
        return await self._espacios.listar(filtro, consulta)

    def exportar(self, filtro: FiltroEspacios, formato: FormatoDeTabla, separador: str) -> AsyncIterator[bytes]:
        """As a file that can be brought in again, and then changes nothing."""
        hoja = Hoja(nombre="espacios", fecha=ahora(), anchos=_ANCHOS, separador=separador)
        return en_tabla(formato, self._filas(filtro), hoja)

    async def _filas(self, filtro: FiltroEspacios) -> AsyncIterator[Filas]:
        yield [COLUMNAS]
        async for espacios in todas(lambda consulta: self._espacios.listar(filtro, consulta)):
            yield [(e.codigo, e.tipo, e.reserva, e.zona, e.uso, "sí" if e.activo else "no") for e in espacios]

    async def resumen(self) -> EspacioSummary:
        """How many spaces of each kind there are, and how many of them are free today."""
        cifra = await self._cifra()
        total, inactivos, propios, reservados = Counter[str](), Counter[str](), Counter[str](), Counter[str]()
        tomados: dict[tuple[str, str], int] = {}
        for fila in cifra.filas:
            tipo, n = fila["tipo"], fila["n"]
            if fila["parte"] == "tomados":
                tomados[tipo, fila["de"]] = n
                continue
            para_residentes = fila["activo"] and fila["uso"] == "residentes"
            total[tipo] += n
            inactivos[tipo] += n * (not fila["activo"])
            propios[tipo] += n * para_residentes
            reservados[tipo] += n * (para_residentes and fila["reservado"])
        por_tipo = []
        for tipo in sorted(total):
            en_sorteo, con_titular = tomados.get((tipo, "sorteo"), 0), tomados.get((tipo, "titular"), 0)
            ocupados = tomados.get((tipo, "solicitud"), 0) + tomados.get((tipo, "asignacion"), 0)
            por_tipo.append(
                TipoDeEspacioCounts(
                    tipo=tipo,
                    total=total[tipo],
                    inactivos=inactivos[tipo],
                    para_residentes=propios[tipo],
                    reservados=reservados[tipo],
                    en_sorteo=en_sorteo,
                    ocupados=ocupados,
                    con_titular=con_titular,
                    # The two counts share no snapshot: a space may be claimed or deleted between them.
                    libres=max(0, propios[tipo] - en_sorteo - ocupados - con_titular),
                )
            )
        libres = sum(t.libres for t in por_tipo)
        return EspacioSummary(contado_en=cifra.contado_en, total=total.total(), libres=libres, por_tipo=por_tipo)

    async def cambiar(self, codigo: str, datos: EspacioUpdate, *, quien: Principal) -> Espacio:
        """Raises RolInsuficiente, NoEncontrado, EntradaInvalida, EspacioEnSorteo, EspacioOcupado, BasesAlteradas."""
        _exigir_admin_para_titular(datos, quien)
        if not datos.model_fields_set:
            return await self.ver(codigo)
        cambios = {campo: getattr(datos, campo) for campo in datos.model_fields_set} | {"actualizado_en": ahora()}
        # A right of which only a part is said keeps the rest of what stands there.
        enteros = {*datos.model_fields_set} - ({"titular"} if _a_medias(datos.titular) else set())

        async def cambiar() -> Espacio:
            # `titular` is completed from what is read here; the conditional update holds the rules.
            antes = await self.ver(codigo)
            titular = await self._titular(datos.titular, antes=antes.titular)
            await self._exigir_reserva(datos.reserva)
            con_titular = {"titular": titular} if "titular" in cambios else {}
            libre = None if titular is None else (titular.desde, titular.hasta)
            espacio = await self._espacios.cambiar(
                codigo=codigo, cambios=cambios | con_titular, dichos=enteros, libre=libre
            )
            if espacio is None:
                raise EspacioEnSorteo() if _en_sorteo(await self.ver(codigo)) else EspacioOcupado()
            if titular is not None:
                await self._reclamos.exigir_sin_nadie(espacio, desde=titular.desde, hasta=titular.hasta)
            if espacio.activo and espacio.uso == "residentes" and cambios.keys() & {"activo", "uso", "titular"}:
                # What was withdrawn and put back is not free for another draw while somebody waits for it.
                await self._ofertas.espacio_disponible(codigo=codigo)
            if antes.titular is not None and espacio.titular != antes.titular:
                await self._ofertas.cambiaron(unidades=[antes.titular.unidad_id])
            return espacio

        return await self._velo.velar(cambiar)

    async def borrar(self, codigo: str) -> None:
        """Raises NoEncontrado; EspacioConTitular when somebody has a right to it; EspacioEnSorteo when a draw has
        it or ran with it, or somebody has it; BasesAlteradas when somebody wrote there that they do not."""

        async def borrar() -> None:
            espacio = await self.ver(codigo)
            if not await self._espacios.borrar(codigo=codigo):
                raise EspacioEnSorteo() if espacio.titular is None else EspacioConTitular()
            await self._reclamos.exigir_sin_nadie(espacio, desde=date.min, hasta=None)
            self._dichos.espacios.borradas([espacio.id])

        await self._velo.velar(borrar)

    async def _exigir_reserva(self, codigo: str | None) -> None:
        """Raises EntradaInvalida."""
        if codigo is not None and await self._padron.sin_condicion(codigos=[codigo]):
            raise EntradaInvalida.en("reserva", "no_existe")

    async def _titular(self, pedido: TitularCreate | TitularUpdate | None, *, antes: Titular | None) -> Titular | None:
        """The right that results: the fields that were sent, over those of `antes`. Raises EntradaInvalida."""
        if pedido is None:
            return None
        valores = ({} if antes is None else antes.model_dump()) | pedido.model_dump(exclude_unset=True)
        faltan = [campo for campo in ("unidad_id", "motivo", "desde") if campo not in valores]
        if faltan:
            raise EntradaInvalida(*(ErrorDeCampo(f"titular.{campo}", "requerido", {}) for campo in faltan))
        titular = Titular(**{"hasta": None} | valores)
        if titular.hasta is not None and titular.hasta < titular.desde:
            raise EntradaInvalida.en("titular", "fechas_al_reves")
        if not await self._padron.ocupar_unidad(unidad_id=titular.unidad_id):
            raise EntradaInvalida.en("titular.unidad_id", "no_existe")
        return titular


def _exigir_admin_para_titular(datos: EspacioCreate | EspacioUpdate, quien: Principal) -> None:
    if "titular" in datos.model_fields_set and quien.rol is not Rol.admin:
        raise RolInsuficiente()


def _a_medias(titular: TitularUpdate | None) -> bool:
    return titular is not None and titular.model_fields_set != TitularUpdate.model_fields.keys()


def _en_sorteo(espacio: Espacio) -> bool:
    return any(ocupacion.tipo == "sorteo" for ocupacion in espacio.ocupaciones)
