"""What others tell the audit, and ask of it.

`BitacoraService` is told of acts by the unit of work, and of security events by services. `Lecturas` is told which of
the staff read whose conditions. `CabezaService` answers how far the chain went.
"""

import hashlib
import logging
import re
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from functools import lru_cache
from ipaddress import IPv6Address, ip_address, ip_network
from itertools import islice
from zoneinfo import ZoneInfo

import attrs
from beanie import PydanticObjectId

from app.core.acts.contract import Llamada, llamada_en_curso
from app.core.clock import ahora, hoy
from app.core.security import Principal
from app.database.unit_of_work import UnitOfWork
from app.modules.auditoria.cadena import DENUNCIA, Cabeza, ClaveDeCadena
from app.modules.auditoria.escribano import Escribano
from app.modules.auditoria.relatos.negadas import DESHECHO
from app.modules.auditoria.relatos.service import Relato, RelatoService
from app.modules.auditoria.repository import ApunteRepository, Fila, SelloRepository
from app.shared.transaction import Dichos, dar_por_contado

log = logging.getLogger(__name__)

SISTEMA = "sistema"
_MAX_OBJETOS = 100
_CODIGO = re.compile(r"[a-z0-9][a-z0-9_.:-]{0,63}", re.ASCII)

LECTURA = "condiciones_leidas"
_MAXIMO_DE_LECTURAS = 20_000
_LECTURAS_DE_UNA_VEZ = 500
_DICHOS_DE_UNA_FILA = 200
_DE_CADA = frozenset({"residentes_escritos"})
"""What is read about each of those of which it tells."""


@attrs.define(kw_only=True)
class BitacoraService:
    """`database.unit_of_work.Anotador` and `auth.ports.Bitacora`."""

    escribano: Escribano
    _clave: ClaveDeCadena
    _relatos: RelatoService

    async def anotar(
        self, llamada: Llamada | None, escritos: Sequence[tuple[str, object]], dichos: Dichos | None = None
    ) -> None:
        """The row of an act, in the transaction that makes it, and beside it what the act tells (`dichos`), two hundred
        in a row. Raises ValueError for what somebody may have written."""
        filas = []
        if llamada is not None:
            objetos = [*llamada.objetos, *(str(id) for _, id in escritos if isinstance(id, PydanticObjectId))]
            colecciones = sorted({coleccion for coleccion, _ in escritos})
            filas.append(apunte(llamada.operacion, objetos, llamada, colecciones=colecciones))
        for (tipo, objeto), todos in (dichos or {}).items():
            _exigir_codigos(tipo, todos)
            quedan = iter(todos.items())
            de_cada = objeto is None and tipo in _DE_CADA
            while datos := dict(islice(quedan, _MAX_OBJETOS if de_cada else _DICHOS_DE_UNA_FILA)):
                cuales = [objeto] if objeto is not None else [cual.partition(".")[0] for cual in datos]
                filas.append(apunte(tipo, cuales if de_cada else cuales[:1], llamada_en_curso(), datos=datos))
        await self.escribano.escribir(filas)

    def deshecho(self, llamada: Llamada | None, escritos: Sequence[tuple[str, object]], dichos: Dichos) -> None:
        """An act wrote, and the database let nothing of it stay, row or no row: whoever saw to that may have seen what
        it wrote. The audit is told later, from memory."""
        que = llamada.operacion if llamada is not None else next((tipo for tipo, _ in dichos), SISTEMA)
        objetos = [] if llamada is None else list(llamada.objetos)
        objetos += [str(id) for _, id in escritos if isinstance(id, PydanticObjectId)]
        datos = {"accion": que}
        colecciones = sorted({coleccion for coleccion, _ in escritos})
        fila = apunte(DESHECHO, objetos, llamada, datos=datos, colecciones=colecciones, resultado="rechazado")
        self.escribano.negadas.recordar([fila])

    async def suceso(
        self,
        *,
        tipo: str,
        usuario_id: PydanticObjectId | None = None,
        hecho: bool = True,
        nombre: str | None = None,
        direccion: str | None = None,
        datos: Mapping[str, str] | None = None,
        objeto: PydanticObjectId | None = None,
    ) -> None:
        """A security event: see `auth.ports.Bitacora`. Raises ValueError for `datos` that somebody may have written."""
        await self._suceso(tipo, usuario_id, nombre, dict(datos or {}), objeto, hecho=hecho, direccion=direccion)
        dar_por_contado()

    async def aparte(
        self, *, tipo: str, datos: Mapping[str, str], objeto: PydanticObjectId, hecho: bool = True
    ) -> None:
        """An event that goes with an act, which has a row of its own besides."""
        await self._suceso(tipo, None, None, dict(datos), objeto, hecho=hecho, direccion=None)

    async def _suceso(
        self,
        tipo: str,
        usuario_id: PydanticObjectId | None,
        nombre: str | None,
        escritos: dict[str, str],
        objeto: PydanticObjectId | None,
        *,
        hecho: bool,
        direccion: str | None,
    ) -> None:
        _exigir_codigos(tipo, escritos)
        if nombre is not None:
            escritos["nombre"] = self._clave.seudonimo(nombre)
        llamada = llamada_en_curso()
        objetos = [] if llamada is None else list(llamada.objetos)
        objetos += [str(id) for id in (objeto, usuario_id) if id is not None]
        dicho = apunte(tipo, objetos, llamada, datos=escritos, resultado="hecho" if hecho else "rechazado")
        # Who is not signed in yet, or did not call, is whoever the event is about.
        dicho["actor"] = dicho["actor"] or usuario_id
        if direccion:
            dicho["direccion"] = red_de(direccion)
        await self.escribano.escribir([dicho])

    async def dichos(self, *, objeto: PydanticObjectId, tipos: Collection[str]) -> list[Mapping[str, str]]:
        """The `datos` of every event of those kinds about `objeto`, of rows that a process signed."""
        return await self.escribano.dichos(str(objeto), tipos)

    async def relato(self, *, objeto: PydanticObjectId, tipos: Collection[str], nace: str) -> Relato:
        """The same, and whether that is all: see `RelatoService`."""
        return await self._relatos.relato(str(objeto), tipos, nace=nace)

    async def sin_huecos(self, *, objeto: PydanticObjectId, desde: str) -> bool:
        """Whether no row is missing since that act: see `RelatoService`."""
        return await self._relatos.sin_huecos(str(objeto), desde=desde)

    async def denunciar_huecos(self) -> None:
        """For who believes that something was not told in all the years: where rows are missing, the audit says so from
        then on, though they come back. Once each time that others are."""
        hueco = await self._relatos.hueco()
        if hueco is None:
            return
        datos = {"desde": str(hueco[0]), "faltan": str(hueco[1])}
        if not any(fila["datos"] == datos for fila in await self.escribano.de_acciones([DENUNCIA])):
            log.error("auditoría: faltan %d apuntes de la cadena, desde el %d", hueco[1], hueco[0])
            await self.escribano.escribir([apunte(DENUNCIA, [], datos=datos)])

    async def dichos_de_todos(self, *, tipos: Collection[str]) -> dict[str, dict[str, list[Mapping[str, str]]]]:
        """The same of all objects: by kind, and by each of those that a row is about."""
        todos: dict[str, dict[str, list[Mapping[str, str]]]] = {tipo: {} for tipo in tipos}
        for fila in await self.escribano.de_acciones(tipos):
            for objeto in fila["objeto"]:
                todos[fila["accion"]].setdefault(objeto, []).append(fila["datos"])
        return todos

    def dichos_por_partes(self, *, tipo: str) -> AsyncIterator[list[Mapping[str, str]]]:
        """The same of one kind, whatever they are about, some rows at a time: for what grows with the years."""
        return self.escribano.por_partes(tipo)


def _exigir_codigos(tipo: str, datos: Mapping[str, str]) -> None:
    if not all(map(_CODIGO.fullmatch, (tipo, *datos, *datos.values()))):
        raise ValueError(f"{tipo}: what goes into the audit are codes and ids")


@lru_cache(maxsize=1_000)
def red_de(direccion: str | None) -> str | None:
    """The network of an address. What stands in the audit stands there for good, and a whole address is a person's:
    from which one they called, their session says for as long as it is kept. Of one address it is always the same."""
    try:
        cual = ip_address(direccion or "")
    except ValueError:
        return None
    if isinstance(cual, IPv6Address):
        cual = cual.ipv4_mapped or cual
    return str(ip_network((cual, 24 if cual.version == 4 else 48), strict=False))


def apunte(
    accion: str, objetos: Sequence[str], llamada: Llamada | None = None, quien: Principal | None = None, **mas: object
) -> Fila:
    """A row of what was done in `llamada`; without a call, of what a process found by itself, on behalf of no act.
    `quien`: who did it, where the call does not say so. `mas`: fields that the row says otherwise."""
    quien = quien or (None if llamada is None else llamada.quien)
    return {
        "_id": PydanticObjectId(),
        "hora": ahora(),
        "actor": None if quien is None else quien.usuario_id,
        "rol": _rol(llamada, quien),
        "llave": None if quien is None else quien.llave_id,
        "accion": accion,
        "operacion": None if llamada is None else llamada.operacion,
        "objeto": list(dict.fromkeys(objetos))[:_MAX_OBJETOS],
        "colecciones": [],
        "campos": [] if llamada is None else list(llamada.campos),
        "datos": {},
        "resultado": "hecho",
        "traza": None if llamada is None else llamada.traza,
        "direccion": red_de(None if llamada is None else llamada.direccion),
    } | mas


def _rol(llamada: Llamada | None, quien: Principal | None) -> str | None:
    if quien is not None:
        return quien.rol.value
    # Without a call, the system acts by itself. A call of nobody signed in has no role.
    return SISTEMA if llamada is None or llamada.traza is None else None


@attrs.define(kw_only=True)
class Lecturas:
    """`residentes.ports.Lecturas`. A reading waits in memory until `volcar`, so that nobody who reads waits for the
    audit. The id of its row is made from reader, resident and day: the database has each reading once, whichever
    process heard of it."""

    _apuntes: ApunteRepository
    _escribano: Escribano
    _uow: UnitOfWork
    _zona: ZoneInfo
    _por_escribir: dict[PydanticObjectId, Fila] = attrs.field(init=False, factory=dict)
    _escritas: dict[PydanticObjectId, None] = attrs.field(init=False, factory=dict)

    def leidas(self, *, lector: Principal, residentes: Sequence[PydanticObjectId]) -> None:
        """Note the readings in memory. The call neither waits nor fails."""
        llamada, dia = llamada_en_curso(), hoy(self._zona).isoformat()
        for residente_id in residentes:
            id = _id(lector.usuario_id, lector.llave_id, residente_id, dia)
            if id in self._escritas or id in self._por_escribir:
                continue
            if len(self._por_escribir) >= _MAXIMO_DE_LECTURAS:
                log.error("no se anotan más lecturas de condiciones: hay %d por escribir", _MAXIMO_DE_LECTURAS)
                return
            leida = apunte(LECTURA, [str(residente_id)], llamada, lector, campos=["condiciones"])
            self._por_escribir[id] = leida | {"_id": id}

    async def volcar(self) -> int:
        """Write what was noted, and return how many rows. What cannot be written now stays for the next time."""
        escritas = 0
        while lote := dict(list(self._por_escribir.items())[:_LECTURAS_DE_UNA_VEZ]):
            await self._uow.run(lambda: self._insertar_ausentes(lote))
            for id in lote:
                del self._por_escribir[id]
                self._escritas[id] = None
            escritas += len(lote)
        # `_escritas` only spares writes: a row forgotten here is still found in the database.
        while len(self._escritas) > _MAXIMO_DE_LECTURAS:
            del self._escritas[next(iter(self._escritas))]
        return escritas

    async def _insertar_ausentes(self, lote: Mapping[PydanticObjectId, Fila]) -> None:
        """Those whose id is there already are left as they are."""
        escritas = await self._apuntes.hallados(list(lote))
        if nuevas := [fila for id, fila in lote.items() if id not in escritas]:
            await self._escribano.escribir(nuevas)


@attrs.define(kw_only=True)
class CabezaService:
    """`sorteo.ports.Auditoria`: how far the chain went, for whoever publishes it."""

    _sellos: SelloRepository

    async def cabeza(self) -> Cabeza | None:
        sello = await self._sellos.leer()
        return None if sello is None or not sello.n else Cabeza(sello.n, sello.mac)


def _id(*de: object) -> PydanticObjectId:
    return PydanticObjectId(hashlib.sha256("/".join(map(str, de)).encode()).digest()[:12])
