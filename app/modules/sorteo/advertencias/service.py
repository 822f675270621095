"""Warnings about a draw before it closes. Rules are tried on everybody who might ask: each vehicle of the roll, with
each active resident of its flat."""

from collections.abc import Collection, Iterable, Sequence
from zoneinfo import ZoneInfo

import attrs
from beanie import PydanticObjectId

from app.core.clock import hoy
from app.modules.sorteo.advertencias.models import Advertencia, de_espacios, de_fechas, reglas_sin_nadie
from app.modules.sorteo.models import Sorteo
from app.modules.sorteo.ports import Padron
from app.modules.sorteo.prioridades.evaluacion import evaluar
from app.modules.sorteo.prioridades.evaluador import Evaluador
from app.modules.sorteo.prioridades.models import Regla

LOTE = 1000
LOTES = 20
"""Of the roll of a city no more is looked at: a rule that holds for nobody among so many is no more warned of."""


@attrs.define(kw_only=True)
class Advertencias:
    _padron: Padron
    _evaluador: Evaluador
    _zona: ZoneInfo

    async def de(self, sorteo: Sorteo, reglas: Sequence[Regla], tipos_de_espacio: Iterable[str]) -> list[Advertencia]:
        """Of a draw with those rules and with spaces of those kinds."""
        return self.con(sorteo, reglas, tipos_de_espacio, await self.cumplidas(reglas))

    def con(
        self, sorteo: Sorteo, reglas: Sequence[Regla], tipos_de_espacio: Iterable[str], cumplidas: Collection[str]
    ) -> list[Advertencia]:
        """Those of `de`, for who knows already which rules hold for somebody."""
        return [
            *de_espacios(sorteo.compatibilidad, set(tipos_de_espacio)),
            *reglas_sin_nadie(reglas, cumplidas),
            *de_fechas(
                desde=sorteo.vigencia.desde,
                hasta=sorteo.vigencia.hasta,
                conocible_el=sorteo.fuente_entropia.conocible_desde.astimezone(self._zona).date(),
                hoy=hoy(self._zona),
            ),
        ]

    async def cumplidas(self, reglas: Sequence[Regla]) -> set[str]:
        """The codes of rules that hold for somebody; of all rules, where the roll is too long to tell. Not to be called
        inside a transaction that claims something: it may take seconds."""
        todas, cumplidas = {regla.codigo for regla in reglas}, set[str]()
        ultimo: PydanticObjectId | None = None
        for _ in range(LOTES):
            if cumplidas == todas:
                return cumplidas
            aspirantes, ultimo = await self._padron.aspirantes(despues_de=ultimo, limite=LOTE)
            for hechos in await self._evaluador.hechos(aspirantes):
                cumplidas.update(evaluar(reglas, hechos).reglas)
            if ultimo is None:
                return cumplidas
        return todas
