"""The demonstration, run as people run it, and checked by what it printed and what it left."""

import hashlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest

from app.modules.sorteo import motor
from scripts.demo import datos
from scripts.demo.api import PasoFallido, Servidor

pytestmark = pytest.mark.mongod

RAIZ = Path(__file__).parents[1]
ORDEN = [sys.executable, "-m", "scripts.demo"]
LIMITE = 600


class Corrida(NamedTuple):
    carpeta: Path
    texto: str

    def buscar(self, patron: str) -> tuple[str, ...]:
        hallado = re.search(patron, self.texto, re.MULTILINE)
        assert hallado, patron
        return hallado.groups()

    def lineas(self, nombre: str) -> list[dict[str, Any]]:
        return [json.loads(linea) for linea in (self.carpeta / f"{nombre}.jsonl").read_text().splitlines()]


class Fila(NamedTuple):
    posicion: int
    folio: int
    unidad: str
    clase: str
    nivel: int
    boletas: int
    obtuvo: str


def entorno(**mas: str) -> dict[str, str]:
    """Settings of whoever runs the tests do not count."""
    return {n: v for n, v in os.environ.items() if not n.startswith(("PARKNET_", "ONCE"))} | mas


def procesos_en(carpeta: Path) -> list[str]:
    """The command lines that name `carpeta`, or that run in it."""
    hallados = []
    for proceso in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            orden = (proceso / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            if orden and (str(carpeta) in orden or os.readlink(proceso / "cwd") == str(carpeta)):
                hallados.append(orden)
    return hallados


@pytest.fixture(scope="module")
def corrida(tmp_path_factory: pytest.TempPathFactory) -> Corrida:
    carpeta = tmp_path_factory.mktemp("demo")
    hecho = subprocess.run(  # noqa: S603 (our own program)
        [*ORDEN, str(carpeta)], cwd=RAIZ, env=entorno(ONCE="1"), capture_output=True, text=True, timeout=LIMITE
    )
    assert (hecho.returncode, hecho.stderr) == (0, "")
    return Corrida(carpeta, hecho.stdout)


@pytest.fixture(scope="module")
def filas(corrida: Corrida) -> list[Fila]:
    patron = re.compile(r"^ +(\d+) +(\d+) +([ABC]-\d+) +(\w+) +(\d) +(\d+) +(espera \d+|[BCEM]-\d\d)$", re.MULTILINE)
    tabla = (corrida.carpeta / "resultados.txt").read_text()
    return [Fila(int(p), int(f), u, c, int(n), int(b), o) for p, f, u, c, n, b, o in patron.findall(tabla)]


class TestCorrida:
    def test_cada_comprobacion_se_muestra(self, corrida: Corrida) -> None:
        assert len(re.findall(r"^       \w+ [0-9a-f]{64}: CORRECTO$", corrida.texto, re.MULTILINE)) == 6
        assert "el motor da el mismo resultado, byte por byte: CORRECTO" in corrida.texto

    @pytest.mark.parametrize(
        ("nombre", "archivo"), [("huella_reglas", "reglas"), ("huella", "bases"), ("huella_resultado", "resultado")]
    )
    def test_los_archivos_son_los_de_las_huellas_que_anuncio(self, corrida: Corrida, nombre: str, archivo: str) -> None:
        (anunciada,) = corrida.buscar(rf" {nombre} +([0-9a-f]{{64}})$")
        assert hashlib.sha256((corrida.carpeta / f"{archivo}.jsonl").read_bytes()).hexdigest() == anunciada

    def test_el_motor_repite_el_resultado_con_el_secreto_comprometido(self, corrida: Corrida) -> None:
        secreto, entropia = corrida.buscar(r"--secreto ([0-9a-f]{64}) --entropia '(.*?)'")
        assert re.fullmatch(r"\d{4} serie \d{3}", entropia)
        assert corrida.buscar(r" compromiso +([0-9a-f]{64})$") == (hashlib.sha256(secreto.encode()).hexdigest(),)
        bases = (corrida.carpeta / "bases.jsonl").read_bytes()
        assert motor.correr(bases, secreto, entropia) == (corrida.carpeta / "resultado.jsonl").read_bytes()

    def test_la_boleta_que_mostro_es_la_menor(self, corrida: Corrida) -> None:
        (semilla,) = corrida.buscar(r" semilla +([0-9a-f]{64})$")
        folio, k = corrida.buscar(rf"printf '%s' {semilla}:(\d+):(\d+) \| sha256sum$")
        (boletas,) = [p["boletas"] for p in corrida.lineas("bases")[1:] if p["id"] == folio]
        todas = {n: hashlib.sha256(f"{semilla}:{folio}:{n}".encode()).hexdigest() for n in range(1, boletas + 1)}
        assert boletas == 1 + 2 * datos.CON_ANIOS_PERDIDOS["A-304"]
        assert [r["numero"] for r in corrida.lineas("resultado") if r["id"] == folio] == [min(todas.values())]
        assert todas[int(k)] == min(todas.values())

    def test_la_tabla_es_la_del_resultado(self, corrida: Corrida, filas: list[Fila]) -> None:
        esperado = [
            (r["posicion"], r["id"], r["espacio"] or f"espera {r['espera']}") for r in corrida.lineas("resultado")
        ]
        assert [(f.posicion, str(f.folio), f.obtuvo) for f in filas] == esperado
        bases = {p["id"]: p for p in corrida.lineas("bases")[1:]}
        assert all(
            (f.nivel, f.boletas) == (bases[str(f.folio)]["nivel"], bases[str(f.folio)]["boletas"]) for f in filas
        )

    def test_muestra_las_primeras_y_dice_donde_esta_el_resto(self, corrida: Corrida, filas: list[Fila]) -> None:
        tabla = (corrida.carpeta / "resultados.txt").read_text().splitlines()
        assert "\n".join(tabla[:22]) in corrida.texto
        assert tabla[22] not in corrida.texto
        assert corrida.buscar(r"^  … y (\d+) más en (.*)$") == (
            str(len(filas) - 20),
            str(corrida.carpeta / "resultados.txt"),
        )

    def test_no_da_direcciones_de_lo_que_ya_no_esta(self, corrida: Corrida) -> None:
        fin = corrida.texto.index("todo comprobado en")
        assert "http" not in corrida.texto[fin:]

    def test_cada_espacio_es_de_uno_y_sirve_a_su_vehiculo(self, filas: list[Fila]) -> None:
        espacios = {e["codigo"]: e for e in datos.ESPACIOS}
        ganadas = [f for f in filas if f.obtuvo in espacios]
        assert len({f.obtuvo for f in ganadas}) == len(ganadas)
        for fila in ganadas:
            assert espacios[fila.obtuvo]["tipo"] in {fila.clase, fila.clase.removesuffix("_electrico")}
            assert "reserva" not in espacios[fila.obtuvo] or fila.unidad in datos.CON_MOVILIDAD_REDUCIDA
        # More want one of each kind than there are: none stays empty.
        assert len(ganadas) == len(espacios)

    def test_va_primero_quien_tiene_movilidad_reducida_y_queda_fuera_quien_debe(
        self, corrida: Corrida, filas: list[Fila]
    ) -> None:
        assert {f.unidad for f in filas[:3]} == set(datos.CON_MOVILIDAD_REDUCIDA)
        piden = {h.nombre for h in datos.hogares() if h.pide}
        assert {f.unidad for f in filas} == piden - {datos.EN_MORA, datos.ENTRA_EN_MORA, datos.RECHAZADA}
        assert "409 entropia_prematura: " in corrida.texto
        assert f"fuera: {datos.EN_MORA}, " in corrida.texto

    def test_el_espacio_declinado_pasa_al_primero_de_la_espera_a_quien_sirve(
        self, corrida: Corrida, filas: list[Fila]
    ) -> None:
        quien, espacio = corrida.buscar(r"([ABC]-\d+) deja (C-\d\d), que pasa")
        (siguiente,) = corrida.buscar(r"^ +([ABC]-\d+), folio \d+, estado ofrecida$")
        assert [f.obtuvo for f in filas if f.unidad == quien] == [espacio]
        esperan = [f for f in filas if f.obtuvo.startswith("espera ") and f.clase.startswith("carro")]
        assert esperan[0].unidad == siguiente

    def test_nada_queda_en_marcha(self, corrida: Corrida) -> None:
        assert procesos_en(corrida.carpeta) == []
        assert sorted(p.name for p in corrida.carpeta.iterdir()) == [
            "api.log",
            "bases.jsonl",
            "reglas.jsonl",
            "resultado.jsonl",
            "resultados.txt",
        ]


@pytest.fixture
def ocho_mil_ocupado() -> Iterator[None]:
    with socket.socket() as enchufe:
        enchufe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with suppress(OSError):  # then somebody else has it, which serves as well
            enchufe.bind(("127.0.0.1", 8000))
            enchufe.listen()
        yield


@pytest.mark.usefixtures("ocho_mil_ocupado")
def test_con_el_8000_ocupado_usa_otro_y_ctrl_c_termina_lo_que_arranco(tmp_path: Path) -> None:
    orden = [*ORDEN, str(tmp_path)]
    with subprocess.Popen(  # noqa: S603 (our own program)
        orden, cwd=RAIZ, env=entorno(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as demo:
        assert demo.stdout
        assert demo.stderr
        linea = next(linea for linea in demo.stdout if "API en marcha" in linea)
        hallado = re.search(r"http://127\.0\.0\.1:(\d+)", linea)
        assert hallado
        assert hallado[1] != "8000"
        assert httpx.get(f"{hallado[0]}/health/live", trust_env=False).status_code == 200
        demo.send_signal(signal.SIGINT)
        assert demo.wait(LIMITE) == 130
        assert "interrumpida" in demo.stderr.read()
        demo.stdout.read()
    assert procesos_en(tmp_path) == []
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{hallado[0]}/health/live", trust_env=False)


def test_los_ajustes_dicen_donde_escucha_y_donde_guarda(tmp_path: Path) -> None:
    with socket.socket() as enchufe:
        enchufe.bind(("127.0.0.1", 0))
        puerto = str(enchufe.getsockname()[1])
    ajustes = entorno(PARKNET_PORT=puerto, PARKNET_DATA_DIR=str(tmp_path))
    with subprocess.Popen(  # noqa: S603 (our own program)
        ORDEN, cwd=RAIZ, env=ajustes, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as demo:
        assert demo.stdout
        linea = next(linea for linea in demo.stdout if "API en marcha" in linea)
        assert f"http://127.0.0.1:{puerto}," in linea
        assert [p.parent for p in tmp_path.glob("demo/*/bd")]
        demo.send_signal(signal.SIGINT)
        assert demo.wait(LIMITE) == 130
        demo.stdout.read()


def test_un_puerto_que_no_es_se_rechaza_en_una_linea() -> None:
    hecho = subprocess.run(  # noqa: S603 (our own program)
        ORDEN, cwd=RAIZ, env=entorno(PARKNET_PORT="ocho"), capture_output=True, text=True, timeout=LIMITE
    )
    assert hecho.returncode == 1
    assert hecho.stderr == "demo: falló «Comienzo»: PARKNET_PORT: se espera un número de 1 a 65535\n"


def test_una_carpeta_usada_se_rechaza_en_una_linea(tmp_path: Path) -> None:
    (tmp_path / "bd").mkdir()
    hecho = subprocess.run(  # noqa: S603 (our own program)
        [*ORDEN, str(tmp_path)], cwd=RAIZ, env=entorno(), capture_output=True, text=True, timeout=LIMITE
    )
    assert hecho.returncode == 1
    assert hecho.stdout == ""
    assert re.fullmatch(r"demo: falló «Comienzo»: .* ya tiene una base de datos; .*\n", hecho.stderr)
    assert (tmp_path / "bd").is_dir()


def test_lo_que_falla_dice_codigo_y_detalle(tmp_path: Path) -> None:
    with Servidor(tmp_path, correo="admin@example.com", clave="una clave larga 1") as servidor:
        with pytest.raises(PasoFallido, match=r"^POST /auth/login: 401 credenciales_invalidas: .+"):
            servidor.cliente().entrar("admin@example.com", "otra clave larga 2")
        admin = servidor.cliente().entrar("admin@example.com", "una clave larga 1")
        with pytest.raises(PasoFallido, match=r": 422 \w+: .* \[codigo: .+\]"):
            admin.pedir("POST", "/sorteo/espacios", json={"tipo": "carro"})
        with pytest.raises(PasoFallido, match=r"se esperaba no_encontrado y fue 200"):
            admin.negado("GET", "/sorteo/espacios", "no_encontrado")
        assert servidor.vive
    assert not servidor.vive
    assert procesos_en(tmp_path) == []


def test_una_api_que_no_arranca_dice_por_que(tmp_path: Path) -> None:
    with pytest.raises(PasoFallido, match=r"la API no arrancó: PARKNET_ADMIN_PASSWORD: .+ \(registro: "):
        Servidor(tmp_path, correo="admin@example.com", clave="corta").__enter__()


class _Otra(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Who asks is of no interest."""


def test_lo_que_responde_en_su_puerto_otro_programa_no_es_la_api(tmp_path: Path) -> None:
    """Another ParkNet, say, whose data the demonstration would write into."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Otra) as otra:
        threading.Thread(target=otra.serve_forever, daemon=True).start()
        try:
            with (
                pytest.raises(
                    PasoFallido, match=rf"PARKNET_PORT: no se puede escuchar en 127.0.0.1:{otra.server_port}"
                ),
                Servidor(tmp_path, correo="a@example.com", clave="una clave larga 1", puerto=otra.server_port),
            ):
                pass
        finally:
            otra.shutdown()


def test_los_datos_son_los_mismos_y_no_se_repiten() -> None:
    hogares = datos.hogares()
    assert hogares == datos.hogares()
    assert len(hogares) == len({h.nombre for h in hogares}) == 120
    placas = [h.unidad["vehiculos"][0]["placa"] for h in hogares if h.unidad["vehiculos"][0]["placa"]]
    assert len(set(placas)) == len(placas)
    assert len({h.documento for h in hogares}) == len({h.persona for h in hogares}) == 120
    assert len({e["codigo"] for e in datos.ESPACIOS}) == len(datos.ESPACIOS) == 40
    assert len({e["tipo"] for e in datos.ESPACIOS}) == 4
