"""The door: how often somebody may try a password.

Two tallies, both of the name as it was typed, whether or not anybody has it. One is of the name *from one address*: few
tries, forgiven when one succeeds. The other is of the name from all addresses together, so that who has many of them
gains little; but it does not count, nor stop, an address from which that account has a session or was recovered. So
nobody is locked out for good by somebody else's guessing: not from where they have signed in before, and from a new
place not once they have followed the link that recovery sends them.
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
DESDE_TODAS = Tasa("entrar", 60, 900)
# Somebody who goes on knocking fills no log: the first refusal of a name in a quarter of an hour is written.
_ANOTADAS = Tasa("entrar-anotada", 1, 900)


@dataclass(frozen=True, slots=True)
class Toque:
    """A try: the name as it was typed, in one spelling, and where from."""

    nombre: str
    direccion: str


@attrs.define(kw_only=True)
class Puerta:
    _cuotas: Cuotas
    _sesiones: SesionRepository
    _bitacora: Bitacora

    async def tocar(self, toque: Toque, candidatas: Sequence[Usuario]) -> None:
        """Count a try before it is made; `candidatas` are the accounts that the name may mean. Raises
        DemasiadasPeticiones."""
        # Asked of nobody too, so that a name without an account takes as long.
        conocida = await self._sesiones.desde(toque.direccion, [u.oid for u in candidatas])
        conocida = conocida or any(u.recuperada_desde == toque.direccion for u in candidatas)
        try:
            await self._cuotas.gastar(DESDE_UNA_DIRECCION, toque.nombre, agrupar(toque.direccion))
            if not conocida:
                await self._cuotas.gastar(DESDE_TODAS, toque.nombre)
        except DemasiadasPeticiones:
            await self._anotar(toque, candidatas)
            raise

    async def abrir(self, toque: Toque) -> None:
        """The password was right: the tries from there are forgiven, so that a slip a day never adds up."""
        await self._cuotas.olvidar(DESDE_UNA_DIRECCION, toque.nombre, agrupar(toque.direccion))

    async def _anotar(self, toque: Toque, candidatas: Sequence[Usuario]) -> None:
        try:
            await self._cuotas.gastar(_ANOTADAS, toque.nombre)
        except DemasiadasPeticiones:
            return
        if len(candidatas) == 1:
            await self._bitacora.suceso(tipo="entrada_frenada", usuario_id=candidatas[0].oid, hecho=False)
        else:
            await self._bitacora.suceso(tipo="entrada_frenada", nombre=toque.nombre, hecho=False)
