"""`python -m scripts.cluster`: a replica set of three and two processes of the API, until Ctrl-C. Nothing stays."""

import signal
import sys
import tempfile
import time
from pathlib import Path

from scripts.cluster.apis import CLAVE, CORREO, agrupadas
from scripts.cluster.processes import NoArranca


def main() -> int:
    for senal in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(senal, signal.default_int_handler)
    try:
        with (
            tempfile.TemporaryDirectory(prefix="parknet-cluster-") as carpeta,
            agrupadas(Path(carpeta)) as (replicas, apis),
        ):
            sys.stdout.write(f"  base       {replicas.uri}\n")
            for api in apis:
                sys.stdout.write(f"  API        {api.origen}  (registro: {api.registro})\n")
            sys.stdout.write(f"  entrada    {CORREO} / {CLAVE}\n\nCtrl-C lo termina todo.\n")
            sys.stdout.flush()
            while all(api.vive for api in apis):
                time.sleep(0.5)
    except NoArranca as error:
        sys.stderr.write(f"cluster: {error}\n")
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
