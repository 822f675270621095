"""The roll from a file: flats alone, or people with their flat, vehicles and arrears, a row each."""

from collections.abc import AsyncIterable, Collection, Iterable, Sequence
from dataclasses import dataclass

import attrs
from beanie import PydanticObjectId

from app.core.clock import ahora
from app.core.imports.contract import Celda, Encargo, Ensayo, Leida, Plan, Vocabulario
from app.core.imports.reception import Recepcion, de_parametros, en_parametros
from app.core.jobs.contract import Cola, Rechazo
from app.core.security import Principal
from app.modules.residentes.busqueda.claves import en_orden_natural
from app.modules.residentes.importacion.estado import Clase, Cosa, Fila, Vista, con_otras_placas, rotulos_nuevos
from app.modules.residentes.importacion.filas import FilaDelPadron, leer
from app.modules.residentes.importacion.plan import Planificador
from app.modules.residentes.importacion.repository import ResidentesDeLote, UnidadesDeLote, VehiculosDeLote
from app.modules.residentes.importacion.vocabulario import PERSONAS, UNIDADES
from app.modules.residentes.permisos import Permisos
from app.modules.residentes.ports import Reservas, Solicitudes
from app.modules.residentes.rotulos.repository import Rotulos
from app.modules.residentes.sanciones.repository import SancionRepository
from app.shared.messages import Idioma

DE_UNIDADES = "residentes_importar_unidades"
DE_RESIDENTES = "residentes_importar_residentes"
_VOCABULARIOS = {DE_UNIDADES: UNIDADES, DE_RESIDENTES: PERSONAS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Opciones:
    """`simular`: say what would happen. `crear_unidades`: flats that there are not are made. `solo_cambios`: nothing is
    made. `idioma`: of the sheet."""

    simular: bool
    crear_unidades: bool
    solo_cambios: bool
    idioma: Idioma


@attrs.define(kw_only=True)
class ImportacionService:
    """Takes the file."""

    _recepcion: Recepcion
    _cola: Cola

    async def importar(
        self, tipo: str, contenido: AsyncIterable[bytes], opciones: Opciones, quien: Principal
    ) -> PydanticObjectId:
        """The job that will import it. Raises EntradaInvalida, and what reading `contenido` raises."""
        vocabulario: Vocabulario = _VOCABULARIOS[tipo]
        recibido = await self._recepcion.recibir(contenido, vocabulario)
        parametros = {
            "simular": opciones.simular,
            "crear_unidades": opciones.crear_unidades,
            "solo_cambios": opciones.solo_cambios,
            "idioma": opciones.idioma,
            **en_parametros(recibido),
        }
        return await self._cola.encolar(tipo=tipo, parametros=parametros, quien=quien, entrada=recibido.archivo)


@attrs.define(kw_only=True)
class Padron:
    """What an import of the roll reads and writes."""

    unidades: UnidadesDeLote
    residentes: ResidentesDeLote
    vehiculos: VehiculosDeLote
    rotulos: Rotulos
    permisos: Permisos
    solicitudes: Solicitudes
    sanciones: SancionRepository
    reservas: Reservas


@attrs.define(kw_only=True)
class ImportacionDelPadron:
    """An `Importacion`. `una_vez`: a flat is named by one row alone."""

    _encargo: Encargo
    _padron: Padron
    _de_personas: frozenset[str]
    _con_torres: bool
    _una_vez: bool
    _dicho: dict[int, int] = attrs.field(factory=dict, init=False)

    def leer(self, linea: int, celdas: Sequence[Celda]) -> Leida[FilaDelPadron]:
        leida = leer(linea, celdas, self._de_personas, con_torres=self._con_torres)
        if leida.datos is None or (rechazo := self._contradicho(linea, leida.datos)) is None:
            return leida
        return Leida(linea, None, [rechazo])

    def _contradicho(self, linea: int, fila: FilaDelPadron) -> Rechazo | None:
        """What an earlier row says otherwise: whichever came last would count, and the same file twice would change
        things twice. Numbers and not texts are kept of the rows, for there are many."""
        if fila.clave is not None:
            clave = hash(("unidad", fila.clave))
            antes = self._dicho.setdefault(clave, linea << 1 | (fila.al_dia is True)) if self._dice(fila) else None
            if self._una_vez and antes is not None and antes >> 1 != linea:
                return Rechazo(linea, "", "unidad_repetida", {"linea": antes >> 1})
            if antes is not None and fila.al_dia is not None and (antes & 1) != fila.al_dia:
                return Rechazo(linea, "al_dia", "dicho_de_otro_modo", {"linea": antes >> 1})
        for persona in fila.personas:
            if persona.numero_documento is None or persona.nombres is None:
                continue
            dice = hash((persona.nombres.casefold(), (persona.apellidos or "").casefold())) & 0xFFFFFFFF
            clave = hash((persona.tipo_documento, persona.numero_documento))
            antes = self._dicho.setdefault(clave, linea << 32 | dice)
            if antes & 0xFFFFFFFF != dice:
                return Rechazo(linea, "numero_documento", "dicho_de_otro_modo", {"linea": antes >> 32})
        return None

    def _dice(self, fila: FilaDelPadron) -> bool:
        return self._una_vez or fila.al_dia is not None

    async def planear(self, filas: Sequence[Leida[FilaDelPadron]], ensayo: Ensayo | None) -> Plan:
        instante = ahora()
        vista = await self._mirar([leida.datos for leida in filas if leida.datos is not None], ensayo)
        plan = Planificador(
            vista=vista,
            crear_unidades=self._encargo.parametros["crear_unidades"],
            solo_cambios=self._encargo.parametros["solo_cambios"],
            instante=instante,
        )
        for leida in filas:
            plan.planear(leida)

        async def escribir() -> None:
            rotulos = rotulos_nuevos(vista)
            await self._padron.unidades.escribir(vista.escritas(Clase.unidad), rotulos, plan.notas, instante)
            await self._padron.residentes.escribir(vista.escritas(Clase.residente), rotulos, instante)
            await self._padron.vehiculos.escribir(vista.escritas(Clase.vehiculo))
            await self._padron.rotulos.de_unidades(con_otras_placas(vista))
            await self._padron.rotulos.de_residentes([r.id for r in vista.escritas(Clase.residente) if not r.nueva])
            pagaron = [u.id for u in vista.escritas(Clase.unidad) if "al_dia" in u.antes and u.fila["al_dia"]]
            await self._padron.solicitudes.cambiaron(unidades=pagaron)

        return Plan(
            desenlaces=plan.desenlaces,
            rechazos=plan.rechazos,
            hechos=[cosa.hecho() for cosa in vista.escritas()],
            cuentas=plan.cuentas,
            escribir=escribir,
            ensayadas=() if ensayo is None else vista.ensayadas(),
        )

    async def _mirar(self, filas: Sequence[FilaDelPadron], ensayo: Ensayo | None) -> Vista:
        """Everything that those rows speak of."""
        propio = await self._padron.permisos.interesado(self._encargo.quien)
        vista = Vista(
            propias=frozenset(() if propio is None else propio.ids_de_unidades),
            yo=None if propio is None else propio.oid,
        )
        unidades = await self._padron.unidades.leer({fila.clave for fila in filas if fila.clave is not None})
        vista.sumar(Clase.unidad, await _con(ensayo, Clase.unidad, unidades, _buscadas("u", _posiciones(filas))))
        hay = [(fila, vista.unidad(fila.clave)) for fila in filas if fila.clave is not None]
        personas = [persona for fila in filas for persona in fila.personas]
        numeros = {p.numero_documento for p in personas if p.numero_documento is not None}
        correos = {p.email for p in personas if p.email is not None}
        sin_numero = _ids(u for f, u in hay if any(p.numero_documento is None for p in f.personas))
        residentes = await self._padron.residentes.leer(numeros, correos, sin_numero)
        claves = _buscadas("d", numeros) | _buscadas("e", correos) | _buscadas("r", sin_numero)
        vista.sumar(Clase.residente, await _con(ensayo, Clase.residente, residentes, claves))
        placas = {v.placa for fila in filas for v in fila.vehiculos if v.placa is not None}
        con_vehiculos = _ids(u for f, u in hay if f.vehiculos)
        vehiculos = await self._padron.vehiculos.leer(placas, con_vehiculos)
        claves = _buscadas("p", placas) | _buscadas("v", con_vehiculos)
        vista.sumar(Clase.vehiculo, await _con(ensayo, Clase.vehiculo, vehiculos, claves))
        vista.pedidos = await self._pedidos(filas, vista)
        return vista

    async def _pedidos(self, filas: Sequence[FilaDelPadron], vista: Vista) -> frozenset[PydanticObjectId]:
        """Those of the vehicles in live requests that a row would make another kind of."""
        dichos = [(vista.vehiculo(v.placa), v.tipo) for f in filas for v in f.vehiculos if v.placa is not None]
        otros = [v.id for v, tipo in dichos if v is not None and v.fila["tipo"] != tipo.value]
        return await self._padron.solicitudes.con_solicitud(vehiculos=otros) if otros else frozenset()


def _posiciones(filas: Sequence[FilaDelPadron]) -> set[str]:
    return {en_orden_natural(fila.clave) for fila in filas if fila.clave is not None}


def _buscadas(letra: str, valores: Iterable[object]) -> set[str]:
    return {f"{letra}:{valor}" for valor in valores}


def _ids(unidades: Iterable[Cosa | None]) -> set[PydanticObjectId]:
    return {unidad.id for unidad in unidades if unidad is not None}


async def _con(ensayo: Ensayo | None, clase: Clase, filas: Sequence[Fila], claves: Collection[str]) -> Collection[Fila]:
    """Those rows, and what a dry run would have made of them and beside them."""
    por_id = {f"{clase}:{fila['_id']}": fila for fila in filas}
    if ensayo is not None:
        por_id |= await ensayo.leer(claves)
    return por_id.values()


@attrs.frozen(kw_only=True)
class FabricaDelPadron:
    padron: Padron
    tipo: str

    def __call__(self, encargo: Encargo) -> ImportacionDelPadron:
        _, encabezado = de_parametros(encargo.parametros)
        return ImportacionDelPadron(
            encargo=encargo,
            con_torres=encabezado.dice("torre"),
            padron=self.padron,
            de_personas=_VOCABULARIOS[self.tipo].de_grupo,
            una_vez=self.tipo == DE_UNIDADES,
        )
