"""A replica set of three packaged mongods on loopback, whose members can be killed, paused and started again."""

import resource
import shutil
import signal
import subprocess
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from app.database.embedded import find_mongod
from scripts.cluster.processes import Proceso, esperar, puertos_libres

NOMBRE = "rs0"
CUANTOS = 3


class Miembro(Proceso):
    """One server."""

    def __init__(self, carpeta: Path, puerto: int) -> None:
        self._carpeta = carpeta
        self.puerto = puerto

    @property
    def direccion(self) -> str:
        return f"127.0.0.1:{self.puerto}"

    def arrancar(self) -> None:
        self._carpeta.mkdir(parents=True, exist_ok=True)
        orden = [
            *(str(find_mongod()), "--replSet", NOMBRE, "--bind_ip", "127.0.0.1", "--port", str(self.puerto)),
            *("--dbpath", str(self._carpeta), "--logpath", str(self._carpeta / "mongod.log"), "--logappend"),
            *("--nounixsocket", "--quiet", "--wiredTigerCacheSizeGB", "0.25", "--oplogSize", "256"),
            *("--wiredTigerEngineConfigString", "log=(prealloc=false,file_max=10MB)"),
            *("--setParameter", "diagnosticDataCollectionEnabled=false"),
            # As the runbook asks of whoever has servers of their own.
            *("--setParameter", "transactionLifetimeLimitSeconds=10"),
        ]
        self._proceso = subprocess.Popen(  # noqa: S603 - a fixed program
            orden,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            # Python ignores SIGXFSZ, and so does the server then: a file that cannot grow is an error of its write.
            restore_signals=False,
        )

    def llenar_disco(self) -> None:
        """None of its files takes another byte, which ends a mongod as a full disk does."""
        if self.vive:
            _, techo = resource.prlimit(self.pid, resource.RLIMIT_FSIZE)
            resource.prlimit(self.pid, resource.RLIMIT_FSIZE, (0, techo))


class Replicas:
    """`with Replicas(carpeta) as replicas`: writable. `eleccion`: milliseconds without a primary before there is an
    election (MongoDB waits for ten seconds, unless it is told otherwise)."""

    def __init__(self, carpeta: Path, *, eleccion: int = 10_000) -> None:
        self._carpeta = carpeta
        self._eleccion = eleccion
        self.miembros = [Miembro(carpeta / f"nodo{n}", p) for n, p in enumerate(puertos_libres(CUANTOS))]

    @property
    def uri(self) -> str:
        return f"mongodb://{','.join(m.direccion for m in self.miembros)}/?replicaSet={NOMBRE}"

    def __enter__(self) -> Self:
        try:
            for miembro in self.miembros:
                miembro.arrancar()
            self._iniciar()
            esperar(lambda: self.primario() is not None, "un primario")
        except BaseException:
            self.parar()
            raise
        return self

    def __exit__(
        self, tipo: type[BaseException] | None, error: BaseException | None, traza: TracebackType | None
    ) -> None:
        self.parar()

    def parar(self) -> None:
        # Nothing of theirs is kept; and each, if it is asked to end, waits for the others first, for 15 seconds.
        for miembro in self.miembros:
            miembro.senalar(signal.SIGKILL)
        shutil.rmtree(self._carpeta, ignore_errors=True)

    def primario(self) -> Miembro | None:
        """Whoever says that it is, and takes writes; None while there is none."""
        for miembro in self.miembros:
            with suppress(PyMongoError):
                if self._mandar(miembro, {"hello": 1}).get("isWritablePrimary"):
                    return miembro
        return None

    def secundarios(self) -> list[Miembro]:
        primario = self.primario()
        return [miembro for miembro in self.miembros if miembro is not primario]

    def ceder(self) -> None:
        """The primary steps down: it ends what is under way and lets another be elected."""
        primario = self.primario()
        if primario is not None:
            with suppress(PyMongoError):
                self._mandar(primario, {"replSetStepDown": 15, "force": True})

    def _iniciar(self) -> None:
        miembros = [{"_id": n, "host": m.direccion} for n, m in enumerate(self.miembros)]
        ajustes = {"electionTimeoutMillis": self._eleccion}
        orden = {"replSetInitiate": {"_id": NOMBRE, "members": miembros, "settings": ajustes}}

        def iniciado() -> bool:
            try:
                self._mandar(self.miembros[0], orden)
            except OperationFailure as error:
                return error.code == 23  # AlreadyInitialized; anything else: the others do not listen yet
            except PyMongoError:
                return False
            return True

        esperar(iniciado, "que los servidores escuchen")

    def _mandar(self, miembro: Miembro, orden: dict[str, Any]) -> dict[str, Any]:
        opciones: dict[str, Any] = {"directConnection": True, "timeoutMS": 2_000, "serverSelectionTimeoutMS": 2_000}
        with MongoClient[dict[str, Any]](miembro.direccion, **opciones) as cliente:
            return cliente.admin.command(orden)
