"""Inviting many at once: an e-mail to whoever has an address, a letter on paper to the others.

An attempt that is killed at any line is finished by the next attempt. E-mails are written in batches, and each batch is
one transaction with the progress of the job, so nobody is written to twice. Letters come to life after the file that
holds them is kept, and the job offers the file only once the job ends. An attempt that breaks off in between leaves
letters that nobody can have; the next attempt prints all letters anew, each in the place of the one before. So nobody
ever has two letters that work, and no letter is lost.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import attrs
from beanie import PydanticObjectId

from app.core.clock import ahora
from app.core.jobs.contract import Cola, Contexto, Rechazo
from app.core.quotas.contract import Cuotas
from app.core.security import Principal, Rol, token_nuevo
from app.database.unit_of_work import UnitOfWork, una_transaccion
from app.modules.auth.invitaciones.cartas import Carta, Pliego, imprimir
from app.modules.auth.invitaciones.schemas import InvitadosOut
from app.modules.auth.invitaciones.service import TASA, InvitacionService, Invitado
from app.modules.auth.ports import Padron
from app.modules.auth.repository import UsuarioRepository
from app.shared.exceptions import DemasiadasPeticiones, EntradaInvalida, ErrorDeCampo, ParkNetError
from app.shared.utils import orden_natural

T = TypeVar("T")
TIPO = "auth_invitaciones"
# A letter lies in a letter box before somebody reads it.
VIDA_DE_CARTA = timedelta(days=30)
TAMANO = 50
Imprimir = Callable[[Pliego], Awaitable[bytes]]


@dataclass(frozen=True, slots=True)
class Fila:
    """One resident to be invited. `linea`: the place in the list of the request, from 1."""

    linea: int
    residente_id: PydanticObjectId

    @property
    def invitado(self) -> Invitado:
        return Invitado(rol=Rol.residente, residente_id=self.residente_id)


@dataclass(frozen=True, slots=True)
class _PorImprimir:
    fila: Fila
    token: str
    nombre: str
    unidad: str


@attrs.define(kw_only=True)
class LoteService:
    """Takes the order for a job, which `InvitadorPorLotes` does."""

    _padron: Padron
    _cola: Cola

    async def invitar(self, residentes: Sequence[PydanticObjectId] | None, *, quien: Principal) -> PydanticObjectId:
        """The id of the job. `residentes` None: all active residents without an account; while that job goes on, asking
        again returns the same job. Raises EntradaInvalida where an id names nobody."""
        if residentes is not None:
            conocidos = await self._padron.conocidos(residentes=residentes)
            if ajenos := [n for n, id in enumerate(residentes) if id not in conocidos]:
                raise EntradaInvalida(*(ErrorDeCampo(f"residentes.{n}", "no_existe", {}) for n in ajenos[:100]))
        return await self._cola.encolar(
            tipo=TIPO,
            parametros={"residentes": None if residentes is None else list(residentes)},
            quien=quien,
            unico=TIPO if residentes is None else None,
        )


@attrs.define(kw_only=True)
class InvitadorPorLotes:
    """Does the job. `por_correo`: whether there is a server for e-mails; without one everybody gets a letter.
    `imprimir` makes the PDF."""

    _invitaciones: InvitacionService
    _usuarios: UsuarioRepository
    _padron: Padron
    _cuotas: Cuotas
    _uow: UnitOfWork
    _conjunto: str
    _zona: ZoneInfo
    _por_correo: bool
    _imprimir: Imprimir = imprimir

    async def realizar(self, *, contexto: Contexto) -> Mapping[str, Any]:
        """See InvitadosOut."""
        filas = await self._filas(contexto)
        faltan = [fila for fila in filas if str(fila.residente_id) > contexto.punto.get("hasta", "")]
        for grupo in _grupos(faltan):
            await self._escribir(contexto, grupo, total=len(filas))
        cartas = await self._cartas(contexto, filas)
        if cartas:
            pdf = await self._pdf(cartas)
            await contexto.entregar(nombre="invitaciones.pdf", tipo="application/pdf", contenido=pdf)
        vivas = 0
        for grupo_de_cartas in _grupos(cartas):
            vivas += await self._dar_vida(contexto, grupo_de_cartas, antes=len(filas) - len(cartas) + vivas)
        por_correo = contexto.punto.get("por_correo", 0)
        hecho = InvitadosOut(tipo="auth_invitaciones", archivo=None, por_correo=por_correo, cartas=vivas)
        return hecho.propio()

    async def _filas(self, contexto: Contexto) -> list[Fila]:
        """By id, so that an attempt goes on where another left off, though people came and went."""
        pedidas = contexto.parametros["residentes"]
        if pedidas is None:
            pedidas = [id async for id in self._sin_cuenta()]
        primeras: dict[PydanticObjectId, int] = {}
        for linea, id in enumerate(pedidas, start=1):
            primeras.setdefault(PydanticObjectId(id), linea)
        return sorted((Fila(linea, id) for id, linea in primeras.items()), key=lambda fila: fila.residente_id)

    async def _sin_cuenta(self) -> AsyncIterator[PydanticObjectId]:
        ultimo: PydanticObjectId | None = None
        while activos := await self._padron.activos(despues_de=ultimo, limite=TAMANO):
            con_cuenta = {u.residente_id for u in await self._usuarios.por_residentes(activos, limite=TAMANO)}
            for id in activos:
                if id not in con_cuenta:
                    yield id
            ultimo = activos[-1]

    async def _escribir(self, contexto: Contexto, grupo: Sequence[Fila], *, total: int) -> None:
        """Invite by e-mail whoever has an address, and refuse whoever is not to be invited."""
        con_cupo = [fila for fila in grupo if await self._tiene_cupo(fila)]
        antes = contexto.punto.get("por_correo", 0)

        async def escribir() -> None:
            rechazos = await self._rechazos(grupo)
            no_van = {rechazo.linea for rechazo in rechazos}
            van = [fila for fila in con_cupo if fila.linea not in no_van]
            por_correo = antes + len(van)
            punto = {"hasta": str(grupo[-1].residente_id), "por_correo": por_correo}
            await contexto.guardar(punto=punto, hecho=por_correo, total=total)
            for fila in van:
                await self._invitaciones.emitir(
                    fila.invitado, quien=contexto.quien.usuario_id, lote=contexto.trabajo_id
                )
            await contexto.rechazar(filas=rechazos)

        await self._uow.run(escribir)

    async def _tiene_cupo(self, fila: Fila) -> bool:
        """Whether the resident has an address that may be written to again. A resident without one, or one who was
        written to too often, gets a letter."""
        persona = await self._padron.persona(residente_id=fila.residente_id) if self._por_correo else None
        if persona is None or persona.email is None:
            return False
        try:
            await self._cuotas.gastar(TASA, persona.email.lower())
        except DemasiadasPeticiones:
            return False
        return True

    async def _rechazos(self, filas: Sequence[Fila]) -> list[Rechazo]:
        """The refusals of the rows that are not to be invited now."""
        rechazos = []
        for fila in filas:
            try:
                await self._invitaciones.exigir_invitable(fila.invitado)
            except ParkNetError as error:
                codigo = error.errores[0].codigo if isinstance(error, EntradaInvalida) else error.codigo
                rechazos.append(Rechazo(linea=fila.linea, campo="residentes", codigo=codigo))
        return rechazos

    async def _cartas(self, contexto: Contexto, filas: Sequence[Fila]) -> list[_PorImprimir]:
        """The letters to all who can be invited and got no e-mail, in the order in which they are handed out."""
        cartas = []
        for grupo in _grupos(filas):
            ids = [fila.residente_id for fila in grupo]
            por_correo = await self._invitaciones.del_lote(contexto.trabajo_id, residentes=ids)
            no_van = {rechazo.linea for rechazo in await self._rechazos(grupo)}
            domicilios = await self._padron.domicilios(residentes=ids)
            for fila in grupo:
                persona = await self._padron.persona(residente_id=fila.residente_id)
                if persona is None or fila.residente_id in por_correo or fila.linea in no_van:
                    continue
                unidad = domicilios.get(fila.residente_id, "")
                cartas.append(_PorImprimir(fila, token_nuevo(), persona.nombre, unidad))
        return sorted(cartas, key=lambda carta: (orden_natural(carta.unidad), carta.nombre))

    async def _pdf(self, cartas: Sequence[_PorImprimir]) -> bytes:
        cuando = ahora()
        return await self._imprimir(
            Pliego(
                conjunto=self._conjunto,
                zona=self._zona,
                fecha=cuando,
                vence=cuando + VIDA_DE_CARTA,
                cartas=[Carta(c.nombre, c.unidad, self._invitaciones.enlace(c.token)) for c in cartas],
            )
        )

    @una_transaccion
    async def _dar_vida(self, contexto: Contexto, grupo: Sequence[_PorImprimir], *, antes: int) -> int:
        """Make these letters work, and return how many do: residents who left or registered meanwhile get none."""
        punto = dict(contexto.punto)
        rechazos = await self._rechazos([carta.fila for carta in grupo])
        no_van = {rechazo.linea for rechazo in rechazos}
        van = [carta for carta in grupo if carta.fila.linea not in no_van]
        await contexto.guardar(punto=punto, hecho=antes + len(van))
        for carta in van:
            await self._invitaciones.emitir(
                carta.fila.invitado,
                quien=contexto.quien.usuario_id,
                vida=VIDA_DE_CARTA,
                token=carta.token,
                escribir=False,
            )
        await contexto.rechazar(filas=rechazos)
        return len(van)


def _grupos(filas: Sequence[T]) -> Iterator[Sequence[T]]:
    return (filas[i : i + TAMANO] for i in range(0, len(filas), TAMANO))
