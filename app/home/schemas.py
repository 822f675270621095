"""What goes out of `/inicio`: one shape for residents and one for staff, told apart by `tipo`."""

from datetime import date
from typing import Annotated, Literal, TypeVar

from beanie import PydanticObjectId
from pydantic import Field
from typing_extensions import TypeAliasType

from app.core.security import Rol
from app.modules.avisos.redaccion import Texto
from app.modules.avisos.schemas import DatosDeAviso, TipoDeAviso
from app.modules.residentes.models import EstadoCondicion, EstadoResidente, PersonaCondicion, TipoVehiculo
from app.modules.solicitudes.estados import EstadoDeTenencia, Impedimento, RequestStatus
from app.modules.sorteo.estados import EstadoSorteo
from app.shared.messages import Idioma
from app.shared.reading import Fila
from app.shared.schemas import InstanteOut, OutputSchema
from app.shared.writing import Escritor

S = TypeVar("S", bound=OutputSchema)


class HomeVehiculo(OutputSchema):
    id: PydanticObjectId
    tipo: TipoVehiculo
    electrico: bool
    placa: str | None


class HomeUnidad(OutputSchema):
    id: PydanticObjectId
    torre: str | None
    apartamento: str
    al_dia: bool
    al_dia_corte: date | None
    cupo: int | None
    vehiculos: list[HomeVehiculo]


class HomeCondicion(OutputSchema):
    codigo: str
    nombre: str
    persona: PersonaCondicion
    estado: EstadoCondicion
    vigente_hasta: date | None


class HomeResidente(OutputSchema):
    id: PydanticObjectId
    nombres: str
    apellidos: str
    email: str | None
    telefono: str | None
    estado: EstadoResidente
    condiciones: list[HomeCondicion]


class HomeVigencia(OutputSchema):
    desde: date
    hasta: date


class HomeSorteo(OutputSchema):
    """An open draw. It takes requests until `cierre`, or without one until it is closed; `disponible_desde`: when its
    public number can be known."""

    id: PydanticObjectId
    nombre: str
    estado: EstadoSorteo
    vigencia: HomeVigencia
    cierre: InstanteOut | None
    disponible_desde: InstanteOut
    espacios_en_juego: int | None
    compromiso: str | None
    ensayo: bool


class HomeSorteoRef(OutputSchema):
    id: PydanticObjectId
    nombre: str
    estado: EstadoSorteo


class HomeAsignacionDeSolicitud(OutputSchema):
    id: PydanticObjectId
    estado: EstadoDeTenencia
    desde: date
    hasta: date


class HomeSolicitud(OutputSchema):
    """`acciones`: the states the caller may move it to now. `impedimentos`: what would refuse it at the closing.
    `espera_actual`: its place among those who still wait. `asignacion`: what came of accepting."""

    id: PydanticObjectId
    folio: int
    unidad_id: PydanticObjectId
    vehiculo: HomeVehiculo
    preferencias: list[str]
    acepta: list[str] | None
    estado: RequestStatus
    impedimentos: list[Impedimento]
    motivo: str | None
    espacio: str | None
    prestado: bool
    espera: int | None
    espera_actual: int | None
    asignacion: HomeAsignacionDeSolicitud | None
    vence_en: InstanteOut | None
    acciones: list[RequestStatus]
    creado_en: InstanteOut
    sorteo: HomeSorteoRef


class HomeAsignacion(OutputSchema):
    """A space that one of the flats holds, or will from `desde`."""

    id: PydanticObjectId
    espacio: str
    unidad_id: PydanticObjectId
    vehiculo: HomeVehiculo
    solicitud_id: PydanticObjectId
    desde: date
    hasta: date
    prestado: bool
    sorteo: HomeSorteoRef


class HomeAviso(OutputSchema):
    """A notice that was not read, in the language asked for. `datos` name, by their ids, where it leads."""

    id: PydanticObjectId
    tipo: TipoDeAviso
    titulo: str
    texto: str
    datos: DatosDeAviso
    creado_en: InstanteOut


class ResidentHome(OutputSchema):
    """`solicitudes`: those of draws that are not over, and what is still live of any; a hundred at most. `avisos`: the
    latest that were not read, twenty at most of the `avisos_sin_leer`."""

    tipo: Literal["residente"]
    yo: HomeResidente
    unidades: list[HomeUnidad]
    sorteos_abiertos: list[HomeSorteo]
    solicitudes: list[HomeSolicitud]
    espacios: list[HomeAsignacion]
    avisos: list[HomeAviso]
    avisos_sin_leer: int


_SIN_DATOS = dict.fromkeys(DatosDeAviso.model_fields)
_RESIDENTE, _AVISO = Escritor(HomeResidente), Escritor(HomeAviso)
escribir_unidad, escribir_solicitud = Escritor(HomeUnidad), Escritor(HomeSolicitud)
escribir_asignacion = Escritor(HomeAsignacion)


def escribir_residente(residente: Fila, idioma: Idioma) -> Fila:
    """`residente` says what a ResidentOut does."""
    condiciones = [{**condicion, "nombre": condicion["nombre"][idioma]} for condicion in residente["condiciones"]]
    return _RESIDENTE(residente | {"condiciones": condiciones})


def escribir_aviso(aviso: Fila, dicho: Texto) -> Fila:
    """`aviso`: as it is stored. `dicho`: in words."""
    datos = _SIN_DATOS | aviso["datos"]
    return _AVISO({**aviso, "id": aviso["_id"], "titulo": dicho.titulo, "texto": dicho.texto, "datos": datos})


class HomeConteos(OutputSchema):
    """`cuentas_activas`: active residents with an account. `espacios_libres`: today."""

    unidades: int
    unidades_en_mora: int
    residentes: int
    cuentas_activas: int
    vehiculos: int
    espacios: int
    espacios_libres: int


class HomeAnulacion(OutputSchema):
    """An annulment that was asked for. `efecto_en`: when it takes effect by itself; null while it waits for somebody
    else to confirm it."""

    motivo: str
    pedida_en: InstanteOut
    efecto_en: InstanteOut | None


PasoDeSorteo = Literal[
    "editar", "abrir", "cerrar", "ejecutar", "publicar", "finalizar", "anular", "confirmar_anulacion"
]


class HomePaso(OutputSchema):
    """What a draw in course waits for. `desde`: from when the step can be taken (null: at any time); `hasta`: until
    when; `por_si_solo`: at `desde` it is taken without anybody. `por_decidir`: its undecided requests."""

    sorteo: HomeSorteoRef
    ensayo: bool
    cierre: InstanteOut | None
    disponible_desde: InstanteOut
    anulacion: HomeAnulacion | None
    paso: PasoDeSorteo
    desde: InstanteOut | None
    hasta: InstanteOut | None
    por_si_solo: bool
    por_decidir: int


class StaffHome(OutputSchema):
    """What there is, and what waits for somebody. `sorteos`: all in course, what can be done now first.
    `por_responder`: requests that hold a space whose flat has not answered; the first lapses at
    `proximo_vencimiento`. `contado_en`: some of the counts are as of that instant; null, all are of now."""

    tipo: Literal["personal"]
    rol: Rol
    contado_en: InstanteOut | None
    conteos: HomeConteos
    sorteos: list[HomePaso]
    solicitudes_por_decidir: int
    por_responder: int
    proximo_vencimiento: InstanteOut | None
    condiciones_por_verificar: int
    anulaciones_por_confirmar: int
    avisos_sin_leer: int


# Under a name of its own: the document has one, and so have the clients that are made from it.
Home = TypeAliasType("Home", Annotated[ResidentHome | StaffHome, Field(discriminator="tipo")])
