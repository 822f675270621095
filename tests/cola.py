"""Where modules leave work for later, of which nobody does anything."""

from collections.abc import Mapping
from typing import Any

from beanie import PydanticObjectId

from app.core.jobs.contract import RefDeArchivo
from app.core.security import Principal


class ColaFalsa:
    def __init__(self) -> None:
        self.encolados: list[Mapping[str, Any]] = []

    async def encolar(
        self,
        *,
        tipo: str,
        parametros: Mapping[str, Any],
        quien: Principal,
        unico: str | None = None,
        entrada: RefDeArchivo | None = None,
    ) -> PydanticObjectId:
        datos = {"tipo": tipo, "parametros": parametros, "quien": quien, "unico": unico, "entrada": entrada}
        self.encolados.append(datos)
        return PydanticObjectId()
