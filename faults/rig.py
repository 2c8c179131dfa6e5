"""The whole shop under its own supervisor, with a hostile Stripe, a mail server with faults, and the means to kill any part."""

import os
import re
import signal
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import requests
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from app.kernel.db import reading
from app.kernel.errors import Unavailable
from app.kernel.outbox import Job, JobState
from app.serve.plan import flask_argv
from faults.sink import Sink
from tests.browser.running import CONTROL_TOKEN, HOST, SECRET_KEY, WEBHOOK_SECRET, RunningShop
from tests.databases import migrate
from tests.postgres import TempPostgres
from tests.programs import ROOT, environment

SQLITE, POSTGRES = "sqlite", "postgres"
PATIENCE = 120.0  # seconds for anything to come up on a very busy machine
READY = re.compile(r"local Stripe ready on (http://[^\s,]+)")
INJECT = ROOT / "faults" / "inject"
WORKER = "runout-worker"  # what the worker calls itself


class Rig(RunningShop):
    """One shop in a folder of its own. `patches` are modules of faults.patches that its processes load; `more` are settings."""

    def __init__(
        self,
        folder: Path,
        kind: str,
        database_url: str | None = None,
        *,
        server: TempPostgres | None = None,
        patches: Iterable[str] = (),
        more: Mapping[str, str] | None = None,
        processes: int = 2,
    ) -> None:
        super().__init__(folder, database_url=database_url)
        self._socket.close()  # the supervisor listens itself
        self.kind, self.secret_key = kind, SECRET_KEY
        self.patches, self.more, self.processes = tuple(patches), dict(more or {}), processes
        self.server = server
        self.sink = Sink()
        self.clock_moved = False
        self.kills = 0  # programs that were killed in the middle of something
        self.overtaken = 0  # letters on their way whose lease ended as the clock was moved: another hand sends them, too

    @property
    def excused(self) -> int:
        """How many letters may have come again so far, as somebody died or was overtaken."""
        return self.kills + self.overtaken

    @property
    def port(self) -> str:
        """Where the shop listens."""
        return self.url.rpartition(":")[2]

    @property
    def env(self) -> dict[str, str]:
        """The environment of the shop; patches are loaded by Python itself as it starts."""
        found = super().env | {"WEB_PROCESSES": str(self.processes), "WEB_THREADS": "8", "SMTP_URL": self.sink.url, **self.more}
        if self.patches:
            found |= {"FAULTS": ",".join(self.patches), "FAULTS_DIR": str(self.folder)}
            found["PYTHONPATH"] = f"{INJECT}{os.pathsep}{ROOT}"
        return found

    def __enter__(self) -> "Rig":
        try:
            self.sink.start()
            self.start_stripe()
            migrate(self.db.engine)
            self.serve()
        except BaseException:
            self.stop()
            raise
        return self

    def start_stripe(self) -> None:
        """The hostile Stripe, as a process of its own; mail goes to our sink instead."""
        argv = [sys.executable, "-m", "sandbox", "--port", "0", "--merchant", "Tinsel Tapes", "--retry-scale", "0.05"]
        argv += ["--webhook", f"{self.url}/webhooks/stripe", "--clock-file", str(self._offset)]
        argv += ["--rate-limit", self.more.get("STRIPE_PER_SECOND", "25")]  # the shop is told the truth
        shared = {"SANDBOX_WEBHOOK_SECRET": WEBHOOK_SECRET, "SANDBOX_CONTROL_TOKEN": CONTROL_TOKEN}
        self.programs.start("stripe", argv, environment(shared))
        said = self.programs.until(lambda: READY.search(self.programs.wrote("stripe")), "the hostile Stripe")
        self.stripe_url = said[1]

    def serve(self, *, worker: bool = True) -> float:
        """`flask serve`, or without the worker; seconds until it was ready (with no worker: until it answered)."""
        begun = time.monotonic()
        self.programs.start("shop", self.serving(worker=worker), self.env)
        self.programs.until(self.is_up if worker else self.answers, "the shop", PATIENCE)
        return time.monotonic() - begun

    def serving(self, *, worker: bool = True) -> tuple[str, ...]:
        """The command line of the supervisor."""
        if not worker:
            return (sys.executable, "-m", "faults.web_only", self.port)
        return flask_argv("serve", "--host", HOST, "--port", self.port)

    def stop_shop(self) -> None:
        """Ask the supervisor to stop everything, as a deploy does."""
        self.programs.end("shop", patience=30)

    def kill_shop(self) -> None:
        """SIGKILL for supervisor, web master, web processes and worker at one moment."""
        tree = [self.programs.pid("shop"), *self.descendants()]
        for pid in tree:
            _kill(pid)
        self.kills += 1
        self.programs.end("shop")

    def kill_web(self, choose: Callable[[list[int]], int]) -> int | None:
        """SIGKILL for one web process; its id, None while there is none."""
        found = self.web()
        return self._killed(choose(found)) if found else None

    def kill_worker(self) -> int | None:
        """SIGKILL for the worker; its id, None while there is none."""
        found = self.worker()
        return self._killed(found) if found else None

    def web(self) -> list[int]:
        """The ids of the web processes, without their master."""
        return [pid for pid in self._forks() if called(pid) != WORKER]

    def worker(self) -> int | None:
        """The id of the worker."""
        return next((pid for pid in self._forks() if called(pid) == WORKER), None)

    def _forks(self) -> list[int]:
        masters = [pid for pid in children(self.programs.pid("shop")) if "app.gate" in command(pid)]
        return [pid for master in masters for pid in children(master)]

    def descendants(self) -> list[int]:
        """Everything below the supervisor."""
        found, look = [], [self.programs.pid("shop")]
        while look:
            below = children(look.pop())
            found += below
            look += below
        return found

    def ready(self) -> float:
        """Wait until the shop says that it is ready; the seconds that took."""
        begun = time.monotonic()
        self.programs.until(self.is_up, "readiness", PATIENCE)
        return time.monotonic() - begun

    def is_up(self) -> bool:
        """Does the shop say that it is ready?"""
        return self._status("/readyz") == 200

    def answers(self) -> bool:
        """Does a web process answer?"""
        return self._status("/healthz") == 200

    def pay(self, session: str, card: str, **details: Any) -> dict[str, Any]:
        """Pay at the hostile Stripe, as a fan would on its page."""
        return self.control.pay(session, card, **details)

    def forward(self, **amount: float) -> datetime:
        """Move the clock of shop and Stripe on; what was waiting is late from one moment to the next."""
        self.clock_moved = True
        before, now = self.now(), super().forward(**amount)
        on_their_way = select(func.count(Job.id)).where(
            Job.state == JobState.LEASED, Job.kind.like("mail.%"), Job.lease_until >= before, Job.lease_until < now
        )
        with suppress(SQLAlchemyError, Unavailable), reading(self.db) as session:
            self.overtaken += session.scalar(on_their_way) or 0
        return now

    def stop(self) -> None:
        """End everything."""
        super().stop()
        self.sink.down()

    def _killed(self, pid: int) -> int:
        _kill(pid)
        self.kills += 1
        return pid

    def _status(self, path: str) -> int | None:
        try:
            return requests.get(f"{self.url}{path}", timeout=PATIENCE).status_code
        except requests.RequestException:
            return None


class LoneRig(Rig):
    """One that no other row shares, as its database will not be what others left."""


def children(pid: int) -> list[int]:
    """The children of a process with one thread; none when it is gone."""
    try:
        return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def command(pid: int) -> str:
    """The command line of a process."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    except OSError:
        return ""


def called(pid: int) -> str:
    """What a process calls itself; nothing when it is gone."""
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return ""


def _kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
