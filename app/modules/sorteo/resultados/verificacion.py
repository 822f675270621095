"""What a draw has published of itself, and the commands with which anybody checks it."""

import json
import shlex

from app.modules.sorteo.drand.cadena import CADENA, aleatoriedad_de, escrita
from app.modules.sorteo.fuente import FuenteDrand
from app.modules.sorteo.garantes.models import comprometidos, compromisos, en_orden, huella_de_compromisos
from app.modules.sorteo.garantes.service import garante_out
from app.modules.sorteo.models import Sorteo
from app.modules.sorteo.motor import FORMATO
from app.modules.sorteo.ports import CabezaDeAuditoria
from app.modules.sorteo.resultados.schemas import RondaDrandOut, VerificacionOut


def verificacion(sorteo: Sorteo, auditoria: CabezaDeAuditoria | None) -> VerificacionOut:
    propios = sorteo.model_dump(include=set(VerificacionOut.model_fields))
    return VerificacionOut.model_validate(
        propios
        | {
            "sorteo_id": sorteo.id,
            "formato": FORMATO,
            "fuente": sorteo.fuente,
            # The number is accepted before the draw runs, and published with the secret.
            "entropia": None if sorteo.secreto is None else sorteo.entropia,
            "drand": ronda_de(sorteo),
            "garantes": [garante_out(sorteo, garante) for garante in en_orden(sorteo.garantes)],
            "auditoria": auditoria,
            "comandos": comandos(sorteo),
        }
    )


def ronda_de(sorteo: Sorteo) -> RondaDrandOut | None:
    """The round of drand, once the number is published."""
    fuente, firma = sorteo.fuente_entropia, sorteo.firma_drand
    if not isinstance(fuente, FuenteDrand) or firma is None or sorteo.secreto is None:
        return None
    return RondaDrandOut(round=fuente.ronda, randomness=aleatoriedad_de(bytes.fromhex(firma)), signature=firma)


def comandos(sorteo: Sorteo) -> list[str]:
    """Shell commands that check what has been published, run where the files were downloaded. Each command prints what
    its comment names; the last two check a ball and the whole result."""
    lista = [f"sha256sum reglas.jsonl  # huella_reglas {sorteo.huella_reglas}"]
    if sorteo.huella is not None:
        lista.append(f"sha256sum bases.jsonl  # huella {sorteo.huella}")
    if sorteo.huella_padron is not None:
        lista += [
            f"sha256sum padron.jsonl  # huella_padron {sorteo.huella_padron}",
            "printf '%s' SAL:FOLIO:SOLICITUD:UNIDAD:VEHICULO | sha256sum  # la línea de un folio en padron.jsonl",
        ]
    if sorteo.secreto is not None:
        lista.append(f"printf '%s' {sorteo.secreto} | sha256sum  # compromiso {sorteo.compromiso}")
    if (ronda := ronda_de(sorteo)) is not None:
        lista += _de_drand(ronda)
    if sorteo.huella is not None:
        lista += _de_garantes(sorteo)
    if sorteo.huella_resultado is not None and sorteo.secreto is not None and sorteo.entropia is not None:
        mezcla = shlex.quote(f"{sorteo.secreto}:{sorteo.huella}:{sorteo.entropia}")
        lista += [
            f"printf '%s' {mezcla} | sha256sum  # semilla {sorteo.semilla}",
            f"sha256sum resultado.jsonl  # huella_resultado {sorteo.huella_resultado}",
            f"printf '%s' {sorteo.semilla}:FOLIO:1 | sha256sum  # la primera boleta de un folio",
            # "=" because the number may begin with a hyphen.
            f"python -m app.modules.sorteo.motor bases.jsonl --secreto {sorteo.secreto} "
            f"--entropia={shlex.quote(sorteo.entropia)} --verificar resultado.jsonl",
        ]
    return lista


def _de_drand(ronda: RondaDrandOut) -> list[str]:
    octetos = "".join(
        f"\\{octeto:03o}" for octeto in bytes.fromhex(ronda.signature)
    )  # as any shell's printf takes them
    pedido = json.dumps({"round": ronda.round, "signature": ronda.signature})
    return [
        f"curl -s https://api.drand.sh/{CADENA}/public/{ronda.round}  # signature {ronda.signature}",
        f"printf '{octetos}' | sha256sum  # randomness {ronda.randomness}",
        f"printf '%s' {shlex.quote(pedido)} | python -m app.modules.sorteo.drand.firma"
        f"  # {escrita(ronda.round, ronda.randomness)}",
    ]


def _de_garantes(sorteo: Sorteo) -> list[str]:
    """The hash that ends `fuente`, and the phrases once they are published."""
    if not (suyos := comprometidos(sorteo.garantes)):
        return []
    huella = huella_de_compromisos(suyos)
    lista = [f"printf '%s' {shlex.quote(compromisos(suyos))} | sha256sum  # compromisos {huella}"]
    for garante in suyos if sorteo.secreto is not None else []:
        if garante.frase is not None:
            lista.append(f"printf '%s' {shlex.quote(garante.frase)} | sha256sum  # garante {garante.compromiso}")
    return lista
