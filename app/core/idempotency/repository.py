"""Queries on keys, kept answers and marks. None of it is an act of anybody: it is written past the audit."""

from datetime import datetime

from pymongo.errors import DuplicateKeyError

from app.core.idempotency.contract import Guardada
from app.core.idempotency.models import Candado, ParteDeRespuesta, RespuestaGuardada
from app.shared.repository import Repository
from app.shared.transaction import current_session


class RespuestaRepository(Repository[RespuestaGuardada]):
    model = RespuestaGuardada

    async def estrenar(self, fila: RespuestaGuardada) -> bool:
        """False when the key has been used."""
        try:
            await self._coleccion.insert_one(self._escribir(fila))
        except DuplicateKeyError:
            return False
        return True

    async def relevar(self, fila: RespuestaGuardada, *, a: RespuestaGuardada, ahora: datetime) -> bool:
        """Put `fila` in the place of `a`, if that is as it was read and nobody's any more: its day is over, or its call
        is taken for dead."""
        de_nadie = [{"expira_en": {"$lte": ahora}}, {"status": None, "vence_en": {"$lte": ahora}}]
        crudo = self._escribir(fila)
        resultado = await self._coleccion.replace_one({"_id": a.id, "ficha": a.ficha, "$or": de_nadie}, crudo)
        return bool(resultado.matched_count)

    async def renovar(self, id: str, *, ficha: str, vence_en: datetime) -> bool:
        return await self._cambiar(id, ficha, {"vence_en": vence_en})

    async def anotar(self, id: str, *, ficha: str, hecho: str) -> bool:
        return await self._cambiar(id, ficha, {"hecho": hecho})

    async def guardar(self, id: str, *, ficha: str, respuesta: Guardada, cuerpo: bytes, partes: int) -> bool:
        """With as much of its body as `cuerpo`. Whether the key still was of the call that holds `ficha`."""
        campos = {
            "status": respuesta.status,
            "cabeceras": [list(par) for par in respuesta.cabeceras],
            "huella": respuesta.huella,
            "cuerpo": cuerpo,
            "partes": partes,
        }
        return await self._cambiar(id, ficha, campos)

    async def soltar(self, id: str, *, ficha: str) -> None:
        await self._coleccion.delete_one({"_id": id, "ficha": ficha, "status": None})

    async def _cambiar(self, id: str, ficha: str, campos: dict[str, object]) -> bool:
        resultado = await self._coleccion.update_one(
            {"_id": id, "ficha": ficha, "status": None}, {"$set": campos}, session=current_session()
        )
        return bool(resultado.matched_count)


class ParteRepository(Repository[ParteDeRespuesta]):
    model = ParteDeRespuesta

    async def guardar(self, parte: ParteDeRespuesta) -> None:
        await self._coleccion.insert_one(self._escribir(parte), session=current_session())

    async def leer(self, ids: list[str]) -> bytes:
        """Those of `ids`, in their order."""
        filas = {parte.id: parte.contenido for parte in await self.find({"_id": {"$in": ids}})}
        return b"".join(filas[id] for id in ids)


class CandadoRepository(Repository[Candado]):
    model = Candado

    async def tocar(self, objeto: str, *, expira_en: datetime) -> None:
        await self._coleccion.update_one(
            {"_id": objeto},
            {"$inc": {"veces": 1}, "$set": {"expira_en": expira_en}},
            upsert=True,
            session=current_session(),
        )
