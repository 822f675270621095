"""What is handed to who deploys says what there is: metrics, settings, headings. No container engine is needed."""

import importlib.util
import json
import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client.metrics import MetricWrapperBase

from app.core import metrics
from app.core.config import VERSION, Settings
from tests.sistema import programa

RAIZ = Path(__file__).parents[2]


def _metricas() -> set[str]:
    nombres = set()
    for metrica in vars(metrics).values():
        for familia in metrica.collect() if isinstance(metrica, MetricWrapperBase) else ():
            nombres |= {familia.name, f"{familia.name}_total"}
            nombres |= {f"{familia.name}{fin}" for fin in ("_count", "_bucket", "_sum")}
    return nombres


def _nombradas(texto: str) -> set[str]:
    return set(re.findall(r"parknet_\w+", texto))


@pytest.mark.parametrize("archivo", ["alerts.yaml", "alerts_test.yaml", "grafana.json"])
def test_las_metricas_que_se_nombran_las_hay(archivo: str) -> None:
    nombradas = _nombradas((RAIZ / "deploy" / archivo).read_text(encoding="utf-8"))
    assert nombradas
    assert nombradas - _metricas() == set()


def _alarmas() -> set[str]:
    reglas = yaml.safe_load((RAIZ / "deploy/alerts.yaml").read_text(encoding="utf-8"))["groups"][0]["rules"]
    return {regla["alert"] for regla in reglas}


def test_cada_alarma_dice_que_hacer() -> None:
    titulos = re.findall(r"^### (\w+)$", (RAIZ / "docs/runbook.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert _alarmas() == set(titulos)


def test_de_cada_alarma_hay_cuando_suena_y_cuando_no() -> None:
    casos = yaml.safe_load((RAIZ / "deploy/alerts_test.yaml").read_text(encoding="utf-8"))["tests"]
    dichas = {(prueba["alertname"], bool(prueba["exp_alerts"])) for caso in casos for prueba in caso["alert_rule_test"]}
    assert dichas == {(alarma, suena) for alarma in _alarmas() for suena in (True, False)}


@pytest.mark.promtool
def test_las_alarmas_suenan_cuando_dicen() -> None:
    promtool = str(programa("promtool"))
    orden = [promtool, "test", "rules", "deploy/alerts_test.yaml"]
    hecho = subprocess.run(orden, cwd=RAIZ, capture_output=True, text=True, check=False)  # noqa: S603
    assert hecho.returncode == 0, hecho.stdout + hecho.stderr


def test_el_tablero_se_lee() -> None:
    tablero = json.loads((RAIZ / "deploy/grafana.json").read_text(encoding="utf-8"))
    assert len({panel["id"] for panel in tablero["panels"]}) == len(tablero["panels"]) > 5


def test_los_ajustes_que_se_dan_los_hay() -> None:
    conocidos = {f"PARKNET_{nombre.upper()}" for nombre in Settings.model_fields}
    for archivo in ("Dockerfile", "compose.yaml", "deploy/parknet.service"):
        texto = re.sub(r"#.*", "", (RAIZ / archivo).read_text(encoding="utf-8"))
        nombrados = set(re.findall(r"\b(PARKNET_[A-Z_]+)\b", texto))
        assert nombrados
        assert nombrados - conocidos == set(), archivo


def test_lo_que_se_compone_no_manda_de_mas() -> None:
    servicios: dict[str, Any] = yaml.safe_load((RAIZ / "compose.yaml").read_text(encoding="utf-8"))["services"]
    for nombre in ("api-1", "api-2"):
        assert servicios[nombre]["read_only"] is True
        assert servicios[nombre]["cap_drop"] == ["ALL"]
    dockerfile = (RAIZ / "Dockerfile").read_text(encoding="utf-8")
    assert re.search(r"^USER 10001$", dockerfile, re.MULTILINE)
    assert "HEALTHCHECK" in dockerfile


def test_lo_que_se_compone_cambia_lo_que_hay_en_el_ejemplo_de_nginx() -> None:
    servicios: dict[str, Any] = yaml.safe_load((RAIZ / "compose.yaml").read_text(encoding="utf-8"))["services"]
    ejemplo = (RAIZ / "docs/nginx/nginx.conf").read_text(encoding="utf-8")
    cambios = re.findall(r"'s\|([^|]+)\|([^|]+)\|g?'", servicios["nginx"]["command"][-1])
    assert len(cambios) == 2
    for de, a in cambios:
        assert de in ejemplo
        ejemplo = ejemplo.replace(de, a)
    assert re.findall(r"server (\S+):8000 ", ejemplo) == ["api-1", "api-2"]
    (certificados,) = (v.split(":")[1] for v in servicios["nginx"]["volumes"] if "certificados" in v)
    assert f"{certificados}/fullchain.pem" in ejemplo


def test_lo_que_arranca_el_editor_lo_hay() -> None:
    for arranque in json.loads((RAIZ / ".vscode/launch.json").read_text(encoding="utf-8"))["configurations"]:
        if "program" in arranque:
            assert Path(arranque["program"].replace("${workspaceFolder}", str(RAIZ))).is_file()
        else:
            assert importlib.util.find_spec(arranque["module"]) is not None


def test_lo_que_corre_antes_de_cada_cambio_y_en_la_forja_lo_hay() -> None:
    forja = yaml.safe_load((RAIZ / ".github/workflows/ci.yml").read_text(encoding="utf-8"))
    ordenes = [paso["run"] for trabajo in forja["jobs"].values() for paso in trabajo["steps"] if "run" in paso]
    assert ordenes
    for orden in ordenes:
        assert (RAIZ / orden.split()[-1]).is_file(), orden
    antes = yaml.safe_load((RAIZ / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"][0]["hooks"]
    comprobar = re.findall(r"^check:.*\n((?:\t.*\n)+)", (RAIZ / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)[
        0
    ]
    de_make = (
        comprobar.replace("$(PY)", ".venv/bin/python").replace("$(VENV)", ".venv").replace(" .\n", "\n").split("\n\t")
    )
    assert {gancho["entry"] for gancho in antes} == {orden.strip() for orden in de_make}


def test_la_version_es_una() -> None:
    assert tomllib.loads((RAIZ / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"] == VERSION
    assert f"## {VERSION}" in (RAIZ / "CHANGELOG.md").read_text(encoding="utf-8")
