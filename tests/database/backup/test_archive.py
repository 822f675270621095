"""A backup that was cut, changed or mixed is noticed, with a key and without."""

import io
import random

import pytest

from app.database.backup.archive import Escritor, Lector, RespaldoError

CLAVE = b"una clave de respaldo de treinta y dos bytes o mas"
# More than two frames, also when it is deflated.
DATOS = [random.Random(n).randbytes(300_000) for n in range(9)]  # noqa: S311


def escrito(clave: bytes | None) -> bytes:
    archivo = io.BytesIO()
    salida = Escritor(archivo, {"version": "1"}, clave)
    for trozo in DATOS:
        salida.escribir(trozo)
    salida.terminar()
    return archivo.getvalue()


def leido(copia: bytes, clave: bytes | None) -> bytes:
    return b"".join(Lector(io.BytesIO(copia), clave))


@pytest.mark.parametrize("clave", [None, CLAVE], ids=["clara", "cifrada"])
class TestArchivo:
    def test_vuelve_lo_que_se_escribio(self, clave: bytes | None) -> None:
        assert leido(escrito(clave), clave) == b"".join(DATOS)

    def test_cortado_no_es_una_copia(self, clave: bytes | None) -> None:
        copia = escrito(clave)
        for hasta in (0, 5, 60, 1000, len(copia) // 2, len(copia) - 1, len(copia) - 37):
            with pytest.raises(RespaldoError):
                leido(copia[:hasta], clave)

    def test_un_byte_de_otro_modo_se_nota(self, clave: bytes | None) -> None:
        copia = escrito(clave)
        for donde in (0, 25, 40, 300, 2000, len(copia) // 2, len(copia) - 1):
            otra = bytearray(copia)
            otra[donde] ^= 1
            with pytest.raises(RespaldoError):
                leido(bytes(otra), clave)

    def test_lo_que_sobra_se_nota(self, clave: bytes | None) -> None:
        with pytest.raises(RespaldoError, match="sobra"):
            leido(escrito(clave) + b"x", clave)


class TestClave:
    def test_sin_ella_no_se_lee_y_no_se_ve_nada(self) -> None:
        archivo = io.BytesIO()
        salida = Escritor(archivo, {}, CLAVE)
        salida.escribir(b"Ana Rojas" * 1000)
        salida.terminar()
        assert b"Ana" not in archivo.getvalue()
        with pytest.raises(RespaldoError, match="falta PARKNET_CLAVE_RESPALDO"):
            leido(archivo.getvalue(), None)
        with pytest.raises(RespaldoError, match="otra PARKNET_CLAVE_RESPALDO"):
            leido(archivo.getvalue(), CLAVE + b"x")

    def test_una_clara_no_pasa_por_cifrada(self) -> None:
        with pytest.raises(RespaldoError, match="no está cifrada"):
            leido(escrito(None), CLAVE)

    def test_dos_copias_de_lo_mismo_no_se_parecen(self) -> None:
        una, otra = escrito(CLAVE), escrito(CLAVE)
        assert una[200:] != otra[200:]


def test_otro_archivo_no_es_una_copia() -> None:
    with pytest.raises(RespaldoError, match="no es una copia"):
        Lector(io.BytesIO(b"PK\x03\x04" * 100), None)
