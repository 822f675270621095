"""Who is paid up, from the accountant's file: `torre, apartamento, al_dia`, the last one optional where the file is of
those in arrears. All of it or nothing, in one transaction; no flat is made."""

from collections.abc import AsyncIterable, Collection, Mapping, Sequence
from datetime import date
from enum import StrEnum

import attrs
from beanie import PydanticObjectId

from app.core.clock import ahora
from app.core.security import Principal
from app.database.unit_of_work import UnitOfWork
from app.modules.residentes.exceptions import CambioMasivo, DemasiadasFilas
from app.modules.residentes.mora.repository import MoraRepository
from app.modules.residentes.mora.schemas import PazYSalvoOut
from app.modules.residentes.permisos import Permisos
from app.shared.exceptions import EntradaInvalida, ErrorDeCampo
from app.shared.schemas import normalizar
from app.shared.tables import columnas, comprobar_utf8, leer_csv, si_o_no
from app.shared.utils import clave_de_apartamento

COLUMNAS = ("torre", "apartamento", "al_dia")
MAXIMO_DE_FILAS = 100_000
_MAXIMO_DE_ERRORES = 20
_SIN_CONFIRMAR = 0.30
"""Which part of all flats may change without anybody confirming it."""


class Modo(StrEnum):
    parcial = "parcial"
    solo_morosos = "solo_morosos"


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
    _unidades: MoraRepository
    _permisos: Permisos
    _uow: UnitOfWork

    async def aplicar(self, contenido: AsyncIterable[bytes], encargo: Encargo, quien: Principal) -> PazYSalvoOut:
        """Raises EntradaInvalida, DemasiadasFilas, CambioMasivo, ConflictoDeInteres, and what reading `contenido`
        raises."""
        try:
            dichas = await _leer(contenido, encargo.modo)
        except UnicodeDecodeError as error:
            raise EntradaInvalida.en("archivo", "no_es_utf8") from error

        async def fn() -> PazYSalvoOut:
            return await self._aplicar(dichas, encargo, quien)

        return await self._uow.run(fn)

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
        if encargo.corte is not None:
            de_cuales = None if encargo.modo is Modo.solo_morosos else nombradas
            await self._unidades.poner_corte(encargo.corte, de_cuales)


async def _leer(contenido: AsyncIterable[bytes], modo: Modo) -> _Dichas:
    """Raises EntradaInvalida, DemasiadasFilas, UnicodeDecodeError."""
    exigidas = COLUMNAS if modo is Modo.parcial else COLUMNAS[:2]
    nombres: list[str] | None = None
    al_dia: dict[str, bool] = {}
    escritas: dict[str, str] = {}
    errores: list[ErrorDeCampo] = []
    async for fila in leer_csv(comprobar_utf8(contenido)):
        if nombres is None:
            nombres = columnas(fila.celdas, admitidas=COLUMNAS, exigidas=exigidas)
            continue
        if len(escritas) >= MAXIMO_DE_FILAS:
            raise DemasiadasFilas(maximo=MAXIMO_DE_FILAS)
        celdas, codigo, campo = _juzgar(fila.celdas, nombres, modo)
        clave = clave_de_apartamento(celdas.get("torre"), celdas.get("apartamento", ""))
        if codigo is None and clave in al_dia:
            campo, codigo = "apartamento", "repetido"
        if codigo is not None:
            errores.append(ErrorDeCampo(f"archivo.{fila.linea}.{campo}".rstrip("."), codigo, {}))
            continue
        al_dia[clave] = si_o_no(celdas["al_dia"]) is True if celdas.get("al_dia") else False
        escritas[clave] = " ".join(filter(None, [celdas.get("torre"), celdas["apartamento"]]))
    if nombres is None:
        columnas((), admitidas=COLUMNAS, exigidas=exigidas)
    if errores:
        raise EntradaInvalida(*errores[:_MAXIMO_DE_ERRORES])
    return _Dichas(al_dia=al_dia, escritas=escritas)


def _juzgar(celdas: Sequence[str] | None, nombres: Sequence[str], modo: Modo) -> tuple[dict[str, str], str | None, str]:
    """The cells by name, the rule that the row breaks, if any, and where."""
    if celdas is None:
        return {}, "comillas_abiertas", ""
    if any(celdas[len(nombres) :]):
        return {}, "fila_desigual", ""
    dichas = {nombre: normalizar(celda) for nombre, celda in zip(nombres, celdas, strict=False)}
    if not dichas.get("apartamento"):
        return dichas, "requerido", "apartamento"
    sin_decir = not dichas.get("al_dia")
    if (sin_decir and modo is Modo.parcial) or (not sin_decir and si_o_no(dichas["al_dia"]) is None):
        return dichas, "si_o_no", "al_dia"
    return dichas, None, ""
