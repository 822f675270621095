"""Who may confirm what somebody else asked for, as the audit was told of accounts.

An account says its role itself, and whoever writes on the database writes that too: for a moment nobody else is an
admin or auditor, or a new account always was one. So the audit is told of each role that an account comes to have, in
the transaction that gives it, and who could confirm follows from that."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import pairwise

import attrs
from beanie import PydanticObjectId

from app.core.clock import ahora
from app.modules.auth.models import Usuario
from app.modules.auth.ports import Bitacora
from app.modules.auth.repository import CONFIRMADORES, UsuarioRepository

_CUENTA = "cuenta_escrita"
_SI, _NO, _NADIE = "si", "no", "nadie"


@attrs.frozen
class Dicha:
    """An account as it came to be at `cuando` by an act of `por`. Instants are in milliseconds."""

    cuando: int
    rol: str
    activa: bool
    desde: int
    por: str

    @classmethod
    def de(cls, datos: Mapping[str, str]) -> "Dicha":
        cuando, desde = int(datos["cuando"]), int(datos["desde"])
        return cls(cuando, datos["rol"], datos["activa"] == _SI, desde, datos["por"])

    def podia(self, desde: int) -> bool:
        """It was an active admin's or auditor's, and so since before then."""
        return self.activa and self.rol in CONFIRMADORES and self.desde < desde


@attrs.define(kw_only=True)
class Confirmadores:
    _usuarios: UsuarioRepository
    _bitacora: Bitacora

    async def decir(self, usuario: Usuario, *, por: PydanticObjectId | None = None) -> None:
        """In the transaction in which an account comes to be so: one that is, or was, an admin's or auditor's."""
        datos = {
            "rol": usuario.rol.value,
            "activa": _SI if usuario.activo else _NO,
            "desde": str(_en_ms(usuario.rol_desde)),
            "cuando": str(_en_ms(ahora())),
            "por": _NADIE if por is None else str(por),
        }
        await self._bitacora.aparte(tipo=_CUENTA, datos={"cuenta": str(usuario.oid), **datos}, objeto=usuario.oid)

    async def decir_los_de_antes(self) -> None:
        """Once, where the audit was never told of any: accounts were made when nobody told it."""
        if not await self._historias():
            for usuario in await self._usuarios.confirmadores():
                await self.decir(usuario)

    async def puede(self, usuario_id: PydanticObjectId, *, desde: datetime) -> bool:
        """The account is an active admin's or auditor's, and was made, recovered or given its role before `desde`, as
        the audit was told."""
        suyas = (await self._historias()).get(str(usuario_id))
        return (
            suyas is not None
            and suyas[-1].podia(_en_ms(desde))
            and await self._usuarios.es_confirmador(usuario_id, desde=desde)
        )

    async def hay_otro(self, *, excepto: PydanticObjectId, desde: datetime) -> bool:
        """Some other account could confirm, or could when `desde` was and cannot any more because `excepto`, or
        somebody who came later, saw to it. Either as accounts say or as the audit was told."""
        if await self._usuarios.hay_otro_confirmador(excepto, desde=desde):
            return True
        historias, limite = await self._historias(), _en_ms(desde)
        return any(
            suyas[-1].podia(limite) or _se_lo_quitaron(id, historias, str(excepto), limite)
            for id, suyas in historias.items()
            if id != str(excepto)
        )

    async def _historias(self) -> dict[str, list[Dicha]]:
        """What was told of each account, the oldest first."""
        historias: dict[str, list[Dicha]] = {}
        async for varios in self._bitacora.dichos_por_partes(tipo=_CUENTA):
            for datos in varios:
                historias.setdefault(datos["cuenta"], []).append(Dicha.de(datos))
        await self._bitacora.denunciar_huecos()
        return {id: sorted(suyas, key=lambda dicha: dicha.cuando) for id, suyas in historias.items()}


def _se_lo_quitaron(id: str, historias: Mapping[str, Sequence[Dicha]], excepto: str, limite: int) -> bool:
    return any(
        antes.podia(limite)
        and not luego.podia(limite)
        and luego.cuando >= limite
        and luego.por not in (_NADIE, id)
        and (luego.por == excepto or not _podia_al(historias.get(luego.por, ()), luego.cuando, limite))
        for antes, luego in pairwise(historias[id])
    )


def _podia_al(suyas: Sequence[Dicha], cuando: int, limite: int) -> bool:
    hasta_entonces = [dicha for dicha in suyas if dicha.cuando <= cuando]
    return bool(hasta_entonces) and hasta_entonces[-1].podia(limite)


def _en_ms(cuando: datetime) -> int:
    return int(cuando.timestamp() * 1000)
