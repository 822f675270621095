"""Who is paid up, from the accountant's file: flats, each with a yes or no or with what it owes, which may be left out
where the file is of those in arrears. All of it or nothing, in one transaction; no flat is made."""

from collections.abc import AsyncIterable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date
from enum import StrEnum

import attrs
from beanie import PydanticObjectId

from app.core.clock import ahora
from app.core.imports.contract import MAXIMO_DE_FILAS, DemasiadasFilas
from app.core.imports.reading import Fila, filas
from app.core.imports.reception import Recepcion
from app.core.jobs.contract import Archivos, Rechazo
from app.core.security import Principal
from app.database.unit_of_work import UnitOfWork
from app.modules.residentes.exceptions import CambioMasivo
from app.modules.residentes.importacion.filas import FilaDelPadron, leer
from app.modules.residentes.importacion.vocabulario import UNIDADES
from app.modules.residentes.mora.repository import MoraRepository
from app.modules.residentes.mora.schemas import PazYSalvoOut
from app.modules.residentes.permisos import Permisos
from app.modules.residentes.ports import Solicitudes
from app.shared.exceptions import EntradaInvalida, ErrorDeCampo

_MAXIMO_DE_ERRORES = 20
_SIN_CONFIRMAR = 0.30
"""Which part of all flats may change without anybody confirming it."""


class Modo(StrEnum):
    parcial = "parcial"
    solo_morosos = "solo_morosos"


_DICE = ("al_dia", "saldo")
_VOCABULARIOS = {
    Modo.parcial: replace(UNIDADES, exigidas=[una | {dice} for una in UNIDADES.exigidas for dice in _DICE]),
    Modo.solo_morosos: UNIDADES,
}


@attrs.frozen(kw_only=True)
class Encargo:
    """`solo_morosos`: a flat that the file does not name is paid up. `corte`: the day of which the file speaks."""

    modo: Modo
    corte: date | None
    simular: bool
    confirmar: bool


@attrs.frozen(kw_only=True)
class _Dichas:
    """What a file says, by the key of each flat; `escritas`: as the file writes them."""

    al_dia: Mapping[str, bool]
    escritas: Mapping[str, str]


@attrs.define(kw_only=True)
class MoraService:
    _recepcion: Recepcion
    _archivos: Archivos
    _unidades: MoraRepository
    _permisos: Permisos
    _solicitudes: Solicitudes
    _uow: UnitOfWork

    async def aplicar(self, contenido: AsyncIterable[bytes], encargo: Encargo, quien: Principal) -> PazYSalvoOut:
        """Raises EntradaInvalida, DemasiadasFilas, CambioMasivo, ConflictoDeInteres, and what reading `contenido`
        raises."""
        dichas = await self._leer(contenido, encargo.modo)
        return await self._uow.run(lambda: self._aplicar(dichas, encargo, quien))

    async def _leer(self, contenido: AsyncIterable[bytes], modo: Modo) -> _Dichas:
        recibido = await self._recepcion.recibir(contenido, _VOCABULARIOS[modo])
        try:
            partes = self._archivos.leer(archivo=recibido.archivo)
            leidas = filas(partes, recibido.origen, recibido.encabezado)
            return await _entender(leidas, modo, con_torres=recibido.encabezado.dice("torre"))
        except UnicodeDecodeError as error:
            raise EntradaInvalida.en("archivo", "archivo_ilegible") from error
        finally:
            await self._archivos.borrar(archivo=recibido.archivo)

    async def _aplicar(self, dichas: _Dichas, encargo: Encargo, quien: Principal) -> PazYSalvoOut:
        halladas = await self._unidades.por_claves(list(dichas.al_dia))
        cambian = {True: set[PydanticObjectId](), False: set[PydanticObjectId]()}
        quedan: set[PydanticObjectId] = set()
        for clave, (unidad_id, al_dia) in halladas.items():
            (quedan if dichas.al_dia[clave] is al_dia else cambian[dichas.al_dia[clave]]).add(unidad_id)
        nombradas = {unidad_id for unidad_id, _ in halladas.values()}
        total = await self._unidades.count({})
        if encargo.modo is Modo.solo_morosos:
            cambian[True] |= set(await self._unidades.en_mora()) - nombradas
        cuantas = len(cambian[True]) + len(cambian[False])
        sin_cambio = total - cuantas if encargo.modo is Modo.solo_morosos else len(quedan)
        await self._permisos.exigir_ajeno(quien, unidades=cambian[True] | cambian[False])
        if not encargo.simular:
            if cuantas > total * _SIN_CONFIRMAR and not encargo.confirmar:
                raise CambioMasivo(cambiadas=cuantas, total=total)
            await self._escribir(cambian, encargo, nombradas)
        desconocidas = [escrita for clave, escrita in dichas.escritas.items() if clave not in halladas]
        return PazYSalvoOut(cambiadas=cuantas, sin_cambio=sin_cambio, desconocidas=desconocidas)

    async def _escribir(
        self,
        cambian: Mapping[bool, Collection[PydanticObjectId]],
        encargo: Encargo,
        nombradas: Collection[PydanticObjectId],
    ) -> None:
        cuando = ahora()
        for al_dia, ids in cambian.items():
            await self._unidades.poner_al_dia(ids, al_dia=al_dia, cuando=cuando)
        await self._solicitudes.cambiaron(unidades=cambian[True])
        if encargo.corte is not None:
            de_cuales = None if encargo.modo is Modo.solo_morosos else nombradas
            await self._unidades.poner_corte(encargo.corte, de_cuales)


async def _entender(leidas: AsyncIterable[Fila], modo: Modo, *, con_torres: bool) -> _Dichas:
    """Raises EntradaInvalida, DemasiadasFilas, UnicodeDecodeError."""
    al_dia: dict[str, bool] = {}
    escritas: dict[str, str] = {}
    errores: list[ErrorDeCampo] = []
    async for cruda in leidas:
        if cruda.ignorada:
            continue
        if len(escritas) >= MAXIMO_DE_FILAS:
            raise DemasiadasFilas(maximo=MAXIMO_DE_FILAS)
        rechazos, fila = _juzgar(cruda, modo, con_torres=con_torres)
        if fila is not None and fila.clave in al_dia:
            rechazos = [Rechazo(cruda.linea, "apartamento", "repetido")]
        errores += [ErrorDeCampo(f"archivo.{cruda.linea}.{r.campo}".rstrip("."), r.codigo, r.datos) for r in rechazos]
        if rechazos or fila is None or fila.clave is None:
            continue
        al_dia[fila.clave] = fila.al_dia is True
        escritas[fila.clave] = fila.nombre
    if errores:
        raise EntradaInvalida(*errores[:_MAXIMO_DE_ERRORES])
    return _Dichas(al_dia=al_dia, escritas=escritas)


def _juzgar(cruda: Fila, modo: Modo, *, con_torres: bool) -> tuple[Sequence[Rechazo], FilaDelPadron | None]:
    """What the row says, or what is wrong with it."""
    if cruda.rota:
        return [Rechazo(cruda.linea, "", cruda.rota)], None
    leida = leer(cruda.linea, cruda.celdas, frozenset(), con_torres=con_torres)
    if leida.datos is None:
        return leida.rechazos, None
    if leida.datos.clave is None:
        return [Rechazo(cruda.linea, "apartamento", "requerido")], None
    if leida.datos.al_dia is None and modo is Modo.parcial:
        return [Rechazo(cruda.linea, "al_dia", "si_o_no")], None
    return (), leida.datos
