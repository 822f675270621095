"""What `make test` leaves of a sweep, `make exhaustivo` runs."""

import re
from pathlib import Path

RAIZ = Path(__file__).parents[1]


def test_make_exhaustivo_corre_todo_lo_que_se_abrevia() -> None:
    receta = (RAIZ / "Makefile").read_text(encoding="utf-8").replace("\\\n", " ")
    hallados = re.search(r"^BARRIDOS := (.+)$", receta, re.MULTILINE)
    assert hallados is not None
    barridos = [RAIZ / camino for camino in hallados[1].split()]
    assert all(barrido.exists() for barrido in barridos)
    breves = [
        prueba
        for prueba in RAIZ.glob("tests/**/test_*.py")
        if re.search(r"^from tests\.\S+ import .*\b(EXHAUSTIVO|EJEMPLOS)\b", prueba.read_text("utf-8"), re.MULTILINE)
    ]
    assert len(breves) > 8
    assert [b for b in breves if not any(b.is_relative_to(barrido) for barrido in barridos)] == []
