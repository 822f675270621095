"""The marks of what an opening believes: spaces and rights, rules of priority, the parameters of a draft."""

from collections.abc import Sequence

import attrs

from app.core.facts.marks import MarcasDeHechos
from app.core.sealing import Precinto

INVENTARIO = "inventario"
"""What a space is. Spaces are many and looked at one by one, so these fields have one mark."""
DE_ESPACIOS = {INVENTARIO: ("codigo", "tipo", "reserva", "uso", "activo")}
TITULAR = "titular"
ESPACIOS, PRIORIDADES, BORRADORES = "espacios_escritos", "prioridades_escritas", "borradores_escritos"
"""What the audit is told as, of what was stated."""


@attrs.frozen
class MarcasDeSorteo:
    """See `MarcasDeHechos`."""

    espacios: MarcasDeHechos
    prioridades: MarcasDeHechos
    borradores: MarcasDeHechos

    @classmethod
    def con(cls, clave: bytes, anteriores: Sequence[bytes] = ()) -> "MarcasDeSorteo":
        precinto = Precinto(clave, "hechos", anteriores)
        return cls(
            espacios=MarcasDeHechos(precinto, "espacio", (INVENTARIO, TITULAR), juntos=DE_ESPACIOS, dicho=ESPACIOS),
            prioridades=MarcasDeHechos(
                precinto,
                "prioridad",
                ("codigo", "descripcion", "condiciones", "efecto", "activa"),
                dicho=PRIORIDADES,
            ),
            borradores=MarcasDeHechos(
                precinto,
                "sorteo",
                (
                    *("nombre", "vigencia", "fuente_entropia", "apertura", "cierre", "espacios", "prioridades"),
                    *("repite_a", "liberar_reservas", "aprobacion", "exige_al_dia", "al_dia_en", "max_por_unidad"),
                    *("max_por_tipo", "reglamento", "compatibilidad", "aceptacion", "plazo_aceptacion_horas"),
                    *("ejecuta_sola", "publica_en", "ensayo"),
                ),
                dicho=BORRADORES,
            ),
        )
