"""The packaged mongod: starting, sharing, surviving what kills it, and what it says when it cannot run."""

import fcntl
import os
import platform
import resource
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo import MongoClient

from app.database import embedded
from app.database.embedded import EmbeddedMongo
from app.database.refusals import EmbeddedMongoError

pytestmark = pytest.mark.mongod

PROGRAM = """
import sys
from pathlib import Path
from app.database import embedded

if sys.argv[2:]:
    embedded.find_mongod = lambda: Path(sys.argv[2])
with embedded.EmbeddedMongo(Path(sys.argv[1])) as mongo:
    print(mongo.pid, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def data_dir(tmp_path: Path) -> Iterator[Path]:
    """An empty folder; whatever a test does, its server has ended afterwards."""
    folder = tmp_path / "datos"
    yield folder
    left = EmbeddedMongo(folder)._running()
    if left is not None:
        os.kill(left.pid, signal.SIGKILL)
    assert left is None


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Kill at once instead of stopping, which takes a second, where a test does not look at how it ends."""
    monkeypatch.setattr(embedded, "_STOP_LIMIT", 0.0)


def process(data_dir: Path, *mongod: Path) -> subprocess.Popen[str]:
    """Another process that uses the server of `data_dir` until its input ends; it prints the server's pid."""
    return subprocess.Popen(  # noqa: S603 (this interpreter, no shell)
        [sys.executable, "-c", PROGRAM, data_dir, *mongod],
        cwd=Path(__file__).parents[2],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def server_of(owner: subprocess.Popen[str]) -> int:
    assert owner.stdout is not None
    return int(owner.stdout.readline())


def runs(pid: int) -> bool:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes() != b""
    return False


def insert(uri: str, **document: Any) -> None:
    with MongoClient[dict[str, Any]](uri) as client:
        client.parknet.cosas.insert_one(document)


def values(uri: str) -> list[int]:
    with MongoClient[dict[str, Any]](uri) as client:
        return sorted(found["n"] for found in client.parknet.cosas.find())


def refusal(data_dir: Path) -> str:
    """The one line that `start` refuses with, leaving nothing started."""
    mongo = EmbeddedMongo(data_dir)
    with pytest.raises(EmbeddedMongoError) as caught:
        mongo.start()
    with pytest.raises(EmbeddedMongoError):
        _ = mongo.pid
    line = str(caught.value)
    assert line.endswith(".")
    assert "\n" not in line
    return line


class TestStart:
    @pytest.mark.usefixtures("impatient")
    async def test_transactions_work_at_once(self, data_dir: Path) -> None:
        with EmbeddedMongo(data_dir) as mongo:
            client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(mongo.uri)
            things = client.parknet.cosas
            async with await client.start_session() as session:
                async with session.start_transaction():
                    await things.insert_one({"n": 1}, session=session)
                session.start_transaction()
                await things.insert_one({"n": 2}, session=session)
                await session.abort_transaction()
            assert await things.distinct("n") == [1]
            client.close()

    def test_a_second_start_finds_what_the_first_left(self, data_dir: Path) -> None:
        mongo = EmbeddedMongo(data_dir)
        uri = mongo.start()
        assert uri == mongo.start() == mongo.uri
        first = mongo.pid
        insert(uri, n=1)
        mongo.stop()
        mongo.stop()
        assert not runs(first)
        with pytest.raises(EmbeddedMongoError):
            _ = mongo.uri

        with mongo:
            assert mongo.pid != first
            assert values(mongo.uri) == [1]
        logs = sorted(path.name for path in (data_dir / "mongo").glob("mongod.log*"))
        assert logs == ["mongod.log", "mongod.log.1"]

    @pytest.mark.usefixtures("impatient")
    def test_only_the_owner_may_enter_and_the_terminal_does_not_reach_it(self, data_dir: Path) -> None:
        home = data_dir / "mongo"
        home.mkdir(parents=True)
        home.chmod(0o777)
        with EmbeddedMongo(data_dir, cache_gb=0.25) as mongo:
            assert stat.S_IMODE(home.stat().st_mode) == 0o700
            assert os.getsid(mongo.pid) != os.getsid(0)
            with MongoClient[dict[str, Any]](mongo.uri) as client:
                options = client.admin.command("getCmdLineOpts")["parsed"]
                assert options["net"]["bindIp"].endswith("mongod.sock")
                assert options["storage"]["wiredTiger"]["engineConfig"]["cacheSizeGB"] == 0.25

    @pytest.mark.usefixtures("impatient")
    def test_it_may_open_all_files_that_its_starter_could_allow_itself(self, data_dir: Path) -> None:
        ours, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most // 2, most))
        try:
            with EmbeddedMongo(data_dir) as mongo:
                assert resource.prlimit(mongo.pid, resource.RLIMIT_NOFILE) == (most, most)
            assert resource.getrlimit(resource.RLIMIT_NOFILE) == (most // 2, most)
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (ours, most))

    @pytest.mark.usefixtures("impatient")
    def test_a_path_too_long_for_a_socket_and_a_folder_that_moves(self, data_dir: Path) -> None:
        deep = data_dir / "una carpeta, con ñ" / ("x" * 120)
        with EmbeddedMongo(deep) as mongo:
            insert(mongo.uri, n=1)
            assert mongo._server is not None
            folder = mongo._server.socket.parent
            assert folder.parent == Path(tempfile.gettempdir())
            assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert not folder.exists()

        deep.rename(data_dir / "corta")
        with EmbeddedMongo(data_dir / "corta") as mongo:
            assert values(mongo.uri) == [1]

    @pytest.mark.usefixtures("impatient")
    def test_a_pid_that_belongs_to_another_program_by_now(self, data_dir: Path) -> None:
        lock = data_dir / "mongo" / "data" / "mongod.lock"
        lock.parent.mkdir(parents=True)
        lock.write_text(f"{os.getpid()}\n")
        with EmbeddedMongo(data_dir) as mongo:
            assert mongo.pid != os.getpid()
            insert(mongo.uri, n=1)


class TestKilled:
    @pytest.mark.usefixtures("impatient")
    def test_the_server_keeps_what_it_acknowledged(self, data_dir: Path) -> None:
        with EmbeddedMongo(data_dir) as before:
            for n in range(20):
                insert(before.uri, n=n)
            os.kill(before.pid, signal.SIGKILL)
            with EmbeddedMongo(data_dir) as after:
                second = after.pid
                assert second != before.pid
                assert values(after.uri) == values(before.uri) == list(range(20))
            assert runs(second)
        assert not runs(second)

    def test_the_owner_leaves_the_server_to_the_next(self, data_dir: Path) -> None:
        with process(data_dir) as owner:
            server = server_of(owner)
            owner.kill()
        assert runs(server)
        with EmbeddedMongo(data_dir) as mongo:
            assert mongo.pid == server
            insert(mongo.uri, n=1)
        assert not runs(server)

    @pytest.mark.usefixtures("impatient")
    def test_an_owner_in_the_middle_of_a_start(self, data_dir: Path, tmp_path: Path) -> None:
        begun = tmp_path / "begun"
        slow = tmp_path / "mongod"
        slow.write_text(f'#!/bin/sh\necho >{begun}\nsleep 0.5\nexec {embedded.find_mongod()} "$@"\n')
        slow.chmod(0o700)
        with process(data_dir, slow) as owner:
            while not begun.exists() and owner.poll() is None:
                time.sleep(0.01)
            owner.kill()
        with EmbeddedMongo(data_dir) as mongo:
            insert(mongo.uri, n=1)
            assert not (data_dir / "mongo" / "mongod.log.1").exists(), "a second one was started beside it"

    def test_one_that_was_told_to_stop_is_replaced(self, data_dir: Path) -> None:
        with EmbeddedMongo(data_dir) as before:
            assert before._server is not None
            os.kill(before.pid, signal.SIGTERM)
            with suppress(OSError):
                while embedded._ask(before._server.socket, {"hello": 1}).get("isWritablePrimary"):
                    pass
            with EmbeddedMongo(data_dir) as after:
                assert after.pid != before.pid
                insert(after.uri, n=1)

    def test_one_that_does_not_listen_is_killed(self, data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(embedded, "_STOP_LIMIT", 0.1)
        with EmbeddedMongo(data_dir) as mongo:
            pid = mongo.pid
            os.kill(pid, signal.SIGSTOP)
        assert not runs(pid)


class TestSharing:
    def test_processes_that_start_at_once_have_one_server_and_the_last_stops_it(self, data_dir: Path) -> None:
        with process(data_dir) as one, process(data_dir) as two, EmbeddedMongo(data_dir) as mongo:
            server = mongo.pid
            for other in (one, two):
                assert server_of(other) == server
                other.communicate()
                assert other.returncode == 0
                assert runs(server)
        assert not runs(server)

    @pytest.mark.usefixtures("impatient")
    def test_a_forked_child_does_not_take_it_from_its_parent(
        self, data_dir: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with EmbeddedMongo(data_dir) as mongo:
            with monkeypatch.context() as child:
                child.setattr(os, "getpid", lambda: 1)
                mongo.stop()
            insert(mongo.uri, n=1)


# What the real server writes on its way out, shortened.
FULL = (
    '{"s":"E",  "c":"WT","msg":"__posix_file_write: fatal","error":28}',
    '{"s":"F",  "c":"ASSERT","msg":"Fatal assertion","attr":{"error":"UnknownError: 28: No space left on device"}}',
    '{"s":"E",  "c":"WT","msg":"WT_PANIC: WiredTiger library panic"}',
)
NEWER_FILES = (
    '{"s":"E",  "msg":"file:WiredTiger.wt is an unsupported WiredTiger source file version 91.1"}',
    '{"s":"F",  "c":"STORAGE","msg":"Terminating.","attr":{"reason":"13: Permission denied"}}',
)
OLDER_FILES = ('{"s":"F",  "c":"CONTROL","msg":"Wrong mongod version","attr":{"error":"UPGRADE PROBLEM: Found"}}',)
NOT_ALLOWED = (
    '{"s":"E",  "error":"DBPathInUse: Unable to create/open the lock file: /d/mongod.lock (Permission denied). '
    'Also make sure that another mongod instance is not already running on the /d directory"}',
)
READ_ONLY = ('{"s":"E",  "error":"Unable to create/open the lock file: /d/mongod.lock (Read-only file system)"}',)
IN_USE = (
    '{"s":"E",  "error":"DBPathInUse: Unable to lock the lock file: /d/mongod.lock (Resource temporarily '
    'unavailable). Another mongod instance is already running on the /d directory"}',
)
DAMAGED = ('{"s":"E",  "error_str":"WT_TRY_SALVAGE: database corruption detected"}',)
NO_LIBRARY = ("mongod: error while loading shared libraries: libcurl.so.4: cannot open shared object file",)
OLD_SYSTEM = ("mongod: /lib/x86_64-linux-gnu/libc.so.6: version `GLIBC_2.34' not found (required by mongod)",)
WARNED = ('{"s":"W",  "msg":"No space left on device"}', '{"s":"I",  "msg":"Permission denied"}')


@pytest.fixture
def pretend(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Put a shell script in the place of mongod."""

    def put(script: str) -> None:
        program = tmp_path / "mongod"
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o700)
        monkeypatch.setattr(embedded, "find_mongod", lambda: program)

    return put


class TestRefusal:
    @pytest.mark.parametrize(
        ("words", "code", "expected"),
        [
            pytest.param(FULL, 51, "no queda espacio", id="full disk"),
            pytest.param(NEWER_FILES, 14, "otra versión", id="newer files"),
            pytest.param(OLDER_FILES, 1, "otra versión", id="older files"),
            pytest.param((), 62, "otra versión", id="version by its code"),
            pytest.param(NOT_ALLOWED, 100, "falta permiso", id="no permission"),
            pytest.param(READ_ONLY, 100, "sólo lectura", id="read-only"),
            pytest.param(IN_USE, 100, "otro servidor", id="in use"),
            pytest.param(DAMAGED, 51, "dañados", id="damaged"),
            pytest.param(NO_LIBRARY, 127, "libcurl4 libssl3", id="missing libraries"),
            pytest.param(OLD_SYSTEM, 1, "demasiado antiguo", id="old system"),
            pytest.param(WARNED, 3, "mongod.log", id="warnings are no reason"),
            pytest.param((), 0, "mongod.log", id="no server after all"),
        ],
    )
    def test_the_servers_last_words_are_explained(
        self,
        data_dir: Path,
        pretend: Callable[[str], None],
        words: tuple[str, ...],
        code: int,
        expected: str,
    ) -> None:
        lines = "\n".join(words)
        pretend(f"cat <<'END'\n{lines}\nEND\nexit {code}")
        assert expected in refusal(data_dir)

    def test_a_processor_without_avx(self, data_dir: Path, pretend: Callable[[str], None]) -> None:
        pretend("kill -ILL $$")
        assert "AVX" in refusal(data_dir)

    def test_it_never_listens(
        self, data_dir: Path, pretend: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(embedded, "_START_LIMIT", 0.1)
        pretend("exec sleep 60")
        assert "mongod.log" in refusal(data_dir)

    @pytest.mark.usefixtures("impatient")
    def test_after_a_refusal_it_starts_once_the_cause_is_gone(
        self, data_dir: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with monkeypatch.context() as broken:
            broken.setattr(embedded, "_SPACE_NEEDED", 2**70)
            assert "no queda espacio" in refusal(data_dir)
        with monkeypatch.context() as broken:
            broken.setattr(embedded, "find_mongod", lambda: Path("/bin/false"))
            assert "mongod.log" in refusal(data_dir)
        with EmbeddedMongo(data_dir) as mongo:
            insert(mongo.uri, n=1)

    def test_another_container_runs_the_server(self, data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(embedded, "_REPLY_LIMIT", 0.1)
        (data_dir / "mongo").mkdir(parents=True)
        with (data_dir / "mongo" / "server.lock").open("ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            assert "otro servidor" in refusal(data_dir)

    def test_a_file_where_a_folder_should_be(self, data_dir: Path) -> None:
        data_dir.mkdir()
        (data_dir / "mongo").touch()
        for path in (data_dir, data_dir / "mongo", data_dir / "mongo" / "abajo"):
            assert "no hay una carpeta" in refusal(path)

    def test_a_link_to_elsewhere_is_not_followed(self, data_dir: Path, tmp_path: Path) -> None:
        data_dir.mkdir()
        (data_dir / "mongo").symlink_to(tmp_path)
        assert "no hay una carpeta" in refusal(data_dir)

    def test_the_folder_is_somebody_elses(self, data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        someone = os.geteuid() + 1
        monkeypatch.setattr(os, "geteuid", lambda: someone)
        assert "falta permiso" in refusal(data_dir)

    def test_a_place_where_nothing_can_be_created(self) -> None:
        assert "/proc/parknet" in refusal(Path("/proc/parknet"))

    def test_a_name_too_long_for_any_folder(self, data_dir: Path) -> None:
        assert "demasiado larga" in refusal(data_dir / ("x" * 300))

    @pytest.mark.parametrize(("system", "machine"), [("Linux", "aarch64"), ("Darwin", "x86_64"), ("Windows", "AMD64")])
    def test_another_platform(self, data_dir: Path, monkeypatch: pytest.MonkeyPatch, system: str, machine: str) -> None:
        monkeypatch.setattr(platform, "system", lambda: system)
        monkeypatch.setattr(platform, "machine", lambda: machine)
        line = refusal(data_dir)
        assert f"{system} {machine}" in line
        assert "PARKNET_MONGODB_URI" in line

    def test_the_package_is_not_installed(self, data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def nothing(name: str) -> metadata.Distribution:
            raise metadata.PackageNotFoundError(name)

        monkeypatch.setattr(metadata, "distribution", nothing)
        assert "pip install" in refusal(data_dir)

    def test_the_program_cannot_be_run(self, data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(embedded, "find_mongod", lambda: data_dir / "mongod")
        assert "PARKNET_MONGODB_URI" in refusal(data_dir)
