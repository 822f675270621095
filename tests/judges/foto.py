"""All that a database holds, to be put back."""

from collections.abc import Collection

from bson.raw_bson import RawBSONDocument

from app.wiring.documents import DOCUMENTOS
from tests.api.conftest import Aplicacion
from tests.bases import Escritas, cruda, igualar


class Todas(Escritas):
    """As if the application had written every collection: photographs follow one another in any order."""

    def de(self, base: str) -> set[str]:
        del base
        return {documento.get_collection_name() for documento in DOCUMENTOS}


class Foto:
    """Collections that the application did not write are not looked at, and those that did not change not written."""

    def __init__(self, aplicacion: Aplicacion, escritas: Escritas) -> None:
        self._aplicacion = aplicacion
        self._escritas = escritas
        self._documentos: dict[str, list[RawBSONDocument]] = {}
        self._huellas: dict[str, str] = {}
        self._instante = aplicacion.reloj.instante

    async def tomar(self) -> None:
        base = self._aplicacion.base
        self._instante = self._aplicacion.reloj.instante
        todas = await base.list_collection_names()
        self._escritas.olvidar(base.name)
        for nombre in todas:
            self._documentos[nombre] = await cruda(base, nombre).find().to_list(None)
        self._huellas = await self._ahora(todas)

    async def reponer(self) -> set[str]:
        """The collections that had changed."""
        base = self._aplicacion.base
        self._aplicacion.reloj.poner(self._instante)
        escritas = self._escritas.de(base.name)
        self._escritas.olvidar(base.name)
        ahora = await self._ahora(escritas) if escritas else {}
        cambiadas = {nombre for nombre, huella in ahora.items() if huella != self._huellas.get(nombre)}
        for nombre in cambiadas:
            await igualar(base, nombre, self._documentos.get(nombre, []))
        return cambiadas

    async def _ahora(self, colecciones: Collection[str]) -> dict[str, str]:
        return dict((await self._aplicacion.base.command("dbHash", collections=list(colecciones)))["collections"])
