"""Builds what imports of all modules share."""

from collections.abc import Mapping
from datetime import timedelta
from zoneinfo import ZoneInfo

import attrs

from app.core.imports.contract import D, Fabrica, ImportacionOut
from app.core.imports.engine import LOTE, Importador
from app.core.imports.reception import Recepcion
from app.core.imports.repository import SE_GUARDA, EnsayoRepository, LoteRepository
from app.core.imports.sheet import HojaDeImportacion
from app.core.imports.undo import DESHACER, DeshacerService, Deshaciendo
from app.core.jobs.contract import Archivos, Encargado
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
    _lotes: LoteRepository
    _ensayos: EnsayoRepository
    _hoja: HojaDeImportacion
    _uow: UnitOfWork

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
        return Importador(
            tipo=tipo,
            resultado=resultado,
            fabrica=fabrica,
            choques=choques,
            de_una_vez=de_una_vez,
            archivos=self.archivos,
            lotes=self._lotes,
            ensayos=self._ensayos,
            hoja=self._hoja,
            uow=self._uow,
        )


def montar(
    *, zona: ZoneInfo, uow: UnitOfWork, trabajos: TrabajoService, archivos: Archivos, guarda: timedelta = SE_GUARDA
) -> Importaciones:
    """`guarda`: for how long what an import wrote can be taken back."""
    lotes, ensayos = LoteRepository(guarda), EnsayoRepository()
    servicio = DeshacerService(trabajos=trabajos, cola=trabajos, lotes=lotes, ensayos=ensayos)
    return Importaciones(
        recepcion=Recepcion(archivos=archivos),
        servicio=servicio,
        encargados={DESHACER: Deshaciendo(servicio=servicio, lotes=lotes, uow=uow)},
        archivos=archivos,
        lotes=lotes,
        ensayos=ensayos,
        hoja=HojaDeImportacion(lotes=lotes, zona=zona),
        uow=uow,
    )
