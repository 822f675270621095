"""Telling people things, in the transaction of what is told: what is rolled back is told to nobody.

For other modules, which write in their own `ports.py` the part of this that they use:

    avisar(tipo=, datos=, usuario_id= | residente_id=)   one notice, to an account or to a resident
    avisar_varios(tipo=, avisos=[(residente_id, datos)])  the same to many residents, in two inserts
    difundir(tipo=, datos=)                               to everybody: one document now, which each finds at once
    escribir(tipo=, para=, idioma=, datos=, secretos=)    an e-mail to an address, and no notice

A notice is there in the application at once and goes by e-mail when its recipient has an address and there is a server
to send through. `tipo` is one of `tipos.TIPOS`, and `datos` are what it names; otherwise ValueError, which is a defect
of the caller. Values are texts, numbers, instants (aware), days, ids or None. Some kinds are told once (`una_vez`):
what was told already to the same people is not told again.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import attrs
from beanie import PydanticObjectId

from app.core.clock import ahora
from app.core.sealing import Sello
from app.modules.avisos.models import Difusion, Envio
from app.modules.avisos.repository import AvisoRepository, DifusionRepository, EnvioRepository
from app.modules.avisos.tipos import TIPOS, Tipo
from app.shared.repository import Fila

Dato = str | int | bool | date | datetime | PydanticObjectId | None
Datos = Mapping[str, Dato]

A_UNA_DIRECCION, A_ALGUIEN, A_TODOS = 0, 1, 2
"""Priorities of e-mails: who waits for a link does not wait behind a whole city."""


@attrs.define(kw_only=True)
class AvisoService:
    """Every call joins the transaction of its caller. `por_correo`: there is a server to send through."""

    _avisos: AvisoRepository
    _difusiones: DifusionRepository
    _envios: EnvioRepository
    _sobre: Sello
    _por_correo: bool

    async def avisar(
        self,
        *,
        tipo: str,
        datos: Datos,
        usuario_id: PydanticObjectId | None = None,
        residente_id: PydanticObjectId | None = None,
    ) -> None:
        """Tell the holder of an account or a resident: exactly one of the two."""
        destinatario = usuario_id or residente_id
        if destinatario is None or (usuario_id is not None and residente_id is not None):
            raise ValueError("un aviso es de una cuenta o de un residente")
        await self._guardar(tipo, [(destinatario, datos)])

    async def avisar_varios(self, *, tipo: str, avisos: Sequence[tuple[PydanticObjectId, Datos]]) -> None:
        """Tell many residents, each what is theirs; a resident may be there more than once."""
        await self._guardar(tipo, avisos)

    async def difundir(self, *, tipo: str, datos: Datos) -> None:
        """Tell every active resident, and every active account of the staff that is none of theirs."""
        escritos = exigir_datos(tipo, datos)
        objeto, ocasion = vez(tipo, escritos)
        if ocasion is not None and await self._difusiones.hay(tipo=tipo, objeto=objeto, ocasion=ocasion):
            return
        await self._difusiones.insert(
            Difusion(tipo=tipo, datos=escritos, objeto=objeto, ocasion=ocasion, creado_en=ahora())
        )

    async def escribir(self, *, tipo: str, para: str, idioma: str, datos: Datos, secretos: Mapping[str, str]) -> None:
        """Write to an address in the language `es` or `en`. The address and all that the e-mail says are kept sealed,
        and erased as soon as it is sent, dead or expired. Without a server nothing is kept at all."""
        if set(secretos) != TIPOS[tipo].secretos:
            raise ValueError(f"los secretos de {tipo} son {sorted(TIPOS[tipo].secretos)}")
        escritos = exigir_datos(tipo, datos)
        if not self._por_correo:
            return
        id = PydanticObjectId()
        carta = {"para": para, "idioma": idioma, "datos": {**escritos, **secretos}}
        envio = nuevo_envio(tipo, prioridad=A_UNA_DIRECCION, cuando=ahora())
        envio.id, envio.sellado = id, self._sobre.cerrar_texto(json.dumps(carta, default=_como_texto), de=id)
        await self._envios.insert(envio)

    async def _guardar(self, tipo: str, avisos: Sequence[tuple[PydanticObjectId, Datos]]) -> None:
        cuando = ahora()
        nuevos = [nuevo_aviso(tipo, destinatario, exigir_datos(tipo, datos), cuando) for destinatario, datos in avisos]
        if TIPOS[tipo].una_vez is not None:
            nuevos = await self._avisos.sin_repetir(tipo, nuevos)
        await self._avisos.insert_rows(nuevos)
        if self._por_correo:
            await self._envios.insert_many(envio_de(aviso, prioridad=A_ALGUIEN) for aviso in nuevos)


def nuevo_aviso(
    tipo: str,
    destinatario: PydanticObjectId,
    escritos: dict[str, Any],
    cuando: datetime,
    difusion_id: PydanticObjectId | None = None,
) -> Fila:
    """As an `Aviso` is stored. Of what everybody is told, each has the same one whoever makes it, and whenever."""
    objeto, ocasion = vez(tipo, escritos)
    return {
        "_id": PydanticObjectId() if difusion_id is None else _de_difusion(difusion_id, destinatario),
        "destinatario": destinatario,
        "tipo": tipo,
        "datos": escritos,
        "objeto": objeto,
        "ocasion": ocasion,
        "difusion_id": difusion_id,
        "leido": False,
        "creado_en": cuando,
    }


def _de_difusion(difusion_id: PydanticObjectId, destinatario: PydanticObjectId) -> PydanticObjectId:
    return PydanticObjectId(hashlib.sha256(difusion_id.binary + destinatario.binary).digest()[:12])


def vez(tipo: str, escritos: Mapping[str, Any]) -> tuple[PydanticObjectId | None, str | None]:
    """What makes a notice of a kind that is told once the same as another."""
    una_vez = TIPOS[tipo].una_vez
    if una_vez is None:
        return None, None
    objeto, ocasion = (escritos[nombre] for nombre in una_vez)
    return PydanticObjectId(objeto), ocasion.isoformat() if isinstance(ocasion, datetime) else str(ocasion)


def exigir_datos(tipo: str, datos: Datos) -> dict[str, Any]:
    """What is stored of `datos`: every name that the templates of `tipo` use. Raises ValueError."""
    definido: Tipo | None = TIPOS.get(tipo)
    if definido is None:
        raise ValueError(f"no hay avisos de tipo {tipo}")
    if not definido.datos <= datos.keys() <= definido.nombres:
        raise ValueError(f"los datos de {tipo} son {sorted(definido.datos)} y tal vez {sorted(definido.opcionales)}")
    return {nombre: _guardable(datos.get(nombre)) for nombre in sorted(definido.nombres)}


def nuevo_envio(tipo: str, *, prioridad: int, cuando: datetime) -> Envio:
    return Envio(
        tipo=tipo,
        prioridad=prioridad,
        proximo_en=cuando,
        creado_en=cuando,
        actualizado_en=cuando,
        caduca_en=cuando + TIPOS[tipo].vida,
    )


def envio_de(aviso: Fila, *, prioridad: int) -> Envio:
    envio = nuevo_envio(aviso["tipo"], prioridad=prioridad, cuando=aviso["creado_en"])
    envio.aviso_id, envio.destinatario = aviso["_id"], aviso["destinatario"]
    return envio


def _guardable(valor: Dato) -> object:
    """Calendar days are stored as texts, as everywhere; ids too, for whoever reads the notice."""
    if isinstance(valor, date) and not isinstance(valor, datetime):
        return valor.isoformat()
    return str(valor) if isinstance(valor, PydanticObjectId) else valor


def _como_texto(valor: object) -> str:
    if isinstance(valor, datetime):
        return valor.isoformat()
    raise TypeError(type(valor).__name__)
