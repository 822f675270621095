"""The rules of priorities that can be broken: PrioridadDuplicada (Conflicto, 409)."""

from app.shared.exceptions import Conflicto


class PrioridadDuplicada(Conflicto):
    codigo = "prioridad_duplicada"
