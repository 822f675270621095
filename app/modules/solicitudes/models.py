"""What the module stores: requests, their history, and the window of each draw."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Literal

import attrs
from beanie import Document, PydanticObjectId
from pydantic import BaseModel, ConfigDict
from pymongo import IndexModel

from app.modules.solicitudes.estados import Actor, Fase, RequestStatus
from app.shared.documents import Documento
from app.shared.pagination import Nombrados
from app.shared.utils import clase_de_vehiculo

_CON_PLAZO = {"estado": {"$in": ["asignada", "ofrecida"]}}
A_PLAZO: Mapping[str, Any] = {**_CON_PLAZO, "recordada": {"$in": [False, True]}}
"""Those of whom an answer is waited for, said as the one index of deadlines has them."""
_EN_LISTA = {"espera": {"$gt": 0}}


def tipo_de_clase(clase: str) -> str:
    """The kind of vehicle by its record: whether it is electric makes it no other vehicle."""
    return "carro" if clase == "carro_electrico" else clase


class VehiculoPedido(BaseModel):
    """The vehicle as it was when the request was made or last changed."""

    id: PydanticObjectId
    tipo: str
    electrico: bool
    placa: str | None

    @property
    def clase(self) -> str:
        return clase_de_vehiculo(self.tipo, electrico=self.electrico)


class Antes(BaseModel):
    """Where a request stood before the closing moved it, to be put back there exactly."""

    model_config = ConfigDict(frozen=True)

    estado: RequestStatus
    motivo: str | None


class Solicitud(Documento):
    """A request of a flat, which is of all who live there as long as one of them is among `habitantes`: its active
    residents when it was handed in. `ranura` counts the flat's live requests in the draw from 0: with the unique index
    below, the database itself keeps a flat from having more than it may. `impedimentos`: what the closing found; until
    then they are judged whenever somebody looks. `recordada`: they know of `vence_en`, which is near. `salida`: nobody
    is left in its flat; the draw's next step ends it, or whatever brings it back. `reglamento`: the hash of what they
    accepted. `vez`: how often it was written before its closing. `tuvo`: it came to hold a space. `marca`, `terminos`,
    `mirado`, `precinto`, `suerte`: see `movimientos`. `lugar`: `espera`, or below zero: its space was claimed back."""

    sorteo_id: PydanticObjectId
    folio: int
    unidad_id: PydanticObjectId
    residente_id: PydanticObjectId
    habitantes: list[PydanticObjectId]
    vehiculo: VehiculoPedido
    clase: str
    tipos: list[str]
    acepta: list[str] | None
    preferencias: list[str]
    usa_condiciones: bool
    reglamento: str | None = None
    estado: RequestStatus
    viva: bool
    ranura: int
    impedimentos: list[str] = []
    motivo: str | None = None
    espacio: str | None = None
    espera: int | None = None
    lugar: int | None = None
    prestado: bool = False
    condiciones: list[str] = []
    sorteada: bool = False
    salida: bool = False
    ofrecida: bool = False
    toques: int = 0
    vez: int = 1
    marca: str | None = None
    terminos: str | None = None
    mirado: dict[str, list[int]] | None = None
    precinto: str | None = None
    tuvo: bool = False
    suerte: str | None = None
    antes_del_cierre: Antes | None = None
    antes_de_anular: RequestStatus | None = None
    vence_en: datetime | None = None
    recordada: bool = False
    creado_en: datetime
    actualizado_en: datetime

    @property
    def reclamada(self) -> bool:
        """Whether it had a space that was claimed back, which it may still hold for some days."""
        return self.lugar is not None and self.lugar < 0

    class Settings(Documento.Settings):
        name = "solicitudes"
        indexes = [
            IndexModel([("sorteo_id", 1), ("folio", 1)], name="solicitud_folio", unique=True),
            IndexModel(
                [("sorteo_id", 1), ("vehiculo.id", 1)],
                name="solicitud_vehiculo_viva",
                unique=True,
                partialFilterExpression={"viva": True},
            ),
            IndexModel(
                [("sorteo_id", 1), ("unidad_id", 1), ("ranura", 1)],
                name="solicitud_unidad_viva",
                unique=True,
                partialFilterExpression={"viva": True},
            ),
            IndexModel([("residente_id", 1), ("creado_en", -1)], name="solicitud_de_residente"),
            IndexModel([("unidad_id", 1), ("creado_en", -1)], name="solicitud_de_unidad"),
            IndexModel([("sorteo_id", 1), ("estado", 1), ("lugar", 1), ("_id", 1)], name="solicitud_en_fila"),
            IndexModel([("sorteo_id", 1), ("espera", 1)], name="solicitud_en_lista", partialFilterExpression=_EN_LISTA),
            IndexModel(
                [("sorteo_id", 1), ("condiciones", 1), ("espera", 1)],
                name="solicitud_con_derecho",
                partialFilterExpression={**_EN_LISTA, "condiciones": {"$gt": ""}},
            ),
            IndexModel([("sorteo_id", 1), ("creado_en", -1), ("_id", -1)], name="solicitud_de_sorteo"),
            IndexModel([("folio", 1), ("_id", 1)], name="solicitud_por_folio"),
            IndexModel([("creado_en", -1), ("_id", -1)], name="solicitud_recientes"),
            IndexModel([("estado", 1), ("creado_en", -1), ("_id", -1)], name="solicitud_estado"),
            IndexModel([("estado", 1), ("sorteo_id", 1), ("clase", 1), ("viva", 1)], name="solicitud_cuentas"),
            IndexModel([("vehiculo.id", 1), ("viva", 1)], name="solicitud_de_vehiculo"),
            IndexModel([("vehiculo.placa", 1)], name="solicitud_placa"),
            IndexModel([("sorteo_id", 1)], name="solicitud_salidas", partialFilterExpression={"salida": True}),
            IndexModel(
                [("recordada", 1), ("vence_en", 1), ("_id", 1)],
                name="solicitud_con_plazo",
                partialFilterExpression=_CON_PLAZO,
            ),
        ]


@attrs.define(kw_only=True)
class SolicitudVista:
    """A request as it is read to be shown: see `Solicitud`."""

    id: PydanticObjectId
    folio: int
    sorteo_id: PydanticObjectId
    unidad_id: PydanticObjectId
    residente_id: PydanticObjectId
    habitantes: list[PydanticObjectId]
    vehiculo: VehiculoPedido | dict[str, Any]
    clase: str
    tipos: list[str]
    acepta: list[str] | None
    preferencias: list[str]
    usa_condiciones: bool
    estado: RequestStatus
    impedimentos: list[str]
    motivo: str | None
    espacio: str | None
    espera: int | None
    lugar: int | None
    prestado: bool
    vence_en: datetime | None
    creado_en: datetime

    @property
    def oid(self) -> PydanticObjectId:
        """As documents have it."""
        return self.id

    @classmethod
    def de(cls, solicitud: Solicitud) -> "SolicitudVista":
        return cls(**{campo: getattr(solicitud, campo) for campo in CAMPOS_VISTOS}, id=solicitud.oid)

    @classmethod
    def de_fila(cls, fila: Mapping[str, Any]) -> "SolicitudVista":
        """`fila` has the fields of `CAMPOS_VISTOS`."""
        vistos = {campo: fila[campo] for campo in CAMPOS_VISTOS}
        vistos["id"], vistos["estado"] = fila["_id"], RequestStatus(fila["estado"])
        return cls(**vistos)


CAMPOS_VISTOS = tuple(campo.name for campo in attrs.fields(SolicitudVista) if campo.name != "id")


class TipoMovimiento(StrEnum):
    estado = "estado"
    cambio = "cambio"
    prorroga = "prorroga"
    permuta = "permuta"


class Movimiento(Documento):
    """One line of a request's history, written once, in the transaction of the move or change that the line tells."""

    solicitud_id: PydanticObjectId
    tipo: TipoMovimiento
    de: RequestStatus | None
    a: RequestStatus
    actor: Actor
    usuario_id: PydanticObjectId | None
    cuando: datetime
    motivo: str | None
    cambios: dict[str, Any] = {}

    class Settings(Documento.Settings):
        name = "solicitudes_movimientos"
        indexes = [IndexModel([("solicitud_id", 1), ("cuando", 1), ("_id", 1)], name="movimiento_de_solicitud")]


class Terminos(BaseModel):
    """What a draw asks of its requests, fixed when it opens. `reglamento`: the hash of what whoever asks accepts."""

    aprobacion: Literal["manual", "automatica"]
    exige_al_dia: bool
    al_dia_en: Literal["solicitud", "cierre"]
    max_por_unidad: int
    max_por_tipo: dict[str, int] = {}
    reglamento: str | None = None
    compatibilidad: dict[str, list[str]]
    aceptacion: Literal["requerida", "tacita"]
    plazo_aceptacion_horas: int
    liberar_reservas: bool
    desde: date
    hasta: date

    def admite(self, clase: str, acepta: list[str] | None) -> list[str]:
        """The kinds of space that such a vehicle may use and its flat would take, the preferred first."""
        return [tipo for tipo in self.compatibilidad.get(clase, []) if acepta is None or tipo in acepta]

    def cabe_otra(self, tipo: str, vivas: Sequence[str]) -> bool:
        """Whether a flat with live requests for vehicles of the types `vivas` may have one more for that `tipo`."""
        maximo = self.max_por_tipo.get(tipo)
        return maximo is None or vivas.count(tipo) < maximo


class Ventanilla(Documento):
    """The place where requests of one draw are handed in, under the id of the draw. `clases`: the (tipo, reserva) that
    there are among the spaces of the draw, which it copied when it opened and which never change. `ultimo_folio`: the
    last folio that was given out. `copiada_hasta`: of the draw that this one repeats, the last folio that was copied.
    `toques` is written by who relies on the phase and changes nothing else."""

    fase: Fase
    terminos: Terminos
    clases: list[tuple[str, str | None]] = []
    cierre: datetime | None = None
    ultimo_folio: int = 0
    copiada_hasta: int = 0
    toques: int = 0

    def recibe(self, momento: datetime) -> bool:
        """From `cierre` on the window takes nothing, even if nobody has closed the draw yet."""
        return self.fase is Fase.abierto and (self.cierre is None or self.cierre > momento)

    class Settings(Documento.Settings):
        name = "solicitudes_ventanillas"
        indexes = [IndexModel("fase", name="ventanilla_fase")]


@attrs.frozen(kw_only=True)
class VentanillaVista:
    """As much of a window as showing and judging requests takes."""

    id: PydanticObjectId
    fase: Fase
    terminos: Terminos
    clases: list[tuple[str, str | None]]

    @classmethod
    def de_fila(cls, fila: Mapping[str, Any]) -> "VentanillaVista":
        """`fila` has the fields of `CAMPOS_DE_VENTANILLA`."""
        terminos = Terminos.model_validate(fila["terminos"])
        return cls(id=fila["_id"], fase=Fase(fila["fase"]), terminos=terminos, clases=fila["clases"])


CAMPOS_DE_VENTANILLA = ("fase", "terminos", "clases")
VENTANILLAS = Nombrados(coleccion=Ventanilla.Settings.name, campo="sorteo_id", campos=CAMPOS_DE_VENTANILLA)
"""Of requests, for lists of them."""


class Franja(Documento):
    """A stripe of the gate of a draw. A hand-in writes on the stripe of its flat, and closing the window writes on all
    stripes. So closing collides with every hand-in in course, and hand-ins of two flats seldom collide."""

    sorteo_id: PydanticObjectId
    numero: int
    toques: int = 0

    class Settings(Documento.Settings):
        name = "solicitudes_franjas"
        indexes = [IndexModel([("sorteo_id", 1), ("numero", 1)], name="franja_de_sorteo", unique=True)]


DOCUMENTOS: tuple[type[Document], ...] = (Solicitud, Movimiento, Ventanilla, Franja)
