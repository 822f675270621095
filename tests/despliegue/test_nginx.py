"""What docs/nginx/nginx.conf says it keeps from the API, it keeps."""

import base64
import json
import re
import socket
import ssl

import pytest

from tests.despliegue.conftest import CLAVE, CORREO, NOMBRE, Frente, todo

FORMULARIO = f"username={CORREO}&password={CLAVE.replace(' ', '+')}".encode()


def peticion(
    metodo: str, ruta: str, *cabeceras: str, cuerpo: bytes = b"", largo: bool = True, host: str = NOMBRE
) -> bytes:
    lineas = [f"{metodo} {ruta} HTTP/1.1", f"Host: {host}", "Connection: close", *cabeceras]
    if largo and (cuerpo or metodo == "POST"):
        lineas.append(f"Content-Length: {len(cuerpo)}")
    return "\r\n".join(lineas).encode() + b"\r\n\r\n" + cuerpo


def estado(respuesta: bytes) -> int:
    hallado = re.match(rb"HTTP/1\.1 (\d{3}) ", respuesta)
    assert hallado, respuesta[:200]
    return int(hallado[1])


def cuerpo(respuesta: bytes) -> bytes:
    return respuesta.partition(b"\r\n\r\n")[2]


def entrar(frente: Frente, *cabeceras: str, desde: str = "127.0.0.1") -> dict[str, str]:
    tipo = "Content-Type: application/x-www-form-urlencoded"
    respuesta = frente.enviar(peticion("POST", "/api/v1/auth/login", tipo, *cabeceras, cuerpo=FORMULARIO), desde=desde)
    assert estado(respuesta) == 200, respuesta
    token: dict[str, str] = json.loads(cuerpo(respuesta))
    return token


def sesion(token: str) -> str:
    cuerpo = token.split(".")[1]
    sid: str = json.loads(base64.urlsafe_b64decode(cuerpo + "=" * (-len(cuerpo) % 4)))["sid"]
    return sid


def direccion_vista(frente: Frente, token: str) -> str:
    """The address from which the API saw that session begin."""
    respuesta = frente.enviar(peticion("GET", "/api/v1/auth/sesiones", f"Authorization: Bearer {token}"))
    assert estado(respuesta) == 200, respuesta
    (propia,) = [s for s in json.loads(cuerpo(respuesta))["items"] if s["id"] == sesion(token)]
    direccion: str = propia["direccion"]
    return direccion


def test_la_direccion_es_la_de_quien_se_conecta(frente: Frente) -> None:
    assert direccion_vista(frente, entrar(frente, desde="127.0.0.2")["access_token"]) == "127.0.0.2"


@pytest.mark.parametrize(
    "cabecera",
    [
        "X-Forwarded-For: 203.0.113.9",
        "X-Forwarded-For: 203.0.113.9, 127.0.0.1",
        "x-forwarded-for: 127.0.0.1\r\nX-Forwarded-For: 203.0.113.9",
        "Forwarded: for=203.0.113.9",
        "X-Real-IP: 203.0.113.9",
        "X_Forwarded_For: 203.0.113.9",
    ],
)
def test_lo_que_el_cliente_dice_de_si_no_se_cree(frente: Frente, cabecera: str) -> None:
    assert direccion_vista(frente, entrar(frente, cabecera, desde="127.0.0.3")["access_token"]) == "127.0.0.3"


@pytest.mark.parametrize(
    "cabeceras",
    [
        ("Content-Length: 5", "Transfer-Encoding: chunked"),
        ("Transfer-Encoding: chunked", "Content-Length: 5"),
        ("Content-Length: 5", "Content-Length: 6"),
        ("Content-Length: +5",),
        ("Content-Length: 5, 5",),
        ("Transfer-Encoding: chunked", "Transfer-Encoding: identity"),
        ("Transfer-Encoding: xchunked",),
        ("Transfer-Encoding : chunked",),
    ],
)
def test_una_peticion_no_esconde_otra(frente: Frente, cabeceras: tuple[str, ...]) -> None:
    """Two readings of where a body ends are how a second request gets past the first. None of them is passed on."""
    escondida = b"0\r\n\r\n" + peticion("GET", "/api/v1/openapi.json")
    tipo = "Content-Type: application/x-www-form-urlencoded"
    cruda = peticion("POST", "/api/v1/auth/login", tipo, *cabeceras, cuerpo=escondida, largo=False)
    respuesta = frente.enviar(cruda.replace(b"Connection: close", b"Connection: keep-alive"))
    assert len(re.findall(rb"HTTP/1\.1 \d{3} ", respuesta)) <= 1
    assert not re.search(rb'"openapi"', respuesta)
    if respuesta:
        assert 400 <= estado(respuesta) <= 501


def test_cabeceras_que_no_acaban_no_llegan_a_la_api(frente: Frente) -> None:
    """The connection is closed, and while it hung the API went on answering."""
    with frente.conectar() as lenta:
        lenta.sendall(b"GET /api/v1/openapi.json HTTP/1.1\r\nHost: parknet.example.com\r\nX-Lenta: ")
        assert estado(frente.enviar(peticion("GET", "/api/v1/auth/yo"))) == 401
        respuesta = todo(lenta)
    assert not respuesta or estado(respuesta) == 408


def test_un_cuerpo_que_no_acaba_no_llega_a_la_api(frente: Frente) -> None:
    with frente.conectar() as lenta:
        tipo = "Content-Type: application/x-www-form-urlencoded"
        lenta.sendall(peticion("POST", "/api/v1/auth/login", tipo, "Content-Length: 100", cuerpo=b"user", largo=False))
        assert estado(frente.enviar(peticion("GET", "/api/v1/auth/yo"))) == 401
        respuesta = todo(lenta)
    assert not respuesta or estado(respuesta) == 408


def test_muchas_conexiones_de_una_direccion_no_ocupan_las_de_otra(frente: Frente) -> None:
    a_medias = peticion("POST", "/api/v1/auth/login", "Content-Length: 100000", cuerpo=b"x", largo=False)
    abiertas: list[ssl.SSLSocket] = []
    try:
        for _ in range(64):
            abiertas.append(frente.conectar(desde="127.0.0.4"))
            abiertas[-1].sendall(a_medias)
            # However long it takes to open them all, none has been silent.
            for conexion in abiertas:
                conexion.sendall(b"x")
        negada = frente.enviar(peticion("GET", "/api/v1/auth/yo"), desde="127.0.0.4")
        assert estado(negada) == 429
        assert estado(frente.enviar(peticion("GET", "/api/v1/auth/yo"), desde="127.0.0.5")) == 401
    finally:
        for conexion in abiertas:
            conexion.close()


def test_cabeceras_enormes_se_niegan(frente: Frente) -> None:
    assert estado(frente.enviar(peticion("GET", "/api/v1/auth/yo", "X-Grande: " + "a" * 40_000))) == 400


def test_mas_de_50_mib_se_niega_sin_leerlo(frente: Frente) -> None:
    grande = peticion("POST", "/api/v1/solicitudes", f"Content-Length: {50 * 1024**2 + 1}", largo=False)
    assert estado(frente.enviar(grande)) == 413


def test_trace_no_se_admite(frente: Frente) -> None:
    assert estado(frente.enviar(peticion("TRACE", "/api/v1/auth/yo"))) == 405


@pytest.mark.parametrize("ruta", ["/health/live", "/health/ready", "/metrics"])
def test_lo_de_dentro_no_se_ve_de_fuera(frente: Frente, ruta: str) -> None:
    respuesta = frente.enviar(peticion("GET", ruta))
    assert estado(respuesta) == 404
    assert b"nginx" in cuerpo(respuesta)


def test_sin_tls_se_manda_al_nombre_verdadero(frente: Frente) -> None:
    with socket.create_connection(("127.0.0.1", frente.http), timeout=60) as conexion:
        conexion.sendall(peticion("GET", "/api/v1/auth/yo?a=b", host="malo.example.net"))
        respuesta = todo(conexion)
    assert estado(respuesta) == 308
    assert f"Location: https://{NOMBRE}/api/v1/auth/yo?a=b\r\n".encode() in respuesta


def test_otro_nombre_no_recibe_ni_certificado(frente: Frente) -> None:
    with pytest.raises((ssl.SSLError, ConnectionResetError)):
        frente.conectar(nombre="malo.example.net")


def test_el_registro_no_guarda_la_consulta(frente: Frente, tmp_path_factory: pytest.TempPathFactory) -> None:
    secreto = "ZZZ999"
    frente.enviar(peticion("GET", f"/api/v1/solicitudes?placa={secreto}"))
    registro = next(tmp_path_factory.getbasetemp().glob("nginx*/access.log")).read_text()
    assert "/api/v1/solicitudes" in registro
    assert secreto not in registro


def test_la_api_sola_no_cree_a_quien_no_es_su_proxy(frente: Frente) -> None:
    """127.0.0.6 reaches the API without nginx and says that it is somebody else."""
    tipo = "Content-Type: application/x-www-form-urlencoded"
    cruda = peticion("POST", "/api/v1/auth/login", tipo, "X-Forwarded-For: 203.0.113.9", cuerpo=FORMULARIO)
    with socket.create_connection(("127.0.0.1", frente.api), timeout=60, source_address=("127.0.0.6", 0)) as directa:
        directa.sendall(cruda)
        respuesta = todo(directa)
    assert direccion_vista(frente, json.loads(cuerpo(respuesta))["access_token"]) == "127.0.0.6"
