"""The marks that rows bear which no API wrote: copies of what one did, with other ids."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from app.core.config import Settings
from app.core.facts.marks import MarcasDeHechos
from app.core.sealing import Precinto, PrecintoDeFilas
from app.database.migrations.changes import Marca, Marcado
from app.database.migrations.steps import MIGRACIONES
from app.modules.solicitudes.movimientos.marcas import DICHOS_AL_JUZGAR


class Marcador:
    """`datos`: where the API that is measured has its keys."""

    def __init__(self, datos: Path) -> None:
        ajustes = Settings(_env_file=None, data_dir=datos)
        precinto = Precinto(ajustes.clave("clave_sorteo"), "hechos")
        self._de: dict[str, list[tuple[MarcasDeHechos, Mapping[str, str]]]] = {}
        for cambio in (cambio for migracion in MIGRACIONES for cambio in migracion.cambios):
            if isinstance(cambio, Marca):
                marcas = MarcasDeHechos(precinto, cambio.de, cambio.hechos, cambio.partes, cambio.juntos)
                self._de.setdefault(cambio.coleccion, []).append((marcas, cambio.ids_de))
        self._enteras = {
            cambio.coleccion: PrecintoDeFilas(
                precinto=Precinto(ajustes.clave(cambio.clave), cambio.uso),
                campos=cambio.campos,
                si_dicen=DICHOS_AL_JUZGAR,
            )
            for migracion in MIGRACIONES
            for cambio in migracion.cambios
            if isinstance(cambio, Marcado)
        }

    def marcada(self, coleccion: str, fila: Mapping[str, Any]) -> dict[str, Any]:
        """The row with its own marks, where rows of that collection have any."""
        if coleccion in self._enteras:
            return {**fila, "marca": self._enteras[coleccion].de(fila)}
        if coleccion not in self._de:
            return dict(fila)
        suyas: dict[str, str] = {}
        for marcas, ids_de in self._de[coleccion]:
            suyas |= marcas.todas({**fila, **{otras: [] for otras in ids_de}})
        return {**fila, "marcas": suyas}
