"""The least that any program does with a draw, in plain Python: read, hash every ball, sort, write. It checks nothing
and admits nobody. A file of its own, because what it imports is part of what it takes.

    python motor.py BASES SECRETO ENTROPIA
"""

import hashlib
import json
import sys
from pathlib import Path


def correr(bases: Path, secreto: str, entropia: str) -> None:
    dato = bases.read_bytes()
    huella = hashlib.sha256(dato).hexdigest()
    semilla = hashlib.sha256(f"{secreto}:{huella}:{entropia}".encode()).hexdigest()
    orden = []
    for linea in dato.split(b"\n")[1:-1]:
        p = json.loads(linea)
        boletas = range(1, p["boletas"] + 1)
        numero = min(hashlib.sha256(f"{semilla}:{p['id']}:{k}".encode()).hexdigest() for k in boletas)
        orden.append((p["nivel"], numero, p["id"]))
    orden.sort()
    escribir = sys.stdout.write
    for n, (_, numero, id) in enumerate(orden, start=1):
        puesto = {"espacio": None, "espera": n, "id": id, "numero": numero, "posicion": n}
        escribir(json.dumps(puesto, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    correr(Path(sys.argv[1]), *sys.argv[2:])
