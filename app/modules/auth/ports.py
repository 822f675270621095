"""What this module asks of others."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from beanie import PydanticObjectId

from app.shared.messages import Idioma

CuentaDeResidente = Literal["sin_invitar", "invitada", "activa"]
Datos = Mapping[str, str | datetime | None]


@dataclass(frozen=True, slots=True)
class Persona:
    residente_id: PydanticObjectId
    email: str | None
    nombre: str
    activo: bool


class Padron(Protocol):
    async def persona(self, *, residente_id: PydanticObjectId) -> Persona | None: ...

    async def activos(self, *, despues_de: PydanticObjectId | None, limite: int) -> Sequence[PydanticObjectId]:
        """Active residents by ascending id."""

    async def domicilios(self, *, residentes: Sequence[PydanticObjectId]) -> Mapping[PydanticObjectId, str]:
        """Where each lives, as an envelope says it."""

    async def por_documento(self, *, numero: str) -> Sequence[PydanticObjectId]:
        """Active residents with that number: documents of several types may share one."""

    async def maximo_por_documento(self) -> int:
        """The most active residents that share one number; 1 in nearly every complex."""

    async def textos(self, *, residente_id: PydanticObjectId) -> Sequence[str]:
        """What a password of theirs is not to be made of: names, e-mail, document number, flats."""

    async def marcar_cuenta(self, *, residente_id: PydanticObjectId, cuenta: CuentaDeResidente) -> None:
        """Keep on the resident how far their account is, in the transaction in course."""


class Avisos(Protocol):
    """Notices to people, in the transaction in course: what was rolled back is told to nobody."""

    async def avisar(
        self,
        *,
        tipo: str,
        datos: Datos,
        usuario_id: PydanticObjectId | None = None,
        residente_id: PydanticObjectId | None = None,
    ) -> None:
        """To the holder of an account, or to a resident: in the application, and by e-mail when they have one."""

    async def escribir(
        self, *, tipo: str, para: str, idioma: Idioma, datos: Datos, secretos: Mapping[str, str]
    ) -> None:
        """An e-mail to an address. What is in `secretos` is kept sealed until it is sent, and not afterwards."""


class Bitacora(Protocol):
    """The audit of security events: `auditoria.service.BitacoraService`.

    Called inside a transaction, the event is a row of that transaction: what is rolled back leaves none, and a run that
    is repeated leaves one. Called outside of one it is written at once: so must be told what stays although the call
    is refused (a wrong password, a token that came back), for the error that refuses it would take the row with it.

    Which call it was, from where (`direccion`), its `traza` and who made it are added from the request in course; of a
    call that anybody may make, `usuario_id` is who it was about and so who is named as actor. What staff (in `/auth`,
    whoever is signed in) write in a transaction leaves a row by itself, under the name of the operation: an event
    told within it takes its place.
    """

    async def suceso(
        self,
        *,
        tipo: str,
        usuario_id: PydanticObjectId | None = None,
        hecho: bool = True,
        nombre: str | None = None,
        direccion: str | None = None,
        datos: Mapping[str, str] = ...,
    ) -> None:
        """`tipo`, a code: `entrada`, `entrada_fallida`, `salida`, `refresco_repetido`, `clave_cambiada`, `mfa_puesto`,
        `mfa_quitado`, `mfa_fallido`, `invitacion_hecha`, `invitacion_usada`, `recuperacion_pedida`, `llave_hecha` …
        `hecho`: False for what was refused. `nombre`: what was typed where a name is asked for, and is no account's:
        kept as an HMAC alone. `datos`: codes and ids, never what somebody wrote; a value that is neither is a
        ValueError."""
