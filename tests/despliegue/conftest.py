"""The example configuration of nginx, as it stands in the documentation, in front of a running API."""

import re
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from scripts.cluster.processes import puertos_libres
from scripts.demo.api import Servidor
from tests.sistema import programa

RAIZ = Path(__file__).parents[2]
NOMBRE = "parknet.example.com"
CORREO, CLAVE = "admin@example.com", "jirafas bajo la lluvia"


@dataclass(frozen=True)
class Frente:
    """nginx: its port with TLS, the one without, and the API's own behind it."""

    https: int
    http: int
    api: int

    def conectar(self, *, nombre: str = NOMBRE, desde: str = "127.0.0.1") -> ssl.SSLSocket:
        """A TLS connection. The certificate is the test's own, so nobody vouches for it."""
        contexto = ssl.create_default_context()
        contexto.check_hostname = False
        contexto.verify_mode = ssl.CERT_NONE
        crudo = socket.create_connection(("127.0.0.1", self.https), timeout=60, source_address=(desde, 0))
        try:
            return contexto.wrap_socket(crudo, server_hostname=nombre)
        except BaseException:
            crudo.close()
            raise

    def enviar(self, peticion: bytes, *, desde: str = "127.0.0.1") -> bytes:
        """What comes back until the other side closes."""
        with self.conectar(desde=desde) as conexion:
            conexion.sendall(peticion)
            return todo(conexion)


def todo(conexion: socket.socket) -> bytes:
    partes = []
    try:
        while parte := conexion.recv(65536):
            partes.append(parte)
    except (ConnectionResetError, ssl.SSLError):
        pass  # cut short by the server, which is an answer too
    return b"".join(partes)


@pytest.fixture(scope="session")
def frente(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Frente]:
    carpeta = tmp_path_factory.mktemp("nginx")
    (carpeta / "api").mkdir()
    with (
        Servidor(
            carpeta / "api", correo=CORREO, clave=CLAVE, ajustes={"PARKNET_PROXIES": "127.0.0.1", "PARKNET_CUOTAS": "1"}
        ) as servidor,
        tras_nginx(carpeta, servidor.puerto) as frente,
    ):
        yield frente


@contextmanager
def tras_nginx(carpeta: Path, *apis: int) -> Iterator[Frente]:
    """nginx with the configuration of the example in front of these ports."""
    https, http = puertos_libres(2)
    frente = Frente(https=https, http=http, api=apis[0])
    _certificado(carpeta)
    ajustado = carpeta / "nginx.conf"
    ejemplo = (RAIZ / "docs/nginx/nginx.conf").read_text(encoding="utf-8")
    ajustado.write_text(_ajustar(ejemplo, carpeta, frente, apis))
    nginx = programa("nginx")
    assert nginx is not None
    proceso = subprocess.Popen(  # noqa: S603 - the nginx of this machine, our own configuration
        [nginx, "-p", str(carpeta), "-c", str(ajustado), "-e", str(carpeta / "error.log"), "-g", "daemon off;"]
    )
    try:
        _esperar(frente.https, proceso)
        yield frente
    finally:
        proceso.terminate()
        proceso.wait(60)


def _ajustar(texto: str, carpeta: Path, frente: Frente, apis: Sequence[int]) -> str:
    """Ports, folders and waits of the test. Every rule stays as it is written."""
    cambios = {
        r"(?m)^ *listen \[::\].*\n": "",
        r"listen 80;": f"listen 127.0.0.1:{frente.http};",
        r"listen 443 ": f"listen 127.0.0.1:{frente.https} ",
        r"server 127\.0\.0\.1:8000 (.*)": "\n".join(rf"server 127.0.0.1:{api} \1" for api in apis),
        r"/etc/parknet": str(carpeta),
        r"/run/nginx\.pid": str(carpeta / "nginx.pid"),
        r"/var/log/nginx": str(carpeta),
        r"client_(header|body)_timeout 10s;": r"client_\1_timeout 4s;",
        r"worker_processes auto;": "worker_processes 1;",
    }
    for patron, por in cambios.items():
        texto, cuantos = re.subn(patron, por, texto)
        assert cuantos, patron
    for temporal in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"):
        texto = texto.replace("http {", f"http {{\n    {temporal}_temp_path {carpeta}/{temporal};", 1)
    return texto


def _certificado(carpeta: Path) -> None:
    clave = ec.generate_private_key(ec.SECP256R1())
    nombre = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NOMBRE)])
    desde = datetime.now(UTC) - timedelta(days=1)
    certificado = (
        x509.CertificateBuilder(nombre, nombre, clave.public_key(), x509.random_serial_number())
        .not_valid_before(desde)
        .not_valid_after(desde + timedelta(days=2))
        .sign(clave, hashes.SHA256())
    )
    (carpeta / "fullchain.pem").write_bytes(certificado.public_bytes(serialization.Encoding.PEM))
    (carpeta / "privkey.pem").write_bytes(
        clave.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )


def _esperar(puerto: int, proceso: "subprocess.Popen[bytes]") -> None:
    limite = time.monotonic() + 60
    while True:
        try:
            socket.create_connection(("127.0.0.1", puerto), timeout=1).close()
            return
        except OSError:
            assert proceso.poll() is None, "nginx no arrancó con la configuración del ejemplo"
            assert time.monotonic() < limite
            time.sleep(0.05)
