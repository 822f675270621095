"""All that a database holds, to be put back."""

from typing import Any

from tests.api.conftest import Aplicacion


class Foto:
    """Collections that a call did not change are not written."""

    def __init__(self, aplicacion: Aplicacion) -> None:
        self._aplicacion = aplicacion
        self._documentos: dict[str, list[dict[str, Any]]] = {}
        self._huellas: dict[str, str] = {}
        self._instante = aplicacion.reloj.instante

    async def tomar(self) -> None:
        base = self._aplicacion.base
        self._instante = self._aplicacion.reloj.instante
        for nombre in await base.list_collection_names():
            self._documentos[nombre] = await base[nombre].find().to_list(None)
        self._huellas = await self._ahora()

    async def reponer(self) -> None:
        base = self._aplicacion.base
        self._aplicacion.reloj.poner(self._instante)
        for nombre, huella in (await self._ahora()).items():
            if huella != self._huellas.get(nombre):
                await base[nombre].delete_many({})
                if self._documentos.get(nombre):
                    await base[nombre].insert_many(self._documentos[nombre])

    async def _ahora(self) -> dict[str, str]:
        return dict((await self._aplicacion.base.command("dbHash"))["collections"])
