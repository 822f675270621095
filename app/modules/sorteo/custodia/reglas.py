"""What a closing believes: facts as they were marked, and the file that `huella_reglas` is the hash of: parameters,
rules and spaces of a draw as they were when it opened; of `reglamento`, its hash. Pure."""

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

from app.modules.sorteo.custodia.ports import Alterado
from app.modules.sorteo.espacios.ports import EspacioCopiado
from app.modules.sorteo.exceptions import BasesAlteradas
from app.modules.sorteo.models import Sorteo
from app.modules.sorteo.ports import SolicitudDelSorteo
from app.modules.sorteo.prioridades.models import CAMPOS_NUMERICOS, Regla
from app.modules.sorteo.schemas import LotteryParams
from app.modules.sorteo.service import huella_de

_MOVIBLES = frozenset({"cierre"})
"""A closing time may be moved while the draw is open."""


def reglas_publicadas(sorteo: Sorteo, reglas: Sequence[Regla], espacios: Sequence[EspacioCopiado]) -> bytes:
    """Canonical JSON in one line."""
    documento = _documento(sorteo, reglas, espacios)
    return json.dumps(documento, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode() + b"\n"


def lo_que_cambio(
    publicadas: bytes, sorteo: Sorteo, espacios: Sequence[EspacioCopiado], terminos: Mapping[str, Any]
) -> str | None:
    """Which part of what is stored is not as it was published; None when all is. `terminos`: as the window of the draw
    has them, which judges requests by them."""
    antes, ahora = json.loads(publicadas), _documento(sorteo, sorteo.reglas, espacios)
    parametros = ahora["parametros"]
    if not _son(parametros, antes["parametros"]):
        return "parametros"
    propios = parametros | parametros["vigencia"] | {"clases": clases(espacios)}
    if any(propios.get(campo) != valor for campo, valor in terminos.items()):
        return "ventanilla"
    antes["reglas"] = [_leida(regla) for regla in antes["reglas"]]
    return next((parte for parte in ("fuente", "reglas", "espacios") if antes[parte] != ahora[parte]), None)


def con_sus_parametros(publicadas: bytes, sorteo: Sorteo) -> bool:
    """Whether those of the draw are as they were published."""
    return _son(_documento(sorteo, (), ())["parametros"], json.loads(publicadas)["parametros"])


def cierre_publicado(publicadas: bytes) -> str | None:
    """When it was to close as it opened."""
    cierre: str | None = json.loads(publicadas)["parametros"]["cierre"]
    return cierre


def figuran(publicadas: bytes) -> Callable[[str, EspacioCopiado | None], bool]:
    """Whether what the draw has under a code is what the file has; nothing, where the file has nothing."""
    por_codigo = {espacio["codigo"]: espacio for espacio in json.loads(publicadas)["espacios"]}
    return lambda codigo, espacio: por_codigo.get(codigo) == (None if espacio is None else _espacio(espacio))


def exigir_hechos(alterados: Iterable[Alterado | None]) -> None:
    """That none is. Raises BasesAlteradas."""
    for alterado in alterados:
        if alterado is not None:
            raise BasesAlteradas(donde=alterado.hecho, objeto=str(alterado.objeto))


def exigir_solicitudes(solicitudes: Iterable[SolicitudDelSorteo]) -> None:
    """That none is. Raises BasesAlteradas."""
    for solicitud in solicitudes:
        if solicitud.alterada is not None:
            raise BasesAlteradas(donde=solicitud.alterada, objeto=str(solicitud.id))


def exigir_completo(completo: bool) -> None:
    """That what the audit was told is all there. Raises BasesAlteradas."""
    if not completo:
        raise BasesAlteradas(donde="auditoria")


def exigir_folios(faltan: Collection[int]) -> None:
    """That no request is missing. `faltan`: those of which the audit knows and that were not there. Raises
    BasesAlteradas."""
    if faltan:
        raise BasesAlteradas(donde="folio", objeto=str(min(faltan)))


def clases(espacios: Sequence[EspacioCopiado]) -> list[list[str | None]]:
    """The (tipo, reserva) there are, in order."""
    return [list(clase) for clase in sorted({(e.tipo, e.reserva) for e in espacios}, key=str)]


def _son(parametros: Mapping[str, Any], publicados: Mapping[str, Any]) -> bool:
    return all(parametros.get(campo) == valor for campo, valor in publicados.items() if campo not in _MOVIBLES)


def _espacio(e: EspacioCopiado) -> dict[str, str | None]:
    return {"codigo": e.codigo, "reserva": e.reserva, "tipo": e.tipo}


def _leida(regla: dict[str, Any]) -> dict[str, Any]:
    """A rule as it was published, in the words of now. Published bytes stay as they are: in files whose rules say yes
    or no, yes means the one numeric field of the conditions."""
    efecto = regla["efecto"]
    if not isinstance(efecto["por_unidad"], bool):
        return regla
    campos = [c["campo"] for c in regla["condiciones"] if c["campo"] in CAMPOS_NUMERICOS]
    return regla | {"efecto": efecto | {"por_unidad": campos[0] if efecto["por_unidad"] and campos else None}}


def _documento(sorteo: Sorteo, reglas: Sequence[Regla], espacios: Sequence[EspacioCopiado]) -> dict[str, Any]:
    parametros = sorteo.model_dump(mode="json", include=set(LotteryParams.model_fields))
    return {
        "espacios": [_espacio(e) for e in espacios],
        "fuente": sorteo.fuente_entropia.texto,
        "parametros": parametros | {"reglamento": huella_de(sorteo.reglamento)},
        "reglas": [regla.model_dump(mode="json") for regla in reglas],
        "sorteo": str(sorteo.id),
    }
