"""Stand-ins for those the module asks. Residents are in memory: nobody here changes them halfway. Spaces are in the
database, so that what a transaction undoes is undone there too."""

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from beanie import Document, PydanticObjectId

from app.modules.solicitudes.models import tipo_de_clase
from app.modules.solicitudes.ports import Aceptada, Hallados, SegunLaApertura, Solicitante
from app.shared.documents import Documento
from app.shared.reading import Campo, Fila, Ids, Lectura
from app.shared.repository import Repository
from app.shared.utils import clave_de_apartamento


async def _nada() -> None:
    pass


Aviso = Callable[[], Awaitable[None]]


class Casilla(Documento):
    """A space of a draw; `de` is the request that it is kept for, or whose assignment holds it."""

    sorteo_id: PydanticObjectId
    codigo: str
    tipo: str
    reserva: str | None = None
    de: PydanticObjectId | None = None

    class Settings(Documento.Settings):
        name = "pruebas_casillas"


class Tenencia(Documento):
    """An assignment."""

    solicitud_id: PydanticObjectId
    unidad_id: PydanticObjectId
    vehiculo_id: PydanticObjectId | None = None
    clase: str
    codigo: str
    prestado: bool
    desde: date
    hasta: date
    vigente: bool = True

    class Settings(Documento.Settings):
        name = "pruebas_tenencias"


@dataclass(frozen=True)
class Asignada:
    id: PydanticObjectId
    estado: str
    desde: date
    hasta: date


@dataclass(frozen=True)
class Ocupado:
    unidad_id: PydanticObjectId
    tipo: str | None
    vehiculo_id: PydanticObjectId | None
    tipo_espacio: str | None
    desde: date
    hasta: date
    solicitud_id: PydanticObjectId | None = None


class _Suceso(Documento):
    objeto: PydanticObjectId
    tipo: str
    datos: dict[str, str]
    hecho: bool

    class Settings(Documento.Settings):
        name = "pruebas_sucesos"


DOCUMENTOS_DE_PRUEBA: tuple[type[Document], ...] = (Casilla, Tenencia, _Suceso)


class Casillas(Repository[Casilla]):
    model = Casilla


class Tenencias(Repository[Tenencia]):
    model = Tenencia


class FakeEspacios:
    """`al_asignar` runs in the middle of an acceptance: it has been written, and is not committed."""

    def __init__(self) -> None:
        self.casillas = Casillas()
        self.tenencias = Tenencias()
        self.revocadas: list[tuple[PydanticObjectId, str | None]] = []
        self.al_asignar: Aviso = _nada
        self.por_derecho: list[Ocupado] = []
        self.alterados: set[str] = set()
        self.reglas_leidas: list[PydanticObjectId] = []

    async def clases(self, *, sorteo_id: PydanticObjectId) -> list[tuple[str, str | None]]:
        return [(c.tipo, c.reserva) for c in await self.casillas.find({"sorteo_id": sorteo_id})]

    async def espacio(self, *, sorteo_id: PydanticObjectId, codigo: str) -> Casilla | None:
        return await self.casillas.find_one({"sorteo_id": sorteo_id, "codigo": codigo})

    async def publicados(self, *, sorteo_id: PydanticObjectId) -> SegunLaApertura:
        self.reglas_leidas.append(sorteo_id)
        return lambda codigo, _: codigo not in self.alterados

    async def tipos(self, *, sorteo_id: PydanticObjectId, codigos: Sequence[str]) -> dict[str, str]:
        suyas = await self.casillas.find({"sorteo_id": sorteo_id, "codigo": {"$in": list(codigos)}})
        return {c.codigo: c.tipo for c in suyas}

    def ocupados(self, *, unidades: Ids, desde: date, hasta: date) -> Lectura[list[Ocupado]]:
        def juntar(filas: list[Fila]) -> list[Ocupado]:
            vigentes = [Tenencia.model_validate(fila) for fila in filas]
            ocupados = [
                Ocupado(t.unidad_id, tipo_de_clase(t.clase), t.vehiculo_id, None, t.desde, t.hasta, t.solicitud_id)
                for t in vigentes
            ]
            ocupados += [o for o in self.por_derecho if isinstance(unidades, Campo) or o.unidad_id in unidades]
            return [o for o in ocupados if o.desde <= hasta and o.hasta >= desde]

        return self.tenencias.reading([{"$match": {"vigente": True}}], juntar, por=("unidad_id", unidades))

    async def guardar(self, *, codigo: str, solicitud_id: PydanticObjectId, desde: date, hasta: date) -> bool:
        assert desde <= hasta
        libre = {"codigo": codigo, "de": None}
        return await self.casillas.update_one(libre, {"$set": {"de": solicitud_id}}) is not None

    async def libre(self, *, codigo: str, desde: date, hasta: date) -> bool:
        assert desde <= hasta
        return await self.casillas.count({"codigo": codigo, "de": None}) == 1

    async def libres(
        self, *, sorteo_id: PydanticObjectId, desde: date, hasta: date
    ) -> AsyncIterator[tuple[str, Casilla | None]]:
        assert desde <= hasta
        for casilla in await self.casillas.find({"de": None}, orden=[("codigo", 1)]):
            yield casilla.codigo, casilla if casilla.sorteo_id == sorteo_id else None

    async def soltar(self, *, codigo: str, solicitud_id: PydanticObjectId) -> None:
        await self.casillas.update_one({"codigo": codigo, "de": solicitud_id}, {"$set": {"de": None}})

    async def soltar_varios(self, *, solicitudes: Sequence[PydanticObjectId]) -> None:
        await self.casillas.update_many({"de": {"$in": list(solicitudes)}}, {"$set": {"de": None}})

    async def asignar(
        self, *, sorteo_id: PydanticObjectId, desde: date, hasta: date, aceptadas: Sequence[Aceptada]
    ) -> set[PydanticObjectId]:
        await self.al_asignar()
        assert all(a.vehiculo["tipo"] for a in aceptadas)
        suyas = {"sorteo_id": sorteo_id, "de": {"$in": [a.solicitud_id for a in aceptadas]}}
        guardadas = {(casilla.codigo, casilla.de) for casilla in await self.casillas.find(suyas)}
        faltan = {a.solicitud_id for a in aceptadas if (a.codigo, a.solicitud_id) not in guardadas}
        if not faltan:
            await self.tenencias.insert_many(
                Tenencia(
                    solicitud_id=a.solicitud_id,
                    unidad_id=a.unidad_id,
                    vehiculo_id=PydanticObjectId(str(a.vehiculo["id"])),
                    clase=a.clase,
                    codigo=a.codigo,
                    prestado=a.prestado,
                    desde=desde,
                    hasta=hasta,
                )
                for a in aceptadas
            )
        return faltan

    async def asignadas(self, *, solicitudes: Sequence[PydanticObjectId]) -> dict[PydanticObjectId, Asignada]:
        return {
            t.solicitud_id: Asignada(t.oid, "vigente" if t.vigente else "terminada", t.desde, t.hasta)
            for t in await self.tenencias.find({"solicitud_id": {"$in": list(solicitudes)}})
        }

    async def revocar_varias(self, *, solicitudes: Sequence[PydanticObjectId], motivo: str | None) -> None:
        for solicitud_id in solicitudes:
            await self.terminar(solicitud_id=solicitud_id)
        self.revocadas += [(solicitud_id, motivo) for solicitud_id in solicitudes]

    async def terminar(self, *, solicitud_id: PydanticObjectId) -> str | None:
        tenencia = await self.tenencias.update_one(
            {"solicitud_id": solicitud_id, "vigente": True}, {"$set": {"vigente": False}}
        )
        if tenencia is None:
            return None
        await self.soltar(codigo=tenencia.codigo, solicitud_id=solicitud_id)
        return tenencia.codigo

    async def quien_tiene(self, codigo: str) -> PydanticObjectId | None:
        casilla = await self.casillas.find_one({"codigo": codigo})
        assert casilla is not None
        return casilla.de


@dataclass(frozen=True)
class VehiculoRegistrado:
    id: PydanticObjectId
    unidad_id: PydanticObjectId
    tipo: str
    electrico: bool
    placa: str | None


@dataclass(frozen=True)
class Ficha:
    torre: str | None
    apartamento: str
    al_dia: bool
    cupo: int | None
    condiciones: frozenset[str]
    sancionada: bool


@dataclass(frozen=True)
class Peticion:
    ficha: Ficha
    nombres: Mapping[PydanticObjectId, str]
    principal_id: PydanticObjectId | None
    vehiculo: VehiculoRegistrado | None
    alterados: frozenset[str] = frozenset()
    vistos: Mapping[str, int] = field(default_factory=dict)


@dataclass
class Piso:
    torre: str | None
    apartamento: str
    al_dia: bool = True
    cupo: int | None = None
    condiciones: set[str] = field(default_factory=set)
    sancionada: bool = False


@dataclass
class Persona:
    nombre: str
    unidades: tuple[PydanticObjectId, ...]
    activo: bool = True


class FakePadron:
    """`al_tocar` runs when a hand-in has judged all its rules and written nothing yet."""

    def __init__(self) -> None:
        self.pisos: dict[PydanticObjectId, Piso] = {}
        self.personas: dict[PydanticObjectId, Persona] = {}
        self.vehiculos: dict[PydanticObjectId, VehiculoRegistrado] = {}
        self.tocadas: list[PydanticObjectId] = []
        self.al_tocar: Aviso = _nada

    async def solicitante(self, *, residente_id: PydanticObjectId, actua: bool = False) -> Solicitante | None:
        del actua
        persona = self.personas.get(residente_id)
        return None if persona is None else Solicitante(residente_id, persona.activo, persona.unidades)

    def peticion(
        self, *, unidad_id: PydanticObjectId, vehiculo_id: PydanticObjectId | None, placa: str | None
    ) -> Lectura[Peticion | None]:
        con_placa = (v for v in self.vehiculos.values() if v.placa == placa)
        vehiculo = self.vehiculos.get(vehiculo_id) if vehiculo_id is not None else next(con_placa, None)
        viven = [r for r, p in self.personas.items() if p.activo and unidad_id in p.unidades]
        leidas = self.fichas(unidades=[unidad_id], residentes=viven)
        return leidas.luego(
            lambda leido: (
                Peticion(leido[0][unidad_id], leido[1], next(iter(leido[1]), None), vehiculo)
                if unidad_id in leido[0]
                else None
            )
        )

    async def historia(self, *, con_al_dia: bool) -> Mapping[str, Mapping[str, Sequence[int]]]:
        del con_al_dia
        return {"al_dia": {}, "vehiculo": {}}

    async def placas(
        self, *, vehiculos: Sequence[PydanticObjectId]
    ) -> dict[PydanticObjectId, tuple[PydanticObjectId, str | None]]:
        suyos = (v for id, v in self.vehiculos.items() if id in vehiculos)
        return {v.id: (v.unidad_id, v.placa) for v in suyos}

    async def vehiculo_alterado(self, *, vehiculos: Sequence[PydanticObjectId]) -> PydanticObjectId | None:
        del vehiculos
        return None

    async def de_quien(self, *, vehiculos: Sequence[PydanticObjectId]) -> Mapping[PydanticObjectId, PydanticObjectId]:
        return {v: self.vehiculos[v].unidad_id for v in vehiculos if v in self.vehiculos}

    def fichas(
        self, *, unidades: Ids, residentes: Ids = ()
    ) -> Lectura[tuple[dict[PydanticObjectId, Ficha], dict[PydanticObjectId, str]]]:
        # It is not asked of the database: where the ids are read together with this, it is of everybody.
        unidades = self.pisos if isinstance(unidades, Campo) else unidades
        residentes = self.personas if isinstance(residentes, Campo) else residentes
        pisos = {u: self.pisos[u] for u in unidades if u in self.pisos}
        fichas = {
            u: Ficha(p.torre, p.apartamento, p.al_dia, p.cupo, frozenset(p.condiciones), p.sancionada)
            for u, p in pisos.items()
        }
        return Lectura.hecha((fichas, {r: self.personas[r].nombre for r in residentes}))

    async def siguen_alli(
        self, *, pedidas: Sequence[tuple[PydanticObjectId, PydanticObjectId, Sequence[PydanticObjectId]]]
    ) -> list[bool]:
        viven = await self.residentes_de(unidades={unidad for unidad, _, _ in pedidas})
        return [not set(viven.get(unidad, ())).isdisjoint(suyos) for unidad, _, suyos in pedidas]

    async def tocar_unidades(self, *, unidades: Collection[PydanticObjectId]) -> None:
        await self.al_tocar()
        self.tocadas.extend(unidades)

    async def residentes_de(
        self, *, unidades: Collection[PydanticObjectId]
    ) -> dict[PydanticObjectId, list[PydanticObjectId]]:
        activos = {r: p.unidades for r, p in self.personas.items() if p.activo}
        viven = {u: [r for r, suyas in activos.items() if u in suyas] for u in unidades}
        return {u: residentes for u, residentes in viven.items() if residentes}

    async def unidades_llamadas(self, *, claves: Collection[str]) -> Mapping[str, PydanticObjectId]:
        todas = {clave_de_apartamento(p.torre, p.apartamento): u for u, p in self.pisos.items()}
        return {clave: todas[clave] for clave in claves if clave in todas}

    async def unidades_de_torres(self, *, torres: Sequence[str]) -> list[PydanticObjectId]:
        return [u for u, p in self.pisos.items() if (p.torre or "") in torres]

    async def buscar(self, *, q: str) -> Hallados:
        llamados = [r for r, p in self.personas.items() if q.lower() in p.nombre.lower()]
        return Hallados(llamados, [u for u, p in self.pisos.items() if q == p.apartamento])


class FakeAvisos:
    """What was told, and to whom, in the order of telling."""

    def __init__(self) -> None:
        self.dichos: list[tuple[str, PydanticObjectId, dict[str, Any]]] = []
        self.veces = 0

    async def avisar_varios(self, *, tipo: str, avisos: Sequence[tuple[PydanticObjectId, Mapping[str, Any]]]) -> None:
        self.veces += 1
        self.dichos += [(tipo, residente_id, dict(datos)) for residente_id, datos in avisos]


class _Sucesos(Repository[_Suceso]):
    model = _Suceso


class FakeBitacora:
    """Told in the transaction in course, as the real one is."""

    def __init__(self) -> None:
        self.sucesos = _Sucesos()

    async def aparte(
        self, *, tipo: str, datos: Mapping[str, str], objeto: PydanticObjectId, hecho: bool = True
    ) -> None:
        await self.sucesos.insert(_Suceso(objeto=objeto, tipo=tipo, datos=dict(datos), hecho=hecho))

    async def dichos(self, *, objeto: PydanticObjectId, tipos: Collection[str]) -> list[Mapping[str, str]]:
        return [s.datos for s in await self.sucesos.find({"objeto": objeto, "tipo": {"$in": list(tipos)}})]

    async def sin_huecos(self, *, objeto: PydanticObjectId, desde: str) -> bool:
        del objeto, desde
        return True

    async def dichos_de_todos(self, *, tipos: Collection[str]) -> dict[str, dict[str, list[Mapping[str, str]]]]:
        todos: dict[str, dict[str, list[Mapping[str, str]]]] = {tipo: {} for tipo in tipos}
        for s in await self.sucesos.find({"tipo": {"$in": list(tipos)}}):
            todos[s.tipo].setdefault(str(s.objeto), []).append(s.datos)
        return todos
