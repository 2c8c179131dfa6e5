"""What the trial of several machines concludes, and that the nginx of the documents is one that nginx takes."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from bench import scale
from bench.asking import COUNTED, ask
from bench.fans import Fans
from bench.judge import Seen, behind
from bench.leaving import busiest
from bench.nginx import DOCUMENT, SERVER, SHARED, Nginx, NoNginx, documented, find_nginx, fitted
from bench.report import failed
from bench.scale import Scale

FILES = documented(DOCUMENT.read_text())


def test_who_shows_old_counts_is_noticed() -> None:
    fresh = [Seen(0.0, 0.1, 9), Seen(1.0, 1.1, 5)]
    old = [Seen(0.5, 0.6, 9), Seen(1.2, 1.3, 9), Seen(4.1, 4.2, 7), Seen(5.0, 5.1, 5)]

    assert behind(old, fresh) == pytest.approx(3.0)
    assert behind(fresh, old) == 0.0


def test_a_question_that_was_sent_before_the_other_had_its_answer_is_not_late() -> None:
    assert behind([Seen(1.0, 9.0, 9)], [Seen(1.0, 1.1, 5)]) == 0.0


@pytest.mark.parametrize(("moments", "most"), [([], 0), ([0.0, 0.9, 1.0, 1.1, 5.0], 3), ([1.0, 2.0], 1)])
def test_the_busiest_second(moments: list[float], most: int) -> None:
    assert busiest(moments) == most


def test_requests_are_counted_by_method_and_route() -> None:
    said = (
        'runout_requests_total{method="GET",route="/drops/<slug>",status="200"} 12.0\nrunout_requests_created{method="GET"} 1.0\n'
    )
    assert COUNTED.findall(said) == [("GET", "/drops/<slug>", "12.0")]


def test_a_part_that_breaks_is_a_row_that_failed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def breaks(_self: Scale) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(scale, "PARTS", {"one": breaks, "two": lambda _self: None})
    monkeypatch.setattr(Fans, "__init__", lambda _self, _home: None)
    tried = Scale(tmp_path, Fans(tmp_path), "1")
    tried.all()

    assert failed(tried.rows)
    assert "ZeroDivisionError" in tried.more["broke"][0]


def test_the_document_has_both_files_of_nginx() -> None:
    assert list(FILES) == [SERVER, SHARED]


def test_what_cannot_be_fitted_is_said(tmp_path: Path) -> None:
    changed = {**FILES, SERVER: FILES[SERVER].replace("listen 443 ssl http2;", "listen 443;")}
    with pytest.raises(ValueError, match="listen 443"):
        fitted(changed, tmp_path, 1, [2])


class Shop(BaseHTTPRequestHandler):
    """Answers with the path's own idea of how long it may be kept, and counts."""

    protocol_version = "HTTP/1.1"
    asked: list[str]

    def do_GET(self) -> None:
        self.asked.append(self.path)
        body = f"{len(self.asked)} {self.headers['X-Forwarded-For']}".encode()
        self.send_response(200)
        self.send_header("Cache-Control", "no-store" if self.path == "/private" else "public, max-age=9")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_words: object) -> None:
        """Be silent."""


@pytest.fixture
def shop() -> Iterator[ThreadingHTTPServer]:
    Shop.asked = []
    with ThreadingHTTPServer(("127.0.0.1", 0), Shop) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def test_the_documents_nginx_keeps_what_may_be_kept(shop: ThreadingHTTPServer, tmp_path: Path) -> None:
    try:
        find_nginx()
    except NoNginx as missing:
        pytest.skip(str(missing))  # `make scale` installs it; `make test` does not, for this one
    with Nginx(tmp_path / "nginx", [shop.server_address[1]]) as nginx:
        told = [
            ask(nginx.port, path, {"X-Forwarded-For": "6.6.6.6"}) for path in ("/", "/", "/private", "/private", "/holds", "/holds")
        ]

    assert [each.kept for each in told] == [False, True, False, False, False, False]
    assert [each.cache for each in told[4:]] == ["", ""]
    assert Shop.asked == ["/", "/private", "/private", "/holds", "/holds"]
    assert told[0].body == told[1].body == b"1 6.6.6.6, 127.0.0.1"
