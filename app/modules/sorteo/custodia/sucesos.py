"""What the audit is told of a draw, as it calls it and says it."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from app.modules.sorteo import motor
from app.modules.sorteo.estados import Paso

DICHAS = {
    Paso.abrir: "sorteo_abrir_sorteo",
    Paso.cerrar: "sorteo_cerrar_sorteo",
    Paso.ejecutar: "sorteo_ejecutar_sorteo",
    Paso.publicar: "sorteo_publicar_sorteo",
}
"""What publishes hashes."""
MUEVEN = {Paso.prorrogar: "sorteo_prorrogar_sorteo", Paso.reabrir: "sorteo_reabrir_sorteo"}
"""What moves the closing."""
FRASE, SIN_CIERRE = "garante_frase", "ninguno"
ANULAN, CONFIRMADA, SOLA = "sorteo_anular_sorteo", "sorteo_confirmar_anulacion", "anulacion_sin_quien_confirme"
ESPERA, CON_OTRO = "anulacion_en_espera", "otro"
"""When an annulment comes to stand by itself, as nobody else could confirm it; or that somebody could."""
ANULADO = "sorteo_anulado"
"""An annulment was carried out."""
LISTA, LISTA_TERMINADA = "espera_publicada", "espera_terminada"
"""What requests tell of the list of a draw that was published, and of its end."""
NACE = "sorteo_crear_sorteo"
TODOS = frozenset({*DICHAS.values(), *MUEVEN.values(), FRASE, ANULAN, CONFIRMADA, SOLA, ESPERA, ANULADO})


def en_codigo(valor: str | datetime, campo: str) -> str:
    """As it stands in the audit, which takes codes alone."""
    if isinstance(valor, datetime):
        return instante(valor)
    return motor.sha256_hex(valor) if campo == "entropia" else valor


def instante(cuando: datetime) -> str:
    return str(round(cuando.timestamp() * 1000))


def que_dicen(dichos: Mapping[str, Sequence[Mapping[str, str]]], campo: str) -> dict[str, list[Mapping[str, str]]]:
    """What says something of that; the row of a call alone does not."""
    suyos = {id: [dicho for dicho in varios if campo in dicho] for id, varios in dichos.items()}
    return {id: varios for id, varios in suyos.items() if varios}
