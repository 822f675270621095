"""Who of the staff read whose conditions: once a reader, resident and day, and never in the way of the reading."""

import hashlib
import logging
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from beanie import PydanticObjectId

from app.core.acts.contract import llamada_en_curso
from app.core.clock import ahora, hoy
from app.core.security import Principal
from app.modules.auditoria.models import Apunte
from app.modules.auditoria.repository import ApunteRepository

log = logging.getLogger(__name__)

ACCION = "condiciones_leidas"
_MAXIMO = 20_000
_LOTE = 500


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
