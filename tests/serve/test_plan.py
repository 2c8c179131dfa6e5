"""What is started, on which socket, and what a person is told."""

import socket

import pytest

from app.serve.demo_env import Ports
from app.serve.plan import shop, web_processes
from app.serve.ports import PortTaken, listen
from app.serve.welcome import login_lines, welcome


def test_the_shop_is_started_on_the_inherited_socket() -> None:
    child = shop(7, processes=1, threads=16, env={})
    assert child.fds == (7,)
    words = " ".join(child.argv)
    assert "app.gate wsgi:app --fd 7 --processes 1 --threads 16" in words
    assert "--worker" not in words


def test_the_worker_is_one_of_the_shops_own_processes_where_it_is_wanted() -> None:
    assert shop(7, processes=1, threads=16, env={}, worker=True).argv[-1] == "--worker"


@pytest.mark.parametrize(
    ("url", "wanted", "count"),
    [("sqlite:///x.db", 4, 1), ("postgresql://h/d", 4, 4), ("postgresql+psycopg://h/d", 0, 1)],
)
def test_sqlite_has_one_web_process(url: str, wanted: int, count: int) -> None:
    assert web_processes(url, wanted) == count


def test_a_taken_port_is_said_in_one_sentence() -> None:
    with listen("127.0.0.1", 0) as sock:
        port = sock.getsockname()[1]
        with pytest.raises(PortTaken, match=f"^Port {port} on 127.0.0.1 is taken, and the shop needs it: .*PORT=.$"):
            listen("127.0.0.1", port)


def test_the_socket_answers_before_anybody_serves_it() -> None:
    with listen("127.0.0.1", 0) as sock, socket.create_connection(sock.getsockname(), timeout=1):
        pass


def test_a_login_is_shown_when_it_was_made_and_only_then() -> None:
    logins = login_lines("seeding…\nStaff login: sam@demo.example / four words here\n")
    assert logins == ("sam@demo.example / four words here",)
    assert "four words here   (shown this once)" in welcome(Ports(4741), logins)
    again = welcome(Ports(4741), ())
    assert "shown this once" not in again
    assert "http://127.0.0.1:4742/mail" in again
