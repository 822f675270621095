"""Builds what imports of all modules share."""

from zoneinfo import ZoneInfo

import attrs

from app.core.imports.contract import D, Fabrica
from app.core.imports.engine import Importador
from app.core.imports.reception import Recepcion
from app.core.imports.repository import EnsayoRepository, LoteRepository
from app.core.imports.sheet import HojaDeImportacion
from app.core.jobs.contract import Archivos
from app.database.unit_of_work import UnitOfWork
from app.shared.exceptions import ParkNetError


@attrs.frozen(kw_only=True)
class Importaciones:
    recepcion: Recepcion
    archivos: Archivos
    _lotes: LoteRepository
    _ensayos: EnsayoRepository
    _hoja: HojaDeImportacion
    _uow: UnitOfWork

    def importador(self, fabrica: Fabrica[D], choques: tuple[type[ParkNetError], ...]) -> Importador[D]:
        """Who does the jobs of one kind of import."""
        return Importador(
            fabrica=fabrica,
            choques=choques,
            archivos=self.archivos,
            lotes=self._lotes,
            ensayos=self._ensayos,
            hoja=self._hoja,
            uow=self._uow,
        )


def montar(*, zona: ZoneInfo, uow: UnitOfWork, archivos: Archivos) -> Importaciones:
    lotes = LoteRepository()
    return Importaciones(
        recepcion=Recepcion(archivos=archivos),
        archivos=archivos,
        lotes=lotes,
        ensayos=EnsayoRepository(),
        hoja=HojaDeImportacion(lotes=lotes, zona=zona),
        uow=uow,
    )
