"""The register on first screens: counts, and the home of one resident. Each is one command."""

from datetime import date
from typing import Any

from beanie import PydanticObjectId

from app.core.figures.models import Filas
from app.core.figures.repository import grupos, junto
from app.modules.residentes.catalogo.models import CondicionDelCatalogo
from app.modules.residentes.fichas.repository import residentes_de, sanciones_de
from app.modules.residentes.models import EstadoResidente, Residente, TipoVehiculo, Unidad, Vehiculo
from app.shared.reading import Lectura, Pasos, al_lado
from app.shared.repository import Fila, Repository


class ConteoRepository(Repository[Unidad]):
    model = Unidad

    async def contar(self, *, el: date) -> Filas:
        """Flats by `al_dia`, residents by `estado` and `cuenta`, vehicles by `tipo` and `electrico`, by indexes;
        conditions of active residents by `codigo`, `estado` and whether they had expired by that day (`vencida`),
        with the `nombre` of the catalogue."""
        hasta = "$condiciones.vigente_hasta"
        # Null is less than any text.
        vencida: dict[str, Any] = {"$and": [{"$gt": [hasta, None]}, {"$lt": [hasta, el.isoformat()]}]}
        unidades = grupos("unidades", {"al_dia": {"$in": [True, False]}}, {"al_dia": "$al_dia"})
        residentes = grupos(
            "residentes",
            {"estado": {"$in": [estado.value for estado in EstadoResidente]}},
            {"estado": "$estado", "cuenta": "$cuenta"},
        )
        vehiculos = grupos(
            "vehiculos",
            {"tipo": {"$in": [tipo.value for tipo in TipoVehiculo]}},
            {"tipo": "$tipo", "electrico": "$electrico"},
        )
        condiciones = grupos(
            "condiciones",
            {"condiciones.codigo": {"$gte": ""}, "estado": EstadoResidente.activo.value},
            {"codigo": "$condiciones.codigo", "estado": "$condiciones.estado", "vencida": vencida},
            antes=[{"$unwind": "$condiciones"}],
        )
        condiciones += [
            al_lado(CondicionDelCatalogo, "catalogo", local="codigo", suyo="codigo"),
            {"$set": {"nombre": {"$first": "$catalogo.nombre"}}},
            {"$unset": "catalogo"},
        ]
        de_residentes, de_vehiculos = Residente.Settings.name, Vehiculo.Settings.name
        return await self.aggregate(
            junto(unidades, (de_residentes, residentes), (de_vehiculos, vehiculos), (de_residentes, condiciones))
        )


class HogarRepository(Repository[Residente]):
    model = Residente

    def hogar(self, residente_id: PydanticObjectId, *, el: date) -> Lectura[Fila | None]:
        """A resident as stored, with their `pisos`, the `vehiculos` of these in the order in which they were added, the
        active `residentes` there, the `sanciones` that exclude one of them that day, and their conditions as the
        catalogue has them (`catalogo`); None when there is no such resident."""
        suyas = "unidades.unidad_id"
        pasos: Pasos = [
            {"$match": {"_id": residente_id}},
            # Those with steps of their own come first. Of a `$lookup` without any, right after the row, the database
            # makes a program, which for one resident takes longer than what the program does.
            al_lado(Vehiculo, "vehiculos", local=suyas, suyo="unidad_id", pasos=[{"$sort": {"_id": 1}}]),
            residentes_de(suyas),
            sanciones_de(suyas, el=el),
            al_lado(Unidad, "pisos", local=suyas),
            al_lado(CondicionDelCatalogo, "catalogo", local="condiciones.codigo", suyo="codigo"),
        ]
        return self.reading(pasos, lambda filas: filas[0] if filas else None, unica=True)
