"""What others tell the audit: the unit of work of acts; services of security events, by name; and who of the staff read
whose conditions, once a reader, resident and day, and never in the way of the reading."""

import hashlib
import logging
import re
from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

from beanie import PydanticObjectId

from app.core.acts.contract import Llamada, llamada_en_curso
from app.core.clock import ahora, hoy
from app.core.security import Principal
from app.modules.auditoria.cadena import ClaveDeCadena
from app.modules.auditoria.models import Apunte
from app.modules.auditoria.repository import ApunteRepository
from app.shared.transaction import dar_por_contado

log = logging.getLogger(__name__)

SISTEMA = "sistema"
_MAX_OBJETOS = 100
_CODIGO = re.compile(r"[a-z0-9][a-z0-9_.:-]{0,63}", re.ASCII)

ACCION = "condiciones_leidas"
_MAXIMO = 20_000
_LOTE = 500


class BitacoraService:
    """`database.unit_of_work.Anotador` and `auth.ports.Bitacora`."""

    def __init__(self, apuntes: ApunteRepository, clave: ClaveDeCadena) -> None:
        self._apuntes = apuntes
        self._clave = clave

    async def anotar(self, llamada: Llamada, escritos: Sequence[tuple[str, object]]) -> None:
        """The row of an act, in the transaction that makes it."""
        objetos = [*llamada.objetos, *(str(id) for _, id in escritos if isinstance(id, PydanticObjectId))]
        await self._insertar(
            accion=llamada.operacion,
            llamada=llamada,
            quien=llamada.quien,
            objetos=objetos,
            colecciones=sorted({coleccion for coleccion, _ in escritos}),
        )

    async def suceso(
        self,
        *,
        tipo: str,
        usuario_id: PydanticObjectId | None = None,
        hecho: bool = True,
        nombre: str | None = None,
        direccion: str | None = None,
        datos: Mapping[str, str] | None = None,
    ) -> None:
        """A security event: see `auth.ports.Bitacora`. Raises ValueError for `datos` that somebody may have written."""
        escritos = dict(datos or {})
        if not all(map(_CODIGO.fullmatch, (tipo, *escritos, *escritos.values()))):
            raise ValueError(f"{tipo}: what goes into the audit are codes and ids")
        if nombre is not None:
            escritos["nombre"] = self._clave.seudonimo(nombre)
        llamada = llamada_en_curso()
        quien = None if llamada is None else llamada.quien
        objetos = [] if llamada is None else list(llamada.objetos)
        await self._insertar(
            accion=tipo,
            llamada=llamada,
            quien=quien,
            actor=usuario_id,
            objetos=objetos if usuario_id is None else [*objetos, str(usuario_id)],
            datos=escritos,
            hecho=hecho,
            direccion=direccion,
        )
        dar_por_contado()

    async def _insertar(
        self,
        *,
        accion: str,
        llamada: Llamada | None,
        quien: Principal | None,
        objetos: Sequence[str],
        actor: PydanticObjectId | None = None,
        colecciones: Sequence[str] = (),
        datos: Mapping[str, str] | None = None,
        hecho: bool = True,
        direccion: str | None = None,
    ) -> None:
        await self._apuntes.anotar(
            {
                "hora": ahora(),
                "actor": actor if quien is None else quien.usuario_id,
                "rol": _rol(llamada, quien),
                "llave": None if quien is None else quien.llave_id,
                "accion": accion,
                "operacion": None if llamada is None else llamada.operacion,
                "objeto": list(dict.fromkeys(objetos))[:_MAX_OBJETOS],
                "colecciones": list(colecciones),
                "campos": [] if llamada is None else list(llamada.campos),
                "datos": dict(datos or {}),
                "resultado": "hecho" if hecho else "rechazado",
                "traza": None if llamada is None else llamada.traza,
                "direccion": direccion or (None if llamada is None else llamada.direccion),
            }
        )


def _rol(llamada: Llamada | None, quien: Principal | None) -> str | None:
    if quien is not None:
        return quien.rol.value
    # Nobody's call: what happens by itself. A call without anybody signed in has no role.
    return SISTEMA if llamada is None or llamada.traza is None else None


class Lecturas:
    """`residentes.ports.Lecturas`. What is told waits in memory until `volcar`; the id of a row is made from reader,
    resident and day, so that the database has each once, whichever process heard of it."""

    def __init__(self, apuntes: ApunteRepository, zona: ZoneInfo) -> None:
        self._apuntes = apuntes
        self._zona = zona
        self._por_escribir: dict[PydanticObjectId, Apunte] = {}
        self._escritas: dict[PydanticObjectId, None] = {}

    def leidas(self, *, lector: Principal, residentes: Sequence[PydanticObjectId]) -> None:
        """Take note, and nothing else: it neither waits nor fails."""
        llamada, dia = llamada_en_curso(), hoy(self._zona).isoformat()
        for residente_id in residentes:
            id = _id(lector.usuario_id, lector.llave_id, residente_id, dia)
            if id in self._escritas or id in self._por_escribir:
                continue
            if len(self._por_escribir) >= _MAXIMO:
                log.error("no se anotan más lecturas de condiciones: hay %d por escribir", _MAXIMO)
                return
            self._por_escribir[id] = Apunte(
                id=id,
                hora=ahora(),
                actor=lector.usuario_id,
                rol=lector.rol.value,
                llave=lector.llave_id,
                accion=ACCION,
                operacion=None if llamada is None else llamada.operacion,
                objeto=[str(residente_id)],
                colecciones=[],
                campos=["condiciones"],
                datos={},
                resultado="hecho",
                traza=None if llamada is None else llamada.traza,
                direccion=None if llamada is None else llamada.direccion,
            )

    async def volcar(self) -> int:
        """Write what was noted; how many. What cannot be written now stays for the next time."""
        escritas = 0
        while lote := list(self._por_escribir.items())[:_LOTE]:
            await self._apuntes.insertar_ausentes([apunte for _, apunte in lote])
            for id, _ in lote:
                del self._por_escribir[id]
                self._escritas[id] = None
            escritas += len(lote)
        # Only to spare a write: what is forgotten here is found in the database.
        while len(self._escritas) > _MAXIMO:
            del self._escritas[next(iter(self._escritas))]
        return escritas


def _id(*de: object) -> PydanticObjectId:
    return PydanticObjectId(hashlib.sha256("/".join(map(str, de)).encode()).digest()[:12])
