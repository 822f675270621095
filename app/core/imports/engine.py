"""Does an import: an `Encargado` for any module's `Importacion`.

Each batch is one transaction together with the mark of how far the job came, so that a job that broke off goes on from
there. A refused row keeps no other row out. A dry run plans the same, writes none of it, and remembers what it would
have left, for later rows may speak of the same thing.
"""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Generic

import attrs
from beanie import PydanticObjectId

from app.core.imports.contract import (
    MAXIMO_DE_FILAS,
    D,
    DemasiadasFilas,
    Encabezado,
    Encargo,
    Ensayo,
    Fabrica,
    Importacion,
    ImportacionOut,
    Leida,
    Origen,
    Plan,
    Que,
    campos_de,
)
from app.core.imports.reading import Fila, fallo, filas
from app.core.imports.reception import de_parametros
from app.core.imports.repository import EnsayoRepository, LoteRepository
from app.core.imports.sheet import HojaDeImportacion
from app.core.jobs.contract import Archivos, Contexto, Rechazo, RefDeArchivo
from app.database.unit_of_work import UnitOfWork
from app.shared.exceptions import NoDisponible, ParkNetError

LOTE = 500
_VUELTAS = 5
_IGNORADAS = 50


@dataclass(frozen=True, slots=True)
class Cuenta:
    """How far an import has come: `linea` is the last line that was dealt with, `filas` how many. `otras`: what the
    module counts."""

    linea: int = 0
    filas: int = 0
    creadas: int = 0
    cambiadas: int = 0
    sin_cambio: int = 0
    rechazadas: int = 0
    supuestos: int = 0
    otras: Mapping[str, int] = field(default_factory=dict)

    def con(self, leidas: Sequence[Leida[Any]], plan: Plan, rechazos: Sequence[Rechazo]) -> "Cuenta":
        veces = {que: sum(d.que is que for d in plan.desenlaces) for que in Que}
        return replace(
            self,
            linea=leidas[-1].linea,
            filas=self.filas + len(leidas),
            creadas=self.creadas + veces[Que.creada],
            cambiadas=self.cambiadas + veces[Que.cambiada],
            sin_cambio=self.sin_cambio + veces[Que.sin_cambio],
            rechazadas=self.rechazadas + len({rechazo.linea for rechazo in rechazos}),
            supuestos=self.supuestos + sum(len(d.supuestos) for d in plan.desenlaces),
            otras={n: self.otras.get(n, 0) + plan.cuentas.get(n, 0) for n in {**self.otras, **plan.cuentas}},
        )


@dataclass(frozen=True, slots=True)
class _Archivo:
    ref: RefDeArchivo
    origen: Origen
    encabezado: Encabezado
    total: int
    ignoradas: Sequence[int]


@attrs.define(kw_only=True)
class Importador(Generic[D]):
    """`choques`: what a plan raises where somebody else made one of its things just now; the next round finds it."""

    _tipo: str
    _resultado: type[ImportacionOut]
    _fabrica: Fabrica[D]
    _choques: tuple[type[ParkNetError], ...]
    _de_una_vez: int
    _archivos: Archivos
    _lotes: LoteRepository
    _ensayos: EnsayoRepository
    _hoja: HojaDeImportacion
    _uow: UnitOfWork

    async def realizar(self, *, contexto: Contexto) -> Mapping[str, Any]:
        """Raises DemasiadasFilas."""
        archivo = await self._abrir(contexto)
        cuenta = Cuenta(**contexto.punto)
        await contexto.avanzar(hecho=cuenta.filas, total=archivo.total)
        importacion = self._fabrica(Encargo(contexto.trabajo_id, contexto.quien, contexto.parametros))
        async for leidas in self._por_lotes(archivo, importacion, desde=cuenta.linea):
            cuenta = await self._lote(contexto, importacion, leidas, cuenta, archivo.total)
        await self._hoja.entregar(contexto)
        if contexto.parametros["simular"]:
            await self._uow.run(lambda: self._ensayos.borrar(contexto.trabajo_id))
        return self._hecho(contexto, archivo, cuenta).propio()

    def _hecho(self, contexto: Contexto, archivo: _Archivo, cuenta: Cuenta) -> ImportacionOut:
        contadas = self._resultado.model_fields.keys() - ImportacionOut.model_fields.keys()
        return self._resultado.model_validate(
            {
                "tipo": self._tipo,
                "archivo": None,
                "simulado": contexto.parametros["simular"],
                "creadas": cuenta.creadas,
                "cambiadas": cuenta.cambiadas,
                "sin_cambio": cuenta.sin_cambio,
                "rechazadas": cuenta.rechazadas,
                "supuestos": cuenta.supuestos,
                "ignoradas": {"total": len(archivo.ignoradas), "lineas": archivo.ignoradas[:_IGNORADAS]},
                "encabezado": {
                    "linea": archivo.encabezado.linea,
                    "columnas": [_nombre(c.grupo, c.campo) for c in archivo.encabezado.columnas],
                    "desconocidas": archivo.encabezado.desconocidas,
                },
            }
            | {nombre: cuenta.otras.get(nombre, 0) for nombre in contadas}
        )

    async def _abrir(self, contexto: Contexto) -> _Archivo:
        if contexto.entrada is None:
            raise RuntimeError("an import without a file")
        origen, encabezado = de_parametros(contexto.parametros)
        total, ignoradas = 0, list[int]()
        async for fila in filas(self._archivos.leer(archivo=contexto.entrada), origen, encabezado):
            if fila.ignorada:
                ignoradas.append(fila.linea)
            else:
                total += 1
            if total > MAXIMO_DE_FILAS or len(ignoradas) > MAXIMO_DE_FILAS:
                raise DemasiadasFilas(maximo=MAXIMO_DE_FILAS)
        return _Archivo(contexto.entrada, origen, encabezado, total, ignoradas)

    async def _por_lotes(
        self, archivo: _Archivo, importacion: Importacion[D], *, desde: int
    ) -> AsyncIterator[list[Leida[D]]]:
        """The rows after line `desde`. Those before are read too: a row may say again what an earlier one said."""
        lote: list[Leida[D]] = []
        async for fila in filas(self._archivos.leer(archivo=archivo.ref), archivo.origen, archivo.encabezado):
            if fila.ignorada:
                continue
            leida = _leer(fila, importacion)
            if fila.linea > desde:
                lote.append(leida)
            if len(lote) == min(self._de_una_vez, LOTE):
                yield lote
                lote = []
        if lote:
            yield lote

    async def _lote(
        self, contexto: Contexto, importacion: Importacion[D], leidas: Sequence[Leida[D]], antes: Cuenta, total: int
    ) -> Cuenta:
        for _ in range(_VUELTAS):
            try:
                return await self._uow.run(lambda: self._escribir(contexto, importacion, leidas, antes, total))
            except self._choques:
                continue
        raise NoDisponible()

    async def _escribir(
        self, contexto: Contexto, importacion: Importacion[D], leidas: Sequence[Leida[D]], antes: Cuenta, total: int
    ) -> Cuenta:
        simular = contexto.parametros["simular"]
        ensayo = _Ensayo(contexto.trabajo_id, self._ensayos) if simular else None
        plan = await importacion.planear([leida for leida in leidas if leida.datos is not None], ensayo)
        rechazos = [*(rechazo for leida in leidas for rechazo in leida.rechazos), *plan.rechazos]
        cuenta = antes.con(leidas, plan, rechazos)
        await contexto.guardar(punto=asdict(cuenta), hecho=cuenta.filas, total=total)
        await contexto.rechazar(filas=rechazos)
        hechos = [] if simular else plan.hechos
        await self._lotes.guardar(contexto.trabajo_id, leidas[0].linea, _de_la_hoja(plan, rechazos), hechos)
        if simular:
            await self._ensayos.guardar(contexto.trabajo_id, plan.ensayadas)
        else:
            await plan.escribir()
        return cuenta


@attrs.frozen
class _Ensayo(Ensayo):
    _trabajo_id: PydanticObjectId
    _ensayos: EnsayoRepository

    async def leer(self, claves: Collection[str]) -> dict[str, dict[str, Any]]:
        return await self._ensayos.leer(self._trabajo_id, claves)


def _leer(fila: Fila, importacion: Importacion[D]) -> Leida[D]:
    if fila.rota:
        return Leida(fila.linea, None, [Rechazo(fila.linea, "", fila.rota)])
    leida = importacion.leer(fila.linea, fila.celdas)
    ya = {rechazo.campo for rechazo in leida.rechazos}
    fallos = [
        Rechazo(fila.linea, campo, codigo)
        for celda in fila.celdas
        if (codigo := fallo(celda.texto)) and (campo := _nombre(celda.columna.grupo, celda.columna.campo)) not in ya
    ]
    return Leida(fila.linea, None, [*leida.rechazos, *fallos]) if fallos else leida


def _de_la_hoja(plan: Plan, rechazos: Sequence[Rechazo]) -> list[dict[str, Any]]:
    """What was planned and what was refused, by line."""
    dichas = [campos_de(desenlace) for desenlace in plan.desenlaces]
    dichas += [{"que": "rechazada", **campos_de(rechazo)} for rechazo in rechazos]
    return sorted(dichas, key=lambda dicha: dicha["linea"])


def _nombre(grupo: str, campo: str) -> str:
    return f"{grupo}.{campo}" if grupo else campo
