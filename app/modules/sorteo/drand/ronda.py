"""A round of drand as a relay gives it, and whether it is the number of a draw."""

import json
import logging

from pydantic import ValidationError

from app.core.processes import ProcesoInterrumpido, proceso_propio
from app.modules.sorteo.drand.cadena import AJENA, LARGO_DE_OTRAS, aleatoriedad_de, escrita
from app.modules.sorteo.drand.schemas import RondaDrandIn
from app.modules.sorteo.exceptions import MotorInterrumpido
from app.shared.exceptions import EntradaInvalida

log = logging.getLogger(__name__)

_PROGRAMA = "app.modules.sorteo.drand.firma"


def leer(texto: str) -> RondaDrandIn:
    """The round that a relay's JSON says. Raises EntradaInvalida."""
    try:
        return RondaDrandIn.model_validate_json(texto)
    except ValidationError as error:
        raise EntradaInvalida.en("entropia", "ronda_ilegible") from error


async def comprobar(dicha: RondaDrandIn, *, ronda: int) -> str:
    """The number of that round of quicknet, in its only spelling. Raises EntradaInvalida, with a code of its own for
    each thing that can be wrong, and MotorInterrumpido when the process that checks the signature died."""
    firma = bytes.fromhex(dicha.signature)
    if dicha.previous_signature is not None or len(firma) == LARGO_DE_OTRAS:
        raise EntradaInvalida.en("entropia", "otra_cadena")
    if dicha.round != ronda:
        raise EntradaInvalida.en("entropia", "otra_ronda", ronda=ronda)
    if aleatoriedad_de(firma) != dicha.randomness:
        raise EntradaInvalida.en("entropia", "aleatoriedad_ajena")
    numero = escrita(ronda, dicha.randomness)
    juicio = await _juicio(ronda, dicha.signature)
    if juicio == AJENA:
        raise EntradaInvalida.en("entropia", "firma_ajena")
    if juicio != numero:
        raise EntradaInvalida.en("entropia", "firma_invalida")
    return numero


async def _juicio(ronda: int, firma: str) -> str:
    """What the program says: the number in its spelling, or what is wrong with the signature."""
    try:
        async with proceso_propio(_PROGRAMA) as proceso:
            await proceso.escribir(json.dumps({"round": ronda, "signature": firma}).encode())
            proceso.terminar_de_escribir()
            return (await proceso.leer_todo()).decode().strip()
    except ProcesoInterrumpido as error:
        log.error("la comprobación de una ronda de drand se interrumpió: %s", error)
        raise MotorInterrumpido() from error
