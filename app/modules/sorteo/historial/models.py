"""What happened to a draw, one line after another, for everybody who may sign in."""

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel

from app.core.acts.contract import llamada_en_curso
from app.core.clock import ahora
from app.core.security import Rol


class Suceso(StrEnum):
    crear = "crear"
    abrir = "abrir"
    nombrar_garantes = "nombrar_garantes"
    prorrogar = "prorrogar"
    reabrir = "reabrir"
    cerrar = "cerrar"
    fijar_numero = "fijar_numero"
    ejecutar = "ejecutar"
    publicar = "publicar"
    finalizar = "finalizar"
    pedir_anulacion = "pedir_anulacion"
    confirmar_anulacion = "confirmar_anulacion"
    retirar_anulacion = "retirar_anulacion"
    anular = "anular"


class Hecho(BaseModel):
    """`rol`: of who did it; None for the clock. `huellas`: what was published by it. `cierre`: the closing time that
    holds from then on, where it moved."""

    suceso: Suceso
    cuando: datetime
    rol: Rol | None
    huellas: dict[str, str] = {}
    motivo: str | None = None
    cierre: datetime | None = None


def hecho(
    suceso: Suceso, *, huellas: dict[str, str] | None = None, motivo: str | None = None, cierre: datetime | None = None
) -> Hecho:
    """What happens now, by who makes the call that is being answered."""
    llamada = llamada_en_curso()
    quien = None if llamada is None else llamada.quien
    return Hecho(
        suceso=suceso,
        cuando=ahora(),
        rol=None if quien is None else quien.rol,
        huellas=huellas or {},
        motivo=motivo,
        cierre=cierre,
    )
