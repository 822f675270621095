"""`python main.py` starts the API."""

import asyncio
import contextlib
import signal
import sys

import uvicorn

from app.core.config import CLAVES, ConfigError, load_settings
from app.database.embedded import EmbeddedMongo
from app.database.refusals import EmbeddedMongoError
from app.main import preparar


def main() -> int:
    """Exit status: 2 with one line on standard error when a setting, or the database, does not let it start."""
    # uvicorn ends by the signal that ended it. As an exception it lets go of the embedded server on its way out.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        settings = load_settings()
        for clave in CLAVES:
            settings.clave(clave)
        with contextlib.ExitStack() as pila:
            if settings.mongodb_uri is None:
                # Held here too, the server outlives workers that come and go.
                pila.enter_context(EmbeddedMongo(settings.data_dir))
            # What can go wrong at a start goes wrong here, once, and is said in a line.
            asyncio.run(preparar(settings))
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
    except (ConfigError, EmbeddedMongoError) as error:
        sys.stderr.write(f"parknet: {error}\n")
        return 2
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
