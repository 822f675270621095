"""What publishing wrote of a request, and every move since, stands under a mark that nobody makes without the key.

Publishing has compared each line with the published hashes, so a row that bears its mark is what was published, moved
on by the rules. Whoever writes a row on the database breaks its mark: no space is offered to such a request, nor past
it, nor accepted by it, nor does its time run out. A mark that was broken is not made anew by the moves that follow.
Whose the request is, who lived there and for which vehicle never changes after the closing: for that the mark of the
hand-in (`marcas.py`) stands.

A mark says nothing of a row that is put back as it once was. So each place in line is offered a space once: the audit
has a signed row of each offer.
"""

import asyncio
import hashlib
import json
import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

import attrs
from beanie import PydanticObjectId

from app.core.sealing import Precinto
from app.database.unit_of_work import UnitOfWork
from app.modules.solicitudes.estados import RequestStatus
from app.modules.solicitudes.exceptions import SolicitudAlterada
from app.modules.solicitudes.models import Solicitud, Ventanilla
from app.modules.solicitudes.movimientos.marcas import Marcas, fila_marcada
from app.modules.solicitudes.movimientos.ports import Bitacora
from app.modules.solicitudes.movimientos.repository import CAMPOS_PRECINTADOS, PrecintoRepository
from app.modules.solicitudes.movimientos.suertes import MarcasDeSuertes
from app.modules.solicitudes.ventanilla.repository import VentanillaRepository
from app.shared.repository import Fila

log = logging.getLogger(__name__)

_LOTE = 1000
_PUBLICADA, _TERMINADA, _CON_DERECHO = "espera_publicada", "espera_terminada", "espera_con_derecho"
_NACE = "sorteo_crear_sorteo"
OFRECIDA, ACEPTADAS, _ALTERADA = "espera_ofrecida", "solicitudes_aceptadas", "bases_alteradas"
_DE_UNA_VEZ = 200


@attrs.define(kw_only=True)
class Precintos:
    _precinto: Precinto
    _suertes: MarcasDeSuertes
    _marcas: Marcas
    _precintadas: PrecintoRepository
    _ventanillas: VentanillaRepository
    _bitacora: Bitacora
    _uow: UnitOfWork

    def empezar(self, fila: Fila, cambios: Mapping[str, Any]) -> dict[str, Any]:
        """`cambios`, with which a request that is stored as `fila` is published, and its first marks."""
        nueva = fila | dict(cambios)
        return {**cambios, "precinto": self._precinto.de(_datos(nueva)), "suerte": self._suertes.de(nueva)}

    def seguir(self, solicitud: Solicitud, cambios: Mapping[str, Any]) -> dict[str, Any]:
        """What to write beside `cambios`, so that a row whose marks are whole keeps them."""
        antes, suerte = _fila(solicitud), self._suertes.seguir(solicitud, cambios)
        if not self._entera(antes):
            return suerte
        return {"precinto": self._precinto.de(_datos(antes | dict(cambios))), **suerte}

    async def seguir_varias(self, lote: Sequence[Solicitud], a: RequestStatus, cambios: Mapping[str, Any]) -> None:
        """The same of requests that have been moved to `a` together."""
        seguidas = {s.oid: self.seguir(s, {**cambios, "estado": a}) for s in lote}
        await self._precintadas.poner_precintos({id: marcas for id, marcas in seguidas.items() if marcas})

    async def cerrar_lista(self, sorteo_id: PydanticObjectId) -> None:
        """In the transaction that publishes a draw: from now on its requests bear marks, so many of them wait, so many
        with the right to each kind of reserved space, and these are the terms."""
        ventanilla = await self._ventanillas.get(sorteo_id)
        if ventanilla is None:
            raise RuntimeError(f"draw {sorteo_id} has no window")
        datos = {"cuantas": str(await self._precintadas.cuantas(sorteo_id)), "terminos": _huella(ventanilla)}
        await self._bitacora.aparte(tipo=_PUBLICADA, datos=datos, objeto=sorteo_id)
        for reserva in sorted({reserva for _, reserva in ventanilla.clases if reserva is not None}):
            cuantas = await self._precintadas.cuantas(sorteo_id, con=reserva)
            datos = {"reserva": reserva, "cuantas": str(cuantas)}
            await self._bitacora.aparte(tipo=_CON_DERECHO, datos=datos, objeto=sorteo_id)

    async def terminar_lista(self, sorteo_id: PydanticObjectId) -> None:
        """In the transaction that ends a draw."""
        if await self._bitacora.dichos(objeto=sorteo_id, tipos=[_PUBLICADA]):
            await self._bitacora.aparte(tipo=_TERMINADA, datos={}, objeto=sorteo_id)

    async def exigir_terminada(self, sorteo_id: PydanticObjectId) -> None:
        """That nothing is offered in a draw any more, or yet, is by its steps. Raises SolicitudAlterada."""
        dichos = await self._bitacora.dichos(objeto=sorteo_id, tipos=[_PUBLICADA, _TERMINADA])
        if not dichos:
            await self._exigir_sin_huecos(sorteo_id, desde=_NACE)
        elif dichos[-1]:
            raise SolicitudAlterada(sorteo_id, donde="ventanilla")

    async def exigir(self, *solicitudes: Solicitud) -> None:
        """Raises SolicitudAlterada unless the requests, of one draw, are as the rules left them."""
        if await self._en_lista(solicitudes[0].sorteo_id) is None:
            return
        for solicitud in solicitudes:
            if not self._sigue(solicitud):
                raise SolicitudAlterada(solicitud.sorteo_id, donde="solicitudes", folio=solicitud.folio)

    def es_de_las_reglas(self, fila: Mapping[str, Any]) -> bool:
        """Whether a row, with `CAMPOS_PRECINTADOS`, is what was published, moved on by the rules."""
        return self._entera(fila)

    async def vigilar_fila(self, fila: Mapping[str, Any]) -> None:
        """Of a row as it is stored, whole, of which an answer is awaited. Raises SolicitudAlterada."""
        if self._entera(fila) and self._marcas.de_quien_era(fila):
            return
        if await self._publicada(fila["sorteo_id"]) is not None:
            raise SolicitudAlterada(fila["sorteo_id"], donde="solicitudes", folio=fila["folio"])

    async def todas_de_las_reglas(self, sorteo_id: PydanticObjectId, cuantas: int) -> bool:
        """So many of a published draw were drawn, and are there as the rules left them: whoever moves them to another
        draw, or says that they ended, ends no list of those who wait. Raises SolicitudAlterada."""
        if await self._en_lista(sorteo_id) is None:
            return True  # published when nobody told the audit
        vistas, ultimo = 0, 0
        while filas := await self._precintadas.sorteadas(sorteo_id, despues_de=ultimo, limite=_LOTE):
            if not await asyncio.to_thread(lambda lote: all(map(self._entera, lote)), filas):
                return False
            vistas, ultimo = vistas + len(filas), filas[-1]["folio"]
        return vistas == cuantas

    async def exigir_turno(self, solicitud: Solicitud, *, presta: str | None) -> None:
        """The request that is found to be next is, and nothing was offered at its place in line before. `presta`: the
        condition that the space is kept for, where it is lent to who has it not; then those who have it were looked
        for in vain, wherever they stand. Draws that were published when nobody told the audit are let be. Raises
        SolicitudAlterada."""
        publicadas = await self._en_lista(solicitud.sorteo_id)
        if publicadas is None:
            return
        if not self._sigue(solicitud):
            raise SolicitudAlterada(solicitud.sorteo_id, donde="solicitudes", folio=solicitud.folio)
        # Who goes first because their space was claimed back has no place in the result.
        antes = 0 if solicitud.espera is None else solicitud.espera - 1
        if presta is not None and not await self._siguen_con_derecho(solicitud.sorteo_id, presta):
            antes = publicadas
        await self._exigir_hasta(solicitud.sorteo_id, antes)
        if _lugar(solicitud) in await self._bitacora.dichos(objeto=solicitud.oid, tipos=[OFRECIDA]):
            raise SolicitudAlterada(solicitud.sorteo_id, donde="espera", folio=solicitud.folio)
        await self._exigir_sin_huecos(solicitud.sorteo_id, desde=_PUBLICADA)

    async def anotar_oferta(self, solicitud: Solicitud) -> None:
        """In the transaction that offers a space to the request, where it stands in line."""
        await self._bitacora.aparte(tipo=OFRECIDA, datos=_lugar(solicitud), objeto=solicitud.oid)

    async def anotar_aceptadas(self, ids: Sequence[PydanticObjectId]) -> None:
        """In the transaction in which these come to hold a space."""
        for desde in range(0, len(ids), _DE_UNA_VEZ):
            suyas = ids[desde : desde + _DE_UNA_VEZ]
            await self._bitacora.aparte(tipo=ACEPTADAS, datos={str(id): "tuvo" for id in suyas}, objeto=suyas[0])

    async def denunciar(self, error: SolicitudAlterada) -> None:
        """Tell the audit, once for each place, in the transaction in course."""
        sorteo_id, datos = error.sorteo_id, {campo: str(valor) for campo, valor in error.datos.items()}
        if datos not in await self._bitacora.dichos(objeto=sorteo_id, tipos=[_ALTERADA]):
            log.error("sorteo %s: lo guardado no es lo que se dijo (%s)", sorteo_id, datos)
            await self._bitacora.aparte(tipo=_ALTERADA, datos=datos, objeto=sorteo_id, hecho=False)

    @asynccontextmanager
    async def vigilar(self) -> AsyncIterator[None]:
        """Around a transaction: what is found altered within is told before the error goes on."""
        try:
            yield
        except SolicitudAlterada as error:
            hallado = error  # the name in the clause above goes with it
            await self._uow.run(lambda: self.denunciar(hallado))
            raise

    async def _publicada(self, sorteo_id: PydanticObjectId) -> Mapping[str, str] | None:
        """What was told of the publication; None when nobody told. Raises SolicitudAlterada where it may be missing."""
        dichos = await self._bitacora.dichos(objeto=sorteo_id, tipos=[_PUBLICADA])
        if dichos:
            return dichos[-1]
        await self._exigir_sin_huecos(sorteo_id, desde=_NACE)
        return None

    async def _exigir_sin_huecos(self, sorteo_id: PydanticObjectId, *, desde: str) -> None:
        """What was looked for in vain in the transaction in course was not told, since that act on the draw. Raises
        SolicitudAlterada."""
        if not await self._bitacora.sin_huecos(objeto=sorteo_id, desde=desde):
            raise SolicitudAlterada(sorteo_id, donde="auditoria")

    async def _en_lista(self, sorteo_id: PydanticObjectId) -> int | None:
        """How many waited when the draw was published; None when nobody told. Raises SolicitudAlterada when the terms
        are not those of then."""
        dicho = await self._publicada(sorteo_id)
        if dicho is None:
            return None
        ventanilla = await self._ventanillas.get(sorteo_id)
        if ventanilla is None or _huella(ventanilla) != dicho["terminos"]:
            raise SolicitudAlterada(sorteo_id, donde="ventanilla")
        return int(dicho["cuantas"])

    async def _siguen_con_derecho(self, sorteo_id: PydanticObjectId, reserva: str) -> bool:
        """As many have the right as when the draw was published, each with its mark. Nobody knows of a draw that was
        published when this was not told."""
        dichas = await self._bitacora.dichos(objeto=sorteo_id, tipos=[_CON_DERECHO])
        esperadas = [int(dicha["cuantas"]) for dicha in dichas if dicha["reserva"] == reserva]
        if not esperadas or esperadas[-1] != await self._precintadas.cuantas(sorteo_id, con=reserva):
            return False
        ultima, filas = 0, list[Fila]()
        while filas := await self._precintadas.con_derecho(sorteo_id, reserva, despues_de=ultima, limite=_LOTE):
            if not await asyncio.to_thread(lambda lote: all(map(self._entera, lote)), filas):
                return False
            ultima = filas[-1]["espera"]
        return True

    async def _exigir_hasta(self, sorteo_id: PydanticObjectId, antes: int) -> None:
        """The first so many places of the result. Raises SolicitudAlterada."""
        for desde in range(0, antes, _LOTE):
            hasta = min(desde + _LOTE, antes)
            filas = await self._precintadas.en_lista(sorteo_id, despues_de=desde, hasta=hasta)
            await asyncio.to_thread(self._exigir_seguidas, sorteo_id, filas, range(desde + 1, hasta + 1))

    def _exigir_seguidas(self, sorteo_id: PydanticObjectId, filas: Sequence[Mapping[str, Any]], lugares: range) -> None:
        """Each of those places has its request, and each of them its mark."""
        for espera, fila in zip(lugares, filas, strict=False):
            if fila["espera"] != espera or not self._entera(fila):
                raise SolicitudAlterada(sorteo_id, donde="espera", folio=fila["folio"])
        if len(filas) != len(lugares):
            raise SolicitudAlterada(sorteo_id, donde="espera")

    def _sigue(self, solicitud: Solicitud) -> bool:
        return self._entera(_fila(solicitud)) and self._marcas.de_quien_era(fila_marcada(solicitud))

    def _entera(self, fila: Mapping[str, Any]) -> bool:
        marca = fila.get("precinto")
        return isinstance(marca, str) and self._precinto.vale(marca, _datos(fila))


def _huella(ventanilla: Ventanilla) -> str:
    """Of what a window judges by: 64 hex digits."""
    return hashlib.sha256(ventanilla.terminos.model_dump_json().encode()).hexdigest()


def _fila(solicitud: Solicitud) -> dict[str, Any]:
    """As it is stored."""
    fila = {campo: getattr(solicitud, campo) for campo in CAMPOS_PRECINTADOS}
    return fila | {"_id": solicitud.oid, "vehiculo": {"id": solicitud.vehiculo.id}}


def _lugar(solicitud: Solicitud) -> dict[str, str]:
    """As a code: a place before all who were drawn is a number below zero."""
    return {"lugar": str(solicitud.lugar).replace("-", "m")}


def _datos(fila: Mapping[str, Any]) -> bytes:
    campos = {campo: fila.get(campo) for campo in ("_id", *CAMPOS_PRECINTADOS) if campo != "precinto"}
    vehiculo = campos["vehiculo"]
    return _CODIFICADOR.encode(campos | {"vehiculo": vehiculo["id"] if isinstance(vehiculo, dict) else None}).encode()


def _texto(valor: object) -> str:
    return str(round(valor.timestamp() * 1000)) if isinstance(valor, datetime) else str(valor)


_CODIFICADOR = json.JSONEncoder(default=_texto, sort_keys=True)
