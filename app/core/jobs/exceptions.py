"""What can go wrong with a job, beside what its work itself says.

NoEncontrado 404   SinArchivo
Conflicto 409      TrabajoTerminado, TrabajoAlterado
"""

from app.shared.exceptions import Conflicto, NoEncontrado


class SinArchivo(NoEncontrado):
    """The job made no file, or it was erased a day later."""

    codigo = "sin_archivo"


class TrabajoTerminado(Conflicto):
    """It has ended: there is nothing left to cancel."""

    codigo = "trabajo_terminado"


class TrabajoAlterado(Conflicto):
    """Who asked, or for what, is not what was asked: somebody wrote on the database."""

    codigo = "trabajo_alterado"


class ArchivoIncompleto(RuntimeError):
    """What is stored of a file is not all that was written, as it was written."""
