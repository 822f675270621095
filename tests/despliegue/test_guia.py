"""The runbook can be followed as it stands: its settings start the API, its commands and places are there."""

import re
from pathlib import Path

import pytest

from app.commands import leer_orden
from app.core.config import load_settings

RAIZ = Path(__file__).parents[2]
GUIAS = ("docs/runbook.md", "docs/upgrading.md")


def _texto(guia: str) -> str:
    return (RAIZ / guia).read_text(encoding="utf-8")


def _ordenes(guia: str) -> list[str]:
    """What stands in a block of its own, without what is said of it."""
    lineas = re.findall(r"^    (\S.*)$", _texto(guia), re.MULTILINE)
    return [linea.partition("  #")[0].strip() for linea in lineas]


def test_con_los_ajustes_que_da_se_arranca(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lineas = [linea.replace("…", "x" * 32) for linea in _ordenes("docs/runbook.md") if linea.startswith("PARKNET_")]
    dados = [linea for linea in lineas if " " not in linea.partition("=")[0] and "runuser" not in linea]
    (tmp_path / ".env").write_text("\n".join(dados).replace("ADMIN_EMAIL=" + "x" * 32, "ADMIN_EMAIL=a@example.com"))
    monkeypatch.chdir(tmp_path)
    ajustes = load_settings()
    assert (ajustes.env, str(ajustes.data_dir)) == ("prod", "/var/lib/parknet")


def test_la_unidad_no_dice_lo_que_dice_el_archivo() -> None:
    """What systemd puts into the environment is stronger than `.env`, and a new worker would not read it anew."""
    unidad = (RAIZ / "deploy/parknet.service").read_text(encoding="utf-8")
    assert re.findall(r"^Environment\w*=(.*)$", unidad, re.MULTILINE) == ["PARKNET_ENV=prod"]
    (carpeta,) = re.findall(r"^StateDirectory=(.*)$", unidad, re.MULTILINE)
    assert f"PARKNET_DATA_DIR=/var/lib/{carpeta}" in _ordenes("docs/runbook.md")


def test_la_unidad_deja_a_la_base_incluida_lo_que_llama() -> None:
    """`mongod` looks with mincore(2) where its stack ends, which systemd has in none of its groups: it is killed."""
    unidad = (RAIZ / "deploy/parknet.service").read_text(encoding="utf-8")
    (filtro,) = re.findall(r"^SystemCallFilter=(.*)$", unidad, re.MULTILINE)
    assert filtro.split() == ["@system-service", "mincore"]


def test_un_paso_que_no_sigue_se_busca_como_lo_dice_el_registro() -> None:
    tareas = (RAIZ / "app/modules/sorteo/pasos/tareas.py").read_text(encoding="utf-8")
    (linea,) = re.findall(r'log\.warning\("(.*)", id, error\.codigo\)', tareas)
    assert f"`{linea % ('…', '<codigo>')}`" in _texto("docs/runbook.md")


def test_los_codigos_de_un_paso_los_hay() -> None:
    parte = _texto("docs/runbook.md").partition("## A step of a draw did not finish")[2].partition("\n## ")[0]
    codigos = {codigo for fila in re.findall(r"^\| (`.*?) \|", parte, re.MULTILINE) for codigo in fila.split(", ")}
    errores = _texto("docs/errores.md")
    assert {"`no_disponible_ahora`", "`resultado_desconocido`"} < codigos
    assert all(f"| {codigo} |" in errores for codigo in codigos)


def test_lo_que_calla_al_arrancar_es_lo_que_dice() -> None:
    """A unit of `Type=notify` would be killed while indexes are made."""
    assert "\nType=" not in (RAIZ / "deploy/parknet.service").read_text(encoding="utf-8")
    assert "_PACIENCIA = 10.0\n" in (RAIZ / "app/database/opening.py").read_text(encoding="utf-8")
    assert "first ten seconds" in _texto("docs/runbook.md")


@pytest.mark.parametrize("guia", GUIAS)
def test_las_ordenes_de_la_api_las_hay(guia: str) -> None:
    dichas = re.findall(r"main\.py ([a-z]\w*[^`\n#>]*)", _texto(guia))
    assert dichas
    for orden in dichas:
        leer_orden(re.sub(r"…|\$\(.*?\)", "copia", orden).split())


@pytest.mark.parametrize("guia", GUIAS)
def test_lo_que_se_manda_hacer_lo_hay(guia: str) -> None:
    metas = set(re.findall(r"^(\w+):", (RAIZ / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert set(re.findall(r"\bmake ([a-z]+) ARCHIVO|`make ([a-z]+)`", _texto(guia))) <= {
        (meta, "") for meta in metas
    } | {("", meta) for meta in metas}


@pytest.mark.parametrize("guia", GUIAS)
def test_a_donde_remite_lo_hay(guia: str) -> None:
    for archivo, titulo in re.findall(r"\]\(([^)#:]*)(?:#([\w-]+))?\)", _texto(guia)):
        otro = (RAIZ / guia).parent / archivo if archivo else RAIZ / guia
        assert otro.exists(), archivo
        if titulo:
            titulos = re.findall(r"^#+ (.*)$", otro.read_text(encoding="utf-8"), re.MULTILINE)
            assert titulo in {re.sub(r"[^\w -]", "", t).lower().replace(" ", "-") for t in titulos}
