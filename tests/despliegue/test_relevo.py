"""Processes come and go while people use the service, and nobody notices."""

import contextlib
import json
import signal
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from pymongo import MongoClient

from scripts.cluster.apis import CLAVE, CORREO
from scripts.cluster.apis import Api as ApiDelPrograma
from scripts.cluster.processes import esperar, puertos_libres
from tests.crash.vivero import Ramificado, programa
from tests.despliegue.conftest import NOMBRE, tras_nginx

BASE = "pruebas_relevo"
AJUSTES = {"PARKNET_MONGODB_DB": BASE, "PARKNET_CUOTAS": "0", "PARKNET_PROXIES": "127.0.0.1"}
PRONTO = AJUSTES | {"PARKNET_DRENAJE_SEGUNDOS": "1"}
COMO_EN_PROD = AJUSTES | {"PARKNET_DRENAJE_SEGUNDOS": "5"}
pytestmark = pytest.mark.mongod


@pytest.fixture
def base(servidor: str) -> Iterator[Any]:
    with MongoClient[dict[str, Any]](servidor) as cliente:
        cliente.drop_database(BASE)
        yield cliente[BASE]
        cliente.drop_database(BASE)


class Api(ApiDelPrograma):
    def arrancar(self) -> None:
        self._carpeta.mkdir(parents=True, exist_ok=True)
        self._proceso = Ramificado(programa, self._carpeta, self._entorno, self.registro)


@contextlib.contextmanager
def en_marcha(api: Api) -> Iterator[Api]:
    try:
        api.arrancar()
        api.esperar()
        yield api
    finally:
        api.parar()


def entrar(origen: str) -> dict[str, str]:
    cuerpo = {"username": CORREO, "password": CLAVE}
    token = httpx.post(f"{origen}/api/v1/auth/login", data=cuerpo, trust_env=False).json()["access_token"]
    return {"Authorization": f"Bearer {token}"}


class Gente:
    """`with Gente(...)`: some who read and write, ten times a second each, until the end. `malas`: what was not
    answered well; `hechos`: the spaces that were made."""

    def __init__(self, origen: str, quien: dict[str, str], *, cuantos: int = 4, nombre: str = "") -> None:
        self._fin = threading.Event()
        self._origen, self._quien, self._nombre = origen, quien, nombre
        self._hilos = [threading.Thread(target=self._usar, args=(n,)) for n in range(cuantos)]
        self.malas: list[str] = []
        self.hechos: list[str] = []
        self.leidas = 0

    def __enter__(self) -> "Gente":
        for hilo in self._hilos:
            hilo.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._fin.set()
        for hilo in self._hilos:
            hilo.join()

    def _usar(self, numero: int) -> None:
        cabeceras = self._quien | ({"Host": self._nombre} if self._nombre else {})
        with httpx.Client(verify=False, trust_env=False, timeout=60, headers=cabeceras) as http:  # noqa: S501
            while not self._fin.wait(0.1):
                self._anotar(self._pedir(http, "GET", "/api/v1/sorteo/espacios?limite=1"), 200)
                codigo = f"{numero}-{len(self.hechos)}"
                clave = {"Idempotency-Key": f"relevo-{codigo}"}
                pedido = {"json": {"codigo": codigo, "tipo": "carro"}, "headers": clave}
                # One that was cut off may have been done: nginx does not send it twice, and whoever sent it may.
                respuesta = self._pedir(http, "POST", "/api/v1/sorteo/espacios", **pedido)
                if respuesta == 502:
                    respuesta = self._pedir(http, "POST", "/api/v1/sorteo/espacios", **pedido)
                self._anotar(respuesta, 201)
                self.hechos.append(codigo)
                self.leidas += 1

    def _pedir(self, http: httpx.Client, metodo: str, ruta: str, **pedido: Any) -> int | str:
        try:
            extensiones = {"sni_hostname": self._nombre} if self._nombre else {}
            return http.request(metodo, f"{self._origen}{ruta}", extensions=extensiones, **pedido).status_code
        except httpx.TransportError as error:
            return type(error).__name__

    def _anotar(self, respuesta: int | str, bien: int) -> None:
        if respuesta != bien:
            self.malas.append(f"{respuesta} en vez de {bien}")

    def un_rato(self) -> None:
        hasta = self.leidas + 10
        esperar(lambda: self.leidas >= hasta, "que alguien siga usándolo")


def test_uno_tras_otro_detras_de_nginx(base: Any, servidor: str, tmp_path: Path) -> None:
    """With the waits of both as they are shipped: nginx counts in whole seconds and believes for up to two that one is
    gone, so whoever goes next must answer for longer than that."""
    apis = [Api(tmp_path, puerto, servidor, COMO_EN_PROD) for puerto in puertos_libres(2)]
    puertos = [int(api.origen.rpartition(":")[2]) for api in apis]
    with en_marcha(apis[0]), en_marcha(apis[1]), tras_nginx(tmp_path, *puertos) as frente:
        quien = entrar(apis[0].origen)
        with Gente(f"https://127.0.0.1:{frente.https}", quien, nombre=NOMBRE) as gente:
            for api in apis:
                gente.un_rato()
                api.parar()
                gente.un_rato()
                api.arrancar()
                api.esperar()
            gente.un_rato()
    assert gente.malas == []
    assert sorted(fila["codigo"] for fila in base["espacios"].find()) == sorted(gente.hechos)


def test_los_procesos_de_una_maquina(base: Any, servidor: str, tmp_path: Path) -> None:
    """SIGHUP: each has its successor before it goes."""
    api = Api(tmp_path, _puerto(), servidor, PRONTO | {"PARKNET_WORKERS": "2"})
    with en_marcha(api), Gente(api.origen, entrar(api.origen), cuantos=2) as gente:
        vivos = _hijos(api.pid)
        gente.un_rato()
        api.senalar(signal.SIGHUP)
        esperar(lambda: len(_hijos(api.pid)) == 2 and not _hijos(api.pid) & vivos, "que los dos sean otros", 300)
        gente.un_rato()
    assert gente.malas == []
    assert base["espacios"].count_documents({}) == len(gente.hechos)


def _puerto() -> int:
    (puerto,) = puertos_libres(1)
    return puerto


def _hijos(pid: int) -> set[int]:
    """The processes that answer: of its children, those that were spawned to do so."""
    hijos = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return {int(h) for h in hijos if b"spawn_main" in Path(f"/proc/{h}/cmdline").read_bytes()}


class TestParar:
    def test_lo_que_estaba_en_curso_se_acaba(self, base: Any, servidor: str, tmp_path: Path) -> None:
        del base
        with en_marcha(Api(tmp_path, _puerto(), servidor, PRONTO)) as api:
            quien = entrar(api.origen)
            with _a_medias(api, quien) as (conexion, resto), httpx.Client(trust_env=False, timeout=60) as http:
                assert http.get(f"{api.origen}/health/ready").status_code == 200
                api.senalar(signal.SIGTERM)
                esperar(lambda: http.get(f"{api.origen}/health/ready").status_code == 503, "que diga que se va")
                otra = http.get(f"{api.origen}/api/v1/residentes", headers=quien)
                assert (otra.status_code, otra.headers["Connection"]) == (200, "close")
                assert http.get(f"{api.origen}/health/live").status_code == 200
                esperar(lambda: not _escucha(api), "que ya no escuche")
                conexion.sendall(resto)
                dicho = conexion.makefile("rb").read()
            assert dicho.startswith(b"HTTP/1.1 201 "), dicho
            assert _salida(api) == 0

    def test_quien_no_acaba_no_lo_retiene(self, base: Any, servidor: str, tmp_path: Path) -> None:
        del base
        cortos = PRONTO | {"PARKNET_DRENAJE_SEGUNDOS": "0", "PARKNET_GRACIA_SEGUNDOS": "1"}
        with en_marcha(Api(tmp_path, _puerto(), servidor, cortos)) as api, _a_medias(api, entrar(api.origen)):
            api.senalar(signal.SIGTERM)
            assert _salida(api) == 0


@contextlib.contextmanager
def _a_medias(api: Api, quien: dict[str, str]) -> Iterator[tuple[socket.socket, bytes]]:
    """A call whose body has begun, and the rest of it."""
    cuerpo = json.dumps({"codigo": "L-1", "tipo": "carro"}).encode()
    cabeceras = [
        "POST /api/v1/sorteo/espacios HTTP/1.1",
        "Host: parknet",
        f"Authorization: {quien['Authorization']}",
        "Content-Type: application/json",
        f"Content-Length: {len(cuerpo)}",
    ]
    anfitrion, _, puerto = api.origen.removeprefix("http://").partition(":")
    with socket.create_connection((anfitrion, int(puerto)), timeout=60) as conexion:
        conexion.sendall("\r\n".join(cabeceras).encode() + b"\r\n\r\n" + cuerpo[:5])
        yield conexion, cuerpo[5:]


def _escucha(api: Api) -> bool:
    anfitrion, _, puerto = api.origen.removeprefix("http://").partition(":")
    try:
        socket.create_connection((anfitrion, int(puerto)), timeout=60).close()
    except ConnectionError:
        return False
    return True


def _salida(api: Api) -> int:
    assert api._proceso is not None
    return api._proceso.wait(60)
