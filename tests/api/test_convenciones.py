"""What holds for every call: ids, languages, times, lists, and what is no operation at all."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import httpx
import pytest
from pymongo.errors import AutoReconnect
from starlette.types import Message

from app.core.config import VERSION
from app.database.mongodb import Database
from app.modules.auth.service import AuthService
from app.modules.sorteo.repository import ArchivoRepository
from tests.api.conftest import Aplicacion
from tests.api.mundo import V1, Mundo
from tests.api.operaciones import OPERACIONES
from tests.api.problemas import defectos

INSTANTE = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z")
PARECIDO = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:")
LECTURAS = {n: o for n, o in OPERACIONES.items() if o.metodo == "GET"}


class TestTraza:
    @pytest.mark.parametrize("traza", ["0f8fad5b-d9cb-469f-a165-70867728950e", "0F8FAD5B-D9CB-469F-A165-70867728950E"])
    async def test_la_que_viene_se_devuelve(self, traza: str, mundo: Mundo) -> None:
        respuesta = await mundo.cliente.get(f"{V1}/auth/yo", headers={"X-Request-ID": traza})
        assert respuesta.headers["x-request-id"] == traza
        assert respuesta.json()["traza"] == traza
        assert respuesta.json()["instance"] == f"urn:uuid:{traza}"

    @pytest.mark.parametrize(
        "mala",
        [
            *("", "zq9marca", "0" * 36, "zq9marca" * 1000, "0f8fad5b-d9cb-469f-a165-70867728950g"),
            "0f8fad5bd9cb569fa165708677289-5-0-e-",
        ],
    )
    async def test_una_mal_escrita_no(self, mala: str, mundo: Mundo) -> None:
        respuesta = await mundo.cliente.get("/health/live", headers={"X-Request-ID": mala})
        assert respuesta.status_code == 200
        assert UUID(respuesta.headers["x-request-id"]).version == 4

    async def test_cada_peticion_la_suya(self, mundo: Mundo) -> None:
        respuestas = await asyncio.gather(*(mundo.cliente.get(f"{V1}/auth/yo") for _ in range(20)))
        assert len({r.headers["x-request-id"] for r in respuestas}) == 20
        assert all(r.json()["traza"] == r.headers["x-request-id"] for r in respuestas)


class TestIdioma:
    @pytest.mark.parametrize(
        ("pedido", "idioma"), [("en", "en"), ("en-GB,es;q=0.3", "en"), ("fr", "es"), ("es,en", "es"), (";;q=,", "es")]
    )
    async def test_el_problema_viene_en_el_que_se_prefiere(self, pedido: str, idioma: str, mundo: Mundo) -> None:
        respuesta = await mundo.cliente.post(f"{V1}/auth/refresh", json={}, headers={"Accept-Language": pedido})
        assert defectos(respuesta, {422}) == []
        assert respuesta.headers["content-language"] == idioma

    async def test_los_textos_no_son_los_mismos(self, mundo: Mundo) -> None:
        textos = set()
        for idioma in ("es", "en"):
            respuesta = await mundo.cliente.post(f"{V1}/auth/refresh", json={}, headers={"Accept-Language": idioma})
            cuerpo = respuesta.json()
            textos.add((cuerpo["title"], cuerpo["detail"], cuerpo["errores"][0]["mensaje"]))
        assert len(textos) == 2


class TestRutas:
    @pytest.mark.parametrize(
        "ruta",
        [
            "/zq9marca",
            f"{V1}",
            f"{V1}/zq9marca",
            f"{V1}/auth/login/",
            f"{V1}//auth/yo",
            f"{V1}/sorteo/espacios/a/b",
            f"{V1}/sorteo/%00/zq9marca",
            "/estaticos/zq9marca",
            "/estaticos/%00",
            "/estaticos/..%2f..%2fzq9marca",
            "/estaticos/" + "a" * 5000,
            "/health",
            "/metrics/zq9marca",
            "/%ff",
        ],
    )
    async def test_una_desconocida_es_un_problema(self, ruta: str, mundo: Mundo) -> None:
        respuesta = await mundo.cliente.get(ruta, headers=mundo.quien["admin"])
        assert defectos(respuesta, {404}, marca="zq9marca") == []
        assert respuesta.json()["codigo"] == "ruta_desconocida"

    @pytest.mark.parametrize("plantilla", sorted({o.plantilla for o in OPERACIONES.values()}))
    async def test_un_metodo_que_no_hay(self, plantilla: str, mundo: Mundo, aplicacion: Aplicacion) -> None:
        """`Allow` names what the path takes, and nothing of an operation to which it would be an id."""
        suyos = [o for o in OPERACIONES.values() if o.plantilla == plantilla]
        antes = await aplicacion.digesto()
        camino = suyos[0].camino(mundo)
        propios = {metodo.upper() for metodo in aplicacion.app.openapi()["paths"][plantilla]}
        admitidos = propios | {"OPTIONS"} | ({"HEAD"} if "GET" in propios else set())
        for metodo in {"GET", "PUT", "DELETE", "PATCH", "POST", "TRACE", "CONNECT", "ZQ9"} - propios:
            for quien in ("admin", "auditor", "residente"):
                respuesta = await mundo.cliente.request(metodo, camino, headers=mundo.quien[quien])
                assert defectos(respuesta, {405}) == [], (metodo, quien)
                assert _admitidos(respuesta) == admitidos, metodo
        assert await aplicacion.digesto() == antes

    @pytest.mark.parametrize("plantilla", sorted({o.plantilla for o in OPERACIONES.values()}))
    async def test_que_metodos_hay_se_puede_preguntar(self, plantilla: str, mundo: Mundo) -> None:
        suyos = [o for o in OPERACIONES.values() if o.plantilla == plantilla]
        respuesta = await mundo.cliente.options(suyos[0].camino(mundo))
        assert (respuesta.status_code, respuesta.content) == (204, b"")
        metodos = {o.metodo for o in suyos}
        assert _admitidos(respuesta) >= metodos | {"OPTIONS"} | ({"HEAD"} if "GET" in metodos else set())
        assert not {"TRACE", "CONNECT"} & _admitidos(respuesta)

    async def test_de_lo_que_no_hay_no_se_dice_nada(self, mundo: Mundo) -> None:
        assert defectos(await mundo.cliente.options(f"{V1}/zq9marca"), {404}, marca="zq9marca") == []

    async def test_los_estaticos_no_se_escriben(self, mundo: Mundo) -> None:
        respuesta = await mundo.cliente.post("/estaticos/favicon.png")
        assert defectos(respuesta, {405}) == []
        assert _admitidos(respuesta) == {"GET", "HEAD", "OPTIONS"}


def _admitidos(respuesta: httpx.Response) -> set[str]:
    return set(respuesta.headers["allow"].split(", "))


# It has no end, and what it says changes with the moment.
SIN_FIN = {"trabajos_seguir_trabajo"}


class TestHead:
    @pytest.mark.parametrize("nombre", LECTURAS)
    async def test_es_lo_mismo_sin_cuerpo(self, nombre: str, mundo: Mundo) -> None:
        operacion = LECTURAS[nombre]
        for quien in sorted(operacion.quienes) or ["admin"]:
            camino, cabeceras = operacion.camino(mundo), mundo.quien[quien]
            entera = await mundo.cliente.get(camino, headers=cabeceras)
            sola = await mundo.cliente.head(camino, headers=cabeceras)
            assert (sola.status_code, sola.content) == (entera.status_code, b"")
            if nombre in SIN_FIN:
                continue
            varian = {"x-request-id", "content-length", "ratelimit"}
            assert {k: v for k, v in sola.headers.items() if k not in varian} == {
                k: v for k, v in entera.headers.items() if k not in varian
            }
            if entera.status_code == 200:
                assert sola.headers.get("content-length") == entera.headers.get("content-length")

    async def test_pide_lo_mismo_que_get(self, mundo: Mundo) -> None:
        assert (await mundo.cliente.head(f"{V1}/auth/yo")).status_code == 401
        assert (await mundo.cliente.head(f"{V1}/residentes", headers=mundo.quien["residente"])).status_code == 403
        assert (await mundo.cliente.head(f"{V1}/auth/login")).status_code == 405
        leido = await mundo.cliente.head(f"{V1}/auth/yo", headers=mundo.quien["admin"])
        si_cambia = {**mundo.quien["admin"], "If-None-Match": leido.headers["etag"]}
        assert (await mundo.cliente.head(f"{V1}/auth/yo", headers=si_cambia)).status_code == 304

    async def test_lo_que_no_se_va_a_mandar_no_se_prepara(self, mundo: Mundo, monkeypatch: pytest.MonkeyPatch) -> None:
        hechas = 0

        async def partes(*_: Any, **__: Any) -> AsyncIterator[bytes]:
            nonlocal hechas
            for _n in range(100):
                hechas += 1
                yield b"una parte"

        monkeypatch.setattr(ArchivoRepository, "partes", partes)
        for metodo, cuantas in (("HEAD", 1), ("GET", 100)):
            hechas = 0
            ruta = f"{V1}/sorteo/{mundo.publicado}/bases"
            assert (await mundo.cliente.request(metodo, ruta, headers=mundo.quien["admin"])).status_code == 200
            assert hechas == cuantas


async def test_los_datos_de_un_problema_no_traen_mas_que_su_regla(mundo: Mundo) -> None:
    respuesta = await mundo.cliente.post(
        f"{V1}/auth/refresh", content=b"x" * 2_000_000, headers={"Content-Type": "application/json"}
    )
    assert respuesta.json()["datos"] == {"maximo": 1024 * 1024}
    assert "1048576" in respuesta.json()["detail"]


class TestLoInesperado:
    async def test_tambien_lleva_su_traza(
        self, mundo: Mundo, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        async def romper(*_: object, **__: object) -> None:
            raise RuntimeError("zq9marca")

        monkeypatch.setattr(AuthService, "yo", romper)
        respuesta = await mundo.cliente.get(f"{V1}/auth/yo", headers=mundo.quien["admin"])
        assert defectos(respuesta, {500}, marca="zq9marca") == []
        assert respuesta.headers["x-content-type-options"] == "nosniff"
        assert "zq9marca" in caplog.text

    async def test_sin_base_de_datos_se_pide_volver(self, mundo: Mundo, monkeypatch: pytest.MonkeyPatch) -> None:
        async def romper(*_: object, **__: object) -> None:
            raise AutoReconnect("se cayó")

        monkeypatch.setattr(AuthService, "yo", romper)
        respuesta = await mundo.cliente.get(f"{V1}/auth/yo", headers=mundo.quien["admin"])
        assert defectos(respuesta, {503}) == []
        assert int(respuesta.headers["retry-after"]) > 0

    async def test_quien_se_va_a_mitad_del_cuerpo_no_es_un_error_nuestro(
        self, aplicacion: Aplicacion, mundo: Mundo, caplog: pytest.LogCaptureFixture
    ) -> None:
        antes = await aplicacion.digesto()
        mensajes: list[Message] = [
            {"type": "http.request", "body": b'{"codigo":', "more_body": True},
            {"type": "http.disconnect"},
        ]
        enviados: list[Message] = []

        async def recibir() -> Message:
            return mensajes.pop(0) if mensajes else {"type": "http.disconnect"}

        async def enviar(mensaje: Message) -> None:
            enviados.append(mensaje)

        cabeceras = [(b"content-type", b"application/json")]
        cabeceras += [(c.lower().encode(), v.encode()) for c, v in mundo.quien["admin"].items()]
        await aplicacion.directa(ambito("POST", f"{V1}/sorteo/espacios", cabeceras), recibir, enviar)
        assert enviados[0]["status"] == 400
        assert not [r for r in caplog.records if r.levelname == "ERROR"]
        assert await aplicacion.digesto() == antes


def ambito(metodo: str, ruta: str, cabeceras: list[tuple[bytes, bytes]]) -> dict[str, Any]:
    return {
        "type": "http",
        "http_version": "1.1",
        "method": metodo,
        "scheme": "http",
        "path": ruta,
        "raw_path": ruta.encode(),
        "query_string": b"",
        "headers": cabeceras,
        "server": ("parknet", 80),
        "client": ("192.0.2.1", 1),
    }


class TestSalud:
    async def test_vive_y_atiende(self, mundo: Mundo) -> None:
        for ruta in ("/health/live", "/health/ready"):
            respuesta = await mundo.cliente.get(ruta)
            assert (respuesta.status_code, respuesta.json()) == (200, {"estado": "ok", "version": VERSION})

    async def test_sin_base_de_datos_vive_y_no_atiende(self, mundo: Mundo, monkeypatch: pytest.MonkeyPatch) -> None:
        async def no(_: Database) -> bool:
            return False

        monkeypatch.setattr(Database, "responde", no)
        assert (await mundo.cliente.get("/health/live")).status_code == 200
        lista = await mundo.cliente.get("/health/ready")
        assert defectos(lista, {503}) == []
        assert lista.headers["retry-after"]


def _textos(valor: Any) -> Iterator[str]:
    match valor:
        case str():
            yield valor
        case list():
            for hijo in valor:
                yield from _textos(hijo)
        case dict():
            for hijo in valor.values():
                yield from _textos(hijo)


async def test_todo_instante_que_sale_esta_en_utc_con_tres_decimales(mundo: Mundo) -> None:
    vistos = 0
    for nombre, operacion in LECTURAS.items():
        for quien in operacion.quienes or {"admin"}:
            respuesta = await mundo.cliente.get(operacion.camino(mundo), headers=mundo.quien[quien])
            if respuesta.status_code != 200 or respuesta.headers["content-type"] != "application/json":
                continue
            instantes = [t for t in _textos(respuesta.json()) if PARECIDO.match(t)]
            assert all(INSTANTE.fullmatch(t) for t in instantes), (nombre, instantes)
            vistos += len(instantes)
    assert vistos > 20


class TestListas:
    """`/sorteo/espacios`, by code: the ones of this class begin with `L-`, and go when it ends."""

    @pytest.fixture
    async def codigos(self, mundo: Mundo) -> Any:
        codigos = [f"L-{n:02}" for n in range(10, 100, 10)]
        for codigo in codigos:
            await self.crear(mundo, codigo)
        yield codigos
        for espacio in (await mundo.pedir("GET", "/sorteo/espacios?limite=200&zona=listas"))["items"]:
            await mundo.pedir("DELETE", f"/sorteo/espacios/{espacio['codigo']}")

    async def crear(self, mundo: Mundo, codigo: str) -> None:
        await mundo.pedir("POST", "/sorteo/espacios", json={"codigo": codigo, "tipo": "moto", "zona": "listas"})

    async def pagina(self, mundo: Mundo, **consulta: object) -> httpx.Response:
        respuesta = await mundo.cliente.get(
            f"{V1}/sorteo/espacios",
            params={"zona": "listas", **{n: str(v) for n, v in consulta.items()}},
            headers=mundo.quien["operador"],
        )
        assert respuesta.status_code == 200, respuesta.text
        return respuesta

    async def test_sin_pedirlo_no_hay_total(self, mundo: Mundo, codigos: list[str]) -> None:
        cuerpo = (await self.pagina(mundo)).json()
        assert set(cuerpo) == {"items", "siguiente"}
        assert cuerpo["siguiente"] is None
        assert [e["codigo"] for e in cuerpo["items"]] == codigos

    async def test_contar_es_de_todas_y_no_de_la_pagina(self, mundo: Mundo, codigos: list[str]) -> None:
        primera = (await self.pagina(mundo, limite=2, contar="true")).json()
        segunda = (await self.pagina(mundo, limite=2, contar="true", cursor=primera["siguiente"])).json()
        assert primera["total"] == segunda["total"] == len(codigos)
        assert "total_minimo" not in primera

    async def test_link_lleva_a_la_siguiente_con_los_mismos_filtros(self, mundo: Mundo, codigos: list[str]) -> None:
        vistos: list[str] = []
        respuesta = await self.pagina(mundo, limite=4, orden="-codigo")
        while True:
            cuerpo = respuesta.json()
            vistos += [e["codigo"] for e in cuerpo["items"]]
            assert len(vistos) < 100, "no termina"
            if cuerpo["siguiente"] is None:
                break
            enlace = re.fullmatch(r'<([^>]*)>; rel="next"', respuesta.headers["link"])
            assert enlace is not None
            partes = urlsplit(enlace[1])
            assert (partes.scheme, partes.netloc, partes.path) == ("", "", f"{V1}/sorteo/espacios")
            assert parse_qs(partes.query) == {
                "zona": ["listas"],
                "limite": ["4"],
                "orden": ["-codigo"],
                "cursor": [cuerpo["siguiente"]],
            }
            respuesta = await mundo.cliente.get(enlace[1], headers=mundo.quien["operador"])
        assert vistos == codigos[::-1]
        assert "link" not in respuesta.headers

    @pytest.mark.parametrize("orden", ["codigo", "-codigo"])
    async def test_el_cursor_sigue_bien_mientras_las_filas_van_y_vienen(
        self, orden: str, mundo: Mundo, codigos: list[str]
    ) -> None:
        """Of those that were there all along, each is seen once: also when the row that the cursor stands on goes."""
        vistos: list[str] = []
        cursor: dict[str, str] = {}
        paso = 0
        while True:
            cuerpo = (await self.pagina(mundo, limite=3, orden=orden, **cursor)).json()
            vistos += [e["codigo"] for e in cuerpo["items"]]
            assert len(vistos) < 100, "no termina"
            if cuerpo["siguiente"] is None:
                break
            cursor = {"cursor": cuerpo["siguiente"]}
            await mundo.pedir("DELETE", f"/sorteo/espacios/{vistos[-1]}")
            await self.crear(mundo, f"L-0{paso}")
            await self.crear(mundo, f"L-9{paso + 1}")
            paso += 1
        de_siempre = [c for c in vistos if c in codigos]
        assert de_siempre == sorted(codigos, reverse=orden.startswith("-"))
        assert len(set(vistos)) == len(vistos)
        nuevos = [c for c in vistos if c not in codigos]
        assert all(c.startswith("L-9" if orden == "codigo" else "L-0") for c in nuevos)
        assert nuevos
