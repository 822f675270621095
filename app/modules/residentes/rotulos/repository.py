"""The words by which flats and residents are found, kept beside them: a flat's are those of its name and of the plates
of its vehicles, a resident's are their own and those of their flats. And beside residents, where they live as lists
show it.

Whoever changes one of these asks for them anew, in the same transaction. All of them write the flat's document
(`Unidad.version`) or the resident's, so that two who do at once come one after the other.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, TypeVar

import attrs
from beanie import Document, PydanticObjectId
from pymongo import UpdateOne

from app.modules.residentes.busqueda.claves import palabras_de_residente, palabras_de_unidad
from app.modules.residentes.models import Residente, Unidad, Vehiculo
from app.shared.reading import Pasos, al_lado
from app.shared.repository import Fila, Repository

D = TypeVar("D", bound=Document)
_CON_PLACA: Pasos = [{"$match": {"placa": {"$ne": None}}}, {"$project": {"placa": 1}}]
_VEHICULOS = al_lado(Vehiculo, "vehiculos", local="_id", suyo="unidad_id", pasos=_CON_PLACA)
_PISO: Pasos = [{"$project": {"torre": 1, "apartamento": 1, "palabras": 1}}]
_UNIDADES = al_lado(Unidad, "suyas", local="unidades.unidad_id", pasos=_PISO)
_DE_UNIDAD = ("torre", "apartamento", "palabras", "vehiculos.placa")
_DE_RESIDENTE = ("nombres", "apellidos", "numero_documento", "unidades", "palabras", "viven_en", "suyas")


class _ConPalabras(Repository[D]):
    async def leer(self, cuales: Mapping[str, Any], junto: Mapping[str, Any], campos: Sequence[str]) -> list[Fila]:
        return await self.aggregate([{"$match": cuales}, junto, {"$project": dict.fromkeys(campos, 1)}])

    async def poner(self, rotulos: Mapping[PydanticObjectId, Mapping[str, Any]]) -> None:
        if rotulos:
            await self.bulk_write([UpdateOne({"_id": id}, {"$set": suyos}) for id, suyos in rotulos.items()])


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
        await self._unidades.poner(_otros(filas, _de_unidad))
        # Also where no word is another: `Torre a` is found as `Torre A` is, and shown otherwise.
        await self._de_quienes({"unidades.unidad_id": {"$in": list(ids)}})

    async def de_residentes(self, ids: Collection[PydanticObjectId]) -> None:
        """Write those of these residents where they are other words."""
        if ids:
            await self._de_quienes({"_id": {"$in": list(ids)}})

    async def _de_quienes(self, cuales: Mapping[str, Any]) -> None:
        """By none is somebody found who was erased."""
        filas = await self._residentes.leer({**cuales, "suprimido_en": None}, _UNIDADES, _DE_RESIDENTE)
        await self._residentes.poner(_otros(filas, _de_residente))


def viviendas(ocupaciones: Iterable[Fila], pisos: Mapping[PydanticObjectId, Fila]) -> list[Fila]:
    """The flats of a resident as an OcupacionOut says them. `pisos`: as they are stored, by id."""
    return [
        {
            "unidad_id": ocupacion["unidad_id"],
            "torre": pisos[ocupacion["unidad_id"]]["torre"],
            "apartamento": pisos[ocupacion["unidad_id"]]["apartamento"],
            "tenencia": ocupacion["tenencia"],
        }
        for ocupacion in ocupaciones
    ]


def _de_unidad(fila: Fila) -> Fila:
    placas = [vehiculo["placa"] for vehiculo in fila["vehiculos"]]
    return {"palabras": palabras_de_unidad(fila["torre"], fila["apartamento"], placas)}


def _de_residente(fila: Fila) -> Fila:
    propias = fila["nombres"], fila["apellidos"], fila["numero_documento"]
    return {
        "palabras": palabras_de_residente(*propias, *(suya["palabras"] for suya in fila["suyas"])),
        "viven_en": viviendas(fila["unidades"], {suya["_id"]: suya for suya in fila["suyas"]}),
    }


def _otros(filas: Sequence[Fila], rotulos_de: Callable[[Fila], Fila]) -> dict[PydanticObjectId, Fila]:
    """Of each row that has others beside it, those that it ought to have."""
    nuevos = [(fila, rotulos_de(fila)) for fila in filas]
    return {f["_id"]: suyos for f, suyos in nuevos if any(f.get(campo) != valor for campo, valor in suyos.items())}
