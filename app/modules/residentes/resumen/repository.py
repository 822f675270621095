"""Counts of the register, in one command."""

from datetime import date
from typing import Any

from app.core.figures.models import Filas
from app.core.figures.repository import grupos, junto
from app.modules.residentes.models import EstadoResidente, Residente, TipoVehiculo, Unidad, Vehiculo
from app.shared.repository import Repository


class ConteoRepository(Repository[Unidad]):
    model = Unidad

    async def contar(self, *, el: date) -> Filas:
        """Flats by `al_dia`, residents by `estado` and `cuenta`, vehicles by `tipo` and `electrico`, by indexes;
        conditions of active residents by `codigo`, `estado` and whether they had expired by that day (`vencida`)."""
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
        de_residentes, de_vehiculos = Residente.Settings.name, Vehiculo.Settings.name
        return await self.aggregate(
            junto(unidades, (de_residentes, residentes), (de_vehiculos, vehiculos), (de_residentes, condiciones))
        )
