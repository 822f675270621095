"""The copy in an endpoint that answers as BigQuery does, and what a manager would ask of it."""

import json
import socket
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from beanie import PydanticObjectId

from app.modules.analitica.ports import Almacen, SinAlmacen
from app.modules.analitica.tablas import ESPACIOS, TABLAS
from app.modules.solicitudes.estados import RequestStatus
from app.modules.sorteo.estados import EstadoSorteo
from app.modules.sorteo.models import Vigencia
from tests.conftest import INICIO
from tests.modules.analitica import datos
from tests.modules.analitica.conftest import CONJUNTO, Montar, sin_marca
from tests.modules.analitica.dobles import AlmacenEnMemoria
from tests.modules.analitica.test_service import mover

CONSULTAS = Path("app/modules/analitica/consultas")


class Sitio:
    """A data set of the endpoint: the copy in it, and what its tables say."""

    def __init__(self, direccion: str, nombre: str) -> None:
        self.modulo = import_module("app.modules.analitica.bigquery")
        self.nombre = nombre
        self.almacen: Almacen = self.modulo.BigQuery(
            proyecto="proyecto", datos=nombre, ubicacion="US", credenciales=None, direccion=direccion
        )
        self.cliente = self.modulo.bigquery.Client(
            project="proyecto",
            credentials=self.modulo.AnonymousCredentials(),
            client_options=self.modulo.ClientOptions(api_endpoint=direccion),
        )

    def preguntar(self, sql: str, **valores: object) -> list[dict[str, Any]]:
        bigquery = self.modulo.bigquery
        tipos: Mapping[type, str] = {date: "DATE", str: "STRING"}
        parametros = [bigquery.ScalarQueryParameter(n, tipos[type(v)], v) for n, v in valores.items()]
        ajustes = bigquery.QueryJobConfig(default_dataset=f"proyecto.{self.nombre}", query_parameters=parametros)
        return [dict(fila) for fila in self.cliente.query(sql, job_config=ajustes).result()]

    def tabla(self, nombre: str) -> Any:
        return self.cliente.get_table(f"proyecto.{self.nombre}.{nombre}")

    def filas(self, nombre: str) -> list[dict[str, Any]]:
        return sin_marca(self.preguntar(f"SELECT * FROM {nombre} WHERE NOT borrado"))  # noqa: S608


@pytest.fixture
def sitio(bigquery: str, datos_de_uno: str) -> Sitio:
    return Sitio(bigquery, datos_de_uno)


async def lo_mismo(montar: Montar, sitio: Sitio) -> None:
    """The tables say what a copy in memory, made now, says."""
    memoria = AlmacenEnMemoria()
    await datos.olvidar_lo_copiado()
    await montar(memoria).poner_al_dia()
    for tabla in TABLAS:
        assert _ordenadas(sitio.filas(tabla.nombre)) == _ordenadas(memoria.vivas(tabla.nombre)), tabla.nombre


def _ordenadas(filas: list[dict[str, Any]]) -> list[str]:
    return sorted(json.dumps(fila, sort_keys=True, default=_en_json) for fila in filas)


def _en_json(valor: date) -> str:
    """As it is sent."""
    if isinstance(valor, datetime):
        return valor.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return valor.isoformat()


class TestEnBigQuery:
    async def test_tables_are_made(self, montar: Montar, sitio: Sitio) -> None:
        assert set(await sitio.almacen.por_preparar(tablas=TABLAS)) == {sitio.nombre, *(t.nombre for t in TABLAS)}
        await montar(sitio.almacen).poner_al_dia()
        assert await sitio.almacen.por_preparar(tablas=TABLAS) == []
        for tabla in TABLAS:
            hecha = sitio.tabla(tabla.nombre)
            assert (hecha.time_partitioning.type_, hecha.time_partitioning.field) == ("DAY", "dia")
            assert [(c.name, c.field_type) for c in hecha.schema] == [(c.nombre, c.tipo) for c in tabla.columnas]

    async def test_in_step(self, montar: Montar, sitio: Sitio) -> None:
        uno = await datos.un_conjunto()
        await montar(sitio.almacen).poner_al_dia()
        await mover(uno)
        await montar(sitio.almacen).poner_al_dia()
        await lo_mismo(montar, sitio)
        assert not [t.table_id for t in sitio.cliente.list_tables(sitio.nombre) if t.table_id.startswith("_lote")]

    async def test_a_column_of_a_later_version(self, montar: Montar, sitio: Sitio) -> None:
        """It is added, and filled in for what was there before."""
        await datos.un_conjunto()
        bigquery = sitio.modulo.bigquery
        sitio.cliente.create_dataset(sitio.nombre)
        viejas = [bigquery.SchemaField(c.nombre, c.tipo) for c in ESPACIOS.columnas if c.nombre != "zona"]
        sitio.cliente.create_table(bigquery.Table(f"proyecto.{sitio.nombre}.espacios", schema=viejas))
        await datos.espacio("Z-1", zona="norte")
        assert "espacios.zona" in await sitio.almacen.por_preparar(tablas=TABLAS)
        await montar(sitio.almacen).poner_al_dia()
        assert sorted(filter(None, (fila["zona"] for fila in sitio.filas("espacios")))) == ["norte"]

    async def test_the_same_content_is_loaded_once(self, sitio: Sitio) -> None:
        await sitio.almacen.preparar(tablas=[ESPACIOS])
        contenido = b'{"conjunto": "c", "espacio": "1", "codigo": "A-1", "borrado": false}\n'
        for marca in (5, 5, 4):
            await sitio.almacen.poner(tabla=ESPACIOS, lote="abc", contenido=contenido, marca=marca)
        cargas = [trabajo for trabajo in sitio.cliente.list_jobs() if trabajo.job_type == "load"]
        assert [t.job_id for t in cargas if t.destination.dataset_id == sitio.nombre] == ["parknet_espacios_abc_0"]
        assert [fila["marca"] for fila in sitio.preguntar("SELECT marca FROM espacios")] == [5]

    async def test_a_load_whose_table_is_gone(self, sitio: Sitio) -> None:
        await sitio.almacen.preparar(tablas=[ESPACIOS])
        contenido = b'{"conjunto": "c", "espacio": "1", "codigo": "A-1", "borrado": false}\n'
        poner = partial(sitio.almacen.poner, tabla=ESPACIOS, lote=sitio.nombre, contenido=contenido)
        await poner(marca=1)
        await sitio.almacen.soltar(tabla=ESPACIOS, lote=sitio.nombre)
        await poner(marca=2)
        assert [fila["marca"] for fila in sitio.preguntar("SELECT marca FROM espacios")] == [2]

    async def test_what_is_earlier_changes_nothing(self, sitio: Sitio) -> None:
        await sitio.almacen.preparar(tablas=[ESPACIOS])
        fila = '{"conjunto": "c", "espacio": "1", "codigo": "%s", "borrado": false}\n'
        for codigo, marca in (("nuevo", 9), ("viejo", 8)):
            lote = f"{sitio.nombre}_{codigo}"
            await sitio.almacen.poner(tabla=ESPACIOS, lote=lote, contenido=(fila % codigo).encode(), marca=marca)
        assert [f["codigo"] for f in sitio.filas("espacios")] == ["nuevo"]
        await sitio.almacen.barrer(tabla=ESPACIOS, conjunto="otro", antes_de=10, marca=10)
        assert len(sitio.filas("espacios")) == 1
        await sitio.almacen.barrer(tabla=ESPACIOS, conjunto="c", antes_de=10, marca=10)
        assert sitio.filas("espacios") == []

    async def test_away(self, bigquery: str) -> None:
        """Nobody answers, or nobody lets in: told by the kind of it, without a word of the rows."""
        del bigquery
        with socket.create_server(("127.0.0.1", 0)) as libre:
            puerto = libre.getsockname()[1]
        almacen = Sitio(f"http://127.0.0.1:{puerto}", "datos").almacen
        with pytest.raises(SinAlmacen, match=r"^BigQuery: ConnectionError$"):
            await almacen.por_preparar(tablas=TABLAS)


@pytest.fixture(scope="module")
def copiados() -> list[Sitio]:
    """The data set that all queries ask, once it is filled: asking changes nothing in it."""
    return []


class TestConsultas:
    """Each of the files, with its answer."""

    @pytest.fixture
    async def dos_semestres(self, montar: Montar, sitio: Sitio, copiados: list[Sitio]) -> Sitio:
        """A draw as in `un_conjunto`, and one half a year later, of the same flats and spaces: who waited waits on."""
        if copiados:
            return copiados[0]
        uno = await datos.un_conjunto()
        suyas = await datos.solicitudes_de(uno)
        dos = await datos.sorteo(
            nombre="Segundo semestre",
            vigencia=Vigencia(desde=date(2027, 1, 1), hasta=date(2027, 6, 30)),
            estado=EstadoSorteo.finalizado,
            corrida="corrida 2",
            ejecutado_en=INICIO + timedelta(days=180),
            publicado_en=INICIO + timedelta(days=181),
        )
        estados = (RequestStatus.vencida, RequestStatus.aceptada, RequestStatus.retirada)
        for n, (antes, estado) in enumerate(zip(suyas, estados, strict=True), 1):
            suya = await datos.solicitud(dos, n, antes.unidad_id, estado=estado)
            await datos.resultado(dos, suya, n, espacio=(None, "A-1", "A-2", None)[n], espera=1 if n == 3 else None)
            if estado is RequestStatus.aceptada:
                cuando = INICIO + timedelta(days=181, hours=30)
                await datos.asignacion(suya, "A-2", cuando, desde=date(2027, 1, 1), hasta=date(2027, 6, 30))
        ensayo = await datos.sorteo(nombre="Ensayo", ensayo=True, estado=EstadoSorteo.ejecutado, ejecutado_en=INICIO)
        await datos.solicitud(ensayo, 1, PydanticObjectId())
        await montar(sitio.almacen).poner_al_dia()
        copiados.append(sitio)
        return sitio

    async def test_demanda(self, dos_semestres: Sitio) -> None:
        assert self._respuesta(dos_semestres, "demanda") == [
            (CONJUNTO, "Primer semestre", "carro", 3, 2, 66.7),
            (CONJUNTO, "Segundo semestre", "carro", 3, 2, 66.7),
        ]

    async def test_ocupacion(self, dos_semestres: Sitio) -> None:
        dias = date(2026, 5, 1), date(2028, 1, 1)
        por_dia = {dia: self._respuesta(dos_semestres, "ocupacion", dia=dia) for dia in dias}
        assert por_dia == {
            date(2026, 5, 1): [(CONJUNTO, "carro", 3, 1, 1, 1)],
            date(2028, 1, 1): [(CONJUNTO, "carro", 3, 0, 1, 2)],
        }

    async def test_rachas(self, dos_semestres: Sitio) -> None:
        assert self._respuesta(dos_semestres, "rachas") == [(CONJUNTO, "carro", 2, 1)]

    async def test_respuestas(self, dos_semestres: Sitio) -> None:
        assert self._respuesta(dos_semestres, "respuestas") == [
            (CONJUNTO, "Primer semestre", 2, 1, 0, 0, 1, 6.0),
            (CONJUNTO, "Segundo semestre", 2, 1, 0, 1, 0, 30.0),
        ]

    async def test_niveles(self, dos_semestres: Sitio) -> None:
        assert self._respuesta(dos_semestres, "niveles") == [
            (CONJUNTO, 2026, 2, 1, 1, 100.0),
            (CONJUNTO, 2026, 5, 2, 1, 50.0),
            (CONJUNTO, 2027, 5, 3, 2, 66.7),
        ]

    def _respuesta(self, sitio: Sitio, nombre: str, **valores: object) -> list[tuple[Any, ...]]:
        sql = (CONSULTAS / f"{nombre}.sql").read_text(encoding="utf-8")
        return [tuple(fila.values()) for fila in sitio.preguntar(sql, **valores)]
