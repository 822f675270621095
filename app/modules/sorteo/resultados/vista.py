"""How a line of the result looks: to everybody, to staff, and to those whose line it is."""

from collections.abc import Mapping

from beanie import PydanticObjectId

from app.modules.sorteo.ports import NombreDeUnidad
from app.modules.sorteo.resultados.models import ResultadoSorteo
from app.modules.sorteo.resultados.schemas import (
    MiResultadoOut,
    ResultadoOut,
    UltimoGanador,
    UnidadDeResultadoOut,
)
from app.modules.sorteo.resultados.service import MiResultado
from app.shared.messages import Idioma, mensaje


def resultado(fila: ResultadoSorteo, nombres: Mapping[PydanticObjectId, NombreDeUnidad]) -> ResultadoOut:
    """One line; it shows the flat when `nombres` has the name of the flat."""
    propios = fila.model_dump(include=set(ResultadoOut.model_fields))
    nombre, unidad = nombres.get(fila.unidad_id), None
    if nombre is not None:
        unidad = UnidadDeResultadoOut(id=fila.unidad_id, torre=nombre.torre, apartamento=nombre.apartamento)
    return ResultadoOut.model_validate(propios | {"unidad": unidad})


def mi_resultado(mio: MiResultado, idioma: Idioma) -> MiResultadoOut:
    fila, ultimo = mio.resultado, mio.ultimo_ganador
    codigo = "explicacion_ganador" if fila.espacio is not None else "explicacion_espera"
    if fila.espacio is None and ultimo is None:
        codigo = "explicacion_sin_espacios"
    datos = {
        "posicion": fila.posicion,
        "total": mio.total,
        "posicion_en_nivel": mio.posicion_en_nivel,
        "total_en_nivel": mio.total_en_nivel,
        "nivel": fila.nivel,
        "boletas": fila.boletas,
        "espacio": fila.espacio,
        "espera": fila.espera,
        "ultima_posicion": None if ultimo is None else ultimo.posicion,
        "ultimo_nivel": None if ultimo is None else ultimo.nivel,
    }
    frases = [mensaje(codigo, idioma, datos)]
    if mio.reglas:
        frases.append(mensaje("explicacion_reglas", idioma, {"reglas": "; ".join(mio.reglas)}))
    if mio.espera_actual is not None:
        frases.append(mensaje("explicacion_ahora", idioma, {"espera_actual": mio.espera_actual}))
    return MiResultadoOut.model_validate(
        fila.model_dump(include=set(MiResultadoOut.model_fields))
        | {
            "posicion_en_nivel": mio.posicion_en_nivel,
            "total_en_nivel": mio.total_en_nivel,
            "espera_actual": mio.espera_actual,
            "ultimo_ganador": None
            if ultimo is None
            else UltimoGanador(posicion=ultimo.posicion, nivel=ultimo.nivel, numero=ultimo.numero),
            "padron": mio.padron,
            "explicacion": " ".join(frases),
        }
    )
