"""What jobs may have made: of each module what its own make, for the document."""

from app.core.imports.undo import DeshechoOut
from app.core.jobs.contract import FalloOut
from app.modules.auth.invitaciones.schemas import InvitadosOut
from app.modules.residentes.schemas import PadronImportadoOut
from app.modules.solicitudes.schemas import SolicitudesImportadasOut
from app.modules.sorteo.espacios.schemas import EspaciosImportadosOut
from app.modules.sorteo.pasos.encargos import (
    SorteoAbiertoOut,
    SorteoCerradoOut,
    SorteoEjecutadoOut,
    SorteoMovidoOut,
    SorteoPublicadoOut,
)
from app.modules.sorteo.simulacion.schemas import SimulacionOut
from app.shared.schemas import OutputSchema

RESULTADOS: tuple[type[OutputSchema], ...] = (
    DeshechoOut,
    EspaciosImportadosOut,
    FalloOut,
    InvitadosOut,
    PadronImportadoOut,
    SimulacionOut,
    SolicitudesImportadasOut,
    SorteoAbiertoOut,
    SorteoCerradoOut,
    SorteoEjecutadoOut,
    SorteoMovidoOut,
    SorteoPublicadoOut,
)
