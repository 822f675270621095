"""What the API remembers of calls: the answer of each `Idempotency-Key` for a day, and which objects are being changed
under a condition."""

import secrets
from datetime import timedelta

import attrs

from app.core.clock import ahora
from app.core.idempotency.contract import Guardada, Toma
from app.core.idempotency.models import ParteDeRespuesta, RespuestaGuardada
from app.core.idempotency.repository import CandadoRepository, ParteRepository, RespuestaRepository
from app.shared.exceptions import ClaveReutilizada, PeticionEnCurso, hallado

SE_GUARDA = timedelta(hours=24)
DURACION = timedelta(seconds=5)
"""How long a call holds a key without renewing it. A call that is a single transaction ends sooner, so it renews
nothing."""
# A document holds sixteen mebibytes, headers and all.
TROZO = 8 * 1024 * 1024


@attrs.define(kw_only=True)
class RespuestaService:
    """`guarda`: for how long a key and its answer are kept."""

    _respuestas: RespuestaRepository
    _partes: ParteRepository
    _guarda: timedelta = SE_GUARDA

    @property
    def segundos_de_toma(self) -> float:
        return DURACION.total_seconds()

    async def tomar(self, *, id: str, huella: str | None) -> Toma | Guardada:
        """The key, for whoever is first or finds it lapsed; otherwise the answer that it left. `huella`: of all that
        the call says, None while that is not known. Raises ClaveReutilizada, PeticionEnCurso."""
        momento = ahora()
        fila = RespuestaGuardada(
            id=id,
            huella=huella,
            ficha=secrets.token_hex(8),
            expira_en=momento + self._guarda,
        )
        if await self._respuestas.estrenar(fila):
            return Toma(id, fila.ficha)
        anterior = hallado(await self._respuestas.get(id), si_no=PeticionEnCurso)
        if anterior.expira_en > momento:
            if None not in (huella, anterior.huella) and huella != anterior.huella:
                raise ClaveReutilizada()
            if anterior.status is not None:
                return await self._leer(anterior, anterior.status)
            fila.hecho = anterior.hecho
        if not await self._respuestas.relevar(fila, a=anterior, ahora=momento, duracion=DURACION):
            raise PeticionEnCurso()
        return Toma(id, fila.ficha, fila.hecho)

    async def renovar(self, toma: Toma) -> bool:
        return await self._respuestas.renovar(toma.id, ficha=toma.ficha)

    async def guardar(self, toma: Toma, respuesta: Guardada) -> bool:
        """Keep the answer, in the transaction in course if there is one. False when the key has gone to another."""
        cuerpo = respuesta.cuerpo
        primero, *resto = [cuerpo[n : n + TROZO] for n in range(0, len(cuerpo), TROZO)] or [b""]
        vence = ahora() + self._guarda
        for id, contenido in zip(_ids_de_partes(toma.id, toma.ficha, len(resto)), resto, strict=True):
            await self._partes.guardar(ParteDeRespuesta(id=id, contenido=contenido, expira_en=vence))
        return await self._respuestas.guardar(
            toma.id, ficha=toma.ficha, respuesta=respuesta, cuerpo=primero, partes=len(resto)
        )

    async def anotar(self, toma: Toma, hecho: str) -> bool:
        """Keep what has been got done, in the transaction that does it. False when the key has gone to another."""
        return await self._respuestas.anotar(toma.id, ficha=toma.ficha, hecho=hecho)

    async def soltar(self, toma: Toma) -> None:
        """The call came to nothing: whoever repeats it is the first."""
        await self._respuestas.soltar(toma.id, ficha=toma.ficha)

    async def _leer(self, fila: RespuestaGuardada, status: int) -> Guardada:
        resto = await self._partes.leer(_ids_de_partes(fila.id, fila.ficha, fila.partes)) if fila.partes else b""
        return Guardada(status=status, cabeceras=fila.cabeceras, cuerpo=fila.cuerpo + resto, huella=fila.huella or "")


class CandadoService:
    def __init__(self, candados: CandadoRepository) -> None:
        self._candados = candados

    async def tocar(self, *, objeto: str) -> None:
        """Write, in the transaction in course, on the one mark of `objeto`: of two that do so at once, one starts
        again."""
        await self._candados.tocar(objeto, expira_en=ahora() + SE_GUARDA)


def _ids_de_partes(id: str, ficha: str, cuantas: int) -> list[str]:
    return [f"{id}/{ficha}/{n}" for n in range(cuantas)]
