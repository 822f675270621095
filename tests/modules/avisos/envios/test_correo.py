"""Connections: how they are encrypted, who they say they are, and what may stand in an address or a header."""

import ssl
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from ipaddress import ip_address
from pathlib import Path

import pytest
from beanie import PydanticObjectId
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from app.modules.avisos.envios.correo import DireccionNoAdmitida, Servidor, componer, direccion_smtp
from app.modules.avisos.models import EstadoEnvio
from app.modules.avisos.redaccion import Carta
from tests.modules.avisos.conftest import Montar
from tests.modules.avisos.oficina import oficina

ANA = "ana@example.com"


@pytest.fixture
def contexto(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """Of a server on 127.0.0.1 whose certificate this machine trusts, for the length of a test."""
    llave = ec.generate_private_key(ec.SECP256R1())
    nombre = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "prueba")])
    ahora = datetime.now(UTC)
    certificado = (
        x509.CertificateBuilder()
        .subject_name(nombre)
        .issuer_name(nombre)
        .public_key(llave.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(ahora - timedelta(hours=1))
        .not_valid_after(ahora + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(llave, hashes.SHA256())
    )
    en_pem, privada = tmp_path / "certificado.pem", tmp_path / "privada.pem"
    en_pem.write_bytes(certificado.public_bytes(serialization.Encoding.PEM))
    privada.write_bytes(
        llave.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    monkeypatch.setenv("SSL_CERT_FILE", str(en_pem))
    contexto = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    contexto.load_cert_chain(en_pem, privada)
    return contexto


@pytest.mark.parametrize("cifrado", ["starttls", "tls"])
async def test_cifrado_y_con_contrasena(cifrado: str, contexto: ssl.SSLContext, montar: Montar) -> None:
    async with oficina(contexto=contexto, desde_el_principio=cifrado == "tls", clave=b"abre") as correo:
        casa = montar(correo, smtp_tls=cifrado, smtp_user="parknet", smtp_password="abre")
        for n in range(3):
            await casa.avisar(f"{n}@example.com")
        await casa.enviar()
    assert correo.cuantos == {f"{n}@example.com": 1 for n in range(3)}
    assert (correo.cifradas, correo.identificados, correo.conexiones) == (3, [b"parknet"], 1)


@pytest.mark.parametrize("cifrado", ["starttls", "tls"])
async def test_a_un_servidor_en_que_nadie_confia_no_se_le_entrega_nada(
    cifrado: str, contexto: ssl.SSLContext, montar: Montar, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    async with oficina(contexto=contexto, desde_el_principio=cifrado == "tls", clave=b"abre") as correo:
        casa = montar(correo, smtp_tls=cifrado, smtp_user="parknet", smtp_password="abre")
        id = await casa.avisar(ANA)
        await casa.enviar()
    assert (correo.cuantos, correo.identificados) == ({}, [])
    envio = await casa.envio(id)
    assert (envio.estado, envio.error) == (EstadoEnvio.pendiente, "sin_conexion")


async def test_sin_starttls_no_se_entrega_en_claro(montar: Montar) -> None:
    async with oficina() as correo:
        casa = montar(correo, smtp_tls="starttls")
        id = await casa.avisar(ANA)
        await casa.enviar()
    assert correo.cuantos == {}
    assert (await casa.envio(id)).error == "sin_conexion"


async def test_una_contrasena_equivocada_no_mata_los_correos(montar: Montar) -> None:
    async with oficina(clave=b"abre") as correo:
        casa = montar(correo, smtp_user="parknet", smtp_password="otra")
        id = await casa.avisar(ANA)
        await casa.enviar()
    envio = await casa.envio(id)
    assert (envio.estado, envio.error, envio.codigo_smtp) == (EstadoEnvio.pendiente, "sin_conexion", 535)


@pytest.mark.parametrize(
    ("escrita", "en_el_cable"),
    [(ANA, ANA), ("a.b+c@example.com", "a.b+c@example.com"), ("ana@ñandú.example", "ana@xn--and-6ma2c.example")],
)
def test_direcciones(escrita: str, en_el_cable: str) -> None:
    assert direccion_smtp(escrita) == en_el_cable


@pytest.mark.parametrize(
    "escrita",
    [
        "",
        "ana",
        "@example.com",
        "ana@",
        "ñandú@example.com",
        "ana@example.com\r\nRCPT TO:<otro@example.com>",
        "ana\nx@example.com",
        "ana@exa mple.com\x00",
        "ana@" + "x" * 64 + ".com",
    ],
)
def test_lo_que_no_es_una_direccion(escrita: str) -> None:
    with pytest.raises(DireccionNoAdmitida):
        direccion_smtp(escrita)


def test_un_mensaje_solo_tiene_las_cabeceras_que_le_ponemos() -> None:
    servidor = Servidor(
        host="x", puerto=25, cifrado="none", usuario=None, clave=None, remitente="Ñandú <a@example.com>", espera=1
    )
    carta = Carta(asunto="Ganó el espacio «P-01»" + " y también otro" * 20, texto=".\nñ\n.\n", html="<p>ñ</p>")
    creado_en = datetime(2026, 3, 2, 15, tzinfo=UTC)
    id = PydanticObjectId()
    crudo = componer(carta, id=id, para=ANA, idioma="es", creado_en=creado_en, servidor=servidor)
    assert crudo.isascii()
    assert max(map(len, crudo.splitlines())) <= 78
    mensaje = message_from_bytes(crudo, policy=policy.default)
    assert set(mensaje.keys()) == {
        "From",
        "To",
        "Subject",
        "Date",
        "Message-ID",
        "Auto-Submitted",
        "Content-Language",
        "MIME-Version",
        "Content-Type",
    }
    assert mensaje["Subject"] == carta.asunto
    assert mensaje["From"] == "Ñandú <a@example.com>"
    texto = mensaje.get_body(("plain",))
    assert texto is not None
    assert texto.get_content().splitlines() == carta.texto.splitlines()
    con_trampa = Carta(asunto="a\r\nBcc: x@y.z", texto="", html="")
    crudo = componer(con_trampa, id=id, para=ANA, idioma="es", creado_en=creado_en, servidor=servidor)
    assert set(message_from_bytes(crudo, policy=policy.default).keys()) == set(mensaje.keys())
    assert b"Bcc" not in crudo
