"""Requests as bytes on a real socket, to the server that `main.py` starts: lengths that lie, chunks that do not add up,
bodies that never end. What is no HTTP at all, the server refuses before the application sees it; whatever reaches the
application is answered by it, and never with a failure of ours.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from random import Random

import pytest
import uvicorn

from app.core.http.bodies import MAXIMO_JSON
from tests.judges.juicio import EJEMPLOS, SEMILLA, Banco

RUTA = "/api/v1/residentes/unidades"
NUEVA = json.dumps({"torre": "Torre 8", "apartamento": "801"}).encode()


@pytest.fixture
async def puerto(banco: Banco) -> AsyncIterator[int]:
    # The application has started already: the server only hands requests to it.
    configuracion = uvicorn.Config(
        banco.aplicacion.directa,
        host="127.0.0.1",
        port=0,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
    )
    servidor = uvicorn.Server(configuracion)
    configuracion.load()
    servidor.lifespan = configuracion.lifespan_class(configuracion)
    await servidor.startup()
    bucle = asyncio.create_task(servidor.main_loop())
    yield servidor.servers[0].sockets[0].getsockname()[1]
    servidor.should_exit = True
    await bucle
    await servidor.shutdown()


async def _enviar(puerto: int, crudo: bytes, *, cortar: bool = True) -> bytes:
    """All that comes back until the server closes. `cortar`: nothing more will be sent."""
    lee, escribe = await asyncio.open_connection("127.0.0.1", puerto)
    try:
        escribe.write(crudo)
        await escribe.drain()
        if cortar and escribe.can_write_eof():
            escribe.write_eof()
        return await lee.read()
    except ConnectionResetError:
        return b""
    finally:
        escribe.close()


def _peticion(banco: Banco, cabeceras: str, cuerpo: bytes = b"", *, ruta: str = RUTA, metodo: str = "POST") -> bytes:
    acceso = banco.mundo.quien["admin"]["Authorization"]
    cabecera = f"{metodo} {ruta} HTTP/1.1\r\nHost: parknet\r\nAuthorization: {acceso}\r\nConnection: close\r\n"
    return (cabecera + cabeceras + "\r\n").encode("latin-1") + cuerpo


def _estados(crudo: bytes) -> list[int]:
    return [int(linea.split()[1]) for linea in crudo.split(b"\r\n") if linea.startswith(b"HTTP/1.1 ")]


def _defectos(crudo: bytes) -> list[str]:
    """What is wrong with the answer. One in plain text is the server's own, to what is no HTTP."""
    if not crudo:
        return []
    estados = _estados(crudo)
    if any(estado >= 500 for estado in estados) or not estados:
        return [repr(crudo[:300])]
    ultima = crudo[crudo.rindex(b"HTTP/1.1 ") :]
    cabeceras, _, cuerpo = ultima.partition(b"\r\n\r\n")
    if estados[-1] < 400 or b"Invalid HTTP request received." in cuerpo:
        return []
    if b"content-type: application/problem+json" not in cabeceras.lower():
        return [repr(crudo[:300])]
    return [] if json.loads(cuerpo)["status"] == estados[-1] else [repr(cuerpo)]


TIPO = "Content-Type: application/json\r\n"
A_TROZOS = "Transfer-Encoding: chunked\r\n"


def _trozos(*partes: bytes) -> bytes:
    return b"".join(b"%x\r\n%s\r\n" % (len(parte), parte) for parte in partes) + b"0\r\n\r\n"


async def test_a_trozos_de_un_byte_es_el_mismo_cuerpo(banco: Banco, puerto: int) -> None:
    uno_a_uno = _trozos(*(bytes([b]) for b in NUEVA))
    respuesta = await _enviar(puerto, _peticion(banco, TIPO + A_TROZOS, uno_a_uno), cortar=False)
    assert _estados(respuesta) == [201]
    await banco.reponer()


@pytest.mark.parametrize(
    ("cabeceras", "cuerpo"),
    {
        "menos de lo anunciado": (TIPO + f"Content-Length: {len(NUEVA) + 10}\r\n", NUEVA),
        "nada de lo anunciado": (TIPO + "Content-Length: 10\r\n", b""),
        "sin decir cuánto": (TIPO, NUEVA),
        "largo negativo": (TIPO + "Content-Length: -1\r\n", NUEVA),
        "largo que no es número": (TIPO + "Content-Length: 1e3\r\n", NUEVA),
        "largo sin fin": (TIPO + f"Content-Length: {'9' * 400}\r\n", NUEVA),
        "dos largos": (TIPO + f"Content-Length: {len(NUEVA)}\r\nContent-Length: 3\r\n", NUEVA),
        "largo y trozos": (TIPO + A_TROZOS + f"Content-Length: {len(NUEVA)}\r\n", _trozos(NUEVA)),
        "trozos sin final": (TIPO + A_TROZOS, b"%x\r\n%s\r\n" % (len(NUEVA), NUEVA)),
        "trozo corto": (TIPO + A_TROZOS, b"ff\r\n" + NUEVA),
        "trozo que no dice cuánto": (TIPO + A_TROZOS, b"zz\r\n" + NUEVA),
        "trozo sin fin": (TIPO + A_TROZOS, b"f" * 400 + b"\r\n" + NUEVA),
        "trozos que no se conocen": (TIPO + "Transfer-Encoding: gzip, chunked\r\n", _trozos(NUEVA)),
        "trozos rotos": (TIPO + A_TROZOS, _trozos(b'{"torre":', b"\xff", b"}")),
        "nada a trozos": (TIPO + A_TROZOS, _trozos()),
        "espera permiso": (TIPO + f"Expect: 100-continue\r\nContent-Length: {len(NUEVA)}\r\n", NUEVA[:-1]),
    }.values(),
    ids=lambda valor: None if isinstance(valor, bytes) else str(valor)[32:70],
)
async def test_un_largo_que_miente_no_rompe_nada(banco: Banco, puerto: int, cabeceras: str, cuerpo: bytes) -> None:
    respuesta = await _enviar(puerto, _peticion(banco, cabeceras, cuerpo))
    assert _defectos(respuesta) == []
    assert 201 not in _estados(respuesta) or "Content-Length: -" not in cabeceras
    await banco.reponer()


@pytest.mark.parametrize("tipo", ["application/json", "application/x-www-form-urlencoded"])
async def test_lo_que_no_cabe_se_rechaza_antes_de_que_llegue_entero(banco: Banco, puerto: int, tipo: str) -> None:
    ruta = RUTA if tipo == "application/json" else "/api/v1/auth/login"
    trozo = b"%x\r\n%s\r\n" % (65_536, b"x" * 65_536)
    cabeceras = f"Content-Type: {tipo}\r\n{A_TROZOS}"
    lee, escribe = await asyncio.open_connection("127.0.0.1", puerto)
    escribe.write(_peticion(banco, cabeceras, ruta=ruta))
    for _ in range(MAXIMO_JSON // 65_536 + 1):
        escribe.write(trozo)
    # The body goes on and never ends; the answer is there all the same.
    respuesta = await lee.readuntil(b"\r\n\r\n")
    escribe.close()
    assert _estados(respuesta) == [413]


async def test_bytes_al_azar_no_rompen_nada(banco: Banco, puerto: int) -> None:
    """A right request with some bytes changed, cut or repeated, anywhere in it."""
    azar = Random(SEMILLA)  # noqa: S311 - the same in every run
    bueno = _peticion(banco, TIPO + f"Content-Length: {len(NUEVA)}\r\n", NUEVA)
    faltas: list[str] = []
    for _ in range(10 * EJEMPLOS):
        crudo = bytearray(bueno)
        for _ in range(azar.randint(1, 3)):
            donde = azar.randrange(len(crudo))
            match azar.randrange(4):
                case 0:
                    crudo[donde] = azar.randrange(256)
                case 1:
                    del crudo[donde : donde + azar.randint(1, 40)]
                case 2:
                    crudo[donde:donde] = azar.randbytes(azar.randint(1, 12))
                case 3:
                    crudo[donde:donde] = crudo[donde : donde + azar.randint(1, 60)]
        respuesta = await _enviar(puerto, bytes(crudo))
        faltas += [f"{bytes(crudo)!r}: {falta}" for falta in _defectos(respuesta)]
        if 201 in _estados(respuesta):
            await banco.reponer()
    assert not faltas, "\n\n".join(faltas)
