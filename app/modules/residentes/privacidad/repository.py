"""Queries on people who asked to be erased, and were."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import attrs
from beanie import PydanticObjectId

from app.modules.residentes.hechos import MarcasDelPadron
from app.modules.residentes.models import EstadoCuenta, EstadoResidente, Residente, Supresion, TipoDocumento
from app.modules.residentes.repository import marcas_de
from app.shared.reading import Pasos, al_lado
from app.shared.repository import Repository


class SupresionRepository(Repository[Supresion]):
    model = Supresion

    async def anotar(self, residente_id: PydanticObjectId, *, cuando: datetime) -> None:
        await self.upsert_one({"_id": residente_id}, {"$setOnInsert": {"suprimido_en": cuando}})

    async def vueltos(self) -> list[PydanticObjectId]:
        """Residents who were erased, and are there again with all that they had."""
        con_datos: Pasos = [{"$match": {"suprimido_en": None}}, {"$project": {"_id": 1}}]
        hay = al_lado(Residente, "hay", local="_id", pasos=con_datos)
        filas = await self.aggregate([hay, {"$match": {"hay.0": {"$exists": True}}}])
        return [PydanticObjectId(fila["_id"]) for fila in filas]


@attrs.define(kw_only=True, slots=False, eq=False)
class SuprimidoRepository(Repository[Residente]):
    _marcas: MarcasDelPadron
    model = Residente

    async def pedir(self, residente_id: PydanticObjectId, *, cuando: datetime) -> None:
        """The first time counts."""
        await self.update_one(
            {"_id": residente_id, "supresion_pedida_en": None}, {"$set": {"supresion_pedida_en": cuando}}
        )

    async def sin_nadie(self, unidades: Sequence[PydanticObjectId]) -> list[PydanticObjectId]:
        """Those of them in which no active resident lives."""
        filtro = {"unidades.unidad_id": {"$in": list(unidades)}, "estado": EstadoResidente.activo.value}
        habitadas = set(await self.distinct("unidades.unidad_id", filtro))
        return [unidad_id for unidad_id in unidades if unidad_id not in habitadas]

    async def idos(
        self, *, antes_de: datetime, en_curso: Sequence[PydanticObjectId], limite: int
    ) -> list[PydanticObjectId]:
        """Who left before then, and whose last change was before then too, unless one of the draws `en_curso` was on
        when they left; the first to go first."""
        filas = await self.rows(
            _idos(antes_de) | {"dejadas.sorteos": {"$nin": list(en_curso)}},
            ["_id"],
            orden=[("actualizado_en", 1)],
            limite=limite,
        )
        return [PydanticObjectId(fila["_id"]) for fila in filas]

    async def se_fue(self, residente_id: PydanticObjectId, *, antes_de: datetime) -> bool:
        return await self.row({"_id": residente_id, **_idos(antes_de)}, ["_id"]) is not None

    async def suprimir(self, residente_id: PydanticObjectId, *, cuando: datetime) -> None:
        """Leave a pseudonym, by which nobody is found."""
        seudonimo = str(residente_id)
        hechos: dict[str, Any] = {"fecha_ingreso": None, "condiciones": []}
        marcas = self._marcas.residentes.de({residente_id: hechos}, await marcas_de(self, [residente_id]))
        await self.update_one(
            {"_id": residente_id},
            {
                "$set": {
                    "nombres": "Persona suprimida",
                    "apellidos": seudonimo[-6:],
                    "nombre": f"persona suprimida {seudonimo}",
                    "palabras": [],
                    "viven_en": [],
                    "tipo_documento": TipoDocumento.OTRO.value,
                    "numero_documento": f"X{seudonimo.upper()}",
                    "email": None,
                    "telefono": None,
                    **hechos,
                    **marcas[residente_id],
                    "cuenta": EstadoCuenta.sin_invitar.value,
                    "supresion_pedida_en": None,
                    "suprimido_en": cuando,
                    "actualizado_en": cuando,
                }
            },
        )


def _idos(antes_de: datetime) -> dict[str, Any]:
    return {
        "estado": EstadoResidente.inactivo.value,
        "suprimido_en": None,
        "actualizado_en": {"$lte": antes_de},
    }
