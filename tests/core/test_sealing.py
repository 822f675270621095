"""What is sealed opens only where it was sealed, and under its own key."""

from beanie import PydanticObjectId

from app.core.sealing import Sello

CLAVE = b"c" * 32


def test_se_abre_lo_que_se_cerro() -> None:
    sello = Sello(CLAVE, "pruebas")
    sellado = sello.cerrar("ñandú".encode(), de=b"x")
    assert sello.abrir(sellado, de=b"x") == "ñandú".encode()
    assert "ñandú".encode() not in sellado
    assert sello.cerrar("ñandú".encode(), de=b"x") != sellado


def test_no_se_abre_en_otro_lugar_ni_con_otra_clave_ni_para_otro_uso_ni_cambiado() -> None:
    sello = Sello(CLAVE, "pruebas")
    sellado = sello.cerrar(b"algo", de=b"x")
    assert sello.abrir(sellado, de=b"y") is None
    assert Sello(b"d" * 32, "pruebas").abrir(sellado, de=b"x") is None
    assert Sello(CLAVE, "otro").abrir(sellado, de=b"x") is None
    assert sello.abrir(sellado[:-1] + bytes([sellado[-1] ^ 1]), de=b"x") is None
    assert sello.abrir(b"", de=b"x") is None


def test_un_texto_de_un_documento() -> None:
    sello, uno, otro = Sello(CLAVE, "pruebas"), PydanticObjectId(), PydanticObjectId()
    sellado = sello.cerrar_texto("secreto", de=uno)
    assert sello.abrir_texto(sellado, de=uno) == "secreto"
    assert sello.abrir_texto(sellado, de=otro) is None


def test_siempre_igual_si_se_pide() -> None:
    sello = Sello(CLAVE, "pruebas")
    uno, otro = (sello.cerrar(b"algo", de=b"x", siempre_igual=True) for _ in range(2))
    assert uno == otro != sello.cerrar(b"otra", de=b"x", siempre_igual=True)
    assert sello.abrir(uno, de=b"x") == b"algo"
