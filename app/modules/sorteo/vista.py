"""How a draw looks from outside."""

from app.modules.sorteo.estados import EstadoSorteo
from app.modules.sorteo.fuente import FuentePublica
from app.modules.sorteo.models import Sorteo
from app.modules.sorteo.pasos.models import Anulacion
from app.modules.sorteo.schemas import (
    AnulacionOut,
    FuenteDrandOut,
    FuentePublicaOut,
    LotteryOut,
    LotteryResult,
    VigenciaOut,
)


def lottery_out(sorteo: Sorteo) -> LotteryOut:
    fuente = sorteo.fuente_entropia
    if isinstance(fuente, FuentePublica):
        salida: FuentePublicaOut | FuenteDrandOut = FuentePublicaOut.model_validate(fuente)
    else:
        salida = FuenteDrandOut(
            tipo="drand",
            ronda=fuente.ronda,
            momento=fuente.momento,
            disponible_desde=fuente.conocible_desde,
            forma=fuente.forma,
        )
    vigencia = VigenciaOut(desde=sorteo.vigencia.desde, hasta=sorteo.vigencia.hasta)
    propios = sorteo.model_dump(include=set(LotteryOut.model_fields) - {"fuente_entropia", "vigencia", "anulacion"})
    actual = None if sorteo.anulacion is None else anulacion_out(sorteo.anulacion, sorteo)
    retiradas = [anulacion_out(retirada, sorteo) for retirada in sorteo.anulaciones_retiradas]
    return LotteryOut.model_validate(
        propios
        | {
            "fuente_entropia": salida,
            "vigencia": vigencia,
            "anulacion": actual,
            "anulaciones": retiradas if actual is None else [*retiradas, actual],
        }
    )


def anulacion_out(anulacion: Anulacion, sorteo: Sorteo) -> AnulacionOut:
    desenlace = "efectuada" if sorteo.estado is EstadoSorteo.anulado else "pendiente"
    return AnulacionOut.model_validate(
        anulacion.model_dump()
        | {
            "pedida_por": anulacion.rol,
            "confirmada_por": anulacion.rol_confirma,
            "desenlace": desenlace if anulacion.retirada_en is None else "retirada",
        }
    )


def lottery_result(sorteo: Sorteo) -> LotteryResult:
    return LotteryResult.model_validate(sorteo.model_dump() | {"sorteo_id": sorteo.id})
