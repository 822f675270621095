"""`python -m scripts.dev`: the API as its developer wants it. It starts again when a file of `app` is saved, on a world
to look at that stays in `.data/dev` (PARKNET_DATA_DIR), with an account of each role, and shows the mails that would
have been sent. Other settings are those of PARKNET_…; Ctrl-C ends all of it.
"""

import logging
import os
import sys
from pathlib import Path

import uvicorn

from app.core.config import ConfigError, load_settings
from app.database.embedded import EmbeddedMongo
from app.database.refusals import EmbeddedMongoError
from scripts.demo import datos
from scripts.demo.api import RAIZ, Cliente, PasoFallido, Servidor
from scripts.demo.pantalla import Pasos, escribir, titulo
from scripts.demo.preparacion import cargar, registrar
from scripts.dev.buzon import Buzon

ADMIN = "admin@example.com"
CLAVE = "clave de la administración 1"
PERSONAL = {"operador": "operador@example.com", "auditor": "auditor@example.com", "porteria": "porteria@example.com"}


def poblar(carpeta: Path) -> None:
    """A complex before its first draw. Its accounts are said here, once."""
    titulo("Un conjunto para mirar (solo la primera vez)")
    pasos = Pasos()
    with Servidor(carpeta, correo=ADMIN, clave=CLAVE) as servidor:
        admin = servidor.cliente().entrar(ADMIN, CLAVE)
        hogares = cargar(pasos, admin)
        registrar(pasos, admin, servidor, hogares)
        for rol, correo in PERSONAL.items():
            _dar_cuenta(admin, servidor.cliente(), correo, rol)
    titulo("Cuentas, que no se vuelven a decir")
    escribir(f"  {ADMIN} (admin) y {', '.join(f'{c} ({r})' for r, c in PERSONAL.items())}: {CLAVE}")
    for nombre in datos.CON_CUENTA:
        escribir(f"  residente {nombre}, CC {hogares[nombre].documento}: {datos.CLAVE_DE_RESIDENTES}")


def _dar_cuenta(admin: Cliente, nuevo: Cliente, correo: str, rol: str) -> None:
    invitacion = admin.pedir("POST", "/auth/invitaciones", json={"email": correo, "rol": rol})
    registro = {"invitacion": invitacion["token"], "password": CLAVE, "acepta_politica": True}
    nuevo.pedir("POST", "/auth/registro", json=registro)


def main() -> int:
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    for ruidoso in ("httpx", "mail.log"):
        logging.getLogger(ruidoso).setLevel(logging.WARNING)
    carpeta = Path(os.environ.get("PARKNET_DATA_DIR") or RAIZ / ".data" / "dev").resolve()
    carpeta.mkdir(parents=True, exist_ok=True)
    try:
        if not (carpeta / "listo").exists():
            poblar(carpeta)
            (carpeta / "listo").touch()
        os.environ["PARKNET_DATA_DIR"] = str(carpeta / "bd")
        ajustes = load_settings()
        with Buzon(puerto=int(os.environ.get("BUZON", "0"))) as buzon, EmbeddedMongo(ajustes.data_dir):
            os.environ |= {
                "PARKNET_SMTP_HOST": "127.0.0.1",
                "PARKNET_SMTP_PORT": str(buzon.puerto_smtp),
                "PARKNET_SMTP_TLS": "none",
                "PARKNET_SMTP_FROM": "ParkNet <parknet@example.com>",
            }
            titulo("ParkNet, para desarrollar")
            escribir(f"  API       {ajustes.url}/docs\n  correos   {buzon.direccion}\n")
            uvicorn.run(
                "app.main:create_app",
                factory=True,
                host=ajustes.host,
                port=ajustes.port,
                reload=True,
                reload_dirs=[str(RAIZ / "app")],
                log_config=None,
                access_log=False,
            )
    except (ConfigError, EmbeddedMongoError, PasoFallido, OSError) as error:
        sys.stderr.write(f"dev: {error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
