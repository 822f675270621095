"""Uploads: the file as the body, or as the field `archivo` of a multipart form. Counted and handed on as it comes: it
is never whole in memory, nor in a file of its own.

    CSV = SubidaDe("text/csv")
    ArchivoDep = Annotated[AsyncIterator[bytes], Depends(CSV)]

    @router.post("/importar", openapi_extra=CSV.documento, …)
    async def importar(archivo: ArchivoDep, …) -> Response: ...
"""

import hashlib
import re
from collections.abc import AsyncIterator
from email.message import Message
from functools import partial
from typing import Annotated, Any, ClassVar

import python_multipart
from fastapi import Depends, Request
from python_multipart.exceptions import FormParserError

from app.shared.exceptions import EntradaExcesiva, EntradaIlegible, EntradaInvalida, TipoNoAdmitido

MAXIMO = 50 * 1024 * 1024
"""Bytes of a file."""
_DE_SOBRA = 64 * 1024
"""What a multipart form may add to it."""
HOJAS = ("text/csv", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
"""What spreadsheets save, for who takes either: which one it is, the file itself says."""
_MAXIMO_DE_TIPO = 512
_MAXIMO_DE_CABECERAS = 8 * 1024
"""Characters of the media type, and bytes of the headers of a part: what reads them is not made for more."""
# RFC 2046 §5.1.1.
_SEPARADOR = re.compile(r"[0-9A-Za-z'()+_,./:=? -]{0,69}[0-9A-Za-z'()+_,./:=?-]", re.ASCII)
_MULTIPART = "multipart/form-data"
_CAMPO = "archivo"


class MultipartInvalido(EntradaIlegible):
    codigo = "multipart_invalido"


class SubidaDe:
    """A dependency: the bytes of a file of one of `tipos`. Raises TipoNoAdmitido; what it gives raises EntradaExcesiva,
    MultipartInvalido, EntradaInvalida while it is read."""

    def __init__(self, *tipos: str) -> None:
        self._tipos = frozenset(tipos)
        binario = {"type": "string", "format": "binary"}
        formulario = {"type": "object", "required": [_CAMPO], "properties": {_CAMPO: binario}}
        # The form first: clients that are made from the document send the first.
        contenido: dict[str, Any] = {_MULTIPART: {"schema": formulario}}
        contenido |= {tipo: {"schema": binario} for tipo in tipos}
        self.documento: dict[str, Any] = {"requestBody": {"required": True, "content": contenido}}

    por_pasos: ClassVar[bool] = True
    """No transaction waits for a file that comes slowly."""

    async def resumir(self, request: Request) -> str:
        """The hash of a file that nobody reads for anything else. Raises as reading it does."""
        resumen = hashlib.sha256()
        async for trozo in self._abrir(request):
            resumen.update(trozo)
        return resumen.hexdigest()

    async def __call__(self, request: Request) -> AsyncIterator[bytes]:
        return _resumida(self._abrir(request), request)

    def _abrir(self, request: Request) -> AsyncIterator[bytes]:
        dicho = request.headers.get("content-type", "")
        if len(dicho) > _MAXIMO_DE_TIPO:
            raise TipoNoAdmitido()
        tipo = Message()
        tipo["content-type"] = dicho
        de_que = "" if "content-type" not in request.headers else tipo.get_content_type()
        if de_que == _MULTIPART:
            separador = tipo.get_param("boundary")
            if not isinstance(separador, str) or not _SEPARADOR.fullmatch(separador):
                raise MultipartInvalido()
            return _contada(_Parte(separador).leer(_contada(request.stream(), MAXIMO + _DE_SOBRA)), MAXIMO)
        if de_que not in self._tipos:
            raise TipoNoAdmitido()
        return _contada(request.stream(), MAXIMO)


async def _resumida(trozos: AsyncIterator[bytes], request: Request) -> AsyncIterator[bytes]:
    """The same bytes. When they end, their hash stands in the state of the request."""
    resumen = hashlib.sha256()
    async for trozo in trozos:
        resumen.update(trozo)
        yield trozo
    request.state.huella = resumen.hexdigest()


async def _contada(trozos: AsyncIterator[bytes], maximo: int) -> AsyncIterator[bytes]:
    """The same bytes, up to `maximo`: an upload in chunks says no length beforehand."""
    leido = 0
    async for trozo in trozos:
        leido += len(trozo)
        if leido > maximo:
            raise EntradaExcesiva(maximo=MAXIMO)
        if trozo:
            yield trozo


class _Parte:
    """The one part of a multipart form."""

    def __init__(self, separador: str) -> None:
        self._campo, self._valor = bytearray(), bytearray()
        self._cabeceras: dict[bytes, bytes] = {}
        self._partes = self._de_cabeceras = 0
        self._hallados: list[bytes] = []
        self._fin = False
        self._lector = python_multipart.MultipartParser(
            separador,
            {
                "on_part_begin": self._al_empezar,
                "on_header_field": partial(self._juntar, self._campo),
                "on_header_value": partial(self._juntar, self._valor),
                "on_header_end": self._tras_cabecera,
                "on_headers_finished": self._tras_cabeceras,
                "on_part_data": lambda datos, desde, hasta: self._hallados.append(datos[desde:hasta]),
                "on_end": self._al_terminar,
            },
        )

    async def leer(self, trozos: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        try:
            async for trozo in trozos:
                self._lector.write(trozo)
                for hallado in self._hallados:
                    yield hallado
                self._hallados.clear()
            self._lector.finalize()
        except FormParserError as error:
            raise MultipartInvalido() from error
        if not self._partes:
            raise EntradaInvalida.en(_CAMPO, "requerido")
        if not self._fin:
            raise MultipartInvalido()

    def _juntar(self, donde: bytearray, datos: bytes, desde: int, hasta: int) -> None:
        self._de_cabeceras += hasta - desde
        if self._de_cabeceras > _MAXIMO_DE_CABECERAS:
            raise MultipartInvalido()
        donde.extend(datos[desde:hasta])

    def _al_empezar(self) -> None:
        self._partes += 1
        self._cabeceras = {}
        if self._partes > 1:
            raise MultipartInvalido()

    def _tras_cabecera(self) -> None:
        self._cabeceras[bytes(self._campo).lower()] = bytes(self._valor)
        self._campo.clear()
        self._valor.clear()

    def _tras_cabeceras(self) -> None:
        _, opciones = python_multipart.multipart.parse_options_header(
            self._cabeceras.get(b"content-disposition", b"").decode("latin-1")
        )
        if opciones.get(b"name") != _CAMPO.encode():
            raise EntradaInvalida.en(_CAMPO, "requerido")

    def _al_terminar(self) -> None:
        self._fin = True


HOJA = SubidaDe(*HOJAS)
HojaDep = Annotated[AsyncIterator[bytes], Depends(HOJA)]
SIN_HOJA = (EntradaExcesiva, TipoNoAdmitido, MultipartInvalido)
"""How the upload of a spreadsheet is refused."""
