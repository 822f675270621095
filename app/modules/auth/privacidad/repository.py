"""Queries on what an account leaves beside itself."""

from datetime import datetime
from typing import Any

from beanie import PydanticObjectId

from app.modules.auth.models import DESDE_SIEMPRE, Invitacion, Sesion
from app.shared.repository import Repository

_DE_UNA_SESION = ("dispositivo", "direccion", "creado_en", "ultimo_uso", "expira_en", "terminada_en")


class SesionDeRepository(Repository[Sesion]):
    model = Sesion

    async def mostrar(self, usuario_id: PydanticObjectId) -> list[dict[str, Any]]:
        filas = await self.rows({"usuario_id": usuario_id}, _DE_UNA_SESION)
        return [{campo: fila.get(campo) for campo in _DE_UNA_SESION} for fila in filas]

    async def borrar_las_de(self, usuario_id: PydanticObjectId) -> None:
        await self.delete_many({"usuario_id": usuario_id})

    async def borrar_terminadas(self, *, antes_de: datetime, limite: int) -> int:
        """Those that were ended; one that came to its end by itself the database clears away that day."""
        filtro = {"terminada_en": {"$gt": DESDE_SIEMPRE, "$lte": antes_de}}
        return await self.delete_batch(filtro, orden=[("terminada_en", 1)], limite=limite)


class InvitadoRepository(Repository[Invitacion]):
    model = Invitacion

    async def borrar_las_de(self, residente_id: PydanticObjectId) -> None:
        await self.delete_many({"residente_id": residente_id})

    async def borrar_usadas(self, *, antes_de: datetime, limite: int) -> int:
        filtro = {"pendiente": False, "usada_en": {"$lte": antes_de}}
        return await self.delete_batch(filtro, orden=[("usada_en", 1)], limite=limite)

    async def borrar_vencidas_del_personal(self, *, antes_de: datetime, limite: int) -> int:
        """Those to an address that nobody took up. A resident's waits for them: it holds no address."""
        filtro = {"pendiente": True, "email": {"$gt": ""}, "expira_en": {"$lte": antes_de}}
        return await self.delete_batch(filtro, orden=[("email", 1)], limite=limite)
