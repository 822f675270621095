"""What is stored of flats, their vehicles and the people who live in them."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any

from beanie import Document, PydanticObjectId
from pydantic import BaseModel, model_validator
from pymongo import IndexModel

from app.modules.residentes.busqueda.claves import claves_de_residente, claves_de_unidad
from app.modules.residentes.catalogo.models import CondicionDelCatalogo
from app.shared.documents import UN_TEXTO, Documento
from app.shared.utils import clase_de_vehiculo


class TipoVehiculo(StrEnum):
    carro = "carro"
    moto = "moto"
    bicicleta = "bicicleta"


class TipoDocumento(StrEnum):
    CC = "CC"
    CE = "CE"
    PA = "PA"
    TI = "TI"
    RUT = "RUT"
    DNI = "DNI"
    CPF = "CPF"
    NIT = "NIT"
    PPT = "PPT"
    OTRO = "OTRO"


class Tenencia(StrEnum):
    propietario = "propietario"
    arrendatario = "arrendatario"


class EstadoResidente(StrEnum):
    activo = "activo"
    inactivo = "inactivo"


class EstadoCuenta(StrEnum):
    sin_invitar = "sin_invitar"
    invitada = "invitada"
    activa = "activa"


class PersonaCondicion(StrEnum):
    titular = "titular"
    convive = "convive"


class EstadoCondicion(StrEnum):
    declarada = "declarada"
    verificada = "verificada"
    rechazada = "rechazada"


_CON_CORREO = {"estado": "activo", "email": UN_TEXTO}
DESDE_SIEMPRE = datetime(2000, 1, 1, tzinfo=UTC)
"""Before anything that is stored here. For what asks whether there is an instant at all."""

HECHOS = frozenset({"al_dia", "perdidos_previos", "torre"})
"""Fields of a flat that a draw reads: each time that one was changed stands in `Unidad.cambiados_en`."""

HECHOS_DE_QUIEN_VIVE = frozenset({"fecha_ingreso", "estado"})
"""Fields of a resident that a draw reads of their flats; noted there too, as are `residentes` (who lives in it) and
`tenencia`, `sanciones`, and `condiciones` that staff decided about."""


class Unidad(Documento):
    """A flat. `version` grows with every change of it, of its vehicles or of who lives in it: two transactions that
    touch one flat write one document, and so one of them starts again and sees what the other did."""

    torre: str | None
    apartamento: str
    al_dia: bool = True
    al_dia_corte: date | None = None
    cupo: int | None = None
    perdidos_previos: dict[str, int] = {}
    cambiados_en: dict[str, list[datetime]] = {}
    version: int = 0

    def claves(self) -> dict[str, object]:
        """What is stored beside the fields to find and to sort by them; of its `palabras`, see `rotulos`."""
        return claves_de_unidad(self.torre, self.apartamento)

    class Settings(Documento.Settings):
        name = "unidades"
        indexes = [
            IndexModel("clave", name="unidad_clave", unique=True),
            IndexModel([("posicion", 1), ("_id", 1)], name="unidad_posicion"),
            IndexModel([("torre_clave", 1), ("posicion", 1), ("_id", 1)], name="unidad_torre_por_posicion"),
            IndexModel([("apartamento_clave", 1), ("posicion", 1), ("_id", 1)], name="unidad_apartamento_por_posicion"),
            IndexModel([("al_dia", 1), ("posicion", 1), ("_id", 1)], name="unidad_al_dia_por_posicion"),
            IndexModel([("palabras", 1), ("posicion", 1), ("_id", 1)], name="unidad_hallada_por"),
        ]


class Vehiculo(Documento):
    """A collection of its own: a unique index on a field of an array sees no repeats within one document.
    `electrico_verificado`: staff say so too; without it draws take no notice of `electrico`."""

    unidad_id: PydanticObjectId
    tipo: TipoVehiculo
    electrico: bool = False
    electrico_verificado: bool
    placa: str | None

    @model_validator(mode="before")
    @classmethod
    def _dicho_por_el_personal(cls, crudo: dict[str, Any]) -> dict[str, Any]:
        """Where nothing else is said: residents' own word is stored as such."""
        return {"electrico_verificado": crudo.get("electrico", False)} | crudo

    @property
    def cuenta_como_electrico(self) -> bool:
        return self.electrico and self.electrico_verificado

    @property
    def clase(self) -> str:
        return clase_de_vehiculo(self.tipo.value, electrico=self.cuenta_como_electrico)

    class Settings(Documento.Settings):
        name = "vehiculos"
        indexes = [
            IndexModel("placa", name="vehiculo_placa", unique=True, partialFilterExpression={"placa": UN_TEXTO}),
            IndexModel("unidad_id", name="vehiculo_unidad"),
            IndexModel([("tipo", 1), ("electrico", 1)], name="vehiculo_tipo"),
        ]


class Ocupacion(BaseModel):
    """One flat of a resident."""

    unidad_id: PydanticObjectId
    tenencia: Tenencia


class Dejada(BaseModel):
    """A flat that a resident left. `sorteos`: the draws that were not over then."""

    unidad_id: PydanticObjectId
    sorteos: list[PydanticObjectId]


class Condicion(BaseModel):
    """A personal condition of a resident or of who lives with them; at most one of each code."""

    codigo: str
    persona: PersonaCondicion
    estado: EstadoCondicion
    vigente_hasta: date | None = None
    nota: str | None = None
    declarada_en: datetime
    decidida_en: datetime | None = None
    decidida_por: PydanticObjectId | None = None

    def cuenta(self, el: date) -> bool:
        """Whether it counts on that day: verified, and not expired (its last day included)."""
        return self.estado is EstadoCondicion.verificada and not self.vencida(el)

    def vencida(self, el: date) -> bool:
        return self.vigente_hasta is not None and self.vigente_hasta < el


def codigos_que_cuentan(condiciones: Iterable[Mapping[str, Any]], el: date) -> set[str]:
    """The same rule, `Condicion.cuenta`, for conditions as they are stored."""
    dia = el.isoformat()
    return {
        condicion["codigo"]
        for condicion in condiciones
        if condicion["estado"] == EstadoCondicion.verificada
        and (condicion["vigente_hasta"] is None or condicion["vigente_hasta"] >= dia)
    }


class Residente(Documento):
    nombres: str
    apellidos: str
    tipo_documento: TipoDocumento
    numero_documento: str
    email: str | None = None
    telefono: str | None = None
    fecha_ingreso: date | None = None
    unidades: list[Ocupacion]
    dejadas: list[Dejada] = []
    condiciones: list[Condicion] = []
    estado: EstadoResidente = EstadoResidente.activo
    cuenta: EstadoCuenta = EstadoCuenta.sin_invitar
    supresion_pedida_en: datetime | None = None
    suprimido_en: datetime | None = None
    creado_en: datetime
    actualizado_en: datetime

    @property
    def activo(self) -> bool:
        return self.estado is EstadoResidente.activo

    @property
    def nombre_completo(self) -> str:
        return f"{self.nombres} {self.apellidos}"

    @property
    def ids_de_unidades(self) -> tuple[PydanticObjectId, ...]:
        return tuple(ocupacion.unidad_id for ocupacion in self.unidades)

    @property
    def ocupadas(self) -> frozenset[PydanticObjectId]:
        """The flats that this resident lives in now: none once inactive."""
        return frozenset(self.ids_de_unidades) if self.activo else frozenset()

    def condicion(self, codigo: str) -> Condicion | None:
        return next((c for c in self.condiciones if c.codigo == codigo), None)

    def claves(self) -> dict[str, object]:
        """What is stored beside the fields to find and to sort by them; of `palabras` and `viven_en`, see `rotulos`."""
        return claves_de_residente(self.nombres, self.apellidos)

    class Settings(Documento.Settings):
        name = "residentes"
        indexes = [
            # The number first: people sign in with the number alone.
            IndexModel(
                [("numero_documento", 1), ("tipo_documento", 1)],
                name="residente_documento",
                unique=True,
                partialFilterExpression={"estado": "activo"},
            ),
            IndexModel("email", name="residente_email", unique=True, partialFilterExpression=_CON_CORREO),
            IndexModel([("nombre", 1), ("_id", 1)], name="residente_nombre"),
            IndexModel([("creado_en", 1), ("_id", 1)], name="residente_creado"),
            IndexModel([("estado", 1), ("nombre", 1), ("_id", 1)], name="residente_estado_por_nombre"),
            IndexModel([("estado", 1), ("creado_en", 1), ("_id", 1)], name="residente_estado_por_fecha"),
            IndexModel([("cuenta", 1), ("nombre", 1), ("_id", 1)], name="residente_cuenta_por_nombre"),
            IndexModel([("cuenta", 1), ("creado_en", 1), ("_id", 1)], name="residente_cuenta_por_fecha"),
            IndexModel([("estado", 1), ("cuenta", 1)], name="residente_estado_cuenta"),
            IndexModel("unidades.unidad_id", name="residente_unidad"),
            IndexModel([("condiciones.codigo", 1), ("nombre", 1), ("_id", 1)], name="residente_condicion_por_nombre"),
            IndexModel([("condiciones.codigo", 1), ("creado_en", 1), ("_id", 1)], name="residente_condicion_por_fecha"),
            IndexModel([("palabras", 1), ("nombre", 1), ("_id", 1)], name="residente_hallado_por"),
            IndexModel(
                "actualizado_en",
                name="residente_ido",
                partialFilterExpression={"estado": "inactivo", "suprimido_en": None},
            ),
            IndexModel(
                "supresion_pedida_en",
                name="residente_supresion",
                partialFilterExpression={"supresion_pedida_en": {"$gt": DESDE_SIEMPRE}},
            ),
        ]


class Sancion(Documento):
    """What the assembly imposed on a flat, from one day to another, both included. `excluye`: while it is in force, the
    flat is drawn nothing."""

    unidad_id: PydanticObjectId
    motivo: str
    desde: date
    hasta: date
    excluye: bool
    creado_en: datetime

    class Settings(Documento.Settings):
        name = "sanciones"
        indexes = [
            IndexModel([("unidad_id", 1), ("desde", -1), ("_id", -1)], name="sancion_de_unidad"),
        ]


class Supresion(Documento):
    """That a resident was erased, whose id it has. It outlives what a restore puts in the place of everything else, so
    that who was erased does not come back with a copy of before."""

    suprimido_en: datetime

    class Settings(Documento.Settings):
        name = "supresiones"


DOCUMENTOS: tuple[type[Document], ...] = (Unidad, Vehiculo, Residente, Sancion, CondicionDelCatalogo, Supresion)
