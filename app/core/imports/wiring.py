"""Builds what imports of all modules share."""

from collections.abc import Mapping
from datetime import timedelta, tzinfo
from zoneinfo import ZoneInfo

import attrs

from app.core.builder import Armador
from app.core.imports.contract import D, Fabrica, ImportacionOut
from app.core.imports.engine import LOTE, Importador
from app.core.imports.reception import Recepcion
from app.core.imports.repository import SE_GUARDA, LoteRepository
from app.core.imports.undo import DESHACER, DeshacerService, Deshaciendo, Trabajos
from app.core.jobs.contract import Archivos, Cola, Encargado
from app.core.jobs.service import TrabajoService
from app.database.unit_of_work import UnitOfWork
from app.shared.exceptions import ParkNetError


@attrs.frozen(kw_only=True)
class Importaciones:
    """`servicio`: what its endpoint finds in `request.state`. `encargados`: who does its own jobs."""

    recepcion: Recepcion
    servicio: DeshacerService
    encargados: Mapping[str, Encargado]
    archivos: Archivos
    _armador: Armador

    def importador(
        self,
        fabrica: Fabrica[D],
        choques: tuple[type[ParkNetError], ...],
        *,
        tipo: str,
        resultado: type[ImportacionOut],
        de_una_vez: int = LOTE,
    ) -> Importador[D]:
        """Who does the jobs of one kind of import, `de_una_vez` rows in a transaction at most."""
        return self._armador.hacer(
            Importador, tipo=tipo, resultado=resultado, fabrica=fabrica, choques=choques, de_una_vez=de_una_vez
        )


def montar(
    *, zona: ZoneInfo, uow: UnitOfWork, trabajos: TrabajoService, archivos: Archivos, guarda: timedelta = SE_GUARDA
) -> Importaciones:
    """`guarda`: for how long what an import wrote can be taken back."""
    armador = Armador({UnitOfWork: uow, tzinfo: zona, Archivos: archivos, Trabajos: trabajos, Cola: trabajos})
    armador.hacer(LoteRepository, guarda=guarda)
    return Importaciones(
        recepcion=armador[Recepcion],
        servicio=armador[DeshacerService],
        encargados={DESHACER: armador[Deshaciendo]},
        archivos=archivos,
        armador=armador,
    )
