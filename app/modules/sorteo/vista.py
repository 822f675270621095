"""How a draw looks from outside."""

from app.modules.sorteo.estados import EstadoSorteo
from app.modules.sorteo.fuente import FuentePublica
from app.modules.sorteo.models import Sorteo
from app.modules.sorteo.schemas import FuenteDrandOut, FuentePublicaOut, LotteryOut, LotteryResult, VigenciaOut


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
    vigencia = VigenciaOut(desde=sorteo.vigencia.desde.isoformat(), hasta=sorteo.vigencia.hasta.isoformat())
    propios = sorteo.model_dump(include=set(LotteryOut.model_fields) - {"fuente_entropia", "vigencia"})
    if sorteo.estado in (EstadoSorteo.publicado, EstadoSorteo.finalizado):
        propios["anulacion"] = None  # publishing left the annulment without effect
    return LotteryOut.model_validate(propios | {"fuente_entropia": salida, "vigencia": vigencia})


def lottery_result(sorteo: Sorteo) -> LotteryResult:
    return LotteryResult.model_validate(sorteo.model_dump() | {"sorteo_id": sorteo.id})
