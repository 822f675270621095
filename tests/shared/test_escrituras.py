"""Whoever writes past `Repository` writes past the audit: nobody does, but for the audit itself and what is nobody's
act."""

import ast
from pathlib import Path

RAIZ = Path(__file__).parents[2] / "app"
ESCRIBEN = {
    "insert_one",
    "replace_one",
    "find_one_and_update",
    "find_one_and_replace",
    "find_one_and_delete",
    "bulk_write",
    "command",
    "update_one",
    "update_many",
    "delete_one",
    "delete_many",
    "insert_many",
}
# The audit. Answers kept for who asks again. Of jobs: queueing one (which says so to the audit by hand), taking one up,
# the pieces of files on their way in, and the rows that a job refused. The number of the next hand-in, which is given
# out outside of its transaction. The check values of keys, and data of before brought up to date, at a start.
LAS_QUE_SABEN = {
    "database/keys.py:find_one_and_update",
    "database/keys.py:update_one",
    "database/migrations/service.py:update_many",
    "modules/auditoria/repository.py:insert_one",
    "core/idempotency/repository.py:delete_one",
    "core/idempotency/repository.py:insert_one",
    "core/idempotency/repository.py:update_one",
    "core/jobs/repository.py:bulk_write",
    "core/jobs/repository.py:find_one_and_update",
    "core/jobs/repository.py:insert_one",
    "database/migrations/service.py:bulk_write",
    "database/migrations/service.py:update_one",
    "modules/auditoria/repository.py:insert_many",
    "modules/auditoria/repository.py:update_many",
    "modules/solicitudes/ventanilla/repository.py:command",
}


def _sueltas(ruta: Path) -> list[str]:
    """Calls on a collection of the driver: `self._coleccion.…` or `….get_motor_collection().…`."""
    halladas = []
    for nodo in ast.walk(ast.parse(ruta.read_text(encoding="utf-8"))):
        if isinstance(nodo, ast.Call) and isinstance(nodo.func, ast.Attribute) and nodo.func.attr in ESCRIBEN:
            sobre = ast.unparse(nodo.func.value)
            if "coleccion" in sobre or "get_motor_collection" in sobre:
                halladas.append(f"{ruta.relative_to(RAIZ)}:{nodo.func.attr}")
    return halladas


def test_solo_el_repositorio_comun_escribe_con_el_controlador() -> None:
    todas = {suelta for ruta in sorted(RAIZ.rglob("*.py")) for suelta in _sueltas(ruta)}
    propias = {suelta for suelta in todas if suelta.startswith("shared/repository.py")}
    assert len(propias) >= 7
    assert todas - propias == LAS_QUE_SABEN
