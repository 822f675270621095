"""`python main.py` starts the API."""

import sys

import uvicorn

from app.core.config import ConfigError, load_settings
from app.database.embedded import EmbeddedMongoError


def main() -> int:
    try:
        settings = load_settings()
        for clave in ("jwt_secret", "clave_pimienta", "clave_sorteo", "clave_auditoria"):
            settings.clave(clave)
    except (ConfigError, EmbeddedMongoError) as error:
        sys.stderr.write(f"parknet: {error}\n")
        return 2
    uvicorn.run(
        "app.main:create_app",
        factory=True,
        host=settings.host,
        port=settings.port,
        workers=settings.workers,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
