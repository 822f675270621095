"""Reading the audit, and checking that it is whole."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

import attrs

from app.core.clock import ahora
from app.modules.auditoria.cadena import FORMATO, Cabeza, ClaveDeCadena, Informe, Verificador, canonico
from app.modules.auditoria.models import DEMORA, Apunte
from app.modules.auditoria.ports import Publicadas
from app.modules.auditoria.repository import ApunteRepository, Buscado, SelloRepository
from app.shared.pagination import Page, PageQuery


@attrs.define(kw_only=True)
class AuditoriaService:
    _apuntes: ApunteRepository
    _sellos: SelloRepository
    _publicadas: Publicadas
    _clave: ClaveDeCadena
    _anteriores: Sequence[ClaveDeCadena] = ()

    async def listar(self, consulta: PageQuery, buscado: Buscado) -> Page[Apunte]:
        """The latest first."""
        return await self._apuntes.listar(consulta, buscado)

    async def verificar(self, conocidas: Sequence[Cabeza] = ()) -> Informe:
        """Check the whole chain, one row in memory at a time, against three kinds of heads: the one kept with the
        lease, those that draws published, and `conocidas`."""
        sello = await self._sellos.leer()
        cabezas = [*conocidas, *(Cabeza(c.n, c.mac) for c in await self._publicadas.cabezas())]
        if sello is not None and sello.n:
            cabezas.append(Cabeza(sello.n, sello.mac))
        verificador = Verificador(self._clave, cabezas, anteriores=self._anteriores)
        verificador.clave_guardada(None if sello is None else sello.clave)
        _, desde = await self._apuntes.en_espera()
        async for fila in self._apuntes.sin_sellar():
            verificador.sin_sellar(fila)
        async for fila in self._apuntes.selladas():
            verificador.sellada(fila)
        if desde is not None and ahora() - desde > DEMORA:
            verificador.atrasada()
        return verificador.informe()

    async def exportar(self) -> AsyncIterator[bytes]:
        """JSON lines. The first says which key and how far, under a MAC; what is not sealed yet follows, and then the
        chain, in which some of it may stand again, sealed meanwhile."""
        sello = await self._sellos.leer()
        cabeza = None if sello is None or not sello.n else {"n": sello.n, "mac": sello.mac}
        cabecera: dict[str, Any] = {"formato": FORMATO, "clave": self._clave.id, "cabeza": cabeza}
        yield _linea(cabecera | {"mac": self._clave.mac_de_cabecera(cabecera)})
        async for fila in self._apuntes.sin_sellar():
            yield _linea(fila)
        async for fila in self._apuntes.selladas():
            yield _linea(fila)


def _linea(fila: dict[str, Any]) -> bytes:
    return canonico(fila).encode() + b"\n"
