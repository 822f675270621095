"""What stands below the result: who was left out and why, what staff changed, claims and their answers."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from app.modules.sorteo.acta.palabras import Palabras
from app.modules.sorteo.reclamos.models import EstadoReclamo, Reclamo
from app.modules.sorteo.resultados.schemas import ExclusionesOut

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Seccion:
    """`puntos` are a list below the paragraphs."""

    titulo: str
    parrafos: tuple[str, ...]
    puntos: tuple[str, ...] = ()


def exclusiones(fuera: ExclusionesOut, decir: Palabras, *, por_unidad: bool) -> Seccion:
    """Where the result goes by flat, requests are counted here: no folio stands beside it, nor what a flat owes."""
    rechazadas, cambios = ("rechazadas_cuantas", "cambios_cuantas") if por_unidad else ("rechazadas", "cambios")
    puntos = [
        decir("excluidos", n=len(codigos), codigos=", ".join(codigos), motivo=decir.motivo(motivo))
        for motivo, codigos in _por_clave((e.motivo, e.codigo) for e in fuera.espacios)
    ]
    puntos += [
        decir(rechazadas, **_dichas(folios), motivo=decir.motivo(motivo))
        for motivo, folios in _por_clave((s.motivo, s.folio) for s in fuera.solicitudes)
    ]
    puntos += [
        decir(cambios, campo=decir.cambio(campo), **_dichas(folios))
        for campo, folios in _por_clave((c.campo, c.folio) for c in fuera.cambios)
    ]
    return Seccion(decir("exclusiones"), () if puntos else (decir("exclusiones_ninguna"),), tuple(puntos))


def _por_clave(pares: Iterable[tuple[str, T]]) -> list[tuple[str, list[T]]]:
    grupos: defaultdict[str, list[T]] = defaultdict(list)
    for clave, valor in pares:
        grupos[clave].append(valor)
    return sorted(grupos.items())


def _dichas(folios: Sequence[int]) -> dict[str, object]:
    """How many and which."""
    distintos = sorted(set(folios))
    return {"n": len(distintos), "folios": ", ".join(map(str, distintos))}


def de_reclamos(reclamos: Sequence[Reclamo], decir: Palabras) -> Seccion:
    if not reclamos:
        return Seccion(decir("reclamos"), (decir("reclamos_ninguno"),))
    de = [r.estado for r in reclamos]
    cuantos = decir(
        "reclamos_cuantos",
        n=len(reclamos),
        aceptados=de.count(EstadoReclamo.aceptado),
        negados=de.count(EstadoReclamo.negado),
        pendientes=de.count(EstadoReclamo.presentado),
    )
    return Seccion(decir("reclamos"), (cuantos,), tuple(_reclamo(r, decir) for r in reclamos))


def _reclamo(reclamo: Reclamo, decir: Palabras) -> str:
    dia = "" if reclamo.respondido_en is None else decir.dia(reclamo.respondido_en)
    respuesta = decir(f"reclamo_{reclamo.estado}", dia=dia, respuesta=reclamo.respuesta)
    return decir(
        "reclamo", folio=reclamo.folio, dia=decir.dia(reclamo.creado_en), texto=reclamo.texto, respuesta=respuesta
    )
