"""No text that comes in holds what nobody sees: two that look the same are the same, and each can be typed again."""

from collections.abc import Iterator
from typing import Annotated, Any, cast

import pytest
from pydantic import TypeAdapter, ValidationError

from app.shared.schemas import InputSchema

# Passwords, names and codes to sign in, tokens and the number of a draw are compared whole with what there is; the last
# two are a base class, whose classes judge it, and the reader's own.
TAL_CUAL = frozenset(
    {
        *("RegisterIn.password", "UserAuth.password", "UserAuth.username", "UserAuth.otp", "UserAuth.refresh_token"),
        *("PasswordChange.actual", "PasswordChange.nueva", "RecoveryConfirm.nueva", "RecoveryConfirm.token"),
        *("EmailChange.password", "EmailConfirm.token", "RefreshIn.refresh_token", "RegisterIn.invitacion"),
        *("MfaOff.password", "MfaOff.codigo", "MfaConfirm.codigo", "Ejecucion.entropia"),
        *("CondicionDePrioridad.valor", "FilaDelPadron.supuestos"),
    }
)
# Zero width, marks of direction, a soft hyphen, a BOM, a letter without any ink, a control character; what each font
# draws as it likes, and what is no character.
INVISIBLES = (
    *("\u200b", "\u202e", "\u2066", "\u200f", "\u00ad", "\ufeff", "\u3164", "\x85"),
    *("\ue000", "\uf8ff", "\U000f0000", "\U0010fffd", "\ufdd0", "\uffff", "\U0001fffe"),
)
LLANOS = ("Algo", "codigo_1", "#### a", "3001234567", "2026-03-02", "ana@example.com", "a" * 64)


def _esquemas(base: type[InputSchema] = InputSchema) -> Iterator[type[InputSchema]]:
    for esquema in base.__subclasses__():
        yield esquema
        yield from _esquemas(esquema)


def _formas(texto: str) -> Iterator[Any]:
    """By itself, in a list, and as the name of an entry."""
    yield from (texto, [texto], {texto: 1}, {texto: [texto]}, {texto: texto})


def _admite(tipo: TypeAdapter[Any], valor: Any) -> bool:
    try:
        tipo.validate_python(valor)
    except ValidationError:
        return False
    return True


@pytest.mark.usefixtures("aplicacion")
@pytest.mark.parametrize("invisible", INVISIBLES, ids=lambda c: f"{ord(c):04x}")
def test_ningun_campo_admite_lo_que_no_se_ve(invisible: str) -> None:
    mirados, faltas = set[str](), set[str]()
    campos: dict[str, TypeAdapter[Any]] = {
        # What is annotated is known only here.
        f"{esquema.__qualname__}.{nombre}": TypeAdapter(cast(Any, Annotated)[campo.annotation, None, *campo.metadata])
        for esquema in _esquemas()
        if esquema.__module__.startswith("app.")
        for nombre, campo in esquema.model_fields.items()
        if f"{esquema.__qualname__}.{nombre}" not in TAL_CUAL
    }
    for llano in LLANOS:
        con_ella = f"{llano[:2]}{invisible}{llano[2:]}"
        for bueno, malo in zip(_formas(llano), _formas(con_ella), strict=True):
            admiten = [nombre for nombre, tipo in campos.items() if _admite(tipo, bueno)]
            mirados.update(admiten)
            faltas.update(nombre for nombre in admiten if _admite(campos[nombre], malo))
    assert sorted(faltas) == []
    assert len(mirados) > 80
