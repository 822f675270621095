"""Flats from a CSV file: `torre, apartamento, al_dia, cupo`, the last two optional; an empty cell leaves what there is.

What is wrong with the file itself is said at once. The rows are a job, in batches. Each batch is one transaction
together with the mark of how far the job came, so that a job that broke off goes on from there. A refused row keeps no
other row out.
"""

from collections.abc import AsyncIterable, AsyncIterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import attrs
from beanie import PydanticObjectId
from pydantic import ValidationError

from app.core.clock import ahora
from app.core.jobs.contract import Archivos, Cola, Contexto, Rechazo, RefDeArchivo
from app.core.security import Principal
from app.database.unit_of_work import UnitOfWork
from app.modules.residentes.exceptions import DemasiadasFilas, UnidadDuplicada
from app.modules.residentes.models import HECHOS, Unidad
from app.modules.residentes.permisos import Permisos
from app.modules.residentes.unidades.repository import UnidadRepository
from app.modules.residentes.unidades.schemas import FilaDeUnidad
from app.shared.exceptions import ConflictoDeInteres, EntradaInvalida, NoDisponible
from app.shared.field_rules import regla_rota
from app.shared.tables import Fila, columnas, comprobar_utf8, leer_csv, si_o_no
from app.shared.utils import clave_de_apartamento

TIPO = "residentes_importar_unidades"
COLUMNAS = ("torre", "apartamento", "al_dia", "cupo")
LOTE = 500
MAXIMO_DE_FILAS = 100_000
_VUELTAS = 5


@dataclass(frozen=True, slots=True)
class Cuenta:
    """How far an import has come: `linea` is the last line that was dealt with, `filas` how many."""

    linea: int = 1
    filas: int = 0
    creadas: int = 0
    cambiadas: int = 0
    sin_cambio: int = 0
    rechazadas: int = 0


@dataclass(frozen=True, slots=True)
class Leida:
    """A row: what it says of a flat (of `clave`), or what is wrong with it."""

    linea: int
    clave: str
    datos: FilaDeUnidad | None
    rechazos: Sequence[Rechazo] = ()


@attrs.define(kw_only=True)
class ImportacionService:
    """Takes the file."""

    _archivos: Archivos
    _cola: Cola

    async def unidades(self, contenido: AsyncIterable[bytes], *, simular: bool, quien: Principal) -> PydanticObjectId:
        """The job that will import it. Raises EntradaInvalida, and what reading `contenido` raises."""
        try:
            archivo = await self._archivos.guardar(contenido=comprobar_utf8(contenido))
        except UnicodeDecodeError as error:
            raise EntradaInvalida.en("archivo", "no_es_utf8") from error
        try:
            await self._juzgar(archivo)
        except EntradaInvalida:
            await self._archivos.borrar(archivo=archivo)
            raise
        return await self._cola.encolar(tipo=TIPO, parametros={"simular": simular}, quien=quien, entrada=archivo)

    async def _juzgar(self, archivo: RefDeArchivo) -> None:
        async for fila in leer_csv(self._archivos.leer(archivo=archivo)):
            columnas(fila.celdas, admitidas=COLUMNAS, exigidas=COLUMNAS[:2])
            return
        columnas((), admitidas=COLUMNAS, exigidas=COLUMNAS[:2])


@attrs.define(kw_only=True)
class ImportadorDeUnidades:
    """Does the job: an `Encargado`."""

    _unidades: UnidadRepository
    _permisos: Permisos
    _archivos: Archivos
    _uow: UnitOfWork

    async def realizar(self, *, contexto: Contexto) -> Mapping[str, Any]:
        """Raises DemasiadasFilas."""
        if contexto.entrada is None:
            raise RuntimeError("an import without a file")
        total = await self._contar(contexto, contexto.entrada)
        cuenta = Cuenta(**contexto.punto)
        async for filas in self._por_lotes(contexto.entrada, desde=cuenta.linea):
            cuenta = await self._lote(contexto, filas, cuenta, total)
        hechas = {nombre: n for nombre, n in asdict(cuenta).items() if nombre not in ("linea", "filas")}
        return {"simulado": contexto.parametros["simular"], **hechas}

    async def _contar(self, contexto: Contexto, archivo: RefDeArchivo) -> int:
        filas = -1  # the header
        async for _ in leer_csv(self._archivos.leer(archivo=archivo)):
            filas += 1
            if filas > MAXIMO_DE_FILAS:
                raise DemasiadasFilas(maximo=MAXIMO_DE_FILAS)
        await contexto.avanzar(hecho=Cuenta(**contexto.punto).filas, total=filas)
        return filas

    async def _por_lotes(self, archivo: RefDeArchivo, *, desde: int) -> AsyncIterator[list[Leida]]:
        """The rows after line `desde`. Those before are read too: a flat may be in the file twice."""
        nombres: list[str] | None = None
        vistas: dict[str, int] = {}
        lote: list[Leida] = []
        async for fila in leer_csv(self._archivos.leer(archivo=archivo)):
            if nombres is None:
                nombres = columnas(fila.celdas, admitidas=COLUMNAS, exigidas=COLUMNAS[:2])
                continue
            leida = _leer(fila, nombres)
            if leida.datos is not None and (antes := vistas.setdefault(leida.clave, fila.linea)) != fila.linea:
                leida = _rechazada(fila, Rechazo(fila.linea, "", "unidad_repetida", {"linea": antes}))
            if fila.linea > desde:
                lote.append(leida)
            if len(lote) == LOTE:
                yield lote
                lote = []
        if lote:
            yield lote

    async def _lote(self, contexto: Contexto, filas: Sequence[Leida], antes: Cuenta, total: int) -> Cuenta:
        for _ in range(_VUELTAS):
            try:
                return await self._uow.run(lambda: self._escribir(contexto, filas, antes, total))
            except UnidadDuplicada:
                continue  # somebody created one of these flats just now: the next round finds it
        raise NoDisponible()

    async def _escribir(self, contexto: Contexto, filas: Sequence[Leida], antes: Cuenta, total: int) -> Cuenta:
        rechazos = [rechazo for fila in filas for rechazo in fila.rechazos]
        buenas = {fila.clave: (fila.linea, fila.datos) for fila in filas if fila.datos is not None}
        actuales = await self._unidades.por_claves(buenas)
        nuevas, cambiadas = [], []
        for clave, (linea, datos) in buenas.items():
            if (unidad := actuales.get(clave)) is None:
                nuevas.append(Unidad(**datos.model_dump(exclude_unset=True)))
            elif (cambiada := _cambiada(unidad, datos)) is not None:
                if await self._es_suya(contexto.quien, unidad.oid):
                    rechazos.append(Rechazo(linea, "", ConflictoDeInteres.codigo))
                else:
                    cambiadas.append(cambiada)
        rechazadas = len({rechazo.linea for rechazo in rechazos})
        cuenta = replace(
            antes,
            linea=filas[-1].linea,
            filas=antes.filas + len(filas),
            creadas=antes.creadas + len(nuevas),
            cambiadas=antes.cambiadas + len(cambiadas),
            sin_cambio=antes.sin_cambio + len(filas) - len(nuevas) - len(cambiadas) - rechazadas,
            rechazadas=antes.rechazadas + rechazadas,
        )
        await contexto.guardar(punto=asdict(cuenta), hecho=cuenta.filas, total=total)
        await contexto.rechazar(filas=rechazos)
        if not contexto.parametros["simular"]:
            await self._unidades.insert_many(nuevas)
            for cambiada in cambiadas:
                await self._unidades.guardar(cambiada)
        return cuenta

    async def _es_suya(self, quien: Principal, unidad_id: PydanticObjectId) -> bool:
        try:
            await self._permisos.exigir_ajeno(quien, unidades=[unidad_id])
        except ConflictoDeInteres:
            return True
        return False


def _leer(fila: Fila, nombres: Sequence[str]) -> Leida:
    if fila.celdas is None:
        return _rechazada(fila, Rechazo(fila.linea, "", "comillas_abiertas"))
    if any(fila.celdas[len(nombres) :]):
        return _rechazada(fila, Rechazo(fila.linea, "", "fila_desigual"))
    celdas = {nombre: celda for nombre, celda in zip(nombres, fila.celdas, strict=False) if celda}
    crudo: dict[str, object] = {"torre": None, **celdas}
    rechazos = []
    if "al_dia" in celdas:
        crudo["al_dia"] = si_o_no(celdas["al_dia"])
        if crudo["al_dia"] is None:
            rechazos.append(Rechazo(fila.linea, "al_dia", "si_o_no"))
    if "cupo" in celdas:
        es_numero = celdas["cupo"].isascii() and celdas["cupo"].isdigit() and len(celdas["cupo"]) <= 9
        crudo["cupo"] = int(celdas["cupo"]) if es_numero else None
        if not es_numero:
            rechazos.append(Rechazo(fila.linea, "cupo", "numero_invalido"))
    try:
        datos = FilaDeUnidad.model_validate({n: v for n, v in crudo.items() if n == "torre" or v is not None})
    except ValidationError as error:
        rotas = [(str(e["loc"][0]), *regla_rota(e["type"], e.get("ctx", {}))) for e in error.errors()]
        rechazos += [Rechazo(fila.linea, campo, codigo, limites) for campo, codigo, limites in rotas]
        return _rechazada(fila, *rechazos)
    if rechazos:
        return _rechazada(fila, *rechazos)
    return Leida(fila.linea, clave_de_apartamento(datos.torre, datos.apartamento), datos)


def _rechazada(fila: Fila, *rechazos: Rechazo) -> Leida:
    return Leida(fila.linea, "", None, rechazos)


def _cambiada(unidad: Unidad, datos: FilaDeUnidad) -> Unidad | None:
    """The flat as the row would have it, its name spelled as before; None when nothing changes."""
    dichos = datos.model_dump(exclude_unset=True, exclude={"torre", "apartamento"})
    nuevos = {campo: valor for campo, valor in dichos.items() if valor != getattr(unidad, campo)}
    if not nuevos:
        return None
    cambiados = dict.fromkeys(HECHOS & nuevos.keys(), ahora())
    cambiada: Unidad = unidad.model_copy(update=nuevos | {"cambiados_en": unidad.cambiados_en | cambiados})
    return cambiada
