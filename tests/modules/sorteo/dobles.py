"""Stand-ins for those whom draws ask. Requests are kept in the database, so that a transaction that fails takes back
what the draw had done to them."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import partial
from typing import Any

from beanie import PydanticObjectId
from pydantic import Field

from app.core.acts.contract import Llamada, fuera_del_acto
from app.core.clock import ahora
from app.core.facts.marks import Dichas
from app.modules.sorteo.custodia.ports import Alterado, PuestoPublicado
from app.modules.sorteo.espacios.models import Espacio
from app.modules.sorteo.espacios.ports import EspacioCopiado
from app.modules.sorteo.estados import Paso
from app.modules.sorteo.models import Sorteo
from app.modules.sorteo.pasos.models import CabezaDePaso
from app.shared.documents import Documento
from app.shared.repository import Repository
from app.shared.transaction import Dichos, al_confirmar, current_session

POR_DECIDIR = ["pendiente", "aprobada"]
Gancho = Callable[[], Awaitable[None]]


class SolicitudDePrueba(Documento):
    """`mudanzas` counts what draws did to it."""

    id: PydanticObjectId = Field(default_factory=PydanticObjectId)
    sorteo_id: PydanticObjectId
    folio: int
    unidad_id: PydanticObjectId
    residente_id: PydanticObjectId
    vehiculo_id: PydanticObjectId = Field(default_factory=PydanticObjectId)
    estado: str = "aprobada"
    antes: str | None = None
    motivo: str | None = None
    clase: str = "carro"
    electrico: bool = False
    tipos: tuple[str, ...] = ("carro",)
    preferencias: tuple[str, ...] = ()
    usa_condiciones: bool = True
    habitantes: list[PydanticObjectId] = []
    impedimentos: tuple[str, ...] = ()
    espacio: str | None = None
    espera: int | None = None
    prestado: bool = False
    condiciones: list[str] = []
    placa: str | None = None
    mudanzas: int = 0
    alterada: str | None = None

    class Settings(Documento.Settings):
        name = "pruebas_solicitudes"


class VentanaDePrueba(Documento):
    fase: str
    cierre: datetime | None = None

    class Settings(Documento.Settings):
        name = "pruebas_ventanas"


class RepoSolicitudes(Repository[SolicitudDePrueba]):
    model = SolicitudDePrueba


class RepoVentanas(Repository[VentanaDePrueba]):
    model = VentanaDePrueba


@dataclass(frozen=True)
class Suerte:
    unidad_id: PydanticObjectId
    clase: str
    sorteo_id: PydanticObjectId
    ofrecida: bool
    tuvo: bool = False
    entera: bool | None = True
    id: PydanticObjectId = field(default_factory=PydanticObjectId)


def _por_sortear(antes: str | None) -> str:
    """The state of a request that is drawn again."""
    return "pendiente" if antes == "pendiente" else "aprobada"


@dataclass
class FakeCotejo:
    """Of requests that are as they were marked."""

    _solicitudes: "FakeSolicitudes"
    _sorteo_id: PydanticObjectId
    terminos: Mapping[str, Any]
    completo: bool = True
    faltan: frozenset[int] = frozenset()
    _ultimo: int = 0

    async def siguientes(self, *, limite: int) -> list[SolicitudDePrueba]:
        await self._solicitudes.llamada("siguientes")
        filtro = {"sorteo_id": self._sorteo_id, "folio": {"$gt": self._ultimo}}
        filas = await self._solicitudes.filas.find(filtro, orden=[("folio", 1)], limite=limite)
        self._ultimo = filas[-1].folio if filas else self._ultimo
        return filas

    async def juzgar(self, pedidos: Sequence[tuple[Any, Any]]) -> list[tuple[str, ...]]:
        return [solicitud.impedimentos for solicitud, _ in pedidos]

    async def alterada(self) -> None:
        return None


@dataclass(frozen=True)
class LoteDePrueba:
    solicitudes: "FakeSolicitudes"
    sorteo_id: PydanticObjectId
    puestos: Sequence[PuestoPublicado]
    titulares: list[SolicitudDePrueba]
    terminos: dict[str, Any]

    async def confirmado(self) -> "LoteDePrueba":
        await self.solicitudes.llamada("confirmado")
        return await self.solicitudes.por_publicar(sorteo_id=self.sorteo_id, puestos=self.puestos)

    async def publicar(self, *, aplazar: bool) -> None:
        await self.solicitudes.publicar([p for p in self.puestos if p.espacio is not None or not aplazar])

    async def asentar(self) -> None:
        """Of those that it was made ready with."""
        suyas = {titular.oid for titular in self.titulares}
        await self.solicitudes.asentar_lote([p for p in self.puestos if p.espacio is None and p.solicitud_id in suyas])

    recuperar = asentar


class FakeSolicitudes:
    """`antes[call]` runs when the draw makes that call: to fail, to move the clock, to be somebody else meanwhile."""

    def __init__(self) -> None:
        self.filas = RepoSolicitudes()
        self.ventanas = RepoVentanas()
        self.antes: dict[str, Gancho] = {}
        self.llamadas: list[str] = []
        self.terminos_de: dict[PydanticObjectId, dict[str, Any]] = {}
        self.suertes: list[Suerte] = []
        self.anuladas_por: list[str | None] = []
        self.quien_pidio: dict[PydanticObjectId, PydanticObjectId] = {}

    async def llamada(self, nombre: str) -> None:
        self.llamadas.append(nombre)
        if nombre in self.antes:
            await self.antes[nombre]()

    async def preparar(self, *, sorteo_id: PydanticObjectId, **terminos: Any) -> None:
        await self.llamada("preparar")
        self.terminos_de[sorteo_id] = terminos
        if await self.ventanas.get(sorteo_id) is None:
            await self.ventanas.insert(VentanaDePrueba(id=sorteo_id, fase="borrador"))

    async def terminos(self, *, sorteo_id: PydanticObjectId) -> dict[str, Any]:
        dias = {dia: self.terminos_de[sorteo_id][dia].isoformat() for dia in ("desde", "hasta")}
        ventana = await self.ventanas.get(sorteo_id)
        cierre = {} if ventana is None else ventana.model_dump(mode="json", include={"cierre"})
        return self.terminos_de[sorteo_id] | dias | cierre

    async def abrir(self, *, sorteo_id: PydanticObjectId, cierre: datetime | None) -> None:
        await self.llamada("abrir")
        await self.ventanas.update_one({"_id": sorteo_id}, {"$set": {"fase": "abierto", "cierre": cierre}})

    async def cerrar(self, *, sorteo_id: PydanticObjectId) -> None:
        await self.ventanas.update_one({"_id": sorteo_id}, {"$set": {"fase": "cerrado"}})
        await self.llamada("cerrar")

    async def asentar(self, *, sorteo_id: PydanticObjectId) -> None:
        del sorteo_id
        await self.llamada("asentar")

    async def pendientes(self, *, sorteo_id: PydanticObjectId) -> int:
        await self.llamada("pendientes")
        return await self.filas.count({"sorteo_id": sorteo_id, "estado": "pendiente"})

    async def cuantas(self, *, sorteo_id: PydanticObjectId) -> int:
        return await self.filas.count({"sorteo_id": sorteo_id})

    async def por_folio(
        self,
        *,
        sorteo_id: PydanticObjectId,
        despues_de: int = 0,
        limite: int = 1000,
        ids: Sequence[PydanticObjectId] | None = None,
    ) -> list[SolicitudDePrueba]:
        await self.llamada("por_folio")
        filtro: dict[str, Any] = {"sorteo_id": sorteo_id, "folio": {"$gt": despues_de}}
        filtro["estado"] = {"$in": POR_DECIDIR}
        if ids is not None:
            filtro["_id"] = {"$in": list(ids)}
        return await self.filas.find(filtro, orden=[("folio", 1)], limite=limite)

    async def cotejo(self, *, sorteo_id: PydanticObjectId) -> "FakeCotejo":
        return FakeCotejo(self, sorteo_id, await self.terminos(sorteo_id=sorteo_id))

    async def rechazar(self, *, sorteo_id: PydanticObjectId, rechazos: Mapping[int, str]) -> None:
        await self.llamada("rechazar")
        de_ellas = {"sorteo_id": sorteo_id, "folio": {"$in": list(rechazos)}, "estado": {"$in": POR_DECIDIR}}
        for fila in await self.filas.find(de_ellas):
            await self._mudar(fila, "rechazada", antes=fila.estado, motivo=rechazos[fila.folio])

    async def aprobar(self, *, sorteo_id: PydanticObjectId, limite: int) -> int:
        """Also those that were approved before, so that each is seen to be moved once."""
        await self.llamada("aprobar")
        por_mover = {"sorteo_id": sorteo_id, "estado": {"$in": POR_DECIDIR}, "antes": None}
        filas = await self.filas.find(por_mover, limite=limite)
        for fila in filas:
            await self._mudar(fila, "aprobada", antes=fila.estado, motivo=None)
        return len(filas)

    async def descongelar(self, *, sorteo_id: PydanticObjectId, despues_de: int, limite: int) -> int | None:
        await self.llamada("descongelar")
        movidas = {"sorteo_id": sorteo_id, "folio": {"$gt": despues_de}, "antes": {"$ne": None}}
        filas = await self.filas.find(movidas, orden=[("folio", 1)], limite=limite)
        for fila in filas:
            await self._mudar(fila, str(fila.antes), antes=None, motivo=None)
        return filas[-1].folio if len(filas) == limite else None

    async def por_publicar(self, *, sorteo_id: PydanticObjectId, puestos: Sequence[PuestoPublicado]) -> LoteDePrueba:
        suyas = {"_id": {"$in": [p.solicitud_id for p in puestos]}, "sorteo_id": sorteo_id}
        terminos = await self.terminos(sorteo_id=sorteo_id)
        return LoteDePrueba(self, sorteo_id, puestos, await self.filas.find(suyas), terminos)

    async def publicar(self, puestos: Sequence[PuestoPublicado]) -> None:
        await self.llamada("publicar")
        await self._publicar(puestos)

    async def asentar_lote(self, puestos: Sequence[PuestoPublicado]) -> None:
        await self.llamada("asentar_lote")
        with fuera_del_acto():
            await self._publicar(puestos)

    async def _publicar(self, puestos: Sequence[PuestoPublicado]) -> None:
        for puesto in puestos:
            fila = await self.filas.get(puesto.solicitud_id)
            assert fila is not None
            if fila.estado == "aprobada":
                await self._mudar(
                    fila,
                    "en_espera" if puesto.espacio is None else "asignada",
                    espacio=puesto.espacio,
                    espera=puesto.espera,
                    prestado=puesto.prestado,
                    condiciones=puesto.condiciones,
                )

    async def pasar_a(self, *, sorteo_id: PydanticObjectId, fase: str) -> None:
        await self.llamada("pasar_a")
        await self.ventanas.update_one({"_id": sorteo_id}, {"$set": {"fase": fase}})

    async def completas(self, *, sorteo_id: PydanticObjectId, cuantas: int) -> bool:
        del sorteo_id, cuantas
        return True

    async def en_espera(self, *, sorteo_id: PydanticObjectId) -> bool:
        return await self.filas.count({"sorteo_id": sorteo_id, "estado": {"$in": ["asignada", "en_espera"]}}) > 0

    async def anular(self, *, sorteo_id: PydanticObjectId, motivo: str | None, limite: int = 1000) -> int:
        await self.llamada("anular")
        self.anuladas_por.append(motivo)
        idas = {"pendiente": "cancelada", "aprobada": "cancelada", "asignada": "vencida", "en_espera": "retirada"}
        return await self._terminar(sorteo_id, idas, limite)

    async def finalizar(self, *, sorteo_id: PydanticObjectId, limite: int = 1000) -> int:
        await self.llamada("finalizar")
        return await self._terminar(sorteo_id, {"asignada": "vencida", "en_espera": "retirada"}, limite)

    async def vehiculo_alterado(
        self, *, de: PydanticObjectId, a: PydanticObjectId, limite: int
    ) -> PydanticObjectId | None:
        del de, a, limite
        return None

    async def copiar(self, *, de: PydanticObjectId, a: PydanticObjectId, limite: int) -> int:
        await self.llamada("copiar")
        hay = len(await self.todas(a))
        terminadas = await self.filas.find({"sorteo_id": de, "antes": {"$ne": None}}, orden=[("folio", 1)])
        copias = [
            fila.model_copy(
                update={"id": PydanticObjectId(), "sorteo_id": a, "folio": n, "estado": _por_sortear(fila.antes)}
            )
            for n, fila in enumerate(terminadas[hay : hay + limite], start=hay + 1)
        ]
        await self.filas.insert_many(copias)
        return len(copias)

    async def descartar_copias(self, *, sorteo_id: PydanticObjectId, limite: int) -> bool:
        await self.llamada("descartar_copias")
        if await self.fase(sorteo_id) != "borrador":
            return False
        ultimas = await self.filas.find({"sorteo_id": sorteo_id}, orden=[("folio", -1)], limite=limite)
        return await self.filas.delete_many({"_id": {"$in": [s.id for s in ultimas]}}) > 0

    async def a_quienes(self, *, ids: Sequence[PydanticObjectId]) -> dict[PydanticObjectId, list[PydanticObjectId]]:
        return {id: [self.quien_pidio.setdefault(id, PydanticObjectId())] for id in ids}

    async def guardadas(
        self, *, sorteos: Sequence[PydanticObjectId], espacios: Sequence[str]
    ) -> list[SolicitudDePrueba]:
        con_espacio = {"estado": {"$in": ["asignada", "ofrecida"]}, "espacio": {"$in": list(espacios)}}
        return await self.filas.find({**con_espacio, "sorteo_id": {"$in": list(sorteos)}})

    async def listado(self, *, ids: Sequence[PydanticObjectId]) -> dict[PydanticObjectId, SolicitudDePrueba]:
        await self.llamada("listado")
        return {fila.oid: fila for fila in await self.filas.find({"_id": {"$in": list(ids)}})}

    async def desenlaces(self, *, sorteos: Sequence[PydanticObjectId]) -> dict[PydanticObjectId, Counter[str]]:
        filas = await self.filas.find({"sorteo_id": {"$in": list(sorteos)}})
        cuentas: dict[PydanticObjectId, Counter[str]] = {id: Counter() for id in sorteos}
        for fila in filas:
            directas = {"aceptada": "aceptadas", "declinada": "declinadas", "vencida": "vencidas"}
            directas["asignada"] = "sin_responder"
            despues = {"en_espera": "siguen"} | dict.fromkeys(("ofrecida", *directas), "recibieron")
            en_que = directas if fila.espera is None else despues
            cuentas[fila.sorteo_id].update(["solicitudes", en_que.get(fila.estado, "")])
        return cuentas

    async def suerte(self, *, unidades: Sequence[PydanticObjectId], con_marcas: bool = False) -> list[Suerte]:
        del con_marcas
        await self.llamada("suerte")
        return [suerte for suerte in self.suertes if suerte.unidad_id in unidades]

    async def dicho_de_suertes(self) -> dict[str, frozenset[str]]:
        return {}

    async def suertes_de(self, *, ids: Sequence[PydanticObjectId]) -> list[Suerte]:
        return [suerte for suerte in self.suertes if suerte.id in ids]

    async def fase(self, sorteo_id: PydanticObjectId) -> str:
        ventana = await self.ventanas.get(sorteo_id)
        assert ventana is not None
        return ventana.fase

    async def todas(self, sorteo_id: PydanticObjectId) -> list[SolicitudDePrueba]:
        return await self.filas.find({"sorteo_id": sorteo_id}, orden=[("folio", 1)])

    async def _terminar(self, sorteo_id: PydanticObjectId, idas: Mapping[str, str], limite: int) -> int:
        filtro = {"sorteo_id": sorteo_id, "estado": {"$in": list(idas)}}
        lote = await self.filas.find(filtro, orden=[("folio", 1)], limite=limite)
        for fila in lote:
            await self._mudar(fila, idas[fila.estado], antes=fila.estado)
        return len(lote)

    async def _mudar(self, fila: SolicitudDePrueba, estado: str, **campos: object) -> None:
        await self.filas.update_one({"_id": fila.id}, {"$set": {"estado": estado, **campos}, "$inc": {"mudanzas": 1}})


@dataclass(frozen=True)
class Hechos:
    al_dia: bool = True
    torre: str | None = "1"
    perdidos_previos: Mapping[str, int] = field(default_factory=dict)
    condiciones: frozenset[str] = frozenset()
    tenencia: str | None = "propietario"
    fecha_ingreso: date | None = None
    sanciones_vigentes: int = 0
    sancionada: bool = False
    habitantes: tuple[PydanticObjectId, ...] = ()
    alterado: Alterado | None = None


@dataclass(frozen=True)
class Aspirante:
    unidad_id: PydanticObjectId = field(default_factory=PydanticObjectId)
    residente_id: PydanticObjectId = field(default_factory=PydanticObjectId)
    clase: str = "carro"
    electrico: bool = False
    usa_condiciones: bool = True


@dataclass(frozen=True)
class CambioDeHechos:
    unidad_id: PydanticObjectId
    campo: str
    cuando: datetime


@dataclass(frozen=True)
class Nombre:
    torre: str | None
    apartamento: str


@dataclass
class VehiculoConPlaca:
    unidad_id: PydanticObjectId
    tipo: str
    vehiculo_id: PydanticObjectId = field(default_factory=PydanticObjectId)


class FakeCondiciones:
    """A catalogue that has every condition but those of `sin`."""

    def __init__(self) -> None:
        self.sin: set[str] = set()
        self.creadas: list[tuple[str, Mapping[str, str], bool]] = []

    async def sin_condicion(self, *, codigos: Collection[str]) -> frozenset[str]:
        return frozenset(self.sin & set(codigos))

    async def nombres_de_condiciones(self, *, codigos: Collection[str]) -> Mapping[str, Mapping[str, str]]:
        hay = set(codigos) - self.sin
        return {c: {"es": f"{c} en español", "en": f"{c} in English"} for c in hay}

    async def crear_condiciones(self, *, condiciones: Sequence[tuple[str, Mapping[str, str], bool]]) -> None:
        self.creadas += condiciones
        self.sin -= {codigo for codigo, _, _ in condiciones}


@dataclass(frozen=True)
class FakeVivienda:
    ocupadas: Sequence[PydanticObjectId]
    alterado: str | None = None


class FakePadron(FakeCondiciones):
    """`hechos_de` by flat. The name of a flat is its id."""

    def __init__(self) -> None:
        super().__init__()
        self.hechos_de: dict[PydanticObjectId, Hechos] = {}
        self.cambios_de: list[CambioDeHechos] = []
        self.dichos_de: list[CambioDeHechos] = []
        self.aspiran: list[Aspirante] = []
        self.viven: dict[PydanticObjectId, list[PydanticObjectId]] = {}
        self.placas: dict[str, tuple[PydanticObjectId, str]] = {}
        self.torres: dict[str, list[PydanticObjectId]] = {}
        self.consultas: list[tuple[str, int]] = []
        self.sin_nombre: set[PydanticObjectId] = set()

    async def ocupar_unidad(self, *, unidad_id: PydanticObjectId) -> bool:
        return unidad_id in self.hechos_de

    def poner(self, unidad_id: PydanticObjectId, **campos: Any) -> None:
        self.hechos_de[unidad_id] = replace(self.hechos_de.get(unidad_id, Hechos()), **campos)

    async def hechos(
        self,
        *,
        pares: Sequence[tuple[PydanticObjectId, PydanticObjectId]],
        el: date,
        vivian: Sequence[Sequence[PydanticObjectId]] | None = None,
        dichas: Dichas | None = None,
    ) -> list[Hechos]:
        del vivian, dichas
        self.consultas.append((f"hechos {el}", len(pares)))
        return [self.hechos_de.get(unidad, Hechos()) for unidad, _ in pares]

    async def dichas(self) -> Dichas:
        return Dichas()

    async def sin_decir(self, dichas: Dichas) -> None:
        del dichas

    async def alterado_con_condicion(self, *, dichas: Dichas) -> None:
        del dichas

    async def aspirantes(
        self, *, despues_de: PydanticObjectId | None, limite: int
    ) -> tuple[list[Aspirante], PydanticObjectId | None]:
        """The id of a flat stands for that of its vehicle."""
        self.consultas.append(("aspirantes", limite))
        quedan = [a for a in self.aspiran if despues_de is None or a.unidad_id > despues_de][:limite]
        return quedan, quedan[-1].unidad_id if len(quedan) == limite else None

    async def cambios(self, *, unidades: Sequence[PydanticObjectId], desde: datetime) -> list[CambioDeHechos]:
        return [c for c in self.cambios_de if c.unidad_id in unidades and c.cuando >= desde]

    async def cambios_dichos(self, *, desde: datetime) -> dict[PydanticObjectId, list[CambioDeHechos]]:
        unidades = dict.fromkeys(c.unidad_id for c in self.dichos_de)
        return {u: [c for c in self.dichos_de if c.unidad_id == u and c.cuando >= desde] for u in unidades}

    async def unidades_de(self, *, residente_id: PydanticObjectId) -> list[PydanticObjectId]:
        return self.viven.get(residente_id, [])

    async def vivienda(self, *, residente_id: PydanticObjectId) -> FakeVivienda:
        return FakeVivienda(await self.unidades_de(residente_id=residente_id))

    async def unidades_de_torres(self, *, torres: Sequence[str]) -> list[PydanticObjectId]:
        return [unidad for torre in torres for unidad in self.torres.get(torre, [])]

    async def residentes_de(
        self, *, unidades: Sequence[PydanticObjectId]
    ) -> dict[PydanticObjectId, list[PydanticObjectId]]:
        viven = {unidad: [q for q, suyas in self.viven.items() if unidad in suyas] for unidad in unidades}
        return {unidad: suyos for unidad, suyos in viven.items() if suyos}

    async def vehiculo(self, *, placa: str) -> VehiculoConPlaca | None:
        return VehiculoConPlaca(*self.placas[placa]) if placa in self.placas else None

    async def vehiculo_alterado(self, *, vehiculos: Sequence[PydanticObjectId]) -> PydanticObjectId | None:
        del vehiculos
        return None

    async def nombres_de(self, *, unidades: Sequence[PydanticObjectId]) -> dict[PydanticObjectId, Nombre]:
        self.consultas.append(("nombres", len(unidades)))
        return {unidad: Nombre("1", str(unidad)) for unidad in unidades if unidad not in self.sin_nombre}

    async def personas(self, *, residentes: Sequence[PydanticObjectId]) -> dict[PydanticObjectId, str]:
        self.consultas.append(("personas", len(residentes)))
        return {residente: f"=Persona {residente}" for residente in residentes}


class FakePropias:
    """All that the flats where somebody lives ever asked for is theirs."""

    def __init__(self, solicitudes: FakeSolicitudes, padron: FakePadron) -> None:
        self._solicitudes = solicitudes
        self._padron = padron

    async def propias(self, *, residente_id: PydanticObjectId) -> list[PydanticObjectId]:
        unidades = await self._padron.unidades_de(residente_id=residente_id)
        return [fila.oid for fila in await self._solicitudes.filas.find({"unidad_id": {"$in": unidades}})]

    async def lugares_en_espera(self, *, ids: Sequence[PydanticObjectId]) -> dict[PydanticObjectId, int]:
        filas = sorted(await self._solicitudes.filas.find({"estado": "en_espera"}), key=lambda fila: fila.espera or 0)
        return {fila.oid: lugar for lugar, fila in enumerate(filas, 1) if fila.oid in ids}


class FakeAuditoria:
    """The chain is as long as `n` says."""

    def __init__(self) -> None:
        self.n = 0

    async def cabeza(self) -> CabezaDePaso | None:
        if self.n == 0:
            return None
        return CabezaDePaso(paso=Paso.cerrar, n=self.n, mac=f"{self.n:064x}", cuando=ahora())


@dataclass
class FakeRelato:
    """See `custodia.ports.Relato`."""

    seguidos: Sequence[tuple[str, Mapping[str, str]]]
    ultimo: str
    sueltos: Sequence[tuple[str, Mapping[str, str]]] = ()
    completo: bool = True


class DeNadie:
    """espacios.ports.Reclamos, where no claim is missing."""

    async def exigir_sin_nadie(self, espacio: Espacio, *, desde: date, hasta: date | None) -> None: ...


class FakeBitacora:
    """What was told to the audit. `_en_curso`: of what, and by whom, something is told in a transaction that may have
    been committed at this moment. The real one is read as the draw is; here whoever reads lets those come first, but
    not for long: they may be stopped there, and turns lapse meanwhile."""

    def __init__(self) -> None:
        self.sucesos: list[tuple[str, dict[str, str]]] = []
        self.de: list[tuple[PydanticObjectId, str, dict[str, str]]] = []
        self._en_curso: dict[PydanticObjectId, asyncio.Task[Any] | None] = {}

    async def suceso(
        self, *, tipo: str, datos: Mapping[str, str], hecho: bool = True, objeto: PydanticObjectId | None = None
    ) -> None:
        if objeto is None or not hecho:
            self.sucesos.append((tipo, dict(datos)))
        if objeto is not None:
            self._en_curso[objeto] = asyncio.current_task()
            al_confirmar(lambda: self._decir(objeto, tipo, dict(datos)))

    def _decir(self, objeto: PydanticObjectId, tipo: str, datos: dict[str, str]) -> None:
        datos.pop("tras", None)
        self.de.append((objeto, tipo, datos))
        self._en_curso.pop(objeto, None)

    async def aparte(
        self, *, tipo: str, datos: Mapping[str, str], objeto: PydanticObjectId, hecho: bool = True
    ) -> None:
        await self.suceso(tipo=tipo, datos=datos, objeto=objeto, hecho=hecho)

    async def anotar(
        self, llamada: Llamada | None, escritos: Sequence[tuple[str, object]], dichos: Dichos | None = None
    ) -> None:
        """As the unit of work tells it of a transaction."""
        del llamada, escritos
        for (tipo, objeto), datos in (dichos or {}).items():
            cual = PydanticObjectId(objeto or next(iter(datos)).partition(".")[0])
            al_confirmar(partial(self._decir, cual, tipo, dict(datos)))

    def deshecho(self, llamada: Llamada | None, escritos: Sequence[tuple[str, object]], dichos: Dichos) -> None:
        """Nobody asks."""

    async def dichos(self, *, objeto: PydanticObjectId, tipos: Collection[str]) -> list[Mapping[str, str]]:
        return [datos for _, datos in await self._de(objeto, tipos)]

    async def relato(self, *, objeto: PydanticObjectId, tipos: Collection[str], nace: str) -> FakeRelato:
        """Whole, whatever a test took away: what misses something is the matter of the real one."""
        del nace
        return FakeRelato(seguidos=await self._de(objeto, tipos), ultimo=str(objeto))

    async def denunciar_huecos(self) -> None: ...

    async def sin_huecos(self, *, objeto: PydanticObjectId, desde: str) -> bool:
        del objeto, desde
        return True

    async def _de(self, objeto: PydanticObjectId, tipos: Collection[str]) -> list[tuple[str, dict[str, str]]]:
        for _ in range(5):
            quien = self._en_curso.get(objeto)
            if quien is None or quien.done() or quien is asyncio.current_task():
                break
            await asyncio.sleep(0.01)
        return [(tipo, datos) for suyo, tipo, datos in self.de if suyo == objeto and tipo in tipos]

    async def dichos_de_todos(self, *, tipos: Collection[str]) -> dict[str, dict[str, list[Mapping[str, str]]]]:
        todos: dict[str, dict[str, list[Mapping[str, str]]]] = {tipo: {} for tipo in tipos}
        # Of a draw that is a draft as the transaction in course sees it, nothing was told when that began.
        sin_abrir = Sorteo.get_motor_collection().find({"estado": "borrador"}, ["_id"], session=current_session())
        borradores = {fila["_id"] async for fila in sin_abrir}
        for suyo, tipo, datos in self.de:
            if tipo in tipos and suyo not in borradores:
                todos[tipo].setdefault(str(suyo), []).append(datos)
        return todos

    async def dichos_por_partes(self, *, tipo: str) -> AsyncIterator[list[Mapping[str, str]]]:
        for _, suyo, datos in self.de:
            if suyo == tipo:
                yield [datos]


class FakeAvisos:
    """What was told, and to whom; None is everybody."""

    def __init__(self) -> None:
        self.dichos: list[tuple[str, PydanticObjectId | None, dict[str, Any]]] = []

    async def difundir(self, *, tipo: str, datos: Mapping[str, Any]) -> None:
        self.dichos.append((tipo, None, dict(datos)))

    async def avisar_varios(self, *, tipo: str, avisos: Sequence[tuple[PydanticObjectId, Mapping[str, Any]]]) -> None:
        self.dichos += [(tipo, residente_id, dict(datos)) for residente_id, datos in avisos]

    def de(self, tipo: str) -> list[dict[str, Any]]:
        return [datos for dicho, _, datos in self.dichos if dicho == tipo]


class FakeCuentas:
    """Only `confirmadores` may confirm."""

    def __init__(self) -> None:
        self.confirmadores: set[PydanticObjectId] = set()
        self.desde: list[datetime] = []

    async def otro_confirmador(self, *, excepto: PydanticObjectId, desde: datetime) -> bool:
        self.desde.append(desde)
        return bool(self.confirmadores - {excepto})

    async def puede_confirmar(self, *, usuario_id: PydanticObjectId, desde: datetime) -> bool:
        self.desde.append(desde)
        return usuario_id in self.confirmadores


class FakeFin:
    """Who is told what becomes of assignments. Any exchange will do, unless `no_permutan`."""

    def __init__(self) -> None:
        self.llamadas: list[tuple[PydanticObjectId, str | None]] = []
        self.revocadas: list[str] = []
        self.reclamadas: list[tuple[PydanticObjectId, str | None]] = []
        self.permutadas: dict[PydanticObjectId, str] = {}
        self.no_permutan = False

    async def reclamada(self, *, solicitud_id: PydanticObjectId, motivo: str | None) -> None:
        self.reclamadas.append((solicitud_id, motivo))

    async def sin_espera(self, *, solicitud_id: PydanticObjectId, motivo: str | None) -> None:
        pass

    def vigilar(self) -> AbstractAsyncContextManager[None]:
        return nullcontext()

    async def permutables(self, *, cambios: Mapping[PydanticObjectId, EspacioCopiado]) -> bool:
        del cambios
        return not self.no_permutan

    async def permutar(self, *, cambios: Mapping[PydanticObjectId, EspacioCopiado], motivo: str) -> bool:
        del motivo
        self.permutadas |= {id: espacio.codigo for id, espacio in cambios.items()}
        return not self.no_permutan

    async def asignacion_terminada(
        self, *, solicitud_id: PydanticObjectId, espacio: str | None, revocada: str | None = None
    ) -> None:
        self.revocadas += [revocada] if revocada is not None else []
        self.llamadas.append((solicitud_id, espacio))


class FakeOfertas:
    """Which spaces are in use again, and which flats have another right than before."""

    def __init__(self) -> None:
        self.codigos: list[str] = []
        self.unidades: list[PydanticObjectId] = []

    async def cambiaron(self, *, unidades: Collection[PydanticObjectId]) -> None:
        self.unidades += unidades

    async def espacio_disponible(self, *, codigo: str) -> None:
        self.codigos.append(codigo)


@dataclass(frozen=True)
class ConjuntoDePrueba:
    nombre: str | None = "Altos del Parque"
    nit: str | None = None
    ciudad: str | None = None
    direccion: str | None = None
    telefono: str | None = None
    fundamento: str | None = None
    papel: str = "carta"
    acta_por: str = "folio"


class FakeConjunto:
    def __init__(self) -> None:
        self.datos = ConjuntoDePrueba()

    async def ver(self) -> ConjuntoDePrueba:
        return self.datos
