"""What a draw is made of. Nothing here is ever deleted, but for what a closing or a run that came to nothing wrote."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Literal

from beanie import Document, PydanticObjectId
from pydantic import BaseModel, Field
from pymongo import IndexModel

from app.modules.sorteo.acta.models import Acta
from app.modules.sorteo.advertencias.models import Advertencia
from app.modules.sorteo.asignaciones.models import Asignacion
from app.modules.sorteo.espacios.models import Espacio
from app.modules.sorteo.estados import EstadoSorteo
from app.modules.sorteo.fuente import FuenteDrand, FuentePublica
from app.modules.sorteo.garantes.models import Garante, con_compromisos
from app.modules.sorteo.historial.models import Hecho
from app.modules.sorteo.pasos.models import Alteracion, Anulacion, CabezaDePaso, HuellaAnterior, Prorroga, Turno
from app.modules.sorteo.permutas.models import Permuta
from app.modules.sorteo.prioridades.models import ConfigPrioridad, Regla
from app.modules.sorteo.reclamos.models import Reclamo
from app.modules.sorteo.resultados.models import ParticipanteSorteo, ResultadoSorteo
from app.modules.sorteo.simulacion.models import Ensayada, Simulacion
from app.shared.documents import UN_ID, UN_TEXTO, Documento


class Vigencia(BaseModel):
    """The days, both included, for which the spaces are drawn."""

    desde: date
    hasta: date


class Sorteo(Documento):
    """The parameters, where it stands, and what is published of it. `SecretoSorteo` has the secret, sealed, until then.

    `firma_drand`: the signature of the round that `entropia` was taken from, so that anybody can verify it.
    `por_nivel`: how many participants the run found in each level, from 0 on.
    `intento` and `corrida`: the tokens under which the closing and the run that count wrote what they froze and found.
    `a_medias`: those of others, which began to write and came to nothing, or have not ended yet."""

    nombre: str
    vigencia: Vigencia
    fuente_entropia: Annotated[FuentePublica | FuenteDrand, Field(discriminator="tipo")]
    apertura: datetime | None
    cierre: datetime | None
    espacios: list[str] | None
    prioridades: list[str] | None
    repite_a: PydanticObjectId | None
    liberar_reservas: bool
    aprobacion: Literal["manual", "automatica"]
    exige_al_dia: bool
    al_dia_en: Literal["solicitud", "cierre"]
    max_por_unidad: int
    max_por_tipo: dict[str, int] = {}
    reglamento: str | None = None
    compatibilidad: dict[str, list[str]]
    aceptacion: Literal["requerida", "tacita"]
    plazo_aceptacion_horas: int
    ejecuta_sola: bool = False
    publica_en: datetime | None = None
    ensayo: bool

    estado: EstadoSorteo = EstadoSorteo.borrador
    reglas: list[Regla] = []
    advertencias: list[Advertencia] = []
    compromiso: str | None = None
    huella_reglas: str | None = None
    espacios_en_juego: int | None = None
    huella: str | None = None
    huella_padron: str | None = None
    intento: str | None = None
    participantes: int | None = None
    por_congelar: bool = False
    huellas_anteriores: list[HuellaAnterior] = []
    prorrogas: list[Prorroga] = []
    cabezas: list[CabezaDePaso] = []
    entropia: str | None = None
    firma_drand: str | None = None
    garantes: list[Garante] = []
    secreto: str | None = None
    semilla: str | None = None
    corrida: str | None = None
    huella_resultado: str | None = None
    admitidos: int | None = None
    en_espera: int | None = None
    por_nivel: list[int] = []
    publicado_hasta: int = 0
    turno: Turno | None = None
    a_medias: list[str] = []
    alteracion: Alteracion | None = None
    anulacion: Anulacion | None = None
    anulaciones_retiradas: list[Anulacion] = []
    historia: list[Hecho] = []
    cierre_avisado: datetime | None = None
    acta_en: datetime | None = None
    actas: list[str] = []
    reclamos: int = 0

    creado_en: datetime
    abierto_en: datetime | None = None
    cerrado_en: datetime | None = None
    ejecutado_en: datetime | None = None
    publicado_en: datetime | None = None
    finalizado_en: datetime | None = None
    anulado_en: datetime | None = None

    @property
    def fuente(self) -> str:
        """The `fuente` of the bases; until they are closed, without what witnesses commit to."""
        return self.fuente_al_cerrar if self.huella is not None else self.fuente_entropia.texto

    @property
    def fuente_al_cerrar(self) -> str:
        return con_compromisos(self.fuente_entropia.texto, self.garantes)

    def se_publica(self, momento: datetime) -> bool:
        """Whether it was left to the clock to publish it, and the time has come. A rehearsal is never published."""
        return self.publica_en is not None and self.publica_en <= momento and not self.ensayo

    @property
    def publicandose(self) -> bool:
        """Some have been told what they got, and the others not yet."""
        return self.estado is EstadoSorteo.ejecutado and self.publicado_hasta > 0

    @property
    def publicados(self) -> set[str]:
        """The tokens of what a published hash names."""
        anteriores = {anterior.intento for anterior in self.huellas_anteriores}
        return anteriores | {ficha for ficha in (self.intento, self.corrida) if ficha is not None}

    @property
    def anulacion_en_firme(self) -> bool:
        """Whether all that is left to do is to annul it."""
        pedida = None if self.estado is EstadoSorteo.anulado else self.anulacion
        return pedida is not None and pedida.firme_en is not None

    class Settings(Documento.Settings):
        name = "sorteos"
        indexes = [
            IndexModel([("estado", 1), ("creado_en", -1), ("_id", -1)], name="sorteo_estado"),
            IndexModel([("creado_en", -1), ("_id", -1)], name="sorteo_recientes"),
            IndexModel(
                [("repite_a", 1)], name="sorteo_repite_a", unique=True, partialFilterExpression={"repite_a": UN_ID}
            ),
        ]


class SecretoSorteo(Documento):
    """The secret of a draw, sealed. Its own collection, which nothing reads but the steps that need it. `padron`: what
    salts its roll, sealed, from the first closing on. It is never published, as the secret is."""

    sellado: bytes
    padron: bytes | None = None

    class Settings(Documento.Settings):
        name = "sorteos_secretos"


class EspacioEnJuego(Documento):
    """A space as the draw copied it when it opened, or (with `excluido`) why it was left out."""

    sorteo_id: PydanticObjectId
    codigo: str
    tipo: str | None = None
    reserva: str | None = None
    excluido: str | None = None

    class Settings(Documento.Settings):
        name = "sorteos_espacios"
        indexes = [
            IndexModel([("sorteo_id", 1), ("codigo", 1)], name="espacio_en_juego", unique=True),
            IndexModel(
                [("reserva", 1)], name="espacio_en_juego_reserva", partialFilterExpression={"reserva": UN_TEXTO}
            ),
        ]


class Publicado(StrEnum):
    """The files that a draw publishes."""

    reglas = "reglas"
    bases = "bases"
    padron = "padron"
    resultado = "resultado"


class Reservado(StrEnum):
    """The files that a draw keeps to itself."""

    participes = "participes"


class ArchivoSorteo(Documento):
    """A piece of a file. Its bytes, in the order of `parte`, are the file."""

    sorteo_id: PydanticObjectId
    archivo: Publicado | Reservado
    intento: str
    parte: int
    datos: bytes

    class Settings(Documento.Settings):
        name = "sorteos_archivos"
        indexes = [
            IndexModel(
                [("sorteo_id", 1), ("archivo", 1), ("intento", 1), ("parte", 1)], name="archivo_parte", unique=True
            )
        ]


DOCUMENTOS: tuple[type[Document], ...] = (
    Sorteo,
    SecretoSorteo,
    EspacioEnJuego,
    ParticipanteSorteo,
    ResultadoSorteo,
    ArchivoSorteo,
    Espacio,
    ConfigPrioridad,
    Asignacion,
    Permuta,
    Acta,
    Reclamo,
    Simulacion,
    Ensayada,
)
