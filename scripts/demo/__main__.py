"""`python -m scripts.demo [CARPETA]`: a whole draw through HTTP, told step by step; then the API stays, until Ctrl-C.

With ONCE=1 it ends by itself. What it downloads stays in CARPETA, or in a new folder under `.data/demo`
(PARKNET_DATA_DIR instead of `.data`); the database goes. PARKNET_PORT says where it listens. Exit status: 0 it went
well, 1 a step failed, 130 it was interrupted.
"""

import os
import shutil
import signal
import sys
import tempfile
import time
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from scripts.demo import datos
from scripts.demo.api import RAIZ, SENALES, PasoFallido, Servidor
from scripts.demo.comprobacion import comprobar_boletas, descargar, verificar
from scripts.demo.guion import Demostracion
from scripts.demo.pantalla import Pasos, escribir, titulo
from scripts.demo.preparacion import cargar, registrar

CORREO, CLAVE = "admin@example.com", "clave de la administración 1"
MARGEN = 8.0  # seconds kept for opening, deciding and closing, whatever the requests take
QUIEN_COMPRUEBA = "A-304"


def demostrar(pasos: Pasos, servidor: Servidor, carpeta: Path, inicio: float) -> None:
    pasos("API en marcha", f"{servidor.origen}, con la base de datos incluida ({time.monotonic() - inicio:.1f} s)")
    admin = servidor.cliente().entrar(CORREO, CLAVE)
    pasos("Inicio de sesión", f"{CORREO}, administración")
    antes = time.monotonic()
    hogares = cargar(pasos, admin)
    residentes = registrar(pasos, admin, servidor, hogares)
    # The number must not be known before the closing: a slow machine gets more time, by what it has taken so far.
    margen = timedelta(seconds=MARGEN + 2 * (time.monotonic() - antes))
    demo = Demostracion(pasos, admin, hogares, residentes, margen, carpeta)
    disponible = demo.abrir()
    demo.pedir_espacios()
    demo.decidir()
    demo.mirar_evaluacion()
    demo.cerrar()
    demo.ejecutar(disponible)
    demo.mostrar_resultados()
    demo.responder()
    descargar(pasos, residentes[QUIEN_COMPRUEBA], demo.ruta, carpeta)
    publicado = verificar(pasos, servidor.cliente(), demo.ruta, carpeta)
    comprobar_boletas(pasos, residentes[QUIEN_COMPRUEBA], demo.ruta, QUIEN_COMPRUEBA, publicado["semilla"], carpeta)
    pasos("Fin", f"todo comprobado en {time.monotonic() - inicio:.1f} s")
    if not una_vez():
        despedir(servidor, demo, hogares)


def una_vez() -> bool:
    """Whether the API ends with the demonstration: addresses of one that is gone lead nowhere."""
    return os.environ.get("ONCE", "0") not in ("", "0")


def despedir(servidor: Servidor, demo: Demostracion, hogares: dict[str, datos.Hogar]) -> None:
    titulo("Para mirar")
    for nombre, valor in (
        ("documentación", f"{servidor.origen}/docs"),
        ("salud", f"{servidor.origen}/health/ready"),
        ("página del sorteo", f"{servidor.origen}{demo.ruta}/verificar"),
        ("verificación", f"{servidor.origen}/api/v1{demo.ruta}/verificacion"),
        ("administración", f"{CORREO} / {CLAVE}"),
        *(
            (f"residente {nombre}", f"{hogares[nombre].documento} / {datos.CLAVE_DE_RESIDENTES}")
            for nombre in demo.residentes
        ),
    ):
        escribir(f"  {nombre:<18}{valor}")


def esperar(servidor: Servidor) -> None:
    escribir("\nLa API sigue en marcha; Ctrl-C la termina.")
    with suppress(KeyboardInterrupt):
        while servidor.vive:
            time.sleep(0.5)
        raise PasoFallido(f"la API terminó: {servidor.motivo()}")


def carpeta_de_trabajo() -> Path:
    if len(sys.argv) < 2:
        base = RAIZ / os.environ.get("PARKNET_DATA_DIR", ".data") / "demo"
        base.mkdir(parents=True, exist_ok=True)
        return Path(tempfile.mkdtemp(prefix=time.strftime("%Y%m%d-%H%M%S-"), dir=base))
    carpeta = Path(sys.argv[1]).resolve()
    carpeta.mkdir(parents=True, exist_ok=True)
    if (carpeta / "bd").exists():
        raise PasoFallido(f"{carpeta} ya tiene una base de datos; indique una carpeta nueva")
    return carpeta


def puerto() -> int | None:
    """Where it is to listen; None: where there is room."""
    dicho = os.environ.get("PARKNET_PORT")
    if dicho is None:
        return None
    if not dicho.isdecimal() or not 0 < int(dicho) < 65536:
        raise PasoFallido("PARKNET_PORT: se espera un número de 1 a 65535")
    return int(dicho)


def main() -> int:
    for senal in SENALES:
        signal.signal(senal, signal.default_int_handler)
    pasos, inicio = Pasos(), time.monotonic()
    try:
        donde, carpeta = puerto(), carpeta_de_trabajo()
        titulo("ParkNet: un sorteo de parqueaderos, de punta a punta")
        try:
            with Servidor(carpeta, correo=CORREO, clave=CLAVE, puerto=donde) as servidor:
                demostrar(pasos, servidor, carpeta, inicio)
                if not una_vez():
                    esperar(servidor)
        finally:
            shutil.rmtree(carpeta / "bd", ignore_errors=True)
    except (PasoFallido, OSError) as error:
        sys.stderr.write(f"demo: falló «{pasos.actual}»: {error}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("\ndemo: interrumpida; la API que arrancó ya terminó\n")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
