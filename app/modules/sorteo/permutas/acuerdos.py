"""What the audit is told of an exchange: who consented to what, and its end. Staff make no other: whoever writes on the
database that both consented, that one which has ended is open again, or that one has ended which a flat would withdraw,
exchanges nothing, and the audit says so. One of which it says so is not made any more."""

import logging
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager

import attrs
from beanie import PydanticObjectId

from app.database.unit_of_work import UnitOfWork
from app.modules.sorteo.asignaciones.models import Asignacion
from app.modules.sorteo.custodia.ports import Bitacora
from app.modules.sorteo.exceptions import BasesAlteradas, SinConsentimiento
from app.modules.sorteo.permutas.models import Parte, Permuta

log = logging.getLogger(__name__)

_CONSINTIO, _CERRADA, _ALTERADA = "permuta_consentida", "permuta_cerrada", "permuta_alterada"
_NACE = "sorteo_consentir_permuta"


class PermutaAlterada(BasesAlteradas):
    """It is not as the audit was told."""

    def __init__(self, permuta_id: PydanticObjectId, *, donde: str) -> None:
        super().__init__(donde=donde, objeto=str(permuta_id))
        self.permuta_id = permuta_id


@attrs.define(kw_only=True)
class Acuerdos:
    """Every call but `vigilar` joins the transaction of its caller."""

    _bitacora: Bitacora
    _uow: UnitOfWork

    async def decir_consentimiento(
        self, permuta: Permuta, mia: Asignacion, otra: Asignacion, quien: PydanticObjectId
    ) -> None:
        """That the flat would give `mia` for `otra`, by the account that says so; once."""
        dicho = {**_consentimiento(mia.unidad_id, mia.oid, otra.oid), "quien": str(quien)}
        if dicho not in await self._bitacora.dichos(objeto=permuta.oid, tipos=[_CONSINTIO]):
            await self._bitacora.aparte(tipo=_CONSINTIO, datos=dicho, objeto=permuta.oid)

    async def decir_fin(self, permuta: Permuta) -> None:
        """It is made, refused or withdrawn, and none of it ever again."""
        await self._bitacora.aparte(tipo=_CERRADA, datos={"estado": permuta.estado.value}, objeto=permuta.oid)

    async def exigir(self, permuta: Permuta) -> None:
        """Both flats consented, each by an account of its own, and it has not ended. Raises SinConsentimiento,
        PermutaAlterada."""
        if await self._bitacora.dichos(objeto=permuta.oid, tipos=[_CERRADA, _ALTERADA]):
            raise PermutaAlterada(permuta.oid, donde="estado")
        dichos = await self._bitacora.dichos(objeto=permuta.oid, tipos=[_CONSINTIO])
        a, b = permuta.partes
        de_a, de_b = _quienes(a, b, dichos), _quienes(b, a, dichos)
        if not de_a or not de_b or len(de_a | de_b) < 2:
            raise SinConsentimiento()
        if not await self._bitacora.sin_huecos(objeto=permuta.oid, desde=_NACE):
            raise PermutaAlterada(permuta.oid, donde="auditoria")

    async def exigir_cerrada(self, permuta: Permuta) -> None:
        """One that says that it has ended has. Of those of before nobody knows. Raises PermutaAlterada."""
        if await self._unidades(permuta.oid) and not await self._bitacora.dichos(objeto=permuta.oid, tipos=[_CERRADA]):
            raise PermutaAlterada(permuta.oid, donde="estado")

    async def exigir_ajena(self, id: PydanticObjectId, unidades: Collection[PydanticObjectId]) -> None:
        """None of those flats consented to it. Raises PermutaAlterada."""
        if not (await self._unidades(id)).isdisjoint(map(str, unidades)):
            raise PermutaAlterada(id, donde="partes")

    @asynccontextmanager
    async def vigilar(self) -> AsyncIterator[None]:
        """Around a transaction: what is found altered within is told before the error goes on."""
        try:
            yield
        except PermutaAlterada as error:
            hallado = error  # the name in the clause above goes with it
            await self._uow.run(lambda: self._denunciar(hallado))
            raise

    async def _unidades(self, id: PydanticObjectId) -> set[str]:
        """Those that consented, since ends are told too."""
        dichos = await self._bitacora.dichos(objeto=id, tipos=[_CONSINTIO])
        return {dicho["unidad"] for dicho in dichos if "quien" in dicho}

    async def _denunciar(self, error: PermutaAlterada) -> None:
        """Once for each place."""
        datos = {"donde": str(error.datos["donde"])}
        log.error("permuta %s: lo guardado no es lo que se dijo (%s)", error.permuta_id, datos["donde"])
        if datos not in await self._bitacora.dichos(objeto=error.permuta_id, tipos=[_ALTERADA]):
            await self._bitacora.suceso(tipo=_ALTERADA, hecho=False, datos=datos, objeto=error.permuta_id)


def _consentimiento(unidad_id: PydanticObjectId, da: PydanticObjectId, recibe: PydanticObjectId) -> dict[str, str]:
    """By assignments: which flat would give which for which."""
    return {"unidad": str(unidad_id), "da": str(da), "recibe": str(recibe)}


def _quienes(parte: Parte, otra: Parte, dichos: Sequence[Mapping[str, str]]) -> set[str]:
    """The accounts by which the flat consented to that."""
    suyo = _consentimiento(parte.unidad_id, parte.asignacion_id, otra.asignacion_id).items()
    return {dicho["quien"] for dicho in dichos if "quien" in dicho and suyo <= dicho.items()}
