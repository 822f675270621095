"""Checks the signature of a round of drand's quicknet, without a network. A program of its own, because the pairing
takes a second or two in which a process does nothing else.

    printf '%s' '{"round":1000,"signature":"b446…"}' | python -m app.modules.sorteo.drand.firma

It prints the number of the round as a draw spells it, and ends with 0. A signature that does not hold ends with 1:
`firma_ajena`, a signature of something else (another round, another chain); `firma_invalida`, no signature at all.

Source: drand's scheme bls-unchained-g1-rfc9380. The message is SHA-256 of the round as 8 bytes, hashed to G1 by RFC
9380; the signature is on G1 and the key on G2."""

import hashlib
import json
import sys

from py_ecc.bls.g2_primitives import subgroup_check
from py_ecc.bls.hash_to_curve import hash_to_G1
from py_ecc.bls.point_compression import decompress_G1, decompress_G2
from py_ecc.bls.typing import G1Compressed, G2Compressed
from py_ecc.fields import optimized_bls12_381_FQ12 as FQ12
from py_ecc.optimized_bls12_381.optimized_curve import G2, is_inf, neg
from py_ecc.optimized_bls12_381.optimized_pairing import final_exponentiate, pairing

from app.modules.sorteo.drand.cadena import AJENA, INVALIDA, LARGO_DE_FIRMA, LLAVE, aleatoriedad_de, escrita

# py_ecc raises it, for all that runs in the process, to where deep JSON breaks the stack.
sys.setrecursionlimit(1000)

_DOMINIO = b"BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_"
_MITAD = len(LLAVE) // 2


def juzgar(ronda: int, firma: bytes) -> str | None:
    """What is wrong with the signature of that round, as its code; None when it holds."""
    if len(firma) != LARGO_DE_FIRMA:
        return INVALIDA
    try:
        punto = decompress_G1(G1Compressed(int.from_bytes(firma)))
    except ValueError:
        return INVALIDA
    if is_inf(punto) or not subgroup_check(punto):
        return INVALIDA
    llave = decompress_G2(G2Compressed((int.from_bytes(LLAVE[:_MITAD]), int.from_bytes(LLAVE[_MITAD:]))))
    resumen = hashlib.sha256(ronda.to_bytes(8)).digest()
    mensaje = hash_to_G1(resumen, _DOMINIO, hashlib.sha256)  # type: ignore[arg-type]  # it takes the constructor
    # e(mensaje, llave) = e(firma, G2), as one product with one final exponentiation.
    producto = pairing(llave, mensaje, final_exponentiate=False) * pairing(neg(G2), punto, final_exponentiate=False)
    return None if final_exponentiate(producto) == FQ12.one() else AJENA


def _responder(pedido: bytes) -> tuple[int, str]:
    """The exit code and what to print."""
    dicho = json.loads(pedido)
    ronda, firma = int(dicho["round"]), bytes.fromhex(dicho["signature"])
    falla = juzgar(ronda, firma)
    return (0, escrita(ronda, aleatoriedad_de(firma))) if falla is None else (1, falla)


if __name__ == "__main__":
    estado, dicho = _responder(sys.stdin.buffer.read())
    sys.stdout.write(f"{dicho}\n")
    sys.exit(estado)
