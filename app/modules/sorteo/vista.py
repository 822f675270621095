"""How a draw looks from outside."""

from collections.abc import Mapping

from beanie import PydanticObjectId

from app.modules.sorteo.estados import EstadoSorteo
from app.modules.sorteo.fuente import FuentePublica
from app.modules.sorteo.models import ResultadoSorteo, Sorteo
from app.modules.sorteo.motor import FORMATO
from app.modules.sorteo.ports import CabezaDeAuditoria, NombreDeUnidad
from app.modules.sorteo.resultados.schemas import (
    MiResultadoOut,
    ResultadoOut,
    StaffResultadoOut,
    UltimoGanador,
    UnidadDeResultadoOut,
    VerificacionOut,
)
from app.modules.sorteo.resultados.service import MiResultado, comandos
from app.modules.sorteo.schemas import (
    FuenteDrandOut,
    FuentePublicaOut,
    LotteryOut,
    LotteryResult,
    VigenciaOut,
)
from app.shared.messages import Idioma, mensaje


def lottery_out(sorteo: Sorteo) -> LotteryOut:
    fuente = sorteo.fuente_entropia
    if isinstance(fuente, FuentePublica):
        salida: FuentePublicaOut | FuenteDrandOut = FuentePublicaOut.model_validate(fuente)
    else:
        salida = FuenteDrandOut(tipo="drand", ronda=fuente.ronda, disponible_desde=fuente.conocible_desde)
    vigencia = VigenciaOut(desde=sorteo.vigencia.desde.isoformat(), hasta=sorteo.vigencia.hasta.isoformat())
    propios = sorteo.model_dump(include=set(LotteryOut.model_fields) - {"fuente_entropia", "vigencia"})
    if sorteo.estado in (EstadoSorteo.publicado, EstadoSorteo.finalizado):
        propios["anulacion"] = None  # one that was asked for, and that publishing left without effect
    return LotteryOut.model_validate(propios | {"fuente_entropia": salida, "vigencia": vigencia})


def lottery_result(sorteo: Sorteo) -> LotteryResult:
    return LotteryResult.model_validate(sorteo.model_dump() | {"sorteo_id": sorteo.id})


def verificacion(sorteo: Sorteo, auditoria: CabezaDeAuditoria | None) -> VerificacionOut:
    propios = sorteo.model_dump(include=set(VerificacionOut.model_fields))
    return VerificacionOut.model_validate(
        propios
        | {
            "sorteo_id": sorteo.id,
            "formato": FORMATO,
            "fuente": sorteo.fuente_entropia.texto,
            # Accepted before the draw has run with it, the number is published with the rest.
            "entropia": None if sorteo.secreto is None else sorteo.entropia,
            "auditoria": auditoria,
            "comandos": comandos(sorteo),
        }
    )


def resultado(
    fila: ResultadoSorteo, nombres: Mapping[PydanticObjectId, NombreDeUnidad]
) -> ResultadoOut | StaffResultadoOut:
    """With the flat, for whoever was given the names of flats."""
    propios = fila.model_dump(include=set(ResultadoOut.model_fields))
    nombre = nombres.get(fila.unidad_id)
    if nombre is None:
        return ResultadoOut.model_validate(propios)
    unidad = UnidadDeResultadoOut(id=fila.unidad_id, torre=nombre.torre, apartamento=nombre.apartamento)
    return StaffResultadoOut.model_validate(propios | {"unidad": unidad})


def mi_resultado(mio: MiResultado, idioma: Idioma) -> MiResultadoOut:
    fila, ultimo = mio.resultado, mio.ultimo_ganador
    codigo = "explicacion_ganador" if fila.espacio is not None else "explicacion_espera"
    if fila.espacio is None and ultimo is None:
        codigo = "explicacion_sin_espacios"
    datos = {
        "posicion": fila.posicion,
        "total": mio.total,
        "nivel": fila.nivel,
        "boletas": fila.boletas,
        "espacio": fila.espacio,
        "espera": fila.espera,
        "ultima_posicion": None if ultimo is None else ultimo.posicion,
        "ultimo_nivel": None if ultimo is None else ultimo.nivel,
    }
    return MiResultadoOut.model_validate(
        fila.model_dump(include=set(MiResultadoOut.model_fields))
        | {
            "ultimo_ganador": None
            if ultimo is None
            else UltimoGanador(posicion=ultimo.posicion, nivel=ultimo.nivel, numero=ultimo.numero),
            "explicacion": mensaje(codigo, idioma, datos),
        }
    )
