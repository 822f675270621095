"""What operations say of their answers."""

from typing import Any

from app.shared.exceptions import EntradaInvalida, NoAutenticado, ParkNetError, RolInsuficiente


def problemas(*errores: type[ParkNetError]) -> dict[int | str, dict[str, Any]]:
    """For `responses=`: the `codigo`s that an operation answers, by status, beside those that every one answers."""
    todos: tuple[type[ParkNetError], ...] = (NoAutenticado, RolInsuficiente, EntradaInvalida, *errores)
    codigos: dict[int, list[str]] = {}
    for error in todos:
        codigos.setdefault(error.status, []).append(error.codigo)
    return {
        status: {"description": ", ".join(f"`{c}`" for c in suyos), "content": {"application/problem+json": {}}}
        for status, suyos in sorted(codigos.items())
    }
