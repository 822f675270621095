"""Rules of draws, spaces and priorities that can be broken.

Conflicto 409
├── SolicitudesPendientes   ├── CierreTardio       ├── CierrePasado          ├── EspacioComprometido
├── EntropiaPrematura       ├── EntropiaFijada     ├── RepeticionInvalida    ├── DemasiadasReservas
├── SinAnulacion            ├── AnulacionPendiente ├── BasesAlteradas (AsignacionAlterada)
├── PrioridadDuplicada
├── EspacioDuplicado        ├── EspacioEnSorteo    ├── EspacioOcupado        ├── EspacioConTitular
├── ReclamoRespondido       ├── VigenciaEnCurso
├── GarantesComprometidos   ├── CompromisoTardio   ├── CompromisoFijado      ├── CompromisoRepetido
├── SinCompromiso           ├── RevelacionPrematura ├── RevelacionTardia     ├── SinConsentimiento
└── EspacioNoPrestado       └── SinDerecho         └── PermutaImposible
Prohibido 403    AnulacionPropia ConfirmadorReciente
NoEncontrado 404 NoDisponibleTodavia
NoDisponible 503 TareaEnCurso MotorInterrumpido
"""

from collections.abc import Iterable

from beanie import PydanticObjectId

from app.shared.exceptions import Conflicto, EnOtrasManos, NoDisponible, NoEncontrado, Prohibido


class SolicitudesPendientes(Conflicto):
    codigo = "solicitudes_pendientes"


class CierreTardio(Conflicto):
    codigo = "cierre_tardio"


class CierrePasado(Conflicto):
    codigo = "cierre_pasado"


class EspacioComprometido(Conflicto):
    """`codigos`: which spaces are not available, up to a hundred."""

    codigo = "espacio_comprometido"

    def __init__(self, codigos: Iterable[str]) -> None:
        super().__init__(codigos=tuple(codigos)[:100])


class EspacioDuplicado(Conflicto):
    codigo = "espacio_duplicado"


class EspacioEnSorteo(Conflicto):
    """A draw has the space or, where it is to be deleted, had it."""

    codigo = "espacio_en_sorteo"


class EspacioOcupado(Conflicto):
    """Somebody has the space on days for which a right to it was asked."""

    codigo = "espacio_ocupado"


class EspacioConTitular(Conflicto):
    """Somebody has a right to the space outside the draws."""

    codigo = "espacio_con_titular"


class EspacioNoPrestado(Conflicto):
    """Only a reserved space that was lent is claimed back."""

    codigo = "espacio_no_prestado"


class SinDerecho(Conflicto):
    """Nobody in that flat has the condition for which the space is reserved."""

    codigo = "sin_derecho"


class PermutaImposible(Conflicto):
    """The two spaces are not held by the same draw to the same day, or one of them is of no use to the other flat."""

    codigo = "permuta_imposible"


class SinConsentimiento(Conflicto):
    """Both flats have not consented, or one of them no longer does."""

    codigo = "sin_consentimiento"


class PrioridadDuplicada(Conflicto):
    codigo = "prioridad_duplicada"


class ReclamoRespondido(Conflicto):
    """A claim has one answer."""

    codigo = "reclamo_respondido"


class EntropiaPrematura(Conflicto):
    codigo = "entropia_prematura"


class EntropiaFijada(Conflicto):
    codigo = "entropia_fijada"


class RepeticionInvalida(Conflicto):
    codigo = "repeticion_invalida"


class DemasiadasReservas(Conflicto):
    codigo = "demasiadas_reservas"


class SinAnulacion(Conflicto):
    codigo = "sin_anulacion"


class AnulacionPendiente(Conflicto):
    """An annulment waits to be confirmed, or to take effect: until then no other step is taken."""

    codigo = "anulacion_pendiente"


class BasesAlteradas(Conflicto):
    """What is stored no longer has the hash that was published: somebody wrote on the database. `donde`: what of it."""

    codigo = "bases_alteradas"


class AsignacionAlterada(BasesAlteradas):
    """An assignment is not what an act made it. `id`: which."""

    def __init__(self, id: PydanticObjectId) -> None:
        super().__init__(donde="asignaciones", objeto=str(id))
        self.id = id


class GarantesComprometidos(Conflicto):
    """A witness has committed to a phrase, so the witnesses are those there are."""

    codigo = "garantes_comprometidos"


class CompromisoTardio(Conflicto):
    codigo = "compromiso_tardio"


class CompromisoFijado(Conflicto):
    codigo = "compromiso_fijado"


class CompromisoRepetido(Conflicto):
    codigo = "compromiso_repetido"


class SinCompromiso(Conflicto):
    codigo = "sin_compromiso"


class RevelacionPrematura(Conflicto):
    codigo = "revelacion_prematura"


class RevelacionTardia(Conflicto):
    codigo = "revelacion_tardia"


class VigenciaEnCurso(Conflicto):
    """Somebody waits for a space, or has not answered, and the term is not over."""

    codigo = "vigencia_en_curso"


class AnulacionPropia(Prohibido):
    codigo = "anulacion_propia"


class ConfirmadorReciente(Prohibido):
    """Who would confirm was invited, recovered or given the role after the draw opened."""

    codigo = "confirmador_reciente"


class NoDisponibleTodavia(NoEncontrado):
    codigo = "no_disponible"


class TareaEnCurso(EnOtrasManos):
    codigo = "tarea_en_curso"


class MotorInterrumpido(NoDisponible):
    """The process that computed the result died. It fixed nothing, so the step may be taken again."""

    codigo = "motor_interrumpido"
