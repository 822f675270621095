"""The way that a draw has come, as the audit was told of it: what it published, and where it stands. Pure."""

from collections.abc import Mapping, Sequence

import attrs

from app.modules.sorteo.custodia.ports import Relato
from app.modules.sorteo.custodia.sucesos import ANULADO, DICHAS, MUEVEN
from app.modules.sorteo.estados import EstadoSorteo, Paso
from app.modules.sorteo.models import Sorteo

DESDE = {
    Paso.abrir: EstadoSorteo.borrador,
    Paso.prorrogar: EstadoSorteo.abierto,
    Paso.cerrar: EstadoSorteo.abierto,
    Paso.reabrir: EstadoSorteo.cerrado,
    Paso.ejecutar: EstadoSorteo.cerrado,
    Paso.publicar: EstadoSorteo.ejecutado,
}
"""Where a draw stands, as the audit was told, when it tells of the step."""
_LLEVA_A = (
    (DICHAS[Paso.abrir], "huella_reglas", EstadoSorteo.abierto),
    (DICHAS[Paso.cerrar], "huella", EstadoSorteo.cerrado),
    (MUEVEN[Paso.reabrir], "cierre", EstadoSorteo.abierto),
    (DICHAS[Paso.ejecutar], "huella_resultado", EstadoSorteo.ejecutado),
    (DICHAS[Paso.publicar], "publicado_en", EstadoSorteo.publicado),
    (ANULADO, "anulado", EstadoSorteo.anulado),
)
"""Rows without the field are of acts that went on, and lead nowhere."""
_SIN_RESULTADO = frozenset({EstadoSorteo.abierto, EstadoSorteo.cerrado})
Cierre = tuple[str, str | None]


@attrs.frozen
class Trayecto:
    """`completo`: the audit has no gap. `entero`: all was told in order since the draw opened. `estado`: where it
    stands by that. `anteriores`: the hashes of each closing that was opened again, of the bases and of the roll."""

    _dichos: Sequence[tuple[str, Mapping[str, str]]]
    tras: str
    completo: bool
    entero: bool
    estado: EstadoSorteo
    anteriores: Sequence[Cierre]

    @classmethod
    def de(cls, relato: Relato) -> "Trayecto":
        dichos = [*relato.sueltos, *relato.seguidos]
        estado, anteriores = EstadoSorteo.borrador, list[Cierre]()
        cierre: Cierre | None = None
        for tipo, datos in dichos:
            estado = next((a for de, campo, a in _LLEVA_A if de == tipo and campo in datos), estado)
            if tipo == DICHAS[Paso.cerrar] and "huella" in datos:
                cierre = datos["huella"], datos.get("huella_padron")
            elif tipo == MUEVEN[Paso.reabrir] and "cierre" in datos and cierre is not None:
                anteriores.append(cierre)
                cierre = None
        entero = any("huella_reglas" in datos for _, datos in relato.seguidos)
        return cls(dichos, relato.ultimo, relato.completo, entero, estado, anteriores)

    def dichos(self, *tipos: str) -> list[Mapping[str, str]]:
        return [datos for tipo, datos in self._dichos if tipo in tipos]

    def se_dijo(self, campo: str, *tipos: str) -> bool:
        return any(campo in datos for datos in self.dichos(*tipos))

    @property
    def se_dijo_abrir(self) -> bool:
        """Draws that were opened when nobody told the audit are let be."""
        return bool(self.dichos(DICHAS[Paso.abrir]))

    def llego_a(self, estado: EstadoSorteo | None) -> bool:
        """Whether the draw stands where it was told to stand; of one of which not all was told, whether it has not gone
        back behind what it published."""
        if self.entero and self.completo:
            return estado is self.estado or (
                estado is EstadoSorteo.finalizado and self.estado is EstadoSorteo.publicado
            )
        return not (
            (estado is EstadoSorteo.borrador and self.dichos(*DICHAS.values()))
            or (estado in _SIN_RESULTADO and self.se_dijo("huella_resultado", *DICHAS.values()))
            or (estado is EstadoSorteo.ejecutado and self.se_dijo("publicado_en", *DICHAS.values()))
            or (estado is not EstadoSorteo.anulado and self.se_dijo("anulado", ANULADO))
        )

    def idos(self, sorteo: Sorteo) -> frozenset[tuple[str, str | None]] | None:
        """The hashes that the draw may have let go of, by field; None where it says of closings what nobody did."""
        suyos = [(a.huella, a.huella_padron) for a in sorteo.huellas_anteriores]
        if self.entero and suyos != list(self.anteriores):
            return None
        return frozenset(par for huella, padron in suyos for par in (("huella", huella), ("huella_padron", padron)))
