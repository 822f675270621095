"""Checking the draw as anybody would: with `sha256sum`, a shell, and the draw's own command line."""

import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

from scripts.demo.api import RAIZ, Cliente, PasoFallido
from scripts.demo.pantalla import Pasos, escribir


def descargar(pasos: Pasos, cliente: Cliente, ruta: str, carpeta: Path) -> None:
    for nombre in ("reglas", "bases", "resultado"):
        (carpeta / f"{nombre}.jsonl").write_bytes(cliente.pedir("GET", f"{ruta}/{nombre}"))
    pasos("Descargas", f"reglas.jsonl, bases.jsonl y resultado.jsonl, en {carpeta}")


def verificar(pasos: Pasos, anonimo: Cliente, ruta: str, carpeta: Path) -> dict[str, Any]:
    """Every hash of the draw, made again outside the API from what it publishes to anybody."""
    publicado: dict[str, Any] = anonimo.pedir("GET", f"{ruta}/verificacion")
    pasos("Verificación", "con lo publicado, sin iniciar sesión:")
    for nombre, archivo in (("huella_reglas", "reglas"), ("huella", "bases"), ("huella_resultado", "resultado")):
        _igual(f"sha256sum {archivo}.jsonl", nombre, publicado[nombre], carpeta)
    secreto, entropia = publicado["secreto"], publicado["entropia"]
    _igual(f"printf '%s' {secreto} | sha256sum", "compromiso", publicado["compromiso"], carpeta)
    mezcla = shlex.quote(f"{secreto}:{publicado['huella']}:{entropia}")
    _igual(f"printf '%s' {mezcla} | sha256sum", "semilla", publicado["semilla"], carpeta)
    _repetir(secreto, entropia, carpeta)
    return publicado


def comprobar_boletas(pasos: Pasos, cliente: Cliente, ruta: str, nombre: str, semilla: str, carpeta: Path) -> None:
    """A resident makes every ball of theirs again; the smallest is the number that they were drawn with."""
    (mio,) = cliente.pedir("GET", f"{ruta}/resultados/yo")
    boletas = {}
    for k in range(1, mio["boletas"] + 1):
        orden = f"printf '%s' {semilla}:{mio['folio']}:{k} | sha256sum"
        boletas[_correr(orden, carpeta)] = orden
    menor = min(boletas)
    pasos(f"Comprueba {nombre}", f"folio {mio['folio']}: {mio['explicacion']}")
    pasos.mas(f"su número es la menor de sus {mio['boletas']} boletas:")
    _mostrar(boletas[menor], "numero", menor, mio["numero"])


def _repetir(secreto: str, entropia: str, carpeta: Path) -> None:
    """The whole draw again, on the files that were downloaded."""
    opciones = ["bases.jsonl", "--secreto", secreto, "--entropia", entropia, "--verificar", "resultado.jsonl"]
    escribir(f"     $ python -m app.modules.sorteo.motor {shlex.join(opciones)}")
    rutas = [str(carpeta / opcion) if opcion.endswith(".jsonl") else opcion for opcion in opciones]
    corrido = subprocess.run(  # noqa: S603 - this Python, our own program
        [sys.executable, "-m", "app.modules.sorteo.motor", *rutas], cwd=RAIZ, capture_output=True, text=True
    )
    if corrido.returncode:
        raise PasoFallido(f"el motor no da el mismo resultado: {corrido.stderr.strip()}")
    escribir("       el motor da el mismo resultado, byte por byte: CORRECTO")


def _igual(orden: str, nombre: str, publicado: str, carpeta: Path) -> None:
    _mostrar(orden, nombre, _correr(orden, carpeta), publicado)


def _mostrar(orden: str, nombre: str, obtenido: str, publicado: str) -> None:
    escribir(f"     $ {orden}")
    if obtenido != publicado:
        raise PasoFallido(f"{nombre}: se publicó {publicado} y da {obtenido}")
    escribir(f"       {nombre} {obtenido}: CORRECTO")


def _correr(orden: str, carpeta: Path) -> str:
    """The first word of what a shell command prints."""
    corrido = subprocess.run(  # noqa: S602 - what is shown is what runs; all parts of it are hex digits or quoted
        orden, shell=True, cwd=carpeta, capture_output=True, text=True
    )
    if corrido.returncode:
        raise PasoFallido(f"{orden}: {corrido.stderr.strip()}")
    return corrido.stdout.split()[0]
