"""The door: how often a password may be tried.

Each try counts in two tallies of the name as it was typed, whether or not an account has that name. The first tally
counts the tries of the name from one address: few are allowed, and a success clears the tally. The second tally counts
the tries of the name from all addresses together, so that many addresses help an attacker little. The second tally
neither counts nor stops an address from which the account has a session or was recovered. So nobody is locked out for
good by the guesses of others: an address of an earlier session stays open, and so does the address from which the
account is recovered. A device from which the account has signed in has a tally of its own and no other: whatever
others try, behind the same address too, does not stop its holder.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import attrs

from app.core.quotas.contract import Cuotas, Tasa, agrupar
from app.modules.auth.models import Usuario
from app.modules.auth.ports import Bitacora
from app.modules.auth.sesiones.repository import SesionRepository
from app.shared.exceptions import DemasiadasPeticiones

DESDE_UNA_DIRECCION = Tasa("entrar-desde-aqui", 10, 300)
DESDE_UN_CONOCIDO = Tasa("entrar-desde-este-dispositivo", 10, 300)
DESDE_TODAS = Tasa("entrar", 60, 900)
# Only the first refusal of a name in a quarter of an hour is logged, so that an attacker cannot fill the log.
_ANOTADAS = Tasa("entrar-anotada", 1, 900)


@dataclass(frozen=True, slots=True)
class Toque:
    """One try to sign in: the name in its one spelling, the address of the caller and, where one of the accounts of
    that name has signed in from it, what the device is called."""

    nombre: str
    direccion: str
    conocido: str | None = None

    @property
    def propia(self) -> tuple[Tasa, str, str]:
        """The tally that a right password clears."""
        if self.conocido is not None:
            return DESDE_UN_CONOCIDO, self.nombre, self.conocido
        return DESDE_UNA_DIRECCION, self.nombre, agrupar(self.direccion)


@attrs.define(kw_only=True)
class Puerta:
    _cuotas: Cuotas
    _sesiones: SesionRepository
    _bitacora: Bitacora

    async def tocar(self, toque: Toque, candidatas: Sequence[Usuario]) -> None:
        """Count a try before it is made; `candidatas` are the accounts that the name may mean. Raises
        DemasiadasPeticiones."""
        # The query runs without accounts too, so that a name without an account takes as long as a name with one.
        conocida = await self._sesiones.desde(toque.direccion, [u.oid for u in candidatas])
        conocida = conocida or any(u.recuperada_desde == toque.direccion for u in candidatas)
        try:
            await self._cuotas.gastar(*toque.propia)
            if not conocida and toque.conocido is None:
                await self._cuotas.gastar(DESDE_TODAS, toque.nombre)
        except DemasiadasPeticiones:
            await self._anotar(toque, candidatas)
            raise

    async def abrir(self, toque: Toque) -> None:
        """Clear the tally of the address or device after a right password, so that a slip a day never adds up."""
        await self._cuotas.olvidar(*toque.propia)

    async def _anotar(self, toque: Toque, candidatas: Sequence[Usuario]) -> None:
        try:
            await self._cuotas.gastar(_ANOTADAS, toque.nombre)
        except DemasiadasPeticiones:
            return
        if len(candidatas) == 1:
            await self._bitacora.suceso(tipo="entrada_frenada", usuario_id=candidatas[0].oid, hecho=False)
        else:
            await self._bitacora.suceso(tipo="entrada_frenada", nombre=toque.nombre, hecho=False)
