"""What somebody finds in the application: their notices, and where they could be woken."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar

import attrs
from beanie import PydanticObjectId

from app.core.clock import ahora
from app.core.sealing import Sello
from app.core.security import DE_OFICINA, Principal
from app.database.unit_of_work import UnitOfWork, una_transaccion
from app.modules.avisos.models import Aviso, Dispositivo, Plataforma
from app.modules.avisos.public import nuevo_aviso
from app.modules.avisos.repository import AvisoRepository, DifusionRepository, DispositivoRepository
from app.shared.exceptions import LlaveNoAdmitida, hallado
from app.shared.pagination import Page, PageQuery
from app.shared.reading import Fila, Lectura

T = TypeVar("T")
DISPOSITIVOS_POR_CUENTA = 10


@attrs.define(kw_only=True)
class BuzonService:
    """The notices of whoever calls: what was told to their account, and to the resident that they are now. For an API
    key there are none, because what is told to the maker of a key is told to a person."""

    _avisos: AvisoRepository
    _difusiones: DifusionRepository
    _dispositivos: DispositivoRepository
    _sobre: Sello
    _uow: UnitOfWork

    async def listar(self, *, leido: bool | None, consulta: PageQuery, quien: Principal) -> Page[Aviso]:
        """The latest first."""
        en_camino = await self._en_camino(quien)
        return await self._avisos.listar(
            destinatarios=_destinatarios(quien), leido=leido, en_camino=en_camino, consulta=consulta
        )

    async def ver(self, id: PydanticObjectId, quien: Principal) -> Aviso:
        """Raises NoEncontrado."""
        escrito = await self._avisos.de(id, _destinatarios(quien))
        return hallado(escrito or await self._por_llegar(id, quien))

    async def leer(self, id: PydanticObjectId, quien: Principal) -> Aviso:
        """Mark the notice as read, also when it was. Raises NoEncontrado."""

        async def marcar() -> Aviso | None:
            leido = await self._avisos.leer(id, _destinatarios(quien))
            if leido is None and (aviso := await self._por_llegar(id, quien)) is not None:
                return await self._avisos.insert(aviso.model_copy(update={"leido": True}))
            return leido

        return hallado(await self._uow.run(marcar))

    @una_transaccion
    async def leer_hasta(self, hasta: datetime, quien: Principal) -> None:
        """Mark as read what reached the caller until then, also what everybody is being told."""
        _, por_escribir = await self._de_todos(quien)
        await self._avisos.insert_many(
            [aviso.model_copy(update={"leido": True}) for aviso in por_escribir if aviso.creado_en <= hasta]
        )
        await self._avisos.leer_hasta(hasta, _destinatarios(quien))

    async def sin_leer(self, *, quien: Principal) -> int:
        """How many notices the caller has not read, from an index alone unless everybody is being told something."""
        return await self._avisos.sin_leer(_destinatarios(quien), await self._en_camino(quien))

    def ultimos_sin_leer(self, *, limite: int, quien: Principal) -> Lectura[Page[Fila] | None]:
        """What `listar` gives of these, as they are stored, to be read with other things; None while everybody is
        being told something, which takes a look of its own."""
        return self._si_nada_llega(self._avisos.ultimos_sin_leer(_destinatarios(quien), limite=limite))

    async def ultimos_con_lo_que_llega(self, *, limite: int, quien: Principal) -> Page[Fila]:
        """The same by that look."""
        pagina = await self.listar(leido=False, consulta=PageQuery(limite=limite), quien=quien)
        return pagina.con(
            [{"_id": a.oid, "tipo": a.tipo, "datos": a.datos, "creado_en": a.creado_en} for a in pagina.items]
        )

    def cuantos_sin_leer(self, *, quien: Principal) -> Lectura[int | None]:
        """The same of what `sin_leer` gives."""
        return self._si_nada_llega(self._avisos.cuantos_sin_leer(_destinatarios(quien)))

    def _si_nada_llega(self, lectura: Lectura[T]) -> Lectura[T | None]:
        # What everybody is told is looked at first: see `_en_camino`.
        return self._difusiones.alguna_pendiente().con(lectura).luego(lambda leido: None if leido[0] else leido[1])

    async def _en_camino(self, quien: Principal) -> list[Aviso]:
        """What everybody is being told has reached the caller when they look, however far the workers have come: what
        these have written for them, and what they will. Read before anything else: what is told to its end meanwhile
        is in here, and nowhere else."""
        escritos, por_escribir = await self._de_todos(quien)
        return [*escritos, *por_escribir]

    async def _de_todos(self, quien: Principal) -> tuple[list[Aviso], list[Aviso]]:
        """Of what everybody is being told, what is written for the caller, and what is not."""
        destinatario = _entre_todos(quien)
        if destinatario is None:
            return [], []
        pendientes = await self._difusiones.pendientes_con(destinatario)
        return [escrito for _, escrito in pendientes if escrito is not None], [
            Aviso.model_validate(nuevo_aviso(d.tipo, destinatario, d.datos, d.creado_en, d.oid))
            for d, escrito in pendientes
            if escrito is None
        ]

    async def _por_llegar(self, id: PydanticObjectId, quien: Principal) -> Aviso | None:
        return next((aviso for aviso in await self._en_camino(quien) if aviso.oid == id), None)

    async def guardar_dispositivo(self, token: str, plataforma: Plataforma, quien: Principal) -> None:
        """The device is the caller's from now on, whoever had it before. Of more than ten devices, the one seen longest
        ago is dropped. Raises LlaveNoAdmitida."""
        if quien.llave_id is not None:
            raise LlaveNoAdmitida()
        huella, cuando = _huella(token), ahora()

        async def guardar() -> None:
            anterior = await self._dispositivos.por_huella(huella)
            if anterior is None:
                id = PydanticObjectId()
                nuevo = Dispositivo(
                    id=id,
                    huella=huella,
                    sellado=self._sobre.cerrar_texto(token, de=id),
                    plataforma=plataforma,
                    usuario_id=quien.usuario_id,
                    creado_en=cuando,
                    visto_en=cuando,
                )
                await self._dispositivos.insert(nuevo)
            else:
                await self._dispositivos.ver(
                    anterior, usuario_id=quien.usuario_id, plataforma=plataforma, cuando=cuando
                )
            await self._dispositivos.recortar(quien.usuario_id, cupo=DISPOSITIVOS_POR_CUENTA)

        await self._uow.run(guardar)

    async def olvidar_dispositivo(self, token: str, quien: Principal) -> None:
        """Nothing more is sent to the device for the caller. Of somebody else's, or of none, nothing comes."""
        await self._uow.run(lambda: self._dispositivos.olvidar(_huella(token), usuario_id=quien.usuario_id))


def _destinatarios(quien: Principal) -> Sequence[PydanticObjectId]:
    if quien.llave_id is not None:
        return []
    return [quien.usuario_id] if quien.residente_id is None else [quien.usuario_id, quien.residente_id]


def _entre_todos(quien: Principal) -> PydanticObjectId | None:
    """As whom they are told what everybody is."""
    if quien.llave_id is not None:
        return None
    return quien.residente_id or (quien.usuario_id if quien.rol in DE_OFICINA else None)


def _huella(token: str) -> str:
    return hashlib.sha256(f"dispositivo:{token}".encode()).hexdigest()
