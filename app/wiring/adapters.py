"""A few lines of adapter where what one module offers and what another asks for have different shapes. What a module
asks of the roll in the shape in which it is offered is inherited."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import attrs
from beanie import PydanticObjectId

from app.core.clock import hoy
from app.core.facts.marks import Dichas
from app.core.idempotency.repository import RespuestaRepository
from app.core.imports.repository import LoteRepository
from app.modules.auth import ports as auth_ports
from app.modules.auth.privacidad.service import CustodioDeCuentas
from app.modules.auth.public import CuentasService
from app.modules.avisos.privacidad import CustodioDeAvisos
from app.modules.residentes.fichas.public import Ficha, FichaService, Peticion
from app.modules.residentes.fichas.viviendas import Vivienda, Viviendas
from app.modules.residentes.hechos import Alterado, con_condicion
from app.modules.residentes.public import PadronService, UnidadResumen
from app.modules.solicitudes import ports as solicitudes_ports
from app.shared.messages import Idioma
from app.shared.reading import Ids, Lectura


class PadronParaAuth(PadronService):
    """auth.ports.Padron"""

    async def persona(self, *, residente_id: PydanticObjectId) -> auth_ports.Persona | None:
        r = await self.residente(residente_id=residente_id)
        if r is None:
            return None
        return auth_ports.Persona(residente_id=r.residente_id, email=r.email, nombre=r.nombre, activo=r.activo)

    async def conocidos(self, *, residentes: Sequence[PydanticObjectId]) -> Collection[PydanticObjectId]:
        personas, _ = await self.nombres(residentes=residentes, unidades=[])
        return personas.keys()

    async def domicilios(self, *, residentes: Sequence[PydanticObjectId]) -> Mapping[PydanticObjectId, str]:
        personas, _ = await self.nombres(residentes=residentes, unidades=[])
        ids = sorted({id for persona in personas.values() for id in persona.unidades})
        _, unidades = await self.nombres(residentes=[], unidades=ids)
        return {
            persona.residente_id: "; ".join(_domicilio(unidades[id]) for id in persona.unidades if id in unidades)
            for persona in personas.values()
        }


def _domicilio(unidad: UnidadResumen) -> str:
    apartamento = f"apartamento {unidad.apartamento}"
    return apartamento.capitalize() if unidad.torre is None else f"{unidad.torre}, {apartamento}"


@attrs.define(kw_only=True)
class PadronParaSolicitudes(PadronService):
    """solicitudes.ports.Padron"""

    _fichas: FichaService
    _viviendas: Viviendas
    _zona: ZoneInfo

    async def solicitante(
        self, *, residente_id: PydanticObjectId, actua: bool = False
    ) -> solicitudes_ports.Solicitante | None:
        v = await self._viviendas.de(residente_id, actua=actua)
        if v is None:
            return None
        return solicitudes_ports.Solicitante(
            residente_id=residente_id,
            activo=v.activo,
            unidades=v.unidades,
            dejadas=v.dejadas,
            alterado=v.alterado,
        )

    def fichas(
        self, *, unidades: Ids, residentes: Ids = ()
    ) -> Lectura[tuple[Mapping[PydanticObjectId, Ficha], Mapping[PydanticObjectId, str]]]:
        return self._fichas.fichas(unidades=unidades, residentes=residentes, el=hoy(self._zona))

    def peticion(
        self, *, unidad_id: PydanticObjectId, vehiculo_id: PydanticObjectId | None, placa: str | None
    ) -> Lectura[Peticion | None]:
        return self._fichas.peticion(unidad_id=unidad_id, vehiculo_id=vehiculo_id, placa=placa, el=hoy(self._zona))

    async def siguen_alli(
        self, *, pedidas: Sequence[tuple[PydanticObjectId, PydanticObjectId, Sequence[PydanticObjectId]]]
    ) -> Sequence[bool]:
        dichas = await self.dichas()
        pares, vivian = [(unidad, pide) for unidad, pide, _ in pedidas], [suyos for _, _, suyos in pedidas]
        hechos = await self.hechos(pares=pares, el=hoy(self._zona), vivian=vivian, dichas=dichas)
        sin_decir = await self._dichos.sin_decir(dichas)
        return [
            sin_decir is not None or h.alterado is not None or not set(h.habitantes).isdisjoint(suyos)
            for h, suyos in zip(hechos, vivian, strict=True)
        ]

    async def historia(self, *, con_al_dia: bool) -> Mapping[str, Mapping[str, Sequence[int]]]:
        return await self._dichos.historia(con_al_dia=con_al_dia)

    async def unidades_llamadas(self, *, claves: Collection[str]) -> Mapping[str, PydanticObjectId]:
        return await self._fichas.unidades_llamadas(claves=claves)

    async def buscar(self, *, q: str) -> solicitudes_ports.Hallados:
        return solicitudes_ports.Hallados(*await self.encontrar(q=q))


@dataclass(frozen=True, slots=True)
class CustodioDeLosAvisos:
    """residentes.ports.Custodio"""

    avisos: CustodioDeAvisos
    cuentas: CustodioDeCuentas

    async def datos_de(self, *, residente_id: PydanticObjectId) -> Sequence[Mapping[str, Any]]:
        usuario_id = await self.cuentas.usuario_de(residente_id=residente_id)
        return await self.avisos.datos(residente_id=residente_id, usuario_id=usuario_id)

    async def suprimir_de(self, *, residente_id: PydanticObjectId, desocupadas: Sequence[PydanticObjectId]) -> None:
        del desocupadas
        usuario_id = await self.cuentas.usuario_de(residente_id=residente_id)
        await self.avisos.suprimir(residente_id=residente_id, usuario_id=usuario_id)


@dataclass(frozen=True, slots=True)
class CustodioDeCopias:
    """residentes.ports.Custodio: answers that are kept for a day, and what imports could be taken back by."""

    respuestas: RespuestaRepository
    lotes: LoteRepository

    async def datos_de(self, *, residente_id: PydanticObjectId) -> Sequence[Mapping[str, Any]]:
        """Nothing that does not stand elsewhere too."""
        del residente_id
        return ()

    async def suprimir_de(self, *, residente_id: PydanticObjectId, desocupadas: Sequence[PydanticObjectId]) -> None:
        del desocupadas
        await self.respuestas.olvidar(str(residente_id).encode())
        await self.lotes.olvidar(residente_id)


@attrs.define(kw_only=True)
class PadronParaSorteo(PadronService):
    """sorteo.ports.Padron"""

    _viviendas: Viviendas

    async def unidades_de(self, *, residente_id: PydanticObjectId) -> Sequence[PydanticObjectId]:
        vivienda = await self._viviendas.de(residente_id, actua=False)
        return () if vivienda is None else vivienda.ocupadas

    async def vivienda(self, *, residente_id: PydanticObjectId) -> Vivienda | None:
        return await self._viviendas.de(residente_id, actua=True)

    async def alterado_con_condicion(self, *, dichas: Dichas) -> Alterado | None:
        return await self._residentes.alterado(con_condicion(dichas), dichas)

    async def sin_decir(self, dichas: Dichas) -> Alterado | None:
        return await self._dichos.sin_decir(dichas)

    async def nombres_de(self, *, unidades: Sequence[PydanticObjectId]) -> Mapping[PydanticObjectId, UnidadResumen]:
        _, pisos = await self.nombres(residentes=[], unidades=unidades)
        return pisos

    async def personas(self, *, residentes: Sequence[PydanticObjectId]) -> Mapping[PydanticObjectId, str]:
        personas, _ = await self.nombres(residentes=residentes, unidades=[])
        return {residente_id: persona.nombre for residente_id, persona in personas.items()}


@dataclass(frozen=True, slots=True)
class _Contacto:
    email: str | None
    idioma: Idioma
    con_cuenta: bool = True


class DirectorioDeAvisos:
    """avisos.ports.Directorio

    A resident is written to at their contact address, else at that of their account; the holder of an account, the
    other way round. Somebody who has no account is written to in Spanish. Who has left is not written to as a resident.
    """

    def __init__(self, padron: PadronService, cuentas: CuentasService) -> None:
        self._padron = padron
        self._cuentas = cuentas

    async def contacto(self, *, destinatario: PydanticObjectId) -> _Contacto | None:
        residente = await self._padron.residente(residente_id=destinatario)
        if residente is None:
            return await self._de_cuenta(destinatario)
        if not residente.activo:
            return None
        cuenta = await self._cuentas.contacto_de_residente(residente_id=destinatario)
        if cuenta is None:
            return _Contacto(email=residente.email, idioma="es", con_cuenta=False)
        return _Contacto(email=residente.email or cuenta.email, idioma=cuenta.idioma)

    async def _de_cuenta(self, usuario_id: PydanticObjectId) -> _Contacto | None:
        cuenta = await self._cuentas.contacto(usuario_id=usuario_id)
        if cuenta is None:
            return None
        email = cuenta.email
        if email is None and cuenta.residente_id is not None:
            residente = await self._padron.residente(residente_id=cuenta.residente_id)
            email = None if residente is None else residente.email
        return _Contacto(email=email, idioma=cuenta.idioma)

    async def residentes(self, *, despues_de: PydanticObjectId | None, limite: int) -> Sequence[PydanticObjectId]:
        return await self._padron.activos(despues_de=despues_de, limite=limite)

    async def cuentas(self, *, despues_de: PydanticObjectId | None, limite: int) -> Sequence[PydanticObjectId]:
        return await self._cuentas.sin_residencia(despues_de=despues_de, limite=limite)
