"""What the API takes and answers of notices."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal, Self

from beanie import PydanticObjectId
from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_core import PydanticCustomError
from typing_extensions import TypeAliasType

from app.core.security import Rol
from app.modules.avisos.models import Aviso, Envio, EstadoEnvio, Plataforma
from app.modules.avisos.redaccion import Texto
from app.modules.avisos.tipos import TIPOS
from app.shared.schemas import Id, InputSchema, Instante, InstanteOut, OutputSchema, escrito_en, imprimible
from app.shared.utils import DE_PROGRAMA

Token = Annotated[
    str,
    Field(
        min_length=1,
        max_length=4096,
        json_schema_extra={"pattern": DE_PROGRAMA.patron_tal_cual},
        description="Lo que el servicio de notificaciones dio a la aplicación para ese aparato.",
    ),
    escrito_en(DE_PROGRAMA, tal_cual=True),
    AfterValidator(imprimible),
]


def _verdad(valor: object) -> object:
    """For a Literal, 1 would be true."""
    if not isinstance(valor, bool):
        raise PydanticCustomError("tipo_invalido", "se esperaba true")
    return valor


class AvisoUpdate(InputSchema):
    leido: Annotated[
        Literal[True], BeforeValidator(_verdad), Field(description="Solo `true`: lo leído no vuelve a estar sin leer.")
    ]


class Lectura(InputSchema):
    hasta: Annotated[Instante, Field(description="El `creado_en` del último que se vio, por ejemplo.")]


class DispositivoNombrado(InputSchema):
    token: Token


class DispositivoCreate(DispositivoNombrado):
    plataforma: Plataforma


# Under a name of its own: the document has one, and so have the clients that are made from it.
TipoDeAviso = TypeAliasType("TipoDeAviso", Annotated[str, Field(json_schema_extra={"enum": sorted(TIPOS)})])


class DatosDeAviso(OutputSchema):
    """All that any kind of notice tells; null is what its kind does not. By its ids, where it leads."""

    sorteo_id: PydanticObjectId | None
    solicitud_id: PydanticObjectId | None
    asignacion_id: PydanticObjectId | None
    permuta_id: PydanticObjectId | None
    nombre: str | None
    compromiso: str | None
    huella: str | None
    participantes: int | None
    folio: int | None
    espacio: str | None
    prestado: bool | None
    otro_espacio: str | None
    espera: int | None
    codigo: str | None
    motivo: str | None
    cierre: InstanteOut | None
    efecto_en: InstanteOut | None
    vence_en: InstanteOut | None
    expira_en: InstanteOut | None
    hasta: date | None
    dispositivo: str | None
    direccion: str | None
    rol: Rol | None

    @classmethod
    def de(cls, datos: Mapping[str, object]) -> Self:
        return cls.model_validate({campo: datos.get(campo) for campo in cls.model_fields})


class AvisoOut(OutputSchema):
    """`titulo` and `texto` are in the language asked for. `datos` are what they were filled with and, by its ids, where
    the notice leads: `sorteo_id`, `solicitud_id`, `asignacion_id`."""

    id: Id
    tipo: TipoDeAviso
    titulo: str
    texto: str
    datos: DatosDeAviso
    leido: bool
    creado_en: InstanteOut

    @classmethod
    def de(cls, aviso: Aviso, texto: Texto) -> "AvisoOut":
        return cls(
            id=aviso.oid,
            tipo=aviso.tipo,
            titulo=texto.titulo,
            texto=texto.texto,
            datos=DatosDeAviso.de(aviso.datos),
            leido=aviso.leido,
            creado_en=aviso.creado_en,
        )


class EnvioOut(OutputSchema):
    """`destinatario`: the resident or account it is for; null for one to an address, which is shown to nobody."""

    id: Id
    tipo: TipoDeAviso
    estado: EstadoEnvio
    destinatario: Id | None
    intentos: int
    proximo_en: InstanteOut | None
    codigo_smtp: int | None
    error: str | None
    creado_en: InstanteOut
    actualizado_en: InstanteOut

    @classmethod
    def de(cls, envio: Envio) -> "EnvioOut":
        proximo_en = envio.proximo_en if envio.estado is EstadoEnvio.pendiente else None
        return cls.model_validate({**envio.model_dump(include=set(cls.model_fields)), "proximo_en": proximo_en})
