"""The figures as rows: a measure a line."""

from collections.abc import AsyncIterator, Iterator

from app.modules.sorteo.figuras.schemas import FigurasDeSorteoOut, FigurasOut
from app.shared.sheets import Filas
from app.shared.writing import instante

COLUMNAS = ("sorteo", "medida", "grupo", "valor")
ANCHOS = (34, 26, 34, 14)
Celda = tuple[object, ...]


async def filas(figuras: FigurasOut) -> AsyncIterator[Filas]:
    yield [COLUMNAS]
    for sorteo in figuras.sorteos:
        yield [(sorteo.nombre, *resto) for resto in _del_sorteo(sorteo)]
    yield list(_de_los_anios(figuras))


def _del_sorteo(s: FigurasDeSorteoOut) -> Iterator[Celda]:
    yield "publicado", None, instante(s.publicado_en)
    for medida in ("solicitudes", "rechazadas", "participantes", "espacios"):
        yield medida, None, getattr(s, medida)
    for d in s.demanda:
        grupo = d.tipo if d.torre is None else f"{d.tipo}, {d.torre}"
        yield "solicitudes por tipo", grupo, d.solicitudes
        yield "con espacio por tipo", grupo, d.con_espacio
    for e in s.por_tipo:
        grupo = e.tipo if e.reserva_nombre is None else f"{e.tipo}, reserva {e.reserva_nombre.es}"
        yield "espacios por tipo", grupo, e.espacios
        yield "dados por tipo", grupo, e.con_derecho
        yield "prestados por tipo", grupo, e.prestados
    for n in s.niveles:
        yield "participantes por nivel", n.nivel, n.participantes
        yield "con espacio por nivel", n.nivel, n.con_espacio
    for campo, valor in s.aceptacion:
        yield "aceptación", campo, valor
    for campo, valor in s.espera:
        yield "espera", campo, valor
    if s.orden is not None:
        for campo, valor in s.orden:
            yield "orden", campo, valor


def _de_los_anios(figuras: FigurasOut) -> Iterator[Celda]:
    nombres = {s.sorteo_id: s.nombre for s in figuras.sorteos}
    for r in figuras.rotacion:
        yield nombres[r.sorteo_id], "ganadoras", r.tipo, r.ganadoras
        yield nombres[r.sorteo_id], "ganadoras nuevas", r.tipo, r.nuevas
    for c in figuras.rachas:
        yield None, "unidades que perdieron seguidas", c.seguidas, c.unidades
    for m in figuras.mas_seguidas:
        yield None, "pérdidas seguidas", f"{m.seudonimo}, {m.tipo}", m.seguidas
