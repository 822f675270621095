"""What goes in and out of `/sorteo`."""

from typing import Annotated, Literal, Self

from beanie import PydanticObjectId
from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from app.modules.sorteo.estados import EstadoSorteo
from app.shared.schemas import (
    Codigo,
    CodigoEspacio,
    Entre,
    Fecha,
    Id,
    InputSchema,
    Instante,
    InstanteOut,
    Motivo,
    OutputSchema,
    Texto,
    sin_repetidos,
)

COMPATIBILIDAD = {
    "carro": ["carro"],
    "carro_electrico": ["carro_electrico", "carro"],
    "moto": ["moto"],
    "bicicleta": ["bicicleta"],
}
Tipos = Annotated[list[Codigo], Field(min_length=1, max_length=8), AfterValidator(sin_repetidos)]
Compatibilidad = Annotated[dict[Codigo, Tipos], Field(min_length=1, max_length=30)]
Espacios = Annotated[list[CodigoEspacio], Field(max_length=20_000), AfterValidator(sin_repetidos)]
Prioridades = Annotated[list[Codigo], Field(max_length=100), AfterValidator(sin_repetidos)]
Nombre = Annotated[str, Texto(1, 120)]


def _con_cifras(forma: str) -> str:
    if forma.count("#") < 4:
        raise PydanticCustomError("forma_sin_cifras", "al menos cuatro #")
    return forma


class VigenciaIn(InputSchema):
    desde: Fecha
    hasta: Fecha

    @model_validator(mode="after")
    def _en_orden(self) -> Self:
        if self.hasta < self.desde:
            raise PydanticCustomError("fechas_al_reves", "desde <= hasta")
        return self


class FuentePublicaIn(InputSchema):
    tipo: Literal["publica"]
    descripcion: Annotated[str, Texto(1, 300)]
    disponible_desde: Instante
    forma: Annotated[str, Texto(4, 100), AfterValidator(_con_cifras)]


class FuenteDrandIn(InputSchema):
    tipo: Literal["drand"]
    ronda: Annotated[int, Entre(1, 2**40)]


FuenteIn = Annotated[FuentePublicaIn | FuenteDrandIn, Field(discriminator="tipo")]


class LotteryParams(InputSchema):
    """`espacios` and `prioridades` null: all that are available, all that are active, when it opens."""

    nombre: Nombre
    vigencia: VigenciaIn
    fuente_entropia: FuenteIn
    apertura: Instante | None = None
    cierre: Instante | None = None
    espacios: Espacios | None = None
    prioridades: Prioridades | None = None
    repite_a: Id | None = None
    liberar_reservas: bool = True
    aprobacion: Literal["manual", "automatica"] = "manual"
    exige_al_dia: bool = True
    al_dia_en: Literal["solicitud", "cierre"] = "cierre"
    max_por_unidad: Annotated[int, Entre(1, 50)] = 1
    compatibilidad: Compatibilidad = COMPATIBILIDAD
    aceptacion: Literal["requerida", "tacita"] = "requerida"
    plazo_aceptacion_horas: Annotated[int, Entre(1, 8760)] = 72
    ensayo: bool = False


class LotteryParamsUpdate(LotteryParams):
    """Every field of LotteryParams may be sent; what is absent stays. Null only where LotteryParams takes it."""

    nombre: Nombre | None = None  # type: ignore[assignment]
    vigencia: VigenciaIn | None = None  # type: ignore[assignment]
    fuente_entropia: FuenteIn | None = None  # type: ignore[assignment]

    @model_validator(mode="after")
    def _sin_nulos(self) -> Self:
        for campo in ("nombre", "vigencia", "fuente_entropia"):
            if campo in self.model_fields_set and getattr(self, campo) is None:
                raise PydanticCustomError("tipo_invalido", "no admite null")
        return self


class ConMotivo(InputSchema):
    motivo: Motivo


class ProrrogaCierre(InputSchema):
    cierre: Instante
    motivo: Motivo


class Reapertura(InputSchema):
    motivo: Motivo
    cierre: Instante | None = None


class Ejecucion(InputSchema):
    entropia: Annotated[str, Field(min_length=1, max_length=1000)] | None = None


class VigenciaOut(OutputSchema):
    desde: str
    hasta: str


class FuentePublicaOut(OutputSchema):
    tipo: Literal["publica"]
    descripcion: str
    disponible_desde: InstanteOut
    forma: str


class FuenteDrandOut(OutputSchema):
    tipo: Literal["drand"]
    ronda: int
    disponible_desde: InstanteOut


class HuellaAnteriorOut(OutputSchema):
    huella: str
    cerrado_en: InstanteOut
    reabierto_en: InstanteOut
    motivo: str


class AnulacionOut(OutputSchema):
    """`efecto_en`: when it takes effect by itself, where there is nobody to confirm it."""

    motivo: str
    pedida_en: InstanteOut
    efecto_en: InstanteOut | None


class LotteryOut(OutputSchema):
    id: PydanticObjectId
    nombre: str
    vigencia: VigenciaOut
    fuente_entropia: FuentePublicaOut | FuenteDrandOut
    apertura: InstanteOut | None
    cierre: InstanteOut | None
    espacios: list[str] | None
    prioridades: list[str] | None
    repite_a: PydanticObjectId | None
    liberar_reservas: bool
    aprobacion: str
    exige_al_dia: bool
    al_dia_en: str
    max_por_unidad: int
    compatibilidad: dict[str, list[str]]
    aceptacion: str
    plazo_aceptacion_horas: int
    ensayo: bool
    estado: EstadoSorteo
    compromiso: str | None
    huella_reglas: str | None
    huella: str | None
    participantes: int | None
    espacios_en_juego: int | None
    huellas_anteriores: list[HuellaAnteriorOut]
    anulacion: AnulacionOut | None
    creado_en: InstanteOut
    abierto_en: InstanteOut | None
    cerrado_en: InstanteOut | None
    ejecutado_en: InstanteOut | None
    publicado_en: InstanteOut | None
    finalizado_en: InstanteOut | None
    anulado_en: InstanteOut | None


class LotteryResult(OutputSchema):
    sorteo_id: PydanticObjectId
    estado: EstadoSorteo
    entropia: str
    semilla: str
    huella: str
    huella_resultado: str
    participantes: int
    admitidos: int
    en_espera: int


class EvaluacionOut(OutputSchema):
    folio: int
    nivel: int
    boletas: int
    reglas: list[str]
    impedimentos: list[str]


class UnidadOut(OutputSchema):
    id: PydanticObjectId
    torre: str | None
    apartamento: str


class ResultadoOut(OutputSchema):
    folio: int
    posicion: int
    espera: int | None
    espacio: str | None
    numero: str
    prestado: bool


class StaffResultadoOut(ResultadoOut):
    unidad: UnidadOut


class UltimoGanador(OutputSchema):
    """The worst placed of those who got a space that this request could have used too."""

    posicion: int
    nivel: int
    numero: str


class MiResultadoOut(OutputSchema):
    folio: int
    posicion: int
    espera: int | None
    espacio: str | None
    numero: str
    nivel: int
    boletas: int
    reglas: list[str]
    ultimo_ganador: UltimoGanador | None
    explicacion: str


class EspacioExcluido(OutputSchema):
    codigo: str
    motivo: str


class SolicitudExcluida(OutputSchema):
    folio: int
    motivo: str


class CambioOut(OutputSchema):
    folio: int
    campo: str
    cuando: InstanteOut


class ExclusionesOut(OutputSchema):
    espacios: list[EspacioExcluido]
    solicitudes: list[SolicitudExcluida]
    cambios: list[CambioOut]


class VerificacionOut(OutputSchema):
    """Null is what has not been published yet. `comandos` check all that has been, with a shell and `sha256sum`."""

    sorteo_id: PydanticObjectId
    estado: EstadoSorteo
    formato: str
    fuente: str
    compromiso: str
    huella_reglas: str
    huella: str | None
    huellas_anteriores: list[HuellaAnteriorOut]
    secreto: str | None
    entropia: str | None
    semilla: str | None
    huella_resultado: str | None
    comandos: list[str]
