"""Queries on keys, kept answers and marks. None of it is an act of anybody: it is written past the audit."""

from datetime import datetime, timedelta
from typing import Any

from pymongo.errors import DuplicateKeyError

from app.core.idempotency.contract import Guardada
from app.core.idempotency.models import Candado, ParteDeRespuesta, RespuestaGuardada
from app.shared.documents import callado
from app.shared.repository import Cambio, Repository
from app.shared.transaction import current_session

_NADA = b'{"type":"urn:parknet:error:no_encontrado","status":404,"codigo":"no_encontrado"}'
_NADA_CABECERAS = (["content-type", "application/problem+json"],)


class RespuestaRepository(Repository[RespuestaGuardada]):
    model = RespuestaGuardada

    async def estrenar(self, fila: RespuestaGuardada) -> bool:
        """False when the key has been used."""
        crudo = self._escribir(fila)
        try:
            # One that is there has a `ficha`: then this would be another with its id, which there cannot be.
            await self._coleccion.update_one(
                {"_id": crudo.pop("_id"), "ficha": {"$exists": False}}, _viva(crudo), upsert=True
            )
        except DuplicateKeyError:
            return False
        return True

    async def relevar(
        self, fila: RespuestaGuardada, *, a: RespuestaGuardada, ahora: datetime, duracion: timedelta
    ) -> bool:
        """Put `fila` in the place of `a`, if that is as it was read and nobody's any more: its day is over, or its call
        has been silent for `duracion`."""
        de_nadie = [{"expira_en": {"$lte": ahora}}, {"status": None, **callado("visto_en", duracion)}]
        crudo = self._escribir(fila)
        resultado = await self._coleccion.update_one(
            {"_id": crudo.pop("_id"), "ficha": a.ficha, "$or": de_nadie}, _viva(crudo)
        )
        return bool(resultado.matched_count)

    async def renovar(self, id: str, *, ficha: str) -> bool:
        return await self._cambiar(id, ficha, _viva({}))

    async def anotar(self, id: str, *, ficha: str, hecho: str) -> bool:
        return await self._cambiar(id, ficha, {"$set": {"hecho": hecho}})

    async def guardar(self, id: str, *, ficha: str, respuesta: Guardada, cuerpo: bytes, partes: int) -> bool:
        """With as much of its body as `cuerpo`. Whether the key still was of the call that holds `ficha`."""
        campos = {
            "status": respuesta.status,
            "cabeceras": [list(par) for par in respuesta.cabeceras],
            "huella": respuesta.huella,
            "cuerpo": cuerpo,
            "partes": partes,
        }
        return await self._cambiar(id, ficha, {"$set": campos})

    async def olvidar(self, texto: bytes) -> None:
        """Of every kept answer that holds `texto`, keep no more than that there was one."""
        async for guardada in self.iterate({"status": {"$ne": None}}):
            if texto in guardada.cuerpo:
                nada = {"status": 404, "cabeceras": list(_NADA_CABECERAS), "cuerpo": _NADA, "partes": 0}
                await self._coleccion.update_one({"_id": guardada.id}, {"$set": nada}, session=current_session())

    async def soltar(self, id: str, *, ficha: str) -> None:
        await self._coleccion.delete_one({"_id": id, "ficha": ficha, "status": None})

    async def _cambiar(self, id: str, ficha: str, cambio: Cambio) -> bool:
        resultado = await self._coleccion.update_one(
            {"_id": id, "ficha": ficha, "status": None}, cambio, session=current_session()
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


def _viva(campos: dict[str, Any]) -> Cambio:
    """Those fields, by a call that lives now."""
    campos.pop("visto_en", None)
    return {"$currentDate": {"visto_en": True}} | ({"$set": campos} if campos else {})
