"""Servers that are measured over HTTP: the API as `make run` starts it, and others beside it; and who calls them."""

import asyncio
import contextlib
import json
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx

from scripts.bench.banco import Banco, RespuestaInesperada
from scripts.bench.medida import Lado
from scripts.cluster.apis import CLAVE, CORREO, RAIZ, Api
from scripts.cluster.processes import esperar, puertos_libres

_LARGO = re.compile(rb"(?i)content-length: (\d+)")
CONEXIONES = 16
_PLAZO = 60


class Servida:
    """An API in a process of its own, on a database of its own. `ruta` is without `/api/v1`."""

    def __init__(self, origen: str) -> None:
        self.origen = f"{origen}/api/v1"
        self.cliente = httpx.Client(base_url=self.origen, timeout=60, trust_env=False)
        self.token = self.entrar(CORREO, CLAVE)
        self.cliente.headers["Authorization"] = f"Bearer {self.token}"

    def entrar(self, correo: str, clave: str) -> str:
        respuesta = self.cliente.post("/auth/login", data={"username": correo, "password": clave})
        token: str = respuesta.raise_for_status().json()["access_token"]
        return token

    def pedir(self, metodo: str, ruta: str, cuerpo: Any = None) -> Any:
        respuesta = self.cliente.request(metodo, ruta, json=cuerpo)
        if not respuesta.is_success:
            raise RespuestaInesperada(f"{metodo} {ruta}: {respuesta.status_code} {respuesta.text}")
        return respuesta.json()

    def hogar(self, i: int) -> tuple[Any, Any, Any]:
        """Flat, vehicle and resident number i."""
        sitio = {"torre": f"T{i % 4}", "apartamento": str(100 + i)}
        unidad = self.pedir("POST", "/residentes/unidades", sitio)
        vehiculo = {"tipo": "carro", "placa": f"ABC{i:03d}"}
        vehiculo = self.pedir("POST", f"/residentes/unidades/{unidad['id']}/vehiculos", vehiculo)
        persona = {
            **{"nombres": f"Nombre{i}", "apellidos": f"Apellido{i}", "tipo_documento": "CC"},
            **{"numero_documento": f"10{i:06d}", "email": f"r{i}@example.com", "fecha_ingreso": "2021-05-01"},
            "unidades": [{**sitio, "tenencia": "propietario"}],
        }
        return unidad, vehiculo, self.pedir("POST", "/residentes", persona)


@contextlib.contextmanager
def servida(banco: Banco, carpeta: Path, base: str, **ajustes: str) -> Iterator[Servida]:
    (puerto,) = puertos_libres(1)
    comunes = {"PARKNET_MONGODB_DB": base, "PARKNET_CUOTAS": "0", "PARKNET_BCRYPT_COST": "4"}
    api = Api(carpeta / base, puerto, banco.uri, comunes | ajustes)
    api.arrancar()
    try:
        api.esperar()
        yield Servida(api.origen)
    finally:
        api.parar()


@contextlib.contextmanager
def otra(modulo: str, entorno: Mapping[str, str], *, python: str = sys.executable) -> Iterator[str]:
    """Another application, `app` in that module; its address."""
    (puerto,) = puertos_libres(1)
    orden = [python, "-m", "uvicorn", f"{modulo}:app", "--port", str(puerto), "--no-access-log"]
    proceso = subprocess.Popen([*orden, "--log-level", "warning"], cwd=RAIZ, env=entorno)  # noqa: S603
    origen = f"http://127.0.0.1:{puerto}"

    def responde() -> bool:
        with contextlib.suppress(httpx.TransportError):
            return httpx.get(f"{origen}/openapi.json", timeout=5, trust_env=False).is_success
        return False

    try:
        esperar(responde, modulo, _PLAZO)
        yield origen
    finally:
        proceso.terminate()
        try:
            proceso.wait(_PLAZO)
        except subprocess.TimeoutExpired:
            proceso.kill()
            proceso.wait()


@contextlib.asynccontextmanager
async def _abierta(origen: str) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    lector, escritor = await asyncio.open_connection("127.0.0.1", int(origen.rsplit(":", 1)[1].split("/")[0]))
    try:
        yield lector, escritor
    finally:
        escritor.close()


def pregunta(origen: str, token: str, ruta: str, cuerpo: Any = None) -> bytes:
    camino = "/" + "/".join(f"{origen}{ruta}".split("/")[3:])
    crudo = b"" if cuerpo is None else json.dumps(cuerpo).encode()
    cabeza = f"{'GET' if cuerpo is None else 'POST'} {camino} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n"
    return f"{cabeza}Content-Type: application/json\r\nContent-Length: {len(crudo)}\r\n\r\n".encode() + crudo


async def llamar(origen: str, preguntas: Sequence[bytes], conexiones: int = CONEXIONES) -> None:
    """All of them, over so many connections. Raises RespuestaInesperada for anything but success."""
    pendientes = iter(preguntas)

    async def trabajar() -> None:
        async with _abierta(origen) as (lector, escritor):
            for una in pendientes:
                escritor.write(una)
                cabeza = await lector.readuntil(b"\r\n\r\n")
                largo = _LARGO.search(cabeza)
                dicho = await lector.readexactly(int(largo[1]) if largo else 0)
                if not cabeza.startswith(b"HTTP/1.1 2"):
                    raise RespuestaInesperada(f"{una[:80]!r}: {cabeza[:40]!r} {dicho[:300]!r}")

    await asyncio.gather(*(trabajar() for _ in range(conexiones)))


def veces(origen: str, token: str, ruta: str, cuantas: int = 300) -> Lado:
    preguntas = [pregunta(origen, token, ruta)] * cuantas
    return lambda: llamar(origen, preguntas)
