"""`make run`: environment, migrations, demo label, then shop, worker and sandbox until Ctrl-C."""

import contextlib
import fcntl
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from app.serve.demo_env import DEMO, DemoRefused, Ports, demo_env, for_child, read_port, var_of
from app.serve.plan import Child, flask_argv, shop, web_processes
from app.serve.ports import answers, listen, must_be_free
from app.serve.processes import Running
from app.serve.supervisor import Supervisor, to_stderr
from app.serve.warm import Warm
from app.serve.welcome import first_welcome, link_of, login_lines, welcome

HOST = "127.0.0.1"
THREADS = "16"


def run_demo(root: Path, outside: Mapping[str, str]) -> int:
    """Run the demo in `root` (the folder with wsgi.py); returns the exit code, raises DemoRefused or PortTaken."""
    ports, first_run = read_port(outside.get("PORT") or "5000"), bool(outside.get("EMPTY"))
    var = root / var_of(outside)
    settings = demo_env(var, ports, outside)
    env = for_child(settings, outside)
    with _alone(var), listen(HOST, ports.shop) as sock:
        must_be_free(HOST, ports.stripe, why="the local Stripe")
        must_be_free(HOST, ports.smtp, why="the mail catcher")
        stripe = sandbox(ports, settings, outside, var.name)
        logins = () if first_run else prepare(root, env, stripe, ports.stripe)
        link = begun(root, env) if first_run else ""
        processes = web_processes(settings["DATABASE_URL"], int(settings.get("WEB_PROCESSES", "1")))
        threads = int(settings.get("WEB_THREADS", THREADS))
        children = (
            stripe,
            shop(sock.fileno(), processes=processes, threads=threads, env=env, worker=True),
        )
        return Supervisor(children, root).run(
            when_up=lambda: to_stderr(first_welcome(ports, link) if first_run else welcome(ports, logins))
        )


def begun(root: Path, env: Mapping[str, str]) -> str:
    """Bring an empty database to its newest shape, and print the link that sets it up; empty once somebody has used it."""
    _flask(root, env, "db", "upgrade")
    try:
        return link_of(_flask(root, env, "setup"))
    except DemoRefused:
        return ""


def prepare(root: Path, env: Mapping[str, str], stripe: Child, port: int) -> tuple[str, ...]:
    """Bring the database to its newest shape and fill an empty one; returns the lines about logins just made.

    The local Stripe runs meanwhile, as the demo's earlier orders are really paid.
    """
    warm = Warm(root, env["DATABASE_URL"])
    if warm.is_prepared():
        return ()
    _flask(root, env, "db", "upgrade")
    with _running(stripe, root, port):
        logins = login_lines(_flask(root, env, "seed"))
    warm.remember()
    return logins


def sandbox(ports: Ports, settings: Mapping[str, str], outside: Mapping[str, str], var: str = DEMO) -> Child:
    """The local Stripe and mail catcher: a program of its own that shares nothing with the shop but two secrets."""
    argv = (
        *(sys.executable, "-m", "sandbox"),
        *("--port", str(ports.stripe), "--smtp-port", str(ports.smtp)),
        *("--webhook", f"{settings['BASE_URL']}/webhooks/stripe"),
        *("--state", f"{var}/sandbox.db", "--mail-dir", f"{var}/mail", "--clock-file", f"{var}/clock-offset"),
        *("--merchant", "Halbschatten"),
    )
    shared = {
        "SANDBOX_WEBHOOK_SECRET": settings["STRIPE_WEBHOOK_SECRET"],
        "SANDBOX_CONTROL_TOKEN": settings["SANDBOX_CONTROL_TOKEN"],
    }
    return Child("sandbox", argv, for_child(shared, outside))


@contextmanager
def _running(child: Child, root: Path, port: int) -> Iterator[None]:
    """Have one child running on its port until the end of the block."""
    running = Running(child, root)
    try:
        while running.process.poll() is None and not answers(HOST, port):
            time.sleep(0.05)  # nothing to wait on but a port that opens
        yield
    finally:
        running.ask_to_stop()
        with contextlib.suppress(subprocess.TimeoutExpired):
            running.process.wait(10)
        running.end()


def _flask(root: Path, env: Mapping[str, str], *words: str) -> str:
    done = subprocess.run(  # noqa: S603 - our own command, no shell
        flask_argv(*words),
        cwd=root,
        env=dict(env),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        to_stderr(done.stdout + done.stderr)
        raise DemoRefused(f"`flask {' '.join(words)}` failed (exit {done.returncode}); its own words are above.")
    return done.stdout


@contextmanager
def _alone(var: Path) -> Iterator[None]:
    """Hold var/lock, so that two demos never share one database and one sandbox state."""
    fd = os.open(var / "lock", os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as fault:
        raise DemoRefused("The demo of this folder is running already: stop it first.") from fault
    finally:
        os.close(fd)
