"""What the API takes and answers of notices."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from app.modules.avisos.models import Aviso, Envio, EstadoEnvio
from app.modules.avisos.redaccion import Texto
from app.shared.schemas import Id, InputSchema, InstanteOut, OutputSchema

Token = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z0-9_:.=+~-]{33,512}$",
        description="Lo que el servicio de notificaciones dio a la aplicación para ese aparato.",
    ),
]


def _verdad(valor: object) -> object:
    """For a Literal, 1 would be true."""
    if not isinstance(valor, bool):
        raise PydanticCustomError("tipo_invalido", "se esperaba true")
    return valor


class AvisoUpdate(InputSchema):
    leido: Annotated[
        Literal[True], BeforeValidator(_verdad), Field(description="Un aviso leído no vuelve a estar sin leer.")
    ]


class AvisoOut(OutputSchema):
    """`titulo` and `texto` are in the language asked for. `datos` are what they were filled with and, by its ids, where
    the notice leads: `sorteo_id`, `solicitud_id`, `asignacion_id`."""

    id: Id
    tipo: str
    titulo: str
    texto: str
    datos: dict[str, InstanteOut | str | int | bool | None]
    leido: bool
    creado_en: InstanteOut

    @classmethod
    def de(cls, aviso: Aviso, texto: Texto) -> "AvisoOut":
        return cls(
            id=aviso.oid,
            tipo=aviso.tipo,
            titulo=texto.titulo,
            texto=texto.texto,
            datos=dict(aviso.datos),
            leido=aviso.leido,
            creado_en=aviso.creado_en,
        )


class EnvioOut(OutputSchema):
    """`destinatario`: the resident or account it is for; null for one to an address, which is shown to nobody."""

    id: Id
    tipo: str
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
