"""The steps of a draw, told one after another."""

from collections.abc import Iterator
from datetime import datetime

from app.modules.sorteo.acta.palabras import Palabras
from app.modules.sorteo.models import Sorteo

_Paso = tuple[datetime | None, str, dict[str, object]]


def pasos(sorteo: Sorteo, rechazadas: int, decir: Palabras) -> Iterator[str]:
    """Each step that was taken, in the order of time. `rechazadas`: how many requests the closing refused."""
    dados = [(cuando, clave, datos) for cuando, clave, datos in _todos(sorteo, rechazadas, decir) if cuando is not None]
    for cuando, clave, datos in sorted(dados, key=lambda paso: paso[0]):
        yield decir(f"paso_{clave}", cuando=decir.cuando(cuando), **datos)


def _todos(sorteo: Sorteo, rechazadas: int, decir: Palabras) -> Iterator[_Paso]:
    yield sorteo.abierto_en, "abierto", {"espacios": sorteo.espacios_en_juego}
    for prorroga in sorteo.prorrogas:
        yield prorroga.cuando, "prorroga", {"hasta": decir.cuando(prorroga.a), "motivo": prorroga.motivo}
    for anterior in sorteo.huellas_anteriores:
        yield anterior.cerrado_en, "cierre_anterior", {}
        yield anterior.reabierto_en, "reabierto", {"motivo": anterior.motivo}
    yield sorteo.cerrado_en, "cerrado", {"participantes": sorteo.participantes, "rechazadas": rechazadas}
    yield sorteo.ejecutado_en, "ejecutado", {"admitidos": sorteo.admitidos, "en_espera": sorteo.en_espera}
    yield sorteo.publicado_en, "publicado", {}
    yield sorteo.finalizado_en, "finalizado", {}
    if sorteo.anulacion is not None:
        yield sorteo.anulacion.pedida_en, "anulacion", {"motivo": sorteo.anulacion.motivo}
    yield sorteo.anulado_en, "anulado", {}
