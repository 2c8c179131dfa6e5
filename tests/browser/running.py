"""The whole shop as its own programs on free ports: web server, worker, local Stripe with its mail catcher."""

import re
import shutil
import subprocess
import sys
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Self

import requests

from app.kernel.clock import Clock
from app.kernel.db import Database, connect
from app.kernel.tokens import Tokens
from app.serve.plan import flask_argv, shop
from app.serve.ports import listen
from sandbox import Control
from tests.programs import PATIENCE, ROOT, Programs, environment

__all__ = ["ROOT", "RunningShop", "copy_of", "read_login", "seed"]

HOST = "127.0.0.1"
SECRET_KEY = "the browser tests' own signing key, long enough"
WEBHOOK_SECRET = "whsec_the_browser_tests_own_secret"
CONTROL_TOKEN = "the-browser-tests-own-control-token"
METRICS_TOKEN = "the-browser-tests-own-metrics-token"
READY = re.compile(r"ready on (?P<url>http://\S+?), mail catcher on (?P<smtp>smtp://\S+)")
LOGIN = re.compile(r"Staff login: (?P<email>\S+) / (?P<password>\S+)")


class RunningShop:
    """One shop in a folder of its own; `with RunningShop(folder) as shop: page.goto(shop.url)`."""

    def __init__(self, folder: Path, *, database_url: str | None = None) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.database_url = database_url or f"sqlite:///{folder / 'runout.db'}"
        self._offset = folder / "clock-offset"
        self.programs = Programs(folder)
        self._socket = listen(HOST, 0)
        self.url = f"http://{HOST}:{self._socket.getsockname()[1]}"
        self.stripe_url = self.smtp = ""
        self.login = ("", "")
        self.codes: dict[str, list[str]] = {}  # the unused recovery codes of who has signed in here, by address

    def __enter__(self) -> Self:
        try:
            self.start_stripe()
            self.start_shop()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    def start_stripe(self) -> None:
        """The local Stripe and the mail catcher, on ports that they choose."""
        argv = [sys.executable, "-m", "sandbox", "--port", "0", "--smtp-port", "0", "--merchant", "Halbschatten"]
        argv += ["--webhook", f"{self.url}/webhooks/stripe", "--clock-file", str(self._offset), "--retry-scale", "0.2"]
        argv += ["--state", str(self.folder / "sandbox.db"), "--mail-dir", str(self.folder / "mail")]
        shared = {"SANDBOX_WEBHOOK_SECRET": WEBHOOK_SECRET, "SANDBOX_CONTROL_TOKEN": CONTROL_TOKEN}
        self.programs.start("stripe", argv, environment(shared))
        said = self.programs.until(lambda: READY.search(self.programs.wrote("stripe")), "the local Stripe")
        self.stripe_url, self.smtp = said["url"], said["smtp"]

    def start_shop(self) -> None:
        """The web server and the worker."""
        child = shop(self._socket.fileno(), processes=1, threads=8, env=self.env)
        self.programs.start("shop", child.argv, self.env, child.fds)
        self.start_worker()
        self.programs.until(self.is_up, "the shop")

    def stop_worker(self) -> None:
        """From now on nothing happens by itself."""
        self.programs.end("worker")

    def start_worker(self) -> None:
        """Take outbox rows and due work."""
        self.programs.start("worker", flask_argv("work"), self.env)

    def stop_stripe(self) -> None:
        """Stripe is not to be reached any more, nor is the post."""
        self.programs.end("stripe")

    def flask(self, *words: str) -> str:
        """Run one `flask` command and return what it said."""
        done = subprocess.run(
            flask_argv(*words), cwd=self.folder, env=self.env, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def add_staff(self, *words: str) -> tuple[str, str]:
        """E-mail and password of a new account, made by `flask staff add`."""
        return read_login(self.flask("staff", "add", *words))

    def forward(self, **amount: float) -> datetime:
        """Move the clock of shop and local Stripe on, by a timedelta's words; it never goes back."""
        before = float(self._offset.read_text()) if self._offset.exists() else 0.0
        fresh = self._offset.with_suffix(".new")
        fresh.write_text(f"{before + timedelta(**amount).total_seconds():.3f}\n")
        fresh.replace(self._offset)
        return self.now()

    def now(self) -> datetime:
        """The shop's time."""
        return Clock(self._offset).now()

    @property
    def control(self) -> Control:
        """The controls of the local Stripe, and the caught mail."""
        return Control(self.stripe_url, CONTROL_TOKEN)

    @cached_property
    def db(self) -> Database:
        """The shop's database, for what a test prepares; everything else goes through the browser."""
        return connect(self.database_url, pool_size=2)

    @property
    def tokens(self) -> Tokens:
        """The shop's tokens."""
        return Tokens((SECRET_KEY.encode(),))

    @property
    def env(self) -> dict[str, str]:
        """The environment of shop, worker and commands."""
        return environment(
            {
                "ENVIRONMENT": "development",
                "SECRET_KEY": SECRET_KEY,
                "BASE_URL": self.url,
                "DATABASE_URL": self.database_url,
                "MEDIA_DIR": str(self.folder / "media"),
                "STRIPE_SECRET_KEY": "sk_test_the_browser_tests_own",
                "STRIPE_WEBHOOK_SECRET": WEBHOOK_SECRET,
                "STRIPE_API_BASE": self.stripe_url,
                "SMTP_URL": self.smtp,
                "MAIL_FROM": "Runout <shop@runout.example>",
                "METRICS_TOKEN": METRICS_TOKEN,
                "CLOCK_OFFSET_FILE": str(self._offset),
                "SANDBOX_CONTROL_TOKEN": CONTROL_TOKEN,
            }
        )

    def said(self) -> str:
        """The ends of what the programs wrote, for a failure's report."""
        return self.programs.report()

    def is_up(self) -> bool:
        """Does the shop say that it is ready?"""
        try:
            return requests.get(f"{self.url}/readyz", timeout=PATIENCE).status_code == 200
        except requests.ConnectionError:
            return False

    def stop(self) -> None:
        """End every program; nothing is left behind."""
        self.programs.stop()
        self._socket.close()
        if "db" in self.__dict__:
            self.db.engine.dispose()


def read_login(said: str) -> tuple[str, str]:
    """E-mail and password from what a command printed."""
    found = LOGIN.search(said)
    assert found, said
    return found["email"], found["password"]


def seed(folder: Path) -> None:
    """Make a template: the migrated database with the demo label, its media, its payments, and the owner's login."""
    made = RunningShop(folder)
    try:
        made.start_stripe()
        made.flask("db", "upgrade")
        (folder / "login").write_text(made.flask("seed"))
    finally:
        made.stop()
    for log in folder.glob("*.log"):
        log.unlink()


def copy_of(template: Path, folder: Path) -> tuple[RunningShop, tuple[str, str]]:
    """A shop of its own on a copy of the template (not started yet), and the owner's login."""
    shutil.copytree(template, folder)
    return RunningShop(folder), read_login((folder / "login").read_text())
