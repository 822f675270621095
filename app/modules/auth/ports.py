"""What this module asks of others."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
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

    async def conocidos(self, *, residentes: Sequence[PydanticObjectId]) -> Collection[PydanticObjectId]:
        """Those of them that there are, active or not."""

    async def domicilios(self, *, residentes: Sequence[PydanticObjectId]) -> Mapping[PydanticObjectId, str]:
        """The address of each resident, as on an envelope."""

    async def por_documento(self, *, numero: str) -> Sequence[PydanticObjectId]:
        """Active residents with that number. Documents of several types may share one number."""

    async def maximo_por_documento(self) -> int:
        """The most active residents that share one number; 1 in nearly every complex."""

    async def textos(self, *, residente_id: PydanticObjectId) -> Sequence[str]:
        """The texts that a password of that resident must not be made of: names, e-mail, document number, flats."""

    async def marcar_cuenta(self, *, residente_id: PydanticObjectId, cuenta: CuentaDeResidente) -> None:
        """Write down on the resident how far the account is, in the transaction in course."""


class Avisos(Protocol):
    """Notices to people, in the transaction in course: a transaction that is rolled back sends no notice."""

    async def avisar(
        self,
        *,
        tipo: str,
        datos: Datos,
        usuario_id: PydanticObjectId | None = None,
        residente_id: PydanticObjectId | None = None,
    ) -> None:
        """A notice to the holder of an account, or to a resident: in the application, and by e-mail where there is an
        address."""

    async def escribir(
        self, *, tipo: str, para: str, idioma: Idioma, datos: Datos, secretos: Mapping[str, str]
    ) -> None:
        """An e-mail to an address. The values of `secretos` are kept sealed until the e-mail is sent, and not
        afterwards."""


class Bitacora(Protocol):
    """The audit of security events.

    An event that is told inside a transaction is a row of that transaction. A transaction that is rolled back leaves no
    row, and a run that is repeated leaves one. An event that is told outside a transaction is written at once. What
    stays although the call is refused (a wrong password, a token that came back) must be told outside: the error that
    refuses the call would take the row with it.

    The request in course adds the operation, the address (`direccion`), the `traza` and the caller. In a call that
    anybody may make, `usuario_id` is the account that the call is about, and that account is named as the actor. A
    transaction in which staff write (in `/auth`: anybody signed in) leaves a row by itself, under the name of the
    operation; an event that is told within the transaction takes the place of that row.
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

    async def aparte(self, *, tipo: str, datos: Mapping[str, str], objeto: PydanticObjectId) -> None:
        """An event that goes with one that has a row of its own."""

    def dichos_por_partes(self, *, tipo: str) -> AsyncIterator[Sequence[Mapping[str, str]]]:
        """The `datos` of every event of that kind, as far as they are ours, some at a time."""

    async def denunciar_huecos(self) -> None:
        """Rows that are missing in all of the chain are told of, for who looked for one in vain."""
