"""The words by which flats and residents are found, kept beside them: a flat's are those of its name and of the plates
of its vehicles, a resident's are their own and those of their flats.

Whoever changes one of these asks for the words anew, in the same transaction. All of them write the flat's document
(`Unidad.version`) or the resident's, so that two who do at once come one after the other.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, TypeVar

import attrs
from beanie import Document, PydanticObjectId
from pymongo import UpdateOne

from app.modules.residentes.busqueda import palabras_de_residente, palabras_de_unidad
from app.modules.residentes.models import Residente, Unidad, Vehiculo
from app.shared.repository import Fila, Repository

D = TypeVar("D", bound=Document)
_VEHICULOS = {
    "from": Vehiculo.Settings.name,
    "localField": "_id",
    "foreignField": "unidad_id",
    "pipeline": [{"$match": {"placa": {"$ne": None}}}, {"$project": {"placa": 1}}],
    "as": "vehiculos",
}
_UNIDADES = {
    "from": Unidad.Settings.name,
    "localField": "unidades.unidad_id",
    "foreignField": "_id",
    "pipeline": [{"$project": {"palabras": 1}}],
    "as": "suyas",
}
_DE_UNIDAD = ("torre", "apartamento", "palabras", "vehiculos.placa")
_DE_RESIDENTE = ("nombres", "apellidos", "numero_documento", "palabras", "suyas.palabras")


class _ConPalabras(Repository[D]):
    async def leer(self, cuales: Mapping[str, Any], junto: Mapping[str, Any], campos: Sequence[str]) -> list[Fila]:
        return await self.aggregate([{"$match": cuales}, {"$lookup": junto}, {"$project": dict.fromkeys(campos, 1)}])

    async def poner(self, palabras: Mapping[PydanticObjectId, Sequence[str]]) -> None:
        if palabras:
            await self.bulk_write([UpdateOne({"_id": id}, {"$set": {"palabras": p}}) for id, p in palabras.items()])


class RotulosDeUnidades(_ConPalabras[Unidad]):
    model = Unidad


class RotulosDeResidentes(_ConPalabras[Residente]):
    model = Residente


@attrs.define(kw_only=True)
class Rotulos:
    _unidades: RotulosDeUnidades = attrs.field(factory=RotulosDeUnidades, init=False)
    _residentes: RotulosDeResidentes = attrs.field(factory=RotulosDeResidentes, init=False)

    async def de_unidades(self, ids: Collection[PydanticObjectId]) -> None:
        """Write those of these flats, and of who belongs to them, where they are other words."""
        if not ids:
            return
        filas = await self._unidades.leer({"_id": {"$in": list(ids)}}, _VEHICULOS, _DE_UNIDAD)
        otras = _otras(
            filas, lambda f: palabras_de_unidad(f["torre"], f["apartamento"], _valores(f, "vehiculos", "placa"))
        )
        await self._unidades.poner(otras)
        if otras:
            await self._de_quienes({"unidades.unidad_id": {"$in": list(otras)}})

    async def de_residentes(self, ids: Collection[PydanticObjectId]) -> None:
        """Write those of these residents where they are other words."""
        if ids:
            await self._de_quienes({"_id": {"$in": list(ids)}})

    async def _de_quienes(self, cuales: Mapping[str, Any]) -> None:
        """By none is somebody found who was erased."""
        filas = await self._residentes.leer({**cuales, "suprimido_en": None}, _UNIDADES, _DE_RESIDENTE)
        propias = ("nombres", "apellidos", "numero_documento")
        await self._residentes.poner(
            _otras(filas, lambda f: palabras_de_residente(*(f[c] for c in propias), *_valores(f, "suyas", "palabras")))
        )


def _otras(filas: Sequence[Fila], palabras_de: Callable[[Fila], list[str]]) -> dict[PydanticObjectId, list[str]]:
    nuevas = {fila["_id"]: palabras_de(fila) for fila in filas}
    return {fila["_id"]: nuevas[fila["_id"]] for fila in filas if fila.get("palabras") != nuevas[fila["_id"]]}


def _valores(fila: Fila, de: str, campo: str) -> list[Any]:
    return [otra[campo] for otra in fila[de]]
