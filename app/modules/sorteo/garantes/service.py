"""Witnesses: named by an admin, heard by the link that each was given. Each commits to a phrase before the closing, and
reveals the phrase before the public number can be known, when nobody can choose any more what would come out."""

from collections.abc import Sequence

import attrs
from beanie import PydanticObjectId

from app.core.clock import ahora
from app.core.security import hash_de_token, token_nuevo
from app.database.unit_of_work import UnitOfWork
from app.modules.sorteo.custodia.service import CustodiaService
from app.modules.sorteo.estados import EstadoSorteo
from app.modules.sorteo.exceptions import (
    CompromisoFijado,
    CompromisoRepetido,
    CompromisoTardio,
    GarantesComprometidos,
    RevelacionPrematura,
    RevelacionTardia,
    SinCompromiso,
)
from app.modules.sorteo.garantes.models import Garante
from app.modules.sorteo.garantes.repository import GaranteRepository
from app.modules.sorteo.garantes.schemas import GaranteOut
from app.modules.sorteo.models import Sorteo
from app.modules.sorteo.motor import sha256_hex
from app.modules.sorteo.service import SorteoService
from app.modules.sorteo.turnos import service as turnos
from app.shared.exceptions import EntradaInvalida, NoEncontrado, TransicionInvalida

_ANTES = frozenset({EstadoSorteo.borrador, EstadoSorteo.abierto})


@attrs.define(kw_only=True)
class GaranteService:
    """`url_publica`: where the links of witnesses lead."""

    _garantes: GaranteRepository
    _sorteos: SorteoService
    _custodia: CustodiaService
    _uow: UnitOfWork
    _url_publica: str

    async def nombrar(self, id: PydanticObjectId, nombres: Sequence[str]) -> list[tuple[str, str]]:
        """The witnesses of a draw, in the place of any that were named before: each with the only copy of their token.
        Raises TransicionInvalida from the closing on, and GarantesComprometidos once anybody has committed."""
        nombrados = [(nombre, token_nuevo()) for nombre in nombres]
        garantes = [Garante(nombre=nombre, sello=hash_de_token(token)) for nombre, token in nombrados]
        sorteo = await self._uow.run(lambda: self._garantes.nombrar(id, garantes, turno=turnos.DURACION, ahora=ahora()))
        if sorteo is None:
            estaba = await self._sorteos.ver(id)
            if any(garante.compromiso is not None for garante in estaba.garantes):
                raise GarantesComprometidos()
            raise TransicionInvalida()
        return nombrados

    def enlace(self, id: PydanticObjectId, token: str) -> str:
        # The token stands after the `#`: a browser sends that part to no server, so the token ends up in no log.
        return f"{self._url_publica}/sorteo/{id}/garante#token={token}"

    async def suyo(self, id: PydanticObjectId, token: str) -> tuple[Sorteo, Garante]:
        """A draw and the witness whose token it is. Raises NoEncontrado."""
        sorteo = await self._sorteos.ver(id)
        sello = hash_de_token(token)
        for garante in sorteo.garantes:
            if garante.sello == sello:
                return sorteo, garante
        raise NoEncontrado()

    async def comprometer(self, id: PydanticObjectId, token: str, *, compromiso: str) -> tuple[Sorteo, Garante]:
        """Note the hash of a phrase, for ever; the same again changes nothing. Raises CompromisoTardio from the closing
        on, TransicionInvalida before the opening, CompromisoFijado, CompromisoRepetido."""
        sorteo, garante = await self.suyo(id, token)
        if garante.compromiso is None:
            await self._uow.run(
                lambda: self._garantes.comprometer(
                    id, sello=garante.sello, compromiso=compromiso, turno=turnos.DURACION, ahora=ahora()
                )
            )
            sorteo, garante = await self.suyo(id, token)
        if garante.compromiso == compromiso:
            return sorteo, garante
        if garante.compromiso is not None:
            raise CompromisoFijado()
        if any(otro.compromiso == compromiso for otro in sorteo.garantes):
            # Who copies the commitment of another witness could say the same phrase, once it is known.
            raise CompromisoRepetido()
        raise TransicionInvalida() if sorteo.estado is EstadoSorteo.borrador else CompromisoTardio()

    async def revelar(self, id: PydanticObjectId, token: str, *, frase: str) -> tuple[Sorteo, Garante]:
        """Note the phrase that was committed to; the same again changes nothing. Raises SinCompromiso,
        RevelacionPrematura before the closing, RevelacionTardia once the public number can be known, and
        EntradaInvalida for a phrase that has another hash."""
        sorteo, garante = await self.suyo(id, token)
        if garante.compromiso is None:
            raise SinCompromiso()
        if sha256_hex(frase.encode()) != garante.compromiso:
            raise EntradaInvalida.en("frase", "frase_ajena")
        if garante.frase is None:
            await self._uow.run(lambda: self._revelar(id, token, frase))
            sorteo, garante = await self.suyo(id, token)
        if garante.frase is None:
            raise RevelacionTardia()
        return sorteo, garante

    async def _revelar(self, id: PydanticObjectId, token: str, frase: str) -> None:
        """The moment is judged right before it is written: who knows the number may not choose any more."""
        sorteo, garante = await self.suyo(id, token)
        if sorteo.estado in _ANTES:
            raise RevelacionPrematura()
        momento = ahora()
        if not sorteo.ensayo and momento >= sorteo.fuente_entropia.conocible_desde:
            raise RevelacionTardia()
        if await self._garantes.revelar(id, sello=garante.sello, frase=frase, ahora=momento):
            await self._custodia.decir_frase(sorteo, frase)


def garante_out(sorteo: Sorteo, garante: Garante) -> GaranteOut:
    """A phrase is published with the number that it follows."""
    frase = garante.frase if sorteo.secreto is not None else None
    return GaranteOut.model_validate(garante.model_dump() | {"frase": frase})
