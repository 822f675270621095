"""What a process remembers of the audit, compared with what is there: whoever writes on the database does not reach its
memory. Every row that it inserted is still there, until the row is sealed; and the chain still holds the last head that
the process saw. What is missing is denounced by a row of its own, and in the log."""

import logging
from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta

import attrs
from beanie import PydanticObjectId

from app.core.clock import ahora
from app.modules.auditoria.cadena import DENUNCIA, Cabeza, ClaveDeCadena
from app.modules.auditoria.escribano import Escribano
from app.modules.auditoria.public import apunte
from app.modules.auditoria.relatos.negadas import IMPEDIDA
from app.modules.auditoria.repository import ApunteRepository, SelloRepository

log = logging.getLogger(__name__)

_DE_UNA_VEZ = 1000
_CADENA = "cadena"
_DECIRLA_CADA = timedelta(hours=1)


@attrs.define(kw_only=True)
class Vigia:
    _apuntes: ApunteRepository
    _sellos: SelloRepository
    _escribano: Escribano
    _clave: ClaveDeCadena
    _cabeza: Cabeza | None = attrs.field(init=False, default=None)
    _impedida: bool = attrs.field(init=False, default=False)
    _sospechas: AbstractSet[PydanticObjectId | str] = attrs.field(init=False, factory=frozenset)
    _dicha: Cabeza | None = attrs.field(init=False, default=None)
    _dicha_en: datetime | None = attrs.field(init=False, default=None)

    async def vigilar(self) -> None:
        """What is missing twice in a row is missing: a server that does not know yet that it is none any more may
        answer once with what was."""
        await self._mirar_opciones()
        sello = await self._sellos.leer()
        cabeza = None if sello is None else Cabeza(sello.n, sello.mac)
        faltan = await self._mirar_apuntes(cabeza) | await self._mirar_cadena(cabeza)
        firmes = faltan & self._sospechas
        self._sospechas = faltan - firmes
        for falta in firmes:
            await self._denunciar(falta)

    async def despedirse(self) -> None:
        """The last look: nobody remembers afterwards."""
        await self.vigilar()
        if self._sospechas:
            await self.vigilar()
        self._decir()

    async def _mirar_opciones(self) -> None:
        """Whoever has the database may have it refuse rows of the audit. Told once each time, and when it can be."""
        impedida, antes = await self._apuntes.impedida(), self._impedida
        self._impedida = impedida
        if impedida and not antes:
            log.error("auditoría: su colección niega apuntes, por sus opciones (validator, capped): alguien las cambió")
            self._escribano.negadas.recordar([apunte(IMPEDIDA, [], resultado="rechazado")])

    async def _mirar_apuntes(self, cabeza: Cabeza | None) -> set[PydanticObjectId | str]:
        """Those of ours that are gone, or are no more what was inserted."""
        propios = list(self._escribano.por_ver.items())[:_DE_UNA_VEZ]
        if not propios:
            return set()
        hay = await self._apuntes.hallados([id for id, _ in propios])
        faltan = set[PydanticObjectId | str]()
        for id, firma in propios:
            fila = hay.get(id)
            if fila is None or fila.get("firma") != firma or not self._clave.autentica(fila, sin_firma=False):
                faltan.add(id)
            elif cabeza is not None and type(n := fila.get("n")) is int and n <= cabeza.n:
                # From here on the head stands for it, and for all that is before.
                self._ver(cabeza)
                del self._escribano.por_ver[id]
        return faltan

    async def _mirar_cadena(self, cabeza: Cabeza | None) -> set[PydanticObjectId | str]:
        vista = self._cabeza
        if vista is not None and (
            cabeza is None or cabeza.n < vista.n or await self._apuntes.mac_de(vista.n) != vista.mac
        ):
            return {_CADENA}
        if cabeza is not None and cabeza.n:
            self._ver(cabeza)
        if self._dicha_en is None or ahora() - self._dicha_en >= _DECIRLA_CADA:
            self._decir()
        return set()

    def _ver(self, cabeza: Cabeza) -> None:
        if self._cabeza is None or cabeza.n > self._cabeza.n:
            self._cabeza = cabeza
            self._escribano.vistas.ver(cabeza.n)

    def _decir(self) -> None:
        """The log leaves this machine, so that heads of the chain are where the database is not."""
        self._dicha_en = ahora()
        if self._cabeza is not None and self._cabeza != self._dicha:
            self._dicha = self._cabeza
            log.info("auditoría: cabeza %d:%s", self._cabeza.n, self._cabeza.mac)

    async def _denunciar(self, falta: PydanticObjectId | str) -> None:
        """Once each: from then on the chain says by itself that it is not whole."""
        if isinstance(falta, str):
            log.error("auditoría: la cadena ya no contiene la cabeza %s, que este proceso vio", self._cabeza)
            objetos, self._cabeza = [], None
            self._escribano.vistas.olvidar()
        else:
            log.error("auditoría: falta o fue cambiado el apunte %s, que este proceso escribió", falta)
            objetos = [str(falta)]
        await self._escribano.escribir([apunte(DENUNCIA, objetos)])
        if not isinstance(falta, str):
            self._escribano.por_ver.pop(falta, None)
