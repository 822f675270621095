"""Starting and ending the API of a test, and the draw that it plays."""

import os
import signal
import socket
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from pymongo import MongoClient

from tests.crash import corredor
from tests.crash.vivero import Ramificado
from tests.loteria import de_un_anio

CORREO, CLAVE = "admin@example.com", "una clave muy larga"
ENTROPIA = "4821 serie 072"
SOLICITUDES = 60
# The number can be known in an hour: closing happens now, and what follows on a clock that is two hours fast.
ESPERA, ADELANTE = timedelta(hours=1), timedelta(hours=2)
_PLAZO = 600.0
_DE_ORDINARIO = 10
"""Seconds that a transaction may be old on the tests' servers, which other tests use as well."""


def esperar(que: Callable[[], bool], por: str) -> None:
    limite = time.monotonic() + _PLAZO
    while not que():
        assert time.monotonic() < limite, f"se esperaba {por}"
        time.sleep(0.05)


@dataclass(frozen=True)
class Muerte:
    """Where in the code it dies."""

    en: str
    llamada: int
    cuando: str
    con: signal.Signals = signal.SIGKILL

    def entorno(self) -> Mapping[str, str]:
        return {
            "MORIR_EN": self.en,
            "MORIR_LLAMADA": str(self.llamada),
            "MORIR_CUANDO": self.cuando,
            "MORIR_CON": self.con.name,
        }


@dataclass(frozen=True)
class Datos:
    """A database of a running server, and the folder of the processes that use it: their keys, and what they say. They
    die and start again, and the server goes on, as the embedded one does that they share."""

    carpeta: Path
    servidor: str
    nombre: str


class Escena:
    """What stood in a database at one moment, to be put there again: that takes a hundredth of making it, and of a
    server that starts on a copy of its files."""

    def __init__(self, datos: Datos) -> None:
        self._datos = datos
        with base(datos) as guardado:
            self._filas: Mapping[str, Sequence[dict[str, Any]]] = {
                nombre: list(guardado[nombre].find()) for nombre in guardado.list_collection_names()
            }

    def reponer(self) -> Datos:
        with base(self._datos) as guardado:
            # A transaction whose client died would hold what it wrote.
            guardado.client.admin.command({"killAllSessions": []})
            for nombre in guardado.list_collection_names():
                guardado[nombre].delete_many({})
            for nombre, filas in self._filas.items():
                if filas:
                    guardado[nombre].insert_many(filas)
        return self._datos


class Api:
    """A running API, with its administrator signed in."""

    def __init__(self, proceso: Ramificado, puerto: int) -> None:
        self.proceso = proceso
        self._cliente = httpx.Client(base_url=f"http://127.0.0.1:{puerto}", timeout=_PLAZO)
        esperar(self._vive, "la API")
        self.entrar()

    def entrar(self) -> None:
        """Sign in, from now on."""
        datos = {"username": CORREO, "password": CLAVE}
        token = self._cliente.post("/api/v1/auth/login", data=datos).json()["access_token"]
        self._cliente.headers["Authorization"] = f"Bearer {token}"

    @property
    def cliente(self) -> httpx.Client:
        return self._cliente

    def pedir(self, metodo: str, ruta: str, json: Any = None, clave: str | None = None) -> httpx.Response:
        cabeceras = {} if clave is None else {"Idempotency-Key": clave}
        return self._cliente.request(metodo, f"/api/v1{ruta}", json=json, headers=cabeceras)

    def hacer(self, metodo: str, ruta: str, json: Any = None) -> Any:
        respuesta = self.pedir(metodo, ruta, json)
        assert respuesta.is_success, (metodo, ruta, respuesta.text)
        return respuesta.json()

    def todas(self, ruta: str) -> list[dict[str, Any]]:
        filas: list[dict[str, Any]] = self.hacer("GET", f"{ruta}{'&' if '?' in ruta else '?'}limite=200")["items"]
        return filas

    def muere(self, metodo: str, ruta: str, json: Any = None, clave: str | None = None) -> None:
        """Make the call that kills it: no answer comes."""
        try:
            respuesta = self.pedir(metodo, ruta, json, clave)
        except httpx.TransportError:
            assert self.proceso.wait(_PLAZO) == -signal.SIGKILL
        else:
            raise AssertionError(f"respondió {respuesta.status_code}: {respuesta.text}")

    def cerrar(self) -> None:
        self._cliente.close()

    def _vive(self) -> bool:
        assert self.proceso.poll() is None, "la API no arrancó"
        try:
            return self._cliente.get("/health/ready").status_code == 200
        except httpx.TransportError:
            return False


@contextmanager
def api(
    datos: Datos,
    *,
    muerte: Muerte | None = None,
    latido: float = 0,
    adelante: timedelta = ADELANTE,
    turno: float = 1,
    transacciones: int = 2,
    pausas: Path | None = None,
    lote: int = 10,
) -> Iterator[Api]:
    """Start it over `datos`; at the end it is told to stop, unless it has died. `transacciones`: seconds after which
    the server ends one by itself. `pausas`: see `tests.crash.corredor`."""
    with socket.socket() as libre:
        libre.bind(("127.0.0.1", 0))
        puerto = libre.getsockname()[1]
    entorno = {
        "PATH": os.environ["PATH"],
        "PARKNET_DATA_DIR": str(datos.carpeta),
        "PARKNET_MONGODB_URI": datos.servidor,
        "PARKNET_MONGODB_DB": datos.nombre,
        "PARKNET_PORT": str(puerto),
        "PARKNET_BCRYPT_COST": "4",
        "PARKNET_CUOTAS": "0",
        "PARKNET_ADMIN_EMAIL": CORREO,
        "PARKNET_ADMIN_PASSWORD": CLAVE,
        "PARKNET_LATIDO_SEGUNDOS": str(latido),
        "RELOJ_ADELANTE": str(adelante.total_seconds()),
        "TURNO": str(turno),
        "LOTE": str(lote),
        **(muerte.entorno() if muerte else {}),
        **({"PAUSAS": str(pausas)} if pausas else {}),
    }
    proceso = Ramificado(corredor.main, datos.carpeta, entorno)
    viva = None
    try:
        viva = Api(proceso, puerto)
        # A transaction whose client died holds what it wrote until it is this old.
        _limitar(datos, transacciones)
        yield viva
    finally:
        if viva is not None:
            viva.cerrar()
        proceso.send_signal(signal.SIGTERM)
        proceso.send_signal(signal.SIGCONT)  # of one that hangs, too
        proceso.wait(_PLAZO)
        _limitar(datos, _DE_ORDINARIO)


def jugar_hasta_cerrar(api: Api) -> str:
    """A draw of sixty requests, three kinds of right and thirty-five spaces, closed; its id."""
    for n in range(25):
        api.hacer("POST", "/sorteo/espacios", {"codigo": f"A-{n:02}", "tipo": "carro"})
    for n in range(5):
        api.hacer("POST", "/sorteo/espacios", {"codigo": f"D-{n:02}", "tipo": "carro", "reserva": "movilidad_reducida"})
        api.hacer("POST", "/sorteo/espacios", {"codigo": f"M-{n:02}", "tipo": "moto"})
    api.hacer(
        "POST",
        "/sorteo/prioridades",
        {
            "codigo": "movilidad_reducida",
            "descripcion": "Personas con movilidad reducida",
            "condiciones": [{"campo": "condicion", "operador": "igual", "valor": "movilidad_reducida"}],
            "efecto": {"nivel": 2, "boletas": 3},
        },
    )
    disponible = datetime.now(UTC) + ESPERA
    sorteo: str = api.hacer(
        "POST",
        "/sorteo",
        de_un_anio(disponible, aprobacion="automatica"),
    )["id"]
    api.hacer("POST", f"/sorteo/{sorteo}/abrir")
    for n in range(SOLICITUDES):
        vehiculo = {"tipo": "moto" if n % 6 == 0 else "carro", "placa": f"AAA{n:03}"}
        api.hacer("POST", "/residentes/unidades", {"torre": "1", "apartamento": f"{n:03}", "vehiculos": [vehiculo]})
    for n in range(0, SOLICITUDES, 10):
        suyas = [{"torre": "1", "apartamento": f"{m:03}", "tenencia": "propietario"} for m in range(n, n + 10)]
        condiciones = [{"codigo": "movilidad_reducida", "persona": "titular"}] if n == 0 else []
        api.hacer(
            "POST",
            "/residentes",
            {
                "nombres": "Ana",
                "apellidos": "Rojas",
                "tipo_documento": "CC",
                "numero_documento": f"52{n:06}",
                "unidades": suyas,
                "condiciones": condiciones,
            },
        )
    for unidad in api.todas("/residentes/unidades"):
        pedido = {"sorteo_id": sorteo, "unidad_id": unidad["id"], "vehiculo_id": unidad["vehiculos"][0]["id"]}
        api.hacer("POST", "/solicitudes", pedido)
    assert api.hacer("POST", f"/sorteo/{sorteo}/cerrar")["participantes"] == SOLICITUDES
    return sorteo


@contextmanager
def base(datos: Datos) -> Iterator[Any]:
    """What the API cannot be asked: its database."""
    with MongoClient[dict[str, Any]](datos.servidor) as cliente:
        yield cliente[datos.nombre]


def _limitar(datos: Datos, transacciones: int) -> None:
    with base(datos) as guardado:
        guardado.client.admin.command("setParameter", 1, transactionLifetimeLimitSeconds=transacciones)
