"""Queries on what an account leaves beside itself."""

from typing import Any

from beanie import PydanticObjectId

from app.modules.auth.models import Invitacion, Sesion
from app.shared.repository import Repository

_DE_UNA_SESION = ("dispositivo", "direccion", "creado_en", "ultimo_uso", "expira_en", "terminada_en")


class SesionDeRepository(Repository[Sesion]):
    model = Sesion

    async def mostrar(self, usuario_id: PydanticObjectId) -> list[dict[str, Any]]:
        filas = await self.rows({"usuario_id": usuario_id}, _DE_UNA_SESION)
        return [{campo: fila.get(campo) for campo in _DE_UNA_SESION} for fila in filas]

    async def borrar_las_de(self, usuario_id: PydanticObjectId) -> None:
        await self.delete_many({"usuario_id": usuario_id})


class InvitadoRepository(Repository[Invitacion]):
    model = Invitacion

    async def borrar_las_de(self, residente_id: PydanticObjectId) -> None:
        await self.delete_many({"residente_id": residente_id})
