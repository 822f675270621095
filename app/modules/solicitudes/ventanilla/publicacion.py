"""A batch of a result, as its requests are published: made ready while the transaction of the batch before is on its
way, and written as long as they still stand as they were read.

Requests that wait need nothing but their place in line. Of a whole batch they are written right after its transaction,
each by a conditional update, which outside of transactions costs the database a fifth (docs/decisions/0036): their
history, and how far publishing came, say by then that they are published, so whoever goes on from there writes what is
missing."""

from collections.abc import Mapping, Sequence

import attrs
from beanie import PydanticObjectId

from app.core.acts.contract import fuera_del_acto
from app.core.clock import ahora
from app.modules.solicitudes.estados import Actor, RequestStatus
from app.modules.solicitudes.models import SolicitudVista, Ventanilla
from app.modules.solicitudes.movimientos.noticias import Destinatarios, Noticias
from app.modules.solicitudes.movimientos.precintos import Precintos
from app.modules.solicitudes.movimientos.repository import MovimientoRepository, linea
from app.modules.solicitudes.movimientos.service import Movimientos, vence
from app.modules.solicitudes.ports import PuestoDeSolicitud, TitularDeFolio
from app.modules.solicitudes.ventanilla.filas import publicada
from app.modules.solicitudes.ventanilla.idas import Salidas
from app.modules.solicitudes.ventanilla.repository import PasoRepository, VentanillaRepository
from app.modules.solicitudes.ventanilla.terminos import en_json
from app.shared.reading import a_ratos, leidas
from app.shared.repository import Fila


@attrs.define(kw_only=True)
class Publicaciones:
    _pasos: PasoRepository
    _ventanillas: VentanillaRepository
    _movimientos: Movimientos
    _historial: MovimientoRepository
    _noticias: Noticias
    _precintos: Precintos
    _salidas: Salidas

    async def preparar(
        self, *, sorteo_id: PydanticObjectId, puestos: Mapping[PydanticObjectId, PuestoDeSolicitud]
    ) -> "PorPublicar":
        """`puestos`: what the result says, by request. Those that are not `aprobada` are left as they are."""
        crudas = await self._pasos.aprobadas(list(puestos))
        ventanilla = await self._ventanillas.get(sorteo_id)
        lote = PorPublicar(
            publicaciones=self, sorteo_id=sorteo_id, ventanilla=ventanilla, puestos=puestos, crudas=crudas
        )
        if ventanilla is None:
            return lote
        momento = ahora()
        limite = vence(ventanilla, momento)
        async for filas in a_ratos(await leidas([crudas])):
            for fila in filas:
                cambios = self._precintos.empezar(fila, publicada(puestos[fila["_id"]], momento, limite))
                lote.nuevas.append(fila | cambios)
                lote.cambios.append(cambios)
                lote.despues.append(SolicitudVista.de_fila(lote.nuevas[-1]))
        return attrs.evolve(lote, a_quienes=await self._noticias.a_quienes(lote.despues))

    async def siguen(self, lote: "PorPublicar") -> bool:
        """Whether its requests stand as they were read."""
        return await self._pasos.aprobadas(list(lote.puestos)) == lote.crudas

    async def publicar(self, lote: "PorPublicar", *, aplazar: bool) -> None:
        """In a transaction. `aplazar`: but for those that wait, which `asentar` writes."""
        await self._pasos.put_again([n for n in lote.nuevas if not (aplazar and _espera(n))])
        momento = ahora()
        lineas = [linea(s, de=RequestStatus.aprobada, actor=Actor.sistema, cuando=momento) for s in lote.despues]
        await self._historial.insert_rows(lineas)
        aceptadas = await self._aceptadas(lote)
        dichas = [attrs.evolve(s, vence_en=None) if s.oid in aceptadas else s for s in lote.despues]
        await self._noticias.publicadas(dichas, lote.a_quienes)

    async def asentar(self, lote: "PorPublicar", *, dichas: bool) -> None:
        """`dichas`: of those alone whose history says that they were published."""
        por_id = {
            nueva["_id"]: cambios for nueva, cambios in zip(lote.nuevas, lote.cambios, strict=True) if _espera(nueva)
        }
        if dichas:
            puestas = await self._historial.puestas_en_espera(list(por_id))
            por_id = {id: cambios for id, cambios in por_id.items() if id in puestas}
        with fuera_del_acto():
            await self._pasos.publicar_aprobadas(por_id, ahora=ahora())

    async def _aceptadas(self, lote: "PorPublicar") -> set[PydanticObjectId]:
        """Those of them that need nobody's answer."""
        ventanilla = lote.ventanilla
        if ventanilla is None or ventanilla.terminos.aceptacion != "tacita":
            return set()
        ganadoras = await self._pasos.por_aceptar([s.oid for s in lote.despues])
        idas = {s.oid for s in await self._salidas.ciertas([s for s in ganadoras if s.salida])}
        return await self._movimientos.aceptar_varias([s for s in ganadoras if s.oid not in idas], ventanilla)


@attrs.frozen(kw_only=True)
class PorPublicar:
    """`crudas`: the requests as they stand, to the byte. `nuevas`: as they will be stored, `cambios` being new."""

    _publicaciones: Publicaciones
    sorteo_id: PydanticObjectId
    ventanilla: Ventanilla | None
    puestos: Mapping[PydanticObjectId, PuestoDeSolicitud]
    crudas: bytes
    nuevas: list[Fila] = attrs.field(factory=list)
    cambios: list[Fila] = attrs.field(factory=list)
    despues: list[SolicitudVista] = attrs.field(factory=list)
    a_quienes: Mapping[PydanticObjectId, Destinatarios] = attrs.field(factory=dict)

    @property
    def terminos(self) -> Mapping[str, object]:
        """By which it was made ready."""
        return en_json(self.ventanilla)

    @property
    def titulares(self) -> Sequence[TitularDeFolio]:
        """Whose the requests are that are to be published."""
        suyas = ((fila["_id"], fila["folio"], fila["unidad_id"], fila["vehiculo"]["id"]) for fila in self.nuevas)
        return [TitularDeFolio(*suya) for suya in suyas]

    async def confirmado(self) -> "PorPublicar":
        """In the transaction that publishes it: the same, or made anew if any of its requests changed meanwhile."""
        if await self._publicaciones.siguen(self):
            return self
        return await self._publicaciones.preparar(sorteo_id=self.sorteo_id, puestos=self.puestos)

    async def publicar(self, *, aplazar: bool = False) -> None:
        """In the same transaction. `aplazar`: those that wait are to be written by `asentar`."""
        await self._publicaciones.publicar(self, aplazar=aplazar)

    async def asentar(self) -> None:
        """After that transaction: write what it left. It can be done again, by whoever and whenever."""
        await self._publicaciones.asentar(self, dichas=False)

    async def recuperar(self) -> None:
        """The same, of a batch of which nobody knows whether that was done: of those whose history says that they were
        published."""
        await self._publicaciones.asentar(self, dichas=True)


def _espera(nueva: Fila) -> bool:
    return nueva["espacio"] is None
