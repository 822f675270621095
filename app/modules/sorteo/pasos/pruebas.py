"""What makes a draw checkable: its secret, sealed until it is published, and the heads of the audit's chain."""

import secrets
from collections.abc import Iterable, Sequence

from app.core.clock import ahora
from app.core.sealing import Sello
from app.modules.sorteo import motor
from app.modules.sorteo.estados import Paso
from app.modules.sorteo.models import Sorteo
from app.modules.sorteo.pasos.models import CabezaDePaso
from app.modules.sorteo.ports import Auditoria


class Boveda(Sello):
    """Seals secrets under `CLAVE_SORTEO`. A secret is bound to its draw: moved to another draw, it does not open."""

    def __init__(self, clave: bytes, anteriores: Sequence[bytes] = ()) -> None:
        super().__init__(clave, "secreto-de-sorteo", anteriores)

    @staticmethod
    def nuevo() -> str:
        """32 bytes from the system's CSPRNG, as 64 hex digits."""
        return secrets.token_hex(32)


async def cabeza_al(paso: Paso, auditoria: Auditoria) -> CabezaDePaso | None:
    """The head of the audit's chain, for the draw that takes `paso` now; None while the chain is empty."""
    cabeza = await auditoria.cabeza()
    return None if cabeza is None else CabezaDePaso(paso=paso, n=cabeza.n, mac=cabeza.mac, cuando=ahora())


def bases_de(
    sorteo: Sorteo, espacios: Iterable[motor.Espacio], participantes: Iterable[motor.Participante]
) -> motor.Bases:
    """The bases of an opened draw with those participants."""
    return motor.Bases(
        sorteo=str(sorteo.id),
        compromiso=sorteo.compromiso or "",
        fuente=sorteo.fuente_al_cerrar,
        liberar_reservas=sorteo.liberar_reservas,
        espacios=tuple(espacios),
        participantes=tuple(participantes),
    )
