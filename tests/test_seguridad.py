"""docs/security.md names what there is: every test that it leans on, and every attack that is tried."""

import re
from pathlib import Path

RAIZ = Path(__file__).parents[1]
PAGINA = (RAIZ / "docs/security.md").read_text(encoding="utf-8")
NOMBRADAS = set(re.findall(r"`(tests/[\w/.]+)(?:::\w+)?`", PAGINA))
PRUEBAS = set(re.findall(r"`(tests/[\w/.]+)::(\w+)`", PAGINA))


def test_lo_que_nombra_esta() -> None:
    assert NOMBRADAS
    assert [ruta for ruta in sorted(NOMBRADAS) if not (RAIZ / ruta).exists()] == []
    enlaces = re.findall(r"\]\(([^)#:]+)\)", PAGINA)
    assert [enlace for enlace in enlaces if not (RAIZ / "docs" / enlace).exists()] == []


def test_las_pruebas_que_nombra_estan() -> None:
    assert PRUEBAS
    textos = {ruta: (RAIZ / ruta).read_text(encoding="utf-8") for ruta, _ in PRUEBAS}
    assert [(r, n) for r, n in sorted(PRUEBAS) if not re.search(rf"(def|class) {n}\b", textos[r])] == []


def test_nombra_todos_los_ataques() -> None:
    ataques = {str(ruta.relative_to(RAIZ)) for ruta in (RAIZ / "tests/ataques").glob("test_*.py")}
    assert ataques - NOMBRADAS == set()
