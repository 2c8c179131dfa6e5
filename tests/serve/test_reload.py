"""A deploy drops nobody: with clients hammering, the shop is renewed, stopped and started again, and no request fails."""

import contextlib
import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from app.kernel.db import connect
from app.serve import listen
from app.serve.plan import flask_argv
from tests.databases import migrate
from tests.programs import DEPLOYED, ROOT, as_systemd
from tests.serve.hammer import PATIENCE, Hammer, get

OLD, NEW = "    return jsonify(ok=True)", "    return jsonify(ok=True, version='new')"
SLOW = """

@bp.get("/slow")
def slow() -> Response:
    __import__("time").sleep(3)
    return jsonify(done=True)
"""


class Deployment:
    """A copy of the code in a folder of its own, served as systemd would: the socket is held by somebody else."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in DEPLOYED:
            copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copyfile
            copy(ROOT / name, folder / name)
        self.health = folder / "app" / "shop" / "health.py"
        self.health.write_text(self.health.read_text() + SLOW)
        self.code = self.health.read_text()
        self.token = folder / "metrics-token"
        self.token.write_text("the first token")
        database = connect(f"sqlite:///{folder / 'shop.db'}")
        migrate(database.engine)
        database.engine.dispose()
        self._socket = listen("127.0.0.1", 0)
        self.port: int = self._socket.getsockname()[1]
        self.log = folder / "log"
        self.start()

    def start(self) -> None:
        """Start the supervisor on the socket that is held here."""
        held = self._socket.fileno()
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                as_systemd(held, flask_argv("serve")),
                cwd=self.folder,
                env=self._env(),
                pass_fds=(held,),
                stdin=subprocess.DEVNULL,
                stderr=log,
            )

    def stop(self) -> int:
        """Stop it as systemd does; the exit code."""
        self.process.terminate()
        return self.process.wait(PATIENCE)

    def end(self) -> None:
        self.stop()
        self._socket.close()

    def reload(self) -> None:
        """systemctl reload."""
        self.process.send_signal(signal.SIGHUP)

    @property
    def children(self) -> set[int]:
        """The web server, whose own child the worker is."""
        pid = self.process.pid
        return {int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()}

    def web_server(self) -> int:
        """The process id of the web server's master."""
        (master,) = self.children
        return master

    def worker(self) -> int:
        """The process id of the worker."""
        master = self.web_server()
        below = Path(f"/proc/{master}/task/{master}/children").read_text().split()
        return next(int(pid) for pid in below if Path(f"/proc/{pid}/comm").read_text() == "runout-worker\n")

    def settled(self) -> bool:
        """Is there one web server, and is its worker at work? One that is still loading reads the code that a test changes."""
        with contextlib.suppress(OSError, StopIteration, ValueError):  # something has just ended, or not begun
            return any(str(file.readlink()).endswith("shop.db") for file in Path(f"/proc/{self.worker()}/fd").iterdir())
        return False

    def says(self, words: str, times: int = 1) -> bool:
        """Has it said this?"""
        return self.log.read_text().count(words) >= times

    def until(self, true: Callable[[], bool]) -> None:
        end = time.monotonic() + PATIENCE
        while not true():
            assert time.monotonic() < end, self.log.read_text()
            time.sleep(0.05)

    def _env(self) -> dict[str, str]:
        return {
            **{name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ},
            "ENVIRONMENT": "development",
            "SECRET_KEY": "the reload tests' own key, long enough",
            "BASE_URL": "http://127.0.0.1",
            "DATABASE_URL": f"sqlite:///{self.folder / 'shop.db'}",
            "MEDIA_DIR": str(self.folder / "media"),
            "STRIPE_SECRET_KEY": "sk_test_nobody",
            "STRIPE_WEBHOOK_SECRET": "whsec_nobody",
            "STRIPE_API_BASE": "http://127.0.0.1:9",
            "SMTP_URL": "smtp://127.0.0.1:9",
            "MAIL_FROM": "shop@runout.example",
            "METRICS_TOKEN_FILE": str(self.token),
        }


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    made = Deployment(tmp_path_factory.mktemp("deployed"))
    yield made
    made.end()


@pytest.fixture
def shop(deployed: Deployment) -> Deployment:
    """Running, with the code of the beginning."""
    deployed.health.write_text(deployed.code)
    deployed.log.write_text("")
    assert get(deployed.port, "/healthz")[0] == 200
    deployed.until(deployed.settled)
    return deployed


def test_new_code_takes_over_and_no_request_fails(shop: Deployment) -> None:
    before, worker = shop.children, shop.worker()
    with Hammer(shop.port, "/healthz").at_work() as clients:
        clients.more(50)
        shop.health.write_text(shop.code.replace(OLD, NEW))
        shop.reload()
        shop.until(lambda: "new" in get(shop.port, "/healthz")[1])
        shop.until(lambda: not before & shop.children)
        clients.more(50)
    assert clients.failed == []
    assert {get(shop.port, "/healthz")[1] for _ in range(10)} == {'{"ok":true,"version":"new"}\n'}
    assert len(shop.children) == 1
    assert shop.worker() != worker
    assert shop.says("the new shop answers; the old one may finish")


def test_requests_in_hand_are_finished(shop: Deployment) -> None:
    answers: list[tuple[int, str]] = []
    slow = threading.Thread(target=lambda: answers.append(get(shop.port, "/slow")))
    slow.start()
    time.sleep(0.5)
    shop.reload()
    shop.until(lambda: shop.says("the new shop answers"))
    slow.join()
    assert answers == [(200, '{"done":true}\n')]


def test_code_that_does_not_start_never_takes_over(shop: Deployment) -> None:
    before, worker = shop.children, shop.worker()
    with Hammer(shop.port, "/healthz").at_work() as clients:
        shop.health.write_text("def (")
        shop.reload()
        shop.until(lambda: shop.says("before it answered; the old one goes on"))
        clients.more(50)
    assert clients.failed == []
    assert shop.children == before
    assert shop.worker() == worker


def test_new_settings_are_read_and_wrong_ones_refused(shop: Deployment) -> None:
    def metrics(token: str) -> int:
        return get(shop.port, "/metrics", {"Authorization": f"Bearer {token}"})[0]

    assert metrics("the first token") == 200
    shop.token.write_text("the second token")
    shop.reload()
    shop.until(lambda: metrics("the second token") == 200)
    shop.until(lambda: metrics("the first token") == 401)
    shop.token.unlink()
    shop.reload()
    shop.until(lambda: shop.says("not reloaded, the old ones go on: METRICS_TOKEN_FILE names"))
    assert metrics("the second token") == 200
    shop.token.write_text("the first token")
    shop.reload()
    shop.until(lambda: metrics("the first token") == 200)


def test_a_web_server_that_stops_is_started_again_on_the_held_socket(shop: Deployment) -> None:
    with Hammer(shop.port, "/healthz").at_work() as clients:
        clients.more(50)
        os.kill(shop.web_server(), signal.SIGTERM)
        shop.until(lambda: shop.says("shop stopped (exit 0); starting it again"))
        clients.more(50)
    assert clients.failed == []


def test_the_whole_is_stopped_and_started_while_the_socket_is_held(shop: Deployment) -> None:
    with Hammer(shop.port, "/healthz").at_work() as clients:
        clients.more(50)
        assert shop.stop() == 0
        shop.start()
        clients.more(50)
    assert clients.failed == []
    assert shop.says("listening on 127.0.0.1:")


class Deaf(BaseHTTPRequestHandler):
    """Answers, and says nothing about it."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


def test_these_clients_notice_when_nobody_holds_the_socket() -> None:
    """The control."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Deaf)
    serving = threading.Thread(target=server.serve_forever)
    serving.start()
    with Hammer(server.server_address[1], "/").at_work() as clients:
        clients.more(20)
        assert clients.failed == []
        server.shutdown()
        server.server_close()
        clients.more(20)
    serving.join()
    assert clients.failed != []
