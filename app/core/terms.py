"""For how long things are kept: settings of their own, of which `Settings` is made. `docs/privacy.md` tells them."""

from datetime import timedelta
from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_settings import BaseSettings

_DIEZ_ANIOS = 3650


def _nunca_o_un_anio(dias: int) -> int:
    """Who left last month may still object to a draw: nobody is erased for that."""
    if 0 < dias < 365:
        raise ValueError("se espera 0, que es nunca, o 365 días o más")
    return dias


class Plazos(BaseSettings):
    conservar_respuestas_horas: Annotated[int, Field(ge=24, le=720)] = 24
    conservar_archivos_horas: Annotated[int, Field(ge=1, le=720)] = 24
    conservar_trabajos_dias: Annotated[int, Field(ge=1, le=_DIEZ_ANIOS)] = 30
    conservar_correos_dias: Annotated[int, Field(ge=1, le=_DIEZ_ANIOS)] = 30
    conservar_correos_fallidos_dias: Annotated[int, Field(ge=1, le=_DIEZ_ANIOS)] = 180
    conservar_avisos_dias: Annotated[int, Field(ge=90, le=_DIEZ_ANIOS)] = 730
    conservar_sesiones_dias: Annotated[int, Field(ge=1, le=_DIEZ_ANIOS)] = 90
    conservar_invitaciones_dias: Annotated[int, Field(ge=60, le=_DIEZ_ANIOS)] = 365
    conservar_residentes_dias: Annotated[int, Field(ge=0, le=36500), AfterValidator(_nunca_o_un_anio)] = _DIEZ_ANIOS

    @property
    def guarda_de_respuestas(self) -> timedelta:
        return timedelta(hours=self.conservar_respuestas_horas)

    @property
    def guarda_de_archivos(self) -> timedelta:
        return timedelta(hours=self.conservar_archivos_horas)

    @property
    def guarda_de_trabajos(self) -> timedelta:
        return timedelta(days=self.conservar_trabajos_dias)

    @property
    def guarda_de_correos(self) -> timedelta:
        return timedelta(days=self.conservar_correos_dias)

    @property
    def guarda_de_correos_fallidos(self) -> timedelta:
        return timedelta(days=self.conservar_correos_fallidos_dias)

    @property
    def guarda_de_avisos(self) -> timedelta:
        return timedelta(days=self.conservar_avisos_dias)

    @property
    def guarda_de_sesiones(self) -> timedelta:
        return timedelta(days=self.conservar_sesiones_dias)

    @property
    def guarda_de_invitaciones(self) -> timedelta:
        return timedelta(days=self.conservar_invitaciones_dias)

    @property
    def guarda_de_residentes(self) -> timedelta | None:
        """Of who lives here no more; None: until people decide."""
        return timedelta(days=self.conservar_residentes_dias) if self.conservar_residentes_dias else None
