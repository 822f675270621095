"""The callers behind sessions, kept for a few seconds: most requests read nothing from the database."""

from collections import OrderedDict
from datetime import datetime, timedelta

from beanie import PydanticObjectId

from app.core.security import Principal

FRESCURA = timedelta(seconds=5)
_CUPO = 10_000


class CacheDeSesiones:
    """At most `cupo` sessions, none older than five seconds; the session used longest ago makes room.

    A look-up that began before a session was forgotten must not bring the session back. So `guardar` is given the
    `marca` that was current before the look-up, and every `olvidar` makes earlier marks worthless.
    """

    def __init__(self, *, cupo: int = _CUPO) -> None:
        self._cupo = cupo
        self._guardados: OrderedDict[PydanticObjectId, tuple[datetime, Principal]] = OrderedDict()
        self.marca = 0

    def leer(self, sesion_id: PydanticObjectId, *, cuando: datetime) -> Principal | None:
        leido_en, quien = self._guardados.get(sesion_id, (None, None))
        # A clock that went backwards makes nothing fresh.
        if leido_en is None or not timedelta(0) <= cuando - leido_en < FRESCURA:
            return None
        self._guardados.move_to_end(sesion_id)
        return quien

    def guardar(self, sesion_id: PydanticObjectId, quien: Principal, *, leido_en: datetime, marca: int) -> None:
        if marca != self.marca:
            return
        self._guardados[sesion_id] = (leido_en, quien)
        self._guardados.move_to_end(sesion_id)
        if len(self._guardados) > self._cupo:
            self._guardados.popitem(last=False)

    def olvidar(self, sesion_id: PydanticObjectId) -> None:
        self.marca += 1
        self._guardados.pop(sesion_id, None)

    def olvidar_a(self, usuario_id: PydanticObjectId) -> None:
        """All the sessions of an account."""
        self.marca += 1
        for sesion_id in [id for id, (_, quien) in self._guardados.items() if quien.usuario_id == usuario_id]:
            del self._guardados[sesion_id]
