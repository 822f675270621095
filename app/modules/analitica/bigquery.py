"""The copy in BigQuery, by Google's own client. Imported only where a project is configured, and
installed by who has one: requirements-analitica.txt.

Rows are loaded into a table of their own, and from there merged into the one of all. The name of the job that loads is
made from what it loads, so BigQuery itself refuses to load it twice.
"""

import asyncio
import io
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import attrs
import requests
from google.api_core.client_options import ClientOptions
from google.api_core.exceptions import Conflict, GoogleAPIError, NotFound
from google.auth.credentials import AnonymousCredentials
from google.auth.exceptions import GoogleAuthError
from google.cloud import bigquery

from app.modules.analitica.ports import SinAlmacen
from app.modules.analitica.tablas import Columna, Tabla

T = TypeVar("T")
_ESPERA = 10.0
"""Seconds for each answer: a process that ends waits no longer for one that does not come."""
_ENTRE_MIRADAS = 0.5
_MIRADAS = 1_200
"""After so many a job is left to itself."""
_VIDA_DE_UN_LOTE = timedelta(days=1)
_INTENTOS = 5


@attrs.define(kw_only=True)
class BigQuery:
    """`direccion`: another that answers as BigQuery does; without `credenciales` nobody is signed in there."""

    _proyecto: str
    _datos: str
    _ubicacion: str
    _credenciales: Path | None
    _direccion: str | None
    _cliente: Any = None

    async def por_preparar(self, *, tablas: Collection[Tabla]) -> Sequence[str]:
        return await _aparte(lambda: list(self._por_preparar(tablas)))

    async def preparar(self, *, tablas: Collection[Tabla]) -> None:
        await _aparte(lambda: self._preparar(tablas))

    async def poner(self, *, tabla: Tabla, lote: str, contenido: bytes, marca: int) -> None:
        await self._cargar(tabla, lote, contenido)
        columnas = [columna.nombre for columna in tabla.columnas if columna.nombre != "marca"]
        cambios = ", ".join(f"{columna} = S.{columna}" for columna in columnas)
        await self._ejecutar(
            f"MERGE `{self._de(tabla.nombre)}` AS T USING `{self._de(_de_lote(tabla, lote))}` AS S "  # noqa: S608
            f"ON T.conjunto = S.conjunto AND T.{tabla.clave} = S.{tabla.clave} "
            f"WHEN MATCHED AND T.marca <= @marca THEN UPDATE SET {cambios}, marca = @marca "
            f"WHEN NOT MATCHED THEN INSERT ({', '.join(columnas)}, marca) "
            f"VALUES ({', '.join(f'S.{columna}' for columna in columnas)}, @marca)",
            marca=marca,
        )

    async def soltar(self, *, tabla: Tabla, lote: str) -> None:
        await _aparte(
            lambda: self._a_mano().delete_table(
                self._de(_de_lote(tabla, lote)), retry=None, timeout=_ESPERA, not_found_ok=True
            )
        )

    async def barrer(self, *, tabla: Tabla, conjunto: str, antes_de: int, marca: int) -> None:
        await self._ejecutar(
            f"UPDATE `{self._de(tabla.nombre)}` SET borrado = TRUE, marca = @marca "  # noqa: S608
            "WHERE conjunto = @conjunto AND marca < @antes_de AND NOT borrado",
            conjunto=conjunto,
            antes_de=antes_de,
            marca=marca,
        )

    def _a_mano(self) -> Any:
        """The client, made when it is first needed: to find who one is may take a while, and fail."""
        if self._cliente is None:
            opciones: dict[str, Any] = {"project": self._proyecto, "location": self._ubicacion}
            if self._direccion is not None:
                opciones["client_options"] = ClientOptions(api_endpoint=self._direccion)
            if self._credenciales is not None:
                self._cliente = bigquery.Client.from_service_account_json(str(self._credenciales), **opciones)
            elif self._direccion is not None:
                self._cliente = bigquery.Client(credentials=AnonymousCredentials(), **opciones)
            else:
                self._cliente = bigquery.Client(**opciones)
        return self._cliente

    def _de(self, nombre: str) -> str:
        return f"{self._proyecto}.{self._datos}.{nombre}"

    def _por_preparar(self, tablas: Collection[Tabla]) -> Iterator[str]:
        cliente = self._a_mano()
        try:
            cliente.get_dataset(f"{self._proyecto}.{self._datos}", retry=None, timeout=_ESPERA)
        except NotFound:
            yield self._datos
        for tabla in tablas:
            try:
                hay = {campo.name for campo in self._ver(tabla).schema}
            except NotFound:
                yield tabla.nombre
            else:
                yield from (f"{tabla.nombre}.{c.nombre}" for c in tabla.columnas if c.nombre not in hay)

    def _ver(self, tabla: Tabla) -> Any:
        return self._a_mano().get_table(self._de(tabla.nombre), retry=None, timeout=_ESPERA)

    def _preparar(self, tablas: Collection[Tabla]) -> None:
        cliente = self._a_mano()
        conjunto = bigquery.Dataset(f"{self._proyecto}.{self._datos}")
        conjunto.location = self._ubicacion
        cliente.create_dataset(conjunto, exists_ok=True, retry=None, timeout=_ESPERA)
        for tabla in tablas:
            nueva = bigquery.Table(self._de(tabla.nombre), schema=_campos(tabla.columnas))
            nueva.description = tabla.que
            nueva.time_partitioning = bigquery.TimePartitioning(field="dia")
            nueva.clustering_fields = ["conjunto", tabla.clave]
            cliente.create_table(nueva, exists_ok=True, retry=None, timeout=_ESPERA)
            hay = self._ver(tabla)
            nombres = {campo.name for campo in hay.schema}
            faltan = [columna for columna in tabla.columnas if columna.nombre not in nombres]
            if faltan:
                hay.schema = [*hay.schema, *_campos(faltan)]
                cliente.update_table(hay, ["schema"], retry=None, timeout=_ESPERA)

    async def _cargar(self, tabla: Tabla, lote: str, contenido: bytes) -> None:
        """Into a table of its own, once. A job that failed, or whose table is gone, is no loading: the next attempt has
        another name, the same each time."""
        destino = self._de(_de_lote(tabla, lote))
        for intento in range(_INTENTOS):
            trabajo = await _aparte(partial(self._pedir_carga, tabla, destino, f"{lote}_{intento}", contenido))
            await self._esperar(trabajo)
            if trabajo.error_result is None and await _aparte(lambda: self._esta(destino)):
                return
        raise SinAlmacen(f"no se pudo cargar en {tabla.nombre}")

    def _pedir_carga(self, tabla: Tabla, destino: str, id: str, contenido: bytes) -> Any:
        cliente = self._a_mano()
        id = f"parknet_{tabla.nombre}_{id}"
        try:
            return cliente.load_table_from_file(
                io.BytesIO(contenido),
                destino,
                size=len(contenido),
                num_retries=0,
                job_id=id,
                job_config=bigquery.LoadJobConfig(
                    schema=_campos(tabla.columnas),
                    source_format=bigquery.SourceFormat.NEWLINE_DELIMITED_JSON,
                    write_disposition=bigquery.WriteDisposition.WRITE_TRUNCATE,
                ),
                timeout=_ESPERA,
            )
        except Conflict:
            return cliente.get_job(id, retry=None, timeout=_ESPERA)

    def _esta(self, destino: str) -> bool:
        """Whether that table is there; from now on it goes by itself after a while."""
        try:
            tabla = self._a_mano().get_table(destino, retry=None, timeout=_ESPERA)
        except NotFound:
            return False
        tabla.expires = datetime.now(UTC) + _VIDA_DE_UN_LOTE
        self._a_mano().update_table(tabla, ["expires"], retry=None, timeout=_ESPERA)
        return True

    async def _ejecutar(self, sentencia: str, **valores: int | str) -> None:
        parametros = [
            bigquery.ScalarQueryParameter(nombre, "INT64" if isinstance(valor, int) else "STRING", valor)
            for nombre, valor in valores.items()
        ]
        trabajo = await _aparte(
            lambda: self._a_mano().query(
                sentencia,
                job_config=bigquery.QueryJobConfig(query_parameters=parametros),
                retry=None,
                job_retry=None,
                timeout=_ESPERA,
            )
        )
        await self._esperar(trabajo)
        if trabajo.error_result is not None:
            raise SinAlmacen(str(trabajo.error_result.get("reason")))

    async def _esperar(self, trabajo: Any) -> None:
        for _ in range(_MIRADAS):
            if await _aparte(lambda: bool(trabajo.done(retry=None, timeout=_ESPERA))):
                return
            await asyncio.sleep(_ENTRE_MIRADAS)
        raise SinAlmacen("BigQuery: un trabajo no termina")


def _de_lote(tabla: Tabla, lote: str) -> str:
    return f"_lote_{tabla.nombre}_{lote}"


def _campos(columnas: Sequence[Columna]) -> list[Any]:
    return [bigquery.SchemaField(c.nombre, c.tipo, description=c.que or None) for c in columnas]


async def _aparte(llamar: Callable[[], T]) -> T:
    """In a thread. Raises SinAlmacen, with the kind of the error alone: its text may hold rows."""
    with _por_su_nombre():
        return await asyncio.to_thread(llamar)


@contextmanager
def _por_su_nombre() -> Iterator[None]:
    try:
        yield
    except (GoogleAPIError, GoogleAuthError, requests.RequestException, OSError) as error:
        raise SinAlmacen(f"BigQuery: {type(error).__name__}") from error
