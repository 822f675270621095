"""Requests from a file, for the counter: a flat and a plate a row. Each row is a hand-in, judged as any other, but for
those that say what is there already: a list that was taken out can be brought in again, and changes nothing.

A dry run hands them in and takes all of it back within one transaction of its own, so that it says what the real one
would."""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterable, Mapping, Sequence
from contextvars import Context
from dataclasses import dataclass

import attrs
from beanie import PydanticObjectId
from pydantic import ValidationError

from app.core.imports.contract import Celda, Desenlace, Encargo, Ensayo, Hecho, Leida, Plan, Que, Vocabulario
from app.core.imports.reception import Recepcion, en_parametros
from app.core.jobs.contract import Cola, Rechazo
from app.core.security import Principal
from app.database.unit_of_work import UnitOfWork
from app.modules.solicitudes.alta.service import AltaService
from app.modules.solicitudes.archivos.repository import Entregada, EntregadaRepository
from app.modules.solicitudes.decisiones.service import DecisionService
from app.modules.solicitudes.exceptions import SolicitudDuplicada
from app.modules.solicitudes.movimientos.repository import MovimientoRepository
from app.modules.solicitudes.ports import Padron
from app.modules.solicitudes.repository import RanuraOcupada
from app.modules.solicitudes.schemas import RequestCreate
from app.modules.solicitudes.ventanilla.repository import VentanillaRepository
from app.shared.exceptions import EntradaInvalida, NoDisponible, ParkNetError
from app.shared.field_rules import regla_rota
from app.shared.messages import Idioma
from app.shared.tables import si_o_no
from app.shared.utils import clave_de_apartamento, normalizar_placa, sin_espacios_de_mas

TIPO = "solicitudes_importar_solicitudes"
DE_UNA_VEZ = 20
"""Rows in a transaction: each is a dozen commands."""
CHOQUES = (RanuraOcupada,)
_MAXIMO = 40
_CLASE = "solicitud"
_FOLIO = re.compile(r"[0-9]{1,9}", re.ASCII)
VOCABULARIO = Vocabulario(
    columnas={
        "torre": ["torre", "bloque", "edificio", "interior", "tower", "block", "bloco"],
        "apartamento": [
            "apartamento",
            "apto",
            "apt",
            "depto",
            "unidad",
            "casa",
            "unit",
            "flat",
            "apartment",
            "unidade",
        ],
        "placa": ["placa", "patente", "matricula", "plate", "license plate", "vehiculo"],
        "folio": ["folio"],
        "acepta_reglamento": ["acepta reglamento", "acepta el reglamento", "reglamento", "accepts rules"],
    },
    exigidas=[frozenset({"apartamento", "placa"})],
    claves=frozenset({"torre", "apartamento", "placa", "folio"}),
)


@dataclass(frozen=True, slots=True)
class Pedida:
    """A row: the flat as it is written, and the plate. `folio`: of a list that was taken out; there alone the plate may
    be missing, as that of a bicycle is. `acepta`: they accept the rules of the house, where the draw has some."""

    torre: str | None
    apartamento: str
    placa: str | None
    folio: int | None
    acepta: bool

    @property
    def clave(self) -> str:
        return clave_de_apartamento(self.torre, self.apartamento)

    @property
    def nombre(self) -> str:
        return " ".join(filter(None, [self.torre, self.apartamento]))


@attrs.define(kw_only=True)
class ImportacionService:
    """Takes the file."""

    _recepcion: Recepcion
    _ventanillas: VentanillaRepository
    _cola: Cola

    async def importar(
        self,
        contenido: AsyncIterable[bytes],
        *,
        sorteo_id: PydanticObjectId,
        simular: bool,
        idioma: Idioma,
        quien: Principal,
    ) -> PydanticObjectId:
        """The job that will import it. Raises EntradaInvalida, and what reading `contenido` raises."""
        if await self._ventanillas.get(sorteo_id) is None:
            raise EntradaInvalida.en("sorteo_id", "no_existe")
        recibido = await self._recepcion.recibir(contenido, VOCABULARIO)
        parametros = {"sorteo_id": sorteo_id, "simular": simular, "idioma": idioma, **en_parametros(recibido)}
        return await self._cola.encolar(tipo=TIPO, parametros=parametros, quien=quien, entrada=recibido.archivo)


class _Ensayada(Exception):
    """Takes back all that a dry run handed in."""


@attrs.define(kw_only=True)
class ImportacionDeSolicitudes:
    """An `Importacion`."""

    _encargo: Encargo
    _altas: AltaService
    _entregadas: EntregadaRepository
    _padron: Padron
    _uow: UnitOfWork

    def leer(self, linea: int, celdas: Sequence[Celda]) -> Leida[Pedida]:
        dichas = {celda.columna.campo: sin_espacios_de_mas(celda.texto) for celda in celdas}
        dicho = dichas.get("folio", "")
        folio = int(dicho) if _FOLIO.fullmatch(dicho) else None
        exigidos = ("apartamento", "placa") if folio is None else ("apartamento",)
        faltan = [campo for campo in exigidos if not dichas.get(campo)]
        largas = [campo for campo, dicho in dichas.items() if len(dicho) > _MAXIMO]
        rechazos = [Rechazo(linea, campo, "requerido") for campo in faltan]
        rechazos += [Rechazo(linea, campo, "muy_largo", {"max_length": _MAXIMO}) for campo in largas]
        acepta = si_o_no(dichas.get("acepta_reglamento") or "no")
        if acepta is None:
            rechazos.append(Rechazo(linea, "acepta_reglamento", "si_o_no"))
        if rechazos:
            return Leida(linea, None, rechazos)
        placa = normalizar_placa(dichas["placa"]) if dichas.get("placa") else None
        return Leida(linea, Pedida(dichas.get("torre"), dichas["apartamento"], placa, folio, bool(acepta)))

    async def planear(self, filas: Sequence[Leida[Pedida]], ensayo: Ensayo | None) -> Plan:
        if ensayo is None:
            return await self._pedir(filas)
        # A transaction beside the one in course, which ends in nothing.
        return await asyncio.create_task(self._ensayar(filas), context=Context())

    async def _ensayar(self, filas: Sequence[Leida[Pedida]]) -> Plan:
        dicho: list[Plan] = []

        async def fn() -> None:
            dicho.append(await self._pedir(filas))
            raise _Ensayada

        with contextlib.suppress(_Ensayada):
            await self._uow.run(fn)
        return dicho[-1]

    async def _pedir(self, filas: Sequence[Leida[Pedida]]) -> Plan:
        pedidas = [(leida.linea, leida.datos) for leida in filas if leida.datos is not None]
        sorteo_id = PydanticObjectId(self._encargo.parametros["sorteo_id"])
        unidades = await self._padron.unidades_llamadas(claves={pedida.clave for _, pedida in pedidas})
        folios = [pedida.folio for _, pedida in pedidas if pedida.folio is not None]
        hay = await self._entregadas.por_folios(sorteo_id, folios)
        desenlaces, rechazos, hechos = list[Desenlace](), list[Rechazo](), list[Hecho]()
        for linea, pedida in pedidas:
            if (unidad_id := unidades.get(pedida.clave)) is None:
                rechazos.append(Rechazo(linea, "apartamento", "unidad_desconocida"))
                continue
            if _es_de(pedida, unidad_id, hay):
                desenlaces.append(Desenlace(linea, Que.sin_cambio, pedida.nombre))
                continue
            if pedida.placa is None:
                rechazos.append(Rechazo(linea, "placa", "requerido"))
                continue
            try:
                datos = RequestCreate(
                    sorteo_id=sorteo_id,
                    unidad_id=unidad_id,
                    placa=pedida.placa,
                    acepta_reglamento=pedida.acepta,
                )
                pedido = await self._altas.crear(datos, self._encargo.quien)
            except (NoDisponible, *CHOQUES):
                raise
            except ValidationError as error:
                rota = error.errors()[0]
                codigo, datos_de_la_regla = regla_rota(rota["type"], rota.get("ctx", {}))
                rechazos.append(Rechazo(linea, str(rota["loc"][0]), codigo, datos_de_la_regla))
            except SolicitudDuplicada:
                desenlaces.append(Desenlace(linea, Que.sin_cambio, pedida.nombre))
            except EntradaInvalida as error:
                roto = error.errores[0]
                rechazos.append(Rechazo(linea, roto.campo, roto.codigo, roto.datos))
            except ParkNetError as error:
                rechazos.append(Rechazo(linea, "placa", error.codigo, error.datos))
            else:
                desenlaces.append(Desenlace(linea, Que.creada, pedida.nombre))
                hechos.append(Hecho(_CLASE, pedido.id, None, {}))
        return Plan(
            desenlaces=desenlaces,
            rechazos=rechazos,
            hechos=hechos,
            cuentas={},
            escribir=_nada_mas,
            ensayadas=(),
        )


def _es_de(pedida: Pedida, unidad_id: PydanticObjectId, hay: Mapping[int, Entregada]) -> bool:
    """Whether the row is of the request of its folio, in whatever state that is now: not of another draw's."""
    entregada = None if pedida.folio is None else hay.get(pedida.folio)
    return entregada is not None and (entregada.unidad_id, entregada.placa) == (unidad_id, pedida.placa)


async def _nada_mas() -> None:
    """What a row hands in is written as the row is judged."""


@attrs.define(kw_only=True)
class DeshacedorDeSolicitudes:
    """Takes back what imports handed in: cancels it, for a folio that was given is never deleted. What somebody moved
    or changed since, or can no longer be cancelled, stays."""

    _historial: MovimientoRepository
    _decisiones: DecisionService

    async def deshacer(self, hechos: Sequence[Hecho], quien: Principal) -> int:
        ids = [hecho.id for hecho in hechos]
        tocadas = await self._historial.tocadas(ids)
        return await self._decisiones.cancelar([id for id in ids if id not in tocadas], quien)


@attrs.frozen(kw_only=True)
class FabricaDeSolicitudes:
    altas: AltaService
    entregadas: EntregadaRepository
    padron: Padron
    uow: UnitOfWork

    def __call__(self, encargo: Encargo) -> ImportacionDeSolicitudes:
        return ImportacionDeSolicitudes(
            encargo=encargo, altas=self.altas, entregadas=self.entregadas, padron=self.padron, uow=self.uow
        )
