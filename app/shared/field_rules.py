"""The rules of fields as our clients know them: what pydantic finds broken, in our own codes."""

import re
from collections.abc import Mapping
from typing import Any

from app.shared.exceptions import Dato
from app.shared.messages import CATALOGOS

_CITADOS = re.compile(r"'([^']*)'")
# What pydantic calls a broken rule -> what our clients call it, and which of its limits they may see.
_CODIGOS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "missing": ("requerido", ()),
    "extra_forbidden": ("campo_desconocido", ()),
    "string_too_short": ("muy_corto", ("min_length",)),
    "string_too_long": ("muy_largo", ("max_length",)),
    "too_short": ("muy_corto", ("min_length",)),
    "too_long": ("muy_largo", ("max_length",)),
    "greater_than": ("fuera_de_rango", ("gt",)),
    "greater_than_equal": ("fuera_de_rango", ("ge",)),
    "less_than": ("fuera_de_rango", ("lt",)),
    "less_than_equal": ("fuera_de_rango", ("le",)),
    "finite_number": ("fuera_de_rango", ()),
    "int_parsing_size": ("fuera_de_rango", ()),
    "string_pattern_mismatch": ("forma_invalida", ()),
    "enum": ("valor_no_admitido", ("expected",)),
    "literal_error": ("valor_no_admitido", ("expected",)),
    "union_tag_invalid": ("valor_no_admitido", ()),
    "union_tag_not_found": ("requerido", ()),
    "date_from_datetime_parsing": ("fecha_invalida", ()),
    "date_parsing": ("fecha_invalida", ()),
    "datetime_parsing": ("instante_invalido", ()),
    "datetime_from_date_parsing": ("instante_invalido", ()),
    "value_error": ("forma_invalida", ()),
    "uno_de_dos": ("uno_de_dos", ("uno", "otro")),
}


def regla_rota(tipo: str, contexto: Mapping[str, Any]) -> tuple[str, dict[str, Dato]]:
    """The `codigo` of one of pydantic's errors (its `type`, its `ctx`), and which of its limits a client may see."""
    codigo, limites = _CODIGOS.get(tipo, (tipo, ()))
    if tipo.endswith(("_type", "_parsing")) and tipo not in _CODIGOS:
        codigo = "tipo_invalido"
    elif codigo not in CATALOGOS["es"]:
        codigo = "forma_invalida"  # pydantic has more rules than those that our schemas use and this table names
    cotas = {limite: contexto[limite] for limite in limites if limite in contexto}
    if "expected" in cotas:
        cotas["admitidos"] = ", ".join(_CITADOS.findall(str(cotas.pop("expected"))))
    return codigo, cotas
