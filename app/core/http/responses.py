"""What operations say of their answers, and what a problem looks like in the document."""

from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Iterable, Mapping
from typing import Annotated, Any

from fastapi import Query, Response
from fastapi.responses import StreamingResponse
from pydantic import Field
from starlette.responses import Content
from starlette.types import Receive, Scope, Send

from app.core.quotas.stage import EXPORTACIONES
from app.shared.exceptions import EntradaInvalida, ParkNetError
from app.shared.messages import CATALOGOS, huecos, mensaje, titulo
from app.shared.schemas import DeLista, OutputSchema
from app.shared.sheets import FormatoDeTabla
from app.shared.writing import en_json

CODIGOS = "x-codigos"
TRAZA = "7f0c9a52-3f0e-4c39-9a53-0d5f6a1f2b11"


class ErrorDeCampoOut(OutputSchema):
    campo: str = Field(description="Su lugar en el cuerpo, o el nombre del parámetro; vacío: el cuerpo entero.")
    codigo: str = Field(description="La regla que no cumple.")
    mensaje: str = Field(description="La regla, dicha a una persona.")


class Problema(OutputSchema):
    type: str = Field(description="`urn:parknet:error:` y el `codigo`.")
    title: str = Field(description="Resumen, el mismo para todo problema con ese estado.")
    status: int = Field(description="El estado HTTP.")
    detail: str = Field(description="Lo ocurrido, dicho a una persona, en el idioma de `Content-Language`.")
    instance: str = Field(description="`urn:uuid:` y la `traza`.")
    codigo: str = Field(description="Estable: un programa decide por él.")
    traza: str = Field(description="Identifica la petición al reportarla.")
    datos: dict[str, Any] = Field(default={}, description="Lo que un programa necesita para seguir.")
    errores: list[ErrorDeCampoOut] = Field(default=[], description="En un `entrada_invalida`: qué campos y qué reglas.")


def esquemas_de_problema() -> dict[str, dict[str, Any]]:
    esquema = Problema.model_json_schema(ref_template="#/components/schemas/{model}", mode="validation")
    campo = esquema.pop("$defs")["ErrorDeCampoOut"]
    esquema["description"] = "RFC 9457: todo rechazo, de cualquier operación."
    for nombre in ("datos", "errores"):
        # Absent where there is nothing to say.
        esquema["properties"][nombre].pop("default")
    return {"Problema": esquema, "ErrorDeCampoOut": campo}


def esquema_de_problema(codigos: Iterable[str]) -> dict[str, Any]:
    """A problem whose `codigo` is one of those."""
    codigo = {"type": "string", "enum": sorted(codigos)}
    propio = {"type": "object", "required": ["codigo"], "properties": {"codigo": codigo}}
    return {"allOf": [{"$ref": "#/components/schemas/Problema"}, propio]}


def problemas(*errores: type[ParkNetError]) -> dict[int | str, dict[str, Any]]:
    """For `responses=`: the `codigo`s of its own that an operation answers, by status. Those that it shares with every
    operation of its kind (who may call, what the body must be…) the document knows by itself."""
    codigos: dict[int, list[str]] = {}
    for error in errores:
        codigos.setdefault(error.status, []).append(error.codigo)
    return {status: {"description": "", CODIGOS: suyos} for status, suyos in sorted(codigos.items())}


def ejemplo_de_problema(codigo: str, status: int, datos: Mapping[str, Any]) -> dict[str, Any]:
    """`datos`: values for what the text mentions."""
    mencionados = {nombre: datos.get(nombre, 0) for nombre in sorted(huecos(CATALOGOS["es"][codigo]))}
    dicho = mensaje(codigo, "es", mencionados)
    valor: dict[str, Any] = {
        "type": f"urn:parknet:error:{codigo}",
        "title": titulo(status, "es"),
        "status": status,
        "detail": dicho,
        "instance": f"urn:uuid:{TRAZA}",
        "codigo": codigo,
        "traza": TRAZA,
    }
    if mencionados:
        valor["datos"] = mencionados
    if codigo == EntradaInvalida.codigo:
        regla = {"campo": "nombre", "codigo": "requerido", "mensaje": mensaje("requerido", "es", {})}
        valor["errores"] = [regla]
    return {"summary": dicho, "value": valor}


def escrita(cuerpo: object, cabeceras: Mapping[str, str] | None = None) -> Response:
    """200 with a body that is written as it is to be shown (`app.shared.writing`)."""
    return Response(en_json(cuerpo), headers=cabeceras, media_type="application/json")


FormatoDeTablaDep = Annotated[FormatoDeTabla, DeLista(), Query()]
TABLAS = tuple(formato.tipo for formato in FormatoDeTabla)


def archivos(*tipos: str) -> dict[int | str, dict[str, Any]]:
    """For `responses=`, beside `problemas`: the media types of a file that an operation answers."""
    return {200: {"content": {tipo.partition(";")[0]: {} for tipo in tipos}}}


def tabla(*errores: type[ParkNetError]) -> dict[str, Any]:
    """What every route that answers a table as a file is declared with."""
    return {
        "response_class": StreamingResponse,
        "responses": problemas(*errores) | archivos(*TABLAS),
        "dependencies": [EXPORTACIONES],
    }


class _Descarga(StreamingResponse):
    """A file that the client stops reading, or asks for by HEAD alone, is closed all the same. An error that comes
    before the first byte of the file is a problem like any other."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        partes = self.body_iterator
        try:
            self.body_iterator = _desde(await anext(aiter(partes), b""), partes)
            await super().__call__(scope, receive, send)
        finally:
            if isinstance(partes, AsyncGenerator):
                await partes.aclose()


async def _desde(primera: Content, resto: AsyncIterable[Content]) -> AsyncIterator[Content]:
    yield primera
    async for parte in resto:
        yield parte


def descarga(
    partes: AsyncIterator[bytes], *, nombre: str, tipo: str, cabeceras: Mapping[str, str] | None = None
) -> StreamingResponse:
    """A file that is sent while it is written. `nombre`: in ASCII."""
    disposicion = {"Content-Disposition": f'attachment; filename="{nombre}"'}
    return _Descarga(partes, media_type=tipo, headers=disposicion | dict(cabeceras or {}))
