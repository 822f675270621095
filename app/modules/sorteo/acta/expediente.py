"""The file of a draw for an auditor: one ZIP with all that it takes to check the draw without this program, the same
bytes as long as nothing else happens in the draw."""

import hashlib
import json
from collections.abc import AsyncIterable, AsyncIterator
from importlib.resources import files
from tempfile import TemporaryFile
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import attrs
from anyio import to_thread
from beanie import PydanticObjectId
from jinja2 import Environment, PackageLoader, StrictUndefined

from app.core.security import Principal
from app.modules.sorteo.acta.schemas import Formato
from app.modules.sorteo.acta.service import ActaService
from app.modules.sorteo.exceptions import NoDisponibleTodavia
from app.modules.sorteo.models import Publicado, Sorteo
from app.modules.sorteo.reclamos.repository import ReclamoRepository
from app.modules.sorteo.resultados.service import ResultadosService
from app.modules.sorteo.resultados.verificacion import comandos, verificacion
from app.modules.sorteo.service import SorteoService

_TROZO = 256 * 1024
# ZIP has no dates before 1980; one that is always the same says nothing of when it was made.
_FECHA = (1980, 1, 1, 0, 0, 0)
_MOTOR = "python -m app.modules.sorteo.motor"
_PAGINAS = Environment(
    loader=PackageLoader("app.modules.sorteo.acta", "plantillas"), autoescape=True, undefined=StrictUndefined
)


@attrs.define(kw_only=True)
class ExpedienteService:
    _actas: ActaService
    _consulta: ResultadosService
    _reclamos: ReclamoRepository
    _servicio: SorteoService

    async def reunir(self, id: PydanticObjectId, quien: Principal) -> AsyncIterator[bytes]:
        """The ZIP, in pieces. Raises NoEncontrado; NoDisponibleTodavia before the draw has run; where it
        is read, BasesAlteradas."""
        sorteo = await self._servicio.ver(id, quien)
        if sorteo.huella_resultado is None:
            raise NoDisponibleTodavia()
        return self._escrito(sorteo, quien)

    async def _escrito(self, sorteo: Sorteo, quien: Principal) -> AsyncIterator[bytes]:
        with TemporaryFile() as archivo:
            with ZipFile(archivo, "w", ZIP_DEFLATED) as comprimido:
                carpeta = _Carpeta(comprimido)
                async for nombre, partes in self._archivos(sorteo, quien):
                    await carpeta.poner(nombre, partes)
                await carpeta.poner("SHA256SUMS", _texto("".join(carpeta.huellas)))
            archivo.seek(0)
            while trozo := await to_thread.run_sync(archivo.read, _TROZO):
                yield trozo

    async def _archivos(self, sorteo: Sorteo, quien: Principal) -> AsyncIterator[tuple[str, AsyncIterable[bytes]]]:
        yield "LEAME.html", _texto(_pagina(sorteo))
        yield "motor.py", _texto(files("app.modules.sorteo").joinpath("motor.py").read_text(encoding="utf-8"))
        for cual in Publicado:
            yield f"{cual}.jsonl", (await self._consulta.archivo(sorteo.oid, cual, quien)).partes
        for anterior in sorteo.huellas_anteriores:
            viejas = await self._consulta.archivo(sorteo.oid, Publicado.bases, quien, huella=anterior.huella)
            yield f"bases-anteriores/{anterior.huella}.jsonl", viejas.partes
        yield "verificacion.json", _texto(_json(verificacion(sorteo, None).model_dump(mode="json")))
        fuera = await self._consulta.exclusiones(sorteo.oid, quien)
        yield "exclusiones.json", _texto(_json(fuera.model_dump(mode="json")))
        yield "reclamos.json", _texto(_json([r async for r in self._de_reclamos(sorteo.oid)]))
        for formato in (Formato.pdf, Formato.csv):
            acta = await self._actas.documento(sorteo.oid, formato, quien, idioma="es", separador=";")
            yield f"acta.{formato}", acta.partes

    async def _de_reclamos(self, id: PydanticObjectId) -> AsyncIterator[dict[str, Any]]:
        """Claims without their flats."""
        async for reclamo in self._reclamos.del_sorteo(id):
            yield reclamo.model_dump(mode="json", exclude={"id", "sorteo_id", "unidades", "presentes", "revision_id"})


class _Carpeta:
    def __init__(self, comprimido: ZipFile) -> None:
        self._zip = comprimido
        self.huellas: list[str] = []

    async def poner(self, nombre: str, partes: AsyncIterable[bytes]) -> None:
        entrada = ZipInfo(nombre, _FECHA)
        entrada.compress_type = ZIP_DEFLATED
        # As from Unix, readable by all, whatever this runs on.
        entrada.create_system, entrada.external_attr = 3, 0o644 << 16
        huella = hashlib.sha256()
        with self._zip.open(entrada, "w", force_zip64=True) as destino:
            async for parte in partes:
                huella.update(parte)
                await to_thread.run_sync(destino.write, parte)
        self.huellas.append(f"{huella.hexdigest()}  {nombre}\n")


async def _texto(texto: str) -> AsyncIterator[bytes]:
    yield texto.encode()


def _json(valor: object) -> str:
    return json.dumps(valor, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def _pagina(sorteo: Sorteo) -> str:
    """How to check it, in both languages."""
    return _PAGINAS.get_template("leame.html.j2").render(
        sorteo=sorteo, comandos=[comando.replace(_MOTOR, "python3 motor.py") for comando in comandos(sorteo)]
    )
