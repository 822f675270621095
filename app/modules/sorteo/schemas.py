"""What goes in and out of `/sorteo`."""

from datetime import date, datetime
from typing import Annotated, Literal, Self

from beanie import PydanticObjectId
from pydantic import AfterValidator, Discriminator, Field, Tag, model_validator
from pydantic_core import PydanticCustomError
from typing_extensions import TypeAliasType

from app.core.security import Rol
from app.modules.sorteo.advertencias.models import CodigoAdvertencia
from app.modules.sorteo.drand.schemas import Ronda, RondaDrandIn
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
    PatchSchema,
    Texto,
    ausente,
    imprimible,
    sin_repetidos,
    uno_de_dos,
)
from app.shared.utils import IMPRIMIBLE, PARRAFO, ClaseDeVehiculo

COMPATIBILIDAD: dict[ClaseDeVehiculo, list[str]] = {
    "carro": ["carro"],
    "carro_electrico": ["carro_electrico", "carro"],
    "moto": ["moto"],
    "bicicleta": ["bicicleta"],
}
Tipos = Annotated[list[Codigo], Field(min_length=1, max_length=8), AfterValidator(sin_repetidos)]
Espacios = Annotated[list[CodigoEspacio], Field(max_length=20_000), AfterValidator(sin_repetidos)]
Nombre = Annotated[str, Texto(1, 120)]
DelTipo = Literal["carro", "moto", "bicicleta"]
Solicitudes = Annotated[int, Entre(1, 50)]


def _con_cifras(forma: str) -> str:
    if forma.count("#") < 4:
        raise PydanticCustomError("forma_sin_cifras", "al menos cuatro #")
    return forma


def _guardable(instante: datetime) -> datetime:
    """In whole milliseconds, as it will be stored: what is judged and hashed is what is kept."""
    if not 1970 < instante.year < 9999:
        raise PydanticCustomError("instante_invalido", "de 1971 a 9998")
    return instante.replace(microsecond=instante.microsecond // 1000 * 1000)


Momento = Annotated[Instante, AfterValidator(_guardable)]
Descripcion = Annotated[str, Texto(1, 300)]
Forma = Annotated[str, Texto(4, 100, alfabeto=IMPRIMIBLE), AfterValidator(imprimible), AfterValidator(_con_cifras)]


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
    descripcion: Descripcion
    disponible_desde: Momento
    forma: Forma


class FuenteDrandIn(InputSchema):
    """A round of drand's quicknet: its number, or the moment at or after which it is the first. Nothing is fetched."""

    model_config = uno_de_dos("ronda", "momento")

    tipo: Literal["drand"]
    ronda: Ronda = ausente()
    momento: Momento = ausente()

    @model_validator(mode="after")
    def _una(self) -> Self:
        if (self.ronda is None) == (self.momento is None):
            raise PydanticCustomError("uno_de_dos", "ronda o momento", {"uno": "ronda", "otro": "momento"})
        return self


FuenteIn = TypeAliasType("FuenteIn", Annotated[FuentePublicaIn | FuenteDrandIn, Field(discriminator="tipo")])


class LotteryParams(InputSchema):
    """`espacios` and `prioridades` null: all that are available, all that are active, when it opens. `max_por_tipo`: so
    many live requests of a flat for vehicles of that `tipo`. `reglamento`: what whoever asks must accept.
    `ejecuta_sola`: anybody who is signed in may hand in the round, and the clock runs it. `publica_en`: the clock
    publishes it then."""

    nombre: Nombre
    vigencia: VigenciaIn
    fuente_entropia: FuenteIn
    apertura: Momento | None = None
    cierre: Momento | None = None
    espacios: Espacios | None = None
    prioridades: Annotated[list[Codigo], Field(max_length=100), AfterValidator(sin_repetidos)] | None = None
    repite_a: Id | None = None
    liberar_reservas: bool = True
    aprobacion: Literal["manual", "automatica"] = "manual"
    exige_al_dia: bool = True
    al_dia_en: Literal["solicitud", "cierre"] = "cierre"
    max_por_unidad: Solicitudes = 1
    max_por_tipo: dict[DelTipo, Solicitudes] = {}
    reglamento: Annotated[str, Texto(1, 20_000, alfabeto=PARRAFO)] | None = None
    compatibilidad: Annotated[dict[ClaseDeVehiculo, Tipos], Field(min_length=1)] = COMPATIBILIDAD
    aceptacion: Literal["requerida", "tacita"] = "requerida"
    plazo_aceptacion_horas: Annotated[int, Entre(1, 8760)] = 72
    ejecuta_sola: bool = False
    publica_en: Momento | None = None
    ensayo: bool = False


class VigenciaUpdate(InputSchema):
    desde: Fecha = ausente()
    hasta: Fecha = ausente()


class FuenteUpdate(InputSchema):
    """What is absent stays, unless `tipo` becomes another: then the other kind's fields must all be there."""

    tipo: Literal["publica", "drand"] = ausente()
    descripcion: Descripcion = ausente()
    disponible_desde: Momento = ausente()
    forma: Forma = ausente()
    ronda: Ronda = ausente()
    momento: Momento = ausente()


class LotteryParamsUpdate(PatchSchema, LotteryParams):
    """What is absent stays, also within a field. Null takes out of a map; else only where LotteryParams has it."""

    nombre: Nombre = ausente()
    vigencia: VigenciaUpdate = ausente()  # type: ignore[assignment]
    fuente_entropia: FuenteUpdate = ausente()  # type: ignore[assignment]
    max_por_tipo: dict[DelTipo, Solicitudes | None] = ausente()  # type: ignore[assignment]
    compatibilidad: dict[ClaseDeVehiculo, Tipos | None] = ausente()  # type: ignore[assignment]


class ConMotivo(InputSchema):
    motivo: Motivo


class ProrrogaCierre(InputSchema):
    cierre: Momento
    motivo: Motivo


class Reapertura(InputSchema):
    motivo: Motivo
    cierre: Momento | None = None


def _como_se_dice(entropia: object) -> str:
    """In brackets: the name of no field, it never shows in a path."""
    return "(ronda)" if isinstance(entropia, dict) and entropia else "(texto)"


EntropiaIn = TypeAliasType(
    "EntropiaIn",
    Annotated[
        Annotated[str, Field(min_length=1, max_length=1000), Tag("(texto)")] | Annotated[RondaDrandIn, Tag("(ronda)")],
        Discriminator(_como_se_dice),
    ],
)


class Ejecucion(InputSchema):
    """`entropia`: the number as it is spelt, or a round of drand, as an object or as its text."""

    entropia: EntropiaIn | None = None


class VigenciaOut(OutputSchema):
    desde: date
    hasta: date


class FuentePublicaOut(OutputSchema):
    tipo: Literal["publica"]
    descripcion: str
    disponible_desde: InstanteOut
    forma: str


class FuenteDrandOut(OutputSchema):
    """`momento`: for which instant the round was chosen; null where the round was named."""

    tipo: Literal["drand"]
    ronda: int
    momento: InstanteOut | None
    disponible_desde: InstanteOut
    forma: str


FuenteOut = TypeAliasType("FuenteOut", Annotated[FuentePublicaOut | FuenteDrandOut, Field(discriminator="tipo")])


class HuellaAnteriorOut(OutputSchema):
    huella: str
    cerrado_en: InstanteOut
    reabierto_en: InstanteOut
    motivo: str


class AnulacionOut(OutputSchema):
    """`pedida_por`, `confirmada_por`: the role of who did. `efecto_en`: since when it has effect or, where there is
    nobody to confirm it, when it takes effect by itself."""

    motivo: str
    pedida_por: Rol
    pedida_en: InstanteOut
    efecto_en: InstanteOut | None
    confirmada_por: Rol | None
    confirmada_en: InstanteOut | None
    retirada_en: InstanteOut | None
    motivo_retiro: str | None
    desenlace: Literal["pendiente", "retirada", "efectuada"]


class AdvertenciaOut(OutputSchema):
    """`datos`: `tipo`, a kind of vehicle, `tipo_espacio`, one of space, `regla`, the code of a rule, or days."""

    codigo: CodigoAdvertencia
    datos: dict[str, str]


class LotteryOut(OutputSchema):
    """`advertencias`: what was found when it was last written, opened or closed. Until it closes, rules are tried on
    all vehicles of the roll; then, on its requests."""

    id: PydanticObjectId
    nombre: str
    vigencia: VigenciaOut
    fuente_entropia: FuenteOut
    apertura: InstanteOut | None
    cierre: InstanteOut | None
    espacios: list[str] | None
    prioridades: list[str] | None
    repite_a: PydanticObjectId | None
    liberar_reservas: bool
    aprobacion: Literal["manual", "automatica"]
    exige_al_dia: bool
    al_dia_en: Literal["solicitud", "cierre"]
    max_por_unidad: int
    max_por_tipo: dict[str, int]
    reglamento: str | None
    compatibilidad: dict[str, list[str]]
    aceptacion: Literal["requerida", "tacita"]
    plazo_aceptacion_horas: int
    ejecuta_sola: bool
    publica_en: InstanteOut | None
    ensayo: bool
    estado: EstadoSorteo
    compromiso: str | None
    huella_reglas: str | None
    huella: str | None
    participantes: int | None
    espacios_en_juego: int | None
    huellas_anteriores: list[HuellaAnteriorOut]
    anulacion: AnulacionOut | None
    anulaciones: list[AnulacionOut]
    advertencias: list[AdvertenciaOut]
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
