"""Links to the page of figures, for people without an account: which days they show, and until when."""

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import attrs

from app.core.clock import ahora
from app.core.sealing import Sello
from app.database.unit_of_work import UnitOfWork
from app.modules.sorteo.custodia.ports import Bitacora
from app.modules.sorteo.figuras.schemas import EnlaceDeFiguras, EnlaceDeFigurasOut
from app.shared.exceptions import EntradaInvalida

_DE = b"figuras"


@dataclass(frozen=True, slots=True)
class Dias:
    desde: date | None
    hasta: date | None


@attrs.define(kw_only=True)
class EnlacesDeFiguras:
    """Nothing of a link is stored: it is sealed, so nobody makes one, and it says itself when it ends."""

    _sello: Sello
    _url: str
    _bitacora: Bitacora
    _uow: UnitOfWork

    async def hacer(self, datos: EnlaceDeFiguras) -> EnlaceDeFigurasOut:
        """Make a link, and tell the audit. Raises EntradaInvalida."""
        if datos.desde is not None and datos.hasta is not None and datos.hasta < datos.desde:
            raise EntradaInvalida.en("hasta", "fechas_al_reves")
        expira_en = ahora().replace(microsecond=0) + timedelta(days=datos.dias)
        texto = json.dumps([_dia(datos.desde), _dia(datos.hasta), expira_en.isoformat()])
        llave = base64.urlsafe_b64encode(self._sello.cerrar(texto.encode(), de=_DE)).decode().rstrip("=")
        await self._uow.run(lambda: self._bitacora.suceso(tipo="figuras_enlazadas", datos={"dias": str(datos.dias)}))
        return EnlaceDeFigurasOut(url=f"{self._url}/sorteo/figuras/ver?llave={llave}", expira_en=expira_en)

    def leer(self, llave: str) -> Dias | None:
        """None for a link that is not ours, or has ended."""
        try:
            sellado = base64.urlsafe_b64decode(llave + "=" * (-len(llave) % 4))
        except (ValueError, binascii.Error):
            return None
        abierto = self._sello.abrir(sellado, de=_DE)
        if abierto is None:
            return None
        desde, hasta, expira_en = json.loads(abierto)
        if datetime.fromisoformat(expira_en) <= ahora():
            return None
        return Dias(_leido(desde), _leido(hasta))


def _dia(dia: date | None) -> str | None:
    return None if dia is None else dia.isoformat()


def _leido(dia: str | None) -> date | None:
    return None if dia is None else date.fromisoformat(dia)
