"""Reads what a batch of rows speaks of, and writes what it made of it: a few commands, whatever the batch."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from beanie import PydanticObjectId
from pymongo import UpdateOne

from app.modules.residentes.busqueda import en_orden_natural
from app.modules.residentes.exceptions import DocumentoDuplicado, EmailDuplicado, PlacaDuplicada, UnidadDuplicada
from app.modules.residentes.importacion.estado import Cosa, Fila
from app.modules.residentes.models import EstadoResidente, Residente, Unidad, Vehiculo
from app.shared.repository import Repository

CHOQUES = (UnidadDuplicada, DocumentoDuplicado, EmailDuplicado, PlacaDuplicada)
"""What a batch raises where somebody else made one of its things just now."""


class UnidadesDeLote(Repository[Unidad]):
    model = Unidad
    unicos = {"unidad_clave": UnidadDuplicada}

    async def leer(self, claves: Collection[str]) -> list[Fila]:
        """The flats of those keys, and those that people take for them."""
        posiciones = sorted({en_orden_natural(clave) for clave in claves})
        return await self.rows({"posicion": {"$in": posiciones}}, ("torre", "apartamento", "al_dia", "cupo"))

    async def escribir(
        self, cosas: Sequence[Cosa], notas: Mapping[PydanticObjectId, Collection[str]], cuando: datetime
    ) -> None:
        nuevas = {cosa.id for cosa in cosas if cosa.nueva}
        filas = []
        for cosa in cosas:
            if cosa.nueva:
                unidad = Unidad(**cosa.fila, cambiados_en=dict.fromkeys(notas.get(cosa.id, ()), cuando))
                filas.append(self._escribir(unidad) | unidad.claves())
        await self.insert_rows(filas)
        cambios: dict[PydanticObjectId, Fila] = {cosa.id: _cambios(cosa) for cosa in cosas if cosa.id not in nuevas}
        for unidad_id, hechos in notas.items():
            if unidad_id not in nuevas:
                cambios.setdefault(unidad_id, {}).update({f"cambiados_en.{hecho}": cuando for hecho in hechos})
        await self._cambiar({id: {"$set": c, "$inc": {"version": 1}} for id, c in cambios.items()})

    async def _cambiar(self, cambios: Mapping[PydanticObjectId, Mapping[str, Any]]) -> None:
        # MongoDB refuses a `$set` of nothing.
        ordenes = [UpdateOne({"_id": id}, {op: v for op, v in cambio.items() if v}) for id, cambio in cambios.items()]
        if ordenes:
            await self.bulk_write(ordenes)


class ResidentesDeLote(Repository[Residente]):
    model = Residente
    unicos = {"residente_documento": DocumentoDuplicado, "residente_email": EmailDuplicado}

    async def leer(
        self, numeros: Collection[str], correos: Collection[str], unidades: Collection[PydanticObjectId]
    ) -> list[Fila]:
        """The active ones of those documents and e-mails, and who lives in those flats."""
        cuales = {"numero_documento": numeros, "email": correos, "unidades.unidad_id": unidades}
        preguntas = [{campo: {"$in": list(valores)}} for campo, valores in cuales.items() if valores]
        if not preguntas:
            return []
        return await self.rows({"estado": EstadoResidente.activo.value, "$or": preguntas}, _DE_RESIDENTE)

    async def escribir(self, cosas: Iterable[Cosa], cuando: datetime) -> None:
        filas, ordenes = [], []
        for cosa in cosas:
            if cosa.nueva:
                residente = Residente(**cosa.fila)
                filas.append(self._escribir(residente) | residente.claves())
                continue
            nombre = {"nombres", "apellidos"} & cosa.antes.keys()
            claves = Residente.model_construct(**cosa.fila).claves() if nombre else {}
            cambio = _cambios(cosa) | claves | {"actualizado_en": cuando}
            ordenes.append(UpdateOne({"_id": cosa.id}, {"$set": cambio}))
        await self.insert_rows(filas)
        if ordenes:
            await self.bulk_write(ordenes)


class VehiculosDeLote(Repository[Vehiculo]):
    model = Vehiculo
    unicos = {"vehiculo_placa": PlacaDuplicada}

    async def leer(self, placas: Collection[str], unidades: Collection[PydanticObjectId]) -> list[Fila]:
        if not placas and not unidades:
            return []
        return await self.rows({"$or": [{"placa": {"$in": list(placas)}}, {"unidad_id": {"$in": list(unidades)}}]})

    async def escribir(self, cosas: Iterable[Cosa]) -> None:
        filas, ordenes = [], []
        for cosa in cosas:
            if cosa.nueva:
                filas.append(self._escribir(Vehiculo(**cosa.fila)))
            else:
                ordenes.append(UpdateOne({"_id": cosa.id}, {"$set": _cambios(cosa)}))
        await self.insert_rows(filas)
        if ordenes:
            await self.bulk_write(ordenes)


_DE_RESIDENTE = (
    "nombres",
    "apellidos",
    "tipo_documento",
    "numero_documento",
    "email",
    "telefono",
    "fecha_ingreso",
    "unidades",
    "estado",
    "cuenta",
)


def _cambios(cosa: Cosa) -> Fila:
    return {campo: cosa.fila[campo] for campo in cosa.antes}
