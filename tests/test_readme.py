"""Both READMEs say the same, what they say is so, and what they tell to paste works.

Blocks marked `bash` are the walk through the main job, in one shell from the first to the last; `sh` is for commands
that stand alone.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import pytest

from app.core.config import Settings
from app.core.terms import Plazos
from scripts.demo.api import Servidor

RAIZ = Path(__file__).parents[1]
LEAME = {idioma: RAIZ / nombre for idioma, nombre in (("en", "README.md"), ("es", "README.es.md"))}
IDIOMAS = sorted(LEAME)
LIMITE = 600


class Bloque(NamedTuple):
    lenguaje: str
    texto: str


def texto(idioma: str) -> str:
    return LEAME[idioma].read_text(encoding="utf-8")


def bloques(idioma: str) -> list[Bloque]:
    hallados = re.findall(r"^```(\w*)\n(.*?)^```$", texto(idioma), re.MULTILINE | re.DOTALL)
    return [Bloque(lenguaje, cuerpo) for lenguaje, cuerpo in hallados]


def prosa(idioma: str) -> str:
    return re.sub(r"^```.*?^```$", "", texto(idioma), flags=re.MULTILINE | re.DOTALL)


def paseo(idioma: str) -> str:
    return "".join(bloque.texto for bloque in bloques(idioma) if bloque.lenguaje == "bash")


def tabla_de_ajustes(idioma: str) -> dict[str, str]:
    """Default by setting, both as text; empty where there is none."""
    return dict(re.findall(r"^\| `(PARKNET_\w+)` \| (?:`([^`]*)` )?\| \S", texto(idioma), re.MULTILINE))


def ejemplo() -> dict[str, str]:
    lineas = (RAIZ / ".env.example").read_text(encoding="utf-8").splitlines()
    return dict(linea[1:].split("=", 1) for linea in lineas if re.match(r"#?PARKNET_", linea))


@contextmanager
def pegado(idioma: str, carpeta: Path) -> Iterator[subprocess.Popen[str]]:
    """The walk as it goes on in a bash of its own, against an API of its own, started with the account it tells of."""
    carpeta.mkdir()
    (arranque,) = [b.texto for b in bloques(idioma) if "make run" in b.texto]
    cuenta = re.search(r"PARKNET_ADMIN_EMAIL=(\S+) PARKNET_ADMIN_PASSWORD='(.+?)' make run", arranque)
    assert cuenta
    with Servidor(carpeta, correo=cuenta[1], clave=cuenta[2]) as servidor:
        entorno = os.environ | {
            "API": f"{servidor.origen}/api/v1",
            "LC_ALL": "C.UTF-8",
            "NO_PROXY": "127.0.0.1",
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "TMPDIR": str(carpeta),
        }
        orden = ["bash", "-euo", "pipefail", "-c", paseo(idioma)]
        with subprocess.Popen(  # noqa: S603 (what the READMEs tell to run is what is tried)
            orden, cwd=RAIZ, env=entorno, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as proceso:
            yield proceso


class TestPaseo:
    @pytest.mark.mongod
    @pytest.mark.curl
    def test_pegado_en_bash_funciona(self, tmp_path: Path) -> None:
        """One of the two: but for comments they are the same."""
        with pegado("es", tmp_path / "es") as proceso:
            salida, error = proceso.communicate(timeout=LIMITE)
        assert (proceso.returncode, error) == (0, "")
        assert re.search(r"/bases\.jsonl: OK\n.*/resultado\.jsonl: OK\nmotor: OK\n", salida)
        # The one ball of folio 1, as a shell makes it, is its number in the result, which follows.
        boleta, linea = salida.splitlines()[-2:]
        assert f'"id":"1","numero":"{boleta.split()[0]}"' in linea

    def test_es_el_mismo_en_los_dos(self) -> None:
        sin_comentarios = [re.sub(r"(^|\s)# .*", "", paseo(idioma)) for idioma in IDIOMAS]
        assert sin_comentarios[0] == sin_comentarios[1]
        arranques = [next(b.texto for b in bloques(idioma) if "make run" in b.texto) for idioma in IDIOMAS]
        assert arranques[0] == arranques[1]
        assert "${API:-http://127.0.0.1:8000/api/v1}" in sin_comentarios[0]


class TestLosDosDicenLoMismo:
    @pytest.mark.parametrize(
        "patron",
        [r"^(#+) ", r"^```(\w*)$", r"\]\(([^)]+)\)", r"^(\|) ", r"^\| `(\w+)` \| `?([^`|]*)"],
        ids=["títulos", "bloques", "enlaces", "filas", "ajustes"],
    )
    def test_tienen_la_misma_estructura(self, patron: str) -> None:
        ingles, castellano = [
            [h for h in re.findall(patron, texto(idioma), re.MULTILINE) if h not in ("README.md", "README.es.md")]
            for idioma in ("en", "es")
        ]
        assert ingles
        assert ingles == castellano

    def test_nombran_las_mismas_cosas(self) -> None:
        ingles, castellano = [
            sorted(re.sub(r"\s+", " ", nombrada) for nombrada in re.findall(r"`([^`]+)`", prosa(idioma)))
            for idioma in ("en", "es")
        ]
        assert ingles == castellano

    def test_cada_uno_lleva_al_otro(self) -> None:
        assert "(README.es.md)" in texto("en")
        assert "(README.md)" in texto("es")

    def test_el_dibujo_de_los_estados_es_el_mismo(self) -> None:
        dibujos = [next(b.texto for b in bloques(i) if b.lenguaje == "mermaid") for i in IDIOMAS]
        flechas = [re.findall(r"(\S+) --> ([^\s:]+)(?:: (\w+))?", dibujo) for dibujo in dibujos]
        assert flechas[0] == flechas[1]


class TestLoQueDicenEsAsi:
    @pytest.mark.parametrize("idioma", IDIOMAS)
    def test_los_ajustes_son_los_que_hay_con_lo_que_valen(self, idioma: str) -> None:
        tabla = tabla_de_ajustes(idioma)
        propios = [campo for campo in Settings.model_fields if campo not in Plazos.model_fields]
        assert list(tabla) == [f"PARKNET_{campo.upper()}" for campo in (*propios, *Plazos.model_fields)]
        assert tabla == ejemplo()

    def test_el_ejemplo_de_env_dice_lo_que_vale_si_no(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        for nombre in [n for n in os.environ if n.upper().startswith("PARKNET_")]:
            monkeypatch.delenv(nombre)
        activado = re.sub(
            r"^#(?=PARKNET_)", "", (RAIZ / ".env.example").read_text(encoding="utf-8"), flags=re.MULTILINE
        )
        (tmp_path / ".env").write_text(activado, encoding="utf-8")
        monkeypatch.chdir(tmp_path)
        leidos = Settings()
        (tmp_path / ".env").unlink()
        assert leidos == Settings()

    def test_cada_ajuste_del_ejemplo_se_explica_en_la_linea_de_encima(self) -> None:
        lineas = (RAIZ / ".env.example").read_text(encoding="utf-8").splitlines()
        for anterior, linea in pairwise(lineas):
            assert linea == "" or linea.startswith("#")
            assert not linea.startswith("#PARKNET_") or re.match(r"# \S", anterior)

    @pytest.mark.parametrize("idioma", IDIOMAS)
    def test_las_rutas_y_los_enlaces_existen(self, idioma: str) -> None:
        (estructura,) = [b.texto for b in bloques(idioma) if b.lenguaje == "text"]
        rutas = [linea.split()[0] for linea in estructura.splitlines()]
        enlaces = [enlace for enlace in re.findall(r"\]\(([^)]+)\)", prosa(idioma)) if "://" not in enlace]
        assert [ruta for ruta in rutas + enlaces if not (RAIZ / ruta).exists()] == []
        assert all((RAIZ / ruta).is_dir() for ruta in rutas if ruta.endswith("/"))

    @pytest.mark.parametrize("idioma", IDIOMAS)
    def test_las_ordenes_de_make_existen(self, idioma: str) -> None:
        destinos = set(re.findall(r"^([a-z]+):", (RAIZ / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
        nombradas = re.findall(r"`(?:ONCE=1 )?make\s+([a-z]+)`", texto(idioma))
        pegadas = re.findall(r"^(?:.* )?make ([a-z]+)$", "".join(b.texto for b in bloques(idioma)), re.MULTILINE)
        assert {"demo", "test", "run", "check", "format"} <= {*nombradas, *pegadas} <= destinos
