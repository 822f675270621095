"""The command line of section 7: exit 0, 1 or 2, and one line on stderr when it is not 0."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from app.modules.sorteo import motor

RAIZ = Path(__file__).parents[4]
BASES = RAIZ / "docs/sorteo-v1/vectores/00.bases.jsonl"
RESULTADO = BASES.with_name("00.resultado.jsonl")
VECTOR = json.loads(BASES.with_name("00.json").read_text())
SECRETO = ["--secreto", VECTOR["secreto"]]
ENTROPIA = ["--entropia", VECTOR["entropia"]]
Captura = pytest.CaptureFixture[bytes]
Cambio = Callable[[list[bytes]], list[bytes]]


def una_linea(captura: Captura) -> str:
    """The only line on stderr, nothing being on stdout."""
    salida, error = captura.readouterr()
    assert salida == b""
    assert error.endswith(b"\n")
    assert len(error.splitlines()) == 1
    return error.decode().strip()


def test_el_resultado_sale_por_stdout(capsysbinary: Captura) -> None:
    assert motor.main([str(BASES), *SECRETO, *ENTROPIA]) == 0
    assert capsysbinary.readouterr() == (RESULTADO.read_bytes(), b"")


def test_entropia_vacia_y_que_empieza_por_guion(capsysbinary: Captura) -> None:
    for entropia in ("", "-1"):
        assert motor.main([str(BASES), *SECRETO, f"--entropia={entropia}"]) == 0
        assert capsysbinary.readouterr().out == motor.correr(BASES.read_bytes(), VECTOR["secreto"], entropia)


class TestVerificar:
    def correr(self, resultado: Path, *mas: str) -> int:
        return motor.main([str(BASES), *SECRETO, *(mas or ENTROPIA), "--verificar", str(resultado)])

    def test_es_el_mismo(self, capsysbinary: Captura) -> None:
        assert self.correr(RESULTADO) == 0
        assert capsysbinary.readouterr() == (b"", b"")

    @pytest.mark.parametrize(
        ("linea", "cambiar"),
        [
            (1, lambda _: []),
            (1, lambda lineas: [b"\xef\xbb\xbf", *lineas]),
            (7, lambda lineas: [*lineas[:6], lineas[6].replace(b'"numero":"', b'"numero":"0'), *lineas[7:]]),
            (7, lambda lineas: [*lineas[:6], lineas[7], lineas[6], *lineas[8:]]),
            (120, lambda lineas: lineas[:-1]),
            (120, lambda lineas: [*lineas[:-1], lineas[-1][:-1]]),
            (121, lambda lineas: [*lineas, b"\n"]),
            (121, lambda lineas: [*lineas, lineas[-1]]),
        ],
        ids=["vacío", "bom", "número", "cambiadas", "falta una", "sin fin", "sobra vacía", "sobra una"],
    )
    def test_no_es_el_mismo(self, linea: int, cambiar: Cambio, tmp_path: Path, capsysbinary: Captura) -> None:
        otro = tmp_path / "resultado.jsonl"
        otro.write_bytes(b"".join(cambiar(RESULTADO.read_bytes().splitlines(keepends=True))))
        assert self.correr(otro) == 1
        assert una_linea(capsysbinary).startswith(f"línea {linea}: ")

    def test_con_otra_entropia(self, capsysbinary: Captura) -> None:
        assert self.correr(RESULTADO, "--entropia", "otra") == 1
        assert una_linea(capsysbinary).startswith("línea 1: ")

    def test_no_se_puede_leer(self, tmp_path: Path, capsysbinary: Captura) -> None:
        for resultado in (tmp_path, tmp_path / "no existe"):
            assert self.correr(resultado) == 2
            assert str(resultado) in una_linea(capsysbinary)


class TestRechazo:
    def test_bases_invalidas(self, tmp_path: Path, capsysbinary: Captura) -> None:
        malas = tmp_path / "bases.jsonl"
        malas.write_bytes(BASES.read_bytes().replace(b'"nivel":', b'"nivel":-', 3))
        assert motor.main([str(malas), *SECRETO, *ENTROPIA]) == 2
        assert una_linea(capsysbinary) == "línea 2: nivel: un entero de 0 a 9"

    def test_no_se_puede_leer(self, tmp_path: Path, capsysbinary: Captura) -> None:
        for bases in (tmp_path, tmp_path / "no\nexiste"):
            assert motor.main([str(bases), *SECRETO, *ENTROPIA]) == 2
            una_linea(capsysbinary)

    @pytest.mark.parametrize("secreto", ["0" * 64, "", "x", VECTOR["secreto"].upper()])
    def test_secreto(self, secreto: str, capsysbinary: Captura) -> None:
        assert motor.main([str(BASES), "--secreto", secreto, *ENTROPIA]) == 2
        assert una_linea(capsysbinary).startswith("secreto: ")

    @pytest.mark.parametrize("entropia", ["a\nb", "x" * 1001, "\udc80"])
    def test_entropia(self, entropia: str, capsysbinary: Captura) -> None:
        assert motor.main([str(BASES), *SECRETO, "--entropia", entropia]) == 2
        assert una_linea(capsysbinary).startswith("entropia: ")

    @pytest.mark.parametrize(
        "argumentos",
        [
            [],
            [str(BASES)],
            [str(BASES), *SECRETO],
            [str(BASES), *ENTROPIA],
            [*SECRETO, *ENTROPIA],
            [str(BASES), *SECRETO, *ENTROPIA, "de", "más\ny más"],
            [str(BASES), *SECRETO, *ENTROPIA, "--otra"],
            [str(BASES), *SECRETO, *ENTROPIA, "--verificar"],
        ],
        ids=lambda argumentos: str(len(argumentos)),
    )
    def test_argumentos(self, argumentos: list[str], capsysbinary: Captura) -> None:
        assert motor.main(argumentos) == 2
        una_linea(capsysbinary)


class TestProceso:
    """As a process of its own: what depends on the interpreter around `main`."""

    orden = (sys.executable, "-m", "app.modules.sorteo.motor")

    def test_el_estado_de_salida(self) -> None:
        corrida = subprocess.run([*self.orden, "no existe", *SECRETO, *ENTROPIA], cwd=RAIZ, capture_output=True)  # noqa: S603
        assert (corrida.returncode, corrida.stdout, len(corrida.stderr.splitlines())) == (2, b"", 1)

    @pytest.mark.parametrize("cuantos", [1, 2000], ids=["cabe en el búfer", "no cabe"])
    def test_quien_lee_se_va(self, cuantos: int, tmp_path: Path) -> None:
        bases = motor.leer_bases(BASES.read_bytes())
        una = bases.participantes[0]
        muchas = tuple(motor.Participante(f"{n:04}", 5, 1, una.tipos, (), ()) for n in range(cuantos))
        archivo = tmp_path / "bases.jsonl"
        archivo.write_bytes(
            motor.escribir_bases(
                motor.Bases(bases.sorteo, bases.compromiso, bases.fuente, True, bases.espacios, muchas)
            )
        )
        orden = [*self.orden, str(archivo), *SECRETO, *ENTROPIA]
        entorno = {clave: valor for clave, valor in os.environ.items() if clave != "PYTHONUNBUFFERED"}
        with subprocess.Popen(  # noqa: S603
            orden, cwd=RAIZ, env=entorno, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as proceso:
            assert proceso.stdout is not None
            assert proceso.stderr is not None
            proceso.stdout.close()
            assert len(proceso.stderr.read().splitlines()) == 1
        assert proceso.returncode == 2
